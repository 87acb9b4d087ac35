"""The bot behind a webhook: what it lets in, when it says yes, and what it tells about itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
from bot_helpers import (
    Relay,
    Service,
    Terminal,
    answer_data,
    begun,
    behind,
    people_of,
    seen,
    status,
    step,
    tapped,
    told,
    until,
)
from databases import Postgres

from bot.local import LocalServer
from bot.local.client import Control, Page, Person
from bot.running import StartError
from bot.telegram.hook import Hook
from bot.telegram.webhook import SECRET_HEADER

NUMBER = 2_000_000_000

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
async def outside(hook: Hook) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the internet."""
    async with httpx.AsyncClient(base_url=f"http://{hook.host}:{hook.port}", trust_env=False) as client:
        yield client


async def test_questions_and_taps_are_answered(service: Service, server: LocalServer, hook: Hook, ada: Person) -> None:
    await ada.send("/help")
    async with service.on(server.api_url, server.token, hook=hook):
        await seen(ada, len)
        question = await begun(ada)
        assert step(await tapped(ada, question, answer_data(question, 4))) == 2
    async with Control(server.api_url) as control:
        assert await control.updates() == []
        assert all(call["answer"]["ok"] for call in await control.calls("answerCallbackQuery"))


async def test_only_telegram_is_let_in(
    service: Service, server: LocalServer, hook: Hook, outside: httpx.AsyncClient, ada: Person
) -> None:
    ours = f"SELECT update_id FROM inbox WHERE update_id = {NUMBER}"
    update = {
        "update_id": NUMBER,
        "message": {
            "message_id": 1, "date": 1_790_000_000, "text": "/help",
            "chat": {"id": ada.id, "type": "private"}, "from": {"id": ada.id, "is_bot": False, "first_name": "A"},
        },
    }  # fmt: skip
    right = {SECRET_HEADER: hook.secret}
    async with behind(service, server, server.token, hook):
        await told(ada, "/help")
        for headers in ({}, {SECRET_HEADER: "guess"}, {SECRET_HEADER: hook.secret[:-1]}):
            assert (await outside.post("/updates", json=update, headers=headers)).status_code == 403
        for body in (b"", b"{", b"[]", b"7", b'{"message": {}}', b"\xff"):
            assert (await outside.post("/updates", content=body, headers=right)).status_code == 400
        large = json.dumps(update | {"filler": "x" * (1 << 20)})
        assert (await outside.post("/updates", content=large, headers=right)).status_code == 413
        assert (await outside.post("/", json=update, headers=right)).status_code == 404
        assert (await outside.get("/updates", headers=right)).status_code == 405
        odd = {"update_id": 6, "message": {"odd": 1}}  # from a later version of Telegram, say
        assert (await outside.post("/updates", json=odd, headers=right)).status_code == 200
        assert service.rows(ours) == []
        for _ in range(2):
            assert (await outside.post("/updates", json=update, headers=right)).status_code == 200
            assert service.rows(ours) == [(NUMBER,)]
        await seen(ada, lambda messages: len(messages) == 2)


async def test_it_says_yes_only_to_what_is_stored(
    service: Service, server: LocalServer, hook: Hook, ada: Person, outside: httpx.AsyncClient
) -> None:
    async with behind(service, server, server.token, hook):
        await told(ada, "/help")
        await service.change("ALTER TABLE inbox RENAME TO gone")
        await ada.send("/language")
        async with Control(server.api_url) as control:
            await until(lambda: hook_error(server))
            assert len(await control.updates()) == 1
            await service.change("ALTER TABLE gone RENAME TO inbox")
            messages = await seen(ada, lambda messages: len(messages) == 2)
            assert messages[1]["text"] == service.say("language_question")
            await until(lambda: not_any(control))


def hook_error(server: LocalServer) -> bool:
    with server.state.store.tx() as tx:
        return "503" in str(tx.meta("webhook_error"))


async def not_any(control: Control) -> bool:
    return await control.updates() == []


async def test_it_is_registered_once_and_stays_so(
    relay: Relay, service: Service, server: LocalServer, hook: Hook
) -> None:
    for times, one in ((1, hook), (1, hook), (2, replace(hook, secret="another-secret-of-ours"))):
        async with behind(service, relay, server.token, one):
            await until(lambda: relay.times("getWebhookInfo"))
            await until(lambda one=one: ready(one))
        assert len(relay.times("setWebhook")) == times
    assert relay.times("deleteWebhook") == relay.times("getUpdates") == []


