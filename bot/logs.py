"""Logging that can never show a token: whatever is written passes one filter at the very end."""

import logging
import re
import sys
import threading
import traceback
from types import TracebackType

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

TOKEN = re.compile(r"\d{3,}(:|%3A)[A-Za-z0-9_-]{8,}", re.IGNORECASE)


class Redacting(logging.Formatter):
    """Formats a record and then takes out everything that looks like a bot token, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        if record.name == "asyncio" and record.exc_info:
            record.message = record.message.partition("\n")[0]  # the rest quotes the error
        return super().formatMessage(record)

    def formatException(self, ei: ExceptionInfo) -> str:
        return without_words(ei[1])


def without_words(error: BaseException | None) -> str:
    """Where an error arose and of what kind it is, without its words: they may quote what a person wrote."""
    lines: list[str] = []
    while error is not None:
        lines[:0] = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__}\n"]
        error = error.__cause__ or error.__context__
    return "".join(lines).rstrip()


def redact(text: str) -> str:
    """The text without bot tokens."""
    return TOKEN.sub("[token]", text)


def configure(level: str) -> None:
    """Sends all logging to standard error, redacted; libraries only speak when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda caught: _uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)
    sys.unraisablehook = lambda caught: _uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)  # writes out messages; its errors reach us anyway
    for noisy in ("httpx", "httpcore", "alembic", "uvicorn", "asyncio", "aiosqlite", "py3langid"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _uncaught(kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit):
        print(redact(without_words(error) or kind.__name__), file=sys.stderr)
