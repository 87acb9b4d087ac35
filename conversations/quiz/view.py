"""The messages of the quiz up to its result."""

from datetime import datetime

from conversations import buttons
from conversations.messages import Button, Kind, Reply, Show
from conversations.quiz import machine
from conversations.quiz.presses import Action, Press
from conversations.quiz.wording import fill
from conversations.session import Kept, QuizProgress, Session
from knowledge.figures import write_date
from knowledge.quiz import QuizForm, QuizTexts

Row = tuple[Button, ...]
Rows = tuple[Row, ...]


def slot_of(progress: QuizProgress) -> str:
    """The place in the chat of a run's question and then its result; the second part has one of its own."""
    return f"quiz:{progress.run}:more" if progress.extended else f"quiz:{progress.run}"


class View:
    """Writes the messages in one language."""

    def __init__(self, form: QuizForm, texts: QuizTexts, language: str) -> None:
        self._form, self._texts, self._language = form, texts, language

    def question(self, progress: QuizProgress, show: Show, note: str = "") -> Reply:
        """The present question with its buttons; a given answer is marked, a note goes before it."""
        form, texts = self._form, self._texts
        id_ = machine.question(form, progress)
        place = {"step": progress.step + 1, "total": len(machine.order(form, progress))}
        if id_ in form.item_by_id:
            labels = texts.options
            text = fill(texts.question, **place, statement=texts.statements[id_])
        else:
            labels, ends = texts.pair_options, texts.pairs[id_]
            text = fill(texts.choice, **place, first=ends.first, second=ends.second)
        given = progress.answers.get(id_)
        rows: list[Row] = [
            (self._on(progress, Action.ANSWER, self._marked(label, number == given), str(number)),)
            for number, label in enumerate(labels)
        ]
        back = [self._on(progress, Action.BACK, texts.buttons["back"])] if progress.step else []
        skip_label = self._marked(texts.buttons["skip"], id_ in progress.answers and given is None)
        rows.append((*back, self._on(progress, Action.SKIP, skip_label)))
        controls = ((Action.PAUSE, "pause"), (Action.HELP, "help"), (Action.QUIT, "quit"))
        rows.append(tuple(self._on(progress, action, texts.buttons[name]) for action, name in controls))
        return self._in_slot(slot_of(progress), f"{note}\n\n{text}" if note else text, tuple(rows), show)

    def paused(self, progress: QuizProgress, show: Show, note: str = "") -> Reply:
        """The message that stands in for the question during a pause."""
        text = fill(
            self._texts.paused,
            step=progress.step + 1,
            total=len(machine.order(self._form, progress)),
            hours=self._form.limits.expiry,
        )
        rows = (
            (self._on(progress, Action.RESUME, self._texts.buttons["resume"]),),
            (self._on(progress, Action.QUIT, self._texts.buttons["quit"]),),
        )
        return self._in_slot(slot_of(progress), f"{note}\n\n{text}" if note else text, rows, show)

    def quit(self, progress: QuizProgress, show: Show) -> Reply:
        """The message that takes the place of the question once the quiz was given up."""
        restart = Press(progress.run + 1, 0, Action.START).button(self._texts.buttons["restart"])
        return self._in_slot(slot_of(progress), self._texts.quit, ((restart,),), show)

    def retreated(self, left: QuizProgress, result: QuizProgress, show: Show) -> Reply:
        """The message that takes the place of the question once the second part was given up."""
        here = self._on(result, Action.HERE, self._texts.buttons["see_result"])
        return self._in_slot(slot_of(left), self._texts.quit_extended, ((here,),), show)

    def replaced(self, progress: QuizProgress) -> Reply:
        """What stays of an unfinished quiz where another was begun."""
        return self._in_slot(slot_of(progress), self._texts.replaced, (), Show.EDIT)

    def help(self, progress: QuizProgress, show: Show) -> Reply:
        """The same place, and how to go on from it."""
        shown = self.paused if progress.state == "paused" else self.question
        return shown(progress, show, self._texts.help)

    def refused_skip(self, progress: QuizProgress, show: Show) -> Reply:
        """The same question, and why it cannot be skipped."""
        return self.question(progress, show, self._texts.skip_refused)

    def refused_back(self, progress: QuizProgress, show: Show) -> Reply:
        """The first question, and why one cannot go back."""
        return self.question(progress, show, self._texts.first_question)

    def welcome(self, session: Session) -> Reply:
        """What the quiz is; or, where one is unfinished or done, how to go on. The first question takes its place."""
        form, texts, progress = self._form, self._texts, session.quiz
        total = len(form.order)
        if progress is None:
            minutes = round(form.seconds / 60)
            text = fill(texts.welcome, total=total, minutes=minutes, hours=form.limits.expiry)
        elif not machine.done(progress):
            text = fill(texts.welcome_unfinished, step=progress.step + 1, total=len(machine.order(form, progress)))
        else:
            text = fill(texts.welcome_done, hours=form.limits.expiry)
        if session.kept is not None:
            text += "\n" + self._kept_before(session.kept)
        rows = (*self._ways_on(session), self._questions(session))
        return self._in_slot(self._place(session), text, rows, Show.MOVE)

    def how(self, session: Session) -> Reply:
        """How the quiz works."""
        form = self._form
        items = sum(id_ in form.item_by_id for id_ in form.order)
        text = fill(self._texts.how, items=items, pairs=len(form.order) - items, spread=form.limits.spread)
        return self._in_slot(self._place(session), text, self._ways_on(session), Show.EDIT)

    def stale(self, session: Session) -> Reply:
        """The answer to a button of a quiz that is over."""
        return self.aside(self._texts.stale, self._ways_on(session))

    def aside(self, text: str, rows: Rows = ()) -> Reply:
        """A message beside the quiz."""
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows)

    def _place(self, session: Session) -> str:
        """Where the welcome stands: where the question is that it leads to."""
        quiz = session.quiz
        return slot_of(quiz) if quiz and not machine.done(quiz) else f"quiz:{session.quiz_runs + 1}"

    def _ways_on(self, session: Session) -> Rows:
        labels, quiz = self._texts.buttons, session.quiz
        fresh = Press(session.quiz_runs + 1, 0, Action.START)
        if quiz is None:
            return ((fresh.button(labels["start"]),),)
        done = machine.done(quiz)
        here = self._on(quiz, Action.HERE, labels["see_result" if done else "resume"])
        return ((here,), (fresh.button(labels["redo" if done else "restart"]),))

    def _questions(self, session: Session) -> Row:
        """What may be asked about the quiz before it begins."""
        how = Press(session.quiz_runs + 1, 0, Action.HOW).button(self._texts.buttons["how"])
        return how, buttons.command("privacy", self._texts.buttons["privacy"])

    def _kept_before(self, kept: Kept) -> str:
        return fill(self._texts.after.kept_before, date=self.day(kept.kept_at), percent=kept.percent)

    def day(self, moment: datetime) -> str:
        """A day as the language writes it."""
        return write_date(moment.date().isoformat(), self._language)

    def _marked(self, label: str, marked: bool) -> str:
        return fill(self._texts.marked, label=label) if marked else label

    def _on(self, progress: QuizProgress, action: Action, label: str, argument: str = "") -> Button:
        return Press(progress.run, machine.place(progress), action, argument).button(label)

    def _in_slot(self, slot: str, text: str, rows: Rows, show: Show) -> Reply:
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows, slot=slot, show=show)
