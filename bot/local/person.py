"""What a person can do in a chat: write, send, edit, tap, start, block; each makes the update Telegram would."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from bot.local import limits
from bot.local.errors import ApiError, PageError
from bot.local.files import as_content, keep
from bot.local.hearing import hears
from bot.local.messages import change, member_object, post, remove, tell_member
from bot.local.models import PRESENT, Chat, Item, Json
from bot.local.state import State
from bot.local.store import Tx
from bot.local.text import user_text

FIRST_CHAT = 100_001
STANDINS = {"photo": "photo.jpg", "sticker": "sticker.webp", "voice": "voice.ogg"}
VOICE_SECONDS = 3
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PAYLOAD = re.compile(rf"[A-Za-z0-9_-]{{0,{limits.DEEP_LINK_LENGTH}}}")
USERNAME = re.compile(r"|[A-Za-z][A-Za-z0-9_]{3,31}")


@dataclass(frozen=True)
class Actor:
    """Who acts where: in a private chat its own person (`user_id` None), in a group the person with `user_id`."""

    chat_id: int
    user_id: int | None = None


def find(tx: Tx, chat_id: int) -> Chat:
    """The chat, or 404."""
    chat = tx.chat(chat_id)
    if chat is None:
        raise PageError(404, "chat_not_found")
    return chat


def place(tx: Tx, actor: Actor) -> tuple[Chat, Chat]:
    """The chat and the person who acts. Raises 404, 403 for somebody who is not in the group, 409 if blocked."""
    chat = find(tx, actor.chat_id)
    if chat.private:
        if actor.user_id not in (None, chat.id):
            raise PageError(403, "not_a_member")
        if chat.blocked:
            raise PageError(409, "blocked")
        return chat, chat
    user = tx.chat(actor.user_id) if actor.user_id is not None else None
    if user is None or not user.private or chat.status(user.id) not in PRESENT:
        raise PageError(403, "not_a_member")
    return chat, user


def create_chat(state: State, first_name: Any, language_code: Any, username: Any = "") -> Chat:
    """A new person with an empty chat. Raises 400 for a bad name or language."""
    name, language = checked_name(first_name), _language(language_code)
    if not isinstance(username, str) or not USERNAME.fullmatch(username):
        raise PageError(400, "bad_name")
    with state.store.tx() as tx:
        chat = Chat(tx.next_id("chat", FIRST_CHAT), name, language, username=username)
        tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return chat


def change_chat(state: State, chat_id: int, wish: Json) -> Chat:
    """Rename the person or group, change their language, or block and unblock the bot (`blocked`)."""
    with state.store.tx() as tx:
        chat = find(tx, chat_id)
        if "title" in wish and not chat.private:
            chat.title = checked_name(wish["title"])
        if "first_name" in wish and chat.private:
            chat.first_name = checked_name(wish["first_name"])
        if "language_code" in wish:
            chat.language_code = _language(wish["language_code"])
        blocked = wish.get("blocked", chat.blocked)
        if not isinstance(blocked, bool) or (blocked and not chat.private):
            raise PageError(400, "bad_request")
        if blocked != chat.blocked:
            chat.blocked = blocked
            _tell_blocked(state, tx, chat)
        tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return chat


def send(state: State, actor: Actor, body: Json) -> Item:
    """Send what `body` describes.

    `text`; or `kind` alone for a stand-in (photo, sticker, voice); or `kind` photo or document with `data` (base64),
    `name` and `caption`; or `location` or `contact` as the Bot API knows them. `reply_to` is a message's number.
    """
    reply_to = body.get("reply_to")
    if "kind" in body:
        content = _file(state, body)
    elif "location" in body or "contact" in body:
        content = _small(body)
    else:
        text, entities = checked_text(body.get("text"))
        content = {"text": text} | ({"entities": entities} if entities else {})
    return say(state, actor, content, reply_to=reply_to if isinstance(reply_to, int) else None)


def start(state: State, actor: Actor, payload: Any) -> Item:
    """Press Start, or open a deep link with `payload` (up to 64 of A-Z, a-z, 0-9, _ and -)."""
    if not isinstance(payload, str) or not PAYLOAD.fullmatch(payload):
        raise PageError(400, "bad_payload")
    with state.store.tx() as tx:
        private = find(tx, actor.chat_id).private
    command = "/start" if private else f"/start@{state.bot.username}"
    return send(state, actor, {"text": f"{command} {payload}".strip()})


def edit_text(state: State, actor: Actor, message_id: int, text: Any) -> Item:
    """Change one of the person's own texts; an unchanged text is no edit."""
    text, entities = checked_text(text)
    with state.store.tx() as tx:
        chat = find(tx, actor.chat_id)
        item = tx.item(actor.chat_id, message_id)
        if item is None or item.from_bot or "text" not in item.message or "via_bot" in item.message:
            raise PageError(404, "message_not_found")
        chat, _ = place(tx, actor if chat.private else Actor(chat.id, item.message["from"]["id"]))
        if change(state, tx, item, {"text": text, "entities": entities or None}, None) and hears(state, chat, item):
            state.updates.add(tx, "edited_message", item.message)
    return item


