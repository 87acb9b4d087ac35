"""Webhook: Telegram brings the updates, and gets its 200 only once they are stored."""

import asyncio
import hmac
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from telegram import Bot, Update
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.telegram.delivery import seconds_of
from bot.telegram.hook import Hook
from bot.telegram.intake import ALLOWED_UPDATES
from bot.telegram.patience import Patience
from bot.telegram.reception import Reception
from conversations.store.store import Store
from conversations.store.transactions import StoreUnavailable

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

CONNECTIONS = 100
"""How many updates Telegram may bring at a time, each of another chat; what comes together is committed together."""

BODY = 1 << 20
"""Bytes of an update at most; real ones have some kilobytes."""

LOOK_EVERY = 60.0
"""Seconds between two looks whether the webhook is still this one."""

READY_WITHIN = 2.0
"""Seconds in which the database has to answer for the bot to count as ready."""

KEPT_OPEN = 75
"""Seconds for which a silent connection is kept: longer than load balancers do, which would else send into its end."""

TRY_AGAIN = {"retry-after": "1"}


class WebhookRefused(Exception):
    """Telegram does not accept the webhook; the message says why."""


class Webhook:
    """Listens, registers the webhook where it is not yet, and leaves it registered at the end."""

    def __init__(self, bot: Bot, store: Store, reception: Reception, hook: Hook) -> None:
        self._bot = bot
        self._store = store
        self._reception = reception
        self._hook = hook
        self._secret = hook.secret.encode()
        self._registered = False

    async def run(self) -> None:
        """Serves until cancelled. OSError where it cannot listen; WebhookRefused and InvalidToken end it too."""
        server = _Uvicorn(self._app())
        listener = _listen(self._hook.host, self._hook.port)
        log.info("listening on %s:%d", self._hook.host, self._hook.port)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="listening")
        watching = asyncio.create_task(self._watch(), name="webhook")
        try:
            await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.should_exit = True
            watching.cancel()
            await asyncio.gather(serving, watching, return_exceptions=True)
        for task in (serving, watching):
            if not task.cancelled():
                task.result()

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(urlsplit(self._hook.url).path or "/", self._update, methods=["POST"]),
                Route("/healthz", self._health),
                Route("/readyz", self._ready),
            ]
        )

    async def _update(self, request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self._secret):
            return PlainTextResponse("the secret is wrong\n", 403)
        if self._reception.is_full:
            return PlainTextResponse("too much waits already\n", 503, TRY_AGAIN)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return PlainTextResponse("too large\n", 413)
        try:
            raw = json.loads(body)
            number = int(raw["update_id"])
        except (ValueError, TypeError, KeyError):
            return PlainTextResponse("not an update\n", 400)
        try:
            update = Update.de_json(raw, self._bot)
        except Exception as error:  # its words must not get into the log
            log.error("update %d cannot be read (%s) and is passed over", number, type(error).__name__)
            return Response()
        try:
            await self._reception.take([update])
        except StoreUnavailable:  # the store has said so; Telegram brings it again
            return PlainTextResponse("it could not be stored\n", 503, TRY_AGAIN)
        except Exception:
            log.exception("update %d could not be taken in; Telegram brings it again", number)
            return PlainTextResponse("it could not be stored\n", 500, TRY_AGAIN)
        return Response()

    async def _health(self, _: Request) -> Response:
        return PlainTextResponse("up\n")

    async def _ready(self, _: Request) -> Response:
        if not self._registered:
            return PlainTextResponse("the webhook is not registered\n", 503)
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._store.reach()
        except (StoreUnavailable, TimeoutError):
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ready\n")

    async def _watch(self) -> None:
        """Registers the webhook, and looks from time to time whether it still is."""
        patience, begun = Patience(), False
        while True:
            asked = 0.0
            try:
                if begun:
                    await self._look()
                else:
                    await self._register()
                    begun = self._registered = True
                patience = Patience()
                await asyncio.sleep(LOOK_EVERY)
                continue
            except InvalidToken:
                raise
            except BadRequest as error:
                raise WebhookRefused(error.message) from None
            except RetryAfter as error:
                asked = seconds_of(error)
            except TelegramError as error:
                log.warning("the webhook cannot be registered or looked at (%s); trying again", error.message)
            await patience.wait(asked)

    async def _register(self) -> None:
        info = await self._bot.get_webhook_info()
        wanted = (self._hook.registered_url, CONNECTIONS, set(ALLOWED_UPDATES))
        if (info.url, info.max_connections, set(info.allowed_updates or ())) == wanted:
            return
        await self._bot.set_webhook(
            self._hook.registered_url,
            max_connections=CONNECTIONS,
            allowed_updates=ALLOWED_UPDATES,
            secret_token=self._hook.secret,
            drop_pending_updates=False,
        )
        log.info("the webhook is registered")

    async def _look(self) -> None:
        """Tells where somebody else has changed the webhook. It stays so: it may be the next version of this bot."""
        is_ours = (await self._bot.get_webhook_info()).url == self._hook.registered_url
        if self._registered and not is_ours:
            log.error("the webhook has been removed or is another one now; start again to have it back")
        self._registered = is_ours


async def _body(request: Request) -> bytes | None:
    """What was sent, or None where it is too large, of which no more is read."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY:
            return None
    return body


class _Uvicorn(uvicorn.Server):
    """Uvicorn that leaves signals to us. Requests under way are finished at the end."""

    def __init__(self, app: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                app, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False,
                timeout_graceful_shutdown=2, timeout_keep_alive=KEPT_OPEN,
            )
        )  # fmt: skip

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    """Listens. Replicas on one machine may share the port: the kernel spreads the connections over them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio turns Nagle's delay off.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
