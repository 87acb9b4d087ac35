"""Changing and removing messages, reacting to them, and answering taps."""

from __future__ import annotations

from importlib.resources import files

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.files import as_content
from bot.local.messages import change, remove
from bot.local.methods.common import (
    Call,
    caption_content,
    find_chat,
    find_item,
    read_markup,
    read_text,
    text_content,
)
from bot.local.methods.sending import take_file
from bot.local.models import Item, Json
from bot.local.store import Tx

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"
REACTIONS = frozenset(files("bot.local").joinpath("reactions.txt").read_text("utf-8").split())


async def edit_message_text(call: Call) -> Json:
    """Replace text and inline keyboard. Returns the `Message`."""
    text, entities = read_text(call)
    markup = read_markup(call, inline_only=True)
    async with call.state.store.tx() as tx:
        item = await _editable(call, tx)
        content = text_content(text, entities)
        if "text" not in item.message:
            raise bad_request("there is no text in the message to edit")
        return await _change(call, tx, item, content, markup.inline)


async def edit_message_caption(call: Call) -> Json:
    """Replace caption and inline keyboard of a picture or file. Returns the `Message`."""
    content = caption_content(call.params)
    markup = read_markup(call, inline_only=True)
    async with call.state.store.tx() as tx:
        item = await _editable(call, tx)
        if "text" in item.message:
            raise bad_request("there is no caption in the message to edit")
        return await _change(call, tx, item, content, markup.inline)


async def edit_message_media(call: Call) -> Json:
    """Replace picture or file, caption and inline keyboard. Returns the `Message`."""
    media = call.params.object("media", "media")
    if media is None:
        raise bad_request("media is empty")
    kind = media.get("type")
    if kind not in ("photo", "document"):
        raise bad_request(f"media of type {kind} is not supported by the local server")
    markup = read_markup(call, inline_only=True)
    async with call.state.store.tx() as tx:
        item = await _editable(call, tx)
        file = await take_file(call, tx, kind, "media", str(media.get("media") or ""))
        empty = {name: None for name in ("text", "entities", "photo", "document")}
        content = empty | as_content(file) | caption_content(media)
        return await _change(call, tx, item, content, markup.inline)


async def edit_message_reply_markup(call: Call) -> Json:
    """Replace the inline keyboard only. Returns the `Message`."""
    markup = read_markup(call, inline_only=True)
    async with call.state.store.tx() as tx:
        item = await _editable(call, tx)
        return await _change(call, tx, item, {}, markup.inline)


async def delete_message(call: Call) -> bool:
    """Delete a message, the bot's own or the person's, not older than 48 hours."""
    async with call.state.store.tx() as tx:
        chat = await find_chat(call, tx)
        item = await find_item(call, tx, chat, "delete")
        if item.message["date"] < call.state.clock() - limits.DELETE_SECONDS:
            raise bad_request("message can't be deleted for everyone")
        await remove(tx, item)
    return True


async def set_message_reaction(call: Call) -> bool:
    """Put the bot's one reaction on a message, or take it away."""
    raw = call.params.json("reaction", "reaction types") or []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of ReactionType")
    if len(raw) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = str(raw[0].get("emoji")) if raw and isinstance(raw[0], dict) else None
    if raw and emoji not in REACTIONS:
        raise bad_request("REACTION_INVALID")
    async with call.state.store.tx() as tx:
        chat = await find_chat(call, tx)
        item = await find_item(call, tx, chat, "react")
        item.reaction = emoji
        await tx.save_item(item)
        tx.emit("edited", chat_id=chat.id, item=item.view())
    return True


async def answer_callback_query(call: Call) -> bool:
    """End the waiting of a tapped button, with a notice or an alert if `text` is given."""
    text = call.params.text("text")
    if len(text) > limits.CALLBACK_ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id, url = call.params.text("callback_query_id"), call.params.text("url")
    async with call.state.store.tx() as tx:
        oldest = call.state.clock() - limits.CALLBACK_ANSWER_SECONDS
        chat_id = await tx.take_callback(query_id, oldest)
        if chat_id is None:
            raise bad_request(OLD_QUERY)
        alert = call.params.flag("show_alert")
        tx.emit("answer", chat_id=chat_id, query_id=query_id, text=text, show_alert=alert, url=url)
    return True


async def _editable(call: Call, tx: Tx) -> Item:
    if call.params.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = await find_chat(call, tx)
    item = await find_item(call, tx, chat, "edit")
    if not item.from_bot:
        raise bad_request("message can't be edited")
    return item


async def _change(call: Call, tx: Tx, item: Item, content: Json, markup: Json | None) -> Json:
    if not await change(call.state, tx, item, content, markup):
        raise bad_request(SAME)
    return item.message
