"""The page's own interface under /local: chats, acts of a person, and the stream of changes.

All bodies are JSON. A refusal is `{"error": code}` with a code, never a sentence.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.local import person
from bot.local.errors import PageError
from bot.local.messages import commands_for, profile_for
from bot.local.models import Chat, Json
from bot.local.state import State
from bot.local.store import Tx

SHOWN_MESSAGES = 500
HEARTBEAT_SECONDS = 15.0
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "audio/ogg"})

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(state: State) -> list[BaseRoute]:
    """The routes of the page's interface, acting on `state`."""
    control = _Control(state)
    chat = "/local/chats/{chat_id:int}"
    return [
        Route("/local/chats", _answers(control.list_chats)),
        Route("/local/chats", _answers(control.create_chat), methods=["POST"]),
        Route(chat, _answers(control.show_chat)),
        Route(chat, _answers(control.change_chat), methods=["PATCH"]),
        Route(chat + "/messages", _answers(control.send), methods=["POST"]),
        Route(chat + "/messages/{message_id:int}", _answers(control.edit), methods=["PATCH"]),
        Route(chat + "/taps", _answers(control.tap), methods=["POST"]),
        Route(chat + "/start", _answers(control.start), methods=["POST"]),
        Route("/local/files/{unique_id}", _answers(control.file)),
        Route("/local/events", control.events),
    ]


def _answers(act: Callable[[Request], Awaitable[Response | Json]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            answer = await act(request)
        except PageError as error:
            return JSONResponse({"error": error.code}, error.status)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return endpoint


async def _body(request: Request) -> Json:
    try:
        value = json.loads(await request.body() or b"{}")
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise PageError(400, "bad_request") from error
    if not isinstance(value, dict):
        raise PageError(400, "bad_request")
    return value


class _Control:
    def __init__(self, state: State) -> None:
        self.state = state

    async def list_chats(self, request: Request) -> Json:
        async with self.state.store.tx() as tx:
            return {"chats": [await self._summary(tx, chat) for chat in await tx.chats()]}

    async def create_chat(self, request: Request) -> Json:
        body = await _body(request)
        chat = await person.create_chat(self.state, body.get("first_name"), body.get("language_code", "en"))
        async with self.state.store.tx() as tx:
            return await self._summary(tx, chat)

    async def show_chat(self, request: Request) -> Json:
        async with self.state.store.tx() as tx:
            chat = await person.find(tx, request.path_params["chat_id"])
            items = await tx.items(chat.id, SHOWN_MESSAGES)
            return {
                "chat": await self._summary(tx, chat),
                "bot": await self._bot(tx, chat),
                "messages": [item.view() for item in items],
            }

    async def change_chat(self, request: Request) -> Json:
        chat = await person.change_chat(self.state, request.path_params["chat_id"], await _body(request))
        async with self.state.store.tx() as tx:
            return await self._summary(tx, chat)

    async def send(self, request: Request) -> Json:
        body, chat_id = await _body(request), request.path_params["chat_id"]
        if "kind" in body:
            return (await person.send_standin(self.state, chat_id, body["kind"])).view()
        return (await person.send_text(self.state, chat_id, body.get("text"))).view()

    async def edit(self, request: Request) -> Json:
        path, body = request.path_params, await _body(request)
        return (await person.edit_text(self.state, path["chat_id"], path["message_id"], body.get("text"))).view()

    async def tap(self, request: Request) -> Json:
        body = await _body(request)
        message_id: Any = body.get("message_id")
        if not isinstance(message_id, int):
            raise PageError(400, "bad_request")
        query_id = await person.tap(self.state, request.path_params["chat_id"], message_id, body.get("data"))
        return {"query_id": query_id}

    async def start(self, request: Request) -> Json:
        body = await _body(request)
        return (await person.start(self.state, request.path_params["chat_id"], body.get("payload", ""))).view()

    async def file(self, request: Request) -> Response:
        async with self.state.store.tx() as tx:
            file = await tx.file(unique_id=request.path_params["unique_id"])
        if file is None:
            raise PageError(404, "file_not_found")
        safe = file.mime.partition(";")[0] in INLINE_TYPES
        headers = {"cache-control": "private, max-age=86400, immutable"}
        if not safe:
            headers["content-disposition"] = "attachment"
        return Response(file.data, media_type=file.mime if safe else "application/octet-stream", headers=headers)

    async def events(self, request: Request) -> Response:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._stream(), media_type="text/event-stream", headers=headers)

    async def _stream(self) -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        async for event in self.state.hub.subscribe(HEARTBEAT_SECONDS):
            yield ": idle\n\n" if event is None else f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
            await asyncio.sleep(0)

    async def _summary(self, tx: Tx, chat: Chat) -> Json:
        last = await tx.items(chat.id, 1)
        return {
            "id": chat.id,
            "first_name": chat.first_name,
            "language_code": chat.language_code,
            "started": chat.started,
            "blocked": chat.blocked,
            "keyboard": chat.keyboard,
            "last": last[0].view() if last else None,
        }

    async def _bot(self, tx: Tx, chat: Chat) -> Json:
        language = chat.language_code
        return {
            "username": self.state.bot.username,
            "name": await profile_for(tx, "name", language, self.state.bot.first_name),
            "description": await profile_for(tx, "description", language),
            "short_description": await profile_for(tx, "short_description", language),
            "commands": await commands_for(tx, chat),
            "menu_button": chat.menu_button or await tx.meta("menu_button") or {"type": "default"},
        }
