"""Places are recognised however carelessly they are written, and everyday words that look like them are left alone."""

from datetime import UTC, datetime

import pytest

from conversations.advisor import Advisor
from conversations.messages import Incoming, Kind, Reply, Text
from conversations.session import Session
from knowledge.places import sound
from knowledge.understanding import Understanding


def told(understanding: Understanding, text: str, expected: str = "fr") -> tuple[str, str]:
    """The city and the country that a text names, each empty where it names none."""
    scope = understanding.read(text, [expected]).reading.scope
    return ",".join(scope.get("city", ())), ",".join(scope.get("country", ()))


def answered(advisor: Advisor, *texts: str) -> Reply:
    session = Session()
    for text in texts:
        incoming = Incoming(event=Text(text=text), language_code="en")
        turn = advisor.respond(session, incoming, datetime(2026, 3, 1, tzinfo=UTC))
        session = turn.session
    return turn.replies[0]


CARELESS = {
    ("brussels", "BE"): "bruxel bruxell bruxele bruxelle bruxeles bruselles brusel brusell brussell brussles bryssel "
    "bruksel brüsel Brucsel Brüßel",
    ("", "BE"): "belgik belgiqe belgike beljique beljik bellgique belgum belguim beljum belgje belgin beljien",
    ("", "CH"): "suise suiss swisserland switserland swizerland zwiterland schweitz schwez",
    ("", "LU"): "luxembour luxenbourg luxembourgh luksemburg",
    ("", "GB"): "angletere anglettere anglterre englend",
    ("", "DE"): "almagne allemange alemagn allmagne germani germny duitland deutshland dutschland",
    ("", "FR"): "fance frnce frence frankrij frankryk frankreic frankraich",
    ("", "NL"): "holand neederland nederlant nethelands niderlande paysbas pay-bas",
    ("", "ES"): "espagn spein",
    ("", "US"): "amerik amerka etas-unis etazuni etat-unis",
    ("", "MA"): "marok",
    ("paris", "FR"): "pari pariss parys parijss Parîs",
    ("london", "GB"): "londre londn lundon",
    ("amsterdam", "NL"): "amsterdm amsteram amstardam",
    ("geneva", "CH"): "zurik zuric genev jenève",
    ("liege", "BE"): "lieje liège luikk lutich",
    ("namur", "BE"): "namure nammur",
    ("charleroi", "BE"): "charlroi charleroy",
    ("us-city", "US"): "newyork san-fransisco",
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "written"), [(place, word) for place, all in CARELESS.items() for word in all.split()]
)
def test_a_careless_spelling_alone_and_in_a_sentence_is_the_place(
    understanding: Understanding, place: tuple[str, str], written: str
) -> None:
    for text in (f"{written} ?", f"et a {written}", f"hoeveel verdient een CTO in {written}?"):
        assert told(understanding, text) == place, text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sa paie combien cto a bruxel", ("brussels", "BE")),
        ("bruxell ou paris pr un cto", ("brussels,paris", "BE,FR")),
        ("bruxel cto paie", ("brussels", "BE")),
        ("le salaire suise d'un cto", ("", "")),
        ("le salaire en suise d'un cto", ("", "CH")),
        ("cto job almagne", ("", "DE")),
        ("what do CTOs make in switserland and germani", ("", "CH,DE")),
        ("werken als cto in luxemburgh of belgje", ("", "LU,BE")),
        ("verdienst als cto in der schweitz", ("", "CH")),
        ("salaire aux etas unis", ("", "US")),
        ("loon in de verenigde state", ("", "US")),
        ("gehalt in den vereinigte staten", ("", "US")),
        ("pay in the united state", ("", "US")),
        ("cto au pay bas", ("", "NL")),
        ("jobs in new yourk", ("us-city", "US")),
        ("etudes a louvin la neuve", ("walloon-brabant", "BE")),
        ("au royaume unis", ("", "GB")),
        ("in grosbritannien", ("", "GB")),
    ],
)
def test_careless_spellings_in_sentences(understanding: Understanding, text: str, place: tuple[str, str]) -> None:
    assert told(understanding, text) == place


