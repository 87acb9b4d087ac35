"""Polls and quizzes: sending, stopping, counting."""

from __future__ import annotations

import secrets
from typing import Any

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.messages import show
from bot.local.methods.common import Call, find_chat, find_item, read_markup, send, writable_chat
from bot.local.models import Item, Json
from bot.local.state import State
from bot.local.store import Tx
from bot.local.text import format_text


async def send_poll(call: Call) -> Json:
    """Send a poll or a quiz. Returns the `Message`."""
    poll = _poll(call)
    markup = read_markup(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        item = send(call, tx, chat, {"poll": poll}, markup)
        place = {"chat_id": chat.id, "message_id": item.message_id, "votes": {}}
        tx.save_record("poll", poll["id"], place, call.state.clock())
    if "close_date" in poll and not poll["is_closed"]:
        close_later(call.state, poll["id"], poll["close_date"])
    return item.message


async def stop_poll(call: Call) -> Json:
    """End one of the bot's own polls. Returns the `Poll`."""
    markup = read_markup(call, inline_only=True)
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        item = find_item(call, tx, chat, "with poll to stop")
        poll: Json | None = item.message.get("poll")
        if poll is None:
            raise bad_request("message is not a poll")
        if item.message["from"]["id"] != call.state.bot.id or "forward_origin" in item.message:
            raise bad_request("poll can't be stopped")
        if poll["is_closed"]:
            raise bad_request("poll has already been closed")
        item.message.pop("reply_markup", None)
        if markup.inline is not None:
            item.message["reply_markup"] = markup.inline
        close(call.state, tx, item)
        return poll


def close(state: State, tx: Tx, item: Item) -> None:
    """End the poll of a message and tell the bot."""
    poll = item.message["poll"]
    poll["is_closed"] = True
    show(tx, item)
    state.updates.add(tx, "poll", poll)


def close_later(state: State, poll_id: str, moment: int) -> None:
    """End a poll when the clock shows `moment`."""

    async def end() -> None:
        with state.store.tx() as tx:
            item = find(tx, poll_id)
            if item is not None and not item.message["poll"]["is_closed"]:
                close(state, tx, item)

    state.later(moment, end)


def find(tx: Tx, poll_id: str) -> Item | None:
    """The message with this poll, or None if it was deleted."""
    place = tx.record("poll", poll_id)
    return tx.item(place["chat_id"], place["message_id"]) if place else None


def watch(state: State) -> None:
    """After a start: end the polls of earlier runs when their time comes."""
    with state.store.tx() as tx:
        found = [find(tx, key) for key, _ in tx.records("poll")]
    polls = [item.message["poll"] for item in found if item is not None]
    for poll in polls:
        if "close_date" in poll and not poll["is_closed"]:
            close_later(state, poll["id"], poll["close_date"])


def _poll(call: Call) -> Json:
    params = call.params
    question, entities = format_text(
        params.text("question"),
        params.text("question_parse_mode"),
        params.json("question_entities", "question entities"),
    )
    options = _options(call)
    kind = params.text("type") or "regular"
    if kind not in ("regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    if not question:
        raise bad_request("text must be non-empty")
    if len(question) > limits.POLL_QUESTION_LENGTH:
        raise bad_request(f"poll question length must not exceed {limits.POLL_QUESTION_LENGTH}")
    if not options:
        raise bad_request("poll must have at least one answer option")
    if len(options) > limits.POLL_OPTIONS:
        raise bad_request(f"poll can't have more than {limits.POLL_OPTIONS} options")
    if any(len(option["text"]) > limits.POLL_OPTION_LENGTH for option in options):
        raise bad_request(f"poll options length must not exceed {limits.POLL_OPTION_LENGTH}")
    several = params.flag("allows_multiple_answers")
    poll: Json = {
        "id": str(secrets.randbits(62)),
        "question": question,
        "options": options,
        "total_voter_count": 0,
        "is_closed": params.flag("is_closed"),
        "is_anonymous": params.flag("is_anonymous") if params.text("is_anonymous") else True,
        "type": kind,
        "allows_multiple_answers": several,
        "allows_revoting": params.flag("allows_revoting") if params.text("allows_revoting") else kind == "regular",
        "members_only": params.flag("members_only"),
    }
    if entities:
        poll["question_entities"] = entities
    return poll | (_quiz(call, len(options)) if kind == "quiz" else {}) | _closing(call)


def _options(call: Call) -> list[Json]:
    raw = call.params.json("options", "options")
    if raw is None:
        raise bad_request("can't parse options JSON object")
    if not isinstance(raw, list):
        raise bad_request("expected an Array of InputPollOption as options")
    return [_option(one) for one in raw]


def _option(raw: Any) -> Json:
    if isinstance(raw, str):
        raw = {"text": raw}
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str):
        raise bad_request("expected an option to be of type String")
    text, entities = format_text(raw["text"], str(raw.get("text_parse_mode") or ""), raw.get("text_entities"))
    if not text:
        raise bad_request("text must be non-empty")
    option: Json = {"persistent_id": secrets.token_urlsafe(6), "text": text, "voter_count": 0}
    return option | ({"text_entities": entities} if entities else {})


def _quiz(call: Call, options: int) -> Json:
    params = call.params
    correct = params.json("correct_option_ids", "correct option identifiers")
    if correct is None and params.text("correct_option_id"):
        correct = [params.integer("correct_option_id", -1, -1, 2**31)]
    good = isinstance(correct, list) and correct and all(isinstance(one, int) for one in correct)
    if not good or not all(0 <= one < options for one in correct) or sorted(set(correct)) != correct:
        raise bad_request("wrong correct option ID specified")
    text, entities = format_text(
        params.text("explanation"),
        params.text("explanation_parse_mode"),
        params.json("explanation_entities", "explanation entities"),
    )
    if len(text) > limits.POLL_EXPLANATION_LENGTH:
        raise bad_request(f"poll explanation length must not exceed {limits.POLL_EXPLANATION_LENGTH}")
    if text.count("\n") > limits.POLL_EXPLANATION_LINES:
        raise bad_request(f"poll explanation must contain at most {limits.POLL_EXPLANATION_LINES} line feeds")
    told = {"explanation": text, "explanation_entities": entities} if text else {}
    return {"correct_option_ids": correct} | told


def _closing(call: Call) -> Json:
    """When the poll ends by itself: after `open_period` seconds or at `close_date`, but not both."""
    params, (least, most) = call.params, limits.POLL_OPEN_SECONDS
    period, date = params.integer("open_period", 0, 0, 2**31), params.integer("close_date", 0, 0, 2**31)
    if period:
        if not least <= period <= most:
            raise bad_request("wrong open period specified")
        return {"open_period": period, "close_date": call.state.now + period}
    if date:
        if not least <= date - call.state.now <= most:
            raise bad_request("wrong close date specified")
        return {"close_date": date}
    return {}
