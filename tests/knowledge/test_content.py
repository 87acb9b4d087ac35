"""The shipped content is in order, and whatever an author gets wrong is told by file and line."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from knowledge.checks import LONGEST_ANSWER, check
from knowledge.content import Knowledge
from knowledge.figures import place
from knowledge.reading import CAREER, COMMON, ContentError, Folder, Problem, read

NUMBER = re.compile(r"\d+(?:[.,\s\u00a0\u202f']\d{3})*")


@dataclass
class Copy:
    """A copy of the shipped content that is broken on purpose; ``expected`` says what has to be told of it."""

    root: Path
    expected: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """For each broken rule: the file, a pattern of the line that is to be pointed at, and a part of the message."""

    @property
    def career(self) -> Path:
        return self.root / CAREER.name

    def read(self) -> tuple[Knowledge, Folder]:
        return read(self.career, self.root / COMMON.name)

    def path(self, file: str) -> Path:
        return self.root / file

    def expect(self, rule: str, file: str, pointed: str, message: str) -> None:
        self.expected[rule] = (file, pointed, message)

    def change(self, file: str, pattern: str, new: str, *, within: str = "", flags: re.RegexFlag = re.DOTALL) -> None:
        """Replaces the first match of a pattern, where wanted only inside the block of a top key."""
        text = self.path(file).read_text("utf-8")
        start, end = 0, len(text)
        if within:
            block = re.compile(rf"^{re.escape(within)}:.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL).search(text)
            assert block, f"{file} has no {within}"
            start, end = block.span()
        changed, count = re.subn(pattern, new, text[start:end], count=1, flags=flags | re.MULTILINE)
        assert count, f"{pattern} does not occur in {file}"
        self.path(file).write_text(text[:start] + changed + text[end:], "utf-8")

    def append(self, file: str, text: str) -> None:
        with self.path(file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    def line(self, file: str, pattern: str) -> int:
        """The number of the first line that a pattern matches."""
        lines = self.path(file).read_text("utf-8").splitlines()
        return next(number for number, line in enumerate(lines, start=1) if re.search(pattern, line))


def copy_to(folder: Path) -> Copy:
    shutil.copytree(CAREER.parent, folder / "content")
    return Copy(folder / "content")


def assert_told(problems: list[Problem], broken: Copy, rule: str) -> None:
    file, pointed, message = broken.expected[rule]
    told = [problem for problem in problems if problem.file == file and message in problem.message]
    assert told, "\n".join(map(str, problems))
    line = 1 if pointed == "^" else broken.line(file, pointed)
    assert line in [problem.line for problem in told], (line, told)


# --- the shipped content ---------------------------------------------------------------------------------------------


def test_shipped_content_is_in_order(knowledge: Knowledge, folder: Folder) -> None:
    assert [str(problem) for problem in check(knowledge, folder)] == []


def test_every_language_tells_every_entry(knowledge: Knowledge) -> None:
    assert len(knowledge.languages) == 4
    for language, texts in knowledge.languages.items():
        assert texts.entries.keys() == knowledge.entries.keys(), language


def rendered(knowledge: Knowledge, language: str, name: str, part: str) -> str:
    texts = knowledge.languages[language]
    return place(getattr(texts.entries[name], part), knowledge.figures, language, texts.interface)


def numbers(text: str) -> set[int]:
    return {int(re.sub(r"\D", "", number)) for number in NUMBER.findall(text)}


def test_no_language_tells_another_number(knowledge: Knowledge) -> None:
    differing = {}
    for name in knowledge.entries:
        told = {
            language: numbers(f"{rendered(knowledge, language, name, 'answer')} {rendered(knowledge, language, name, 'more')}")
            for language in knowledge.languages
        }  # fmt: skip
        if len({frozenset(found) for found in told.values()}) > 1:
            differing[name] = told
    assert differing == {}


def test_answers_fit_a_screen(knowledge: Knowledge) -> None:
    long = {
        (language, name, part): len(rendered(knowledge, language, name, part))
        for language in knowledge.languages
        for name in knowledge.entries
        for part in ("answer", "more")
        if len(rendered(knowledge, language, name, part)) > 900
    }
    assert long == {}


def test_every_answer_is_told_where_its_figures_are(knowledge: Knowledge) -> None:
    """A figure that an entry answers with stands in the answer, or at least in what "more" tells."""
    for name, entry in knowledge.entries.items():
        for language in knowledge.languages:
            body = rendered(knowledge, language, name, "answer") + rendered(knowledge, language, name, "more")
            for figure in entry.figures:
                text = place(f"{{{figure}}}", knowledge.figures, language, knowledge.languages[language].interface)
                assert text in body, (language, name, figure)


def test_related_links_lead_everywhere(knowledge: Knowledge) -> None:
    """Whoever only taps buttons gets from the highlights to every answer, and from every entry back to a highlight."""
    onward = {name: set(entry.related) for name, entry in knowledge.entries.items()}
    for name, targets in onward.items():
        assert name not in targets, f"{name} leads to itself"
    highlights = set(knowledge.career.highlights)
    stuck = [name for name in onward if not reached(onward, {name}) & highlights]
    assert stuck == []


def reached(onward: dict[str, set[str]], start: set[str]) -> set[str]:
    found, fresh = set(start), set(start)
    while fresh:
        fresh = {target for name in fresh for target in onward[name]} - found
        found |= fresh
    return found


def test_every_fact_is_told_by_an_entry_that_names_its_document(knowledge: Knowledge) -> None:
    told = {fact for entry in knowledge.entries.values() for fact in entry.facts}
    assert knowledge.facts.keys() - told == set()
    for name, entry in knowledge.entries.items():
        assert {knowledge.facts[fact] for fact in entry.facts} <= set(entry.sources), name


# --- rules ------------------------------------------------------------------------------------------------------------


def break_figures(copy: Copy) -> None:
    file = "cto/figures.yaml"
    copy.append(
        file,
        """
