"""What many Bot API methods share: the call itself, the chat, the text, the keyboard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.local import limits
from bot.local.errors import bad_request, forbidden
from bot.local.markup import inline_markup, other_markup
from bot.local.models import Chat, Item, Json
from bot.local.params import Params
from bot.local.state import State
from bot.local.store import Tx
from bot.local.text import format_text

MARKUP = "reply keyboard markup"


@dataclass(frozen=True)
class Call:
    """One call of a method: its parameters and the state it acts on."""

    state: State
    params: Params


@dataclass(frozen=True)
class Markup:
    """A checked `reply_markup`: an inline keyboard for the message, or something for the chat's input."""

    inline: Json | None = None
    other: Json | None = None


async def find_chat(call: Call, tx: Tx) -> Chat:
    """The chat `chat_id` names, which the bot knows only after the person wrote. Raises 400."""
    raw = call.params.text("chat_id").strip()
    if not raw:
        raise bad_request("chat_id is empty")
    number = raw.removeprefix("-")
    known = number.isascii() and number.isdigit() and len(number) < 19
    chat = await tx.chat(int(raw)) if known else None
    if chat is None or not chat.started:
        raise bad_request("chat not found")
    return chat


async def writable_chat(call: Call, tx: Tx, *, counts: bool = True) -> Chat:
    """`find_chat`, and 403 if the person blocked the bot, 429 if it sends too fast (if the call `counts`)."""
    chat = await find_chat(call, tx)
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if counts and call.state.flood is not None:
        call.state.flood.check(chat.id, call.state.clock())
    return chat


async def find_item(call: Call, tx: Tx, chat: Chat, action: str) -> Item:
    """The message `message_id` names; `action` ("edit", "delete", ...) is part of the refusal."""
    raw = call.params.text("message_id")
    number = call.params.integer("message_id", 0, 0, 2**31 - 1)
    if not raw or number == 0:
        raise bad_request("message identifier is not specified")
    item = await tx.item(chat.id, number)
    if item is None:
        raise bad_request(f"message to {action} not found")
    return item


def read_text(call: Call) -> tuple[str, list[Json]]:
    """Text and entities of the call, parsed but not yet measured. Raises 400."""
    text = call.params.text("text")
    if not text:
        raise bad_request("message text is empty")
    return format_text(text, call.params.text("parse_mode"), call.params.json("entities", "entities"))


def text_content(text: str, entities: list[Json]) -> Json:
    """The message fields for a text, after measuring it. Raises 400."""
    if not text:
        raise bad_request("text must be non-empty")
    if len(text) > limits.TEXT_LENGTH:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities or None}


def caption_content(params: Params | Json) -> Json:
    """The message fields for a caption, taken from the call or from an `InputMedia`. Raises 400."""
    values: dict[str, Any]
    if isinstance(params, Params):
        values = dict(params.values)
        values["caption_entities"] = params.json("caption_entities", "caption entities")
    else:
        values = params
    raw, mode = str(values.get("caption") or ""), str(values.get("parse_mode") or "")
    text, entities = format_text(raw, mode, values.get("caption_entities"))
    if len(text) > limits.CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return {"caption": text or None, "caption_entities": entities or None}


def read_markup(call: Call, *, inline_only: bool = False) -> Markup:
    """The checked `reply_markup` of the call. Raises 400."""
    raw = call.params.object("reply_markup", MARKUP)
    if not raw:
        return Markup()
    if "inline_keyboard" in raw:
        return Markup(inline=inline_markup(raw))
    if inline_only:
        raise bad_request("inline keyboard expected")
    return Markup(other=other_markup(raw))


async def read_reply(call: Call, tx: Tx, chat: Chat) -> Item | None:
    """The message the new one replies to, if any. Raises 400."""
    raw = call.params.object("reply_parameters", "reply parameters")
    if raw is None:
        return None
    number = raw.get("message_id")
    if not isinstance(number, int):
        raise bad_request('can\'t find field "message_id"')
    item = await tx.item(chat.id, number)
    if item is None and not raw.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return item


def without_none(content: Json) -> Json:
    """The fields that have a value."""
    return {name: value for name, value in content.items() if value is not None}
