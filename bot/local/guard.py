"""Keeps other web sites out: only loopback host names, and no requests made by foreign pages."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
HEAD = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Guard:
    """ASGI wrapper: 403 for a foreign host or origin, safe headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        code = refusal(Headers(scope=scope), scope["method"], scope["path"])

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in HEAD if pair[0] not in known)]
            await send(message)

        if code:
            await JSONResponse({"error": code}, 403)(scope, receive, send_safely)
        else:
            await self.app(scope, receive, send_safely)


def refusal(headers: Headers, method: str, path: str) -> str:
    """Why a request is refused ("foreign_host", "foreign_origin"), or "" if it is not."""
    host = headers.get("host", "")
    if _hostname(f"http://{host}") not in HOSTS:
        return "foreign_host"
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "foreign_origin"
    reading_page = method in ("GET", "HEAD") and (path == "/" or path.startswith("/page/"))
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not reading_page:
        return "foreign_origin"
    return ""


@lru_cache(maxsize=64)
def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
