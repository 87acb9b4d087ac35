"""Whole walks: every state has a way on, and no order of taps loses or invents an answer."""

from collections import deque
from datetime import datetime, timedelta

import pytest
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
    buttons,
    desk,
    later,
    tap,
    vector,
)

from conversations.messages import Kind, Reply, plain
from conversations.quiz.machine import order, place, seconds
from conversations.session import Session, Turn

Node = tuple[str, int, bool, bool, bool]
EXPIRY = timedelta(hours=FORM.limits.expiry)


def node(session: Session) -> Node:
    """A state of the machine, the answers left out but for whether something was skipped."""
    quiz = session.quiz
    if quiz is None:
        return "none", 0, False, False, session.kept is not None
    return quiz.state, quiz.step, quiz.extended, None in quiz.answers.values(), session.kept is not None


@pytest.fixture(scope="module")
def machine_graph() -> tuple[dict[Node, dict[str, Node]], dict[Node, list[Reply]]]:
    """Every state that can be reached, with where each button leads from it, and what was shown on arrival.

    In each state every control and answer is tapped, whether on offer or not, and every button on offer.
    """
    start = Session()
    seen: dict[Node, Session] = {node(start): start}
    shown = {node(start): desk().offer(start, "en", NOW).replies}
    edges: dict[Node, dict[str, Node]] = {}
    queue = deque([node(start)])
    while queue:
        here = queue.popleft()
        session = seen[here]
        quiz = session.quiz
        run, at = (quiz.run, place(quiz)) if quiz else (session.quiz_runs, 0)
        letters = ("a2", "b", "k", "p", "q", "u", "c", "m", "gcto", "n", "h", "e", "w", "i", "lyes", "o", "y", "xyes")
        ways = {f"q1:{run}:{at}:{letter}" for letter in letters} | {f"q1:{session.quiz_runs + 1}:0:s"}
        ways |= {button.data for reply in shown[here] for button in buttons(reply) if button.data.startswith("q1:")}
        edges[here] = {}
        for data in sorted(ways):
            turn = tap(session, data)
            for reply in turn.replies:
                assert reply.kind is Kind.QUIZ
                assert reply.text
            there = node(turn.session)
            edges[here][data] = there
            if there not in seen and turn.session.quiz_runs < 3:
                seen[there] = turn.session
                shown[there] = standing(turn)
                queue.append(there)
    return edges, shown


def standing(turn: Turn) -> list[Reply]:
    """What stands in the chat: the replies, or the whole result where one is there and something else was shown."""
    quiz = turn.session.quiz
    if quiz is None or quiz.state not in ("situation", "result"):
        return turn.replies
    return tap(turn.session, f"q1:{quiz.run}:{place(quiz)}:m").replies


Graph = tuple[dict[Node, dict[str, Node]], dict[Node, list[Reply]]]


def reaching(edges: dict[Node, dict[str, Node]], goal: set[Node]) -> set[Node]:
    """The states from which one of these can be reached."""
    arrived = set(goal)
    while more := {here for here, ways in edges.items() if set(ways.values()) & arrived} - arrived:
        arrived |= more
    return arrived


def test_every_state_answers_and_leads_to_the_result(machine_graph: Graph) -> None:  # F1
    edges, _ = machine_graph
    assert {state for state, *_ in edges} == {"none", "asking", "paused", "situation", "result"}
    for extended, steps in ((False, range(LAST)), (True, range(ALL))):
        for state in ("asking", "paused"):
            assert {step for name, step, longer, _, _ in edges if (name, longer) == (state, extended)} == set(steps)
    whole = set(edges)
    assert reaching(edges, {here for here in edges if here[0] == "situation" or here[0] == "result"}) == whole
    assert reaching(edges, {here for here in edges if here[2] and here[1] == ALL}) == whole
    assert reaching(edges, {here for here in edges if here[0] == "none"}) == whole


