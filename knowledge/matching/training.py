"""Makes the index from the content: a logistic regression over all phrasings, and how far to trust it.

Only this module needs scikit-learn; it is run by ``python -m bot index`` when phrasings have changed.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from knowledge.matching.features import Features, features
from knowledge.matching.index import Index, weighed
from knowledge.matching.matcher import MEASURES, Matcher
from knowledge.matching.spelling import Speller

Phrasing = tuple[str, tuple[str, ...]]
"""A topic and the folded words of one way to ask for it."""

Mask = Callable[[Sequence[str]], tuple[str, ...]]

STRENGTH = 20.0
"""The regression's C: how closely it follows the phrasings."""

ITERATIONS = 120
RAREST = 2
"""How many phrasings a feature needs to be learned from."""

ROUNDS = 2
"""Rounds of cross-validation."""

MOST_WRONG = 0.10
"""The share of held-out questions that may get a wrong answer; see ``_thresholds``."""

SUREST_REFUSAL = 0.3
"""The confidence to answer from where held-out questions hardly ever go wrong."""
UNANSWERABLE = 0.25
"""The share of questions without an answer that confidence is fitted for."""


def build(phrasings: Sequence[Phrasing], aliases: Collection[str], mask: Mask, fingerprint: str) -> Index:
    """The index of all phrasings. ``mask`` replaces places and the like by marks; ``aliases`` are its words."""
    evidence, right, answerable = _cross_validate(phrasings, aliases, mask)
    gate = _fit_gate(evidence, right)
    confidence = 1 / (1 + np.exp(-(np.column_stack([np.ones(len(evidence)), evidence]) @ gate)))
    answer, ask = _thresholds(confidence, right, answerable)
    index = _fit([(topic, mask(tokens)) for topic, tokens in phrasings])
    gate_values = tuple(round(float(value), 4) for value in gate)
    return replace(index, fingerprint=fingerprint, gate=gate_values, answer=answer, ask=ask)


def _fit(phrasings: Sequence[Phrasing]) -> Index:
    """The linear model and the phrasings by word; the gate is left open."""
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
    model = LogisticRegression(C=STRENGTH, max_iter=ITERATIONS, tol=1e-3)
    model.fit(table, [number_of[topic] for topic, _ in phrasings])
    # Two topics share one row of coefficients, which speaks for the second and against the first.
    slopes = model.coef_ if len(topics) > 2 else np.vstack([-model.coef_, model.coef_]) / 2
    bias = model.intercept_ if len(topics) > 2 else np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    scale = np.maximum(np.abs(slopes).max(axis=1), 1e-9) / 127
    weights = np.round(slopes / scale[:, None]).astype(np.int8)
    start, row, weight = _by_word(found, vocabulary, idf)
    return Index(
        fingerprint="",
        topics=topics,
        vocabulary=vocabulary,
        idf=idf,
        weights=np.ascontiguousarray(weights.T),
        scale=scale.astype(np.float32),
        bias=bias.astype(np.float32),
        start=start,
        row=row,
        weight=weight,
        row_topic=np.array([number_of[topic] for topic, _ in phrasings], np.int16),
        gate=(0.0,) * (MEASURES + 1),
        answer=0.5,
        ask=0.25,
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
    phrasings: Sequence[Phrasing], aliases: Collection[str], mask: Mask
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """The evidence of held-out questions, whether the best topic was right, and whether there was a right one.

    In each round a quarter of the topics is left out, so that their phrasings are questions without an answer, and a
    quarter of the other phrasings is held back, so that they are questions that were not seen.
    """
    topics = sorted({topic for topic, _ in phrasings})
    evidence: list[tuple[float, ...]] = []
    right: list[bool] = []
    answerable: list[bool] = []
    for number in range(ROUNDS):
        chance = random.Random(number)
        gone = set(chance.sample(topics, len(topics) // 4))
        asked: list[Phrasing] = []
        kept: list[Phrasing] = []
        for phrasing in phrasings:
            if phrasing[0] in gone:
                # A quarter of the answerable questions is asked, so this many of the others make the wanted share.
                if chance.random() < 0.75 * UNANSWERABLE / (1 - UNANSWERABLE):
                    asked.append(phrasing)
            else:
                (asked if chance.random() < 0.25 else kept).append(phrasing)
        speller = Speller((tokens for _, tokens in kept), aliases)
        matcher = Matcher(_fit([(topic, mask(tokens)) for topic, tokens in kept]))
        for topic, tokens in asked:
            repaired = speller.repair(tokens)
            ranked, seen = matcher.weigh(mask(repaired.words), repaired.words, repaired.known)
            if ranked:
                evidence.append(seen)
                right.append(ranked[0][0] == topic)
                answerable.append(topic not in gone)
    return np.array(evidence).reshape(-1, MEASURES), np.array(right, bool), np.array(answerable, bool)


def _fit_gate(evidence: NDArray[np.float64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Bias and slopes that tell from the evidence how likely the best topic is right."""
    if right.all() or not right.any():
        return np.array([0.0, 1.0, *[0.0] * (MEASURES - 1)])
    model = LogisticRegression(C=10.0, max_iter=1000).fit(evidence, right)
    return np.concatenate([model.intercept_, model.coef_[0]])


def _thresholds(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], answerable: NDArray[np.bool_]
) -> tuple[float, float]:
    """The confidence from which to answer, and from which to ask back (half of it).

    Answers are given down to where, of the held-out questions that have an answer, ``MOST_WRONG`` get a wrong one.
    Real questions are plainer than these, which were written to differ, so far fewer of them do.
    """
    wrong = np.sort(confidence[answerable & ~right])[::-1]
    allowed = int(MOST_WRONG * answerable.sum())
    answer = round(float(wrong[allowed]), 2) if allowed < len(wrong) else SUREST_REFUSAL
    return answer, round(answer / 2, 2)
