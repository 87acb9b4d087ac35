"""The store over SQLite and PostgreSQL: nothing lost, nothing twice, nothing kept that was promised to go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from databases import KEYS, Base, SqliteBase, hexed, opened, rows, typed
from sqlalchemy.exc import SQLAlchemyError

from conversations.advisor import Advisor
from conversations.messages import Attachment, Button, Command, Event, GroupCall, Incoming, Kind, Reply, Show, Tap, Text
from conversations.session import Dialogue, QuizProgress, Session, Turn
from conversations.store.database import StoreError
from conversations.store.store import Overtaken, Store
from conversations.store.transactions import StoreUnavailable
from conversations.store.work import Outgoing, Received
from knowledge.content import Knowledge

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA, BOB = 100_001, 100_002
TABLES = {"sessions", "inbox", "outbox", "slots"}
EMPTY = dict.fromkeys(TABLES, 0)

SESSION = Session(
    chosen_language="nl",
    language="de",
    dialogue=Dialogue(topic="salary", entry="salary.belgium", scope={"country": ["BE"]}, choices=["a", "b"]),
    quiz=QuizProgress(
        run=3,
        version="v1",
        state="paused",
        step=2,
        answers={"tech1": 4, "tech2": None},
        started_at=NOW - timedelta(minutes=1),
        updated_at=NOW,
    ),
    quiz_runs=3,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite3"


@pytest.fixture
async def store(base: Base) -> AsyncIterator[Store]:
    async with opened(base) as store:
        yield store


def reply(words: str, slot: str = "", show: Show = Show.NEW) -> Reply:
    return Reply(kind=Kind.ANSWER, text=words, language="en", slot=slot, show=show)


def turn(*words: str, session: Session = SESSION, forget: bool = False) -> Turn:
    return Turn(session=session, replies=[reply(one) for one in words], forget=forget)


async def next_received(store: Store, chat_id: int) -> Received | None:
    """The oldest update of a chat that waits."""
    return next(iter((await store.load(chat_id)).received), None)


async def next_outgoing(store: Store, chat_id: int) -> Outgoing | None:
    """The oldest reply of a chat that waits, with the message that stands for its slot."""
    work = await store.load(chat_id)
    for outgoing in work.outgoing:
        return replace(outgoing, message_id=work.places.get(outgoing.reply.slot))
    return None


async def answered(store: Store, chat_id: int, turned: Turn, now: datetime = NOW) -> Received:
    """Finishes the oldest update of a chat."""
    received = await next_received(store, chat_id)
    assert received is not None
    await store.finish(received, turned, now)
    return received


async def sent_all(store: Store, chat_id: int, first_message: int = 1) -> list[str]:
    """Marks all replies of a chat as sent; their texts in order."""
    texts = []
    while (outgoing := await next_outgoing(store, chat_id)) is not None:
        texts.append(outgoing.reply.text)
        await store.sent(outgoing, first_message + len(texts) - 1, NOW)
    return texts


# What comes in


async def test_an_update_is_taken_in_once(store: Store) -> None:
    assert await store.receive([typed(7)], NOW) == [ADA]
    assert await store.receive([typed(7)], NOW) == []
    assert await store.receive([typed(8), typed(8)], NOW) == [ADA]
    assert (await store.count())["inbox"] == 2


async def test_a_lower_number_than_those_known_is_still_new(store: Store) -> None:
    await store.receive([typed(900)], NOW)
    await answered(store, ADA, turn())
    assert await store.receive([typed(5), typed(900), typed(899)], NOW) == [ADA]
    assert (await answered(store, ADA, turn())).update_id == 5
    assert (await answered(store, ADA, turn())).update_id == 899
    assert await next_received(store, ADA) is None


async def test_an_answered_update_is_not_taken_in_again(store: Store) -> None:
    await store.receive([typed(7)], NOW)
    await answered(store, ADA, turn())
    assert await store.receive([typed(7)], NOW) == []
    assert await next_received(store, ADA) is None


async def test_an_update_set_aside_is_not_taken_in_again(store: Store, base: Base) -> None:
    await store.receive([typed(7, words="poison"), typed(8)], NOW)
    received = await next_received(store, ADA)
    assert received is not None
    await store.set_aside(received, "ValueError", NOW)
    assert await store.receive([typed(7)], NOW) == []
    ((state, reason, payload, chat),) = await base.rows(
        "SELECT state, reason, payload, chat FROM inbox WHERE update_id = 7"
    )
    assert (state, payload, chat) == ("failed", None, None)
    assert KEYS.open(reason, "inbox.reason", 7)[1] == "ValueError"
    following = await next_received(store, ADA)
    assert following is not None
    assert following.update_id == 8


async def test_an_apology_is_committed_with_giving_up_and_only_then(store: Store) -> None:
    await store.receive([typed(7), typed(8)], NOW)
    received = await next_received(store, ADA)
    assert received is not None
    (waiting,) = await store.set_aside(received, "ValueError", NOW, reply("Sorry."))
    assert (await store.load(ADA)).outgoing == [waiting]
    assert await store.set_aside(received, "ValueError", NOW, reply("Sorry.")) == []
    assert (await store.load(ADA)).outgoing == [waiting]


async def test_receiving_nothing_changes_nothing(store: Store) -> None:
    assert await store.receive([], NOW) == []
    assert await store.count() == EMPTY


async def test_each_chat_is_named_once_and_kept_apart(store: Store) -> None:
    assert await store.receive([typed(1, BOB), typed(2, ADA), typed(3, BOB)], NOW) == [BOB, ADA]
    assert sorted(await store.chats_with_work()) == [ADA, BOB]
    assert (await answered(store, ADA, turn())).update_id == 2
    assert await store.chats_with_work() == [BOB]


async def test_a_chat_is_worked_in_the_order_of_its_updates(store: Store) -> None:
    await store.receive([typed(12, words="third"), typed(10, words="first")], NOW)
    await store.receive([typed(11, words="second")], NOW)
    order = [(await answered(store, ADA, turn())).incoming.event for _ in range(3)]
    assert order == [Text(text="first"), Text(text="second"), Text(text="third")]


@pytest.mark.parametrize(
    "event",
    [
        Text(text="Grüezi 👩‍💻 \u0000 'quoted' \"\n"),
        Command(name="start", argument="quiz"),
        Tap(data="q1:1:0:a3"),
        Attachment(what="photo"),
        GroupCall(),
    ],
)
async def test_every_event_comes_back_as_it_went_in(store: Store, event: Event) -> None:
    incoming = Incoming(event=event, language_code=None)
    await store.receive([Received(1, -1_002_345_678_901, incoming)], NOW)
    assert await next_received(store, -1_002_345_678_901) == Received(1, -1_002_345_678_901, incoming)


# A turn


async def test_a_finished_turn_holds_session_replies_and_the_end_of_the_update(store: Store, base: Base) -> None:
    await store.receive([typed(7)], NOW)
    await answered(store, ADA, turn("one", "two"))
    assert await store.session(ADA) == SESSION
    assert await next_received(store, ADA) is None
    assert await store.chats_with_work() == [ADA]
    assert await sent_all(store, ADA) == ["one", "two"]
    assert await store.chats_with_work() == []
    assert await base.rows("SELECT update_id, state, payload, chat FROM inbox") == [(7, "done", None, None)]


@pytest.mark.parametrize(
    "obstacle", [("INSERT", "outbox", "NEW.position = 1"), ("INSERT", "sessions"), ("UPDATE", "inbox")]
)
async def test_a_turn_is_committed_whole_or_not_at_all(store: Store, base: Base, obstacle: tuple[str, ...]) -> None:
    await store.receive([typed(1)], NOW)
    await answered(store, ADA, turn(session=Session(language="fr")))
    await store.receive([typed(7)], NOW)
    await base.obstruct(*obstacle)
    with pytest.raises((SQLAlchemyError, StoreUnavailable), match="disk on fire"):
        await answered(store, ADA, turn("one", "two"))

    assert await store.session(ADA) == Session(language="fr")
    assert await next_outgoing(store, ADA) is None
    waiting = await next_received(store, ADA)
    assert waiting is not None
    assert waiting.update_id == 7

    await base.clear(obstacle[1])
    await answered(store, ADA, turn("one", "two"))
    assert await store.session(ADA) == SESSION
    assert await sent_all(store, ADA) == ["one", "two"]


async def test_what_is_committed_together_fails_apart(store: Store, base: Base) -> None:
    chats = range(ADA, ADA + 20)
    await store.receive([typed(number, chat) for number, chat in enumerate(chats, start=1)], NOW)
    works = [await store.load(chat) for chat in chats]
    await base.obstruct("INSERT", "outbox", "NEW.update_id = 7")
    results = await asyncio.gather(
        *(store.finish(work.received[0], turn("hi"), NOW) for work in works), return_exceptions=True
    )
    failed = [work.received[0].update_id for work, one in zip(works, results, strict=True) if not isinstance(one, list)]
    assert 7 in failed
    assert base.name == "postgresql" or failed == [7]
    await base.clear("outbox")
    for work in works:
        if work.received[0].update_id in failed:
            await store.finish(work.received[0], turn("hi"), NOW)
    assert (await store.count())["outbox"] == 20
    assert await base.rows("SELECT DISTINCT state FROM inbox") == [("done",)]


async def test_an_update_is_finished_once(store: Store) -> None:
    await store.receive([typed(7)], NOW)
    received = await answered(store, ADA, turn("one"))
    with pytest.raises(Overtaken):
        await store.finish(received, turn("again", session=Session(language="fr")), NOW)
    assert await store.session(ADA) == SESSION
    assert await sent_all(store, ADA) == ["one"]


async def test_forgetting_leaves_only_the_farewell_and_then_nothing(store: Store, base: Base) -> None:
    quiz = Reply(kind=Kind.QUIZ, text="1/22", language="en", slot="quiz:1")
    for chat_id in (ADA, BOB):
        await store.receive([typed(chat_id, chat_id)], NOW)
        await answered(store, chat_id, Turn(session=SESSION, replies=[quiz]))
        assert await sent_all(store, chat_id) == ["1/22"]
    await store.receive([typed(7, ADA, "/forget yes")], NOW)
    await answered(store, ADA, turn("forgotten", session=Session(), forget=True))

    assert await store.session(ADA) == Session()
    for table in ("sessions", "slots", "inbox"):
        assert await chats_in(base, table) <= {KEYS.mark(BOB)}
    assert await sent_all(store, ADA) == ["forgotten"]
    assert await chats_in(base, "outbox") == set()
    assert await store.session(BOB) == SESSION
    assert (await store.load(BOB)).places == {"quiz:1": 1}


async def chats_in(base: Base, table: str) -> set[bytes]:
    """The marks of the chats in a table."""
    return {bytes(mark) for (mark,) in await base.rows(f"SELECT chat FROM {table} WHERE chat IS NOT NULL")}


# What goes out


async def test_replies_wait_in_order_until_they_are_sent(store: Store) -> None:
    await store.receive([typed(1), typed(2), typed(3, BOB)], NOW)
    await answered(store, ADA, turn("a", "b"))
    await answered(store, BOB, turn("x"))
    await answered(store, ADA, turn("c"))
    first = await next_outgoing(store, ADA)
    assert first is not None
    assert first == await next_outgoing(store, ADA)
    assert await sent_all(store, ADA) == ["a", "b", "c"]
    assert await sent_all(store, BOB) == ["x"]


async def test_a_reply_comes_back_as_it_went_in(store: Store) -> None:
    whole = Reply(
        kind=Kind.ANSWER,
        text="**Bold** & <b>",
        language="fr",
        source_line="Source : é",
        entries=("a.b",),
        sources=("000",),
        confidence=0.25,
        buttons=((Button(label="More", data="m1:a.b"), Button(label="Out", url="private")),),
        slot="quiz:1",
        show=Show.MOVE,
    )
    await store.receive([typed(1)], NOW)
    await answered(store, ADA, Turn(session=Session(), replies=[whole]))
    outgoing = await next_outgoing(store, ADA)
    assert outgoing is not None
    assert outgoing.reply == whole
    assert (outgoing.chat_id, outgoing.message_id) == (ADA, None)


async def test_a_slot_remembers_its_present_message(store: Store) -> None:
    async def shown(slot: str, chat_id: int = ADA) -> Outgoing:
        number = (await store.count())["inbox"] + 1
        await store.receive([typed(number, chat_id)], NOW)
        await answered(store, chat_id, Turn(session=Session(), replies=[reply("q", slot)]))
        outgoing = await next_outgoing(store, chat_id)
        assert outgoing is not None
        return outgoing

    first = await shown("quiz:1")
    assert first.message_id is None
    await store.sent(first, 50, NOW)
    second = await shown("quiz:1")
    assert second.message_id == 50
    await store.sent(second, 61, NOW)
    dropped = await shown("quiz:1")
    assert dropped.message_id == 61
    await store.refused(dropped, "chat not found")
    assert (await shown("quiz:1")).message_id == 61
    assert (await shown("quiz:1", BOB)).message_id is None
    await sent_all(store, ADA, 70)
    other = await shown("quiz:2")
    assert other.message_id is None
    await store.sent(other, 80, NOW)
    plain = await shown("")
    assert plain.message_id is None
    await store.sent(plain, 81, NOW)
    assert (await shown("quiz:2")).message_id == 80


# How long things are kept


async def test_what_is_over_goes_and_what_is_needed_stays(store: Store) -> None:
    quiz = Turn(session=SESSION, replies=[reply("q", "quiz:1")])
    await store.receive([typed(1), typed(2, BOB), typed(3, BOB)], NOW)
    await answered(store, ADA, quiz)
    await sent_all(store, ADA)
    failed = await next_received(store, BOB)
    assert failed is not None
    await store.set_aside(failed, "ValueError", NOW)
    await store.receive([typed(4)], NOW)
    await answered(store, ADA, quiz)
    refused = await next_outgoing(store, ADA)
    assert refused is not None
    await store.refused(refused, "blocked")
    whole = {"sessions": 1, "inbox": 4, "outbox": 1, "slots": 1}

    await store.tidy(NOW + timedelta(hours=47))
    assert await store.count() == whole
    assert await store.receive([typed(1), typed(2, BOB)], NOW) == []

    await store.tidy(NOW + timedelta(hours=49))
    assert await store.count() == whole | {"inbox": 1, "outbox": 0}
    waiting = await next_received(store, BOB)
    assert waiting is not None
    assert waiting.update_id == 3

    await store.tidy(NOW + timedelta(days=364))
    assert await store.session(ADA) == SESSION
    await store.tidy(NOW + timedelta(days=366))
    assert await store.session(ADA) == Session()
    assert await store.count() == EMPTY | {"inbox": 1}


async def test_a_quiz_that_was_left_goes_although_the_person_never_comes_back(
    store: Store, adviser: tuple[Advisor, Knowledge]
) -> None:
    advisor, _ = adviser
    tap = advisor.respond(Session(), Incoming(event=Command(name="quiz")), NOW)
    button = tap.replies[0].buttons[0][0]
    begun = advisor.respond(tap.session, Incoming(event=Tap(data=button.data)), NOW)
    assert begun.session.quiz is not None
    await store.receive([typed(1), typed(2, BOB)], NOW)
    await answered(store, ADA, begun)
    await answered(store, BOB, Turn(session=Session(language="fr"), replies=[]))

    await store.expire(partial(advisor.expire, now=NOW + timedelta(hours=71)))
    assert (await store.session(ADA)).quiz is not None
    await store.expire(partial(advisor.expire, now=NOW + timedelta(hours=73)))
    left = await store.session(ADA)
    assert left.quiz is None
    assert left.quiz_runs == begun.session.quiz_runs
    assert (await store.session(BOB)).language == "fr"
    await store.tidy(NOW + timedelta(days=366))
    assert await store.session(ADA) == Session()


async def test_a_word_from_the_person_starts_the_year_anew(store: Store) -> None:
    await store.receive([typed(1), typed(2)], NOW)
    await answered(store, ADA, turn())
    await answered(store, ADA, turn(), NOW + timedelta(days=200))
    await store.tidy(NOW + timedelta(days=500))
    assert await store.session(ADA) == SESSION


SECRET = "Xylophon-Geheimnis"


async def test_what_is_personal_is_nowhere_in_the_file(path: Path) -> None:
    person = 0x5A17C39E40B2  # so long that what is sealed, which is random, holds it by chance in no run
    of_person = [str(person).encode(), person.to_bytes(8), person.to_bytes(6)]
    personal = [SECRET.encode(), *of_person, b'"quiz"', b"salary.belgium"]
    marked = SESSION.model_copy(update={"chosen_language": SECRET})
    async with opened(path) as store:
        for number, words in enumerate([SECRET, f"{SECRET} " * 2000, f"a {SECRET} b"], start=1):
            await store.receive([typed(number, person, words=words)], NOW)
        await answered(store, person, Turn(session=marked, replies=[reply(SECRET, "quiz:1"), reply(SECRET)]))
        outgoing = await next_outgoing(store, person)
        assert outgoing is not None
        await store.sent(outgoing, 50, NOW)
        failed = await next_received(store, person)
        assert failed is not None
        await store.set_aside(failed, SECRET, NOW)
        assert {name: number > 0 for name, number in (await store.count()).items()} == dict.fromkeys(TABLES, True)
        assert [word for word in personal if word in on_disk(path)] == []
    assert [word for word in personal if word in on_disk(path)] == []


async def test_what_was_deleted_is_gone_from_the_file_even_sealed(path: Path) -> None:
    async with opened(path) as store:
        await store.receive([typed(1, words=SECRET), typed(2)], NOW)
        await answered(store, ADA, turn("hi"))
        sealed = [bytes(one) for (one,) in rows(path, "SELECT document FROM sessions UNION SELECT payload FROM outbox")]
        assert len(sealed) == 2
        await sent_all(store, ADA)
        await answered(store, ADA, turn("forgotten", session=Session(), forget=True))
        await store.tidy(NOW)
        assert [one for one in sealed if one in on_disk(path)] == []


def on_disk(path: Path) -> bytes:
    """All bytes of the database and of what SQLite keeps beside it."""
    files = sorted(path.parent.glob(f"{path.name}*"))
    assert path in files
    return b"".join(file.read_bytes() for file in files)


# Opening and reading again


async def test_everything_is_there_after_opening_again(base: Base) -> None:
    async with opened(base) as store:
        await store.receive([typed(1), typed(2), typed(3, BOB)], NOW)
        await answered(store, ADA, Turn(session=SESSION, replies=[reply("q", "quiz:1"), reply("later")]))
        outgoing = await next_outgoing(store, ADA)
        assert outgoing is not None
        await store.sent(outgoing, 50, NOW)
    async with opened(base) as store:
        assert await store.session(ADA) == SESSION
        assert sorted(await store.chats_with_work()) == [ADA, BOB]
        assert await sent_all(store, ADA) == ["later"]
        assert (await answered(store, ADA, Turn(session=SESSION, replies=[reply("q", "quiz:1")]))).update_id == 2
        outgoing = await next_outgoing(store, ADA)
        assert outgoing is not None
        assert outgoing.message_id == 50
        assert await store.receive([typed(1)], NOW) == []


@pytest.mark.parametrize("document", ["", "not json", "[]", '{"version": 1, "of_tomorrow": true}', '{"quiz": {}}'])
async def test_a_session_that_cannot_be_read_begins_anew(store: Store, base: Base, document: str) -> None:
    await store.receive([typed(1), typed(2)], NOW)
    await answered(store, ADA, turn())
    await base.change(f"UPDATE sessions SET document = {hexed(base, sealed(document, 'sessions.document'))}")
    assert await store.session(ADA) == Session()
    await answered(store, ADA, turn())
    assert await store.session(ADA) == SESSION


async def test_an_update_that_cannot_be_read_does_not_stop_its_chat(store: Store, base: Base) -> None:
    await store.receive([typed(1), typed(2)], NOW)
    odd = sealed('{"event": {"type": "of_tomorrow"}}', "inbox.payload", 1)
    await base.change(f"UPDATE inbox SET payload = {hexed(base, odd)} WHERE update_id = 1")
    assert (await answered(store, ADA, turn())).update_id == 2
    assert await store.chats_with_work() == []
    assert await base.rows("SELECT state, payload FROM inbox WHERE update_id = 1") == [("failed", None)]


async def test_a_reply_that_cannot_be_read_does_not_stop_its_chat(store: Store, base: Base) -> None:
    await store.receive([typed(1)], NOW)
    await answered(store, ADA, turn("one", "two"))
    await base.change(f"UPDATE outbox SET payload = {hexed(base, b'odd')} WHERE position = 0")
    assert await sent_all(store, ADA) == ["two"]
    assert await store.chats_with_work() == []
    assert await base.rows("SELECT position, state, payload FROM outbox") == [(0, "failed", None)]


def sealed(text: str, *place: str | int) -> bytes:
    """A text of Ada's, sealed for a place in her chat."""
    column, *row = place
    return KEYS.seal(ADA, text, column, KEYS.mark(ADA), *row)


