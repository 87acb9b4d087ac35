"""The shape of a quiz: its definition (``QuizForm``), and its words in one language (``QuizTexts``).

Both are content. A document that breaks the shape raises ``pydantic.ValidationError``; whether a well-shaped
definition is a good one is asked in ``knowledge.quiz_rules``.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Content(BaseModel):
    """A piece of content: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Content):
    """Where something comes from: a document's code, and a fact (id in ``facts.yaml``) that it states."""

    document: str
    fact: str


class Sourced(Content):
    """Anything with an id that rests on the documents."""

    id: str
    sources: tuple[Source, ...] = ()


class Dimension(Sourced):
    """One of the things that are scored, from 0 to 100."""


class Item(Content):
    """A statement; with key ``+`` agreeing raises its dimension, with ``-`` it lowers it.

    ``opener`` marks a statement that is easy and harmless enough to come first.
    """

    id: str
    dimension: str
    key: Literal["+", "-"]
    opener: bool = False


class Axis(Sourced):
    """A matter of style, not of more or less: from -1 (``low``) to +1 (``high``), both names of ends."""

    low: str
    high: str


class Pair(Content):
    """A choice between the two ends of an axis; ``first`` is the end that is shown first."""

    id: str
    axis: str
    first: str


class Type(Sourced):
    """A kind of person in this job: one end of each axis, and the knowledge entry that tells more."""

    corner: tuple[str, ...]
    entry: str


class Step(Content):
    """A stretch of a scale from ``minimum`` (0 to 100, inclusive); ``entry`` may name further reading."""

    id: str
    minimum: int
    entry: str = ""


class Burden(Sourced):
    """A drawback of the job that clashes with a low keyed answer to ``item``."""

    item: str


class Situation(Sourced):
    """Where a person stands today, and the knowledge entries that come next."""

    entries: tuple[str, ...]


class Limits(Content):
    """Every number that decides something; scores and percentages from 0 to 100 unless said otherwise.

    ``shown``: the most strengths, growth areas and burdens told; ``skips``: how many questions of one
    dimension or axis may be skipped in each part; ``answered``: how many answers a dimension needs for a score;
    ``lean``: from where on an axis counts as leaning (percent of its half); ``burden``: the highest keyed answer
    (0..4) that tells a burden; ``spread``, ``spread_extended``: half of the range told around the total after the
    first part and after both, ``widening``: by what it is multiplied where answers fit badly; ``error``,
    ``error_extended``: the typical error of one dimension; ``same_run`` in answers, ``inconsistency`` in points of
    the answer scale, ``hurried`` in seconds a part, ``expiry`` in hours, ``kept`` in days.
    """

    strength: int
    growth: int
    shown: int
    skips: int
    answered: int
    type_lead: int
    second_type: int
    lean: int
    burden: int
    spread: int
    spread_extended: int
    widening: float
    error: float
    error_extended: float
    same_run: int
    inconsistency: float
    hurried: int
    expiry: int
    kept: int


class QuizForm(Content):
    """The definition of one quiz in no language.

    ``order`` is the order in which items and pairs are asked, ``more`` that of the second part, which refines the
    result for those who like. ``seconds`` is the advertised time of a part, ``seconds_per_tap`` what one answer takes.
    ``lock`` is the fingerprint that goes with ``version``.
    """

    name: str
    version: int
    lock: str
    source_language: str
    seconds: float
    seconds_per_tap: float
    scale: tuple[int, ...]
    dimensions: tuple[Dimension, ...]
    items: tuple[Item, ...]
    axes: tuple[Axis, ...]
    pairs: tuple[Pair, ...]
    order: tuple[str, ...]
    more: tuple[str, ...]
    types: tuple[Type, ...]
    bands: tuple[Step, ...]
    levels: tuple[Step, ...]
    burdens: tuple[Burden, ...]
    situations: tuple[Situation, ...]
    limits: Limits

    @property
    def tag(self) -> str:
        """Form and version in one word, as a run of the quiz remembers it."""
        return f"{self.name}-{self.version}"

    @cached_property
    def item_by_id(self) -> dict[str, Item]:
        """The statements by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def pair_by_id(self) -> dict[str, Pair]:
        """The choices by id."""
        return {pair.id: pair for pair in self.pairs}

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The questions of the first and of the second part, each in its order."""
        return self.order, self.more

    def group(self, question: str) -> str:
        """The dimension or axis to which a question belongs; KeyError where there is no such question."""
        item = self.item_by_id.get(question)
        return item.dimension if item else self.pair_by_id[question].axis

    def entries(self) -> Iterator[str]:
        """The ids of all knowledge entries that results point to, with repetitions."""
        yield from (type_.entry for type_ in self.types)
        yield from (band.entry for band in self.bands if band.entry)
        yield from (entry for situation in self.situations for entry in situation.entries)

    def fingerprint(self) -> str:
        """Twelve hex digits that change with anything that changes what a score means."""
        scored = {"name", "version", "scale", "items", "axes", "pairs", "order", "more", "types", "limits"}
        return _digest(self.model_dump(mode="json", include=scored))


class Ends(Content):
    """The two sides of a choice, in the order in which they are shown."""

    first: str
    second: str


class DimensionWords(Content):
    """Name of a dimension, why the job needs it (a sentence or two), and something to try this month."""

    name: str
    why: str
    exercise: str


class TypeWords(Content):
    """Name of a type and what it does."""

    name: str
    does: str


class SituationWords(Content):
    """Label of a situation, and the next steps for it."""

    label: str
    intro: str
    steps: tuple[str, ...]


