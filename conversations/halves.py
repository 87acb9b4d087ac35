"""Two questions in one message: where it is cut, and what each half is about."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from conversations.smalltalk import joints
from knowledge.content import Knowledge
from knowledge.matching.matcher import Match
from knowledge.phrasings import is_knowledge
from knowledge.understanding import Message, Understanding

SHORTEST_PART = 3
"""Words that half a message needs to be a question of its own."""

ELLIPTIC = 3
"""Words up to which the second half of a message leans on the first."""

SURE_HALF = 0.45
"""Confidence that one half of a message needs, so that the other half may be less plain."""

MOST_SEAMS = 8
"""Places at which a message is tried to be cut, at the most."""

LIKELY = 3
"""Topics of half a message that are looked at."""

SENTENCE_END = re.compile(r"[?!.;\n]+")


class Seam(NamedTuple):
    """A place at which a message may be cut: the first part's end, the second part's start, in words."""

    end: int
    start: int
    between_sentences: bool


class Halves:
    """Finds the two questions of a message."""

    def __init__(self, knowledge: Knowledge, understanding: Understanding) -> None:
        self._understanding = understanding
        self._joints = joints(knowledge)

    def find(self, message: Message, text: str, whole: Sequence[Match]) -> list[tuple[Message, Match]]:
        """The two questions of a message, each with its topic; nothing where it is one question.

        Two sentences are two questions where each is understood; what an "and" joins only where the message as a
        whole is about one of the two.
        """
        leading = whole[0].topic if whole else ""
        best: list[tuple[Message, Match]] = []
        surest = 0.0
        for seam in self._seams(message, text):
            first = self._understanding.part(message, 0, seam.end)
            second = self._understanding.part(message, seam.start, len(message.words))
            halves = [(part, self._of_half(part, leading)) for part in (first, second)]
            if whole and second.reading.scope and len(second.words) <= ELLIPTIC:
                # "..., and where in Brussels?" only makes sense together with what stands before it.
                halves = [(first, self._of_half(first, "")), (second, whole[0])]
            found = [(part, match) for part, match in halves if match is not None]
            topics = {match.topic for _, match in found}
            if len(topics) < 2 or (leading not in topics and not seam.between_sentences):
                continue
            weakest, strongest = sorted(match.confidence for _, match in found)
            if weakest >= self._understanding.answer_from and strongest >= SURE_HALF and weakest > surest:
                best, surest = found, weakest
        return best

    def _of_half(self, part: Message, leading: str) -> Match | None:
        """The topic of half a message: that of the whole where it is among the likely ones, else the likeliest."""
        matches = [match for match in self._understanding.rank(part) if is_knowledge(match.topic)][:LIKELY]
        led = [m for m in matches if m.topic == leading and m.confidence >= self._understanding.ask_from]
        return next(iter(led or matches), None)

    def _seams(self, message: Message, text: str) -> list[Seam]:
        """Where the message may be cut in two, in words."""
        joints = self._joints[message.language]
        seams = []
        counted = [len(self._understanding.words(piece, message.language)) for piece in SENTENCE_END.split(text)]
        dropped = sum(counted) - len(message.words)
        for number in range(1, len(counted)):
            at = sum(counted[:number]) - dropped
            if SHORTEST_PART <= at <= len(message.words) - SHORTEST_PART:
                seams.append(Seam(at, at, between_sentences=True))
        for size in {len(joint) for joint in joints}:
            for at in range(SHORTEST_PART, len(message.words) - size - SHORTEST_PART + 1):
                if tuple(message.words[at : at + size]) in joints:
                    seams.append(Seam(at, at + size, between_sentences=False))
        return seams[:MOST_SEAMS]
