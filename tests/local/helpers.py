"""What the tests of the local server share."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import telegram

from bot.local import LocalServer

Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]
"""Calls a method with a form and returns the whole answer."""


def client_of(server: LocalServer) -> telegram.Bot:
    """The bot's client for a running server."""
    files = f"{server.api_url}/file/bot"
    return telegram.Bot(server.token, base_url=f"{server.api_url}/bot", base_file_url=files)


class Clock:
    """Unix time that a test moves."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def __call__(self) -> float:
        return self.time


@dataclass
class Site:
    """A small web server: a bot's webhook, or a place with files. Use with `async with`.

    It notes each request as (headers, body), and answers with what `reply` returns: status, type and body; while
    `hold` is set to an event, it waits for that first.
    """

    reply: Callable[[dict[str, Any]], tuple[int, str, bytes]] = lambda _: (200, "text/plain", b"")
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    hold: Callable[[dict[str, Any]], asyncio.Event | None] = lambda _: None
    url: str = ""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Site:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    @property
    def updates(self) -> list[dict[str, Any]]:
        """The bodies that came, in their order."""
        return [body for _, body in self.requests]

    async def wait(self, count: int, seconds: float = 5.0) -> list[dict[str, Any]]:
        """The bodies once there are `count`; raises TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)
        return self.updates

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1]) if length else 0)
                lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
                headers = {name.strip().lower(): value.strip() for name, _, value in lines}
                update = json.loads(body or b"{}")
                async with self._arrived:
                    self.requests.append((headers, update))
                    self._arrived.notify_all()
                if (event := self.hold(update)) is not None:
                    await event.wait()
                status, kind, answer = self.reply(update)
                first = f"HTTP/1.1 {status} Status\r\ncontent-type: {kind}\r\ncontent-length: {len(answer)}\r\n\r\n"
                writer.write(first.encode() + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
