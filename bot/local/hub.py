"""Carries changes to the open pages: each page has its own queue of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bot.local.models import Json

QUEUE_SIZE = 1000
"""Events kept for a page that does not read; then it is cut off and has to reconnect."""


class Hub:
    """Sends every event to every subscriber."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json | None]] = set()
        self.closed = False

    def publish(self, event: Json) -> None:
        """Send `event` to all open pages."""
        for queue in list(self._queues):
            if queue.qsize() >= QUEUE_SIZE:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    async def subscribe(self, idle: float) -> AsyncIterator[Json | None]:
        """Yield events as they come, and None each time `idle` seconds pass without one."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            while not self.closed:
                try:
                    event = await asyncio.wait_for(queue.get(), idle)
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """End all subscriptions."""
        self.closed = True
        for queue in self._queues:
            queue.put_nowait(None)
