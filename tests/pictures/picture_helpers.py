"""What the tests of pictures share: cards with the real names of dimensions, levels and types, and geometry."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import yaml

from bot.pictures import result, share
from bot.pictures.scene import SMALLEST, WIDTH, Box, Outline, Scene, Shape, Words, contrast
from conversations.messages import Card, ResultCard, ShareCard, Spoke

HOME = Path(__file__).parents[2] / "knowledge" / "content" / "cto"
LANGUAGES = ("fr", "en", "nl", "de")
TEXTS: dict[str, dict[str, Any]] = {
    code: yaml.safe_load((HOME / code / "quiz.yaml").read_text("utf-8")) for code in LANGUAGES
}
USERNAME = "a_name_that_is_as_long_as_can_be"
"""Telegram allows 32 characters."""

CONTRAST = 4.5
"""What WCAG AA asks of words."""

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsverantwortung"
VALUES: dict[str, Sequence[int | None]] = {
    "lowest": [0] * 6,
    "highest": [100] * 6,
    "neutral": [50] * 6,
    "uneven": [100, 0, 92, 8, 67, 33],
    "missing": [None, 100, None, 0, 58, None],
    "unknown": [None] * 6,
}


def result_card(
    language: str = "en", values: Sequence[int | None] = VALUES["uneven"], nearest: int = 2, **changes: Any
) -> ResultCard:
    """A result with the real names, and longer words around them than the quiz has."""
    texts = TEXTS[language]
    levels = texts["levels"]
    known = [value for value in values if value is not None]
    percent = round(sum(known) / max(1, len(known)))

    def level(value: int | None) -> str:
        if value is None:
            return ""
        return str(levels["explore" if value < 40 else "balanced" if value < 70 else "strong"])

    names = [one["name"] for one in texts["dimensions"].values()]
    spokes = tuple(Spoke(name=name, value=value, level=level(value)) for name, value in zip(names, values, strict=True))
    low, high = max(0, percent - 15), min(100, percent + 15)
    fields: dict[str, Any] = {
        "language": language,
        "title": str(texts["result"]["headline"]).split("{")[0].replace("**", "").strip(" :"),
        "figure": f"{percent}\u202f%",
        "span": f"zwischen {low} und {high}",
        "percent": percent,
        "low": low,
        "high": high,
        "neutral_name": "Gestrichelt: 50, überall die mittlere Antwort",
        "spokes": spokes,
        "types_title": "Zwischen zwei Profilen" if nearest else "",
        "types": tuple(one["name"] for one in list(texts["types"].values())[:nearest]),
        "date": "22. September 2026",
        "note": str(texts["result"]["disclaimer"]),
    }
    return ResultCard.model_validate(fields | changes)


def share_card(language: str = "en", chosen: tuple[int, ...] = (1,), strong: int = 2, **changes: Any) -> ShareCard:
    """A picture to show, with the real names."""
    texts = TEXTS[language]
    names = sorted((one["name"] for one in texts["dimensions"].values()), key=len, reverse=True)
    fields: dict[str, Any] = {
        "language": language,
        "title": "Welche Art von CTO wäre ich denn wohl?",
        "types": tuple(one["name"] for one in texts["types"].values()),
        "chosen": chosen,
        "strengths_title": "Das liegt mir" if strong else "",
        "strengths": tuple(names[:strong]),
        "call": "Und du? 22 Fragen, zwei Minuten:",
    }
    return ShareCard.model_validate(fields | changes)


def laid_out(card: Card) -> Scene:
    """Where everything of a card stands."""
    if isinstance(card, ResultCard):
        return result.lay_out(card, f"@{USERNAME}")
    return share.lay_out(card, f"t.me/{USERNAME}")


def shape(scene: Scene, name: str) -> Shape:
    """The last shape of that name."""
    return [one for one in scene.shapes if one.name == name][-1]


def words(scene: Scene, name: str) -> list[Words]:
    """The lines of that name, in order."""
    return [one for one in scene.words if one.name == name]


def said(scene: Scene, name: str) -> str:
    """What the lines of that name say in all."""
    return " ".join(one.text for one in words(scene, name))


def centre(outline: Outline) -> tuple[float, float]:
    """The middle of an outline's corners."""
    return sum(x for x, _ in outline) / len(outline), sum(y for _, y in outline) / len(outline)


def meets(box: Box, polygon: Outline) -> bool:
    """Whether a rectangle and a convex polygon share any area: no line between the two can be found."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    if not box.overlaps(Box(min(xs), min(ys), max(xs), max(ys))):
        return False
    corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    for outline in (corners, list(polygon)):
        for (ax, ay), (bx, by) in pairwise([*outline, outline[0]]):
            across = by - ay, ax - bx
            ours = [x * across[0] + y * across[1] for x, y in corners]
            theirs = [x * across[0] + y * across[1] for x, y in polygon]
            if max(ours) <= min(theirs) or max(theirs) <= min(ours):
                return False
    return True


def faults(scene: Scene) -> list[str]:
    """Everything that is wrong with how a picture is laid out."""
    page = Box(24, 24, WIDTH - 24, scene.height - 16)
    found = [f"{one.text!r} leaves the picture" for one in scene.words if not one.box.within(page)]
    found += [
        f"{one.text!r} covers {other.text!r}"
        for one, other in combinations(scene.words, 2)
        if one.box.overlaps(other.box)
    ]
    found += [f"{one.text!r} is too small" for one in scene.words if one.size < SMALLEST]
    found += [f"{one.text!r} is too pale" for one in scene.words if contrast(one.colour, one.on) < CONTRAST]
    webs = [outline for one in scene.shapes if one.name in ("web", "dots", "halo") for outline in one.outlines]
    found += [f"{one.text!r} covers the web" for one in scene.words for web in webs if meets(one.box, web)]
    marks = [
        outline
        for one in scene.shapes
        if one.name in ("mark", "middle", "types", "tick", "circle", "strengths", "legend", "track")
        for outline in one.outlines
    ]
    found += [f"{one.text!r} covers a mark" for one in scene.words for mark in marks if meets(one.box, mark)]
    return found
