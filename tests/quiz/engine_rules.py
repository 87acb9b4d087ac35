"""The rules of the quiz that are about the engine: each a check that tells what is wrong, and a quiz that breaks it.

A check takes a whole quiz (definition, words, engine) and returns what it found; nothing where the rule is kept.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from quiz_helpers import DONE, FORM, LAST, NOW, TEXTS, WHOLE, keyed_vector, later, progress, uniform, vector

from conversations.messages import ResultCard, Show
from conversations.quiz import scoring
from conversations.quiz.desk import QuizDesk
from conversations.quiz.findings import find
from conversations.quiz.picturing import PictureView
from conversations.quiz.result import ResultView
from conversations.quiz.scoring import Answers, Scores
from conversations.session import Session, Turn
from knowledge.quiz import QuizForm, QuizTexts

Score = Callable[[QuizForm, Answers], Scores]
Problems = Iterator[str]


def own_picture(form: QuizForm, texts: QuizTexts, answers: dict[str, int | None]) -> ResultCard:
    """The picture of a result."""
    card = PictureView(form, texts, "en").own(progress(answers), Show.MOVE).card
    assert isinstance(card, ResultCard)
    return card


@dataclass(frozen=True)
class Quiz:
    """Everything that a rule may look at."""

    form: QuizForm = FORM
    texts: dict[str, QuizTexts] = field(default_factory=lambda: TEXTS)
    score: Score = scoring.score
    desk: QuizDesk = field(default_factory=lambda: QuizDesk(FORM, TEXTS))
    picture: Callable[[QuizForm, QuizTexts, dict[str, int | None]], ResultCard] = own_picture
    restart: Callable[[Session], Session] = lambda session: Session.model_validate_json(session.model_dump_json())

    def page(self, answers: dict[str, int | None], language: str = "en") -> str:
        """The result page."""
        return ResultView(self.form, self.texts[language], language).page(progress(answers), Show.EDIT).text

    def tap(self, session: Session, data: str, now: datetime = NOW) -> Turn:
        """A tap, which must be answered."""
        turn = self.desk.tap(session, data, "en", now)
        assert turn is not None
        return turn


def total(quiz: Quiz, answers: Answers) -> Fraction:
    return quiz.score(quiz.form, answers).total


def m1(quiz: Quiz) -> Problems:
    """Minimum 0 and maximum 100 are reached, for each dimension and for the total."""
    for value, wanted in ((0, 0), (4, 100)):
        answers = {item.id: value if item.key == "+" else 4 - value for item in quiz.form.items}
        scores = quiz.score(quiz.form, answers)
        if {*scores.dimensions.values(), scores.total} != {wanted}:
            yield f"{wanted} is not reached"


def m2(quiz: Quiz) -> Problems:
    """All neutral is exactly 50 everywhere, and in the middle of every axis."""
    for asked in (quiz.form.order, WHOLE):
        scores = quiz.score(quiz.form, uniform(2, asked))
        if {float(value or -1) for value in (*scores.dimensions.values(), scores.total)} != {50.0}:
            yield "neutral is not 50"
        if set(scores.axes.values()) != {0} or len(set(scores.types.values())) != 1:
            yield "neutral leans"


def m3(quiz: Quiz) -> Problems:
    """Each constant answer gives exactly 50 in all."""
    for value, asked in itertools.product(range(5), (quiz.form.order, WHOLE)):
        if float(total(quiz, uniform(value, asked))) != 50.0:
            yield f"{value} everywhere gives {float(total(quiz, uniform(value, asked)))}"


def steps_up(quiz: Quiz, seeds: range = range(40)) -> Iterator[tuple[str, Scores, Scores]]:
    """Scores before and after one keyed answer goes up by one."""
    for seed in seeds:
        answers = vector(seed, (1, 2, 3))
        for item in (quiz.form.item_by_id[id_] for id_ in quiz.form.order if id_ in quiz.form.item_by_id):
            raw = answers[item.id]
            assert raw is not None
            raised = answers | {item.id: raw + (1 if item.key == "+" else -1)}
            yield item.dimension, quiz.score(quiz.form, answers), quiz.score(quiz.form, raised)


def m4(quiz: Quiz) -> Problems:
    """Raising a keyed answer never lowers its dimension or the total."""
    for dimension, before, after in steps_up(quiz):
        if after.total < before.total or (after.dimensions[dimension] or 0) < (before.dimensions[dimension] or 0):
            yield f"more {dimension} gives less"


def m5(quiz: Quiz) -> Problems:
    """Mirrored answers mirror the score."""
    for seed in range(200):
        answers = vector(seed)
        mirrored = {id_: 4 - value for id_, value in answers.items() if value is not None}
        if total(quiz, answers) + total(quiz, mirrored) != 100:
            yield f"seed {seed}"


def m6(quiz: Quiz) -> Problems:
    """An item changes its own dimension and the total only, all items by as much."""
    for dimension, before, after in steps_up(quiz):
        others = {id_ for id_ in before.dimensions if before.dimensions[id_] != after.dimensions[id_]}
        if after.total - before.total != Fraction(100, 72) or others != {dimension} or after.axes != before.axes:
            yield f"an item of {dimension}"


def m7(quiz: Quiz) -> Problems:
    """The weights of the dimensions are above 0 and sum up to 1."""
    low = total(quiz, keyed_vector({dimension.id: 0 for dimension in quiz.form.dimensions}))
    weights = []
    for dimension in quiz.form.dimensions:
        levels = {other.id: 4 if other.id == dimension.id else 0 for other in quiz.form.dimensions}
        weights.append((total(quiz, keyed_vector(levels)) - low) / 100)
    if min(weights) <= 0 or sum(weights) != 1:
        yield f"weights {weights}"


def m8(quiz: Quiz) -> Problems:
    """Thirteen values a dimension, seventy-three in all."""
    climbing: dict[str, int | None] = {i.id: 0 if i.key == "+" else 4 for i in quiz.form.items}
    climbing = {id_: value for id_, value in climbing.items() if id_ in quiz.form.order}
    scores = [quiz.score(quiz.form, climbing)]
    for id_ in climbing:
        for _ in range(4):
            climbing[id_] = (climbing[id_] or 0) + (1 if quiz.form.item_by_id[id_].key == "+" else -1)
            scores.append(quiz.score(quiz.form, climbing))
    if len({one.total for one in scores}) != 73:
        yield f"{len({one.total for one in scores})} totals"
    if any(len({one.dimensions[id_] for one in scores}) != 13 for id_ in scores[0].dimensions):
        yield "not 13 values"


def m9(quiz: Quiz) -> Problems:
    """Random answers: mean 50, deviation 8.33, and hardly ever the highest band (exact, without drawing)."""
    sums = Counter({0: 1})
    for _ in range(18):
        sums = Counter({k: sum(sums[k - a] for a in range(5)) for k in range(max(sums) + 5)})
    highest = max(band.minimum for band in quiz.form.bands)
    lucky = sum(n for k, n in sums.items() if k * 100 / 72 >= highest) / sums.total()
    mean = sum(k * n for k, n in sums.items()) / sums.total() * 100 / 72
    deviation = (sum((k * 100 / 72 - mean) ** 2 * n for k, n in sums.items()) / sums.total()) ** 0.5
    if lucky >= 0.015 or abs(mean - 50) > 0.2 or abs(deviation - 8.33) > 0.1:
        yield f"{lucky:.3f} reach the highest band; mean {mean}, deviation {deviation}"


def m10(quiz: Quiz) -> Problems:
    """Each type is reached, each as often as the others, and mixed ones in 36 of 100."""
    kinds: Counter[str] = Counter()
    varied = keyed_vector({"tech": 4, "stra": 0, "lead": 3, "comm": 1})
    pairs = [id_ for id_ in quiz.form.order if id_ in quiz.form.pair_by_id]
    for raw in itertools.product(range(5), repeat=4):
        closest = find(quiz.form, varied | dict(zip(pairs, raw, strict=True)), None).closest
        assert closest is not None
        kinds[closest.types[0] if closest.kind == "clear" else "mixed"] += 1
    shares = {kind: 100 * n / 625 for kind, n in kinds.items()}
    if set(shares) != {"mixed", *(type_.id for type_ in quiz.form.types)}:
        yield f"reached: {sorted(shares)}"
    if any(abs(share - (36 if kind == "mixed" else 16)) > 1 for kind, share in shares.items()):
        yield f"shares {shares}"


def m11(quiz: Quiz) -> Problems:
    """Turning an axis round swaps the types across it and nothing else."""
    for seed, axis in itertools.product(range(30), quiz.form.axes):
        answers = vector(seed)
        turned = {
            id_: 4 - value if value is not None and quiz.form.group(id_) == axis.id else value
            for id_, value in answers.items()
        }
        one, other = quiz.score(quiz.form, answers), quiz.score(quiz.form, turned)
        place = quiz.form.axes.index(axis)
        for type_ in quiz.form.types:
            corner = list(type_.corner)
            corner[place] = axis.high if corner[place] == axis.low else axis.low
            across = next(t.id for t in quiz.form.types if t.corner == tuple(corner))
            if one.types[type_.id] != other.types[across] or one.total != other.total:
                yield f"{axis.id}: {type_.id}"


def m12(quiz: Quiz) -> Problems:
    """The order of answering does not matter."""
    for seed in range(50):
        answers = vector(seed)
        shuffled = list(answers.items())
        random.Random(seed).shuffle(shuffled)
        if quiz.score(quiz.form, dict(shuffled)) != quiz.score(quiz.form, answers):
            yield f"seed {seed}"


def m13(quiz: Quiz) -> Problems:
    """With one skip in each dimension neutral stays 50 and scores stay in range."""
    for gone in range(3):
        skipped = {
            [i.id for i in quiz.form.items if i.dimension == d.id and i.id in quiz.form.order][gone]
            for d in quiz.form.dimensions
        }
        for seed in range(30):
            answers = {id_: None if id_ in skipped else value for id_, value in vector(seed, (0, 4)).items()}
            if not 0 <= total(quiz, answers) <= 100:
                yield f"seed {seed}"
        if total(quiz, {id_: None if id_ in skipped else 2 for id_ in quiz.form.order}) != 50:
            yield f"neutral without item {gone}"


def m14(quiz: Quiz) -> Problems:
    """The second part with answers like those of the first gives the same score and a smaller range."""
    for level in range(5):
        answers = {i.id: level if i.key == "+" else 4 - level for i in quiz.form.items}
        answers |= dict.fromkeys(quiz.form.pair_by_id, 2)
        short: dict[str, int | None] = {id_: answers[id_] for id_ in quiz.form.order}
        one, other = find(quiz.form, short, None), find(quiz.form, answers, None)
        if one.scores.total != other.scores.total or other.spread >= one.spread:
            yield f"{one.percent} ± {one.spread}, then {other.percent} ± {other.spread}"


# Written down apart from the content: a change of a key must be meant.
DIRECT = set(["tech1", "tech2", "stra1", "stra2", "lead1", "comm1", "comm2", "busi1", "pres1"])
DIRECT |= set(["tech4", "stra4", "lead4", "lead5", "comm4", "busi4", "busi5", "pres4", "pres5"])
LOW_FIRST = {"reach1", "part1", "reach3", "part3"}


def reference(answers: Answers) -> tuple[dict[str, float], float, list[float]]:
    """The formulas in plain floating point, by the names of items: dimensions, total, and the four types."""
    gathered: dict[str, list[int]] = {}
    for id_, raw in answers.items():
        if raw is not None:
            forward = id_ in DIRECT or id_ in LOW_FIRST
            gathered.setdefault(id_[:-1], []).append(raw if forward else 4 - raw)
    means = {name: sum(values) / len(values) / 4 for name, values in gathered.items()}
    x, y = means.pop("reach", 0.5), means.pop("part", 0.5)
    types = [(1 - x) * (1 - y), (1 - x) * y, x * (1 - y), x * y]
    return {name: 100 * mean for name, mean in means.items()}, 100 * sum(means.values()) / len(means), types


def with_skips(draw: random.Random, answers: dict[str, int | None]) -> dict[str, int | None]:
    """At most one skip in each dimension and axis of a part."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for id_ in answers:
        groups.setdefault((id_[:-1], id_ in FORM.order), []).append(id_)
    skipped = {draw.choice(group) for group in groups.values() if draw.random() < 0.3}
    return {id_: None if id_ in skipped else value for id_, value in answers.items()}


