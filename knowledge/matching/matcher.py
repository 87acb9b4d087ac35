"""Ranks the topics for a message and says how sure the first one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from knowledge.matching.features import features
from knowledge.matching.index import UNSEEN_IDF, Floats, Index
from knowledge.scope import JOB

PROFILE_WEIGHT = 2.0
"""How much a topic's profile counts beside its nearest phrasing; measured by cross-validation over the content."""

PLAIN_WORD = 3.0
"""The weight of a known word that phrasings only hold behind a mark, such as a place."""

CONFIDENCE = (-4.46, 1.82, 2.00, 3.79, 2.18, -0.17)
"""Bias and slopes of the logistic regression over ``Evidence``, as benchmarks/confidence.py fits it."""


@dataclass(frozen=True)
class Match:
    """A topic, its score (only good for ordering), and how sure it is to be right (0 to 1)."""

    topic: str
    score: float
    confidence: float


@dataclass(frozen=True)
class Evidence:
    """What confidence is told from: all between 0 and 1 but ``lead``, the score's distance to the best other topic."""

    near: float
    profile: float
    lead: float
    known: float
    named: float

    def confidence(self) -> float:
        """The probability that the topic is right."""
        bias, near, profile, lead, known, named = CONFIDENCE
        weighed = near * self.near + profile * self.profile + lead * self.lead + known * self.known + named * self.named
        return 1 / (1 + exp(-(bias + weighed)))


class Matcher:
    """Finds the topics that a message is nearest to."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def rank(
        self, masked: Sequence[str], words: Sequence[str], known: Sequence[float], limit: int = 5
    ) -> list[tuple[Match, Evidence]]:
        """The nearest topics, best first, each with its evidence.

        ``words`` are the message's words before masking, and ``known`` says of each how well it is known.
        """
        numbers, weights = self._index.vector(features(masked))
        near, profile = self._index.near(numbers, weights), self._index.profile(numbers, weights)
        scores: Floats = near + PROFILE_WEIGHT * profile
        order = [int(number) for number in np.argsort(-scores, kind="stable")[: max(limit, 2)] if scores[number] > 0]
        share = self._known_share(words, known)
        found = []
        for number in order[:limit]:
            other = next((float(scores[rival]) for rival in order if rival != number), 0.0)
            evidence = Evidence(
                float(near[number]),
                float(profile[number]),
                float(scores[number]) - other,
                share,
                float(JOB in masked),
            )
            found.append((Match(self._index.topics[number], float(scores[number]), evidence.confidence()), evidence))
        return found

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
