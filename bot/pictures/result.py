"""The picture of a result: figure and range, the radar, the nearest types, the caveat and the day."""

from bot.pictures import lettering, radar
from bot.pictures.scene import SMALLEST, WIDTH, Box, Ink, Scene, Weight, diamond, rectangle, rounded, stroke
from bot.pictures.sheet import Align, Sheet, Style, high
from conversations.messages import ResultCard

EDGE = 60
ROOM = WIDTH - 2 * EDGE

TITLE = Style(42, Weight.BOLD, Ink.PALE, Ink.DEEP)
FIGURE = Style(156, Weight.BOLD, Ink.PANEL, Ink.DEEP)
SPAN = Style(44, Weight.REGULAR, Ink.PANEL, Ink.DEEP)
SCALE = Style(SMALLEST, Weight.REGULAR, Ink.PALE, Ink.DEEP)
KIND_TITLE = Style(SMALLEST, Weight.REGULAR, Ink.QUIET, Ink.PANEL)
KIND = Style(50, Weight.BOLD, Ink.LINE, Ink.PANEL)
NOTE = Style(SMALLEST, Weight.REGULAR, Ink.QUIET, Ink.PAPER)


def lay_out(card: ResultCard, address: str) -> Scene:
    """Where everything stands; ``address`` is how the bot is found."""
    sheet = Sheet()
    y = _head(sheet, card)
    y = radar.draw(sheet, card.spokes, card.neutral, y + 28)
    y = radar.legend(sheet, card.neutral_name, y + 10)
    if card.types:
        y = _types(sheet, card, y + 20)
    y = sheet.write("note", card.note, NOTE, EDGE, y + 16, ROOM)
    y = foot(sheet, card.date, address, NOTE, y + 6)
    return sheet.scene(y + 24, Ink.PAPER)


def foot(sheet: Sheet, left: str, right: str, style: Style, top: float) -> float:
    """Two short texts at the ends of one line, or below each other where there is no room; where they end."""
    end = sheet.write("foot", left, style, EDGE, top, ROOM) if left else top
    if left and right:
        wide = sheet.last("foot").right + 30
        beside = high(right, style, WIDTH - EDGE - wide) == high("0", style, ROOM)
        if beside and end == top + high("0", style, ROOM):
            return sheet.write("foot", right, style, wide, top, WIDTH - EDGE - wide, Align.RIGHT)
    return sheet.write("foot", right, style, EDGE, end, ROOM, Align.RIGHT) if right else end


def _head(sheet: Sheet, card: ResultCard) -> float:
    y = sheet.write("title", card.title, TITLE, EDGE, 34, ROOM) - 8
    end = sheet.write("figure", card.figure, FIGURE, EDGE - 4, y, ROOM)
    left = sheet.last("figure").right + 48
    below = sheet.write("span", card.span, SPAN, left, y + 12, WIDTH - EDGE - left)
    end = max(end, _scale(sheet, card, left, below + 20)) + 20
    sheet.paint_below("head", Ink.DEEP, rectangle(Box(0, 0, WIDTH, end)))
    return end


def _scale(sheet: Sheet, card: ResultCard, left: float, top: float) -> float:
    """A line from 0 to 100 with the range, the neutral place and the figure's own; where it ends."""
    room = WIDTH - EDGE - left

    def place(value: int) -> float:
        return left + room * value / 100

    bottom, y = top + 22, top + 11
    sheet.paint("track", Ink.TRACK, rounded(Box(left, top, left + room, bottom), 11))
    sheet.paint("range", Ink.PALE, rounded(Box(place(card.low), top, place(card.high), bottom), 11))
    sheet.paint("middle", Ink.PANEL, stroke((place(card.neutral), bottom + 3), (place(card.neutral), bottom + 15), 4))
    sheet.paint("mark", Ink.DEEP, diamond((place(card.percent), y), 27))
    sheet.paint("mark", Ink.SUN, diamond((place(card.percent), y), 21))
    below = bottom + 14
    sheet.write("scale", "0", SCALE, left, below, room)
    sheet.write("scale", str(card.neutral), SCALE, place(card.neutral) - 60, below, 120, Align.CENTRE)
    return sheet.write("scale", "100", SCALE, left, below, room, Align.RIGHT)


def _types(sheet: Sheet, card: ResultCard, top: float) -> float:
    """The nearest types in a panel, beside their title where both have room, else below it; where it ends."""
    pad, mark, space = 30, 20, 18
    names = [name[:1].upper() + name[1:] for name in card.types]
    title = lettering.width(card.types_title, KIND_TITLE.weight, KIND_TITLE.size)
    widest = max(lettering.width(name, KIND.weight, KIND.size) for name in names)
    beside = title + 40 + 2 * mark + space + widest <= ROOM - 2 * pad
    drop = lettering.ascent(KIND.weight, KIND.size) - lettering.ascent(KIND_TITLE.weight, KIND_TITLE.size)
    at = top + 16 + (drop if beside else 0)
    below = sheet.write("types title", card.types_title, KIND_TITLE, EDGE + pad, at, ROOM - 2 * pad)
    left = EDGE + pad + mark + (title + 40 if beside else 0)
    y = top + 16 if beside else below
    marks = []
    for name in names:
        marks.append(diamond((left, y + high("0", KIND, ROOM) / 2), mark))
        start = left + mark + space
        y = sheet.write("types", name, KIND, start, y, WIDTH - EDGE - pad - start)
    y += 16
    for inset, colour in enumerate((Ink.GRID, Ink.PANEL)):
        box = Box(EDGE - 14 + 3 * inset, top + 3 * inset, WIDTH - EDGE + 14 - 3 * inset, y - 3 * inset)
        sheet.paint("panel", colour, rounded(box, 26 - 3 * inset))
    sheet.paint("types", Ink.LINE, *marks)
    return y
