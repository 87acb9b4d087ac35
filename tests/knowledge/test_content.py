"""The shipped content is in order, and whatever an author gets wrong is told by file and line."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from knowledge.checks import LONGEST_ANSWER, check
from knowledge.content import Knowledge
from knowledge.figures import place
from knowledge.matching.index import Index
from knowledge.phrasings import fingerprint
from knowledge.reading import CAREER, COMMON, ContentError, Folder, Problem, read
from knowledge.understanding import INDEX

NUMBER = re.compile(r"\d+(?:[.,\s\u00a0\u202f']\d{3})*")


@dataclass(frozen=True)
class Expected:
    """What has to be told: the file, a pattern of the line (below the top key ``within``), part of the message."""

    file: str
    pointed: str
    message: str
    within: str = ""


@dataclass
class Copy:
    """A copy of the shipped content that is broken on purpose; ``expected`` says what has to be told of each rule."""

    root: Path
    expected: dict[str, Expected] = field(default_factory=dict)

    def read(self) -> tuple[Knowledge, Folder]:
        return read(self.root / CAREER.name, self.root / COMMON.name)

    def expect(self, rule: str, file: str, pointed: str, message: str, within: str = "") -> None:
        self.expected[rule] = Expected(file, pointed, message, within)

    def change(self, file: str, pattern: str, new: str, within: str = "") -> None:
        """Replaces the first match of a pattern, where wanted only inside the block of a top key."""
        text = self.text(file)
        start, end = 0, len(text)
        if within:
            block = re.search(rf"^{re.escape(within)}:.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
            assert block, f"{file} has no {within}"
            start, end = block.span()
        changed, count = re.subn(pattern, new, text[start:end], count=1, flags=re.MULTILINE | re.DOTALL)
        assert count, f"{pattern} does not occur in {file} {within}"
        (self.root / file).write_text(text[:start] + changed + text[end:], "utf-8")

    def rewrite(self, file: str, entry: str, part: str, value: str) -> None:
        """Gives a part of an entry another value."""
        self.change(file, rf"^  {part}:.*?(?=^  \w|\Z)", f"  {part}: {value}\n", within=entry)

    def append(self, file: str, text: str) -> None:
        with (self.root / file).open("a", encoding="utf-8") as stream:
            stream.write(text)

    def text(self, file: str) -> str:
        return (self.root / file).read_text("utf-8")

    def line(self, expected: Expected) -> int:
        """The number of the line that has to be pointed at."""
        lines = self.text(expected.file).splitlines()
        start = next((at for at, line in enumerate(lines) if line.startswith(f"{expected.within}:")), 0)
        return next(at for at, line in enumerate(lines[start:], start + 1) if re.search(expected.pointed, line))


def copy_of(factory: pytest.TempPathFactory) -> Copy:
    return Copy(Path(shutil.copytree(CAREER.parent, factory.mktemp("career") / "content")))


def assert_told(problems: list[Problem], broken: Copy, rule: str) -> None:
    wanted = broken.expected[rule]
    told = [problem for problem in problems if problem.file == wanted.file and wanted.message in problem.message]
    assert told, "\n".join(map(str, problems))
    assert broken.line(wanted) in [problem.line for problem in told], (broken.line(wanted), told)


# --- the shipped content ---------------------------------------------------------------------------------------------


def test_shipped_content_is_in_order(knowledge: Knowledge, folder: Folder, index: Index) -> None:
    """Whatever the state of the index, which has a test of its own."""
    fresh = replace(index, fingerprint=fingerprint(knowledge))
    assert [str(problem) for problem in check(knowledge, folder, fresh)] == []


def test_shipped_index_is_made_from_the_shipped_phrasings(knowledge: Knowledge, index: Index) -> None:
    assert index.fingerprint == fingerprint(knowledge), "run `python -m bot index`"


def test_a_missing_or_outdated_index_is_told(knowledge: Knowledge, folder: Folder, index: Index) -> None:
    for unfit in (None, replace(index, fingerprint="another")):
        assert [problem.file for problem in check(knowledge, folder, unfit)] == [INDEX]


def test_every_language_tells_every_entry(knowledge: Knowledge) -> None:
    assert len(knowledge.languages) == 4
    for language, texts in knowledge.languages.items():
        assert texts.entries.keys() == knowledge.entries.keys(), language


def rendered(knowledge: Knowledge, language: str, name: str, part: str) -> str:
    texts = knowledge.languages[language]
    return place(getattr(texts.entries[name], part), knowledge.figures, language, texts.interface)


def whole(knowledge: Knowledge, language: str, name: str) -> str:
    return " ".join(rendered(knowledge, language, name, part) for part in ("answer", "more"))


def numbers(text: str) -> set[int]:
    return {int(re.sub(r"\D", "", number)) for number in NUMBER.findall(text)}


def test_no_language_tells_another_number(knowledge: Knowledge) -> None:
    differing = {}
    for name in knowledge.entries:
        told = {language: numbers(whole(knowledge, language, name)) for language in knowledge.languages}
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
            body = whole(knowledge, language, name)
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
    copy.expect("figures are placed", "cto/nl/pay.yaml", "answer:", "{x-nowhere} is not placed", "salary.belgium.large")
    copy.change(pay, r"facts:\n", "facts:\n    - x.nothing\n", within="salary.france.large-city.expert")
    copy.expect("an entry's facts exist", pay, "x.nothing", "there is no fact x.nothing")
    copy.change(pay, r"related: \[", "related: [x.nobody, ", within="salary.finance")
    copy.expect("related entries exist", pay, "x.nobody", "there is no entry x.nobody")
    copy.change(pay, r'sources: \["000", ', "sources: [", within="salary.factors")
    copy.change(pay, r"facts:\n", "facts:\n    - salary.belgium.overall\n", within="salary.factors")
    copy.expect("a fact's source is named", pay, r'sources: \["001", "002"\]', "tells salary.belgium.overall but")
    copy.change(pay, r'sources: \["002", "003"\]', 'sources: ["003"]', within="salary.us")
    copy.expect("a figure's source is named", pay, "sources:", "salary.us: places us-dictionary but", "salary.us")
    copy.change(pay, r"country: \[BE\]", "country: [BE, XX]", within="benefits.belgium")
    copy.expect("scope has words", pay, "BE, XX", "no language has words for country XX")
    copy.change(pay, r"topic: salary\n", "topic: salary\n  default: true\n", within="salary.us.2021")
    copy.expect("one default a topic", pay, "^salary.overview:", "topic salary needs one entry")
    copy.change("cto/entries/studies.yaml", r"  default: true\n", "", within="experience.overview")
    copy.expect(
        "a default for every topic", "cto/entries/studies.yaml", "^experience.overview:", "topic experience needs one"
    )
    copy.change("cto/entries/role.yaml", r"\A.*?(?=^[a-z.]+:)", "")
    first = copy.text("cto/entries/role.yaml").split(":")[0]
    copy.change("cto/entries/role.yaml", r"related: \[", "related: [x.first, ", within=first)
    copy.expect("an entry on the first line is found", "cto/entries/role.yaml", "x.first", "there is no entry x.first")


def break_career(copy: Copy) -> None:
    copy.change("cto/career.yaml", r"highlights: \[", "highlights: [x.shiny, ")
    copy.expect("highlights exist", "cto/career.yaml", "x.shiny", "there is no entry x.shiny")
    copy.change("cto/career.yaml", r"company_entry: \S+", "company_entry: x.company")
    copy.expect("the company entry exists", "cto/career.yaml", "company_entry", "there is no entry x.company")


def break_scope(copy: Copy) -> None:
    copy.change("cto/scope.yaml", r"^  country: \[BE, ", "  country: [BEL, ")
    copy.expect(
        "familiar places have words", "cto/scope.yaml", "BEL", "familiar: no language has words for country BEL"
    )


def break_languages(copy: Copy) -> None:
    copy.change("cto/nl/person.yaml", r"^cons.people:", "cons.persons:")
    copy.expect("no entry is missing", "cto/nl/person.yaml", "^", "cons.people is missing in nl")
    copy.expect("no entry is made up", "cto/nl/person.yaml", "^cons.persons:", "does not stand in entries/")
    copy.change("cto/de/pay.yaml", r"\{us-2021-average\}", "{us-2012-average}", within="salary.us.2021")
    copy.expect(
        "only the entry's figures", "cto/de/pay.yaml", "answer:", "{us-2012-average} is not among", "salary.us.2021"
    )
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
    file = "cto/en/after.yaml"
    copy.rewrite(file, "career.ceo", "answer", "|\n    About 7000 euros.")
    copy.expect("figures are placed by name", file, "answer:", "career.ceo: a figure is written", "career.ceo")
    copy.rewrite(file, "career.consultant", "answer", "|\n    This is **bold.")
    copy.expect("bold is closed", file, "answer:", "career.consultant: a ** is not", "career.consultant")
    copy.rewrite(file, "career.founder", "answer", "|\n    " + "long " * (LONGEST_ANSWER // 5 + 1))
    copy.expect("answers are short", file, "answer:", "career.founder: longer than", "career.founder")
    copy.rewrite(file, "career.investor", "ask", "[only one way]")
    copy.expect("many ways of asking", file, "ask:", "career.investor: 1 ways", "career.investor")
    copy.rewrite(file, "career.tech-posts", "answer", "|\n    This {Figure} has a name that no figure has.")
    copy.expect("braces hold figures", file, "answer:", "a brace holds no figure", "career.tech-posts")
    copy.change(file, r"  ask:\n", "  ask:\n    - zebra crossing crossed\n", within="career.innovation")
    copy.change(file, r"  ask:\n", "  ask:\n    - Zebra crossing, crossed?\n", within="career.teaching")
    copy.expect("a question has one answer", file, "Zebra crossing, crossed", "under career.innovation and under")


def break_quiz(copy: Copy) -> None:
    copy.change("cto/quiz.yaml", r"entry: [a-z.]+", "entry: x.unwritten")
    copy.expect("the quiz leads to entries", "cto/quiz.yaml", "x.unwritten", "x.unwritten")


BREAKING: tuple[Callable[[Copy], None], ...] = (
    break_figures, break_facts, break_entries, break_career, break_scope, break_languages, break_style, break_quiz,
)  # fmt: skip


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One copy of the content with every rule broken once, each in another place."""
    copy = copy_of(tmp_path_factory)
    for breaking in BREAKING:
        breaking(copy)
    return copy


