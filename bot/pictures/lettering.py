"""The typeface: measures words and breaks them into lines."""

import math
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from bot.pictures.scene import Box, Point, Weight

FACE = "Figtree"
FONTS = Path(__file__).parent / "fonts"
SOFT_HYPHEN = "\u00ad"
FOLDED = {0x202F: 0xA0, 0x2011: ord("-")}
"""Narrow no-break space and no-break hyphen, which the typeface does not have, and what stands for them."""


@cache
def font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    """The typeface in one cut and size; laid out by the simple engine, which is the same on every machine."""
    return ImageFont.truetype(FONTS / f"{FACE}-{weight}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def tidy(text: str) -> str:
    """The text with characters that the typeface has."""
    return text.translate(FOLDED)


@lru_cache(maxsize=1024)
def width(text: str, weight: Weight, size: int) -> float:
    """How wide a line is, in pixels; remembered, as a layout asks for the same words again and again."""
    return font(weight, size).getlength(text)


def ascent(weight: Weight, size: int) -> int:
    """How high a line rises above its baseline, in pixels."""
    return font(weight, size).getmetrics()[0]


def height(weight: Weight, size: int) -> int:
    """How high a line is from one baseline to the next, in pixels."""
    return math.ceil(sum(font(weight, size).getmetrics()))


def box(text: str, start: Point, weight: Weight, size: int) -> Box:
    """What the letters of a line fill whose baseline begins there."""
    left, top, right, bottom = font(weight, size).getbbox(text, anchor="ls")
    x, y = start
    return Box(x + left, y + top, x + right, y + bottom)


def wrap(text: str, room: float, weight: Weight, size: int) -> list[str]:
    """The text in lines no wider than ``room`` pixels; a word that is wider by itself is broken with a hyphen."""
    lines: list[str] = []
    for word in tidy(text).split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(_shown(joined), weight, size) <= room:
            lines[-1] = joined
            continue
        *broken, rest = _pieces(word, room, weight, size)
        lines += [*broken, rest]
    return [_shown(line) for line in lines if line]


def fits(text: str, room: float, weight: Weight, size: int) -> bool:
    """Whether each word has room on a line of its own."""
    return all(width(_shown(word), weight, size) <= room for word in tidy(text).split(" "))


def _pieces(word: str, room: float, weight: Weight, size: int) -> Iterator[str]:
    """A word in pieces that fit: at its soft hyphens where it has some, else after as many letters as there is room."""
    while width(_shown(word), weight, size) > room and len(word) > 2:
        marked = [i for i, letter in enumerate(word) if letter == SOFT_HYPHEN]
        letters = range(2, len(word) - 1)
        places = [i for i in marked or letters if width(_shown(word[:i]) + "-", weight, size) <= room]
        if not places:
            places = [i for i in range(1, len(word)) if width(_shown(word[:i]) + "-", weight, size) <= room] or [1]
        yield word[: places[-1]].rstrip(SOFT_HYPHEN) + "-"
        word = word[places[-1] :].lstrip(SOFT_HYPHEN)
    yield word


def _shown(text: str) -> str:
    return text.replace(SOFT_HYPHEN, "")
