"""The bots of one server: which token is whose."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable

from bot.local.errors import ApiError
from bot.local.state import State

TOKEN = re.compile(r"[1-9][0-9]{0,15}:[A-Za-z0-9_-]{1,64}")
MOST = 50
"""Bots on one server; a test suite that makes a token for each test would else fill the memory."""

Open = Callable[[str], Awaitable[State]]


class Bots:
    """The first bot, which the page shows, and those that come with other tokens.

    Without `open_more` the first bot's token is the only one that is known. With it, every well-formed token is a
    bot: the first one that is used becomes the first bot's, any other gets a bot with chats of its own.
    """

    def __init__(self, first: State, open_more: Open | None = None) -> None:
        self.first = first
        self._open_more = open_more
        self._others: dict[str, State] = {}

    def all(self) -> list[State]:
        """All bots, the first one first."""
        return [self.first, *self._others.values()]

    async def find(self, token: str) -> State:
        """The bot with this token. Raises 401."""
        if hmac.compare_digest(token.encode(), self.first.bot.token.encode()):
            self.first.claimed = True
            return self.first
        if not TOKEN.fullmatch(token):
            raise ApiError(401, "Unauthorized: invalid token specified")
        if token in self._others:
            return self._others[token]
        if self._open_more is None or len(self._others) >= MOST:
            raise ApiError(401, "Unauthorized")
        if not self.first.claimed:
            self.first.claim(token)
            return self.first
        state = await self._open_more(token)
        return self._others.setdefault(token, state)

    def by_id(self, number: int) -> State | None:
        """The bot with this user id, or None."""
        return next((state for state in self.all() if state.bot.id == number), None)

    def close_polls(self) -> None:
        """End all waiting polls and page streams."""
        for state in self.all():
            state.updates.close()
            state.hub.close()
            state.transcript.close()

    async def close(self) -> None:
        """Close all bots; nothing is lost."""
        for state in self.all():
            await state.close()
