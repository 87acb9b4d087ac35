"""A bot that books a table, with python-telegram-bot's ConversationHandler: reply keyboard, buttons, free text."""

from __future__ import annotations

from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

GUESTS, TIME, NOTE, CONFIRM = range(4)


async def book(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    keyboard = ReplyKeyboardMarkup([["1", "2", "3"], ["4", "5", "6"]], one_time_keyboard=True, resize_keyboard=True)
    await update.message.reply_text("How many of you?", reply_markup=keyboard)
    return GUESTS


async def guests(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    assert context.user_data is not None
    context.user_data["guests"] = int(update.message.text or "")
    await update.message.reply_text("Thank you.", reply_markup=ReplyKeyboardRemove())
    times = [InlineKeyboardButton(f"{hour}:00", callback_data=f"time:{hour}") for hour in (18, 19, 20)]
    await update.message.reply_text("At what time?", reply_markup=InlineKeyboardMarkup.from_row(times))
    return TIME


async def not_a_number(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    await update.message.reply_text("Please send a number.")
    return GUESTS


async def time(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    query = update.callback_query
    assert query
    assert query.data
    assert context.user_data is not None
    await query.answer("Noted")
    context.user_data["time"] = query.data.partition(":")[2]
    await query.edit_message_text(f"At {context.user_data['time']}:00. Anything we should know? /skip if not.")
    return NOTE


async def note(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    assert context.user_data is not None
    context.user_data["note"] = update.message.text
    return await ask(update, context)


async def skip(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert context.user_data is not None
    context.user_data["note"] = None
    return await ask(update, context)


async def ask(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    data = context.user_data
    assert data is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Book", callback_data="yes")]])
    words = f"{data['guests']} at {data['time']}:00, {data['note'] or 'no note'}. Right?"
    await update.message.reply_text(words, reply_markup=keyboard)
    return CONFIRM


async def confirm(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    query = update.callback_query
    assert query
    await query.answer("See you there!", show_alert=True)
    await query.edit_message_reply_markup(None)
    assert update.effective_chat
    await update.effective_chat.send_message("Booked.")
    return ConversationHandler.END


async def cancel(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    assert update.message
    await update.message.reply_text("Nothing was booked.", reply_markup=ReplyKeyboardRemove())
    return ConversationHandler.END


def build(token: str, api_url: str) -> Application[Any, Any, Any, Any, Any, Any]:
    """The bot; nothing but `api_url` tells it from one on Telegram."""
    builder = ApplicationBuilder().token(token).base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
    application = builder.build()
    words = filters.TEXT & ~filters.COMMAND
    application.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("book", book)],
            states={
                GUESTS: [MessageHandler(filters.Regex(r"^\d+$"), guests), MessageHandler(words, not_a_number)],
                TIME: [CallbackQueryHandler(time, pattern=r"^time:")],
                NOTE: [MessageHandler(words, note), CommandHandler("skip", skip)],
                CONFIRM: [CallbackQueryHandler(confirm, pattern="^yes$")],
            },
            fallbacks=[CommandHandler("cancel", cancel)],
        )
    )
    return application
