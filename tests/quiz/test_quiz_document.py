"""docs/quiz.md says what the definition says, and what the model gives."""

import re
from pathlib import Path

import pytest

from benchmarks.quiz_reliability import LOADINGS, RELATED, figures
from conversations.quiz.scoring import HIGHEST
from knowledge.content import Knowledge

DOCUMENT = " ".join((Path(__file__).parents[2] / "docs" / "quiz.md").read_text("utf-8").split())
ROWS = (
    "retest of a dimension",
    "error of a dimension",
    "retest of the total",
    "error of the total",
    "true total within the range",
    "total again within 10",
    "same band",
    "same or next band",
    "same level",
    "same top strength",
    "top strength again in the first two",
    "same closest type",
)
ENOUGH = 1000
"""People for a check; the document's figures come from more."""

NOISE = 4.0
"""Points by which a share of so few people may be off."""


def test_the_facts_are_those_of_the_definition(knowledge: Knowledge) -> None:
    form = knowledge.quiz
    limits = form.limits
    first = [id_ for id_ in form.order if id_ in form.item_by_id]
    areas, axes = len(form.dimensions), len(form.axes)
    levels, bands = [step.minimum for step in form.levels], [step.minimum for step in form.bands]
    assert areas == 6
    assert len(form.types) == 4
    assert [item.key for item in form.items].count("-") * 2 == len(form.items)
    said = [
        f"{len(first) // areas} statements in the first part and {len(form.items) // areas} with the second",
        f"asked by {(len(form.order) - len(first)) // axes} choices between A and B in the first part,"
        f" {len(form.pairs) // axes} in all",
        f"The first part has {len(form.order)} questions ({len(first)} statements, {len(form.order) - len(first)}"
        f" choices), which take about {form.seconds / 60:.0f} minutes; that is planned at"
        f" {form.seconds_per_tap} seconds each",
        f"The second part has {len(form.more)} more",
        f"counts from 0 (not at all like me) to {HIGHEST} (exactly like me)",
        f"with fewer than {limits.answered} answers",
        f"± {limits.spread} after the first part, ± {limits.spread_extended} after both;"
        f" multiplied by {limits.widening} where",
        f"below {levels[1]} to explore, from {levels[2]} strong",
        f"from {bands[1]}, {bands[2]} and {bands[3]}",
        f"up to {limits.shown} areas from {limits.strength} that lie above",
        f"up to {limits.shown} below {limits.growth} and below that mean",
        f"leads by {limits.type_lead} points or more",
        f"beyond {round(limits.spread * 2**0.5)} points after first parts",
        f"an error of {limits.error} points ({limits.error_extended} after both parts)",
        f"many times in a row | {limits.same_run} statements",
        f"| {limits.inconsistency} points of {HIGHEST}, on average",
        f"under {limits.hurried} seconds for a part",
        f"| {limits.expiry} hours after the last answer",
        f"no answers | {limits.kept} days |",
        f"a higher `version` (now {form.version})",
        f"correlate by {RELATED}, styles",
        f"ask about by {LOADINGS['medium']} (by {LOADINGS['weak']} and {LOADINGS['strong']}",
    ]
    assert [one for one in said if one not in DOCUMENT] == []


@pytest.mark.parametrize("extended", [False, True])
def test_the_table_shows_what_the_model_gives(knowledge: Knowledge, extended: bool) -> None:
    table = DOCUMENT.partition("| first part | both parts |")[2].partition("So the total")[0]
    shown = [
        (int(row[1]), int(row[2]))
        for row in re.findall(r"\| ([^|]+) \| (\d+) \(\d+ to \d+\) \| (\d+) \(\d+ to \d+\) \|", table)
    ]
    assert len(shown) == len(ROWS)
    found = figures(knowledge.quiz, extended=extended, loading=LOADINGS["medium"], people=ENOUGH)
    modelled = {name: (row[extended], found[name]) for name, row in zip(ROWS, shown, strict=True)}
    assert {name: pair for name, pair in modelled.items() if abs(pair[0] - pair[1]) > NOISE} == {}
    if not extended:
        flagged = re.search(r"raised for (\d+) % of those who answer with care, and for only (\d+) %", DOCUMENT)
        assert flagged
        assert float(flagged[1]) == pytest.approx(found["range widened"], abs=1)
        assert float(flagged[2]) == pytest.approx(found["range widened for chance"], abs=NOISE)
