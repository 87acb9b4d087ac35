"""Understands one message: its language, its words after spelling repair, its scope, and what it may be about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.content import Knowledge
from knowledge.folding import words
from knowledge.language import LanguageReader
from knowledge.matching.index import Index, build
from knowledge.matching.matcher import Match, Matcher
from knowledge.matching.spelling import Speller
from knowledge.scope import Reading, ScopeReader


@dataclass(frozen=True)
class Message:
    """A message as it was understood. ``known`` says of each word how well it is known, from 0 to 1."""

    language: str
    words: tuple[str, ...]
    known: tuple[float, ...]
    reading: Reading


class Understanding:
    """Reads messages; made once from the content and, where there is one, its stored index."""

    def __init__(self, knowledge: Knowledge, index: Index | None = None) -> None:
        self._languages = LanguageReader(knowledge.languages)
        self._scope = ScopeReader(knowledge)
        phrasings = list(phrasings_of(knowledge))
        self._speller = Speller((tokens for _, tokens in phrasings), self._scope.vocabulary)
        self.index = index or build([(topic, self._scope.read(tokens).masked) for topic, tokens in phrasings])
        self._matcher = Matcher(self.index)

    def read(self, text: str, expected: Sequence[str]) -> Message:
        """Reads a text; ``expected`` are the languages it is likely in, likeliest first."""
        language = self._languages.read(text, expected)
        repaired = self._speller.repair(words(text))
        return Message(language, repaired.words, repaired.known, self._scope.read(repaired.words))

    def rank(self, message: Message) -> list[Match]:
        """The topics that the message may be about, best first; none where nothing of it is known."""
        ranked = self._matcher.rank(message.reading.masked, message.words, message.known)
        return [match for match, _ in ranked]

    def part(self, message: Message, start: int, end: int) -> Message:
        """Some of a message's words as a message of their own."""
        chosen = message.words[start:end]
        return Message(message.language, chosen, message.known[start:end], self._scope.read(chosen))


def phrasings_of(knowledge: Knowledge) -> Iterator[tuple[str, list[str]]]:
    """Every way of asking (and every title) with its topic, as folded words."""
    for language in knowledge.languages.values():
        for name, texts in language.entries.items():
            topic = knowledge.entries[name].topic
            for phrasing in (*texts.ask, texts.title):
                yield topic, words(phrasing)
