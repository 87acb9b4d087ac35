"""After the result: the second part, why, what if, does it fit, showing, keeping and comparing, deleting, exporting."""

import json
import re
from datetime import timedelta
from fractions import Fraction

import pytest
from engine_rules import DIRECT
from hypothesis import given, settings
from hypothesis import strategies as st
from quiz_helpers import (
    ALL,
    COMPLETE,
    DONE,
    FORM,
    LANGUAGES,
    LAST,
    NOW,
    TEXTS,
    WHOLE,
    answered,
    begun,
    buttons,
    desk,
    extended,
    finished,
    later,
    progress,
    tap,
    vector,
)

from conversations.advisor import Advisor
from conversations.messages import Command, Incoming, Kind, Reply, ResultCard, ShareCard, Show, Text
from conversations.quiz.comparing import compare, keep
from conversations.quiz.findings import find
from conversations.quiz.wording import fill
from conversations.session import QuizProgress, Session
from conversations.smalltalk import SmallTalk
from knowledge.content import Knowledge
from knowledge.figures import write_date
from knowledge.folding import words

EN = TEXTS["en"]
DAY = timedelta(days=1)


def quiz(session: Session) -> QuizProgress:
    assert session.quiz is not None
    return session.quiz


def reply_to(session: Session, letter: str, language: str = "en", at: int = DONE) -> Reply:
    run = quiz(session).run
    [reply] = tap(session, f"q1:{run}:{at}:{letter}", language=language).replies
    return reply


def holding(answers: dict[str, int | None], run: int = 1) -> Session:
    """A chat that holds a result with these answers."""
    return Session(quiz=progress(answers).model_copy(update={"run": run}), quiz_runs=run)


# --- the second part


def test_the_second_part_goes_on_from_the_first() -> None:
    done = finished()
    turn = tap(done, f"q1:1:{DONE}:e", later(300))
    [question] = turn.replies
    assert question.text.startswith(f"{LAST + 1}/{ALL}\n")
    assert (question.slot, question.show) == ("quiz:1:more", Show.MOVE)  # the first result stays where it is
    assert quiz(turn.session).answers == quiz(done).answers
    assert tap(turn.session, f"q1:1:{DONE}:e", later(301)).session == turn.session
    whole = answered([2, 4] * 11, turn.session)
    assert set(quiz(whole).answers) == set(WHOLE)
    assert {id_: quiz(whole).answers[id_] for id_ in FORM.order} == quiz(done).answers
    assert quiz(whole).completed_at is not None
    assert quiz(whole).finished_at == quiz(done).finished_at


def test_the_range_is_narrower_and_the_offer_gone() -> None:
    short, whole = finished(), extended([2, 4, 1] * 7 + [2])
    offer = fill(EN.after.extend_offer, more=22, spread=10, narrow=7)
    pages = [tap(s, f"q1:1:{at}:m").replies[0] for s, at in ((short, DONE), (whole, COMPLETE))]
    assert [offer in page.text for page in pages] == [True, False]
    offered = [buttons(tap(s, f"q1:1:{at}:n").replies[0]) for s, at in ((short, DONE), (whole, COMPLETE))]
    assert [any(button.data.endswith(":e") for button in row) for row in offered] == [True, False]
    assert pages[1].slot == "quiz:1:more"


def test_giving_the_second_part_up_leaves_the_first_result() -> None:
    done, midway = finished(), extended([1, 2, 3])
    turn = tap(midway, f"q1:1:{LAST + 3}:q", later(900))
    assert turn.replies[0].text == EN.quit_extended
    left = quiz(turn.session)
    assert (left.state, left.step, left.extended) == ("situation", LAST, False)
    assert left.answers == quiz(done).answers
    brought = tap(turn.session, buttons(turn.replies[0])[0].data)
    assert brought.replies[0].text == tap(done, f"q1:1:{DONE}:m").replies[0].text


