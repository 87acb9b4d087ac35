"""sendMessage, sendPhoto, sendDocument, sendChatAction."""

from __future__ import annotations

from bot.local.errors import bad_request
from bot.local.files import as_content, keep
from bot.local.messages import post
from bot.local.methods.common import (
    Call,
    Markup,
    caption_content,
    read_markup,
    read_reply,
    read_text,
    text_content,
    without_none,
    writable_chat,
)
from bot.local.models import Chat, Item, Json, StoredFile
from bot.local.store import Tx

MEDIA_ACTIONS = ("photo", "video", "voice", "document", "video_note", "audio")
ACTIONS = frozenset(
    {"typing", "cancel", "choose_sticker", "find_location"}
    | {f"upload_{kind}" for kind in MEDIA_ACTIONS}
    | {f"record_{kind}" for kind in MEDIA_ACTIONS}
)


async def send_message(call: Call) -> Json:
    """Send a text. Returns the `Message`."""
    text, entities = read_text(call)
    markup = read_markup(call)
    async with call.state.store.tx() as tx:
        chat = await writable_chat(call, tx)
        content = text_content(text, entities)
        content["link_preview_options"] = _preview(call)
        return (await _send(call, tx, chat, content, markup)).message


def _preview(call: Call) -> Json | None:
    options = call.params.object("link_preview_options", "link preview options")
    for name, value in (options or {}).items():
        if name != "url" and not isinstance(value, bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    return options or None


async def send_photo(call: Call) -> Json:
    """Send a picture with an optional caption. Returns the `Message`."""
    return await _send_file(call, "photo")


async def send_document(call: Call) -> Json:
    """Send a file with an optional caption. Returns the `Message`."""
    return await _send_file(call, "document")


async def send_chat_action(call: Call) -> bool:
    """Show for a few seconds what the bot is doing."""
    action = call.params.text("action").lower()
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    async with call.state.store.tx() as tx:
        chat = await writable_chat(call, tx, counts=False)
        tx.emit("typing", chat_id=chat.id, action=action)
    return True


async def take_file(call: Call, tx: Tx, kind: str, field: str, reference: str) -> StoredFile:
    """The file a parameter means: an upload under `field`, `attach://name`, or the id of a known file."""
    attached = reference.removeprefix("attach://") if reference.startswith("attach://") else field
    upload = call.params.files.get(attached)
    if upload is not None:
        return await keep(tx, kind, upload.name, upload.data, upload.mime)
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith("attach://"):
        raise bad_request("wrong file identifier/HTTP URL specified")
    if reference.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = await tx.file(file_id=reference)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.capitalize()} as {kind.capitalize()}")
    return file


async def _send_file(call: Call, kind: str) -> Json:
    caption = caption_content(call.params)
    markup = read_markup(call)
    async with call.state.store.tx() as tx:
        chat = await writable_chat(call, tx)
        file = await take_file(call, tx, kind, kind, call.params.text(kind))
        content = as_content(file) | caption
        for name in ("has_spoiler", "show_caption_above_media"):
            if kind == "photo" and call.params.flag(name):
                content["has_media_spoiler" if name == "has_spoiler" else name] = True
        return (await _send(call, tx, chat, content, markup)).message


async def _send(call: Call, tx: Tx, chat: Chat, content: Json, markup: Markup) -> Item:
    reply_to = await read_reply(call, tx, chat)
    if markup.inline is not None:
        content["reply_markup"] = markup.inline
    if call.params.flag("protect_content"):
        content["has_protected_content"] = True
    item = await post(call.state, tx, chat, without_none(content), sender=call.state.bot.user(), reply_to=reply_to)
    if markup.other is not None:
        chat.keyboard = None if markup.other.get("remove_keyboard") else markup.other
        await tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return item
