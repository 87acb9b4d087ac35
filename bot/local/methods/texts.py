"""Sending texts and small things: messages, drafts, dice, places, contacts, and what the bot is doing."""

from __future__ import annotations

import secrets

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.methods.common import (
    Call,
    read_markup,
    read_preview,
    read_text,
    send,
    text_content,
    writable_chat,
)
from bot.local.models import Json
from bot.local.text import format_text

MEDIA_ACTIONS = ("photo", "video", "voice", "document", "video_note", "audio")
ACTIONS = frozenset(
    {"typing", "cancel", "choose_sticker", "find_location", "pick_up_location"}
    | {f"upload_{kind}" for kind in MEDIA_ACTIONS}
    | {f"record_{kind}" for kind in MEDIA_ACTIONS}
)
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


async def send_message(call: Call) -> Json:
    """Send a text. Returns the `Message`."""
    text, entities = read_text(call)
    markup, preview = read_markup(call), read_preview(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        content = text_content(text, entities) | {"link_preview_options": preview}
        return send(call, tx, chat, content, markup).message


async def send_message_draft(call: Call) -> bool:
    """Show a text that is still being written, in a private chat; it is no message yet."""
    if call.params.integer("draft_id", 0, -(2**63), 2**63) == 0:
        raise bad_request("draft_id must be non-zero")
    text, entities = format_text(
        call.params.text("text"), call.params.text("parse_mode"), call.params.json("entities", "entities")
    )
    if len(text) > limits.TEXT_LENGTH:
        raise bad_request("message is too long")
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx, counts=False)
        if not chat.private:
            raise bad_request("method is available only for private chats")
        tx.emit("draft", chat_id=chat.id, draft_id=call.params.text("draft_id"), text=text, entities=entities)
    return True


async def send_dice(call: Call) -> Json:
    """Throw a die. Returns the `Message`."""
    emoji = call.params.text("emoji") or "🎲"
    if emoji not in DICE:
        raise bad_request("wrong emoji specified")
    markup = read_markup(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        dice = {"emoji": emoji, "value": secrets.randbelow(DICE[emoji]) + 1}
        return send(call, tx, chat, {"dice": dice}, markup).message


async def send_location(call: Call) -> Json:
    """Send a place on the map. Returns the `Message`."""
    location, markup = _location(call), read_markup(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        return send(call, tx, chat, {"location": location}, markup).message


async def send_venue(call: Call) -> Json:
    """Send a place with a name and an address. Returns the `Message`."""
    location = _location(call)
    names = {"title": call.required("title"), "address": call.required("address")}
    extra = ("foursquare_id", "foursquare_type", "google_place_id", "google_place_type")
    venue = {"location": location} | names | {name: call.params.text(name) for name in extra if call.params.text(name)}
    markup = read_markup(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        return send(call, tx, chat, {"location": location, "venue": venue}, markup).message


async def send_contact(call: Call) -> Json:
    """Send a telephone contact. Returns the `Message`."""
    contact = {"phone_number": call.required("phone_number"), "first_name": call.required("first_name")}
    contact |= {name: call.params.text(name) for name in ("last_name", "vcard") if call.params.text(name)}
    markup = read_markup(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        return send(call, tx, chat, {"contact": contact}, markup).message


async def send_chat_action(call: Call) -> bool:
    """Show for a few seconds what the bot is doing."""
    action = call.params.text("action").lower()
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx, counts=False)
        tx.emit("typing", chat_id=chat.id, action=action)
    return True


def _location(call: Call) -> Json:
    numbers = {}
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        raw = call.params.text(name).strip()
        if not raw:
            raise bad_request(f"{name} is empty")
        try:
            numbers[name] = float(raw)
        except ValueError:
            numbers[name] = most + 1
        if not abs(numbers[name]) <= most:
            raise bad_request("wrong location specified")
    return numbers
