"""Places that are written carelessly: told by how they sound and by how few letters are wrong.

A place is looked for only where nothing else is meant: not in a word that the content uses for something else, nor in
an everyday word that looks like a place, which the content lists.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Letters from which a word may be a misspelt place."""

RARER = 12
"""A word that phrasings hold too is a misspelt place where they hold the place this many times as often: authors write
down misspellings."""

FARTHEST = 4
"""Wrong letters with which a place may still be told by its sound."""

MOST_WORDS = 3
"""Words of a place that are written apart or together at will ("pay bas", "newyork")."""

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("tsch|sch|sh", "s"),
        ("ch", "k"),
        ("ph", "f"),
        ("gh", "g"),
        ("gu(?=[ei])", "G"),  # hard, kept apart from the soft one by its case
        ("[qc]u(?=[aeio])|q|ck|cc|c(?![eiy])", "k"),
        ("ks|x|ts|tz|z|c", "s"),
        ("gn|ng(?=[^aeiouy]|$)", "n"),
        ("g(?=[eiy])", "j"),
        ("ij|ie|y", "i"),
        ("ou|oo|oe|ue|w(?=r)", "u"),
        ("eau|au", "o"),
        ("ai|ei|ay|ey", "e"),
        ("w", "v"),
        ("h", ""),
        ("dt?$", "t"),
        ("g$", "k"),
    )
)
_VOWELS = frozenset("aeijouy")
_DOUBLED = re.compile(r"(.)\1+")
_SILENT = re.compile("(?<=...)e?s?$")


class Place(NamedTuple):
    """A name of a place as folded words; ``value`` is what it names, ``languages`` are those that name it so.

    ``known`` says that people often name the place, and ``by_ear`` that this name of it is told by its sound too.
    """

    words: tuple[str, ...]
    value: tuple[str, str]
    languages: frozenset[str]
    known: bool
    by_ear: bool


@dataclass(frozen=True)
class Slip:
    """A misspelt place in a message: where it begins, how many words it takes, and what may be meant, nearest first."""

    start: int
    size: int
    places: tuple[Place, ...]

    def meant(self, language: str) -> tuple[str, ...]:
        """The words of the place as the language has them, where it has a name for it that is near enough."""
        same = [place for place in self.places if place.value == self.places[0].value]
        return next((place for place in same if language in place.languages), self.places[0]).words


