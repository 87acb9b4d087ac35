"""A message's language and words are told whatever it looks like; the index keeps what it holds."""

import unicodedata
from collections import Counter
from dataclasses import replace
from itertools import chain
from pathlib import Path
from string import ascii_lowercase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.content import Knowledge
from knowledge.folding import LONGEST, fold, words
from knowledge.matching.index import Index
from knowledge.matching.spelling import Speller
from knowledge.phrasings import fingerprint, is_knowledge, phrasings_by_language, topics_of
from knowledge.understanding import INDEX, Understanding, index_of

LANGUAGES = ("en", "fr", "nl", "de")

SENTENCES = {
    "en": [
        "What does a chief technology officer earn in Belgium?",
        "how do I become one, and what should I study first",
        "Is it a stressful job with long hours?",
        "which companies are hiring at the moment",
    ],
    "fr": [
        "Combien gagne un directeur technique en Belgique ?",
        "quelles études faut-il faire pour y arriver",
        "Est-ce que c'est un métier stressant ?",
        "je voudrais savoir ce qu'il fait de ses journées",
    ],
    "nl": [
        "Hoeveel verdient een technisch directeur in België?",
        "welke opleiding heb je nodig om het te worden",
        "Is het een stresserende job met lange dagen?",
        "ik zou graag weten wat hij de hele dag doet",
    ],
    "de": [
        "Wie viel verdient ein technischer Direktor in Belgien?",
        "welches Studium braucht man dafür eigentlich",
        "Ist das ein stressiger Beruf mit langen Arbeitszeiten?",
        "ich würde gerne wissen, was man da den ganzen Tag macht",
    ],
}

ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(categories=["Mn", "Me", "Mc", "Cf", "Co", "Cs", "Zs", "Zl", "Zp", "Cc"]), max_size=60),
    st.text("אבגדהוזחטיכל ابتثجحخ\u202e\u202d\u2066\u200f", max_size=60),
    st.text("сtоТОСΤΟϹ ｃｔｏ𝐂𝐓𝐎\u200b\u200d\ufeff", max_size=60),
    st.text("0123456789٠١٢²½Ⅷ jaransyeh", max_size=40),
)


@pytest.mark.parametrize("expected", LANGUAGES)
@pytest.mark.parametrize(("language", "text"), [(name, text) for name in LANGUAGES for text in SENTENCES[name]])
def test_a_sentence_tells_its_language_whatever_is_expected(
    understanding: Understanding, language: str, text: str, expected: str
) -> None:
    assert understanding.read(text, [expected]).language == language


@pytest.mark.parametrize("expected", LANGUAGES)
@pytest.mark.parametrize("text", ["CTO", "Google", "ok", "2", "???", "", "😀", "CTO?!", "qsdfqsdf wxcvwxcv zzxxyy"])
def test_what_tells_no_language_is_taken_as_expected(understanding: Understanding, text: str, expected: str) -> None:
    assert understanding.read(text, [expected]).language == expected


def test_an_expected_language_that_is_not_offered_is_passed_over(understanding: Understanding) -> None:
    assert understanding.read("CTO", ["sv", "nl"]).language == "nl"
    assert understanding.read("CTO", ["sv"]).language in LANGUAGES
    assert understanding.read("CTO", []).language in LANGUAGES


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        ("salaray", "salary"),
        ("salaier", "salaire"),
        ("opleidnig", "opleiding"),
        ("ausbildugn", "ausbildung"),
        ("freelanec", "freelance"),
    ],
)
def test_spelling_is_repaired(understanding: Understanding, text: str, repaired: str) -> None:
    message = understanding.read(text, ["en"])
    assert message.words[-1] == repaired
    assert message.known[-1] == 0.5


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("belguim", "belgium"),
        ("frnace", "france"),
        ("brusel", "brussels"),
        ("finace", "finance"),
    ],
)
def test_a_misspelling_that_authors_wrote_down_hides_no_name(
    understanding: Understanding, text: str, name: str
) -> None:
    assert understanding.read(text, ["en"]).words == (name,)


@pytest.mark.parametrize("text", ["liegen", "financer", "parts", "leistung", "belgians", "positions"])
def test_a_word_of_its_own_is_no_misspelt_name(understanding: Understanding, text: str) -> None:
    assert understanding.read(text, ["en"]).words == (text,)


def test_of_words_equally_near_the_first_in_order_is_always_meant() -> None:
    """Not the first of a set, whose order is another in each process."""
    names = {f"planet{letter}" for letter in ascii_lowercase} - {"planetq"}
    assert Speller({}, names).repair(["planetq"]).words == ("planeta",)
    assert Speller({"planetx": 1, "planetk": 1}, names).repair(["planetq"]).words == ("planetx",)


