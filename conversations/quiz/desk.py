"""The quiz as the rest of the conversation sees it: one desk that is offered, tapped and typed to."""

from collections.abc import Mapping
from datetime import datetime

from conversations.messages import Reply, Show
from conversations.quiz import hearing, machine, presses
from conversations.quiz.presses import Action, Press
from conversations.quiz.result import ResultView
from conversations.quiz.view import View
from conversations.session import QuizProgress, Session, Turn
from knowledge.quiz import QuizForm, QuizTexts


class QuizDesk:
    """Leads people through one quiz. Sessions that come in are never changed; ``now`` is an aware datetime.

    ``language`` is always a key of ``texts``; KeyError otherwise.
    """

    def __init__(self, form: QuizForm, texts: Mapping[str, QuizTexts]) -> None:
        self._form, self._texts = form, texts

    def offer(self, session: Session, language: str, now: datetime) -> Turn:
        """What asking for the quiz leads to: a welcome, or the way back into a quiz that was begun."""
        session = self.expire(session, now)
        return _turn(session, self._view(language).welcome(session.quiz, session.quiz_runs + 1))

    def tap(self, session: Session, data: str, language: str, now: datetime) -> Turn | None:
        """What a tapped button leads to; None where it is no button of the quiz."""
        if not presses.is_press(data):
            return None
        session = self.expire(session, now)
        press, quiz, view = presses.read(data), session.quiz, self._view(language)
        stale = view.stale(quiz, session.quiz_runs + 1)
        if press is None:
            return _turn(session, stale)
        if press.action is Action.HOW:
            return _turn(session, view.how(quiz, session.quiz_runs + 1))
        if press.action is Action.START and (quiz is None or press.run > session.quiz_runs):
            return self._start(session, language, now)
        if quiz is None or press.run != quiz.run:
            return _turn(session, stale)
        if press.action is Action.HERE:
            resumed = machine.resume(quiz, now)
            return self._turn(session, resumed, self._present(resumed, language, Show.MOVE))
        if press.action is Action.RESUME:
            return self._act(session, quiz, press, language, now, Show.EDIT)
        if press.action is Action.START or press.step != quiz.step:
            return _turn(session, *self._present(quiz, language, Show.EDIT))
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
        press = Press(quiz.run, quiz.step, *heard)
        return self._act(session, quiz, press, language, now, Show.MOVE)

    def again(self, session: Session, language: str, now: datetime) -> Reply | None:
        """The open question, to be shown at the end of the chat; None where none is open."""
        quiz = self.expire(session, now).quiz
        if quiz is None or quiz.state != "asking":
            return None
        return self._view(language).question(quiz, Show.MOVE)

    def expire(self, session: Session, now: datetime) -> Session:
        """The session without a quiz that is older than we promise to keep it."""
        if session.quiz is None or not machine.expired(self._form, session.quiz, now):
            return session.model_copy(deep=True)
        return session.model_copy(update={"quiz": None}, deep=True)

    def _start(self, session: Session, language: str, now: datetime) -> Turn:
        quiz = machine.start(self._form, session.quiz_runs + 1, now)
        begun = session.model_copy(update={"quiz": quiz, "quiz_runs": quiz.run}, deep=True)
        return _turn(begun, self._view(language).question(quiz, Show.NEW))

    def _act(
        self, session: Session, quiz: QuizProgress, press: Press, language: str, now: datetime, show: Show
    ) -> Turn:
        if press.action is Action.QUIT and quiz.state in ("asking", "paused"):
            left = session.model_copy(update={"quiz": None}, deep=True)
            return _turn(left, self._view(language).quit(quiz.run, show))
        after = self._moved(quiz, press, now)
        if after is quiz:
            return _turn(session, *self._unmoved(quiz, press, language, show))
        if after.state == "result":
            return self._turn(session, after, [self._result(language).next_steps(after, show)])
        replies = self._present(after, language, show)
        if after.state == "situation":
            replies = [replies[0], self._result(language).ask_situation(after, Show.MOVE)]
        return self._turn(session, after, replies)

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
            case _:
                return quiz

    def _unmoved(self, quiz: QuizProgress, press: Press, language: str, show: Show) -> list[Reply]:
        view = self._view(language)
        if quiz.state == "asking" and press.action is Action.SKIP:
            return [view.refused_skip(quiz, show)]
        if quiz.state == "asking" and press.action is Action.BACK:
            return [view.refused_back(quiz, show)]
        if quiz.state == "result" and press.action in (Action.SITUATION, Action.NO_SITUATION):
            return [self._result(language).next_steps(quiz, Show.EDIT)]
        return self._present(quiz, language, show)

    def _present(self, quiz: QuizProgress, language: str, show: Show) -> list[Reply]:
        if quiz.state == "asking":
            return [self._view(language).question(quiz, show)]
        if quiz.state == "paused":
            return [self._view(language).paused(quiz, show)]
        result = self._result(language)
        page = result.page(quiz, show)
        asks = quiz.state == "situation" and show is Show.MOVE
        return [page, result.ask_situation(quiz, show)] if asks else [page]

    def _turn(self, session: Session, quiz: QuizProgress, replies: list[Reply]) -> Turn:
        return _turn(session.model_copy(update={"quiz": quiz}, deep=True), *replies)

    def _view(self, language: str) -> View:
        return View(self._form, self._texts[language], language)

    def _result(self, language: str) -> ResultView:
        return ResultView(self._form, self._texts[language], language)


def _turn(session: Session, *replies: Reply) -> Turn:
    return Turn(session=session, replies=list(replies))
