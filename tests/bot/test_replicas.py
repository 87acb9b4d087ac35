"""Several processes on one PostgreSQL, and none beside another on one SQLite file."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from bot_helpers import COMMANDS, Service, from_bot, now, people_of, seen, told, until
from databases import KEY, KEYS, OTHER_KEY, Base, Postgres, PostgresqlBase, SqliteBase, hexed, opened, typed
from sqlalchemy import make_url, text

from bot.local import LocalServer
from bot.local.client import Page, Person
from conversations.messages import Incoming, Kind, Reply, Text
from conversations.session import Session, Turn
from conversations.store import engines
from conversations.store.database import StoreError
from conversations.store.sealing import Keyring, keyring
from conversations.store.store import Overtaken, Store
from conversations.store.transactions import StoreUnavailable
from conversations.store.work import Received

pytestmark = pytest.mark.usefixtures("quick")

BOTH = keyring(f"{OTHER_KEY}, {KEY}")
ADA, BOB = 100_001, 100_002
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


DONE = Turn(session=Session(language="fr"), replies=[])

END_OF_CLAIMS = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'"
"""Ends the connections that hold claims."""


async def test_a_chat_is_worked_by_one_replica_at_a_time(shared: PostgresqlBase) -> None:
    async with opened(shared) as one, opened(shared) as two:
        assert await one.claim(ADA)
        assert await one.claim(ADA)
        assert not await two.claim(ADA)
        assert await two.claim(BOB)
        assert (one.holds(ADA), two.holds(ADA), two.holds(BOB)) == (True, False, True)
        assert not await one.release(ADA)
        assert not one.holds(ADA)
        assert await two.claim(ADA)


async def test_what_comes_for_a_claimed_chat_is_seen_by_whoever_has_it(shared: PostgresqlBase) -> None:
    async with opened(shared) as one, opened(shared) as two:
        assert await one.claim(ADA)
        assert await two.receive([typed(7)], NOW) == [ADA]
        assert not await two.claim(ADA)
        assert await one.release(ADA)
        assert await one.claim(ADA)
        await one.finish((await one.load(ADA)).received[0], DONE, NOW)
        assert not await one.release(ADA)


async def test_one_replica_polls_and_the_next_takes_over(shared: PostgresqlBase) -> None:
    async with AsyncExitStack() as stack:
        two = await stack.enter_async_context(opened(shared))
        async with opened(shared) as one:
            assert await one.leads()
            assert await one.leads()
            assert not await two.leads()
        assert await two.leads()


async def test_an_update_that_two_replicas_receive_is_done_once(shared: PostgresqlBase) -> None:
    async with opened(shared) as one, opened(shared) as two:
        updates = [typed(number) for number in range(1, 51)]
        taken = await asyncio.gather(*(store.receive(updates, NOW) for store in (one, two, one, two)))
        assert sorted(taken) == [[], [], [], [ADA]]
        first, second = (await one.load(ADA)).received[0], (await two.load(ADA)).received[0]
        assert first == second
        results = await asyncio.gather(
            one.finish(first, DONE, NOW), two.finish(second, DONE, NOW), return_exceptions=True
        )
        assert sorted(isinstance(result, Overtaken) for result in results) == [False, True]


async def test_claims_end_with_the_connection_that_holds_them(shared: PostgresqlBase) -> None:
    async with opened(shared) as one, opened(shared) as two:
        assert await one.claim(ADA)
        assert await one.leads()
        await shared.rows(END_OF_CLAIMS)
        await until(lambda: two.claim(ADA))
        await until(lambda: not one.holds(ADA))
        assert await two.leads()
        assert not await one.leads()
        assert not await one.claim(ADA)


async def test_replicas_share_the_chats_and_each_is_answered_in_order_and_once(
    shared: PostgresqlBase, service: Service, server: LocalServer, page: Page
) -> None:
    people = await people_of(page, 6, *COMMANDS)
    bots = Service(service.advisor, service.knowledge, service.path, shared.address)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(bots.on(server.api_url, server.token))
        for person in people:
            await seen(person, lambda messages: len(messages) >= len(COMMANDS))
        await until(lambda: at_rest(shared))
        texts = [[message["text"] for message in from_bot((await one.read())["messages"])] for one in people]
        alone = [(await told(people[0], command))["text"] for command in COMMANDS]
    assert texts == [alone] * len(people)


async def at_rest(base: Base) -> bool:
    """Whether nothing waits."""
    waiting = "SELECT 1 FROM inbox WHERE state = 'waiting' UNION SELECT 1 FROM outbox WHERE state = 'waiting'"
    return await base.rows(waiting) == []


@pytest.mark.parametrize("table", ["inbox", "outbox", "sessions"])
async def test_a_commit_that_a_dead_replica_has_left_is_seen_as_a_whole(shared: PostgresqlBase, table: str) -> None:
    """The server still carries it out when the claim is gone already, so it may fall into the middle of a look.

    The commit of a turn is made by hand here, and held up where the look has come to ``table``.
    """
    async with opened(shared) as store:
        await store.receive([typed(7), typed(8)], NOW)
        (before,) = [one for one in (await store.load(ADA)).received if one.update_id == 7]
        payload, chat = (await shared.rows("SELECT payload, chat FROM inbox WHERE update_id = 7"))[0]
        reply = Reply(kind=Kind.ANSWER, text="an answer", language="fr")
        await store.finish(before, DONE.model_copy(update={"replies": [reply]}), NOW)
        kept = {name: await shared.rows(f"SELECT * FROM {name}") for name in ("outbox", "sessions")}
        other = await asyncpg.connect(shared.url)
        try:
            await other.execute("DELETE FROM outbox")
            await other.execute("DELETE FROM sessions")
            back = "UPDATE inbox SET state = 'waiting', payload = $1, chat = $2 WHERE update_id = 7"
            await other.execute(back, payload, chat)
            async with other.transaction():
                await other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                await other.execute("UPDATE inbox SET state = 'done', payload = NULL, chat = NULL WHERE update_id = 7")
                for name, found in kept.items():
                    places = ", ".join(f"${number}" for number in range(1, len(found[0]) + 1))
                    await other.executemany(f"INSERT INTO {name} VALUES ({places})", found)
                looking = asyncio.create_task(store.load(ADA))
                await until(lambda: looks_at(shared, table))
            work = await looking
        finally:
            await other.close()
    if [one.update_id for one in work.received] == [8]:
        assert [one.reply for one in work.outgoing] == [reply]
        assert work.session == DONE.session
    else:  # then the turn is not done, or will be found to have been
        assert [one.update_id for one in work.received] == [7, 8]


async def looks_at(base: PostgresqlBase, table: str) -> bool:
    """Whether somebody waits for a table."""
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass"
    return await base.rows(waits, [table]) != []


async def test_a_dead_replicas_chat_is_taken_over_at_once(shared: PostgresqlBase) -> None:
    """A process that holds a chat and is killed at it."""
    code = f"""
