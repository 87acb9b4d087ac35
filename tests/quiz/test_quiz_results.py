"""The result page: complete, true to the answers, short enough, in every language."""

import random
import re

import pytest
from quiz_helpers import (
    DONE,
    FORM,
    ITEMS,
    LANGUAGES,
    TEXTS,
    answered,
    buttons,
    keyed_vector,
    progress,
    tap,
    uniform,
    vector,
)

from conversations.messages import Show, plain
from conversations.quiz.findings import Findings, find
from conversations.quiz.result import ResultView
from conversations.quiz.wording import fill

TELEGRAM_TEXT = 4096
COMFORTABLE = 2500


def view(language: str) -> ResultView:
    return ResultView(FORM, TEXTS[language], language)


def page(answers: dict[str, int | None], language: str = "en", took: float = 130) -> str:
    return view(language).page(progress(answers, took), Show.EDIT).text


def some_vectors(count: int) -> list[dict[str, int | None]]:
    """Random answers of several kinds: spread, extreme, mild, and tilted towards or away from the job."""
    draw = random.Random(2)
    found = [uniform(value) for value in range(5)]
    for seed in range(count):
        kind = seed % 5
        if kind < 3:
            found.append(vector(seed, ((0, 1, 2, 3, 4), (0, 4), (1, 2, 3))[kind]))
        else:
            levels = (2, 3, 4, 4) if kind == 3 else (0, 0, 1, 2)
            answers = vector(seed)
            for item in FORM.items:
                value = draw.choice(levels)
                answers[item.id] = value if item.key == "+" else 4 - value
            found.append(answers)
    return found


