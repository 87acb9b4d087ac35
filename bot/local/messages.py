"""Posting, changing and removing messages; used by the bot side and the page side alike."""

from __future__ import annotations

from bot.local.models import Chat, Item, Json
from bot.local.state import State
from bot.local.store import Tx

BODY = ("text", "entities", "caption", "caption_entities", "photo", "document", "sticker", "voice")
"""The fields of a `Message` that are its content."""


async def post(state: State, tx: Tx, chat: Chat, content: Json, *, sender: Json, reply_to: Item | None = None) -> Item:
    """Store a new message of `sender` (a `User`) with `content` (fields of a `Message`) and show it."""
    message: Json = {
        "message_id": await tx.next_id("message"),
        "from": sender,
        "chat": chat.chat(),
        "date": state.now,
    }
    if reply_to is not None:
        message["reply_to_message"] = {k: v for k, v in reply_to.message.items() if k != "reply_to_message"}
    item = Item(message | content)
    await tx.save_item(item)
    tx.emit("message", chat_id=chat.id, item=item.view())
    return item


async def change(state: State, tx: Tx, item: Item, content: Json, markup: Json | None) -> bool:
    """Replace content and inline keyboard of a message; False if that would change nothing.

    Fields of `content` with value None are removed. Content and keyboard count as changed alike, but only
    changed content is shown as "edited".
    """
    old = {name: item.message.get(name) for name in (*BODY, "reply_markup")}
    wanted = {name: old[name] for name in BODY} | content | {"reply_markup": markup}
    if wanted == old:
        return False
    kept = {name: value for name, value in item.message.items() if name not in wanted}
    changed = {name: value for name, value in wanted.items() if value is not None}
    item.message = kept | changed | {"edit_date": state.now}
    item.edited = item.edited or any(wanted[name] != old[name] for name in BODY)
    await tx.save_item(item)
    tx.emit("edited", chat_id=item.chat_id, item=item.view())
    return True


async def remove(tx: Tx, item: Item) -> None:
    """Delete a message for both sides."""
    await tx.delete_item(item.chat_id, item.message_id)
    tx.emit("deleted", chat_id=item.chat_id, message_id=item.message_id)


async def commands_for(tx: Tx, chat: Chat) -> list[Json]:
    """The commands this person sees, in Telegram's order of scopes."""
    for scope in (f"chat:{chat.id}", "all_private_chats", "default"):
        for language in (chat.language_code[:2].lower(), ""):
            commands = await tx.commands(scope, language)
            if commands:
                return commands
    return []


async def profile_for(tx: Tx, field: str, language: str, default: str = "") -> str:
    """A profile field of the bot in this language, else the one for all languages, else `default`."""
    for code in (language[:2].lower(), ""):
        value = await tx.profile(field, code)
        if value is not None:
            return value
    return default
