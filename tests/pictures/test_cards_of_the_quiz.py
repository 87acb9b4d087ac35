"""The pictures of real results: a sound layout, the same figures as in the words, and nothing private to be shared."""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from picture_helpers import faults, laid_out, said

from bot.telegram.rendering import captioned
from conversations.messages import Reply, ResultCard, ShareCard, Show, plain
from conversations.quiz.findings import find
from conversations.quiz.picturing import PictureView
from conversations.session import QuizProgress
from knowledge.content import LANGUAGES, Knowledge

DAY = datetime(2026, 9, 30, 12, tzinfo=UTC)
FORMS = ("short", "extended")


def answers_of(knowledge: Knowledge, form: str, levels: Mapping[str, int], pairs: int) -> dict[str, int | None]:
    """Answers with the same keyed value (0..4) for each statement of a dimension."""
    quiz = knowledge.quiz
    found: dict[str, int | None] = {}
    for id_ in quiz.order + (quiz.more if form == "extended" else ()):
        item = quiz.item_by_id.get(id_)
        value = levels.get(quiz.group(id_), 2)
        found[id_] = pairs if item is None else value if item.key == "+" else 4 - value
    return found


def progress(knowledge: Knowledge, answers: Mapping[str, int | None], day: datetime = DAY) -> QuizProgress:
    """A finished run."""
    times = {"started_at": day - timedelta(seconds=130), "updated_at": day, "finished_at": day}
    version = knowledge.quiz.tag
    return QuizProgress(run=1, version=version, state="result", step=22, answers=dict(answers), **times)


def results(knowledge: Knowledge) -> list[dict[str, int | None]]:
    """Answers of all sorts: the ends, the middle, one dimension alone, skips, chance; of both forms."""
    quiz, chance = knowledge.quiz, random.Random(4)
    ids = [dimension.id for dimension in quiz.dimensions]
    found = []
    for form in FORMS:
        found += [answers_of(knowledge, form, dict.fromkeys(ids, value), value) for value in (0, 2, 4)]
        found += [answers_of(knowledge, form, dict.fromkeys(ids, 1) | {id_: 4}, 0) for id_ in ids]
        skipped = answers_of(knowledge, form, dict.fromkeys(ids, 3), 4)
        found.append(skipped | dict.fromkeys([item.id for item in quiz.items if item.dimension in ids[1:3]]))
        found += [{id_: chance.choice(quiz.scale) for id_ in skipped} for _ in range(3)]
    return found


def view(knowledge: Knowledge, language: str) -> PictureView:
    """The pictures in one language."""
    return PictureView(knowledge.quiz, knowledge.languages[language].quiz, language)


def own(reply: Reply) -> ResultCard:
    assert isinstance(reply.card, ResultCard)
    return reply.card


def shared(reply: Reply) -> ShareCard:
    assert isinstance(reply.card, ShareCard)
    return reply.card


@pytest.mark.parametrize("language", LANGUAGES)
def test_real_results_are_laid_out_well_and_captioned(knowledge: Knowledge, language: str) -> None:
    for answers in results(knowledge):
        run = progress(knowledge, answers)
        for reply in (view(knowledge, language).own(run, Show.NEW), view(knowledge, language).shared(run)):
            assert reply.card is not None
            scene = laid_out(reply.card)
            assert faults(scene) == []
            assert [words.text for words in scene.words if words.text.endswith("-")] == []
            assert captioned(reply)
            assert scene.height < 1.6 * 1080


@pytest.mark.parametrize("language", LANGUAGES)
def test_picture_and_words_tell_the_same(knowledge: Knowledge, language: str) -> None:
    for answers in results(knowledge):
        reply = view(knowledge, language).own(progress(knowledge, answers), Show.NEW)
        findings = find(knowledge.quiz, answers, None)
        card, told = own(reply), plain(reply.text)
        figures = [int(figure) for figure in re.findall(r"\d+", told)]
        values = [spoke.value for spoke in card.spokes if spoke.value is not None]
        assert figures == [card.percent, card.low, card.high, *values]
        assert (card.percent, card.low, card.high) == (findings.percent, findings.low, findings.high)
        assert [int(figure) for figure in re.findall(r"\d+", card.span)] == [card.low, card.high]
        assert re.findall(r"\d+", card.figure) == [str(card.percent)]
        assert all(spoke.name in told for spoke in card.spokes)
        assert all(name in told for name in card.types)
        drawn = laid_out(card)
        for number in range(len(card.spokes)):
            label = said(drawn, f"spoke {number}")
            spoke = next(one for one in card.spokes if label.startswith(one.name))
            assert label == f"{spoke.name} {'–' if spoke.value is None else spoke.value} {spoke.level}".strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shared_has_no_figure_no_date_and_no_weak_side(knowledge: Knowledge, language: str) -> None:
    names = {id_: words.name for id_, words in knowledge.languages[language].quiz.dimensions.items()}
    for answers in results(knowledge):
        reply = view(knowledge, language).shared(progress(knowledge, answers))
        card, findings = shared(reply), find(knowledge.quiz, answers, None)
        assert re.findall(r"\d", f"{card.model_dump_json(exclude={'chosen'})} {reply.text}") == []
        weak = {names[id_] for id_ in names} - {names[one.dimension] for one in findings.strengths}
        assert not any(name in f"{card.model_dump_json()} {reply.text}" for name in weak)


def test_what_is_shared_is_the_same_whatever_is_not_told(knowledge: Knowledge) -> None:
    first, second, *rest = [dimension.id for dimension in knowledge.quiz.dimensions]
    strong = {first: 4, second: 3}
    later = datetime(2027, 2, 1, tzinfo=UTC)
    low = progress(knowledge, answers_of(knowledge, "short", strong | dict.fromkeys(rest, 0), 2))
    high = progress(knowledge, answers_of(knowledge, "short", strong | dict.fromkeys(rest, 2), 2), later)
    german = view(knowledge, "de")
    assert german.own(low, Show.NEW).card != german.own(high, Show.NEW).card
    assert german.shared(low).card == german.shared(high).card