def check_strengths_and_growth(findings: Findings) -> None:
    """R3, stated independently of the code that chooses them."""
    known = {id_: value for id_, value in findings.scores.dimensions.items() if value is not None}
    mean = sum(known.values()) / len(known)
    strong = {id_ for id_, value in known.items() if value >= 55 and value > mean}
    weak = {id_ for id_, value in known.items() if value < 70 and value < mean}
    strengths = [strength.dimension for strength in findings.strengths]
    assert len(strengths) == min(2, len(strong))
    assert len(findings.growth) == min(2, len(weak))
    assert set(strengths) <= strong
    assert set(findings.growth) <= weak
    assert not set(strengths) & set(findings.growth)
    assert all(known[id_] <= min(known[s] for s in strengths) for id_ in strong - set(strengths))
    assert all(known[id_] >= max(known[g] for g in findings.growth) for id_ in weak - set(findings.growth))
    assert findings.even == (max(known.values()) == min(known.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_vector_gives_one_complete_page(language: str) -> None:  # R2, R3
    texts = TEXTS[language]
    words = texts.result
    for answers in some_vectors(1000):
        findings = find(FORM, answers, 130)
        check_strengths_and_growth(findings)
        text = page(answers, language)
        lines = text.split("\n")
        assert sum(line in texts.bands.values() for line in lines) == 1
        assert sum(line.startswith(("▓", "░")) for line in lines) == 6
        for title in (words.strengths_title, words.growth_title, words.burdens_title, words.limits_title):
            assert lines.count(title) == 1
        assert lines.count(words.types_title) == (0 if findings.alike else 1)
        assert words.disclaimer in lines
        assert f"{findings.percent}" in lines[0]
        assert f"{findings.low}" in lines[0]
        assert f"{findings.high}" in lines[0]
        assert 0 <= findings.low <= findings.percent <= findings.high <= 100
        strengths = sum(f"• **{words_.name}.** " in text and words_.why in text for words_ in texts.dimensions.values())
        growth = sum(words_.exercise in text for words_ in texts.dimensions.values())
        assert strengths == len(findings.strengths)
        assert growth == len(findings.growth)
        assert (words.strengths_even in lines) + (words.strengths_low in lines) == (strengths == 0)
        assert (words.growth_even in lines) + (words.growth_high in lines) == (growth == 0)
        assert "{" not in text
        assert len(plain(text)) <= COMFORTABLE < TELEGRAM_TEXT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_quotes_what_was_said(language: str) -> None:
    texts = TEXTS[language]
    for answers in some_vectors(100):
        for strength in find(FORM, answers, 130).strengths:
            raw = answers[strength.item]
            assert raw is not None
            item = FORM.item_by_id[strength.item]
            assert item.dimension == strength.dimension
            assert (raw >= 3) if item.key == "+" else (raw <= 1)  # an answer that really shows it
            line = next(
                line
                for line in page(answers, language).split("\n")
                if line.startswith(f"• **{texts.dimensions[strength.dimension].name}.**")
            )
            assert texts.statements[strength.item].rstrip(".") in line
            assert texts.options[raw] in line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_block_can_be_reached(language: str) -> None:  # R1
    texts = TEXTS[language]
    few = {id_: None if id_ in ("tech1", "tech2") else 2 for id_ in FORM.order}
    high = dict.fromkeys(("tech", "stra", "lead", "comm", "busi", "pres"), 3)
    special = [few, keyed_vector(high), keyed_vector(high | {"pres": 4})]
    pages = [page(answers, language) for answers in [*some_vectors(600), *special]]
    for situation in FORM.situations:
        chosen = progress(uniform(2)).model_copy(update={"situation": situation.id})
        pages.append(view(language).next_steps(chosen, Show.EDIT).text)
    shown = "\n".join(pages)
    blocks = ("bands", "levels", "dimensions", "types", "axes", "burdens", "result", "situations")
    for path, text in texts.strings().items():
        if path.split(".")[0] in blocks and not path.endswith(".label"):
            for piece in re.split(r"\{\w+\}", text):
                assert piece in shown, path


@pytest.mark.parametrize("language", LANGUAGES)
def test_opposite_profiles_read_differently(language: str) -> None:  # R6
    texts = TEXTS[language]
    # The frame says the same to everyone: titles, the disclaimer, where the types come from, the caveats.
    words = texts.result
    frame = {
        words.disclaimer,
        words.type_note,
        fill(texts.after.extend_offer, more=22, spread=10, narrow=7),
        *words.limits.split("\n"),
        *(text for name, text in words.model_dump().items() if name.endswith("_title")),
    }

    def sentences(answers: dict[str, int | None]) -> set[str]:
        text = page(answers, language).replace("\n▓", " ▓").replace("\n░", " ░")  # a bar is no sentence of its own
        lines = [line for line in text.split("\n") if line and line not in frame]
        return {sentence for line in lines for sentence in re.split(r"(?<=[.!?]) ", line)}

    for seed in range(300):
        answers = vector(seed, (0, 4))
        opposite = {id_: None if value is None else 4 - value for id_, value in answers.items()}
        one, other = sentences(answers), sentences(opposite)
        assert len(one & other) < 0.2 * min(len(one), len(other))


def test_burdens_follow_low_answers() -> None:
    for answers in some_vectors(300):
        told = find(FORM, answers, 130).burdens
        low = {}
        for burden in FORM.burdens:
            raw, item = answers[burden.item], FORM.item_by_id[burden.item]
            assert raw is not None
            low[burden.id] = raw if item.key == "+" else 4 - raw
        assert len(told) == min(2, sum(value <= 1 for value in low.values()))
        assert all(low[id_] <= 1 for id_ in told)
        assert all(low[id_] >= max(low[t] for t in told) for id_ in low if told and id_ not in told)


def test_flags_are_silent() -> None:
    answers = keyed_vector({"tech": 4, "stra": 3, "lead": 1, "comm": 0})
    calm, hurried = find(FORM, answers, 130), find(FORM, answers, 12)
    assert (calm.high - calm.low, hurried.high - hurried.low) == (20, 30)
    slow, fast = page(answers), page(answers, took=12)
    assert slow.split("\n")[1:] == fast.split("\n")[1:]  # only the range is wider
    assert TEXTS["en"].result.limits_alike in page(uniform(3))
    assert find(FORM, uniform(3), 130).closest is None


@pytest.mark.parametrize("situation", [situation.id for situation in FORM.situations])
@pytest.mark.parametrize("language", LANGUAGES)
def test_next_steps(language: str, situation: str) -> None:
    session = answered([1, 3] * 11)
    turn = tap(session, f"q1:1:{DONE}:g{situation}", language=language)
    [reply] = turn.replies
    assert (reply.slot, reply.show, reply.language) == ("quiz:1:next", Show.EDIT, language)
    assert reply.text.count("\n• ") >= 3
    assert [button.data for button in buttons(reply) if button.data.startswith("e1:")] == [
        f"e1:{entry}" for chosen in FORM.situations if chosen.id == situation for entry in chosen.entries
    ]
    assert turn.session.quiz is not None
    assert (turn.session.quiz.state, turn.session.quiz.situation) == ("result", situation)


def test_low_affinity_points_to_neighbouring_jobs() -> None:
    low = keyed_vector(dict.fromkeys(("tech", "stra", "lead", "comm", "busi", "pres"), 1), pairs=1)
    reply = view("fr").page(progress(low), Show.EDIT)
    assert reply.text.count(TEXTS["fr"].bands["low"]) == 1
    assert "e1:similar.jobs" in [button.data for button in buttons(reply)]
    assert set(ITEMS) <= set(low)
