"""The messages of the quiz up to its result."""

from conversations.messages import Button, Kind, Reply, Show
from conversations.quiz import machine
from conversations.quiz.presses import Action, Press
from conversations.quiz.wording import fill
from conversations.session import QuizProgress
from knowledge.quiz import QuizForm, QuizTexts

Rows = tuple[tuple[Button, ...], ...]


class View:
    """Writes the messages in one language."""

    def __init__(self, form: QuizForm, texts: QuizTexts, language: str) -> None:
        self._form, self._texts, self._language = form, texts, language

    def question(self, progress: QuizProgress, show: Show, note: str = "") -> Reply:
        """The present question with its buttons; a given answer is marked, a note goes before it."""
        form, texts = self._form, self._texts
        id_ = machine.question(form, progress)
        place = {"step": progress.step + 1, "total": len(form.order)}
        if id_ in form.item_by_id:
            labels = texts.options
            text = fill(texts.question, **place, statement=texts.statements[id_])
        else:
            labels, ends = texts.pair_options, texts.pairs[id_]
            text = fill(texts.choice, **place, first=ends.first, second=ends.second)
        given = progress.answers.get(id_)
        rows: list[tuple[Button, ...]] = [
            (self._on(progress, Action.ANSWER, self._marked(label, number == given), str(number)),)
            for number, label in enumerate(labels)
        ]
        back = [self._on(progress, Action.BACK, texts.buttons["back"])] if progress.step else []
        skip_label = self._marked(texts.buttons["skip"], id_ in progress.answers and given is None)
        rows.append((*back, self._on(progress, Action.SKIP, skip_label)))
        rows.append(
            (
                self._on(progress, Action.PAUSE, texts.buttons["pause"]),
                self._on(progress, Action.QUIT, texts.buttons["quit"]),
            )
        )
        return self._in_slot(progress.run, f"{note}\n\n{text}" if note else text, tuple(rows), show)

    def paused(self, progress: QuizProgress, show: Show) -> Reply:
        """The message that stands in for the question during a pause."""
        text = fill(
            self._texts.paused,
            step=progress.step + 1,
            total=len(self._form.order),
            hours=self._form.limits.expiry,
        )
        rows = (
            (self._on(progress, Action.RESUME, self._texts.buttons["resume"]),),
            (self._on(progress, Action.QUIT, self._texts.buttons["quit"]),),
        )
        return self._in_slot(progress.run, text, rows, show)

    def quit(self, run: int, show: Show) -> Reply:
        """The message that takes the place of the question once the quiz was given up."""
        restart = Press(run + 1, 0, Action.START).button(self._texts.buttons["restart"])
        return self._in_slot(run, self._texts.quit, ((restart,),), show)

    def refused_skip(self, progress: QuizProgress, show: Show) -> Reply:
        """The same question, and why it cannot be skipped."""
        return self.question(progress, show, self._texts.skip_refused)

    def refused_back(self, progress: QuizProgress, show: Show) -> Reply:
        """The first question, and why one cannot go back."""
        return self.question(progress, show, self._texts.first_question)

    def welcome(self, progress: QuizProgress | None, next_run: int) -> Reply:
        """What the quiz is; or, where one is unfinished or done, how to go on."""
        form, texts = self._form, self._texts
        total = len(form.order)
        if progress is None:
            minutes = round(form.seconds / 60)
            text = fill(texts.welcome, total=total, minutes=minutes, hours=form.limits.expiry)
        elif progress.state in ("asking", "paused"):
            text = fill(texts.welcome_unfinished, step=progress.step + 1, total=total)
        else:
            text = fill(texts.welcome_done, hours=form.limits.expiry)
        how = Press(next_run, 0, Action.HOW).button(texts.buttons["how"])
        return self._aside(text, (*self._ways_on(progress, next_run), (how,)))

    def how(self, progress: QuizProgress | None, next_run: int) -> Reply:
        """How the quiz works."""
        form = self._form
        text = fill(self._texts.how, items=len(form.items), pairs=len(form.pairs), spread=form.limits.spread)
        return self._aside(text, self._ways_on(progress, next_run))

    def stale(self, progress: QuizProgress | None, next_run: int) -> Reply:
        """The answer to a button of a quiz that is over."""
        return self._aside(self._texts.stale, self._ways_on(progress, next_run))

    def _ways_on(self, progress: QuizProgress | None, next_run: int) -> Rows:
        labels = self._texts.buttons
        fresh = Press(next_run, 0, Action.START)
        if progress is None:
            return ((fresh.button(labels["start"]),),)
        unfinished = progress.state in ("asking", "paused")
        here = self._on(progress, Action.HERE, labels["resume" if unfinished else "see_result"])
        return ((here,), (fresh.button(labels["restart" if unfinished else "redo"]),))

    def _marked(self, label: str, marked: bool) -> str:
        return fill(self._texts.marked, label=label) if marked else label

    def _on(self, progress: QuizProgress, action: Action, label: str, argument: str = "") -> Button:
        return Press(progress.run, progress.step, action, argument).button(label)

    def _in_slot(self, run: int, text: str, rows: Rows, show: Show) -> Reply:
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows, slot=f"quiz:{run}", show=show)

    def _aside(self, text: str, rows: Rows) -> Reply:
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows)
