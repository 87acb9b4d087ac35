"""Inline mode: asking, answering, choosing, and editing what was chosen."""

from __future__ import annotations

import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResultArticle, InputTextMessageContent

from bot.local.client import Control, Page, Person

from .helpers import Api

KEYS = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Go", callback_data="go"))


def article(number: str, keys: InlineKeyboardMarkup | None = None) -> InlineQueryResultArticle:
    content = InputTextMessageContent("<b>Chosen</b>", parse_mode="HTML")
    return InlineQueryResultArticle(number, "Title", content, reply_markup=keys, description="About")


async def test_from_question_to_edited_choice(bot: telegram.Bot, api: Api, person: Person, page: Page) -> None:
    async with page.events() as events:
        query_id = await person.ask_inline("how", "5")
        (update,) = await bot.get_updates()
        query = update.inline_query
        assert query is not None
        assert (query.id, query.query, query.offset, query.chat_type) == (query_id, "how", "5", "sender")
        await bot.answer_inline_query(query.id, [article("a", KEYS), article("b")], next_offset="10")
        event = await anext(events)
    assert (event["type"], event["query_id"]) == ("inline_answer", query_id)
    answer = await person.inline_answer(query_id)
    assert answer["results"] == [
        {"type": "article", "id": "a", "title": "Title", "description": "About"},
        {"type": "article", "id": "b", "title": "Title", "description": "About"},
    ]
    assert answer["next_offset"] == "10"
    item = await person.choose(query_id, "a")
    assert item["mine"]
    assert (item["message"]["text"], item["message"]["via_bot"]["username"]) == ("Chosen", "local_bot")
    chosen, message = (await bot.get_updates(offset=update.update_id + 1))[:2]
    result = chosen.chosen_inline_result
    assert result is not None
    assert (result.result_id, result.query) == ("a", "how")
    assert message.message is not None
    assert message.message.via_bot is not None
    assert await bot.edit_message_text("Edited", inline_message_id=result.inline_message_id, reply_markup=KEYS) is True
    assert (await person.read())["messages"][-1]["message"]["text"] == "Edited"
    await person.tap(item["message"]["message_id"], "go")
    tapped = (await bot.get_updates())[-1].callback_query
    assert tapped is not None
    assert (tapped.message, tapped.inline_message_id) == (None, result.inline_message_id)


async def test_without_a_keyboard_there_is_nothing_to_edit(bot: telegram.Bot, api: Api, person: Person) -> None:
    query_id = await person.ask_inline("how")
    await bot.answer_inline_query(query_id, [article("b")])
    await person.choose(query_id, "b")
    updates = (await api("getUpdates"))["result"]
    (chosen,) = [one["chosen_inline_result"] for one in updates if "chosen_inline_result" in one]
    assert "inline_message_id" not in chosen


async def test_queries_wait_half_a_minute(api: Api, control: Control, person: Person) -> None:
    query_id = await person.ask_inline("how")
    await control.advance(31)
    assert (await api("getUpdates"))["result"] == []
    answer = await api("answerInlineQuery", inline_query_id=query_id, results="[]")
    assert "query is too old" in answer["description"]


async def test_a_bot_without_inline_mode_or_feedback(api: Api, control: Control, person: Person) -> None:
    await control.settings(inline_feedback=False)
    query_id = await person.ask_inline("how")
    results = '[{"type":"location","id":"a","title":"Here","latitude":50.8,"longitude":4.3}]'
    assert (await api("answerInlineQuery", inline_query_id=query_id, results=results))["ok"]
    item = await person.choose(query_id, "a")
    assert item["message"]["location"] == {"latitude": 50.8, "longitude": 4.3}
    updates = (await api("getUpdates"))["result"]
    assert not any("chosen_inline_result" in one for one in updates)
    await control.settings(supports_inline_queries=False)
    answer = await control.http.post(f"/local/chats/{person.id}/inline", json={"query": "how"})
    assert (answer.status_code, answer.json()) == (409, {"error": "inline_off"})


async def test_a_choice_in_a_group_is_the_persons(api: Api, bot: telegram.Bot, page: Page) -> None:
    ada, noor = await page.create("Ada"), await page.create("Noor")
    group = await page.create_group("Team", ada, noor)
    query_id = await noor.within(group).ask_inline("how")
    asked = (await api("getUpdates"))["result"][-1]["inline_query"]
    assert (asked["chat_type"], asked["from"]["id"]) == ("group", noor.id)
    await bot.answer_inline_query(query_id, [article("a")])
    item = await noor.choose(query_id, "a")
    assert (item["message"]["chat"]["id"], item["message"]["from"]["id"]) == (group, noor.id)
    answer = await page.http.post(f"/local/inline/{query_id}/choice", json={"result_id": "zzz"})
    assert answer.json() == {"error": "result_not_found"}
    assert (await page.http.get("/local/inline/nothing")).json() == {"error": "query_not_found"}
