"""Runs the local server on a loopback port, inside the running event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from bot.local.api import serve_webhook_answers
from bot.local.app import create_app
from bot.local.bots import Bots
from bot.local.errors import PortInUse
from bot.local.methods.polls import watch
from bot.local.rates import Brake
from bot.local.state import State
from bot.local.wire import DroppableProtocol

HOST = "127.0.0.1"
STOP_SECONDS = 5
KEPT_OPEN = 75
"""Seconds for which a silent connection is kept: longer than clients do, which would else send into its end."""


class LocalServer:
    """A Bot API server with a chat page on 127.0.0.1.

    `path` is the SQLite file that keeps everything (None: in memory, gone at the end); `port` 0 takes a
    free port; `clock` gives Unix time in seconds. It serves one bot, that of `token`; with `any_token` each
    well-formed token is a bot, and the first one that is used becomes the page's. `flood` limits how fast a bot
    may send. Use `await start()` and `await stop()`, or `async with`.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        port: int = 0,
        token: str | None = None,
        username: str = "local_bot",
        first_name: str = "Local bot",
        clock: Callable[[], float] = time.time,
        flood: Brake | None = None,
        slow_repeats: bool = True,
        any_token: bool = False,
    ) -> None:
        self._path = path
        self._wanted_port = port
        self._token = token
        self._names = (username, first_name)
        self._clock = clock
        self._flood = flood
        self._slow_repeats = slow_repeats
        self._any_token = any_token
        self._bots: Bots | None = None
        self._server: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None
        self._port = 0

    async def start(self) -> None:
        """Open the state and listen. Raises `PortInUse` if the port is taken."""
        listener = _listen(self._wanted_port)
        self._port = listener.getsockname()[1]
        try:
            first = await self._open(self._path, self._token, self._names[0])
        except BaseException:
            listener.close()
            raise
        self._bots = Bots(first, self._open_more if self._any_token else None)
        config = uvicorn.Config(
            create_app(self._bots),
            http=DroppableProtocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            timeout_keep_alive=KEPT_OPEN,
        )
        self._server = _Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="local-bot-api")
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._task

    async def stop(self) -> None:
        """End open polls and pages, stop listening and close the state. Safe to call twice."""
        if self._bots is None or self._server is None or self._task is None:
            return
        self._bots.close_polls()
        self._server.should_exit = True
        await self._task
        await self._bots.close()
        self._bots = self._server = self._task = None

    async def _open(self, path: Path | None, token: str | None, username: str) -> State:
        state = await State.open(
            path,
            token=token,
            username=username,
            first_name=self._names[1],
            clock=self._clock,
            flood=self._flood,
            slow_repeats=self._slow_repeats,
        )
        serve_webhook_answers(state)
        watch(state)
        return state

    async def _open_more(self, token: str) -> State:
        number = token.partition(":")[0]
        path = self._path and self._path.with_name(f"{self._path.stem}-{number}{self._path.suffix}")
        return await self._open(path, token, f"local_{number}_bot")

    async def __aenter__(self) -> LocalServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def state(self) -> State:
        """The first bot's state while the server runs."""
        if self._bots is None:
            raise RuntimeError("the local server is not running")
        return self._bots.first

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    @property
    def api_url(self) -> str:
        """Where the Bot API is, without a slash at the end; the bot's base_url is this and "/bot"."""
        return f"http://{HOST}:{self._port}"

    @property
    def page_url(self) -> str:
        """The address of the chat page."""
        return f"{self.api_url}/"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.state.bot.token


class _Uvicorn(uvicorn.Server):
    """Uvicorn that leaves signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(port: int) -> socket.socket:
    # Named TCP, so that asyncio turns Nagle's delay (40 ms a call) off.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(port) from error
        raise
    listener.setblocking(False)
    return listener
