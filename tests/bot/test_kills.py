"""Nothing is lost: the real process is killed again and again under load, and everything around it fails in turn.

Fifty people ask and take the quiz over real HTTP. Afterwards each update has had its answer, in order, and each quiz
holds each answer once. KILLS is how often it is killed in all.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from bot_helpers import Process, Terminal, until
from crowd import Crowd
from databases import KEYS, Base, Postgres, SqliteBase

from bot.local.client import Control
from conversations.advisor import Advisor
from conversations.session import Session
from conversations.store.store import Store
from knowledge.content import Knowledge

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("quick")]

KILLS = int(os.environ.get("KILLS", "200"))
PEOPLE = 50
PATIENCE = 150.0
"""Seconds for which somebody waits for an answer while processes die."""

WHILE_STARTING = 0.2
"""The share of kills that do not wait until the process serves."""

TOKEN = "4242424242:kill-kill-kill-kill-kill-kill-kill-kil"

Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Tells the tester, in spite of pytest."""

    def tell(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", flush=True)

    return tell


@asynccontextmanager
async def serving_api(terminal: Terminal) -> AsyncIterator[str]:
    """A local server in a process of its own."""
    async with await terminal.start("local", "--port", "0", "--token", TOKEN) as process:
        yield (await process.says(r"http://127\.0\.0\.1:\d+"))[0]


class Bots:
    """Processes of the bot, each killed and started again on its own."""

    def __init__(self, start: Callable[[], Awaitable[Process]], number: int, *, sign: str) -> None:
        self._start = start
        self._sign = sign
        self._running: list[Process | None] = [None] * number
        self._written: list[str] = []
        self.kills = 0

    async def __aenter__(self) -> Bots:
        self._running = list(await asyncio.gather(*(self._start() for _ in self._running)))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for process in self._running:
            if process is not None:
                self._written.append(process.stderr[-2000:])
                await process.end(signal.SIGKILL)
        if kind is not None:
            print("\n".join(self._written[-5:]))

    async def serving(self, place: int) -> None:
        process = self._running[place]
        assert process is not None
        await until(lambda: self._sign in process.stderr)

    async def kill(self, place: int) -> None:
        """Kills one at whatever it does, and starts it again."""
        process = self._running[place]
        assert process is not None
        assert await process.end(signal.SIGKILL) == -signal.SIGKILL, process.stderr
        self.kills += 1
        self._running[place] = None
        self._running[place] = await self._start()

    async def end(self) -> None:
        """Ends all of them as an operator does."""
        for place, process in enumerate(self._running):
            assert process is not None
            await self.serving(place)
            assert await process.end(signal.SIGTERM) == 0, process.stderr
            self._running[place] = None


@asynccontextmanager
async def on_sqlite(terminal: Terminal, api: str) -> AsyncIterator[tuple[Bots, Base]]:
    """One process, polling."""
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api}
    async with Bots(lambda: terminal.start("run", **settings), 1, sign="serving @") as bots:
        yield bots, SqliteBase(terminal.data / "cap-cto.sqlite3")


