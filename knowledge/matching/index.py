"""The index of all phrasings: sparse tf-idf rows and one profile a topic, as plain arrays that are quick to load."""

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.matching.features import Features, features

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]

UNSEEN_IDF = 9.0
"""The weight of a feature that no phrasing has; such features only count against the message."""


@dataclass(frozen=True)
class Index:
    """All phrasings and topics by feature.

    ``vocabulary`` numbers the features and ``idf`` weighs them. Postings (``start``, ``row``, ``weight``) list for
    each feature the phrasings that have it, ``topic_start`` and so on the topics. ``row_topic`` is each phrasing's topic.
    """

    topics: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: Floats
    start: Integers
    row: Integers
    weight: Floats
    row_topic: Integers
    topic_start: Integers
    topic_row: Integers
    topic_weight: Floats

    def vector(self, found: Features) -> tuple[Integers, Floats]:
        """The numbers and weights of the known features; each block has length 1, less what is unknown in it."""
        numbers: list[int] = []
        weights: list[float] = []
        for block in found:
            known, values, unseen = [], [], 0.0
            for name, count in block.items():
                scale = 1.0 + float(np.log(count))
                number = self.vocabulary.get(name)
                if number is None:
                    unseen += (scale * UNSEEN_IDF) ** 2
                else:
                    known.append(number)
                    values.append(scale * float(self.idf[number]))
            length = (sum(value * value for value in values) + 0.25 * unseen) ** 0.5
            numbers += known
            weights += [value / length / 2**0.5 for value in values]
        return np.array(numbers, np.int32), np.array(weights, np.float32)

    def near(self, numbers: Integers, weights: Floats) -> Floats:
        """For each topic the cosine to its nearest phrasing."""
        rows = _spread(self.start, self.row, self.weight, numbers, weights, len(self.row_topic))
        best = np.zeros(len(self.topics), np.float32)
        np.maximum.at(best, self.row_topic, rows)
        return best

    def profile(self, numbers: Integers, weights: Floats) -> Floats:
        """For each topic the cosine to its profile."""
        return _spread(self.topic_start, self.topic_row, self.topic_weight, numbers, weights, len(self.topics))

    def dump(self) -> bytes:
        """The index as bytes, for a cache."""
        buffer = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        names = json.dumps({"topics": self.topics, "vocabulary": list(self.vocabulary)})
        np.savez(buffer, names=np.frombuffer(names.encode(), np.uint8), **arrays)
        return buffer.getvalue()

    @staticmethod
    def load(data: bytes) -> "Index":
        """The index that ``dump`` wrote. ValueError or KeyError where the bytes are something else."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            names = json.loads(arrays["names"].tobytes())
            vocabulary = {name: number for number, name in enumerate(names["vocabulary"])}
            return Index(tuple(names["topics"]), vocabulary, **{name: arrays[name] for name in _ARRAYS})


_ARRAYS = ("idf", "start", "row", "weight", "row_topic", "topic_start", "topic_row", "topic_weight")


def build(phrasings: Sequence[tuple[str, Sequence[str]]]) -> Index:
    """The index of (topic, masked words) pairs."""
    topics = tuple(sorted({topic for topic, _ in phrasings}))
    number_of = {topic: number for number, topic in enumerate(topics)}
    found = [features(masked) for _, masked in phrasings]
    frequency: Counter[str] = Counter()
    for blocks in found:
        for block in blocks:
            frequency.update(block.keys())
    vocabulary = {name: number for number, name in enumerate(frequency)}
    counts = np.fromiter(frequency.values(), np.float32, len(frequency))
    idf = (np.log((1 + len(phrasings)) / (1 + counts)) + 1).astype(np.float32)

    triples: list[tuple[Integers, Integers, Floats]] = []
    blank = np.zeros(0, np.int32)
    empty = Index(topics, vocabulary, idf, blank, blank, idf[:0], blank, blank, blank, idf[:0])
    row_topic = np.array([number_of[topic] for topic, _ in phrasings], np.int32)
    for place, blocks in enumerate(found):
        numbers, values = empty.vector(blocks)
        triples.append((numbers, np.full(len(numbers), place, np.int32), values))
    columns, rows, weights = (np.concatenate(part) for part in zip(*triples, strict=True))
    start, row, weight = _postings(columns, rows, weights, len(vocabulary))
    topic_columns, topic_rows, topic_weights = _profiles(columns, row_topic[rows], weights, row_topic, len(vocabulary))
    topic_start, topic_row, topic_weight = _postings(topic_columns, topic_rows, topic_weights, len(vocabulary))
    return Index(topics, vocabulary, idf, start, row, weight, row_topic, topic_start, topic_row, topic_weight)


def _profiles(
    columns: Integers, topics: Integers, weights: Floats, row_topic: Integers, width: int
) -> tuple[Integers, Integers, Floats]:
    """Each topic's summed rows, with the features that are its own rather than everybody's brought forward."""
    keys = topics.astype(np.int64) * width + columns
    unique, inverse = np.unique(keys, return_inverse=True)
    sums = np.bincount(inverse, weights)
    topic, column = (unique // width).astype(np.int32), (unique % width).astype(np.int32)
    everywhere = np.bincount(column, sums, width)
    size = np.bincount(row_topic)
    own = sums / np.sqrt(size[topic]) * np.sqrt(sums / everywhere[column])
    length = np.sqrt(np.bincount(topic, own**2))
    return column, topic, (own / length[topic]).astype(np.float32)


def _postings(columns: Integers, rows: Integers, weights: Floats, width: int) -> tuple[Integers, Integers, Floats]:
    order = np.argsort(columns, kind="stable")
    start = np.zeros(width + 1, np.int32)
    np.cumsum(np.bincount(columns, minlength=width), out=start[1:])
    return start, rows[order].astype(np.int32), weights[order].astype(np.float32)


def _spread(start: Integers, row: Integers, weight: Floats, numbers: Integers, weights: Floats, rows: int) -> Floats:
    """The dot product of a sparse vector with every row."""
    if not len(numbers):
        return np.zeros(rows, np.float32)
    spans = [slice(start[number], start[number + 1]) for number in numbers]
    touched = np.concatenate([row[span] for span in spans])
    parts = np.concatenate([weight[span] * value for span, value in zip(spans, weights, strict=True)])
    return np.bincount(touched, parts, rows).astype(np.float32)
