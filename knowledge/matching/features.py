"""The features of a message: its words and pairs of words, and the letter groups inside its words."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from knowledge.scope import JOB, MARK

Features = tuple[Counter[str], Counter[str]]
"""The word block and the letter block, each feature with its count."""

SHORTEST_GROUP = 3
LONGEST_GROUP = 5


def features(masked: Sequence[str]) -> Features:
    """Features of folded words. A mark such as ``§country`` counts once, as a word: that a place is named says little
    about what is asked of it. The career's own mark stands for a word like any other, but has no letters."""
    by_word = Counter(masked)
    by_word.update(f"{first} {second}" for first, second in pairwise([w for w in masked if w == JOB or w[0] != MARK]))
    by_letters: Counter[str] = Counter()
    for word in masked:
        if word[0] == MARK:
            continue
        padded = f"_{word}_"
        for size in range(SHORTEST_GROUP, LONGEST_GROUP + 1):
            by_letters.update(f"-{padded[at : at + size]}" for at in range(len(padded) - size + 1))
    return by_word, by_letters
