"""The rules that content has to keep, beyond its shape; each problem is told by file and line."""

import re
from collections import Counter
from collections.abc import Iterator
from string import Formatter

from knowledge import quiz_rules
from knowledge.content import Entry, EntryTexts, Knowledge
from knowledge.figures import PLACEHOLDER
from knowledge.folding import fold
from knowledge.matching.index import Index
from knowledge.phrasings import fingerprint
from knowledge.reading import Folder, Problem
from knowledge.understanding import INDEX

FEWEST_PHRASINGS = 15
LONGEST_ANSWER = 900
"""Characters of an answer with its figures placed; more does not fit a phone's screen."""

TYPICAL_FIGURE = "€6,000 to €12,000"
HAND_WRITTEN = re.compile(r"(?<!bac\+)\d")

Place = tuple[str, list[str], str]
"""Where a problem stands: the language's folder (or "entries" or a file), the keys inside, and what is wrong."""


def check(knowledge: Knowledge, folder: Folder, index: Index | None) -> list[Problem]:
    """Everything that is wrong with the content and its index; nothing where it is in order."""
    found = broken(knowledge, folder)
    if knowledge.languages:
        found += [_located(folder, place) for place in (*_facts(knowledge), *_style(knowledge), *_quiz(knowledge))]
    if not found and (index is None or index.fingerprint != fingerprint(knowledge)):
        found.append(Problem(INDEX, 1, "not made from these phrasings; run `python -m bot index` (takes minutes)"))
    return found


def broken(knowledge: Knowledge, folder: Folder) -> list[Problem]:
    """What the bot cannot run with: names that lead nowhere, sentences that are missing."""
    if not knowledge.languages:
        return [Problem(folder.name(folder.career), 1, "there is no language; add a folder such as en/")]
    found = [*_figures(knowledge), *_entries(knowledge), *_career(knowledge), *_languages(knowledge)]
    found += _familiar(knowledge)
    return [_located(folder, place) for place in found]


def _figures(knowledge: Knowledge) -> Iterator[Place]:
    for name, figure in knowledge.figures.items():
        if figure.source not in knowledge.sources:
            yield "figures.yaml", [name, "source"], f"{name}: there is no source {figure.source}"
        if figure.kind == "money" and not (figure.currency and figure.period):
            yield "figures.yaml", [name], f"{name}: money needs a currency and a period (month or year)"
        if isinstance(figure.value, tuple) and figure.value[0] >= figure.value[1]:
            yield "figures.yaml", [name, "value"], f"{name}: the first value must be lower than the second"
        if isinstance(figure.value, str) != (figure.kind == "date"):
            yield "figures.yaml", [name, "value"], f"{name}: only a date is written as text, in quotes"


def _entries(knowledge: Knowledge) -> Iterator[Place]:
    known = _scope_values(knowledge)
    for name, entry in knowledge.entries.items():
        for kind, field, wanted, held in (
            ("source", "sources", entry.sources, knowledge.sources),
            ("figure", "figures", entry.figures, knowledge.figures),
            ("fact", "facts", entry.facts, knowledge.facts),
            ("entry", "related", entry.related, knowledge.entries),
        ):
            for item in wanted:
                if item not in held:
                    yield "entries", [name, field, item], f"{name}: there is no {kind} {item}"
        for fact in entry.facts:
            if fact in knowledge.facts and knowledge.facts[fact] not in entry.sources:
                yield (
                    "entries",
                    [name, "sources"],
                    f"{name}: tells {fact} but does not name source {knowledge.facts[fact]}",
                )
        for figure in entry.figures:
            if figure in knowledge.figures and knowledge.figures[figure].source not in entry.sources:
                yield "entries", [name, "sources"], f"{name}: places {figure} but does not name its source"
        for facet, values in (*entry.scope.items(), *entry.covers.items()):
            for value in values:
                if value not in known.get(facet, ()):
                    yield "entries", [name, "scope", facet], f"{name}: no language has words for {facet} {value}"
    for topic, count in Counter(entry.topic for entry in knowledge.entries.values()).items():
        defaults = [name for name, entry in knowledge.entries.items() if entry.topic == topic and entry.default]
        if len(defaults) > 1 or (count > 1 and not defaults):
            members = [name for name, entry in knowledge.entries.items() if entry.topic == topic]
            message = f"topic {topic} needs one entry with `default: true`, it has {len(defaults)}"
            yield "entries", [members[0]], message


def _facts(knowledge: Knowledge) -> Iterator[Place]:
    told = {fact for entry in knowledge.entries.values() for fact in entry.facts}
    for fact, source in knowledge.facts.items():
        if fact not in told:
            yield "facts.yaml", [source, fact], f"{fact} is told by no entry; name it under `facts` of one"


def _career(knowledge: Knowledge) -> Iterator[Place]:
    for name in knowledge.career.highlights:
        if name not in knowledge.entries:
            yield "career.yaml", ["highlights", name], f"there is no entry {name}"
    if knowledge.career.company_entry not in knowledge.entries:
        yield "career.yaml", ["company_entry"], f"there is no entry {knowledge.career.company_entry}"


def _familiar(knowledge: Knowledge) -> Iterator[Place]:
    known = _scope_values(knowledge)
    for facet, values in knowledge.scope.familiar.items():
        for value in values:
            if value not in known.get(facet, ()):
                yield "scope.yaml", ["familiar", facet], f"familiar: no language has words for {facet} {value}"


def _languages(knowledge: Knowledge) -> Iterator[Place]:
    first = next(iter(knowledge.languages))
    model = knowledge.languages[first]
    for language, texts in knowledge.languages.items():
        for name in knowledge.entries.keys() - texts.entries.keys():
            yield f"{language}/entries", [name], f"{name} is missing in {language}"
        for name, entry in texts.entries.items():
            if name not in knowledge.entries:
                yield f"{language}/entries", [name], f"{name} does not stand in entries/"
            else:
                yield from _placements(language, name, knowledge.entries[name], entry)
        for name in knowledge.sources.keys() - texts.career.sources.keys():
            yield f"{language}/career.yaml", ["sources"], f"source {name} has no name"
        if _names(texts.career.help) != {"examples"}:
            yield f"{language}/career.yaml", ["help"], "help needs {examples}, and no other name in braces"
        for topic, rules in knowledge.scope.topics.items():
            if rules.closed and topic not in texts.scope.topics:
                yield f"{language}/scope.yaml", ["topics"], f"topic {topic} has no name"
        for name in model.interface.keys() ^ texts.interface.keys():
            yield (
                f"common/{language}/interface.yaml",
                [name],
                f"{name} stands only in {first} or only in {language}",
            )
        for name in model.interface.keys() & texts.interface.keys():
            if _names(texts.interface[name]) is None:
                yield f"common/{language}/interface.yaml", [name], f"{name}: a brace is not closed"
            elif _names(model.interface[name]) != _names(texts.interface[name]):
                yield (
                    f"common/{language}/interface.yaml",
                    [name],
                    f"{name}: not the same {{names}} as in {first}",
                )
        for name in model.elsewhere.keys() ^ texts.elsewhere.keys():
            yield f"common/{language}/elsewhere.yaml", [name], f"{name} stands only in {first} or only in {language}"
        for part in ("talk", "turns"):
            for name in getattr(model.smalltalk, part).keys() ^ getattr(texts.smalltalk, part).keys():
                yield (
                    f"common/{language}/smalltalk.yaml",
                    [part, name],
                    f"{name} stands only in {first} or {language}",
                )


def _placements(language: str, name: str, entry: Entry, texts: EntryTexts) -> Iterator[Place]:
    where = f"{language}/entries"
    body = f"{texts.answer}\n{texts.more}"
    placed, wanted = set(PLACEHOLDER.findall(body)), set(entry.figures)
    for figure in sorted(wanted - placed):
        yield where, [name, "answer"], f"{name}: the figure {{{figure}}} is not placed"
    for figure in sorted(placed - wanted):
        yield where, [name, "answer"], f"{name}: {{{figure}}} is not among the entry's figures"


def _style(knowledge: Knowledge) -> Iterator[Place]:
    for language, texts in knowledge.languages.items():
        for name, entry in texts.entries.items():
            yield from _texts(language, name, entry)
        yield from _phrasings(knowledge, language)


def _texts(language: str, name: str, texts: EntryTexts) -> Iterator[Place]:
    where = f"{language}/entries"
    for part in ("answer", "more"):
        text = getattr(texts, part)
        if HAND_WRITTEN.search(PLACEHOLDER.sub("", text)):
            yield (
                where,
                [name, part],
                f"{name}: a figure is written by hand; place it by name from figures.yaml",
            )
        if set("{}") & set(PLACEHOLDER.sub("", text)):
            yield where, [name, part], f"{name}: a brace holds no figure's name; names are small letters, digits and -"
        if text.count("**") % 2:
            yield where, [name, part], f"{name}: a ** is not closed"
        if len(PLACEHOLDER.sub(TYPICAL_FIGURE, text)) > LONGEST_ANSWER:
            yield (
                where,
                [name, part],
                f"{name}: longer than {LONGEST_ANSWER} characters; move some of it to `more`",
            )
    if len(texts.ask) < FEWEST_PHRASINGS:
        message = f"{name}: {len(texts.ask)} ways of asking; write at least {FEWEST_PHRASINGS}"
        yield where, [name, "ask"], message


def _phrasings(knowledge: Knowledge, language: str) -> Iterator[Place]:
    """The same question cannot lead to two answers."""
    seen: dict[str, str] = {}
    for name, texts in knowledge.languages[language].entries.items():
        for phrasing in texts.ask:
            other = seen.setdefault(fold(phrasing), name)
            if other != name:
                yield (
                    f"{language}/entries",
                    [name, "ask", phrasing],
                    f"“{phrasing}” stands under {other} and under {name}",
                )


def _quiz(knowledge: Knowledge) -> Iterator[Place]:
    texts = {language: parts.quiz for language, parts in knowledge.languages.items()}
    facts: dict[str, set[str]] = {}
    for fact, document in knowledge.facts.items():
        facts.setdefault(document, set()).add(fact)
    for flaw in quiz_rules.problems(knowledge.quiz, texts, knowledge.entries.keys(), facts):
        file = f"{flaw.language}/quiz.yaml" if flaw.language else "quiz.yaml"
        yield file, list(flaw.keys), f"{flaw.rule}: {flaw.message}"


def _scope_values(knowledge: Knowledge) -> dict[str, set[str]]:
    values: dict[str, set[str]] = {}
    for language in knowledge.languages.values():
        for facet, names in language.scope.names.items():
            values.setdefault(facet, set()).update(names)
    return values


def _names(text: str) -> set[str] | None:
    """The names in braces, or None where a brace is not closed."""
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def _located(folder: Folder, place: Place) -> Problem:
    where, keys, message = place
    if where.endswith("entries"):
        path = folder.home(where.removesuffix("/entries"), keys[0])
    elif where.startswith("common/"):
        path = folder.common / where.removeprefix("common/")
    else:
        path = folder.career / where
    return Problem(folder.name(path), folder.line(path, keys), message)
