"""Ranks the topics for a message and says how sure the first one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from knowledge.matching.features import features
from knowledge.matching.index import Index
from knowledge.scope import JOB

PROFILE_WEIGHT = 2.0
"""How much a topic's profile counts beside its nearest phrasing; measured by cross-validation over the content."""

# A logistic regression over held-out phrasings (right or wrong) and the phrasings of held-out topics (wrong), fitted by
# benchmarks/confidence.py: bias, nearness, profile, lead over the second topic, share of known words, career named.
CONFIDENCE = (-6.0, 5.0, 3.0, 8.0, 3.0, 0.5)


@dataclass(frozen=True)
class Match:
    """A topic, its score (only good for ordering), and for the first one how sure it is (0 to 1)."""

    topic: str
    score: float
    confidence: float


class Matcher:
    """Finds the topics that a message is nearest to."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def rank(self, masked: Sequence[str], known: Sequence[float], limit: int = 5) -> list[Match]:
        """The nearest topics, best first. ``known`` says of each word before masking how well it is known."""
        if not masked:
            return []
        scores, measures = self.measure(masked, known)
        order = np.argsort(-scores, kind="stable")[:limit]
        return [
            Match(self._index.topics[number], float(scores[number]), _confidence(measures(int(number))))
            for number in order
            if scores[number] > 0
        ]

    def measure(self, masked, known):  # type: ignore[no-untyped-def]
        """For each topic its score, and a function from a topic's number to what its confidence is told from."""
        numbers, weights = self._index.vector(features(masked))
        near, profile = self._index.near(numbers, weights), self._index.profile(numbers, weights)
        scores = near + PROFILE_WEIGHT * profile
        share = sum(known) / len(known) if known else 0.0
        named = float(JOB in masked)

        def measures(number: int) -> tuple[float, ...]:
            others = np.delete(scores, number)
            lead = float(scores[number] - (others.max() if len(others) else 0.0))
            return float(near[number]), float(profile[number]), lead, share, named

        return scores, measures


def _confidence(measures: Sequence[float]) -> float:
    bias, *slopes = CONFIDENCE
    return 1 / (1 + exp(-(bias + sum(slope * measure for slope, measure in zip(slopes, measures, strict=True)))))
