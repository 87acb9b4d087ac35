"""How fast the bot sends: Telegram's published rates, kept by waiting before it has to ask for it."""

import asyncio

PER_SECOND, PER_CHAT = 30.0, 1.0
"""Messages a second in all, and to one chat."""

GROUP = 20 / 60
"""Messages a second to a group, at most."""

BURST = 4
"""How many messages may follow each other at once after a silence, to one chat and in all."""

REMEMBERED = 10_000
"""How many chats are remembered before those that may send again are forgotten."""


class Rates:
    """Gives each message the moment at which it may go: its chat's turn first, then its turn among all.

    Whoever asks first goes first. ``total`` is how many messages go in any second, ``chat`` how many a second to one
    chat, each after a burst; edits count in all, not in their chat. ``every`` is how many seconds there are between two
    messages of a long queue, on average.
    """

    def __init__(self, total: float = PER_SECOND, chat: float = PER_CHAT) -> None:
        self.every = 1 / (total - BURST if total > 2 * BURST else total)
        self._chat_every = 1 / chat
        self._group_every = max(1 / GROUP, 1 / chat) if chat <= PER_CHAT else 1 / chat
        self._chats: dict[int, float] = {}
        self._all = 0.0

    def chat_wait(self, chat_id: int) -> float:
        """Counts a new message to a chat; the seconds until it may go."""
        now = asyncio.get_running_loop().time()
        if len(self._chats) > REMEMBERED:
            self._chats = {one: due for one, due in self._chats.items() if due > now}
        every = self._chat_every if chat_id > 0 else self._group_every
        due = max(self._chats.get(chat_id, 0.0), now)
        self._chats[chat_id] = due + every
        return max(0.0, due - (BURST - 1) * every - now)

    def total_wait(self) -> float:
        """Counts a message or an edit among all; the seconds until it may go."""
        now = asyncio.get_running_loop().time()
        due = max(self._all, now)
        self._all = due + self.every
        return max(0.0, due - (BURST - 1) * self.every - now)
