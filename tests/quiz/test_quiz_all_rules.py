"""The 51 rules of the quiz: each is kept by the real one, and each notices a quiz that breaks it."""

import pytest
from engine_rules import ENGINE, Quiz
from test_quiz_rules import STRUCTURE, WORDS

NUMBERED = {"S": 12, "T": 8, "L": 5, "M": 15, "R": 7, "F": 3, "P": 1}
RULES = [f"{letter}{number}" for letter, count in NUMBERED.items() for number in range(1, count + 1)]

OF_THE_CONTENT = {rule for rule, _ in STRUCTURE} | {rule for _, rule, _ in WORDS}
"""Rules that the check of the content tells; ``test_quiz_rules`` breaks each of them."""


def test_no_rule_is_missing() -> None:
    assert len(RULES) == 51
    assert set(RULES) - OF_THE_CONTENT - set(ENGINE) == set()
    assert set(ENGINE) <= set(RULES)


@pytest.mark.parametrize("rule", ENGINE)
def test_the_real_quiz_keeps_the_rule(rule: str) -> None:
    check, _ = ENGINE[rule]
    assert list(check(Quiz())) == []


@pytest.mark.parametrize("rule", ENGINE)
def test_a_quiz_that_breaks_the_rule_is_noticed(rule: str) -> None:
    check, broken = ENGINE[rule]
    assert list(check(broken))
