"""What there is to do: updates that came in, replies that wait to be sent, and what a chat has of both."""

from dataclasses import dataclass, field

from conversations.messages import Incoming, Reply
from conversations.session import Session

LOAD = 10
"""How many waiting updates and replies of a chat are loaded at a time."""


@dataclass(frozen=True)
class Received:
    """An update as it came in: its number, its chat and what happened.

    ``attempts`` is how often it was tried in vain; ``leftover`` tells that it waits since before this process began.
    """

    update_id: int
    chat_id: int
    incoming: Incoming
    attempts: int = field(default=0, compare=False)
    leftover: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Outgoing:
    """A reply that waits to be sent: the one at ``position`` of those to an update.

    ``message_id`` is that of its slot's present message, if there is one.
    """

    update_id: int
    position: int
    chat_id: int
    reply: Reply
    message_id: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Work:
    """What there is to do in a chat, oldest first and not more than ``LOAD`` of each, and what is remembered of it.

    ``places`` are the messages that stand for its slots.
    """

    session: Session
    received: list[Received]
    outgoing: list[Outgoing]
    places: dict[str, int]

    @property
    def is_all(self) -> bool:
        """Whether nothing more waited."""
        return len(self.received) < LOAD and len(self.outgoing) < LOAD