@pytest.fixture(scope="module")
def problems(broken: Copy) -> list[Problem]:
    return check(*broken.read(), None)


RULES = (
    "a figure's source exists", "money has a currency and a period", "a range rises", "only dates are text",
    "dates are text", "every fact is told", "an entry's sources exist", "an entry's figures exist",
    "figures are placed", "an entry's facts exist", "related entries exist", "a fact's source is named",
    "a figure's source is named", "scope has words", "one default a topic", "a default for every topic",
    "an entry on the first line is found", "highlights exist", "the company entry exists",
    "familiar places have words", "no entry is missing",
    "no entry is made up", "only the entry's figures", "sources have names", "help shows examples",
    "no sentence is missing", "sentences hold the same names", "braces are closed", "no intent is missing",
    "no intent is made up", "no turn is missing", "figures are placed by name", "bold is closed", "answers are short",
    "many ways of asking", "braces hold figures", "a question has one answer", "the quiz leads to entries",
)  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_told_with_its_place(broken: Copy, problems: list[Problem], rule: str) -> None:
    assert_told(problems, broken, rule)


def test_every_broken_rule_is_looked_for(broken: Copy) -> None:
    assert set(broken.expected) == set(RULES)


def test_every_problem_points_into_a_file(broken: Copy, problems: list[Problem]) -> None:
    for problem in problems:
        lines = broken.text(problem.file).splitlines()
        assert 1 <= problem.line <= len(lines), problem


