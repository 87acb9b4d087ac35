"""The few records the local server keeps, and the Bot API objects made from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""A JSON object as the Bot API knows it."""

PRIVATE, GROUP, SUPERGROUP = "private", "group", "supergroup"
PRESENT = frozenset({"creator", "administrator", "member"})
"""The statuses of those who are in a group."""


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


@dataclass
class BotSettings:
    """What a bot's owner sets with @BotFather: groups, privacy mode, inline mode and its feedback."""

    can_join_groups: bool = True
    can_read_all_group_messages: bool = False
    supports_inline_queries: bool = True
    inline_feedback: bool = True

    def public(self) -> Json:
        """The settings as `getMe` shows them."""
        return {
            "can_join_groups": self.can_join_groups,
            "can_read_all_group_messages": self.can_read_all_group_messages,
            "supports_guest_queries": False,
            "supports_inline_queries": self.supports_inline_queries,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
            "allows_users_to_create_topics": False,
            "can_manage_bots": False,
            "supports_join_request_queries": False,
        }


@dataclass
class Chat:
    """A private chat, which is also one user, or a group.

    Private: `started` once they wrote, `blocked` if they blocked the bot. Group: `title`, and the status of
    each member by user id (as text), the bot among them; `migrated_to` is the supergroup it was turned into.
    """

    id: int
    first_name: str = ""
    language_code: str = "en"
    started: bool = False
    blocked: bool = False
    menu_button: Json | None = None
    keyboard: Json | None = None
    type: str = PRIVATE
    title: str = ""
    username: str = ""
    pinned: list[int] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    migrated_to: int = 0

    @property
    def private(self) -> bool:
        """Whether it is the chat with one person."""
        return self.type == PRIVATE

    def status(self, user_id: int) -> str:
        """The status of a user in the group: creator, administrator, member, restricted, left or kicked."""
        return self.members.get(str(user_id), "left")

    def user(self) -> Json:
        """The person as a Bot API `User`."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            **({"username": self.username} if self.username else {}),
            "language_code": self.language_code,
        }

    def chat(self) -> Json:
        """The chat as a Bot API `Chat`."""
        name = {"first_name": self.first_name} if self.private else {"title": self.title}
        return {"id": self.id, "type": self.type, **name, **({"username": self.username} if self.username else {})}


@dataclass
class Item:
    """A stored message: the Bot API `Message`, and what only a user's screen shows.

    `reaction` is the bot's, `reactions` are those of people by user id.
    """

    message: Json
    edited: bool = False
    reaction: str | None = None
    reactions: dict[str, str] = field(default_factory=dict)

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
            "reactions": self.reactions,
            "mine": not self.from_bot,
        }


@dataclass
class StoredFile:
    """A file kept by the server; `kind` is photo, document, sticker, ..., sizes in pixels and bytes."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    path: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0
