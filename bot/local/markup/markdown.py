"""The old Markdown parse mode: flat entities, marked by _, *, ` and [. Pure."""

from __future__ import annotations

from bot.local.markup.common import SPACE, MarkupError, sort_entities, utf16_length
from bot.local.models import Json
from bot.local.urls import UrlError, checked_url

MARKS = b"_*`["
STYLES = {ord("_"): "italic", ord("*"): "bold"}
NEWLINES = b"\r\n"


def parse_legacy_markdown(markdown: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities, or raise `MarkupError`."""
    data = markdown.encode("utf-8", "surrogatepass")
    end, data = len(data), data + b"\0\0\0"
    out, entities, pos = bytearray(), [], 0
    while pos < end:
        byte = data[pos]
        if byte == ord("\\") and data[pos + 1] in MARKS:
            out.append(data[pos + 1])
            pos += 2
            continue
        if byte not in MARKS:
            out.append(byte)
            pos += 1
            continue
        begin, offset = pos, _length(out)
        pre = data[pos : pos + 3] == b"```"
        closing = b"```" if pre else b"]" if byte == ord("[") else bytes([byte])
        language, start = read_language(data, pos + 3, end) if pre else ("", pos + 1)
        stop = data.find(closing, start, end)
        if stop < 0:
            raise MarkupError(f"Can't find end of the entity starting at byte offset {begin}")
        out += data[start:stop]
        pos = stop + len(closing)
        entity: Json = {"type": "", "offset": offset, "length": _length(out) - offset}
        if byte == ord("["):
            url, pos = _url(data, start, stop, end)
            entity |= {"type": "text_link", "url": url} if url else {}
        elif byte == ord("`"):
            entity |= {"type": "pre" if pre else "code"} | ({"language": language} if language else {})
        else:
            entity["type"] = STYLES[byte]
        if entity["type"] and entity["length"]:
            entities.append(entity)
    return out.decode("utf-8", "surrogatepass"), sort_entities(entities)


def read_language(data: bytes, start: int, end: int) -> tuple[str, int]:
    """The language behind three backticks, if a space follows it; and where the code begins."""
    stop = start
    while data[stop] not in SPACE and data[stop] != ord("`"):
        stop += 1
    language = ""
    if start < stop < end and data[stop] != ord("`"):
        language, start = data[start:stop].decode("utf-8", "replace"), stop
    if data[start] in NEWLINES:
        start += 2 if data[start + 1] in NEWLINES and data[start + 1] != data[start] else 1
    return language, start


def _url(data: bytes, start: int, stop: int, end: int) -> tuple[str, int]:
    """The link of a `[text](url)` whose text is `start`..`stop` ("" for a bad one), and where to read on."""
    raw, pos = data[start:stop], stop + 1
    if data[pos] == ord("("):
        closing = data.find(b")", pos, end)
        closing = end if closing < 0 else closing
        raw, pos = data[pos + 1 : closing], min(closing + 1, end)
    try:
        return checked_url(raw.decode("utf-8", "replace")), pos
    except UrlError:
        return "", pos


def _length(out: bytearray) -> int:
    return utf16_length(out.decode("utf-8", "surrogatepass"))
