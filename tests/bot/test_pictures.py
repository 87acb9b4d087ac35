"""Pictures and files on their way to the chat: caption, slot, retries, and what happens where there is no picture."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from bot_helpers import Json, Relay, Service, buttons, from_bot, seen, told, until
from telegram import Bot

from bot.local import LocalServer
from bot.local.client import Person
from bot.local.images import read_picture
from bot.pictures import draw
from bot.telegram.client import make_bot
from bot.telegram.delivery import Sender
from bot.telegram.rates import Rates
from conversations.messages import Button, Document, Incoming, Kind, Reply, ResultCard, ShareCard, Show, Spoke
from conversations.session import Session, Turn
from conversations.store.work import Outgoing

pytestmark = pytest.mark.usefixtures("quick")

CARD = ResultCard(
    language="en",
    title="Affinity",
    figure="64%",
    span="between 54 and 74",
    percent=64,
    low=54,
    high=74,
    neutral_name="the middle",
    spokes=tuple(Spoke(name=f"Dimension {number}", value=10 * number, level="strong") for number in range(6)),
    types_title="Closest",
    types=("thinker",),
    date="1 March 2026",
    note="It predicts nothing.",
)
SHARE = ShareCard(
    language="en", title="What kind?", types=("one", "two", "three", "four"), chosen=(1,), call="And you?"
)
CAPTION = "**64%**, between 54 and 74 & <no> forecast"
READ = "64%, between 54 and 74 & <no> forecast"


def reply(text: str = CAPTION, **changes: Any) -> Reply:
    """A reply with a picture."""
    fields: dict[str, Any] = {
        "kind": Kind.QUIZ,
        "text": text,
        "language": "en",
        "slot": "quiz:1:card",
        "card": CARD,
        "buttons": ((Button(label="Share", data="q1:1:22:share"),),),
    }
    return Reply.model_validate(fields | changes)


async def send(bot: Bot, person: Person, sent: Reply, old: int | None = None) -> int:
    """Delivers a reply; the message's id."""
    noted: list[int] = []

    async def note(_: Outgoing, message_id: int) -> None:
        noted.append(message_id)

    async def check(_: int) -> None:
        pass

    sender = Sender(bot, Rates(), check, note)
    message_id = await sender.send(Outgoing(1, 0, person.id, sent, old))
    if old is not None and old != message_id:
        await sender.remove(person.id, old)
    assert noted == [message_id]
    return message_id


async def chat(person: Person) -> list[Json]:
    """The bot's messages."""
    return from_bot((await person.read())["messages"])


async def content(bot: Bot, message: Json) -> bytes:
    """The bytes of a message's picture or file."""
    file = message["photo"][-1] if "photo" in message else message["document"]
    return bytes(await (await bot.get_file(file["file_id"])).download_as_bytearray())


@pytest.fixture
async def ada(ada: Person) -> Person:
    """Ada, to whom the bot may write."""
    await ada.start()
    return ada


async def test_a_picture_comes_with_its_caption_and_buttons(client: Bot, ada: Person) -> None:
    for card in (CARD, SHARE):
        await send(client, ada, reply(card=card))
        message = (await chat(ada))[-1]
        assert message["caption"] == READ
        assert [one["type"] for one in message["caption_entities"]] == ["bold"]
        assert list(buttons(message)) == ["Share"]
        file = await content(client, message)
        assert file == draw(card, client.username)
        size = read_picture(file)
        assert size is not None
        assert (message["photo"][-1]["width"], message["photo"][-1]["height"]) == (size.width, size.height)


async def test_an_edit_changes_the_caption_and_keeps_the_picture(client: Bot, ada: Person) -> None:
    first = await send(client, ada, reply())
    (before,) = await chat(ada)
    thanked = reply("Thank you", show=Show.EDIT, buttons=())
    assert await send(client, ada, thanked, first) == first
    (after,) = await chat(ada)
    assert (after["caption"], after["photo"]) == ("Thank you", before["photo"])
    assert "reply_markup" not in after
    assert await send(client, ada, thanked, first) == first
    assert await chat(ada) == [after]


async def test_a_moved_picture_stands_at_the_end_and_the_old_one_is_gone(client: Bot, ada: Person) -> None:
    first = await send(client, ada, reply())
    await send(client, ada, reply("in between", card=None, slot=""))
    moved = await send(client, ada, reply(show=Show.MOVE), first)
    assert [message["message_id"] for message in await chat(ada)] == [first + 1, moved]


async def test_an_edit_of_a_picture_that_is_gone_sends_it_anew(client: Bot, ada: Person) -> None:
    first = await send(client, ada, reply())
    await client.delete_message(ada.id, first)
    second = await send(client, ada, reply(show=Show.EDIT), first)
    (message,) = await chat(ada)
    assert (message["message_id"], "photo" in message) == (second, True)


