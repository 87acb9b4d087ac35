"""The Bot API methods the local server knows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any

from bot.local.errors import ApiError, bad_request
from bot.local.methods import editing, polling, profile, sending
from bot.local.methods.common import Call

Method = Callable[[Call], Awaitable[Any]]

METHODS: dict[str, Method] = {
    "getme": profile.get_me,
    "getupdates": polling.get_updates,
    "deletewebhook": polling.delete_webhook,
    "getwebhookinfo": polling.get_webhook_info,
    "getfile": polling.get_file,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "senddocument": sending.send_document,
    "sendchataction": sending.send_chat_action,
    "editmessagetext": editing.edit_message_text,
    "editmessagecaption": editing.edit_message_caption,
    "editmessagemedia": editing.edit_message_media,
    "editmessagereplymarkup": editing.edit_message_reply_markup,
    "deletemessage": editing.delete_message,
    "setmessagereaction": editing.set_message_reaction,
    "answercallbackquery": editing.answer_callback_query,
    "setmycommands": profile.set_my_commands,
    "getmycommands": profile.get_my_commands,
    "deletemycommands": profile.delete_my_commands,
    "setmyname": profile.set_my_name,
    "getmyname": profile.get_my_name,
    "setmydescription": profile.set_my_description,
    "getmydescription": profile.get_my_description,
    "setmyshortdescription": profile.set_my_short_description,
    "getmyshortdescription": profile.get_my_short_description,
    "setchatmenubutton": profile.set_chat_menu_button,
    "getchatmenubutton": profile.get_chat_menu_button,
    "getchat": profile.get_chat,
}
"""The methods, by name in lower case."""

_KNOWN = {name.lower(): name for name in files("bot.local").joinpath("method_names.txt").read_text("utf-8").split()}


def find_method(name: str) -> Method:
    """The method of this name, in any case. Raises 404 for no method, 400 for one not built yet."""
    method = METHODS.get(name.lower())
    if method is not None:
        return method
    if name.lower() in _KNOWN:
        raise bad_request(f"method {_KNOWN[name.lower()]} is not supported by the local server")
    raise ApiError(404, "Not Found")
