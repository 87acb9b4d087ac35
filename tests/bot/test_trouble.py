"""What goes wrong around the bot: order, limits, broken lines, a failing database, restarts, SIGKILL."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from bot_helpers import (
    COMMANDS,
    Process,
    Relay,
    Service,
    Terminal,
    answer_data,
    at_rest,
    begun,
    document,
    documents,
    from_bot,
    people_of,
    rows,
    seen,
    step,
    tapped,
    told,
    until,
)
from databases import KEY
from pydantic import SecretStr
from telegram import Bot

from bot.local import Flood, LocalServer
from bot.local.client import Page, Person
from bot.running import StartError, run_telegram
from bot.settings import Settings
from conversations.advisor import Advisor

pytestmark = pytest.mark.usefixtures("quick")


async def test_each_chat_is_answered_in_order_beside_the_others(bot: Bot, page: Page, ada: Person) -> None:
    people = [ada, await page.create("Bob", "fr"), await page.create("Cem", "de")]
    single: dict[int, list[str]] = {}
    for person in people:
        single[person.id] = [(await told(person, command))["text"] for command in COMMANDS]

    async def burst(person: Person) -> list[str]:
        for command in COMMANDS:
            await person.send(command)
        messages = await seen(person, lambda messages: len(messages) == 2 * len(COMMANDS))
        return [message["text"] for message in messages[len(COMMANDS) :]]

    assert await asyncio.gather(*(burst(person) for person in people)) == list(single.values())


async def test_a_chat_that_cannot_be_reached_does_not_hold_up_the_others(
    relay: Relay, service: Service, server: LocalServer, page: Page, ada: Person
) -> None:
    bob = await page.create("Bob", "en")
    async with service.on(relay.api_url, server.token):
        free = relay.hold(f"chat_id={ada.id}&")
        for command in COMMANDS:
            await ada.send(command)
        for command in COMMANDS:
            await told(bob, command)
        assert from_bot((await ada.read())["messages"]) == []
        free.set()
        messages = await seen(ada, lambda messages: len(messages) == len(COMMANDS))
        others = from_bot((await bob.read())["messages"])
        assert [message["text"] for message in messages] == [message["text"] for message in others]


async def test_a_person_who_blocked_the_bot_costs_one_attempt(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    await ada.send("/help")
    await ada.send("/privacy")
    await ada.change(blocked=True)
    async with service.on(relay.api_url, server.token):
        await until(lambda: service.rows("SELECT count(*) FROM inbox WHERE state = 'done'") == [(2,)])
        await at_rest(service)
        assert len(relay.times("sendMessage")) == 2
        await ada.change(blocked=False)
        assert from_bot((await ada.read())["messages"]) == []
        assert (await told(ada, "/language"))["text"] == service.say("language_question")
        assert len(relay.times("sendMessage")) == 3


async def test_too_many_messages_are_waited_out(service: Service, page: Page, server: LocalServer) -> None:
    ada = await page.create("Ada", "en")
    server.state.flood = Flood(messages=2, seconds=1.0)
    async with service.on(server.api_url, server.token) as bot:
        for command in COMMANDS[:4]:
            await ada.send(command)
        messages = await seen(ada, lambda messages: len(messages) == 4)
        server.state.flood = None
        single = [(await told(ada, command))["text"] for command in COMMANDS[:4]]
        assert [message["text"] for message in messages] == single
        assert bot.username == "cap_cto_bot"


def too_fast(seconds: int) -> str:
    return f'{{"ok": false, "error_code": 429, "description": "x", "parameters": {{"retry_after": {seconds}}}}}'


async def test_when_told_to_slow_down_it_does(relay: Relay, service: Service, server: LocalServer, ada: Person) -> None:
    relay.answer("getUpdates", 429, too_fast(1))
    relay.answer("sendMessage", 429, too_fast(1))
    await ada.send("/help")
    async with service.on(relay.api_url, server.token):
        await seen(ada, len)
    for method in ("getUpdates", "sendMessage"):
        first, second, *_ = relay.times(method)
        assert second - first >= 0.9, method


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", ["getUpdates", "sendMessage", "answerCallbackQuery", "editMessageText"])
async def test_a_connection_that_breaks_is_taken_up_again(
    relay: Relay, service: Service, server: LocalServer, ada: Person, method: str, after: bool
) -> None:
    async with service.on(relay.api_url, server.token):
        question = await begun(ada)
        relay.drop(method, after=after)
        before = len(relay.times(method))
        question = await tapped(ada, question, answer_data(question, 4))
        assert step(question) == 2
        await ada.send("/privacy")
        messages = await seen(ada, lambda messages: step(messages[-1]) == 2 and len(messages) > 1)
        await at_rest(service)
        assert len(relay.times(method)) > before
    assert document(service, ada).quiz.answers == {service.knowledge.quiz.order[0]: 4}
    privacy = [message for message in messages if message["text"].startswith("What I keep")]
    assert len(privacy) == (2 if (method, after) == ("sendMessage", True) else 1)


@pytest.mark.parametrize("fault", ["drop", "slow", "error"])
async def test_what_was_sent_is_not_sent_again_because_the_old_message_stays(
    relay: Relay, service: Service, server: LocalServer, ada: Person, fault: str
) -> None:
    async with service.on(relay.api_url, server.token):
        await begun(ada)
        if fault == "drop":
            relay.drop("deleteMessage")
        elif fault == "slow":
            relay.answer("deleteMessage", 429, too_fast(1))
        else:
            relay.answer("deleteMessage", 500, '{"ok": false, "error_code": 500, "description": "Internal"}')
        await ada.send("2")
        await seen(ada, lambda messages: step(messages[-1]) == 2)
        await at_rest(service)
        await told(ada, "/privacy")
        await at_rest(service)
    messages = from_bot((await ada.read())["messages"])
    assert [step(message) for message in messages].count(2) == 1


async def test_a_server_in_trouble_is_waited_for(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    async with service.on(relay.api_url, server.token):
        relay.answer("sendMessage", 502, "<html>Bad Gateway</html>")
        assert (await told(ada, "/language"))["text"] == service.say("language_question")
        assert len(relay.times("sendMessage")) == 2


async def test_an_update_that_cannot_be_read_does_not_stop_the_bot(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    async with service.on(relay.api_url, server.token):
        await told(ada, "/help")
        for update in ('{"update_id": 5, "message": {"odd": 1}}', '{"update_id": 6, "message": 7}'):
            for _ in range(2):
                relay.answer("getUpdates", 200, f'{{"ok": true, "result": [{update}]}}')
            await told(ada, "/help")
            await told(ada, "/help")


async def test_a_token_that_is_revoked_ends_the_bot_with_one_line(
    relay: Relay, service: Service, server: LocalServer
) -> None:
    relay.answer("getUpdates", 401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}')
    with pytest.raises(StartError, match="no longer knows this token"):
        await service.ended(relay.api_url, server.token)


async def test_a_revoked_token_ends_the_bot_and_costs_no_reply(
    relay: Relay, service: Service, server: LocalServer, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    people = await people_of(page, 5, "/help")
    for _ in people:
        relay.answer("sendMessage", 401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}')
    with pytest.raises(StartError, match="no longer knows this token"):
        await service.ended(relay.api_url, server.token)
    assert "Traceback" not in caplog.text
    async with service.on(server.api_url, server.token):
        for person in people:
            await seen(person, len)


@pytest.mark.parametrize("status", [200, 403, 404], ids=["login", "forbidden", "no-backend"])
async def test_what_a_proxy_answers_costs_no_reply(
    relay: Relay, service: Service, server: LocalServer, ada: Person, status: int
) -> None:
    relay.answer("sendMessage", status, "<html>Who are you?</html>")
    async with service.on(relay.api_url, server.token):
        await told(ada, "/help")
    assert len(relay.times("sendMessage")) == 2


async def test_an_adviser_that_cannot_be_prepared_answers_all_the_same(
    service: Service, server: LocalServer, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Advisor, "prepare", Mock(side_effect=MemoryError))
    async with service.on(server.api_url, server.token):
        await told(ada, "/help")


async def test_a_database_that_fails_for_a_while_costs_nothing(
    service: Service, server: LocalServer, ada: Person, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    bob = await page.create("Bob", "en")
    async with service.on(server.api_url, server.token):
        await told(ada, "/help")
        for table in ("inbox", "outbox", "sessions"):
            await service.change(f"ALTER TABLE {table} RENAME TO gone")
            caplog.clear()
            await ada.send("/language")
            await bob.send("/language")
            await until(lambda: "no such table" in caplog.text)
            await service.change(f"ALTER TABLE gone RENAME TO {table}")
            await at_rest(service)
        for person, count in ((ada, 4), (bob, 3)):
            messages = await seen(person, lambda messages, count=count: len(messages) == count)
            assert messages[-1]["text"] == service.say("language_question")
    assert service.rows("SELECT DISTINCT state FROM inbox") == [("done",)]


async def test_what_the_database_refuses_is_logged_without_the_words(
    service: Service, server: LocalServer, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.on(server.api_url, server.token):
        await told(ada, "/help")
        await service.change("CREATE TRIGGER no BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'disk on fire'); END")
        await ada.send("/language Xylophon")
        await until(lambda: "disk on fire" in caplog.text)
        await service.change("DROP TRIGGER no")
        await seen(ada, lambda messages: messages[-1]["text"] == service.say("language_question"))
    assert "Xylophon" not in caplog.text


@pytest.mark.long
async def test_a_disk_that_takes_nothing_for_a_while_costs_nothing(
    terminal: Terminal, server: LocalServer, ada: Person
) -> None:
    """The whole process, which the system lets write no further than the first kilobyte of any file."""
    address = {"TELEGRAM_BOT_TOKEN": server.token, "TELEGRAM_API_URL": server.api_url}
    async with await terminal.start("run", **address) as process:
        await told(ada, "/help")
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1024, limits[1]))
        for _ in range(3):
            await ada.send("/language")
        await until(lambda: "the database fails (disk I/O error)" in process.stderr)
        await asyncio.sleep(3)
        assert process.returncode is None
        assert len(from_bot((await ada.read())["messages"])) == 1
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        await seen(ada, lambda messages: len(messages) == 4)
        assert await process.end(signal.SIGTERM) == 0
        lines = process.stderr.splitlines()
    told_of = [line.split(": ", 1)[1] for line in lines if "the database " in line]
    assert told_of[0].startswith("the database fails (disk I/O error); nothing is lost")
    assert told_of[1:] == ["the database works again"]
    assert "Traceback" not in process.stderr
    assert rows(terminal.data / "cap-cto.sqlite3", "SELECT state, count(*) FROM inbox GROUP BY state") == [("done", 4)]


WEBHOOK = (
    '{"ok": true, "result": {"url": "https://x.example", "has_custom_certificate": false, "pending_update_count": 1}}'
)


def settings_for(relay: Relay, server: LocalServer, data: Path) -> Settings:
    return Settings(
        token=SecretStr(server.token), key=SecretStr(KEY), api_url=relay.api_url, data=data, database_url=""
    )


async def test_what_telegram_says_against_a_start_is_one_line(
    relay: Relay, server: LocalServer, tmp_path: Path
) -> None:
    for status, body, said in (
        (200, WEBHOOK, "a webhook is set"),
        (502, "<html>", "does not answer"),
        (400, '{"ok": false, "error_code": 400, "description": "Bad Request: no"}', "refused: "),
    ):
        relay.answer("getWebhookInfo", status, body)
        with pytest.raises(StartError, match=said) as caught:
            await run_telegram(settings_for(relay, server, tmp_path), take_over=False)
        assert "\n" not in str(caught.value)
    assert relay.times("deleteWebhook") == relay.times("getUpdates") == []


async def test_polling_takes_over_from_a_webhook_and_loses_nothing(
    relay: Relay, service: Service, server: LocalServer, tmp_path: Path, ada: Person
) -> None:
    await ada.send("/language")
    relay.answer("getWebhookInfo", 200, WEBHOOK)
    running = asyncio.create_task(run_telegram(settings_for(relay, server, tmp_path), take_over=True))
    (answer,) = await seen(ada, len)
    assert answer["text"] == service.say("language_question")
    assert len(relay.times("deleteWebhook")) == 1
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 20)


# Starting again


async def test_an_answered_update_is_not_answered_again_after_a_restart(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    async with service.on(relay.api_url, server.token):
        await told(ada, "/start")
        relay.drop_from_now_on("getUpdates")
        await ada.send("/help")
        await seen(ada, lambda messages: len(messages) == 2)
        await at_rest(service)
    async with service.on(server.api_url, server.token):
        await told(ada, "/language")
        await at_rest(service)
    assert service.rows("SELECT state FROM inbox") == [("done",)] * 3
    assert len(from_bot((await ada.read())["messages"])) == 3


async def test_what_waited_while_the_bot_was_off_is_answered_in_order(
    service: Service, server: LocalServer, ada: Person
) -> None:
    for command in COMMANDS:
        await ada.send(command)
    async with service.on(server.api_url, server.token):
        messages = await seen(ada, lambda messages: len(messages) == len(COMMANDS))
        assert [message["text"] for message in messages] == [(await told(ada, one))["text"] for one in COMMANDS]


async def test_a_reply_that_was_not_sent_before_the_stop_is_sent_at_the_start(
    relay: Relay, service: Service, server: LocalServer, ada: Person
) -> None:
    async with replace(service, drain=0.2).on(relay.api_url, server.token):
        relay.hold("What+I+keep")
        await told(ada, "/help")
        await until(lambda: service.rows("SELECT count(*) FROM outbox") == [(0,)])
        await ada.send("/privacy")
        await until(lambda: service.rows("SELECT count(*) FROM outbox") == [(1,)])
    assert service.rows("SELECT count(*) FROM outbox") == [(1,)]
    async with service.on(server.api_url, server.token):
        messages = await seen(ada, lambda messages: len(messages) == 2)
        assert messages[1]["text"].startswith("What I keep")
        assert await told(ada, "/language")


# Killed


def stored_answers(database: Path) -> list[int | None]:
    """The quiz answers in the only stored session, in the order in which they were given."""
    ((_, session),) = documents(database)
    assert session.quiz is not None
    return list(session.quiz.answers.values())


async def test_a_bot_that_is_killed_in_the_quiz_goes_on_with_every_answer_once(
    terminal: Terminal, server: LocalServer, ada: Person
) -> None:
    address = {"TELEGRAM_BOT_TOKEN": f" {server.token}\n", "TELEGRAM_API_URL": f"{server.api_url}/"}
    database = terminal.data / "cap-cto.sqlite3"
    typed: list[int] = []

    async def type_in(*values: int) -> None:
        for value in values:
            await ada.send(str(value + 1))
            typed.append(value)

    async with await terminal.start("run", **address) as process:
        question = await begun(ada)
        for value in (4, 0, 3):
            question = await tapped(ada, question, answer_data(question, value))
            typed.append(value)
        # From here nothing can be sent, so that the first is answered but not told, and the others wait.
        server.state.flood = Flood(messages=1, seconds=3600)
        await type_in(1)
        await seen(ada, lambda messages: step(messages[-1]) == 5)
        unsent, waiting = "SELECT count(*) FROM outbox", "SELECT count(*) FROM inbox WHERE state = 'waiting'"
        await until(lambda: rows(database, unsent) == [(0,)])
        await type_in(2, 4, 0)
        await until(lambda: rows(database, unsent) == [(1,)] and rows(database, waiting) == [(2,)])
        assert await process.end(signal.SIGKILL) == -signal.SIGKILL
    assert rows(database, unsent) == [(1,)]
    server.state.flood = None
    await type_in(3)

    async with await terminal.start("run", **address) as process:
        await seen(ada, lambda messages: step(messages[-1]) == len(typed) + 1)
        assert (await told(ada, "/language"))["text"]
        assert await process.end(signal.SIGTERM) == 0
    assert stored_answers(database) == typed
    assert rows(database, "SELECT DISTINCT state FROM inbox") == [("done",)]


async def test_the_local_chat_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "what? a 100% odd # folder")
    database = terminal.data / "local-bot.sqlite3"

    async def opened(process: Process) -> str:
        return (await process.says(r"http://127\.0\.0\.1:\d+"))[0]

    async with await terminal.start("run") as process:
        async with Page(await opened(process)) as page:
            assert "<html" in (await page.http.get("/")).text.lower()
            ada = await page.create("Ada", "en")
            question = await begun(ada)
            for value in (4, 0, 3):
                question = await tapped(ada, question, answer_data(question, value))
            before = (await ada.read())["messages"]
            # Killed at whatever it is doing with these.
            for value in (0, 1, 2, 3, 4, 4):
                await ada.send(str(value + 1))
            await until(lambda: len(stored_answers(database)) > 3)
        await process.end(signal.SIGKILL)

    async with await terminal.start("run", "--local") as process:
        async with Page(await opened(process)) as page:
            again = Person(page.http, ada.id)
            assert (await again.read())["messages"][: len(before) - 1] == before[:-1]
            messages = await seen(again, lambda messages: step(messages[-1]) == 10)
            question = await tapped(again, messages[-1], answer_data(messages[-1], 1))
            assert step(question) == 11
            assert question["message_id"] == messages[-1]["message_id"]
        assert await process.end(signal.SIGINT) == 0
        assert process.stderr == ""
    assert stored_answers(database) == [4, 0, 3, 0, 1, 2, 3, 4, 4, 1]
