"""getUpdates: order, forgetting, waiting, 409, expiry; and what survives a restart."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
import telegram
from telegram import BotCommand

from bot.local import LocalServer, PortInUse
from bot.local.client import Page, Person

from .helpers import Api, Clock, client_of


async def test_updates_stay_until_the_next_offset(bot: telegram.Bot, person: Person) -> None:
    for text in ("/help one", "two", "three"):
        await person.send(text)
    first, second, third = await bot.get_updates()
    assert first.message is not None
    assert first.message.parse_entities(["bot_command"])
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [first.update_id, second.update_id]
    assert [u.update_id for u in await bot.get_updates(offset=third.update_id)] == [third.update_id]
    assert [u.update_id for u in await bot.get_updates()] == [third.update_id]
    assert await bot.get_updates(offset=third.update_id + 1) == ()
    assert await bot.get_updates() == ()


async def test_negative_offset_keeps_the_last(bot: telegram.Bot, person: Person) -> None:
    for text in ("one", "two", "three"):
        await person.send(text)
    updates = await bot.get_updates(offset=-1)
    assert [update.message.text for update in updates if update.message] == ["three"]
    assert len(await bot.get_updates()) == 1


async def test_long_poll_ends_with_the_first_update(bot: telegram.Bot, person: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.sleep(0.1)
    assert not poll.done()
    started = time.monotonic()
    await person.send("hello")
    (update,) = await poll
    assert time.monotonic() - started < 2
    assert update.message is not None
    assert update.message.text == "hello"


async def test_second_poller_ends_the_first(api: Api, person: Person) -> None:
    first = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(api("getUpdates", timeout=30))
    answer = await first
    assert answer["error_code"] == 409
    assert answer["description"].startswith("Conflict: terminated by other getUpdates request")
    await person.send("hello")
    assert len((await second)["result"]) == 1


async def test_repeated_offset_is_slowed_down() -> None:
    async with LocalServer() as server, client_of(server) as bot:
        await bot.get_updates()
        started = time.monotonic()
        await bot.get_updates()
        assert time.monotonic() - started > 2.5


async def test_updates_expire(bot: telegram.Bot, person: Person, clock: Clock) -> None:
    key = telegram.InlineKeyboardButton("Go", callback_data="go")
    sent = await bot.send_message(person.id, "x", reply_markup=telegram.InlineKeyboardMarkup.from_button(key))
    await person.tap(sent.message_id, "go")
    await person.send("hello")
    assert len(await bot.get_updates()) == 2
    clock.time += 151
    (update,) = await bot.get_updates()
    assert update.message is not None
    clock.time += 86_400
    assert (await bot.get_webhook_info()).pending_update_count == 0


async def test_only_allowed_kinds_are_queued(bot: telegram.Bot, person: Person) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    sent = await person.send("hello")
    await bot.get_updates(allowed_updates=["edited_message"])
    await person.edit(sent["message"]["message_id"], "hello again")
    (update,) = await bot.get_updates()
    assert update.edited_message is not None
    assert update.edited_message.text == "hello again"


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    async with LocalServer(path) as server, Page(server.api_url) as page:
        token = server.token
        person = await page.create("Noor", "nl")
        await person.start("deep")
        async with client_of(server) as bot:
            sent = await bot.send_message(person.id, "hello")
            await bot.set_my_commands([BotCommand("start", "Begin")], language_code="nl")
            photo = await bot.send_document(person.id, b"data", filename="a.txt")
    async with LocalServer(path, slow_repeats=False) as server, Page(server.api_url) as page:
        assert server.token == token
        (chat,) = await page.chats()
        assert (chat["id"], chat["first_name"], chat["language_code"]) == (person.id, "Noor", "nl")
        again = Person(page.http, person.id)
        seen = await again.read()
        assert [item["message"].get("text") for item in seen["messages"]] == ["/start deep", "hello", None]
        assert seen["bot"]["commands"] == [{"command": "start", "description": "Begin"}]
        async with client_of(server) as bot:
            (update,) = await bot.get_updates()
            assert update.message is not None
            assert update.message.text == "/start deep"
            assert photo.document is not None
            file = await bot.get_file(photo.document.file_id)
            assert bytes(await file.download_as_bytearray()) == b"data"
            await again.send("more")
            newer = (await bot.get_updates())[-1]
            assert newer.update_id == update.update_id + 1
            assert newer.message is not None
            assert newer.message.message_id > sent.message_id


async def test_stop_ends_an_open_poll_quickly() -> None:
    server = LocalServer()
    await server.start()
    async with client_of(server) as bot:
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await server.stop()
        assert time.monotonic() - started < 3
        assert await poll == ()
    await server.stop()


async def test_a_port_in_use_is_named(server: LocalServer) -> None:
    with pytest.raises(PortInUse) as caught:
        await LocalServer(port=server.port).start()
    assert caught.value.port == server.port
