"""What the commands answer: start, quiz, help, language, privacy, export, forget."""

import json
from datetime import datetime

from conversations import buttons
from conversations.answering import Answers
from conversations.messages import Button, Command, Document, Kind, Reply
from conversations.quiz.desk import QuizDesk
from conversations.session import Session, Turn
from knowledge.content import Knowledge
from knowledge.figures import write_date

MENU = ("start", "quiz", "help", "language", "privacy", "export", "forget")
"""The commands of the menu, in its order; the sentence ``command_<name>`` describes each."""

EXPORT_FORMAT = 1
"""Goes up when the exported file changes its shape."""


class Commands:
    """Runs commands, whether typed, tapped or followed as a deep link."""

    def __init__(self, knowledge: Knowledge, answers: Answers, desk: QuizDesk, contact: str) -> None:
        self._knowledge = knowledge
        self._answers = answers
        self._desk = desk
        self._contact = contact

    def run(self, session: Session, command: Command, language: str, now: datetime) -> Turn:
        """The reply to a command; an unknown one is told so."""
        match command.name:
            case "start":
                return self._start(session, command.argument, language, now)
            case "quiz":
                return self._desk.offer(session, language, now)
            case "help":
                return _turn(session, self._help(language))
            case "language":
                return self._language(session, command.argument, language)
            case "privacy":
                return _turn(session, self._privacy(language))
            case "export":
                return _turn(session, self._exported(session, language, now))
            case "forget":
                return self._forget(session, command.argument, language)
            case _:
                text = self._answers.say("unknown_command", language)
                return _turn(session, self._answers.plain(Kind.COMMAND, text, language))

    def group(self, session: Session, language: str) -> Turn:
        """The only thing said in a group: that the bot talks one to one. The messenger fills in the link."""
        button = Button(label=self._answers.say("button_open_private", language), url="private")
        text = self._answers.say("group", language)
        return _turn(session, Reply(kind=Kind.COMMAND, text=text, language=language, buttons=((button,),)))

    def _start(self, session: Session, payload: str, language: str, now: datetime) -> Turn:
        """The welcome, or the quiz where a deep link leads to it."""
        if payload == "quiz":
            return self._desk.offer(session, language, now)
        texts = self._knowledge.languages[language].career
        names = self._knowledge.career.highlights[:3]
        return _turn(session, self._answers.plain(Kind.COMMAND, texts.welcome, language, names, quiz=True))

    def _help(self, language: str) -> Reply:
        texts = self._knowledge.languages[language].career
        examples = "\n".join(f"• {example}" for example in texts.examples)
        text = texts.help.format(examples=examples)
        return self._answers.plain(Kind.COMMAND, text, language, self._knowledge.career.highlights, quiz=True)

    def _language(self, session: Session, argument: str, language: str) -> Turn:
        argument = argument.lower()
        if argument in self._knowledge.languages:
            session.chosen_language = session.language = argument
            text = self._answers.say("language_set", argument)
            return _turn(session, self._answers.plain(Kind.COMMAND, text, argument))
        rows = tuple(
            (buttons.command("language", self._answers.say("language_name", name), name),)
            for name in self._knowledge.languages
        )
        text = self._answers.say("language_question", language)
        return _turn(session, Reply(kind=Kind.COMMAND, text=text, language=language, buttons=rows))

    def _privacy(self, language: str) -> Reply:
        contact = self._contact or self._answers.say("privacy_contact_unset", language)
        text = self._answers.say("privacy", language, contact=contact)
        return self._answers.plain(Kind.COMMAND, text, language)

    def _exported(self, session: Session, language: str, now: datetime) -> Reply:
        """Everything that is kept of the chat, as a file that can be read by programs, and in short as text."""
        kept, result = session.kept, self._desk.numbers(session)
        document = {
            "format": EXPORT_FORMAT,
            "exported_at": now.isoformat(),
            "result": result,
            "session": session.model_dump(mode="json"),
        }
        told = [self._answers.say("export_text", language), self._answers.say("export_language", language)]
        if session.quiz is not None:
            told.append(self._answers.say("export_quiz", language))
        if kept is not None:
            date = write_date(kept.kept_at.date().isoformat(), language)
            told.append(self._answers.say("export_kept", language, date=date, percent=str(kept.percent)))
        if session.dialogue.entry in self._knowledge.entries:
            title = self._answers.title(session.dialogue.entry, language)
            told.append(self._answers.say("export_topic", language, title=title))
        content = json.dumps(document, ensure_ascii=False, indent=2)
        file = Document(name=self._answers.say("export_file", language), content=content)
        return Reply(kind=Kind.COMMAND, text="\n".join(told), language=language, document=file)

    def _forget(self, session: Session, argument: str, language: str) -> Turn:
        argument = argument.lower()
        if argument == "yes":
            text = self._answers.say("forgotten", language)
            reply = self._answers.plain(Kind.COMMAND, text, language)
            return Turn(session=Session(), replies=[reply], forget=True)
        if argument == "no":
            text = self._answers.say("forget_cancelled", language)
            return _turn(session, self._answers.plain(Kind.COMMAND, text, language))
        rows = (
            (buttons.command("forget", self._answers.say("button_yes_forget", language), "yes"),),
            (buttons.command("forget", self._answers.say("button_no_keep", language), "no"),),
        )
        text = self._answers.say("forget_question", language)
        return _turn(session, Reply(kind=Kind.COMMAND, text=text, language=language, buttons=rows))


def _turn(session: Session, reply: Reply) -> Turn:
    return Turn(session=session, replies=[reply])
