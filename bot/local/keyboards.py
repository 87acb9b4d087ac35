"""Checks of `reply_markup` as the real server makes them. Pure."""

from __future__ import annotations

import json
from typing import Any

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.models import Json
from bot.local.urls import UrlError, checked_url

BUTTON = "can't parse inline keyboard button: "
STYLES = ("danger", "success", "primary")
SWITCHES = ("switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat")


def inline_markup(raw: Json) -> Json | None:
    """The checked `InlineKeyboardMarkup`, or None for an empty one. Raises `ApiError`."""
    rows = _rows(raw, "inline_keyboard")
    checked = [[_inline_button(button) for button in row] for row in rows]
    checked = [row for row in checked if row]
    _check_size(checked, limits.BUTTONS, limits.BUTTONS_IN_ROW)
    return {"inline_keyboard": checked} if checked else None


def other_markup(raw: Json) -> Json:
    """A checked reply keyboard, its removal or a forced reply. Raises `ApiError`."""
    flags = (
        "selective",
        "resize_keyboard",
        "one_time_keyboard",
        "is_persistent",
        "remove_keyboard",
        "force_reply",
    )
    for name in flags:
        if name in raw and not isinstance(raw[name], bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    if len(str(raw.get("input_field_placeholder") or "")) > limits.PLACEHOLDER_LENGTH:
        raise bad_request("INPUT_FIELD_PLACEHOLDER_INVALID")
    if "keyboard" in raw:
        rows = [[_plain_button(button) for button in row] for row in _rows(raw, "keyboard")]
        _check_size(rows, 300, 12)
        return raw | {"keyboard": rows}
    if raw.get("remove_keyboard") or raw.get("force_reply"):
        return dict(raw)
    raise bad_request("object expected as reply markup")


def _rows(raw: Json, name: str) -> list[list[Any]]:
    rows = raw.get(name)
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    return rows


def _check_size(rows: list[list[Json]], buttons: int, in_row: int) -> None:
    too_many = sum(map(len, rows)) > buttons or any(len(row) > in_row for row in rows)
    if too_many or len(json.dumps(rows, ensure_ascii=False).encode()) > limits.MARKUP_BYTES:
        raise bad_request("reply markup is too long")


def _plain_button(raw: Any) -> Json:
    if isinstance(raw, str):
        return {"text": raw}
    if not isinstance(raw, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
    if not isinstance(raw.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    for name in ("request_contact", "request_location"):
        if not isinstance(raw.get(name, False), bool):
            raise bad_request(f'can\'t parse keyboard button: Field "{name}" must be of type Boolean')
    return raw


def _inline_button(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise bad_request(BUTTON + "InlineKeyboardButton must be an Object")
    if "text" not in raw:
        raise bad_request(BUTTON + 'Can\'t find field "text"')
    text = raw["text"]
    if not isinstance(text, str):
        raise bad_request(BUTTON + 'Field "text" must be of type String')
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    button: Json = {"text": text}
    if raw.get("style"):
        if raw["style"] not in STYLES:
            raise bad_request("BUTTON_STYLE_INVALID")
        button["style"] = raw["style"]
    return button | _action(raw)


def _action(raw: Json) -> Json:
    """The one thing the button does."""
    if raw.get("url"):
        return {"url": _url(raw["url"], "URL")}
    if raw.get("callback_data"):
        data = raw["callback_data"]
        if not isinstance(data, str):
            raise bad_request(BUTTON + 'Field "callback_data" must be of type String')
        if len(data.encode()) > limits.CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"callback_data": data}
    if "web_app" in raw:
        url = str(raw["web_app"].get("url", "")) if isinstance(raw["web_app"], dict) else ""
        if not url.startswith("https://"):
            raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
        return {"web_app": {"url": _url(url, "Web App URL")}}
    if "copy_text" in raw:
        text = raw["copy_text"].get("text") if isinstance(raw["copy_text"], dict) else None
        if not isinstance(text, str) or not 1 <= len(text) <= limits.COPY_TEXT_LENGTH:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
        return {"copy_text": {"text": text}}
    for name in SWITCHES:
        if name in raw:
            kind, called = (dict, "Object") if name.endswith("chosen_chat") else (str, "String")
            if not isinstance(raw[name], kind):
                raise bad_request(f'{BUTTON}Field "{name}" must be of type {called}')
            return {name: raw[name]}
    if raw.get("login_url"):
        raise bad_request("BOT_DOMAIN_INVALID")
    if "pay" in raw or "callback_game" in raw:
        raise bad_request("BUTTON_TYPE_INVALID")
    raise bad_request(BUTTON + "Text buttons are unallowed in the inline keyboard")


def _url(raw: Any, what: str) -> str:
    try:
        return checked_url(str(raw))
    except UrlError as error:
        raise bad_request(f"inline keyboard button {what} '{raw}' is invalid: {error}") from error
