"""Puts entries into words: figures placed, sources named, age told, related questions offered as buttons."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from conversations import buttons
from conversations.messages import Button, Kind, Reply
from knowledge.choosing import held, whole_countries
from knowledge.content import Knowledge, as_date
from knowledge.figures import country_name, place, write_date
from knowledge.scope import Scope

OLD = 3
"""Years after which a figure says its date once more."""

RELATED = 3
"""How many related questions an answer offers."""


class Answers:
    """Writes the replies that come from the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def say(self, sentence: str, language: str, /, **values: str) -> str:
        """One of the bot's own sentences, filled in."""
        return self._knowledge.languages[language].interface[sentence].format(**values)

    def entry(
        self, name: str, language: str, now: datetime, *, confidence: float = 1.0, coarser: bool = False
    ) -> Reply:
        """The answer of an entry. ``coarser`` adds that nothing finer is known."""
        entry = self._knowledge.entries[name]
        texts = self._knowledge.languages[language].entries[name]
        parts = [self._placed(texts.answer, language)]
        if coarser and entry.kind == "answer":
            parts.append(self.say("not_finer", language))
        parts += self._age(entry.figures, texts.answer, language, now)
        first = [buttons.more(name, self.say("button_more", language))] if texts.more else []
        return Reply(
            kind=Kind.RELATED if entry.kind == "gap" else Kind.ANSWER,
            text="\n\n".join(parts),
            language=language,
            source_line=self.source_line(entry.sources, language),
            entries=(name,),
            sources=entry.sources,
            confidence=confidence,
            buttons=self._rows(first, self._links(entry.related[:RELATED], language)),
        )

    def more(self, name: str, language: str, now: datetime) -> Reply:
        """The rest of an entry, or a plain word that there is none."""
        entry = self._knowledge.entries[name]
        texts = self._knowledge.languages[language].entries[name]
        related = self._rows([], self._links(entry.related[:RELATED], language))
        if not texts.more:
            text = self.say("nothing_more", language)
            return Reply(kind=Kind.RELATED, text=text, language=language, entries=(name,), buttons=related)
        return Reply(
            kind=Kind.ANSWER,
            text="\n\n".join(
                [self._placed(texts.more, language), *self._age(entry.figures, texts.more, language, now)]
            ),
            language=language,
            source_line=self.source_line(entry.sources, language),
            entries=(name,),
            sources=entry.sources,
            buttons=related,
        )

    def several(self, parts: Sequence[Reply], language: str) -> Reply:
        """Two answers in one message, each under its title."""
        titled = [f"**{self.title(part.entries[0], language)}**\n{part.text}" for part in parts]
        sources = tuple(dict.fromkeys(source for part in parts for source in part.sources))
        names = tuple(name for part in parts for name in part.entries)
        related = [link for name in names for link in self._knowledge.entries[name].related if link not in names]
        answered = any(part.kind is Kind.ANSWER for part in parts)
        return Reply(
            kind=Kind.ANSWER if answered else Kind.RELATED,
            text="\n\n".join(titled),
            language=language,
            source_line=self.source_line(sources, language),
            entries=names,
            sources=sources,
            confidence=min(part.confidence for part in parts),
            buttons=self._rows([], self._links(tuple(dict.fromkeys(related))[:RELATED], language)),
        )

    def choices(self, names: Sequence[str], language: str, confidence: float) -> Reply:
        """Asks which of a few entries was meant."""
        return Reply(
            kind=Kind.CHOICES,
            text=self.say("choices", language),
            language=language,
            entries=tuple(names),
            confidence=confidence,
            buttons=self._rows([], self._links(names, language)),
        )

    def not_covered(self, name: str, uncovered: Scope, spoken: dict[str, str], language: str) -> Reply:
        """Says plainly that the documents do not treat what was asked for, and what they hold nearby."""
        topic = self._knowledge.entries[name].topic
        asked = self._listed([self._spoken(facet, uncovered, spoken, language) for facet in uncovered], language)
        countries = held(self._knowledge, topic, "country")
        values = {"topic": self._knowledge.languages[language].scope.topics[topic], "asked": asked}
        if "country" in uncovered and countries:
            names = [country_name(code, language) for code in countries]
            text = self.say("not_covered", language, held=self._listed(names, language), **values)
        else:
            text = self.say("not_covered_at_all", language, **values)
        near = (self._knowledge.default_of(topic), *whole_countries(self._knowledge, topic))
        return Reply(
            kind=Kind.RELATED,
            text=text,
            language=language,
            entries=(name,),
            buttons=self._rows([], self._links(tuple(dict.fromkeys(near))[: RELATED + 1], language)),
        )

    def plain(self, kind: Kind, text: str, language: str, names: Sequence[str] = (), *, quiz: bool = False) -> Reply:
        """A reply that is no answer, with entries (and the quiz) offered under it."""
        first = [buttons.command("quiz", self.say("button_quiz", language))] if quiz else []
        return Reply(kind=kind, text=text, language=language, buttons=self._rows(first, self._links(names, language)))

    def title(self, name: str, language: str) -> str:
        """An entry's title."""
        return self._knowledge.languages[language].entries[name].title

    def source_line(self, sources: Iterable[str], language: str) -> str:
        """The line that names the documents, each with its date."""
        names = []
        for code in sources:
            name, dated = (
                self._knowledge.languages[language].career.sources[code],
                self._knowledge.sources[code].as_of,
            )
            if dated:
                names.append(self.say("source_dated", language, name=name, date=write_date(dated, language)))
            else:
                names.append(self.say("source_undated", language, name=name))
        return self.say("source", language, names="; ".join(names))

    def _placed(self, text: str, language: str) -> str:
        return place(text, self._knowledge.figures, language, self._knowledge.languages[language].interface)

    def _age(self, figures: Iterable[str], text: str, language: str, now: datetime) -> list[str]:
        """A sentence on the age of the figures that a text places, where one of them is old."""
        used = [self._knowledge.figures[name] for name in figures if f"{{{name}}}" in text]
        dates = sorted({figure.date for figure in used if figure.date})
        if not any(_years_between(as_date(day), now.date()) >= OLD for day in dates):
            return []
        written = list(dict.fromkeys(write_date(day, language) for day in dates))
        return [self.say("old_figures", language, dates=self._listed(written, language))]

    def _spoken(self, facet: str, uncovered: Scope, spoken: dict[str, str], language: str) -> str:
        if facet == "country":
            return self._listed([country_name(code, language) for code in uncovered[facet]], language)
        names = self._knowledge.languages[language].scope.names.get(facet, {})
        called = [spoken.get(value) or names.get(value, (value,))[0] for value in uncovered[facet]]
        return self._listed([words.title() for words in called], language)

    def _listed(self, items: Sequence[str], language: str) -> str:
        if len(items) < 2:
            return "".join(items)
        return self.say("list_and", language, first=", ".join(items[:-1]), last=items[-1])

    def _links(self, names: Iterable[str], language: str) -> list[Button]:
        return [buttons.entry(name, self.title(name, language)) for name in names]

    def _rows(self, first: Sequence[Button], links: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
        """One button a row, as a phone shows long labels best."""
        return tuple((button,) for button in (*first, *links))


def _years_between(earlier: date, later: date) -> int:
    return later.year - earlier.year - ((later.month, later.day) < (earlier.month, earlier.day))
