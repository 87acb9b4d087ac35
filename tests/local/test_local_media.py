"""Files of all kinds, albums, forwarding and copying, pinning, drafts, and what people send."""

from __future__ import annotations

from importlib.resources import files

import pytest
import telegram
from telegram import InputMediaDocument, InputMediaPhoto

from bot.local.client import Page, Person

from .helpers import Api, Site

PHOTO = files("bot.local").joinpath("standins", "photo.jpg").read_bytes()
STICKER = files("bot.local").joinpath("standins", "sticker.webp").read_bytes()


async def test_every_kind_of_file(bot: telegram.Bot, person: Person) -> None:
    video = await bot.send_video(person.id, b"film", duration=7, caption="c", filename="a.mp4")
    assert video.video is not None
    assert (video.video.duration, video.video.mime_type, video.caption) == (7, "video/mp4", "c")
    audio = await bot.send_audio(person.id, b"song", title="t", performer="p", filename="a.mp3")
    assert audio.audio is not None
    assert (audio.audio.title, audio.audio.performer) == ("t", "p")
    voice = await bot.send_voice(person.id, b"words", duration=3)
    assert voice.voice is not None
    sticker = await bot.send_sticker(person.id, STICKER, emoji="🙂")
    assert sticker.sticker is not None
    animation = await bot.send_animation(person.id, b"gif", filename="a.gif")
    assert animation.animation is not None
    again = await bot.send_video(person.id, video.video.file_id)
    assert again.video is not None
    assert again.video.file_unique_id == video.video.file_unique_id


async def test_an_album(bot: telegram.Bot, person: Person) -> None:
    sent = await bot.send_media_group(person.id, [InputMediaPhoto(PHOTO, caption="one"), InputMediaPhoto(PHOTO)])
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["one", None]
    files = await bot.send_media_group(person.id, [InputMediaDocument(b"a"), InputMediaDocument(b"b")])
    assert all(message.document for message in files)


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (200, PHOTO, ""),
        (404, b"", "failed to get HTTP URL content"),
        (200, b"<html>", "wrong type of the web page content"),
        (200, PHOTO + b"x" * 5_300_000, "failed to get HTTP URL content"),
    ],
)
async def test_a_photo_by_url(api: Api, person: Person, status: int, body: bytes, refusal: str) -> None:
    async with Site(reply=lambda _: (status, "image/jpeg", body)) as site:
        answer = await api("sendPhoto", chat_id=person.id, photo=site.url)
    if refusal:
        assert answer["description"] == f"Bad Request: {refusal}"
    else:
        assert answer["result"]["photo"][0]["width"] == 800


async def test_forward_and_copy(bot: telegram.Bot, page: Page, person: Person) -> None:
    noor = await page.create("Noor")
    await noor.start()
    photo = await bot.send_photo(person.id, PHOTO, caption="one")
    mine = (await person.send("from me"))["message"]["message_id"]
    forwarded = await bot.forward_message(noor.id, person.id, mine)
    assert forwarded.forward_origin is not None
    assert (forwarded.text, forwarded.forward_origin.sender_user.id) == ("from me", person.id)  # type: ignore[attr-defined]
    await bot.copy_message(noor.id, person.id, photo.message_id, caption="<i>two</i>", parse_mode="HTML")
    copied = (await noor.read())["messages"][-1]["message"]
    assert (copied["caption"], copied["photo"][0]["file_unique_id"]) == ("two", photo.photo[0].file_unique_id)
    assert "forward_origin" not in copied
    ids = await bot.copy_messages(noor.id, person.id, [photo.message_id, mine], remove_caption=True)
    first, last = [item["message"] for item in (await noor.read())["messages"][-2:]]
    assert [first["message_id"], last["message_id"]] == [one.message_id for one in ids]
    assert "photo" in first
    assert "caption" not in first
    assert len(await bot.forward_messages(noor.id, person.id, [photo.message_id, mine])) == 2


