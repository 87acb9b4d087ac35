"""Results beside one another: a kept one and today's, and today's and what it would be with one dimension higher."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import hypot

from conversations.quiz.findings import Findings
from conversations.quiz.scoring import HIGHEST, Answers, keyed, rounded, score
from conversations.session import Kept, QuizProgress
from knowledge.quiz import QuizForm

CERTAIN = 1.96
"""How many standard errors make a range that holds about 95 of 100."""


@dataclass(frozen=True)
class Change:
    """What is different from a kept result.

    ``by`` and ``noise`` are points of the total; a change within the noise is none. ``dimensions`` are those that
    moved by more than their own noise, with the points by which they did.
    """

    by: int
    noise: int
    dimensions: tuple[tuple[str, int], ...]

    @property
    def moved(self) -> bool:
        """Whether the total changed by more than two sittings differ by chance."""
        return abs(self.by) > self.noise


@dataclass(frozen=True)
class Growth:
    """What would be if one dimension were higher: its value (0..100), the total, and the range told around it."""

    value: int
    percent: int
    low: int
    high: int


def keep(findings: Findings, progress: QuizProgress, now: datetime) -> Kept:
    """The result as it is kept: scores, no answers."""
    return Kept(
        run=progress.run,
        version=progress.version,
        extended=findings.extended,
        percent=findings.percent,
        spread=findings.spread,
        dimensions={
            id_: None if value is None else rounded(value) for id_, value in findings.scores.dimensions.items()
        },
        types=list(findings.closest.types) if findings.closest else [],
        situation=progress.situation,
        kept_at=now,
    )


def over(form: QuizForm, kept: Kept, now: datetime) -> bool:
    """Whether a result has been kept for as long as we promise."""
    return now - kept.kept_at > timedelta(days=form.limits.kept)


def compare(form: QuizForm, kept: Kept, findings: Findings) -> Change:
    """Today's result against a kept one of the same version; both are taken to be uncertain."""
    errors = (
        form.limits.error_extended if extended else form.limits.error for extended in (kept.extended, findings.extended)
    )
    wide = CERTAIN * hypot(*errors)
    moves = []
    for id_, value in findings.scores.dimensions.items():
        before = kept.dimensions.get(id_)
        if value is not None and before is not None and abs(rounded(value) - before) > wide:
            moves.append((id_, rounded(value) - before))
    return Change(findings.percent - kept.percent, round(hypot(kept.spread, findings.spread)), tuple(moves))


def grown(form: QuizForm, answers: Answers, findings: Findings, dimension: str, steps: int) -> Growth:
    """The result if each answer in a dimension were so many steps (1..4) further towards it, as far as they go."""
    raised = dict(answers)
    for item in form.items:
        value = keyed(form, item.id, answers)
        if item.dimension == dimension and value is not None:
            higher = min(HIGHEST, value + steps)
            raised[item.id] = higher if item.key == "+" else HIGHEST - higher
    scores = score(form, raised)
    percent = rounded(scores.total)
    return Growth(
        value=rounded(scores.dimensions[dimension] or Fraction(0)),
        percent=percent,
        low=max(0, percent - findings.spread),
        high=min(100, percent + findings.spread),
    )