import asyncio
from conversations.store.store import Store
from databases import KEYS
async def hold():
    store = Store({shared.address!r}, KEYS)
    await store.open()
    print(await store.claim({ADA}), await store.leads(), flush=True)
    await asyncio.sleep(60)
asyncio.run(hold())
"""
    tests = Path(__file__).parent
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=tests.parents[1], stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{tests.parents[1]}:{tests}"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"True True\n"
        async with opened(shared) as store:
            await store.receive([typed(7)], NOW)
            assert not await store.claim(ADA)
            assert not await store.leads()
            process.send_signal(signal.SIGKILL)
            await process.wait()
            begun = asyncio.get_running_loop().time()
            await until(lambda: store.claim(ADA))
            assert asyncio.get_running_loop().time() - begun < 1.0
            assert await store.leads()
            assert await store.chats_with_work() == [ADA]
    finally:
        if process.returncode is None:
            process.kill()


async def test_a_replica_opens_three_connections_however_many_chats_it_works(shared: PostgresqlBase) -> None:
    chats = range(1, 101)
    async with opened(shared) as store, opened(shared) as looker:

        async def work(chat_id: int) -> None:
            await store.receive([typed(chat_id, chat_id)], NOW)
            assert await store.claim(chat_id)
            (received,) = (await store.load(chat_id)).received
            await store.finish(received, DONE, NOW)
            await store.chats_with_work()
            await store.release(chat_id)

        query = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        seen_open = []
        working = asyncio.gather(*map(work, chats), store.tidy(NOW), store.expire(lambda session: session))
        while not working.done():
            seen_open.append(await looker._run(lambda connection: connection.scalar(query)))
        await working
    assert max(seen_open) == 3 + 2  # of the one who looks: for the look, and for its claims


async def test_replicas_that_start_together_make_the_tables_once(postgres: Postgres) -> None:
    base = await postgres.base(empty=True)
    async with AsyncExitStack() as stack:
        stores = await asyncio.gather(*(stack.enter_async_context(opened(base)) for _ in range(3)))
        assert await stores[0].receive([typed(1)], NOW) == [ADA]
        assert await stores[1].receive([typed(1)], NOW) == []


async def test_a_database_that_goes_and_comes_back_costs_nothing(
    postgres: Postgres, shared: PostgresqlBase, service: Service, server: LocalServer, ada: Person,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    bots = Service(service.advisor, service.knowledge, service.path, shared.address)
    async with bots.on(server.api_url, server.token):
        await told(ada, "/help")
        await postgres.down(shared)
        try:
            await ada.send("/language")
            await until(lambda: "the database fails" in caplog.text)
            await asyncio.sleep(0.5)
        finally:
            await postgres.up(shared)
        messages = await seen(ada, lambda messages: len(messages) == 2)
        assert messages[1]["text"] == service.say("language_question")
        assert (await told(ada, "/privacy"))["text"].startswith("What I keep")
    assert "the database works again" in caplog.text
    told_of = [record for record in caplog.records if "the database fails" in record.message]
    assert len(told_of) < 5
    assert not [record for record in caplog.records if record.exc_info]


@asynccontextmanager
async def letting_nobody_in(postgres: Postgres, base: PostgresqlBase) -> AsyncIterator[None]:
    """A database that takes no new connections inside the block, as when there are too many; open ones go on."""
    admin = await asyncpg.connect(postgres.url())
    name = make_url(base.url).database
    await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    try:
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()


async def test_a_start_at_a_database_that_lets_nobody_in_is_refused_in_one_line(
    postgres: Postgres, shared: PostgresqlBase, caplog: pytest.LogCaptureFixture
) -> None:
    """As when its server is starting up."""
    async with letting_nobody_in(postgres, shared):
        with pytest.raises(StoreError, match=r"cannot be opened: .*not currently accepting connections") as caught:
            await Store(shared.address, KEYS).open()
    assert "\n" not in str(caught.value)
    assert caplog.text == ""


async def test_trouble_of_the_claims_alone_is_told_once_and_so_is_its_end(
    postgres: Postgres, shared: PostgresqlBase, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(shared) as store:
        assert await store.claim(ADA)
        await shared.rows(END_OF_CLAIMS)
        async with letting_nobody_in(postgres, shared):
            for _ in range(3):
                with pytest.raises(StoreUnavailable):
                    await store.claim(BOB)
                with pytest.raises(StoreUnavailable):
                    await store.leads()
                with pytest.raises(StoreUnavailable):
                    await store.reach()
                assert await store.receive([typed(7)], NOW) is not None  # over a connection that is still open
                await store.chats_with_work()
        assert told_of_database(caplog) == ["the database fails"]
        await store.reach()
        assert await store.claim(BOB)
    assert told_of_database(caplog) == ["the database fails", "the database works again"]


async def test_whether_the_claims_can_be_reached_is_found_out_by_asking(shared: PostgresqlBase) -> None:
    asked = "SELECT query_start FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE locktype = 'advisory'"
    async with opened(shared) as store:
        assert await store.leads()
        before = await shared.rows(asked)
        await store.reach()
        assert await shared.rows(asked) > before
        assert await store.leads()


async def test_a_file_is_one_processs_own(tmp_path: Path) -> None:
    base = SqliteBase(tmp_path / "bot.sqlite3")
    async with opened(base) as store:
        with pytest.raises(StoreError, match=rf"another process \({os.getpid()}\) uses it; stop that one first"):
            await Store(base.address, KEYS).open()
        assert await store.receive([typed(1)], now()) == [ADA]
    async with opened(base) as store:
        assert await store.chats_with_work() == [ADA]


# Trouble with a file


async def test_a_full_disk_costs_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    base = SqliteBase(tmp_path / "bot.sqlite3")
    async with opened(base) as store:
        await store.receive([typed(1)], NOW)
        (pages,) = (await base.rows("PRAGMA page_count"))[0]
        await limited(store, pages)
        big = [Received(number, ADA, Incoming(event=Text(text="x" * 40_000))) for number in (2, 3)]
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="full"):
                await store.receive(big, NOW)
            assert [one.update_id for one in (await store.load(ADA)).received] == [1]
        assert caplog.text.count("the database fails (database or disk is full)") == 1
        assert "works again" not in caplog.text
        await limited(store, 1_000_000)
        assert await store.receive(big, NOW) == [ADA]
        assert [one.update_id for one in (await store.load(ADA)).received] == [1, 2, 3]
    assert "the database works again" in caplog.text


@pytest.mark.parametrize("keys", [KEYS, BOTH], ids=["unreadable", "rotating"])
async def test_where_a_look_has_to_write_its_trouble_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, keys: Keyring
) -> None:
    """What cannot be read is given up and what an older key sealed is sealed anew, which a full disk does not take."""
    base = SqliteBase(tmp_path / "bot.sqlite3")
    odd = KEYS.seal(ADA, '{"event": {"type": "of_tomorrow"}}', "inbox.payload", KEYS.mark(ADA), 1)
    async with opened(base) as store:
        await store.receive([typed(1), typed(2)], NOW)
    store = Store(base.address, keys)
    await store.open()
    await base.change(
        f"UPDATE inbox SET payload = {hexed(base, odd)} WHERE update_id = 1",
        "CREATE TRIGGER full BEFORE UPDATE ON inbox BEGIN SELECT * FROM nowhere; END",
    )
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="no such table"):
            await store.load(ADA)
        assert await store.chats_with_work() == [ADA]
    assert told_of_database(caplog) == ["the database fails"]
    await base.change("DROP TRIGGER full")
    assert [one.update_id for one in (await store.load(ADA)).received] == [2]
    assert await base.rows("SELECT state FROM inbox") == [("failed",), ("waiting",)]
    await store.close()
    assert told_of_database(caplog) == ["the database fails", "the database works again"]


def told_of_database(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged of the database, without the reasons."""
    return [record.message.partition(" (")[0] for record in caplog.records if "the database" in record.message]


async def limited(store: Store, pages: int) -> None:
    """Lets the store's file grow to so many pages; SQLite keeps that for a connection."""
    await store._run(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for a lock on a file for a moment only."""
    quick = [re.sub(r"busy_timeout=\d+", "busy_timeout=100", pragma) for pragma in engines.PRAGMAS]
    monkeypatch.setattr(engines, "PRAGMAS", quick)


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_another_program_locks_is_waited_for(
    service: Service, server: LocalServer, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.on(server.api_url, server.token):
        await told(ada, "/help")
        other = sqlite3.connect(service.path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        await ada.send("/language")
        await until(lambda: "the database fails (database is locked)" in caplog.text)
        other.execute("ROLLBACK")
        other.close()
        messages = await seen(ada, lambda messages: len(messages) == 2)
        assert messages[1]["text"] == service.say("language_question")
    assert "the database works again" in caplog.text
