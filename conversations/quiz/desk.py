"""The quiz as the rest of the conversation sees it: one desk that is offered, tapped and typed to."""

from collections.abc import Mapping
from datetime import datetime

from conversations.messages import Reply, Show
from conversations.quiz import hearing, machine, presses
from conversations.quiz.afterwards import Afterwards
from conversations.quiz.comparing import keep, over
from conversations.quiz.findings import find
from conversations.quiz.picturing import PictureView
from conversations.quiz.presses import Action, Press
from conversations.quiz.result import ResultView
from conversations.quiz.view import View
from conversations.session import QuizProgress, Session, Turn
from knowledge.quiz import QuizForm, QuizTexts

LAG = 1
"""Steps by which a button may be behind and still be a double tap; one further behind is on an old message."""


class QuizDesk:
    """Leads people through one quiz. Sessions that come in are never changed; ``now`` is an aware datetime.

    ``language`` is always a key of ``texts``; KeyError otherwise.
    """

    def __init__(self, form: QuizForm, texts: Mapping[str, QuizTexts]) -> None:
        self._form, self._texts = form, texts

    def offer(self, session: Session, language: str, now: datetime) -> Turn:
        """What asking for the quiz leads to: a welcome, or the way back into a quiz that was begun."""
        session = self.expire(session, now)
        return _turn(session, self._view(language).welcome(session))

    def tap(self, session: Session, data: str, language: str, now: datetime) -> Turn | None:
        """What a tapped button leads to; None where it is no button of the quiz."""
        if not presses.is_press(data):
            return None
        session = self.expire(session, now)
        press, quiz, view = presses.read(data), session.quiz, self._view(language)
        if press is None:
            return _turn(session, view.stale(session))
        if press.action is Action.HOW:
            return _turn(session, view.how(session))
        if press.action is Action.START and (quiz is None or press.run > session.quiz_runs):
            return self._start(session, language, now)
        if press.action is Action.DELETE and press.run == session.quiz_runs:
            return self._after(language).delete(session, press.argument)
        if quiz is None or press.run != quiz.run:
            return _turn(session, view.stale(session))
        if press.action is Action.HERE:
            resumed = machine.resume(quiz, now)
            return self._turn(session, resumed, self._present(session, resumed, language, Show.MOVE))
        if press.action is Action.RESUME:
            return self._act(session, quiz, press, language, now, Show.EDIT)
        if press.action is Action.START or press.place != machine.place(quiz):
            show = Show.MOVE if self._is_old(press, quiz) else Show.EDIT
            return _turn(session, *self._present(session, quiz, language, show))
        return self._act(session, quiz, press, language, now, Show.EDIT)

    def typed(self, session: Session, text: str, language: str, now: datetime) -> Turn | None:
        """What a typed message leads to; None where it is no answer to the open question."""
        session = self.expire(session, now)
        quiz = session.quiz
        if quiz is None:
            return None
        heard = hearing.hear(self._form, self._texts, language, quiz, text)
        if heard is None:
            return None
        if heard[0] is Action.START:
            return self.offer(session, language, now)
        if heard[0] is Action.DELETE:
            return self._after(language).delete(session, heard[1])
        press = Press(quiz.run, machine.place(quiz), *heard)
        return self._act(session, quiz, press, language, now, Show.MOVE)

    def again(self, session: Session, language: str, now: datetime) -> Reply | None:
        """The open question, to be shown at the end of the chat; None where none is open."""
        quiz = self.expire(session, now).quiz
        if quiz is None or quiz.state != "asking":
            return None
        return self._view(language).question(quiz, Show.MOVE)

    def expire(self, session: Session, now: datetime) -> Session:
        """The session without what is older than we promise to keep it: a quiz, a kept result."""
        session = session.model_copy(deep=True)
        if session.quiz is not None and machine.expired(self._form, session.quiz, now):
            session.quiz = None
        if session.kept is not None and over(self._form, session.kept, now):
            session.kept = None
        return session

    def numbers(self, session: Session) -> dict[str, object] | None:
        """The numbers of the result that a session holds, by name (0..100); None where it holds none."""
        quiz = session.quiz
        if quiz is None or not machine.done(quiz):
            return None
        findings = find(self._form, quiz.answers, machine.seconds(quiz))
        result = keep(findings, quiz, quiz.updated_at)
        return {"low": findings.low, "high": findings.high, **result.model_dump(mode="json", exclude={"kept_at"})}

    def _start(self, session: Session, language: str, now: datetime) -> Turn:
        """A new run, whose first question takes the place of the welcome; of an unfinished one nothing stays open."""
        view, left = self._view(language), session.quiz
        quiz = machine.start(self._form, session.quiz_runs + 1, now)
        begun = session.model_copy(update={"quiz": quiz, "quiz_runs": quiz.run}, deep=True)
        dropped = [view.replaced(left)] if left is not None and not machine.done(left) else []
        return _turn(begun, *dropped, view.question(quiz, Show.EDIT))

    def _act(
        self, session: Session, quiz: QuizProgress, press: Press, language: str, now: datetime, show: Show
    ) -> Turn:
        if press.action is Action.QUIT and not machine.done(quiz):
            return self._quit(session, quiz, language, now, show)
        if machine.done(quiz) and press.action in presses.OF_RESULTS:
            turn = self._after(language).act(session, quiz, press, now, show)
            if turn is not None:
                return turn
        after = self._moved(quiz, press, now)
        if after is quiz:
            return _turn(session, *self._unmoved(session, quiz, press, language, show))
        if press.action is Action.EXTEND:
            return self._turn(session, after, [self._view(language).question(after, Show.MOVE)])
        if machine.done(quiz) and after.state == "result":
            return self._turn(session, after, [self._result(language).next_steps(after, show)])
        if machine.done(after):
            return self._turn(session, after, self._finished(session, after, language, show))
        return self._turn(session, after, self._present(session, after, language, show))

    def _is_old(self, press: Press, quiz: QuizProgress) -> bool:
        """Whether a button that is behind was on another message than the quiz's present one, not tapped twice."""
        total = len(machine.order(self._form, quiz))
        if press.action is Action.EXTEND and quiz.step == len(self._form.order):
            return False
        elsewhere = press.place >= machine.RESULT and press.place - machine.RESULT != total
        late = abs(press.place % machine.RESULT - quiz.step) > LAG
        return elsewhere or late or press.action in presses.OF_RESULTS

    def _quit(self, session: Session, quiz: QuizProgress, language: str, now: datetime, show: Show) -> Turn:
        """Ends an unfinished quiz; of the second part only what it would have added."""
        if quiz.extended:
            result = machine.retreat(self._form, quiz, now)
            return self._turn(session, result, [self._view(language).retreated(quiz, result, show)])
        left = session.model_copy(update={"quiz": None}, deep=True)
        return _turn(left, self._view(language).quit(quiz, show))

    def _moved(self, quiz: QuizProgress, press: Press, now: datetime) -> QuizProgress:
        form = self._form
        match press.action:
            case Action.ANSWER:
                return machine.answer(form, quiz, int(press.argument) if press.argument.isdigit() else -1, now)
            case Action.SKIP:
                return machine.skip(form, quiz, now)
            case Action.BACK:
                return machine.back(form, quiz, now)
            case Action.PAUSE:
                return machine.pause(quiz, now)
            case Action.RESUME:
                return machine.resume(quiz, now)
            case Action.SITUATION | Action.NO_SITUATION:
                return machine.situation(form, quiz, press.argument, now)
            case Action.EXTEND:
                return machine.extend(form, quiz, now)
            case _:
                return quiz

    def _unmoved(self, session: Session, quiz: QuizProgress, press: Press, language: str, show: Show) -> list[Reply]:
        view = self._view(language)
        match press.action:
            case Action.SKIP if quiz.state == "asking":
                return [view.refused_skip(quiz, show)]
            case Action.BACK if quiz.state == "asking":
                return [view.refused_back(quiz, show)]
            case Action.HELP if not machine.done(quiz):
                return [view.help(quiz, show)]
            case Action.HELP | Action.PAUSE | Action.QUIT | Action.SKIP if machine.done(quiz):
                return [self._after(language).over()]
            case Action.SITUATION | Action.NO_SITUATION if quiz.state == "result":
                return [self._result(language).next_steps(quiz, Show.EDIT)]
            case _:
                return self._present(session, quiz, language, show)

    def _present(self, session: Session, quiz: QuizProgress, language: str, show: Show) -> list[Reply]:
        """Where the quiz stands, as it was last shown."""
        if quiz.state == "asking":
            return [self._view(language).question(quiz, show)]
        if quiz.state == "paused":
            return [self._view(language).paused(quiz, show)]
        page = self._result(language).page(quiz, show, session.kept)
        return [page] if show is Show.EDIT else self._finished(session, quiz, language, show)

    def _finished(self, session: Session, quiz: QuizProgress, language: str, show: Show) -> list[Reply]:
        """The whole result: the page in place of the last question, its picture, and what comes next."""
        result = self._result(language)
        following = result.ask_situation if quiz.state == "situation" else result.next_steps
        return [
            result.page(quiz, show, session.kept),
            PictureView(self._form, self._texts[language], language).own(quiz, Show.MOVE),
            following(quiz, Show.MOVE),
        ]

    def _turn(self, session: Session, quiz: QuizProgress, replies: list[Reply]) -> Turn:
        return _turn(session.model_copy(update={"quiz": quiz}, deep=True), *replies)

    def _view(self, language: str) -> View:
        return View(self._form, self._texts[language], language)

    def _result(self, language: str) -> ResultView:
        return ResultView(self._form, self._texts[language], language)

    def _after(self, language: str) -> Afterwards:
        return Afterwards(self._form, self._texts[language], language)


def _turn(session: Session, *replies: Reply) -> Turn:
    return Turn(session=session, replies=list(replies))
