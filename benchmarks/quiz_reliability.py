"""How far a result of the quiz can be relied on, modelled: `python -m benchmarks.quiz_reliability [PEOPLE]`.

Nobody has been measured yet. This draws people by a simple model, lets each fill in our own definition twice, and
compares the two results with each other and with what the person is like. The model: six traits that correlate, two
styles that do not; each answer shows its trait with a certain strength (its loading) and is otherwise chance; five
options cut the scale evenly; nobody remembers the first sitting. Real people differ from that, so the figures say what
such a form can do at best, not what it does. docs/quiz.md shows them, and a test compares.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from conversations.quiz.findings import Findings, find
from conversations.quiz.scoring import HIGHEST
from knowledge.quiz import QuizForm
from knowledge.reading import read

LOADINGS = {"weak": 0.5, "medium": 0.6, "strong": 0.7}
"""How much of an answer comes from what is asked about, as a correlation; 0.6 is common for short scales."""

RELATED = 0.3
"""How far the six traits correlate with each other."""

CUTS = (-1.5, -0.5, 0.5, 1.5)
"""Where the options meet, in standard deviations; the middle one is chosen by 38 of 100."""

SEED = 1
Values = NDArray[np.float64]
Sitting = dict[str, int | None]


@dataclass(frozen=True)
class People:
    """What people are like: each trait and style, in standard deviations, a row a person."""

    traits: Mapping[str, Values]
    count: int


def draw(form: QuizForm, count: int, chance: np.random.Generator) -> People:
    """People by the model."""
    common = chance.standard_normal(count)
    own = {dimension.id: chance.standard_normal(count) for dimension in form.dimensions}
    traits = {id_: np.sqrt(RELATED) * common + np.sqrt(1 - RELATED) * values for id_, values in own.items()}
    return People(traits | {axis.id: chance.standard_normal(count) for axis in form.axes}, count)


def sit(
    form: QuizForm, people: People, questions: tuple[str, ...], loading: float, chance: np.random.Generator
) -> list[Sitting]:
    """One sitting of each person: the raw answers to these questions."""
    columns = {}
    for id_ in questions:
        shown = loading * people.traits[form.group(id_)] + np.sqrt(1 - loading**2) * chance.standard_normal(
            people.count
        )
        value = np.digitize(shown, CUTS)
        columns[id_] = HIGHEST - value if _reversed(form, id_) else value
    return [{id_: int(column[person]) for id_, column in columns.items()} for person in range(people.count)]


def truth(form: QuizForm, people: People, loading: float) -> dict[str, Values]:
    """The score of each dimension, 0 to 100, that a person would get on average over endless sittings."""
    normal = np.vectorize(NormalDist().cdf)
    rest = np.sqrt(1 - loading**2)
    return {
        dimension.id: sum(normal((loading * people.traits[dimension.id] - cut) / rest) for cut in CUTS) * 100 / HIGHEST
        for dimension in form.dimensions
    }


def figures(form: QuizForm, *, extended: bool, loading: float, people: int, seed: int = SEED) -> dict[str, float]:
    """The figures of one form: shares and differences in percent or points, correlations times 100."""
    chance = np.random.default_rng(seed)
    persons = draw(form, people, chance)
    questions = form.order + form.more if extended else form.order
    once, again = (
        [find(form, answers, None) for answers in sit(form, persons, questions, loading, chance)] for _ in range(2)
    )
    true = truth(form, persons, loading)
    ids = [dimension.id for dimension in form.dimensions]
    one, two = ({id_: _column(results, id_) for id_ in ids} for results in (once, again))
    totals = [np.array([float(result.scores.total) for result in results]) for results in (once, again)]
    whole = np.mean([true[id_] for id_ in ids], axis=0)
    spread = np.array([result.spread for result in once])
    pairs = list(zip(once, again, strict=True))
    return {
        "retest of a dimension": 100 * float(np.mean([np.corrcoef(one[id_], two[id_])[0, 1] for id_ in ids])),
        "error of a dimension": float(np.sqrt(np.mean([(one[id_] - true[id_]) ** 2 for id_ in ids]))),
        "retest of the total": 100 * float(np.corrcoef(*totals)[0, 1]),
        "error of the total": float(np.sqrt(np.mean((totals[0] - whole) ** 2))),
        "true total within the range": _share(np.abs(totals[0] - whole) <= spread),
        "total again within 10": _share(np.abs(totals[0] - totals[1]) <= 10),
        "same band": _share([a.band == b.band for a, b in pairs]),
        "same or next band": _share([abs(form.bands.index(a.band) - form.bands.index(b.band)) < 2 for a, b in pairs]),
        "same level": _share([a.levels[id_] == b.levels[id_] for a, b in pairs for id_ in ids]),
        "same top strength": _share([_top(a) == _top(b) for a, b in pairs]),
        "top strength again in the first two": _share([_top(a) in _ranked(b)[:2] for a, b in pairs]),
        "same closest type": _share([_type(a) == _type(b) for a, b in pairs]),
        "range widened": _share(spread > _usual(form, questions)),
        "range widened for chance": _share(_widened(form, questions, people, chance)),
    }


def table(form: QuizForm, people: int) -> Iterator[str]:
    """The figures as lines: the short and the extended form, and the range from weak to strong statements."""
    yield f"{'modelled, not measured':38} {'short':>18} {'extended':>18}"
    found = {
        (extended, name): figures(form, extended=extended, loading=loading, people=people)
        for extended in (False, True)
        for name, loading in LOADINGS.items()
    }
    for figure in found[False, "medium"]:
        cells = []
        for extended in (False, True):
            medium, *ends = (found[extended, name][figure] for name in ("medium", "weak", "strong"))
            cells.append(f"{medium:5.1f} ({min(ends):.0f} to {max(ends):.0f})")
        yield f"{figure:38} {cells[0]:>18} {cells[1]:>18}"


def _reversed(form: QuizForm, id_: str) -> bool:
    """Whether agreeing (or choosing the second side) speaks for the low end."""
    if id_ in form.item_by_id:
        return form.item_by_id[id_].key == "-"
    pair = form.pair_by_id[id_]
    axis = next(axis for axis in form.axes if axis.id == pair.axis)
    return pair.first == axis.high


def _widened(form: QuizForm, questions: tuple[str, ...], people: int, chance: np.random.Generator) -> list[bool]:
    """For people who tap at random: whether the result tells a wider range, as it should."""
    drawn = chance.choice(form.scale, (people, len(questions)))
    return [
        find(form, dict(zip(questions, map(int, row), strict=True)), None).spread > _usual(form, questions)
        for row in drawn
    ]


def _usual(form: QuizForm, questions: tuple[str, ...]) -> int:
    return form.limits.spread_extended if set(form.more) <= set(questions) else form.limits.spread


def _column(results: list[Findings], id_: str) -> Values:
    return np.array([float(value) if (value := one.scores.dimensions[id_]) is not None else np.nan for one in results])


def _share(hits: object) -> float:
    return 100 * float(np.mean(np.asarray(hits)))


def _ranked(result: Findings) -> list[str]:
    known = {id_: value for id_, value in result.scores.dimensions.items() if value is not None}
    return sorted(known, key=lambda id_: -known[id_])


def _top(result: Findings) -> str:
    return _ranked(result)[0]


def _type(result: Findings) -> str:
    return max(result.scores.types, key=lambda id_: result.scores.types[id_])


if __name__ == "__main__":
    for line in table(read()[0].quiz, int(sys.argv[1]) if len(sys.argv) > 1 else 4000):
        print(line)