def test_every_state_offers_a_way_on_and_a_way_out(machine_graph: Graph) -> None:  # F1
    edges, shown = machine_graph
    for here, replies in shown.items():
        offered = {button.data for reply in replies for button in buttons(reply)}
        assert {edges[here][data] for data in offered & set(edges[here])} - {here}, here
        if here[0] in ("asking", "paused"):
            assert any(data.endswith(":q") for data in offered), here
        if here[0] in ("situation", "result"):
            assert any(data.endswith(":x") for data in offered) or here[0] == "situation", here


def test_a_dead_end_would_be_noticed(machine_graph: Graph) -> None:
    edges, _ = machine_graph
    cut = {
        here: {data: there for data, there in ways.items() if not data.endswith(":c")} for here, ways in edges.items()
    }
    cut = {
        here: {d: t for d, t in ways.items() if here[0] != "paused" or t[0] == "paused"} for here, ways in cut.items()
    }
    assert reaching(cut, {here for here in cut if here[0] == "result"}) != set(cut)


def test_the_way_on_is_always_on_a_button() -> None:
    for state in (answered([2]), tap(answered([2]), "q1:1:1:p").session, answered([1, 3] * 11), Session()):
        reply = desk().offer(state, "en", NOW).replies[0]
        assert tap(state, buttons(reply)[0].data).session.quiz is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_lengths_and_buttons_of_a_whole_walk(language: str) -> None:  # S1
    session = Session(quiz_runs=999_998)
    turn = desk().offer(session, language, NOW)
    shown = [*turn.replies, *tap(session, "q1:999999:0:h", language=language).replies]
    turn = tap(session, "q1:999999:0:s", language=language)
    shown += turn.replies
    for step in range(LAST):
        for action in ("b", "k", "p"):
            shown += tap(turn.session, f"q1:999999:{step}:{action}", language=language).replies
        turn = tap(turn.session, f"q1:999999:{step}:a{step % 5}", language=language)
        shown += turn.replies
    for situation in FORM.situations:
        shown += tap(turn.session, f"q1:999999:{DONE}:g{situation.id}", language=language).replies
    functions = ("w", "i", "o", "y", "lyes", "x", "xyes", "xno", "u", "p", *("w" + d.id for d in FORM.dimensions))
    for letter in (*functions, *("i" + d.id for d in FORM.dimensions)):
        shown += tap(turn.session, f"q1:999999:{DONE}:{letter}", language=language).replies
    turn = tap(turn.session, f"q1:999999:{DONE}:e", language=language)
    for step in range(LAST, ALL):
        turn = tap(turn.session, f"q1:999999:{step}:a{step % 5}", language=language)
        shown += turn.replies
    for dimension in FORM.dimensions:
        shown += tap(turn.session, f"q1:999999:{100 + ALL}:w{dimension.id}", language=language).replies
    assert len(shown) > 5 * LAST
    for reply in shown:
        assert reply.language == language
        assert 0 < len(plain(reply.text)) <= (1024 if reply.card else 4096)
        assert "{" not in reply.text
        assert len(reply.buttons) <= 8
        for button in buttons(reply):
            assert len(button.data.encode("ascii")) <= 64
            assert 0 < len(button.label) <= 34


def test_stopping_and_starting_at_every_step() -> None:  # F3
    values = [None if step == 7 else (3 * step) % 5 for step in range(LAST)]
    session = answered([], None)
    for step, value in enumerate(values):
        stored = session.model_dump_json()
        session = Session.model_validate_json(stored)
        assert session.model_dump_json() == stored
        action = "k" if value is None else f"a{value}"
        session = tap(session, f"q1:1:{step}:{action}", later(6 * (step + 1))).session
    assert session == answered(values)
    assert session.quiz is not None
    assert seconds(session.quiz) == 6 * LAST