async def ready(hook: Hook) -> bool:
    async with httpx.AsyncClient(base_url=f"http://{hook.host}:{hook.port}", trust_env=False) as client:
        return await status(client, "/readyz") == 200


async def test_it_tells_whether_it_is_up_and_ready(
    relay: Relay, service: Service, server: LocalServer, hook: Hook, outside: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("bot.telegram.webhook.LOOK_EVERY", 0.1)
    relay.answer("getWebhookInfo", 502, "<html>")
    relay.answer("getWebhookInfo", 502, "<html>")
    async with behind(service, relay, server.token, hook):
        assert await status(outside, "/readyz") == 503
        await until(lambda: ready(hook))
        monkeypatch.setattr("bot.telegram.webhook.READY_WITHIN", 0.0)
        assert await status(outside, "/readyz") == 503
        monkeypatch.setattr("bot.telegram.webhook.READY_WITHIN", 2.0)
        assert await status(outside, "/readyz") == 200
        async with httpx.AsyncClient(base_url=server.api_url) as api:
            await api.post(f"/bot{server.token}/deleteWebhook")
        await until(lambda: not_ready(hook))
        assert await status(outside, "/healthz") == 200
    assert len(relay.times("setWebhook")) == 1


@pytest.mark.long
async def test_a_silent_connection_is_kept_and_does_not_hold_up_the_end(
    service: Service, server: LocalServer, hook: Hook
) -> None:
    async with behind(service, server, server.token, hook):
        reader, writer = await asyncio.open_connection(hook.host, hook.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: balancer\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"200"
        await reader.readuntil(b"\r\n\r\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readuntil(b"the end"), 10)
        ends = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - ends < 2
    writer.close()


async def not_ready(hook: Hook) -> bool:
    return not await ready(hook)


async def test_what_telegram_does_not_accept_is_one_line(
    relay: Relay, service: Service, server: LocalServer, hook: Hook
) -> None:
    relay.answer("setWebhook", 400, '{"ok": false, "error_code": 400, "description": "Bad Request: bad webhook: no"}')
    with pytest.raises(StartError, match="CAP_CTO_WEBHOOK_URL: Telegram refused it: Bad webhook: no"):
        await service.ended(relay.api_url, server.token, hook=hook)


async def test_too_much_is_left_with_telegram(
    service: Service, server: LocalServer, hook: Hook, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(service, server, server.token, hook):
        monkeypatch.setattr("bot.telegram.lanes.FULL", 0)
        await ada.send("/help")
        await until(lambda: hook_error(server))
        assert service.rows("SELECT count(*) FROM inbox") == [(0,)]
        monkeypatch.setattr("bot.telegram.lanes.FULL", 10)
        await seen(ada, len)


async def test_replicas_share_a_port_and_the_chats(
    postgres: Postgres, service: Service, server: LocalServer, hook: Hook, page: Page
) -> None:
    base = await postgres.base()
    people = await people_of(page, 6)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(behind(replace(service, address=base.address), server, server.token, hook))
        for command in ("/help", "/language", "/privacy"):
            await asyncio.gather(*(told(person, command) for person in people))
    waiting = "SELECT count(*) FROM inbox WHERE state = 'waiting'"
    assert await base.rows(waiting) == [(0,)]
    assert await base.rows("SELECT count(*) FROM outbox") == [(0,)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "CAP_CTO_WEBHOOK_URL is not set"),
        ({"CAP_CTO_WEBHOOK_URL": "bot.example.org"}, "CAP_CTO_WEBHOOK_URL: not a web address"),
        ({"CAP_CTO_WEBHOOK_URL": "http://bot.example.org"}, "to https addresses only"),
        ({"CAP_CTO_WEBHOOK_URL": "https://b.example", "CAP_CTO_WEBHOOK_LISTEN": "8080"}, "CAP_CTO_WEBHOOK_LISTEN: not"),
        ({"CAP_CTO_WEBHOOK_URL": "https://b.example", "CAP_CTO_WEBHOOK_SECRET": "a b"}, "CAP_CTO_WEBHOOK_SECRET: not"),
        ({"TELEGRAM_BOT_TOKEN": ""}, "TELEGRAM_BOT_TOKEN is not set"),
    ],
)
def test_a_wrong_setting_is_one_line(terminal: Terminal, settings: dict[str, str], said: str) -> None:
    done = terminal.run("run", "--webhook", **{"TELEGRAM_BOT_TOKEN": "123456789:abc"} | settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
