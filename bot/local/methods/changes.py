"""Changing, removing, forwarding and copying messages, and reacting to them."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise

from bot.local import limits
from bot.local.errors import ApiError, bad_request
from bot.local.files import as_content
from bot.local.messages import BODY, FILES, change, post, remove, show, without_none
from bot.local.methods.common import (
    Call,
    caption_content,
    find_chat,
    find_item,
    message_ids,
    read_markup,
    read_preview,
    read_text,
    send,
    text_content,
    writable_chat,
)
from bot.local.methods.media import MEDIA, fetch, take_file
from bot.local.models import Chat, Item, Json
from bot.local.store import Tx

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
REACTIONS = frozenset(files("bot.local").joinpath("reactions.txt").read_text("utf-8").split())
DICE_SECONDS = 24 * 3600


async def edit_message_text(call: Call) -> Json | bool:
    """Replace text and inline keyboard. Returns the `Message`, or True for an inline message."""
    text, entities = read_text(call)
    markup, preview = read_markup(call, inline_only=True), read_preview(call)
    with call.state.store.tx() as tx:
        item = _editable(call, tx)
        content = text_content(text, entities) | {"link_preview_options": preview}
        if "text" not in item.message:
            raise bad_request("there is no text in the message to edit")
        return _change(call, tx, item, content, markup.inline)


async def edit_message_caption(call: Call) -> Json | bool:
    """Replace caption and inline keyboard of a picture or file. Returns as `edit_message_text`."""
    content = caption_content(call.params)
    markup = read_markup(call, inline_only=True)
    with call.state.store.tx() as tx:
        item = _editable(call, tx)
        if not any(name in item.message for name in FILES if name != "sticker"):
            raise bad_request("there is no caption in the message to edit")
        return _change(call, tx, item, content, markup.inline)


async def edit_message_media(call: Call) -> Json | bool:
    """Replace picture or file, caption and inline keyboard. Returns as `edit_message_text`."""
    call.required("media")
    media = call.params.json("media", "input media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    caption = caption_content(media)
    kind = str(media.get("type"))
    if not media.get("media"):
        raise bad_request("can't parse InputMedia: media not found")
    if kind not in MEDIA:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    markup = read_markup(call, inline_only=True)
    source = await fetch(call, kind, "", str(media["media"]))
    with call.state.store.tx() as tx:
        item = _editable(call, tx)
        empty = dict.fromkeys(("text", "entities", "link_preview_options", *FILES))
        content = empty | as_content(take_file(tx, kind, source)) | caption
        return _change(call, tx, item, content, markup.inline)


async def edit_message_reply_markup(call: Call) -> Json | bool:
    """Replace the inline keyboard only. Returns as `edit_message_text`."""
    markup = read_markup(call, inline_only=True)
    with call.state.store.tx() as tx:
        item = _editable(call, tx)
        return _change(call, tx, item, {}, markup.inline)


async def delete_message(call: Call) -> bool:
    """Delete a message that the bot may delete, not older than 48 hours."""
    if not call.params.text("chat_id"):
        raise bad_request("chat identifier is not specified")
    if call.params.integer("message_id", 0, 0, 2**31 - 1) == 0:
        raise bad_request("message identifier is not specified")
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        item = find_item(call, tx, chat, "to delete")
        _check_deletable(call, chat, item)
        remove(tx, item)
    return True


async def delete_messages(call: Call) -> bool:
    """Delete several messages; those that are not there are passed over."""
    numbers = message_ids(call)
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        items = [item for number in numbers if (item := tx.item(chat.id, number)) is not None]
        for item in items:
            try:
                _check_deletable(call, chat, item)
            except ApiError:
                if len(numbers) == 1:
                    raise
                continue
            remove(tx, item)
    return True


async def forward_message(call: Call) -> Json:
    """Forward a message to a chat. Returns the new `Message`."""
    with call.state.store.tx() as tx:
        source = find_chat(call, tx, "from_chat_id")
        item = find_item(call, tx, source, "to forward")
        chat = writable_chat(call, tx)
        return _forward(call, tx, chat, item).message


async def forward_messages(call: Call) -> list[Json]:
    """Forward several messages; those that cannot be are passed over. Returns their new ids."""
    return _each(call, "forward")


async def copy_message(call: Call) -> Json:
    """Send the content of a message anew, with another caption if wanted. Returns its id."""
    caption = caption_content(call.params) if "caption" in call.params.values else None
    markup = read_markup(call)
    with call.state.store.tx() as tx:
        source = find_chat(call, tx, "from_chat_id")
        item = find_item(call, tx, source, "to copy")
        chat = writable_chat(call, tx)
        content = _copied(item)
        if caption is not None and any(name in content for name in FILES):
            content |= caption
        return {"message_id": send(call, tx, chat, content, markup).message_id}


async def copy_messages(call: Call) -> list[Json]:
    """Send the content of several messages anew; those that cannot be are passed over. Returns their new ids."""
    return _each(call, "copy")


async def set_message_reaction(call: Call) -> bool:
    """Put the bot's one reaction on a message, or take it away."""
    raw = call.params.json("reaction", "reaction types JSON object") or []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of ReactionType")
    if any(not isinstance(one, dict) for one in raw):
        raise bad_request("can't parse ReactionType: expected an Object")
    if any(one.get("type") not in ("emoji", "custom_emoji", "paid") for one in raw):
        raise bad_request("can't parse ReactionType: invalid reaction type specified")
    if len(raw) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = str(raw[0].get("emoji")) if raw else None
    if raw and emoji not in REACTIONS:
        raise bad_request("REACTION_INVALID")
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        item = find_item(call, tx, chat, "to react")
        item.reaction = emoji
        show(tx, item)
    return True


