"""What a person can do in the chat: write, edit, tap, start, block; each makes the update Telegram would."""

from __future__ import annotations

import re
import secrets
from importlib.resources import files
from typing import Any

from bot.local import limits
from bot.local.errors import PageError
from bot.local.files import as_content, keep
from bot.local.messages import change, post
from bot.local.models import Chat, Item, Json
from bot.local.state import State
from bot.local.store import Tx
from bot.local.text import user_text

FIRST_CHAT = 100_001
STANDINS = {"photo": "photo.jpg", "sticker": "sticker.webp", "voice": "voice.ogg"}
VOICE_SECONDS = 3
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PAYLOAD = re.compile(rf"[A-Za-z0-9_-]{{0,{limits.DEEP_LINK_LENGTH}}}")


async def find(tx: Tx, chat_id: int) -> Chat:
    """The chat, or 404."""
    chat = await tx.chat(chat_id)
    if chat is None:
        raise PageError(404, "chat_not_found")
    return chat


async def create_chat(state: State, first_name: Any, language_code: Any) -> Chat:
    """A new person with an empty chat. Raises 400 for a bad name or language."""
    name, language = _name(first_name), _language(language_code)
    async with state.store.tx() as tx:
        chat = Chat(await tx.next_id("chat", FIRST_CHAT), name, language)
        await tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return chat


async def change_chat(state: State, chat_id: int, wish: Json) -> Chat:
    """Rename the person, change their language, or block and unblock the bot (`blocked`)."""
    async with state.store.tx() as tx:
        chat = await find(tx, chat_id)
        if "first_name" in wish:
            chat.first_name = _name(wish["first_name"])
        if "language_code" in wish:
            chat.language_code = _language(wish["language_code"])
        blocked = wish.get("blocked", chat.blocked)
        if not isinstance(blocked, bool):
            raise PageError(400, "bad_request")
        if blocked != chat.blocked:
            chat.blocked = blocked
            await _tell_blocked(state, tx, chat)
        await tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return chat


async def send_text(state: State, chat_id: int, text: Any) -> Item:
    """Write a text. Raises 400 if it is empty or too long, 409 if the bot is blocked."""
    text, entities = _text(text)
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    return await _say(state, chat_id, content)


async def start(state: State, chat_id: int, payload: Any) -> Item:
    """Press Start, or open a deep link with `payload` (up to 64 of A-Z, a-z, 0-9, _ and -)."""
    if not isinstance(payload, str) or not PAYLOAD.fullmatch(payload):
        raise PageError(400, "bad_payload")
    return await send_text(state, chat_id, f"/start {payload}".strip())


async def send_standin(state: State, chat_id: int, kind: Any) -> Item:
    """Send a stand-in photo, sticker or voice note."""
    if kind not in STANDINS:
        raise PageError(400, "bad_request")
    data = files("bot.local").joinpath("standins", STANDINS[kind]).read_bytes()
    mime = "audio/ogg" if kind == "voice" else ""
    async with state.store.tx() as tx:
        file = await keep(tx, kind, STANDINS[kind], data, mime)
    return await _say(state, chat_id, as_content(file, emoji="🙂", seconds=VOICE_SECONDS))


async def edit_text(state: State, chat_id: int, message_id: int, text: Any) -> Item:
    """Change one of the person's own texts; an unchanged text is no edit."""
    text, entities = _text(text)
    async with state.store.tx() as tx:
        chat = await find(tx, chat_id)
        item = await tx.item(chat_id, message_id)
        if item is None or item.from_bot or "text" not in item.message:
            raise PageError(404, "message_not_found")
        if chat.blocked:
            raise PageError(409, "blocked")
        if await change(state, tx, item, {"text": text, "entities": entities or None}, None):
            await state.updates.add(tx, "edited_message", item.message)
    return item


async def tap(state: State, chat_id: int, message_id: int, data: Any) -> str:
    """Tap the inline button with this callback data. Returns the id of the callback query."""
    async with state.store.tx() as tx:
        chat = await find(tx, chat_id)
        item = await tx.item(chat_id, message_id)
        if item is None:
            raise PageError(404, "message_not_found")
        rows = item.message.get("reply_markup", {}).get("inline_keyboard", [])
        if all(button.get("callback_data") != data for row in rows for button in row) or not data:
            raise PageError(404, "button_not_found")
        if chat.blocked:
            raise PageError(409, "blocked")
        query_id = str(secrets.randbits(62))
        await tx.add_callback(query_id, chat_id, message_id, state.clock())
        query: Json = {
            "id": query_id,
            "from": chat.user(),
            "message": item.message,
            "chat_instance": str(-(10**18) - chat_id),
            "data": data,
        }
        await state.updates.add(tx, "callback_query", query, limits.CALLBACK_UPDATE_SECONDS)
    return query_id


async def _say(state: State, chat_id: int, content: Json) -> Item:
    async with state.store.tx() as tx:
        chat = await find(tx, chat_id)
        if chat.blocked:
            raise PageError(409, "blocked")
        keyboard = chat.keyboard or {}
        if not chat.started or keyboard.get("one_time_keyboard") or keyboard.get("force_reply"):
            chat.started, chat.keyboard = True, None
            await tx.save_chat(chat)
            tx.emit("chat", chat_id=chat.id)
        item = await post(state, tx, chat, content, sender=chat.user())
        await state.updates.add(tx, "message", item.message)
    return item


async def _tell_blocked(state: State, tx: Tx, chat: Chat) -> None:
    member = {"status": "member", "user": state.bot.user()}
    kicked = {"status": "kicked", "user": state.bot.user(), "until_date": 0}
    old, new = (member, kicked) if chat.blocked else (kicked, member)
    change_of_member: Json = {
        "chat": chat.chat(),
        "from": chat.user(),
        "date": state.now,
        "old_chat_member": old,
        "new_chat_member": new,
    }
    await state.updates.add(tx, "my_chat_member", change_of_member)


def _text(raw: Any) -> tuple[str, list[Json]]:
    if not isinstance(raw, str):
        raise PageError(400, "bad_request")
    text, entities = user_text(raw)
    if not text:
        raise PageError(400, "text_empty")
    if len(text) > limits.TEXT_LENGTH:
        raise PageError(400, "text_too_long")
    return text, entities


def _name(raw: Any) -> str:
    name = raw.strip() if isinstance(raw, str) else ""
    if not 1 <= len(name) <= 64:
        raise PageError(400, "bad_name")
    return name


def _language(raw: Any) -> str:
    if not isinstance(raw, str) or not LANGUAGE.fullmatch(raw):
        raise PageError(400, "bad_language")
    return raw
