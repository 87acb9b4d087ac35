"""What is remembered of one chat: one small versioned document, stored as JSON."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from conversations.messages import Reply

SESSION_VERSION = 1


class Remembered(BaseModel):
    """A part of the session; unknown fields are refused so that a wrong document is noticed at once."""

    model_config = ConfigDict(extra="forbid")


class Dialogue(Remembered):
    """What the conversation is about: the last topic and entry, the scope that was named, the choices on offer."""

    topic: str = ""
    entry: str = ""
    scope: dict[str, list[str]] = Field(default_factory=dict)
    choices: list[str] = Field(default_factory=list)
    told: list[str] = Field(default_factory=list)


class QuizProgress(Remembered):
    """One run of the quiz. ``answers`` maps an item to 0..4, or to None where it was skipped.

    ``finished_at`` is when the last question of the first part was answered, None before; where the person went on
    (``extended``), ``extended_at`` and ``completed_at`` are the beginning and the end of the second part.
    ``situation`` is None before it was asked and "" where it was not told. ``looks`` says whether the result looked
    like the person.
    """

    run: int
    version: str
    state: Literal["asking", "paused", "situation", "result"] = "asking"
    step: int = 0
    answers: dict[str, int | None] = Field(default_factory=dict)
    situation: str | None = None
    extended: bool = False
    looks: Literal["", "yes", "partly", "no"] = ""
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    extended_at: datetime | None = None
    completed_at: datetime | None = None


class Kept(Remembered):
    """A result that the person asked to keep: its scores (0..100) and no single answer.

    ``run`` is the run it came from, ``version`` that of the quiz; ``spread`` is half of the range told around
    ``percent``. ``dimensions`` has None where there were too few answers; ``types`` are the closest one or two.
    """

    run: int
    version: str
    extended: bool
    percent: int
    spread: int
    dimensions: dict[str, int | None]
    types: list[str]
    situation: str | None
    kept_at: datetime


class Session(Remembered):
    """The whole memory of one chat.

    ``chosen_language`` is set by the person in the settings, ``language`` is that of the last reply.
    ``quiz_runs`` counts the runs ever started, so that buttons of an old run are told from those of the present one.
    """

    version: int = SESSION_VERSION
    chosen_language: str = ""
    language: str = ""
    dialogue: Dialogue = Field(default_factory=Dialogue)
    quiz: QuizProgress | None = None
    quiz_runs: int = 0
    kept: Kept | None = None


class Turn(BaseModel):
    """What one event leads to: the session afterwards and the replies, in order.

    ``forget`` asks for everything that is stored of the chat to be deleted. ``counts`` are names to be counted once
    more, without saying for whom.
    """

    session: Session
    replies: list[Reply]
    forget: bool = False
    counts: list[str] = Field(default_factory=list)
