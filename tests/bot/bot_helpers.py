"""What the tests of the bot share: the command line, the bot beside a local server, and a line that can break."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from databases import KEY, KEYS, change, rows
from telegram import Bot

from bot.local import LocalServer
from bot.local.client import Page, Person
from bot.running import serve
from bot.telegram.client import make_bot
from bot.telegram.hook import Hook
from bot.telegram.rates import Rates
from conversations.advisor import Advisor
from conversations.session import Session
from conversations.store.store import Store
from knowledge.content import Knowledge

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
"""Seconds after which a test gives up waiting."""

Json = dict[str, Any]
T = TypeVar("T")


# The command line


@dataclass(frozen=True)
class Terminal:
    """Runs ``python -m bot`` with nothing of the tester's own settings."""

    data: Path

    def environment(self, **settings: str) -> dict[str, str]:
        own = ("TELEGRAM_", "DATABASE_URL", "CAP_CTO_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        ours = {
            "CAP_CTO_DATA": str(self.data),
            "CAP_CTO_KEY": KEY,
            "CAP_CTO_OPEN_BROWSER": "0",
            "CAP_CTO_LOCAL_PORT": "0",
        }
        return kept | ours | settings

    def run(self, *arguments: str, stdin: str | bytes = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end; what it wrote is read as UTF-8."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=ROOT,
            env=self.environment(**settings),
            timeout=60,
            check=False,
        )
        stderr = without_index_warning(done.stderr.decode())
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), stderr)

    async def start(self, *arguments: str, **settings: str) -> Process:
        """Starts a command that goes on until it is ended."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=self.environment(**settings),
        )
        return Process(process)


def without_index_warning(stderr: str) -> str:
    """Without the reminder that authors get between a change of phrasings and the next `python -m bot index`."""
    return re.sub(r"^.*phrasings have changed since the index was made.*\n", "", stderr, flags=re.MULTILINE)


class Process:
    """A running command. What it writes is gathered in ``stdout`` and ``stderr``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._written = {"stdout": "", "stderr": ""}
        self._reading = [asyncio.create_task(self._gather(name)) for name in self._written]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._process.returncode is None:
            await self.end(signal.SIGKILL)
        if kind is not None:
            print(self._written)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    @property
    def stderr(self) -> str:
        return without_index_warning(self._written["stderr"])

    @property
    def stdout(self) -> str:
        return self._written["stdout"]

    async def end(self, sign: signal.Signals) -> int:
        """Sends a signal and waits for the end; the exit code."""
        self._process.send_signal(sign)
        return await self.ended()

    async def ended(self) -> int:
        """Waits for the end; the exit code."""
        async with asyncio.timeout(PATIENCE):
            code = await self._process.wait()
            await asyncio.gather(*self._reading)
        return code

    async def says(self, pattern: str) -> re.Match[str]:
        """Waits until it has written this to standard output."""
        return await until(lambda: re.search(pattern, self.stdout))

    async def _gather(self, name: str) -> None:
        stream = getattr(self._process, name)
        while chunk := await stream.read(65536):
            self._written[name] += chunk.decode()


async def until(look: Callable[[], T | Awaitable[T | None] | None]) -> T:
    """Looks again and again until something is seen."""
    async with asyncio.timeout(PATIENCE):
        while True:
            seen = look()
            if isinstance(seen, Awaitable):
                seen = await seen
            if seen:
                return seen
            await asyncio.sleep(0.02)


# The bot beside a local server