@pytest.mark.parametrize(
    "text",
    [
        # a bet, and what else sounds like Paris
        "je pari que le cto gagne bien", "c'est un pari risqué", "paris sportifs", "tu paries ?",
        "les partis politiques",
        "we work in pairs", "in the parish", "parts of the job", "faire partie du comité", "une franchise",
        # to be, sweet, and what else sounds like Switzerland and Sweden
        "je suis perdu", "la suite du programme", "suite ?", "ein süßes Angebot", "das Schwein", "schweren Herzens",
        # German and French, of which one can be
        "that is germane to my question", "my fiancé is a CTO", "ma fiancée est CTO", "in franc", "frank and open",
        # where else an English or Dutch ear hears a country
        "almost every CTO", "the status of a CTO", "how severe is it", "it comes in waves", "romantic and gentle",
        "a dominant person", "the mainland", "ieder van ons", "in geen land", "in het buitenland", "op het eiland",
        "in welk land", "alle landen", "de beste scholen", "veel leugens", "het leven is duur", "hogere lonen",
        "ik ren naar huis", "soweit so gut", "die Natur der Sache", "in kürze", "die Kosten kommen in Wellen",
        # to throw, friends, a bottle, and more
        "je me jette à l'eau", "mes amis le disent", "eine Flasche Wasser", "les fleurs du bureau",
        "mes rêves les plus fous",
        "librement et sans chef", "un bon mélange", "sous la douche", "la colonne de gauche", "a chicken and a lion",
        "justin and francis", "brussels sprouts", "choux de Bruxelles", "the bushes were brushed", "lohnt es sich",
        "wat wordt er van mij verwacht", "anders gezegd", "bellen met klanten", "wallen onder de ogen", "bring me up",
        "a chance to lead", "und in Ordnung", "in de haven", "samen in een team", "I am in the lead", "en tout cas",
    ],
)  # fmt: skip
def test_an_everyday_word_is_no_place(understanding: Understanding, text: str) -> None:
    for expected in ("en", "fr", "nl", "de"):
        assert told(understanding, text, expected) == ("", "")


def test_a_place_is_named_as_the_language_of_the_message_names_it(understanding: Understanding) -> None:
    names = [
        understanding.read(text, [language]).words[-1]
        for language, text in (
            ("fr", "combien gagne un cto à bruxel"),
            ("nl", "hoeveel verdient een cto in brusel"),
            ("en", "how much does a cto earn in brusell"),
            ("de", "wie viel verdient man in franckreich"),
        )
    ]
    assert names == ["bruxelles", "brussel", "brussels", "frankreich"]


def test_a_misspelt_place_of_two_words_keeps_the_words_and_their_spelling_together(
    understanding: Understanding,
) -> None:
    message = understanding.read("Jobs à newyork, là-bas?", ["fr"])
    assert message.words == ("jobs", "a", "new", "york", "la", "bas")
    assert len(message.words) == len(message.known) == len(message.spelt)
    assert understanding.words("Jobs à newyork, là-bas?", "fr") == message.words


def test_spellings_of_one_sound_are_one() -> None:
    assert len({sound(name) for name in ("bruxelles", "bruxel", "brussel", "brussels", "bruksel")}) == 1
    assert sound("belgique") == sound("beljik")
    assert sound("suisse") != sound("swiss")


@pytest.mark.parametrize(
    ("texts", "entry"),
    [
        (["sa paie combien cto a bruxel"], "salary.belgium"),
        (["combien gagne un CTO en France ?", "et a bruxel ?"], "salary.belgium"),
        (["combien gagne un CTO ?", "et a pari"], "salary.france.paris"),
        (["quelles ecoles a bruxell pr cto"], "institutions.brussels"),
        (["waar vind ik werk als CTO?", "en in brusel?"], "market.brussels"),
        (["what does a CTO earn in Belgium?", "and in amerka?"], "salary.us"),
    ],
)
def test_the_answer_is_that_for_the_place(advisor: Advisor, texts: list[str], entry: str) -> None:
    assert answered(advisor, *texts).entries == (entry,)


def test_what_is_told_for_a_city_says_that_it_holds_for_the_country(advisor: Advisor) -> None:
    reply = answered(advisor, "sa paie combien cto a bruxel")
    assert reply.text.startswith("En Belgique")
    assert reply.text == answered(advisor, "ça paie combien un CTO à Bruxelles").text
    assert reply.text != answered(advisor, "ça paie combien un CTO en Belgique").text  # which needs no such word


@pytest.mark.parametrize("text", ["combien gagne un cto en suise", "combien gagne un cto en almagne"])
def test_a_misspelt_place_that_the_documents_leave_out_gets_no_figure(advisor: Advisor, text: str) -> None:
    reply = answered(advisor, text)
    assert reply.kind is Kind.RELATED
    assert "€" not in reply.text
