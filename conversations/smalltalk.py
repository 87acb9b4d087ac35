"""Small talk, and what is said about the conversation itself: "thanks", "more", "the second one", "in English"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from knowledge.content import Knowledge
from knowledge.folding import words

LONGEST = 14
"""Words from which a message is taken to be about something."""

NEAR = 88.0
"""How alike (of 100) a short message has to be to a phrase to count as misspelt."""

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What a message says: an intent (or a turn of the dialogue) and the languages it may be in.

    ``guessed`` says that it was only nearly written so.
    """

    intent: str
    languages: tuple[str, ...]
    is_turn: bool = False
    guessed: bool = False


class SmallTalk:
    """Recognises messages that are wholly small talk; anything with a subject of its own is left alone."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._phrases: dict[Phrase, Said] = {}
        self._fillers: set[Phrase] = set()
        for language, texts in knowledge.languages.items():
            small = texts.smalltalk
            for intent, talk in small.talk.items():
                self._learn(talk.says, intent, language, is_turn=False)
            for intent, says in small.turns.items():
                self._learn(says, intent, language, is_turn=True)
            self._fillers |= {tuple(words(filler)) for filler in small.fillers}
        self._longest = max(len(phrase) for phrase in (*self._phrases, *self._fillers))
        self._written = {" ".join(phrase): phrase for phrase in self._phrases}

    def read(self, tokens: Sequence[str]) -> Said | None:
        """What the folded words say, or None where they are no small talk."""
        if not tokens or len(tokens) > LONGEST:
            return None
        if tuple(tokens) in self._phrases:
            return self._phrases[tuple(tokens)]
        pieces = self._cut(tokens, 0)
        if pieces:
            return _weightiest(pieces)
        return self._misspelt(tokens)

    def without_greeting(self, tokens: Sequence[str]) -> int:
        """How many words at the beginning only greet or fill in ("hi, quick question: ...")."""
        start = 0
        while start < len(tokens):
            length = next(
                (
                    size
                    for size in range(min(self._longest, len(tokens) - start), 0, -1)
                    if self._opens(tuple(tokens[start : start + size]))
                ),
                0,
            )
            if not length:
                break
            start += length
        return start

    def _opens(self, phrase: Phrase) -> bool:
        said = self._phrases.get(phrase)
        return said is not None and said.intent in ("greeting", "thanks") and not said.is_turn

    def _cut(self, tokens: Sequence[str], start: int) -> list[Said] | None:
        """The message from a word on, cut into phrases and fillers, or None where it cannot be."""
        if start == len(tokens):
            return []
        for size in range(min(self._longest, len(tokens) - start), 0, -1):
            piece = tuple(tokens[start : start + size])
            said = self._phrases.get(piece)
            if said is None and piece not in self._fillers:
                continue
            rest = self._cut(tokens, start + size)
            if rest is not None:
                return [said, *rest] if said else rest
        return None

    def _misspelt(self, tokens: Sequence[str]) -> Said | None:
        text = " ".join(tokens)
        if len(text) < 5:
            return None
        found = process.extractOne(text, list(self._written), scorer=fuzz.ratio, score_cutoff=NEAR)
        if found is None:
            return None
        return replace(self._phrases[self._written[found[0]]], guessed=True)

    def _learn(self, says: Sequence[str], intent: str, language: str, *, is_turn: bool) -> None:
        for text in says:
            phrase = tuple(words(text))
            known = self._phrases.get(phrase)
            if known is None:
                self._phrases[phrase] = Said(intent, (language,), is_turn)
            elif known.intent == intent and language not in known.languages:
                self._phrases[phrase] = Said(intent, (*known.languages, language), is_turn)


def _weightiest(pieces: Sequence[Said]) -> Said:
    """The piece that the message is about: a turn before small talk, anything before a greeting or an "ok"."""

    def weight(said: Said) -> int:
        return 3 if said.is_turn else {"okay": 0, "greeting": 1}.get(said.intent, 2)

    return max(pieces, key=weight)


def follow_up_words(knowledge: Knowledge) -> frozenset[str]:
    """The words of which a question consists that only names another scope ("and in France?")."""
    return frozenset(_all_words(knowledge, "follow_ups"))


def leaning_words(knowledge: Knowledge) -> frozenset[str]:
    """The words that refer to what was said before ("there", "he")."""
    return frozenset(_all_words(knowledge, "leaning"))


def leading_phrases(knowledge: Knowledge) -> dict[str, frozenset[Phrase]]:
    """What a question begins with that follows up on the last one, as words, for each language."""
    return {
        language: frozenset(tuple(words(lead)) for lead in texts.smalltalk.leads)
        for language, texts in knowledge.languages.items()
    }


def telling_phrases(knowledge: Knowledge) -> dict[str, frozenset[Phrase]]:
    """What a statement begins with that narrows the last question, as words, for each language."""
    return {
        language: frozenset(tuple(words(told)) for told in texts.smalltalk.tells)
        for language, texts in knowledge.languages.items()
    }


def joints(knowledge: Knowledge) -> dict[str, frozenset[Phrase]]:
    """What joins two questions in one message, as words, for each language."""
    return {
        language: frozenset(tuple(words(joint)) for joint in texts.smalltalk.joints)
        for language, texts in knowledge.languages.items()
    }


def _all_words(knowledge: Knowledge, name: str) -> Iterator[str]:
    for texts in knowledge.languages.values():
        for phrase in getattr(texts.smalltalk, name):
            yield from words(phrase)
