"""The record of every Bot API call, for tests to read; it is kept in memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass

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
        return asdict(self)


class Transcript:
    """The calls, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LENGTH)
        self._last = 0

    def next(self) -> int:
        """The number of the call that begins now."""
        self._last += 1
        return self._last

    def add(self, entry: Entry) -> None:
        """Record a call."""
        self._entries.append(entry)

    def read(self, method: str = "", after: int = 0) -> list[Json]:
        """The calls of a method (all, if it is empty) with a number above `after`."""
        wanted = method.lower()
        return [
            entry.view() for entry in self._entries if entry.number > after and wanted in ("", entry.method.lower())
        ]

    def clear(self) -> None:
        """Forget all calls; the numbers go on."""
        self._entries.clear()
