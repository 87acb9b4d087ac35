"""The result of the quiz in words: the page itself, the question that follows it, and the next steps."""

from conversations import buttons
from conversations.messages import Button, Kind, Reply, Show
from conversations.quiz import machine
from conversations.quiz.comparing import compare
from conversations.quiz.findings import Closest, Findings, find
from conversations.quiz.presses import Action, Press, entry_button
from conversations.quiz.scoring import rounded
from conversations.quiz.view import Rows, slot_of
from conversations.quiz.wording import fill
from conversations.session import Kept, QuizProgress
from knowledge.figures import write_date
from knowledge.quiz import QuizForm, QuizTexts

CELLS = 10
FULL, EMPTY = "▓", "░"


class ResultView:
    """Writes the messages of a finished quiz in one language."""

    def __init__(self, form: QuizForm, texts: QuizTexts, language: str) -> None:
        self._form, self._texts, self._language = form, texts, language

    def page(self, progress: QuizProgress, show: Show, kept: Kept | None = None) -> Reply:
        """The result page, in the place of the last question; beside a kept result of another run it is compared."""
        findings = find(self._form, progress.answers, machine.seconds(progress))
        redo = Press(progress.run + 1, 0, Action.START).button(self._texts.buttons["redo"])
        return Reply(
            kind=Kind.QUIZ,
            text=self.text(findings, progress, kept),
            language=self._language,
            buttons=(
                *((button,) for button in self._further(findings)),
                (self._on(progress, Action.BACK, "back"), redo),
            ),
            slot=slot_of(progress),
            show=show,
        )

    def text(self, findings: Findings, progress: QuizProgress, kept: Kept | None = None) -> str:
        """The words of the result page, its parts separated by empty lines."""
        words, limits = self._texts.result, self._form.limits
        parts = [self._headline(findings)]
        if kept is not None and kept.run != progress.run:
            parts.append("\n".join([self._texts.after.compared_title, *self._compared(kept, findings)]))
        parts += [
            "\n".join([words.bars_title, *self._bars(findings)]),
            "\n".join([words.strengths_title, *self._strengths(findings, progress)]),
            "\n".join([words.growth_title, *self._growth(findings)]),
        ]
        if findings.closest:
            parts.append("\n".join([words.types_title, *self._types(findings, findings.closest)]))
        parts.append("\n".join([words.burdens_title, *self._burdens(findings)]))
        caveats = [words.limits, *([words.limits_alike] if findings.alike else [])]
        parts.append("\n".join([words.limits_title, *caveats]))
        if not findings.extended:
            offer = {"more": len(self._form.more), "spread": limits.spread, "narrow": limits.spread_extended}
            parts.append(fill(self._texts.after.extend_offer, **offer))
        return "\n\n".join(parts)

    def ask_situation(self, progress: QuizProgress, show: Show, note: str = "") -> Reply:
        """The last, optional question; a note goes before it."""
        rows = [
            (
                Press(progress.run, machine.place(progress), Action.SITUATION, situation.id).button(
                    self._texts.situations[situation.id].label
                ),
            )
            for situation in self._form.situations
        ]
        rows.append((self._on(progress, Action.NO_SITUATION, "not_now"),))
        question = self._texts.situation_question
        return self._beside(progress, f"{note}\n\n{question}" if note else question, tuple(rows), show)

    def next_steps(self, progress: QuizProgress, show: Show) -> Reply:
        """The next steps for the chosen situation, or a short goodbye, and what can be done with the result."""
        if not progress.situation:
            return self._beside(progress, self._texts.situation_none, self._with_it(progress), show)
        words = self._texts.situations[progress.situation]
        chosen = next(situation for situation in self._form.situations if situation.id == progress.situation)
        text = "\n".join([words.intro, *(f"• {step}" for step in words.steps)])
        rows = tuple((entry_button(self._texts.links[entry], entry),) for entry in chosen.entries)
        return self._beside(progress, text, (*rows, *self._with_it(progress)), show)

    def _with_it(self, progress: QuizProgress) -> Rows:
        """What can be done with the result. It stands last in the chat, where its answers will appear."""
        refine = () if progress.extended else ((self._on(progress, Action.EXTEND, "extend"),),)
        ask = self._on(progress, Action.WHY, "why"), self._on(progress, Action.WHAT_IF, "what_if")
        export = buttons.command("export", self._texts.buttons["export"])
        delete = self._on(progress, Action.DELETE, "delete")
        return ask, *refine, (self._on(progress, Action.KEEP, "keep"),), (export, delete)

    def _on(self, progress: QuizProgress, action: Action, label: str) -> Button:
        return Press(progress.run, machine.place(progress), action).button(self._texts.buttons[label])

    def _beside(self, progress: QuizProgress, text: str, rows: Rows, show: Show) -> Reply:
        slot = f"quiz:{progress.run}:next"
        return Reply(kind=Kind.QUIZ, text=text, language=self._language, buttons=rows, slot=slot, show=show)

    def _compared(self, kept: Kept, findings: Findings) -> list[str]:
        words, date = self._texts.after, write_date(kept.kept_at.date().isoformat(), self._language)
        if kept.version != self._form.tag:
            return [fill(words.compared_other, date=date)]
        change = compare(self._form, kept, findings)
        sentence = words.compared_moved if change.moved else words.compared_same
        figures = {"before": kept.percent, "after": findings.percent, "noise": change.noise}
        moved = [
            fill(words.compared_dimension, name=self._texts.dimensions[id_].name, points=f"{points:+}")
            for id_, points in change.dimensions
        ]
        return [fill(sentence, date=date, **figures), *moved]

    def _further(self, findings: Findings) -> list[Button]:
        entries = [findings.band.entry] if findings.band.entry else []
        if findings.closest and findings.closest.kind == "clear":
            entries += [t.entry for t in self._form.types if t.id == findings.closest.types[0]]
        return [entry_button(self._texts.links[entry], entry) for entry in entries]

    def _headline(self, findings: Findings) -> str:
        words = self._texts.result
        figures = fill(words.headline, percent=findings.percent, low=findings.low, high=findings.high)
        return "\n".join([figures, words.disclaimer, self._texts.bands[findings.band.id]])

    def _bars(self, findings: Findings) -> list[str]:
        lines = []
        for id_, value in findings.scores.dimensions.items():
            name, level = self._texts.dimensions[id_].name, findings.levels[id_]
            if value is None or level is None:
                lines.append(fill(self._texts.result.bar_missing, name=name))
                continue
            full = rounded(value * CELLS / 100)
            bar = FULL * full + EMPTY * (CELLS - full)
            lines.append(fill(self._texts.result.bar, bar=bar, name=name, level=self._texts.levels[level]))
        return lines

    def _strengths(self, findings: Findings, progress: QuizProgress) -> list[str]:
        words = self._texts.result
        lines = []
        for strength in findings.strengths:
            about = self._texts.dimensions[strength.dimension]
            raw = progress.answers[strength.item]
            lines.append(
                fill(
                    words.strength,
                    name=about.name,
                    why=about.why,
                    statement=self._texts.statements[strength.item].rstrip("."),
                    option="" if raw is None else self._texts.options[raw],
                )
            )
        level_high = findings.even and findings.scores.total >= self._form.limits.strength
        return lines or [words.strengths_even if level_high else words.strengths_low]

    def _growth(self, findings: Findings) -> list[str]:
        words = self._texts.result
        about = [self._texts.dimensions[id_] for id_ in findings.growth]
        lines = [fill(words.growth, name=one.name, exercise=one.exercise) for one in about]
        return lines or [words.growth_even if findings.even else words.growth_high]

    def _types(self, findings: Findings, closest: Closest) -> list[str]:
        words, types = self._texts.result, self._texts.types
        if closest.kind == "clear":
            best = types[closest.types[0]]
            line = fill(words.type_clear, type=best.name, does=best.does)
            if closest.second:
                line += " " + fill(words.type_second, type=types[closest.second].name)
        elif closest.kind == "mixed":
            one, two = (types[id_] for id_ in closest.types)
            line = fill(words.type_mixed, first=one.name, first_does=one.does, second=two.name, second_does=two.does)
        else:
            line = words.type_balanced
        leanings = [self._texts.axes[axis][end] for axis, end in findings.leanings]
        return [line, *leanings, words.type_note]

    def _burdens(self, findings: Findings) -> list[str]:
        words = self._texts.result
        lines = [fill(words.burden, text=self._texts.burdens[id_]) for id_ in findings.burdens]
        return lines or [words.burdens_none]
