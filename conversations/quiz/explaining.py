"""What can be asked about a result: where the score comes from, and what it would be with one dimension higher."""

from collections.abc import Iterator

from conversations.messages import Button, Kind, Reply, Show
from conversations.quiz import machine
from conversations.quiz.comparing import grown
from conversations.quiz.findings import Findings, find
from conversations.quiz.presses import Action, Press
from conversations.quiz.scoring import HIGHEST, keyed, rounded
from conversations.quiz.view import Rows
from conversations.quiz.wording import fill
from conversations.session import QuizProgress
from knowledge.quiz import QuizForm, QuizTexts


class ExplainingView:
    """Writes these answers in one language. A dimension is given by its id; "" or an unknown one means all of them."""

    def __init__(self, form: QuizForm, texts: QuizTexts, language: str) -> None:
        self._form, self._texts, self._language = form, texts, language

    def why(self, progress: QuizProgress, dimension: str, show: Show) -> Reply:
        """The formula with the points of every dimension, or of one dimension what each answer put into it."""
        known = dimension in self._texts.dimensions
        text = self._contributions(progress, dimension) if known else self._formula(progress)
        rows = self._dimensions(progress, Action.WHY, dimension)
        if known:
            overview = Press(progress.run, machine.place(progress), Action.WHY).button(self._texts.buttons["overview"])
            rows = (*rows, (overview,))
        return self._reply(progress, "why", text, rows, show)

    def what_if(self, progress: QuizProgress, dimension: str, show: Show) -> Reply:
        """What the result would be if the answers in a dimension were one step higher, or the question which one."""
        known = dimension in self._texts.dimensions
        text = self._supposed(progress, dimension) if known else self._texts.after.if_question
        return self._reply(progress, "if", text, self._dimensions(progress, Action.WHAT_IF, dimension), show)

    def _formula(self, progress: QuizProgress) -> str:
        words, findings = self._texts.after, self._findings(progress)
        lines, values = [], []
        for id_, value in findings.scores.dimensions.items():
            name = self._texts.dimensions[id_].name
            if value is None:
                lines.append(fill(words.why_missing, name=name))
                continue
            points, most = self._points(progress, id_)
            lines.append(fill(words.why_dimension, name=name, points=points, most=most, value=rounded(value)))
            values.append(rounded(value))
        total = fill(
            words.why_total,
            sum=" + ".join(map(str, values)),
            count=len(values),
            percent=findings.percent,
            spread=findings.spread,
            low=findings.low,
            high=findings.high,
        )
        return "\n\n".join(["\n".join([words.why, *lines]), f"{total} {words.why_types}", words.why_which])

    def _contributions(self, progress: QuizProgress, dimension: str) -> str:
        words, value = self._texts.after, self._findings(progress).scores.dimensions[dimension]
        name = self._texts.dimensions[dimension].name
        lines = "\n".join(self._statements(progress, dimension))
        if value is None:
            return f"{fill(words.why_missing, name=name)}\n\n{lines}"
        points, most = self._points(progress, dimension)
        title = fill(words.why_title, name=name, value=rounded(value))
        return f"{title}\n{lines}\n\n{fill(words.why_sum, points=points, most=most, value=rounded(value))}"

    def _statements(self, progress: QuizProgress, dimension: str) -> Iterator[str]:
        words, texts = self._texts.after, self._texts
        for id_ in machine.order(self._form, progress):
            item = self._form.item_by_id.get(id_)
            if item is None or item.dimension != dimension:
                continue
            statement, raw = texts.statements[id_].rstrip("."), progress.answers[id_]
            if raw is None:
                yield fill(words.why_skipped, statement=statement)
                continue
            line = words.why_statement if item.key == "+" else words.why_reversed
            points = keyed(self._form, id_, progress.answers)
            yield fill(line, points=points, statement=statement, option=texts.options[raw])

    def _points(self, progress: QuizProgress, dimension: str) -> tuple[int, int]:
        """The points of a dimension and the most that its answered statements could have given."""
        values = [
            value
            for item in self._form.items
            if item.dimension == dimension and (value := keyed(self._form, item.id, progress.answers)) is not None
        ]
        return sum(values), HIGHEST * len(values)

    def _supposed(self, progress: QuizProgress, dimension: str) -> str:
        words, findings = self._texts.after, self._findings(progress)
        name, before = self._texts.dimensions[dimension].name, findings.scores.dimensions[dimension]
        if before is None:
            return fill(words.if_unknown, name=name)
        step = grown(self._form, progress.answers, findings, dimension, 1)
        top = grown(self._form, progress.answers, findings, dimension, HIGHEST)
        if step.value == rounded(before):
            return fill(words.if_already, name=name)
        told = fill(
            words.if_grown,
            name=name,
            before=rounded(before),
            value=step.value,
            percent=findings.percent,
            grown=step.percent,
            low=step.low,
            high=step.high,
        )
        within = step.percent - findings.percent <= findings.spread
        verdict = fill(words.if_within if within else words.if_beyond, spread=findings.spread)
        return f"{told}\n\n{verdict} {fill(words.if_top, percent=top.percent)}"

    def _dimensions(self, progress: QuizProgress, action: Action, shown: str) -> Rows:
        """A button for every dimension, the one that is shown marked."""
        labels: list[Button] = []
        for dimension in self._form.dimensions:
            name = self._texts.dimensions[dimension.id].name
            label = fill(self._texts.marked, label=name) if dimension.id == shown else name
            labels.append(Press(progress.run, machine.place(progress), action, dimension.id).button(label))
        return tuple((label,) for label in labels)

    def _findings(self, progress: QuizProgress) -> Findings:
        return find(self._form, progress.answers, machine.seconds(progress))

    def _reply(self, progress: QuizProgress, name: str, text: str, rows: Rows, show: Show) -> Reply:
        slot = f"quiz:{progress.run}:{name}"
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows, slot=slot, show=show)
