"""Commands, names, descriptions, menu button and getChat."""

from __future__ import annotations

import pytest
import telegram
from telegram import BotCommand, BotCommandScopeAllPrivateChats, BotCommandScopeChat, MenuButtonCommands

from bot.local.client import Page, Person

from .helpers import Api


async def test_get_me_is_complete(bot: telegram.Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot
    assert me.username == "local_bot"


async def test_commands_by_scope_and_language(bot: telegram.Bot, page: Page) -> None:
    english, french = [BotCommand("help", "Help")], [BotCommand("aide", "Aide")]
    await bot.set_my_commands(english)
    await bot.set_my_commands(french, language_code="fr")
    louis, noor = await page.create("Louis", "fr-BE"), await page.create("Noor", "nl")
    assert (await louis.read())["bot"]["commands"][0]["command"] == "aide"
    assert (await noor.read())["bot"]["commands"][0]["command"] == "help"
    assert await bot.get_my_commands(language_code="nl") == ()
    assert await bot.get_my_commands(language_code="fr") == tuple(french)
    wide, narrow = [BotCommand("wide", "Wide")], [BotCommand("narrow", "Narrow")]
    await bot.set_my_commands(wide, scope=BotCommandScopeAllPrivateChats())
    assert (await louis.read())["bot"]["commands"][0]["command"] == "wide"
    await louis.start()
    await bot.set_my_commands(narrow, scope=BotCommandScopeChat(louis.id))
    assert (await louis.read())["bot"]["commands"][0]["command"] == "narrow"
    await bot.delete_my_commands(scope=BotCommandScopeChat(louis.id))
    assert (await louis.read())["bot"]["commands"][0]["command"] == "wide"


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ('[{"command":"Bad","description":"x"}]', "BOT_COMMAND_INVALID"),
        ('[{"command":"good","description":""}]', "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("[" + ",".join(['{"command":"a","description":"x"}'] * 101) + "]", "BOT_COMMANDS_TOO_MUCH"),
        ("[", "can't parse commands JSON object"),
    ],
)
async def test_bad_commands(api: Api, commands: str, refusal: str) -> None:
    answer = await api("setMyCommands", commands=commands)
    assert answer["description"] == f"Bad Request: {refusal}"


async def test_names_and_descriptions_fall_back(bot: telegram.Bot, api: Api, page: Page) -> None:
    await bot.set_my_name("Cap")
    await bot.set_my_name("Le Cap", language_code="fr")
    await bot.set_my_description("About")
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_name("fr")).name == "Le Cap"
    assert (await bot.get_my_name("nl")).name == "Cap"
    assert (await bot.get_my_description("fr")).description == "About"
    assert (await bot.get_my_short_description()).short_description == "Short"
    louis = await page.create("Louis", "fr")
    seen = (await louis.read())["bot"]
    assert (seen["name"], seen["description"]) == ("Le Cap", "About")
    answer = await api("setMyName", name="x", language_code="french")
    assert answer["description"] == "Bad Request: invalid language code specified"


async def test_menu_button_and_chat(bot: telegram.Bot, person: Person) -> None:
    assert (await bot.get_chat_menu_button()).type == "default"
    await bot.set_chat_menu_button(person.id, MenuButtonCommands())
    assert (await bot.get_chat_menu_button(person.id)).type == "commands"
    chat = await bot.get_chat(person.id)
    assert (chat.type, chat.first_name) == ("private", "Ada")