def test_the_situation_is_asked_once() -> None:
    chosen = tap(finished(), f"q1:1:{DONE}:gdeveloper").session
    whole = answered([2, 4] * 11, tap(chosen, f"q1:1:{DONE}:e", later(300)).session)
    assert (quiz(whole).state, quiz(whole).situation) == ("result", "developer")
    mended = answered([3], tap(whole, f"q1:1:{COMPLETE}:b", later(800)).session)
    assert quiz(mended).state == "result"


def test_back_and_pause_in_the_second_part() -> None:
    session = extended([1, 2])
    back = tap(tap(tap(session, f"q1:1:{LAST + 2}:b").session, f"q1:1:{LAST + 1}:b").session, f"q1:1:{LAST}:b")
    assert quiz(back.session).step == LAST - 1
    assert "✓" in "".join(button.label for button in buttons(back.replies[0]))
    paused = tap(session, f"q1:1:{LAST + 2}:p").session
    resumed = quiz(tap(paused, f"q1:1:{LAST + 2}:c").session)
    assert (resumed.answers, resumed.step) == (quiz(session).answers, LAST + 2)


@pytest.mark.parametrize("old", [f"q1:1:{DONE}:{letter}" for letter in ("b", "w", "i", "y", "o", "lyes", "gcto", "n")])
def test_buttons_of_the_first_result_do_nothing_in_the_second_part(old: str) -> None:
    for session in (extended(), extended([1]), extended([2, 4] * 11)):
        turn = tap(session, old, later(2000))
        assert turn.session == session
        assert turn.counts == []
        assert turn.replies[0].show is Show.MOVE  # it was another message, so the present one is brought


def test_skips_are_counted_in_each_part() -> None:
    skipped = answered([None] + [3, 1] * 10 + [3])
    session = tap(skipped, f"q1:1:{DONE}:e", later(300)).session
    assert quiz(answered([None], session)).answers[FORM.more[0]] is None


def test_the_quicker_part_counts_as_hurried() -> None:
    calm = extended([2, 4, 1] * 7 + [2])
    hurried = quiz(calm).model_copy(update={"extended_at": later(1000), "completed_at": later(1010)})
    slow = tap(calm, f"q1:1:{COMPLETE}:m").replies[0].text.split("\n")
    fast = tap(Session(quiz=hurried, quiz_runs=1), f"q1:1:{COMPLETE}:m").replies[0].text.split("\n")
    assert slow[0] != fast[0]
    assert slow[1:] == fast[1:]  # silent: the range alone


# --- why


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=40, deadline=None)
def test_why_adds_up(seed: int, both: bool) -> None:
    session = holding(vector(seed, asked=WHOLE if both else FORM.order))
    at = COMPLETE if both else DONE
    told = reply_to(session, "w", at=at).text
    findings = find(FORM, quiz(session).answers, None)
    lines = re.findall(r"• (.+): (\d+) of (\d+) → (\d+)", told)
    assert [name for name, *_ in lines] == [about.name for about in EN.dimensions.values()]
    for name, points, most, value in lines:
        assert abs(100 * int(points) / int(most) - int(value)) <= 0.5
        dimension = next(id_ for id_, about in EN.dimensions.items() if about.name == name)
        detail = reply_to(session, f"w{dimension}", at=at).text
        each = re.findall(r"^• \*\*(\d)\*\* of 4(, counted backwards)?\. “(.+)”: (.+)$", detail, re.MULTILINE)
        assert len(each) == (6 if both else 3)
        assert sum(int(got) for got, *_ in each) == int(points)
        for got, backwards, statement, option in each:
            item = next(id_ for id_, text in EN.statements.items() if text.rstrip(".") == statement)
            raw = EN.options.index(option)
            assert bool(backwards) == (item not in DIRECT)
            assert int(got) == (raw if item in DIRECT else 4 - raw)
    assert f"≈ **{findings.percent}**" in told
    assert f"{findings.low} to {findings.high}" in told


