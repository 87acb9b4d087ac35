"""Sending files: photos, documents, sounds, films and albums; by upload, by file_id or by URL."""

from __future__ import annotations

import secrets
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from bot.local import limits
from bot.local.errors import bad_request
from bot.local.files import NAMES, as_content, keep
from bot.local.images import read_picture
from bot.local.methods.common import Call, Markup, caption_content, read_markup, send, writable_chat
from bot.local.models import Json, StoredFile
from bot.local.params import Upload
from bot.local.store import Tx

MEDIA = frozenset({"photo", "document", "video", "audio", "animation"})
"""The kinds that `InputMedia` can be."""
FETCH_SECONDS = 10.0
REDIRECTS = 3
WRONG = "wrong file identifier/HTTP URL specified"
NOT_FETCHED = "failed to get HTTP URL content"

Source = Upload | str
"""What a parameter means: an upload, or the file_id of a file that is already known."""


async def send_photo(call: Call) -> Json:
    """Send a picture with an optional caption. Returns the `Message`."""
    return await _send_file(call, "photo")


async def send_document(call: Call) -> Json:
    """Send a file with an optional caption. Returns the `Message`."""
    return await _send_file(call, "document")


async def send_video(call: Call) -> Json:
    """Send a film with an optional caption. Returns the `Message`."""
    return await _send_file(call, "video")


async def send_animation(call: Call) -> Json:
    """Send a soundless film with an optional caption. Returns the `Message`."""
    return await _send_file(call, "animation")


async def send_audio(call: Call) -> Json:
    """Send a piece of music with an optional caption. Returns the `Message`."""
    return await _send_file(call, "audio")


async def send_voice(call: Call) -> Json:
    """Send a voice message with an optional caption. Returns the `Message`."""
    return await _send_file(call, "voice")


async def send_sticker(call: Call) -> Json:
    """Send a sticker. Returns the `Message`."""
    return await _send_file(call, "sticker")


async def send_media_group(call: Call) -> list[Json]:
    """Send two to ten files as one album. Returns the `Message` of each."""
    call.required("media")
    media = call.params.json("media", "media")
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    parts = [await _part(call, one) for one in media]
    least, most = limits.ALBUM
    if len(parts) < least:
        raise bad_request("there must be at least 2 messages in an album" if parts else "there are no messages to send")
    if len(parts) > most:
        raise bad_request("too many messages to send as an album")
    kinds = {kind for kind, _, _ in parts}
    if kinds & {"document", "audio"} and len(kinds) > 1:
        raise bad_request("can't use the media of the specified type in the album")
    album = str(secrets.randbits(53))
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        messages = []
        for kind, source, caption in parts:
            content = as_content(take_file(tx, kind, source)) | caption | {"media_group_id": album}
            messages.append(send(call, tx, chat, content, Markup()).message)
        return messages


async def _part(call: Call, raw: Any) -> tuple[str, Source, Json]:
    if not isinstance(raw, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    caption, kind = caption_content(raw), str(raw.get("type"))
    if not raw.get("media"):
        raise bad_request("can't parse InputMedia: media not found")
    if kind == "animation":
        raise bad_request("can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup")
    if kind not in MEDIA:
        raise bad_request(f'can\'t parse InputMedia: type "{kind}" is unsupported')
    return kind, await fetch(call, kind, "", str(raw["media"])), caption


async def fetch(call: Call, kind: str, field: str, reference: str) -> Source:
    """What a parameter means: an upload under `field`, `attach://name`, a URL that is fetched, or a file_id.

    Raises 400 if there is nothing. This waits for the network, so it comes before the transaction.
    """
    attached = reference.removeprefix("attach://") if reference.startswith("attach://") else field
    upload = call.params.files.get(attached)
    if upload is not None:
        return upload
    if not reference:
        raise bad_request(f"there is no {kind} in the request")
    if reference.startswith(("http://", "https://")):
        return await _download(kind, reference)
    return reference


def take_file(tx: Tx, kind: str, source: Source) -> StoredFile:
    """The stored file for what `fetch` returned. Raises 400."""
    if isinstance(source, Upload):
        return keep(tx, kind, source.name, source.data, source.mime)
    file = tx.file(file_id=source)
    if file is None:
        raise bad_request(WRONG)
    if file.kind != kind:
        raise bad_request(f"can't use file of type {NAMES[file.kind]} as {NAMES[kind]}")
    return file


async def _send_file(call: Call, kind: str) -> Json:
    source = await fetch(call, kind, kind, call.params.text(kind))
    caption = {} if kind == "sticker" else caption_content(call.params)
    markup = read_markup(call)
    with call.state.store.tx() as tx:
        chat = writable_chat(call, tx)
        file = take_file(tx, kind, source)
        content = caption | as_content(
            file,
            emoji=call.params.text("emoji"),
            seconds=call.params.integer("duration", 0, 0, 24 * 3600),
            title=call.params.text("title"),
            performer=call.params.text("performer"),
        )
        if kind in ("photo", "video", "animation"):
            content["has_media_spoiler"] = call.params.flag("has_spoiler") or None
            content["show_caption_above_media"] = call.params.flag("show_caption_above_media") or None
        return send(call, tx, chat, content, markup).message


async def _download(kind: str, url: str) -> Upload:
    """The file at a URL, which may be as large as Telegram takes it from there. Raises 400."""
    most = limits.URL_PHOTO_BYTES if kind == "photo" else limits.URL_FILE_BYTES
    data = bytearray()
    try:
        verify = url.startswith("https:")
        async with (
            httpx.AsyncClient(
                timeout=FETCH_SECONDS, follow_redirects=True, max_redirects=REDIRECTS, verify=verify, trust_env=False
            ) as http,
            http.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > most:
                    raise bad_request(NOT_FETCHED)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise bad_request(NOT_FETCHED) from error
    if kind == "photo" and read_picture(bytes(data)) is None:
        raise bad_request("wrong type of the web page content")
    name = PurePosixPath(unquote(urlsplit(url).path)).name or "file"
    return Upload(name, answer.headers.get("content-type", "").partition(";")[0], bytes(data))
