"""Understands one message: its language, its words after spelling repair, its scope, and what it may be about."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from knowledge.matching.spelling import Repaired, Speller
from knowledge.phrasings import fingerprint, phrasings_of, words_said
from knowledge.places import Places, Slip
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
        said = sum(map(Counter, index.said.values()), Counter())
        self._places = _places(knowledge, self._scope, said, plain)
        self._speller = Speller(said, plain | self._places.spared, set(_names(knowledge)), self._places.names)
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
        repaired, slips = self._repair(text)
        language = self._languages.read(text if slips or any(repaired.known) else "", repaired.words, expected)
        return self._message(language, *_with_places(repaired, spelt(text), slips, language))

    def words(self, text: str, language: str) -> tuple[str, ...]:
        """The words of a text in a language as ``read`` tells them."""
        repaired, slips = self._repair(text)
        return _with_places(repaired, spelt(text), slips, language)[0]

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
        return self._message(message.language, tokens, (*lead.known, *message.known), spelt)

    def part(self, message: Message, start: int, end: int) -> Message:
        """Some of a message's words as a message of their own."""
        chosen = message.words[start:end]
        known, as_spelt = message.known[start:end], message.spelt[start:end]
        return self._message(message.language, chosen, known, as_spelt)

    def _repair(self, text: str) -> tuple[Repaired, list[Slip]]:
        """The words of a text after repair, save for the misspelt places, which are told beside them."""
        tokens = words(text)
        slips = self._places.find(tokens, self._scope.placed(tokens) | self._places.everyday(tokens))
        at_slips = {at for slip in slips for at in range(slip.start, slip.start + slip.size)}
        return self._speller.repair(tokens, at_slips), slips

    def _message(
        self, language: str, tokens: tuple[str, ...], known: tuple[float, ...], as_spelt: tuple[str, ...]
    ) -> Message:
        return Message(language, tokens, known, as_spelt, self._scope.read(tokens, self._places.everyday(tokens)))


def _places(knowledge: Knowledge, scope: ScopeReader, said: Mapping[str, int], plain: Collection[str]) -> Places:
    languages = knowledge.languages.values()
    return Places(
        scope.places(),
        said,
        plain,
        everyday=[tuple(words(phrase)) for texts in languages for phrase in texts.scope.no_places],
        before={word for texts in languages for word in texts.scope.place_words},
        beside={word for texts in languages for phrase in texts.smalltalk.follow_ups for word in words(phrase)},
    )


def _with_places(
    repaired: Repaired, as_spelt: Sequence[str], slips: Sequence[Slip], language: str
) -> tuple[tuple[str, ...], tuple[float, ...], tuple[str, ...]]:
    """The words, how well each is known, and the words as they are spelt, with misspelt places put right."""
    found = list(zip(repaired.words, repaired.known, repaired.spelt(as_spelt), strict=True))
    for slip in reversed(slips):
        found[slip.start : slip.start + slip.size] = [(word, 0.5, f" {word}") for word in slip.meant(language)]
    return tuple(word for word, _, _ in found), tuple(sure for _, sure, _ in found), tuple(own for _, _, own in found)


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
    """Single words that name a level, a sector and so on; misspelt places are told by ``Places``."""
    for language in knowledge.languages.values():
        for facet, values in language.scope.names.items():
            if facet in knowledge.scope.familiar:
                continue
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
