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

    ``finished_at`` is when the last question was answered, None before.
    """

    run: int
    version: str
    state: Literal["asking", "paused", "situation", "result"] = "asking"
    step: int = 0
    answers: dict[str, int | None] = Field(default_factory=dict)
    situation: str = ""
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None


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


class Turn(BaseModel):
    """What one event leads to: the session afterwards and the replies, in order.

    ``forget`` asks for everything that is stored of the chat to be deleted.
    """

    session: Session
    replies: list[Reply]
    forget: bool = False
