"""How fast a bot may send, with Telegram's answer to one that sends faster."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from bot.local.errors import too_many_requests
from bot.local.models import Json


class Brake(Protocol):
    """Counts messages and refuses those that come too fast."""

    def check(self, chat_id: int, now: float) -> None:
        """Count one message to the chat, or raise 429 with the seconds to wait."""


@dataclass
class Flood:
    """At most `messages` in `seconds` to one chat; more is refused with 429."""

    messages: int
    seconds: float
    _sent: dict[int, deque[float]] = field(default_factory=dict, repr=False)

    def wait(self, chat_id: int, now: float) -> float:
        """How many seconds the next message to the chat has to wait; 0 if it may go now."""
        sent = self._sent.setdefault(chat_id, deque())
        while sent and sent[0] <= now - self.seconds:
            sent.popleft()
        return sent[0] + self.seconds - now if len(sent) >= self.messages else 0.0

    def count(self, chat_id: int, now: float) -> None:
        """Count one message to the chat."""
        self._sent.setdefault(chat_id, deque()).append(now)

    def check(self, chat_id: int, now: float) -> None:
        """Count one message to the chat, or raise 429 with the seconds to wait."""
        _refuse(self.wait(chat_id, now))
        self.count(chat_id, now)


@dataclass
class Bursts:
    """One message each `seconds` to one chat, and up to `burst` at once after a silence."""

    seconds: float
    burst: int
    _due: dict[int, float] = field(default_factory=dict, repr=False)

    def wait(self, chat_id: int, now: float) -> float:
        """How many seconds the next message to the chat has to wait; 0 if it may go now."""
        ahead = self._due.get(chat_id, now) - now
        return max(0.0, ahead - (self.burst - 1) * self.seconds)

    def count(self, chat_id: int, now: float) -> None:
        """Count one message to the chat."""
        self._due[chat_id] = max(self._due.get(chat_id, now), now) + self.seconds


@dataclass
class Rates:
    """Telegram's published rates: about 1 a second to a chat, 20 a minute to a group, 30 a second in all."""

    chat: Bursts = field(default_factory=lambda: Bursts(1.0, 5))
    group: Flood = field(default_factory=lambda: Flood(20, 60.0))
    total: Flood = field(default_factory=lambda: Flood(30, 1.0))

    def check(self, chat_id: int, now: float) -> None:
        """Count one message to the chat, or raise 429 with the seconds to wait."""
        limits: list[tuple[Bursts | Flood, int]] = [(self.chat, chat_id), (self.total, 0)]
        if chat_id < 0:
            limits.append((self.group, chat_id))
        _refuse(max(limit.wait(key, now) for limit, key in limits))
        for limit, key in limits:
            limit.count(key, now)

    def view(self) -> Json:
        """The rates as the control interface gets and gives them."""
        return {
            "chat": {"seconds": self.chat.seconds, "burst": self.chat.burst},
            "group": {"messages": self.group.messages, "seconds": self.group.seconds},
            "total": {"messages": self.total.messages, "seconds": self.total.seconds},
        }


def _refuse(seconds: float) -> None:
    if seconds > 0:
        raise too_many_requests(max(1, math.ceil(seconds)))