@pytest.mark.parametrize("text", ["zzq", "qqqqqqqq", "123456", "a1b2c3d4"])
def test_what_is_near_to_nothing_is_left_alone(understanding: Understanding, text: str) -> None:
    message = understanding.read(text, ["en"])
    assert (message.words, message.known) == ((text,), (0.0,))


def test_ranks_are_in_order_and_probabilities(understanding: Understanding) -> None:
    ranked = understanding.rank(understanding.read("what does a CTO earn in Belgium?", ["en"]))
    confidences = [match.confidence for match in ranked]
    assert ranked[0].topic == "salary"
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert len({match.topic for match in ranked}) == len(ranked)


@given(ANY_TEXT, st.lists(st.sampled_from([*LANGUAGES, "sv", ""]), max_size=3))
@example("a" * 4096, ["en"])
@example("cto " * 2000, ["fr"])
@example("\u0301" * 4096, ["nl"])
@example("\ud800", ["de"])
def test_any_text_is_read_alike_twice(understanding: Understanding, text: str, expected: list[str]) -> None:
    message = understanding.read(text, expected)
    assert message == understanding.read(text, expected)
    assert message.language in LANGUAGES
    assert len(message.words) == len(message.known)
    assert understanding.rank(message) == understanding.rank(message)


@given(st.sampled_from([text for texts in SENTENCES.values() for text in texts]), st.data())
def test_dress_does_not_change_what_is_read(understanding: Understanding, text: str, data: st.DataObject) -> None:
    plain = understanding.read(text, ["en"])
    hidden = data.draw(
        st.lists(st.tuples(st.integers(0, len(text)), st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad")))
    )
    dressed = text
    for at, character in sorted(hidden, reverse=True):
        dressed = dressed[:at] + character + dressed[at:]
    assert understanding.read(dressed, ["en"]) == plain, "invisible characters"
    assert understanding.read(unicodedata.normalize("NFD", text), ["en"]) == plain, "parted accents"
    assert understanding.read(text.upper(), ["en"]) == plain, "capitals"
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    assert understanding.read(bare, ["en"]).words == plain.words, "left out accents"
    assert understanding.read(f"  {text}\n\n!!!", ["en"]).words == plain.words, "white space"


@pytest.mark.parametrize("hidden", ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e"])
@pytest.mark.parametrize(("language", "text"), [(name, texts[0]) for name, texts in SENTENCES.items()])
def test_a_text_full_of_invisible_characters_is_read_as_without(
    understanding: Understanding, language: str, text: str, hidden: str
) -> None:
    for expected in LANGUAGES:
        assert understanding.read(hidden.join(text), [expected]) == understanding.read(text, [expected])


@given(ANY_TEXT)
def test_folding_is_done_at_once(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert len(folded) <= LONGEST * 2
    assert all(word.isalnum() for word in words(text))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Quelles ÉTUDES, s'il te plaît ?", "quelles etudes s il te plait"),
        ("Straße", "strasse"),
        ("cœur", "coeur"),
        ("C.T.O.", "c t o"),
        ("ｓａｌａｒｙ", "salary"),
        ("sаlаry", "salary"),
        ("sa\u200bla\u00adry", "salary"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.fixture(scope="module")
def data(index: Index) -> bytes:
    """The index as bytes."""
    return index.dump()


def test_the_index_survives_its_file(index: Index, knowledge: Knowledge, data: bytes) -> None:
    again = Index.load(data)
    assert again.dump() == data
    assert {language: list(said.items()) for language, said in again.said.items()} == {
        language: list(said.items()) for language, said in index.said.items()
    }, "the order decides between words that are equally near to a misspelt one"
    one, other = Understanding(knowledge, index), Understanding(knowledge, again)
    for text in ("what does a CTO earn in Belgium?", "quelles études faut-il ?", "hoevel verdeint hij"):
        assert one.rank(one.read(text, ["en"])) == other.rank(other.read(text, ["en"]))


@pytest.mark.parametrize("damage", ["empty", "short", "cut", "garbled", "text", "other"])
def test_a_broken_index_is_refused(data: bytes, tmp_path: Path, damage: str) -> None:
    match damage:
        case "empty":
            data = b""
        case "short":
            data = data[:100]
        case "cut":
            data = data[: len(data) // 2]
        case "garbled":
            data = data[:2000] + bytes(400) + data[2400:]
        case "text":
            data = b"this is no index"
        case "other":
            data = Path(__file__).read_bytes()
    (tmp_path / INDEX).write_bytes(data)
    assert index_of(tmp_path) is None


def test_an_index_of_another_recipe_is_refused(data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / INDEX).write_bytes(data)
    assert index_of(tmp_path)
    monkeypatch.setattr("knowledge.matching.index.RECIPE", "another")
    assert index_of(tmp_path) is None


def test_a_missing_index_is_none(tmp_path: Path) -> None:
    assert index_of(tmp_path) is None


def with_other(knowledge: Knowledge, part: str, **change: object) -> Knowledge:
    """The content with something else in a part of its English: the first entry, intent or subject, or the scope."""
    english = knowledge.languages["en"]
    match part:
        case "entry":
            name, texts = next(iter(english.entries.items()))
            other: dict[str, object] = {"entries": {**english.entries, name: texts.model_copy(update=change)}}
        case "talk":
            intent, talk = next(iter(english.smalltalk.talk.items()))
            talks = {**english.smalltalk.talk, intent: talk.model_copy(update=change)}
            other = {"smalltalk": english.smalltalk.model_copy(update={"talk": talks})}
        case "subject":
            name, subject = next(iter(english.elsewhere.items()))
            other = {"elsewhere": {**english.elsewhere, name: subject.model_copy(update=change)}}
        case "scope":
            other = {"scope": english.scope.model_copy(update=change)}
        case _:
            raise ValueError(part)
    return knowledge.model_copy(update={"languages": {**knowledge.languages, "en": english.model_copy(update=other)}})


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("entry", {"ask": ("one way to ask",)}),
        ("entry", {"title": "Another title"}),
        ("talk", {"says": ("hi", "hello", "good day")}),
        ("subject", {"says": ("of this", "of that", "of something else")}),
        ("scope", {"professions": ("juggler",)}),
        ("scope", {"names": {}}),
        ("scope", {"years_words": ("moons",)}),
    ],
)
def test_an_index_is_stale_when_what_it_learns_from_changes(
    knowledge: Knowledge, index: Index, part: str, change: dict[str, object]
) -> None:
    assert fingerprint(with_other(knowledge, part, **change)) != fingerprint(knowledge)


def test_an_index_is_stale_when_topics_languages_or_rules_change(knowledge: Knowledge) -> None:
    name, entry = next(iter(knowledge.entries.items()))
    moved = {**knowledge.entries, name: entry.model_copy(update={"topic": "elsewhere"})}
    rules = knowledge.scope.model_copy(update={"companies": ("Zorblax",)})
    english, french, *others = knowledge.languages.items()
    swapped = dict([(english[0], french[1]), (french[0], english[1]), *others])
    for change in ({"entries": moved}, {"scope": rules}, {"languages": swapped}, {"languages": dict([english])}):
        assert fingerprint(knowledge.model_copy(update=change)) != fingerprint(knowledge), list(change)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("entry", {"answer": "Something else."}),
        ("entry", {"more": "Something else."}),
        ("talk", {"reply": "Something else."}),
        ("subject", {"name": "something else"}),
        ("scope", {"other_posts": ("juggler",)}),
        ("scope", {"at_words": ("beside",)}),
    ],
)
def test_an_index_is_not_stale_for_what_it_does_not_learn(
    knowledge: Knowledge, part: str, change: dict[str, object]
) -> None:
    assert fingerprint(with_other(knowledge, part, **change)) == fingerprint(knowledge)


def test_understanding_says_whether_its_index_is_current(knowledge: Knowledge, index: Index) -> None:
    current = replace(index, fingerprint=fingerprint(knowledge))
    assert Understanding(knowledge, current).is_current
    assert not Understanding(with_other(knowledge, "entry", ask=("one way to ask",)), current).is_current


def test_without_the_model_of_letters_words_tell_the_language(
    knowledge: Knowledge, index: Index, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("knowledge.language.MODEL_FILE", "/nowhere/model.npz.xz")
    understanding = Understanding(knowledge, index)
    for language, texts in SENTENCES.items():
        for text in texts:
            assert understanding.read(text, [language]).language == language
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "model of letters cannot be loaded" in caplog.text


def test_every_phrasing_has_a_known_topic_and_its_words_are_counted(knowledge: Knowledge, index: Index) -> None:
    phrasings = phrasings_by_language(knowledge)
    assert {phrasing.topic for phrasing in chain.from_iterable(phrasings.values())} == topics_of(knowledge)
    assert index.said == {
        language: Counter(chain.from_iterable(phrasing.words for phrasing in said))
        for language, said in phrasings.items()
    }
    assert set(index.topics) == topics_of(knowledge)
    assert {topic for topic in index.topics if is_knowledge(topic)} == {e.topic for e in knowledge.entries.values()}
