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


class Spoke(Frozen):
    """One axis of a radar: its name, its value from 0 to 100 (None where it has none) and the word for that value."""

    name: str
    value: int | None = None
    level: str = ""


class ResultCard(Frozen):
    """The picture of a result: a figure with its range, a radar with a ring at ``neutral``, and the nearest types.

    All strings are words in the person's language, ready to be shown; ``figure`` is ``percent`` as that language
    writes it, ``span`` the range in words. ``percent``, ``low``, ``high`` and ``neutral`` are from 0 to 100.
    ``types`` holds none, one or two names (two where they are tied), ``types_title`` what is written above them.
    ``date`` is the day of the result, ``note`` the caveat at the bottom.
    """

    type: Literal["result"] = "result"
    language: str
    title: str
    figure: str
    span: str
    percent: int = Field(ge=0, le=100)
    low: int = Field(ge=0, le=100)
    high: int = Field(ge=0, le=100)
    neutral: int = Field(default=50, ge=0, le=100)
    neutral_name: str
    spokes: tuple[Spoke, ...] = Field(min_length=3)
    types_title: str = ""
    types: tuple[str, ...] = Field(default=(), max_length=2)
    date: str
    note: str


class ShareCard(Frozen):
    """The picture to show to others: it has no figure, no date, no name and no weak side of the person.

    ``types`` are the names of all types; ``chosen`` are the places, from 0, of the nearest one or two, none where no
    type stands out. ``strengths`` are up to two names of dimensions.
    ``call`` invites others; whoever sends the picture writes the bot's address beside it.
    """

    type: Literal["share"] = "share"
    language: str
    title: str
    types: tuple[str, ...]
    chosen: tuple[int, ...] = Field(default=(), max_length=2)
    strengths_title: str = ""
    strengths: tuple[str, ...] = Field(default=(), max_length=2)
    call: str


Card = ResultCard | ShareCard
"""What the picture beside a reply shows. It is drawn when the reply is sent."""


class Document(Frozen):
    """A small text file to send; ``name`` is what the person sees of it."""

    name: str
    content: str


class Reply(Frozen):
    """One message to send.

    ``slot`` names a message that is kept single in the chat (the quiz): EDIT changes it in place, MOVE deletes the
    old one and sends this at the end of the chat. ``confidence`` is between 0 and 1. With a ``card`` the message is a
    picture and ``text`` its caption, of at most 1024 characters, which says in words what the picture shows; where no
    picture can be drawn or sent the text goes alone. An EDIT of it brings the same card with another caption or other
    buttons. With a ``document`` the message is a file and ``text`` its caption. A slot never changes between text,
    picture and file.
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
    card: Card | None = Field(default=None, discriminator="type")
    document: Document | None = None


def plain(text: str) -> str:
    """The text as a person reads it, without markup."""
    return text.replace("**", "")
