"""MarkdownV2 parse mode: nested entities, and every other mark of the grammar must be escaped. Pure.

The grammar and the refusals are those of the real server; offsets in refusals are UTF-8 bytes of the
input, offsets in entities are UTF-16 units of the plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bot.local.markup.common import MarkupError, sort_entities
from bot.local.markup.markdown import read_language
from bot.local.models import Json
from bot.local.urls import UrlError, checked_url

RESERVED = b"_*[]()~`>#+-=|{}.!\n"
CODES = ("Code", "Pre", "PreCode")
TYPES = {
    "Bold": "bold",
    "Italic": "italic",
    "Underline": "underline",
    "Strikethrough": "strikethrough",
    "Spoiler": "spoiler",
    "Code": "code",
    "Pre": "pre",
    "PreCode": "pre",
    "TextUrl": "text_link",
    "CustomEmoji": "custom_emoji",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
}
"""Telegram's own names, which its refusals use, and the types in the Bot API."""
CLOSING = {
    "Bold": b"*",
    "Underline": b"__",
    "Strikethrough": b"~",
    "Spoiler": b"||",
    "Code": b"`",
    "Pre": b"```",
    "PreCode": b"```",
    "TextUrl": b"]",
    "CustomEmoji": b"]",
}
EMOJI_ID = re.compile(r"[1-9][0-9]{0,18}")


@dataclass
class _Open:
    type: str
    language: str
    byte: int
    offset: int
    start: int


