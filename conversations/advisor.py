"""The adviser: one event and the chat's memory in, the new memory and the replies out. Pure and deterministic.

It tries in a fixed order: command, button, quiz answer, small talk, follow-up, knowledge, question back, refusal.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from conversations import buttons, commands
from conversations.answering import Answers
from conversations.dialogue import Dialogues
from conversations.messages import Attachment, Command, GroupCall, Incoming, Kind, Reply, Tap, Text
from conversations.quiz.desk import QuizDesk
from conversations.session import Session, Turn
from conversations.smalltalk import Said, SmallTalk
from knowledge.content import Knowledge
from knowledge.folding import fold, words
from knowledge.matching.matcher import Match
from knowledge.phrasings import TALK
from knowledge.understanding import Message, Understanding

TOO_LONG = 1500
"""Characters from which a message is asked for in short."""


SHORT = 12
"""Letters from which a message changes the language of a conversation; the fewer there are, the less they tell."""


class Advisor:
    """Answers whatever a person sends. Made once; holds no memory of any chat."""

    def __init__(self, knowledge: Knowledge, understanding: Understanding, *, contact: str = "") -> None:
        texts = {name: language.quiz for name, language in knowledge.languages.items()}
        self._knowledge = knowledge
        self._understanding = understanding
        self._answers = Answers(knowledge)
        self._desk = QuizDesk(knowledge.quiz, texts)
        self._smalltalk = SmallTalk(knowledge)
        self._titles = {
            language: {fold(entry.title): name for name, entry in parts.entries.items()}
            for language, parts in knowledge.languages.items()
        }
        self._dialogues = Dialogues(knowledge, understanding, self._answers)
        self._commands = commands.Commands(knowledge, self._answers, self._desk, contact)

    def prepare(self) -> None:
        """Loads what is loaded late (a second, on whatever thread), so that no answer has to wait for it."""
        self._understanding.prepare()

    def respond(self, session: Session, incoming: Incoming, now: datetime) -> Turn:
        """The chat's memory after the event, and what to send. ``session`` itself is left as it is."""
        session = self._desk.expire(session.model_copy(deep=True), now)
        language = self._expected(session, incoming.language_code)[0]
        match incoming.event:
            case Command() as command:
                turn = self._command(session, command, language, now)
            case Tap(data=data):
                turn = self._tap(session, data, language, now)
            case Text(text=text):
                turn = self._typed(session, text, incoming.language_code, now)
            case Attachment():
                turn = self._simple(session, Kind.FALLBACK, "attachment", language)
            case GroupCall():
                turn = self._commands.group(session, language)
        return self._with_quiz_again(turn, incoming, now)

    def apologise(self, session: Session, incoming: Incoming) -> Reply:
        """What to say where an event could not be answered because of a fault of ours."""
        language = self._expected(session, incoming.language_code)[0]
        return self._simple(session, Kind.FALLBACK, "failed", language).replies[0]

    def expire(self, session: Session, now: datetime) -> Session:
        """The session without what is kept no longer: a quiz that was left too long ago."""
        return self._desk.expire(session, now)

    def _typed(self, session: Session, text: str, language_code: str | None, now: datetime) -> Turn:
        expected = self._expected(session, language_code)
        if len(text) > TOO_LONG:
            language = self._understanding.read(text, expected).language
            return self._simple(session, Kind.FALLBACK, "too_long", language)
        turn = self._desk.typed(session, text, expected[0], now)
        if turn is not None:
            return turn
        message = self._understanding.read(text, expected)
        if session.language and sum(letter.isalpha() for letter in text) < SHORT:
            message = replace(message, language=expected[0])
        said = self._smalltalk.read(words(text))
        if said is not None and not said.guessed:
            return self._said(session, said, expected, now)
        titled = self._titled(text, (expected[0], message.language))
        if titled is not None:
            return self._dialogues.tell(session, *titled, now)
        matches = self._understanding.rank(message)
        if said is not None and not self._has_a_subject(message, matches):
            return self._said(session, said, expected, now)
        if self._only_talks(message, matches):
            session.language = message.language
            return self._talk(session, matches[0].topic.removeprefix(TALK), message.language, now)
        if len(self._knowledge.languages) > 1:
            session.language = message.language
        skipped = self._smalltalk.without_greeting(message.words)
        if skipped:
            message = self._understanding.part(message, skipped, len(message.words))
            matches = self._understanding.rank(message)
        return self._dialogues.answer(session, message, matches, text, now)

    def _titled(self, text: str, languages: Sequence[str]) -> tuple[str, str] | None:
        """The entry whose button's words were typed, and their language."""
        written = fold(text)
        found = ((self._titles[language].get(written), language) for language in languages)
        return next(((name, language) for name, language in found if name), None)

    def _only_talks(self, message: Message, matches: Sequence[Match]) -> bool:
        """Whether a message that names no place and no job is small talk in words of its own."""
        if not matches or message.reading.scope or message.reading.job:
            return False
        return matches[0].topic.startswith(TALK) and matches[0].confidence >= self._understanding.answer_from

    def _has_a_subject(self, message: Message, matches: Sequence[Match]) -> bool:
        """Whether a message names a place or the job, or is a well spelt question, and so no misspelt small talk."""
        if message.reading.scope or message.reading.job:
            return True
        if not matches or matches[0].topic.startswith(TALK) or any(known < 1.0 for known in message.known):
            return False
        return matches[0].confidence >= self._understanding.answer_from

    def _said(self, session: Session, said: Said, expected: Sequence[str], now: datetime) -> Turn:
        """The reply to small talk or to a turn of the dialogue."""
        language = next((name for name in expected if name in said.languages), said.languages[0])
        if not said.is_turn:
            session.language = language
            return self._talk(session, said.intent, language, now)
        kind, _, argument = said.intent.partition("-")
        if kind == "speak":
            return self._dialogues.repeat(session, argument, now)
        session.language = language
        if kind == "quiz":
            return self._desk.offer(session, language, now)
        if kind == "pick":
            turn = self._dialogues.pick(session, int(argument), language, now)
        else:
            turn = self._dialogues.elaborate(session, language, now, why=kind == "why")
        return turn or self._simple(session, Kind.FALLBACK, "nothing_to_pick", language)

    def _command(self, session: Session, command: Command, language: str, now: datetime) -> Turn:
        """The reply to a command; a deep link's payload may be an entry's id with dots written as ``_``."""
        linked = command.argument.replace("_", ".") if command.name == "start" else ""
        if linked in self._knowledge.entries:
            return self._dialogues.tell(session, linked, language, now)
        return self._commands.run(session, command, language, now)

    def _talk(self, session: Session, intent: str, language: str, now: datetime) -> Turn:
        reply = self._knowledge.languages[language].smalltalk.talk[intent].reply
        if reply.startswith("@"):
            turn = self._commands.run(session, Command(name=reply[1:]), language, now)
            replies = [part.model_copy(update={"kind": Kind.SMALLTALK}) for part in turn.replies]
            return turn.model_copy(update={"replies": replies})
        quiet = intent in ("bye", "thanks", "okay")
        names = () if quiet else self._knowledge.career.highlights[:3]
        said = self._answers.plain(Kind.SMALLTALK, reply, language, names, quiz=not quiet)
        return Turn(session=session, replies=[said])

    def _tap(self, session: Session, data: str, language: str, now: datetime) -> Turn:
        turn = self._desk.tap(session, data, language, now)
        if turn is not None:
            return turn
        kind, rest = buttons.split(data)
        if kind == buttons.ENTRY and rest in self._knowledge.entries:
            return self._dialogues.tell(session, rest, language, now)
        if kind == buttons.MORE and rest in self._knowledge.entries:
            return self._dialogues.more(session, rest, language, now)
        if kind == buttons.COMMAND:
            name, _, argument = rest.partition(":")
            return self._command(session, Command(name=name, argument=argument), language, now)
        return self._simple(session, Kind.FALLBACK, "stale_button", language)

    def _with_quiz_again(self, turn: Turn, incoming: Incoming, now: datetime) -> Turn:
        """Brings the open quiz question back to the end of the chat after something else was answered."""
        if not turn.replies or any(reply.kind is Kind.QUIZ for reply in turn.replies):
            return turn
        again = self._desk.again(turn.session, turn.replies[-1].language, now)
        return turn.model_copy(update={"replies": [*turn.replies, again]}) if again else turn

    def _simple(self, session: Session, kind: Kind, name: str, language: str) -> Turn:
        names = self._knowledge.career.highlights[:3]
        reply = self._answers.plain(kind, self._answers.say(name, language), language, names)
        return Turn(session=session, replies=[reply])

    def _expected(self, session: Session, language_code: str | None) -> list[str]:
        """The languages to expect, likeliest first: the conversation's, the chosen, Telegram's, the first offered."""
        reported = (language_code or "").split("-")[0].lower()
        known = [session.language, session.chosen_language, reported, next(iter(self._knowledge.languages))]
        return [name for name in dict.fromkeys(known) if name in self._knowledge.languages]


def event_of(text: str) -> Command | Text:
    """A typed line as an event: a command where it begins with a slash."""
    if text.startswith("/") and len(text) > 1 and text[1].isalpha():
        head, *rest = text[1:].split(maxsplit=1)
        return Command(name=head.partition("@")[0].lower(), argument="".join(rest).strip())
    return Text(text=text)


def answers_of(turn: Turn) -> list[Reply]:
    """The replies that answer the event itself, without the quiz question that was brought back."""
    first = turn.replies[:1]
    return first + [reply for reply in turn.replies[1:] if reply.kind is not Kind.QUIZ or first[0].kind is Kind.QUIZ]
