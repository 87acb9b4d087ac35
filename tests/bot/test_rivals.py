"""Two that want the same updates: what the operator reads, and how it goes on once the other has ended."""

from __future__ import annotations

import asyncio

import pytest
from bot_helpers import Service, seen, told, until
from telegram import Bot
from telegram.error import Conflict

from bot.local import LocalServer
from bot.local.client import Person

pytestmark = pytest.mark.usefixtures("quick")

NOWHERE = "http://127.0.0.1:9/updates"
RIVAL = "another program polls with this token; end that one, or this one (trying again)"
WEBHOOK = "a webhook has been set for this token; `run --polling` removes it and polls (trying again)"


async def test_another_program_that_polls_is_told_of_and_waited_out(
    service: Service, server: LocalServer, client: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async def poll() -> None:
        while True:
            try:
                await client.get_updates(timeout=10)
            except Conflict:
                await asyncio.sleep(0.1)

    async with service.on(server.api_url, server.token):
        await told(ada, "/help")
        rival = asyncio.create_task(poll())
        await until(lambda: said(caplog))
        rival.cancel()
        assert (await told(ada, "/language"))["text"] == service.say("language_question")
    assert said(caplog) == {RIVAL}
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_webhook_that_is_set_meanwhile_is_told_of_and_waited_out(
    service: Service, server: LocalServer, client: Bot, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with service.on(server.api_url, server.token):
        await told(ada, "/help")
        await client.set_webhook(NOWHERE)  # ends the poll that waits, and refuses the next
        await until(lambda: len([record for record in caplog.records if record.message == WEBHOOK]) > 1)
        await ada.send("/language")
        await client.delete_webhook()
        messages = await seen(ada, lambda messages: len(messages) == 2)
        assert messages[1]["text"] == service.say("language_question")
    assert said(caplog) == {WEBHOOK}
    assert not [record for record in caplog.records if record.exc_info]


def said(caplog: pytest.LogCaptureFixture) -> set[str]:
    """What was logged about polling."""
    return {record.message for record in caplog.records if record.name == "bot.telegram.polling"}