def m15(quiz: Quiz, count: int = 500) -> Problems:
    """The engine agrees with the reference, for one part and for both, with skips."""
    draw = random.Random(15)
    for seed in range(count):
        answers = with_skips(draw, vector(seed, asked=WHOLE if seed % 2 else quiz.form.order))
        scores, (dimensions, whole, types) = quiz.score(quiz.form, answers), reference(answers)
        pairs = [(float(scores.dimensions[name] or 0), value) for name, value in dimensions.items()]
        pairs += [(float(scores.total), whole), *zip(map(float, scores.types.values()), types, strict=True)]
        if any(abs(one - other) > 1e-9 for one, other in pairs):
            yield f"seed {seed}"


def some_answers() -> Iterator[dict[str, int | None]]:
    for seed in range(60):
        yield vector(seed, ((0, 1, 2, 3, 4), (0, 4), (1, 2, 3))[seed % 3])
    for level in range(5):
        yield keyed_vector(dict.fromkeys((d.id for d in FORM.dimensions), level))


def r1(quiz: Quiz) -> Problems:
    """Each band, level, burden and type can be reached."""
    found = [find(quiz.form, answers, None) for answers in some_answers()]
    reached = {
        "bands": {one.band.id for one in found},
        "levels": {level for one in found for level in one.levels.values()},
        "burdens": {burden for one in found for burden in one.burdens},
        "types": {type_ for one in found if one.closest for type_ in one.closest.types},
    }
    for kind, ids in reached.items():
        yield from (thing.id for thing in getattr(quiz.form, kind) if thing.id not in ids)


