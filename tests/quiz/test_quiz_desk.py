"""The desk: what is offered, what a tap or a typed word does, and what must not do anything."""

from datetime import timedelta

import pytest
from quiz_helpers import FORM, LANGUAGES, LAST, NOW, TEXTS, answered, begun, buttons, desk, later, tap

from conversations.messages import Kind, Reply, Show
from conversations.session import QuizProgress, Session

EN = TEXTS["en"]


def quiz(session: Session) -> QuizProgress:
    assert session.quiz is not None
    return session.quiz


def typed(session: Session, text: str, language: str = "en") -> tuple[Session, list[Reply]] | None:
    turn = desk().typed(session, text, language, NOW)
    return None if turn is None else (turn.session, turn.replies)


def data(reply: Reply) -> list[str]:
    return [button.data for button in buttons(reply)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_remembered_before_start(language: str) -> None:  # P1
    session = Session()
    turn = desk().offer(session, language, NOW)
    assert turn.session == session
    [welcome] = turn.replies
    assert (welcome.kind, welcome.language, welcome.slot) == (Kind.QUIZ, language, "quiz:1")
    assert data(welcome) == ["q1:1:0:s", "q1:1:0:h", "c1:privacy"]
    for promised in ("22", "2", "72"):
        assert promised in welcome.text
    how = tap(session, "q1:1:0:h", language=language)
    assert how.session == session
    assert data(how.replies[0]) == ["q1:1:0:s"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_question(language: str) -> None:
    turn = tap(Session(), "q1:1:0:s", language=language)
    [reply] = turn.replies
    assert (reply.kind, reply.show, reply.slot, reply.language) == (Kind.QUIZ, Show.EDIT, "quiz:1", language)
    assert reply.text.startswith("1/22\n")
    assert TEXTS[language].statements[FORM.order[0]] in reply.text
    assert [[button.label for button in row] for row in reply.buttons[:5]] == [[o] for o in TEXTS[language].options]
    assert data(reply) == [f"q1:1:0:{action}" for action in ("a0", "a1", "a2", "a3", "a4", "k", "p", "u", "q")]


def test_a_tap_moves_on_in_place() -> None:
    turn = tap(begun(), "q1:1:0:a4", later(5))
    [reply] = turn.replies
    assert (reply.show, reply.slot) == (Show.EDIT, "quiz:1")
    assert quiz(turn.session).answers == {FORM.order[0]: 4}
    assert quiz(turn.session).updated_at == later(5)
    assert "q1:1:1:b" in data(reply)


def test_back_marks_the_old_answer() -> None:
    session = answered([4, None])
    shown = tap(tap(session, "q1:1:2:b").session, "q1:1:1:b").replies[0]
    labels = [button.label for button in buttons(shown)]
    assert [label for label in labels if label.startswith("✓")] == [f"✓ {EN.options[4]}"]
    skipped = tap(session, "q1:1:2:b").replies[0]
    assert [b.label for b in buttons(skipped) if b.label.startswith("✓")] == [f"✓ {EN.buttons['skip']}"]


def test_a_pair_shows_both_sides() -> None:
    session = answered([1, 3] * 9)
    reply = desk().again(session, "fr", NOW)
    assert reply is not None
    ends = TEXTS["fr"].pairs[FORM.order[18]]
    assert ends.first in reply.text
    assert ends.second in reply.text
    assert [button.label for button in buttons(reply)][:5] == list(TEXTS["fr"].pair_options)


@pytest.mark.parametrize(
    "stale", ["q1:1:0:a1", "q1:1:0:s", "q1:1:1:k", "q1:1:1:q", "q1:1:5:a1", "q1:1:122:gcto", "q1:1:122:b", "q1:1:122:w"]
)
def test_taps_on_other_steps_change_nothing(stale: str) -> None:
    session = answered([4, 3])
    turn = tap(session, stale, later(60))
    assert turn.session == session
    [reply] = turn.replies
    twice = stale.startswith("q1:1:1:")  # as a double tap is; any other button was on an old message
    assert (reply.show, reply.slot) == (Show.EDIT if twice else Show.MOVE, "quiz:1")
    assert reply.text.startswith("3/22")


@pytest.mark.parametrize(
    "old", ["q1:1:2:a1", "q1:1:0:s", "q1:1:2:q", "q1:1:2:m", "q1:7:2:a1", "q0:1:2:a1", "q1:x", "q9:"]
)
def test_old_buttons_get_a_polite_answer(old: str) -> None:
    session = tap(answered([4, 3]), "q1:2:0:s").session
    turn = tap(session, old, later(60))
    assert turn.session == session
    [reply] = turn.replies
    assert (reply.kind, reply.text, reply.show) == (Kind.QUIZ, EN.stale, Show.NEW)
    assert data(reply) == ["q1:2:0:m", "q1:3:0:s"]


def test_old_button_without_a_quiz_offers_to_start() -> None:
    turn = tap(Session(quiz_runs=3), "q1:3:7:a1")
    assert turn.session == Session(quiz_runs=3)
    assert (turn.replies[0].text, data(turn.replies[0])) == (EN.stale, ["q1:4:0:s"])
    assert quiz(tap(turn.session, "q1:4:0:s").session).run == 4


@pytest.mark.parametrize("other", ["", "e1:salary.belgium", "c1:help", "x", "quiz", "q", "1:q1:1:0:s"])
def test_other_buttons_are_left_alone(other: str) -> None:
    assert desk().tap(begun(), other, "en", NOW) is None


@pytest.mark.parametrize("bad", ["q1:1:0:a9", "q1:1:0:a", "q1:1:0:azz"])
def test_an_unknown_answer_counts_for_nothing(bad: str) -> None:
    assert tap(begun(), bad).session == begun()


def test_skip_is_allowed_once_in_each_group() -> None:
    tech = [place for place, id_ in enumerate(FORM.order) if id_.startswith("tech")]
    values: list[int | None] = [None if place == tech[0] else 2 for place in range(tech[1])]
    session = answered(values)
    refused = tap(session, f"q1:1:{tech[1]}:k")
    assert refused.session == session
    assert refused.replies[0].text.startswith(EN.skip_refused)
    back = session
    for step in range(tech[1], 0, -1):
        back = tap(back, f"q1:1:{step}:b").session
    assert tap(back, "q1:1:0:k").session != back  # the same one may be skipped again
    pairs = answered([2] * 18 + [None, None])
    assert tap(pairs, "q1:1:20:k").session == pairs


def test_pause_and_resume() -> None:
    session = answered([4, 3])
    paused = tap(session, "q1:1:2:p")
    assert quiz(paused.session).state == "paused"
    [note] = paused.replies
    assert (note.show, note.slot, data(note)) == (Show.EDIT, "quiz:1", ["q1:1:2:c", "q1:1:2:q"])
    assert desk().again(paused.session, "en", NOW) is None
    assert desk().typed(paused.session, "4", "en", NOW) is None
    assert desk().typed(paused.session, "yes", "en", NOW) is None
    assert tap(paused.session, "q1:1:2:a1").session == paused.session  # a tap that raced the pause
    resumed = tap(paused.session, "q1:1:2:c")
    assert resumed.replies[0].show is Show.EDIT
    assert quiz(resumed.session).answers == quiz(session).answers
    far = tap(paused.session, "q1:1:2:m")
    assert (far.replies[0].show, quiz(far.session).state) == (Show.MOVE, "asking")
    by_word = typed(paused.session, "resume")
    assert by_word is not None
    assert by_word[1][0].show is Show.MOVE


def test_quit_deletes_everything_but_the_count() -> None:
    turn = tap(answered([4, 3]), "q1:1:2:q")
    assert turn.session == Session(quiz_runs=1)
    [reply] = turn.replies
    assert (reply.text, reply.slot, reply.show, data(reply)) == (EN.quit, "quiz:1", Show.EDIT, ["q1:2:0:s"])


def test_offer_knows_where_one_is() -> None:
    asking = answered([4, 3])
    turn = desk().offer(asking, "en", NOW)
    assert turn.session == asking
    assert "3" in turn.replies[0].text
    assert data(turn.replies[0]) == ["q1:1:2:m", "q1:2:0:s", "q1:2:0:h", "c1:privacy"]
    done = desk().offer(answered([1, 3] * 11), "en", NOW).replies[0]
    assert done.text.startswith(EN.welcome_done[:20])
    assert data(done) == ["q1:1:122:m", "q1:2:0:s", "q1:2:0:h", "c1:privacy"]


def test_the_end_and_what_follows() -> None:
    turn = tap(answered([1, 3] * 10 + [1]), f"q1:1:{LAST - 1}:a3", later(200))
    page, picture, question = turn.replies
    assert (page.slot, page.show) == ("quiz:1", Show.EDIT)
    assert (picture.slot, picture.show) == ("quiz:1:card", Show.MOVE)
    assert (question.slot, question.show, question.text) == ("quiz:1:next", Show.MOVE, EN.situation_question)
    assert quiz(turn.session).finished_at == later(200)
    assert data(page)[-2:] == ["q1:1:122:b", "q1:2:0:s"]
    chosen = tap(turn.session, "q1:1:122:gdeveloper")
    again = tap(chosen.session, "q1:1:122:gmanager")
    assert again.session == chosen.session
    assert again.replies == chosen.replies
    none = tap(turn.session, "q1:1:122:n")
    assert (none.replies[0].text, data(none.replies[0])) == (
        EN.situation_none,
        [*(f"q1:1:122:{letter}" for letter in "wiey"), "c1:export", "q1:1:122:x"],
    )
    for state in (none, turn):
        brought = tap(state.session, "q1:1:122:m")
        assert [reply.slot for reply in brought.replies] == ["quiz:1", "quiz:1:card", "quiz:1:next"]
        assert {reply.show for reply in brought.replies} == {Show.MOVE}


def test_the_last_answer_can_be_mended() -> None:
    done = answered([1, 3] * 11)
    back = tap(done, "q1:1:122:b")
    assert (quiz(back.session).state, quiz(back.session).finished_at) == ("asking", None)
    assert quiz(answered([3], back.session)).answers == quiz(done).answers


def test_redo_begins_a_new_run_once() -> None:
    done = answered([1, 3] * 11)
    first = tap(done, "q1:2:0:s")
    second = tap(first.session, "q1:2:0:s")
    assert (quiz(first.session).run, quiz(first.session).answers) == (2, {})
    assert second.session == first.session
    assert second.replies[0].show is Show.EDIT


def test_expiry_after_72_hours() -> None:
    session = answered([4, 3])
    edge = quiz(session).updated_at + timedelta(hours=72)
    assert desk().expire(session, edge) == session
    after = edge + timedelta(seconds=1)
    assert desk().expire(session, after) == Session(quiz_runs=1)
    assert desk().again(session, "en", after) is None
    assert desk().typed(session, "4", "en", after) is None
    turn = tap(session, "q1:1:2:a1", after)
    assert (turn.session, turn.replies[0].text) == (Session(quiz_runs=1), EN.stale)
    assert desk().offer(session, "en", after).session == Session(quiz_runs=1)
    assert desk().expire(answered([1, 3] * 11), later(80 * 3600)).quiz is None  # a finished one goes too


def test_a_changed_definition_ends_old_runs() -> None:
    session = begun()
    quiz(session).version = "short-0"
    assert desk().expire(session, NOW) == Session(quiz_runs=1)


def test_a_new_language_keeps_the_answers() -> None:
    session = answered([4, 3])
    turn = tap(session, "q1:1:2:a1", language="de")
    assert turn.replies[0].language == "de"
    assert TEXTS["de"].statements[FORM.order[3]] in turn.replies[0].text
    assert list(quiz(turn.session).answers.values()) == [4, 3, 1]


def test_the_question_comes_back_after_an_interruption() -> None:
    session = answered([4, 3])
    reply = desk().again(session, "en", NOW)
    assert reply is not None
    assert (reply.show, reply.slot) == (Show.MOVE, "quiz:1")
    assert reply.text.startswith("3/22")
    assert desk().again(Session(), "en", NOW) is None
    assert desk().again(answered([1, 3] * 11), "en", NOW) is None
