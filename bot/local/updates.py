"""The queue of updates and the long poll, with the real server's rules."""

from __future__ import annotations

import asyncio
import time

from bot.local import limits
from bot.local.clock import Clock
from bot.local.errors import conflict
from bot.local.faults import UPDATE_KINDS, Faults
from bot.local.models import Json
from bot.local.store import Store, Tx

OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_SET = "terminated by setWebhook request"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
KINDS = frozenset(
    (
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    )
)
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
LIFE = {
    "callback_query": limits.CALLBACK_UPDATE_SECONDS,
    "inline_query": limits.INLINE_SECONDS,
    "chosen_inline_result": limits.CHOSEN_SECONDS,
}
"""Seconds for which updates of a kind are kept; the others are kept for a day."""
FIRST_UPDATE = 700_000_001
REPEAT_SECONDS = 3.0
"""A poll with the same offset within this time waits at least this long, as Telegram makes it."""
HASTY_SECONDS = 0.5
"""A poll with the same offset within this time gets one update only."""


class UpdateQueue:
    """Updates for the bot. `clock` gives Unix time; waiting itself uses the event loop's time."""

    def __init__(self, store: Store, clock: Clock, faults: Faults, *, slow_repeats: bool = True) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._slow_repeats = slow_repeats
        self._wake = asyncio.Event()
        self._poll: object = None
        self._ended_by = OTHER_POLLER
        self._answered: float | None = None
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

    def add(self, tx: Tx, kind: str, payload: Json) -> None:
        """Queue an update of this `kind` (message, callback_query, ...) unless the bot declined that kind."""
        allowed: list[str] = tx.meta("allowed_updates") or []
        if kind not in allowed if allowed else kind in NOT_BY_DEFAULT:
            return
        now, ready, again = self._clock(), 0.0, 0
        for fault in self._faults.strike(UPDATE_KINDS, kind):
            if fault.kind == "delay_update":
                ready = now + fault.seconds
            else:
                again += 1
        number = tx.next_id("update", FIRST_UPDATE)
        expires = now + LIFE.get(kind, limits.UPDATE_SECONDS)
        update = {"update_id": number, kind: payload}
        tx.add_update(update, _lane(kind, payload, number), expires, ready=ready, again=again)

    async def get(self, offset: int, limit: int, seconds: float, allowed: list[str] | None) -> list[Json]:
        """Serve one `getUpdates`: waits up to `seconds`. Raises 409 if a webhook is set or another poll takes over."""
        with self._store.tx() as tx:
            if tx.meta("webhook"):
                raise conflict(WEBHOOK_ACTIVE)
            self._begin(tx, offset, allowed)
        mine = self._poll = object()
        self._ended_by = OTHER_POLLER
        self._wake_all()
        limit, seconds = self._slowed(offset, limit, seconds)
        end = time.monotonic() + seconds
        while True:
            wake, now = self._wake, self._clock()
            with self._store.tx() as tx:
                tx.expire_updates(now)
                updates = tx.updates(limit, now)
                ready = tx.next_ready(now)
            if self._poll is not mine:
                raise conflict(self._ended_by)
            left = end - time.monotonic()
            if updates or left <= 0 or self._closed:
                self._poll, self._answered = None, now
                return updates
            due = asyncio.create_task(self._clock.sleep_until(ready)) if ready is not None else None
            waiting = asyncio.create_task(wake.wait())
            try:
                tasks = {waiting} if due is None else {waiting, due}
                await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
                if due is not None:
                    due.cancel()

    def _slowed(self, offset: int, limit: int, seconds: float) -> tuple[int, float]:
        now = time.monotonic()
        if self._slow_repeats and offset == self._last_offset:
            if seconds < REPEAT_SECONDS and now < self._last_start + REPEAT_SECONDS:
                seconds = REPEAT_SECONDS
            if now < self._last_start + HASTY_SECONDS:
                limit = 1
        self._last_offset, self._last_start = offset, now
        return limit, seconds

    def _begin(self, tx: Tx, offset: int, allowed: list[str] | None) -> None:
        remember_allowed(tx, allowed)
        if offset > 0:
            # What has become ready only since the last answer has not been shown in it.
            tx.forget_updates(offset, self._clock() if self._answered is None else self._answered)
        elif offset < 0:
            tx.keep_updates(-offset)

    def end_poll(self) -> None:
        """End the waiting poll with 409, because a webhook takes over."""
        self._poll, self._ended_by = None, WEBHOOK_SET
        self._wake_all()

    def close(self) -> None:
        """End the waiting poll with what there is."""
        self._closed = True
        self._wake_all()


def remember_allowed(tx: Tx, allowed: list[str] | None) -> None:
    """Remember which kinds of update the bot wants; None leaves that as it is, and no known kind is the default."""
    if allowed is not None:
        tx.set_meta("allowed_updates", [kind for kind in dict.fromkeys(allowed) if kind in KINDS])


def _lane(kind: str, payload: Json, update_id: int) -> str:
    """What keeps its order at a webhook: the messages of a chat, the taps or the queries of a person."""
    if kind == "callback_query":
        return f"tap:{payload['from']['id']}"
    if "chat" in payload:
        return f"chat:{payload['chat']['id']}"
    if "from" in payload:
        return f"{kind}:{payload['from']['id']}"
    return f"single:{update_id}"
