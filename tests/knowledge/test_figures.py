"""Figures are written the way a reader of each language writes them, and never as another number."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.content import Figure, Knowledge
from knowledge.figures import country_name, place, write, write_date

LANGUAGES = ("en", "fr", "nl", "de")
NARROW = "\u202f"
HARD = "\u00a0"

WORDS = {
    "en": {"range": "{low} to {high}", "or_more": "{amount} or more", "decade": "{year}s"},
    "fr": {"range": "{low} à {high}", "or_more": "{amount} ou plus", "decade": "années {year}"},
    "nl": {"range": "{low} tot {high}", "or_more": "{amount} of meer", "decade": "jaren {year}"},
    "de": {"range": "{low} bis {high}", "or_more": "{amount} oder mehr", "decade": "{year}er-Jahre"},
}


def figure(kind: str, value: object, **more: object) -> Figure:
    return Figure.model_validate({"kind": kind, "value": value, "source": "a", **more})


def euros(value: object, **more: object) -> Figure:
    return figure("money", value, currency="EUR", period="month", **more)


def written(given: Figure, language: str) -> str:
    return write(given, language, WORDS[language])


@pytest.mark.parametrize(
    ("given", "en", "fr", "nl", "de"),
    [
        (euros(950), "€950", f"950{HARD}€", f"€{HARD}950", f"950{HARD}€"),
        (euros(6000), "€6,000", f"6{NARROW}000{HARD}€", f"€{HARD}6.000", f"6.000{HARD}€"),
        (
            euros((6000, 12000)),
            "€6,000 to €12,000",
            f"6{NARROW}000 à 12{NARROW}000{HARD}€",
            f"€{HARD}6.000 tot €{HARD}12.000",
            f"6.000 bis 12.000{HARD}€",
        ),
        (
            euros((8000, 15000), open=True),
            "€8,000 to €15,000 or more",
            f"8{NARROW}000 à 15{NARROW}000{HARD}€ ou plus",
            f"€{HARD}8.000 tot €{HARD}15.000 of meer",
            f"8.000 bis 15.000{HARD}€ oder mehr",
        ),
        (
            figure("money", 1256604, currency="USD", period="year"),
            "US$1,256,604",
            f"1{NARROW}256{NARROW}604{HARD}$US",
            f"US${HARD}1.256.604",
            f"1.256.604{HARD}$",
        ),
        (figure("percent", 11), "11%", f"11{HARD}%", "11%", f"11{HARD}%"),
        (figure("percent", (2, 5)), "2 to 5%", f"2 à 5{HARD}%", "2 tot 5%", f"2 bis 5{HARD}%"),
        (figure("years", 8), "8", "8", "8", "8"),
        (figure("years", (4, 8)), "4 to 8", "4 à 8", "4 tot 8", "4 bis 8"),
        (figure("years", 8, open=True), "8 or more", "8 ou plus", "8 of meer", "8 oder mehr"),
        (figure("year", 2030), "2030", "2030", "2030", "2030"),
        (figure("decade", 1990), "1990s", "années 1990", "jaren 1990", "1990er-Jahre"),
        (figure("date", "2022-04-26"), "26 April 2022", "26 avril 2022", "26 april 2022", "26. April 2022"),
        (figure("date", "2019-03"), "March 2019", "mars 2019", "maart 2019", "März 2019"),
        (figure("date", "2018"), "2018", "2018", "2018", "2018"),
    ],
)
def test_a_figure_is_written_as_its_readers_write_it(given: Figure, en: str, fr: str, nl: str, de: str) -> None:
    assert [written(given, language) for language in LANGUAGES] == [en, fr, nl, de]


def test_the_shipped_words_make_the_same_texts(knowledge: Knowledge) -> None:
    for language, texts in knowledge.languages.items():
        for number in (euros((6000, 12000), open=True), figure("decade", 1990)):
            assert write(number, language, texts.interface) == written(number, language)


def read_back(text: str) -> list[int]:
    """The numbers in a text, whatever parts their thousands."""
    return [int(re.sub(r"\D", "", number)) for number in re.findall(rf"\d+(?:[.,{NARROW}]\d{{3}})*", text)]


@given(st.integers(0, 10**9), st.sampled_from(["money", "percent", "years"]), st.booleans())
def test_the_number_read_back_is_the_figure(value: int, kind: str, open_: bool) -> None:
    given = figure(kind, value, currency="USD", period="year", open=open_)
    for language in LANGUAGES:
        assert read_back(written(given, language)) == [value]


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.sampled_from(["money", "percent", "years"]))
def test_the_numbers_read_back_are_the_range(low: int, more: int, kind: str) -> None:
    given = figure(kind, (low, low + more), currency="EUR", period="month")
    for language in LANGUAGES:
        assert read_back(written(given, language)) == [low, low + more]


@given(st.integers(1, 9999), st.sampled_from(["year", "decade"]))
def test_years_are_written_without_separators(value: int, kind: str) -> None:
    for language in LANGUAGES:
        assert str(value) in written(figure(kind, value), language)


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_day_and_year_read_back_are_the_date(day: date) -> None:
    for language in LANGUAGES:
        assert read_back(write_date(day.isoformat(), language)) == [day.day, day.year]
        assert read_back(write_date(day.isoformat()[:7], language)) == [day.year]


def test_every_month_has_its_own_name() -> None:
    firsts = {(date(2023, 1, 1) + timedelta(days=31 * month)).strftime("%Y-%m") for month in range(12)}
    assert len(firsts) == 12
    for language in LANGUAGES:
        assert len({write_date(month, language) for month in firsts}) == 12


def test_figures_are_placed_by_name() -> None:
    figures = {"low-pay": euros(100), "high-pay": euros(200)}
    text = "from {low-pay} to {high-pay} and {low-pay} again"
    assert place(text, figures, "en", WORDS["en"]) == "from €100 to €200 and €100 again"


def test_an_unknown_name_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        place("{nowhere}", {}, "en", WORDS["en"])


def test_countries_are_named_in_each_language() -> None:
    assert [country_name("NO", language) for language in LANGUAGES] == ["Norway", "Norvège", "Noorwegen", "Norwegen"]
    assert country_name("??", "en") == "??"
