"""Replies as Telegram shows them: HTML text and inline keyboards."""

import html
import re

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import MessageLimit

from conversations.messages import Button, Reply, plain

BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def html_of(reply: Reply) -> str:
    """The reply's text and its source line as Telegram's HTML."""
    body = BOLD.sub(r"<b>\1</b>", html.escape(reply.text, quote=False))
    return f"{body}\n\n<i>{html.escape(reply.source_line, quote=False)}</i>" if reply.source_line else body


def captioned(reply: Reply) -> bool:
    """Whether the reply's text is short enough to stand below a picture; what counts is what a person reads."""
    words = plain(reply.text) + (f"\n\n{reply.source_line}" if reply.source_line else "")
    return len(words) <= MessageLimit.CAPTION_LENGTH


def keyboard_of(reply: Reply, username: str) -> InlineKeyboardMarkup | None:
    """The reply's buttons; ``username`` is the bot's, for the link that leads out of a group."""
    if not reply.buttons:
        return None
    return InlineKeyboardMarkup([[_button(button, username) for button in row] for row in reply.buttons])


def _button(button: Button, username: str) -> InlineKeyboardButton:
    if button.url == "private":
        return InlineKeyboardButton(button.label, url=f"https://t.me/{username}")
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)