@asynccontextmanager
async def on_postgresql(terminal: Terminal, api: str, base: Base, replicas: int) -> AsyncIterator[tuple[Bots, Base]]:
    """Replicas behind one webhook."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api, "DATABASE_URL": base.address,
        "CAP_CTO_WEBHOOK_URL": f"http://{place}/updates", "CAP_CTO_WEBHOOK_LISTEN": place,
    }  # fmt: skip
    async with Bots(lambda: terminal.start("run", "--webhook", **settings), replicas, sign="listening on") as bots:
        yield bots, base


async def proven(crowd: Crowd, bots: Bots, base: Base, what: str, begun: float, say: Say, *, twice: int) -> None:
    """Nothing was lost, done twice or out of order, and at most so much sent twice; says how much there was."""
    await crowd.finish()

    async def at_rest() -> bool:
        waiting = "SELECT 1 FROM inbox WHERE state = 'waiting' UNION SELECT 1 FROM outbox WHERE state = 'waiting'"
        return await base.rows(waiting) == []

    await until(at_rest)
    await bots.end()
    store = Store(base.address, KEYS)
    await store.open()
    try:
        for talk in crowd.talks:
            assert lasting(await store.session(talk.person.id)) == lasting(talk.session)
    finally:
        await store.close()
    total = crowd.total()
    seconds = time.monotonic() - begun
    say(
        f"{what}: {bots.kills} kills in {seconds:.0f} s; {total['asked']} updates from {PEOPLE} chats, "
        f"{total['expected'] - total['matched']} lost, {total['wrong']} out of order or not due; "
        f"{total['quizzes']} quizzes finished, all as expected; {total['twice']} messages sent twice"
    )
    assert total["wrong"] == 0, [talk.wrong for talk in crowd.talks if talk.wrong]
    assert total["matched"] == total["expected"]
    assert await base.rows("SELECT DISTINCT state FROM inbox") == [("done",)]
    assert total["twice"] <= twice
    assert total["asked"] > PEOPLE


def lasting(session: Session) -> dict[str, Any]:
    """A session without the moments, which no two clocks share."""
    moments = {"started_at", "updated_at", "finished_at"}
    return session.model_dump(exclude={"quiz": moments})


async def test_killed_on_sqlite(terminal: Terminal, adviser: tuple[Advisor, Knowledge], say: Say) -> None:
    """One process that polls: a quarter of the kills, as each one waits for the whole start of the next."""
    chance, begun = random.Random(1), time.monotonic()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        bots, base = await stack.enter_async_context(on_sqlite(terminal, api))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        for _ in range(KILLS // 4):
            if chance.random() < WHILE_STARTING:
                await asyncio.sleep(chance.uniform(0.2, 2.0))
            else:
                await bots.serving(0)
                await asyncio.sleep(chance.uniform(0, 0.8))
            await bots.kill(0)
        await proven(crowd, bots, base, "SQLite", begun, say, twice=bots.kills)


async def test_killed_on_postgresql(
    terminal: Terminal, adviser: tuple[Advisor, Knowledge], postgres: Postgres, say: Say
) -> None:
    """Three replicas behind a webhook, each killed as soon as another one serves."""
    chance, begun, number = random.Random(2), time.monotonic(), 3
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        base = await postgres.base()
        bots, _ = await stack.enter_async_context(on_postgresql(terminal, api, base, number))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        for kill in range(KILLS - KILLS // 4):
            if chance.random() >= WHILE_STARTING:
                await bots.serving((kill + 1) % number)
            await asyncio.sleep(chance.uniform(0, 0.3))
            await bots.kill(kill % number)
        await proven(crowd, bots, base, f"PostgreSQL, {number} behind a webhook", begun, say, twice=bots.kills)


async def test_everything_around_it_fails(
    terminal: Terminal, adviser: tuple[Advisor, Knowledge], postgres: Postgres, say: Say
) -> None:
    begun = time.monotonic()
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(serving_api(terminal))
        base = await postgres.base()
        bots, _ = await stack.enter_async_context(on_postgresql(terminal, api, base, 2))
        crowd = await stack.enter_async_context(Crowd(api, *adviser, PEOPLE, patience=PATIENCE))
        control = await stack.enter_async_context(Control(api))
        await bots.serving(0)
        await asyncio.sleep(3)
        await postgres.down(base)
        await asyncio.sleep(10)
        await postgres.up(base)
        await asyncio.sleep(3)
        for code in (429, 500):
            await control.fault("error", "sendMessage", "editMessageText", code=code, seconds=1, count=100)
            await asyncio.sleep(3)
        await control.fault("duplicate_update", count=200)
        await control.fault("delay_update", "message", "callback_query", seconds=2, count=50)
        await asyncio.sleep(8)
        await control.clear_faults()
        await proven(
            crowd,
            bots,
            base,
            "database away for ten seconds, refusals, updates twice and late",
            begun,
            say,
            twice=PEOPLE,
        )
