"""What people do with messages that are there: reacting to them, voting in their polls."""

from __future__ import annotations

from typing import Any

from bot.local.errors import PageError
from bot.local.messages import show
from bot.local.methods.changes import REACTIONS
from bot.local.models import Chat, Item, Json
from bot.local.person import Actor, place
from bot.local.state import State
from bot.local.store import Tx


def react(state: State, actor: Actor, message_id: int, emoji: Any) -> Item:
    """Put a reaction on a message, or take it away (None). A bot is told if it asked for message_reaction."""
    if emoji is not None and emoji not in REACTIONS:
        raise PageError(400, "bad_reaction")
    with state.store.tx() as tx:
        chat, user = place(tx, actor)
        item = _found(tx, chat.id, message_id)
        old = item.reactions.pop(str(user.id), None)
        if emoji is not None:
            item.reactions[str(user.id)] = emoji
        show(tx, item)
        if old != emoji and (chat.private or chat.status(state.bot.id) == "administrator"):
            change: Json = {
                "chat": chat.chat(),
                "message_id": message_id,
                "user": user.user(),
                "date": state.now,
                "old_reaction": _types(old),
                "new_reaction": _types(emoji),
            }
            state.updates.add(tx, "message_reaction", change)
    return item


def vote(state: State, actor: Actor, message_id: int, option_ids: Any) -> Item:
    """Vote in a poll; an empty list takes the vote back, where the poll allows that."""
    if not isinstance(option_ids, list) or not all(isinstance(one, int) for one in option_ids):
        raise PageError(400, "bad_request")
    with state.store.tx() as tx:
        chat, user = place(tx, actor)
        item = _found(tx, chat.id, message_id)
        poll: Json | None = item.message.get("poll")
        if poll is None:
            raise PageError(404, "poll_not_found")
        if poll["is_closed"]:
            raise PageError(409, "poll_closed")
        several = poll["allows_multiple_answers"]
        if (len(option_ids) > 1 and not several) or any(not 0 <= one < len(poll["options"]) for one in option_ids):
            raise PageError(400, "bad_request")
        record = tx.record("poll", poll["id"]) or {"votes": {}, "chat_id": chat.id, "message_id": message_id}
        if str(user.id) in record["votes"] and not poll["allows_revoting"]:
            raise PageError(409, "voted_already")
        record["votes"][str(user.id)] = sorted(set(option_ids))
        if not option_ids:
            del record["votes"][str(user.id)]
        tx.save_record("poll", poll["id"], record, state.clock())
        _count(poll, list(record["votes"].values()))
        show(tx, item)
        if not poll["is_anonymous"] and item.message["from"]["id"] == state.bot.id:
            answer = {"poll_id": poll["id"], "user": user.user(), "option_ids": sorted(set(option_ids))}
            answer["option_persistent_ids"] = [poll["options"][one]["persistent_id"] for one in answer["option_ids"]]
            state.updates.add(tx, "poll_answer", answer)
        if item.message["from"]["id"] == state.bot.id:
            state.updates.add(tx, "poll", poll)
    return item


def votes_of(tx: Tx, items: list[Item], user: Chat) -> dict[str, list[int]]:
    """What a person chose in the polls among these messages: message number (as text) to option numbers."""
    polls = {str(item.message_id): item.message["poll"]["id"] for item in items if "poll" in item.message}
    records = {number: tx.record("poll", poll_id) for number, poll_id in polls.items()}
    return {number: record["votes"].get(str(user.id), []) for number, record in records.items() if record}


def _count(poll: Json, votes: list[list[int]]) -> None:
    for number, option in enumerate(poll["options"]):
        option["voter_count"] = sum(number in chosen for chosen in votes)
    poll["total_voter_count"] = len(votes)


def _found(tx: Tx, chat_id: int, message_id: int) -> Item:
    item = tx.item(chat_id, message_id)
    if item is None:
        raise PageError(404, "message_not_found")
    return item


def _types(emoji: str | None) -> list[Json]:
    return [{"type": "emoji", "emoji": emoji}] if emoji is not None else []
