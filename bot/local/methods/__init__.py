"""The Bot API methods the local server knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from bot.local.errors import ApiError, not_emulated
from bot.local.methods import changes, chats, media, polls, profile, queries, receiving, texts
from bot.local.methods.common import Call

Method = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Signature:
    """A method of the Bot API: its name, the parameters it needs, and those it may have."""

    name: str
    required: frozenset[str]
    optional: frozenset[str]


METHODS: dict[str, Method] = {
    "getMe": profile.get_me,
    "logOut": receiving.log_out,
    "close": receiving.close,
    "getUpdates": receiving.get_updates,
    "setWebhook": receiving.set_webhook,
    "deleteWebhook": receiving.delete_webhook,
    "getWebhookInfo": receiving.get_webhook_info,
    "getFile": receiving.get_file,
    "sendMessage": texts.send_message,
    "sendMessageDraft": texts.send_message_draft,
    "sendDice": texts.send_dice,
    "sendLocation": texts.send_location,
    "sendVenue": texts.send_venue,
    "sendContact": texts.send_contact,
    "sendChatAction": texts.send_chat_action,
    "sendPhoto": media.send_photo,
    "sendDocument": media.send_document,
    "sendVideo": media.send_video,
    "sendAnimation": media.send_animation,
    "sendAudio": media.send_audio,
    "sendVoice": media.send_voice,
    "sendSticker": media.send_sticker,
    "sendMediaGroup": media.send_media_group,
    "sendPoll": polls.send_poll,
    "stopPoll": polls.stop_poll,
    "forwardMessage": changes.forward_message,
    "forwardMessages": changes.forward_messages,
    "copyMessage": changes.copy_message,
    "copyMessages": changes.copy_messages,
    "editMessageText": changes.edit_message_text,
    "editMessageCaption": changes.edit_message_caption,
    "editMessageMedia": changes.edit_message_media,
    "editMessageReplyMarkup": changes.edit_message_reply_markup,
    "deleteMessage": changes.delete_message,
    "deleteMessages": changes.delete_messages,
    "setMessageReaction": changes.set_message_reaction,
    "answerCallbackQuery": queries.answer_callback_query,
    "answerInlineQuery": queries.answer_inline_query,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getChatAdministrators": chats.get_chat_administrators,
    "leaveChat": chats.leave_chat,
    "banChatMember": chats.ban_chat_member,
    "unbanChatMember": chats.unban_chat_member,
    "setChatTitle": chats.set_chat_title,
    "pinChatMessage": chats.pin_chat_message,
    "unpinChatMessage": chats.unpin_chat_message,
    "unpinAllChatMessages": chats.unpin_all_chat_messages,
    "getUserProfilePhotos": chats.get_user_profile_photos,
}
"""The methods, by name."""


def _signatures() -> dict[str, Signature]:
    found = {}
    for line in files("bot.local").joinpath("signatures.txt").read_text("utf-8").splitlines():
        name, _, rest = line.partition(":")
        required, _, optional = rest.partition("|")
        found[name.lower()] = Signature(name, frozenset(required.split()), frozenset(optional.split()))
    return found


SIGNATURES = _signatures()
"""All methods of the Bot API, by name in lower case; the file lists "name: required | optional"."""
_BUILT = {name.lower(): method for name, method in METHODS.items()}


def find_method(name: str) -> Method:
    """The method of this name, in any case. Raises 404 for no method, 501 for one that is not emulated."""
    method = _BUILT.get(name.lower())
    if method is not None:
        return method
    if name.lower() in SIGNATURES:
        raise not_emulated(f"method {SIGNATURES[name.lower()].name}")
    raise ApiError(404, "Not Found: method not found")
