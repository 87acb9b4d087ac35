"""What was sent has to be noted: while it cannot be, little is sent, nothing is sent twice, and nobody is held up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from bot_helpers import Relay, Service, answer_data, at_rest, begun, from_bot, people_of, seen, told, until

from bot.local import LocalServer
from bot.local.client import Page, Person
from bot.telegram.gate import AT_A_TIME
from conversations.store.engines import Sqlite
from conversations.store.store import Store
from conversations.store.transactions import Calls, StoreUnavailable
from conversations.store.work import Outgoing

pytestmark = pytest.mark.usefixtures("quick")

SHOWING = ("sendMessage", "editMessageText", "deleteMessage")
FAILS = "CREATE TRIGGER no BEFORE DELETE ON outbox BEGIN SELECT * FROM nowhere; END"
REFUSES = "CREATE TRIGGER no BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END"


async def test_a_reply_is_sent_once_even_where_that_cannot_be_noted_at_first(
    relay: Relay, service: Service, server: LocalServer, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.on(relay.api_url, server.token):
        free = relay.hold(f"chat_id={ada.id}&")
        await ada.send("/language")
        await until(lambda: relay.times("sendMessage"))
        await service.change("ALTER TABLE outbox RENAME TO gone")
        free.set()
        await seen(ada, len)
        await until(lambda: "no such table" in caplog.text)
        await service.change("ALTER TABLE gone RENAME TO outbox")
        await at_rest(service)
        assert len(from_bot((await ada.read())["messages"])) == 1


@pytest.mark.parametrize(("trouble", "sent"), [(FAILS, 1), (REFUSES, AT_A_TIME)], ids=["database", "statement"])
async def test_while_nothing_can_be_noted_nothing_more_is_sent(
    relay: Relay, service: Service, server: LocalServer, page: Page, trouble: str, sent: int
) -> None:
    people = await people_of(page, AT_A_TIME + 4, "/language")
    store = service.store()
    await store.open()
    await store.close()
    await service.change(trouble)
    async with replace(service, rate=30.0).on(relay.api_url, server.token):
        await until(lambda: len(relay.times("sendMessage")) == sent)
        await asyncio.sleep(0.7)
        assert len(relay.times("sendMessage")) == sent
        await service.change("DROP TRIGGER no")
        for person in people:
            await seen(person, len)
        await at_rest(service)
        assert len(relay.times("sendMessage")) == len(people)


@pytest.mark.parametrize("is_tapped", [True, False], ids=["edited", "moved"])
async def test_a_reply_in_a_slot_whose_note_fails_at_first_holds_up_nobody(
    relay: Relay,
    service: Service,
    server: LocalServer,
    page: Page,
    ada: Person,
    caplog: pytest.LogCaptureFixture,
    is_tapped: bool,
) -> None:
    bob = await page.create("Bob", "en")
    async with service.on(relay.api_url, server.token):
        question = await begun(ada)
        await at_rest(service)
        before = {method: len(relay.times(method)) for method in SHOWING}
        await service.change(FAILS)
        await (ada.tap(question["message_id"], answer_data(question, 4)) if is_tapped else ada.send("2"))
        await until(lambda: "the database fails" in caplog.text)
        await service.change("DROP TRIGGER no")
        await told(bob, "/language")
        await at_rest(service)
        to_bob = 1
        calls = [len(relay.times(method)) - number for method, number in before.items()]
        assert calls == ([to_bob, 1, 0] if is_tapped else [to_bob + 1, 0, 1])


async def test_a_note_whose_commit_is_not_told_holds_up_nobody(
    service: Service, server: LocalServer, page: Page, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = await page.create("Bob", "en")
    sent, failed = Store.sent, []

    async def untold(store: Store, outgoing: Outgoing, message_id: int, now: datetime) -> None:
        await sent(store, outgoing, message_id, now)
        if not failed:
            failed.append(outgoing)
            raise StoreUnavailable("the connection was closed")

    monkeypatch.setattr(Store, "sent", untold)
    for _ in range(3):
        await ada.send("/language")
    async with service.on(server.api_url, server.token):
        await until(lambda: failed)
        await told(bob, "/language")
        await seen(ada, lambda messages: len(messages) == 3)
        await at_rest(service)


def notes_wait_for(pause: Callable[[], Awaitable[object]], monkeypatch: pytest.MonkeyPatch) -> None:
    commit = Sqlite.commit

    async def slow(engine: Sqlite, calls: Calls, *, bare: bool) -> list[Sequence[Any]]:
        if any(work.__name__ == "note" for work, _ in calls):
            await pause()
        return await commit(engine, calls, bare=bare)

    monkeypatch.setattr(Sqlite, "commit", slow)


async def test_while_a_note_hangs_nothing_more_is_sent(
    relay: Relay, service: Service, server: LocalServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = asyncio.Event()
    notes_wait_for(free.wait, monkeypatch)
    people = await people_of(page, AT_A_TIME + 4, "/language")
    async with replace(service, rate=30.0).on(relay.api_url, server.token):
        await until(lambda: relay.times("sendMessage"))
        await asyncio.sleep(0.8)
        sent = len(relay.times("sendMessage"))
        free.set()
        assert sent == 1
        for person in people:
            await seen(person, len)


async def test_a_database_that_is_slow_holds_up_nobody_for_long(
    service: Service, server: LocalServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes_wait_for(lambda: asyncio.sleep(0.5), monkeypatch)
    people = await people_of(page, AT_A_TIME + 4, "/language")
    async with replace(service, rate=30.0).on(server.api_url, server.token):
        began = time.monotonic()
        for person in people:
            await seen(person, len)
        assert time.monotonic() - began < 5
