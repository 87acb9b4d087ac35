"""The picture to show to others: the kinds there are with one's own ticked, one's strengths, and an invitation."""

from bot.pictures.scene import SMALLEST, WIDTH, Box, Ink, Scene, Weight, diamond, disc, rectangle, rounded, tick
from bot.pictures.sheet import Sheet, Style, high
from conversations.messages import ShareCard

EDGE = 60
ROOM = WIDTH - 2 * EDGE
PAD = 26
MARK = 27
"""Radius of the circle before each type."""

TITLE = Style(66, Weight.BOLD, Ink.PANEL, Ink.DEEP)
CHOSEN = Style(46, Weight.BOLD, Ink.TEXT, Ink.PANEL)
OTHER = Style(42, Weight.REGULAR, Ink.PALE, Ink.DEEPER)
STRENGTHS_TITLE = Style(SMALLEST, Weight.REGULAR, Ink.PALE, Ink.DEEP)
STRENGTH = Style(48, Weight.BOLD, Ink.PANEL, Ink.DEEP)
CALL = Style(40, Weight.REGULAR, Ink.TEXT, Ink.SUN)
ADDRESS = Style(50, Weight.BOLD, Ink.TEXT, Ink.SUN)


def lay_out(card: ShareCard, address: str) -> Scene:
    """Where everything stands; ``address`` is how the bot is found."""
    sheet = Sheet()
    y = sheet.write("title", card.title, TITLE, EDGE, 52, ROOM) + 26
    for place, name in enumerate(card.types):
        y = _row(sheet, name, place in card.chosen, y) + 22
    if card.strengths:
        y = sheet.write("strengths title", card.strengths_title, STRENGTHS_TITLE, EDGE, y + 20, ROOM)
        for name in card.strengths:
            middle = y + high("0", STRENGTH, ROOM) / 2
            sheet.paint("strengths", Ink.SUN, diamond((EDGE + 20, middle), 20))
            y = sheet.write("strengths", name, STRENGTH, EDGE + 58, y, ROOM - 58)
    return sheet.scene(_call(sheet, card.call, address, y + 40), Ink.DEEP)


def _row(sheet: Sheet, name: str, chosen: bool, top: float) -> float:
    """One type with its circle, ticked or empty; where it ends."""
    style = CHOSEN if chosen else OTHER
    left = EDGE + PAD + 2 * MARK + 24
    name = name[:1].upper() + name[1:]
    room = WIDTH - EDGE - PAD - left
    end = top + max(high(name, style, room), 2 * MARK) + 2 * PAD
    row, circle = Box(EDGE, top, WIDTH - EDGE, end), (EDGE + PAD + MARK, (top + end) / 2)
    if chosen:
        sheet.paint("chosen", Ink.SUN, rounded(Box(row.left - 8, row.top - 8, row.right + 8, row.bottom + 8), 34))
        sheet.paint("chosen", Ink.PANEL, rounded(row, 26))
        sheet.paint("tick", Ink.LINE, disc(circle, MARK))
        sheet.paint("tick", Ink.PANEL, *tick(Box(circle[0] - 14, circle[1] - 11, circle[0] + 15, circle[1] + 12), 7))
    else:
        sheet.paint("other", Ink.DEEPER, rounded(row, 26))
        sheet.paint("circle", Ink.PALE, disc(circle, MARK))
        sheet.paint("circle", Ink.DEEPER, disc(circle, MARK - 4))
    sheet.write("types", name, style, left, (top + end - high(name, style, room)) / 2, room)
    return end


def _call(sheet: Sheet, call: str, address: str, top: float) -> float:
    """The invitation at the foot; where it ends."""
    y = sheet.write("call", call, CALL, EDGE, top + 28, ROOM)
    y = sheet.write("address", address, ADDRESS, EDGE, y, ROOM) + 34
    sheet.paint_below("foot", Ink.SUN, rectangle(Box(0, top, WIDTH, y)))
    return y
