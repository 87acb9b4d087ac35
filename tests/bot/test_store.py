"""The store over a real SQLite file: nothing lost, nothing twice, nothing kept that was promised to go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from bot_helpers import change, rows
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from conversations.advisor import Advisor
from conversations.messages import Attachment, Button, Command, Event, GroupCall, Incoming, Kind, Reply, Show, Tap, Text
from conversations.session import Dialogue, QuizProgress, Session, Turn
from conversations.store.store import MIGRATIONS, Outgoing, Received, Store, StoreError
from conversations.store.tables import metadata
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
async def store(path: Path) -> AsyncIterator[Store]:
    async with opened(path) as store:
        yield store


class opened:
    """A store on this file, open inside the block."""

    def __init__(self, path: Path) -> None:
        self._store = Store(url(path))

    async def __aenter__(self) -> Store:
        await self._store.open()
        return self._store

    async def __aexit__(self, *_: object) -> None:
        await self._store.close()


def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def typed(update_id: int, chat_id: int = ADA, words: str = "hello") -> Received:
    return Received(update_id, chat_id, Incoming(event=Text(text=words), language_code="en"))


def reply(words: str, slot: str = "", show: Show = Show.NEW) -> Reply:
    return Reply(kind=Kind.ANSWER, text=words, language="en", slot=slot, show=show)


def turn(*words: str, session: Session = SESSION, forget: bool = False) -> Turn:
    return Turn(session=session, replies=[reply(one) for one in words], forget=forget)


async def answered(store: Store, chat_id: int, turned: Turn, now: datetime = NOW) -> Received:
    """Finishes the oldest update of a chat."""
    received = await store.next_received(chat_id)
    assert received is not None
    await store.finish(received, turned, now)
    return received


async def sent_all(store: Store, chat_id: int, first_message: int = 1) -> list[str]:
    """Marks all replies of a chat as sent; their texts in order."""
    texts = []
    while (outgoing := await store.next_outgoing(chat_id)) is not None:
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
    assert await store.next_received(ADA) is None


async def test_an_answered_update_is_not_taken_in_again(store: Store) -> None:
    await store.receive([typed(7)], NOW)
    await answered(store, ADA, turn())
    assert await store.receive([typed(7)], NOW) == []
    assert await store.next_received(ADA) is None


async def test_an_update_set_aside_is_not_taken_in_again(store: Store, path: Path) -> None:
    await store.receive([typed(7, words="poison"), typed(8)], NOW)
    received = await store.next_received(ADA)
    assert received is not None
    await store.set_aside(received, "ValueError")
    assert await store.receive([typed(7)], NOW) == []
    assert rows(path, "SELECT state, reason, payload, chat_id FROM inbox WHERE update_id = 7") == [
        ("failed", "ValueError", None, None)
    ]
    following = await store.next_received(ADA)
    assert following is not None
    assert following.update_id == 8


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
    assert await store.next_received(-1_002_345_678_901) == Received(1, -1_002_345_678_901, incoming)


# A turn


async def test_a_finished_turn_holds_session_replies_and_the_end_of_the_update(store: Store, path: Path) -> None:
    await store.receive([typed(7)], NOW)
    await answered(store, ADA, turn("one", "two"))
    assert await store.session(ADA) == SESSION
    assert await store.next_received(ADA) is None
    assert await store.chats_with_work() == [ADA]
    assert await sent_all(store, ADA) == ["one", "two"]
    assert await store.chats_with_work() == []
    assert rows(path, "SELECT update_id, state, payload, chat_id FROM inbox") == [(7, "done", None, None)]


@pytest.mark.parametrize(
    "obstacle",
    [
        "BEFORE INSERT ON outbox WHEN NEW.payload LIKE '%two%'",
        "BEFORE INSERT ON sessions",
        "BEFORE UPDATE ON inbox",
    ],
)
async def test_a_turn_is_committed_whole_or_not_at_all(store: Store, path: Path, obstacle: str) -> None:
    await store.receive([typed(1)], NOW)
    await answered(store, ADA, turn(session=Session(language="fr")))
    await store.receive([typed(7)], NOW)
    change(path, f"CREATE TRIGGER obstacle {obstacle} BEGIN SELECT RAISE(ABORT, 'disk on fire'); END")
    with pytest.raises(SQLAlchemyError, match="disk on fire"):
        await answered(store, ADA, turn("one", "two"))

    assert await store.session(ADA) == Session(language="fr")
    assert await store.next_outgoing(ADA) is None
    waiting = await store.next_received(ADA)
    assert waiting is not None
    assert waiting.update_id == 7

    change(path, "DROP TRIGGER obstacle")
    await answered(store, ADA, turn("one", "two"))
    assert await store.session(ADA) == SESSION
    assert await sent_all(store, ADA) == ["one", "two"]


async def test_forgetting_leaves_only_the_farewell_and_then_nothing(store: Store, path: Path) -> None:
    quiz = Reply(kind=Kind.QUIZ, text="1/22", language="en", slot="quiz:1")
    for chat_id in (ADA, BOB):
        await store.receive([typed(chat_id, chat_id)], NOW)
        await answered(store, chat_id, Turn(session=SESSION, replies=[quiz]))
        assert await sent_all(store, chat_id) == ["1/22"]
    await store.receive([typed(7, ADA, "/forget yes")], NOW)
    await answered(store, ADA, turn("forgotten", session=Session(), forget=True))

    assert await store.session(ADA) == Session()
    for table in ("sessions", "slots", "inbox"):
        assert rows(path, f"SELECT * FROM {table} WHERE chat_id = {ADA}") == []
    assert await sent_all(store, ADA) == ["forgotten"]
    assert rows(path, f"SELECT * FROM outbox WHERE chat_id = {ADA}") == []
    assert await store.session(BOB) == SESSION
    assert rows(path, f"SELECT slot FROM slots WHERE chat_id = {BOB}") == [("quiz:1",)]


# What goes out


async def test_replies_wait_in_order_until_they_are_sent(store: Store) -> None:
    await store.receive([typed(1), typed(2), typed(3, BOB)], NOW)
    await answered(store, ADA, turn("a", "b"))
    await answered(store, BOB, turn("x"))
    await answered(store, ADA, turn("c"))
    first = await store.next_outgoing(ADA)
    assert first is not None
    assert first == await store.next_outgoing(ADA)
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
    outgoing = await store.next_outgoing(ADA)
    assert outgoing is not None
    assert outgoing.reply == whole
    assert (outgoing.chat_id, outgoing.message_id) == (ADA, None)


async def test_a_slot_remembers_its_present_message(store: Store) -> None:
    async def shown(slot: str, chat_id: int = ADA) -> Outgoing:
        number = (await store.count())["inbox"] + 1
        await store.receive([typed(number, chat_id)], NOW)
        await answered(store, chat_id, Turn(session=Session(), replies=[reply("q", slot)]))
        outgoing = await store.next_outgoing(chat_id)
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
    await store.sent(dropped, None, NOW)
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
    failed = await store.next_received(BOB)
    assert failed is not None
    await store.set_aside(failed, "ValueError")
    whole = {"sessions": 1, "inbox": 3, "outbox": 0, "slots": 1}

    await store.tidy(NOW + timedelta(hours=47))
    assert await store.count() == whole
    assert await store.receive([typed(1), typed(2, BOB)], NOW) == []

    await store.tidy(NOW + timedelta(hours=49))
    assert await store.count() == whole | {"inbox": 1}
    waiting = await store.next_received(BOB)
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


async def test_no_word_of_a_message_is_left_in_the_file(path: Path) -> None:
    long = f"{SECRET} " * 2000
    async with opened(path) as store:
        for number, words in enumerate([SECRET, long, f"a {SECRET} b"], start=1):
            await store.receive([typed(number, words=words)], NOW)
        assert SECRET.encode() in on_disk(path)
        await answered(store, ADA, turn("hi", long))
        await sent_all(store, ADA)
        await answered(store, ADA, turn("hi"))
        failed = await store.next_received(ADA)
        assert failed is not None
        await store.set_aside(failed, "ValueError")
        await sent_all(store, ADA)
    assert SECRET.encode() not in on_disk(path)
    assert rows(path, "SELECT count(*) FROM inbox") == [(3,)]


async def test_tidying_clears_the_write_ahead_log_of_a_running_bot(path: Path) -> None:
    async with opened(path) as store:
        await store.receive([typed(1, words=SECRET)], NOW)
        await answered(store, ADA, turn("hi"))
        await store.tidy(NOW)
        assert SECRET.encode() not in on_disk(path)


async def test_after_forgetting_the_chat_itself_is_not_in_the_file(path: Path) -> None:
    async with opened(path) as store:
        await store.receive([typed(1, words="hello"), typed(2, words="/forget yes")], NOW)
        marked = SESSION.model_copy(update={"chosen_language": SECRET})
        await answered(store, ADA, turn("hi", session=marked))
        await sent_all(store, ADA)
        await answered(store, ADA, turn("forgotten", session=Session(), forget=True))
        await sent_all(store, ADA)
    assert SECRET.encode() not in on_disk(path)


def on_disk(path: Path) -> bytes:
    """All bytes of the database and of what SQLite keeps beside it."""
    files = sorted(path.parent.glob(f"{path.name}*"))
    assert path in files
    return b"".join(file.read_bytes() for file in files)


# Opening and reading again


async def test_everything_is_there_after_opening_again(path: Path) -> None:
    async with opened(path) as store:
        await store.receive([typed(1), typed(2), typed(3, BOB)], NOW)
        await answered(store, ADA, Turn(session=SESSION, replies=[reply("q", "quiz:1"), reply("later")]))
        outgoing = await store.next_outgoing(ADA)
        assert outgoing is not None
        await store.sent(outgoing, 50, NOW)
    async with opened(path) as store:
        assert await store.session(ADA) == SESSION
        assert sorted(await store.chats_with_work()) == [ADA, BOB]
        assert await sent_all(store, ADA) == ["later"]
        assert (await answered(store, ADA, Turn(session=SESSION, replies=[reply("q", "quiz:1")]))).update_id == 2
        outgoing = await store.next_outgoing(ADA)
        assert outgoing is not None
        assert outgoing.message_id == 50
        assert await store.receive([typed(1)], NOW) == []


@pytest.mark.parametrize("document", ["", "not json", "[]", '{"version": 1, "of_tomorrow": true}', '{"quiz": {}}'])
async def test_a_session_that_cannot_be_read_begins_anew(store: Store, path: Path, document: str) -> None:
    await store.receive([typed(1), typed(2)], NOW)
    await answered(store, ADA, turn())
    change(path, f"UPDATE sessions SET document = '{document}'")
    assert await store.session(ADA) == Session()
    await answered(store, ADA, turn())
    assert await store.session(ADA) == SESSION


async def test_an_update_that_cannot_be_read_does_not_stop_its_chat(store: Store, path: Path) -> None:
    await store.receive([typed(1), typed(2)], NOW)
    change(path, """UPDATE inbox SET payload = '{"event": {"type": "of_tomorrow"}}' WHERE update_id = 1""")
    assert (await answered(store, ADA, turn())).update_id == 2
    assert await store.chats_with_work() == []
    assert rows(path, "SELECT state, payload FROM inbox WHERE update_id = 1") == [("failed", None)]


async def test_a_reply_that_cannot_be_read_does_not_stop_its_chat(store: Store, path: Path) -> None:
    await store.receive([typed(1)], NOW)
    await answered(store, ADA, turn("one", "two"))
    change(path, "UPDATE outbox SET payload = '{}' WHERE payload LIKE '%one%'")
    assert await sent_all(store, ADA) == ["two"]
    assert await store.chats_with_work() == []


async def test_a_database_in_memory_works_like_one_on_disk() -> None:
    store = Store("sqlite+aiosqlite://")
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
        ("sqlite:////tmp/x.sqlite3", "async"),
        ("sqlite+aiosqlite:////proc/nowhere/x.sqlite3", "unable to open database file"),
        ("postgresql+asyncpg://u:hushhush@127.0.0.1:port/x", "port"),
    ],
)
async def test_a_database_that_cannot_be_used_is_one_line(address: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        await Store(address).open()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hushhush" not in str(caught.value)


@pytest.fixture
def no_database(path: Path) -> Path:
    path.write_bytes(b"These are not the bytes you are looking for. " * 100)
    return path


async def test_a_file_that_is_no_database_is_one_line(no_database: Path) -> None:
    with pytest.raises(StoreError, match="not a database"):
        await Store(url(no_database)).open()


# Migrations


def alembic(path: Path, step: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, step)(config, revision)
    engine.dispose()


async def test_the_migrations_make_the_very_tables_that_the_code_uses(path: Path) -> None:
    async with opened(path):
        pass
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert {*inspect(connection).get_table_names()} == TABLES | {"counts", "alembic_version"}
        indexes = {name: indexes_of(connection, name) for name in TABLES | {"counts"}}
    engine.dispose()
    assert indexes == {table.name: {str(index.name) for index in table.indexes} for table in metadata.sorted_tables}


def indexes_of(connection: Connection, table: str) -> set[str]:
    return {str(index["name"]) for index in inspect(connection).get_indexes(table)}


async def test_migrating_up_keeps_what_is_there_and_down_takes_all_away(path: Path) -> None:
    async with opened(path) as store:
        await store.receive([typed(1), typed(2)], NOW)
        await answered(store, ADA, Turn(session=SESSION, replies=[reply("q", "quiz:1"), reply("later")]))
        outgoing = await store.next_outgoing(ADA)
        assert outgoing is not None
        await store.sent(outgoing, 50, NOW)
        before = await store.count()
    alembic(path, "upgrade", "head")
    async with opened(path) as store:
        assert await store.count() == before == {"sessions": 1, "inbox": 2, "outbox": 1, "slots": 1}
        assert await store.session(ADA) == SESSION
    alembic(path, "downgrade", "base")
    assert rows(
        path, "SELECT name FROM sqlite_master WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite%'"
    ) == [("alembic_version",)]
    async with opened(path) as store:
        assert await store.count() == EMPTY
        assert await store.receive([typed(1)], NOW) == [ADA]


async def test_a_migration_that_breaks_off_can_be_done_again(path: Path) -> None:
    change(path, "CREATE TABLE slots (stands TEXT)")
    with pytest.raises(StoreError, match="slots"):
        await Store(url(path)).open()
    assert rows(path, "SELECT name FROM sqlite_master WHERE name != 'alembic_version'") == [("slots",)]
    change(path, "DROP TABLE slots")
    async with opened(path) as store:
        assert await store.count() == EMPTY


async def test_two_stores_on_one_file_do_not_lose_each_others_work(path: Path) -> None:
    async with opened(path) as one, opened(path) as two:
        assert await one.receive([typed(1)], NOW) == [ADA]
        assert await two.receive([typed(1), typed(2, BOB)], NOW) == [BOB]
        await answered(two, ADA, turn("hi"))
        assert await one.next_received(ADA) is None
        assert await sent_all(one, ADA) == ["hi"]
        assert sorted((await two.count()).items()) == sorted({**EMPTY, "sessions": 1, "inbox": 2}.items())
