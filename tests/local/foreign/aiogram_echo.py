"""An echo bot as aiogram's users write it."""

from __future__ import annotations

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ChatAction, ParseMode
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import BotCommand, BufferedInputFile, Message, ReactionTypeEmoji
from aiogram.utils.chat_action import ChatActionSender


def routes() -> Router:
    """A router belongs to one dispatcher, so each bot gets its own."""
    router = Router()

    @router.startup()
    async def set_commands(bot: Bot) -> None:
        await bot.set_my_commands([BotCommand(command="start", description="Say hello")])

    @router.message(CommandStart())
    async def start(message: Message, command: CommandObject) -> None:
        assert message.from_user
        told = f" You came with {command.args}." if command.args else ""
        await message.answer(f"Hello <b>{message.from_user.full_name}</b>!{told}")

    @router.message(F.photo)
    async def echo_photo(message: Message, bot: Bot) -> None:
        assert message.photo
        largest = message.photo[-1]
        await message.answer_photo(largest.file_id, caption=f"{largest.width} × {largest.height}")
        data = await bot.download(largest)
        assert data
        file = BufferedInputFile(data.read(), "echo.jpg")
        await message.answer_document(file, caption=f"{largest.file_size} bytes")

    @router.message(F.text)
    async def echo(message: Message, bot: Bot) -> None:
        async with ChatActionSender(bot=bot, chat_id=message.chat.id, action=ChatAction.TYPING):
            await message.react([ReactionTypeEmoji(emoji="👍")])
            await message.reply(message.html_text)

    @router.edited_message(F.text)
    async def echo_edit(message: Message) -> None:
        await message.answer(f"Now it says: {message.text}", parse_mode=None)

    return router


def build(token: str, api_url: str) -> tuple[Bot, Dispatcher]:
    """The bot; nothing but `api_url` tells it from one on Telegram."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url))
    bot = Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    dispatcher = Dispatcher()
    dispatcher.include_router(routes())
    return bot, dispatcher
