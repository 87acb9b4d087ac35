"""Runs a bot of either library as its users do, within the test: by polling or behind a webhook."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from aiogram import Bot, Dispatcher
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
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
SECRET = "only-the-server-knows"


@asynccontextmanager
async def running(library: str, name: str, server: LocalServer, way: str = "polling") -> AsyncIterator[dict[str, Any]]:
    """The bot `name` of the `library` against the running server. Yields what the bot keeps for itself."""
    if library == "aiogram":
        bot, dispatcher = AIOGRAM[name].build(server.token, server.api_url)
        async with (aiogram_polling if way == "polling" else aiogram_webhook)(bot, dispatcher) as data:
            yield data
    else:
        application = PTB[name].build(server.token, server.api_url)
        async with (ptb_polling if way == "polling" else ptb_webhook)(application) as data:
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


@asynccontextmanager
async def ptb_webhook(application: PtbApplication) -> AsyncIterator[dict[str, Any]]:
    """The application behind a web server of one's own, as the library's guide shows it."""

    async def receive(request: Request) -> Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != SECRET:
            return Response(status_code=403)
        await application.update_queue.put(Update.de_json(await request.json(), application.bot))
        return Response()

    listener = socket.create_server(("127.0.0.1", 0))
    site = Starlette(routes=[Route("/telegram", receive, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(site, log_config=None, lifespan="off", ws="none"))
    async with application:
        if application.post_init:
            await application.post_init(application)
        task = asyncio.create_task(server._serve([listener]))
        await application.bot.set_webhook(
            f"http://127.0.0.1:{listener.getsockname()[1]}/telegram",
            secret_token=SECRET,
            allowed_updates=Update.ALL_TYPES,
        )
        await application.start()
        try:
            yield application.bot_data
        finally:
            await application.bot.delete_webhook()
            await application.stop()
            server.should_exit = True
            await task
    assert application.bot_data.get("errors", []) == []


@asynccontextmanager
async def aiogram_webhook(bot: Bot, dispatcher: Dispatcher) -> AsyncIterator[dict[str, Any]]:
    """The dispatcher behind aiohttp's web server, as the library's guide shows it."""
    site = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(site, path="/telegram")
    setup_application(site, dispatcher, bot=bot)
    runner = web.AppRunner(site)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    await bot.set_webhook(f"http://127.0.0.1:{listener.getsockname()[1]}/telegram", secret_token=SECRET)
    try:
        yield dispatcher.workflow_data
    finally:
        await bot.delete_webhook()
        await runner.cleanup()
