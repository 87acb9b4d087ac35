"""Logging that can never show a token: whatever is written passes one filter at the very end."""

import logging
import re
import sys

TOKEN = re.compile(r"\d{3,}(:|%3A)[A-Za-z0-9_-]{8,}", re.IGNORECASE)


class Redacting(logging.Formatter):
    """Formats a record and then takes out everything that looks like a bot token, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def redact(text: str) -> str:
    """The text without bot tokens."""
    return TOKEN.sub("[token]", text)


def configure(level: str) -> None:
    """Sends all logging to standard error, redacted; libraries only speak when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    logging.getLogger("telegram.Bot").setLevel(logging.CRITICAL + 1)  # it would write out updates it cannot read
    for noisy in ("httpx", "httpcore", "telegram", "alembic", "uvicorn", "asyncio", "aiosqlite", "py3langid"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
