"""The page's interface: acts of a person, their refusals, and the guard against other sites."""

from __future__ import annotations

import httpx
import pytest
import telegram

from bot.local import LocalServer
from bot.local.client import Page, Person


async def refused(http: httpx.AsyncClient, method: str, path: str, body: object) -> tuple[int, str]:
    answer = await http.request(method, f"/local{path}", json=body)
    return answer.status_code, answer.json()["error"]


async def test_each_act_makes_its_update(bot: telegram.Bot, person: Person) -> None:
    sent = await person.send("/quiz now")
    for kind in ("photo", "sticker", "voice"):
        await person.attach(kind)
    await person.edit(sent["message"]["message_id"], "/help")
    text, photo, sticker, voice, edited = await bot.get_updates()
    assert text.message
    assert text.message.parse_entities() == {text.message.entities[0]: "/quiz"}
    assert photo.message
    assert photo.message.photo[-1].width == 800
    assert sticker.message
    assert sticker.message.sticker
    assert voice.message
    assert voice.message.voice
    assert edited.edited_message
    assert edited.edited_message.text == "/help"


async def test_language_and_name_are_told_to_the_bot(bot: telegram.Bot, person: Person) -> None:
    await person.change(language_code="de", first_name="Greta")
    await person.send("Hallo")
    (update,) = await bot.get_updates()
    assert update.effective_user is not None
    assert (update.effective_user.language_code, update.effective_user.first_name) == ("de", "Greta")


async def test_an_unchanged_edit_is_no_update(bot: telegram.Bot, person: Person) -> None:
    sent = await person.send("same")
    await person.edit(sent["message"]["message_id"], "same")
    assert len(await bot.get_updates()) == 1


async def test_refusals_have_codes(page: Page, person: Person, bot: telegram.Bot) -> None:
    theirs = (await bot.send_message(person.id, "x")).message_id
    chat = f"/chats/{person.id}"
    for method, path, body, expected in [
        ("POST", "/chats", {"first_name": " "}, (400, "bad_name")),
        ("POST", "/chats", {"first_name": "A", "language_code": "?"}, (400, "bad_language")),
        ("POST", "/chats/7/messages", {"text": "x"}, (404, "chat_not_found")),
        ("POST", chat + "/messages", {"text": "  "}, (400, "text_empty")),
        ("POST", chat + "/messages", {"text": "x" * 4097}, (400, "text_too_long")),
        ("POST", chat + "/messages", {"kind": "video"}, (400, "bad_request")),
        ("POST", chat + "/messages", [], (400, "bad_request")),
        ("POST", chat + "/start", {"payload": "a b"}, (400, "bad_payload")),
        ("POST", chat + "/start", {"payload": "x" * 65}, (400, "bad_payload")),
        ("POST", chat + "/taps", {"message_id": theirs, "data": "none"}, (404, "button_not_found")),
        ("POST", chat + "/taps", {"message_id": 999, "data": "none"}, (404, "message_not_found")),
        ("PATCH", f"{chat}/messages/{theirs}", {"text": "y"}, (404, "message_not_found")),
    ]:
        assert await refused(page.http, method, path, body) == expected
    await person.change(blocked=True)
    assert await refused(page.http, "POST", chat + "/messages", {"text": "x"}) == (409, "blocked")


async def test_deep_link_payload(bot: telegram.Bot, page: Page) -> None:
    ada = await page.create()
    await ada.start("faq_salary-1")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start faq_salary-1"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"host": "evil.example"}, "foreign_host"),
        ({"host": "127.0.0.1.evil.example"}, "foreign_host"),
        ({"origin": "https://evil.example"}, "foreign_origin"),
        ({"origin": "null"}, "foreign_origin"),
        ({"origin": "http://127.0.0.1:1"}, "foreign_origin"),
        ({"sec-fetch-site": "cross-site"}, "foreign_origin"),
    ],
)
async def test_other_sites_are_kept_out(server: LocalServer, headers: dict[str, str], code: str) -> None:
    async with httpx.AsyncClient(base_url=server.api_url) as http:
        for path in ("/local/chats", f"/bot{server.token}/getMe"):
            answer = await http.post(path, headers=headers, json={"first_name": "A"})
            assert (answer.status_code, answer.json()) == (403, {"error": code})
        own = await http.post("/local/chats", headers={"origin": server.api_url}, json={"first_name": "A"})
        assert own.status_code == 200


async def test_the_page_is_served_with_a_strict_policy(server: LocalServer) -> None:
    async with httpx.AsyncClient(base_url=server.api_url) as http:
        answer = await http.get("/")
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (await http.get("/page/../store.py")).status_code == 404
        assert (await http.get("/page/%2e%2e/store.py")).status_code == 404
