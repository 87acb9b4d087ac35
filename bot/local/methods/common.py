"""What many Bot API methods share: the call itself, the chat, the text, the keyboard, the sending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.local import limits
from bot.local.errors import ApiError, bad_request, forbidden, not_emulated
from bot.local.keyboards import inline_markup, other_markup
from bot.local.messages import post, without_none
from bot.local.models import PRESENT, Chat, Item, Json
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

    def required(self, name: str) -> str:
        """The value of a parameter that must not be empty. Raises 400."""
        value = self.params.text(name)
        if not value:
            raise bad_request(f'parameter "{name}" is required')
        return value


@dataclass(frozen=True)
class Told:
    """A result that comes with a description of what was done."""

    result: Any
    description: str


@dataclass(frozen=True)
class Markup:
    """A checked `reply_markup`: an inline keyboard for the message, or something for the chat's input."""

    inline: Json | None = None
    other: Json | None = None


def find_chat(call: Call, tx: Tx, field: str = "chat_id") -> Chat:
    """The chat a parameter names. Raises 400 if the bot does not know it, 403 if it was thrown out of it.

    A person is known once they wrote to the bot, a group as long as the bot is or was in it.
    """
    raw = call.params.text(field).strip()
    if not raw:
        raise bad_request("chat_id is empty" if field == "chat_id" else f'parameter "{field}" is required')
    if raw.startswith("@"):
        wanted = raw[1:].lower()
        found = [chat for chat in tx.chats() if not chat.private and chat.username.lower() == wanted]
        chat = found[0] if found else None
    else:
        number = raw.removeprefix("-")
        known = number.isascii() and number.isdigit() and len(number) < 19
        chat = tx.chat(int(raw)) if known else None
    if chat is None or (chat.private and not chat.started and not _met(call, tx, chat)):
        raise bad_request("chat not found")
    if not chat.private:
        status = chat.members.get(str(call.state.bot.id))
        if status is None:
            raise bad_request("chat not found")
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if status == "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")
    return chat


def _met(call: Call, tx: Tx, person: Chat) -> bool:
    """Whether the bot knows the person from a group."""
    mine = str(call.state.bot.id)
    return any(
        chat.status(person.id) in PRESENT and chat.members.get(mine) in PRESENT
        for chat in tx.chats()
        if not chat.private
    )


def writable_chat(call: Call, tx: Tx, *, counts: bool = True) -> Chat:
    """`find_chat`, and 403 if the bot may not write there, 429 if it sends too fast (if the call `counts`)."""
    if call.params.text("chat_id").strip() == str(call.state.bot.id):
        raise forbidden("bot can't send messages to bots")
    if call.params.text("business_connection_id"):
        raise bad_request("business connection not found")
    chat = find_chat(call, tx)
    if chat.private and not chat.started:
        raise forbidden("bot can't initiate conversation with a user")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    if chat.migrated_to:
        upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
        raise ApiError(400, upgraded, migrate_to_chat_id=chat.migrated_to)
    if call.params.text("message_thread_id"):
        raise bad_request("message thread not found")
    if counts and call.state.flood is not None:
        call.state.flood.check(chat.id, call.state.clock())
    return chat


def find_item(call: Call, tx: Tx, chat: Chat, action: str) -> Item:
    """The message `message_id` names; `action` ("edit", "delete", ...) is part of the refusal."""
    raw = call.params.text("message_id")
    number = call.params.integer("message_id", 0, 0, 2**31 - 1)
    if not raw or number == 0:
        raise bad_request("message identifier is not specified")
    item = tx.item(chat.id, number)
    if item is None:
        raise bad_request(f"message {action} not found")
    return item


def message_ids(call: Call) -> list[int]:
    """The list `message_ids`. Raises 400."""
    if not call.params.text("message_ids"):
        raise bad_request("message identifiers are not specified")
    raw = call.params.json("message_ids", "message_ids")
    if not isinstance(raw, list):
        raise bad_request("expected an Array of message identifiers")
    if not raw:
        raise bad_request("message identifiers are not specified")
    if len(raw) > limits.MESSAGES_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    try:
        numbers = [int(one) for one in raw if not isinstance(one, bool | float)]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) < len(raw):
        raise bad_request("message identifier must be a Number")
    if min(numbers) <= 0:
        raise bad_request("invalid message identifier specified")
    return numbers


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
    raw = call.params.json("reply_markup", MARKUP)
    if raw is not None and not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if not raw:
        return Markup()
    if "inline_keyboard" in raw:
        return Markup(inline=inline_markup(raw))
    if inline_only:
        raise bad_request("inline keyboard expected")
    return Markup(other=other_markup(raw))


def read_preview(call: Call) -> Json | None:
    """The checked `link_preview_options`. Raises 400."""
    options = call.params.object("link_preview_options", "link preview options")
    for name, value in (options or {}).items():
        if name != "url" and not isinstance(value, bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    if options is None and call.params.flag("disable_web_page_preview"):
        return {"is_disabled": True}
    return options or None


def read_reply(call: Call, tx: Tx, chat: Chat) -> tuple[Item | None, Json]:
    """The message the new one replies to, if any, and the quote it makes of it. Raises 400."""
    raw = call.params.object("reply_parameters", "reply parameters")
    if raw is None and call.params.text("reply_to_message_id"):
        allow = call.params.flag("allow_sending_without_reply")
        number = call.params.integer("reply_to_message_id", 0, 0, 2**31 - 1)
        raw = {"message_id": number, "allow_sending_without_reply": allow}
    if raw is None:
        return None, {}
    wanted = raw.get("message_id")
    if not isinstance(wanted, int) or isinstance(wanted, bool):
        raise bad_request("can't parse reply parameters: Can't find field \"message_id\"")
    if str(raw.get("chat_id") or chat.id) != str(chat.id):
        raise not_emulated("a reply to a message of another chat")
    item = tx.item(chat.id, wanted)
    if item is None:
        if not raw.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        return None, {}
    quote = raw.get("quote")
    if not quote:
        return item, {}
    text, _ = format_text(str(quote), str(raw.get("quote_parse_mode") or ""), raw.get("quote_entities"))
    whole = item.message.get("text") or item.message.get("caption") or ""
    if not text or text not in whole:
        raise bad_request("QUOTE_TEXT_INVALID")
    position = len(whole[: whole.index(text)].encode("utf-16-le")) // 2
    return item, {"quote": {"text": text, "position": position, "is_manual": True}}


def send(call: Call, tx: Tx, chat: Chat, content: Json, markup: Markup) -> Item:
    """Post `content` (fields of a `Message`, None for none) as the bot, with what every send method can add."""
    reply_to, quote = read_reply(call, tx, chat)
    content = without_none(content) | quote
    if markup.inline is not None:
        content["reply_markup"] = markup.inline
    if call.params.flag("protect_content"):
        content["has_protected_content"] = True
    if call.params.text("message_effect_id") and chat.private:
        content["effect_id"] = call.params.text("message_effect_id")
    item = post(call.state, tx, chat, content, sender=call.state.bot.user(), reply_to=reply_to)
    if markup.other is not None:
        chat.keyboard = None if markup.other.get("remove_keyboard") else markup.other
        tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return item
