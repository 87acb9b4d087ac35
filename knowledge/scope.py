"""Scope: the country, city, level, size, sector or year that a message is limited to, told by rule.

The words are content; countries that the documents do not treat are known from Babel's list of territories, so that
they are recognised as such and not answered with another country's figure.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from babel import Locale

from knowledge.content import Knowledge, ScopeTexts
from knowledge.figures import LOCALES
from knowledge.folding import words
from knowledge.places import Place

Scope = dict[str, tuple[str, ...]]

MARK = "§"
"""What a mark begins with; no folded word does."""

JOB = "§job"
PROFESSION = "§profession"
COMPANY = "§company"
YEARS = "§years"
COUNTRY = "§country"


@dataclass(frozen=True)
class Reading:
    """A message's words with its scope told apart.

    ``masked`` are its words in which what names a place, a level, a job and so on is replaced by a mark such as
    ``§country``, and ``spans`` says how many words each of them stands for; ``scope`` maps facet to values, in the
    order they were named; ``named`` holds the words that stood for other professions and companies; ``spoken`` gives
    a value's words as they were used; ``job`` says that the career itself was named.
    """

    masked: tuple[str, ...]
    spans: tuple[int, ...]
    scope: Scope
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spoken: Mapping[str, str] = field(default_factory=dict)
    job: bool = False


@dataclass(frozen=True)
class _Alias:
    words: tuple[str, ...]
    mark: str
    value: str


class ScopeReader:
    """Recognises scope in any of the content's languages at once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._rules = knowledge.scope
        texts = [language.scope for language in knowledge.languages.values()]
        self._years_words = {word for text in texts for word in text.years_words}
        self._more_than = {tuple(words(phrase)) for text in texts for phrase in text.more_than}
        self._numbers = {
            tuple(words(word)): number for text in texts for number, word in enumerate(text.number_words, start=1)
        }
        self._job = texts[0].own_profession[0] if texts else ""
        self._names = {name: language.scope.names for name, language in knowledge.languages.items()}
        self._aliases: dict[str, list[_Alias]] = {}
        for alias in self._all_aliases(texts):
            self._aliases.setdefault(alias.words[0], []).append(alias)
        for candidates in self._aliases.values():
            candidates.sort(key=lambda alias: -len(alias.words))

    @property
    def vocabulary(self) -> set[str]:
        """Every word that stands in an alias, for the spelling repair."""
        return {word for group in self._aliases.values() for alias in group for word in alias.words}

    def read(self, tokens: Sequence[str], plain: Collection[int] = ()) -> Reading:
        """Tells the scope of folded words; those at ``plain`` positions name nothing."""
        masked: list[str] = []
        spans: list[int] = []
        scope: dict[str, list[str]] = {}
        named: dict[str, list[str]] = {}
        spoken: dict[str, str] = {}
        position = 0
        while position < len(tokens):
            years, length = self._years(tokens, position)
            if years is not None:
                masked.append(YEARS)
                spans.append(length)
                _add(scope, "level", self._level(years))
                position += length
                continue
            alias = self._alias(tokens, position) if position not in plain else None
            if alias is None:
                masked.append(tokens[position])
                spans.append(1)
                position += 1
                continue
            masked.append(alias.mark)
            spans.append(len(alias.words))
            if alias.mark in (PROFESSION, COMPANY):
                _add(named, alias.mark, " ".join(alias.words))
            elif alias.mark != JOB:
                _add(scope, alias.mark.removeprefix("§"), alias.value)
                spoken[alias.value] = " ".join(alias.words)
            position += len(alias.words)
        for facet, values in list(scope.items()):
            for value in values:
                for other, implied in self._rules.implies.get(facet, {}).get(value, {}).items():
                    _add(scope, other, implied)
        return Reading(
            tuple(masked),
            tuple(spans),
            {facet: tuple(values) for facet, values in scope.items()},
            {mark: tuple(values) for mark, values in named.items()},
            spoken,
            JOB in masked,
        )

    def placed(self, tokens: Sequence[str]) -> set[int]:
        """The positions of the words that name a place as they are."""
        taken: set[int] = set()
        for position in range(len(tokens)):
            alias = self._alias(tokens, position) if position not in taken else None
            if alias and alias.mark.removeprefix(MARK) in self._rules.familiar:
                taken |= set(range(position, position + len(alias.words)))
        return taken

    def places(self) -> list[Place]:
        """Every name of a place. Of a familiar one all names are told by ear; of a country only those that it has
        itself, for the content mostly has what its people and things are called ("belge", "Belgian")."""
        named: dict[tuple[str, ...], list[tuple[str, bool]]] = {}
        for language, facet, value, phrases, own in self._place_names():
            familiar = value in self._rules.familiar[facet]
            for position, phrase in enumerate(phrases):
                for name in map(tuple, map(words, expand(phrase))):
                    if (f"§{facet}", value) == self._meaning(name):
                        by_ear = familiar and (own or position == 0 or f"§{facet}" != COUNTRY)
                        named.setdefault(name, []).append((language, by_ear))
        found = []
        for name, told in named.items():
            mark, value = self._meaning(name) or ("", "")
            facet = mark.removeprefix("§")
            languages = frozenset(language for language, _ in told)
            by_ear = any(by_ear for _, by_ear in told)
            found.append(Place(name, (facet, value), languages, value in self._rules.familiar[facet], by_ear))
        return found

    def called(self, reading: Reading, spelt: Sequence[str]) -> str:
        """The text of a message whose words are spelt so, with the career called by one name wherever it is named."""
        parts: list[str] = []
        at = 0
        for word, size in zip(reading.masked, reading.spans, strict=True):
            parts += [f" {self._job}"] if word == JOB else spelt[at : at + size]
            at += size
        return "".join(parts)

    def _alias(self, tokens: Sequence[str], position: int) -> _Alias | None:
        for alias in self._aliases.get(tokens[position], ()):
            if tuple(tokens[position : position + len(alias.words)]) == alias.words:
                return alias
        return None

    def _meaning(self, name: tuple[str, ...]) -> tuple[str, str] | None:
        alias = self._alias(name, 0) if name else None
        return (alias.mark, alias.value) if alias and alias.words == name else None

    def _years(self, tokens: Sequence[str], position: int) -> tuple[int | None, int]:
        """A span such as "more than 8 years" from a position on: the years, and how many words it takes."""
        for lead in (0, 2, 1):
            if lead and tuple(tokens[position : position + lead]) not in self._more_than:
                continue
            for size in (2, 1):
                counted = tuple(tokens[position + lead : position + lead + size])
                after = tokens[position + lead + size : position + lead + size + 1]
                number = self._number(counted)
                if number is not None and after and after[0] in self._years_words:
                    return number + (1 if lead else 0), lead + size + 1
        return None, 0

    def _number(self, counted: tuple[str, ...]) -> int | None:
        if len(counted) == 1 and counted[0].isdecimal() and len(counted[0]) < 3:
            return int(counted[0])
        return self._numbers.get(counted)

    def _level(self, years: int) -> str:
        for level, (low, high) in self._rules.level_by_years.items():
            if years >= low and (high is None or years <= high):
                return level
        return next(iter(self._rules.level_by_years))

    def _all_aliases(self, texts: Sequence[ScopeTexts]) -> Iterator[_Alias]:
        seen: set[tuple[str, ...]] = set()
        for mark, value, phrase in self._named(texts):
            for written in expand(phrase):
                key = tuple(words(written))
                if key and key not in seen:
                    seen.add(key)
                    yield _Alias(key, mark, value)

    def _named(self, texts: Sequence[ScopeTexts]) -> Iterator[tuple[str, str, str]]:
        """(mark, value, words), the content's own first, so that they win over the list of territories."""
        for text in texts:
            yield from ((JOB, "", phrase) for phrase in text.own_profession)
            for facet, values in text.names.items():
                yield from ((f"§{facet}", value, phrase) for value, phrases in values.items() for phrase in phrases)
        for text in texts:
            yield from ((PROFESSION, phrase, phrase) for phrase in text.professions)
        yield from ((COMPANY, name, name) for name in self._rules.companies)
        for language in LOCALES:
            yield from ((COUNTRY, code, name) for code, name in self._territories(language))

    def _place_names(self) -> Iterator[tuple[str, str, str, Sequence[str], bool]]:
        """(language, facet, value, words, whether the words are the place's own name) of all places."""
        for language, names in self._names.items():
            for facet in self._rules.familiar:
                for value, phrases in names.get(facet, {}).items():
                    yield language, facet, value, phrases, False
        facet = COUNTRY.removeprefix("§")
        if facet in self._rules.familiar:
            for language in LOCALES:
                for code, name in self._territories(language):
                    yield language, facet, code, (name,), True

    def _territories(self, language: str) -> Iterator[tuple[str, str]]:
        for code, name in Locale.parse(LOCALES[language]).territories.items():
            if len(code) == 2 and code.isalpha() and code not in self._rules.not_a_country:
                yield code, str(name)


def expand(phrase: str) -> Iterator[str]:
    """Every way to read a phrase such as "(big|large) company"."""
    parts = [part.split("|") for part in re.split(r"[()]", phrase)]
    yield from ("".join(chosen) for chosen in product(*parts))


def _add(groups: dict[str, list[str]], key: str, value: str) -> None:
    values = groups.setdefault(key, [])
    if value not in values:
        values.append(value)
