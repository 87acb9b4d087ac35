"""Runs the bot: on Telegram with a token, or with the local chat without one."""

import asyncio
import logging
import signal
import sqlite3
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError

from bot.advisor import make_advisor
from bot.keys import keyring_of
from bot.settings import DATABASE, LOCAL_DATABASE, TELEGRAM, Settings
from bot.telegram.client import make_bot
from bot.telegram.hook import Hook
from bot.telegram.lanes import Lanes
from bot.telegram.polling import Poller
from bot.telegram.profile import publish
from bot.telegram.rates import Rates
from bot.telegram.reception import Reception
from bot.telegram.webhook import Webhook, WebhookRefused
from conversations.advisor import Advisor
from conversations.store.store import Store
from conversations.store.transactions import StoreUnavailable
from knowledge.content import Knowledge

log = logging.getLogger(__name__)

LOCAL_RATES = {"total": 1000.0, "chat": 1000.0}
"""The local server has no limits unless it is told to, and then says so."""

TIDY_EVERY = 3600.0

REVOKED = "Telegram no longer knows this token"

CLOSING = 2.0
"""Seconds in which the database has to let go of us at the end; nothing that is stored depends on it."""


class StartError(Exception):
    """The bot cannot start; the message says why in one line."""


async def run_telegram(settings: Settings, *, take_over: bool = False, webhook: bool = False) -> None:
    """Serves Telegram until stopped: by webhook, or by long polling, where ``take_over`` removes a webhook."""
    assert settings.token is not None
    token = settings.token.get_secret_value()
    hook = settings.hook() if webhook else None
    async with _store(settings, DATABASE) as store:
        bot = make_bot(settings.api_url, token)
        try:
            await _connect(bot, settings.api_url, polls=hook is None, take_over=take_over)
            advisor, knowledge = make_advisor(settings)
            log.info("serving @%s on Telegram", bot.username)
            rates = Rates(settings.rate, settings.chat_rate)
            await serve(
                bot, advisor, knowledge, store, _stop_signal(), rates=rates, hook=hook, drain=settings.drain,
                begun=lambda: log.info("answering"),
            )  # fmt: skip
        finally:
            await bot.shutdown()


async def run_local(settings: Settings) -> None:
    """Runs the local chat until stopped: our own Bot API server, and the very same bot against it."""
    from bot.local import LocalServer, PortInUse

    advisor, knowledge = make_advisor(settings)
    _make_folder(settings)
    chat = settings.data / "local-chat.sqlite3"
    _probe(chat)
    server = LocalServer(
        chat,
        port=settings.local_port,
        username="cap_cto_bot",
        first_name=next(iter(knowledge.languages.values())).career.bot_name,
    )
    try:
        await server.start()
    except PortInUse:
        raise StartError(
            f"port {settings.local_port} is in use; set CAP_CTO_LOCAL_PORT to another one (0 takes a free one)"
        ) from None
    except OSError as error:
        raise StartError(f"port {settings.local_port} cannot be opened: {error.strerror}") from None
    try:
        async with _store(settings, LOCAL_DATABASE) as store, make_bot(server.api_url, server.token) as bot:
            print(f"The chat is open at {server.page_url} (Ctrl+C stops it).", flush=True)
            if settings.open_browser:
                webbrowser.open(server.page_url)
            rates = Rates(**LOCAL_RATES)
            await serve(bot, advisor, knowledge, store, _stop_signal(), rates=rates, drain=settings.drain)
    finally:
        await server.stop()


