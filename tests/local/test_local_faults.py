"""The control interface: faults, rates, the clock, settings, and the record of the calls."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import httpx
import pytest
import telegram

from bot.local import LocalServer
from bot.local.client import Control, Page, Person

from .helpers import Api


async def test_errors_strike_the_named_method_as_often_as_wanted(api: Api, control: Control, person: Person) -> None:
    await control.fault("error", "sendMessage", code=500, count=2)
    await control.fault("error", "sendMessage", code=429, seconds=7, skip=1)
    answers = [await api("sendMessage", chat_id=person.id, text=str(number)) for number in range(4)]
    assert [answer.get("error_code") for answer in answers] == [500, 500, None, None]
    assert (await api("getMe"))["ok"]
    await control.fault("error", "sendmessage", code=429, seconds=7)
    assert await api("sendMessage", chat_id=person.id, text="x") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    await control.fault("error", code=502)
    assert (await api("getMe"))["description"] == "Bad Gateway"
    await control.fault("error", "sendMessage", code=403)
    refused = await api("sendMessage", chat_id=person.id, text="x")
    assert refused["description"] == "Forbidden: bot was blocked by the user"


@pytest.mark.parametrize(("when", "kept"), [("before", 0), ("after", 1)])
async def test_a_connection_drops_before_or_after_the_effect(
    bot: telegram.Bot, control: Control, person: Person, when: str, kept: int
) -> None:
    await control.fault("drop", "sendMessage", when=when)
    with pytest.raises(telegram.error.NetworkError, match="disconnected"):
        await bot.send_message(person.id, "into the dark")
    texts = [item["message"]["text"] for item in (await person.read())["messages"]]
    assert texts.count("into the dark") == kept
    await bot.send_message(person.id, "again")


async def test_an_error_after_the_effect(api: Api, control: Control, person: Person) -> None:
    await control.fault("error", "sendMessage", code=500, when="after")
    assert (await api("sendMessage", chat_id=person.id, text="done"))["error_code"] == 500
    assert (await person.read())["messages"][-1]["message"]["text"] == "done"


async def test_latency(api: Api, control: Control) -> None:
    await control.fault("latency", "getMe", seconds=1.0)
    begun = time.monotonic()
    await api("getMe")
    assert time.monotonic() - begun >= 1.0
    begun = time.monotonic()
    await api("getMe")
    assert time.monotonic() - begun < 1.0


async def test_updates_come_twice_or_late(api: Api, control: Control, person: Person) -> None:
    await control.fault("duplicate_update", "message")
    await person.send("twice")
    first = (await api("getUpdates"))["result"]
    again = (await api("getUpdates", offset=first[0]["update_id"] + 1))["result"]
    assert [one["update_id"] for one in first] == [one["update_id"] for one in again]
    assert (await api("getUpdates", offset=first[0]["update_id"] + 1))["result"] == []

    await control.fault("delay_update", "message", seconds=60)
    await person.send("late")
    await person.send("in time")
    now = (await api("getUpdates"))["result"]
    assert [one["message"]["text"] for one in now] == ["in time"]
    poll = asyncio.create_task(api("getUpdates", offset=now[0]["update_id"] + 1, timeout=20))
    await asyncio.sleep(0.1)
    assert not poll.done()
    assert [one["message"]["text"] for one in await control.updates()] == ["late"]
    await control.advance(61)
    late = (await poll)["result"]
    assert [one["message"]["text"] for one in late] == ["late"]

    await control.fault("delay_update", "message", seconds=60)
    await person.send("between two polls")
    await person.send("before it")
    shown = (await api("getUpdates", offset=late[0]["update_id"] + 2))["result"]
    await control.advance(61)
    left = (await api("getUpdates", offset=shown[0]["update_id"] + 1))["result"]
    assert [one["message"]["text"] for one in left] == ["between two polls"]


async def test_calls_are_followed_as_they_end(api: Api, control: Control) -> None:
    await control.fault("latency", "getMe", seconds=0.3, skip=1)
    async with aclosing(control.follow()) as calls:
        await api("getMe")
        assert (await anext(calls))["number"] == 1
        slow = asyncio.create_task(api("getMe"))
        await asyncio.sleep(0.1)
        await api("getWebhookInfo")
        seen = [await asyncio.wait_for(anext(calls), 2) for _ in range(2)]
        await slow
    assert [(call["method"], call["number"]) for call in seen] == [("getWebhookInfo", 3), ("getMe", 2)]
    assert (await control.http.get("/control/calls?seen=-1")).status_code == 400


async def test_faults_are_listed_and_taken_away(control: Control, api: Api) -> None:
    first = await control.fault("error", "getMe", count=None)
    await control.fault("latency", "getMe", seconds=60, count=None)
    listed = (await control.http.get("/control/faults")).json()["faults"]
    assert [(one["kind"], one["count"]) for one in listed] == [("error", None), ("latency", None)]
    assert (await control.http.delete(f"/control/faults/{first['id']}")).json()["faults"][0]["kind"] == "latency"
    assert (await control.http.delete("/control/faults/99")).status_code == 404
    await control.clear_faults()
    assert (await api("getMe"))["ok"]


async def test_rates_are_telegrams_when_switched_on(api: Api, control: Control, page: Page, person: Person) -> None:
    shown = await control.rates(on=True)
    assert shown["group"] == {"messages": 20, "seconds": 60.0}
    sent = [await api("sendMessage", chat_id=person.id, text=str(number)) for number in range(6)]
    assert [answer["ok"] for answer in sent] == [True] * 5 + [False]
    assert sent[5]["parameters"] == {"retry_after": 1}
    await control.advance(1)
    assert (await api("sendMessage", chat_id=person.id, text="a second later"))["ok"]

    await control.rates(chat={"burst": 100})
    group = await page.create_group("Team", person)
    answers = [await api("sendMessage", chat_id=group, text="x") for _ in range(21)]
    assert answers[19]["ok"]
    assert answers[20]["parameters"]["retry_after"] > 50

    await control.rates(chat={"burst": 100}, group={"messages": 100})
    answers = [await api("sendMessage", chat_id=person.id, text="x") for _ in range(31)]
    assert [answer["ok"] for answer in answers] == [True] * 30 + [False]
    assert await control.rates(on=False) == {"on": False}
    assert (await api("sendMessage", chat_id=person.id, text="x"))["ok"]


async def test_every_call_is_recorded(api: Api, control: Control, person: Person) -> None:
    await api("sendMessage", chat_id=person.id, text="hello", reply_markupp="{}")
    await control.fault("error", "getMe", code=500)
    await api("getMe")
    (sent,) = await control.calls("sendMessage")
    assert sent["params"] == {"chat_id": str(person.id), "text": "hello", "reply_markupp": "{}"}
    assert sent["unknown"] == ["reply_markupp"]
    assert sent["answer"]["result"]["text"] == "hello"
    assert sent["via"] == "http"
    (asked,) = await control.calls(after=sent["number"])
    assert (asked["method"], asked["faults"], asked["answer"]["error_code"]) == ("getMe", ["error"], 500)
    await control.http.delete("/control/calls")
    assert await control.calls() == []


async def test_the_clock_moves_forward_only(api: Api, control: Control, person: Person) -> None:
    before = (await control.http.get("/control/clock")).json()["now"]
    assert await control.advance(3600) == before + 3600
    sent = (await api("sendMessage", chat_id=person.id, text="x"))["result"]
    assert sent["date"] == int(before) + 3600
    assert (await control.http.post("/control/clock", json={"seconds": -1})).status_code == 400


async def test_settings_are_what_get_me_shows(api: Api, control: Control) -> None:
    await control.settings(can_join_groups=False, supports_inline_queries=False)
    me = (await api("getMe"))["result"]
    assert (me["can_join_groups"], me["supports_inline_queries"]) == (False, False)


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/faults", {"kind": "earthquake"}),
        ("POST", "/faults", {"kind": "error", "code": 200}),
        ("POST", "/faults", {"kind": "error", "methods": "getMe"}),
        ("POST", "/faults", {"kind": "drop", "when": "later"}),
        ("POST", "/faults", {"kind": "drop", "count": 0}),
        ("POST", "/faults", {"kind": "drop", "colour": 1}),
        ("PUT", "/rates", {"chat": {"burst": 0}}),
        ("PUT", "/rates", {"chat": {"messages": 1}}),
        ("PUT", "/rates", {"on": "yes"}),
        ("PATCH", "/settings", {"can_fly": True}),
        ("PATCH", "/settings", {"can_join_groups": 1}),
        ("GET", "/calls?after=x", None),
    ],
)
async def test_wrong_wishes_are_refused(control: Control, verb: str, path: str, body: object) -> None:
    answer = await control.http.request(verb, f"/control{path}", json=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "bad_request"})


async def test_log_out_and_close(api: Api, control: Control) -> None:
    assert (await api("close"))["error_code"] == 429
    await control.advance(601)
    assert (await api("close"))["result"] is True
    assert (await api("logOut"))["result"] is True
    assert await api("getMe") == {"ok": False, "error_code": 400, "description": "Logged out"}
    await control.advance(601)
    assert (await api("getMe"))["ok"]


async def test_a_drop_ends_one_connection_only(server: LocalServer, control: Control, page: Page) -> None:
    await control.fault("drop", "getMe")
    async with httpx.AsyncClient(base_url=server.api_url) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(f"/bot{server.token}/getMe")
    assert await page.chats() == []
