"""The gate to Telegram: replies go one after the other as long as that keeps up with the rate."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_A_TIME = 8
"""How many replies are on their way at a time: thirty a second even where each takes a quarter of one."""


class Gate:
    """Lets replies through until each has been sent and that is noted.

    A kill may send those twice that Telegram has and whose note is not yet committed, so there had better be one. But
    whoever has waited for as long as ``AT_A_TIME`` replies may take goes beside the one before: where Telegram is far
    away, or one reply hangs, as many are on their way as the rate needs. ``every`` is how many seconds there are, on
    average, from one reply to the next.
    """

    def __init__(self, every: float) -> None:
        self._patience = AT_A_TIME * every
        self._some = asyncio.Semaphore(AT_A_TIME)
        self._one = asyncio.Lock()

    @asynccontextmanager
    async def through(self) -> AsyncIterator[None]:
        """The block is the way of one reply."""
        async with self._some:
            is_alone = await self._is_alone()
            try:
                yield
            finally:
                if is_alone:
                    self._one.release()

    async def _is_alone(self) -> bool:
        """Waits until nothing else is on its way, but not for ever; whether it came to that."""
        try:
            async with asyncio.timeout(self._patience):
                return await self._one.acquire()
        except TimeoutError:
            return False