def _editable(call: Call, tx: Tx) -> Item:
    """The message to edit, by chat and number or by inline message id. Raises 400."""
    params = call.params
    if not params.text("chat_id") and params.integer("message_id", 0, 0, 2**31 - 1) == 0:
        if not params.text("inline_message_id"):
            raise bad_request("message identifier is not specified")
        place = tx.record("inline_message", params.text("inline_message_id"))
        item = tx.item(place["chat_id"], place["message_id"]) if place else None
        if item is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return item
    chat = find_chat(call, tx)
    item = find_item(call, tx, chat, "to edit")
    if item.message["from"]["id"] != call.state.bot.id or not set(BODY) & item.message.keys():
        raise bad_request("message can't be edited")
    if "forward_origin" in item.message:
        raise bad_request("message can't be edited")
    return item


def _change(call: Call, tx: Tx, item: Item, content: Json, markup: Json | None) -> Json | bool:
    if not change(call.state, tx, item, content, markup):
        raise bad_request(SAME)
    return item.message if call.params.text("chat_id") else True


def _check_deletable(call: Call, chat: Chat, item: Item) -> None:
    age = call.state.clock() - item.message["date"]
    own = item.message["from"]["id"] == call.state.bot.id
    if not chat.private and not own and chat.status(call.state.bot.id) != "administrator":
        raise bad_request("message can't be deleted")
    if chat.private and "dice" in item.message and age < DICE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    if age > limits.DELETE_SECONDS:
        raise bad_request("message can't be deleted for everyone")


def _origin(item: Item) -> Json:
    message = item.message
    if "forward_origin" in message:
        origin: Json = message["forward_origin"]
        return origin
    return {"type": "user", "date": message["date"], "sender_user": message["from"]}


def _refuse_service(item: Item, action: str) -> None:
    if not set(BODY) & item.message.keys() or item.message.get("has_protected_content"):
        raise bad_request(f"message can't be {action}")


def _forward(call: Call, tx: Tx, chat: Chat, item: Item) -> Item:
    _refuse_service(item, "forwarded")
    content = {name: item.message[name] for name in BODY if name in item.message}
    content |= {"forward_origin": _origin(item)}
    if call.params.flag("protect_content"):
        content["has_protected_content"] = True
    return post(call.state, tx, chat, content, sender=call.state.bot.user())


def _copied(item: Item) -> Json:
    _refuse_service(item, "copied")
    if item.message.get("poll", {}).get("type") == "quiz" and "correct_option_ids" not in item.message["poll"]:
        raise bad_request("message can't be copied")
    return {name: item.message[name] for name in BODY if name in item.message}


def _each(call: Call, action: str) -> list[Json]:
    numbers = message_ids(call)
    if any(after <= before for before, after in pairwise(numbers)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    with call.state.store.tx() as tx:
        source = find_chat(call, tx, "from_chat_id")
        found = [item for number in numbers if (item := tx.item(source.id, number)) is not None]
        items = [item for item in found if set(BODY) & item.message.keys()]
        if not items:
            raise bad_request(f"there are no messages to {action}")
        chat = writable_chat(call, tx)
        sent = []
        for item in items:
            if action == "forward":
                sent.append(_forward(call, tx, chat, item))
                continue
            content = _copied(item)
            if call.params.flag("remove_caption"):
                content |= {"caption": None, "caption_entities": None}
            sent.append(post(call.state, tx, chat, without_none(content), sender=call.state.bot.user()))
        return [{"message_id": item.message_id} for item in sent]
