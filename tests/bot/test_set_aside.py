"""An update that fails, or that ends the process, is tried a few times, set aside, and its sender told so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from bot_helpers import Service, buttons, now, people_of, reasons, rows, seen, told, until

from bot.local import LocalServer
from bot.local.client import Page, Person
from bot.telegram.lanes import STARTS, TRIES
from conversations.advisor import Advisor
from conversations.messages import Command, Incoming, Reply
from conversations.session import Session, Turn
from conversations.store.store import Store
from conversations.store.transactions import StoreUnavailable
from conversations.store.work import Outgoing, Received

pytestmark = pytest.mark.usefixtures("quick")


class Poisoned(Advisor):
    """An adviser that fails at one word; with a CancelledError it ends the process, as far as a test can be ended."""

    def __init__(self, sound: Advisor, error: BaseException | None = None) -> None:
        self._sound = sound
        self._error = error or RuntimeError("that was poison")
        self.prepare = sound.prepare
        self.failed = 0

    def respond(self, session: Session, incoming: Incoming, now: datetime) -> Turn:
        if "poison" in incoming.model_dump_json():
            self.failed += 1
            raise self._error
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


async def test_an_update_that_ends_the_bot_is_set_aside_after_some_starts(
    service: Service, server: LocalServer, ada: Person
) -> None:
    deadly = Poisoned(service.advisor, asyncio.CancelledError())
    await ada.send("some poison")
    await ada.send("/language")
    for _ in range(STARTS + 1):  # the first one is not counted: an update that has just come is no suspect yet
        before = deadly.failed
        async with service.on(server.api_url, server.token, advisor=deadly):
            await until(lambda before=before: deadly.failed > before)
    assert service.rows("SELECT max(attempts) FROM inbox") == [(STARTS,)]
    failed = deadly.failed
    async with service.on(server.api_url, server.token, advisor=deadly):
        apology, answer = await seen(ada, lambda messages: len(messages) == 2)
        assert apology["text"] == service.say("failed")
        assert answer["text"] == service.say("language_question")
    assert reasons(service.path) == [f"the bot ended while it was answered ({STARTS} attempts)"]
    assert deadly.failed == failed


async def left_over(service: Service, command: str, people: Sequence[Person]) -> None:
    """An earlier process has taken a command of each in."""
    store = service.store()
    await store.open()
    event = Incoming(event=Command(name=command), language_code="en")
    await store.receive([Received(number, one.id, event) for number, one in enumerate(people)], now())
    await store.close()


async def test_the_databases_trouble_is_laid_to_no_updates_charge(
    service: Service, server: LocalServer, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the count of the try, and then not the turn."""
    monkeypatch.setattr("bot.telegram.patience.FIRST", 0.05)
    await ada.send("/help")
    await left_over(service, "language", [ada])
    finish, failed = Store.finish, []

    async def failing(store: Store, received: Received, turn: Turn, now: datetime) -> list[Outgoing]:
        failed.append(received)
        if received.leftover and len(failed) <= STARTS:
            raise StoreUnavailable("deadlock detected")
        return await finish(store, received, turn, now)

    monkeypatch.setattr(Store, "finish", failing)
    async with service.on(server.api_url, server.token):
        answers = await seen(ada, lambda messages: len(messages) == 2)
    assert service.say("language_question") in [answer["text"] for answer in answers]
    assert service.rows("SELECT state, max(attempts) FROM inbox GROUP BY state") == [("done", 1)]


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
    people = await people_of(page, 20, "/language")
    await left_over(service, "help", people)
    suspicious = Suspicious(service.advisor, service.path)
    async with service.on(server.api_url, server.token, advisor=suspicious):
        for person in people:
            await seen(person, lambda messages: len(messages) == 2)
    assert suspicious.suspects.count(1) >= len(people)
    assert max(suspicious.suspects) == 1
