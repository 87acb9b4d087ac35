"""HTML parse mode: text with tags in, plain text and message entities out. Pure.

The grammar and the refusals are those of the real server; offsets in refusals are UTF-8 bytes of the
input, offsets in entities are UTF-16 units of the plain text.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.local.markup.common import SPACE, MarkupError, sort_entities, utf16_length
from bot.local.models import Json
from bot.local.urls import UrlError, checked_url

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = b"0123456789"
HEX = b"0123456789abcdefABCDEF"
BAD_UNICODE = (
    "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
)


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    start: int


def parse_html(html: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities, or raise `MarkupError`."""
    return _Parser(html).run()


class _Parser:
    def __init__(self, html: str) -> None:
        self.data = html.encode("utf-8", "surrogatepass") + b"\0"
        self.end = len(self.data) - 1
        self.pos = 0
        self.out: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        while self.pos < self.end:
            byte = self.data[self.pos]
            if byte == ord("&") and (char := self._reference()):
                self._emit(char)
            elif byte == ord("<"):
                if self.data[self.pos + 1] == ord("/"):
                    self._end_tag()
                else:
                    self._start_tag()
            else:
                self._plain()
        if self.open:
            raise MarkupError(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        text = "".join(self.out)
        if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
            raise MarkupError(BAD_UNICODE)
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        return text, sort_entities(self.entities)

    def _emit(self, text: str) -> None:
        self.out.append(text)
        self.offset += utf16_length(text)

    def _plain(self) -> None:
        start = self.pos
        self.pos += 1
        while self.pos < self.end and self.data[self.pos] not in b"&<":
            self.pos += 1
        self._emit(self.data[start : self.pos].decode("utf-8", "surrogatepass"))

    def _skip(self, chars: bytes) -> None:
        while self.pos < self.end and self.data[self.pos] in chars:
            self.pos += 1

    def _until(self, chars: bytes) -> bytes:
        start = self.pos
        while self.data[self.pos] not in chars:
            self.pos += 1
        return self.data[start : self.pos]

    def _reference(self) -> str | None:
        """Decode the reference at `pos` and move behind it, or leave `pos` and return None."""
        start, pos = self.pos, self.pos + 1
        char: str | None
        if self.data[pos] == ord("#"):
            pos += 1
            digits, base = DIGITS, 10
            if self.data[pos] == ord("x"):
                pos += 1
                digits, base = HEX, 16
            begin = pos
            while self.data[pos] in digits:
                pos += 1
            number = int(self.data[begin:pos] or b"0", base) if pos - start < 10 else 0
            char = chr(number) if 0 < number < 0x10FFFF else None
        else:
            while self.data[pos] in LETTERS:
                pos += 1
            char = NAMED.get(self.data[start + 1 : pos])
        if char is not None:
            self.pos = pos + 1 if self.data[pos] == ord(";") else pos
        return char

    def _start_tag(self) -> None:
        begin = self.pos
        self.pos += 1
        name = self._until(SPACE + b">")
        if self.data[self.pos] == 0:
            raise MarkupError(f"Unclosed start tag at byte offset {begin}")
        tag = _text(name).lower()
        if tag not in TAGS:
            raise MarkupError(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while self.data[self.pos] != ord(">"):
            attribute = self._attribute(tag, begin)
            if attribute is not None:
                argument = _argument(tag, *attribute) or argument
        self.pos += 1
        if tag == "span" and not argument:
            raise MarkupError(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        if tag == "tg-emoji" and not _is_emoji_id(argument):
            raise MarkupError("Invalid custom emoji identifier specified")
        self.open.append(_Open(tag, argument, self.offset, len(self.out)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str] | None:
        self._skip(SPACE)
        if self.data[self.pos] == ord(">"):
            return None
        name = self._until(SPACE + b"=>")
        if not name:
            raise MarkupError(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip(SPACE)
        if self.data[self.pos] != ord("="):
            self._refuse_end(f'Unclosed start tag "{tag}" at byte offset {begin}')
            return _text(name), ""
        self.pos += 1
        self._skip(SPACE)
        self._refuse_end(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if self.data[self.pos] in b"'\"":
            value = self._quoted()
        else:
            start = self.pos
            self._skip(LETTERS + DIGITS + b".-")
            value = _text(self.data[start : self.pos]).lower()
            if self.data[self.pos] not in SPACE + b">":
                raise MarkupError(f"Unexpected end of name token at byte offset {start}")
        self._refuse_end(f"Unclosed start tag at byte offset {begin}")
        return _text(name), value

    def _refuse_end(self, refusal: str) -> None:
        if self.pos >= self.end:
            raise MarkupError(refusal)

    def _quoted(self) -> str:
        quote = self.data[self.pos]
        self.pos += 1
        parts: list[str] = []
        while self.pos < self.end and self.data[self.pos] != quote:
            if self.data[self.pos] == ord("&") and (char := self._reference()):
                parts.append(char)
                continue
            start = self.pos
            self.pos += 1
            while self.pos < self.end and self.data[self.pos] not in (quote, ord("&")):
                self.pos += 1
            parts.append(_text(self.data[start : self.pos]))
        if self.pos < self.end:
            self.pos += 1
        return "".join(parts)

    def _end_tag(self) -> None:
        begin = self.pos
        if not self.open:
            raise MarkupError(f"Unexpected end tag at byte offset {begin}")
        self.pos += 2
        name = _text(self._until(SPACE + b">"))
        self._skip(SPACE)
        if self.data[self.pos] != ord(">"):
            raise MarkupError(f"Unclosed end tag at byte offset {begin}")
        self.pos += 1
        last = self.open.pop()
        if name and name != last.tag:
            raise MarkupError(f'Unmatched end tag at byte offset {begin}, expected "</{last.tag}>", found "</{name}>"')
        if self.offset > last.offset:
            self._close(last)

    def _close(self, last: _Open) -> None:
        entity: Json = {"type": TAGS[last.tag], "offset": last.offset, "length": self.offset - last.offset}
        previous = self.entities[-1] if self.entities else None
        same = previous is not None and all(previous[key] == entity[key] for key in ("offset", "length"))
        if last.tag == "a":
            try:
                entity["url"] = checked_url(last.argument or "".join(self.out[last.start :]))
            except UrlError:
                return
        elif last.tag == "blockquote" and last.argument:
            entity["type"] = "expandable_blockquote"
        elif last.tag == "tg-emoji":
            return  # Only bots with a bought username may send these; the plain emoji stays.
        elif last.tag == "code" and last.argument:
            if same and previous is not None and previous["type"] == "pre":
                previous["language"] = last.argument
                return
            entity["language"] = last.argument
        elif last.tag == "pre" and same and previous is not None and previous.get("language"):
            previous["type"] = "pre"
            return
        self.entities.append(entity)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _is_emoji_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and 0 < int(value) < 2**63


def _argument(tag: str, name: str, value: str) -> str:
    """What of an attribute matters for the entity; empty if nothing does."""
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name, value) == ("span", "class", "tg-spoiler"):
        return value
    return "expandable" if (tag, name) == ("blockquote", "expandable") else ""
