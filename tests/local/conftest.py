"""A running local server, the bot's client, raw calls, and a person in a chat."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import telegram

from bot.local import LocalServer
from bot.local.client import Control, Page, Person

from .helpers import Api, Clock, client_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[LocalServer]:
    async with LocalServer(clock=clock, slow_repeats=False) as running:
        yield running


@pytest.fixture
async def bot(server: LocalServer) -> AsyncIterator[telegram.Bot]:
    async with client_of(server) as client:
        yield client


@pytest.fixture
async def page(server: LocalServer) -> AsyncIterator[Page]:
    async with Page(server.api_url) as client:
        yield client


@pytest.fixture
async def control(server: LocalServer) -> AsyncIterator[Control]:
    async with Control(server.api_url) as client:
        yield client


@pytest.fixture
async def person(page: Page, bot: telegram.Bot) -> Person:
    """Ada, who has pressed Start; the bot has already read that."""
    ada = await page.create("Ada", "en")
    await ada.start()
    (update,) = await bot.get_updates()
    await bot.get_updates(offset=update.update_id + 1)
    return ada


@pytest.fixture
async def api(server: LocalServer) -> AsyncIterator[Api]:
    """Calls a method with a form and returns the whole answer."""
    async with httpx.AsyncClient(base_url=server.api_url, timeout=20) as http:

        async def call(method: str, **values: Any) -> dict[str, Any]:
            answer = await http.post(f"/bot{server.token}/{method}", data=values)
            body: dict[str, Any] = answer.json()
            assert body.get("error_code", 200) == answer.status_code
            return body

        yield call
