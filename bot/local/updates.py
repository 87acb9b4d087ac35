"""The queue of updates and the long poll, with the real server's rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from bot.local import limits
from bot.local.errors import conflict
from bot.local.models import Json
from bot.local.store import Store, Tx

OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
FIRST_UPDATE = 700_000_001
REPEAT_SECONDS = 3.0
"""A poll with the same offset within this time waits at least this long, as Telegram makes it."""
HASTY_SECONDS = 0.5
"""A poll with the same offset within this time gets one update only."""


class UpdateQueue:
    """Updates for the bot. `clock` gives Unix time; waiting itself uses the event loop's time."""

    def __init__(self, store: Store, clock: Callable[[], float], *, slow_repeats: bool = True) -> None:
        self._store = store
        self._clock = clock
        self._slow_repeats = slow_repeats
        self._wake = asyncio.Event()
        self._poll: object = None
        self._last_offset: int | None = None
        self._last_start = -REPEAT_SECONDS
        self._closed = False
        store.on_commit.append(self._committed)

    def _committed(self, tx: Tx) -> None:
        if tx.woke:
            self._wake_all()

    def _wake_all(self) -> None:
        self._wake.set()
        self._wake = asyncio.Event()

    async def add(self, tx: Tx, kind: str, payload: Json, seconds: float = limits.UPDATE_SECONDS) -> None:
        """Queue an update of this `kind` (message, callback_query, ...) unless the bot declined that kind."""
        allowed: list[str] = await tx.meta("allowed_updates") or []
        if kind not in allowed if allowed else kind in NOT_BY_DEFAULT:
            return
        update_id = await tx.next_id("update", FIRST_UPDATE)
        await tx.add_update({"update_id": update_id, kind: payload}, self._clock() + seconds)

    async def get(self, offset: int, limit: int, seconds: float, allowed: list[str] | None) -> list[Json]:
        """Serve one `getUpdates`: waits up to `seconds`. Raises 409 if another poll takes over."""
        mine = self._poll = object()
        self._wake_all()
        limit, seconds = self._slowed(offset, limit, seconds)
        end = time.monotonic() + seconds
        first = True
        while True:
            wake = self._wake
            async with self._store.tx() as tx:
                if first:
                    await self._begin(tx, offset, allowed)
                    first = False
                await tx.expire_updates(self._clock())
                updates = await tx.updates(limit)
            if self._poll is not mine:
                raise conflict(OTHER_POLLER)
            left = end - time.monotonic()
            if updates or left <= 0 or self._closed:
                self._poll = None
                return updates
            try:
                await asyncio.wait_for(wake.wait(), left)
            except TimeoutError:
                continue

    def _slowed(self, offset: int, limit: int, seconds: float) -> tuple[int, float]:
        now = time.monotonic()
        if self._slow_repeats and offset == self._last_offset:
            if seconds < REPEAT_SECONDS and now < self._last_start + REPEAT_SECONDS:
                seconds = REPEAT_SECONDS
            if now < self._last_start + HASTY_SECONDS:
                limit = 1
        self._last_offset, self._last_start = offset, now
        return limit, seconds

    async def _begin(self, tx: Tx, offset: int, allowed: list[str] | None) -> None:
        if allowed is not None:
            await tx.set_meta("allowed_updates", allowed)
        if offset > 0:
            await tx.forget_updates(offset)
        elif offset < 0:
            await tx.keep_updates(-offset)

    def close(self) -> None:
        """End the waiting poll with what there is."""
        self._closed = True
        self._wake_all()
