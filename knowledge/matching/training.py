"""Makes the index from the content: linear models over all phrasings, and how far to trust them.

Only this module needs scikit-learn; it is run by ``python -m bot index`` when phrasings have changed.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from knowledge.matching.encoder import Encoder
from knowledge.matching.features import Features, features
from knowledge.matching.index import Floats, Gate, Index, Meaning, weighed
from knowledge.matching.matcher import JUDGES, MEASURES, Evidence, Matcher, Phrasing, Question, likelihood, mixed
from knowledge.matching.spelling import Speller

Reader = Callable[[Sequence[str], Sequence[str]], tuple[tuple[str, ...], str]]
"""From folded words, and how they are spelt, to the same words with marks, and the text for an encoder."""

STRENGTH = 20.0
"""The regressions' C: how closely they follow the phrasings."""

ITERATIONS = 120
ITERATIONS_BY_MEANING = 60
RAREST = 2
"""How many phrasings a feature needs to be learned from."""

ROUNDS = 2
"""Rounds of cross-validation."""

MOST_WRONG = 0.10
"""The share of held-out questions that may get a wrong answer; see ``_gate``."""

SUREST_REFUSAL = 0.3
"""The confidence to answer from where held-out questions hardly ever go wrong."""
UNANSWERABLE = 0.12
"""The share of questions without an answer that confidence is fitted for. What people ask about other subjects is
learned as such, so these are only the unforeseen."""

BATCH = 64
"""Texts that are encoded at once."""


def build(
    phrasings: Sequence[Phrasing],
    aliases: Collection[str],
    read: Reader,
    encoder: Encoder | None = None,
) -> Index:
    """The index of all phrasings. ``read`` replaces places and the like by marks; ``aliases`` are its words.

    Without an encoder the index judges by words alone. ``fingerprint`` and ``said`` are left empty.
    """
    texts = [read(phrasing.words, phrasing.spelt) for phrasing in phrasings]
    vectors = _vectors([text for _, text in texts], encoder) if encoder else None
    by_words, by_both = _cross_validate(phrasings, vectors, aliases, read, encoder)
    index = _fit([(phrasing.topic, masked) for phrasing, (masked, _) in zip(phrasings, texts, strict=True)])
    index = replace(index, gate=_gate(by_words, MEASURES))
    if vectors is not None:
        meaning = _fit_meaning(vectors, [phrasing.topic for phrasing in phrasings])
        index = replace(index, meaning=replace(meaning, gate=_gate(by_both, MEASURES + JUDGES)))
    return index


class Judged(NamedTuple):
    """A held-out question: the evidence, whether the best topic was right, and whether there was a right one."""

    evidence: Evidence
    right: bool
    answerable: bool


UNFITTED = Gate((), 0.5, 0.25)


