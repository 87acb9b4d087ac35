"""The bot's commands, name, descriptions and menu button, in each language."""

from __future__ import annotations

import re
from typing import Any

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.messages import profile_for
from bot.local.methods.common import Call, find_chat
from bot.local.models import Json

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"[a-z]{2}")
WIDE_SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators"})
FIELD_LIMITS = {
    "name": (limits.NAME_LENGTH, "BOT_TITLE_INVALID"),
    "description": (limits.DESCRIPTION_LENGTH, "BOT_DESCRIPTION_INVALID"),
    "short_description": (limits.SHORT_DESCRIPTION_LENGTH, "BOT_SHORT_DESCRIPTION_INVALID"),
}


async def get_me(call: Call) -> Json:
    """The bot as a `User`; its name is the one set for all languages."""
    async with call.state.store.tx() as tx:
        name = await profile_for(tx, "name", "", call.state.bot.first_name)
    return call.state.bot.me() | {"first_name": name}


async def set_my_commands(call: Call) -> bool:
    """Set the command list of a scope and language."""
    raw = call.params.json("commands", "commands")
    if not isinstance(raw, list):
        raise bad_request("can't parse commands JSON object")
    if len(raw) > limits.COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = [_command(one) for one in raw]
    scope, language = _scope(call), _language(call)
    async with call.state.store.tx() as tx:
        await tx.set_commands(scope, language, commands)
        tx.emit("bot")
    return True


async def delete_my_commands(call: Call) -> bool:
    """Remove the command list of a scope and language."""
    scope, language = _scope(call), _language(call)
    async with call.state.store.tx() as tx:
        await tx.set_commands(scope, language, [])
        tx.emit("bot")
    return True


async def get_my_commands(call: Call) -> list[Json]:
    """The command list set for exactly this scope and language."""
    scope, language = _scope(call), _language(call)
    async with call.state.store.tx() as tx:
        return await tx.commands(scope, language) or []


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
    async with call.state.store.tx() as tx:
        if call.params.text("chat_id"):
            chat = await find_chat(call, tx)
            chat.menu_button = button
            await tx.save_chat(chat)
        else:
            await tx.set_meta("menu_button", button)
        tx.emit("bot")
    return True


async def get_chat_menu_button(call: Call) -> Json:
    """The menu button of one chat or of all, as `MenuButton`."""
    async with call.state.store.tx() as tx:
        if call.params.text("chat_id"):
            chat = await find_chat(call, tx)
            if chat.menu_button is not None:
                return chat.menu_button
        button: Json = await tx.meta("menu_button") or {"type": "default"}
        return button


async def get_chat(call: Call) -> Json:
    """What is known of a chat, as `ChatFullInfo`."""
    async with call.state.store.tx() as tx:
        chat = await find_chat(call, tx)
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return chat.chat() | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, True),
    }


async def _set_field(call: Call, field: str) -> bool:
    value, language = call.params.text(field).strip(), _language(call)
    longest, refusal = FIELD_LIMITS[field]
    if len(value) > longest:
        raise bad_request(refusal)
    async with call.state.store.tx() as tx:
        await tx.set_profile(field, language, value)
        tx.emit("bot")
    return True


async def _get_field(call: Call, field: str, default: str = "") -> Json:
    language = _language(call)
    async with call.state.store.tx() as tx:
        return {field: await profile_for(tx, field, language, default)}


def _command(raw: Any) -> Json:
    if not isinstance(raw, dict):
        raise bad_request("can't parse BotCommand: BotCommand must be an Object")
    command, description = str(raw.get("command") or ""), str(raw.get("description") or "").strip()
    command = command.removeprefix("/")
    if not COMMAND.fullmatch(command):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= limits.COMMAND_DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": command, "description": description}


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
    if kind in ("chat", "chat_administrators"):
        return f"{kind}:{raw.get('chat_id')}"
    if kind == "chat_member":
        return f"{kind}:{raw.get('chat_id')}:{raw.get('user_id')}"
    raise bad_request("can't parse BotCommandScope: Unsupported type specified")