def r2(quiz: Quiz) -> Problems:
    """Each vector gives a complete page: one band, six bars, every part once."""
    for answers in some_answers():
        try:
            lines = quiz.page(answers).split("\n")
        except IndexError:
            yield "no band or level"
            continue
        words = quiz.texts["en"].result
        titles = (words.strengths_title, words.growth_title, words.burdens_title, words.limits_title, words.disclaimer)
        if any(lines.count(title) != 1 for title in titles):
            yield "a part is missing"
        if sum(line.startswith(("▓", "░")) for line in lines) != 6:
            yield "not six bars"


def r3(quiz: Quiz) -> Problems:
    """A strength is at least 55 and above one's mean, a growth area below 70 and below it; never the same."""
    for answers in some_answers():
        findings = find(quiz.form, answers, None)
        known = {id_: value for id_, value in findings.scores.dimensions.items() if value is not None}
        mean = sum(known.values()) / len(known)
        for strength in findings.strengths:
            if known[strength.dimension] < 55 or known[strength.dimension] <= mean:
                yield f"{strength.dimension} is no strength"
        for id_ in findings.growth:
            if known[id_] >= 70 or known[id_] >= mean:
                yield f"{id_} needs no growth"


def r4(quiz: Quiz) -> Problems:
    """Picture, text and export show the same numbers."""
    for answers in some_answers():
        card, page = quiz.picture(quiz.form, quiz.texts["en"], answers), quiz.page(answers)
        held = quiz.desk.numbers(Session(quiz=progress(answers), quiz_runs=1))
        assert held is not None
        first = page.split("\n")[0]
        if f"{held['percent']}%" not in first or f"{held['low']} and {held['high']}" not in first:
            yield "text and export differ"
        if (card.percent, card.low, card.high) != (held["percent"], held["low"], held["high"]):
            yield "picture and export differ"
        if held["dimensions"] != dict(zip(FORM_DIMENSIONS, (spoke.value for spoke in card.spokes), strict=True)):
            yield "the spokes differ from the export"


