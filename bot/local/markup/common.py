"""What all parse modes share: the refusal, the counting, the order of entities."""

from __future__ import annotations

from bot.local.models import Json

PRIORITY = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "bold", "italic", "underline")
SPACE = b" \t\r\n\v\0"


class MarkupError(Exception):
    """The markup is refused; the text is Telegram's, without the "can't parse entities: " before it."""


def utf16_length(text: str) -> int:
    """Length of `text` in UTF-16 units."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def sort_entities(entities: list[Json]) -> list[Json]:
    """Entities in Telegram's order: by offset, longer first, then by kind."""

    def key(entity: Json) -> tuple[int, int, int]:
        kind = entity["type"]
        return (
            entity["offset"],
            -entity["length"],
            PRIORITY.index(kind) if kind in PRIORITY else len(PRIORITY),
        )

    return sorted(entities, key=key)
