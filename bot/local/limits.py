"""Telegram's documented or measured limits, in one place. Sizes in bytes, times in seconds."""

from __future__ import annotations

TEXT_LENGTH = 4096
"""Unicode scalars in a message after entity parsing."""
CAPTION_LENGTH = 1024
ENTITIES = 100
"""Entities kept in one message; Telegram drops the rest."""

CALLBACK_DATA_BYTES = 64
BUTTONS = 100
BUTTONS_IN_ROW = 8
MARKUP_BYTES = 10_240
COPY_TEXT_LENGTH = 256
PLACEHOLDER_LENGTH = 64
CALLBACK_ANSWER_LENGTH = 200
CALLBACK_ANSWER_SECONDS = 15.0
"""How long after a tap a callback query can be answered."""

UPDATE_SECONDS = 86_400.0
CALLBACK_UPDATE_SECONDS = 150.0
POLL_LIMIT = 100
POLL_SECONDS = 50
DELETE_SECONDS = 48 * 3600

COMMANDS = 100
COMMAND_LENGTH = 32
COMMAND_DESCRIPTION_LENGTH = 256
NAME_LENGTH = 64
DESCRIPTION_LENGTH = 512
SHORT_DESCRIPTION_LENGTH = 120

PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
PHOTO_DIMENSIONS = 10_000
"""Largest sum of width and height of a photo, in pixels."""
PHOTO_RATIO = 20

DEEP_LINK_LENGTH = 64
