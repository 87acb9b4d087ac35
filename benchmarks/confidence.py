"""Fits how confidence is told from the evidence, with nothing but the content: `python -m benchmarks.confidence`.

In each of four rounds a quarter of the topics is taken out, so that their phrasings are questions without an answer, and
a quarter of the other phrasings is held back, so that they are questions that were not seen. A logistic regression then
learns from the evidence of the best match whether it is right. Prints the coefficients for ``matcher.CONFIDENCE``, and
how often confidence told the truth.
"""

import random

import numpy as np
from numpy.typing import NDArray

from knowledge.matching.index import build
from knowledge.matching.matcher import Matcher
from knowledge.matching.spelling import Speller
from knowledge.reading import read
from knowledge.scope import ScopeReader
from knowledge.understanding import phrasings_of

ROUNDS = 4


def gather() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The evidence of each held-out question, whether its best match was right, and whether it had an answer."""
    knowledge, _ = read()
    scope = ScopeReader(knowledge)
    phrasings = list(phrasings_of(knowledge))
    topics = sorted({topic for topic, _ in phrasings})
    rows, right, answerable = [], [], []
    for number in range(ROUNDS):
        chance = random.Random(number)
        gone = set(chance.sample(topics, len(topics) // 4))
        held_back = {at for at in range(len(phrasings)) if chance.random() < 0.25}
        kept = [item for at, item in enumerate(phrasings) if at not in held_back and item[0] not in gone]
        speller = Speller((tokens for _, tokens in kept), scope.vocabulary)
        matcher = Matcher(build([(topic, scope.read(tokens).masked) for topic, tokens in kept]))
        for at, (topic, tokens) in enumerate(phrasings):
            if topic not in gone and at not in held_back:
                continue
            if topic in gone and chance.random() < 0.5:
                continue
            repaired = speller.repair(tokens)
            ranked = matcher.rank(scope.read(repaired.words).masked, repaired.words, repaired.known)
            if ranked:
                match, evidence = ranked[0]
                rows.append([evidence.near, evidence.profile, evidence.lead, evidence.known, evidence.named])
                right.append(match.topic == topic)
                answerable.append(topic not in gone)
    return np.array(rows), np.array(right, float), np.array(answerable)


def fit(rows: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bias and slopes of a logistic regression (Newton's method, a little ridge)."""
    table = np.column_stack([np.ones(len(rows)), rows])
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-table @ weights))
        gradient = table.T @ (right - chance) - 0.01 * weights
        curvature = (table * (chance * (1 - chance))[:, None]).T @ table + 0.01 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def main() -> None:
    """Gathers, fits and prints."""
    rows, right, answerable = gather()
    weights = fit(rows, right)
    print(f"questions {len(rows)}, with an answer {answerable.mean():.0%}, of those right {right[answerable].mean():.1%}")
    print("CONFIDENCE = (" + ", ".join(f"{weight:.2f}" for weight in weights) + ")")
    confidence = 1 / (1 + np.exp(-(np.column_stack([np.ones(len(rows)), rows]) @ weights)))
    for low in np.arange(0, 1, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1)
        if inside.any():
            print(f"confidence {low:.1f}-{low + 0.1:.1f}: {inside.sum():5} questions, right {right[inside].mean():.0%}")
    for threshold in (0.3, 0.4, 0.5, 0.55, 0.6, 0.7):
        given = confidence >= threshold
        wrong = given & (right == 0) & answerable
        print(
            f"answering from {threshold:.2f}: right {(given & (right == 1)).sum() / answerable.sum():.1%}, "
            f"wrong {wrong.sum() / answerable.sum():.1%}, unanswerable answered {given[~answerable].mean():.1%}"
        )


if __name__ == "__main__":
    main()
