"""The record of every Bot API call, for tests to read; it is kept in memory only."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from itertools import islice

from bot.local.models import Json

LENGTH = 10_000
"""Calls kept; older ones are forgotten."""


@dataclass(frozen=True)
class Entry:
    """One call: its number, when it came and how long it took, what was asked and answered.

    `params` are the values as sent (texts, as in the real API), `files` the names of uploads, `unknown` the
    parameters that the method does not have, `faults` the kinds of fault that struck, `via` http or webhook.
    """

    number: int
    time: float
    seconds: float
    method: str
    params: dict[str, str]
    files: list[str]
    unknown: list[str]
    answer: Json
    faults: list[str]
    via: str

    def view(self) -> Json:
        """The entry as the control interface shows it."""
        return dict(vars(self))


class Transcript:
    """The calls, in the order in which they ended."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LENGTH)
        self._last = 0
        self._more = asyncio.Event()
        self._closed = False
        self.ended = 0
        """How many calls have ended so far."""

    def next(self) -> int:
        """The number of the call that begins now."""
        self._last += 1
        return self._last

    def add(self, entry: Entry) -> None:
        """Record a call that has ended."""
        self._entries.append(entry)
        self.ended += 1
        self._wake()

    def read(self, method: str = "", after: int = 0) -> list[Json]:
        """The calls of a method (all, if it is empty) with a number above `after`."""
        wanted = method.lower()
        return [
            entry.view() for entry in self._entries if entry.number > after and wanted in ("", entry.method.lower())
        ]

    async def follow(self, seen: int, seconds: float) -> list[Json]:
        """The calls that ended after the first `seen` of them; waits up to `seconds` for one."""
        if self.ended <= seen and not self._closed:
            try:
                await asyncio.wait_for(self._more.wait(), seconds)
            except TimeoutError:
                return []
        fresh = min(max(0, self.ended - seen), len(self._entries))
        return [entry.view() for entry in islice(self._entries, len(self._entries) - fresh, None)]

    def clear(self) -> None:
        """Forget all calls; the numbers go on."""
        self._entries.clear()

    def close(self) -> None:
        """Let go of whoever waits."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        self._more.set()
        self._more = asyncio.Event()
