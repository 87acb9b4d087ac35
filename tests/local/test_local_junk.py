"""Whatever a bot sends, the server answers as Telegram would: it never fails itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.local.methods import METHODS, SIGNATURES
from bot.local.pytest_plugin import RunningBotApi

from .world import World

JUNK: list[Any] = [
    *("", "x", "-1", "[]", "{}", "[", "null", '"x"', "[1]", "[[]]", "[null]", "http://[", "\ud800", "\x00", "<b", "_"),
    *(0, 1, -(2**63), 99999999999999999999, 1.5, True, "a\nb" * 300),
    *([], {}, [[]], [{}], [None], {"type": 1}, {"message_id": "x"}, [{"type": "bold"}]),
]
KEYS = {
    "inline_keyboard": [
        [{"text": "a", "callback_data": "b"}, {"text": "a", "url": "a.be"}, {"text": "a", "switch_inline_query": "b"}],
        [{"text": "a", "web_app": {"url": "https://a.be"}}, {"text": "a", "copy_text": {"text": "b"}}],
    ]
}
CONTENT = {"message_text": "x", "parse_mode": "HTML", "entities": [{"type": "bold", "offset": 0, "length": 1}]}
DEEP: list[tuple[str, str, Any]] = [
    ("sendMessage", "reply_markup", KEYS),
    ("sendMessage", "reply_markup", {"keyboard": [["a", {"text": "b", "request_contact": True}]], "selective": True}),
    ("sendMessage", "entities", [{"type": "text_link", "offset": 0, "length": 1, "url": "a.be"}]),
    ("sendMessage", "reply_parameters", {"message_id": "@own@", "quote": "a", "quote_entities": [], "chat_id": 1}),
    ("sendMessage", "link_preview_options", {"is_disabled": True, "url": "a.be"}),
    ("sendMediaGroup", "media", [{"type": "photo", "media": "@photo_id@", "caption": "x", "caption_entities": []}] * 2),
    ("editMessageMedia", "media", {"type": "photo", "media": "@photo_id@", "caption": "x", "parse_mode": "HTML"}),
    ("sendPoll", "options", [{"text": "a", "text_parse_mode": "HTML", "text_entities": []}, "b"]),
    ("setMyCommands", "commands", [{"command": "a", "description": "b"}]),
    ("setMyCommands", "scope", {"type": "chat_member", "chat_id": "@supergroup@", "user_id": 1}),
    ("setMessageReaction", "reaction", [{"type": "emoji", "emoji": "👍"}]),
    ("setChatMenuButton", "menu_button", {"type": "web_app", "text": "a", "web_app": {"url": "https://a.be"}}),
    ("answerInlineQuery", "button", {"text": "a", "start_parameter": "b"}),
    ("answerInlineQuery", "results", [{"type": "article", "id": "a", "title": "b", "input_message_content": CONTENT}]),
    ("answerInlineQuery", "results", [{"type": "photo", "id": "a", "photo_file_id": "@photo_id@", "caption": "x"}]),
    ("answerInlineQuery", "results", [
        {"type": "venue", "id": "a", "title": "b", "address": "c", "latitude": 1.0, "longitude": 2.0},
        {"type": "contact", "id": "b", "phone_number": "1", "first_name": "x"},
    ]),
]  # fmt: skip
ANSWERS = {400, 401, 403, 404, 409, 429, 501}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    api = RunningBotApi()
    api.start()
    made = World(api)
    made.build()
    yield made
    api.stop()


def call(world: World, method: str, **values: Any) -> None:
    names = SIGNATURES[method.lower()].required | SIGNATURES[method.lower()].optional
    good = {"chat_id": "@ada@", "from_chat_id": "@ada@", "message_id": "@theirs@", "text": "x", "photo": "@photo_id@"}
    good |= {"question": "?", "options": ["a", "b"], "latitude": 1, "longitude": 1}
    sent = {name: value for name, value in world.filled(good | values).items() if name in names}
    answer = world.request("POST", f"/bot{world.token}/{method}", json.dumps(sent).encode())
    assert answer["ok"] or answer["error_code"] in ANSWERS, (method, values, answer)


def twisted(value: Any) -> Iterator[Any]:
    """The value with each of its parts in turn replaced by junk, or left out."""
    yield from JUNK
    if isinstance(value, dict):
        for key, part in value.items():
            yield {name: one for name, one in value.items() if name != key}
            yield from (value | {key: wrong} for wrong in twisted(part))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], wrong, *value[place + 1 :]] for wrong in twisted(part))


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"logOut", "getUpdates"}))
def test_junk_is_answered(world: World, method: str) -> None:
    names = sorted(SIGNATURES[method.lower()].required | SIGNATURES[method.lower()].optional)
    for name in names:
        for junk in JUNK if name in ("text", "chat_id", "message_id") else JUNK[::6]:
            call(world, method, **{name: junk})


@pytest.mark.parametrize(("method", "name", "value"), DEEP)
def test_junk_deep_inside_is_answered(world: World, method: str, name: str, value: Any) -> None:
    for wrong in list(twisted(value))[::5]:
        call(world, method, **{name: wrong})
