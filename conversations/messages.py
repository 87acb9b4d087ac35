"""What comes in from a person and what goes back, free of any messenger.

Texts of replies carry one piece of markup, ``**bold**``; whoever delivers them turns it into the messenger's own.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """A value: immutable, compared by content, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """A message that a person typed."""

    type: Literal["text"] = "text"
    text: str


class Command(Frozen):
    """A command such as ``/quiz``; ``argument`` is the rest of the line (a deep link's payload after ``/start``)."""

    type: Literal["command"] = "command"
    name: str
    argument: str = ""


class Tap(Frozen):
    """A tapped button; ``data`` is what the button carried."""

    type: Literal["tap"] = "tap"
    data: str


class Attachment(Frozen):
    """Something that is not text: ``what`` is photo, sticker, voice, video, document, location, contact or other."""

    type: Literal["attachment"] = "attachment"
    what: str


class GroupCall(Frozen):
    """The bot was addressed in a group, where it does not converse."""

    type: Literal["group"] = "group"


Event = Annotated[Text | Command | Tap | Attachment | GroupCall, Field(discriminator="type")]


class Incoming(Frozen):
    """One event and the language that the messenger reports for the person (an IETF tag, or None)."""

    event: Event
    language_code: str | None = None


class Kind(StrEnum):
    """What a reply is; the words are part of the contract of ``ask --jsonl``."""

    ANSWER = "answer"
    CHOICES = "choices"
    RELATED = "related"
    FALLBACK = "fallback"
    SMALLTALK = "smalltalk"
    QUIZ = "quiz"
    COMMAND = "command"


class Show(StrEnum):
    """How a reply enters the chat: as a new message, in place of its slot's message, or moved to the end."""

    NEW = "new"
    EDIT = "edit"
    MOVE = "move"


class Button(Frozen):
    """A button under a reply: what it says, and what comes back when it is tapped (at most 64 bytes)."""

    label: str
    data: str = ""
    url: str = ""


class Reply(Frozen):
    """One message to send.

    ``slot`` names a message that is kept single in the chat (the quiz): EDIT changes it in place, MOVE deletes the
    old one and sends this at the end of the chat. ``confidence`` is between 0 and 1.
    """

    kind: Kind
    text: str
    language: str
    source_line: str = ""
    entries: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    confidence: float = 1.0
    buttons: tuple[tuple[Button, ...], ...] = ()
    slot: str = ""
    show: Show = Show.NEW


def plain(text: str) -> str:
    """The text as a person reads it, without markup."""
    return text.replace("**", "")
