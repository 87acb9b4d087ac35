"""Tells the language of a message: by the content's own words, by a library where those are few, and by the
conversation where neither tells."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from math import log

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from knowledge.late import Late

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

    ``said`` tells how often a folded word is said in each, save for ``silent`` words, which tell no language.
    """

    def __init__(self, said: Mapping[str, Mapping[str, int]], silent: Collection[str] = ()) -> None:
        self._offered = tuple(said)
        known = set().union(*said.values()) - set(silent)
        total = {language: sum(counts.values()) + UNSEEN * len(known) for language, counts in said.items()}
        self._seen = known
        self._evidence = {
            language: (
                log(UNSEEN / total[language]),
                {word: log((count + UNSEEN) / total[language]) for word, count in counts.items()},
            )
            for language, counts in said.items()
        }
        self._identifier = Late(self._load, "the model of letters", "languages are told by whole words alone")
        self._identifier.begin()

    def read(self, text: str, words: Sequence[str], expected: Sequence[str]) -> str:
        """The language of the text, whose folded words are ``words``.

        ``expected`` are the likely languages, likeliest first; the first of them that is offered is preferred where
        the text does not tell clearly, and stands for a text with hardly any letters.
        """
        preferred = next((language for language in expected if language in self._offered), self._offered[0])
        seen = _visible(text[: 4 * LONGEST])[:LONGEST].lower()
        if sum(letter.isalpha() for letter in seen) < SHORTEST:
            return preferred
        identifier = self._identifier.get()
        ranked = dict(identifier.rank(seen)) if identifier else dict.fromkeys(self._offered, 0.0)
        scores = {language: LETTERS * float(score) for language, score in ranked.items()}
        for language, (unseen, evidence) in self._evidence.items():
            scores[language] += sum(evidence.get(word, unseen) for word in words if word in self._seen)
        scores[preferred] += EXPECTED
        return max(self._offered, key=lambda language: scores[language])

    def _load(self) -> LanguageIdentifier:
        identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
        identifier.set_languages(list(self._offered))
        return identifier
