"""What a picture consists of: shapes and lines of words at fixed places. No drawing library is needed to think it out.

Coordinates are pixels from the upper left corner. Pictures are ``WIDTH`` wide and shown at about a third of that on a
telephone, which is why no words are smaller than ``SMALLEST``. Colours are ``#rrggbb``.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

WIDTH = 1080
SMALLEST = 38
"""Pixels of the smallest words: more than 12 where the picture is shown 360 wide, 11 where a chat shows it 320 wide."""

Point = tuple[float, float]
Outline = tuple[Point, ...]


class Ink(StrEnum):
    """The colours; what stands on what, and with how much contrast, is tested."""

    PAPER = "#fbf9f4"
    PANEL = "#ffffff"
    DEEP = "#0b4a4f"
    DEEPER = "#083a3e"
    TRACK = "#2f6b6f"
    TEXT = "#17262b"
    QUIET = "#4b5a60"
    PALE = "#cfe7e3"
    FILL = "#b9e0da"
    LINE = "#0b6e6a"
    GRID = "#d3dadb"
    RING = "#b0440c"
    SUN = "#ffd27a"


class Weight(StrEnum):
    """The two cuts of the typeface."""

    REGULAR = "Regular"
    BOLD = "Bold"


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share any area."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def within(self, other: "Box") -> bool:
        """Whether this one lies wholly in the other."""
        across = self.left >= other.left and self.right <= other.right
        return across and self.top >= other.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class Shape:
    """Filled outlines of one colour. ``name`` says what they stand for."""

    name: str
    colour: Ink
    outlines: tuple[Outline, ...]

    @property
    def box(self) -> Box:
        """The smallest rectangle around all outlines."""
        xs = [x for outline in self.outlines for x, _ in outline]
        ys = [y for outline in self.outlines for _, y in outline]
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True)
class Words:
    """One line of words: where its baseline begins, and the box that it fills; ``on`` is the colour behind it."""

    name: str
    text: str
    start: Point
    size: int
    weight: Weight
    colour: Ink
    on: Ink
    box: Box


@dataclass(frozen=True)
class Scene:
    """A whole picture: shapes are painted in their order, words above all of them. ``height`` is in pixels."""

    height: int
    ground: Ink
    shapes: tuple[Shape, ...]
    words: tuple[Words, ...]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def corner(centre: Point, radius: float, number: int, of: int) -> Point:
    """The corner of a regular polygon, counted clockwise from the top."""
    angle = 2 * math.pi * number / of - math.pi / 2
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def regular(centre: Point, radius: float, corners: int) -> Outline:
    """A regular polygon with one corner at the top; with many corners, a disc."""
    return tuple(corner(centre, radius, number, corners) for number in range(corners))


def disc(centre: Point, radius: float) -> Outline:
    """A disc."""
    return regular(centre, radius, 48)


def stroke(start: Point, end: Point, thick: float) -> Outline:
    """A straight line of some thickness."""
    length = math.dist(start, end) or 1.0
    across = (end[1] - start[1]) / length * thick / 2, (start[0] - end[0]) / length * thick / 2
    return (
        (start[0] + across[0], start[1] + across[1]),
        (end[0] + across[0], end[1] + across[1]),
        (end[0] - across[0], end[1] - across[1]),
        (start[0] - across[0], start[1] - across[1]),
    )


def loop(points: Sequence[Point], thick: float) -> Iterator[Outline]:
    """The outline of a polygon as lines with round joints."""
    for start, end in zip(points, (*points[1:], points[0]), strict=True):
        yield stroke(start, end, thick)
        yield disc(end, thick / 2)


def dashes(start: Point, end: Point, thick: float, dash: float, gap: float) -> Iterator[Outline]:
    """A broken line: whole dashes, with half a dash at either end so that lines meet at corners."""
    length = math.dist(start, end)
    count = max(1, round(length / (dash + gap)))
    period, drawn = length / count, length / count * dash / (dash + gap)
    for number in range(count + 1):
        first = max(0.0, number * period - drawn / 2)
        last = min(length, number * period + drawn / 2)
        yield stroke(_along(start, end, first / length), _along(start, end, last / length), thick)


def rounded(box: Box, radius: float) -> Outline:
    """A rectangle with round corners."""
    points: list[Point] = []
    radius = min(radius, box.width / 2, box.height / 2)
    centres = (
        (box.right - radius, box.top + radius, -90),
        (box.right - radius, box.bottom - radius, 0),
        (box.left + radius, box.bottom - radius, 90),
        (box.left + radius, box.top + radius, 180),
    )
    for x, y, first in centres:
        for step in range(13):
            angle = math.radians(first + step * 7.5)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return tuple(points)


def rectangle(box: Box) -> Outline:
    """A rectangle."""
    return (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)


def diamond(centre: Point, radius: float) -> Outline:
    """A square on its tip."""
    return regular(centre, radius, 4)


def tick(box: Box, thick: float) -> Iterator[Outline]:
    """A check mark that fills the box."""
    low = box.left + box.width * 0.38, box.bottom - thick / 2
    left = box.left + thick / 2, box.top + box.height * 0.55
    right = box.right - thick / 2, box.top + thick / 2
    yield stroke(left, low, thick)
    yield stroke(low, right, thick)
    yield from (disc(point, thick / 2) for point in (left, low, right))


def _along(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
