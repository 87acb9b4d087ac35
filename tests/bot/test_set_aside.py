"""An update that fails, or that ends the process, is tried a few times, set aside, and its sender told so."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from bot_helpers import Service, buttons, now, reasons, rows, seen, told, until

from bot.local import LocalServer
from bot.local.client import Page, Person
from bot.telegram.lanes import STARTS, TRIES
from conversations.advisor import Advisor
from conversations.messages import Command, Incoming, Reply
from conversations.session import Session, Turn
from conversations.store.work import Received

pytestmark = pytest.mark.usefixtures("quick")


class Poisoned(Advisor):
    """An adviser that fails at one word."""

    def __init__(self, sound: Advisor) -> None:
        self._sound = sound
        self.prepare = sound.prepare
        self.failed = 0

    def respond(self, session: Session, incoming: Incoming, now: datetime) -> Turn:
        if "poison" in incoming.model_dump_json():
            self.failed += 1
            raise RuntimeError("that was poison")
        return self._sound.respond(session, incoming, now)

    def apologise(self, session: Session, incoming: Incoming) -> Reply:
        if "deadly" in incoming.model_dump_json():
            raise RuntimeError("that was deadly poison")
        return self._sound.apologise(session, incoming)


async def test_an_update_that_fails_is_set_aside_and_the_chat_goes_on(
    service: Service, server: LocalServer, page: Page, ada: Person
) -> None:
    poisoned = Poisoned(service.advisor)
    await ada.send("/help")
    await ada.send("some poison")
    await ada.send("/privacy")
    async with service.on(server.api_url, server.token, advisor=poisoned):
        messages = await seen(ada, lambda messages: len(messages) == 3)
        assert poisoned.failed == TRIES
        bob = await page.create("Bob", "fr")
        assert (await told(bob, "poison"))["text"] == service.say("failed", "fr")
        assert await told(bob, "/help")
    assert messages[1]["text"] == service.say("failed")
    assert buttons(messages[1])
    assert messages[2]["text"].startswith(service.say("privacy").splitlines()[0].strip("*"))
    assert service.rows("SELECT payload, chat FROM inbox WHERE state = 'failed'") == [(None, None)] * 2
    for reason in reasons(service.path):
        assert reason.startswith("RuntimeError")
        assert f"({TRIES} attempts)" in reason
        assert "poison" not in reason


async def test_where_not_even_an_apology_can_be_made_the_chat_goes_on(
    service: Service, server: LocalServer, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await ada.send("some deadly poison")
    await ada.send("/language")
    async with service.on(server.api_url, server.token, advisor=Poisoned(service.advisor)):
        (answer,) = await seen(ada, len)
    assert answer["text"] == service.say("language_question")
    assert "gets no apology" in caplog.text
    assert "deadly" not in "".join(record.getMessage() for record in caplog.records)


class Deadly(Advisor):
    """An adviser that ends the process at one word, as far as a test can be ended."""

    def __init__(self, sound: Advisor) -> None:
        self._sound = sound
        self.prepare = sound.prepare
        self.tried = 0

    def respond(self, session: Session, incoming: Incoming, now: datetime) -> Turn:
        if "poison" in incoming.model_dump_json():
            self.tried += 1
            raise asyncio.CancelledError
        return self._sound.respond(session, incoming, now)

    def apologise(self, session: Session, incoming: Incoming) -> Reply:
        return self._sound.apologise(session, incoming)


async def test_an_update_that_ends_the_bot_is_set_aside_after_some_starts(
    service: Service, server: LocalServer, ada: Person
) -> None:
    deadly = Deadly(service.advisor)
    await ada.send("some poison")
    await ada.send("/language")
    for _ in range(STARTS + 1):  # the first one is not counted: an update that has just come is no suspect yet
        before = deadly.tried
        async with service.on(server.api_url, server.token, advisor=deadly):
            await until(lambda before=before: deadly.tried > before)
    assert service.rows("SELECT max(attempts) FROM inbox") == [(STARTS,)]
    tried = deadly.tried
    async with service.on(server.api_url, server.token, advisor=deadly):
        apology, answer = await seen(ada, lambda messages: len(messages) == 2)
        assert apology["text"] == service.say("failed")
        assert answer["text"] == service.say("language_question")
    assert reasons(service.path) == [f"the bot ended while it was answered ({STARTS} attempts)"]
    assert deadly.tried == tried


class Suspicious(Poisoned):
    """An adviser that looks, at each update, how many of those that wait count as suspects."""

    def __init__(self, sound: Advisor, path: Path) -> None:
        super().__init__(sound)
        self._path = path
        self.suspects: list[int] = []

    def respond(self, session: Session, incoming: Incoming, now: datetime) -> Turn:
        suspects = "SELECT count(*) FROM inbox WHERE attempts > 0 AND state = 'waiting'"
        self.suspects += [number for (number,) in rows(self._path, suspects)]
        return super().respond(session, incoming, now)


async def test_of_what_a_process_left_behind_one_at_a_time_is_suspected(
    service: Service, server: LocalServer, page: Page
) -> None:
    people = [await page.create(f"P{number}", "en") for number in range(20)]
    for person in people:
        await person.send("/language")
    store = service.store()
    await store.open()
    help_ = Incoming(event=Command(name="help"), language_code="en")
    await store.receive([Received(number, one.id, help_) for number, one in enumerate(people)], now())
    await store.close()
    suspicious = Suspicious(service.advisor, service.path)
    async with service.on(server.api_url, server.token, advisor=suspicious):
        for person in people:
            await seen(person, lambda messages: len(messages) == 2)
    assert suspicious.suspects.count(1) >= len(people)
    assert max(suspicious.suspects) == 1
