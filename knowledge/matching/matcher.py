"""Ranks the topics for a question and says how sure the first one is.

First by words alone; only where those leave it unsure, and an encoder is at hand, by the meaning too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import NamedTuple

import numpy as np

from knowledge.matching.encoder import Encoder, NoEncoder
from knowledge.matching.features import features
from knowledge.matching.index import UNSEEN_IDF, Floats, Gate, Index
from knowledge.scope import JOB

PLAIN_WORD = 3.0
"""The weight of a known word that phrasings only hold behind a mark, such as a place."""

MOSTLY_UNKNOWN = 0.7
"""A question of which less is known than this, and which does not name the career, is about something else."""

NEAR_WEIGHT = 6.0
NEAR_POWER = 3
"""How much the nearest phrasing of a topic counts beside the linear model, and how much more the same words count than
like ones; by cross-validation over the content."""

BY_MEANING = 0.4
"""The share of the meaning in the ranking where it is asked; the rest is that of the words."""

SURE = 0.65
"""Confidence by words alone from which the meaning is not asked."""

MEASURES = 7
"""How many numbers the evidence has."""

JUDGES = 2
"""How many more it has where the words and the meaning judged."""

LEAST = 1e-6
"""Probabilities below this are all the same."""

Evidence = tuple[float, ...]


class Phrasing(NamedTuple):
    """One way to say something: its topic, its folded words, and the same as they are spelt."""

    topic: str
    words: tuple[str, ...]
    spelt: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What is asked, as the matcher sees it.

    ``masked`` are its folded words with places and the like replaced by marks; ``words`` are those words before
    masking, and ``known`` says of each how well it is known (0 to 1); ``text`` is for the encoder.
    """

    masked: Sequence[str]
    words: Sequence[str]
    known: Sequence[float]
    text: str


@dataclass(frozen=True)
class Match:
    """A topic and how sure it is to be what was asked (0 to 1)."""

    topic: str
    confidence: float


class Matcher:
    """Finds the topics that a question is about. ``encoder`` counts only where the index has learned from one."""

    def __init__(self, index: Index, encoder: Encoder | None = None) -> None:
        self._index = index
        self._encoder = encoder if index.meaning else None

    def prepare(self) -> None:
        """Loads what is loaded late, so that no question waits for it."""
        if self._encoder is not None:
            self._encoder.load()

    @property
    def gate(self) -> Gate:
        """The gate in force, with the confidences from which to answer and to ask back.

        With an encoder it is that of both judges, even where it turns out that the encoder cannot be loaded: what is
        answered must not depend on when that is found out.
        """
        return self._index.meaning.gate if self._encoder and self._index.meaning else self._index.gate

    def rank(self, question: Question, limit: int = 5, barred: Collection[str] = ()) -> list[Match]:
        """The likeliest topics, best first; none for a question of which nothing is known.

        ``barred`` are topics that it cannot be about.
        """
        read = self.by_words(question)
        if read is None:
            return []
        logits, nearest = read
        for number, topic in enumerate(self._index.topics):
            if topic in barred:
                logits[number] = -np.inf
        chances = likelihood(logits)
        sure = _confidence(self._index.gate, self.evidence(question, nearest, chances))
        meaning = self._by_meaning(question.text) if sure < SURE else None
        if meaning is not None and self._index.meaning:
            both = mixed(chances, meaning)
            sure = _confidence(self._index.meaning.gate, self.evidence(question, nearest, both, (chances, meaning)))
            chances = both
        if self.known_share(question) < MOSTLY_UNKNOWN and JOB not in question.masked:
            sure *= self.known_share(question)
        order = np.argsort(-chances, kind="stable")[:limit]
        best = float(chances[order[0]])
        return [Match(self._index.topics[number], sure * float(chances[number]) / best) for number in order]

    def by_words(self, question: Question) -> tuple[Floats, float] | None:
        """Each topic's logit by the words alone, and how near the nearest phrasing is (0 to 1); None where no feature
        of the question is known."""
        found = features(question.masked)
        numbers, weights = self._index.vector(found)
        if not len(numbers):
            return None
        nearness = self._index.nearness(found)
        return self._index.logits(numbers, weights) + NEAR_WEIGHT * nearness**NEAR_POWER, float(nearness.max())

    def _by_meaning(self, text: str) -> Floats | None:
        """Each topic's probability by the meaning alone; None without an encoder."""
        if self._encoder is None or self._index.meaning is None:
            return None
        try:
            vector = self._encoder.encode([text])[0]
        except NoEncoder:
            return None
        return likelihood(self._index.meaning.logits(vector))

    def evidence(self, question: Question, nearest: float, chances: Floats, judges: Sequence[Floats] = ()) -> Evidence:
        """The numbers on which the first topic is judged.

        Its log probability, lead over the second (in logarithms), entropy, nearness to a phrasing, share of known
        words, whether the career was named, the question's length (logarithm of its words), and the log probability
        that each of ``judges`` gives it.
        """
        order = np.argsort(-chances, kind="stable")[:2]
        first, second = (max(float(chances[number]), LEAST) for number in (order[0], order[-1]))
        return (
            log(first),
            log(first / second),
            float(-(chances * np.log(chances + LEAST)).sum()),
            nearest,
            self.known_share(question),
            float(JOB in question.masked),
            log(1 + len(question.masked)),
            *(log(float(judge[order[0]]) + LEAST) for judge in judges),
        )

    def known_share(self, question: Question) -> float:
        """How much of the question is known, rare words counting more than common ones."""
        total = sure = 0.0
        for word, how_well in zip(question.words, question.known, strict=True):
            number = self._index.vocabulary.get(word)
            if number is not None:
                weight = float(self._index.idf[number])
            else:
                weight = PLAIN_WORD if how_well == 1.0 else UNSEEN_IDF
            total += weight
            sure += how_well * weight
        return sure / total if total else 0.0


def mixed(by_words: Floats, by_meaning: Floats) -> Floats:
    """The probabilities of both judges together: the weighted mean of their logarithms."""
    logs = (1 - BY_MEANING) * np.log(by_words + LEAST) + BY_MEANING * np.log(by_meaning + LEAST)
    return likelihood(np.where(by_words > 0, logs, -np.inf).astype(np.float32))


def likelihood(logits: Floats) -> Floats:
    """Probabilities from logits."""
    chances = np.exp(logits - logits.max())
    return np.asarray(chances / chances.sum(), np.float32)


def _confidence(gate: Gate, evidence: Evidence) -> float:
    return 1 / (1 + exp(-sum(a * b for a, b in zip(gate.slopes, (1.0, *evidence), strict=True))))
