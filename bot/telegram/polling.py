"""Long polling: updates are stored before they are acknowledged to Telegram."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.intake import ALLOWED_UPDATES, received
from bot.telegram.lanes import Lanes
from conversations.store.store import Store

log = logging.getLogger(__name__)

LONG_POLL = 25
"""Seconds that Telegram waits for something new."""

LONGEST_PAUSE = 60.0


class Poller:
    """Fetches updates, stores them, and only then asks for the next ones, which acknowledges them."""

    def __init__(self, bot: Bot, store: Store, lanes: Lanes, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._store = store
        self._lanes = lanes
        self._clock = clock
        self._offset: int | None = None
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Polls until cancelled. InvalidToken ends it; everything else is waited out."""
        pause = 1.0
        while True:
            try:
                await self._once()
                pause = 1.0
                continue
            except InvalidToken:
                raise
            except Conflict:
                log.error(
                    "another program polls with this token; stop it, or this one (trying again in %.0f s)",
                    pause,
                )
            except RetryAfter:
                log.warning("Telegram asks to slow down")
            except NetworkError as error:
                log.warning("Telegram cannot be reached (%s); trying again in %.0f s", type(error).__name__, pause)
            except TelegramError as error:
                log.error("Telegram refused to hand out updates: %s", error.message)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _once(self) -> None:
        """Fetches once, stores what came and wakes the chats."""
        query = {"offset": self._offset, "timeout": LONG_POLL, "allowed_updates": list(ALLOWED_UPDATES)}
        arguments = {name: value for name, value in query.items() if value is not None}
        raw: list[dict[str, Any]] = await self._bot.do_api_request(
            "getUpdates", api_kwargs=arguments, read_timeout=LONG_POLL + 10
        )
        events = []
        for update in raw:
            try:
                event = received(update, self._bot)
            except (KeyError, TypeError, ValueError):
                log.exception("update %s cannot be read and is passed over", update.get("update_id"))
                continue
            if event is not None:
                events.append(event)
        chats = await self._store.receive(events, self._clock())
        if raw:
            self._offset = max(int(update["update_id"]) for update in raw) + 1
        self._answer_taps(raw)
        self._lanes.wake(chats)

    def _answer_taps(self, raw: list[dict[str, Any]]) -> None:
        """Ends the waiting circle on tapped buttons at once, before their turn comes."""
        for update in raw:
            if query := update.get("callback_query"):
                task = asyncio.create_task(_quietly(self._bot.answer_callback_query(query["id"])))
                self._acknowledging.add(task)
                task.add_done_callback(self._acknowledging.discard)


async def _quietly(call: Coroutine[Any, Any, bool]) -> None:
    try:
        await call
    except TelegramError as error:
        log.debug("a tap could not be acknowledged: %s", error.message)
