"""What people do to groups: making them, coming and going, giving the bot rights."""

from __future__ import annotations

from typing import Any

from bot.local.errors import PageError
from bot.local.messages import member_object, serve, tell_member
from bot.local.models import GROUP, PRESENT, SUPERGROUP, Chat, Json
from bot.local.person import USERNAME, checked_name, find
from bot.local.state import State
from bot.local.store import Tx

STATUSES = ("creator", "administrator", "member", "left", "kicked")
FIRST_GROUP = 5_000_001
SUPERGROUP_BASE = -(10**12)


def create(state: State, body: Json) -> Chat:
    """A new group: `type` group or supergroup, `title`, `members` (ids of people; the first one is its owner).

    The bot is in it unless `bot` (its status) says something else; `username` makes a supergroup public.
    """
    kind, username = body.get("type"), body.get("username", "")
    members, status = body.get("members"), body.get("bot", "member")
    if kind not in (GROUP, SUPERGROUP) or not isinstance(members, list) or not members or status not in STATUSES[1:]:
        raise PageError(400, "bad_request")
    if not isinstance(username, str) or not USERNAME.fullmatch(username) or (username and kind == GROUP):
        raise PageError(400, "bad_name")
    if status in PRESENT and not state.settings.can_join_groups:
        raise PageError(409, "bot_joins_no_groups")
    title = checked_name(body.get("title"))
    with state.store.tx() as tx:
        people = [_person(tx, number) for number in members]
        number = tx.next_id("group", FIRST_GROUP)
        chat_id = -number if kind == GROUP else SUPERGROUP_BASE - number
        chat = Chat(chat_id, type=kind, title=title, username=username)
        chat.members = {str(one.id): "creator" if one is people[0] else "member" for one in people}
        tx.save_chat(chat)
        if status in PRESENT:
            _put(state, tx, chat, state.bot.user(), status, people[0].user())
        tx.emit("chat", chat_id=chat.id)
    return chat


def upgrade(state: State, chat_id: int) -> Chat:
    """Turn a group into a supergroup, which has another id; both tell the bot of it. Returns the supergroup."""
    with state.store.tx() as tx:
        old = find(tx, chat_id)
        if old.type != GROUP or old.migrated_to:
            raise PageError(409, "not_a_group")
        number = tx.next_id("group", FIRST_GROUP)
        new = Chat(SUPERGROUP_BASE - number, type=SUPERGROUP, title=old.title, members=old.members)
        old.migrated_to = new.id
        owner = next(int(key) for key, status in old.members.items() if status == "creator")
        actor, bot_in = _person(tx, owner).user(), old.status(state.bot.id) in PRESENT
        for chat, told in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
            tx.save_chat(chat)
            serve(state, tx, chat, told, sender=actor, tell=bot_in)
            tx.emit("chat", chat_id=chat.id)
    return new


def set_member(state: State, chat_id: int, user_id: int, body: Json) -> Chat:
    """Give a person or the bot a `status` in a group; `by` is who does it (the owner, if left out)."""
    status: Any = body.get("status")
    if status not in STATUSES:
        raise PageError(400, "bad_request")
    with state.store.tx() as tx:
        chat = find(tx, chat_id)
        if chat.private:
            raise PageError(409, "not_a_group")
        user = state.bot.user() if user_id == state.bot.id else _person(tx, user_id).user()
        if user["is_bot"] and status in PRESENT and not state.settings.can_join_groups:
            raise PageError(409, "bot_joins_no_groups")
        owner = next((int(key) for key, value in chat.members.items() if value == "creator"), user_id)
        by = body.get("by", owner)
        actor = user if by == user_id else _person(tx, by).user()
        if chat.status(user_id) != status:
            _put(state, tx, chat, user, status, actor)
        tx.emit("chat", chat_id=chat.id)
    return chat


def _put(state: State, tx: Tx, chat: Chat, user: Json, status: str, actor: Json) -> None:
    """Change a status, with the service message and the updates that follow from it."""
    old, was_in = member_object(chat, user), chat.status(user["id"]) in PRESENT
    chat.members[str(user["id"])] = status
    tx.save_chat(chat)
    tell_member(state, tx, chat, actor, old, member_object(chat, user))
    is_in, bot_in = status in PRESENT, chat.status(state.bot.id) in PRESENT
    if is_in and not was_in:
        serve(state, tx, chat, {"new_chat_members": [user]}, sender=actor, tell=bot_in)
    elif was_in and not is_in:
        serve(state, tx, chat, {"left_chat_member": user}, sender=actor, tell=bot_in or bool(user["is_bot"]))


def _person(tx: Tx, number: Any) -> Chat:
    found = tx.chat(number) if isinstance(number, int) and not isinstance(number, bool) else None
    if found is None or not found.private:
        raise PageError(404, "person_not_found")
    return found
