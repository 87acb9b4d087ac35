"""The rules that a quiz definition must pass before anyone is asked its questions.

S is about structure, T about the text of statements, L about languages, M and R about what results need. The
numbers are those of the project's quiz rules; T9 (what people may type) and T10 (markup) were added. Each
message says what is wrong and what to do. M and R rules that concern the engine are tests of the engine.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Set
from itertools import combinations, pairwise, product

from knowledge.folding import fold, words
from knowledge.quiz import QuizForm, QuizTexts, Sourced

Found = Iterator[tuple[str, str]]
Located = tuple[str, str, str]

LONGEST_WORDS, LONGEST_STATEMENT, LONGEST_LABEL = 14, 90, 28
_ID = re.compile(r"[a-z0-9_-]{1,24}")
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
_LIX_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

BUTTONS = frozenset(
    ["start", "how", "back", "skip", "pause", "quit", "resume", "restart", "redo", "see_result", "not_now"]
)
"""The buttons that are no answers."""

PLACEHOLDERS: dict[str, frozenset[str]] = {
    "welcome": frozenset({"total", "minutes", "hours"}),
    "welcome_unfinished": frozenset({"step", "total"}),
    "welcome_done": frozenset({"hours"}),
    "how": frozenset({"items", "pairs", "spread"}),
    "marked": frozenset({"label"}),
    "question": frozenset({"step", "total", "statement"}),
    "choice": frozenset({"step", "total", "first", "second"}),
    "paused": frozenset({"step", "total", "hours"}),
    "result.headline": frozenset({"percent", "low", "high"}),
    "result.bar": frozenset({"bar", "name", "level"}),
    "result.bar_missing": frozenset({"name"}),
    "result.strength": frozenset({"name", "why", "statement", "option"}),
    "result.growth": frozenset({"name", "exercise"}),
    "result.type_clear": frozenset({"type", "does"}),
    "result.type_second": frozenset({"type"}),
    "result.type_mixed": frozenset({"first", "second", "first_does", "second_does"}),
    "result.burden": frozenset({"text"}),
}
"""The placeholders that each string must contain, by its path; all other strings contain none."""


def problems(
    form: QuizForm,
    texts: Mapping[str, QuizTexts],
    entry_ids: Container[str],
    facts: Mapping[str, Container[str]] | None = None,
) -> list[Located]:
    """Everything wrong with a quiz, as (language or "", rule, message); an empty list allows its use.

    ``entry_ids`` are the knowledge entries that exist; ``facts`` (if given) those of each document.
    """
    found: list[Located] = []
    for check in (_structure, _balance, _order, _definition):
        found += [("", rule, message) for rule, message in check(form)]
    found += [("", rule, message) for rule, message in _sources(form, facts)]
    found += [("", rule, message) for rule, message in _links(form, entry_ids)]
    if form.source_language not in texts:
        return [*found, ("", "L1", f"There are no words in {form.source_language!r}, the source; add them.")]
    for language, words_ in texts.items():
        gaps = list(_tree(form, words_))
        found += [(language, rule, message) for rule, message in gaps]
        for check_words in (_statements, _wording, _typed):
            found += [(language, rule, message) for rule, message in check_words(form, words_)]
    found += _translations(form, texts)
    return found


def _structure(form: QuizForm) -> Found:
    ids = Counter([*(i.id for i in form.items), *(p.id for p in form.pairs)])
    ids += Counter([*(d.id for d in form.dimensions), *(a.id for a in form.axes)])
    for id_, count in ids.items():
        if count > 1:
            yield "S1", f"The id {id_!r} is used {count} times; give each thing its own."
    for id_ in [*ids, *(situation.id for situation in form.situations)]:
        if not _ID.fullmatch(id_):
            yield "S1", f"The id {id_!r} does not fit into a button; use up to 24 of a-z, 0-9, - and _."
    dimensions, axes = {d.id for d in form.dimensions}, {a.id for a in form.axes}
    for item in form.items:
        if item.dimension not in dimensions:
            yield "S5", f"{item.id} belongs to {item.dimension!r}, which is no dimension; name a real one."
    for pair in form.pairs:
        if pair.axis not in axes:
            yield "S5", f"{pair.id} belongs to {pair.axis!r}, which is no axis; name a real one."
    asked = Counter(form.order)
    for question in {*asked, *form.item_by_id, *form.pair_by_id}:
        known = question in form.item_by_id or question in form.pair_by_id
        if asked[question] != 1 or not known:
            yield "S5", f"{question!r} is asked {asked[question]} times; list every question once in order."
    if form.scale != (0, 1, 2, 3, 4):
        yield "S6", f"The scale is {list(form.scale)}; it has to be 0, 1, 2, 3, 4."
    if len(form.order) * form.seconds_per_tap > form.seconds * 1.1:
        yield "S12", f"{len(form.order)} taps take longer than {form.seconds:g} s; advertise more time."
    if form.lock != form.fingerprint():
        yield "S11", f"What is scored has changed: raise version, then set lock to {form.fingerprint()!r}."


def _balance(form: QuizForm) -> Found:
    for dimension in form.dimensions:
        keys = [item.key for item in form.items if item.dimension == dimension.id]
        if len(keys) < 3:
            yield "S2", f"{dimension.id} has {len(keys)} items; three are the least."
        if set(keys) != {"+", "-"}:
            yield "S3", f"{dimension.id} needs at least one item with key + and one with key -."
    signs = Counter(item.key for item in form.items)
    if signs["+"] != signs["-"]:
        yield "S4", f"{signs['+']} items have key + and {signs['-']} have key -; make them equally many."
    for axis in form.axes:
        first = Counter(pair.first for pair in form.pairs if pair.axis == axis.id)
        if first.total() < 2 or set(first) != {axis.low, axis.high} or first[axis.low] != first[axis.high]:
            yield "S7", f"{axis.id} needs at least two pairs, with each end shown first equally often."


def _order(form: QuizForm) -> Found:
    known = [id_ for id_ in form.order if id_ in form.item_by_id or id_ in form.pair_by_id]
    for one, other in pairwise(known):
        if form.group(one) == form.group(other):
            yield "S8", f"{one} and {other} are neighbours and share {form.group(one)}; part them."
    keys = [form.item_by_id[id_].key for id_ in known if id_ in form.item_by_id]
    for place in range(len(keys) - 2):
        if len(set(keys[place : place + 3])) == 1:
            yield "S8", f"Items {place + 1} to {place + 3} all have key {keys[place]}; mix them."
    opener = form.item_by_id.get(form.order[0]) if form.order else None
    if opener is None or opener.key != "+" or not opener.opener:
        yield "S9", "The first question must be an item with key + that is marked as opener."


def _definition(form: QuizForm) -> Found:
    corners = set(product(*((axis.low, axis.high) for axis in form.axes)))
    named = Counter(type_.corner for type_ in form.types)
    if set(named) != corners or max(named.values(), default=0) > 1:
        yield "M10", "The types must stand on the corners of the axes, one on each."
    for name, steps in (("bands", form.bands), ("levels", form.levels)):
        minima = [step.minimum for step in steps]
        if not minima or minima[0] != 0 or minima != sorted(set(minima)) or minima[-1] > 100:
            yield "R2", f"{name} must begin at 0 and rise, so that every score has exactly one."
    for burden in form.burdens:
        if burden.item not in form.item_by_id:
            yield "S5", f"The burden {burden.id} looks at {burden.item!r}, which is no item; name a real one."


def _sources(form: QuizForm, facts: Mapping[str, Container[str]] | None) -> Found:
    things: tuple[Sourced, ...] = (*form.dimensions, *form.axes, *form.types, *form.burdens, *form.situations)
    for thing in things:
        if not thing.sources:
            yield "S10", f"{thing.id} names no source; add a document and the fact it states."
        for source in thing.sources:
            if facts is not None and source.fact not in facts.get(source.document, ()):
                yield (
                    "S10",
                    f"{thing.id}: document {source.document} has no fact {source.fact!r}; correct it.",
                )


def _links(form: QuizForm, entry_ids: Container[str]) -> Found:
    for entry in sorted(set(form.entries())):
        if entry not in entry_ids:
            yield "R5", f"There is no knowledge entry {entry!r}; link to one that exists."
    for situation in form.situations:
        if len(situation.entries) != 3:
            yield "R5", f"{situation.id} has {len(situation.entries)} entries for its buttons; give it three."


def _tree(form: QuizForm, texts: QuizTexts) -> Found:
    expected: dict[str, tuple[Set[str], Mapping[str, object]]] = {
        "statements": (set(form.item_by_id), texts.statements),
        "pairs": (set(form.pair_by_id), texts.pairs),
        "levels": ({step.id for step in form.levels}, texts.levels),
        "bands": ({step.id for step in form.bands}, texts.bands),
        "dimensions": ({d.id for d in form.dimensions}, texts.dimensions),
        "types": ({t.id for t in form.types}, texts.types),
        "axes": ({a.id for a in form.axes}, texts.axes),
        **{f"axes.{a.id}": ({a.low, a.high}, texts.axes.get(a.id, {})) for a in form.axes},
        "buttons": (BUTTONS, texts.buttons),
        "burdens": ({b.id for b in form.burdens}, texts.burdens),
        "situations": ({s.id for s in form.situations}, texts.situations),
        "typed.situations": ({s.id for s in form.situations}, texts.typed.situations),
        "typed.controls": ({"back", "skip", "pause", "quit", "resume"}, texts.typed.controls),
    }
    for where, (wanted, given) in expected.items():
        there = set(given)
        if wanted != there:
            missing, unknown = sorted(wanted - there), sorted(there - wanted)
            yield "L1", f"{where}: add what is missing {missing}, drop what is not defined {unknown}."
    for entry in sorted(set(form.entries()) - set(texts.links)):
        yield "R5", f"links: the button to {entry!r} has no label; add one."
    groups: tuple[tuple[object, ...], ...]
    groups = (texts.options, texts.pair_options, texts.typed.options, texts.typed.pair_options)
    if any(len(group) != len(form.scale) for group in groups):
        yield "S6", f"options, pair_options and what may be typed for them must be {len(form.scale)} each."
    for id_, words_ in texts.situations.items():
        if len(words_.steps) < 3:
            yield "R2", f"situations.{id_} has {len(words_.steps)} steps; give at least three."


def _statements(form: QuizForm, texts: QuizTexts) -> Found:
    rules = texts.rules
    asked = dict(texts.statements)
    for id_, ends in texts.pairs.items():
        asked |= {f"{id_}.first": ends.first, f"{id_}.second": ends.second}
    for id_, text in asked.items():
        if len(text.split()) > LONGEST_WORDS or len(text) > LONGEST_STATEMENT:
            yield (
                "T1",
                f"{id_} has more than {LONGEST_WORDS} words or {LONGEST_STATEMENT} letters; shorten it.",
            )
        for rule, listed, advice in (
            ("T2", rules.negations, "say it without a negation"),
            ("T3", () if id_ in rules.joining_allowed else rules.joining, "ask one thing only"),
            ("T4", rules.absolutes, "leave out the absolute"),
            ("T6", rules.sensitive, "do not ask about private matters"),
        ):
            for phrase in _hits(text, listed):
                yield rule, f"{id_} contains {phrase!r}; {advice}."
        for acronym in set(_ACRONYM.findall(text)) - set(rules.acronyms):
            yield "T4", f"{id_} contains the acronym {acronym}; write it out."
        for pattern in rules.gendered:
            if match := re.search(pattern, text):
                yield "T5", f"{id_} contains {match[0]!r}; find a wording for everyone."
    for label in (*texts.options, *texts.pair_options, *(s.label for s in texts.situations.values())):
        if len(label) > LONGEST_LABEL:
            yield "T1", f"The label {label!r} is longer than {LONGEST_LABEL} characters; shorten it."
    for one, other in combinations([item for item in form.items if item.id in texts.statements], 2):
        if one.dimension == other.dimension:
            left, right = (set(words(texts.statements[item.id])) for item in (one, other))
            if len(left & right) > 0.85 * len(left | right):
                yield "T7", f"{one.id} and {other.id} say nearly the same; reword one of them."
    if (difficulty := lix(list(texts.statements.values()))) > rules.lix:
        yield "T8", f"The statements read at LIX {difficulty:.0f}, above {rules.lix}; use shorter words."


def _wording(form: QuizForm, texts: QuizTexts) -> Found:
    for path, text in texts.strings().items():
        if not text.strip():
            yield "L2", f"{path} is empty; write it."
        wanted = PLACEHOLDERS.get(path, frozenset())
        if placeholders(text) != wanted:
            yield "L5", f"{path} must contain exactly these placeholders: {sorted(wanted) or 'none'}."
        if text.count("**") % 2 or "{" in re.sub(r"\{\w+\}", "", text) or "__" in text or "`" in text:
            yield "T10", f"{path} has markup other than **bold** and lines that begin with •; correct it."
        if path.split(".")[0] in ("result", "bands", "dimensions", "types", "axes", "burdens", "situations"):
            for phrase in _hits(text, texts.rules.forbidden):
                yield "R7", f"{path} contains {phrase!r}, which promises or judges; say it otherwise."


def _typed(form: QuizForm, texts: QuizTexts) -> Found:
    for choice in (False, True):
        meanings: dict[str, str] = {}
        for meaning, phrase in texts.phrases(choice):
            other = meanings.setdefault(fold(phrase), meaning)
            if other != meaning:
                yield "T9", f"Typing {phrase!r} would mean both {other} and {meaning}; keep one."
    phrases = Counter(fold(p) for group in texts.typed.situations.values() for p in {*map(fold, group)})
    for phrase, count in phrases.items():
        if count > 1:
            yield "T9", f"Typing {phrase!r} would mean {count} situations; keep one."


def _translations(form: QuizForm, texts: Mapping[str, QuizTexts]) -> Iterator[Located]:
    source = texts[form.source_language]
    original = source.strings()
    for language, other in texts.items():
        if other is source:
            continue
        if other.translated_from != source.source_hash():
            yield (
                language,
                "L3",
                (
                    f"The questions in {form.source_language} have changed: compare, "
                    f"then set translated_from to {source.source_hash()!r}."
                ),
            )
        strings = other.strings()
        for path in sorted(original.keys() ^ strings.keys()):
            yield language, "L1", f"{path} is not in {form.source_language} and {language}; add or drop it."
        for path in original.keys() & strings.keys():
            ratio = len(strings[path]) / max(1, len(original[path]))
            if len(original[path]) >= 40 and not 0.6 <= ratio <= 1.6:
                yield language, "L4", f"{path} is {ratio:.1f} as long as the source; even it out."
    for (one, left), (two, right) in combinations(((code, t.strings()) for code, t in texts.items()), 2):
        allowed = {*texts[one].rules.same_allowed, *texts[two].rules.same_allowed}
        for path in left.keys() & right.keys():
            text = left[path]
            translatable = re.sub(r"\{\w+\}|[\W\d_]", "", text)
            if text == right[path] and translatable and text not in allowed:
                yield two, "L2", f"{path} equals {one}; translate it or list it in same_allowed."


def _hits(text: str, phrases: tuple[str, ...]) -> list[str]:
    spaced = _spaced(text)
    return [phrase for phrase in phrases if _spaced(phrase) in spaced]


def _spaced(text: str) -> str:
    return f" {' '.join(_TOKEN.findall(text.lower()))} "


def lix(sentences: list[str]) -> float:
    """The reading difficulty LIX: words per sentence plus the percentage of words over six letters."""
    spelled = [word for sentence in sentences for word in _LIX_WORD.findall(sentence)]
    if not spelled:
        return 0.0
    return len(spelled) / len(sentences) + 100 * sum(len(word) > 6 for word in spelled) / len(spelled)


def placeholders(text: str) -> frozenset[str]:
    """The names in curly brackets."""
    return frozenset(_PLACEHOLDER.findall(text))
