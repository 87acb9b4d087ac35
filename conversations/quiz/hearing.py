"""Typed answers: whether a message is an answer to the open question or asks about the result, and which."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

from rapidfuzz.distance import OSA

from conversations.quiz import machine
from conversations.quiz.presses import Action
from conversations.session import QuizProgress
from knowledge.folding import fold, words
from knowledge.quiz import QuizForm, QuizTexts

Meaning = tuple[Action, str]
"""What to do, and with what: ``(Action.ANSWER, "3")``."""

LONGEST = 48
LONGEST_ASKED, MOST_BESIDE = 90, 4
"""Characters of a question about the result, and words of one that supposes something beside what it supposes."""

SHORTEST_WITH_TYPO, SHORTEST_WITH_TWO = 5, 9
_NUMBER = re.compile(r"([1-9])[.)!]?")
_CONTROLS = {
    "back": Action.BACK,
    "skip": Action.SKIP,
    "pause": Action.PAUSE,
    "help": Action.HELP,
    "quit": Action.QUIT,
    "resume": Action.RESUME,
}
_FUNCTIONS = {
    "why": Action.WHY,
    "what_if": Action.WHAT_IF,
    "share": Action.SHARE,
    "keep": Action.KEEP,
    "delete": Action.DELETE,
    "extend": Action.EXTEND,
    "redo": Action.START,
}
_NEVER_GUESSED = {Action.QUIT, Action.DELETE, Action.KEEP}
"""What a misspelt message does not do: end something, delete or store."""


def hear(
    form: QuizForm, texts: Mapping[str, QuizTexts], language: str, progress: QuizProgress, text: str
) -> Meaning | None:
    """What a typed message means at this point of the quiz, or None where it is something else.

    It is read in the given language first, there with a typo or two; then, to the letter, in the others. Quitting,
    keeping and deleting never rest on a guess.
    """
    if machine.done(progress) and (asked := _asked(texts, language, text)):
        return asked
    if len(text) > LONGEST or "?" in text:
        return None
    if progress.state == "asking" and (number := _number(form, text)):
        return number
    return _find(fold(text), texts, language, lambda other: _phrases(form, other, progress), progress.state != "paused")


def _phrases(form: QuizForm, texts: QuizTexts, progress: QuizProgress) -> Iterator[tuple[str, Meaning]]:
    if progress.state == "asking":
        choice = machine.question(form, progress) in form.pair_by_id
        for meaning, phrase in texts.phrases(choice):
            control = _CONTROLS.get(meaning)
            yield phrase, (control, "") if control else (Action.ANSWER, meaning)
    elif progress.state == "paused":
        for name in ("resume", "back", "pause", "help", "quit"):
            yield from ((phrase, (_CONTROLS[name], "")) for phrase in texts.controls(name))
    elif progress.state == "situation":
        yield texts.buttons["not_now"], (Action.NO_SITUATION, "")
        for name in ("back", "pause", "help", "quit"):
            yield from ((phrase, (_CONTROLS[name], "")) for phrase in texts.controls(name))
        for id_, situation in texts.situations.items():
            for phrase in (situation.label, *texts.typed.situations[id_]):
                yield phrase, (Action.SITUATION, id_)


def _asked(texts: Mapping[str, QuizTexts], language: str, text: str) -> Meaning | None:
    """What is asked of a finished result: one of the functions, or what would be if something were higher."""
    if len(text) > LONGEST_ASKED:
        return None
    for other in (language, *texts):
        supposed = _supposed(texts[other], text)
        if supposed is not None:
            return Action.WHAT_IF, supposed
    return _find(fold(text), texts, language, _functions, guess=True)


def _functions(texts: QuizTexts) -> Iterator[tuple[str, Meaning]]:
    for name, action in _FUNCTIONS.items():
        yield from ((phrase, (action, "")) for phrase in (texts.buttons[name], *texts.typed.functions[name]))


def _supposed(texts: QuizTexts, text: str) -> str | None:
    """The dimension of a "what if I grew in ..."; None for a message that says more, or something else."""
    said = words(text)
    opener = max((o for o in map(words, texts.typed.supposing) if said[: len(o)] == o), key=len, default=None)
    if opener is None:
        return None
    rest = said[len(opener) :]
    grown = max((len(phrase) for phrase in map(words, texts.typed.growing) if _holds(rest, phrase)), default=0)
    named = [
        (len(phrase), dimension)
        for dimension, phrases in texts.typed.dimensions.items()
        for phrase in map(words, phrases)
        if _holds(rest, phrase)
    ]
    if not grown or not named or len(rest) - grown - max(named)[0] > MOST_BESIDE:
        return None
    return max(named)[1]


def _holds(said: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether these words stand in the message one after the other, each perhaps with a typo."""
    return any(
        all(_near(one, other) for one, other in zip(said[start:], phrase, strict=False))
        for start in range(len(said) - len(phrase) + 1)
    )


def _near(said: str, word: str) -> bool:
    allowed = (len(word) > SHORTEST_WITH_TYPO) + (len(word) >= SHORTEST_WITH_TWO)
    return OSA.distance(said, word, score_cutoff=allowed) <= allowed


def _find(
    said: str,
    texts: Mapping[str, QuizTexts],
    language: str,
    phrases: Callable[[QuizTexts], Iterator[tuple[str, Meaning]]],
    guess: bool,
) -> Meaning | None:
    known = {fold(phrase): meaning for phrase, meaning in phrases(texts[language])}
    if not said or said in known:
        return known.get(said)
    for other in texts.values():
        for phrase, meaning in phrases(other):
            if fold(phrase) == said:
                return meaning
    return _guess(said, known) if guess else None


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
    return best[0] if len(best) == 1 and best[0][0] not in _NEVER_GUESSED else None
