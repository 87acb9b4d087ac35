"""A pytest fixture for tests of any bot: `bot_api`, a local Bot API server of its own for each test.

Put `pytest_plugins = ["bot.local.pytest_plugin"]` into the top conftest.py. The server runs in a thread, so tests
may block or use asyncio as they like. This is the only module that needs pytest; the bot never imports it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from bot.local.client import Control, Page
from bot.local.server import LocalServer

TOKEN = "123456789:token-of-the-tests"
START_SECONDS = 10.0


class RunningBotApi:
    """A running server: `url` is its root, `base_url` what a bot library takes ("http://.../bot"), and `token`."""

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.url = ""
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="bot-api", daemon=True)

    @property
    def base_url(self) -> str:
        """The address before the token."""
        return f"{self.url}/bot"

    @property
    def file_url(self) -> str:
        """The address of files before the token."""
        return f"{self.url}/file/bot"

    def page(self) -> Page:
        """The people's side, to be used with `async with`."""
        return Page(self.url)

    def control(self) -> Control:
        """The clock, faults, rates and calls, to be used with `async with`."""
        return Control(self.url)

    def start(self) -> None:
        """Listen. Raises RuntimeError if that takes too long."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError("the local Bot API server did not start")

    def stop(self) -> None:
        """Stop listening; everything is forgotten."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with LocalServer(token=self.token, slow_repeats=False) as server:
            self.url = server.api_url
            self._ready.set()
            await self._stop.wait()


@pytest.fixture
def bot_api() -> Iterator[RunningBotApi]:
    """A local Bot API server for this test alone."""
    running = RunningBotApi()
    running.start()
    yield running
    running.stop()