FORM_DIMENSIONS = [dimension.id for dimension in FORM.dimensions]


def r6(quiz: Quiz) -> Problems:
    """Pages of opposite profiles share less than a fifth of their sentences."""
    words = quiz.texts["en"].result
    frame = {words.disclaimer, words.type_note, *words.limits.split("\n")}
    frame |= {text for name, text in words.model_dump().items() if name.endswith("_title")}

    def sentences(answers: dict[str, int | None]) -> set[str]:
        text = quiz.page(answers).rpartition("\n\n")[0].replace("\n▓", " ▓").replace("\n░", " ░")
        lines = [line for line in text.split("\n") if line and line not in frame]
        return {sentence for line in lines for sentence in line.replace("? ", ". ").split(". ")}

    for seed in range(60):
        answers = vector(seed, (0, 4))
        opposite = {id_: None if value is None else 4 - value for id_, value in answers.items()}
        one, other = sentences(answers), sentences(opposite)
        if len(one & other) >= 0.2 * min(len(one), len(other)):
            yield f"seed {seed}: {len(one & other)} of {min(len(one), len(other))}"


def f1(quiz: Quiz) -> Problems:
    """At each question Back, Pause, Quit and Help are answered, and none of them is a dead end."""
    session = quiz.tap(Session(), "q1:1:0:s").session
    for step in range(LAST):
        for letter in "bpqu":
            turn = quiz.tap(session, f"q1:1:{step}:{letter}")
            if not turn.replies:
                yield f"{letter} at {step} is not answered"
        paused = quiz.tap(session, f"q1:1:{step}:p").session
        on = quiz.tap(paused, f"q1:1:{step}:c").session
        if on.quiz is None or on.quiz.state != "asking" or on.quiz.step != step:
            yield f"the pause at {step} is a dead end"
        session = quiz.tap(session, f"q1:1:{step}:a2").session
    if session.quiz is None or session.quiz.state != "situation":
        yield "there is no result"


