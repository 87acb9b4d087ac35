"""Runs a bot of either library as its users do, within the test: by polling or behind a webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiogram import Bot, Dispatcher
from telegram.ext import Application

from bot.local import LocalServer

from . import (
    aiogram_conversation,
    aiogram_echo,
    aiogram_inline,
    ptb_conversation,
    ptb_echo,
    ptb_inline,
)

PtbApplication = Application[Any, Any, Any, Any, Any, Any]
PTB = {"echo": ptb_echo, "conversation": ptb_conversation, "inline": ptb_inline}
AIOGRAM = {"echo": aiogram_echo, "conversation": aiogram_conversation, "inline": aiogram_inline}
LIBRARIES = ("python-telegram-bot", "aiogram")


@asynccontextmanager
async def polling(library: str, name: str, server: LocalServer) -> AsyncIterator[dict[str, Any]]:
    """The bot `name` of the `library` against the running server. Yields what the bot keeps for itself."""
    if library == "aiogram":
        async with aiogram_polling(*AIOGRAM[name].build(server.token, server.api_url)) as data:
            yield data
    else:
        async with ptb_polling(PTB[name].build(server.token, server.api_url)) as data:
            yield data


@asynccontextmanager
async def ptb_polling(application: PtbApplication) -> AsyncIterator[dict[str, Any]]:
    """What `Application.run_polling` does, in the running event loop."""
    async with application:
        if application.post_init:
            await application.post_init(application)
        assert application.updater
        await application.updater.start_polling()
        await application.start()
        try:
            yield application.bot_data
        finally:
            await application.updater.stop()
            await application.stop()
    assert application.bot_data.get("errors", []) == []


@asynccontextmanager
async def aiogram_polling(bot: Bot, dispatcher: Dispatcher) -> AsyncIterator[dict[str, Any]]:
    """What a `main` with aiogram does: poll until told to stop."""
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    try:
        yield dispatcher.workflow_data
    finally:
        await asyncio.sleep(0)
        await dispatcher.stop_polling()
        await task
