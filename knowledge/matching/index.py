"""The index: what was learned from all phrasings, as plain arrays that load in a moment.

``training.build`` makes it (that takes minutes and scikit-learn); running the bot only takes numpy.
"""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.matching.features import Features

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

RECIPE = "6"
"""Raised when folding, marks, features or training change, so that an index made before counts as stale."""

UNSEEN_IDF = 9.0
"""The weight of a feature that no phrasing has; such features only count against the message."""


@dataclass(frozen=True)
class Gate:
    """How confidence is told from evidence (``slopes``, the bias first), and the confidences from which an answer is
    given and a question asked back."""

    slopes: tuple[float, ...]
    answer: float
    ask: float


@dataclass(frozen=True)
class Meaning:
    """A linear model from an encoder's vector to topics: ``weights`` (width x topic, a byte each) times ``scale`` (one
    a topic), plus ``bias``, on vectors less ``centre`` and of length 1. ``gate`` judges it and the words together."""

    centre: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    gate: Gate

    def logits(self, vector: Floats) -> Floats:
        """Each topic's logit."""
        placed = vector - self.centre
        placed = placed / max(float(np.linalg.norm(placed)), 1e-9)
        return np.asarray(placed @ self.weights.astype(np.float32) * self.scale + self.bias, np.float32)


@dataclass(frozen=True)
class Index:
    """A linear model from features to topics, the phrasings by their words, and how confidence is told.

    ``vocabulary`` numbers the features, ``idf`` weighs them. ``weights`` (feature x topic, a byte each) times
    ``scale`` (one a topic), plus ``bias``, gives each topic's logit. ``start`` and ``row``/``weight`` list, for each
    feature of the word block, the phrasings that have it; ``row_topic`` gives each phrasing's topic, in order.
    ``said`` tells for each language how often a word stands in its phrasings, in the order in which the words first do.
    ``gate`` judges the first topic by words alone; ``meaning`` is None where there was no encoder. ``fingerprint``
    names the phrasings and the code that it was made from.
    """

    fingerprint: str
    said: Mapping[str, Mapping[str, int]]
    topics: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    start: Integers
    row: Integers
    weight: Floats
    row_topic: NDArray[np.int16]
    gate: Gate
    meaning: Meaning | None = None

    def vector(self, found: Features) -> tuple[Integers, Floats]:
        """The numbers and weights of the known features; each block has length 1, less what is unknown in it."""
        numbers: list[int] = []
        weights: list[float] = []
        for block in found:
            of_block = list(weighed(block, self.vocabulary, self.idf))
            numbers += [number for number, _ in of_block]
            weights += [weight for _, weight in of_block]
        return np.array(numbers, np.int32), np.array(weights, np.float32)

    def logits(self, numbers: Integers, weights: Floats) -> Floats:
        """Each topic's logit."""
        summed = weights @ self.weights[numbers].astype(np.float32)
        return np.asarray(summed * self.scale + self.bias, np.float32)

    def nearness(self, found: Features) -> Floats:
        """For each topic the cosine of the message's words to those of its nearest phrasing."""
        rows = np.zeros(len(self.row_topic), np.float32)
        for number, weight in weighed(found[0], self.vocabulary, self.idf):
            span = slice(self.start[number], self.start[number + 1])
            rows[self.row[span]] += self.weight[span] * np.float32(weight * 2**0.5)
        return np.asarray(np.maximum.reduceat(rows, np.searchsorted(self.row_topic, np.arange(len(self.topics)))))

    def dump(self) -> bytes:
        """The index as bytes, for a file."""
        facts: dict[str, object] = {
            "recipe": RECIPE,
            "fingerprint": self.fingerprint,
            "said": self.said,
            "topics": self.topics,
            "vocabulary": list(self.vocabulary),
        }
        facts["gates"] = [asdict(self.gate)] + ([asdict(self.meaning.gate)] if self.meaning else [])
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        if self.meaning:
            arrays |= {f"meaning_{name}": getattr(self.meaning, name) for name in _OF_MEANING}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
        return buffer.getvalue()

    @staticmethod
    def load(data: bytes) -> "Index":
        """The index that ``dump`` wrote.

        ValueError, KeyError or OSError where the bytes are something else, or an index that another recipe made.
        """
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(arrays["facts"].tobytes())
            if facts.get("recipe") != RECIPE:
                raise ValueError("made by another recipe")
            gates = [Gate(tuple(gate["slopes"]), gate["answer"], gate["ask"]) for gate in facts["gates"]]
            of_meaning = {name: arrays[f"meaning_{name}"] for name in _OF_MEANING} if len(gates) > 1 else None
            return Index(
                fingerprint=facts["fingerprint"],
                said=facts["said"],
                topics=tuple(facts["topics"]),
                vocabulary={name: number for number, name in enumerate(facts["vocabulary"])},
                gate=gates[0],
                meaning=Meaning(**of_meaning, gate=gates[1]) if of_meaning else None,
                **{name: arrays[name] for name in _ARRAYS},
            )


_ARRAYS = ("idf", "weights", "scale", "bias", "start", "row", "weight", "row_topic")
_OF_MEANING = ("centre", "weights", "scale", "bias")


def weighed(block: Mapping[str, int], vocabulary: Mapping[str, int], idf: Floats) -> Iterator[tuple[int, float]]:
    """The known features of one block with their weights, normalised together with what is unknown."""
    known: list[tuple[int, float]] = []
    unseen = 0.0
    for name, count in block.items():
        frequency = 1.0 + float(np.log(count))
        number = vocabulary.get(name)
        if number is None:
            unseen += (frequency * UNSEEN_IDF) ** 2
        else:
            known.append((number, frequency * float(idf[number])))
    length = (sum(weight**2 for _, weight in known) + 0.25 * unseen) ** 0.5
    return ((number, weight / length / 2**0.5) for number, weight in known)