@dataclass(frozen=True)
class Service:
    """The bot as `cap-cto run` wires it, inside the test's own event loop."""

    advisor: Advisor
    knowledge: Knowledge
    path: Path
    address: str = ""
    rate: float = 1000.0
    chat_rate: float = 1000.0
    """Messages a second in all and to a chat; fast, so that no test waits for what it is not about."""
    drain: float = 10.0

    def store(self) -> Store:
        """The bot's store, not yet open."""
        return Store(self.address or f"sqlite+aiosqlite:///{self.path}", KEYS)

    @asynccontextmanager
    async def on(
        self,
        api_url: str,
        token: str,
        *,
        advisor: Advisor | None = None,
        languages: Sequence[str] = ("en",),
        hook: Hook | None = None,
    ) -> AsyncIterator[Bot]:
        """Serves inside the block and ends as on SIGTERM; the menu is set in these languages only, to save time."""
        shown = {name: self.knowledge.languages[name] for name in languages}
        menu = self.knowledge.model_copy(update={"languages": shown})
        store = self.store()
        await store.open()
        stop = asyncio.Event()
        try:
            async with make_bot(api_url, token) as bot:
                how = {"rates": Rates(self.rate, self.chat_rate), "drain": self.drain, "hook": hook}
                serving = asyncio.create_task(serve(bot, advisor or self.advisor, menu, store, stop, **how))
                try:
                    yield bot
                finally:
                    stop.set()
                    await asyncio.wait_for(serving, PATIENCE)
        finally:
            await store.close()

    async def ended(self, api_url: str, token: str, *, hook: Hook | None = None) -> None:
        """Serves until the bot ends by itself."""
        store = self.store()
        await store.open()
        try:
            async with make_bot(api_url, token) as bot:
                serving = serve(
                    bot,
                    self.advisor,
                    self.knowledge,
                    store,
                    asyncio.Event(),
                    rates=Rates(),
                    drain=self.drain,
                    hook=hook,
                )
                await asyncio.wait_for(serving, PATIENCE)
        finally:
            await store.close()

    async def change(self, statement: str) -> None:
        """Changes the bot's database behind its back; in a thread, as the bot may hold the database right now."""
        await asyncio.to_thread(change, self.path, statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Reads the bot's database beside the running bot."""
        return rows(self.path, query)

    def say(self, sentence: str, language: str = "en") -> str:
        """One of the bot's own sentences."""
        return self.knowledge.languages[language].interface[sentence]


def now() -> datetime:
    return datetime.now(UTC)


async def status(outside: httpx.AsyncClient, path: str) -> int:
    """What the bot's webhook answers at a path; 0 where nobody listens."""
    try:
        return (await outside.get(path)).status_code
    except httpx.TransportError:
        return 0


@asynccontextmanager
async def behind(service: Service, server: LocalServer | Relay, token: str, hook: Hook) -> AsyncIterator[None]:
    """The bot behind its webhook, listening."""
    async with (
        service.on(server.api_url, token, hook=hook),
        httpx.AsyncClient(base_url=f"http://{hook.host}:{hook.port}") as client,
    ):
        await until(lambda: _is_up(client))
        yield


async def _is_up(client: httpx.AsyncClient) -> bool:
    return await status(client, "/healthz") == 200


# What a person does and sees


def from_bot(items: Sequence[Json]) -> list[Json]:
    """The bot's messages in a chat."""
    return [item["message"] for item in items if not item["mine"]]


def buttons(message: Json) -> dict[str, str]:
    """What the buttons of a message say, and what they carry."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button.get("callback_data", "") for row in rows for button in row}


def styled(message: Json, style: str) -> list[str]:
    """The parts of a message in a style, such as bold."""
    text = message["text"].encode("utf-16-le")
    return [
        text[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")
        for one in message.get("entities", [])
        if one["type"] == style
    ]


async def seen(person: Person, look: Callable[[list[Json]], Any]) -> list[Json]:
    """The bot's messages, once they are as wanted."""
    return from_bot(await person.wait_for(lambda items: bool(look(from_bot(items))), PATIENCE))


async def told(person: Person, text: str) -> Json:
    """Writes, and returns the message that the bot sends next."""
    return await _next(person, await person.send(text))


async def attached(person: Person, kind: str) -> Json:
    """Sends a photo, sticker or voice note, and returns the bot's message."""
    return await _next(person, await person.attach(kind))


async def tapped(person: Person, message: Json, data: str) -> Json:
    """Taps a button, and returns the bot's new message, or the old one once it has changed."""
    await person.tap(message["message_id"], data)

    def answer(messages: list[Json]) -> Json | None:
        new = [one for one in messages if one["message_id"] > message["message_id"]]
        same = next((one for one in messages if one["message_id"] == message["message_id"]), message)
        return new[-1] if new else same if same != message else None

    found = answer(await seen(person, answer))
    assert found is not None
    return found


STEP = re.compile(r"^(\d+)/(\d+)$", re.MULTILINE)


def step(message: Json) -> int:
    """The number of the quiz question that a message asks, or 0."""
    found = STEP.search(message["text"])
    return int(found[1]) if found else 0


def answer_data(message: Json, value: int) -> str:
    """What the button for an answer, from 0 to 4, carries."""
    return next(data for data in buttons(message).values() if data.endswith(f":a{value}"))


async def people_of(page: Page, number: int, *said: str) -> list[Person]:
    """So many people, each of whom has said this."""
    people = [await page.create(f"P{one}", "en") for one in range(number)]
    for words in said:
        for person in people:
            await person.send(words)
    return people


async def begun(person: Person) -> Json:
    """Begins the quiz; the message of its first question."""
    welcome = await told(person, "/quiz")
    start = next(data for data in buttons(welcome).values() if data.endswith(":s"))
    return await tapped(person, welcome, start)


async def _next(person: Person, item: Json) -> Json:
    number = item["message"]["message_id"]
    messages = await seen(person, lambda messages: messages and messages[-1]["message_id"] > number)
    return next(message for message in messages if message["message_id"] > number)


COMMANDS = ("/help", "/language", "/privacy", "/forget", "/start", "/help", "/language")


def document(service: Service, person: Person) -> Session:
    """The session as it stands in the database."""
    (session,) = documents(service.path)
    assert session[0] == person.id
    return session[1]


def documents(path: Path) -> list[tuple[int, Session]]:
    """The sessions in an SQLite file, with their chats."""
    found = []
    for mark, document in rows(path, "SELECT chat, document FROM sessions"):
        chat_id, text = KEYS.open(document, "sessions.document", mark)
        found.append((chat_id, Session.model_validate_json(text)))
    return found


def reasons(path: Path) -> list[str]:
    """Why updates were given up, in an SQLite file."""
    failed = rows(path, "SELECT update_id, reason FROM inbox WHERE state = 'failed' ORDER BY update_id")
    return [KEYS.open(reason, "inbox.reason", number)[1] for number, reason in failed]


async def at_rest(service: Service) -> None:
    """Waits until nothing waits to be answered or sent."""
    await until(
        lambda: (
            service.rows("SELECT count(*) FROM inbox WHERE state = 'waiting'") == [(0,)]
            and service.rows("SELECT count(*) FROM outbox WHERE state = 'waiting'") == [(0,)]
        )
    )


# A line that can break


class Relay:
    """Stands between the bot and a local server: notes every call, and breaks, holds or replaces answers."""

    def __init__(self, server: LocalServer) -> None:
        self._target = server
        self._faults: deque[tuple[str, str | bytes]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dead: set[str] = set()
        self._held: dict[str, asyncio.Event] = {}
        self.calls: list[tuple[float, str]] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.api_url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def times(self, method: str) -> list[float]:
        """When a method was called."""
        return [moment for moment, name in self.calls if name == method]

    def drop(self, method: str, *, after: bool = False) -> None:
        """Breaks the next call of a method: before it reaches the server, or after, so that only the answer is lost."""
        self._faults.append((method, "after" if after else "before"))

    def drop_from_now_on(self, method: str) -> None:
        """Breaks every later call of a method before it reaches the server."""
        self._dead.add(method)

    def answer(self, method: str, status: int, body: str) -> None:
        """Answers the next call of a method in the server's stead."""
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body.encode())}\r\n\r\n"
        self._faults.append((method, (head + body).encode()))

    def hold(self, words: str) -> asyncio.Event:
        """Holds calls whose body has these words until the event is set."""
        return self._held.setdefault(words, asyncio.Event())

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target.port)
            try:
                while await self._call(reader, writer, far_reader, far_writer):
                    pass
            finally:
                writer.close()
                far_writer.close()

    async def _call(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> bool:
        request = await _whole(reader)
        method = request.split(b" ", 2)[1].decode().rpartition("/")[2]
        self.calls.append((time.monotonic(), method))
        for words, event in self._held.items():
            if words.encode() in request:
                await event.wait()
        fault = next((one for one in self._faults if one[0] == method), None)
        if fault is not None:
            self._faults.remove(fault)
        if method in self._dead or (fault is not None and fault[1] == "before"):
            return False
        if fault is not None and isinstance(fault[1], bytes):
            writer.write(fault[1])
            await writer.drain()
            return True
        far_writer.write(request)
        await far_writer.drain()
        answer = await _whole(far_reader)
        if fault is not None:
            return False
        writer.write(answer)
        await writer.drain()
        return True


async def _whole(reader: asyncio.StreamReader) -> bytes:
    """One HTTP message, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return head + await reader.readexactly(int(length[1]) if length else 0)
