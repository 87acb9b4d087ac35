"""Typed answers: understood with their typos, and real questions left alone."""

import pytest
from quiz_helpers import FORM, LANGUAGES, NOW, TEXTS, answered, begun, desk

from conversations.messages import Show
from conversations.session import Session

AT_A_PAIR = answered([1, 3] * 9)
DONE = answered([1, 3] * 11)


def value(text: str, language: str, session: Session | None = None) -> int | str | None:
    """The answer that a typed text gives to the open question; "other" where it is something else."""
    session = session or begun()
    turn = desk().typed(session, text, language, NOW)
    if turn is None:
        return "other"
    assert session.quiz is not None
    question = FORM.order[session.quiz.step]
    if turn.session.quiz is None:
        return "quit"
    if question not in turn.session.quiz.answers:
        return turn.session.quiz.state
    assert turn.replies[0].show is Show.MOVE
    return turn.session.quiz.answers[question]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_and_synonym_answers(language: str) -> None:
    texts = TEXTS[language]
    for number, label in enumerate(texts.options):
        for said in (label, label.upper(), f" {label}. ", *texts.typed.options[number]):
            assert value(said, language) == number, said
    for number, label in enumerate(texts.pair_options):
        for said in (label, label.lower(), f"{label}!", *texts.typed.pair_options[number]):
            assert value(said, language, AT_A_PAIR) == number, said
    for number in range(5):
        assert value(str(number + 1), language) == number
        assert value(f" {number + 1}.", language, AT_A_PAIR) == number
    for situation in FORM.situations:
        words = texts.situations[situation.id].label, *texts.typed.situations[situation.id]
        for said in words:
            turn = desk().typed(DONE, said, language, NOW)
            assert turn is not None, said
            assert turn.session.quiz is not None
            assert turn.session.quiz.situation == situation.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_control_word(language: str) -> None:
    texts = TEXTS[language]
    wanted = {"skip": None, "pause": "paused", "quit": "quit"}
    for control, outcome in wanted.items():
        for said in (texts.buttons[control], *texts.typed.controls[control]):
            assert value(said, language) == outcome, said
    for said in (texts.buttons["back"], *texts.typed.controls["back"]):
        turn = desk().typed(answered([4, 3]), said, language, NOW)
        assert turn is not None, said
        assert turn.session.quiz is not None
        assert turn.session.quiz.step == 1
        first = desk().typed(begun(), said, language, NOW)
        assert first is not None
        assert first.session == begun()
        assert first.replies[0].text.startswith(texts.first_question)


@pytest.mark.parametrize(
    ("said", "language", "number"),
    [
        ("exactly lke me", "en", 4),
        ("excatly like me", "en", 4),
        ("mostly liek me", "en", 3),
        ("not much lik me", "en", 1),
        ("plutot oui", "fr", 3),
        ("PLUTÔT OUI !", "fr", 3),
        ("tout a fait", "fr", 4),
        ("pas du touts", "fr", 0),
        ("entre les deus", "fr", 2),
        ("helemaal niet", "nl", 0),
        ("helemal niet", "nl", 0),
        ("eher ja", "de", 3),
        ("plutôt oui", "fr", 3),
        ("plutot ouii", "fr", 3),
        ("exactly like me", "en", 4),
        ("trift eher zu", "de", 3),
        ("überhaupt nich", "de", 0),
        ("past helemal bij mij", "nl", 4),
        ("tussen in", "nl", 2),
        ("4\ufe0f\u20e3", "nl", 3),
        ("\uff14", "en", 3),
        ("oui", "en", 3),  # another of our languages, to the letter
        ("gar nicht", "fr", 0),
    ],
)
def test_typos_and_neighbours(said: str, language: str, number: int) -> None:
    assert value(said, language) == number


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("how stressful is it?", "en"),
        ("how stressful is it", "en"),
        ("stop telling me about money", "en"),
        ("can I stop?", "en"),
        ("what does a CTO earn in Belgium", "en"),
        ("yes but what about the pay", "en"),
        ("is it rather like me?", "en"),
        ("salary", "en"),
        ("stap", "en"),
        ("quite", "en"),
        ("quitt", "en"),
        ("stop?", "en"),
        ("yes?", "en"),
        ("cancle", "en"),
        ("arrêter le qiz", "fr"),
        ("6", "en"),
        ("0", "en"),
        ("44", "en"),
        ("4 years", "en"),
        ("4?", "en"),
        ("-4", "en"),
        ("", "en"),
        ("   ", "en"),
        ("?", "en"),
        ("🙂", "en"),
        ("études", "fr"),
        ("et en France ?", "fr"),
        ("oui mais combien gagne un CTO", "fr"),
        ("moi", "fr"),
        ("is het zwaar", "nl"),
        ("loon", "nl"),
        ("gehalt", "de"),
        ("ist das schwer", "de"),
        ("no " * 40, "en"),
        ("x" * 5000, "en"),
    ],
)
@pytest.mark.parametrize("session", [begun(), AT_A_PAIR, DONE], ids=["statement", "pair", "situation"])
def test_questions_are_not_swallowed(said: str, language: str, session: Session) -> None:
    assert desk().typed(session, said, language, NOW) is None


@pytest.mark.parametrize("said", ["yes", "4", "exactly like me", "stop", "skip", "back", "a", "not now"])
def test_nothing_is_heard_when_nothing_is_asked(said: str) -> None:
    assert desk().typed(Session(), said, "en", NOW) is None
    after = desk().typed(DONE, "not now", "en", NOW)
    assert after is not None
    assert desk().typed(after.session, said, "en", NOW) is None


@pytest.mark.parametrize("said", ["yes", "no", "exactly like me", "oui"])
def test_likert_words_do_not_answer_a_pair(said: str) -> None:
    assert value(said, "en", AT_A_PAIR) == "other"


def test_a_situation_can_be_typed() -> None:
    turn = desk().typed(DONE, "I'm a developer", "en", NOW)
    assert turn is not None
    assert turn.session.quiz is not None
    assert (turn.session.quiz.situation, turn.replies[0].show) == ("developer", Show.MOVE)


def test_the_last_typed_answer_moves_the_result() -> None:
    turn = desk().typed(answered([1, 3] * 10 + [1]), "4", "en", NOW)
    assert turn is not None
    assert [(reply.slot, reply.show) for reply in turn.replies] == [
        ("quiz:1", Show.MOVE),
        ("quiz:1:card", Show.MOVE),
        ("quiz:1:next", Show.MOVE),
    ]
