"""Countries, cities, levels, years, sizes and sectors are told in four languages, and not where none is meant."""

import pytest

from knowledge.scope import COMPANY, PROFESSION, Reading
from knowledge.understanding import Understanding


def reading(understanding: Understanding, text: str) -> Reading:
    return understanding.read(text, ["en"]).reading


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("what does a CTO earn in Belgium?", "BE"),
        ("belgian salary", "BE"),
        ("pay in the United States", "US"),
        ("pay in the US", "US"),
        ("and in the USA", "US"),
        ("the french market", "FR"),
        ("combien en Belgique ?", "BE"),
        ("un CTO belge", "BE"),
        ("aux États-Unis", "US"),
        ("le salaire en France", "FR"),
        ("une entreprise française", "FR"),
        ("wat in België?", "BE"),
        ("een Belgische onderneming", "BE"),
        ("in de Verenigde Staten", "US"),
        ("in de VS", "US"),
        ("in Frankrijk", "FR"),
        ("was verdient man in Belgien", "BE"),
        ("in den USA", "US"),
        ("in den Vereinigten Staaten", "US"),
        ("in Frankreich", "FR"),
        # misspelt
        ("what does a CTO earn in Belguim?", "BE"),
        ("salary in Frnace", "FR"),
        ("salaire en Belqique", "BE"),
        ("salaire aux etast unis", "US"),
        ("loon in Belgïe", "BE"),
        ("loon in Frankrjik", "FR"),
        ("Gehalt in Frankreihc", "FR"),
        ("Gehalt in Beglien", "BE"),
        # known as countries that are not covered
        ("salary in Norway", "NO"),
        ("en Norvège", "NO"),
        ("in Noorwegen", "NO"),
        ("in Norwegen", "NO"),
        ("in the UK", "GB"),
        ("in the United Kingdom", "GB"),
        ("au Royaume-Uni", "GB"),
        ("aux Pays-Bas", "NL"),
        ("in Nederland", "NL"),
        ("in Deutschland", "DE"),
        ("en Allemagne", "DE"),
        ("in der Schweiz", "CH"),
        ("en Suisse", "CH"),
        ("au Luxembourg", "LU"),
        ("in Luxemburg", "LU"),
        ("in Canada", "CA"),
        ("au Japon", "JP"),
        ("in India", "IN"),
        ("en Côte d'Ivoire", "CI"),
        ("au Maroc", "MA"),
        ("in Österreich", "AT"),
        ("in Polen", "PL"),
        ("in South Africa", "ZA"),
    ],
)
def test_countries(understanding: Understanding, text: str, country: str) -> None:
    assert reading(understanding, text).scope.get("country") == (country,)


def test_two_countries_are_both_told(understanding: Understanding) -> None:
    assert reading(understanding, "Belgium or France, which pays more?").scope["country"] == ("BE", "FR")
    assert reading(understanding, "Frankreich oder Belgien?").scope["country"] == ("FR", "BE")


@pytest.mark.parametrize(
    ("text", "city", "country"),
    [
        ("in Paris", "paris", "FR"),
        ("à Paris", "paris", "FR"),
        ("in Parijs", "paris", "FR"),
        ("in Lyon", "fr-large-city", "FR"),
        ("une grande ville française", "fr-large-city", "FR"),
        ("in Rijsel", "fr-large-city", "FR"),
        ("in Straßburg", "fr-large-city", "FR"),
        ("in Brussels", "brussels", "BE"),
        ("à Bruxelles", "brussels", "BE"),
        ("in Brussel", "brussels", "BE"),
        ("in Brüssel", "brussels", "BE"),
        ("in Bruessel", "brussels", "BE"),
        ("in Liège", "liege", "BE"),
        ("in Luik", "liege", "BE"),
        ("in Lüttich", "liege", "BE"),
        ("à Louvain-la-Neuve", "walloon-brabant", "BE"),
        ("in Leuven", "flanders", "BE"),
        ("in Ghent", "flanders", "BE"),
        ("in Vlaanderen", "flanders", "BE"),
        ("à Mons", "mons", "BE"),
        ("te Namen", "namur", "BE"),
        ("in Wallonië", "wallonia", "BE"),
        ("in New York", "us-city", "US"),
        ("in London", "london", "GB"),
        ("in Zürich", "geneva", "CH"),
        ("in Bruselss", "brussels", "BE"),
    ],
)
def test_cities_and_their_countries(understanding: Understanding, text: str, city: str, country: str) -> None:
    scope = reading(understanding, text).scope
    assert (scope.get("city"), scope.get("country")) == ((city,), (country,))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("a junior CTO", "starter"),
        ("for a beginner", "starter"),
        ("un débutant", "starter"),
        ("sans expérience", "starter"),
        ("een starter", "starter"),
        ("zonder ervaring", "starter"),
        ("für einen Anfänger", "starter"),
        ("ohne Erfahrung", "starter"),
        ("un profil confirmé", "confirmed"),
        ("a senior CTO", "expert"),
        ("un CTO expérimenté", "expert"),
        ("met veel ervaring", "expert"),
        ("mit viel Erfahrung", "expert"),
        ("after 2 years", "starter"),
        ("two years in", "starter"),
        ("3 ans", "starter"),
        ("with 5 years of experience", "confirmed"),
        ("depuis cinq ans", "confirmed"),
        ("6 jaar ervaring", "confirmed"),
        ("acht Jahre Erfahrung", "confirmed"),
        ("8 years", "confirmed"),
        ("more than 8 years", "expert"),
        ("plus de 8 ans", "expert"),
        ("meer dan acht jaar", "expert"),
        ("über 8 Jahre", "expert"),
        ("10 ans d'expérience", "expert"),
        ("vijftien jaar", "expert"),
        ("zwanzig Jahre", "expert"),
        ("twelve years", "expert"),
        ("dix-sept ans d'expérience", "expert"),
        ("a beginnner", "starter"),
        ("un debutnat", "starter"),
    ],
)
def test_levels_and_years(understanding: Understanding, text: str, level: str) -> None:
    assert reading(understanding, text).scope.get("level") == (level,)


