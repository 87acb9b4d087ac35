"""The connection below HTTP: answers go out in one piece, and it can be dropped without an answer."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "bot.local.transport"


class Corked:
    """A transport that sends what is written in one turn of the event loop, as head and body of an answer, at once."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send `data` with all else that is written in this turn."""
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        """Close the connection after what was written is sent."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Cut the connection off; what was written is lost."""
        self._waiting.clear()
        self._transport.abort()

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._transport.write(b"".join(waiting))


class DroppableProtocol(HttpToolsProtocol):
    """HTTP over a corked transport, whose requests know their connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give each request of this connection the transport."""
        corked: Any = Corked(transport)
        super().connection_made(corked)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[TRANSPORT] = corked
            await app(scope, receive, send)

        self.app = with_transport


class _Dropped(Response):
    """Answers nothing: by then there is nobody to answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        return


async def drop(request: Request) -> Response:
    """Cut the connection of a request off."""
    request.scope[TRANSPORT].abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return _Dropped()
