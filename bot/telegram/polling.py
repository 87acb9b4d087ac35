"""Long polling: updates are stored before they are acknowledged to Telegram."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.delivery import seconds_of
from bot.telegram.intake import ALLOWED_UPDATES, received
from bot.telegram.lanes import Lanes
from bot.telegram.patience import Patience
from conversations.store.store import Received, Store
from conversations.store.transactions import StoreUnavailable

log = logging.getLogger(__name__)

LONG_POLL = 25
"""Seconds that Telegram waits for something new."""

LOOK_EVERY = 0.5
"""Seconds between two looks whether the process that polls has ended."""


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
        patience = Patience()
        while True:
            asked = 0.0
            try:
                if not await self._store.leads():
                    await asyncio.sleep(LOOK_EVERY)  # another process polls; this one takes over when it ends
                    continue
                await self._once()
                patience = Patience()
                continue
            except InvalidToken:
                raise
            except Conflict:
                log.error("another program polls with this token; stop it, or this one (trying again)")
            except RetryAfter as error:
                log.warning("Telegram asks to slow down")
                asked = seconds_of(error)
            except NetworkError as error:
                log.warning("Telegram cannot be reached (%s); trying again", type(error).__name__)
            except TelegramError as error:
                log.error("Telegram refused to hand out updates: %s", error.message)
            except StoreUnavailable:
                pass  # the store has said so; nothing was acknowledged
            except Exception:
                log.exception("updates could not be taken in; trying again")
            await patience.wait(asked)

    async def _once(self) -> None:
        """Fetches once, stores what came and wakes the chats."""
        updates: Sequence[Update]
        try:
            updates = await self._bot.get_updates(
                offset=self._offset, timeout=LONG_POLL, allowed_updates=ALLOWED_UPDATES, read_timeout=10
            )
        except TelegramError:
            raise
        except Exception as error:
            log.error("the library cannot read what came in (%s); going on one by one", type(error).__name__)
            updates = await self._one()
        events = [event for update in updates if (event := self._event(update)) is not None]
        chats = await self._store.receive(events, self._clock())
        if updates:
            self._offset = updates[-1].update_id + 1
        self._answer_taps(updates)
        self._lanes.wake(chats)

    async def _one(self) -> Sequence[Update]:
        """The next update alone, or none where it is one that cannot be read: it is passed over."""
        wanted = {"offset": self._offset, "limit": 1, "allowed_updates": ALLOWED_UPDATES}
        raw: Any = await self._bot.do_api_request("getUpdates", api_kwargs=wanted)
        try:
            return [Update.de_json(one, self._bot) for one in raw]
        except Exception as error:
            self._offset = int(raw[0]["update_id"]) + 1
            log.error("update %d cannot be read (%s) and is passed over", self._offset - 1, type(error).__name__)
            return []

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
                task = asyncio.create_task(_quietly(self._bot.answer_callback_query(update.callback_query.id)))
                self._acknowledging.add(task)
                task.add_done_callback(self._acknowledging.discard)


async def _quietly(call: Coroutine[Any, Any, bool]) -> None:
    try:
        await call
    except TelegramError as error:
        log.debug("a tap could not be acknowledged: %s", error.message)
