"""sendMessage, sendPhoto, sendDocument, sendChatAction and their refusals."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import httpx
import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.local import Flood, LocalServer
from bot.local.client import Page, Person

from .helpers import Api, Clock

PHOTO = files("bot.local").joinpath("standins", "photo.jpg").read_bytes()


async def test_text_arrives_with_entities_and_keyboard(bot: telegram.Bot, person: Person) -> None:
    keyboard = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Go", callback_data="go"))
    sent = await bot.send_message(person.id, " <b>Hé</b> 🏟 /help ", parse_mode="HTML", reply_markup=keyboard)
    assert sent.text == "Hé 🏟 /help"
    assert sent.parse_entities() == {sent.entities[0]: "Hé", sent.entities[1]: "/help"}
    assert sent.reply_markup == keyboard
    item = (await person.read())["messages"][-1]
    assert item["mine"] is False
    assert telegram.Message.de_json(item["message"], bot) == sent


async def test_reply_quotes_the_message(bot: telegram.Bot, person: Person) -> None:
    question = (await person.send("Why?"))["message"]["message_id"]
    sent = await bot.send_message(person.id, "Because.", reply_parameters=telegram.ReplyParameters(question))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "Why?"


async def test_photo_and_document_can_be_fetched_again(bot: telegram.Bot, person: Person, page: Page) -> None:
    sent = await bot.send_photo(person.id, PHOTO, caption="<i>Hi</i>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (800, 600)
    assert sent.caption == "Hi"
    file = await bot.get_file(sent.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == PHOTO
    shown = await page.http.get(f"/local/files/{sent.photo[-1].file_unique_id}")
    assert (shown.content, shown.headers["content-type"]) == (PHOTO, "image/jpeg")
    again = await bot.send_photo(person.id, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    document = await bot.send_document(person.id, b"<script>", filename="a.html")
    assert document.document is not None
    assert document.document.file_name == "a.html"
    served = await page.http.get(f"/local/files/{document.document.file_unique_id}")
    assert served.headers["content-disposition"] == "attachment"
    assert served.headers["content-type"] == "application/octet-stream"


async def test_typing_reaches_the_page(bot: telegram.Bot, person: Person, page: Page) -> None:
    async with page.events() as events:
        await bot.send_chat_action(person.id, "typing")
        assert await anext(events) == {"type": "typing", "chat_id": person.id, "action": "typing"}


def keyboard(*rows: list[dict[str, Any]]) -> str:
    return json.dumps({"inline_keyboard": rows})


KEY = {"text": "x", "callback_data": "d"}
REFUSED: list[tuple[dict[str, str], str]] = [
    ({"text": ""}, "message text is empty"),
    ({"text": "  \n"}, "text must be non-empty"),
    ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
    ({"text": "x" * 4097}, "message is too long"),
    ({"text": "<b>x", "parse_mode": "html"},
     'can\'t parse entities: Can\'t find end tag corresponding to start tag "b"'),
    ({"text": "é<br>", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "br" at byte offset 2'),
    ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ({"text": "x", "entities": '[{"type":"bold","offset":5,"length":1}]'},
     "entity begins after the end of the text at UTF-16 offset 5"),
    ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ({"text": "x", "chat_id": "0"}, "chat not found"),
    ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
    ({"text": "x", "reply_parameters": '{"message_id":99999}'}, "message to be replied not found"),
    ({"text": "x", "reply_markup": keyboard([{"text": "x", "callback_data": "é" * 33}])}, "BUTTON_DATA_INVALID"),
    ({"text": "x", "reply_markup": keyboard([{"text": "x", "callback_data": ""}])},
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ({"text": "x", "reply_markup": keyboard([{"text": "x", "url": "not-a-url"}])},
     "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"),
    ({"text": "x", "reply_markup": keyboard([{"text": "x", "url": "ftp://example.com"}])},
     "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"),
    ({"text": "x", "reply_markup": keyboard([KEY] * 9)}, "reply markup is too long"),
    ({"text": "x", "reply_markup": keyboard(*[[KEY]] * 101)}, "reply markup is too long"),
    ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ({"text": "x", "reply_markup": '{"inline_keyboard":"bad"}'}, 'field "inline_keyboard" must be of type Array'),
]  # fmt: skip


@pytest.mark.parametrize(("values", "text"), REFUSED)
async def test_refusals(api: Api, person: Person, values: dict[str, str], text: str) -> None:
    answer = await api("sendMessage", **({"chat_id": str(person.id)} | values))
    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: {text}"}


async def test_longest_text_counts_scalars_after_parsing(api: Api, person: Person) -> None:
    text = f"<b>{'🏟' * 4096}</b>"
    assert (await api("sendMessage", chat_id=person.id, text=text, parse_mode="HTML"))["ok"]
    keys = keyboard(*[[KEY] * 8] * 12, [KEY] * 4)
    assert (await api("sendMessage", chat_id=person.id, text="x", reply_markup=keys))["ok"]


async def test_a_person_who_never_wrote_is_unknown(api: Api, page: Page) -> None:
    quiet = await page.create()
    assert (await api("sendMessage", chat_id=quiet.id, text="x"))["description"] == "Bad Request: chat not found"


async def test_blocked_bot_is_refused_until_unblocked(api: Api, bot: telegram.Bot, person: Person) -> None:
    await person.change(blocked=True)
    answer = await api("sendMessage", chat_id=person.id, text="x")
    assert answer == {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    (update,) = await bot.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    await person.change(blocked=False)
    assert (await api("sendMessage", chat_id=person.id, text="x"))["ok"]


async def test_bad_files_are_refused(api: Api, bot: telegram.Bot, person: Person) -> None:
    answer = await api("sendPhoto", chat_id=person.id)
    assert answer["description"] == "Bad Request: there is no photo in the request"
    with pytest.raises(telegram.error.BadRequest, match="Image_process_failed"):
        await bot.send_photo(person.id, b"not a picture")
    answer = await api("sendPhoto", chat_id=person.id, photo="AgAC-unknown")
    assert answer["description"] == "Bad Request: wrong file identifier/HTTP URL specified"
    answer = await api("getFile", file_id="nothing")
    assert answer["description"] == "Bad Request: invalid file_id"


async def test_flood_asks_to_wait(clock: Clock) -> None:
    async with LocalServer(clock=clock, flood=Flood(2, 10.0)) as server, Page(server.api_url) as page:
        person = await page.create()
        await person.start()
        async with telegram.Bot(server.token, base_url=f"{server.api_url}/bot") as bot:
            await bot.send_message(person.id, "1")
            clock.time += 4
            await bot.send_message(person.id, "2")
            with pytest.raises(telegram.error.RetryAfter) as caught:
                await bot.send_message(person.id, "3")
            assert caught.value._retry_after.total_seconds() == 6
            clock.time += 6
            await bot.send_message(person.id, "3")


async def test_bodies_of_all_kinds_and_names_in_any_case(server: LocalServer, person: Person) -> None:
    url = f"{server.api_url}/bot{server.token}"
    values = {"chat_id": str(person.id), "text": "x"}
    async with httpx.AsyncClient() as http:
        answers = [
            await http.get(f"{url}/sendmessage", params=values),
            await http.post(f"{url}/SENDMESSAGE", json={"chat_id": person.id, "text": "x"}),
            await http.post(f"{url}/sendMessage", data=values),
            await http.post(f"{url}/sendMessage", data=values, files={"unused": b"1"}),
        ]
        assert [answer.json()["ok"] for answer in answers] == [True] * 4


async def test_wrong_tokens_and_methods(server: LocalServer, api: Api) -> None:
    async with httpx.AsyncClient(base_url=server.api_url) as http:
        answer = await http.get("/bot1:wrong/getMe")
        assert (answer.status_code, answer.json()) == (
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
        )
    assert (await api("noSuchMethod"))["description"] == "Not Found: method not found"
    answer = await api("sendGame", chat_id=1, game_short_name="x")
    assert answer["error_code"] == 501
    assert "sendGame" in answer["description"]
