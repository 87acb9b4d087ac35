"""What cannot be stored is passed over, whichever way it comes, and holds up nothing else."""

from __future__ import annotations

import json

import httpx
import pytest
from bot_helpers import Json, Relay, Service, behind, seen, told

from bot.local import LocalServer
from bot.local.client import Person
from bot.telegram.hook import Hook
from bot.telegram.webhook import SECRET_HEADER

pytestmark = pytest.mark.usefixtures("quick")

WORDS = "Xylophon-Geheimnis"


def update(number: int, person: Person, text: str, chat_id: int = 0) -> Json:
    """An update with a message, as Telegram writes it."""
    chat = {"id": chat_id or person.id, "type": "private"}
    who = {"id": person.id, "is_bot": False, "first_name": "A"}
    return {"update_id": number, "message": {"message_id": 5, "date": 1, "chat": chat, "from": who, "text": text}}


def not_to_be_stored(person: Person) -> list[Json]:
    """Half a character, which no encoding has, and a chat whose number no chat can have."""
    return [update(5, person, f"{WORDS} \ud800"), update(6, person, WORDS, chat_id=1 << 64)]


PASSED_OVER = [
    "update 5 is passed over: PydanticSerializationError",
    "update 6 is passed over: OverflowError",
]


async def test_polling_goes_on_with_the_others(
    relay: Relay, service: Service, server: LocalServer, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    fetched = [*not_to_be_stored(ada), update(7, ada, "/help")]
    async with service.on(relay.api_url, server.token):
        await told(ada, "/help")
        relay.answer("getUpdates", 200, json.dumps({"ok": True, "result": fetched}))
        await told(ada, "/help")
        await seen(ada, lambda messages: len(messages) == 3)
        assert (await told(ada, "/language"))["text"] == service.say("language_question")
    assert [record.message for record in caplog.records if "passed over" in record.message] == PASSED_OVER
    assert WORDS not in caplog.text
    assert service.rows("SELECT count(*) FROM inbox WHERE update_id < 8") == [(1,)]


async def test_to_the_webhook_it_counts_as_brought(
    service: Service, server: LocalServer, hook: Hook, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        behind(service, server, server.token, hook),
        httpx.AsyncClient(headers={SECRET_HEADER: hook.secret}, trust_env=False) as telegram,
    ):
        for one in not_to_be_stored(ada):
            assert (await telegram.post(hook.url, content=json.dumps(one))).status_code == 200
        assert (await told(ada, "/language"))["text"] == service.say("language_question")
    assert [record.message for record in caplog.records if "passed over" in record.message] == PASSED_OVER
    assert WORDS not in caplog.text
