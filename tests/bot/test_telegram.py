"""The bot on a Bot API server over HTTP, as a person in the chat meets it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from bot_helpers import (
    Json,
    Relay,
    Service,
    answer_data,
    at_rest,
    attached,
    begun,
    buttons,
    document,
    from_bot,
    now,
    seen,
    step,
    styled,
    tapped,
    told,
    until,
)
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import TelegramError

from bot.local import LocalServer
from bot.local.client import Page, Person
from bot.local.text import format_text
from bot.telegram.client import make_bot
from bot.telegram.intake import received
from bot.telegram.rendering import html_of, keyboard_of
from conversations.commands import MENU
from conversations.messages import Kind, Reply
from conversations.session import Session
from knowledge.content import LANGUAGES

pytestmark = pytest.mark.usefixtures("quick")


# What a person sees


async def test_start_is_greeted_in_the_persons_language(bot: Bot, service: Service, page: Page) -> None:
    for language in LANGUAGES:
        person = await page.create("Ada", language)
        await person.start()
        (greeting,) = await seen(person, len)
        texts = service.knowledge.languages[language]
        assert greeting["text"] == texts.career.welcome.strip().replace("**", "")
        assert styled(greeting, "bold") == [texts.career.bot_name]
        assert texts.interface["button_quiz"] in buttons(greeting)


async def test_a_question_is_answered_with_bold_words_and_its_source(bot: Bot, service: Service, ada: Person) -> None:
    answer = await told(ada, "What does a CTO earn in Belgium?")
    assert "€" in answer["text"]
    assert "**" not in answer["text"]
    assert styled(answer, "bold")
    (source,) = styled(answer, "italic")
    assert source == answer["text"].rpartition("\n\n")[2]
    assert source.startswith(service.say("source").partition("{")[0])
    assert buttons(answer)


async def test_the_buttons_under_an_answer_work(bot: Bot, service: Service, ada: Person) -> None:
    greeting = await told(ada, "/start")
    (label, data), *_ = ((label, data) for label, data in buttons(greeting).items() if data.startswith("e1:"))
    answer = await tapped(ada, greeting, data)
    name = data.removeprefix("e1:")
    assert service.knowledge.languages["en"].entries[name].title == label
    assert styled(answer, "italic")
    offered = buttons(answer).get(service.say("button_more"))
    related = offered or next(data for data in buttons(answer).values() if data.startswith("e1:"))
    more = await tapped(ada, answer, related)
    assert more["message_id"] > answer["message_id"]
    assert more["text"] != answer["text"]


async def test_every_tap_is_acknowledged(relay: Relay, service: Service, server: LocalServer, ada: Person) -> None:
    async with service.on(relay.api_url, server.token):
        greeting = await told(ada, "/start")
        await tapped(ada, greeting, "c1:quiz")
        await until(lambda: relay.times("answerCallbackQuery"))


async def test_the_menu_and_descriptions_are_set_in_every_language(
    service: Service, server: LocalServer, client: Bot
) -> None:
    texts = service.knowledge.languages
    last = list(texts)[-1]

    async def done() -> bool:
        described = await client.get_my_short_description(language_code=last)
        return described.short_description == texts[last].career.bot_short_description

    async with service.on(server.api_url, server.token, languages=LANGUAGES):
        await until(done)
    for language in (None, *texts):
        own = texts[language or next(iter(texts))]
        menu = await client.get_my_commands(language_code=language)
        assert [command.command for command in menu] == list(MENU)
        assert [command.description for command in menu] == [own.interface[f"command_{name}"] for name in MENU]
        assert (await client.get_my_name(language_code=language)).name == own.career.bot_name
        assert (await client.get_my_description(language_code=language)).description == own.career.bot_description


async def test_what_is_set_already_is_not_set_again(
    relay: Relay, service: Service, server: LocalServer, client: Bot
) -> None:
    asked, last = "getMyShortDescription", service.knowledge.languages[LANGUAGES[-1]].career.bot_short_description

    async def all_is_set() -> bool:
        return (await client.get_my_short_description(language_code=LANGUAGES[-1])).short_description == last

    async with service.on(relay.api_url, server.token, languages=LANGUAGES):
        await until(all_is_set)
    first = [method for _, method in relay.calls if method.startswith("setMy")]
    assert {*first} >= {"setMyCommands", "setMyDescription", "setMyShortDescription"}
    relay.calls.clear()
    async with service.on(relay.api_url, server.token, languages=LANGUAGES):
        await until(lambda: len(relay.times(asked)) > len(LANGUAGES))
    assert [method for _, method in relay.calls if method.startswith("setMy")] == []


async def test_what_is_not_text_gets_a_kind_word(bot: Bot, service: Service, ada: Person) -> None:
    for kind in ("photo", "sticker", "voice"):
        assert (await attached(ada, kind))["text"] == service.say("attachment")


ODD_MESSAGES = (
    "CTO? " * 819 + "x",
    "a" * 4096,
    "👩‍💻🎉",
    "🙂" * 4096,
    "?",
    "https://example.com/a?b=c#d",
    "ما هو راتب المدير التقني؟",
    "首席技术官的薪水是多少？",
    "Сколько зарабатывает технический директор?",
    "ტექნიკური დირექტორი",
    "/unknown",
    "/",
    "//",
    "{salary} %s {0} **",
    "\u202e\u200b\u0301x",
)


async def test_anything_typed_is_answered(bot: Bot, service: Service, page: Page) -> None:
    for text in ODD_MESSAGES:
        person = await page.create("Ada", "en")
        assert len((await told(person, text))["text"]) > 20, text
    assert service.rows("SELECT state, count(*) FROM inbox GROUP BY state") == [("done", len(ODD_MESSAGES))]


async def test_the_longest_message_is_asked_for_in_short(bot: Bot, service: Service, ada: Person) -> None:
    assert (await told(ada, "What does a CTO earn? " * 186))["text"] == service.say("too_long")


async def test_html_in_a_message_is_text(bot: Bot, ada: Person) -> None:
    for words in ("What does a <b>plumber</b> & co earn?", "salary in <a href='x'>Norway</a>", "</i><b>", "&lt;b&gt;"):
        answer = await told(ada, words)
        assert "<" not in "".join(styled(answer, "bold"))
        assert not styled(answer, "text_link")


ANY_CHARACTER = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*")
WORDS = st.text(alphabet=st.sampled_from("<>&;/#\"'abp_`") | ANY_CHARACTER).map(lambda text: f"x{text}x")


@given(WORDS)
def test_whatever_a_reply_says_is_shown_to_the_letter(text: str) -> None:
    reply = Reply(kind=Kind.ANSWER, text=f"**{text}** {text}", language="en", source_line=text)
    shown, entities = format_text(html_of(reply), "HTML", None)
    assert shown == f"{text} {text}\n\n{text}"
    styles = {entity["type"] for entity in entities}
    assert styles - {"hashtag", "cashtag", "mention", "bot_command", "url", "email", "phone_number"} == {
        "bold",
        "italic",
    }


async def test_a_reply_without_its_own_markup_has_no_style(bot: Bot, ada: Person) -> None:
    answer = await told(ada, "/unknown")
    assert not answer.get("entities", [{"type": "bot_command"}])[1:]


# What is met with silence, and groups


async def test_an_edited_message_is_met_with_silence(bot: Bot, service: Service, ada: Person) -> None:
    item = await ada.send("/help")
    (first,) = await seen(ada, len)
    await ada.edit(item["message"]["message_id"], "/language")
    last = await told(ada, "/privacy")
    assert from_bot((await ada.read())["messages"]) == [first, last]


async def test_an_edit_that_was_waiting_at_the_first_start_is_met_with_silence(
    service: Service, server: LocalServer, ada: Person
) -> None:
    item = await ada.send("/help")
    await ada.edit(item["message"]["message_id"], "/language")
    await ada.change(blocked=True)
    await ada.change(blocked=False)
    async with service.on(server.api_url, server.token):
        await ada.send("/privacy")
        await seen(ada, lambda messages: len(messages) == 2)
        assert len(from_bot((await ada.read())["messages"])) == 2
    assert service.rows("SELECT count(*) FROM inbox") == [(2,)]


GROUP = {"id": -1_001_234_567_890, "type": "supergroup", "title": "Nerds"}
GRACE = {"id": 5, "is_bot": False, "first_name": "Grace", "language_code": "fr"}


def group_update(**message: Any) -> Json:
    whole = {"message_id": 9, "date": 1_790_000_000, "chat": GROUP, "from": GRACE} | message
    return {"update_id": 77, "message": whole}


def talk(text: str, kind: str = "mention", **message: Any) -> Json:
    """A group message in which every word with an @ is an entity."""
    entities = [
        {"type": kind, "offset": found.start(), "length": len(found[0])} for found in re.finditer(r"\S*@\S+", text)
    ]
    return group_update(text=text, entities=entities, **message)


BOT_USER = {"id": 4_242_424_242, "is_bot": True, "first_name": "Cap CTO", "username": "cap_cto_bot"}
OWN_MESSAGE = {"message_id": 8, "date": 1_790_000_000, "chat": GROUP, "from": BOT_USER, "text": "hi"}


CALLS = [
    talk("@cap_cto_bot what is a CTO?"),
    talk("hey @CAP_CTO_BOT"),
    talk("/help@cap_cto_bot", "bot_command"),
    group_update(text="and in France?", reply_to_message=OWN_MESSAGE),
    group_update(
        photo=[{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
        caption="@cap_cto_bot look",
        caption_entities=[{"type": "mention", "offset": 0, "length": 12}],
    ),
]


async def test_a_group_that_calls_the_bot_is_shown_the_way_to_it(client: Bot, service: Service) -> None:
    for raw in CALLS:
        taken = received(Update.de_json(raw, client), client)
        assert taken is not None, raw
        assert (taken.update_id, taken.chat_id) == (77, GROUP["id"])
        (reply,) = service.advisor.respond(Session(), taken.incoming, now()).replies
        assert reply.text == service.say("group", "fr")
        keyboard = keyboard_of(reply, client.username)
        assert keyboard is not None
        (button,) = keyboard.inline_keyboard[0]
        assert (button.text, button.url) == (service.say("button_open_private", "fr"), "https://t.me/cap_cto_bot")


PHOTO = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]


OTHER_TALK = [
    group_update(text="what does a CTO earn?"),
    talk("@cap_cto_bot_fan what does a CTO earn?"),
    talk("/help@cap_cto_bot2", "bot_command"),
    talk("/help", "bot_command"),
    group_update(text="cap_cto_bot is a bot"),
    group_update(photo=PHOTO),
    group_update(photo=PHOTO, caption="what a CTO"),
    group_update(new_chat_members=[BOT_USER]),
    group_update(left_chat_member=GRACE),
    group_update(text="hi", reply_to_message=OWN_MESSAGE | {"from": GRACE}),
    group_update(**{"text": "@cap_cto_bot", "from": BOT_USER | {"id": 6, "username": "other_bot"}}),
    {"update_id": 77, "edited_message": talk("@cap_cto_bot hi")["message"]},
    {"update_id": 77, "channel_post": OWN_MESSAGE | {"chat": GROUP | {"type": "channel"}}},
    {
        "update_id": 77,
        "callback_query": {"id": "1", "from": GRACE, "chat_instance": "1", "data": "x", "message": OWN_MESSAGE},
    },
    {"update_id": 77, "callback_query": {"id": "1", "from": GRACE, "chat_instance": "1", "data": "x"}},
    {"update_id": 77, "inline_query": {"id": "1", "from": GRACE, "query": "x", "offset": ""}},
    {"update_id": 77},
]


async def test_other_talk_is_met_with_silence(client: Bot) -> None:
    for raw in OTHER_TALK:
        assert received(Update.de_json(raw, client), client) is None, raw


async def test_a_tap_on_a_message_too_old_for_telegram_still_counts(client: Bot) -> None:
    gone = {"message_id": 3, "date": 0, "chat": {"id": 5, "type": "private", "first_name": "Grace"}}
    query = {"id": "1", "from": GRACE, "chat_instance": "1", "data": "e1:a.b", "message": gone}
    taken = received(Update.de_json({"update_id": 77, "callback_query": query}, client), client)
    assert taken is not None
    assert taken.chat_id == 5
    assert taken.incoming.event.model_dump() == {"type": "tap", "data": "e1:a.b"}


async def test_a_button_of_an_older_version_gets_an_answer(bot: Bot, service: Service, ada: Person) -> None:
    await told(ada, "/start")
    for data in ("e0:gone", "e1:gone.entry", "m1:gone", "zzz", "c9:quiz", "q0:1", "q1:9:9:z"):
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Old", callback_data=data)]])
        await bot.send_message(ada.id, "an old message", reply_markup=keyboard)
        old = from_bot((await ada.read())["messages"])[-1]
        answer = await tapped(ada, old, data)
        quiz = service.knowledge.languages["en"].quiz.stale
        assert answer["text"] == (quiz if data.startswith("q") else service.say("stale_button"))


# The quiz


async def test_the_quiz_stays_one_message_while_it_is_tapped(bot: Bot, service: Service, ada: Person) -> None:
    question = await begun(ada)
    total = len(service.knowledge.quiz.order)
    for number in range(1, total + 1):
        assert step(question) == number
        following = await tapped(ada, question, answer_data(question, number % 5))
        if number < total:
            assert following["message_id"] == question["message_id"]
            question = following
    messages = await seen(ada, lambda messages: len(messages) == 3)
    result, picture, situation = messages
    assert result["message_id"] == question["message_id"]
    assert "%" in result["text"]
    assert "photo" in picture
    assert picture["caption"].partition("%")[0] == result["text"].partition("%")[0]
    assert situation["message_id"] > picture["message_id"]
    assert list(document(service, ada).quiz.answers.values()) == [number % 5 for number in range(1, total + 1)]


async def test_the_quiz_moves_to_the_end_when_it_is_typed(bot: Bot, ada: Person) -> None:
    first = await begun(ada)
    await ada.send("4")
    messages = await seen(ada, lambda messages: [step(message) for message in messages] == [2])
    assert messages[-1]["message_id"] > first["message_id"]


async def test_a_question_in_the_quiz_is_answered_and_the_quiz_comes_back(bot: Bot, ada: Person) -> None:
    question = await begun(ada)
    question = await tapped(ada, question, answer_data(question, 2))
    await ada.send("What does a CTO earn in Belgium?")
    messages = await seen(ada, lambda messages: [step(message) for message in messages] == [0, 2])
    assert "€" in messages[0]["text"]
    assert messages[1]["message_id"] > messages[0]["message_id"] > question["message_id"]


async def test_two_taps_on_one_question_count_once(bot: Bot, service: Service, ada: Person) -> None:
    question = await begun(ada)
    await asyncio.gather(*(ada.tap(question["message_id"], answer_data(question, 3)) for _ in range(3)))
    await until(lambda: service.rows("SELECT count(*) FROM inbox WHERE state = 'done'") == [(5,)])
    await at_rest(service)
    assert document(service, ada).quiz.answers == {service.knowledge.quiz.order[0]: 3}
    assert step(from_bot((await ada.read())["messages"])[-1]) == 2


async def test_when_the_quiz_message_is_gone_it_is_sent_anew(bot: Bot, ada: Person) -> None:
    question = await begun(ada)
    await ada.tap(question["message_id"], answer_data(question, 2))
    messages = await seen(ada, lambda messages: step(messages[-1]) == 2)
    await bot.delete_message(ada.id, messages[-1]["message_id"])
    await ada.send("3")
    messages = await seen(ada, lambda messages: messages and step(messages[-1]) == 3)
    assert messages[-1]["message_id"] > question["message_id"]


async def test_forgetting_leaves_nothing_of_the_chat(bot: Bot, service: Service, ada: Person) -> None:
    await begun(ada)
    question = await told(ada, "/forget")
    await ada.tap(question["message_id"], "c1:forget:yes")
    await seen(ada, lambda messages: messages[-1]["text"] == service.say("forgotten"))
    await at_rest(service)
    for table in ("sessions", "slots", "outbox", "inbox"):
        assert service.rows(f"SELECT * FROM {table} WHERE chat IS NOT NULL") == []


async def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        bot = make_bot("http://telegram.invalid", "1:x")
        with pytest.raises(TelegramError):
            await bot.initialize()
        await bot.shutdown()
    assert asked[0].split()[:2] == ["POST", "http://telegram.invalid/bot1:x/getMe"]
