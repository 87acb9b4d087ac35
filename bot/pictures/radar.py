"""The radar of a result: a web with a ring at the neutral value, the person's shape, and a label at each corner."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.pictures import lettering
from bot.pictures.scene import SMALLEST, WIDTH, Ink, Outline, Point, Weight, corner, dashes, disc, loop, stroke
from bot.pictures.sheet import Align, Sheet, Style, high
from conversations.messages import Spoke

RADII = range(225, 160, -5)
"""Half the height of the web in pixels, the best first."""

EDGE, GAP, APART = 34, 24, 14
"""Pixels between a label and the picture's edge, the web, another label."""

NAME = Style(SMALLEST, Weight.BOLD, Ink.TEXT, Ink.PAPER)
VALUE = Style(44, Weight.BOLD, Ink.LINE, Ink.PAPER)
LEVEL = Style(SMALLEST, Weight.REGULAR, Ink.QUIET, Ink.PAPER)
MISSING = "–"
SPACE = 14
"""Pixels between a value and its level on the same line."""


@dataclass(frozen=True)
class Label:
    """What stands at a corner of the web: ``side`` is -1 left of it, 1 right, 0 above or below.

    ``angle`` is clockwise from the top, ``room`` the greatest width. ``stacked``: the level stands below the value.
    """

    name: str
    spoke: Spoke
    angle: float
    side: int
    room: float
    stacked: bool

    @property
    def figure(self) -> str:
        """The value in figures."""
        return MISSING if self.spoke.value is None else str(self.spoke.value)

    @property
    def high(self) -> float:
        """Its height in pixels."""
        level = high(self.spoke.level, LEVEL, self.room) if self.stacked else 0
        return high(self.spoke.name, NAME, self.room) + high(self.figure, VALUE, self.room) + level

    @property
    def low(self) -> float:
        """How far down the web its corner is, from -1 (the top) to 1."""
        return -math.cos(self.angle)


def draw(sheet: Sheet, spokes: Sequence[Spoke], neutral: int, top: float) -> float:
    """Draws the radar below ``top``; where it ends. Spokes without a value leave a gap in the shape."""
    radius, labels = plan(spokes)
    tops = dict(_tops(labels, radius))
    middle = WIDTH / 2, top - min(-radius, *tops.values())
    _web(sheet, [label.spoke.value for label in labels], neutral, middle, radius)
    lowest = middle[1] + radius
    for number, offset in tops.items():
        lowest = max(lowest, _write(sheet, labels[number], middle[1] + offset))
    return lowest


def plan(spokes: Sequence[Spoke]) -> tuple[int, list[Label]]:
    """The radius of the largest web whose labels need no broken word, turned if that helps; else of the smallest."""
    for radius in RADII:
        for first in range(len(spokes)):
            labels = _labels([*spokes[first:], *spokes[:first]], radius)
            if all(lettering.fits(label.spoke.name, label.room, NAME.weight, NAME.size) for label in labels):
                return radius, labels
    return RADII[-1], _labels(spokes, RADII[-1])


def legend(sheet: Sheet, text: str, top: float) -> float:
    """What the broken line means, centred; where it ends."""
    sample, space = 66, 18
    room = WIDTH - 2 * EDGE - sample - space
    lines = lettering.wrap(text, room, LEVEL.weight, LEVEL.size)
    wide = max(lettering.width(line, LEVEL.weight, LEVEL.size) for line in lines)
    left = (WIDTH - wide - sample - space) / 2
    y = top + lettering.height(LEVEL.weight, LEVEL.size) / 2
    sheet.paint("legend", Ink.RING, *dashes((left, y), (left + sample, y), 5, 15, 10))
    return sheet.write("legend", text, LEVEL, left + sample + space, top, wide + 1)


def _labels(spokes: Sequence[Spoke], radius: float) -> list[Label]:
    """The labels clockwise from the top. Those beside the web are all stacked if one must be."""
    across = [math.sin(2 * math.pi * number / len(spokes)) for number in range(len(spokes))]
    sides = [0 if abs(share) < 0.2 else int(math.copysign(1, share)) for share in across]
    reach = radius * max(across) + GAP
    rooms = [WIDTH / 2 - EDGE - reach if side else 2 * (reach - APART / 2) for side in sides]
    tight = [_wide(spoke) > room for spoke, room in zip(spokes, rooms, strict=True)]
    crowded = any(one for one, side in zip(tight, sides, strict=True) if side)
    return [
        Label(f"spoke {number}", spoke, 2 * math.pi * number / len(spokes), side, room, crowded if side else narrow)
        for number, (spoke, side, room, narrow) in enumerate(zip(spokes, sides, rooms, tight, strict=True))
    ]


