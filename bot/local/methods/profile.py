"""The bot's commands, name, descriptions and menu button, in each language."""

from __future__ import annotations

import re
from typing import Any

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.messages import profile_for
from bot.local.methods.common import Call, find_chat
from bot.local.models import Chat, Json
from bot.local.params import Params
from bot.local.store import Tx

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"[a-z]{2}")
WIDE_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
NARROW_SCOPES = {
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}
FIELD_LIMITS = {
    "name": (limits.NAME_LENGTH, "BOT_TITLE_INVALID"),
    "description": (limits.DESCRIPTION_LENGTH, "BOT_DESCRIPTION_INVALID"),
    "short_description": (limits.SHORT_DESCRIPTION_LENGTH, "BOT_SHORT_DESCRIPTION_INVALID"),
}


async def get_me(call: Call) -> Json:
    """The bot as a `User`; its name is the one set for all languages."""
    with call.state.store.tx() as tx:
        name = profile_for(tx, "name", "", call.state.bot.first_name)
    return call.state.bot.user() | {"first_name": name} | call.state.settings.public()


async def set_my_commands(call: Call) -> bool:
    """Set the command list of a scope and language."""
    raw = call.params.json("commands", "commands") if call.params.text("commands") else []
    if not isinstance(raw, list):
        raise bad_request("expected an Array of BotCommand")
    if len(raw) > limits.COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(one) for one in raw]
    scope, language = _scope(call), _language(call)
    with call.state.store.tx() as tx:
        tx.set_commands(scope, language, commands)
        tx.emit("bot")
    return True


async def delete_my_commands(call: Call) -> bool:
    """Remove the command list of a scope and language."""
    scope, language = _scope(call), _language(call)
    with call.state.store.tx() as tx:
        tx.set_commands(scope, language, [])
        tx.emit("bot")
    return True


async def get_my_commands(call: Call) -> list[Json]:
    """The command list set for exactly this scope and language."""
    scope, language = _scope(call), _language(call)
    with call.state.store.tx() as tx:
        return tx.commands(scope, language) or []


async def set_my_name(call: Call) -> bool:
    """Set the bot's name in a language."""
    return await _set_field(call, "name")


async def get_my_name(call: Call) -> Json:
    """The bot's name in a language, as `BotName`."""
    return await _get_field(call, "name", call.state.bot.first_name)


async def set_my_description(call: Call) -> bool:
    """Set the text of the empty chat in a language."""
    return await _set_field(call, "description")


async def get_my_description(call: Call) -> Json:
    """The text of the empty chat in a language, as `BotDescription`."""
    return await _get_field(call, "description")


async def set_my_short_description(call: Call) -> bool:
    """Set the text of the profile in a language."""
    return await _set_field(call, "short_description")


async def get_my_short_description(call: Call) -> Json:
    """The text of the profile in a language, as `BotShortDescription`."""
    return await _get_field(call, "short_description")


async def set_chat_menu_button(call: Call) -> bool:
    """Set the menu button of one chat or of all."""
    button = call.params.object("menu_button", "menu button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("unsupported menu button type specified")
    with call.state.store.tx() as tx:
        if call.params.text("chat_id"):
            chat = _person(call, tx)
            chat.menu_button = button
            tx.save_chat(chat)
        else:
            tx.set_meta("menu_button", button)
        tx.emit("bot")
    return True


async def get_chat_menu_button(call: Call) -> Json:
    """The menu button of one chat or of all, as `MenuButton`."""
    with call.state.store.tx() as tx:
        if call.params.text("chat_id"):
            chat = _person(call, tx)
            if chat.menu_button is not None:
                return chat.menu_button
        button: Json = tx.meta("menu_button") or {"type": "default"}
        return button


async def _set_field(call: Call, field: str) -> bool:
    value, language = call.params.text(field).strip(), _language(call)
    longest, refusal = FIELD_LIMITS[field]
    if len(value) > longest:
        raise bad_request(refusal)
    with call.state.store.tx() as tx:
        tx.set_profile(field, language, value)
        tx.emit("bot")
    return True


async def _get_field(call: Call, field: str, default: str = "") -> Json:
    language = _language(call)
    with call.state.store.tx() as tx:
        return {field: profile_for(tx, field, language, default)}


def _command(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if name not in raw:
            raise bad_request(f"can't parse BotCommand: Can't find field \"{name}\"")
    command, description = str(raw.get("command") or ""), str(raw.get("description") or "").strip()
    command = command.removeprefix("/")
    if not COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= limits.COMMAND_DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


def _person(call: Call, tx: Tx) -> Chat:
    """The person whose menu button is meant. Raises 400."""
    number = call.params.integer("chat_id", 0, 0, 2**62)
    if number == 0:
        raise bad_request("invalid chat_id specified")
    chat = tx.chat(number)
    if chat is None or not chat.private:
        raise bad_request("user not found")
    return chat


def _language(call: Call) -> str:
    code = call.params.text("language_code")
    if code and not LANGUAGE.fullmatch(code):
        raise bad_request("invalid language code specified")
    return code


def _scope(call: Call) -> str:
    """The scope as a key: its type, with the chat (and user) for narrow ones."""
    raw = call.params.object("scope", "BotCommandScope") or {"type": "default"}
    kind = str(raw.get("type"))
    if kind in WIDE_SCOPES:
        return kind
    if kind not in NARROW_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    for name in NARROW_SCOPES[kind]:
        if name not in raw:
            raise bad_request(f"can't parse BotCommandScope: Can't find field \"{name}\"")
    with call.state.store.tx() as tx:
        chat = find_chat(Call(call.state, Params({"chat_id": str(raw["chat_id"])})), tx)
    if chat.private and kind != "chat":
        raise bad_request("can't change commands in private chats")
    return ":".join([kind, *(str(chat.id if name == "chat_id" else raw[name]) for name in NARROW_SCOPES[kind])])