def test_why_tells_of_skips() -> None:
    answers = vector(3) | {"tech1": None}
    assert EN.statements["tech1"].rstrip(".") in reply_to(holding(answers), "wtech").text
    few = reply_to(holding(answers | {"tech2": None}), "w").text
    assert fill(EN.after.why_missing, name=EN.dimensions["tech"].name) in few


# --- what if


@given(st.integers(0, 10_000), st.sampled_from([dimension.id for dimension in FORM.dimensions]))
@settings(max_examples=60, deadline=None)
def test_what_if_recomputes_honestly(seed: int, dimension: str) -> None:
    answers = vector(seed)
    told = reply_to(holding(answers), f"i{dimension}").text
    raised = dict(answers)
    for id_ in (i for i in FORM.order if i.startswith(dimension)):
        raw = answers[id_] or 0
        raised[id_] = min(4, raw + 1) if id_ in DIRECT else max(0, raw - 1)
    now, then = find(FORM, answers, None), find(FORM, raised, None)
    if raised == answers:
        assert told == fill(EN.after.if_already, name=EN.dimensions[dimension].name)
        return
    assert f"from {now.percent}% to about {then.percent}%" in told
    assert f"between {max(0, then.percent - now.spread)} and {min(100, then.percent + now.spread)}" in told
    within = then.percent - now.percent <= now.spread
    assert fill(EN.after.if_within if within else EN.after.if_beyond, spread=now.spread) in told
    assert now.scores.total <= then.scores.total <= now.scores.total + Fraction(100, 24) + Fraction(1, 10)


def test_what_if_without_enough_answers() -> None:
    told = reply_to(holding(vector(3) | {"tech1": None, "tech2": None}), "itech").text
    assert told == fill(EN.after.if_unknown, name=EN.dimensions["tech"].name)


