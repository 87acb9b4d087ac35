"""Telegram's updates as our events; what an update holds beyond that is not kept."""

from telegram import Bot, Chat, Message, MessageEntity, Update

from conversations.advisor import event_of
from conversations.messages import Attachment, Event, GroupCall, Incoming, Tap
from conversations.store.work import Received

ATTACHMENTS = (
    "photo", "sticker", "voice", "video", "video_note", "audio", "animation", "document", "location", "venue",
    "contact", "poll", "dice", "story", "game", "checklist", "paid_media",
)  # fmt: skip

ALLOWED_UPDATES = ("message", "callback_query")
"""What is asked of Telegram: edits, channel posts and membership changes are left alone on purpose."""


def received(update: Update, bot: Bot) -> Received | None:
    """The update as an event, or None for what is met with silence (an edit, a group's own talk, a pinned message)."""
    chat = update.effective_chat
    if chat is None:
        return None
    event = _event(update, chat, bot)
    if event is None:
        return None
    user = update.effective_user
    return Received(
        update.update_id, chat.id, Incoming(event=event, language_code=user.language_code if user else None)
    )


def _event(update: Update, chat: Chat, bot: Bot) -> Event | None:
    if update.callback_query is not None:
        data = update.callback_query.data
        return Tap(data=data) if data and chat.type == Chat.PRIVATE else None
    message = update.message
    if message is None or (message.from_user is not None and message.from_user.is_bot):
        return None
    if chat.type != Chat.PRIVATE:
        return GroupCall() if _addressed(message, bot) else None
    if message.text:
        return event_of(message.text)
    what = next((name for name in ATTACHMENTS if getattr(message, name, None)), None)
    return Attachment(what=what) if what else None


def _addressed(message: Message, bot: Bot) -> bool:
    """Whether a group message speaks to the bot: a command or mention with its name, or a reply to it."""
    name = f"@{bot.username}".lower()
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.BOT_COMMAND]
    named = (*message.parse_entities(kinds).values(), *message.parse_caption_entities(kinds).values())
    if any(text.lower().endswith(name) for text in named):
        return True
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == bot.id
