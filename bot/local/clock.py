"""The server's time, which tests can move forward."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class Clock:
    """Unix time in seconds: that of `base`, plus what it was moved by."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self._base = base
        self._moved = 0.0
        self._turned = asyncio.Event()

    def __call__(self) -> float:
        return self._base() + self._moved

    @property
    def moved(self) -> float:
        """By how many seconds it is ahead of `base`."""
        return self._moved

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake everything that waits for it."""
        self._moved += seconds
        self._turned.set()
        self._turned = asyncio.Event()

    async def sleep_until(self, moment: float) -> None:
        """Wait until the time is `moment`, however it gets there."""
        while (left := moment - self()) > 0:
            turned = self._turned
            try:
                async with asyncio.timeout(left):
                    await turned.wait()
            except TimeoutError:
                continue
