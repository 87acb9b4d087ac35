"""How fast the bot sends, and that one chat's waiting is no other's."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest
from bot_helpers import COMMANDS, Relay, Service, at_rest, begun, from_bot, people_of, seen, told, until

from bot.local import LocalServer
from bot.local.client import Control, Page, Person
from bot.local.rates import Rates as TelegramsRates
from bot.telegram.gate import AT_A_TIME
from bot.telegram.rates import BURST, REMEMBERED, Rates

pytestmark = pytest.mark.usefixtures("quick")


async def test_a_chat_gets_a_burst_and_then_one_at_a_time() -> None:
    rates = Rates(total=1000, chat=1)
    waits = [rates.chat_wait(1) for _ in range(BURST + 3)]
    assert waits == pytest.approx([0] * BURST + [1, 2, 3], abs=0.1)
    assert rates.chat_wait(2) == 0
    group = [rates.chat_wait(-1) for _ in range(BURST + 2)]
    assert group == pytest.approx([0] * BURST + [3, 6], abs=0.1)


async def test_all_chats_together_stay_below_the_limit() -> None:
    rates = Rates(total=30, chat=1)
    waits = [rates.total_wait() for _ in range(100)]
    within = [sum(start <= wait < start + 1 for wait in waits) for start in (0, 0.5, 1, 2)]
    assert max(within) <= 30
    assert min(within) >= 25


async def test_chats_that_are_silent_are_forgotten() -> None:
    rates = Rates(total=1000, chat=1000)
    for chat_id in range(1, 3 * REMEMBERED):
        rates.chat_wait(chat_id)
    assert len(rates._chats) <= REMEMBERED + 1


async def test_a_chat_that_asks_too_much_is_answered_slowly_and_the_others_at_once(
    service: Service, server: LocalServer, page: Page, ada: Person
) -> None:
    bob = await page.create("Bob", "en")
    server.state.flood = TelegramsRates()
    async with replace(service, chat_rate=1.0).on(server.api_url, server.token):
        for command in COMMANDS:
            await ada.send(command)
        await seen(ada, lambda messages: len(messages) >= BURST)
        began = time.monotonic()
        await told(bob, "/help")
        assert time.monotonic() - began < 1
        await seen(ada, lambda messages: len(messages) == len(COMMANDS))
    async with Control(server.api_url) as control:
        assert {call["answer"]["ok"] for call in await control.calls("sendMessage")} == {True}


@pytest.mark.parametrize(("latency", "rate", "together"), [(0.0, 20, 1), (0.8, 100, AT_A_TIME)], ids=["near", "far"])
async def test_as_few_replies_are_on_their_way_as_the_rate_needs(
    service: Service, server: LocalServer, page: Page, latency: float, rate: float, together: int
) -> None:
    people = await people_of(page, AT_A_TIME + 4, "/language")
    async with Control(server.api_url) as control:
        if latency:
            await control.fault("latency", "sendMessage", seconds=latency, count=None)
        async with replace(service, rate=rate).on(server.api_url, server.token):
            for person in people:
                await seen(person, len)
        calls = await control.calls("sendMessage")
    spans = [(call["time"], call["time"] + call["seconds"]) for call in calls]
    assert len(spans) == len(people)
    assert max(sum(begun <= moment < ended for begun, ended in spans) for moment, _ in spans) == together


async def test_one_reply_that_hangs_holds_up_nobody_for_long(
    relay: Relay, service: Service, server: LocalServer, page: Page, ada: Person
) -> None:
    people = await people_of(page, AT_A_TIME)
    async with replace(service, rate=30.0).on(relay.api_url, server.token):
        free = relay.hold(f"chat_id={ada.id}&")
        await ada.send("/language")
        await until(lambda: relay.times("sendMessage"))
        began = time.monotonic()
        for person in people:
            await person.send("/language")
        for person in people:
            await seen(person, len)
        assert time.monotonic() - began < 2
        free.set()
        await seen(ada, len)


async def test_after_a_hang_the_rate_is_kept(
    relay: Relay, service: Service, server: LocalServer, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.gate.AT_A_TIME", 4)
    people = await people_of(page, 3 * AT_A_TIME)
    free = relay.hold("chat_id=")
    for person in people:
        await person.send("/language")
    async with replace(service, rate=30.0).on(relay.api_url, server.token):
        await asyncio.sleep(1.2)
        free.set()
        for person in people:
            await seen(person, len)
    async with Control(server.api_url) as control:
        times = [call["time"] for call in await control.calls("sendMessage")]
    assert len(times) == len(people)
    assert max(sum(begun <= time < begun + 1 for time in times) for begun in times) <= 30 + 4


async def test_waiting_chats_hold_up_nobody_even_where_one_is_worked_at_a_time(
    relay: Relay, service: Service, server: LocalServer, page: Page, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.lanes.WORKING", 1)
    people = await people_of(page, 3)
    asked = '{"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}'
    for _ in people:
        relay.answer("sendMessage", 429, asked)
    async with service.on(relay.api_url, server.token):
        for person in people:
            await person.send("/help")
        await until(lambda: len(relay.times("sendMessage")) == len(people))
        began = time.monotonic()
        await told(ada, "/help")
        assert time.monotonic() - began < 2
        for person in people:
            await seen(person, lambda messages: len(messages) == 1)
        hanging = relay.hold(f"chat_id={people[0].id}&")
        await people[0].send("/help")
        await until(lambda: len(relay.times("sendMessage")) == 2 * len(people) + 2)
        await told(ada, "/help")
        hanging.set()


async def test_bursts_of_refusals_and_failures_cost_nothing(service: Service, server: LocalServer, page: Page) -> None:
    people = await people_of(page, 8)
    async with Control(server.api_url) as control, service.on(server.api_url, server.token):
        await control.fault("error", "sendMessage", code=429, seconds=1, count=8)
        await control.fault("error", "sendMessage", code=500, count=8, skip=8)
        await control.fault("error", "getUpdates", code=502, count=2)
        for command in COMMANDS[:3]:
            await asyncio.gather(*(person.send(command) for person in people))
        for person in people:
            await seen(person, lambda messages: len(messages) == 3)
        single = [(await told(people[0], command))["text"] for command in COMMANDS[:3]]
        texts = [[message["text"] for message in from_bot((await one.read())["messages"])][:3] for one in people]
    assert texts == [single] * len(people)


async def test_updates_that_come_twice_and_late_are_done_once(
    service: Service, server: LocalServer, ada: Person
) -> None:
    async with Control(server.api_url) as control, service.on(server.api_url, server.token):
        await begun(ada)
        await control.fault("duplicate_update", count=None)
        await control.fault("delay_update", "message", seconds=1, count=1)
        await ada.send("2")
        await ada.send("3")
        await until(lambda: answered(service) == 2)
        await asyncio.sleep(0.5)
        await at_rest(service)
        assert answered(service) == 2


def answered(service: Service) -> int:
    from bot_helpers import documents

    ((_, session),) = documents(service.path)
    return len(session.quiz.answers) if session.quiz else 0


async def test_a_group_that_became_a_supergroup_gets_its_answer(
    service: Service, server: LocalServer, page: Page, ada: Person
) -> None:
    group = await page.create_group("Club", ada)
    async with service.on(server.api_url, server.token) as bot:
        person = ada.within(group)
        await person.send(f"/help@{bot.username}")
        await seen(person, len)
    await person.send("/help@cap_cto_bot")
    moved = await page.upgrade(group)
    async with service.on(server.api_url, server.token):
        await seen(ada.within(moved), len)
        await at_rest(service)
    assert service.rows("SELECT count(*) FROM outbox") == [(0,)]
