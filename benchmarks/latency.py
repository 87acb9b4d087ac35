"""How long an answer takes: `python -m benchmarks.latency`.

Three questions. How long `Advisor.respond` takes for a message of its own content's kind, with typing errors too; how
that grows with the length of the message; and how the matcher fares with ten times the entries, on generated content
whose index has arbitrary weights (the time does not depend on what they are). Prints medians, 99th percentiles and
ratios; one thread.
"""

import os
import random
import re
import string
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from conversations.advisor import Advisor
from conversations.messages import Incoming, Text
from conversations.session import Session
from knowledge.matching.encoder import find_encoder
from knowledge.matching.features import features
from knowledge.matching.index import Index
from knowledge.matching.matcher import Matcher, Question
from knowledge.phrasings import is_knowledge, phrasings_of
from knowledge.reading import CAREER, read
from knowledge.understanding import Understanding, index_of

MORE = 10


def timed(call: Callable[[str], object], texts: Iterable[str]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    seconds = []
    for text in texts:
        began = time.perf_counter()
        call(text)
        seconds.append(time.perf_counter() - began)
    return 1000 * float(np.median(seconds)), 1000 * float(np.quantile(seconds, 0.99))


def with_typos(text: str, chance: random.Random, share: float = 0.3) -> str:
    """The text with one error in so many of its words of four letters or more: two letters swapped, one left out,
    doubled or wrong."""

    def slip(found: re.Match[str]) -> str:
        word = found.group()
        if chance.random() >= share:
            return word
        spot = chance.randrange(len(word) - 1)
        left, right = word[:spot], word[spot:]
        wrong = chance.choice("aeinrst") + right[1:]
        return left + chance.choice([right[1] + right[0] + right[2:], right[1:], right[0] + right, wrong])

    return re.sub(r"[^\W\d_]{4,}", slip, text)


def larger(index: Index, times: int, chance: random.Random) -> Index:
    """An index with so many times the topics, words and phrasings, each copy with words of its own."""
    names = list(index.vocabulary)
    vocabulary = {
        f"{name}{copy or ''}": at for at, (copy, name) in enumerate((c, n) for c in range(times) for n in names)
    }
    rows = len(index.row_topic)
    spans = [(index.start[:-1] + copy * index.start[-1]) for copy in range(times)]
    shape = (len(vocabulary), times * len(index.topics))
    return replace(
        index,
        topics=tuple(f"{topic}{copy}" for copy in range(times) for topic in index.topics),
        vocabulary=vocabulary,
        idf=np.tile(index.idf, times),
        weights=np.random.default_rng(chance.randrange(1000)).integers(-9, 10, shape, np.int8),
        scale=np.tile(index.scale, times),
        bias=np.tile(index.bias, times),
        start=np.append(np.concatenate(spans), times * index.start[-1]).astype(np.int32),
        row=np.concatenate([index.row + copy * rows for copy in range(times)]).astype(np.int32),
        weight=np.tile(index.weight, times),
        row_topic=np.concatenate([index.row_topic + copy * len(index.topics) for copy in range(times)]).astype(
            np.int16
        ),
        meaning=None,
    )


def main() -> None:
    """Prints all three."""
    knowledge, _ = read()
    index = index_of(CAREER)
    assert index is not None
    chance = random.Random(4)
    asked = [
        (p.topic, text)
        for language in knowledge.languages.values()
        for name, entry in language.entries.items()
        for text in chance.sample(entry.ask, 3)
        for p in [knowledge.entries[name]]
    ]
    texts = [text for _, text in chance.sample(asked, 1200)]
    now = datetime.now(UTC)
    for name, encoder in (("with the encoder", find_encoder()), ("without", None)):
        advisor = Advisor(knowledge, Understanding(knowledge, index, encoder))

        def respond(text: str, advisor: Advisor = advisor) -> object:
            return advisor.respond(Session(), Incoming(event=Text(text=text), language_code="en"), now)

        timed(respond, texts[:50])
        for what, said in (("questions", texts), ("with typing errors", [with_typos(text, chance) for text in texts])):
            median, p99 = timed(respond, said)
            print(f"Advisor.respond, {name:16} {what:18} median {median:5.2f} ms   99th percentile {p99:5.2f} ms")
        for words in (5, 20, 80, 320, 1200):
            long = [_of_words(texts, words, chance) for _ in range(30)]
            median, p99 = timed(respond, long)
            print(f"  {words:5} words ({len(long[0]):5} characters): median {median:5.2f} ms")
    own = [p for p in chance.sample(phrasings_of(knowledge), 3000) if is_knowledge(p.topic)][:1000]
    questions = {" ".join(p.words): Question(p.words, p.words, [1.0] * len(p.words), "") for p in own}
    assert all(features(question.masked)[0] for question in questions.values())
    medians = []
    for times in (1, MORE):
        matcher = Matcher(larger(index, times, chance))
        median, p99 = timed(lambda text, matcher=matcher: matcher.rank(questions[text]), questions)  # type: ignore[misc]
        medians.append(median)
        print(
            f"Matcher.rank, {times:2} x {len(index.topics)} topics, {times * len(index.row_topic)} phrasings: "
            f"median {median:5.2f} ms   99th percentile {p99:5.2f} ms"
        )
    print(f"{MORE} times the entries take {medians[1] / medians[0]:.1f} times as long")


def _of_words(texts: Sequence[str], words: int, chance: random.Random) -> str:
    said: list[str] = []
    while len(said) < words:
        said += [*chance.choice(texts).split(), "".join(chance.choices(string.ascii_lowercase, k=7))]
    return " ".join(said[:words])


if __name__ == "__main__":
    main()
