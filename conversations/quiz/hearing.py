"""Typed answers: whether a message is an answer to the open question, and which."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from rapidfuzz.distance import OSA

from conversations.quiz import machine
from conversations.quiz.presses import Action
from conversations.session import QuizProgress
from knowledge.folding import fold
from knowledge.quiz import QuizForm, QuizTexts

Meaning = tuple[Action, str]
"""What to do, and with what: ``(Action.ANSWER, "3")``."""

LONGEST = 48
SHORTEST_WITH_TYPO, SHORTEST_WITH_TWO = 5, 9
_NUMBER = re.compile(r"([1-9])[.)!]?")
_CONTROLS = {
    "back": Action.BACK,
    "skip": Action.SKIP,
    "pause": Action.PAUSE,
    "quit": Action.QUIT,
}


def hear(
    form: QuizForm, texts: Mapping[str, QuizTexts], language: str, progress: QuizProgress, text: str
) -> Meaning | None:
    """What a typed message means at this point of the quiz, or None where it is something else.

    It is read in the given language first, there with a typo or two; then, to the letter, in the others.
    Quitting never rests on a guess.
    """
    if len(text) > LONGEST or "?" in text:
        return None
    if progress.state == "asking" and (number := _number(form, text)):
        return number
    said = fold(text)
    known = {fold(phrase): meaning for phrase, meaning in _phrases(form, texts[language], progress)}
    if not said or said in known:
        return known.get(said)
    for other in texts.values():
        for phrase, meaning in _phrases(form, other, progress):
            if fold(phrase) == said:
                return meaning
    return _guess(said, known) if progress.state != "paused" else None


def _phrases(form: QuizForm, texts: QuizTexts, progress: QuizProgress) -> Iterator[tuple[str, Meaning]]:
    if progress.state == "asking":
        choice = machine.question(form, progress) in form.pair_by_id
        for meaning, phrase in texts.phrases(choice):
            control = _CONTROLS.get(meaning)
            yield phrase, (control, "") if control else (Action.ANSWER, meaning)
    elif progress.state == "paused":
        for phrase in (texts.buttons["resume"], *texts.typed.controls["resume"]):
            yield phrase, (Action.RESUME, "")
    elif progress.state == "situation":
        yield texts.buttons["not_now"], (Action.NO_SITUATION, "")
        for id_, situation in texts.situations.items():
            for phrase in (situation.label, *texts.typed.situations[id_]):
                yield phrase, (Action.SITUATION, id_)


def _number(form: QuizForm, text: str) -> Meaning | None:
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c)[0] != "M")
    match = _NUMBER.fullmatch(plain.strip())
    if match is None or int(match[1]) > len(form.scale):
        return None
    return Action.ANSWER, str(int(match[1]) - 1)


def _guess(said: str, known: Mapping[str, Meaning]) -> Meaning | None:
    if len(said) < SHORTEST_WITH_TYPO or any(c.isdigit() for c in said):
        return None
    near: dict[Meaning, int] = {}
    for phrase, meaning in known.items():
        allowed = (len(phrase) >= SHORTEST_WITH_TYPO) + (len(phrase) >= SHORTEST_WITH_TWO)
        distance = OSA.distance(said, phrase, score_cutoff=2)
        if distance <= allowed:
            near[meaning] = min(distance, near.get(meaning, distance))
    best = [meaning for meaning, distance in near.items() if distance == min(near.values())]
    return best[0] if len(best) == 1 and best[0][0] is not Action.QUIT else None