class Places:
    """Finds misspelt places: words, or a few together ("pay bas"), that are near enough to a place's name.

    ``counts`` tells how often the content says a word, ``own`` are words that are never a misspelt place, nor are the
    phrases of ``everyday``; ``before`` stand before a place ("in", "à"), and ``beside`` are words beside which a
    message may consist of a place alone. ``names`` are all places' names of one word, and ``spared`` the
    words that are everyday ones.
    """

    def __init__(
        self,
        places: Iterable[Place],
        counts: Mapping[str, int],
        own: Collection[str],
        *,
        everyday: Iterable[tuple[str, ...]],
        before: Collection[str],
        beside: Collection[str],
    ) -> None:
        self._counts, self._before, self._beside = counts, before, beside
        everyday = set(everyday)
        self._everyday = {phrase for phrase in everyday if len(phrase) > 1}
        self._own = {*own, *(phrase[0] for phrase in everyday if len(phrase) == 1)}
        self.spared = {word for phrase in everyday for word in phrase}
        places = list(places)
        self.names = {place.words[0] for place in places if len(place.words) == 1}
        # By the sound that a name begins with and by how many words it may be written in.
        self._groups: dict[tuple[str, int], dict[str, list[Place]]] = {}
        for place in places:
            if len(place.words) > 1 and place.words[0] in before:
                continue  # the name proper begins after it
            written = "".join(place.words)
            for size in range(1, min(len(place.words), MOST_WORDS) + 1):
                group = self._groups.setdefault((sound(written)[:1], size), {})
                group.setdefault(written, []).append(place)
        self._sizes = {len(phrase) for phrase in self._everyday}
        self._near = lru_cache(maxsize=20_000)(self._find)

    def everyday(self, tokens: Sequence[str]) -> set[int]:
        """The positions of words in phrases that look as if they named a place ("paris sportifs")."""
        return {
            position
            for size in self._sizes
            for at in range(len(tokens) - size + 1)
            if tuple(tokens[at : at + size]) in self._everyday
            for position in range(at, at + size)
        }

    def find(self, tokens: Sequence[str], taken: Set[int] = frozenset()) -> list[Slip]:
        """The misspelt places among folded words; those at ``taken`` positions are something else."""
        telling = [token not in self._beside for token in tokens]
        told = sum(telling)
        found: list[Slip] = []
        at = 0
        while at < len(tokens):
            expected = at > 0 and tokens[at - 1] in self._before
            slip = None
            for size in range(min(MOST_WORDS, len(tokens) - at), 0, -1):
                alone = told == sum(telling[at : at + size])
                slip = slip or self._slip(tokens, at, size, taken, expected or alone)
            if slip:
                found.append(slip)
            at += slip.size if slip else 1
        return found

    def _slip(self, tokens: Sequence[str], at: int, size: int, taken: Set[int], expected: bool) -> Slip | None:
        """The misspelt place that so many words from a position on are."""
        if not taken.isdisjoint(range(at, at + size)) or (size == 1 and tokens[at] in self._own):
            return None
        places = self._near("".join(tokens[at : at + size]), sound(tokens[at])[:1], size, expected)
        return Slip(at, size, places) if places else None

    def _find(self, written: str, first: str, size: int, expected: bool) -> tuple[Place, ...]:
        if len(written) < SHORTEST or not written.isalpha():
            return ()
        group = self._groups.get((first, size), {})
        near = process.extract(written, list(group), scorer=OSA.distance, score_cutoff=FARTHEST, limit=None)
        found = []
        for name, wrong, _ in near:
            for place in group[name]:
                if self._is_meant(place, name, written, wrong, size, expected):
                    found.append((wrong, -self._said(place), place))
        return tuple(place for *_, place in sorted(found, key=lambda one: one[:2]))

    def _is_meant(self, place: Place, name: str, written: str, wrong: int, size: int, expected: bool) -> bool:
        """Whether a place is meant by what is written of ``size`` words with so many letters ``wrong``.

        The shorter a name, the more everyday words are near: of short ones only what sounds the same and letters that
        were left out, doubled or swapped count, and of the shortest only where a place is ``expected``.
        """
        if self._counts.get(written, 0) * RARER > self._said(place):
            return False
        shortest, longest = sorted((len(name), len(written)))
        slipped = wrong <= 1 and (shortest != longest or sorted(name) == sorted(written))
        if wrong == 0 or (size == 1 and wrong == 1 and shortest >= 7 and longest >= 8):
            return True
        if not place.known:
            return False
        if slipped and shortest >= (5 if expected and place.by_ear else 6):
            return True
        return place.by_ear and self._sounds_like(name, written, wrong, size, expected)

    def _sounds_like(self, name: str, written: str, wrong: int, size: int, expected: bool) -> bool:
        """Whether what is written sounds like a familiar name, or so nearly that it can hardly be anything else."""
        called, heard = sound(name), sound(written)
        fewest, most = sorted((len(called), len(heard)))
        if called == heard:
            if expected and wrong <= 2:
                return fewest >= (3 if wrong < 2 else 4)
            return fewest >= (5 if wrong <= 3 else 6)
        if size > 1 or wrong > 2:
            return False
        shortest = min(len(name), len(written))
        if wrong == 1:
            return shortest >= 7 or (shortest == 6 and _vowels_apart(name, written))
        left_out = shortest >= 6 and _within(written, name)
        return left_out or (OSA.distance(called, heard) == 1 and (shortest >= 9 or (most >= 7 and fewest < most)))

    def _said(self, place: Place) -> int:
        return self._counts.get(place.words[0], 0) if len(place.words) == 1 else 0


@lru_cache(maxsize=20_000)
def sound(written: str) -> str:
    """Roughly how a folded word sounds to French, Dutch, German or English ears, so that spellings of one sound are
    equal ("bruxelles" and "brussel"); no phonetic alphabet."""
    for pattern, heard in _SOUNDS:
        written = pattern.sub(heard, written)
    return _SILENT.sub("", _DOUBLED.sub(r"\1", written.lower()))


def _vowels_apart(one: str, other: str) -> bool:
    """Whether two words of one length have different vowels only."""
    return all(a == b or (a in _VOWELS and b in _VOWELS) for a, b in zip(one, other, strict=True))


def _within(short: str, long: str) -> bool:
    """Whether one word is the other with letters left out."""
    rest = iter(long)
    return all(letter in rest for letter in short)
