"""The interface under /local, for the page and for tests: chats, acts of a person, and the stream of changes.

All bodies are JSON. A refusal is `{"error": code}` with a code, never a sentence. Where an act is done in a
group, `from` in the body says by whom; in a private chat it is the chat's own person. `?bot=` chooses a bot.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.local import groups, inline, person, reactions
from bot.local.bots import Bots
from bot.local.errors import PageError
from bot.local.messages import commands_for, profile_for
from bot.local.models import Chat, Json
from bot.local.person import Actor
from bot.local.routing import Act, body_of, endpoint
from bot.local.state import State
from bot.local.store import Tx

SHOWN_MESSAGES = 500
HEARTBEAT_SECONDS = 15.0
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
INLINE_TYPES = frozenset(PICTURES | {"audio/ogg", "audio/mpeg", "audio/mp4", "video/mp4", "video/webm"})


def people_routes(bots: Bots) -> list[BaseRoute]:
    """The routes of the page's interface."""
    chat = "/local/chats/{chat_id:int}"
    message = chat + "/messages/{message_id:int}"
    acts: list[tuple[str, str, Act]] = [
        ("GET", "/local/chats", list_chats),
        ("POST", "/local/chats", create_chat),
        ("GET", chat, show_chat),
        ("PATCH", chat, change_chat),
        ("POST", chat + "/messages", send),
        ("PATCH", message, edit),
        ("DELETE", message, delete),
        ("POST", chat + "/taps", tap),
        ("POST", chat + "/start", start),
        ("POST", chat + "/reactions", react),
        ("POST", chat + "/votes", vote),
        ("PUT", chat + "/members/{user_id:int}", set_member),
        ("POST", chat + "/upgrade", upgrade),
        ("POST", chat + "/inline", ask_inline),
        ("GET", "/local/inline/{query_id}", show_inline),
        ("POST", "/local/inline/{query_id}/choice", choose_inline),
        ("GET", "/local/files/{unique_id}", file),
        ("GET", "/local/events", events),
    ]
    return [Route(_signed(path), endpoint(bots, act), methods=[method]) for method, path, act in acts]


def _signed(path: str) -> str:
    """Groups have negative ids, which the router's own kind of number does not know."""
    return path.replace("{chat_id:int}", "{chat_id}")


def _chat_id(request: Request) -> int:
    raw = str(request.path_params["chat_id"])
    digits = raw.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise PageError(404, "chat_not_found")
    return int(raw)


def _actor(request: Request, body: Json) -> Actor:
    who = body.get("from")
    if who is not None and (not isinstance(who, int) or isinstance(who, bool)):
        raise PageError(400, "bad_request")
    return Actor(_chat_id(request), who)


def _number(body: Json, name: str) -> int:
    value: Any = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise PageError(400, "bad_request")
    return value


async def list_chats(state: State, request: Request) -> Json:
    """All chats with their last message."""
    with state.store.tx() as tx:
        return {"chats": [_summary(tx, chat) for chat in tx.chats()]}


async def create_chat(state: State, request: Request) -> Json:
    """A new person with an empty chat, or (type group or supergroup) a group with some of them."""
    body = await body_of(request)
    if body.get("type", "private") == "private":
        language, username = body.get("language_code", "en"), body.get("username", "")
        chat = person.create_chat(state, body.get("first_name"), language, username)
    else:
        chat = groups.create(state, body)
    with state.store.tx() as tx:
        return _summary(tx, chat)


async def show_chat(state: State, request: Request) -> Json:
    """A chat with its newest messages, what it shows of the bot, and the votes, for the person `?from=` names."""
    who = request.query_params.get("from", "")
    with state.store.tx() as tx:
        chat = person.find(tx, _chat_id(request))
        user = tx.chat(int(who)) if who.isascii() and who.isdigit() else None
        items = tx.items(chat.id, SHOWN_MESSAGES)
        return {
            "chat": _summary(tx, chat),
            "bot": _bot(state, tx, chat, user),
            "messages": [item.view() for item in items],
            "votes": reactions.votes_of(tx, items, user or chat),
        }


async def change_chat(state: State, request: Request) -> Json:
    """Rename a person or a group, change the language, block or unblock the bot."""
    chat = person.change_chat(state, _chat_id(request), await body_of(request))
    with state.store.tx() as tx:
        return _summary(tx, chat)


async def send(state: State, request: Request) -> Json:
    """Write a text (`text`), or send a stand-in or a file (`kind`), a place or a contact."""
    body = await body_of(request)
    return person.send(state, _actor(request, body), body).view()


async def edit(state: State, request: Request) -> Json:
    """Change an own text."""
    body = await body_of(request)
    message_id = int(request.path_params["message_id"])
    return person.edit_text(state, _actor(request, body), message_id, body.get("text")).view()