def f2(quiz: Quiz) -> Problems:
    """Back and forward again changes nothing, and no double or late tap does."""
    session = quiz.tap(Session(), "q1:1:0:s").session
    for step in range(LAST):
        before = session
        session = quiz.tap(session, f"q1:1:{step}:a{step % 5}").session
        if quiz.tap(session, f"q1:1:{step}:a{step % 5}").session != session:
            yield f"a double tap at {step} counts"
        assert before.quiz is not None
        back = quiz.tap(session, f"q1:1:{step + 1 if step + 1 < LAST else DONE}:b").session
        again = quiz.tap(back, f"q1:1:{step}:a{step % 5}").session
        if again != session:
            yield f"back at {step} loses something"


def f3(quiz: Quiz) -> Problems:
    """Stopped and started at each step, the quiz goes on from there."""
    session = straight = quiz.tap(Session(), "q1:1:0:s").session
    for step in range(LAST):
        session = quiz.restart(quiz.tap(quiz.restart(session), f"q1:1:{step}:a{step % 5}", later(step)).session)
        straight = quiz.tap(straight, f"q1:1:{step}:a{step % 5}", later(step)).session
        if session != straight:
            yield f"step {step}"
            return


def p1(quiz: Quiz) -> Problems:
    """Nothing is written before Start; what is deleted is gone; what is exported can be read back."""
    offered = quiz.desk.offer(Session(), "en", NOW).session
    if quiz.tap(offered, "q1:1:0:h").session != Session():
        yield "something is remembered before the start"
    session = quiz.tap(Session(), "q1:1:0:s").session
    for step in range(LAST):
        session = quiz.tap(session, f"q1:1:{step}:a{step % 5}").session
    kept = quiz.tap(session, f"q1:1:{DONE}:y").session
    if quiz.tap(kept, "q1:1:0:xyes").session != Session(quiz_runs=1):
        yield "something stays after deleting"
    if quiz.restart(kept) != kept:
        yield "the export does not hold everything"


def _scores(change: Callable[[Scores, QuizForm, Answers], Scores]) -> Quiz:
    return Quiz(score=lambda form, answers: change(scoring.score(form, answers), form, answers))


def _total(change: Callable[[Fraction], Any]) -> Quiz:
    return _scores(lambda scores, form, answers: replace(scores, total=Fraction(change(scores.total))))


def _limits(**changes: object) -> Quiz:
    return Quiz(form=FORM.model_copy(update={"limits": FORM.limits.model_copy(update=changes)}))


def _first_key_turned() -> Quiz:
    form = FORM.model_dump()
    form["items"][0]["key"] = "-"
    return Quiz(form=QuizForm.model_validate(form))


def _bands(minima: list[int]) -> Quiz:
    bands = tuple(b.model_copy(update={"minimum": m}) for b, m in zip(FORM.bands, minima, strict=True))
    return Quiz(form=FORM.model_copy(update={"bands": bands}))


