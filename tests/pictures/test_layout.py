"""Where things stand on the pictures: nothing cut, nothing covered, large and clear enough, at the right place."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_helpers import (
    LANGUAGES,
    LONG,
    TEXTS,
    USERNAME,
    VALUES,
    centre,
    faults,
    laid_out,
    result_card,
    said,
    shape,
    share_card,
    words,
)

from bot.pictures import lettering
from bot.pictures.scene import SMALLEST, WIDTH, Ink, Scene, Weight, contrast
from conversations.messages import Card, ResultCard, Spoke

GRAPHICS = 3.0
"""The contrast that WCAG AA asks of lines and marks that mean something."""

CARDS: dict[str, Card] = {
    f"result {language} {name} {types}": result_card(language, values, types)
    for language, (name, values), types in itertools.product(LANGUAGES, VALUES.items(), (0, 2))
} | {
    f"share {language} {chosen} {strengths}": share_card(language, chosen, strengths)
    for language, chosen, strengths in itertools.product(LANGUAGES, ((), (0,), (2, 3)), (0, 1, 2))
}


@pytest.mark.parametrize("name", CARDS)
def test_nothing_is_cut_or_covered_or_too_small_or_too_pale_or_too_high(name: str) -> None:
    scene = laid_out(CARDS[name])
    assert faults(scene) == []
    assert 0.7 * WIDTH < scene.height < 1.6 * WIDTH


@pytest.mark.parametrize(
    "changes",
    [
        {"title": f"{LONG} {LONG}"},
        {"span": f"{LONG} {LONG}"},
        {"types": (LONG, LONG)},
        {"types_title": LONG},
        {"note": LONG},
        {"neutral_name": f"{LONG} {LONG}"},
        {"date": LONG},
        {"spokes": tuple(Spoke(name=f"{LONG} {number}", value=100, level=LONG) for number in range(6))},
        {"spokes": tuple(Spoke(name=LONG, value=100, level="x") for _ in range(3))},
        {"spokes": tuple(Spoke(name="Mittelgroßes Wort", value=100, level="x") for _ in range(8))},
    ],
    ids=lambda changes: ", ".join(changes),
)
def test_words_that_are_too_long_are_broken_and_not_cut(changes: dict[str, object]) -> None:
    assert faults(laid_out(result_card(**changes))) == []  # type: ignore[arg-type]


def test_too_long_words_on_the_picture_to_share_are_broken() -> None:
    names = tuple(f"{LONG}{number}" for number in range(4))
    scene = laid_out(share_card(title=LONG, types=names, strengths=(LONG, LONG), strengths_title=LONG, call=LONG))
    assert faults(scene) == []
    assert said(scene, "types").replace("- ", "") == " ".join(names)


@settings(max_examples=50)
@given(
    st.lists(st.integers(0, 100) | st.none(), min_size=6, max_size=6),
    st.integers(0, 100),
    st.sampled_from(LANGUAGES),
    st.integers(0, 2),
)
def test_no_result_breaks_the_layout(values: list[int | None], percent: int, language: str, types: int) -> None:
    figure = {"percent": percent, "figure": f"{percent} %", "low": max(0, percent - 10), "high": min(100, percent + 10)}
    assert faults(laid_out(result_card(language, values, types, **figure))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_card_is_on_the_picture(language: str) -> None:
    card = result_card(language)
    scene = laid_out(card)
    for name, text in (("title", card.title), ("span", card.span), ("note", card.note), ("legend", card.neutral_name)):
        assert said(scene, name) == lettering.tidy(text)
    assert said(scene, "types").lower() == " ".join(card.types).lower()
    assert said(scene, "foot") == f"{card.date} @{USERNAME}"
    labels = {said(scene, f"spoke {number}") for number in range(6)}
    assert labels == {f"{spoke.name} {spoke.value} {spoke.level}" for spoke in card.spokes}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_real_name_needs_to_be_broken(language: str) -> None:
    for card in (result_card(language), share_card(language)):
        assert [one.text for one in laid_out(card).words if one.text.endswith("-")] == []


def test_marks_are_told_from_what_they_stand_on() -> None:
    on = {
        Ink.LINE: (Ink.PANEL, Ink.PAPER, Ink.FILL),
        Ink.RING: (Ink.PANEL, Ink.PAPER, Ink.FILL),
        Ink.SUN: (Ink.DEEP, Ink.TRACK),
        Ink.PALE: (Ink.DEEPER, Ink.TRACK),
        Ink.PANEL: (Ink.DEEP, Ink.LINE),
    }
    assert {
        f"{mark.name} on {ground.name}": contrast(mark, ground)
        for mark, grounds in on.items()
        for ground in grounds
        if contrast(mark, ground) < GRAPHICS
    } == {}


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


# The radar


def web(scene: Scene) -> tuple[tuple[float, float], float]:
    """The middle of the web and its radius."""
    outline = shape(scene, "web").outlines[0]
    middle = centre(outline)
    return middle, math.dist(middle, outline[0])


@pytest.mark.parametrize("values", [VALUES["uneven"], VALUES["lowest"], VALUES["highest"], VALUES["neutral"]])
def test_the_shape_stands_at_the_values(values: list[int]) -> None:
    scene = laid_out(result_card("en", values))
    (x, y), radius = web(scene)
    corners = shape(scene, "shape").outlines[0]
    assert len(corners) == 6
    for number, (value, found) in enumerate(zip(values, corners, strict=True)):
        angle = math.radians(60 * number - 90)
        wanted = x + radius * value / 100 * math.cos(angle), y + radius * value / 100 * math.sin(angle)
        assert found == pytest.approx(wanted)
    assert [centre(dot) for dot in shape(scene, "dots").outlines] == [pytest.approx(one) for one in corners]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_label_stands_at_its_own_corner(language: str) -> None:
    card = result_card(language)
    scene = laid_out(card)
    (x, y), radius = web(scene)
    corners = shape(scene, "shape").outlines[0]
    for number, corner in enumerate(shape(scene, "web").outlines[0]):
        lines = words(scene, f"spoke {number}")
        spoke = next(one for one in card.spokes if said(scene, f"spoke {number}").startswith(one.name))
        assert spoke.value is not None
        assert math.dist((x, y), corners[number]) == pytest.approx(radius * spoke.value / 100)
        middle = sum((one.box.left + one.box.right) / 2 for one in lines) / len(lines)
        if abs(corner[0] - x) < 1:
            assert middle == pytest.approx(x, abs=40)
            assert (lines[0].box.bottom < corner[1]) == (corner[1] < y)
        else:
            assert (middle < x) == (corner[0] < x)
            assert abs((lines[0].box.top + lines[-1].box.bottom) / 2 - corner[1]) < 0.5 * radius


def test_the_neutral_ring_stands_at_its_value() -> None:
    scene = laid_out(result_card(neutral=50))
    middle, radius = web(scene)
    dashes = [centre(outline) for outline in shape(scene, "neutral").outlines]
    assert len(dashes) > 12
    distances = [math.dist(middle, dash) for dash in dashes]
    assert max(distances) <= 0.5 * radius + 3
    assert min(distances) >= 0.5 * radius * math.cos(math.radians(30)) - 3


def test_a_missing_value_leaves_a_gap() -> None:
    scene = laid_out(result_card("en", VALUES["missing"]))
    assert len(shape(scene, "dots").outlines) == 3
    assert len(shape(scene, "shape").outlines) == 1
    assert [said(scene, f"spoke {number}").endswith("–") for number in range(6)].count(True) == 3
    assert all(one.name != "dots" for one in laid_out(result_card("en", VALUES["unknown"])).shapes)


@pytest.mark.parametrize("percent", [0, 50, 64, 100])
def test_the_mark_and_its_range_stand_at_their_values(percent: int) -> None:
    card = result_card(percent=percent, low=max(0, percent - 10), high=min(100, percent + 10))
    scene = laid_out(card)
    track, told = shape(scene, "track").box, shape(scene, "range").box

    def value(x: float) -> float:
        return 100 * (x - track.left) / track.width

    assert value(centre(shape(scene, "mark").outlines[0])[0]) == pytest.approx(percent)
    assert (value(told.left), value(told.right)) == pytest.approx((card.low, card.high))


# Lettering


@pytest.mark.parametrize("room", [60, 150, 269, 500])
def test_broken_words_keep_all_their_letters(room: int) -> None:
    text = f"Eine {LONG} und ein Rest"
    lines = lettering.wrap(text, room, Weight.BOLD, SMALLEST)
    assert all(lettering.width(line, Weight.BOLD, SMALLEST) <= room for line in lines)
    assert "".join(line.removesuffix("-") for line in lines).replace(" ", "") == text.replace(" ", "")


def test_soft_hyphens_say_where_to_break() -> None:
    word = "Verant\u00adwortungs\u00adbewusst\u00adsein"
    assert lettering.wrap(word, 320, Weight.BOLD, SMALLEST) == ["Verantwortungs-", "bewusstsein"]
    assert lettering.wrap(word, 200, Weight.BOLD, SMALLEST) == ["Verant-", "wortungs-", "bewusst-", "sein"]
    assert lettering.wrap(word, 1000, Weight.BOLD, SMALLEST) == ["Verantwortungsbewusstsein"]


@pytest.mark.parametrize("weight", Weight)
def test_the_typeface_has_every_letter_of_the_quiz(weight: Weight) -> None:
    def letters(node: object) -> set[str]:
        if isinstance(node, dict | list):
            inner = node.values() if isinstance(node, dict) else node
            return set().union(*(letters(child) for child in inner))
        return set(str(node))

    font = lettering.font(weight, SMALLEST)
    nothing = bytes(font.getmask("\uffff"))
    texts = [{name: one[name] for name in ("dimensions", "types", "levels", "result")} for one in TEXTS.values()]
    needed = letters(texts) - set("\n\u00ad▓░")
    shown = {letter for letter in needed if not letter.isspace()}
    assert len(shown) > 60
    assert {one for one in shown if bytes(font.getmask(lettering.tidy(one))) == nothing} == set()


def test_a_letter_that_is_missing_is_noticed() -> None:
    font = lettering.font(Weight.BOLD, SMALLEST)
    assert bytes(font.getmask("字")) == bytes(font.getmask("\uffff"))


def test_one_kind_of_card_is_not_taken_for_another() -> None:
    assert isinstance(CARDS["result en lowest 0"], ResultCard)
    assert "figure" not in {one.name for one in laid_out(share_card()).words}
