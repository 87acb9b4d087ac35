"""Sends replies: new, in place of the slot's message, or moved to the end of the chat."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.pictures import picture
from bot.telegram.calls import Calls
from bot.telegram.gate import Gate
from bot.telegram.patience import Patience
from bot.telegram.rates import Rates
from bot.telegram.rendering import captioned, html_of, keyboard_of
from conversations.messages import Reply, Show
from conversations.store.work import Outgoing

log = logging.getLogger(__name__)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

PICTURE = "result.png"
"""What a picture's file is called on its way."""

NOT_TO_EDIT = ("message to edit not found", "can't be edited", "no text in the message", "no caption in the message")
"""What Telegram says of a message that is gone, too old, or of another sort than the reply."""

Shown = TypeVar("Shown", bound=int | None)
"""As which message a reply is shown, or that it is not."""


class Refused(Exception):
    """A reply can never be sent; the message says why."""


class Sender:
    """Sends replies as fast as Telegram allows.

    ``check`` is asked before each attempt and raises where the reply may not be sent now; ``note`` is told what was
    sent, and as which message.
    """

    def __init__(
        self,
        bot: Bot,
        rates: Rates,
        check: Callable[[int], Awaitable[None]],
        note: Callable[[Outgoing, int], Awaitable[None]],
    ) -> None:
        self._bot = bot
        self._rates = rates
        self._check = check
        self._note = note
        self._gate = Gate(rates)
        self._on_their_way = Calls()

    async def send(self, outgoing: Outgoing) -> int:
        """Sends one reply, however often it takes, and has it noted; the message's id.

        Refused where it cannot be sent at all, InvalidToken where the token no longer counts.
        """
        patience, chat_id = Patience(), outgoing.chat_id
        while True:
            try:
                return await self._show(outgoing, chat_id)
            except RetryAfter as error:
                await asyncio.sleep(seconds_of(error))  # this chat alone: Telegram does not say that it means all
            except InvalidToken:
                raise
            except ChatMigrated as error:
                chat_id = error.new_chat_id
            except Forbidden as error:
                log.info("a chat has blocked the bot or is gone; its reply is dropped")
                raise Refused(error.message) from None
            except BadRequest as error:
                log.error("Telegram refused a reply and it is dropped: %s", error.message)
                raise Refused(error.message) from None
            except NetworkError as error:
                log.warning("Telegram cannot be reached (%s); trying again", type(error).__name__)
                await patience.wait()
            except TelegramError as error:
                log.error("a reply could not be sent and is dropped: %s", error.message)
                raise Refused(error.message) from None

    async def remove(self, chat_id: int, message_id: int) -> None:
        """Takes an old message of a slot away, or at least its buttons; tried once, as there is a new one already."""
        try:
            try:
                await self._bot.delete_message(chat_id, message_id)
            except BadRequest:
                await self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=None)
        except TelegramError as error:
            log.debug("an old message stays as it is: %s", error.message)

    async def finish(self, seconds: float) -> None:
        """Waits for the replies on their way and their notes, at most so long; those that are left are sent again."""
        await self._on_their_way.finish(seconds)

    async def _show(self, outgoing: Outgoing, chat_id: int) -> int:
        reply, old = outgoing.reply, outgoing.message_id
        if old is not None and reply.show is Show.EDIT:
            shown = await self._let_through(outgoing, partial(_edited, self._bot, chat_id, old, reply))
            if shown is not None:
                return shown
        if (seconds := self._rates.chat_wait(chat_id)) > 0:
            await asyncio.sleep(seconds)
        photo = await _drawn(reply, self._bot.username)
        return await self._let_through(outgoing, partial(_sent, self._bot, chat_id, reply, photo))

    async def _let_through(self, outgoing: Outgoing, show: Callable[[], Coroutine[Any, Any, Shown]]) -> Shown:
        """Shows a reply when its turn comes, and has it noted.

        Whoever is broken off in between leaves both to go on: what Telegram has and is not noted is sent again.
        """
        async with self._gate.through():
            await self._check(outgoing.chat_id)
            return await asyncio.shield(self._on_their_way.begin(self._noted(outgoing, show)))

    async def _noted(self, outgoing: Outgoing, show: Callable[[], Coroutine[Any, Any, Shown]]) -> Shown:
        message_id = await show()
        if message_id is not None:
            await self._note(outgoing, message_id)
        return message_id


async def _sent(bot: Bot, chat_id: int, reply: Reply, photo: bytes | None) -> int:
    """Sends a reply as picture, file or text (the latter too where Telegram refuses the picture); the message's id."""
    text, keyboard = html_of(reply), keyboard_of(reply, bot.username)
    if photo is not None:
        try:
            message = await bot.send_photo(
                chat_id, photo, caption=text, parse_mode=ParseMode.HTML, reply_markup=keyboard, filename=PICTURE
            )
            return message.message_id
        except BadRequest as error:
            log.error("Telegram refused a picture (%s); its text is sent alone", error.message)
    if reply.document is not None:
        file, name = reply.document.content.encode(), reply.document.name
        message = await bot.send_document(
            chat_id, file, caption=text, parse_mode=ParseMode.HTML, reply_markup=keyboard, filename=name
        )
        return message.message_id
    message = await bot.send_message(
        chat_id, text, parse_mode=ParseMode.HTML, reply_markup=keyboard, link_preview_options=NO_PREVIEW
    )
    return message.message_id


async def _drawn(reply: Reply, username: str) -> bytes | None:
    """The reply's picture; None where there can be none: whatever goes wrong with it, the text must still arrive."""
    if reply.card is None:
        return None
    if not captioned(reply):
        log.error("the text below a picture is too long; it is sent alone")
        return None
    try:
        return await picture(reply.card, username)
    except Exception as error:
        log.error("a picture could not be drawn (%s); its text is sent alone", type(error).__name__, exc_info=error)
        return None


async def _edited(bot: Bot, chat_id: int, message_id: int, reply: Reply) -> int | None:
    """Changes a message in place; its id, or None where it is gone or too old, so that a new one is sent."""
    text, keyboard = html_of(reply), keyboard_of(reply, bot.username)
    try:
        if reply.card is not None or reply.document is not None:
            await bot.edit_message_caption(
                chat_id, message_id, caption=text, parse_mode=ParseMode.HTML, reply_markup=keyboard
            )
        else:
            await bot.edit_message_text(
                text,
                chat_id,
                message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=keyboard,
                link_preview_options=NO_PREVIEW,
            )
    except BadRequest as error:
        said = error.message.lower()
        if "not modified" in said:
            return message_id
        if any(words in said for words in NOT_TO_EDIT):
            return None
        raise
    return message_id


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()
