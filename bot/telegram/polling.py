"""Long polling: the next updates are asked for, which acknowledges the last ones, once those are stored."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.delivery import seconds_of
from bot.telegram.intake import ALLOWED_UPDATES
from bot.telegram.patience import Patience
from bot.telegram.reception import Reception
from conversations.store.store import Store
from conversations.store.transactions import StoreUnavailable

log = logging.getLogger(__name__)

LONG_POLL = 25
"""Seconds that Telegram waits for something new."""

AT_ONCE = 25
"""How many updates are fetched at a time: with more, whoever is among a flood waits longer until all are stored."""

LOOK_EVERY = 0.5
"""Seconds between two looks whether the process that polls has ended."""

ANOTHER = "another program polls with this token; end that one, or this one"
SET_MEANWHILE = "a webhook has been set for this token; `run --polling` removes it and polls"
"""What a 409 means."""


class Poller:
    """Fetches updates, stores them, and only then asks for the next ones, which acknowledges them."""

    def __init__(self, bot: Bot, store: Store, reception: Reception) -> None:
        self._bot = bot
        self._store = store
        self._reception = reception
        self._offset: int | None = None

    async def run(self) -> None:
        """Polls until cancelled. InvalidToken ends it; everything else is waited out."""
        patience = Patience()
        while True:
            asked = 0.0
            try:
                if not await self._store.leads():
                    await asyncio.sleep(LOOK_EVERY)  # another process polls; this one takes over when it ends
                    continue
                if self._reception.is_full:
                    await asyncio.sleep(LOOK_EVERY)
                    continue
                await self._once()
                patience = Patience()
                continue
            except InvalidToken:
                raise
            except Conflict as error:
                log.error("%s (trying again)", SET_MEANWHILE if "webhook" in error.message.lower() else ANOTHER)
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
        """Fetches once and has it taken in."""
        updates: Sequence[Update]
        try:
            updates = await self._bot.get_updates(
                offset=self._offset, limit=AT_ONCE, timeout=LONG_POLL, allowed_updates=ALLOWED_UPDATES, read_timeout=10
            )
        except TelegramError:
            raise
        except Exception as error:
            log.error("the library cannot read what came in (%s); going on one by one", type(error).__name__)
            updates = await self._one()
        await self._reception.take(updates)
        if updates:
            self._offset = updates[-1].update_id + 1

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
