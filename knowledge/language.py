"""Tells the language of a message from its text, and from what is known of the conversation where the text is short."""

import unicodedata
from collections.abc import Collection, Sequence

from py3langid.langid import MODEL_FILE, LanguageIdentifier

EXPECTED = 5.0
"""How much evidence (in natural logarithms) it takes to leave the language that was expected."""

SHORTEST = 3
"""Letters from which a text tells its language at all."""

LONGEST = 400
"""Characters of a message that are looked at."""


def _visible(text: str) -> str:
    """The text in composed letters, without invisible characters."""
    return unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) != "Cf"))


class LanguageReader:
    """Tells which of the offered languages a text is in."""

    def __init__(self, offered: Collection[str]) -> None:
        self._offered = tuple(offered)
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
        self._identifier.set_languages(list(self._offered))

    def read(self, text: str, expected: Sequence[str]) -> str:
        """The language of the text.

        ``expected`` are the likely languages, likeliest first; the first of them that is offered is preferred where
        the text does not tell clearly, and stands for a text with hardly any letters.
        """
        preferred = next((language for language in expected if language in self._offered), self._offered[0])
        seen = _visible(text[: 4 * LONGEST])[:LONGEST].lower()
        if sum(letter.isalpha() for letter in seen) < SHORTEST:
            return preferred
        scores = {language: float(score) for language, score in self._identifier.rank(seen)}
        scores[preferred] += EXPECTED
        return max(self._offered, key=lambda language: scores[language])
