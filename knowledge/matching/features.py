"""The features of a message: its words and pairs of words, and the letter groups inside its words."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from knowledge.scope import JOB

Features = tuple[Counter[str], Counter[str]]
"""The word block and the letter block, each feature with its count."""

SHORTEST_GROUP = 3
LONGEST_GROUP = 5


def features(masked: Sequence[str]) -> Features:
    """Features of folded words; a mark such as ``§country`` counts as one word and one letter group.

    The career's own name is left out: "salary" and "a CTO's salary" ask the same.
    """
    masked = [word for word in masked if word != JOB]
    by_word = Counter(masked)
    by_word.update(f"{first} {second}" for first, second in pairwise(masked))
    by_letters: Counter[str] = Counter()
    for word in masked:
        if word.startswith("§"):
            by_letters[word] += 1
            continue
        padded = f"_{word}_"
        for size in range(SHORTEST_GROUP, LONGEST_GROUP + 1):
            by_letters.update(f"-{padded[at : at + size]}" for at in range(len(padded) - size + 1))
    return by_word, by_letters
