"""Scores: exact, monotone, symmetric, and equal to an independent formula."""

import itertools
import random
from collections import Counter
from fractions import Fraction

import pytest
from engine_rules import DIRECT, Quiz, m15, with_skips
from hypothesis import given, settings
from hypothesis import strategies as st
from quiz_helpers import FORM, ITEMS, PAIRS, keyed_vector, uniform, vector

from conversations.quiz.findings import find
from conversations.quiz.scoring import quality, rounded, score

NAMES = ("tech", "stra", "lead", "comm", "busi", "pres")

complete = st.fixed_dictionaries({id_: st.integers(0, 4) for id_ in FORM.order})


def test_equals_the_reference_formula() -> None:  # M15
    assert list(m15(Quiz(), 10_000)) == []


def test_range_and_attainable_values() -> None:  # M1, M8
    for name in NAMES:
        values = set()
        for raw in itertools.product(range(5), repeat=3):
            answers = uniform(2) | {f"{name}{n + 1}": value for n, value in enumerate(raw)}
            values.add(score(FORM, answers).dimensions[name])
        assert values == {Fraction(100 * k, 12) for k in range(13)}
    lowest = {id_: 0 if id_ in DIRECT else 4 for id_ in ITEMS} | dict.fromkeys(PAIRS, 0)
    totals = [score(FORM, lowest).total]
    climbing = dict(lowest)
    for id_ in ITEMS:
        for _ in range(4):
            climbing[id_] += 1 if id_ in DIRECT else -1
            totals.append(score(FORM, climbing).total)
    assert totals == [Fraction(100 * k, 72) for k in range(73)]


def test_neutral_is_exactly_fifty() -> None:  # M2
    scores = score(FORM, uniform(2))
    assert float(scores.total) == 50.0
    assert {float(value or -1) for value in scores.dimensions.values()} == {50.0}
    assert set(scores.axes.values()) == {0}
    findings = find(FORM, keyed_vector({}), None)
    assert findings.closest is None  # eighteen equal answers: no type is told
    varied = keyed_vector({"tech": 3, "stra": 1, "lead": 3, "comm": 1})
    closest = find(FORM, varied, None).closest
    assert closest is not None
    assert closest.kind == "balanced"


@given(answers=complete, item=st.sampled_from(ITEMS))
@settings(max_examples=200, deadline=None)
def test_one_step_of_one_item(answers: dict[str, int], item: str) -> None:  # M4, M6, M7
    before = score(FORM, answers)
    up = 1 if item in DIRECT else -1
    if not 0 <= answers[item] + up <= 4:
        return
    after = score(FORM, answers | {item: answers[item] + up})
    assert after.total - before.total == Fraction(100, 72)
    for name in NAMES:
        moved = (after.dimensions[name] or 0) - (before.dimensions[name] or 0)
        assert moved == (Fraction(100, 12) if item.startswith(name) else 0)
    assert (after.axes, after.types) == (before.axes, before.types)


@given(answers=complete)
@settings(max_examples=200, deadline=None)
def test_mirrored_answers_mirror_scores(answers: dict[str, int]) -> None:  # M5
    one, other = score(FORM, answers), score(FORM, {id_: 4 - value for id_, value in answers.items()})
    assert one.total + other.total == 100
    assert all((one.dimensions[name] or 0) + (other.dimensions[name] or 0) == 100 for name in NAMES)
    assert all(one.axes[axis] == -other.axes[axis] for axis in one.axes)


def test_types_are_shares_and_each_can_win() -> None:  # M10
    kinds: Counter[str] = Counter()
    varied = keyed_vector({"tech": 4, "stra": 0, "lead": 3, "comm": 1})
    for raw in itertools.product(range(5), repeat=4):
        findings = find(FORM, varied | dict(zip(PAIRS, raw, strict=True)), None)
        shares = findings.scores.types.values()
        assert min(shares) >= 0
        assert sum(shares) == 1
        assert findings.closest is not None
        kinds[findings.closest.types[0] if findings.closest.kind == "clear" else "mixed"] += 1
    assert {kind: rounded(Fraction(100 * n, 625)) for kind, n in kinds.items()} == {
        "infrastructure": 16,
        "planner": 16,
        "liaison": 16,
        "thinker": 16,
        "mixed": 36,
    }


@given(answers=complete, axis=st.sampled_from(["reach", "part"]))
@settings(max_examples=100, deadline=None)
def test_turning_an_axis_swaps_types_only(answers: dict[str, int], axis: str) -> None:  # M11
    turned = answers | {f"{axis}{n}": 4 - answers[f"{axis}{n}"] for n in "12"}
    one, other = score(FORM, answers), score(FORM, turned)
    swap = {
        "reach": {"infrastructure": "liaison", "planner": "thinker"},
        "part": {"infrastructure": "planner", "liaison": "thinker"},
    }[axis]
    swap |= {right: left for left, right in swap.items()}
    assert {swap[id_]: share for id_, share in other.types.items()} == one.types
    assert (one.dimensions, one.total) == (other.dimensions, other.total)


@given(answers=complete, order=st.permutations(FORM.order))
@settings(max_examples=50, deadline=None)
def test_order_of_asking_does_not_matter(answers: dict[str, int], order: list[str]) -> None:  # M12
    shuffled = FORM.model_copy(update={"order": tuple(order)})
    assert score(shuffled, {id_: answers[id_] for id_ in order}) == score(FORM, answers)


def test_skips_stay_in_range_and_neutral_stays_fifty() -> None:  # M13
    for skipped in itertools.product([None, 1, 2, 3], repeat=6):
        gone = {f"{name}{n}" for name, n in zip(NAMES, skipped, strict=True) if n}
        assert float(score(FORM, {id_: 2 for id_ in FORM.order if id_ not in gone}).total) == 50.0
    draw = random.Random(13)
    for seed in range(500):
        total = score(FORM, with_skips(draw, vector(seed, (0, 4)))).total
        assert 0 <= total <= 100


def test_too_few_answers() -> None:
    scores = score(FORM, {id_: 3 for id_ in FORM.order if id_ not in ("tech1", "tech2")})
    assert scores.dimensions["tech"] is None
    assert find(FORM, dict.fromkeys(("stra1", "stra2", "stra3"), 2), None).levels["tech"] is None
    with pytest.raises(ValueError, match="enough answers"):
        score(FORM, {"tech1": 4})


def test_quality_flags() -> None:
    spread = keyed_vector({"tech": 3, "stra": 1, "lead": 4, "comm": 0})
    assert (quality(FORM, spread, 130).alike, quality(FORM, spread, 130).loose) == (False, False)
    assert quality(FORM, spread, 29.9).loose
    assert not quality(FORM, spread, 30).loose
    assert not quality(FORM, spread, None).loose
    assert not quality(FORM, spread, -5).loose  # the clock was set back
    asked = [id_ for id_ in FORM.order if id_ in ITEMS]
    for same, alike in ((11, False), (12, True)):
        answers = {id_: 3 if place < same else (0, 1)[place % 2] for place, id_ in enumerate(asked)}
        assert quality(FORM, answers, None).alike is alike
    yes_to_all = uniform(4)  # agrees with every statement and with its opposite
    assert quality(FORM, yes_to_all, None).loose
    assert find(FORM, yes_to_all, None).low == 50 - 15


@pytest.mark.parametrize(("value", "whole"), [("49.5", 50), ("49.49", 49), ("0", 0), ("100", 100), ("62.5", 63)])
def test_rounding_goes_up_at_half(value: str, whole: int) -> None:
    assert rounded(Fraction(value)) == whole