def _said_alike() -> Quiz:
    words = TEXTS["en"]
    same = {
        id_: about.model_copy(update={"why": "You are curious. You like people. You work hard. You are kind."})
        for id_, about in words.dimensions.items()
    }
    bands = dict.fromkeys(words.bands, "You have your good days. You have bad ones. You know it.")
    return Quiz(texts={**TEXTS, "en": words.model_copy(update={"dimensions": same, "bands": bands})})


class _NoResume(QuizDesk):
    def tap(self, session: Session, data: str, language: str, now: datetime) -> Turn | None:
        return super().tap(session, data.replace(":c", ":p"), language, now)


class _Heedless(QuizDesk):
    def tap(self, session: Session, data: str, language: str, now: datetime) -> Turn | None:
        at = session.quiz.step if session.quiz else 0
        prefix, _, letter = data.rpartition(":")
        return super().tap(session, f"{prefix.rpartition(':')[0]}:{at}:{letter}", language, now)


class _Eager(QuizDesk):
    def offer(self, session: Session, language: str, now: datetime) -> Turn:
        turn = super().offer(session, language, now)
        return turn.model_copy(update={"session": session.model_copy(update={"quiz_runs": 1})})


def _forgetful(session: Session) -> Session:
    again = Session.model_validate_json(session.model_dump_json())
    if again.quiz is not None:
        again.quiz.answers.pop(FORM.order[3], None)
    return again


def _twice_tech(scores: Scores, form: QuizForm, answers: Answers) -> Scores:
    tech = scores.dimensions["tech"] or Fraction(0)
    return replace(scores, total=(scores.total * 6 + tech) / 7)


def _skips_as_zero(scores: Scores, form: QuizForm, answers: Answers) -> Scores:
    return scoring.score(form, {id_: 0 if value is None else value for id_, value in answers.items()})


def _first_answer_more(scores: Scores, form: QuizForm, answers: Answers) -> Scores:
    return replace(scores, total=scores.total + (next(iter(answers.values())) or 0))


def _fixed_types(scores: Scores, form: QuizForm, answers: Answers) -> Scores:
    share = Fraction(sum(value or 0 for value in answers.values()), 1000)
    return replace(scores, types=dict.fromkeys(scores.types, share))


def _other_figure(form: QuizForm, texts: QuizTexts, answers: dict[str, int | None]) -> ResultCard:
    card = own_picture(form, texts, answers)
    return card.model_copy(update={"percent": card.percent + 1})


ENGINE: dict[str, tuple[Callable[[Quiz], Problems], Quiz]] = {
    "M1": (m1, _total(lambda whole: whole / 2)),
    "M2": (m2, _total(lambda whole: whole + Fraction(1, 10**14))),
    "M3": (m3, _first_key_turned()),
    "M4": (m4, _total(lambda whole: abs(whole - 50))),
    "M5": (m5, _total(lambda whole: whole**2 / 100)),
    "M6": (m6, _scores(_twice_tech)),
    "M7": (m7, _total(lambda whole: whole * 6 / 5)),
    "M8": (m8, _total(lambda whole: round(whole / 2))),
    "M9": (m9, _bands([0, 40, 50, 60])),
    "M10": (m10, _limits(type_lead=40)),
    "M11": (m11, _scores(_fixed_types)),
    "M12": (m12, _scores(_first_answer_more)),
    "M13": (m13, _scores(_skips_as_zero)),
    "M14": (m14, _limits(spread_extended=12)),
    "M15": (m15, _first_key_turned()),
    "R1": (r1, _bands([0, 40, 55, 101])),
    "R2": (r2, _bands([30, 40, 55, 70])),
    "R3": (r3, _limits(strength=20)),
    "R4": (r4, Quiz(picture=_other_figure)),
    "R6": (r6, _said_alike()),
    "F1": (f1, Quiz(desk=_NoResume(FORM, TEXTS))),
    "F2": (f2, Quiz(desk=_Heedless(FORM, TEXTS))),
    "F3": (f3, Quiz(restart=_forgetful)),
    "P1": (p1, Quiz(desk=_Eager(FORM, TEXTS))),
}
"""For each rule its check, and a quiz that breaks it."""
