"""The rules for the words of a quiz: what a statement may say, and whether all languages say the same.

T is about the text of statements, L about languages, R about what results need; ``knowledge.quiz_rules`` calls them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from itertools import combinations
from typing import NamedTuple

from knowledge.folding import fold, words
from knowledge.quiz import QuizForm, QuizTexts


class Flaw(NamedTuple):
    """Something wrong with a quiz: in which language ("" for the definition), against which rule, and where.

    ``keys`` lead to the place in the file, as for ``knowledge.reading.Folder.line``.
    """

    language: str
    rule: str
    message: str
    keys: tuple[str, ...] = ()


Keys = tuple[str, ...]
Found = Iterator[tuple[str, str, Keys]]
"""Rule, message and keys."""

LONGEST_WORDS, LONGEST_STATEMENT, LONGEST_LABEL = 14, 90, 28
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")
_LIX_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_JUDGING = ("result", "after", "bands", "dimensions", "types", "axes", "burdens", "situations")

BUTTONS = frozenset(
    [
        *("start", "how", "privacy", "back", "skip", "pause", "help", "quit", "resume", "restart", "redo"),
        *("see_result", "not_now", "extend", "why", "what_if", "overview", "looks_yes", "looks_partly", "looks_no"),
        *("share", "keep", "export", "delete", "delete_yes", "delete_no"),
    ]
)
"""The buttons that are no answers."""

FUNCTIONS = ("why", "what_if", "share", "keep", "delete", "extend", "redo")
"""What can be asked of a result by typing, by the names of its buttons."""

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
    "after.over": frozenset({"hours"}),
    "after.extend_offer": frozenset({"more", "narrow", "spread"}),
    "after.picture_figure": frozenset({"percent"}),
    "after.picture_span": frozenset({"high", "low"}),
    "after.picture_types": frozenset({"types"}),
    "after.picture_axis": frozenset({"name", "value"}),
    "after.share_types": frozenset({"types"}),
    "after.share_strengths_told": frozenset({"names"}),
    "after.compared_same": frozenset({"after", "before", "date", "noise"}),
    "after.compared_moved": frozenset({"after", "before", "date", "noise"}),
    "after.compared_dimension": frozenset({"name", "points"}),
    "after.compared_other": frozenset({"date"}),
    "after.kept": frozenset({"date"}),
    "after.kept_already": frozenset({"date"}),
    "after.kept_before": frozenset({"date", "percent"}),
    "after.why_dimension": frozenset({"most", "name", "points", "value"}),
    "after.why_missing": frozenset({"name"}),
    "after.why_total": frozenset({"count", "high", "low", "percent", "spread", "sum"}),
    "after.why_title": frozenset({"name", "value"}),
    "after.why_statement": frozenset({"option", "points", "statement"}),
    "after.why_reversed": frozenset({"option", "points", "statement"}),
    "after.why_skipped": frozenset({"statement"}),
    "after.why_sum": frozenset({"most", "points", "value"}),
    "after.if_grown": frozenset({"before", "grown", "high", "low", "name", "percent", "value"}),
    "after.if_within": frozenset({"spread"}),
    "after.if_beyond": frozenset({"spread"}),
    "after.if_top": frozenset({"percent"}),
    "after.if_already": frozenset({"name"}),
    "after.if_unknown": frozenset({"name"}),
}
"""The placeholders that each string must contain, by its path; all other strings contain none."""


def tree(form: QuizForm, texts: QuizTexts) -> Found:
    """L1, R2, R5, S6: everything that the definition names has its words, and nothing else has."""
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
        "typed.controls": ({"back", "skip", "pause", "help", "quit", "resume"}, texts.typed.controls),
        "typed.functions": (set(FUNCTIONS), texts.typed.functions),
        "typed.dimensions": ({d.id for d in form.dimensions}, texts.typed.dimensions),
    }
    for where, (wanted, given) in expected.items():
        there = set(given)
        if wanted != there:
            missing, unknown = sorted(wanted - there), sorted(there - wanted)
            keys = (*where.split("."), *unknown[:1])
            yield "L1", f"{where}: add what is missing {missing}, drop what is not defined {unknown}.", keys
    for entry in sorted(set(form.entries()) - set(texts.links)):
        yield "R5", f"links: the button to {entry!r} has no label; add one.", ("links",)
    groups: dict[Keys, tuple[object, ...]] = {
        ("options",): texts.options,
        ("pair_options",): texts.pair_options,
        ("typed", "options"): texts.typed.options,
        ("typed", "pair_options"): texts.typed.pair_options,
    }
    for keys, group in groups.items():
        if len(group) != len(form.scale):
            yield "S6", f"{'.'.join(keys)} has {len(group)} answers; give it {len(form.scale)}.", keys
    for id_, words_ in texts.situations.items():
        if len(words_.steps) < 3:
            message = f"situations.{id_} has {len(words_.steps)} steps; give at least three."
            yield "R2", message, ("situations", id_, "steps")


def statements(form: QuizForm, texts: QuizTexts) -> Found:
    """T1 to T8: what people are asked is short, plain, single, harmless and said to everyone."""
    rules = texts.rules
    asked: dict[tuple[str, Keys], str]
    asked = {(id_, ("statements", id_)): text for id_, text in texts.statements.items()}
    for id_, ends in texts.pairs.items():
        for end in ("first", "second"):
            asked[f"{id_}.{end}", ("pairs", id_, end)] = getattr(ends, end)
    for (id_, keys), text in asked.items():
        if len(text.split()) > LONGEST_WORDS or len(text) > LONGEST_STATEMENT:
            message = f"{id_} has more than {LONGEST_WORDS} words or {LONGEST_STATEMENT} letters; shorten it."
            yield "T1", message, keys
        for rule, listed, advice in (
            ("T2", rules.negations, "say it without a negation"),
            ("T3", () if id_ in rules.joining_allowed else rules.joining, "ask one thing only"),
            ("T4", rules.absolutes, "leave out the absolute"),
            ("T6", rules.sensitive, "do not ask about private matters"),
        ):
            for phrase in _hits(text, listed):
                yield rule, f"{id_} contains {phrase!r}; {advice}.", keys
        for acronym in set(_ACRONYM.findall(text)) - set(rules.acronyms):
            yield "T4", f"{id_} contains the acronym {acronym}; write it out.", keys
        for pattern in rules.gendered:
            if match := re.search(pattern, text):
                yield "T5", f"{id_} contains {match[0]!r}; find a wording for everyone.", keys
    labels: dict[Keys, str] = {("options", label): label for label in texts.options}
    labels |= {("pair_options", label): label for label in texts.pair_options}
    labels |= {("situations", id_, "label"): told.label for id_, told in texts.situations.items()}
    for place, label in labels.items():
        if len(label) > LONGEST_LABEL:
            yield "T1", f"The label {label!r} is longer than {LONGEST_LABEL} characters; shorten it.", place
    for one, other in combinations([item for item in form.items if item.id in texts.statements], 2):
        if one.dimension == other.dimension:
            left, right = (set(words(texts.statements[item.id])) for item in (one, other))
            if len(left & right) > 0.85 * len(left | right):
                message = f"{one.id} and {other.id} say nearly the same; reword one of them."
                yield "T7", message, ("statements", other.id)
    if (difficulty := lix(list(texts.statements.values()))) > rules.lix:
        yield (
            "T8",
            f"The statements read at LIX {difficulty:.0f}, above {rules.lix}; use shorter words.",
            ("statements",),
        )


def wording(form: QuizForm, texts: QuizTexts) -> Found:
    """L2, L5, T10, R7: every string is there, holds its placeholders, is marked up rightly and promises nothing."""
    for path, text in texts.strings().items():
        keys = keys_of(path)
        if not text.strip():
            yield "L2", f"{path} is empty; write it.", keys
        wanted = PLACEHOLDERS.get(path, frozenset())
        if placeholders(text) != wanted:
            yield "L5", f"{path} must contain exactly these placeholders: {sorted(wanted) or 'none'}.", keys
        if text.count("**") % 2 or "{" in re.sub(r"\{\w+\}", "", text) or "__" in text or "`" in text:
            yield "T10", f"{path} has markup other than **bold** and lines that begin with •; correct it.", keys
        if keys[0] in _JUDGING:
            for phrase in _hits(text, texts.rules.forbidden):
                yield "R7", f"{path} contains {phrase!r}, which promises or judges; say it otherwise.", keys


def typed(form: QuizForm, texts: QuizTexts) -> Found:
    """T9: nothing that may be typed means two things."""
    for choice in (False, True):
        meanings: dict[str, str] = {}
        for meaning, phrase in texts.phrases(choice):
            other = meanings.setdefault(fold(phrase), meaning)
            if other != meaning:
                message = f"Typing {phrase!r} would mean both {other} and {meaning}; keep one."
                yield "T9", message, ("typed", "pair_options" if choice else "options")
    for kind in ("situations", "functions", "dimensions"):
        phrases = Counter(p for group in getattr(texts.typed, kind).values() for p in {*map(fold, group)})
        for phrase, count in phrases.items():
            if count > 1:
                yield "T9", f"Typing {phrase!r} would mean {count} {kind}; keep one.", ("typed", kind)


def translations(form: QuizForm, texts: Mapping[str, QuizTexts]) -> Iterator[Flaw]:
    """L1 to L4: each language says what the source says, in words of its own."""
    source = texts[form.source_language]
    original = source.strings()
    for language, other in texts.items():
        if other is source:
            continue
        if other.translated_from != source.source_hash():
            message = (
                f"The questions in {form.source_language} have changed: compare, "
                f"then set translated_from to {source.source_hash()!r}."
            )
            yield Flaw(language, "L3", message, ("translated_from",))
        strings = other.strings()
        for path in sorted(original.keys() ^ strings.keys()):
            message = f"{path} is not in {form.source_language} and {language}; add or drop it."
            yield Flaw(language, "L1", message, keys_of(path))
        for path in original.keys() & strings.keys():
            ratio = len(strings[path]) / max(1, len(original[path]))
            if len(original[path]) >= 40 and not 0.6 <= ratio <= 1.6:
                message = f"{path} is {ratio:.1f} as long as the source; even it out."
                yield Flaw(language, "L4", message, keys_of(path))
    for (one, left), (two, right) in combinations(((code, t.strings()) for code, t in texts.items()), 2):
        allowed = {*texts[one].rules.same_allowed, *texts[two].rules.same_allowed}
        for path in left.keys() & right.keys():
            text = left[path]
            translatable = re.sub(r"\{\w+\}|[\W\d_]", "", text)
            if text == right[path] and translatable and text not in allowed:
                message = f"{path} equals {one}; translate it or list it in same_allowed."
                yield Flaw(two, "L2", message, keys_of(path))


def keys_of(path: str) -> tuple[str, ...]:
    """The keys that lead to a string of ``QuizTexts.strings``; the names of links hold dots of their own."""
    head, _, rest = path.partition(".")
    return (head, rest) if head == "links" else tuple(path.split("."))


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
