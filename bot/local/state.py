"""Everything one bot's side of the local server knows, handed to its parts; there is no global state."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bot.local.clock import Clock
from bot.local.faults import Faults
from bot.local.hub import Hub
from bot.local.models import BotIdentity, BotSettings
from bot.local.rates import Brake
from bot.local.store import Store, Tx
from bot.local.transcript import Transcript
from bot.local.updates import UpdateQueue
from bot.local.webhook import Webhook

BOT_ID = 4_242_424_242


@dataclass
class State:
    """The store, the queue of updates, the webhook, the pages' hub, the bot's identity and the clock (Unix time).

    `flood` limits how fast the bot may send (None: as fast as it likes). `faults` and `transcript` are for tests.
    """

    store: Store
    hub: Hub
    updates: UpdateQueue
    webhook: Webhook
    bot: BotIdentity
    settings: BotSettings
    clock: Clock
    faults: Faults
    flood: Brake | None = None
    transcript: Transcript = field(default_factory=Transcript)
    opened: float = 0.0
    claimed: bool = True
    logged_out: float | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    async def open(
        cls,
        path: Path | None = None,
        *,
        token: str | None = None,
        username: str = "local_bot",
        first_name: str = "Local bot",
        clock: Callable[[], float] = time.time,
        flood: Brake | None = None,
        slow_repeats: bool = True,
    ) -> State:
        """Open the state kept at `path` (None: in memory).

        Without a `token` the one stored there is used; the first start makes a random one.
        `slow_repeats=False` drops Telegram's brake on polls that repeat their offset.
        """
        store = Store.open(path)
        hub = Hub()
        store.on_commit.append(lambda tx: _publish(hub, tx))
        with store.tx() as tx:
            claimed = bool(token or tx.meta("claimed"))
            token = token or tx.meta("token") or f"{BOT_ID}:{secrets.token_urlsafe(26)}"
            tx.set_meta("token", token)
            settings = BotSettings(**(tx.meta("settings") or {}))
            logged_out = tx.meta("logged_out")
        timer = clock if isinstance(clock, Clock) else Clock(clock)
        faults = Faults()
        state = cls(
            store=store,
            hub=hub,
            updates=UpdateQueue(store, timer, faults, slow_repeats=slow_repeats),
            webhook=Webhook(store, timer),
            bot=BotIdentity(_number(token), token, username, first_name),
            settings=settings,
            clock=timer,
            faults=faults,
            flood=flood,
            opened=timer(),
            claimed=claimed,
            logged_out=logged_out,
        )
        state.webhook.start()
        return state

    @property
    def now(self) -> int:
        """The time in whole seconds, as the Bot API gives dates."""
        return int(self.clock())

    def claim(self, token: str) -> None:
        """Become the bot of this token; its chats stay."""
        self.bot = BotIdentity(_number(token), token, self.bot.username, self.bot.first_name)
        self.claimed = True
        with self.store.tx() as tx:
            tx.set_meta("token", token)
            tx.set_meta("claimed", True)

    def log_out(self) -> None:
        """Leave this server (the bot does, with `logOut`)."""
        self.logged_out = self.clock()
        with self.store.tx() as tx:
            tx.set_meta("logged_out", self.logged_out)

    def change_settings(self, settings: BotSettings) -> None:
        """Set what the bot's owner decides."""
        self.settings = settings
        with self.store.tx() as tx:
            tx.set_meta("settings", asdict(settings))
            tx.emit("bot")

    def later(self, moment: float, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `act` when the clock shows `moment`, as long as the server runs."""

        async def wait() -> None:
            await self.clock.sleep_until(moment)
            await act()

        task = asyncio.create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Close the store; nothing is lost."""
        for task in self._tasks:
            task.cancel()
        await self.webhook.close()
        self.store.close()


def _number(token: str) -> int:
    number = token.partition(":")[0]
    return int(number) if number.isascii() and number.isdigit() else BOT_ID


def _publish(hub: Hub, tx: Tx) -> None:
    for event in tx.events:
        hub.publish(event)
