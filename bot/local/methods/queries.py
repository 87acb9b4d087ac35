"""Answering taps on buttons and inline queries."""

from __future__ import annotations

import re
from typing import Any

from bot.local import limits
from bot.local.errors import ApiError, bad_request, not_emulated
from bot.local.files import as_content
from bot.local.keyboards import inline_markup
from bot.local.messages import without_none
from bot.local.methods.common import Call, caption_content, text_content
from bot.local.methods.media import WRONG, fetch, take_file
from bot.local.models import Json
from bot.local.text import format_text

OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"
START_PARAMETER = re.compile(rf"[A-Za-z0-9_-]{{1,{limits.START_PARAMETER_LENGTH}}}")
RESULT = "can't parse inline query result: "
FILES = {"photo": "photo_file_id", "document": "document_file_id", "voice": "voice_file_id", "video": "video_file_id"}
FILES |= {"audio": "audio_file_id", "sticker": "sticker_file_id"}
NEEDED = {
    "article": ("title",),
    "photo": (),
    "document": ("title",),
    "voice": ("title",),
    "video": ("title",),
    "audio": (),
    "sticker": (),
    "location": ("latitude", "longitude", "title"),
    "venue": ("latitude", "longitude", "title", "address"),
    "contact": ("phone_number", "first_name"),
}
"""The fields without which a result of a kind is refused."""
ELSEWHERE = frozenset({"game", "gif", "mpeg4_gif"})


async def answer_callback_query(call: Call) -> bool:
    """End the waiting of a tapped button, with a notice or an alert if `text` is given."""
    text = call.params.text("text")
    if len(text) > limits.CALLBACK_ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id, url = call.params.text("callback_query_id"), call.params.text("url")
    if url and not url.startswith(f"https://t.me/{call.state.bot.username}?start="):
        raise bad_request("URL_INVALID")
    with call.state.store.tx() as tx:
        tap = tx.record("tap", query_id, call.state.clock() - limits.CALLBACK_ANSWER_SECONDS)
        tx.drop_record("tap", query_id)
        if tap is not None:
            alert = call.params.flag("show_alert")
            answer = {"query_id": query_id, "text": text, "show_alert": alert, "url": url}
            tx.emit("answer", chat_id=tap["chat_id"], **answer)
    if tap is None:
        raise bad_request(OLD_QUERY)
    return True


async def answer_inline_query(call: Call) -> bool:
    """Show results under what a person types after the bot's name."""
    raw = call.params.json("results", "JSON encoded inline query results") if call.params.text("results") else []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of inline query results")
    results = [await _result(call, one) for one in raw]
    if len(results) > limits.INLINE_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({result["id"] for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    offset = call.params.text("next_offset")
    if len(offset.encode()) > limits.INLINE_OFFSET_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = _button(call)
    query_id = call.params.text("inline_query_id")
    with call.state.store.tx() as tx:
        query = tx.record("inline_query", query_id, call.state.clock() - limits.INLINE_SECONDS)
        if query is None or query.get("answer") is not None:
            raise bad_request(OLD_QUERY)
        query["answer"] = {"results": results, "next_offset": offset, "button": button}
        tx.save_record("inline_query", query_id, query, call.state.clock())
        shown = [_shown(result) for result in results]
        told = {"results": shown, "next_offset": offset, "button": button}
        tx.emit("inline_answer", chat_id=query["chat_id"], query_id=query_id, **told)
    return True


def _shown(result: Json) -> Json:
    """A result as a person sees it in the list: without the message it would send."""
    return {name: value for name, value in result.items() if name != "content"}


def _button(call: Call) -> Json | None:
    button = call.params.object("button", "inline query results button")
    if button is None:
        return None
    if not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request("can't parse inline query results button: Can't find field \"text\"")
    if "start_parameter" in button and not START_PARAMETER.fullmatch(str(button["start_parameter"])):
        raise bad_request("START_PARAM_INVALID")
    if "start_parameter" not in button and "web_app" not in button:
        raise bad_request("can't parse inline query results button: button type isn't specified")
    return button


async def _result(call: Call, raw: Any) -> Json:
    """A checked result: what the list shows, and under `content` the message it sends. Raises 400."""
    if not isinstance(raw, dict):
        raise bad_request(RESULT + "Inline query result must be an object")
    kind = _field(raw, "type").lower()
    number = _field(raw, "id")
    if not 1 <= len(number.encode()) <= limits.INLINE_RESULT_ID_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if kind in ELSEWHERE:
        raise not_emulated(f"an inline result of type {kind}")
    if kind not in NEEDED:
        raise bad_request(RESULT + f'type "{kind}" is unsupported for the inline query result')
    for name in NEEDED[kind]:
        _field(raw, name)
    markup = raw.get("reply_markup")
    if markup is not None and (not isinstance(markup, dict) or "inline_keyboard" not in markup):
        raise bad_request(RESULT + "inline keyboard expected")
    content = await _content(call, kind, raw)
    keys = inline_markup(markup) if markup else None
    names = ("title", "description", "url", "thumbnail_url", "photo_url")
    shown = {name: raw[name] for name in names if isinstance(raw.get(name), str)}
    return {"type": kind, "id": number, **shown, "content": without_none(content | {"reply_markup": keys})}


async def _content(call: Call, kind: str, raw: Json) -> Json:
    """The fields of the `Message` that choosing the result sends."""
    given = raw.get("input_message_content")
    if given is not None and not isinstance(given, dict):
        raise bad_request(RESULT + 'field "input_message_content" must be of type Object')
    if given is not None:
        return _given(given)
    if kind == "article":
        raise bad_request(RESULT + "input message content is not specified")
    if kind in FILES:
        reference = str(raw.get(f"{kind}_url") or raw.get(FILES[kind]) or "")
        if not reference:
            raise bad_request(RESULT + f'Can\'t find field "{FILES[kind]}"')
        source = await fetch(call, kind, "", reference)
        try:
            with call.state.store.tx() as tx:
                file = take_file(tx, kind, source)
        except ApiError as error:
            raise bad_request(WRONG) from error
        return as_content(file) | ({} if kind == "sticker" else caption_content(raw))
    return _small(kind, raw)


def _small(kind: str, raw: Json) -> Json:
    if kind == "contact":
        names = ("phone_number", "first_name", "last_name", "vcard")
        return {"contact": {name: raw[name] for name in names if raw.get(name)}}
    location = {name: _number(raw, name) for name in ("latitude", "longitude")}
    if kind == "location":
        return {"location": location}
    return {"location": location, "venue": {"location": location, "title": raw["title"], "address": raw["address"]}}


def _given(given: Json) -> Json:
    """The content that an `InputMessageContent` describes."""
    if given.get("message_text"):
        mode, entities = str(given.get("parse_mode") or ""), given.get("entities")
        return text_content(*format_text(str(given["message_text"]), mode, entities))
    if "latitude" in given and "longitude" in given:
        return _small("venue" if "address" in given and "title" in given else "location", given)
    if "phone_number" in given:
        return _small("contact", given)
    raise bad_request(RESULT + "input message content is not specified")


def _number(raw: Json, name: str) -> float:
    try:
        return float(_field(raw, name))
    except ValueError as error:
        raise bad_request(RESULT + f'Field "{name}" must be of type Number') from error


def _field(raw: Json, name: str) -> str:
    value = raw.get(name)
    if value is None:
        raise bad_request(RESULT + f'Can\'t find field "{name}"')
    if isinstance(value, bool | dict | list):
        raise bad_request(RESULT + f'Field "{name}" must be of type String')
    return str(value)
