"""Plain bots of other libraries that know nothing of the local server; only the API address is changed."""

from __future__ import annotations

import asyncio

import pytest

from bot.local import LocalServer
from bot.local.client import Page
from bot.local.models import Json

from .running import LIBRARIES, running

pytestmark = pytest.mark.parametrize("library", LIBRARIES)


def texts(items: list[Json]) -> list[str]:
    """The bot's messages as text, oldest first."""
    return [item["message"].get("text") or item["message"]["caption"] for item in items if not item["mine"]]


def buttons(items: list[Json]) -> dict[str, tuple[int, str]]:
    """The buttons of the newest message: label to message id and callback data."""
    message = items[-1]["message"]
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {one["text"]: (message["message_id"], one["callback_data"]) for row in rows for one in row}


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_echo_bot(library: str, way: str, server: LocalServer, page: Page) -> None:
    ada = await page.create("Ada & Co", "en")
    async with running(library, "echo", server, way):
        await ada.start("from-afar")
        items = await ada.wait_for(lambda items: len(items) == 2)
        assert texts(items) == ["Hello Ada & Co! You came with from-afar."]
        assert (await ada.read())["bot"]["commands"][0]["description"] == "Say hello"

        said = await ada.send("1 < 2 & so on\n/nowhere 👍🏽 https://example.com")
        items = await ada.wait_for(lambda items: len(items) == 4)
        echoed = items[-1]["message"]
        assert echoed["text"] == said["message"]["text"]
        assert echoed["entities"] == said["message"]["entities"]
        assert echoed["reply_to_message"]["message_id"] == said["message"]["message_id"]
        if library == "aiogram":
            assert items[-2]["reaction"] == "👍"

        await ada.edit(said["message"]["message_id"], "1 > 0")
        items = await ada.wait_for(lambda items: len(items) == 5)
        assert texts(items)[-1] == "Now it says: 1 > 0"

        picture = (await ada.attach("photo"))["message"]["photo"][-1]
        items = await ada.wait_for(lambda items: len(items) == 8)
        again, file = items[-2]["message"], items[-1]["message"]
        assert again["photo"][-1]["file_unique_id"] == picture["file_unique_id"]
        assert again["caption"] == f"{picture['width']} × {picture['height']}"
        assert file["document"]["file_name"] == "echo.jpg"
        assert file["document"]["file_size"] == picture["file_size"]
        assert file["caption"] == f"{picture['file_size']} bytes"


@pytest.mark.filterwarnings("ignore:If 'per_message=False'")
async def test_conversation_bot(library: str, server: LocalServer, page: Page) -> None:
    ada, ben = await page.create("Ada"), await page.create("Ben")
    async with running(library, "conversation", server):
        await ada.send("/book")
        await ben.send("/book")
        await ada.wait_for(lambda items: len(items) == 2)
        keyboard = (await ada.read())["chat"]["keyboard"]
        assert [[key["text"] for key in row] for row in keyboard["keyboard"]] == [["1", "2", "3"], ["4", "5", "6"]]
        await ada.send("many")
        await ada.wait_for(lambda items: texts(items)[-1] == "Please send a number.")
        await ada.send("4")
        items = await ada.wait_for(lambda items: texts(items)[-1] == "At what time?")
        assert (await ada.read())["chat"]["keyboard"] is None
        async with page.events() as events:
            query = await ada.tap(*buttons(items)["19:00"])
            answer = await anext(event async for event in events if event["type"] == "answer")
        assert (answer["query_id"], answer["text"], answer["show_alert"]) == (query, "Noted", False)
        items = await ada.wait_for(lambda items: items[-1]["edited"])
        assert buttons(items) == {}
        await ada.send("By the window")
        items = await ada.wait_for(lambda items: "Book" in buttons(items))
        assert texts(items)[-1] == "4 at 19:00, By the window. Right?"
        await ada.tap(*buttons(items)["Book"])
        items = await ada.wait_for(lambda items: texts(items)[-1] == "Booked.")
        assert "reply_markup" not in items[-2]["message"]

        await ben.wait_for(lambda items: len(items) == 2)
        await ben.send("/cancel")
        items = await ben.wait_for(lambda items: len(items) == 4)
        assert texts(items) == ["How many of you?", "Nothing was booked."]


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_inline_bot(library: str, way: str, server: LocalServer, page: Page) -> None:
    ada, ben = await page.create("Ada"), await page.create("Ben")
    group = await page.create_group("Friends", ada, ben)
    async with running(library, "inline", server, way) as kept:
        await ada.start()
        items = await ada.wait_for(lambda items: len(items) == 2)
        assert texts(items) == ["Type @local_bot and some words in any chat."]
        query = await ben.within(group).ask_inline("tea & cake")
        loud, bold = (await ben.inline_answer(query))["results"]
        assert [(one["title"], one["description"]) for one in (loud, bold)] == [
            ("Capitals", "Loud"),
            ("Bold", "Strong"),
        ]
        await ben.choose(query, bold["id"])
        sent = (await ben.within(group).read())["messages"][-1]["message"]
        assert (sent["text"], sent["entities"][0]["type"]) == ("tea & cake", "bold")
        assert (sent["from"]["id"], sent["via_bot"]["username"]) == (ben.id, "local_bot")
        async with asyncio.timeout(5):
            while not (chosen := kept.get("chosen" if library != "aiogram" else "chosen_results")):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert chosen == ["bold"]
