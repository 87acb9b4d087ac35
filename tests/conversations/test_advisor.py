"""What holds of every reply, whatever comes in and whatever is remembered."""

import re
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.telegram.rendering import html_of
from conversations.advisor import Advisor, answers_of, event_of
from conversations.buttons import LONGEST_DATA
from conversations.commands import MENU
from conversations.messages import Attachment, Command, Event, GroupCall, Incoming, Kind, Reply, Tap, Text, plain
from conversations.session import Dialogue, QuizProgress, Session, Turn
from conversations.smalltalk import SmallTalk
from knowledge.content import Knowledge
from knowledge.figures import place
from knowledge.folding import words

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TELEGRAM_TEXT = 4096
TELEGRAM_LABEL = 64
LANGUAGES = ("en", "fr", "nl", "de")

TYPED = (
    "hello", "merci beaucoup", "what does a CTO earn in Belgium?", "and in France?", "et à Paris ?", "more",
    "voor een starter?", "warum?", "the second one", "in English please", "quiz", "2", "4", "stop", "back", "zurück",
    "skip", "combien gagne un dentiste ?", "Google", "qwertz", "is it hard and what should I study?", "in Norway",
    "/quiz", "je suis d'accord", "what does he do there?", "in 2021", "with 5 years", "cto", "und in der Schweiz?",
)  # fmt: skip
TAPPED = (
    "e1:salary.belgium", "m1:salary.belgium", "m1:cons.stress", "e1:nothing", "c1:quiz", "c1:forget:yes",
    "c1:language:fr", "c1:start:salary_us", "c1:nothing", "q1:1:0:s", "q1:1:0:a4", "q1:1:1:a0", "q1:1:1:b",
    "q1:1:1:p", "q1:1:1:k", "q1:1:2:q", "q1:1:0:h", "q9:1", "", ":", "e1", "x" * 64,
)  # fmt: skip

EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Text, text=st.one_of(st.sampled_from(TYPED), st.text(max_size=80))),
    st.sampled_from(TYPED).map(event_of),
    st.builds(Tap, data=st.one_of(st.sampled_from(TAPPED), st.text(max_size=20))),
    st.builds(
        Command,
        name=st.one_of(st.sampled_from([*MENU, "settings", ""]), st.text(max_size=8)),
        argument=st.sampled_from(["", "quiz", "salary_france", "fr", "yes", "no", "{x}", "a b c"]),
    ),
    st.builds(Attachment, what=st.sampled_from(["photo", "voice", "other"])),
    st.just(GroupCall()),
)
CODES = st.sampled_from([None, *LANGUAGES, "pt-BR", "de-AT", "", "xx"])

OLD_SESSIONS = st.builds(
    Session,
    chosen_language=st.sampled_from(["", "fr", "it"]),
    language=st.sampled_from(["", "de", "sv"]),
    dialogue=st.builds(
        Dialogue,
        topic=st.sampled_from(["", "salary", "a-topic-of-yesterday"]),
        entry=st.sampled_from(["", "salary.belgium", "an.entry.of.yesterday"]),
        scope=st.dictionaries(
            st.sampled_from(["country", "city", "level", "mood"]),
            st.lists(st.sampled_from(["BE", "XX", "paris", "expert"]), max_size=2),
            max_size=3,
        ),
        choices=st.lists(st.sampled_from(["salary.us", "gone.entry"]), max_size=3),
    ),
    quiz=st.one_of(
        st.none(),
        st.builds(
            QuizProgress,
            run=st.integers(1, 3),
            version=st.sampled_from(["", "older"]),
            state=st.sampled_from(["asking", "paused", "situation", "result"]),
            step=st.integers(0, 30),
            started_at=st.just(NOW),
            updated_at=st.just(NOW),
        ),
    ),
    quiz_runs=st.integers(0, 3),
)


def assert_sound(turn: Turn) -> None:
    assert turn.replies
    for reply in turn.replies:
        assert reply.language in LANGUAGES
        assert reply.text.strip()
        assert len(html_of(reply)) <= TELEGRAM_TEXT
        assert 0 <= reply.confidence <= 1
        assert "{" not in reply.text + reply.source_line, "a placeholder was left open"
        assert reply.text.count("**") % 2 == 0
        for button in (button for row in reply.buttons for button in row):
            assert 0 < len(button.label) <= TELEGRAM_LABEL
            assert bool(button.data) != bool(button.url)
            assert len(button.data.encode()) <= LONGEST_DATA


@given(st.lists(st.tuples(EVENTS, CODES, st.integers(0, 30)), min_size=1, max_size=5))
def test_any_conversation_is_answered_soundly(advisor: Advisor, events: list[tuple[Event, str | None, int]]) -> None:
    session, now = Session(), NOW
    for event, code, hours in events:
        now += timedelta(hours=hours)
        before, incoming = session.model_dump_json(), Incoming(event=event, language_code=code)
        turn = advisor.respond(session, incoming, now)
        assert_sound(turn)
        assert session.model_dump_json() == before, "the session that was given has changed"
        assert advisor.respond(session, incoming, now) == turn, "the same event led to something else"
        assert Session.model_validate_json(turn.session.model_dump_json()) == turn.session
        session = turn.session


