"""Which messages of a group a bot is told: privacy mode, as @BotFather sets it."""

from __future__ import annotations

from bot.local.models import PRESENT, Chat, Item, Json
from bot.local.state import State


def hears(state: State, chat: Chat, item: Item) -> bool:
    """Whether the bot is told of a message of a person.

    In privacy mode (the default) a bot that is no administrator gets commands, replies to it, messages that name
    it, and messages sent through it; service messages it always gets.
    """
    if chat.private:
        return True
    status = chat.status(state.bot.id)
    if status not in PRESENT:
        return False
    if status == "administrator" or state.settings.can_read_all_group_messages:
        return True
    message = item.message
    answered: Json = message.get("reply_to_message", {})
    if answered.get("from", {}).get("id") == state.bot.id or "via_bot" in message:
        return True
    return _addressed(message, state.bot.username.lower())


def _addressed(message: Json, username: str) -> bool:
    text: str = message.get("text") or message.get("caption") or ""
    raw = text.encode("utf-16-le")
    for entity in message.get("entities") or message.get("caption_entities") or []:
        begin, length = entity["offset"] * 2, entity["length"] * 2
        part = raw[begin : begin + length].decode("utf-16-le").lower()
        if entity["type"] == "bot_command" and part.partition("@")[2] in ("", username):
            return True
        if entity["type"] == "mention" and part == f"@{username}":
            return True
    return False
