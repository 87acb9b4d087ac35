"""Real processes of the bot against a local server of its own: killed, ended and started again."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import socket
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot_helpers import Process, Terminal
from databases import Base, SqliteBase

TOKEN = "4242424242:kill-kill-kill-kill-kill-kill-kill-kil"

WHILE_STARTING = 0.35
"""The share of kills that do not wait until the process serves."""

ANSWERING = ": answering"
"""What a process logs when chats are worked; updates are taken in for most of a second before that."""

AT_WORK = 1.0
"""Seconds within which the other kills strike from then on: in the middle of the burst that waited for the process."""

PATIENCE = 60.0


@asynccontextmanager
async def serving_api(terminal: Terminal) -> AsyncIterator[str]:
    """A local server in a process of its own."""
    async with await terminal.start("local", "--port", "0", "--token", TOKEN) as process:
        yield (await process.says(r"http://127\.0\.0\.1:\d+"))[0]


class Bots:
    """Processes of the bot, each in a place of its own, where a killed one is followed by the next.

    One that finds no database at its start ends with exit code 2 and one line; it is started again, as any supervisor
    would. Every other end that is not ours is an error.
    """

    def __init__(self, start: Callable[[], Awaitable[Process]], number: int, *, sign: str) -> None:
        self._start = start
        self._sign = sign
        self.number = number
        self._running: list[Process | None] = [None] * number
        self._written: list[str] = []
        self._starting_takes = 1.0
        self.kills: list[float] = []
        self.refusals: list[str] = []
        self.complaints: list[str] = []
        """What killed and ended processes logged as warnings and errors."""

    async def __aenter__(self) -> Bots:
        self._running = list(await asyncio.gather(*(self._start() for _ in self._running)))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for process in self._running:
            if process is not None:
                self._written.append(process.stderr[-2000:])
                if process.returncode is None:
                    await process.end(signal.SIGKILL)
        if kind is not None:
            print("\n".join(self._written[-5:]))

    async def serving(self, place: int) -> Process:
        """Waits until the process in a place serves."""
        begun = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            while self._sign not in (process := self._process(place)).stderr:
                if process.returncode is not None:
                    await self._refused(process)
                    self._running[place] = await self._start()
                    begun = time.monotonic()
                await asyncio.sleep(0.02)
        if self._starting_takes == 1.0:
            self._starting_takes = time.monotonic() - begun
        return process

    async def strike(self, place: int, kills: int, chance: random.Random) -> None:
        """Kills what runs in a place so often, at random instants of its start and of its work."""
        for _ in range(kills):
            if chance.random() < WHILE_STARTING:
                await asyncio.sleep(chance.uniform(0, self._starting_takes))
            else:
                await self.serving(place)
                await asyncio.sleep(chance.uniform(0, AT_WORK))
            await self.kill(place)

    async def kill(self, place: int) -> None:
        """Kills one at whatever it does, and starts the next."""
        process = self._process(place)
        if process.returncode is None:
            assert await process.end(signal.SIGKILL) == -signal.SIGKILL, process.stderr
            self.kills.append(time.time())
            self._read(process)
        else:
            await self._refused(process)
        self._running[place] = await self._start()

    async def follow(self, place: int) -> None:
        """Starts the next where one has ended as it should."""
        self._read(self._process(place))
        self._running[place] = await self._start()

    async def end(self) -> None:
        """Ends all of them as an operator does."""
        for place in range(len(self._running)):
            process = await self.serving(place)
            assert await process.end(signal.SIGTERM) == 0, process.stderr
            self._read(process)
            self._running[place] = None

    def most_by_one_kill(self, twice: list[tuple[float, float]]) -> int:
        """The most that one kill had sent twice: each counts for the first kill after it was sent first."""
        return max(Counter(bisect_left(self.kills, first) for first, _ in twice).values(), default=0)

    def _process(self, place: int) -> Process:
        process = self._running[place]
        assert process is not None
        return process

    def _read(self, process: Process) -> None:
        self.complaints += [line for line in process.stderr.splitlines() if re.search(" (WARNING|ERROR) ", line)]

    async def _refused(self, process: Process) -> None:
        code, said = await process.ended(), process.stderr
        assert code == 2, said
        assert len(said.splitlines()) == 1, said
        self.refusals.append(said.strip())


@asynccontextmanager
async def on_sqlite(terminal: Terminal, api: str, **more: str) -> AsyncIterator[tuple[Bots, Base]]:
    """One process, polling; with ``more`` settings. A chat has no rate of its own, so that nobody waits for that."""
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api, "CAP_CTO_CHAT_RATE": "1000"} | more
    async with Bots(lambda: terminal.start("run", **settings), 1, sign=ANSWERING) as bots:
        yield bots, SqliteBase(terminal.data / "cap-cto.sqlite3")


@asynccontextmanager
async def on_postgresql(
    terminal: Terminal, api: str, base: Base, replicas: int, **more: str
) -> AsyncIterator[tuple[Bots, Base]]:
    """Replicas behind one webhook."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": api, "DATABASE_URL": base.address,
        "CAP_CTO_WEBHOOK_URL": f"http://{place}/updates", "CAP_CTO_WEBHOOK_LISTEN": place,
        "CAP_CTO_CHAT_RATE": "1000",
    } | more  # fmt: skip
    async with Bots(lambda: terminal.start("run", "--webhook", **settings), replicas, sign=ANSWERING) as bots:
        yield bots, base