ASKED = {  # the last of each is another question
    "fr": (
        "et si je progressais en communication",
        "Et si je progressais en comunication ?",
        "si je veux un meilleur salaire ?",
    ),
    "en": ("and if I grow in communication?", "what if I improve my comunication", "what if my pizza improves"),
    "nl": (
        "en als ik beter word in communicatie?",
        "stel dat ik verbeter in comunicatie",
        "en als ik in een team beter betaald wil worden",
    ),
    "de": (
        "und wenn ich in Kommunikation besser werde?",
        "was wäre wenn ich in Komunikation zulege",
        "wenn es in dem Team besser bezahlt wird als hier",
    ),
}
WHY = {
    "fr": ("Pourquoi ce score ?", "pourquoi ce scor", "d'où vient mon score"),
    "en": ("why this score?", "why this scroe", "how was my score calculated?"),
    "nl": ("waarom deze score?", "warom deze score", "hoe is mijn score berekend?"),
    "de": ("warum dieses Ergebnis?", "warum dises Ergebnis", "wie kommt die Zahl zustande?"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_about_the_result_can_be_typed(language: str) -> None:
    session = finished()
    words, name = TEXTS[language].after, TEXTS[language].dimensions["comm"].name
    for said in ASKED[language][:2]:
        turn = desk().typed(session, said, language, NOW)
        assert turn is not None, said
        assert name in turn.replies[0].text.split("\n")[0]
        assert (turn.replies[0].show, turn.session) == (Show.MOVE, session)
    for said in WHY[language]:
        turn = desk().typed(session, said, language, NOW)
        assert turn is not None, said
        assert turn.replies[0].text.startswith(words.why.split("\n")[0])
    assert desk().typed(session, ASKED[language][2], language, NOW) is None
    for said in (*ASKED[language], *WHY[language]):
        assert desk().typed(begun(), said, language, NOW) is None  # in the middle of the quiz it is no answer


@pytest.mark.parametrize(
    "said",
    ["what if the company goes bankrupt?", "why is the pay so high", "if I want to become a CTO, what should I study?",
     "how stressful is it?", "why", "what does a better salary need", "save", "delete", "keep", "deletee my result"],
)  # fmt: skip
def test_other_questions_are_left_to_the_adviser(said: str) -> None:
    for session in (finished(), tap(finished(), f"q1:1:{DONE}:n").session):
        turn = desk().typed(session, said, "en", NOW)
        assert turn is None or (turn.session == session and said == "delete")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_function_can_be_typed(language: str) -> None:
    session, texts = finished(), TEXTS[language]
    for name, phrases in texts.typed.functions.items():
        for said in (texts.buttons[name], *phrases):
            assert desk().typed(session, said, language, NOW) is not None, said


def test_nothing_that_is_said_of_an_answer_is_taken_for_the_result(advisor: Advisor, knowledge: Knowledge) -> None:
    talk = SmallTalk(knowledge)
    for language in LANGUAGES:
        for phrases in TEXTS[language].typed.functions.values():
            for said in phrases:
                meant = talk.read(words(said))
                assert meant is None or meant.guessed or meant.intent == "quiz", (said, meant)
    session = tap(finished(), f"q1:1:{DONE}:n").session
    for text in ("what does a CTO earn in Belgium?", "more", "why?", "thanks"):
        turn = advisor.respond(session, Incoming(event=Text(text=text), language_code="en"), later(600))
        assert all(reply.kind is not Kind.QUIZ for reply in turn.replies), text
        session = turn.session
    assert session.quiz is not None


def test_a_question_amid_the_second_part_is_answered_and_the_quiz_goes_on(advisor: Advisor) -> None:
    session = extended([1, 2])
    event = Incoming(event=Text(text="combien gagne un CTO en Belgique ?"), language_code="en")
    answer, question = advisor.respond(session, event, later(900)).replies
    assert answer.kind is Kind.ANSWER
    assert (question.slot, question.show, question.language) == ("quiz:1:more", Show.MOVE, "fr")
    assert question.text.startswith(f"{LAST + 3}/{ALL}\n")


def test_controls_at_the_end_are_answered() -> None:
    for said, state in (("back", "asking"), ("stop", "situation"), ("pause", "situation"), ("help", "situation")):
        turn = desk().typed(finished(), said, "en", NOW)
        assert turn is not None
        assert quiz(turn.session).state == state
    for letter in "pqu":
        for session in (finished(), tap(finished(), f"q1:1:{DONE}:n").session):
            assert reply_to(session, letter).text == fill(EN.after.over, hours=72)


# --- does it look like you


def test_a_judgement_is_counted_once_and_without_the_person() -> None:
    first = tap(finished(), f"q1:1:{DONE}:lpartly")
    assert first.counts == [f"{FORM.tag}.short.partly"]
    assert len(first.counts[0]) <= 64
    [thanks] = first.replies
    assert (thanks.slot, thanks.show) == ("quiz:1:card", Show.EDIT)
    assert thanks.text.endswith(EN.after.looks_thanks)
    assert [button.data for button in buttons(thanks)] == [f"q1:1:{DONE}:o"]
    for letter in ("lpartly", "lyes", "lno", "lmaybe"):
        again = tap(first.session, f"q1:1:{DONE}:{letter}")
        assert (again.counts, again.session) == ([], first.session)
    assert tap(finished(), f"q1:1:{DONE}:lmaybe").counts == []
    whole = tap(extended([2, 4] * 11), f"q1:1:{COMPLETE}:lyes")
    assert whole.counts == [f"{FORM.tag}.extended.yes"]


# --- pictures


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_own_picture_says_what_its_caption_says(language: str) -> None:
    texts = TEXTS[language]
    for seed in range(40):
        session = holding(vector(seed))
        _, picture, _ = tap(session, f"q1:1:{DONE}:m", language=language).replies
        card = picture.card
        assert isinstance(card, ResultCard)
        assert len(picture.text) <= 1024
        for spoke in card.spokes:
            assert f"{spoke.name} {spoke.value}" in picture.text
        for figure in (card.percent, card.low, card.high):
            assert str(figure) in picture.text
        assert all(name in picture.text for name in card.types)
        assert card.date == write_date("2026-03-01", language)
        assert card.note == texts.result.disclaimer
        assert Reply.model_validate_json(picture.model_dump_json()) == picture


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_to_share_gives_nothing_away(language: str) -> None:
    for seed in range(40):
        session = holding(vector(seed))
        shared = reply_to(session, "o", language)
        card = shared.card
        assert isinstance(card, ShareCard)
        findings = find(FORM, quiz(session).answers, None)
        drawn = card.model_dump_json()
        assert not re.search(r"\d{2,}|%", drawn)  # no figure, no date
        names = {TEXTS[language].dimensions[s.dimension].name for s in findings.strengths}
        assert set(card.strengths) == names
        told = [TEXTS[language].dimensions[id_].name for id_ in findings.growth]
        assert not any(name in drawn for name in told)  # no weak side
        corners = [type_.id for type_ in FORM.types]
        chosen = findings.closest.types if findings.closest else ()
        assert {card.types[place] for place in card.chosen} == {TEXTS[language].types[id_].name for id_ in chosen}
        assert len(card.types) == len(corners)
        assert buttons(shared) == []


# --- keeping and comparing


def test_nothing_is_kept_without_a_tap() -> None:
    session = finished()
    for letter in ("w", "i", "o", "lyes", "n", "x"):
        session = tap(session, f"q1:1:{DONE}:{letter}").session
        assert session.kept is None
    assert desk().expire(session, NOW + 4 * DAY) == Session(quiz_runs=1)


def test_keeping_holds_scores_and_no_answer() -> None:
    turn = tap(finished(), f"q1:1:{DONE}:y", later(500))
    kept = turn.session.kept
    assert kept is not None
    assert set(kept.model_dump()) == {
        *("run", "version", "extended", "percent", "spread", "dimensions", "types", "situation", "kept_at")
    }
    assert set(kept.dimensions) == {dimension.id for dimension in FORM.dimensions}
    assert write_date("2027-03-01", "en") in turn.replies[0].text
    again = tap(turn.session, f"q1:1:{DONE}:y", later(600))
    assert again.session == turn.session
    assert again.replies[0].text == fill(EN.after.kept_already, date=write_date("2027-03-01", "en"))


def test_a_kept_result_goes_after_twelve_months() -> None:
    kept = tap(finished(), f"q1:1:{DONE}:y", later(500)).session
    assert FORM.limits.kept == 365  # the privacy notice says twelve months
    assert desk().expire(kept, later(500) + 365 * DAY).kept == kept.kept
    assert desk().expire(kept, later(501) + 365 * DAY).kept is None


def test_a_later_result_is_compared_with_the_kept_one() -> None:
    kept = tap(finished(), f"q1:1:{DONE}:y").session.kept
    assert kept is not None
    own = tap(Session(quiz=quiz(finished()), quiz_runs=1, kept=kept), f"q1:1:{DONE}:m").replies[0].text
    assert EN.after.compared_title not in own  # not with itself
    seen = set()
    for seed in range(120):
        session = holding(vector(seed, ((0, 1, 2, 3, 4), (0, 4))[seed % 2]), run=2)
        session.kept = kept
        text = tap(session, f"q1:2:{DONE}:m").replies[0].text
        change = compare(FORM, kept, find(FORM, quiz(session).answers, 130))
        figures = {"before": kept.percent, "after": kept.percent + change.by, "noise": change.noise}
        sentence = EN.after.compared_moved if abs(change.by) > change.noise else EN.after.compared_same
        assert fill(sentence, date=write_date("2026-03-01", "en"), **figures) in text
        moved = {id_ for id_, _ in change.dimensions}
        assert all(EN.dimensions[id_].name in text for id_ in moved)
        seen |= {abs(change.by) > change.noise, ("dimension", bool(moved))}
    assert {("dimension", True), ("dimension", False), False} <= seen


def test_the_noise_is_that_of_both_sittings() -> None:
    calm, mild = find(FORM, vector(5, (1, 2, 3)), 130), find(FORM, vector(6, (1, 2, 3), WHOLE), 130)
    kept = keep(calm, progress(vector(5, (1, 2, 3))), NOW)
    for findings in (calm, mild):
        noise = compare(FORM, kept, findings).noise
        assert noise == round((kept.spread**2 + findings.spread**2) ** 0.5)
    short = kept.model_copy(update={"spread": 10})
    assert compare(FORM, short, find(FORM, vector(5, (1, 2, 3)), 130)).noise in (14, 18)  # 14 is that of two calm ones
    near = short.model_copy(update={"percent": calm.percent + 14})
    assert not compare(FORM, near, calm).moved
    far = short.model_copy(update={"percent": calm.percent + 19})
    assert compare(FORM, far, calm).moved


def test_other_versions_are_not_compared() -> None:
    kept = tap(finished(), f"q1:1:{DONE}:y").session.kept
    assert kept is not None
    session = holding(vector(1), run=2)
    session.kept = kept.model_copy(update={"version": "affinity-1"})
    text = tap(session, f"q1:2:{DONE}:m").replies[0].text
    assert fill(EN.after.compared_other, date=write_date("2026-03-01", "en")) in text


def test_the_welcome_tells_of_a_kept_result() -> None:
    kept = desk().expire(tap(finished(), f"q1:1:{DONE}:y").session, NOW + 5 * DAY)
    assert kept.quiz is None
    welcome = desk().offer(kept, "en", NOW + 5 * DAY).replies[0]
    assert write_date("2026-03-01", "en") in welcome.text


# --- deleting and exporting


def test_deleting_asks_first_and_then_leaves_nothing() -> None:
    kept = tap(finished(), f"q1:1:{DONE}:y").session
    asked = tap(kept, f"q1:1:{DONE}:x")
    assert asked.session == kept
    yes, no = buttons(asked.replies[0])
    assert tap(kept, no.data).session == kept
    gone = tap(kept, yes.data)
    assert gone.session == Session(quiz_runs=1)
    assert tap(gone.session, yes.data).session == gone.session
    later_on = tap(gone.session, "q1:2:0:s").session
    assert tap(later_on, yes.data).session == later_on  # an old "yes" does not delete a new quiz


def test_the_export_holds_everything_and_can_be_read_back(advisor: Advisor) -> None:
    for language in LANGUAGES:
        session = tap(finished(), f"q1:1:{DONE}:y").session
        session.language = language
        turn = advisor.respond(session, Incoming(event=Command(name="export"), language_code=language), later(900))
        [reply] = turn.replies
        assert reply.document is not None
        assert len(reply.text) <= 1024
        held = json.loads(reply.document.content)
        assert Session.model_validate(held["session"]) == turn.session == session
        first = tap(session, f"q1:1:{DONE}:m", language=language).replies[0].text.split("\n")[0]
        assert [str(held["result"][name]) for name in ("percent", "low", "high")] == re.findall(r"\d+", first)
        assert reply.document.name.endswith(".json")


def test_the_export_of_a_new_chat(advisor: Advisor) -> None:
    turn = advisor.respond(Session(), Incoming(event=Command(name="export"), language_code="nl"), NOW)
    assert turn.replies[0].document is not None
    assert json.loads(turn.replies[0].document.content)["result"] is None


# --- two quizzes


def test_two_runs_never_mix() -> None:
    first = finished()
    second = answered([4, 4, 4], tap(first, "q1:2:0:s").session)
    for data in (*(f"q1:1:{DONE}:{letter}" for letter in "bwiyoe"), "q1:1:3:a1", f"q1:1:{DONE}:xyes", "q1:1:0:s"):
        assert tap(second, data).session == second
    assert list(quiz(second).answers.values()) == [4, 4, 4]


def test_a_new_quiz_closes_the_unfinished_one() -> None:
    turn = tap(answered([4, 3]), "q1:2:0:s")
    closed, question = turn.replies
    assert (closed.slot, closed.text, buttons(closed)) == ("quiz:1", EN.replaced, [])
    assert question.slot == "quiz:2"