@pytest.mark.parametrize("table", ["sessions", "inbox", "outbox", "slots"])
async def test_rows_cannot_be_swapped_between_chats(store: Store, base: Base, table: str) -> None:
    for number, (chat_id, language) in enumerate([(ADA, "fr"), (BOB, "de")], start=1):
        await store.receive([typed(number, chat_id), typed(10 + number, chat_id)], NOW)
        await answered(store, chat_id, Turn(session=Session(language=language), replies=[reply("q", "s"), reply("b")]))
        outgoing = await next_outgoing(store, chat_id)
        assert outgoing is not None
        await store.sent(outgoing, 50 + number, NOW)
    column = {"sessions": "document", "slots": "message"}.get(table, "payload")
    marks = [hexed(base, KEYS.mark(chat_id)) for chat_id in (ADA, BOB)]
    ((ours,), (theirs,)) = [
        (await base.rows(f"SELECT {column} FROM {table} WHERE chat = {mark}"))[0] for mark in marks
    ]  # fmt: skip
    await base.change(
        f"UPDATE {table} SET {column} = {hexed(base, bytes(theirs))} WHERE chat = {marks[0]}",
        f"UPDATE {table} SET {column} = {hexed(base, bytes(ours))} WHERE chat = {marks[1]}",
    )
    for chat_id, language in ((ADA, "fr"), (BOB, "de")):
        work = await store.load(chat_id)
        assert work.session == (Session() if table == "sessions" else Session(language=language))
        assert len(work.received) == (0 if table == "inbox" else 1)
        assert len(work.outgoing) == (0 if table == "outbox" else 1)
        assert len(work.places) == (0 if table == "slots" else 1)


async def test_a_database_in_memory_works_like_one_on_disk() -> None:
    store = Store("sqlite+aiosqlite://", KEYS)
    await store.open()
    await store.receive([typed(1)], NOW)
    await answered(store, ADA, turn("one"))
    assert await sent_all(store, ADA) == ["one"]
    await store.close()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nonsense", "DATABASE_URL cannot be used"),
        ("mongodb://u:hushhush@127.0.0.1/x", "mongodb"),
        ("sqlite:////proc/nowhere/x.sqlite3", "unable to open database file"),
        ("sqlite+aiosqlite:////proc/nowhere/x.sqlite3", "unable to open database file"),
        ("postgresql+asyncpg://u:hushhush@127.0.0.1:port/x", "port"),
    ],
)
async def test_a_database_that_cannot_be_used_is_one_line(address: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        await Store(address, KEYS).open()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hushhush" not in str(caught.value)


@pytest.fixture
def no_database(path: Path) -> Path:
    path.write_bytes(b"These are not the bytes you are looking for. " * 100)
    return path


async def test_a_file_that_is_no_database_is_one_line(no_database: Path) -> None:
    with pytest.raises(StoreError, match="not a database"):
        await Store(SqliteBase(no_database).address, KEYS).open()
