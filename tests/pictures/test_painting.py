"""The painted pictures: size, colours at points, the same bytes each time, nothing in the file but the picture."""

import hashlib
import io
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from picture_helpers import USERNAME, VALUES, centre, laid_out, result_card, shape, share_card
from PIL import Image

from bot.local.images import read_picture
from bot.pictures import draw, picture
from bot.pictures.scene import WIDTH, Ink, Scene
from conversations.messages import Card

ROOT = Path(__file__).parents[2]
CARDS: dict[str, Card] = {
    "result": result_card("de"),
    "lowest": result_card("nl", VALUES["lowest"], 0),
    "highest": result_card("fr", VALUES["highest"]),
    "missing": result_card("en", VALUES["missing"]),
    "share": share_card("nl", (0, 2)),
}


@pytest.fixture(params=CARDS)
def painted(request: pytest.FixtureRequest) -> tuple[Scene, Image.Image]:
    card = CARDS[request.param]
    return laid_out(card), Image.open(io.BytesIO(draw(card, USERNAME))).convert("RGB")


def chunks(png: bytes) -> Iterator[bytes]:
    """The kinds of the pieces of a PNG file."""
    place = 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8]
        place += 12 + length


def colour(image: Image.Image, x: float, y: float) -> str:
    """The colour of one pixel."""
    red, green, blue = image.getpixel((int(x), int(y)))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def test_the_picture_is_as_large_as_its_layout(painted: tuple[Scene, Image.Image]) -> None:
    scene, image = painted
    assert image.size == (WIDTH, scene.height)


def test_words_stand_on_the_colour_they_are_meant_for(painted: tuple[Scene, Image.Image]) -> None:
    scene, image = painted
    assert len(scene.words) > 6
    for words in scene.words:
        for x, y in ((words.box.left - 4, words.box.top - 2), (words.box.right + 4, words.box.bottom + 2)):
            assert colour(image, x, y) == words.on, words.text


def test_words_are_painted_in_their_colour_inside_their_box(painted: tuple[Scene, Image.Image]) -> None:
    scene, image = painted
    for words in scene.words:
        if words.text.strip("–"):
            box = (int(words.box.left), int(words.box.top), int(words.box.right) + 1, int(words.box.bottom) + 1)
            found = {colour for _, colour in image.crop(box).getcolors(1 << 20) or []}
            assert tuple(int(words.colour[i : i + 2], 16) for i in (1, 3, 5)) in found, words.text


def test_the_corners_of_the_shape_and_the_mark_are_seen() -> None:
    scene = laid_out(CARDS["result"])
    image = Image.open(io.BytesIO(draw(CARDS["result"], USERNAME))).convert("RGB")
    assert [colour(image, *centre(dot)) for dot in shape(scene, "dots").outlines] == [Ink.LINE] * 6
    assert colour(image, *centre(shape(scene, "mark").outlines[0])) == Ink.SUN


@pytest.mark.parametrize("name", ["highest", "lowest"])
def test_the_neutral_ring_is_seen_on_any_ground(name: str) -> None:
    scene = laid_out(CARDS[name])
    image = Image.open(io.BytesIO(draw(CARDS[name], USERNAME))).convert("RGB")
    assert {colour(image, *centre(dash)) for dash in shape(scene, "neutral").outlines} == {Ink.RING}


def test_a_full_shape_is_filled_and_an_empty_one_is_not() -> None:
    for name, expected in (("highest", Ink.FILL), ("lowest", Ink.PANEL)):
        scene = laid_out(CARDS[name])
        image = Image.open(io.BytesIO(draw(CARDS[name], USERNAME))).convert("RGB")
        web = shape(scene, "web").outlines[0]
        x, y = centre(web)
        between = (web[0][0] + web[1][0]) / 2, (web[0][1] + web[1][1]) / 2
        assert colour(image, x + (between[0] - x) * 0.94, y + (between[1] - y) * 0.94) == expected


@pytest.mark.parametrize("name", CARDS)
async def test_the_same_card_gives_the_same_bytes(name: str) -> None:
    first, second = await picture(CARDS[name], USERNAME), draw(CARDS[name], USERNAME)
    assert first == second
    assert first != draw(CARDS[name], "another")


def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import sys, hashlib; sys.path.insert(0, 'tests/pictures');"
        "from picture_helpers import result_card, USERNAME; from bot.pictures import draw;"
        "print(hashlib.sha256(draw(result_card('de'), USERNAME)).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashlib.sha256(draw(CARDS["result"], USERNAME)).hexdigest()


@pytest.mark.parametrize("name", CARDS)
def test_the_file_holds_the_picture_alone_and_is_small(name: str) -> None:
    file = draw(CARDS[name], USERNAME)
    assert set(chunks(file)) == {b"IHDR", b"IDAT", b"IEND"}
    assert len(file) < 300_000
    read = read_picture(file)
    assert read is not None
    assert (read.mime, read.width) == ("image/png", WIDTH)


def test_the_drawing_library_is_loaded_with_the_first_picture_and_not_before() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests/pictures');"
        "import bot.__main__, bot.running, bot.telegram.delivery;"
        "print('PIL' in sys.modules);"
        "from bot.pictures import draw; from conversations.messages import ShareCard;"
        "draw(ShareCard(language='en', title='a', types=('b', 'c'), call='d'), 'e');"
        "print('PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
