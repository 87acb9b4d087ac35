"""From what a caller sends as text to the text and entities a message holds. Pure."""

from __future__ import annotations

import re
from typing import Any

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.markup.common import MarkupError, sort_entities, utf16_length
from bot.local.markup.html import parse_html
from bot.local.markup.markdown import parse_legacy_markdown
from bot.local.markup.markdown_v2 import parse_markdown
from bot.local.models import Json
from bot.local.urls import UrlError, checked_url

STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre"})
BLOCKS = frozenset({"blockquote", "expandable_blockquote"})
LINKS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
"""Entities that need one more field, and which."""
FOUND_ANEW = frozenset({"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"})
"""Entities Telegram finds itself; those a caller sends are ignored."""
WHITESPACE = " \t\r\n\v\f\u00a0\u2000\u2001\u2002\u2003\u2028\u2029\u200b\u3000"

PARSERS = {"html": parse_html, "markdownv2": parse_markdown, "markdown": parse_legacy_markdown}
DETECTORS = (
    ("url", re.compile(r"(?<![\w@/.])(?:https?://|www\.)[^\s<>\"']*[^\s<>\"'.,:;!?()\[\]]", re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?!\w)")),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#/])#(?=\w*[^\W\d])\w{1,255}(?!\w)")),
)


def format_text(text: str, parse_mode: str, explicit: Any) -> tuple[str, list[Json]]:
    """Parse `text` by `parse_mode` ("", HTML, MarkdownV2 or Markdown) or with a list of `explicit` entities.

    Returns the trimmed text and all its entities, those Telegram finds itself included. Raises `ApiError`.
    """
    mode = parse_mode.lower()
    entities: list[Json] = []
    if mode in PARSERS:
        try:
            text, entities = PARSERS[mode](text)
        except MarkupError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    elif mode not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    elif explicit:
        entities = _explicit(text, explicit)
    text, entities = _trim(text.replace("\r", ""), entities)
    return text, sort_entities(entities + _detected(text, entities))[: limits.ENTITIES]


def user_text(text: str) -> tuple[str, list[Json]]:
    """What a person typed, trimmed, with the entities Telegram finds in it."""
    return format_text(text, "", None)


def _explicit(text: str, raw: Any) -> list[Json]:
    if not isinstance(raw, list):
        raise bad_request("can't parse entities JSON object")
    end = utf16_length(text)
    return [entity for one in raw if (entity := _explicit_entity(one, end))]


def _explicit_entity(raw: Any, end: int) -> Json | None:
    if not isinstance(raw, dict):
        raise bad_request("can't parse MessageEntity: MessageEntity must be an Object")
    for name in ("offset", "length"):
        if not isinstance(raw.get(name), int):
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    kind, offset, length = str(raw.get("type")), raw["offset"], raw["length"]
    if kind not in STYLES | BLOCKS | FOUND_ANEW and kind not in LINKS:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    needed = LINKS.get(kind)
    if needed is not None and needed not in raw:
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{needed}\"")
    if offset < 0 or offset > 1_000_000:
        raise bad_request(f"receive an entity with incorrect offset {offset}")
    if length < 0 or length > 1_000_000:
        raise bad_request(f"receive an entity with incorrect length {length}")
    if offset >= end:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if offset + length > end:
        where = f"at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset {offset + length}"
        raise bad_request(f"entity beginning {where}")
    if kind in FOUND_ANEW or kind == "custom_emoji" or length == 0:
        return None
    entity = {"type": kind, "offset": offset, "length": length}
    if kind == "text_link":
        try:
            entity["url"] = checked_url(str(raw["url"]))
        except UrlError as error:
            raise bad_request(f"entity URL '{raw['url']}' is invalid: {error}") from error
    elif kind == "text_mention":
        user = raw["user"]
        if not isinstance(user, dict) or not {"id", "is_bot", "first_name"} <= user.keys():
            raise bad_request("user not found")
        entity["user"] = user
    elif kind == "pre" and raw.get("language"):
        entity["language"] = raw["language"]
    return entity


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Strip white space at both ends and move or clip the entities accordingly."""
    stripped = text.lstrip(WHITESPACE)
    cut = utf16_length(text) - utf16_length(stripped)
    stripped = stripped.rstrip(WHITESPACE)
    end = utf16_length(stripped)
    kept = []
    for entity in entities:
        first = max(entity["offset"] - cut, 0)
        last = min(entity["offset"] + entity["length"] - cut, end)
        if last > first:
            kept.append(entity | {"offset": first, "length": last - first})
    return stripped, kept


def _detected(text: str, entities: list[Json]) -> list[Json]:
    """Links, addresses, commands, mentions and tags in `text`, outside code and other links."""
    closed = ("code", "pre", "text_link", "text_mention")
    taken = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in closed]
    found = []
    for kind, pattern in DETECTORS:
        for match in pattern.finditer(text):
            first = utf16_length(text[: match.start()])
            last = first + utf16_length(match[0])
            if all(last <= begin or first >= end for begin, end in taken):
                taken.append((first, last))
                found.append({"type": kind, "offset": first, "length": last - first})
    return found
