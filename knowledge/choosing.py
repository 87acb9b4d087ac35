"""Chooses, among the entries of a topic, the one that fits what was asked for, by rule."""

from dataclasses import dataclass

from knowledge.content import Entry, Knowledge, TopicRules
from knowledge.scope import Scope


@dataclass(frozen=True)
class Choice:
    """An entry; what it leaves uncovered of the closed facets; and whether it is coarser than what was asked."""

    entry: str
    uncovered: Scope
    coarser: bool


def choose(knowledge: Knowledge, topic: str, asked: Scope, carried: Scope) -> Choice:
    """The entry of the topic that fits best.

    ``asked`` is the scope of the message itself, ``carried`` what the conversation was limited to before; it counts
    less, and not at all where the message says otherwise; but what no answer holds stays uncovered until then. Where
    something is uncovered, the entry is the topic's default: the nearest that there is.
    """
    rules = knowledge.scope.topics.get(topic, TopicRules())
    facets = (*rules.closed, *rules.open)
    asked = {facet: values for facet, values in asked.items() if facet in facets}
    carried = {facet: values for facet, values in carried.items() if facet in facets and facet not in asked}
    members = [(name, entry) for name, entry in knowledge.entries.items() if entry.topic == topic]
    name, entry = max(members, key=lambda member: _fit(member[1], rules, asked, carried))
    uncovered = {
        facet: _unheld(knowledge, topic, facet, asked[facet])
        for facet in rules.closed
        if facet in asked and not _covers(entry, facet, asked)
    }
    uncovered |= {
        facet: values
        for facet, values in carried.items()
        if facet in rules.closed and not _near(knowledge, entry, facet, values)
    }
    if uncovered and entry.kind == "answer":
        name = knowledge.default_of(topic)
    coarser = any(not _tells(entry, facet, asked) for facet in rules.open if facet in asked)
    return Choice(name, uncovered, coarser)


def held(knowledge: Knowledge, topic: str, facet: str) -> tuple[str, ...]:
    """The values of a facet for which a topic has an answer, each once."""
    values: dict[str, None] = {}
    for entry in knowledge.entries.values():
        if entry.topic == topic and entry.kind == "answer":
            values |= dict.fromkeys(entry.scope.get(facet, ()))
    return tuple(values)


def whole_countries(knowledge: Knowledge, topic: str) -> tuple[str, ...]:
    """The entries of a topic that treat one country as a whole."""
    members = ((name, entry) for name, entry in knowledge.entries.items() if entry.topic == topic)
    return tuple(
        name
        for name, entry in members
        if entry.kind == "answer" and entry.scope.keys() == {"country"} and len(entry.scope["country"]) == 1
    )


def _unheld(knowledge: Knowledge, topic: str, facet: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values that no answer of the topic is about, or all of them where it is only together that none is."""
    known = held(knowledge, topic, facet)
    return tuple(value for value in values if value not in known) or values


def _near(knowledge: Knowledge, entry: Entry, facet: str, values: tuple[str, ...]) -> bool:
    """Whether the entry or any answer of its topic is about one of the values."""
    return bool(set(values) & {*entry.scope.get(facet, ()), *held(knowledge, entry.topic, facet)})


def _covers(entry: Entry, facet: str, wanted: Scope) -> bool:
    return set(wanted[facet]) <= set(entry.scope.get(facet, ()))


def _tells(entry: Entry, facet: str, wanted: Scope) -> bool:
    """Whether the answer tells the wanted values apart, be it limited to them or not."""
    return set(wanted[facet]) <= {*entry.scope.get(facet, ()), *entry.covers.get(facet, ())}


def _fit(entry: Entry, rules: TopicRules, asked: Scope, carried: Scope) -> float:
    fit = -0.3 if entry.kind == "gap" else 0.0
    for facet, values in asked.items():
        own = entry.scope.get(facet, ())
        if _covers(entry, facet, asked):
            fit += 4.0 - 0.01 * (len(own) - len(values))
        elif own:
            fit -= 2.0 if set(own) & set(values) else 6.0
        else:
            fit -= 1.0 if facet in rules.closed else 0.5
    for facet, values in carried.items():
        own = entry.scope.get(facet, ())
        if _covers(entry, facet, carried):
            fit += 2.0 - 0.01 * (len(own) - len(values))
        else:
            fit -= 1.5 if own else 0.2
    if not entry.default:
        fit -= 0.6 * sum(facet not in asked and facet not in carried for facet in entry.scope)
    return fit
