"""What the quiz's buttons carry: ``q1:<run>:<place>:<action>``, ASCII, at most 64 bytes."""

import re
from dataclasses import dataclass
from enum import StrEnum

from conversations.messages import Button

_ANY = re.compile(r"q\d+:")
_PRESS = re.compile(r"q1:(\d{1,9}):(\d{1,3}):([a-z])([a-z0-9_-]{0,24})", re.ASCII)


class Action(StrEnum):
    """The letter for each thing a button can do.

    START begins the run that it names; RESUME goes on in place; HERE brings the quiz to the end of the chat. WHY and
    WHAT_IF carry a dimension or nothing, LOOKS a judgement, DELETE yes, no or nothing (which asks).
    """

    ANSWER = "a"
    BACK = "b"
    SKIP = "k"
    PAUSE = "p"
    QUIT = "q"
    RESUME = "c"
    HERE = "m"
    START = "s"
    HOW = "h"
    SITUATION = "g"
    NO_SITUATION = "n"
    HELP = "u"
    EXTEND = "e"
    WHY = "w"
    WHAT_IF = "i"
    LOOKS = "l"
    SHARE = "o"
    KEEP = "y"
    DELETE = "x"


OF_RESULTS = frozenset(
    {
        *(Action.SITUATION, Action.NO_SITUATION, Action.EXTEND, Action.WHY, Action.WHAT_IF),
        *(Action.LOOKS, Action.SHARE, Action.KEEP),
    }
)
"""What only makes sense once there is a result."""


@dataclass(frozen=True)
class Press:
    """A tapped button: which run and which ``machine.place`` it was made for, what it does, and with what."""

    run: int
    place: int
    action: Action
    argument: str = ""

    def button(self, label: str) -> Button:
        """A button that carries this."""
        return Button(label=label, data=f"q1:{self.run}:{self.place}:{self.action}{self.argument}")


def is_press(data: str) -> bool:
    """Whether a button belongs to the quiz, in this version or another."""
    return _ANY.match(data) is not None


def read(data: str) -> Press | None:
    """What a quiz button carries, or None where this version does not know it."""
    match = _PRESS.fullmatch(data)
    if match is None or match[3] not in set(Action):
        return None
    return Press(int(match[1]), int(match[2]), Action(match[3]), match[4])


def entry_button(label: str, entry: str) -> Button:
    """A button that asks for a knowledge entry."""
    return Button(label=label, data=f"e1:{entry}")
