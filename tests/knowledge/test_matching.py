"""The matcher on content of its own: with and without an encoder, trained on the spot."""

import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import numpy as np
import pytest

from knowledge.folding import spelt, words
from knowledge.matching.encoder import Encoder, LateEncoder, Vectors
from knowledge.matching.index import Index
from knowledge.matching.matcher import Match, Matcher, Phrasing, Question
from knowledge.matching.training import build

SAID = {
    "bread": ["how do I bake a loaf", "my loaf will not rise", "which flour for a loaf", "knead the dough how long"],
    "tyres": ["my tyre is flat", "how do I mend a puncture", "which tube for my bicycle", "pump up the tyre how far"],
    "stars": ["which star is that", "when does the moon rise", "how far is that planet", "a telescope for the sky"],
}
MEANS = {"brioche": "loaf", "yeast": "dough", "wheel": "tyre", "cycling": "bicycle", "jupiter": "planet"}


class Dictionary:
    """An encoder that knows a few words for the same thing; each text is the sum of its words' chance directions."""

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        return np.array(
            [np.sum([self._direction(word) for word in words(text)] or [np.zeros(48)], 0) for text in texts]
        )

    def _direction(self, word: str) -> Vectors:
        seed = zlib.crc32(MEANS.get(word, word).encode())
        return np.random.default_rng(seed).normal(size=48).astype(np.float32)


def learned(encoder: Dictionary | None) -> Index:
    phrasings = [
        Phrasing(topic, tuple(words(text)), tuple(spelt(text)))
        for topic, texts in SAID.items()
        for text in (*texts, *(f"tell me: {text}" for text in texts), *(f"{text}, please" for text in texts))
    ]
    return build(phrasings, (), lambda tokens, as_spelt: (tuple(tokens), "".join(as_spelt)), encoder)


@pytest.fixture(scope="module")
def index() -> Index:
    return learned(Dictionary())


def ranked(matcher: Matcher, text: str, barred: Sequence[str] = ()) -> list[Match]:
    tokens = words(text)
    return matcher.rank(Question(tokens, tokens, [1.0] * len(tokens), text), barred=barred)


def test_words_alone_find_their_topic(index: Index) -> None:
    matcher = Matcher(index)
    assert [ranked(matcher, text)[0].topic for text in ("a flat tyre", "the dough", "that star")] == [
        "tyres",
        "bread",
        "stars",
    ]


def test_the_encoder_tells_what_the_words_do_not(index: Index) -> None:
    for text, topic in (("brioche", "bread"), ("how far, jupiter", "stars"), ("my wheel", "tyres")):
        with_it = {match.topic: match.confidence for match in ranked(Matcher(index, Dictionary()), f"the {text}")}
        assert max(with_it, key=lambda name: with_it[name]) == topic, text


def test_the_encoder_is_only_asked_where_the_words_leave_it_unsure(index: Index) -> None:
    encoder = Dictionary()
    sure = ranked(Matcher(index), "my tyre is flat")[0]
    assert ranked(Matcher(index, encoder), "my tyre is flat")
    assert encoder.asked == (0 if sure.confidence >= 0.65 else 1)
    ranked(Matcher(index, encoder), "which of the two, tyre or star")
    assert encoder.asked >= 1


def test_an_index_made_without_an_encoder_asks_none() -> None:
    encoder = Dictionary()
    index = learned(None)
    assert index.meaning is None
    assert ranked(Matcher(index, encoder), "a flat tyre")[0].topic == "tyres"
    assert encoder.asked == 0


def test_meaning_survives_the_file(index: Index) -> None:
    again = Index.load(index.dump())
    assert again.dump() == index.dump()
    assert index.meaning
    assert again.meaning
    assert again.meaning.gate == index.meaning.gate
    text = "the yeast and the star"
    assert ranked(Matcher(again, Dictionary()), text) == ranked(Matcher(index, Dictionary()), text)


@pytest.mark.parametrize("with_encoder", [False, True])
def test_a_barred_topic_is_never_told(index: Index, with_encoder: bool) -> None:
    matcher = Matcher(index, Dictionary() if with_encoder else None)
    matches = ranked(matcher, "my tyre is flat", barred=["tyres"])
    assert matches[0].topic != "tyres"
    assert all(match.confidence < 0.01 for match in matches if match.topic == "tyres")


@pytest.mark.parametrize("with_encoder", [False, True])
def test_nothing_known_is_nothing_told(index: Index, with_encoder: bool) -> None:
    assert ranked(Matcher(index, Dictionary() if with_encoder else None), "qqq") == []


SURE, UNSURE = "how do I mend a puncture", "the brioche"


@contextmanager
def loading(may_end: Event) -> Iterator[LateEncoder]:
    """An encoder that is being loaded, until it may end."""

    def load() -> Encoder:
        assert may_end.wait(10)
        return Dictionary()

    encoder = LateEncoder(load)
    with ThreadPoolExecutor() as beside:
        beside.submit(encoder.load)
        try:
            yield encoder
        finally:
            may_end.set()


def test_only_a_question_that_needs_the_encoder_waits_for_it(index: Index) -> None:
    may_end = Event()
    with loading(may_end) as encoder, ThreadPoolExecutor() as others:
        matcher = Matcher(index, encoder)
        assert ranked(matcher, SURE) == ranked(Matcher(index, Dictionary()), SURE)
        waiting = [others.submit(ranked, matcher, UNSURE) for _ in range(3)]
        assert ranked(matcher, SURE)[0].topic == "tyres"
        assert not any(one.done() for one in waiting)
        may_end.set()
        assert [one.result(10) for one in waiting] == [ranked(Matcher(index, Dictionary()), UNSURE)] * 3


def test_a_question_loads_an_encoder_that_nobody_has_begun_to_load(index: Index) -> None:
    loads: list[Dictionary] = []

    def load() -> Encoder:
        loads.append(Dictionary())
        return loads[-1]

    matcher = Matcher(index, LateEncoder(load))
    assert ranked(matcher, SURE)
    assert loads == []
    for _ in range(2):
        assert ranked(matcher, UNSURE) == ranked(Matcher(index, Dictionary()), UNSURE)
    assert len(loads) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_an_encoder_that_cannot_be_loaded_is_told_once_and_done_without(
    index: Index, caplog: pytest.LogCaptureFixture, begun: bool
) -> None:
    def load() -> Encoder:
        raise OSError("the file is torn")

    encoder = LateEncoder(load)
    if begun:
        encoder.load()
    matcher = Matcher(index, encoder)
    for text in (UNSURE, SURE, UNSURE):
        assert ranked(matcher, text) == ranked(Matcher(index), text)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "sentence encoder cannot be loaded" in told[0]
    assert "the file is torn" in told[0]