@pytest.mark.parametrize(
    ("text", "facet", "value"),
    [
        ("in a start-up", "size", "startup"),
        ("dans une startup", "size", "startup"),
        ("in een jong bedrijf", "size", "startup"),
        ("in einem Konzern", "size", "large"),
        ("dans un grand groupe", "size", "large"),
        ("in een multinational", "size", "large"),
        ("a big company", "size", "large"),
        ("dans une PME", "size", "sme"),
        ("in een kmo", "size", "sme"),
        ("im Mittelstand", "size", "sme"),
        ("in a bank", "sector", "finance"),
        ("dans une banque", "sector", "finance"),
        ("in e-commerce", "sector", "ecommerce"),
        ("im Onlinehandel", "sector", "ecommerce"),
        ("in 2021", "year", "2021"),
        ("which universities", "school", "university"),
        ("quelles hautes écoles", "school", "haute-ecole"),
        ("welke hogescholen", "school", "haute-ecole"),
    ],
)
def test_sizes_sectors_years_and_schools(understanding: Understanding, text: str, facet: str, value: str) -> None:
    assert reading(understanding, text).scope.get(facet) == (value,)


@pytest.mark.parametrize(
    "text",
    [
        "j'ai une réunion demain",
        "how to be a CTO",
        "a nice job",
        "tell us more",
        "is it hard?",
        "what is in it for me",
        "an island of calm",
        "eine Insel im Alltag",
        "ik ben een man",
        "de namen van de mensen",
        "de plus en plus",
        "je suis au bout du tunnel",
        "was ist das",
        "combien de temps",
        "a chad move",
        "the first and the last",
    ],
)
def test_everyday_words_are_no_scope(understanding: Understanding, text: str) -> None:
    assert reading(understanding, text).scope == {}


@pytest.mark.parametrize(
    "text",
    [
        "what is a CTO", "chief technology officer", "un directeur technique", "de technisch directeur",
        "ein technischer Leiter", "CTOs", "C.T.O.", "ｃｔｏ", "с t o",
    ],
)  # fmt: skip
def test_the_job_is_known_by_its_names(understanding: Understanding, text: str) -> None:
    assert reading(understanding, text).job


@pytest.mark.parametrize(
    ("text", "mark", "name"),
    [
        ("what does a dentist earn", PROFESSION, "dentist"),
        ("combien gagne un médecin", PROFESSION, "medecin"),
        ("wat verdient een bakker", PROFESSION, "bakker"),
        ("was verdient ein Zahnarzt", PROFESSION, "zahnarzt"),
        ("who is the CTO of Google", COMPANY, "google"),
        ("chez Goldman Sachs", COMPANY, "goldman sachs"),
    ],
)
def test_other_professions_and_companies_are_named(
    understanding: Understanding, text: str, mark: str, name: str
) -> None:
    assert reading(understanding, text).named == {mark: (name,)}


def test_what_names_something_is_masked(understanding: Understanding) -> None:
    message = understanding.read("what does a CTO with 10 years earn in Paris", ["en"])
    assert message.reading.masked == ("what", "does", "a", "§job", "with", "§years", "earn", "in", "§city")
    assert message.reading.spoken["paris"] == "paris"


def test_a_part_of_a_message_has_its_own_scope(understanding: Understanding) -> None:
    message = understanding.read("pay in Paris and schools in Namur", ["en"])
    assert understanding.part(message, 0, 3).reading.scope == {"city": ("paris",), "country": ("FR",)}
    assert understanding.part(message, 4, 7).reading.scope == {"city": ("namur",), "country": ("BE",)}