async def delete(state: State, request: Request) -> Json:
    """Delete a message for both sides; Telegram does not tell the bot."""
    person.delete(state, Actor(_chat_id(request), None), int(request.path_params["message_id"]))
    return {}


async def tap(state: State, request: Request) -> Json:
    """Tap a button with callback data."""
    body = await body_of(request)
    return {"query_id": person.tap(state, _actor(request, body), _number(body, "message_id"), body.get("data"))}


async def start(state: State, request: Request) -> Json:
    """Press Start, or open a deep link with a payload."""
    body = await body_of(request)
    return person.start(state, _actor(request, body), body.get("payload", "")).view()


async def react(state: State, request: Request) -> Json:
    """Put a reaction (`emoji`) on a message, or take it away (null)."""
    body = await body_of(request)
    actor = _actor(request, body)
    return reactions.react(state, actor, _number(body, "message_id"), body.get("emoji")).view()


async def vote(state: State, request: Request) -> Json:
    """Vote for options of a poll; an empty list takes the vote back."""
    body = await body_of(request)
    return reactions.vote(state, _actor(request, body), _number(body, "message_id"), body.get("option_ids")).view()


async def set_member(state: State, request: Request) -> Json:
    """Give a person or the bot a status in a group."""
    body = await body_of(request)
    chat = groups.set_member(state, _chat_id(request), int(request.path_params["user_id"]), body)
    with state.store.tx() as tx:
        return _summary(tx, chat)


async def upgrade(state: State, request: Request) -> Json:
    """Turn a group into a supergroup, with another id."""
    chat = groups.upgrade(state, _chat_id(request))
    with state.store.tx() as tx:
        return _summary(tx, chat)


async def ask_inline(state: State, request: Request) -> Json:
    """Type something after the bot's name, in any chat."""
    body = await body_of(request)
    actor = _actor(request, body)
    return {"query_id": inline.ask(state, actor, body.get("query", ""), body.get("offset", ""))}


async def show_inline(state: State, request: Request) -> Json:
    """An inline query with its answer; null while there is none."""
    return inline.show(state, str(request.path_params["query_id"]))


async def choose_inline(state: State, request: Request) -> Json:
    """Send one of the results."""
    body = await body_of(request)
    return inline.choose(state, str(request.path_params["query_id"]), body.get("result_id")).view()


async def file(state: State, request: Request) -> Response:
    """A file to show; what a browser might run is only offered for saving."""
    with state.store.tx() as tx:
        found = tx.file(unique_id=request.path_params["unique_id"])
    if found is None:
        raise PageError(404, "file_not_found")
    safe = found.mime.partition(";")[0] in INLINE_TYPES
    headers = {"cache-control": "private, max-age=86400, immutable"}
    if not safe:
        headers["content-disposition"] = "attachment"
    return Response(found.data, media_type=found.mime if safe else "application/octet-stream", headers=headers)


async def events(state: State, request: Request) -> Response:
    """The stream of changes, as server-sent events."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_stream(state), media_type="text/event-stream", headers=headers)


async def _stream(state: State) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    async for event in state.hub.subscribe(HEARTBEAT_SECONDS):
        yield ": idle\n\n" if event is None else f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
        await asyncio.sleep(0)


def _summary(tx: Tx, chat: Chat) -> Json:
    last = tx.items(chat.id, 1)
    return {
        "id": chat.id,
        "type": chat.type,
        "first_name": chat.first_name or chat.title,
        "title": chat.title,
        "username": chat.username,
        "language_code": chat.language_code,
        "started": chat.started,
        "blocked": chat.blocked,
        "keyboard": chat.keyboard,
        "pinned": chat.pinned,
        "members": _members(tx, chat),
        "last": last[0].view() if last else None,
    }


def _members(tx: Tx, chat: Chat) -> list[Json]:
    found = []
    for key, status in chat.members.items():
        member = tx.chat(int(key))
        name = member.first_name if member is not None else ""
        found.append({"id": int(key), "first_name": name, "status": status, "is_bot": member is None})
    return found


def _bot(state: State, tx: Tx, chat: Chat, user: Chat | None) -> Json:
    language = (user or chat).language_code
    return {
        "id": state.bot.id,
        "username": state.bot.username,
        "name": profile_for(tx, "name", language, state.bot.first_name),
        "description": profile_for(tx, "description", language),
        "short_description": profile_for(tx, "short_description", language),
        "commands": commands_for(tx, chat, user),
        "menu_button": chat.menu_button or tx.meta("menu_button") or {"type": "default"},
        "inline": state.settings.supports_inline_queries,
    }
