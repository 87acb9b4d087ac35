"""An inline bot with python-telegram-bot: offers what was typed in capitals, in bold, and as a link."""

from __future__ import annotations

from html import escape
from typing import Any
from uuid import uuid4

from telegram import InlineQueryResultArticle, InputTextMessageContent, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    ApplicationBuilder,
    ChosenInlineResultHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
)


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    await update.message.reply_text(f"Type @{context.bot.username} and some words in any chat.")


async def offer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.inline_query
    words = update.inline_query.query
    if not words:
        await update.inline_query.answer([], cache_time=0)
        return
    bold = InputTextMessageContent(f"<b>{escape(words)}</b>", parse_mode=ParseMode.HTML)
    results = [
        InlineQueryResultArticle(str(uuid4()), "Capitals", InputTextMessageContent(words.upper()), description="Loud"),
        InlineQueryResultArticle("bold", "Bold", bold, description="Strong"),
    ]
    await update.inline_query.answer(results, cache_time=0, is_personal=True)


async def chosen(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.chosen_inline_result
    context.bot_data.setdefault("chosen", []).append(update.chosen_inline_result.result_id)


def build(token: str, api_url: str) -> Application[Any, Any, Any, Any, Any, Any]:
    """The bot; nothing but `api_url` tells it from one on Telegram."""
    builder = ApplicationBuilder().token(token).base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
    application = builder.build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(InlineQueryHandler(offer))
    application.add_handler(ChosenInlineResultHandler(chosen))
    return application
