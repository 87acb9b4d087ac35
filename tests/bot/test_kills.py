"""Nothing is lost: the real process is killed again and again under load, and everything around it fails in turn.

Fifty people ask and take the quiz over real HTTP, at the rates of production. Afterwards each update has had its
answer, in order, and each quiz holds each answer once. KILLS is how often it is killed on each database.
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, closing

import pytest
from bot_helpers import Terminal
from crowd import TEXT_OF, Crowd
from databases import Base, Postgres, PostgresqlBase, SqliteBase
from processes import Bots, on_postgresql, on_sqlite, serving_api
from proof import PATIENCE, PEOPLE, Say, proven

from bot.local.client import Control
from conversations.advisor import Advisor
from knowledge.content import Knowledge

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("quick")]

KILLS = int(os.environ.get("KILLS", "200"))
REPLICAS = 2
AWAY = 10.0
"""Seconds for which the database goes away."""


async def test_killed_on_sqlite(terminal: Terminal, adviser: tuple[Advisor, Knowledge], say: Say) -> None:
    """One process that polls."""
    begun = time.monotonic()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        bots, base = await stack.enter_async_context(on_sqlite(terminal, api))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        await bots.strike(0, KILLS, random.Random(1))
        total = await proven(crowd, bots, base, "SQLite, one process that polls", begun, say, quizzes=True)
        assert len(bots.kills) == KILLS
        assert total["by_one_kill"] <= 1
        assert total["quizzes"] >= KILLS // 10


async def test_killed_on_postgresql(
    terminal: Terminal, adviser: tuple[Advisor, Knowledge], postgres: Postgres, say: Say
) -> None:
    """Two replicas behind a webhook, each killed at instants of its own, whether or not the other serves."""
    begun = time.monotonic()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        bots, base = await stack.enter_async_context(on_postgresql(terminal, api, await postgres.base(), REPLICAS))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        shares = [KILLS // REPLICAS + (place < KILLS % REPLICAS) for place in range(REPLICAS)]
        await asyncio.gather(*(bots.strike(place, n, random.Random(place)) for place, n in enumerate(shares)))
        total = await proven(
            crowd, bots, base, f"PostgreSQL, {REPLICAS} replicas behind a webhook", begun, say, quizzes=True
        )
        assert len(bots.kills) == KILLS
        assert total["by_one_kill"] <= 1
        assert total["quizzes"] >= KILLS // 10


async def test_all_around_it_fails_on_sqlite(terminal: Terminal, adviser: tuple[Advisor, Knowledge], say: Say) -> None:
    """Another program locks the file for ten seconds."""

    @asynccontextmanager
    async def away(base: Base) -> AsyncIterator[None]:
        assert isinstance(base, SqliteBase)
        with closing(sqlite3.connect(base.path, isolation_level=None, timeout=PATIENCE)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")

    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        bots, base = await stack.enter_async_context(on_sqlite(terminal, api))
        await all_fails(api, adviser, bots, base, away, "SQLite, one process that polls", say)


async def test_all_around_it_fails_on_postgresql(
    terminal: Terminal, adviser: tuple[Advisor, Knowledge], postgres: Postgres, say: Say
) -> None:
    """The server is stopped for ten seconds."""

    @asynccontextmanager
    async def away(base: Base) -> AsyncIterator[None]:
        assert isinstance(base, PostgresqlBase)
        await postgres.down(base)
        yield
        await postgres.up(base)

    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        made = await postgres.base()
        bots, base = await stack.enter_async_context(on_postgresql(terminal, api, made, REPLICAS))
        await all_fails(api, adviser, bots, base, away, f"PostgreSQL, {REPLICAS} replicas behind a webhook", say)


async def all_fails(
    api: str,
    adviser: tuple[Advisor, Knowledge],
    bots: Bots,
    base: Base,
    away: Callable[[Base], AbstractAsyncContextManager[None]],
    where: str,
    say: Say,
) -> None:
    """The database goes away, Telegram refuses, and brings updates twice and late; all the while processes die."""
    begun, chance = time.monotonic(), random.Random(3)
    async with Crowd(api, *adviser, PEOPLE, patience=PATIENCE) as crowd, Control(api) as control:

        async def killed_after(seconds: float) -> None:
            await asyncio.sleep(seconds)
            await bots.kill(chance.randrange(bots.number))

        await bots.serving(0)
        await asyncio.sleep(3)
        async with away(base):
            for _ in range(2):
                await killed_after(AWAY / 3)
            await asyncio.sleep(AWAY / 3)
        await bots.serving(0)
        await asyncio.sleep(3)
        for code in (429, 500):
            await control.fault("error", *TEXT_OF, code=code, seconds=1, count=60)
            await killed_after(chance.uniform(0.5, 2))
            await bots.serving(0)
            await asyncio.sleep(2)
        await control.fault("duplicate_update", count=200)
        await control.fault("delay_update", "callback_query", seconds=2, count=50)
        for _ in range(2):
            await killed_after(chance.uniform(2, 4))
        await bots.serving(0)
        await asyncio.sleep(3)
        await control.clear_faults()
        total = await proven(crowd, bots, base, f"{where}: database away, refusals, updates twice and late", begun, say)
    assert total["twice"] <= PEOPLE
