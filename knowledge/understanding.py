"""Understands one message: its language, its words after spelling repair, its scope, and what it may be about."""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from zipfile import BadZipFile

from knowledge.content import Knowledge
from knowledge.folding import spelt, words
from knowledge.language import LanguageReader
from knowledge.matching.encoder import Encoder, find_encoder
from knowledge.matching.index import Index
from knowledge.matching.matcher import Match, Matcher, Question
from knowledge.matching.spelling import Speller
from knowledge.phrasings import fingerprint, phrasings_of, words_said
from knowledge.scope import JOB, PROFESSION, Reading, ScopeReader, expand

INDEX = "index.npz"
"""The index's file in the content folder."""


@dataclass(frozen=True)
class Message:
    """A message as it was understood.

    ``words`` are folded and repaired; ``known`` says of each how well it is known, from 0 to 1; ``spelt`` are the same
    words with their accents and what stands between them.
    """

    language: str
    words: tuple[str, ...]
    known: tuple[float, ...]
    spelt: tuple[str, ...]
    reading: Reading


class Understanding:
    """Reads messages; made once from the content and its index."""

    def __init__(self, knowledge: Knowledge, index: Index, encoder: Encoder | None = None) -> None:
        self._matcher = Matcher(index, encoder)
        self.answer_from, self.ask_from = self._matcher.gate.answer, self._matcher.gate.ask
        self.is_current = index.fingerprint == fingerprint(knowledge)
        self._languages = LanguageReader(
            {name: index.said.get(name, {}) for name in knowledge.languages}, set(_brands(knowledge))
        )
        self._scope = ScopeReader(knowledge)
        plain = self._scope.vocabulary | set(_words_of_dialogue(knowledge))
        self._speller = Speller(sum(map(Counter, index.said.values()), Counter()), plain, set(_names(knowledge)))
        self._about_posts = tuple(topic for topic, rules in knowledge.scope.topics.items() if rules.needs_post)
        self._instead = {topic: other for other, rules in knowledge.scope.topics.items() for topic in rules.instead_of}
        self._posts = frozenset(
            tuple(words(post)) for texts in knowledge.languages.values() for post in texts.scope.other_posts
        )
        scopes = [texts.scope for texts in knowledge.languages.values()]
        self._at_words = {word for scope in scopes for word in scope.at_words}
        self._of_words = {word for scope in scopes for word in scope.of_words}
        self._longest_post = max(map(len, self._posts))

    def prepare(self) -> None:
        """Loads what is loaded late, so that no question waits for it."""
        self._matcher.prepare()

    def read(self, text: str, expected: Sequence[str]) -> Message:
        """Reads a text; ``expected`` are the languages it is likely in, likeliest first, and decide about gibberish."""
        repaired = self._speller.repair(words(text))
        language = self._languages.read(text if any(repaired.known) else "", repaired.words, expected)
        as_meant = repaired.spelt(spelt(text))
        return Message(language, repaired.words, repaired.known, as_meant, self._scope.read(repaired.words))

    def rank(self, message: Message) -> list[Match]:
        """The topics that the message may be about, best first; none where nothing of it is known."""
        names_post = self.names_post(message)
        barred = () if names_post else self._about_posts
        text = self._scope.called(message.reading, message.spelt)
        question = Question(message.reading.masked, message.words, message.known, text)
        matches = self._matcher.rank(question, barred=barred)
        if names_post and not message.reading.job:
            matches = [Match(self.for_post(match.topic), match.confidence) for match in matches]
        return matches

    def for_post(self, topic: str) -> str:
        """The topic that stands instead of one where another post is asked about, or the same topic."""
        return self._instead.get(topic, topic)

    def employer(self, message: Message) -> str:
        """A word that nobody knows where an employer's name would stand ("at Zorblax", "the CTO of Zorblax"), or ""."""
        at = 0
        before = ""
        for word, size in zip(message.reading.masked, message.reading.spans, strict=True):
            after_name = word in self._at_words or (word in self._of_words and before == JOB)
            at += size
            if after_name and at < len(message.words) and message.known[at] == 0.0 and message.words[at].isalpha():
                return message.spelt[at].strip(" ?!.,;:'\"")
            before = word
        return ""

    def names_post(self, message: Message) -> bool:
        """Whether another post or profession than the career's own is named."""
        if PROFESSION in message.reading.named:
            return True
        sizes = range(1, self._longest_post + 1)
        starts = range(len(message.words))
        return any(message.words[start : start + size] in self._posts for start in starts for size in sizes)

    def after(self, text: str, message: Message) -> Message:
        """The message with a text before it, as one."""
        lead = self.read(text, [message.language])
        spelt = (*lead.spelt, *(f", {word}" if at == 0 else word for at, word in enumerate(message.spelt)))
        tokens = (*lead.words, *message.words)
        return Message(message.language, tokens, (*lead.known, *message.known), spelt, self._scope.read(tokens))

    def part(self, message: Message, start: int, end: int) -> Message:
        """Some of a message's words as a message of their own."""
        chosen = message.words[start:end]
        known, as_spelt = message.known[start:end], message.spelt[start:end]
        return Message(message.language, chosen, known, as_spelt, self._scope.read(chosen))


def _words_of_dialogue(knowledge: Knowledge) -> Iterator[str]:
    """The words that lean on what was said before or join two questions; they are nobody's misspelling."""
    for language in knowledge.languages.values():
        said = language.smalltalk
        for phrase in (*said.follow_ups, *said.leaning, *said.joints, *said.fillers):
            yield from words(phrase)


def _brands(knowledge: Knowledge) -> Iterator[str]:
    """Words that are the same in every language, and so tell none: companies and schools."""
    for company in knowledge.scope.companies:
        yield from words(company)
    for language in knowledge.languages.values():
        for name in chain.from_iterable(language.scope.names.get("institution", {}).values()):
            yield from found if len(found := words(name)) == 1 else ()


def _names(knowledge: Knowledge) -> Iterator[str]:
    """Single words that name a place, a level and so on."""
    for language in knowledge.languages.values():
        for values in language.scope.names.values():
            for phrase in chain.from_iterable(map(expand, chain.from_iterable(values.values()))):
                yield from found if len(found := words(phrase)) == 1 else ()


def index_of(content: Path) -> Index | None:
    """The index that lies in a content folder, or None where there is none that can be read."""
    try:
        return Index.load((content / INDEX).read_bytes())
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, zlib.error):
        return None


def train(knowledge: Knowledge) -> Index:
    """A new index of the content; takes minutes and needs scikit-learn."""
    from knowledge.matching import training

    scope = ScopeReader(knowledge)
    index = training.build(
        phrasings_of(knowledge),
        scope.vocabulary,
        lambda tokens, as_spelt: ((reading := scope.read(tokens)).masked, scope.called(reading, as_spelt)),
        find_encoder(),
    )
    return replace(index, fingerprint=fingerprint(knowledge), said=words_said(knowledge))
