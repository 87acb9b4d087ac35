"""The client of a Bot API server: python-telegram-bot's, over connections of our choice."""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from aiohttp import ClientSession, DummyCookieJar, TCPConnector
from httpx_aiohttp import AiohttpTransport
from telegram import Bot
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from bot.telegram.gate import AT_A_TIME


class Request(HTTPXRequest):
    """Requests whose answers are Telegram's own."""

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status and the body. NetworkError where a call gets no JSON: that is by a proxy or the like on the way.

        The library would take such a 403 for a blocked bot and such a 404 for a wrong token.
        """
        code, body = await super().do_request(url, method, *args, **kwargs)
        if method == "POST" and not body.lstrip().startswith(b"{"):
            raise NetworkError(f"something on the way to Telegram has answered with {code}")
        return code, body


def make_bot(api_url: str, token: str) -> Bot:
    """The client of a Bot API server; not yet connected."""
    certificates = httpx.create_ssl_context()

    def request(connections: int) -> HTTPXRequest:
        """HTTP by aiohttp, in half the time of httpx's own transport."""

        def session() -> ClientSession:
            connector = TCPConnector(limit=connections, ssl=certificates)
            return ClientSession(connector=connector, cookie_jar=DummyCookieJar())

        transport = AiohttpTransport(verify=certificates, proxy=_proxy(api_url), client=session)
        return Request(read_timeout=20.0, pool_timeout=20.0, httpx_kwargs={"transport": transport})

    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=request(2 * AT_A_TIME),
        get_updates_request=request(1),
    )


def _proxy(api_url: str) -> httpx.Proxy | None:
    """The proxy that the environment names for an address. aiohttp would look for it, in a thread, at every request."""
    address = urlsplit(api_url)
    url = None if proxy_bypass(address.hostname or "") else getproxies().get(address.scheme)
    return httpx.Proxy(url) if url else None