def _tops(labels: Sequence[Label], radius: float) -> Iterator[tuple[int, float]]:
    """Where each label begins, measured down from the middle of the web; those of one side never meet."""
    for number, label in enumerate(labels):
        if label.side == 0:
            yield number, radius + GAP if label.low > 0 else -radius - GAP - label.high
    for side in (-1, 1):
        free = -math.inf
        for number, label in sorted(enumerate(labels), key=lambda pair: pair[1].low):
            if label.side == side:
                top = max(label.low * radius - label.high / 2, free)
                free = top + label.high + APART
                yield number, top


def _web(sheet: Sheet, values: Sequence[int | None], neutral: int, middle: Point, radius: float) -> None:
    ends = [corner(middle, radius, number, len(values)) for number in range(len(values))]
    points = [None if value is None else _along(middle, end, value) for value, end in zip(values, ends, strict=True)]
    beside = zip(points, (*points[1:], points[0]), strict=True)
    joined = [(one, other) for one, other in beside if one is not None and other is not None]
    known = tuple(point for point in points if point is not None)
    wedges: list[Outline] = [(middle, one, other) for one, other in joined]
    ring = [_along(middle, end, neutral) for end in ends]
    broken = [one for a, b in zip(ring, (*ring[1:], ring[0]), strict=True) for one in dashes(a, b, 5, 15, 10)]

    sheet.paint("web", Ink.PANEL, tuple(ends))
    sheet.paint("shape", Ink.FILL, *([known] if len(known) == len(points) else wedges))
    for share in (25, 75):
        sheet.paint("grid", Ink.GRID, *loop([_along(middle, end, share) for end in ends], 2))
    sheet.paint("grid", Ink.GRID, *(stroke(middle, end, 2) for end in ends), *loop(ends, 3))
    sheet.paint("neutral", Ink.RING, *broken)
    sheet.paint("outline", Ink.LINE, *(stroke(one, other, 7) for one, other in joined))
    sheet.paint("halo", Ink.PANEL, *(disc(point, 14) for point in known))
    sheet.paint("dots", Ink.LINE, *(disc(point, 11) for point in known))


def _along(middle: Point, end: Point, value: float) -> Point:
    """The place of a value from 0 to 100 on the way from the middle to an end."""
    share = value / 100
    return middle[0] + (end[0] - middle[0]) * share, middle[1] + (end[1] - middle[1]) * share


def _wide(spoke: Spoke) -> float:
    """How wide value and level are on one line."""
    value = lettering.width(MISSING if spoke.value is None else str(spoke.value), VALUE.weight, VALUE.size)
    return value + SPACE + lettering.width(spoke.level, LEVEL.weight, LEVEL.size)


def _write(sheet: Sheet, label: Label, top: float) -> float:
    """Writes a label; where it ends."""
    align = {-1: Align.RIGHT, 0: Align.CENTRE, 1: Align.LEFT}[label.side]
    left = {-1: EDGE, 0: (WIDTH - label.room) / 2, 1: WIDTH - EDGE - label.room}[label.side]
    top = sheet.write(label.name, label.spoke.name, NAME, left, top, label.room, align)
    if label.stacked:
        top = sheet.write(label.name, label.figure, VALUE, left, top, label.room, align)
        return sheet.write(label.name, label.spoke.level, LEVEL, left, top, label.room, align)
    wide = _wide(label.spoke)
    left += (label.room - wide) * align.value
    end = sheet.write(label.name, label.figure, VALUE, left, top, wide)
    drop = lettering.ascent(VALUE.weight, VALUE.size) - lettering.ascent(LEVEL.weight, LEVEL.size)
    level = left + lettering.width(label.figure, VALUE.weight, VALUE.size) + SPACE
    sheet.write(label.name, label.spoke.level, LEVEL, level, top + drop, wide)
    return end
