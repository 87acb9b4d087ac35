"""Everything one local server knows, handed to its parts; there is no global state."""

from __future__ import annotations

import math
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.local.errors import too_many_requests
from bot.local.hub import Hub
from bot.local.models import BotIdentity
from bot.local.store import Store, Tx
from bot.local.updates import UpdateQueue

BOT_ID = 4_242_424_242


@dataclass
class Flood:
    """At most `messages` in `seconds` to one chat; more is refused with 429."""

    messages: int
    seconds: float
    _sent: dict[int, deque[float]] = field(default_factory=dict)

    def check(self, chat_id: int, now: float) -> None:
        """Count one message to the chat, or raise 429 with the seconds to wait."""
        sent = self._sent.setdefault(chat_id, deque())
        while sent and sent[0] <= now - self.seconds:
            sent.popleft()
        if len(sent) >= self.messages:
            raise too_many_requests(max(1, math.ceil(sent[0] + self.seconds - now)))
        sent.append(now)


@dataclass
class State:
    """The store, the queue of updates, the pages' hub, the bot's identity and the clock (Unix time)."""

    store: Store
    hub: Hub
    updates: UpdateQueue
    bot: BotIdentity
    clock: Callable[[], float]
    flood: Flood | None = None

    @classmethod
    async def open(
        cls,
        path: Path | None = None,
        *,
        token: str | None = None,
        username: str = "local_bot",
        first_name: str = "Local bot",
        clock: Callable[[], float] = time.time,
        flood: Flood | None = None,
        slow_repeats: bool = True,
    ) -> State:
        """Open the state kept at `path` (None: in memory).

        Without a `token` the one stored there is used; the first start makes a random one.
        `slow_repeats=False` drops Telegram's brake on polls that repeat their offset.
        """
        store = await Store.open(path)
        hub = Hub()
        store.on_commit.append(lambda tx: _publish(hub, tx))
        async with store.tx() as tx:
            token = token or await tx.meta("token") or f"{BOT_ID}:{secrets.token_urlsafe(26)}"
            await tx.set_meta("token", token)
        number = token.partition(":")[0]
        identity = BotIdentity(int(number) if number.isdigit() else BOT_ID, token, username, first_name)
        updates = UpdateQueue(store, clock, slow_repeats=slow_repeats)
        return cls(store, hub, updates, identity, clock, flood)

    @property
    def now(self) -> int:
        """The time in whole seconds, as the Bot API gives dates."""
        return int(self.clock())

    async def close(self) -> None:
        """Close the store; nothing is lost."""
        await self.store.close()


def _publish(hub: Hub, tx: Tx) -> None:
    for event in tx.events:
        hub.publish(event)
