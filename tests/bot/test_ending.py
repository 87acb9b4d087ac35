"""How it ends on SIGTERM: soon, without an error, and whoever follows has nothing to repair."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace

import asyncpg
import pytest
from bot_helpers import Relay, Service, Terminal, answer_data, at_rest, begun, from_bot, seen, told, until
from crowd import TEXT_OF, Crowd
from databases import Base, Postgres, PostgresqlBase, SqliteBase
from processes import Bots, on_postgresql, on_sqlite, serving_api
from proof import PATIENCE, PEOPLE, Say, proven

from bot.local import LocalServer
from bot.local.client import Control, Person
from bot.running import CLOSING
from bot.telegram.gate import AT_A_TIME
from conversations.advisor import Advisor
from knowledge.content import Knowledge

pytestmark = pytest.mark.usefixtures("quick")

DRAIN = 2.0
"""Seconds for which work is finished: less than there is, so that there is always some left."""

LITTLE = 2.5
"""Seconds that everything else may take at the end."""

ENDS = 4


async def test_the_end_does_not_wait_for_a_telegram_that_hangs(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    async with replace(service, drain=0.3).on(relay.api_url, server.token):
        question = await begun(ada)
        for method in ("answerCallbackQuery", "editMessageText"):
            relay.hold(f"/{method} ")
        await ada.tap(question["message_id"], answer_data(question, 4))
        await until(lambda: len(relay.times("answerCallbackQuery")) > 1 and len(relay.times("editMessageText")) > 1)
        stopped = time.monotonic()
    assert 0.3 <= time.monotonic() - stopped < 0.3 + LITTLE
    async with service.on(server.api_url, server.token):
        await seen(ada, lambda messages: messages[-1]["text"] != question["text"])
        assert len(from_bot((await ada.read())["messages"])) == 1


async def test_what_is_on_its_way_at_the_end_is_not_sent_again(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    async with Control(server.api_url) as control:
        await control.fault("latency", "sendMessage", seconds=0.6)
        async with replace(service, drain=0.2).on(relay.api_url, server.token):
            await ada.send("/language")
            await ada.send("/help")
            await until(lambda: relay.times("sendMessage"))
    async with service.on(relay.api_url, server.token):
        await seen(ada, lambda messages: len(messages) == 2)
        await at_rest(service)
    assert len(relay.times("sendMessage")) == 2


@asynccontextmanager
async def bots_on(name: str, terminal: Terminal, api: str, postgres: Postgres) -> AsyncIterator[tuple[Bots, Base]]:
    settings = {"CAP_CTO_DRAIN": str(DRAIN)}
    if name == "SQLite":
        async with on_sqlite(terminal, api, **settings) as running:
            yield running
    else:
        async with on_postgresql(terminal, api, await postgres.base(), 2, **settings) as running:
            yield running


@pytest.mark.long
@pytest.mark.parametrize("name", ["SQLite", "PostgreSQL"])
async def test_ended_under_load(
    name: str, terminal: Terminal, adviser: tuple[Advisor, Knowledge], postgres: Postgres, say: Say
) -> None:
    """Each process is ended in turn while more waits than it can do in time; the next does the rest, once."""
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        bots, base = await stack.enter_async_context(bots_on(name, terminal, api, postgres))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        took = []
        for number in range(ENDS):
            process = await bots.serving(number % bots.number)
            await asyncio.sleep(0.7)
            begun = time.monotonic()
            assert await process.end(signal.SIGTERM) == 0, process.stderr
            took.append(time.monotonic() - begun)
            await bots.follow(number % bots.number)
        total = await proven(crowd, bots, base, f"{name}: ended {ENDS} times by SIGTERM", started, say)
        say(f"  the longest end took {max(took):.1f} s, of which {DRAIN} s were for what waited")
        assert max(took) < DRAIN + LITTLE
        assert total["twice"] == 0


@pytest.mark.long
async def test_ended_while_telegram_hangs(
    terminal: Terminal, adviser: tuple[Advisor, Knowledge], postgres: Postgres, say: Say
) -> None:
    """What hangs at the end may have been taken, so that it is sent again: as many as are on their way at a time."""
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        control = await stack.enter_async_context(Control(api))
        bots, base = await stack.enter_async_context(bots_on("SQLite", terminal, api, postgres))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        process = await bots.serving(0)
        await asyncio.sleep(1)
        await control.fault("latency", *TEXT_OF, "answerCallbackQuery", seconds=DRAIN + 4, count=None)
        await asyncio.sleep(1)
        begun = time.monotonic()
        assert await process.end(signal.SIGTERM) == 0, process.stderr
        took = time.monotonic() - begun
        await control.clear_faults()
        await asyncio.sleep(5)
        await bots.follow(0)
        total = await proven(crowd, bots, base, "SQLite: ended while Telegram hangs", started, say)
        say(f"  the end took {took:.1f} s, of which {DRAIN} s were for what waited")
        assert took < DRAIN + LITTLE
        assert total["twice"] <= AT_A_TIME


@asynccontextmanager
async def hanging(base: SqliteBase | PostgresqlBase) -> AsyncIterator[None]:
    """Somebody else holds the lock that every write needs, inside the block."""
    if isinstance(base, SqliteBase):
        with closing(sqlite3.connect(base.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
        return
    connection = await asyncpg.connect(base.url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
async def test_ended_while_the_database_hangs(
    kind: str, terminal: Terminal, server: LocalServer, postgres: Postgres, ada: Person
) -> None:
    address = {"TELEGRAM_BOT_TOKEN": server.token, "TELEGRAM_API_URL": server.api_url, "CAP_CTO_DRAIN": str(DRAIN)}
    base: SqliteBase | PostgresqlBase = SqliteBase(terminal.data / "cap-cto.sqlite3")
    if kind == "PostgreSQL":
        base = await postgres.base()
        address["DATABASE_URL"] = base.address
    async with await terminal.start("run", **address) as process:
        await told(ada, "/help")
        async with hanging(base):
            await ada.send("/language")
            await asyncio.sleep(2)  # so that a new attempt to write begins while it ends
            stopped = time.monotonic()
            assert await process.end(signal.SIGTERM) == 0
            assert time.monotonic() - stopped < DRAIN + CLOSING + LITTLE
        assert "Traceback" not in process.stderr
    async with await terminal.start("run", **address):
        await seen(ada, lambda messages: len(messages) == 2)
