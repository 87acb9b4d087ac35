"""Whole conversations, written as data in ``dialogues/``: what is said, and what a good adviser makes of it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from conversations.advisor import Advisor, answers_of, event_of
from conversations.messages import Attachment, Button, Event, GroupCall, Incoming, Kind, Reply, Tap
from conversations.session import Session, Turn
from knowledge.content import Knowledge
from knowledge.figures import write

HOME = Path(__file__).parent / "dialogues"
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class Step(BaseModel):
    """One event and what is expected of the replies; what is left out is not looked at.

    ``says`` is typed; ``taps`` is an entry offered by the last reply, ``chooses`` the place of one of its buttons,
    ``presses`` a button's code; ``sends`` is an attachment; ``in_group`` a call in a group; ``later`` are hours that
    pass before. ``figures`` and ``no_figures`` are names of figures, looked for as the language writes them;
    ``intent`` and ``sentence`` name what the language's small talk or interface holds; ``quiz`` is the state after.
    """

    model_config = ConfigDict(extra="forbid")

    says: str = ""
    taps: str = ""
    chooses: int = 0
    presses: str = ""
    sends: str = ""
    in_group: bool = False
    later: float = 0
    long: int = 1
    """How often what is said is repeated."""

    kind: str | list[str] = ""
    language: str = ""
    entries: list[str] | None = None
    not_entries: list[str] = Field(default_factory=list)
    figures: list[str] = Field(default_factory=list)
    no_figures: list[str] = Field(default_factory=list)
    mentions: list[str] = Field(default_factory=list)
    sources: list[str] | None = None
    offers: list[str] = Field(default_factory=list)
    commands: list[str] = Field(default_factory=list)
    intent: str = ""
    sentence: str = ""
    quiz: str = ""
    quiz_again: bool | None = None
    forgets: bool = False


class Conversation(BaseModel):
    """A chat from its beginning; ``reported`` is the language that Telegram reports of the person."""

    model_config = ConfigDict(extra="forbid")

    id: str
    reported: str | None = None
    steps: list[Step] = Field(min_length=1)


def conversations() -> list[Any]:
    found = []
    for path in sorted(HOME.glob("*.yaml")):
        for data in yaml.safe_load(path.read_text("utf-8")):
            conversation = Conversation.model_validate(data)
            found.append(pytest.param(conversation, id=f"{path.stem}-{conversation.id}"))
    return found


@pytest.mark.parametrize("conversation", conversations())
def test_conversation(advisor: Advisor, knowledge: Knowledge, conversation: Conversation) -> None:
    session, last, now = Session(), [], NOW
    for number, step in enumerate(conversation.steps, start=1):
        now += timedelta(hours=step.later)
        incoming = Incoming(event=event_for(step, last), language_code=conversation.reported)
        turn = advisor.respond(session, incoming, now)
        wrong = list(faults(step, turn, knowledge))
        assert not wrong, f"step {number}: {step.says or step.taps}\n" + "\n".join([*wrong, *map(shown, turn.replies)])
        session, last = turn.session, [button for reply in turn.replies for row in reply.buttons for button in row]


def event_for(step: Step, offered: list[Button]) -> Event:
    if step.taps:
        return Tap(data=next(button.data for button in offered if button.data == f"e1:{step.taps}"))
    if step.chooses:
        return Tap(data=offered[step.chooses - 1].data)
    if step.presses:
        return Tap(data=step.presses)
    if step.sends:
        return Attachment(what=step.sends)
    return GroupCall() if step.in_group else event_of(step.says * step.long)


def faults(step: Step, turn: Turn, knowledge: Knowledge) -> list[str]:
    """What is not as expected."""
    replies = answers_of(turn)
    reply, text = replies[0], "\n".join(reply.text for reply in replies)
    texts = knowledge.languages[reply.language]
    found = []

    def expect(right: bool, what: str) -> None:
        if not right:
            found.append(f"not {what}")

    kinds = [step.kind] if isinstance(step.kind, str) else step.kind
    entries = [entry for reply in replies for entry in reply.entries]
    offered = [button.data for row in reply.buttons for button in row]
    expect(not step.kind or reply.kind.value in kinds, f"a reply of kind {step.kind}")
    expect(not step.language or {part.language for part in turn.replies} == {step.language}, f"in {step.language}")
    expect(step.entries is None or entries == step.entries, f"telling {step.entries}")
    expect(not set(step.not_entries) & set(entries), f"without {step.not_entries}")
    expect(step.sources is None or sorted(reply.sources) == step.sources, f"from {step.sources}")
    for name in (*step.figures, *step.no_figures):
        written = write(knowledge.figures[name], reply.language, texts.interface)
        expect((written in text) == (name in step.figures), f"right about {name} ({written})")
    for word in step.mentions:
        expect(word in text, f"mentioning {word}")
    expect({f"e1:{entry}" for entry in step.offers} <= set(offered), f"offering {step.offers}")
    expect({f"c1:{command}" for command in step.commands} <= set(offered), f"offering {step.commands}")
    if step.intent:
        wanted = texts.smalltalk.talk[step.intent].reply
        wanted = texts.career.help.partition("\n")[0] if wanted == "@help" else wanted
        expect(text.startswith(wanted), f"replying to {step.intent}")
    if step.sentence:
        pattern = ".+?".join(map(re.escape, re.split(r"\{\w+\}", texts.interface[step.sentence].strip())))
        expect(re.fullmatch(pattern, text.strip(), re.DOTALL) is not None, f"saying {step.sentence}")
    state = turn.session.quiz.state if turn.session.quiz else "none"
    expect(not step.quiz or state == step.quiz, f"with the quiz {step.quiz} but {state}")
    again = len(turn.replies) > len(replies) and turn.replies[-1].kind is Kind.QUIZ
    expect(step.quiz_again is None or again == step.quiz_again, f"with the quiz back: {step.quiz_again}")
    expect(turn.forget == step.forgets, f"forgetting: {step.forgets}")
    return found


def shown(reply: Reply) -> str:
    buttons = " ".join(f"[{button.data}]" for row in reply.buttons for button in row)
    return f"{reply.kind} {reply.language} {','.join(reply.entries)} {reply.text!r} {buttons}"


def test_there_are_conversations_in_every_language(knowledge: Knowledge) -> None:
    languages = {step.language for param in conversations() for step in param.values[0].steps}
    assert set(knowledge.languages) <= languages
    assert len(conversations()) >= 40
    names = [param.id for param in conversations()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "step",
    [
        Step(says="hello", kind="answer"),
        Step(says="hello", language="fr"),
        Step(says="hello", intent="bye"),
        Step(says="hello", sentence="attachment"),
        Step(says="what does a CTO earn in Belgium?", entries=["salary.france"]),
        Step(says="what does a CTO earn in Belgium?", figures=["fr-floor"]),
        Step(says="what does a CTO earn in Belgium?", no_figures=["be-overall"]),
        Step(says="what does a CTO earn in Belgium?", sources=["001"]),
        Step(says="what does a CTO earn in Belgium?", offers=["missions.rd"]),
        Step(says="what does a CTO earn in Belgium?", quiz="asking"),
        Step(says="what does a CTO earn in Belgium?", forgets=True),
    ],
    ids=lambda step: str(sorted(step.model_fields_set - {"says"})),
)
def test_wrong_replies_are_noticed(advisor: Advisor, knowledge: Knowledge, step: Step) -> None:
    turn = advisor.respond(Session(), Incoming(event=event_of(step.says), language_code="en"), NOW)
    assert faults(step, turn, knowledge)
