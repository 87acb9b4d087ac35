"""An echo bot as python-telegram-bot's users write it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from telegram import BotCommand, Update
from telegram.constants import ChatAction
from telegram.ext import Application, ApplicationBuilder, CommandHandler, ContextTypes, MessageHandler, filters


async def post_init(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    await application.bot.set_my_commands([BotCommand("start", "Say hello"), BotCommand("help", "What I do")])


async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    assert update.effective_user
    told = f" You came with {context.args[0]}." if context.args else ""
    await update.message.reply_html(f"Hello {update.effective_user.mention_html()}!{told}")


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    await update.message.reply_chat_action(ChatAction.TYPING)
    await update.message.reply_text(update.message.text_html, parse_mode="HTML", do_quote=True)


async def echo_edit(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.edited_message
    await update.edited_message.reply_text(f"Now it says: {update.edited_message.text}")


async def echo_photo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Sends the picture back by its id, and its bytes as a file."""
    assert update.message
    largest = update.message.photo[-1]
    await update.message.reply_photo(largest, caption=f"{largest.width} × {largest.height}")
    data = await (await largest.get_file()).download_as_bytearray()
    await update.message.reply_document(BytesIO(data), filename="echo.jpg", caption=f"{len(data)} bytes")


async def complain(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    context.bot_data.setdefault("errors", []).append(context.error)


def build(token: str, api_url: str) -> Application[Any, Any, Any, Any, Any, Any]:
    """The bot; nothing but `api_url` tells it from one on Telegram."""
    builder = ApplicationBuilder().token(token).base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
    application = builder.post_init(post_init).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE & filters.TEXT, echo_edit))
    application.add_handler(MessageHandler(filters.PHOTO, echo_photo))
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    application.add_error_handler(complain)
    return application
