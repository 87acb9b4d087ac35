"""Tells the language of a message: by the content's own words, by a library where those are few, and by the
conversation where neither tells."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log

from py3langid.langid import MODEL_FILE, LanguageIdentifier

EXPECTED = 4.0
"""How much evidence (in natural logarithms) it takes to leave the language that was expected."""

SHORTEST = 3
"""Letters from which a text tells its language at all."""

LONGEST = 400
"""Characters of a message that are looked at."""

UNSEEN = 0.3
"""How often a word counts as said in a language in which it was not."""

LETTERS = 0.5
"""The weight of the library's evidence, which comes from letters, beside that of whole words."""


def _visible(text: str) -> str:
    """The text in composed letters, without invisible characters."""
    return unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) != "Cf"))


class LanguageReader:
    """Tells which of the offered languages a text is in.

    ``said`` are folded sentences of each, to learn words from, save for ``silent`` words, which tell no language.
    """

    def __init__(self, said: Mapping[str, Iterable[Sequence[str]]], silent: Collection[str] = ()) -> None:
        self._offered = tuple(said)
        counts = {language: Counter[str]() for language in said}
        for language, sentences in said.items():
            for sentence in sentences:
                counts[language].update(sentence)
        known = set().union(*counts.values()) - set(silent)
        total = {language: counts[language].total() + UNSEEN * len(known) for language in said}
        self._seen = known
        self._evidence = {
            language: (
                log(UNSEEN / total[language]),
                {word: log((count + UNSEEN) / total[language]) for word, count in counts[language].items()},
            )
            for language in said
        }
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
        self._identifier.set_languages(list(self._offered))

    def read(self, text: str, words: Sequence[str], expected: Sequence[str]) -> str:
        """The language of the text, whose folded words are ``words``.

        ``expected`` are the likely languages, likeliest first; the first of them that is offered is preferred where
        the text does not tell clearly, and stands for a text with hardly any letters.
        """
        preferred = next((language for language in expected if language in self._offered), self._offered[0])
        seen = _visible(text[: 4 * LONGEST])[:LONGEST].lower()
        if sum(letter.isalpha() for letter in seen) < SHORTEST:
            return preferred
        scores = {language: LETTERS * float(score) for language, score in self._identifier.rank(seen)}
        for language, (unseen, evidence) in self._evidence.items():
            scores[language] += sum(evidence.get(word, unseen) for word in words if word in self._seen)
        scores[preferred] += EXPECTED
        return max(self._offered, key=lambda language: scores[language])
