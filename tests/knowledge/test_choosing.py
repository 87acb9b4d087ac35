"""Among the entries of a topic, the one that fits what was asked is chosen."""

import pytest

from knowledge.choosing import choose, held
from knowledge.content import Knowledge
from knowledge.scope import Scope


def scope(text: str) -> Scope:
    """A scope written as ``country=BE,FR level=expert``."""
    return {facet: tuple(values.split(",")) for facet, values in (part.split("=") for part in text.split())}


@pytest.mark.parametrize(
    ("topic", "asked", "carried", "entry"),
    [
        ("salary", "", "", "salary.overview"),
        ("salary", "country=BE", "", "salary.belgium"),
        ("salary", "country=FR", "", "salary.france"),
        ("salary", "country=US", "", "salary.us"),
        ("salary", "country=BE,FR", "", "salary.overview"),
        ("salary", "country=BE,FR,US", "", "salary.overview"),
        ("salary", "country=BE level=starter", "", "salary.belgium.starter"),
        ("salary", "country=BE level=expert", "", "salary.belgium.senior"),
        ("salary", "country=BE size=startup", "", "salary.belgium.startup"),
        ("salary", "country=BE size=large", "", "salary.belgium.large"),
        ("salary", "country=BE size=startup,large", "", "salary.belgium.by-size"),
        ("salary", "country=FR city=paris", "", "salary.france.paris"),
        ("salary", "country=FR city=paris level=confirmed", "", "salary.france.paris.confirmed"),
        ("salary", "country=FR city=paris level=expert", "", "salary.france.paris.expert"),
        ("salary", "country=FR city=fr-large-city", "", "salary.france.large-city"),
        ("salary", "country=FR city=fr-large-city level=expert", "", "salary.france.large-city.expert"),
        ("salary", "country=FR city=paris,fr-large-city", "", "salary.france.cities"),
        ("salary", "country=FR level=confirmed", "", "salary.france.confirmed"),
        ("salary", "country=FR level=starter", "", "salary.france.starter"),
        ("salary", "country=US year=2021", "", "salary.us.2021"),
        ("salary", "country=US year=2022", "", "salary.us.2022"),
        ("salary", "sector=finance", "", "salary.finance"),
        ("salary", "sector=finance,ecommerce", "", "salary.sectors"),
        ("salary", "country=FR", "country=BE", "salary.france"),
        ("salary", "level=expert", "country=FR city=paris", "salary.france.paris.expert"),
        ("salary", "level=starter", "country=BE", "salary.belgium.starter"),
        ("salary", "city=paris country=FR", "country=FR level=expert", "salary.france.paris.expert"),
        ("salary", "country=BE", "country=FR level=expert", "salary.belgium.senior"),
        ("salary", "", "country=US", "salary.us"),
        ("studies", "", "", "studies.overview"),
        ("studies", "country=FR", "", "studies.france"),
        ("studies", "country=BE level=expert", "", "studies.belgium"),
        ("studies", "", "level=expert city=paris", "studies.overview"),
        ("institutions", "city=liege country=BE", "", "institutions.liege"),
        ("institutions", "school=university", "", "institutions.universities"),
        ("institutions", "city=walloon-brabant country=BE", "", "institutions.louvain-la-neuve"),
        ("job-market", "city=mons country=BE", "", "market.mons"),
        ("job-market", "country=FR", "", "market.france"),
        ("outlook", "country=US", "", "outlook.us"),
        ("outlook", "country=BE", "", "gap.outlook-europe"),
        ("experience", "country=FR", "", "experience.france"),
    ],
)
def test_the_entry_that_fits_is_chosen(knowledge: Knowledge, topic: str, asked: str, carried: str, entry: str) -> None:
    choice = choose(knowledge, topic, scope(asked), scope(carried))
    assert (choice.entry, choice.uncovered) == (entry, {})


@pytest.mark.parametrize(
    ("topic", "asked", "uncovered"),
    [
        ("salary", "country=NO", "country=NO"),
        ("salary", "country=CH city=geneva", "country=CH"),
        ("salary", "country=BE,NO", "country=NO"),
        ("outlook", "country=BE,US", "country=BE"),
        ("salary", "sector=health", "sector=health"),
        ("studies", "country=DE", "country=DE"),
        ("benefits", "country=FR", "country=FR"),
        ("institutions", "city=paris country=FR", "country=FR city=paris"),
        ("institutions", "city=charleroi country=BE", "city=charleroi"),
    ],
)
def test_what_no_entry_covers_is_told(knowledge: Knowledge, topic: str, asked: str, uncovered: str) -> None:
    assert choose(knowledge, topic, scope(asked), {}).uncovered == scope(uncovered)


@pytest.mark.parametrize(
    ("asked", "coarser"),
    [
        ("country=BE", False),
        ("country=BE level=expert", False),
        ("country=BE city=namur", True),
        ("country=US level=starter", True),
        ("country=BE size=sme", False),
    ],
)
def test_a_coarser_answer_says_so(knowledge: Knowledge, asked: str, coarser: bool) -> None:
    choice = choose(knowledge, "salary", scope(asked), {})
    assert choice.coarser is coarser
    assert choice.uncovered == {}


def test_every_entry_is_chosen_for_its_own_scope(knowledge: Knowledge) -> None:
    missed = {}
    for name, entry in knowledge.entries.items():
        choice = choose(knowledge, entry.topic, {} if entry.default else dict(entry.scope), {})
        if choice.entry != name:
            missed[name] = choice.entry
    assert missed == {}


def test_the_countries_that_are_held(knowledge: Knowledge) -> None:
    assert set(held(knowledge, "salary", "country")) == {"BE", "FR", "US"}
    assert set(held(knowledge, "outlook", "country")) == {"US"}, "a gap holds nothing"
    assert held(knowledge, "outlook", "city") == ()
