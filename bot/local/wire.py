"""The connection below HTTP: how it can be dropped without an answer, as a bad network does."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "bot.local.transport"


class DroppableProtocol(H11Protocol):
    """HTTP whose requests know their connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give each request of this connection the transport."""
        super().connection_made(transport)
        app = self.app

        async def with_transport(scope: Any, receive: Any, send: Any) -> None:
            scope[TRANSPORT] = transport
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
