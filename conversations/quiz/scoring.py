"""Scores of one set of answers; exact fractions throughout, so that neutral answers give exactly 50."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from statistics import fmean

from knowledge.quiz import QuizForm, Type

Answers = Mapping[str, int | None]
"""The answer to each question, 0..4; None or nothing where it was skipped."""

HIGHEST = 4
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Scores:
    """What the answers come to.

    ``dimensions``: 0..100, None where too few were answered; ``total``: 0..100, their mean; ``axes``: from -1
    (low end) to +1 (high end); ``types``: the share of each type, 0..1, summing to 1.
    """

    dimensions: dict[str, Fraction | None]
    total: Fraction
    axes: dict[str, Fraction]
    types: dict[str, Fraction]


@dataclass(frozen=True)
class Quality:
    """How far answers can be trusted: ``alike`` if most are the same, ``loose`` if they fit badly."""

    alike: bool
    loose: bool


def keyed(form: QuizForm, item: str, answers: Answers) -> int | None:
    """The answer as it counts, 0..4 with 4 the most of the dimension; None where it was skipped."""
    raw = answers.get(item)
    if raw is None or form.item_by_id[item].key == "+":
        return raw
    return HIGHEST - raw


def score(form: QuizForm, answers: Answers) -> Scores:
    """The scores of these answers; ValueError where no dimension has enough answers for a score.

    Questions that were not asked count for nothing, so this holds for the first part alone and for both.
    """
    dimensions = {dimension.id: _dimension(form, dimension.id, answers) for dimension in form.dimensions}
    scored = [value for value in dimensions.values() if value is not None]
    if not scored:
        raise ValueError("no dimension has enough answers")
    axes = {axis.id: _axis(form, axis.id, answers) for axis in form.axes}
    types = {type_.id: _share(form, type_, axes) for type_ in form.types}
    return Scores(dimensions, sum(scored, Fraction(0)) / len(scored), axes, types)


def quality(form: QuizForm, answers: Answers, seconds: float | None) -> Quality:
    """How far these answers, of which a part took that many seconds (None if unknown), can be trusted."""
    hurried = seconds is not None and 0 <= seconds < form.limits.hurried
    return Quality(
        alike=any(_longest_run(form, part, answers) >= form.limits.same_run for part in form.parts),
        loose=hurried or inconsistency(form, answers) > form.limits.inconsistency,
    )


def inconsistency(form: QuizForm, answers: Answers) -> float:
    """The mean over dimensions of the difference between direct and re-keyed reversed items, 0..4."""
    gaps = []
    for dimension in form.dimensions:
        direct, reversed_ = (_keyed_of(form, dimension.id, answers, key) for key in "+-")
        if direct and reversed_:
            gaps.append(abs(fmean(direct) - fmean(reversed_)))
    return fmean(gaps) if gaps else 0.0


def _longest_run(form: QuizForm, part: Iterable[str], answers: Answers) -> int:
    """How many statements in a row of this part got the same answer, skips left out."""
    raw = [answers[id_] for id_ in part if id_ in form.item_by_id and answers.get(id_) is not None]
    return max((len(list(run)) for _, run in groupby(raw)), default=0)


def rounded(value: Fraction) -> int:
    """The nearest whole number, halves upwards."""
    return int((value + _HALF) // 1)


def _keyed_of(form: QuizForm, dimension: str, answers: Answers, keys: str = "+-") -> list[int]:
    items = (item for item in form.items if item.dimension == dimension and item.key in keys)
    values = (keyed(form, item.id, answers) for item in items)
    return [value for value in values if value is not None]


def _dimension(form: QuizForm, dimension: str, answers: Answers) -> Fraction | None:
    values = _keyed_of(form, dimension, answers)
    if len(values) < form.limits.answered:
        return None
    return Fraction(100 * sum(values), HIGHEST * len(values))


def _axis(form: QuizForm, axis_id: str, answers: Answers) -> Fraction:
    axis = next(axis for axis in form.axes if axis.id == axis_id)
    positions = []
    for pair in form.pairs:
        raw = answers.get(pair.id)
        if pair.axis == axis_id and raw is not None:
            towards_second = Fraction(2 * raw - HIGHEST, HIGHEST)
            positions.append(towards_second if pair.first == axis.low else -towards_second)
    return sum(positions, Fraction(0)) / len(positions) if positions else Fraction(0)


def _share(form: QuizForm, type_: Type, axes: Mapping[str, Fraction]) -> Fraction:
    share = Fraction(1)
    for axis, end in zip(form.axes, type_.corner, strict=True):
        lean = axes[axis.id] if end == axis.high else -axes[axis.id]
        share *= (1 + lean) / 2
    return share
