"""Keeping files: what the bot uploads and what the page sends."""

from __future__ import annotations

import mimetypes
import re
import secrets
from pathlib import PurePosixPath

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.images import read_picture
from bot.local.models import Json, StoredFile
from bot.local.store import Tx

PREFIX = {
    "photo": "AgAC",
    "document": "BQAC",
    "sticker": "CAAC",
    "voice": "AwAC",
    "video": "BAAC",
    "audio": "CQAC",
    "animation": "CgAC",
}
NAMES = {kind: kind.capitalize() for kind in PREFIX} | {"voice": "VoiceNote"}
"""How refusals call the kinds of file."""


def keep(tx: Tx, kind: str, name: str, data: bytes, mime: str = "") -> StoredFile:
    """Check and store an upload of this kind. Raises `ApiError` as Telegram refuses files."""
    if not data:
        raise bad_request("file must be non-empty")
    if kind == "photo" and len(data) > limits.PHOTO_BYTES:
        size = f"file of size {len(data)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {limits.PHOTO_BYTES} bytes")
    picture = read_picture(data)
    if kind == "photo":
        if picture is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        long, short = max(picture.width, picture.height), min(picture.width, picture.height)
        if long + short > limits.PHOTO_DIMENSIONS or long > short * limits.PHOTO_RATIO:
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", PurePosixPath(name.replace("\\", "/")).name) or "file"
    guessed = picture.mime if picture else mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
    suffix = picture.suffix if picture else mimetypes.guess_extension(guessed.partition(";")[0]) or ""
    number = tx.next_id(f"file_{kind}", 0)
    file = StoredFile(
        file_id=PREFIX[kind] + secrets.token_urlsafe(36),
        unique_id=secrets.token_urlsafe(12),
        kind=kind,
        name=name,
        mime=guessed,
        path=f"{kind}s/file_{number}{suffix}",
        data=data,
        width=picture.width if picture else 0,
        height=picture.height if picture else 0,
    )
    tx.add_file(file)
    return file


def as_content(file: StoredFile, *, emoji: str = "", seconds: int = 0, title: str = "", performer: str = "") -> Json:
    """The file as the field of a `Message` for its kind (photo, document, sticker, voice, ...)."""
    base: Json = {"file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": len(file.data)}
    size = {"width": file.width, "height": file.height}
    named = {"file_name": file.name, "mime_type": file.mime}
    if file.kind == "photo":
        return {"photo": [base | size]}
    if file.kind == "sticker":
        flags = {"type": "regular", "is_animated": False, "is_video": False}
        return {"sticker": base | size | flags | ({"emoji": emoji} if emoji else {})}
    if file.kind == "voice":
        return {"voice": base | {"duration": seconds, "mime_type": file.mime}}
    if file.kind == "audio":
        said = {"title": title, "performer": performer}
        return {"audio": base | named | {"duration": seconds} | {key: value for key, value in said.items() if value}}
    if file.kind == "video":
        return {"video": base | size | named | {"duration": seconds}}
    if file.kind == "animation":
        # Telegram shows an animation as a document too, for clients that do not know animations.
        return {"animation": base | size | named | {"duration": seconds}, "document": base | named}
    return {"document": base | named}
