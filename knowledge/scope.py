"""Scope: the country, city, level, size, sector or year that a message is limited to, told by rule.

The words are content; countries that the documents do not treat are known from Babel's list of territories, so that
they are recognised as such and not answered with another country's figure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from babel import Locale

from knowledge.content import Knowledge, ScopeTexts
from knowledge.figures import LOCALES
from knowledge.folding import words

Scope = dict[str, tuple[str, ...]]

MARK = "§"
"""What a mark begins with; no folded word does."""

JOB = "§job"
PROFESSION = "§profession"
COMPANY = "§company"
YEARS = "§years"


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
        self._aliases: dict[str, list[_Alias]] = {}
        for alias in self._all_aliases(texts):
            self._aliases.setdefault(alias.words[0], []).append(alias)
        for candidates in self._aliases.values():
            candidates.sort(key=lambda alias: -len(alias.words))

    @property
    def vocabulary(self) -> set[str]:
        """Every word that stands in an alias, for the spelling repair."""
        return {word for group in self._aliases.values() for alias in group for word in alias.words}

    def read(self, tokens: Sequence[str]) -> Reading:
        """Tells the scope of folded words."""
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
            alias = self._alias(tokens, position)
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
        for locale in LOCALES.values():
            for code, name in Locale.parse(locale).territories.items():
                if len(code) == 2 and code.isalpha() and code not in self._rules.not_a_country:
                    yield "§country", code, str(name)


def expand(phrase: str) -> Iterator[str]:
    """Every way to read a phrase such as "(big|large) company"."""
    parts = [part.split("|") for part in re.split(r"[()]", phrase)]
    yield from ("".join(chosen) for chosen in product(*parts))


def _add(groups: dict[str, list[str]], key: str, value: str) -> None:
    values = groups.setdefault(key, [])
    if value not in values:
        values.append(value)
