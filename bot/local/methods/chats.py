"""Chats and their members: what is known of them, pinning, throwing out, leaving."""

from __future__ import annotations

from bot.local.errors import bad_request
from bot.local.messages import member_object, serve, show, tell_member
from bot.local.methods.common import Call, find_chat, find_item
from bot.local.models import PRESENT, Chat, Item, Json
from bot.local.store import Tx

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
PERMISSIONS = (
    *("send_messages", "send_audios", "send_documents", "send_photos", "send_videos", "send_video_notes"),
    *("send_voice_notes", "send_polls", "send_other_messages", "add_web_page_previews", "react_to_messages"),
    *("change_info", "invite_users", "pin_messages", "manage_topics"),
)
TITLE_LENGTH = 128


async def get_chat(call: Call) -> Json:
    """What is known of a chat, as `ChatFullInfo`."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        pinned = tx.item(chat.id, chat.pinned[-1]) if chat.pinned else None
    info = chat.chat() | {"accent_color_id": abs(chat.id) % 7, "max_reaction_count": 11}
    info["accepted_gift_types"] = dict.fromkeys(GIFTS, chat.private)
    if pinned is not None:
        info["pinned_message"] = pinned.message
    if not chat.private:
        info["permissions"] = {f"can_{right}": right not in ("change_info", "pin_messages") for right in PERMISSIONS}
    return info


async def get_chat_member(call: Call) -> Json:
    """One member of a chat, as `ChatMember`; somebody who is not in it has the status left."""
    number = _user_id(call)
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        if chat.private and number not in (chat.id, call.state.bot.id):
            raise bad_request("member not found")
        return member_object(chat, _user(call, tx, number, "member not found"))


async def get_chat_member_count(call: Call) -> int:
    """How many members a chat has, the bot included."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
    return 2 if chat.private else sum(status in PRESENT for status in chat.members.values())


async def get_chat_administrators(call: Call) -> list[Json]:
    """The owner and the administrators of a group, other bots left out, as `ChatMember`."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        if chat.private:
            raise bad_request("there are no administrators in the private chat")
        numbers = [int(key) for key, status in chat.members.items() if status in ("creator", "administrator")]
        return [member_object(chat, _user(call, tx, number, "member not found")) for number in numbers]


async def leave_chat(call: Call) -> bool:
    """Leave a group."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        if chat.private:
            raise bad_request("chat member status can't be changed in private chats")
        _set_status(call, tx, chat, call.state.bot.user(), "left")
        me = call.state.bot.user()
        serve(call.state, tx, chat, {"left_chat_member": me}, sender=me, tell=False)
    return True


async def ban_chat_member(call: Call) -> bool:
    """Throw somebody out of a group, and keep them out."""
    number = _user_id(call)
    with call.state.store.tx() as tx:
        chat = _governed(call, tx)
        user = _user(call, tx, number, "PARTICIPANT_ID_INVALID")
        if number == call.state.bot.id:
            raise bad_request("can't restrict self")
        if chat.status(number) == "creator":
            raise bad_request("can't remove chat owner")
        if chat.status(number) == "administrator":
            raise bad_request("user is an administrator of the chat")
        was_in = chat.status(number) in PRESENT
        _set_status(call, tx, chat, user, "kicked")
        if was_in:
            serve(call.state, tx, chat, {"left_chat_member": user}, sender=call.state.bot.user())
    return True


async def unban_chat_member(call: Call) -> bool:
    """Let somebody who was thrown out of a supergroup come back; a member is thrown out by it, as by Telegram."""
    number = _user_id(call)
    with call.state.store.tx() as tx:
        chat = _governed(call, tx)
        if chat.type != "supergroup":
            raise bad_request("method is available for supergroup and channel chats only")
        user = _user(call, tx, number, "PARTICIPANT_ID_INVALID")
        status = chat.status(number)
        if status == "kicked" or (status == "member" and not call.params.flag("only_if_banned")):
            _set_status(call, tx, chat, user, "left")
    return True


async def set_chat_title(call: Call) -> bool:
    """Rename a group."""
    title = call.params.text("title").strip()
    with call.state.store.tx() as tx:
        chat = _governed(call, tx, "not enough rights to change chat title")
        if not title:
            raise bad_request("title must be non-empty")
        if title == chat.title:
            raise bad_request("chat title is not modified")
        chat.title = title[:TITLE_LENGTH]
        tx.save_chat(chat)
        serve(call.state, tx, chat, {"new_chat_title": chat.title}, sender=call.state.bot.user(), tell=False)
        tx.emit("chat", chat_id=chat.id)
    return True


async def pin_chat_message(call: Call) -> bool:
    """Pin a message, in a group as an administrator."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        item = find_item(call, tx, chat, "to pin")
        _check_pinning(call, chat)
        if item.message_id in chat.pinned:
            raise bad_request("CHAT_NOT_MODIFIED")
        chat.pinned.append(item.message_id)
        tx.save_chat(chat)
        pinned = {name: value for name, value in item.message.items() if name != "reply_to_message"}
        serve(call.state, tx, chat, {"pinned_message": pinned}, sender=call.state.bot.user(), tell=False)
        show(tx, item)
    return True


async def unpin_chat_message(call: Call) -> bool:
    """Take down a pinned message, the newest one if none is named."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        item: Item | None = None
        if call.params.integer("message_id", 0, 0, 2**31 - 1):
            item = find_item(call, tx, chat, "to unpin")
        _check_pinning(call, chat)
        if item is None and not chat.pinned:
            raise bad_request("message to unpin not found")
        number = item.message_id if item is not None else chat.pinned[-1]
        chat.pinned = [one for one in chat.pinned if one != number]
        tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return True


async def unpin_all_chat_messages(call: Call) -> bool:
    """Take down all pinned messages."""
    with call.state.store.tx() as tx:
        chat = find_chat(call, tx)
        _check_pinning(call, chat)
        chat.pinned = []
        tx.save_chat(chat)
        tx.emit("chat", chat_id=chat.id)
    return True


async def get_user_profile_photos(call: Call) -> Json:
    """The profile pictures of a person: nobody here has one."""
    number = _user_id(call)
    with call.state.store.tx() as tx:
        _user(call, tx, number, "user not found")
    return {"total_count": 0, "photos": []}


def _user_id(call: Call) -> int:
    number = call.params.integer("user_id", 0, 0, 2**62)
    if number == 0:
        raise bad_request("invalid user_id specified")
    return number


def _user(call: Call, tx: Tx, number: int, refusal: str) -> Json:
    """The `User` with this id; raises 400 with `refusal` if there is none."""
    if number == call.state.bot.id:
        return call.state.bot.user()
    person = tx.chat(number)
    if person is None or not person.private:
        raise bad_request(refusal)
    return person.user()


def _governed(call: Call, tx: Tx, refusal: str = "not enough rights to restrict/unrestrict chat member") -> Chat:
    """The group, if the bot is one of its administrators. Raises 400."""
    chat = find_chat(call, tx)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    if chat.status(call.state.bot.id) != "administrator":
        raise bad_request(refusal)
    return chat


def _check_pinning(call: Call, chat: Chat) -> None:
    if not chat.private and chat.status(call.state.bot.id) != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")


def _set_status(call: Call, tx: Tx, chat: Chat, user: Json, status: str) -> None:
    old = member_object(chat, user)
    chat.members[str(user["id"])] = status
    tell_member(call.state, tx, chat, call.state.bot.user(), old, member_object(chat, user))
    tx.save_chat(chat)
    tx.emit("chat", chat_id=chat.id)