def test_one_problem_is_told_once(problems: list[Problem]) -> None:
    assert len(problems) == len(set(problems))


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy in which nine files cannot be read or do not have the right shape."""
    copy = copy_of(tmp_path_factory)
    (copy.root / "cto/nl/scope.yaml").unlink()
    copy.expect("a missing file", "cto/nl/scope.yaml", "", "the file is missing")
    (copy.root / "cto/de/career.yaml").unlink()
    copy.expect("a language without its career", "cto/de/career.yaml", "", "the file is missing")
    copy.append("cto/en/market.yaml", "zebra: [one, two\nlion: three\n")
    copy.expect("broken YAML", "cto/en/market.yaml", "^lion", "quote the text")
    copy.change("cto/entries/after.yaml", r"  topic: ", "  colour: red\n  topic: ", within="career.ceo")
    copy.expect("an unknown field", "cto/entries/after.yaml", "colour: red", "career.ceo > colour")
    copy.change("cto/entries/after.yaml", r"brief: ", "brief: [] #", within="career.founder")
    copy.expect(
        "a wrong type",
        "cto/entries/after.yaml",
        "brief: \\[",
        "career.founder > brief",
    )
    copy.rewrite("cto/fr/after.yaml", "career.ceo", "title", "x" * 35)
    copy.expect("a title too long", "cto/fr/after.yaml", "x" * 35, "career.ceo > title")
    copy.append("cto/fr/market.yaml", "salary.overview: {title: A, answer: B, ask: [C]}\n")
    copy.expect("an entry in two files", "cto/fr/pay.yaml", "^salary.overview:", "in another file too")
    copy.append("cto/nl/market.yaml", "market.belgium: {title: A, answer: B, ask: [C]}\n")
    copy.expect("an entry twice in a file", "cto/nl/market.yaml", "^market.belgium: {", "stands here twice")
    (copy.root / "cto/fr/role.yaml").write_bytes("résumé: é".encode("latin-1"))
    copy.expect("another encoding", "cto/fr/role.yaml", "", "UTF-8")
    (copy.root / "cto/figures.yaml").write_text("- just\n- a list\n", "utf-8")
    copy.expect("a list for a table", "cto/figures.yaml", "just", "the file: ")
    return copy


@pytest.fixture(scope="module")
def faults(unreadable: Copy) -> list[Problem]:
    with pytest.raises(ContentError) as error:
        unreadable.read()
    assert str(error.value).splitlines() == [str(problem) for problem in error.value.problems]
    return error.value.problems


@pytest.mark.parametrize(
    "fault",
    [
        "a missing file", "a language without its career", "broken YAML", "an unknown field", "a wrong type",
        "a title too long", "an entry in two files", "an entry twice in a file", "another encoding",
        "a list for a table",
    ],
)  # fmt: skip
def test_an_unreadable_file_is_told_with_its_place(unreadable: Copy, faults: list[Problem], fault: str) -> None:
    wanted = unreadable.expected[fault]
    told = [problem for problem in faults if problem.file == wanted.file and wanted.message in problem.message]
    assert told, "\n".join(map(str, faults))
    assert told[0].line == (unreadable.line(wanted) if wanted.pointed else 1)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no such content folder"):
        read(tmp_path / "nowhere")


def test_content_without_a_language_is_told(knowledge: Knowledge, folder: Folder) -> None:
    mute = knowledge.model_copy(update={"languages": {}})
    assert [problem.message for problem in check(mute, folder, None)] == [
        "there is no language; add a folder such as en/"
    ]


def test_yes_and_no_are_words(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("says: [yes, no, on, off]\n", "utf-8")
    folder = Folder(tmp_path, tmp_path)
    assert folder.load(tmp_path / "words.yaml", dict[str, tuple[str, ...]]) == {"says": ("yes", "no", "on", "off")}
    assert folder.problems == []
