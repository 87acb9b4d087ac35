"""What Telegram shows about the bot: its commands, name and descriptions, in each language, set only when changed."""

from telegram import Bot, BotCommand

from conversations.commands import MENU
from knowledge.content import Knowledge


async def publish(bot: Bot, knowledge: Knowledge) -> None:
    """Sets menu, name and descriptions for each language, and those of the first one for everybody else."""
    default = next(iter(knowledge.languages))
    for language in (None, *knowledge.languages):
        texts = knowledge.languages[language or default]
        commands = [BotCommand(name, texts.interface[f"command_{name}"]) for name in MENU]
        if tuple(commands) != await bot.get_my_commands(language_code=language):
            await bot.set_my_commands(commands, language_code=language)
        if (await bot.get_my_name(language_code=language)).name != texts.career.bot_name:
            await bot.set_my_name(texts.career.bot_name, language_code=language)
        if (await bot.get_my_description(language_code=language)).description != texts.career.bot_description:
            await bot.set_my_description(texts.career.bot_description, language_code=language)
        short = await bot.get_my_short_description(language_code=language)
        if short.short_description != texts.career.bot_short_description:
            await bot.set_my_short_description(texts.career.bot_short_description, language_code=language)
