"""Waiting between attempts, longer each time."""

import asyncio

FIRST, LONGEST = 1.0, 60.0
"""Seconds of the first and of the longest wait."""


class Patience:
    """Counts how long to wait before the next attempt."""

    def __init__(self, longest: float = LONGEST) -> None:
        self.seconds = FIRST
        self._longest = longest

    async def wait(self, at_least: float = 0.0) -> None:
        """Waits; the next time twice as long."""
        await asyncio.sleep(max(self.seconds, at_least))
        self.seconds = min(2 * self.seconds, self._longest)
