"""Takes updates in, whichever way they come: stored first, and only then acknowledged to Telegram."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from telegram import Bot, Update
from telegram.error import TelegramError

from bot.telegram.calls import Calls
from bot.telegram.intake import received
from bot.telegram.lanes import Lanes
from conversations.store.store import Store
from conversations.store.work import Received

log = logging.getLogger(__name__)


class Reception:
    """Stores updates and wakes their chats."""

    def __init__(self, bot: Bot, store: Store, lanes: Lanes, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._store = store
        self._lanes = lanes
        self._clock = clock
        self._acknowledging = Calls()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that more is better left with Telegram."""
        return self._lanes.is_full

    async def take(self, updates: Sequence[Update]) -> None:
        """Stores updates; they may be acknowledged once this returns. StoreUnavailable where they are not stored."""
        self._answer_taps(updates)
        events = [event for update in updates if (event := self._event(update)) is not None]
        self._lanes.wake(await self._store.receive(events, self._clock()))

    async def finish(self, seconds: float) -> None:
        """Waits for the acknowledgements under way, at most so long; nobody misses those that are left."""
        await self._acknowledging.finish(seconds)

    def _event(self, update: Update) -> Received | None:
        try:
            return received(update, self._bot)
        except Exception as error:  # its words must not get into the log
            log.error("update %d is passed over: %s", update.update_id, type(error).__name__)
            return None

    def _answer_taps(self, updates: Sequence[Update]) -> None:
        """Ends the waiting circle on tapped buttons at once, before their turn comes."""
        for update in updates:
            if update.callback_query is not None:
                self._acknowledging.begin(_quietly(self._bot.answer_callback_query(update.callback_query.id)))


async def _quietly(call: Coroutine[Any, Any, bool]) -> None:
    try:
        await call
    except TelegramError as error:
        log.debug("a tap could not be acknowledged: %s", error.message)