def delete(state: State, actor: Actor, message_id: int) -> None:
    """Delete a message for both sides."""
    with state.store.tx() as tx:
        find(tx, actor.chat_id)
        item = tx.item(actor.chat_id, message_id)
        if item is None:
            raise PageError(404, "message_not_found")
        remove(tx, item)


def tap(state: State, actor: Actor, message_id: int, data: Any) -> str:
    """Tap the inline button with this callback data. Returns the id of the callback query."""
    with state.store.tx() as tx:
        item = tx.item(find(tx, actor.chat_id).id, message_id)
        if item is None:
            raise PageError(404, "message_not_found")
        rows = item.message.get("reply_markup", {}).get("inline_keyboard", [])
        if all(button.get("callback_data") != data for row in rows for button in row) or not data:
            raise PageError(404, "button_not_found")
        chat, user = place(tx, actor)
        query_id = str(secrets.randbits(62))
        tx.expire_records("tap", state.clock() - limits.UPDATE_SECONDS)
        tx.save_record("tap", query_id, {"chat_id": chat.id, "message_id": message_id}, state.clock())
        query: Json = {"id": query_id, "from": user.user(), "chat_instance": str(-(10**18) - chat.id), "data": data}
        inline_id = item.message.get("via_bot") and tx.meta(f"inline:{chat.id}:{message_id}")
        query |= {"inline_message_id": inline_id} if inline_id else {"message": item.message}
        state.updates.add(tx, "callback_query", query)
    return query_id


def say(state: State, actor: Actor, content: Json, *, reply_to: int | None = None) -> Item:
    """Post `content` (fields of a `Message`) as a person, and tell the bot."""
    with state.store.tx() as tx:
        chat, user = place(tx, actor)
        keyboard = chat.keyboard or {}
        first = chat.private and not chat.started
        if first or keyboard.get("one_time_keyboard") or keyboard.get("force_reply"):
            chat.started, chat.keyboard = True, None
            tx.save_chat(chat)
            tx.emit("chat", chat_id=chat.id)
        answered = tx.item(chat.id, reply_to) if reply_to is not None else None
        item = post(state, tx, chat, content, sender=user.user(), reply_to=answered)
        if hears(state, chat, item):
            state.updates.add(tx, "message", item.message)
    return item


def checked_text(raw: Any) -> tuple[str, list[Json]]:
    """What a person typed, with its entities. Raises 400 if it is empty or too long."""
    if not isinstance(raw, str):
        raise PageError(400, "bad_request")
    text, entities = user_text(raw)
    if not text:
        raise PageError(400, "text_empty")
    if len(text) > limits.TEXT_LENGTH:
        raise PageError(400, "text_too_long")
    return text, entities


def checked_name(raw: Any) -> str:
    """A name of 1-64 characters. Raises 400."""
    name = raw.strip() if isinstance(raw, str) else ""
    if not 1 <= len(name) <= 64:
        raise PageError(400, "bad_name")
    return name


def _file(state: State, body: Json) -> Json:
    kind, mime = body["kind"], ""
    if "data" in body:
        if kind not in ("photo", "document"):
            raise PageError(400, "bad_request")
        try:
            name, data = str(body.get("name") or kind), base64.b64decode(str(body["data"]), validate=True)
        except ValueError as error:
            raise PageError(400, "bad_request") from error
    elif kind in STANDINS:
        name, mime = STANDINS[kind], "audio/ogg" if kind == "voice" else ""
        data = files("bot.local").joinpath("standins", name).read_bytes()
    else:
        raise PageError(400, "bad_request")
    caption, entities = user_text(str(body.get("caption") or ""))
    if len(caption) > limits.CAPTION_LENGTH:
        raise PageError(400, "text_too_long")
    with state.store.tx() as tx:
        try:
            file = keep(tx, kind, name, data, mime)
        except ApiError as error:
            raise PageError(400, "bad_file") from error
    said = {"caption": caption} | ({"caption_entities": entities} if entities else {}) if caption else {}
    return as_content(file, emoji="🙂", seconds=VOICE_SECONDS) | said


def _small(body: Json) -> Json:
    place, contact = body.get("location"), body.get("contact")
    if isinstance(place, dict) and all(isinstance(place.get(name), int | float) for name in ("latitude", "longitude")):
        return {"location": {"latitude": place["latitude"], "longitude": place["longitude"]}}
    if isinstance(contact, dict) and all(isinstance(contact.get(n), str) for n in ("phone_number", "first_name")):
        return {"contact": contact}
    raise PageError(400, "bad_request")


def _tell_blocked(state: State, tx: Tx, chat: Chat) -> None:
    member = member_object(chat, state.bot.user())
    kicked = {"status": "kicked", "user": state.bot.user(), "until_date": 0}
    old, new = (member, kicked) if chat.blocked else (kicked, member)
    tell_member(state, tx, chat, chat.user(), old, new)


def _language(raw: Any) -> str:
    if not isinstance(raw, str) or not LANGUAGE.fullmatch(raw):
        raise PageError(400, "bad_language")
    return raw
