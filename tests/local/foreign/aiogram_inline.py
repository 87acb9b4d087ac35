"""An inline bot with aiogram: offers what was typed in capitals and in bold, in pages of two."""

from __future__ import annotations

from aiogram import Bot, Dispatcher, Router, html
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import (
    ChosenInlineResult,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultUnion,
    InputTextMessageContent,
    Message,
)


def routes(chosen_results: list[str]) -> Router:
    """A router belongs to one dispatcher, so each bot gets its own; what was chosen is added to the list."""
    router = Router()

    @router.message(CommandStart())
    async def start(message: Message, bot: Bot) -> None:
        me = await bot.me()
        await message.answer(f"Type @{me.username} and some words in any chat.")

    @router.inline_query()
    async def offer(query: InlineQuery) -> None:
        loud = InputTextMessageContent(message_text=query.query.upper() or "?")
        bold = InputTextMessageContent(message_text=html.bold(html.quote(query.query or "?")), parse_mode="HTML")
        results: list[InlineQueryResultUnion] = [
            InlineQueryResultArticle(id="loud", title="Capitals", description="Loud", input_message_content=loud),
            InlineQueryResultArticle(id="bold", title="Bold", description="Strong", input_message_content=bold),
        ]
        await query.answer(results, cache_time=0, is_personal=True)

    @router.chosen_inline_result()
    async def chosen(result: ChosenInlineResult) -> None:
        chosen_results.append(result.result_id)

    return router


def build(token: str, api_url: str) -> tuple[Bot, Dispatcher]:
    """The bot; nothing but `api_url` tells it from one on Telegram."""
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))
    dispatcher = Dispatcher(chosen_results=[])
    dispatcher.include_router(routes(dispatcher["chosen_results"]))
    return bot, dispatcher
