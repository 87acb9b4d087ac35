"""The rules accept the real quiz, and each of them notices its own kind of mistake."""

from collections.abc import Callable
from typing import Any

import pytest
from quiz_helpers import ENTRIES, FACTS, FORM, LANGUAGES, RAW_TEXTS, TEXTS, raw_copies

from knowledge.quiz import QuizForm, QuizTexts
from knowledge.quiz_rules import problems
from knowledge.quiz_word_rules import lix
from knowledge.reading import CAREER, COMMON, Folder

Form = dict[str, Any]
Words = dict[str, dict[str, Any]]
Break = Callable[[Form, Words], Any]


def found(change: Break) -> set[tuple[str, str]]:
    """The (language, rule) of all problems of the real quiz after a change."""
    form, texts = raw_copies()
    change(form, texts)
    checked = {code: QuizTexts.model_validate(raw) for code, raw in texts.items()}
    return {(flaw.language, flaw.rule) for flaw in problems(QuizForm.model_validate(form), checked, ENTRIES, FACTS)}


def item(form: Form, id_: str) -> dict[str, Any]:
    return next(item for item in form["items"] if item["id"] == id_)


def swap(things: list[str], one: str, other: str) -> None:
    left, right = things.index(one), things.index(other)
    things[left], things[right] = things[right], things[left]


def say(language: str, id_: str, text: str) -> Break:
    return lambda form, texts: texts[language]["statements"].update({id_: text})


def result(language: str, name: str, text: str) -> Break:
    return lambda form, texts: texts[language]["result"].update({name: text})


def test_the_real_quiz_is_accepted() -> None:
    assert problems(FORM, TEXTS, ENTRIES, FACTS) == []


def test_messages_say_what_to_do() -> None:
    form, texts = raw_copies()
    form["items"][0]["key"] = "-"
    texts["en"]["statements"]["pres1"] = "I am never nervous."
    checked = {code: QuizTexts.model_validate(raw) for code, raw in texts.items()}
    messages = [flaw.message for flaw in problems(QuizForm.model_validate(form), checked, ENTRIES)]
    assert any("8 items of order have key + and 10 have key -" in message for message in messages)
    assert any("'never'" in message and "pres1" in message for message in messages)


STRUCTURE: list[tuple[str, Break]] = [
    ("S1", lambda form, texts: form["items"].append(dict(form["items"][0]))),
    ("S1", lambda form, texts: form["situations"][0].update(id="Étudiant·e")),
    ("S2", lambda form, texts: form["items"].remove(item(form, "tech1"))),
    ("S3", lambda form, texts: [item(form, f"tech{n}").update(key="+") for n in "123"]),
    ("S4", lambda form, texts: item(form, "tech1").update(key="-")),
    ("S5", lambda form, texts: item(form, "tech1").update(dimension="charm")),
    ("S5", lambda form, texts: form["pairs"][0].update(axis="charm")),
    ("S5", lambda form, texts: form["order"].remove("tech1")),
    ("S5", lambda form, texts: form["order"].append("tech1")),
    ("S5", lambda form, texts: form["burdens"][0].update(item="charm1")),
    ("S6", lambda form, texts: form.update(scale=[0, 1, 2, 2, 4])),
    ("S7", lambda form, texts: form["pairs"][0].update(first="outward")),
    ("S7", lambda form, texts: form["pairs"].pop()),
    ("S8", lambda form, texts: swap(form["order"], "lead2", "tech1")),
    ("S8", lambda form, texts: swap(form["order"], "tech3", "tech1")),
    ("S9", lambda form, texts: swap(form["order"], "tech2", "pres3")),
    ("S9", lambda form, texts: item(form, "tech2").update(opener=False)),
    ("S10", lambda form, texts: form["dimensions"][0].update(sources=[])),
    ("S10", lambda form, texts: form["types"][0]["sources"][0].update(document="000")),
    ("S11", lambda form, texts: item(form, "tech1").update(key="-")),
    ("S11", lambda form, texts: form.update(version=3)),
    ("S12", lambda form, texts: form.update(seconds=90)),
    ("M10", lambda form, texts: form["types"][0].update(corner=["outward", "direct"])),
    ("R2", lambda form, texts: form["bands"][0].update(minimum=10)),
    ("R2", lambda form, texts: form["levels"][1].update(minimum=80)),
    ("R5", lambda form, texts: form["situations"][0]["entries"].__setitem__(0, "studies.on-the-moon")),
    ("R5", lambda form, texts: form["situations"][0]["entries"].pop()),
]


@pytest.mark.parametrize(("rule", "change"), STRUCTURE)
def test_broken_definition(rule: str, change: Break) -> None:
    assert ("", rule) in found(change)


