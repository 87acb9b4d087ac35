"""Acts as a person over the page's interface; for tests and scripts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from bot.local.models import Json


class Person:
    """A person in a chat with the bot: writes, taps, and reads what the page would show."""

    def __init__(self, http: httpx.AsyncClient, chat_id: int) -> None:
        self._http = http
        self.id = chat_id

    async def send(self, text: str) -> Json:
        """Write a text. Returns the item (`message`, `edited`, `reaction`, `mine`)."""
        return await self._post("/messages", {"text": text})

    async def attach(self, kind: str) -> Json:
        """Send a stand-in: photo, sticker or voice."""
        return await self._post("/messages", {"kind": kind})

    async def start(self, payload: str = "") -> Json:
        """Press Start or open a deep link."""
        return await self._post("/start", {"payload": payload})

    async def tap(self, message_id: int, data: str) -> str:
        """Tap the button with this callback data. Returns the callback query's id."""
        return str((await self._post("/taps", {"message_id": message_id, "data": data}))["query_id"])

    async def edit(self, message_id: int, text: str) -> Json:
        """Change one of the person's own texts."""
        return await self._patch(f"/messages/{message_id}", {"text": text})

    async def change(self, **wish: object) -> Json:
        """Change `first_name`, `language_code` or `blocked`. Returns the chat."""
        return await self._patch("", wish)

    async def read(self) -> Json:
        """The chat as the page gets it: `chat`, `bot`, `messages`."""
        return _json(await self._http.get(f"/local/chats/{self.id}"))

    async def wait_for(self, wanted: Callable[[list[Json]], bool], seconds: float = 5.0) -> list[Json]:
        """Read the items of the chat until they are as `wanted`; raises TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds):
            while True:
                items: list[Json] = (await self.read())["messages"]
                if wanted(items):
                    return items
                await asyncio.sleep(0.02)

    async def _post(self, path: str, body: Json) -> Json:
        return _json(await self._http.post(f"/local/chats/{self.id}{path}", json=body))

    async def _patch(self, path: str, body: Json) -> Json:
        return _json(await self._http.patch(f"/local/chats/{self.id}{path}", json=body))


class Page:
    """The page's interface at `api_url`; use it with `async with`."""

    def __init__(self, api_url: str) -> None:
        self.http = httpx.AsyncClient(base_url=api_url, timeout=10)

    async def __aenter__(self) -> Page:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def create(self, first_name: str = "Ada", language_code: str = "en") -> Person:
        """A new person with an empty chat."""
        body = {"first_name": first_name, "language_code": language_code}
        return Person(self.http, int(_json(await self.http.post("/local/chats", json=body))["id"]))

    async def chats(self) -> list[Json]:
        """All chats with their last message."""
        found: list[Json] = _json(await self.http.get("/local/chats"))["chats"]
        return found

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[Json]]:
        """The stream of changes, open from the start of the block."""
        async with self.http.stream("GET", "/local/events") as response:
            lines = response.aiter_lines()
            await anext(lines)

            async def read() -> AsyncIterator[Json]:
                async for line in lines:
                    if line.startswith("data: "):
                        yield json.loads(line.removeprefix("data: "))

            yield read()


def _json(response: httpx.Response) -> Json:
    response.raise_for_status()
    value: Json = response.json()
    return value
