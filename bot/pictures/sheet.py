"""A sheet on which a picture is laid out from top to bottom."""

from dataclasses import dataclass
from enum import Enum

from bot.pictures import lettering
from bot.pictures.scene import Box, Ink, Outline, Scene, Shape, Weight, Words


class Align(Enum):
    """Where a line stands in its room; the value is the share of the free room to its left."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


@dataclass(frozen=True)
class Style:
    """How words look; ``on`` is the colour behind them."""

    size: int
    weight: Weight
    colour: Ink
    on: Ink


class Sheet:
    """Gathers shapes and words."""

    def __init__(self) -> None:
        self._shapes: list[Shape] = []
        self._words: list[Words] = []

    def paint(self, name: str, colour: Ink, *outlines: Outline) -> None:
        """Adds filled outlines; nothing where there are none."""
        if outlines:
            self._shapes.append(Shape(name, colour, outlines))

    def paint_below(self, name: str, colour: Ink, *outlines: Outline) -> None:
        """Adds filled outlines under everything else."""
        self._shapes.insert(0, Shape(name, colour, outlines))

    def write(
        self, name: str, text: str, style: Style, left: float, top: float, room: float, align: Align = Align.LEFT
    ) -> float:
        """Writes words in as many lines as they need, into ``room`` pixels of width; where the next line begins."""
        for line in lettering.wrap(text, room, style.weight, style.size):
            free = room - lettering.width(line, style.weight, style.size)
            start = left + free * align.value, top + lettering.ascent(style.weight, style.size)
            box = lettering.box(line, start, style.weight, style.size)
            self._words.append(Words(name, line, start, style.size, style.weight, style.colour, style.on, box))
            top += lettering.height(style.weight, style.size)
        return top

    def last(self, name: str) -> Box:
        """Where the last line of that name stands."""
        return next(words.box for words in reversed(self._words) if words.name == name)

    def scene(self, height: float, ground: Ink) -> Scene:
        """All that was gathered."""
        return Scene(round(height), ground, tuple(self._shapes), tuple(self._words))


def high(text: str, style: Style, room: float) -> float:
    """How high words will stand in that width, in pixels."""
    lines = lettering.wrap(text, room, style.weight, style.size)
    return len(lines) * lettering.height(style.weight, style.size)