def parse_markdown(markdown: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities, or raise `MarkupError`."""
    return _Parser(markdown).run()


class _Parser:
    def __init__(self, markdown: str) -> None:
        raw = markdown.encode("utf-8", "surrogatepass")
        self.data = raw + b"\0\0\0"
        self.end = len(raw)
        self.pos = 0
        self.out = bytearray()
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []
        self.quoting = False
        self.may_quote = True
        """Whether a > here begins a quotation: only marks and carriage returns stand before it on its line."""

    def run(self) -> tuple[str, list[Json]]:
        while self.pos < self.end:
            byte, following = self.data[self.pos], self.data[self.pos + 1]
            if byte == ord("\\") and 0 < following <= 126:
                self.pos += 1
                self._emit()
            elif byte not in (b"`" if self.open and self.open[-1].type in CODES else RESERVED):
                self._emit()
            elif self._ends_quotation():
                self._end_quotation()
            elif self.open and self._closes(self.open[-1].type):
                self._close(self.open.pop())
            else:
                self._begin()
        if self.quoting:
            self._last_quotation()
        if self.open:
            raise self._unclosed()
        return self.out.decode("utf-8", "surrogatepass"), sort_entities(self.entities)

    def _unclosed(self) -> MarkupError:
        last = self.open[-1]
        return MarkupError(f"Can't find end of {last.type} entity at byte offset {last.byte}")

    def _emit(self) -> None:
        """Take one byte over as text."""
        byte = self.data[self.pos]
        self.pos += 1
        self.out.append(byte)
        if byte & 0xC0 != 0x80:
            self.offset += 2 if byte >= 0xF0 else 1
        self.may_quote = byte == ord("\n") or (self.may_quote and byte == ord("\r"))

    def _sees(self, mark: bytes) -> bool:
        return self.data.startswith(mark, self.pos)

    def _closes(self, kind: str) -> bool:
        if kind == "Italic":
            return self._sees(b"_") and not self._sees(b"__")
        return kind in CLOSING and self._sees(CLOSING[kind])

    def _ends_quotation(self) -> bool:
        coding = bool(self.open) and self.open[-1].type in CODES
        return self.quoting and not coding and self._sees(b"\n") and self.data[self.pos + 1] != ord(">")

    def _begin(self) -> None:
        start, language = self.pos, ""
        if self._sees(b"\n"):
            self._emit()
            return
        if self._sees(b">") and self.may_quote:
            self.pos += 1
            self.may_quote = False
            if self.quoting:
                return
            self.quoting, kind = True, "BlockQuote"
        elif self._sees(b"```"):
            language, self.pos = read_language(self.data, self.pos + 3, self.end)
            kind = "PreCode" if language else "Pre"
        else:
            kind, mark = self._opening()
            self.pos += len(mark)
        self.open.append(_Open(kind, language, start, self.offset, len(self.out)))

    def _opening(self) -> tuple[str, bytes]:
        marks = {b"__": "Underline", b"_": "Italic", b"*": "Bold", b"~": "Strikethrough", b"||": "Spoiler"}
        marks |= {b"![": "CustomEmoji", b"[": "TextUrl", b"`": "Code"}
        for mark, kind in marks.items():
            if self._sees(mark):
                return kind, mark
        found = chr(self.data[self.pos])
        raise MarkupError(f"Character '{found}' is reserved and must be escaped with the preceding '\\'")

    def _close(self, last: _Open) -> None:
        self.pos += 1 if last.type == "Italic" else len(CLOSING[last.type])
        more: Json | None = {"language": last.language} if last.language else {}
        if last.type == "TextUrl":
            more = self._link(last)
        elif last.type == "CustomEmoji":
            self._check_emoji()
            more = None  # Only bots with a bought username may send these; the plain emoji stays.
        if more is not None and self.offset > last.offset:
            self._add(last.type, last.offset, more)

    def _add(self, kind: str, offset: int, more: Json) -> None:
        self.entities.append({"type": TYPES[kind], "offset": offset, "length": self.offset - offset} | more)

    def _link(self, last: _Open) -> Json | None:
        if self._sees(b"("):
            url = self._bracketed("Can't find end of a URL at byte offset")
        else:
            url = self.out[last.start :].decode("utf-8", "replace")
        try:
            return {"url": checked_url(url)}
        except UrlError:
            return None

    def _bracketed(self, refusal: str) -> str:
        """What stands between round brackets, unescaped."""
        start, out = self.pos + 1, bytearray()
        self.pos = start
        while self.pos < self.end and self.data[self.pos] != ord(")"):
            if self.data[self.pos] == ord("\\") and 0 < self.data[self.pos + 1] <= 126:
                self.pos += 1
            out.append(self.data[self.pos])
            self.pos += 1
        if self.data[self.pos] != ord(")"):
            raise MarkupError(f"{refusal} {start}")
        self.pos += 1
        return out.decode("utf-8", "replace")

    def _check_emoji(self) -> None:
        if not self._sees(b"("):
            raise MarkupError("Custom emoji entity must contain a tg://emoji URL")
        url = self._bracketed("Can't find end of a custom emoji URL at byte offset")
        scheme, _, rest = url.partition(":")
        if scheme.lower() != "tg":
            raise MarkupError("Custom emoji URL must have scheme tg")
        try:
            parts = urlsplit(f"tg://{rest.removeprefix('//')}")
            host, query = parts.hostname, parts.query
        except ValueError:
            host, query = "", ""
        if host != "emoji":
            raise MarkupError('Custom emoji URL must have host "emoji"')
        ids = parse_qs(query).get("id")
        if not ids:
            raise MarkupError("Custom emoji URL must have an emoji identifier")
        if not EMOJI_ID.fullmatch(ids[0]):
            raise MarkupError("Invalid custom emoji identifier specified")

    def _quotation(self, expandable_at: tuple[int, ...]) -> str | None:
        """Which quotation is ended: two bars that open nothing, at its very end, make it expandable."""
        kind = "BlockQuote"
        if self.open[-1].type == "Spoiler" and self.open[-1].byte in expandable_at:
            kind = "ExpandableBlockQuote"
            self.open.pop()
        return kind if self.open and self.open[-1].type == "BlockQuote" else None

    def _end_quotation(self) -> None:
        """End the quotation at a line that does not go on with it; the line's end belongs to it."""
        before = self.pos - 3 if self.data[self.pos - 1] == ord("\r") else -1
        kind = self._quotation((self.pos - 2, before))
        if kind is None:
            raise self._unclosed()
        begun = self.open.pop()
        self.quoting = False
        self._emit()
        self._add(kind, begun.offset, {})

    def _last_quotation(self) -> None:
        kind = self._quotation((self.end - 2,))
        if kind is not None:
            begun = self.open.pop()
            if self.offset > begun.offset:
                self._add(kind, begun.offset, {})
