"""Which links Telegram accepts in entities and buttons."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
NATIVE = ("tg", "ton", "tonsite")


class UrlError(Exception):
    """The link is refused; the text is Telegram's."""


def checked_url(raw: str) -> str:
    """Return the link as Telegram stores it (scheme and path completed), or raise `UrlError`."""
    url = raw.strip()
    if not url:
        raise UrlError("URL host is empty")
    scheme = SCHEME.match(url)
    if scheme is None:
        if url.lower().startswith(("tg:", "ton:")):
            return url
        url = f"http://{url}"
    elif scheme[1].lower() in NATIVE:
        return url
    elif scheme[1].lower() not in ("http", "https"):
        raise UrlError("Unsupported URL protocol")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise UrlError("Wrong HTTP URL") from error
    if not host:
        raise UrlError("URL host is empty")
    if "." not in host.strip(".") or re.search(r"\s", url):
        raise UrlError("Wrong HTTP URL")
    return url if parts.path else parts._replace(path="/").geturl()