@given(st.integers(0, 10_000), st.integers(0, LAST - 1), st.integers(1, LAST))
@settings(max_examples=40, deadline=None)
def test_back_and_forward_again_changes_nothing(seed: int, turning: int, steps: int) -> None:  # F2
    values = [vector(seed)[id_] for id_ in FORM.order]
    straight = answered(values)
    session = answered(values[: turning + 1])
    for _ in range(min(steps, turning + 1)):
        assert session.quiz is not None
        session = tap(session, f"q1:1:{session.quiz.step}:b").session
    assert session.quiz is not None
    session = answered(values[session.quiz.step :], session)
    assert session.quiz is not None
    assert straight.quiz is not None
    assert session.quiz.answers == straight.quiz.answers
    one, other = (desk().tap(s, f"q1:1:{DONE}:m", "fr", later(400)) for s in (session, straight))
    assert one is not None
    assert other is not None
    assert one.replies == other.replies


class Model:
    """The quiz as a person would keep it on paper, to compare with."""

    def __init__(self) -> None:
        self.state, self.step, self.run = "none", 0, 0
        self.sheet: dict[str, int | None] = {}
        self.touched = NOW
        self.total = LAST
        self.asked = False

    def skippable(self) -> bool:
        here = WHOLE[self.step]
        part = FORM.order if self.step < LAST else FORM.more
        same = [id_ for id_ in part if FORM.group(id_) == FORM.group(here) and id_ != here]
        return not any(self.sheet.get(id_, 0) is None for id_ in same)

    def begin(self) -> None:
        self.state, self.step, self.sheet, self.run = "asking", 0, {}, self.run + 1
        self.total, self.asked = LAST, False

    def place(self) -> int:
        return self.step + 100 * (self.state in ("situation", "result"))

    def end(self) -> None:
        self.state = "result" if self.asked else "situation"

    def write(self, value: int | None) -> None:
        self.sheet[WHOLE[self.step]] = value
        self.step += 1
        if self.step == self.total:
            self.end()

    def apply(self, action: str, value: int) -> bool:
        """Does it on paper; whether it was something that counts."""
        asking, done = self.state == "asking", self.state in ("situation", "result")
        match action:
            case "answer" | "type" if asking:
                self.write(value)
            case "skip" if asking and self.skippable():
                self.write(None)
            case "back" if (asking or done) and self.step > 0:
                self.step, self.state = self.step - 1, "asking"
            case "pause" if asking:
                self.state = "paused"
            case "resume" if self.state == "paused":
                self.state = "asking"
            case "quit" if (asking or self.state == "paused") and self.total == ALL:
                self.total, self.step = LAST, LAST
                self.sheet = {id_: self.sheet[id_] for id_ in FORM.order}
                self.end()
            case "quit" if asking or self.state == "paused":
                self.state, self.step, self.sheet = "none", 0, {}
            case "situation" if self.state == "situation":
                self.state, self.asked = "result", True
            case "extend" if done and self.total == LAST:
                self.total, self.state = ALL, "asking"
            case "start":
                self.begin()
            case _:
                return False
        return True


ACTIONS = ["answer"] * 12 + ["type"] * 3 + ["skip", "back", "back", "pause", "resume", "resume", "situation"]
ACTIONS += ["double", "double", "stale", "question", "interrupt", "wait", "language", "quit", "start", "extend"]
ACTIONS += ["ask", "elsewhere"]
LETTERS = {"answer": "a", "skip": "k", "back": "b", "pause": "p", "resume": "c", "quit": "q", "situation": "g"}
LETTERS |= {"extend": "e"}
ASKING = ("w", "i", "o", "wtech", "icomm", "u", "x", "xno")


