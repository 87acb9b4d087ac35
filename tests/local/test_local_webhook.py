"""The webhook: the secret, order within a chat, retries with growing pauses, errors, answers that call methods."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import telegram

from bot.local import LocalServer
from bot.local.client import Control, Page, Person

from .helpers import Api, Site


async def started(page: Page, name: str) -> Person:
    ada = await page.create(name)
    await ada.start()
    return ada


def said(update: dict[str, Any]) -> Any:
    return update["message"]["text"]


async def test_updates_come_with_the_secret_and_are_not_repeated(api: Api, person: Person) -> None:
    async with Site() as site:
        assert await api("setWebhook", url=site.url, secret_token="s-1_A") == {
            "ok": True,
            "result": True,
            "description": "Webhook was set",
        }
        assert (await api("setWebhook", url=site.url, secret_token="s-1_A"))["description"] == "Webhook is already set"
        await person.send("hello")
        (update,) = await site.wait(1)
        assert said(update) == "hello"
        headers = site.requests[0][0]
        assert headers["x-telegram-bot-api-secret-token"] == "s-1_A"
        assert headers["content-type"] == "application/json"
        await person.send("again")
        assert [said(one) for one in await site.wait(2)] == ["hello", "again"]
        await asyncio.sleep(0.05)
        info = (await api("getWebhookInfo"))["result"]
        assert info == {
            "url": site.url,
            "has_custom_certificate": False,
            "pending_update_count": 0,
            "max_connections": 40,
        }


async def test_what_waited_is_delivered_or_dropped(api: Api, person: Person) -> None:
    await person.send("early")
    async with Site() as site:
        await api("setWebhook", url=site.url, drop_pending_updates=True)
        await person.send("late")
        assert [said(one) for one in await site.wait(1)] == ["late"]
        await api("deleteWebhook")
        await person.send("kept")
        await api("setWebhook", url=site.url)
        assert [said(one) for one in await site.wait(2)] == ["late", "kept"]


async def test_a_webhook_ends_polling_and_polling_needs_it_gone(api: Api, person: Person) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    async with Site() as site:
        await api("setWebhook", url=site.url)
        assert (await poll)["description"] == "Conflict: terminated by setWebhook request"
        answer = await api("getUpdates")
        assert (answer["error_code"], answer["description"]) == (
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
        await api("deleteWebhook")
        assert (await api("getUpdates"))["ok"]
        await api("setWebhook", url=site.url)
        assert (await api("setWebhook", url=""))["description"] == "Webhook was deleted"
        assert (await api("deleteWebhook"))["description"] == "Webhook is already deleted"
        assert (await api("getWebhookInfo"))["result"]["url"] == ""


async def test_a_chat_keeps_its_order_and_others_do_not_wait_for_it(api: Api, page: Page, person: Person) -> None:
    noor, release = await started(page, "Noor"), asyncio.Event()
    await api("deleteWebhook", drop_pending_updates=True)
    async with Site(hold=lambda update: release if said(update) == "slow" else None) as site:
        await api("setWebhook", url=site.url)
        for text in ("slow", "second"):
            await person.send(text)
        await noor.send("other")
        await site.wait(2)
        await asyncio.sleep(0.1)
        assert sorted(said(one) for one in site.updates) == ["other", "slow"]
        release.set()
        assert said((await site.wait(3))[2]) == "second"


async def test_no_more_connections_than_allowed(api: Api, page: Page, person: Person) -> None:
    noor, release = await started(page, "Noor"), asyncio.Event()
    await api("deleteWebhook", drop_pending_updates=True)
    async with Site(hold=lambda _: release) as site:
        await api("setWebhook", url=site.url, max_connections=1)
        await person.send("first")
        await noor.send("second")
        await site.wait(1)
        await asyncio.sleep(0.1)
        assert len(site.requests) == 1
        release.set()
        await site.wait(2)


async def test_a_refused_update_is_tried_again_after_pauses_that_grow(
    api: Api, control: Control, person: Person
) -> None:
    failing = True
    async with Site(reply=lambda _: (500 if failing else 200, "text/plain", b"")) as site:
        await api("setWebhook", url=site.url)
        await person.send("hello")
        await person.send("behind it")
        await site.wait(2)  # the second try comes at once
        for pause, tries in ((2, 3), (4, 4), (8, 5)):
            await asyncio.sleep(0.05)
            await control.advance(pause - 0.5)
            await asyncio.sleep(0.05)
            assert len(site.requests) == tries - 1
            await control.advance(1)
            await site.wait(tries)
        info = (await api("getWebhookInfo"))["result"]
        assert info["last_error_message"] == "Wrong response from the webhook: 500 Status"
        assert info["last_error_date"] > 0
        assert info["pending_update_count"] == 2
        assert {said(one) for one in site.updates} == {"hello"}
        failing = False
        await asyncio.sleep(0.05)
        await control.advance(20)
        assert [said(one) for one in (await site.wait(7))[5:]] == ["hello", "behind it"]


async def test_retry_after_is_obeyed_and_an_update_expires(api: Api, control: Control, person: Person) -> None:
    async with Site(reply=lambda _: (503, "text/plain", b"")) as site:
        await api("setWebhook", url=site.url)
        await person.send("hello")
        await site.wait(2)
        await asyncio.sleep(0.05)
        await control.advance(86_401)
        await asyncio.sleep(0.1)
        assert (await api("getWebhookInfo"))["result"]["pending_update_count"] == 0
        assert len(site.requests) == 2


async def test_nobody_there_is_an_error_that_is_shown(api: Api, person: Person) -> None:
    async with Site() as site:
        url = site.url
    await api("setWebhook", url=url)
    await person.send("hello")
    await asyncio.sleep(0.2)
    info = (await api("getWebhookInfo"))["result"]
    assert info["last_error_message"] == "Connection refused"


@pytest.mark.parametrize("form", [False, True])
async def test_the_answer_can_call_a_method(api: Api, person: Person, form: bool) -> None:
    call = {"method": "sendMessage", "chat_id": person.id, "text": "from the answer"}
    if form:
        body = f"method=sendMessage&chat_id={person.id}&text=from+the+answer".encode()
        kind = "application/x-www-form-urlencoded"
    else:
        body, kind = json.dumps(call).encode(), "application/json"
    async with Site(reply=lambda _: (200, kind, body)) as site:
        await api("setWebhook", url=site.url)
        await person.send("hello")
        items = await person.wait_for(lambda items: not items[-1]["mine"])
        assert items[-1]["message"]["text"] == "from the answer"


async def test_the_answer_cannot_take_the_webhook_down(api: Api, control: Control, person: Person) -> None:
    answer = json.dumps({"method": "deleteWebhook"}).encode()
    async with Site(reply=lambda _: (200, "application/json", answer)) as site:
        await api("setWebhook", url=site.url)
        await person.send("hello")
        await site.wait(1)
        await asyncio.sleep(0.05)
        assert (await api("getWebhookInfo"))["result"]["url"] == site.url
        assert await control.calls("deleteWebhook") == []


async def test_gone_for_a_day_closes_the_webhook(api: Api, control: Control, person: Person) -> None:
    async with Site(reply=lambda _: (410, "text/plain", b"")) as site:
        await api("setWebhook", url=site.url)
        await person.send("hello")
        await site.wait(2)
        await asyncio.sleep(0.05)
        await control.advance(23 * 3600 + 60)
        await site.wait(3)
        await asyncio.sleep(0.05)
        assert (await api("getWebhookInfo"))["result"]["url"] == ""
        assert (await api("getUpdates"))["ok"]


async def test_it_goes_on_after_a_restart(tmp_path: Any) -> None:
    path = tmp_path / "local.db"
    async with Site() as site:
        async with LocalServer(path) as server, Page(server.api_url) as page:
            ada = await started(page, "Ada")
        async with LocalServer(path) as server:
            async with telegram.Bot(server.token, base_url=f"{server.api_url}/bot") as bot:
                await bot.set_webhook(site.url, secret_token="x")
            await site.wait(1)
        async with LocalServer(path) as server, Page(server.api_url) as page:
            await Person(page.http, ada.id).send("after the restart")
            assert said((await site.wait(2))[1]) == "after the restart"
