"""Inline mode from a person's side: typing after the bot's name, reading the results, sending one."""

from __future__ import annotations

import secrets
from typing import Any

from bot.local import limits
from bot.local.errors import PageError
from bot.local.hearing import hears
from bot.local.messages import post
from bot.local.models import Item, Json
from bot.local.person import Actor, place
from bot.local.state import State

CHAT_TYPES = {"private": "sender"}
"""How an inline query calls the chat with the bot itself; other chats go by their own type."""


def ask(state: State, actor: Actor, query: Any, offset: Any) -> str:
    """Send an inline query typed in a chat. Returns its id. Raises 409 if the bot has no inline mode."""
    if not isinstance(query, str) or not isinstance(offset, str) or len(query) > limits.INLINE_QUERY_LENGTH:
        raise PageError(400, "bad_request")
    if not state.settings.supports_inline_queries:
        raise PageError(409, "inline_off")
    with state.store.tx() as tx:
        chat, user = place(tx, actor)
        query_id = str(secrets.randbits(62))
        record = {"chat_id": chat.id, "user_id": user.id, "query": query, "offset": offset, "answer": None}
        tx.expire_records("inline_query", state.clock() - limits.UPDATE_SECONDS)
        tx.save_record("inline_query", query_id, record, state.clock())
        kind = CHAT_TYPES.get(chat.type, chat.type)
        asked = {"id": query_id, "from": user.user(), "query": query, "offset": offset, "chat_type": kind}
        state.updates.add(tx, "inline_query", asked)
    return query_id


def show(state: State, query_id: str) -> Json:
    """The query and its answer: `results`, `next_offset` and `button`; `answer` is null while there is none."""
    record = _record(state, query_id)
    answer: Json | None = record["answer"]
    if answer is not None:
        results = [{key: value for key, value in one.items() if key != "content"} for one in answer["results"]]
        answer = answer | {"results": results}
    return {"query_id": query_id, "query": record["query"], "offset": record["offset"], "answer": answer}


def choose(state: State, query_id: str, result_id: Any) -> Item:
    """Send one of the results into the chat where it was asked, and tell the bot if it wants feedback."""
    record = _record(state, query_id)
    results = record["answer"]["results"] if record["answer"] else []
    result = next((one for one in results if one["id"] == result_id), None)
    if result is None:
        raise PageError(404, "result_not_found")
    with state.store.tx() as tx:
        chat, user = place(tx, Actor(record["chat_id"], record["user_id"]))
        chat.started = True
        tx.save_chat(chat)
        content: Json = result["content"] | {"via_bot": state.bot.user()}
        item = post(state, tx, chat, content, sender=user.user())
        chosen: Json = {"result_id": result_id, "from": user.user(), "query": record["query"]}
        if "reply_markup" in content:
            # Only a message with a keyboard gets an inline message id, by which the bot can edit it.
            inline_id = secrets.token_urlsafe(18)
            where = {"chat_id": chat.id, "message_id": item.message_id}
            tx.save_record("inline_message", inline_id, where, state.clock())
            tx.set_meta(f"inline:{chat.id}:{item.message_id}", inline_id)
            chosen["inline_message_id"] = inline_id
        if state.settings.inline_feedback:
            state.updates.add(tx, "chosen_inline_result", chosen)
        if hears(state, chat, item):
            state.updates.add(tx, "message", item.message)
    return item


def _record(state: State, query_id: str) -> Json:
    with state.store.tx() as tx:
        record = tx.record("inline_query", query_id)
    if record is None:
        raise PageError(404, "query_not_found")
    return record
