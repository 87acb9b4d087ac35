"""What the tests of the quiz share: the real content, read plainly, and short ways to walk through a quiz."""

import copy
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from conversations.messages import Button, Reply, Tap
from conversations.quiz.desk import QuizDesk
from conversations.session import QuizProgress, Session, Turn
from knowledge.quiz import QuizForm, QuizTexts

HOME = Path(__file__).parents[2] / "knowledge" / "content" / "cto"
LANGUAGES = ("fr", "en", "nl", "de")
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def read(path: Path) -> Any:
    """One YAML file."""
    return yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


RAW_FORM: dict[str, Any] = read(HOME / "quiz.yaml")
RAW_TEXTS: dict[str, dict[str, Any]] = {code: read(HOME / code / "quiz.yaml") for code in LANGUAGES}
FORM = QuizForm.model_validate(RAW_FORM)
TEXTS = {code: QuizTexts.model_validate(raw) for code, raw in RAW_TEXTS.items()}
ENTRIES: set[str] = {id_ for path in (HOME / "entries").glob("*.yaml") for id_ in read(path)}
FACTS: dict[str, list[str]] = read(HOME / "facts.yaml")
ITEMS = tuple(id_ for id_ in FORM.order if id_ in FORM.item_by_id)
PAIRS = tuple(id_ for id_ in FORM.order if id_ in FORM.pair_by_id)
WHOLE = FORM.order + FORM.more
LAST, ALL = len(FORM.order), len(WHOLE)
DONE, COMPLETE = 100 + LAST, 100 + ALL
"""The places of the result after the first part and after both."""


def raw_copies() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Copies of the definition and of all texts, to be broken."""
    return copy.deepcopy(RAW_FORM), copy.deepcopy(RAW_TEXTS)


def desk() -> QuizDesk:
    """A desk with the real quiz."""
    return QuizDesk(FORM, TEXTS)


def later(seconds: float) -> datetime:
    """So many seconds after the tests' beginning."""
    return NOW + timedelta(seconds=seconds)


def tap(session: Session, data: str, now: datetime = NOW, language: str = "en") -> Turn:
    """Taps a quiz button, which must be answered."""
    turn = desk().tap(session, Tap(data=data).data, language, now)
    assert turn is not None
    assert turn.replies
    return turn


def begun(now: datetime = NOW) -> Session:
    """A chat in which the quiz was just started."""
    return tap(Session(), "q1:1:0:s", now).session


def answered(values: Sequence[int | None], start: Session | None = None) -> Session:
    """A chat in which these answers were tapped, six seconds apart; None is a skip."""
    session = start or begun()
    for value in values:
        assert session.quiz is not None
        step, run = session.quiz.step, session.quiz.run
        data = f"q1:{run}:{step}:k" if value is None else f"q1:{run}:{step}:a{value}"
        session = tap(session, data, max(session.quiz.updated_at, NOW) + timedelta(seconds=6)).session
    return session


def finished(value: int = 3) -> Session:
    """A chat with a result after the first part."""
    return answered([value, 4 - value] * (LAST // 2))


def extended(values: Sequence[int | None] | None = None) -> Session:
    """A chat in which the second part was begun after the first, with these answers in it."""
    begun_again = tap(finished(), f"q1:1:{DONE}:e", later(400)).session
    return answered(values or [], begun_again)


def progress(answers: Mapping[str, int | None], took: float = 130) -> QuizProgress:
    """A finished run with these answers."""
    end = later(took)
    return QuizProgress(
        run=1,
        version=FORM.tag,
        state="situation",
        step=len(answers) if len(answers) in (LAST, ALL) else LAST,
        answers=dict(answers),
        extended=len(answers) == ALL,
        started_at=NOW,
        updated_at=end,
        finished_at=end,
    )


def vector(
    seed: int, values: tuple[int, ...] = (0, 1, 2, 3, 4), asked: Sequence[str] = FORM.order
) -> dict[str, int | None]:
    """A complete set of random answers to the first part, or to what is asked."""
    draw = random.Random(seed)
    return {id_: draw.choice(values) for id_ in asked}


def uniform(value: int, asked: Sequence[str] = FORM.order) -> dict[str, int | None]:
    """The same raw answer to everything."""
    return dict.fromkeys(asked, value)


def keyed_vector(levels: dict[str, int], pairs: int = 2) -> dict[str, int | None]:
    """Answers whose keyed value is the same for all items of a dimension (2 where not given)."""
    answers: dict[str, int | None] = dict.fromkeys(PAIRS, pairs)
    for item in map(FORM.item_by_id.__getitem__, ITEMS):
        value = levels.get(item.dimension, 2)
        answers[item.id] = value if item.key == "+" else 4 - value
    return answers


def buttons(reply: Reply) -> list[Button]:
    """All buttons of a reply."""
    return [button for row in reply.buttons for button in row]
