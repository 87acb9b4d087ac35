"""The pictures of a result, described for whoever draws them: the person's own, and one to show to others."""

from datetime import datetime
from itertools import product

from conversations.messages import Kind, Reply, ResultCard, ShareCard, Show, Spoke
from conversations.quiz import machine
from conversations.quiz.findings import Findings, find
from conversations.quiz.presses import Action, Press
from conversations.quiz.scoring import rounded
from conversations.quiz.wording import fill
from conversations.session import QuizProgress
from knowledge.figures import write_date
from knowledge.quiz import QuizForm, QuizTexts

JUDGEMENTS = ("yes", "partly", "no")


class PictureView:
    """Writes the messages that are pictures, in one language."""

    def __init__(self, form: QuizForm, texts: QuizTexts, language: str) -> None:
        self._form, self._texts, self._language = form, texts, language

    def own(self, progress: QuizProgress, show: Show) -> Reply:
        """The picture of the result, the same in words, and the question whether it looks like the person."""
        texts = self._texts
        findings = find(self._form, progress.answers, machine.seconds(progress))
        asked = [
            Press(progress.run, machine.place(progress), Action.LOOKS, looks).button(texts.buttons[f"looks_{looks}"])
            for looks in JUDGEMENTS
        ]
        share = Press(progress.run, machine.place(progress), Action.SHARE).button(texts.buttons["share"])
        closing = texts.after.looks_thanks if progress.looks else texts.after.looks_question
        return Reply(
            kind=Kind.QUIZ,
            text=f"{self._told(findings)}\n\n{closing}",
            language=self._language,
            buttons=((share,),) if progress.looks else (tuple(asked), (share,)),
            slot=f"quiz:{progress.run}:card",
            show=show,
            card=self._card(findings, _finished(progress)),
        )

    def shared(self, progress: QuizProgress) -> Reply:
        """The picture to show to others: nothing in it that one might not want to tell them."""
        words, types = self._texts.after, self._texts.types
        findings = find(self._form, progress.answers, machine.seconds(progress))
        square = [
            next(type_.id for type_ in self._form.types if type_.corner == corner)
            for corner in product(*((axis.low, axis.high) for axis in self._form.axes))
        ]
        chosen = findings.closest.types if findings.closest else ()
        strengths = tuple(self._texts.dimensions[strength.dimension].name for strength in findings.strengths)
        told = [words.share_caption]
        if chosen:
            told.append(fill(words.share_types, types=" / ".join(types[id_].name for id_ in chosen)))
        if strengths:
            told.append(fill(words.share_strengths_told, names=", ".join(strengths)))
        one, two, three, four = (types[id_].name for id_ in square)
        return Reply(
            kind=Kind.QUIZ,
            text="\n".join(told),
            language=self._language,
            slot=f"quiz:{progress.run}:share",
            show=Show.MOVE,
            card=ShareCard(
                language=self._language,
                title=words.share_title,
                types=(one, two, three, four),
                chosen=tuple(square.index(id_) for id_ in chosen),
                strengths_title=words.share_strengths if strengths else "",
                strengths=strengths,
                call=words.share_call,
            ),
        )

    def _card(self, findings: Findings, day: datetime) -> ResultCard:
        words = self._texts.after
        types = self._types(findings)
        spokes = []
        for id_, value in findings.scores.dimensions.items():
            level = findings.levels[id_]
            spokes.append(
                Spoke(
                    name=self._texts.dimensions[id_].name,
                    value=None if value is None else rounded(value),
                    level="" if level is None else self._texts.levels[level],
                )
            )
        return ResultCard(
            language=self._language,
            title=words.picture_title,
            figure=fill(words.picture_figure, percent=findings.percent),
            span=fill(words.picture_span, low=findings.low, high=findings.high),
            percent=findings.percent,
            low=findings.low,
            high=findings.high,
            neutral_name=words.picture_neutral,
            spokes=tuple(spokes),
            types_title=words.picture_types_title if types else "",
            types=types,
            date=write_date(day.date().isoformat(), self._language),
            note=self._texts.result.disclaimer,
        )

    def _told(self, findings: Findings) -> str:
        """What the picture shows, in words."""
        words = self._texts.after
        axes = []
        for id_, value in findings.scores.dimensions.items():
            name = self._texts.dimensions[id_].name
            missing = fill(self._texts.result.bar_missing, name=name)
            axes.append(missing if value is None else fill(words.picture_axis, name=name, value=rounded(value)))
        headline = fill(self._texts.result.headline, percent=findings.percent, low=findings.low, high=findings.high)
        types = self._types(findings)
        styles = [fill(words.picture_types, types=" / ".join(types))] if types else []
        return "\n".join([headline, " · ".join(axes), *styles])

    def _types(self, findings: Findings) -> tuple[str, ...]:
        chosen = findings.closest.types if findings.closest else ()
        return tuple(self._texts.types[id_].name for id_ in chosen)


def _finished(progress: QuizProgress) -> datetime:
    return progress.completed_at or progress.finished_at or progress.updated_at
