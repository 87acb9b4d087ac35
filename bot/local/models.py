"""The few records the local server keeps, and the Bot API objects made from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""A JSON object as the Bot API knows it."""


@dataclass(frozen=True)
class BotIdentity:
    """Who the bot is: its id, token (`<id>:<secret>`), username and first name."""

    id: int
    token: str
    username: str
    first_name: str

    def user(self) -> Json:
        """The bot as a Bot API `User` (short form, as in messages)."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    def me(self) -> Json:
        """The bot as `getMe` returns it."""
        return self.user() | {
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }


@dataclass
class Chat:
    """A private chat, which is one user: `started` once they wrote, `blocked` if they blocked the bot."""

    id: int
    first_name: str
    language_code: str
    started: bool = False
    blocked: bool = False
    menu_button: Json | None = None
    keyboard: Json | None = None

    def user(self) -> Json:
        """The person as a Bot API `User`."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }

    def chat(self) -> Json:
        """The chat as a Bot API `Chat`."""
        return {"id": self.id, "type": "private", "first_name": self.first_name}


@dataclass
class Item:
    """A stored message: the Bot API `Message`, and what only a user's screen shows."""

    message: Json
    edited: bool = False
    reaction: str | None = None

    @property
    def chat_id(self) -> int:
        """Id of the chat the message is in."""
        return int(self.message["chat"]["id"])

    @property
    def message_id(self) -> int:
        """Id of the message; unique over all chats of the bot."""
        return int(self.message["message_id"])

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.message["from"]["is_bot"])

    def view(self) -> Json:
        """The item as the page gets it."""
        return {
            "message": self.message,
            "edited": self.edited,
            "reaction": self.reaction,
            "mine": not self.from_bot,
        }


@dataclass
class StoredFile:
    """A file kept by the server; `kind` is photo, document, sticker or voice, sizes in pixels and bytes."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    path: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0
