"""Where a webhook is, and what proves that it is Telegram who calls."""

import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Hook:
    """Where Telegram brings updates (``url``), where this process listens for them, and the proof that it is Telegram.

    All replicas have the same ``url`` and ``secret``.
    """

    url: str
    host: str
    port: int
    secret: str

    @property
    def registered_url(self) -> str:
        """The address as it is registered: a mark of the secret is in it, so that a change of the secret is seen."""
        parts = urlsplit(self.url)
        mark = hashlib.sha256(b"mark of the webhook" + self.secret.encode()).hexdigest()[:12]
        query = f"{parts.query}&v={mark}" if parts.query else f"v={mark}"
        return urlunsplit(parts._replace(path=parts.path or "/", query=query))


def secret_of(token: str) -> str:
    """A secret that all replicas derive alike from the bot's token and that does not tell it."""
    return hmac.new(token.encode(), b"webhook secret", hashlib.sha256).hexdigest()
