"""The very same matcher on any labelled phrasings: `python -m benchmarks.matcher_on TRAIN.jsonl TEST.jsonl`.

A line of either file is {"text": ..., "label": ...}; a label of null in TEST means that no label fits. Prints a line a
test message ({"text", "label", "decision", "confidence", "top3"}, the decision being answer, choices or refuse) and, on
standard error, a summary.
"""

import json
import sys
import time
from collections import Counter
from itertools import chain
from pathlib import Path

from knowledge.folding import spelt, words
from knowledge.matching.encoder import find_encoder
from knowledge.matching.matcher import Matcher, Phrasing, Question
from knowledge.matching.spelling import Speller
from knowledge.matching.training import build


def read(path: str) -> list[tuple[str, str | None]]:
    """The texts and labels of a file."""
    rows = (json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip())
    return [(row["text"], row["label"]) for row in rows]


def main(train: str, test: str) -> None:
    """Trains on one file, decides on the other."""
    phrasings = [
        Phrasing(label, tuple(words(text)), tuple(spelt(text))) for text, label in read(train) if label is not None
    ]
    encoder = find_encoder()
    began = time.perf_counter()
    index = build(phrasings, (), lambda tokens, as_spelt: (tuple(tokens), "".join(as_spelt)), encoder)
    trained = time.perf_counter() - began
    speller = Speller(Counter(chain.from_iterable(phrasing.words for phrasing in phrasings)), ())
    matcher = Matcher(index, encoder)
    labels: list[str | None] = []
    decisions: list[str] = []
    firsts: list[str | None] = []
    confidences: list[float] = []
    seconds: list[float] = []
    for text, label in read(test):
        began = time.perf_counter()
        repaired = speller.repair(words(text))
        spelling = "".join(repaired.spelt(spelt(text)))
        matches = matcher.rank(Question(repaired.words, repaired.words, repaired.known, spelling))
        seconds.append(time.perf_counter() - began)
        confidence, gate = matches[0].confidence if matches else 0.0, matcher.gate
        decision = "answer" if confidence >= gate.answer else "choices" if confidence >= gate.ask else "refuse"
        top3 = [match.topic for match in matches[:3]]
        row = {"text": text, "label": label, "decision": decision, "confidence": round(confidence, 4), "top3": top3}
        print(json.dumps(row, ensure_ascii=False))
        labels.append(label)
        decisions.append(decision)
        firsts.append(top3[0] if top3 else None)
        confidences.append(confidence)
    _summary(labels, decisions, firsts, confidences)
    print(
        f"trained on {len(phrasings)} phrasings of {len(index.topics)} labels in {trained:.0f} s; "
        f"median {1000 * sorted(seconds)[len(seconds) // 2]:.2f} ms a message",
        file=sys.stderr,
    )


def _summary(
    labels: list[str | None], decisions: list[str], firsts: list[str | None], confidences: list[float]
) -> None:
    inside = [at for at, label in enumerate(labels) if label is not None]
    outside = [at for at, label in enumerate(labels) if label is None]
    right = [at for at in inside if firsts[at] == labels[at]]
    if inside:
        answered = [at for at in inside if decisions[at] == "answer"]
        good = sum(firsts[at] == labels[at] for at in answered)
        print(
            f"{len(inside)} with a label: first choice right {len(right) / len(inside):.1%}; answered right "
            f"{good / len(inside):.1%}, answered wrong {(len(answered) - good) / len(inside):.1%}, "
            f"asked back {sum(decisions[at] == 'choices' for at in inside) / len(inside):.1%}",
            file=sys.stderr,
        )
    if outside:
        refused = sum(decisions[at] != "answer" for at in outside)
        print(f"{len(outside)} without: not answered {refused / len(outside):.1%}", file=sys.stderr)
    if inside and outside:
        wins = sum(
            (confidences[a] > confidences[b]) + 0.5 * (confidences[a] == confidences[b])
            for a in inside
            for b in outside
        )
        print(f"area under the curve, with against without: {wins / len(inside) / len(outside):.3f}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m benchmarks.matcher_on TRAIN.jsonl TEST.jsonl")
    main(*sys.argv[1:])
