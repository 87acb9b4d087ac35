"""Understands one message: its language, its words after spelling repair, its scope, and what it may be about."""

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zipfile import BadZipFile

from knowledge.content import Knowledge
from knowledge.folding import words
from knowledge.language import LanguageReader
from knowledge.matching.index import RECIPE, Index
from knowledge.matching.matcher import Match, Matcher
from knowledge.matching.spelling import Speller
from knowledge.scope import PROFESSION, Reading, ScopeReader

INDEX = "index.npz"
"""The index's file in the content folder."""


@dataclass(frozen=True)
class Message:
    """A message as it was understood. ``known`` says of each word how well it is known, from 0 to 1."""

    language: str
    words: tuple[str, ...]
    known: tuple[float, ...]
    reading: Reading


class Understanding:
    """Reads messages; made once from the content and its index."""

    def __init__(self, knowledge: Knowledge, index: Index) -> None:
        self.answer_from, self.ask_from = index.answer, index.ask
        self._languages = LanguageReader(knowledge.languages)
        self._scope = ScopeReader(knowledge)
        phrasings = (tokens for _, tokens in phrasings_of(knowledge))
        plain = self._scope.vocabulary | set(_words_of_dialogue(knowledge))
        self._speller = Speller(phrasings, plain, set(_names(knowledge)))
        self._matcher = Matcher(index)
        self._about_posts = tuple(topic for topic, rules in knowledge.scope.topics.items() if rules.needs_post)
        self._posts = frozenset(
            tuple(words(post)) for texts in knowledge.languages.values() for post in texts.scope.other_posts
        )
        self._longest_post = max(map(len, self._posts))

    def read(self, text: str, expected: Sequence[str]) -> Message:
        """Reads a text; ``expected`` are the languages it is likely in, likeliest first, and decide about gibberish."""
        repaired = self._speller.repair(words(text))
        language = self._languages.read(text if any(repaired.known) else "", expected)
        return Message(language, repaired.words, repaired.known, self._scope.read(repaired.words))

    def rank(self, message: Message) -> list[Match]:
        """The topics that the message may be about, best first; none where nothing of it is known."""
        barred = () if self._names_post(message) else self._about_posts
        return self._matcher.rank(message.reading.masked, message.words, message.known, barred=barred)

    def _names_post(self, message: Message) -> bool:
        """Whether another post or profession than the career's own is named."""
        if PROFESSION in message.reading.named:
            return True
        sizes = range(1, self._longest_post + 1)
        starts = range(len(message.words))
        return any(message.words[start : start + size] in self._posts for start in starts for size in sizes)

    def part(self, message: Message, start: int, end: int) -> Message:
        """Some of a message's words as a message of their own."""
        chosen = message.words[start:end]
        return Message(message.language, chosen, message.known[start:end], self._scope.read(chosen))


def phrasings_of(knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every way of asking (and every title) with its topic, as folded words."""
    for language in knowledge.languages.values():
        for name, texts in language.entries.items():
            topic = knowledge.entries[name].topic
            for phrasing in (*texts.ask, texts.title):
                yield topic, tuple(words(phrasing))


def _words_of_dialogue(knowledge: Knowledge) -> Iterator[str]:
    """The words that lean on what was said before or join two questions; they are nobody's misspelling."""
    for language in knowledge.languages.values():
        said = language.smalltalk
        for phrase in (*said.follow_ups, *said.leaning, *said.joints, *said.fillers):
            yield from words(phrase)


def _names(knowledge: Knowledge) -> Iterator[str]:
    """Single words that name a place, a level and so on."""
    for language in knowledge.languages.values():
        for values in language.scope.names.values():
            for phrase in chain.from_iterable(values.values()):
                yield from found if len(found := words(phrase)) == 1 else ()


def fingerprint(knowledge: Knowledge) -> str:
    """A name for the phrasings, the scope and the recipe that an index is made from; answers do not count."""
    digest = hashlib.sha256()
    for language in knowledge.languages.values():
        digest.update(language.scope.model_dump_json(exclude={"topics", "experience_words", "other_posts"}).encode())
    digest.update(knowledge.scope.model_dump_json().encode())
    for topic, tokens in phrasings_of(knowledge):
        digest.update(f"{topic}:{' '.join(tokens)}\n".encode())
    digest.update(RECIPE.encode())
    return digest.hexdigest()[:20]


def index_of(content: Path) -> Index | None:
    """The index that lies in a content folder, or None where there is none that can be read."""
    try:
        return Index.load((content / INDEX).read_bytes())
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, zlib.error):
        return None


def train(knowledge: Knowledge) -> Index:
    """A new index of the content; takes minutes and needs scikit-learn."""
    from knowledge.matching.training import build

    scope = ScopeReader(knowledge)
    return build(
        list(phrasings_of(knowledge)),
        scope.vocabulary,
        lambda tokens: scope.read(tokens).masked,
        fingerprint(knowledge),
    )
