"""What one tap changes: pure transitions on ``QuizProgress``.

Each returns a new progress, or the very same object where the transition does not apply, so that whoever calls
can tell by ``is``. Everything a restart needs is in the progress.
"""

from datetime import datetime, timedelta

from conversations.session import QuizProgress
from knowledge.quiz import QuizForm

RESULT = 100
"""What the place of a result is beyond its last step; more than there are questions."""


def start(form: QuizForm, run: int, now: datetime) -> QuizProgress:
    """A fresh run; ``run`` is its number, counted from 1 in each chat."""
    return QuizProgress(run=run, version=form.tag, started_at=now, updated_at=now)


def order(form: QuizForm, progress: QuizProgress) -> tuple[str, ...]:
    """The questions of this run: those of the first part, and of the second where the person went on."""
    return form.order + form.more if progress.extended else form.order


def question(form: QuizForm, progress: QuizProgress) -> str:
    """The id of the question being asked, or of the last one where all are answered."""
    asked = order(form, progress)
    return asked[min(progress.step, len(asked) - 1)]


def answer(form: QuizForm, progress: QuizProgress, value: int | None, now: datetime) -> QuizProgress:
    """Answer the present question with 0..4, or with None to leave it out, and move on."""
    if progress.state != "asking" or (value is not None and value not in form.scale):
        return progress
    answers = {**progress.answers, question(form, progress): value}
    step = progress.step + 1
    if step < len(order(form, progress)):
        return _changed(progress, now, answers=answers, step=step)
    end = {"completed_at" if progress.extended else "finished_at": now}
    state = "situation" if progress.situation is None else "result"
    return _changed(progress, now, answers=answers, step=step, state=state, **end)


def may_skip(form: QuizForm, progress: QuizProgress) -> bool:
    """Whether the present question may be left out without losing its dimension or axis."""
    present = question(form, progress)
    part = next(part for part in form.parts if present in part)
    skipped = [
        id_
        for id_ in part
        if id_ != present and form.group(id_) == form.group(present) and progress.answers.get(id_, 0) is None
    ]
    return len(skipped) < form.limits.skips


def skip(form: QuizForm, progress: QuizProgress, now: datetime) -> QuizProgress:
    """Leave the present question out and move on, where ``may_skip`` allows it."""
    return answer(form, progress, None, now) if may_skip(form, progress) else progress


def back(form: QuizForm, progress: QuizProgress, now: datetime) -> QuizProgress:
    """Go back one question, from a finished quiz to its last one; answers stay until they are replaced."""
    if progress.state == "paused" or progress.step == 0:
        return progress
    ended = {"completed_at" if progress.extended else "finished_at": None} if done(progress) else {}
    return _changed(progress, now, step=progress.step - 1, state="asking", **ended)


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


def extend(form: QuizForm, progress: QuizProgress, now: datetime) -> QuizProgress:
    """Go on from a finished first part to the second; all answers are kept."""
    if progress.extended or not done(progress):
        return progress
    return _changed(progress, now, extended=True, state="asking", step=len(form.order), extended_at=now)


def retreat(form: QuizForm, progress: QuizProgress, now: datetime) -> QuizProgress:
    """Give the second part up: its answers go, and the result of the first stands again."""
    if not progress.extended or done(progress):
        return progress
    return _changed(
        progress,
        now,
        extended=False,
        extended_at=None,
        answers={id_: progress.answers[id_] for id_ in form.order},
        step=len(form.order),
        state="situation" if progress.situation is None else "result",
    )


def judge(progress: QuizProgress, looks: str, now: datetime) -> QuizProgress:
    """Note whether the result looks like the person (yes, partly or no); only the first word counts."""
    if not done(progress) or progress.looks or looks not in ("yes", "partly", "no"):
        return progress
    return _changed(progress, now, looks=looks)


def place(progress: QuizProgress) -> int:
    """A number for where the run stands, as buttons carry it: the step of a question, or that of a result."""
    return progress.step + RESULT * done(progress)


def done(progress: QuizProgress) -> bool:
    """Whether there is a result."""
    return progress.state in ("situation", "result")


def expired(form: QuizForm, progress: QuizProgress, now: datetime) -> bool:
    """Whether the run is older than we promise to keep it, or belongs to another definition of the quiz."""
    return progress.version != form.tag or now - progress.updated_at > timedelta(hours=form.limits.expiry)


def seconds(progress: QuizProgress) -> float | None:
    """How long the quicker of the finished parts took, in seconds; None where none is finished."""
    parts = [(progress.started_at, progress.finished_at), (progress.extended_at, progress.completed_at)]
    return min(((end - begin).total_seconds() for begin, end in parts if begin and end), default=None)


def _changed(progress: QuizProgress, now: datetime, **changes: object) -> QuizProgress:
    return progress.model_copy(update={**changes, "updated_at": now}, deep=True)