@given(OLD_SESSIONS, EVENTS, CODES)
def test_any_memory_is_coped_with(advisor: Advisor, session: Session, event: Event, code: str | None) -> None:
    """Also one of a chat that goes back to other content: entries, topics and a quiz that are no more."""
    before = session.model_dump_json()
    turn = advisor.respond(session, Incoming(event=event, language_code=code), NOW)
    assert_sound(turn)
    assert session.model_dump_json() == before


@pytest.mark.parametrize(
    "event",
    [*map(event_of, ("and in France?", "more", "why?", "the second one", "in French please", "what does he earn?",
      "what if I live in Lille?", "I have ten years of experience", "and the CEO?")),
     Tap(data="e1:an.entry.of.yesterday"), Tap(data="m1:an.entry.of.yesterday")],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("topic", ["gone", "salary"])
def test_what_is_remembered_may_be_gone(advisor: Advisor, event: Event, topic: str) -> None:
    dialogue = Dialogue(topic=topic, entry="an.entry.of.yesterday", scope={"mood": ["x"]}, choices=["gone.entry"])
    session = Session(language="it", chosen_language="sv", dialogue=dialogue)
    assert_sound(advisor.respond(session, Incoming(event=event), NOW))


@settings(max_examples=30)
@given(st.text(min_size=300, max_size=4096))
def test_any_long_message_is_answered(advisor: Advisor, text: str) -> None:
    assert_sound(advisor.respond(Session(), Incoming(event=Text(text=text)), NOW))


HANGING = 1.0
"""Seconds of work that no message may take, fifty times what the slowest do: this tells a hang, not a speed."""


SCRAPS = st.sampled_from(["cto", "xqzzvk", "salaire", "and", "et", "Brussels", "wrok", "lohn?", "12"])


@given(st.lists(SCRAPS | st.text(max_size=9), max_size=300))
@settings(max_examples=40)
@example(["and"] * 375)
@example(["belgiqeu"] * 160)
@example([f"zork{number}" for number in range(180)])
def test_no_message_takes_long(advisor: Advisor, words: list[str]) -> None:
    text = " ".join(words)[:1500]
    began = process_time()
    advisor.respond(Session(), Incoming(event=Text(text=text)), NOW)
    assert process_time() - began < HANGING


@pytest.mark.parametrize(
    "text",
    [
        "a" * 4096,
        "cto " * 1024,
        "\u0301" * 4096,
        "\u202e" * 500,
        "😀" * 2048,
        "?" * 4096,
        "\n" * 4096,
        "\ud800",
        "\x00",
    ],
    ids=["letters", "words", "accents", "directions", "emoji", "marks", "lines", "surrogate", "null"],
)
def test_odd_messages_are_answered(advisor: Advisor, text: str) -> None:
    assert_sound(advisor.respond(Session(), Incoming(event=Text(text=text)), NOW))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_and_every_button_under_it_leads_on(advisor: Advisor, knowledge: Knowledge, language: str) -> None:
    session = Session(language=language)
    for name, entry in knowledge.entries.items():
        turn = tapped(advisor, session, f"e1:{name}")
        (reply,) = turn.replies
        assert reply.entries == (name,)
        assert reply.kind is (Kind.RELATED if entry.kind == "gap" else Kind.ANSWER)
        assert reply.language == language
        assert set(reply.sources) == set(entry.sources)
        for button in (button for row in reply.buttons for button in row):
            onward = tapped(advisor, turn.session, button.data)
            assert_sound(onward)
            assert onward.replies[0].kind in (Kind.ANSWER, Kind.RELATED)
            assert onward.replies[0].language == language


def tapped(advisor: Advisor, session: Session, data: str) -> Turn:
    turn = advisor.respond(session, Incoming(event=Tap(data=data)), NOW)
    assert_sound(turn)
    return turn


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", [*MENU, "unknown"])
def test_every_button_of_every_command_leads_on(advisor: Advisor, language: str, command: str) -> None:
    turn = advisor.respond(Session(), Incoming(event=Command(name=command), language_code=language), NOW)
    assert {reply.language for reply in turn.replies} == {language}
    for button in (button for reply in turn.replies for row in reply.buttons for button in row):
        onward = tapped(advisor, turn.session, button.data)
        assert "e1:" not in button.data or onward.replies[0].entries == (button.data.removeprefix("e1:"),)


class Corpus:
    """Every line that a language's content may lead to, to tell whether a reply is written in that language."""

    def __init__(self, knowledge: Knowledge, language: str) -> None:
        texts = knowledge.languages[language]
        parts = [(entry.answer, entry.more) for entry in texts.entries.values()]
        placed = [place(text, knowledge.figures, language, texts.interface) for pair in parts for text in pair]
        says = [talk.reply for talk in texts.smalltalk.talk.values()]
        titles = [entry.title for entry in texts.entries.values()]
        whole = [*placed, *says, *titles, texts.career.welcome, *(f"• {line}" for line in texts.career.examples)]
        sentences = [line for text in (*texts.interface.values(), texts.career.help) for line in text.splitlines()]
        self._lines = {plain(line).strip() for text in (*whole, *sentences) for line in text.splitlines()}
        self._templates = [self._pattern(line) for line in sentences if len(re.sub(r"\{\w+\}", "", line)) > 15]
        self._source = self._pattern(texts.interface["source"])

    @staticmethod
    def _pattern(line: str) -> re.Pattern[str]:
        return re.compile(".+?".join(map(re.escape, re.split(r"\{\w+\}", plain(line).strip()))))

    def strangers(self, reply: Reply) -> list[str]:
        """The lines of a reply that the language does not have."""
        lines = [plain(line).strip() for line in reply.text.splitlines()]
        found = [line for line in lines if line and line not in self._lines and not self._fits(line)]
        source = reply.source_line
        return found if not source or self._source.fullmatch(source) else [*found, source]

    def _fits(self, line: str) -> bool:
        return any(template.fullmatch(line) for template in self._templates)


@pytest.fixture(scope="module")
def corpora(knowledge: Knowledge) -> dict[str, Corpus]:
    return {language: Corpus(knowledge, language) for language in LANGUAGES}


@given(st.lists(st.tuples(EVENTS, CODES), min_size=1, max_size=4))
def test_a_reply_is_written_in_its_language(
    advisor: Advisor, corpora: dict[str, Corpus], events: list[tuple[Event, str | None]]
) -> None:
    session = Session()
    for event, code in events:
        turn = advisor.respond(session, Incoming(event=event, language_code=code), NOW)
        for reply in turn.replies:
            if reply.kind is not Kind.QUIZ:
                assert corpora[reply.language].strangers(reply) == []
        session = turn.session


def test_another_language_is_noticed(advisor: Advisor, corpora: dict[str, Corpus]) -> None:
    reply = tapped(advisor, Session(language="fr"), "e1:salary.belgium").replies[0]
    assert corpora["fr"].strangers(reply) == []
    for other in ("en", "nl", "de"):
        assert len(corpora[other].strangers(reply)) == len([line for line in reply.text.splitlines() if line]) + 1


def test_a_typed_title_leads_to_its_entry(advisor: Advisor, knowledge: Knowledge) -> None:
    """What stands on a button may be typed as well; a title that is also small talk ("English") is left to that."""
    small = SmallTalk(knowledge)
    missed = []
    for language, texts in knowledge.languages.items():
        for name, entry in texts.entries.items():
            said = small.read(words(entry.title))
            if said is not None and not said.guessed:
                continue
            for typed in (entry.title, f"{entry.title.upper()} ?"):
                incoming = Incoming(event=Text(text=typed), language_code=language)
                (reply,) = advisor.respond(Session(), incoming, NOW).replies
                if (reply.entries, reply.language) != ((name,), language):
                    missed.append((language, name, typed))
    assert missed == []


def test_no_way_of_asking_is_taken_for_small_talk(advisor: Advisor, knowledge: Knowledge) -> None:
    """Short questions are the ones at risk: "net pay?" is not "nice"."""
    small = SmallTalk(knowledge)
    taken = []
    for language, texts in knowledge.languages.items():
        for name, entry in texts.entries.items():
            for phrasing in entry.ask:
                if len(words(phrasing)) > 4 or small.read(words(phrasing)) is None:
                    continue
                incoming = Incoming(event=Text(text=phrasing), language_code=language)
                if advisor.respond(Session(), incoming, NOW).replies[0].kind is Kind.SMALLTALK:
                    taken.append((language, name, phrasing))
    assert taken == []


def test_answers_stand_apart_from_the_question_that_comes_back(advisor: Advisor) -> None:
    started = tapped(advisor, Session(), "q1:1:0:s").session
    turn = advisor.respond(started, Incoming(event=Text(text="what does a CTO earn in Belgium?")), NOW)
    assert [reply.kind for reply in turn.replies] == [Kind.ANSWER, Kind.QUIZ]
    assert [reply.kind for reply in answers_of(turn)] == [Kind.ANSWER]
    quiz = tapped(advisor, Session(), "c1:quiz")
    assert answers_of(quiz) == quiz.replies


@pytest.mark.parametrize(
    ("typed", "event"),
    [
        ("/start", Command(name="start")),
        ("/start salary_us", Command(name="start", argument="salary_us")),
        ("/Start@Some_Bot  quiz ", Command(name="start", argument="quiz")),
        ("/language\nfr", Command(name="language", argument="fr")),
        ("/", Text(text="/")),
        ("/ help", Text(text="/ help")),
        ("/42", Text(text="/42")),
        ("help /me", Text(text="help /me")),
        ("", Text(text="")),
    ],
)
def test_typed_lines_as_events(typed: str, event: Event) -> None:
    assert event_of(typed) == event