class AfterWords(Content):
    """What is said around the result, on request; ``quiz_rules.PLACEHOLDERS`` says what each must contain."""

    over: str
    extend_offer: str
    looks_question: str
    looks_thanks: str
    picture_title: str
    picture_figure: str
    picture_span: str
    picture_neutral: str
    picture_types_title: str
    picture_types: str
    picture_axis: str
    share_title: str
    share_strengths: str
    share_call: str
    share_caption: str
    share_types: str
    share_strengths_told: str
    compared_title: str
    compared_same: str
    compared_moved: str
    compared_dimension: str
    compared_other: str
    kept: str
    kept_already: str
    kept_before: str
    delete_question: str
    deleted: str
    delete_cancelled: str
    why: str
    why_dimension: str
    why_missing: str
    why_total: str
    why_types: str
    why_which: str
    why_title: str
    why_statement: str
    why_reversed: str
    why_skipped: str
    why_sum: str
    if_question: str
    if_grown: str
    if_within: str
    if_beyond: str
    if_top: str
    if_already: str
    if_unknown: str


class ResultWords(Content):
    """The sentences of the result page; ``quiz_rules.PLACEHOLDERS`` says what each must contain."""

    headline: str
    disclaimer: str
    bars_title: str
    bar: str
    bar_missing: str
    strengths_title: str
    strength: str
    strengths_even: str
    strengths_low: str
    growth_title: str
    growth: str
    growth_even: str
    growth_high: str
    types_title: str
    type_clear: str
    type_second: str
    type_mixed: str
    type_balanced: str
    type_note: str
    burdens_title: str
    burden: str
    burdens_none: str
    limits_title: str
    limits: str
    limits_alike: str


class Typed(Content):
    """What people write instead of tapping: for each option, control and situation some words.

    ``functions``: what can be asked of a result, by the name of its button. A message that begins with one of
    ``supposing`` and holds one of ``growing`` asks what would be if a dimension, named by its words, were higher.
    """

    options: tuple[tuple[str, ...], ...]
    pair_options: tuple[tuple[str, ...], ...]
    controls: dict[str, tuple[str, ...]]
    situations: dict[str, tuple[str, ...]]
    functions: dict[str, tuple[str, ...]]
    supposing: tuple[str, ...]
    growing: tuple[str, ...]
    dimensions: dict[str, tuple[str, ...]]


class RuleWords(Content):
    """The word lists of one language that the rules need; ``gendered`` holds regular expressions.

    ``joining_allowed``: ids of statements in which a joining word asks one thing only. ``same_allowed``:
    strings that may equal those of another language. ``lix``: highest reading difficulty of the statements.
    """

    negations: tuple[str, ...]
    joining: tuple[str, ...]
    joining_allowed: tuple[str, ...] = ()
    absolutes: tuple[str, ...]
    acronyms: tuple[str, ...]
    gendered: tuple[str, ...]
    sensitive: tuple[str, ...]
    forbidden: tuple[str, ...]
    same_allowed: tuple[str, ...] = ()
    lix: int


class QuizTexts(Content):
    """All words of one quiz in one language; ``axes`` says what leaning to an end means for an employer.

    ``translated_from`` is ``source_hash()`` of the source language when translated ("" in the source).
    """

    translated_from: str = ""
    welcome: str
    welcome_unfinished: str
    welcome_done: str
    replaced: str
    how: str
    help: str
    buttons: dict[str, str]
    marked: str
    question: str
    choice: str
    options: tuple[str, ...]
    pair_options: tuple[str, ...]
    statements: dict[str, str]
    pairs: dict[str, Ends]
    stale: str
    paused: str
    quit: str
    quit_extended: str
    first_question: str
    skip_refused: str
    levels: dict[str, str]
    bands: dict[str, str]
    result: ResultWords
    after: AfterWords
    dimensions: dict[str, DimensionWords]
    types: dict[str, TypeWords]
    axes: dict[str, dict[str, str]]
    burdens: dict[str, str]
    situation_question: str
    situation_none: str
    situations: dict[str, SituationWords]
    links: dict[str, str]
    typed: Typed
    rules: RuleWords

    def source_hash(self) -> str:
        """Twelve hex digits that change with the wording of any question or option."""
        asked = {"statements", "pairs", "options", "pair_options"}
        return _digest(self.model_dump(mode="json", include=asked))

    def controls(self, control: str) -> tuple[str, ...]:
        """What may be typed for a control such as ``pause``: its button's label and other words."""
        return self.buttons[control], *self.typed.controls.get(control, ())

    def phrases(self, choice: bool) -> Iterator[tuple[str, str]]:
        """What may be typed at a statement (or a choice): pairs of meaning and phrase.

        The meaning is the number of an option, counted from 0, or back, skip, pause, help or quit.
        """
        labels, typed = (self.pair_options, self.typed.pair_options) if choice else (self.options, self.typed.options)
        for meaning in ("back", "skip", "pause", "help", "quit"):
            yield from ((meaning, phrase) for phrase in self.controls(meaning))
        for number, label in enumerate(labels):
            yield str(number), label
        for number, phrases in enumerate(typed):
            yield from ((str(number), phrase) for phrase in phrases)

    def strings(self) -> dict[str, str]:
        """Every string that a person reads, by its path in the file (``result.headline``, ``options.0``)."""
        return dict(_leaves(self.model_dump(exclude={"translated_from", "typed", "rules"}), ""))


def _digest(document: object) -> str:
    written = json.dumps(document, sort_keys=True, ensure_ascii=True).encode("ascii")
    return hashlib.sha256(written).hexdigest()[:12]


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
        return
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, child in pairs:
        yield from _leaves(child, f"{path}.{key}" if path else str(key))