x-source: {kind: years, value: 3, source: "999"}
x-money: {kind: money, value: 5, source: "000"}
x-order: {kind: years, value: [9, 2], source: "000"}
x-text: {kind: years, value: "2020", source: "000"}
x-date: {kind: date, value: 5, source: "000"}
""",
    )
    copy.expect("a figure's source exists", file, "^x-source", "no source 999")
    copy.expect("money has a currency and a period", file, "^x-money", "currency and a period")
    copy.expect("a range rises", file, "^x-order", "lower than the second")
    copy.expect("only dates are text", file, "^x-text", "only a date")
    copy.expect("dates are text", file, "^x-date", "only a date")


def break_facts(copy: Copy) -> None:
    copy.change("cto/facts.yaml", r"\A(.*?\n)(  - )", r"\1  - x.never-told\n\2")
    copy.expect("every fact is told", "cto/facts.yaml", "x.never-told", "x.never-told is told by no entry")


def break_entries(copy: Copy) -> None:
    pay = "cto/entries/pay.yaml"
    copy.change(pay, r"sources: \[", 'sources: ["998", ', within="salary.belgium.startup")
    copy.expect("an entry's sources exist", pay, '"998"', "salary.belgium.startup: there is no source 998")
    copy.change(pay, r"figures: \[", "figures: [x-nowhere, ", within="salary.belgium.large")
    copy.expect("an entry's figures exist", pay, "x-nowhere", "there is no figure x-nowhere")
    copy.expect("figures are placed", "cto/nl/pay.yaml", "^salary.belgium.large:", "{x-nowhere} is not placed")
    copy.change(pay, r"facts:\n", "facts:\n    - x.nothing\n", within="salary.france.large-city.expert")
    copy.expect("an entry's facts exist", pay, "x.nothing", "there is no fact x.nothing")
    copy.change(pay, r"related: \[", "related: [x.nobody, ", within="salary.finance")
    copy.expect("related entries exist", pay, "x.nobody", "there is no entry x.nobody")
    copy.change(pay, r'sources: \["000", ', "sources: [", within="salary.factors")
    copy.change(pay, r"facts:\n", "facts:\n    - salary.belgium.overall\n", within="salary.factors")
    copy.expect("a fact's source is named", pay, r'sources: \["001", "002"\]', "tells salary.belgium.overall but")
    copy.change(pay, r'sources: \["002", "003"\]', 'sources: ["003"]', within="salary.us")
    copy.expect("a figure's source is named", pay, "^salary.us:", "salary.us: places us-dictionary but")
    copy.change(pay, r"country: \[BE\]", "country: [BE, XX]", within="benefits.belgium")
    copy.expect("scope has words", pay, "BE, XX", "no language has words for country XX")
    copy.change(pay, r"topic: salary\n", "topic: salary\n  default: true\n", within="salary.us.2021")
    copy.expect("one default a topic", pay, "^salary.overview:", "topic salary needs one entry")
    copy.change("cto/entries/studies.yaml", r"  default: true\n", "", within="experience.overview")
    copy.expect(
        "a default for every topic", "cto/entries/studies.yaml", "^experience.overview:", "topic experience needs one"
    )
    copy.change("cto/entries/role.yaml", r"\A.*?(?=^\S+:)", "", flags=re.DOTALL)
    first = copy.path("cto/entries/role.yaml").read_text("utf-8").split(":")[0]
    copy.change("cto/entries/role.yaml", r"related: \[", "related: [x.first, ", within=first)
    copy.expect("an entry on the first line is found", "cto/entries/role.yaml", "x.first", "there is no entry x.first")


def break_career(copy: Copy) -> None:
    copy.change("cto/career.yaml", r"highlights: \[", "highlights: [x.shiny, ")
    copy.expect("highlights exist", "cto/career.yaml", "x.shiny", "there is no entry x.shiny")
    copy.change("cto/career.yaml", r"company_entry: \S+", "company_entry: x.company")
    copy.expect("the company entry exists", "cto/career.yaml", "company_entry", "there is no entry x.company")


def break_languages(copy: Copy) -> None:
    copy.change("cto/nl/person.yaml", r"^cons.people:", "cons.persons:")
    copy.expect("no entry is missing", "cto/nl/person.yaml", "^", "cons.people is missing in nl")
    copy.expect("no entry is made up", "cto/nl/person.yaml", "^cons.persons:", "does not stand in entries/")
    copy.change("cto/de/pay.yaml", r"\{us-2021-average\}", "{us-2012-average}", within="salary.us.2021")
    copy.expect("placed figures are the entry's", "cto/de/pay.yaml", r"\banswer: ", "{us-2012-average} is not among")
    copy.change("cto/fr/career.yaml", r'^  "004": .*?\n', "")
    copy.expect("sources have names", "cto/fr/career.yaml", "^sources:", "source 004 has no name")
    copy.change("cto/fr/career.yaml", r"\{examples\}", "{samples}")
    copy.expect("help shows examples", "cto/fr/career.yaml", "^help:", "help needs {examples}")
    interface = "common/nl/interface.yaml"
    copy.change(interface, r"^attachment: .*?\n", "")
    copy.expect("no sentence is missing", interface, "^", "attachment stands only in")
    copy.change(interface, r"^(too_long: \")", r"\1{oops} ")
    copy.expect("sentences hold the same names", interface, "^too_long:", "too_long: not the same {names}")
    copy.change("common/de/interface.yaml", r"^(group: \")", r"\1{ ")
    copy.expect("braces are closed", "common/de/interface.yaml", "^group:", "group: a brace is not closed")
    copy.change("common/de/smalltalk.yaml", r"^  bored:", "  boring:")
    copy.expect("no intent is missing", "common/de/smalltalk.yaml", "^talk:", "bored stands only in")
    copy.expect("no intent is made up", "common/de/smalltalk.yaml", "^  boring:", "boring stands only in")
    copy.change("common/fr/smalltalk.yaml", r"^  pick-3: .*?\n", "")
    copy.expect("no turn is missing", "common/fr/smalltalk.yaml", "^turns:", "pick-3 stands only in")


def break_style(copy: Copy) -> None:
    def add(name: str, text: str) -> None:
        copy.change("cto/en/after.yaml", r"answer: .*?\n", f"answer: |\n    {text}\n", within=name)

    copy.change("cto/en/after.yaml", r"^  answer: (?!\|)", "  answer: |\n    ", flags=re.NOFLAG)
    names = re.findall(r"^(\S+):$", copy.path("cto/en/after.yaml").read_text("utf-8"), re.MULTILINE)
    figureless = [name for name in names if name != "about.sources"]
    hand, bold, long, few, twin, brace = figureless[:6]

    add(hand, "About 7000 euros.")
    copy.expect("figures are placed by name", "cto/en/after.yaml", "", f"{hand}: a figure is written by hand")
    add(bold, "This is **bold.")
    copy.expect("bold is closed", "cto/en/after.yaml", "", f"{bold}: a ** is not closed")
    add(long, "long " * (LONGEST_ANSWER // 5 + 1))
    copy.expect("answers are short", "cto/en/after.yaml", "", f"{long}: longer than")
    copy.change("cto/en/after.yaml", r"  ask:\n.*\Z", "  ask:\n    - only one way\n", within=few)
    copy.expect("many ways of asking", "cto/en/after.yaml", "", f"{few}: 1 ways of asking")
    copy.change("cto/en/after.yaml", r"  ask:\n", "  ask:\n    - zebra crossing crossed\n", within=twin)
    copy.change("cto/en/after.yaml", r"  ask:\n", "  ask:\n    - Zebra crossing, crossed?\n", within=brace)
    copy.expect("no phrasing has two answers", "cto/en/after.yaml", "Zebra crossing, crossed", f"stands under {twin}")
    add(brace, "This {Figure} has a name that no figure has.")
    copy.expect("braces hold figures", "cto/en/after.yaml", "", f"{brace}: a brace holds no figure")
    for rule, name, part in (
        ("figures are placed by name", hand, "answer"),
        ("bold is closed", bold, "answer"),
        ("answers are short", long, "answer"),
        ("many ways of asking", few, "ask"),
        ("braces hold figures", brace, "answer"),
    ):
        file, _, message = copy.expected[rule]
        copy.expected[rule] = (file, f"@{name}/{part}", message)


def break_quiz(copy: Copy) -> None:
    copy.change("cto/quiz.yaml", r"entry: [a-z.]+", "entry: x.unwritten")
    copy.expect("the quiz leads to entries", "cto/quiz.yaml", "^", "x.unwritten")


BREAKING: tuple[Callable[[Copy], None], ...] = (
    break_figures, break_facts, break_entries, break_career, break_languages, break_style, break_quiz,
)  # fmt: skip
