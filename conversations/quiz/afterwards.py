"""What can be done with a result: have it explained, say whether it fits, show it, keep it, delete it."""

from datetime import datetime, timedelta

from conversations.messages import Kind, Reply, Show
from conversations.quiz import machine
from conversations.quiz.comparing import keep
from conversations.quiz.explaining import ExplainingView
from conversations.quiz.findings import find
from conversations.quiz.picturing import PictureView
from conversations.quiz.presses import Action, Press
from conversations.quiz.view import Rows
from conversations.quiz.wording import fill
from conversations.session import Kept, QuizProgress, Session, Turn
from knowledge.figures import write_date
from knowledge.quiz import QuizForm, QuizTexts


class Afterwards:
    """Answers these taps in one language."""

    def __init__(self, form: QuizForm, texts: QuizTexts, language: str) -> None:
        self._form, self._texts, self._language = form, texts, language
        self._explaining = ExplainingView(form, texts, language)
        self._pictures = PictureView(form, texts, language)

    def act(self, session: Session, quiz: QuizProgress, press: Press, now: datetime, show: Show) -> Turn | None:
        """What a tap about a finished quiz leads to; None where it moves the quiz itself.

        A question that is asked anew comes at the end of the chat; one that is narrowed down stays in its place.
        """
        place = show if press.argument else Show.MOVE
        match press.action:
            case Action.WHY:
                return _turn(session, self._explaining.why(quiz, press.argument, place))
            case Action.WHAT_IF:
                return _turn(session, self._explaining.what_if(quiz, press.argument, place))
            case Action.SHARE:
                return _turn(session, self._pictures.shared(quiz))
            case Action.LOOKS:
                return self._judged(session, quiz, press.argument, now)
            case Action.KEEP:
                return self._keep(session, quiz, now)
            case _:
                return None

    def over(self) -> Reply:
        """The answer to a control that a finished quiz no longer has."""
        return self._reply(fill(self._texts.after.over, hours=self._form.limits.expiry))

    def delete(self, session: Session, said: str) -> Turn:
        """Deletes all that is known from the quiz where ``said`` is yes, nothing where it is no, else asks."""
        words, run = self._texts.after, session.quiz_runs
        slot = f"quiz:{run}:delete"
        if said == "yes":
            emptied = session.model_copy(update={"quiz": None, "kept": None}, deep=True)
            restart = Press(run + 1, 0, Action.START).button(self._texts.buttons["restart"])
            return _turn(emptied, self._reply(words.deleted, ((restart,),), slot, Show.EDIT))
        if said == "no":
            return _turn(session, self._reply(words.delete_cancelled, (), slot, Show.EDIT))
        rows = tuple(
            (Press(run, 0, Action.DELETE, answer).button(self._texts.buttons[f"delete_{answer}"]),)
            for answer in ("yes", "no")
        )
        return _turn(session, self._reply(words.delete_question, rows, slot, Show.MOVE))

    def _judged(self, session: Session, quiz: QuizProgress, looks: str, now: datetime) -> Turn:
        """Notes whether the result fits; it is counted once a run, under a name that says nothing of the person."""
        after = machine.judge(quiz, looks, now)
        part = "extended" if after.extended else "short"
        counts = [] if after is quiz else [f"{after.version}.{part}.{looks}"]
        noted = session.model_copy(update={"quiz": after}, deep=True)
        return Turn(session=noted, replies=[self._pictures.own(after, Show.EDIT)], counts=counts)

    def _keep(self, session: Session, quiz: QuizProgress, now: datetime) -> Turn:
        kept = session.kept
        same = kept is not None and (kept.run, kept.extended) == (quiz.run, quiz.extended)
        if kept is not None and same:
            return _turn(session, self._kept(quiz, kept, self._texts.after.kept_already))
        findings = find(self._form, quiz.answers, machine.seconds(quiz))
        kept = keep(findings, quiz, now)
        return _turn(
            session.model_copy(update={"kept": kept}, deep=True), self._kept(quiz, kept, self._texts.after.kept)
        )

    def _kept(self, quiz: QuizProgress, kept: Kept, sentence: str) -> Reply:
        until = kept.kept_at + timedelta(days=self._form.limits.kept)
        text = fill(sentence, date=write_date(until.date().isoformat(), self._language))
        delete = Press(quiz.run, machine.place(quiz), Action.DELETE).button(self._texts.buttons["delete"])
        return self._reply(text, ((delete,),), f"quiz:{quiz.run}:kept", Show.MOVE)

    def _reply(self, text: str, rows: Rows = (), slot: str = "", show: Show = Show.NEW) -> Reply:
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows, slot=slot, show=show)


def _turn(session: Session, reply: Reply) -> Turn:
    return Turn(session=session, replies=[reply])
