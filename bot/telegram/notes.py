"""Notes of what was sent: each is kept until it is committed, and while that is late or fails, nothing more is sent."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from bot.telegram.gate import AT_A_TIME
from conversations.store.store import Store
from conversations.store.transactions import StoreUnavailable
from conversations.store.work import Outgoing

WITHIN = 0.25
"""Seconds after which a note is waited for before more is sent: a kill would have all of it sent twice."""


@dataclass
class Delivered:
    """A reply that was sent, and as which message, or refused, and why, and is not yet noted.

    ``due`` is when that should be done (time of the event loop), ``over`` is set once it is or cannot be done;
    ``is_database`` tells that the latter is the database's trouble and not the reply's own.
    """

    outgoing: Outgoing
    result: int | str
    due: float
    over: asyncio.Event = field(default_factory=asyncio.Event)
    is_database: bool = False


class Notes:
    """What was sent or refused and is not yet noted, at most one reply of each chat."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._delivered: dict[int, Delivered] = {}

    async def note(self, outgoing: Outgoing, result: int | str) -> None:
        """Notes which message a reply is, or why it was refused. StoreUnavailable where the database fails."""
        due = asyncio.get_running_loop().time() + WITHIN
        delivered = self._delivered.setdefault(outgoing.chat_id, Delivered(outgoing, result, due))
        try:
            if isinstance(result, int):
                await self._store.sent(outgoing, result, self._clock())
            else:
                await self._store.refused(outgoing, result)
            del self._delivered[outgoing.chat_id]
        except StoreUnavailable:
            delivered.is_database = True
            raise
        finally:
            delivered.over.set()

    async def ready(self) -> None:
        """Waits until no note is late. StoreUnavailable where what was sent cannot be noted."""
        while (late := self._late()) is not None:
            await late.over.wait()
        unnoted = self._delivered.values()
        if len(unnoted) >= AT_A_TIME or any(one.is_database for one in unnoted):
            raise StoreUnavailable("what was sent last cannot be noted, so nothing more is sent")

    def unnoted(self, outgoing: Outgoing) -> int | str | None:
        """What became of a reply that was delivered already and only has to be noted."""
        last = self._delivered.get(outgoing.chat_id)
        return last.result if last is not None and last.outgoing == outgoing else None

    def settle(self, chat_id: int, waiting: Collection[Outgoing] = ()) -> None:
        """Forgets a chat's reply unless it waits: its note was committed, though that could not be told."""
        last = self._delivered.get(chat_id)
        if last is not None and last.outgoing not in waiting:
            del self._delivered[chat_id]

    def _late(self) -> Delivered | None:
        now = asyncio.get_running_loop().time()
        return next((one for one in self._delivered.values() if one.due < now and not one.over.is_set()), None)
