"""Posting, changing and removing messages; used by the bot side and the page side alike."""

from __future__ import annotations

from typing import Any

from bot.local.models import Chat, Item, Json
from bot.local.state import State
from bot.local.store import Tx

FILES = ("photo", "document", "sticker", "voice", "audio", "video", "animation")
OTHERS = ("poll", "dice", "location", "venue", "contact")
BODY = ("text", "entities", "caption", "caption_entities", "link_preview_options", *FILES, *OTHERS)
"""The fields of a `Message` that are its content."""


def post(state: State, tx: Tx, chat: Chat, content: Json, *, sender: Json, reply_to: Item | None = None) -> Item:
    """Store a new message of `sender` (a `User`) with `content` (fields of a `Message`) and show it."""
    message: Json = {"message_id": tx.next_id("message"), "from": sender, "chat": chat.chat(), "date": state.now}
    if reply_to is not None:
        message["reply_to_message"] = {k: v for k, v in reply_to.message.items() if k != "reply_to_message"}
    item = Item(message | content)
    tx.save_item(item)
    tx.emit("message", chat_id=chat.id, item=item.view())
    return item


def serve(state: State, tx: Tx, chat: Chat, content: Json, *, sender: Json, tell: bool = True) -> Item:
    """Store a service message (somebody came, something was pinned), and tell the bot if wanted."""
    item = post(state, tx, chat, content, sender=sender)
    if tell:
        state.updates.add(tx, "message", item.message)
    return item


def change(state: State, tx: Tx, item: Item, content: Json, markup: Json | None) -> bool:
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
    tx.save_item(item)
    tx.emit("edited", chat_id=item.chat_id, item=item.view())
    return True


def show(tx: Tx, item: Item) -> None:
    """Save a message whose poll or reactions have changed, and show it; it does not count as edited."""
    tx.save_item(item)
    tx.emit("edited", chat_id=item.chat_id, item=item.view())


def remove(tx: Tx, item: Item) -> None:
    """Delete a message for both sides."""
    tx.delete_item(item.chat_id, item.message_id)
    tx.emit("deleted", chat_id=item.chat_id, message_id=item.message_id)


def member_object(chat: Chat, user: Json) -> Json:
    """The `ChatMember` of a user in a group, or in a private chat, where everybody is a member."""
    status = "member" if chat.private else chat.status(int(user["id"]))
    member: Json = {"status": status, "user": user}
    if status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        rights = ("manage_chat", "delete_messages", "manage_video_chats", "restrict_members", "change_info")
        others = ("promote_members", "post_stories", "edit_stories", "delete_stories")
        member |= {"can_be_edited": False, "is_anonymous": False}
        member |= {f"can_{right}": True for right in (*rights, "invite_users", "pin_messages")}
        member |= {f"can_{right}": False for right in others}
    elif status == "kicked":
        member["until_date"] = 0
    return member


def tell_member(state: State, tx: Tx, chat: Chat, actor: Json, old: Json, new: Json) -> None:
    """Queue `my_chat_member` or `chat_member`: `actor` (a `User`) turned the `old` `ChatMember` into the `new`."""
    kind = "my_chat_member" if new["user"]["id"] == state.bot.id else "chat_member"
    if kind == "chat_member" and chat.status(state.bot.id) != "administrator":
        return
    changed: Json = {
        "chat": chat.chat(),
        "from": actor,
        "date": state.now,
        "old_chat_member": old,
        "new_chat_member": new,
    }
    state.updates.add(tx, kind, changed)


def commands_for(tx: Tx, chat: Chat, user: Chat | None = None) -> list[Json]:
    """The commands a person sees in a chat, in Telegram's order of scopes."""
    scopes: list[str] = [f"chat:{chat.id}", "all_private_chats", "default"]
    language = chat.language_code
    if not chat.private:
        admin = user is not None and chat.status(user.id) in ("creator", "administrator")
        mine = [f"chat_member:{chat.id}:{user.id}"] if user is not None else []
        high = [f"chat_administrators:{chat.id}", f"chat:{chat.id}", "all_chat_administrators"]
        scopes = [*mine, *(high if admin else [f"chat:{chat.id}"]), "all_group_chats", "default"]
        language = user.language_code if user is not None else "en"
    for scope in scopes:
        for code in (language[:2].lower(), ""):
            commands = tx.commands(scope, code)
            if commands:
                return commands
    return []


def profile_for(tx: Tx, field: str, language: str, default: str = "") -> str:
    """A profile field of the bot in this language, else the one for all languages, else `default`."""
    for code in (language[:2].lower(), ""):
        value = tx.profile(field, code)
        if value is not None:
            return value
    return default


def without_none(content: dict[str, Any]) -> Json:
    """The fields that have a value."""
    return {name: value for name, value in content.items() if value is not None}