async def test_pinning(bot: telegram.Bot, page: Page, person: Person) -> None:
    first = await bot.send_message(person.id, "first")
    second = await bot.send_message(person.id, "second")
    for message in (first, second):
        assert await bot.pin_chat_message(person.id, message.message_id)
    assert (await bot.get_chat(person.id)).pinned_message.text == "second"  # type: ignore[union-attr]
    assert (await person.read())["messages"][-1]["message"]["pinned_message"]["text"] == "second"
    await bot.unpin_chat_message(person.id)
    assert (await bot.get_chat(person.id)).pinned_message.text == "first"  # type: ignore[union-attr]
    await bot.unpin_all_chat_messages(person.id)
    assert (await person.read())["chat"]["pinned"] == []


async def test_small_things(bot: telegram.Bot, person: Person) -> None:
    assert 1 <= (await bot.send_dice(person.id, emoji="🎰")).dice.value <= 64  # type: ignore[union-attr]
    assert (await bot.send_location(person.id, 50.8, 4.3)).location.latitude == 50.8  # type: ignore[union-attr]
    assert (await bot.send_venue(person.id, 50.8, 4.3, "Here", "Street 1")).venue.title == "Here"  # type: ignore[union-attr]
    assert (await bot.send_contact(person.id, "+32", "Ada")).contact.first_name == "Ada"  # type: ignore[union-attr]
    numbers = [(await bot.send_message(person.id, text)).message_id for text in "ab"]
    assert await bot.delete_messages(person.id, [*numbers, 99_999])
    assert "a" not in [item["message"].get("text") for item in (await person.read())["messages"]]


async def test_a_draft_is_shown_and_is_no_message(api: Api, page: Page, person: Person) -> None:
    before = len((await person.read())["messages"])
    async with page.events() as events:
        await api("sendMessageDraft", chat_id=person.id, draft_id=5, text="*thinking*", parse_mode="MarkdownV2")
        event = await anext(events)
    assert (event["type"], event["draft_id"], event["text"], event["entities"][0]["type"]) == (
        "draft",
        "5",
        "thinking",
        "bold",
    )
    assert len((await person.read())["messages"]) == before


async def test_what_people_send(bot: telegram.Bot, page: Page, person: Person) -> None:
    await person.upload("photo", PHOTO, caption="see /this")
    await person.upload("document", b"data", name="a.txt")
    await person.share(location={"latitude": 1.5, "longitude": 2.5})
    await person.share(contact={"phone_number": "+32", "first_name": "Ada"})
    photo, document, place, contact = [update.message for update in await bot.get_updates()]
    assert photo is not None
    assert (photo.caption, photo.caption_entities[0].type) == ("see /this", "bot_command")
    assert document is not None
    assert document.document is not None
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"data"
    assert place is not None
    assert place.location is not None
    assert contact is not None
    assert contact.contact is not None
    await person.delete(photo.message_id)
    assert photo.message_id not in [item["message"]["message_id"] for item in (await person.read())["messages"]]
    for body in ({"kind": "photo", "data": "%"}, {"kind": "voice", "data": ""}, {"location": 5}):
        answer = await page.http.post(f"/local/chats/{person.id}/messages", json=body)
        assert (answer.status_code, answer.json()) == (400, {"error": "bad_request"})
    bad = {"kind": "photo", "data": "aGk="}
    assert (await page.http.post(f"/local/chats/{person.id}/messages", json=bad)).json() == {"error": "bad_file"}


async def test_markdown_is_understood(bot: telegram.Bot, person: Person) -> None:
    sent = await bot.send_message(person.id, "*bold* _it_ `1.0`", parse_mode="MarkdownV2")
    assert (sent.text, [entity.type for entity in sent.entities]) == ("bold it 1.0", ["bold", "italic", "code"])
    old = await bot.send_message(person.id, "*bold* 1.0", parse_mode="Markdown")
    assert (old.text, old.entities[0].type) == ("bold 1.0", "bold")


async def test_a_quote(bot: telegram.Bot, person: Person) -> None:
    mine = (await person.send("one two three"))["message"]["message_id"]
    sent = await bot.send_message(person.id, "x", reply_parameters=telegram.ReplyParameters(mine, quote="two"))
    assert sent.quote is not None
    assert (sent.quote.text, sent.quote.position) == ("two", 4)