@given(
    st.sampled_from([0, 0, 20, 22, 30]), st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 4)), max_size=60)
)
@settings(max_examples=150, deadline=None)
def test_random_walks_keep_the_answer_sheet(answered_before: int, moves: list[tuple[str, int]]) -> None:
    """Taps, typed answers, duplicates, stale buttons, questions, clock jumps, restarts at each step."""
    model, session, now, language = Model(), tap(Session(), "q1:1:0:s").session, NOW, "en"
    model.begin()
    for step in range(answered_before):
        if step == LAST:
            session = tap(session, f"q1:1:{DONE}:e").session
            model.apply("extend", 0)
        session = tap(session, f"q1:1:{step}:a{step % 5}").session
        model.apply("answer", step % 5)
    last = "q1:1:0:s"
    for action, value in moves:
        now += timedelta(seconds=7)
        turn = None
        if action == "wait":  # sometimes forward beyond the promise, sometimes a clock set back
            now += (timedelta(hours=1), timedelta(hours=71), timedelta(hours=80), -timedelta(hours=5), timedelta())[
                value
            ]
        if model.state != "none" and now - model.touched > EXPIRY:
            model.state, model.step, model.sheet, model.total = "none", 0, {}, LAST
        before = model.run, model.step
        counted = False
        if action in LETTERS:
            argument = {"answer": str(value), "situation": FORM.situations[value].id}.get(action, "")
            last = f"q1:{model.run}:{model.place()}:{LETTERS[action]}{argument}"
            counted = model.apply(action, value)
            turn = desk().tap(session, last, language, now)
        elif action == "type":
            turn = desk().typed(session, str(value + 1), language, now)
            counted = model.apply("type", value)
            assert (turn is not None) == counted
        elif action == "start":
            model.begin()
            counted = True
            turn = desk().tap(session, f"q1:{model.run}:0:s", language, now)
        elif action == "double":
            if (model.run, model.place()) != tuple(
                int(part) for part in last.split(":")[1:3]
            ) and model.state != "none":
                turn = desk().tap(session, last, language, now)
        elif action == "ask":
            turn = desk().tap(
                session, f"q1:{model.run}:{model.place()}:{ASKING[(value + model.step) % 8]}", language, now
            )
        elif action == "elsewhere":  # a button of the other part's result
            other = DONE if model.total == ALL or model.state != "result" else COMPLETE
            if other != model.place():
                turn = desk().tap(session, f"q1:{model.run}:{other}:{'bekqpy'[value]}", language, now)
        elif action == "stale":
            turn = desk().tap(session, f"q1:{model.run - 1}:{model.step}:a{value}", language, now)
        elif action == "question":
            turn = desk().typed(session, "how stressful is it?", language, now)
            assert turn is None
        elif action == "interrupt":
            again = desk().again(session, language, now)
            assert (again is not None) == (model.state == "asking")
        elif action == "language":
            language = LANGUAGES[value % 4]
        session = turn.session if turn else desk().expire(session, now)
        if counted:
            model.touched = now
        session = restarted(session)
        compare(model, session, now, before)


def restarted(session: Session) -> Session:
    """The session after the process was stopped and started."""
    again = Session.model_validate_json(session.model_dump_json())
    assert again == session
    return again


def compare(model: Model, session: Session, now: datetime, before: tuple[int, int]) -> None:
    """The session says what the paper says."""
    assert session.quiz_runs == model.run
    if model.state == "none":
        assert session.quiz is None
        return
    quiz = session.quiz
    assert quiz is not None
    assert (quiz.state, quiz.step, quiz.run, quiz.answers) == (model.state, model.step, model.run, model.sheet)
    assert quiz.updated_at == model.touched
    assert abs(quiz.step - before[1]) <= 1 or quiz.run != before[0] or quiz.step in (0, LAST)
    if quiz.state in ("situation", "result"):
        assert set(quiz.answers) == set(order(FORM, quiz))
        turn = desk().tap(session, f"q1:{quiz.run}:{place(quiz)}:m", "en", now)
        assert turn is not None
        assert turn.replies[0].text.startswith(TEXTS["en"].result.headline[:10])


def test_arguments_are_never_changed() -> None:
    session = answered([4, 3])
    copy = session.model_copy(deep=True)
    for data in ("q1:1:2:a1", "q1:1:2:b", "q1:1:2:k", "q1:1:2:p", "q1:1:2:q", "q1:2:0:s", "q1:9:9:a1"):
        turn = tap(session, data, later(50))
        assert turn.session is not session
        if turn.session.quiz is not None:
            turn.session.quiz.answers["tech1"] = 0
        assert session == copy
    desk().typed(session, "4", "en", later(50))
    desk().expire(session, later(10**6))
    assert session == copy
