"""Talks to the adviser from the command line: the very same path as in the chat."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from conversations.advisor import Advisor, answers_of, event_of
from conversations.messages import Incoming, Reply, plain
from conversations.session import Session


class Request(BaseModel):
    """One line of ``ask --jsonl``: a fresh chat and what is typed into it."""

    id: str
    turns: list[str]
    language_code: str | None = None


class Answer(BaseModel):
    """One reply of ``ask --jsonl``; ``text`` is plain, without buttons and source line."""

    kind: str
    text: str
    language: str
    entries: list[str]
    confidence: float
    sources: list[str]
    buttons: list[str]
    source_line: str


def converse(advisor: Advisor, turns: Sequence[str], language_code: str | None, now: datetime) -> list[Answer]:
    """The reply to each turn of a fresh chat."""
    session, replies = Session(), []
    for text in turns:
        turn = advisor.respond(session, Incoming(event=event_of(text), language_code=language_code), now)
        session = turn.session
        replies.append(_joined(answers_of(turn)))
    return replies


def shown(answer: Answer) -> str:
    """An answer as it is printed: the text and its source."""
    parts = [answer.text, answer.source_line, *(f"[{label}]" for label in answer.buttons)]
    return "\n".join(part for part in parts if part)


def _joined(replies: Sequence[Reply]) -> Answer:
    first = replies[0]
    return Answer(
        kind=first.kind,
        text="\n\n".join(plain(reply.text) for reply in replies),
        language=first.language,
        entries=[name for reply in replies for name in reply.entries],
        confidence=round(first.confidence, 3),
        sources=list(dict.fromkeys(source for reply in replies for source in reply.sources)),
        buttons=[button.label for reply in replies for row in reply.buttons for button in row],
        source_line=first.source_line,
    )
