"""The gate to Telegram: replies go at the rate that is allowed, and one after the other where that is fast enough."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.telegram.rates import Rates

AT_A_TIME = 16
"""How many replies are on their way at a time, at most: thirty a second even where each takes a quarter of one."""

PATIENCE = 8
"""For how many replies' time, at the rate that is allowed, one waits for the reply before it."""


class Gate:
    """Lets replies through, each until it has been sent and that is noted.

    A kill may have those sent twice that Telegram has and whose note is not yet committed, so there had better be one.
    But whoever has waited for some time goes beside the reply before: where Telegram is far away, or one reply hangs,
    as many are on their way as the rate needs.
    """

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._places = asyncio.Semaphore(AT_A_TIME)
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def through(self) -> AsyncIterator[None]:
        """The block is the way of one reply."""
        async with self._places:
            if (seconds := self._rates.total_wait()) > 0:  # asked for in here: after a hang nobody has it from before
                await asyncio.sleep(seconds)
            is_alone = await self._is_alone()
            try:
                yield
            finally:
                if is_alone:
                    self._one.release()

    async def _is_alone(self) -> bool:
        """Waits until nothing else is on its way, but not for long; whether it came to that."""
        try:
            async with asyncio.timeout(PATIENCE * self._rates.every):
                return await self._one.acquire()
        except TimeoutError:
            return False