LONG = "I like long statements that go on and on until the reader has quite forgotten how they began."
WORDS: list[tuple[str, str, Break]] = [
    ("en", "T1", say("en", "tech1", LONG)),
    ("de", "T1", lambda form, texts: texts["de"]["options"].__setitem__(0, "Trifft ganz und gar nicht auf mich zu")),
    ("fr", "T2", say("fr", "pres1", "Je ne panique jamais.")),
    ("nl", "T2", say("nl", "pres1", "Ik raak niet in paniek.")),
    ("de", "T2", say("de", "pres1", "Ich gerate nicht in Panik.")),
    ("en", "T2", say("en", "pres1", "I don't panic.")),
    ("en", "T3", say("en", "pres1", "I stay calm and kind.")),
    ("fr", "T3", say("fr", "pres1", "Je reste calme ou gentil.")),
    ("fr", "T4", say("fr", "pres1", "Je garde toujours mon calme.")),
    ("en", "T4", say("en", "pres1", "I stay calm about SLA breaches.")),
    ("fr", "T5", say("fr", "pres1", "Je suis prêt(e) à tout.")),
    ("de", "T5", say("de", "busi3", "Ich überlasse Kund*innen gern anderen.")),
    ("nl", "T5", say("nl", "lead1", "Een leider helpt het team; hij geeft energie.")),
    ("en", "T6", say("en", "pres3", "I need time for my children.")),
    ("en", "T7", say("en", "tech2", "I like to understand a system right down to its details.")),
    ("de", "T8", lambda form, texts: texts["de"]["rules"].update(lix=20)),
    ("en", "T9", lambda form, texts: texts["en"]["typed"]["options"][0].append("exactly like me")),
    ("en", "T9", lambda form, texts: texts["en"]["typed"]["situations"]["cto"].append("student")),
    ("en", "T10", result("en", "disclaimer", "This **compares your answers.")),
    ("en", "T10", result("en", "disclaimer", "This __compares__ your answers.")),
    ("nl", "L1", lambda form, texts: texts["nl"]["statements"].pop("tech1")),
    ("nl", "L1", lambda form, texts: texts["nl"]["buttons"].pop("redo")),
    ("nl", "L1", lambda form, texts: texts["nl"]["axes"]["reach"].pop("inward")),
    ("nl", "L1", lambda form, texts: texts["nl"]["links"].update({"career.ceo": "CEO worden?"})),
    ("nl", "S6", lambda form, texts: texts["nl"]["options"].pop()),
    ("nl", "L2", lambda form, texts: texts["nl"].update(stale="")),
    ("de", "L2", lambda form, texts: texts["de"].update(stale=texts["en"]["stale"])),
    ("nl", "L3", lambda form, texts: texts["nl"].update(translated_from="0123456789ab")),
    ("en", "L3", say("fr", "tech1", "J'aime ouvrir un système pour comprendre ses détails.")),
    ("en", "L4", lambda form, texts: texts["en"].update(stale="Gone.")),
    ("de", "L5", result("de", "headline", "**Etwa {percent} %** (bis {high})")),
    ("de", "L5", result("de", "disclaimer", "Dein Wert ist {percent}, das ist keine Vorhersage für dich.")),
    ("fr", "R2", lambda form, texts: texts["fr"]["situations"]["cto"]["steps"].pop()),
    ("fr", "R5", lambda form, texts: texts["fr"]["links"].pop("similar.jobs")),
    ("en", "R7", result("en", "disclaimer", "You will succeed as a CTO, as five documents describe the job to us.")),
    (
        "fr",
        "R7",
        lambda form, texts: texts["fr"]["bands"].update(strong="Réussite garantie, tu aimes ce que le métier demande."),
    ),
]


@pytest.mark.parametrize(("language", "rule", "change"), WORDS)
def test_broken_words(language: str, rule: str, change: Break) -> None:
    assert (language, rule) in found(change)


@pytest.mark.parametrize("change", [*(change for _, change in STRUCTURE), *(change for *_, change in WORDS)])
def test_every_flaw_tells_its_place(change: Break) -> None:
    form, texts = raw_copies()
    change(form, texts)
    checked = {code: QuizTexts.model_validate(raw) for code, raw in texts.items()}
    for flaw in problems(QuizForm.model_validate(form), checked, ENTRIES, FACTS):
        node: Any = texts[flaw.language] if flaw.language else form
        for key in flaw.keys:
            held = node[int(key)] if isinstance(node, list) and key.isdigit() and int(key) < len(node) else None
            if held is None and isinstance(node, dict):
                held = node.get(key)
            if held is None:
                break
            node = held
        assert flaw.keys, flaw
        assert node is not (texts[flaw.language] if flaw.language else form) or flaw.rule == "L3", flaw


def test_a_flaw_is_told_with_its_line() -> None:
    folder = Folder(CAREER, COMMON)
    path = CAREER / "fr" / "quiz.yaml"
    for start, keys in (("  pres6:", ["statements", "pres6"]), ("  compared_same:", ["after", "compared_same"])):
        lines = path.read_text("utf-8").splitlines()
        assert lines[folder.line(path, keys) - 1].startswith(start)


def test_a_statement_with_where_in_french_is_no_double_question() -> None:
    assert "où" in TEXTS["fr"].statements["pres2"]
    assert "ou" in TEXTS["fr"].rules.joining


def test_a_missing_source_language_is_said() -> None:
    assert [flaw.rule for flaw in problems(FORM, {"en": TEXTS["en"]}, ENTRIES)] == ["L1"]


def test_lix() -> None:
    assert lix(["I like simple things."]) == 4
    assert lix(["Extraordinary circumstances"]) == 2 + 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_emoji(language: str) -> None:
    strings = "".join(TEXTS[language].strings().values()) + str(RAW_TEXTS[language]["typed"])
    assert [c for c in strings if ord(c) > 0x2FFF or 0x2600 <= ord(c) < 0x2700] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_means_the_same_in_every_language(language: str) -> None:
    for choice in (False, True):
        mine = {phrase.lower(): meaning for meaning, phrase in TEXTS[language].phrases(choice)}
        for other in LANGUAGES:
            for meaning, phrase in TEXTS[other].phrases(choice):
                assert mine.get(phrase.lower(), meaning) == meaning, (other, phrase)
