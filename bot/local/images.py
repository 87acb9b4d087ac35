"""Reads what kind of picture some bytes are and how large it is. Pure."""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """A picture's media type, file suffix and size in pixels."""

    mime: str
    suffix: str
    width: int
    height: int


def read_picture(data: bytes) -> Picture | None:
    """The picture in `data` (PNG, JPEG, GIF or WebP), or None if it is none of these."""
    for reader in (_png, _gif, _webp, _jpeg):
        try:
            picture = reader(data)
        except (struct.error, IndexError):
            picture = None
        if picture is not None and picture.width > 0 and picture.height > 0:
            return picture
    return None


def _png(data: bytes) -> Picture | None:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", data[16:24])
    return Picture("image/png", ".png", width, height)


def _gif(data: bytes) -> Picture | None:
    if data[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    width, height = struct.unpack("<HH", data[6:10])
    return Picture("image/gif", ".gif", width, height)


def _webp(data: bytes) -> Picture | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (value & 0x3FFF for value in struct.unpack("<HH", data[26:30]))
    return Picture("image/webp", ".webp", width, height)


def _jpeg(data: bytes) -> Picture | None:
    if data[:2] != b"\xff\xd8":
        return None
    pos = 2
    while pos < len(data) - 9:
        if data[pos] != 0xFF:
            return None
        marker = data[pos + 1]
        if marker == 0xFF:
            pos += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[pos + 5 : pos + 9])
            return Picture("image/jpeg", ".jpg", width, height)
        else:
            pos += 2 + int(struct.unpack(">H", data[pos + 2 : pos + 4])[0])
    return None
