"""What one tap changes: pure transitions on ``QuizProgress``.

Each returns a new progress, or the very same object where the transition does not apply, so that whoever calls
can tell by ``is``. Everything a restart needs is in the progress.
"""

from datetime import datetime, timedelta

from conversations.session import QuizProgress
from knowledge.quiz import QuizForm


def start(form: QuizForm, run: int, now: datetime) -> QuizProgress:
    """A fresh run; ``run`` is its number, counted from 1 in each chat."""
    return QuizProgress(run=run, version=form.tag, started_at=now, updated_at=now)


def question(form: QuizForm, progress: QuizProgress) -> str:
    """The id of the question being asked, or of the last one where all are answered."""
    return form.order[min(progress.step, len(form.order) - 1)]


def answer(form: QuizForm, progress: QuizProgress, value: int | None, now: datetime) -> QuizProgress:
    """Answer the present question with 0..4, or with None to leave it out, and move on."""
    if progress.state != "asking" or (value is not None and value not in form.scale):
        return progress
    step = progress.step + 1
    done = step == len(form.order)
    return _changed(
        progress,
        now,
        answers={**progress.answers, question(form, progress): value},
        step=step,
        state="situation" if done else "asking",
        finished_at=now if done else None,
    )


def may_skip(form: QuizForm, progress: QuizProgress) -> bool:
    """Whether the present question may be left out without losing its dimension or axis."""
    present = question(form, progress)
    skipped = [
        id_
        for id_, value in progress.answers.items()
        if value is None and id_ != present and form.group(id_) == form.group(present)
    ]
    return len(skipped) < form.limits.skips


def skip(form: QuizForm, progress: QuizProgress, now: datetime) -> QuizProgress:
    """Leave the present question out and move on, where ``may_skip`` allows it."""
    return answer(form, progress, None, now) if may_skip(form, progress) else progress


def back(form: QuizForm, progress: QuizProgress, now: datetime) -> QuizProgress:
    """Go back one question, from a finished quiz to its last one; answers stay until they are replaced."""
    if progress.state == "paused" or progress.step == 0:
        return progress
    return _changed(progress, now, step=progress.step - 1, state="asking", situation="", finished_at=None)


def pause(progress: QuizProgress, now: datetime) -> QuizProgress:
    """Stop asking and keep the place."""
    return _changed(progress, now, state="paused") if progress.state == "asking" else progress


def resume(progress: QuizProgress, now: datetime) -> QuizProgress:
    """Ask again from the same place."""
    return _changed(progress, now, state="asking") if progress.state == "paused" else progress


def situation(form: QuizForm, progress: QuizProgress, chosen: str, now: datetime) -> QuizProgress:
    """Answer the last, optional question with the id of a situation, or "" for none."""
    known = chosen == "" or any(chosen == offered.id for offered in form.situations)
    if progress.state != "situation" or not known:
        return progress
    return _changed(progress, now, state="result", situation=chosen)


def expired(form: QuizForm, progress: QuizProgress, now: datetime) -> bool:
    """Whether the run is older than we promise to keep it, or belongs to another definition of the quiz."""
    return progress.version != form.tag or now - progress.updated_at > timedelta(hours=form.limits.expiry)


def seconds(progress: QuizProgress) -> float | None:
    """How long a finished run took, in seconds; None where it is not finished."""
    return None if progress.finished_at is None else (progress.finished_at - progress.started_at).total_seconds()


def _changed(progress: QuizProgress, now: datetime, **changes: object) -> QuizProgress:
    return progress.model_copy(update={**changes, "updated_at": now}, deep=True)
