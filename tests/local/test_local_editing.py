"""Edits, deletions, reactions, and callback queries."""

from __future__ import annotations

from importlib.resources import files

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto

from bot.local.client import Page, Person

from .helpers import Api, Clock

PHOTO = files("bot.local").joinpath("standins", "photo.jpg").read_bytes()
KEYS = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Go", callback_data="go"))
SAME = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


async def test_edit_replaces_text_and_drops_the_keyboard(bot: telegram.Bot, person: Person, page: Page) -> None:
    sent = await bot.send_message(person.id, "old", reply_markup=KEYS)
    async with page.events() as events:
        edited = await bot.edit_message_text("<b>new</b>", person.id, sent.message_id, parse_mode="HTML")
        event = await anext(events)
    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.reply_markup) == ("new", None)
    assert edited.edit_date is not None
    assert event["type"] == "edited"
    assert event["item"]["edited"] is True


async def test_a_new_keyboard_alone_is_not_shown_as_edited(bot: telegram.Bot, person: Person) -> None:
    sent = await bot.send_message(person.id, "text")
    await bot.edit_message_reply_markup(person.id, sent.message_id, reply_markup=KEYS)
    item = (await person.read())["messages"][-1]
    assert item["edited"] is False
    assert item["message"]["reply_markup"] == KEYS.to_dict()


async def test_nothing_changed_is_refused(api: Api, person: Person) -> None:
    sent = (await api("sendMessage", chat_id=person.id, text="same"))["result"]
    answer = await api("editMessageText", chat_id=person.id, message_id=sent["message_id"], text="<b></b>same ",
                       parse_mode="HTML")  # fmt: skip
    assert answer == {"ok": False, "error_code": 400, "description": SAME}
    answer = await api("editMessageReplyMarkup", chat_id=person.id, message_id=sent["message_id"])
    assert answer["description"] == SAME


async def test_messages_that_cannot_be_edited(api: Api, bot: telegram.Bot, person: Person) -> None:
    own = (await person.send("mine"))["message"]["message_id"]
    photo = (await bot.send_photo(person.id, PHOTO)).message_id
    text = (await bot.send_message(person.id, "x")).message_id
    for method, number, refusal in [
        ("editMessageText", 4242, "message to edit not found"),
        ("editMessageText", own, "message can't be edited"),
        ("editMessageText", photo, "there is no text in the message to edit"),
        ("editMessageCaption", text, "there is no caption in the message to edit"),
        ("deleteMessage", 4242, "message to delete not found"),
        ("setMessageReaction", 4242, "message to react not found"),
    ]:
        answer = await api(method, chat_id=person.id, message_id=number, text="y")
        assert answer["description"] == f"Bad Request: {refusal}"
    answer = await api("deleteMessage", chat_id=person.id)
    assert answer["description"] == "Bad Request: message identifier is not specified"


async def test_media_and_caption_are_replaced(bot: telegram.Bot, person: Person) -> None:
    sent = await bot.send_photo(person.id, PHOTO, caption="one")
    edited = await bot.edit_message_media(InputMediaPhoto(PHOTO, caption="two"), person.id, sent.message_id)
    assert isinstance(edited, telegram.Message)
    assert edited.caption == "two"
    assert edited.photo[-1].file_unique_id != sent.photo[-1].file_unique_id
    edited = await bot.edit_message_caption(person.id, sent.message_id, caption="three")
    assert isinstance(edited, telegram.Message)
    assert edited.caption == "three"


async def test_delete_works_for_two_days(bot: telegram.Bot, person: Person, page: Page, clock: Clock) -> None:
    first = await bot.send_message(person.id, "first")
    theirs = (await person.send("mine"))["message"]["message_id"]
    async with page.events() as events:
        assert await bot.delete_message(person.id, theirs)
        assert await anext(events) == {"type": "deleted", "chat_id": person.id, "message_id": theirs}
    clock.time += 48 * 3600 + 1
    with pytest.raises(telegram.error.BadRequest, match="can't be deleted"):
        await bot.delete_message(person.id, first.message_id)


async def test_tap_makes_a_query_that_is_answered_once(bot: telegram.Bot, person: Person, page: Page) -> None:
    sent = await bot.send_message(person.id, "choose", reply_markup=KEYS)
    async with page.events() as events:
        query_id = await person.tap(sent.message_id, "go")
        (update,) = await bot.get_updates()
        query = update.callback_query
        assert query is not None
        assert (query.id, query.data, query.from_user.first_name) == (query_id, "go", "Ada")
        assert isinstance(query.message, telegram.Message)
        assert query.message.text == "choose"
        assert await bot.answer_callback_query(query.id, "Done", show_alert=True)
        event = await anext(events)
    assert event == {"type": "answer", "chat_id": person.id, "query_id": query_id, "text": "Done",
                     "show_alert": True, "url": ""}  # fmt: skip
    with pytest.raises(telegram.error.BadRequest, match="Query is too old"):
        await bot.answer_callback_query(query.id)


async def test_late_and_unknown_answers_are_refused(api: Api, person: Person, clock: Clock) -> None:
    sent = (await api("sendMessage", chat_id=person.id, text="x", reply_markup=KEYS.to_json()))["result"]
    query_id = await person.tap(sent["message_id"], "go")
    long = await api("answerCallbackQuery", callback_query_id=query_id, text="x" * 201)
    assert long["description"] == "Bad Request: MESSAGE_TOO_LONG"
    clock.time += 16
    refusal = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    for number in (query_id, "77"):
        assert (await api("answerCallbackQuery", callback_query_id=number))["description"] == refusal


async def test_reaction_is_shown(bot: telegram.Bot, api: Api, person: Person) -> None:
    own = (await person.send("thanks"))["message"]["message_id"]
    assert await bot.set_message_reaction(person.id, own, "👍")
    assert (await person.read())["messages"][-1]["reaction"] == "👍"
    answer = await api("setMessageReaction", chat_id=person.id, message_id=own,
                       reaction='[{"type":"emoji","emoji":"🏟"}]')  # fmt: skip
    assert answer["description"] == "Bad Request: REACTION_INVALID"
