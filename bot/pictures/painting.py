"""Paints a scene as a PNG. The same scene always gives the same bytes."""

import io

from PIL import Image, ImageDraw

from bot.pictures import lettering
from bot.pictures.scene import WIDTH, Scene, Shape

SMOOTH = 4
"""How many times larger shapes are drawn before they are reduced, which gives smooth edges."""

EFFORT = 3
"""Of 9, for making the file small; more takes longer and gains little, and the messenger packs it anew anyway."""


def png(scene: Scene) -> bytes:
    """The picture as a file."""
    image = Image.new("RGB", (WIDTH, scene.height), scene.ground)
    for shape in scene.shapes:
        _fill(image, shape)
    draw = ImageDraw.Draw(image)
    for words in scene.words:
        face = lettering.font(words.weight, words.size)
        draw.text(words.start, words.text, fill=words.colour, font=face, anchor="ls")
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=EFFORT)
    return file.getvalue()


def _fill(image: Image.Image, shape: Shape) -> None:
    box = shape.box
    left, top = int(box.left) - 1, int(box.top) - 1
    size = int(box.right) + 2 - left, int(box.bottom) + 2 - top
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH))
    draw = ImageDraw.Draw(mask)
    for outline in shape.outlines:
        draw.polygon([((x - left) * SMOOTH, (y - top) * SMOOTH) for x, y in outline], fill=255)
    image.paste(shape.colour, (left, top), mask.reduce(SMOOTH))