def _vectors(texts: Sequence[str], encoder: Encoder) -> Floats:
    batches = [encoder.encode(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    return np.vstack(batches).astype(np.float32)


def _fit_meaning(vectors: Floats, topics: Sequence[str]) -> Meaning:
    """The linear model over the encoder's vectors; the gate is left open."""
    centre = vectors.mean(axis=0)
    placed = vectors - centre
    placed /= np.maximum(np.linalg.norm(placed, axis=1, keepdims=True), 1e-9)
    scale, weights, bias = _linear(placed, topics, ITERATIONS_BY_MEANING)
    return Meaning(centre=centre, weights=weights, scale=scale, bias=bias, gate=UNFITTED)


def _linear(
    table: NDArray[np.float32] | csr_matrix, topics: Sequence[str], iterations: int
) -> tuple[Floats, NDArray[np.int8], Floats]:
    """Scale, weights (feature x topic, a byte each) and bias of a multinomial regression; topics in sorted order."""
    names = sorted(set(topics))
    number_of = {topic: number for number, topic in enumerate(names)}
    model = LogisticRegression(C=STRENGTH, max_iter=iterations, tol=1e-3)
    model.fit(table, [number_of[topic] for topic in topics])
    # Two topics share one row of coefficients, which speaks for the second and against the first.
    slopes = model.coef_ if len(names) > 2 else np.vstack([-model.coef_, model.coef_]) / 2
    bias = model.intercept_ if len(names) > 2 else np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    scale = np.maximum(np.abs(slopes).max(axis=1), 1e-9) / 127
    weights = np.round(slopes / scale[:, None]).astype(np.int8)
    return scale.astype(np.float32), np.ascontiguousarray(weights.T), bias.astype(np.float32)


def _fit(phrasings: Sequence[tuple[str, tuple[str, ...]]]) -> Index:
    """The linear model and the phrasings by word; the gate is left open."""
    phrasings = sorted(phrasings, key=lambda phrasing: phrasing[0])
    topics = tuple(sorted({topic for topic, _ in phrasings}))
    number_of = {topic: number for number, topic in enumerate(topics)}
    found = [features(masked) for _, masked in phrasings]
    frequency: Counter[str] = Counter()
    for blocks in found:
        for block in blocks:
            frequency.update(block.keys())
    kept = {name: count for name, count in frequency.items() if count >= RAREST}
    vocabulary = {name: number for number, name in enumerate(kept)}
    idf = (np.log((1 + len(found)) / (1 + np.fromiter(kept.values(), np.float32, len(kept)))) + 1).astype(np.float32)
    table = _table(found, vocabulary, idf)
    scale, weights, bias = _linear(table, [topic for topic, _ in phrasings], ITERATIONS)
    start, row, weight = _by_word(found, vocabulary, idf)
    return Index(
        fingerprint="",
        said={},
        topics=topics,
        vocabulary=vocabulary,
        idf=idf,
        weights=weights,
        scale=scale,
        bias=bias,
        start=start,
        row=row,
        weight=weight,
        row_topic=np.array([number_of[topic] for topic, _ in phrasings], np.int16),
        gate=UNFITTED,
    )


def _table(found: Sequence[Features], vocabulary: dict[str, int], idf: NDArray[np.float32]) -> csr_matrix:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for blocks in found:
        for block in blocks:
            for number, weight in weighed(block, vocabulary, idf):
                columns.append(number)
                values.append(weight)
        ends.append(len(columns))
    return csr_matrix((np.array(values, np.float32), columns, ends), shape=(len(found), len(vocabulary)))


def _by_word(
    found: Sequence[Features], vocabulary: dict[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """For each feature of the word block, the phrasings that have it, each phrasing of length 1."""
    by_column = _table([(words, Counter()) for words, _ in found], vocabulary, idf).tocsc()
    weight = (by_column.data * 2**0.5).astype(np.float32)
    return by_column.indptr.astype(np.int32), by_column.indices.astype(np.int32), weight


def _cross_validate(
    phrasings: Sequence[Phrasing],
    vectors: Floats | None,
    aliases: Collection[str],
    read: Reader,
    encoder: Encoder | None,
) -> tuple[list[Judged], list[Judged]]:
    """Held-out questions judged by words alone, and by words and meaning.

    In each round a quarter of the topics is left out, so that their phrasings are questions without an answer, and a
    quarter of the other phrasings is held back, so that they are questions that were not seen.
    """
    topics = sorted({phrasing.topic for phrasing in phrasings})
    by_words: list[Judged] = []
    by_both: list[Judged] = []
    for number in range(ROUNDS):
        chance = random.Random(number)
        gone = set(chance.sample(topics, len(topics) // 4))
        asked: list[int] = []
        kept: list[int] = []
        for at, phrasing in enumerate(phrasings):
            if phrasing.topic in gone:
                # A quarter of the answerable questions is asked, so this many of the others make the wanted share.
                if chance.random() < 0.75 * UNANSWERABLE / (1 - UNANSWERABLE):
                    asked.append(at)
            else:
                (asked if chance.random() < 0.25 else kept).append(at)
        speller = Speller(Counter(chain.from_iterable(phrasings[at].words for at in kept)), aliases)
        index = _fit([(phrasings[at].topic, read(phrasings[at].words, phrasings[at].spelt)[0]) for at in kept])
        meaning = _fit_meaning(vectors[kept], [phrasings[at].topic for at in kept]) if vectors is not None else None
        matcher = Matcher(index)
        for at in asked:
            repaired = speller.repair(phrasings[at].words)
            masked, text = read(repaired.words, repaired.spelt(phrasings[at].spelt))
            question = Question(masked, repaired.words, repaired.known, text)
            judged = matcher.by_words(question)
            if judged is None:
                continue
            logits, nearest = judged
            topic = phrasings[at].topic
            chances = likelihood(logits)
            right = index.topics[int(chances.argmax())] == topic
            by_words.append(Judged(matcher.evidence(question, nearest, chances), right, topic not in gone))
            if meaning is not None and vectors is not None and encoder is not None:
                vector = (
                    vectors[at] if min(repaired.known) == 1.0 else np.asarray(encoder.encode([text])[0], np.float32)
                )
                told = likelihood(meaning.logits(vector))
                both = mixed(chances, told)
                right = index.topics[int(both.argmax())] == topic
                evidence = matcher.evidence(question, nearest, both, (chances, told))
                by_both.append(Judged(evidence, right, topic not in gone))
    return by_words, by_both


def _gate(judged: Sequence[Judged], measures: int) -> Gate:
    """How likely the best topic is right, told from the evidence, and from where to answer and to ask back (half).

    Answers are given down to where, of the held-out questions that have an answer, ``MOST_WRONG`` get a wrong one.
    Real questions are plainer than these, which were written to differ, so far fewer of them do.
    """
    if not judged:
        return Gate((0.0, 1.0, *[0.0] * (measures - 1)), 0.5, 0.25)
    evidence = np.array([question.evidence for question in judged])
    right = np.array([question.right for question in judged], bool)
    answerable = np.array([question.answerable for question in judged], bool)
    slopes = _slopes(evidence, right)
    confidence = 1 / (1 + np.exp(-(np.column_stack([np.ones(len(evidence)), evidence]) @ slopes)))
    wrong = np.sort(confidence[answerable & ~right])[::-1]
    allowed = int(MOST_WRONG * answerable.sum())
    answer = round(float(wrong[allowed]), 2) if allowed < len(wrong) else SUREST_REFUSAL
    return Gate(tuple(round(float(value), 4) for value in slopes), answer, round(answer / 2, 2))


def _slopes(evidence: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    if right.all() or not right.any():
        return np.array([0.0, 1.0, *[0.0] * (evidence.shape[1] - 1)])
    model = LogisticRegression(C=10.0, max_iter=1000).fit(evidence, right)
    return np.concatenate([model.intercept_, model.coef_[0]])
