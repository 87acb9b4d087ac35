"""What the scores say, in no language: which band, which strengths, which type. The words come elsewhere."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

from conversations.quiz.scoring import Answers, Quality, Scores, keyed, quality, rounded, score
from knowledge.quiz import QuizForm, Step


@dataclass(frozen=True)
class Strength:
    """A dimension that stands out, and the statement whose answer shows it best."""

    dimension: str
    item: str


@dataclass(frozen=True)
class Closest:
    """The types nearest to a person: one (``clear``), two (``mixed``) or none (``balanced``).

    ``second`` is the type that comes next to a clear one, "" where none is worth naming.
    """

    kind: Literal["clear", "mixed", "balanced"]
    types: tuple[str, ...] = ()
    second: str = ""


@dataclass(frozen=True)
class Findings:
    """Everything a result page says.

    ``percent``, ``low`` and ``high`` are 0..100, ``spread`` is half of the range where it meets no end of the scale;
    ``extended`` says whether both parts were answered; ``levels`` has None where a dimension has too few answers.
    Where ``strengths`` or ``growth`` is empty, ``even`` tells whether that is because all dimensions are equal.
    ``closest`` is None where the answers are too alike for it. ``leanings`` are (axis, end).
    """

    percent: int
    spread: int
    extended: bool
    low: int
    high: int
    band: Step
    levels: dict[str, str | None]
    strengths: tuple[Strength, ...]
    growth: tuple[str, ...]
    even: bool
    closest: Closest | None
    leanings: tuple[tuple[str, str], ...]
    burdens: tuple[str, ...]
    alike: bool
    scores: Scores


def find(form: QuizForm, answers: Answers, seconds: float | None) -> Findings:
    """What these answers, of which a part took that many seconds (None if unknown), say; ValueError as in ``score``."""
    scores, trust = score(form, answers), quality(form, answers, seconds)
    percent = rounded(scores.total)
    extended = all(id_ in answers for id_ in form.more)
    spread = form.limits.spread_extended if extended else form.limits.spread
    if trust.loose or trust.alike:
        spread = ceil(spread * form.limits.widening)
    known = {id_: value for id_, value in scores.dimensions.items() if value is not None}
    return Findings(
        percent=percent,
        spread=spread,
        extended=extended,
        low=max(0, percent - spread),
        high=min(100, percent + spread),
        band=step(form.bands, scores.total),
        levels={
            id_: None if value is None else step(form.levels, value).id for id_, value in scores.dimensions.items()
        },
        strengths=_strengths(form, known, scores.total, answers),
        growth=_growth(form, known, scores.total),
        even=len(set(known.values())) == 1,
        closest=_closest(form, scores, trust),
        leanings=() if trust.alike else _leanings(form, scores),
        burdens=_burdens(form, answers),
        alike=trust.alike,
        scores=scores,
    )


def step(steps: tuple[Step, ...], value: Fraction) -> Step:
    """The last step that begins at or below the value (0..100)."""
    return [step for step in steps if step.minimum <= value][-1]


def _strengths(form: QuizForm, known: dict[str, Fraction], mean: Fraction, answers: Answers) -> tuple[Strength, ...]:
    above = [id_ for id_, value in known.items() if value >= form.limits.strength and value > mean]
    above.sort(key=lambda id_: -known[id_])
    return tuple(Strength(id_, _witness(form, id_, answers)) for id_ in above[: form.limits.shown])


def _witness(form: QuizForm, dimension: str, answers: Answers) -> str:
    items = [item.id for item in form.items if item.dimension == dimension]
    return max(items, key=lambda id_: -1 if (value := keyed(form, id_, answers)) is None else value)


def _growth(form: QuizForm, known: dict[str, Fraction], mean: Fraction) -> tuple[str, ...]:
    below = [id_ for id_, value in known.items() if value < form.limits.growth and value < mean]
    below.sort(key=lambda id_: known[id_])
    return tuple(below[: form.limits.shown])


def _closest(form: QuizForm, scores: Scores, trust: Quality) -> Closest | None:
    if trust.alike:
        return None
    ranked = sorted(scores.types, key=lambda id_: -scores.types[id_])
    shares = [100 * scores.types[id_] for id_ in ranked]
    if len(set(shares)) == 1:
        return Closest("balanced")
    if shares[0] - shares[1] < form.limits.type_lead:
        return Closest("mixed", (ranked[0], ranked[1]))
    apart = shares[1] > shares[2] and shares[1] >= form.limits.second_type
    return Closest("clear", (ranked[0],), ranked[1] if apart else "")


def _leanings(form: QuizForm, scores: Scores) -> tuple[tuple[str, str], ...]:
    found = []
    for axis in form.axes:
        position = scores.axes[axis.id]
        if abs(100 * position) >= form.limits.lean:
            found.append((axis.id, axis.high if position > 0 else axis.low))
    return tuple(found)


def _burdens(form: QuizForm, answers: Answers) -> tuple[str, ...]:
    clashing = []
    for burden in form.burdens:
        value = keyed(form, burden.item, answers)
        if value is not None and value <= form.limits.burden:
            clashing.append((value, burden.id))
    clashing.sort(key=lambda pair: pair[0])
    return tuple(id_ for _, id_ in clashing[: form.limits.shown])
