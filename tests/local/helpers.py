"""What the tests of the local server share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
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
