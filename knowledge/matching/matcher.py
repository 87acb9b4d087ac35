"""Ranks the topics for a message and says how sure the first one is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from knowledge.matching.features import features
from knowledge.matching.index import UNSEEN_IDF, Index
from knowledge.scope import JOB

PLAIN_WORD = 3.0
"""The weight of a known word that phrasings only hold behind a mark, such as a place."""

MOSTLY_UNKNOWN = 0.7
"""A message of which less is known than this, and which does not name the career, is about something else."""

NEAR_WEIGHT = 6.0
NEAR_POWER = 3
"""How much the nearest phrasing of a topic counts beside the linear model, and how much more the same words count than
like ones; by cross-validation over the content."""

MEASURES = 7
"""How many numbers the evidence has."""

LEAST = 1e-6
"""Probabilities below this are all the same."""


@dataclass(frozen=True)
class Match:
    """A topic and how sure it is to be what was asked (0 to 1)."""

    topic: str
    confidence: float


class Matcher:
    """Finds the topics that a message is about."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def rank(
        self,
        masked: Sequence[str],
        words: Sequence[str],
        known: Sequence[float],
        limit: int = 5,
        barred: Collection[str] = (),
    ) -> list[Match]:
        """The likeliest topics, best first; nothing for a message of which nothing is known.

        ``words`` are the message's words before masking, and ``known`` says of each how well it is known (0 to 1).
        ``barred`` are topics that it cannot be about.
        """
        ranked, evidence = self.weigh(masked, words, known, limit, barred)
        if not ranked:
            return []
        sure = 1 / (1 + exp(-sum(a * b for a, b in zip(self._index.gate, (1.0, *evidence), strict=True))))
        _, _, _, _, share, named, _ = evidence
        if share < MOSTLY_UNKNOWN and not named:
            sure *= share
        best = ranked[0][1]
        return [Match(topic, sure * chance / best) for topic, chance in ranked]

    def weigh(
        self,
        masked: Sequence[str],
        words: Sequence[str],
        known: Sequence[float],
        limit: int = 5,
        barred: Collection[str] = (),
    ) -> tuple[list[tuple[str, float]], tuple[float, ...]]:
        """The likeliest topics with the model's own probabilities, and the evidence on which the first is judged.

        The evidence: log probability, lead over the second (in logarithms), entropy, nearness to a phrasing, share of
        known words, whether the career was named, and the message's length (logarithm of its words).
        """
        found = features(masked)
        numbers, weights = self._index.vector(found)
        if not len(numbers):
            return [], ()
        nearness = self._index.nearness(found)
        logits = self._index.logits(numbers, weights) + NEAR_WEIGHT * nearness**NEAR_POWER
        logits[[number for number, topic in enumerate(self._index.topics) if topic in barred]] = -np.inf
        chances = np.exp(logits - logits.max())
        chances /= chances.sum()
        order = np.argsort(-chances, kind="stable")[: max(limit, 2)]
        first, second = (max(float(chances[number]), LEAST) for number in order[:2])
        entropy = float(-(chances * np.log(chances + LEAST)).sum())
        evidence = (
            log(first),
            log(first / second),
            entropy,
            float(nearness.max()),
            self._known_share(words, known),
            float(JOB in masked),
            log(1 + len(masked)),
        )
        return [(self._index.topics[number], float(chances[number])) for number in order[:limit]], evidence

    def _known_share(self, words: Sequence[str], known: Sequence[float]) -> float:
        """How much of the message is known, rare words counting more than common ones."""
        total = sure = 0.0
        for word, how_well in zip(words, known, strict=True):
            number = self._index.vocabulary.get(word)
            if number is not None:
                weight = float(self._index.idf[number])
            else:
                weight = PLAIN_WORD if how_well == 1.0 else UNSEEN_IDF
            total += weight
            sure += how_well * weight
        return sure / total if total else 0.0