async def test_a_slot_may_turn_from_picture_to_text_and_back(client: Bot, ada: Person) -> None:
    first = await send(client, ada, reply())
    second = await send(client, ada, reply("words", card=None, show=Show.EDIT), first)
    assert [(one["message_id"], one.get("text")) for one in await chat(ada)] == [(second, "words")]
    third = await send(client, ada, reply(show=Show.EDIT), second)
    assert [(one["message_id"], one.get("caption")) for one in await chat(ada)] == [(third, READ)]


async def test_a_picture_that_cannot_be_drawn_leaves_its_text_and_one_line(
    client: Bot, ada: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> bytes:
        raise OSError("cannot open resource of 64%")

    with monkeypatch.context() as patch:
        patch.setattr("bot.pictures.draw", broken)
        first = await send(client, ada, reply())
    (message,) = await chat(ada)
    assert message["text"] == READ
    assert list(buttons(message)) == ["Share"]
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "a picture could not be drawn (OSError); its text is sent alone"
    await send(client, ada, reply(show=Show.EDIT), first)
    (message,) = await chat(ada)
    assert (message["caption"], "photo" in message) == (READ, True)


async def test_a_picture_that_telegram_refuses_leaves_its_text_and_one_line(
    relay: Relay, server: LocalServer, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    relay.answer("sendPhoto", 400, '{"ok": false, "error_code": 400, "description": "Bad Request: PHOTO_SAVE_FAILED"}')
    async with make_bot(relay.api_url, server.token) as bot:
        await send(bot, ada, reply())
    (message,) = await chat(ada)
    assert message["text"] == READ
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage().lower() == "telegram refused a picture (photo_save_failed); its text is sent alone"


async def test_only_what_a_person_reads_counts_for_the_length_of_a_caption(
    client: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await send(client, ada, reply("**&**" + 1023 * "<"))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    await send(client, ada, reply("**&**" + 1024 * "<"))
    first, second = await chat(ada)
    assert (len(first["caption"]), len(second["text"])) == (1024, 1025)
    assert "too long" in caplog.text


async def test_a_retry_sends_the_same_picture(relay: Relay, server: LocalServer, client: Bot, ada: Person) -> None:
    relay.drop("sendPhoto")
    relay.drop("sendPhoto", after=True)
    async with make_bot(relay.api_url, server.token) as bot:
        await send(bot, ada, reply())
    assert len(relay.times("sendPhoto")) == 3
    one, two = [await content(client, message) for message in await chat(ada)]
    assert one == two == draw(CARD, client.username)


async def test_a_file_comes_with_its_name_and_caption(client: Bot, ada: Person) -> None:
    file = Document(name="result.json", content='{"größe": 1}')
    first = await send(client, ada, reply("All of it", card=None, document=file))
    (message,) = await chat(ada)
    assert (message["caption"], message["document"]["file_name"]) == ("All of it", "result.json")
    assert await content(client, message) == '{"größe": 1}'.encode()
    assert await send(client, ada, reply("Still", card=None, document=file, show=Show.EDIT), first) == first
    assert [one["caption"] for one in await chat(ada)] == ["Still"]


class Painter:
    """An adviser that answers everything with pictures."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = list(replies)

    def prepare(self) -> None:
        pass

    def respond(self, session: Session, incoming: Incoming, now: datetime) -> Turn:
        return Turn(session=session, replies=self._replies)

    def expire(self, session: Session, now: datetime) -> Session:
        return session


async def test_descriptions_wait_in_the_database_and_are_drawn_when_sent(
    service: Service, server: LocalServer, relay: Relay, client: Bot, ada: Person
) -> None:
    painter: Any = Painter([reply(), reply("to share", card=SHARE, slot="quiz:1:share")])
    held = relay.hold("sendPhoto")
    async with service.on(relay.api_url, server.token, advisor=painter):
        await until(lambda: relay.times("sendPhoto"))
        assert len(service.rows("SELECT payload FROM outbox")) == 2
        held.set()
        messages = await seen(ada, lambda messages: len(messages) == 2)
    pictures = [await content(client, message) for message in messages]
    assert pictures == [draw(CARD, client.username), draw(SHARE, client.username)]


async def test_the_chat_goes_on_after_a_picture(service: Service, server: LocalServer, ada: Person) -> None:
    painter: Any = Painter([reply(slot=""), reply("and words", card=None, slot="")])
    async with service.on(server.api_url, server.token, advisor=painter):
        first = await told(ada, "hello")
        assert first["caption"] == READ
        messages = await seen(ada, lambda messages: len(messages) >= 4)
    assert [one.get("text", "") for one in messages] == ["", "and words", "", "and words"]
