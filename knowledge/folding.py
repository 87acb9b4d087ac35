"""Folding: one plain form for what people type, whatever the case, accents, quotes or look-alike letters."""

import re
import unicodedata
from itertools import pairwise

LONGEST = 600
"""Characters of a message that are looked at; a question is shorter, and the rest only costs time."""

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
# Cyrillic and Greek letters that look like Latin ones.
_LOOKALIKES = str.maketrans("аеорсухіјѕԁоᴏαεονρτικ", "aeopcyxijsdooaeovptik")


def fold(text: str) -> str:
    """Lower case without accents, invisible characters or punctuation; words are parted by one space."""
    return " ".join(words(text))


def spelt(text: str) -> list[str]:
    """The same words as ``words`` tells, in lower case, each with its accents and with what stands before it; what
    stands after the last word is put to that one. Joined they are the text again."""
    folded = words(text)
    composed = unicodedata.normalize("NFKC", text[: 4 * LONGEST]).lower()
    whole = " ".join("".join(c for c in composed if unicodedata.category(c) != "Cf").split())
    ends = [found.end() for found in _WORD.finditer(whole)][: len(folded)]
    if len(ends) != len(folded):
        return [f" {word}" for word in folded]
    if len(folded) and len(whole) <= LONGEST:
        ends[-1] = len(whole)
    return [whole[start:end] for start, end in pairwise([0, *ends])]


def words(text: str) -> list[str]:
    """The words of a text, folded; only its first ``LONGEST`` characters count."""
    text = unicodedata.normalize("NFKD", text[: 4 * LONGEST]).lower().translate(_LIGATURES)
    kept = [c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"]
    plain = "".join(kept)[:LONGEST]
    found = _WORD.findall(plain)
    if any("a" <= c <= "z" for c in plain):
        found = [word.translate(_LOOKALIKES) if not word.isascii() else word for word in found]
    return found