async def serve(
    bot: Bot,
    advisor: Advisor,
    knowledge: Knowledge,
    store: Store,
    stop: asyncio.Event,
    *,
    rates: Rates,
    drain: float,
    hook: Hook | None = None,
    begun: Callable[[], None] | None = None,
) -> None:
    """Answers updates until ``stop`` is set, then finishes what is under way, for ``drain`` seconds at most.

    They come by the webhook where there is one, else by polling. ``begun`` is called when the first may be answered.
    """
    lanes = Lanes(advisor, store, bot, _now, rates)
    reception = Reception(bot, store, lanes, _now)
    source = Webhook(bot, store, reception, hook) if hook else Poller(bot, store, reception)
    taking_in = asyncio.create_task(source.run(), name="taking in")
    beside = [
        asyncio.create_task(_publish(bot, knowledge), name="profile"),
        asyncio.create_task(_tidy(store, advisor), name="tidying"),
        asyncio.create_task(lanes.watch(), name="watching"),
        asyncio.create_task(_open(lanes, advisor, begun), name="opening"),
    ]
    stopping = [asyncio.create_task(event.wait()) for event in (stop, lanes.revoked)]
    try:
        await asyncio.wait([taking_in, *stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (taking_in, *stopping, *beside):
            task.cancel()
        await asyncio.gather(taking_in, *beside, return_exceptions=True)
        ends = asyncio.get_running_loop().time() + drain
        await lanes.drain(drain)
        await reception.finish(max(0.0, ends - asyncio.get_running_loop().time()))
    if lanes.revoked.is_set():
        raise StartError(REVOKED)
    if taking_in.cancelled():
        return
    match taking_in.exception():
        case InvalidToken():
            raise StartError(REVOKED)
        case WebhookRefused() as refused:
            raise StartError(f"CAP_CTO_WEBHOOK_URL: Telegram refused it: {refused}")
        case OSError() as error if hook:
            raise StartError(f"CAP_CTO_WEBHOOK_LISTEN: {hook.host}:{hook.port} cannot be opened: {error.strerror}")
    await taking_in


@asynccontextmanager
async def _store(settings: Settings, name: str) -> AsyncIterator[Store]:
    if not settings.database_url:
        _make_folder(settings)
    address = settings.database(name)
    store = Store(address, keyring_of(settings, address))
    await store.open()
    try:
        yield store
    finally:
        try:
            async with asyncio.timeout(CLOSING):
                await store.close()
        except TimeoutError:
            log.warning("the database does not answer; it is left as it is")


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"the data folder {settings.data} cannot be made: {error.strerror}") from None


def _probe(file: Path) -> None:
    """StartError where a file cannot be used as an SQLite database."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise StartError(f"{file} cannot be opened: {error}; remove it to begin with an empty chat") from None


async def _connect(bot: Bot, api_url: str, *, polls: bool, take_over: bool) -> None:
    """Asks Telegram who the bot is and, before polling, removes a webhook where ``take_over`` says so.

    StartError where token, address or webhook are wrong. What waits at Telegram is kept.
    """
    host = urlsplit(api_url).netloc.rpartition("@")[2]
    try:
        await bot.initialize()
        webhook = (await bot.get_webhook_info()).url if polls else ""
        if webhook and take_over:
            await bot.delete_webhook(drop_pending_updates=False)
    except InvalidToken:
        address = "" if api_url == TELEGRAM else ", and check TELEGRAM_API_URL"
        raise StartError(
            f"TELEGRAM_BOT_TOKEN: {host} does not know this token; take it from @BotFather{address}"
        ) from None
    except TelegramError as error:
        if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
            raise StartError(f"TELEGRAM_API_URL: {host} does not answer; check the address and the network") from None
        raise StartError(f"TELEGRAM_API_URL: {host} refused: {error.message}") from None
    if webhook and not take_over:
        raise StartError(
            "a webhook is set, so polling would fail; `run --webhook` serves it, `run --polling` removes it and polls"
        )


def _stop_signal() -> asyncio.Event:
    """Set on SIGINT and SIGTERM."""
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    return stop


async def _open(lanes: Lanes, advisor: Advisor, begun: Callable[[], None] | None) -> None:
    """Lets chats be worked once the adviser has all that it needs; what comes sooner is taken in and waits."""
    try:
        await asyncio.to_thread(advisor.prepare)
    except Exception:  # it can do without
        log.exception("the adviser could not be prepared")
    lanes.open()
    if begun is not None:
        begun()


async def _publish(bot: Bot, knowledge: Knowledge) -> None:
    try:
        await publish(bot, knowledge)
    except TelegramError as error:
        log.warning("menu and descriptions could not be set: %s", error.message)


async def _tidy(store: Store, advisor: Advisor) -> None:
    while True:
        try:
            await store.expire(partial(advisor.expire, now=_now()))
            await store.tidy(_now())
        except StoreUnavailable:
            pass  # the store has said so
        except Exception:
            log.exception("what is over could not be deleted; it is tried again")
        await asyncio.sleep(TIDY_EVERY)


def _now() -> datetime:
    return datetime.now(UTC)
