"""Repairs the spelling of a message against the knowledge's own words (rapidfuzz)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Letters from which a word is repaired; shorter ones have too many neighbours."""


SHORTEST_NAME = 6
"""Letters from which a rare word is taken for a misspelt name."""

RARE = 5
RARER = 20
"""A word that phrasings hold at most ``RARE`` times, and a name ``RARER`` times as often, is that name misspelt:
authors write down misspellings too."""


@dataclass(frozen=True)
class Repaired:
    """A message's words after repair; ``known`` is 1 for a known word, 0.5 for a repaired one, 0 for another."""

    words: tuple[str, ...]
    known: tuple[float, ...]

    def spelt(self, spelt: Sequence[str]) -> tuple[str, ...]:
        """The words as they were spelt (see ``folding.spelt``) where that needed no repair, else repaired."""
        pairs = zip(self.words, self.known, spelt, strict=True)
        return tuple(own if sure == 1.0 else f" {word}" for word, sure, own in pairs)


class Speller:
    """Knows from ``counts`` how often the content holds each word; the more frequent of two equally near ones wins.

    No word is taken for a misspelling of one that is ``apart``.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        aliases: Iterable[str],
        names: Collection[str] = (),
        apart: Collection[str] = (),
    ) -> None:
        aliases = set(aliases)
        self._counts = Counter(counts)
        self._counts.update({word: 1 for word in sorted(aliases) if word not in self._counts})
        by_length: dict[int, list[str]] = {}
        for word in self._counts:
            if len(word) >= SHORTEST - 1 and word.isalpha() and word not in apart:
                by_length.setdefault(len(word), []).append(word)
        self._by_length = {
            length: (found, np.array([_letters(word) for word in found], np.uint32))
            for length, found in by_length.items()
        }
        self._aliases, self._names = aliases, sorted(names)
        self._nearest = lru_cache(maxsize=20_000)(self._find)
        self._meant = lru_cache(maxsize=20_000)(self._name)

    def repair(self, tokens: Sequence[str], kept: Collection[int] = ()) -> Repaired:
        """The words with unknown ones replaced by the nearest known word, where one is near enough; those at ``kept``
        positions stay as they are, known or not."""
        words, known = [], []
        for position, token in enumerate(tokens):
            if position in kept:
                words.append(token)
                known.append(0.0)
                continue
            found = token if token in self._counts else self._nearest(token)
            word = (self._meant(found) or found) if found else token
            words.append(word)
            known.append(0.0 if found is None else 1.0 if word == token else 0.5)
        return Repaired(tuple(words), tuple(known))

    def _name(self, word: str) -> str | None:
        """The name that a rare word is a misspelling of; a different ending alone makes another word."""
        if len(word) < SHORTEST_NAME or word in self._aliases or self._counts[word] > RARE:
            return None
        often = [
            name
            for name in self._names
            if name[0] == word[0]
            and self._counts[name] >= RARER * self._counts[word]
            and word[:-1] not in (name, name[:-1])
            and word != name[:-1]
        ]
        near = process.extractOne(word, often, scorer=OSA.distance, score_cutoff=1)
        return near[0] if near else None

    def _find(self, token: str) -> str | None:
        if len(token) < SHORTEST or not token.isalpha():
            return None
        allowed = 1 if len(token) <= 7 else 2
        letters = np.uint32(_letters(token))
        candidates: list[str] = []
        for length in range(len(token) - allowed, len(token) + allowed + 1):
            if length in self._by_length:
                found, sets = self._by_length[length]
                # An edit changes at most two letters of the set, so most words need no closer look.
                alike = np.flatnonzero(np.bitwise_count(sets ^ letters) <= 2 * allowed)
                candidates += [found[at] for at in alike]
        near = process.extract(token, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=5)
        if not near:
            return None
        return min(near, key=lambda match: (match[1], match[0][0] != token[0], -self._counts[match[0]]))[0]


def _letters(word: str) -> int:
    """The set of a word's letters as bits; letters may share a bit."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits
