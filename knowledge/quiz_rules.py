"""The rules that a quiz definition must pass before anyone is asked its questions.

S is about structure, M and R about what scores and results need; the rules for words are in
``knowledge.quiz_word_rules``. The numbers are those of the project's quiz rules; T9 (what people may type) and T10
(markup) were added. Each message says what is wrong and what to do. M and R rules that concern the engine are tests
of the engine.
"""

import re
from collections import Counter
from collections.abc import Container, Mapping
from itertools import pairwise, product

from knowledge import quiz_word_rules
from knowledge.quiz import QuizForm, QuizTexts, Sourced
from knowledge.quiz_word_rules import Flaw, Found, Keys

FEWEST_ITEMS, FEWEST_PAIRS = 3, 2
"""Statements of a dimension and choices of an axis that each part needs at least."""

_ID = re.compile(r"[a-z0-9_-]{1,24}")


def problems(
    form: QuizForm,
    texts: Mapping[str, QuizTexts],
    entry_ids: Container[str],
    facts: Mapping[str, Container[str]] | None = None,
) -> list[Flaw]:
    """Everything wrong with a quiz; an empty list allows its use.

    ``entry_ids`` are the knowledge entries that exist; ``facts`` (if given) those of each document.
    """
    found: list[Flaw] = []
    for check in (_structure, _parts, _balance, _order, _definition):
        found += [Flaw("", *flaw) for flaw in check(form)]
    found += [Flaw("", *flaw) for flaw in _sources(form, facts)]
    found += [Flaw("", *flaw) for flaw in _links(form, entry_ids)]
    if form.source_language not in texts:
        message = f"There are no words in {form.source_language!r}, the source; add them."
        return [*found, Flaw("", "L1", message, ("source_language",))]
    for language, words_ in texts.items():
        for check_words in (
            quiz_word_rules.tree,
            quiz_word_rules.statements,
            quiz_word_rules.wording,
            quiz_word_rules.typed,
        ):
            found += [Flaw(language, *flaw) for flaw in check_words(form, words_)]
    found += quiz_word_rules.translations(form, texts)
    return found


def _structure(form: QuizForm) -> Found:
    things = [
        (thing.id, (kind, str(place)))
        for kind in ("items", "pairs", "dimensions", "axes")
        for place, thing in enumerate(getattr(form, kind))
    ]
    counted = Counter(id_ for id_, _ in things)
    for id_, keys in {id_: keys for id_, keys in things if counted[id_] > 1}.items():
        yield "S1", f"The id {id_!r} is used {counted[id_]} times; give each thing its own.", keys
    things += [(situation.id, ("situations", str(place))) for place, situation in enumerate(form.situations)]
    for id_, keys in things:
        if not _ID.fullmatch(id_):
            yield "S1", f"The id {id_!r} does not fit into a button; use up to 24 of a-z, 0-9, - and _.", keys
    dimensions, axes = {d.id for d in form.dimensions}, {a.id for a in form.axes}
    for place, item in enumerate(form.items):
        if item.dimension not in dimensions:
            message = f"{item.id} belongs to {item.dimension!r}, which is no dimension; name a real one."
            yield "S5", message, ("items", str(place), "dimension")
    for place, pair in enumerate(form.pairs):
        if pair.axis not in axes:
            message = f"{pair.id} belongs to {pair.axis!r}, which is no axis; name a real one."
            yield "S5", message, ("pairs", str(place), "axis")
    if form.scale != (0, 1, 2, 3, 4):
        yield "S6", f"The scale is {list(form.scale)}; it has to be 0, 1, 2, 3, 4.", ("scale",)
    if form.lock != form.fingerprint():
        message = f"What is scored has changed: raise version, then set lock to {form.fingerprint()!r}."
        yield "S11", message, ("lock",)


def _parts(form: QuizForm) -> Found:
    asked = Counter(question for part in form.parts for question in part)
    for question in [*form.item_by_id, *form.pair_by_id]:
        if not asked[question]:
            yield "S5", f"{question!r} is never asked; list every question once in order or more.", _at(form, question)
    for name in ("order", "more"):
        for question in getattr(form, name):
            known = question in form.item_by_id or question in form.pair_by_id
            if asked[question] > 1 or not known:
                message = f"{question!r} is asked {asked[question]} times; list every question once in order or more."
                yield "S5", message, (name, question)
        if len(getattr(form, name)) * form.seconds_per_tap > form.seconds * 1.1:
            message = f"The {len(getattr(form, name))} taps of {name} take longer than {form.seconds:g} s."
            yield "S12", f"{message} Advertise more time.", ("seconds",)


def _balance(form: QuizForm) -> Found:
    for name in ("order", "more"):
        items = [form.item_by_id[id_] for id_ in getattr(form, name) if id_ in form.item_by_id]
        for place, dimension in enumerate(form.dimensions):
            keys = [item.key for item in items if item.dimension == dimension.id]
            if len(keys) < FEWEST_ITEMS:
                message = f"{dimension.id} has {len(keys)} items in {name}; {FEWEST_ITEMS} are the least."
                yield "S2", message, ("dimensions", str(place))
            if set(keys) != {"+", "-"}:
                message = f"{dimension.id} needs at least one item with key + and one with key - in {name}."
                yield "S3", message, ("dimensions", str(place))
        signs = Counter(item.key for item in items)
        if signs["+"] != signs["-"]:
            message = f"{signs['+']} items of {name} have key + and {signs['-']} have key -; make them equally many."
            yield "S4", message, ("items",)
        pairs = [form.pair_by_id[id_] for id_ in getattr(form, name) if id_ in form.pair_by_id]
        for place, axis in enumerate(form.axes):
            first = Counter(pair.first for pair in pairs if pair.axis == axis.id)
            even = set(first) == {axis.low, axis.high} and first[axis.low] == first[axis.high]
            if first.total() < FEWEST_PAIRS or not even:
                message = f"{axis.id} needs at least {FEWEST_PAIRS} pairs in {name}, with each end first equally often."
                yield "S7", message, ("axes", str(place))


def _order(form: QuizForm) -> Found:
    asked = [(name, id_) for name in ("order", "more") for id_ in getattr(form, name)]
    known = [place for place in asked if place[1] in form.item_by_id or place[1] in form.pair_by_id]
    for (_, one), (name, other) in pairwise(known):
        if form.group(one) == form.group(other):
            message = f"{one} and {other} are neighbours and share {form.group(one)}; part them."
            yield "S8", message, (name, other)
    items = [place for place in known if place[1] in form.item_by_id]
    for first in range(len(items) - 2):
        three = [id_ for _, id_ in items[first : first + 3]]
        keys = {form.item_by_id[id_].key for id_ in three}
        if len(keys) == 1:
            yield "S8", f"{', '.join(three)} all have key {keys.pop()}; mix them.", items[first + 2]
    opener = form.item_by_id.get(form.order[0]) if form.order else None
    if opener is None or opener.key != "+" or not opener.opener:
        message = "The first question must be an item with key + that is marked as opener."
        yield "S9", message, ("order", "0")


def _definition(form: QuizForm) -> Found:
    corners = set(product(*((axis.low, axis.high) for axis in form.axes)))
    named = Counter(type_.corner for type_ in form.types)
    if set(named) != corners or max(named.values(), default=0) > 1:
        yield "M10", "The types must stand on the corners of the axes, one on each.", ("types",)
    for name, steps in (("bands", form.bands), ("levels", form.levels)):
        minima = [step.minimum for step in steps]
        if not minima or minima[0] != 0 or minima != sorted(set(minima)) or minima[-1] > 100:
            yield "R2", f"{name} must begin at 0 and rise, so that every score has exactly one.", (name,)
    for place, burden in enumerate(form.burdens):
        if burden.item not in form.item_by_id:
            message = f"The burden {burden.id} looks at {burden.item!r}, which is no item; name a real one."
            yield "S5", message, ("burdens", str(place), "item")
    if not 0 < form.limits.spread_extended < form.limits.spread:
        message = "After both parts the range must be narrower than after the first; correct spread_extended."
        yield "M14", message, ("limits", "spread_extended")


def _sources(form: QuizForm, facts: Mapping[str, Container[str]] | None) -> Found:
    for kind in ("dimensions", "axes", "types", "burdens", "situations"):
        things: tuple[Sourced, ...] = getattr(form, kind)
        for place, thing in enumerate(things):
            keys = (kind, str(place))
            if not thing.sources:
                yield "S10", f"{thing.id} names no source; add a document and the fact it states.", keys
            for number, source in enumerate(thing.sources):
                if facts is not None and source.fact not in facts.get(source.document, ()):
                    message = f"{thing.id}: document {source.document} has no fact {source.fact!r}; correct it."
                    yield "S10", message, (*keys, "sources", str(number))


def _links(form: QuizForm, entry_ids: Container[str]) -> Found:
    linked: list[tuple[str, Keys]]
    linked = [(type_.entry, ("types", str(place), "entry")) for place, type_ in enumerate(form.types)]
    linked += [(band.entry, ("bands", str(place))) for place, band in enumerate(form.bands) if band.entry]
    for place, situation in enumerate(form.situations):
        linked += [(entry, ("situations", str(place), "entries", entry)) for entry in situation.entries]
        if len(situation.entries) != 3:
            message = f"{situation.id} has {len(situation.entries)} entries for its buttons; give it three."
            yield "R5", message, ("situations", str(place), "entries")
    for entry, keys in linked:
        if entry not in entry_ids:
            yield "R5", f"There is no knowledge entry {entry!r}; link to one that exists.", keys


def _at(form: QuizForm, question: str) -> tuple[str, str]:
    """Where an item or a pair is defined."""
    kind = "items" if question in form.item_by_id else "pairs"
    return kind, str([thing.id for thing in getattr(form, kind)].index(question))
