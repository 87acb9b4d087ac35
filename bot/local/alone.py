"""The server on its own, for any bot in any language: what `python -m bot local` runs."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from bot.local.bots import TOKEN
from bot.local.errors import PortInUse
from bot.local.rates import Rates
from bot.local.server import LocalServer

DEFAULT_PORT = 8081
EXAMPLE_TOKEN = "123456789:any-letters-and-digits"


class AloneError(Exception):
    """The server cannot start; the message says why in one line."""


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for. `keep` is the file for everything (None: in memory)."""

    port: int = DEFAULT_PORT
    token: str | None = None
    keep: Path | None = None
    username: str = "local_bot"
    name: str = "Local bot"
    rates: bool = False


async def serve_alone(wishes: Wishes) -> None:
    """Serve until stopped, and say where. Raises `AloneError`."""
    if wishes.token is not None and not TOKEN.fullmatch(wishes.token):
        raise AloneError(f"--token is a number, a colon and letters, such as {EXAMPLE_TOKEN}")
    server = LocalServer(
        wishes.keep,
        port=wishes.port,
        token=wishes.token,
        username=wishes.username,
        first_name=wishes.name,
        flood=Rates() if wishes.rates else None,
        any_token=wishes.token is None,
    )
    try:
        await server.start()
    except PortInUse:
        raise AloneError(f"port {wishes.port} is in use; choose another with --port (0 takes a free one)") from None
    except OSError as error:
        raise AloneError(f"port {wishes.port} cannot be opened: {error.strerror}") from None
    except sqlite3.Error as error:
        raise AloneError(f"{wishes.keep} cannot be opened: {error}") from None
    try:
        print(f"The Bot API is at {server.api_url}/bot<token>/<method>, the chat page at {server.page_url}")
        known = "for the token given" if wishes.token is not None else f"for any token such as {EXAMPLE_TOKEN}"
        print(f"It answers {known}; it is for this machine only. Ctrl+C stops it.", flush=True)
        stop = asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        await stop.wait()
    finally:
        await server.stop()
