"""Whether the local Bot API answers three times as fast as a bot asks: `python -m benchmarks.local_api`.

How fast a bot asks: a bare echo bot of python-telegram-bot and one of aiogram, each in a process of its own, are
flooded by a server that costs nothing (it answers every call with ready bytes), and their calls are counted. How fast
the local API answers: it runs in a process of its own, on a file, and a raw client here keeps it busy over kept-alive
connections with forms, as both libraries send them. Rates are calls in a second of the process's own computing time, so
that whatever else runs on the machine changes little; medians of several rounds. Last, the same bots echo a queue of
real messages from the local API, in time by the clock. Exits with 1 where a ratio is below three.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

TOKEN = "4242424242:benchmark-benchmark-benchmark-bench"
WANTED = 3.0
BOTS = ("python-telegram-bot", "aiogram")
PAGE = 100
FLOOD = 1000
"""Messages waiting for a bot that drains the local API."""
CONNECTIONS = 4

USER = {"id": 100_001, "is_bot": False, "first_name": "Ada", "language_code": "en"}
ME = {"id": 4_242_424_242, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
CHAT = {"id": 100_001, "type": "private", "first_name": "Ada"}
SENT = {"message_id": 1, "from": ME, "chat": CHAT, "date": 1_790_000_000, "text": "Hello there"}


# Processes.

Process = subprocess.Popen[str]


@contextlib.contextmanager
def process(*options: str) -> Iterator[Process]:
    """Another process of this benchmark, ended with the block."""
    command = [sys.executable, "-m", "benchmarks.local_api", *options]
    running = Process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()  # a flooded bot would first answer all it has read
        running.wait()


def spent_by(running: Process) -> float:
    """Seconds of computing the process has spent so far."""
    assert running.stdin
    assert running.stdout
    running.stdin.write("\n")
    running.stdin.flush()
    return float(running.stdout.readline())


def tell_time() -> None:
    """In such a process: the other end of `spent_by`."""
    for _ in sys.stdin:
        print(time.process_time(), flush=True)


# How fast a bot asks.


class Free(asyncio.Protocol):
    """A server that costs nothing: a page of messages when the last one is answered, ready bytes; counts calls."""

    calls: Counter[str]
    update: int
    unanswered: int
    waiting: Free | None
    warm: asyncio.Event

    @classmethod
    def reset(cls) -> None:
        cls.calls, cls.update, cls.unanswered, cls.waiting, cls.warm = Counter(), 0, 0, None, asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (head := self.buffer.find(b"\r\n\r\n")) >= 0:
            lines = self.buffer[:head].lower()
            length = lines.partition(b"content-length:")[2].partition(b"\r\n")[0]
            if b"chunked" in lines:
                end = self.buffer.find(b"0\r\n\r\n", head)
                if end < 0:
                    return
                end += 5
            else:
                end = head + 4 + int(length or 0)
            if len(self.buffer) < end:
                return
            self.buffer = self.buffer[end:]
            self.count(lines.partition(b" http/")[0].rpartition(b"/")[2].decode())

    def count(self, method: str) -> None:
        Free.calls[method] += 1
        if method == "getupdates":
            Free.waiting = self
        elif method == "sendmessage":
            Free.unanswered -= 1
            self.transport.write(FREE_SENT)
        else:
            self.transport.write(FREE_ME if method == "getme" else FREE_TRUE)
        if Free.waiting and Free.unanswered <= PAGE // 2:
            Free.waiting.send_page()
        if Free.calls["sendmessage"] > 2 * PAGE:
            Free.warm.set()

    def send_page(self) -> None:
        message = {"message_id": 1, "from": USER, "chat": CHAT, "date": 1_790_000_000, "text": "Hello there"}
        first, Free.update = Free.update + 1, Free.update + PAGE
        Free.waiting, Free.unanswered = None, Free.unanswered + PAGE
        self.transport.write(ready([{"update_id": n, "message": message} for n in range(first, first + PAGE)]))


def ready(result: object) -> bytes:
    body = json.dumps({"ok": True, "result": result}).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


FREE_ME, FREE_SENT, FREE_TRUE = ready(ME), ready(SENT), ready(True)
Free.reset()


async def asking(bot: str, rounds: int, seconds: float) -> dict[str, float]:
    """Calls a second of computing of a flooded bot, by method (lower case)."""
    server = await asyncio.get_running_loop().create_server(Free, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    rates = []
    with process("--role", bot, "--url", url) as running:
        async with asyncio.timeout(30):
            await Free.warm.wait()
        for _ in range(rounds):
            before, began = Free.calls.copy(), spent_by(running)
            await asyncio.sleep(seconds)
            spent = spent_by(running) - began
            rates.append({name: (Free.calls[name] - before[name]) / spent for name in Free.calls})
    server.close()
    Free.reset()
    return {name: median(rate.get(name, 0.0) for rate in rates) for name in rates[0]}


def run_bot(bot: str, url: str) -> None:
    """A bare echo bot, until the process is ended."""
    if bot == "aiogram":
        from aiogram import Bot, Dispatcher
        from aiogram.client.session.aiohttp import AiohttpSession
        from aiogram.client.telegram import TelegramAPIServer
        from aiogram.types import Message

        dispatcher = Dispatcher()

        @dispatcher.message()
        async def answer(message: Message) -> None:
            await message.answer(message.text or "")

        session = AiohttpSession(api=TelegramAPIServer.from_base(url))
        asyncio.run(dispatcher.start_polling(Bot(TOKEN, session=session)))
    else:
        from telegram import Update
        from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

        async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
            assert update.message
            await update.message.reply_text(update.message.text or "")

        application = ApplicationBuilder().token(TOKEN).base_url(f"{url}/bot").build()
        application.add_handler(MessageHandler(filters.TEXT, echo))
        application.run_polling()


# How fast the local API answers.


def run_server(path: str) -> None:
    """The local server on a file, until the process is ended; says where it is."""
    from bot.local import LocalServer

    async def serve() -> None:
        async with LocalServer(Path(path) / "bench.sqlite3", token=TOKEN, slow_repeats=False) as server:
            print(server.api_url, flush=True)
            await asyncio.Event().wait()

    asyncio.run(serve())


class Client:
    """One kept-alive connection; as little work of its own as Python allows."""

    @classmethod
    async def open(cls, url: str) -> Client:
        self, place = cls(), urlsplit(url)
        self.host = place.netloc
        self.reader, self.writer = await asyncio.open_connection(place.hostname, place.port)
        return self

    def request(self, path: str, body: bytes, kind: str) -> bytes:
        head = f"POST {path} HTTP/1.1\r\nhost: {self.host}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}"
        return f"{head}\r\n\r\n".encode() + body

    async def send(self, request: bytes) -> bytes:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the local API refused: {body.decode()}")
        return body

    async def call(self, path: str, **values: Any) -> Any:
        return json.loads(await self.send(self.request(path, json.dumps(values).encode(), "application/json")))

    def method(self, name: str, **values: Any) -> bytes:
        """A call of the Bot API as both libraries encode it: a form."""
        return self.request(f"/bot{TOKEN}/{name}", urlencode(values).encode(), "application/x-www-form-urlencoded")


Work = list[tuple[Client, list[bytes]]]


async def rate(server: Process, work: Work, rounds: int, seconds: float) -> float:
    """Calls a second of computing over all connections; each sends its requests in turn and again."""
    lanes = [(client, cycle(requests)) for client, requests in work]
    rates = []

    async def lane(client: Client, requests: Iterator[bytes], end: float) -> int:
        done = 0
        while time.perf_counter() < end:
            await client.send(next(requests))
            done += 1
        return done

    for _ in range(rounds):
        began, end = spent_by(server), time.perf_counter() + seconds
        done = await asyncio.gather(*(lane(*one, end) for one in lanes))
        rates.append(sum(done) / (spent_by(server) - began))
    return median(rates)


async def answering(server: Process, url: str, rounds: int, seconds: float) -> dict[str, float]:
    """Calls that the local API answers in a second of computing, by method."""
    clients = [await Client.open(url) for _ in range(CONNECTIONS)]
    one = clients[0]
    ada = (await one.call("/local/chats", first_name="Ada"))["id"]
    await one.call(f"/local/chats/{ada}/start")
    for number in range(PAGE - 1):
        await one.call(f"/local/chats/{ada}/messages", text=f"Message {number}")
    text = one.method("sendMessage", chat_id=ada, text="Hello there")
    edits = []
    for client in clients:
        number = json.loads(await client.send(text))["result"]["message_id"]
        texts = ("Hello there again", "Hello there once more")
        edits.append((client, [one.method("editMessageText", chat_id=ada, message_id=number, text=t) for t in texts]))
    page = one.method("getUpdates", offset=0, limit=PAGE, timeout=0)
    found = {
        "getMe": await rate(server, [(client, [one.method("getMe")]) for client in clients], rounds, seconds),
        "sendMessage": await rate(server, [(client, [text]) for client in clients], rounds, seconds),
        "editMessageText": await rate(server, edits, rounds, seconds),
        # A second poll would end the first, so one connection. Each answer holds a full page of updates.
        "getUpdates": await rate(server, [(one, [page])], rounds, seconds),
    }
    for client in clients:
        client.writer.close()
    return found


async def draining(url: str, bot: str) -> float:
    """Messages a second that the bot echoes from a full queue of the local API, its start left out."""
    client = await Client.open(url)
    await client.call(f"/bot{TOKEN}/deleteWebhook", drop_pending_updates=True)
    ada = (await client.call("/local/chats", first_name="Ada"))["id"]
    for number in range(FLOOD):
        await client.call(f"/local/chats/{ada}/messages", text=f"Message {number}")

    async def newest() -> Any:
        request = f"GET /local/chats HTTP/1.1\r\nhost: {client.host}\r\n\r\n".encode()
        chats = json.loads(await client.send(request))["chats"]
        return next(chat for chat in chats if chat["id"] == ada)["last"]

    with process("--role", bot, "--url", url):
        async with asyncio.timeout(120):
            while (await newest())["mine"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            began = time.perf_counter()
            while (await newest())["message"]["text"] != f"Message {FLOOD - 1}":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        spent = time.perf_counter() - began
    client.writer.close()
    return FLOOD / spent


async def compare(rounds: int, seconds: float) -> int:
    """Measures and prints; 1 where a ratio is below the wanted one."""
    lowest = float("inf")
    for bot in BOTS:
        asked = await asking(bot, rounds, seconds)
        polls, calls = asked["getupdates"], sum(asked.values())
        print(f"{bot} asks {calls:,.0f} calls a second when flooded, {polls:,.0f} of them getUpdates with a full page")
        with tempfile.TemporaryDirectory() as folder, process("--role", "server", "--path", folder) as server:
            assert server.stdout
            url = server.stdout.readline().strip()
            answered = await answering(server, url, rounds, seconds)
            drained = await draining(url, bot)
        for method, found in answered.items():
            ratio = found / (polls if method == "getUpdates" else calls)
            lowest = min(lowest, ratio)
            print(f"  {method:16} {found:8,.0f} answered a second, {ratio:5.1f} times as fast as asked", flush=True)
        print(f"  and echoes {drained:,.0f} messages a second from the local API")
    print(f"lowest ratio {lowest:.1f}, wanted {WANTED:.0f}")
    return 0 if lowest >= WANTED else 1


def main() -> int:
    """Measures, or plays one of the parts in a process of its own."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5, help="rounds a measurement")
    options.add_argument("--seconds", type=float, default=1.0, help="seconds a round")
    options.add_argument("--role", choices=("server", *BOTS), help=argparse.SUPPRESS)
    options.add_argument("--url", default="", help=argparse.SUPPRESS)
    options.add_argument("--path", default="", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.role:
        threading.Thread(target=tell_time, daemon=True).start()
    if chosen.role == "server":
        run_server(chosen.path)
    elif chosen.role:
        run_bot(chosen.role, chosen.url)
    else:
        return asyncio.run(compare(chosen.rounds, chosen.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
