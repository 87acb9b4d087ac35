"""Acts as a person over the page's interface; for tests and scripts."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx

from bot.local.models import Json

UNUSED = 2.0
"""Seconds for which an unused connection is kept: less than the server does, or both might let go at the same time."""


class Person:
    """A person in a chat with the bot: writes, taps, and reads what the page would show.

    `within` gives the same person in a group, where all acts are theirs and reading shows the group.
    """

    def __init__(self, http: httpx.AsyncClient, chat_id: int, user_id: int | None = None) -> None:
        self._http = http
        self.id = chat_id
        self.user_id = user_id if user_id is not None else chat_id

    def within(self, group_id: int) -> Person:
        """The person in a group they are a member of."""
        return Person(self._http, group_id, self.user_id)

    async def send(self, text: str, *, reply_to: int | None = None) -> Json:
        """Write a text. Returns the item (`message`, `edited`, `reaction`, `reactions`, `mine`)."""
        return await self._post("/messages", {"text": text, "reply_to": reply_to})

    async def attach(self, kind: str) -> Json:
        """Send a stand-in: photo, sticker or voice."""
        return await self._post("/messages", {"kind": kind})

    async def upload(self, kind: str, data: bytes, *, name: str = "", caption: str = "") -> Json:
        """Send a photo or a document of one's own."""
        body = {"kind": kind, "data": base64.b64encode(data).decode(), "name": name, "caption": caption}
        return await self._post("/messages", body)

    async def share(self, **what: Json) -> Json:
        """Send a `location` (latitude, longitude) or a `contact` (phone_number, first_name)."""
        return await self._post("/messages", dict(what))

    async def start(self, payload: str = "") -> Json:
        """Press Start or open a deep link."""
        return await self._post("/start", {"payload": payload})

    async def tap(self, message_id: int, data: str) -> str:
        """Tap the button with this callback data. Returns the callback query's id."""
        return str((await self._post("/taps", {"message_id": message_id, "data": data}))["query_id"])

    async def edit(self, message_id: int, text: str) -> Json:
        """Change one of the person's own texts."""
        return await self._patch(f"/messages/{message_id}", {"text": text})

    async def delete(self, message_id: int) -> None:
        """Delete a message for both sides."""
        _json(await self._http.delete(f"/local/chats/{self.id}/messages/{message_id}"))

    async def react(self, message_id: int, emoji: str | None) -> Json:
        """Put a reaction on a message, or take it away (None)."""
        return await self._post("/reactions", {"message_id": message_id, "emoji": emoji})

    async def vote(self, message_id: int, *option_ids: int) -> Json:
        """Vote in a poll; without options the vote is taken back."""
        return await self._post("/votes", {"message_id": message_id, "option_ids": list(option_ids)})

    async def ask_inline(self, query: str, offset: str = "") -> str:
        """Type after the bot's name. Returns the inline query's id."""
        return str((await self._post("/inline", {"query": query, "offset": offset}))["query_id"])

    async def inline_answer(self, query_id: str, seconds: float = 5.0) -> Json:
        """The answer to an inline query (`results`, `next_offset`, `button`); raises TimeoutError after `seconds`."""
        async with asyncio.timeout(seconds):
            while True:
                answer: Json | None = _json(await self._http.get(f"/local/inline/{query_id}"))["answer"]
                if answer is not None:
                    return answer
                await asyncio.sleep(0.02)

    async def choose(self, query_id: str, result_id: str) -> Json:
        """Send one of the results of an inline query. Returns the item."""
        return _json(await self._http.post(f"/local/inline/{query_id}/choice", json={"result_id": result_id}))

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
        return _json(await self._http.post(f"/local/chats/{self.id}{path}", json=self._signed(body)))

    async def _patch(self, path: str, body: Json) -> Json:
        return _json(await self._http.patch(f"/local/chats/{self.id}{path}", json=self._signed(body)))

    def _signed(self, body: Json) -> Json:
        return body if self.id == self.user_id else body | {"from": self.user_id}


class Page:
    """The page's interface at `api_url`; use it with `async with`."""

    def __init__(self, api_url: str) -> None:
        self.http = _client(api_url)

    async def __aenter__(self) -> Page:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def create(self, first_name: str = "Ada", language_code: str = "en") -> Person:
        """A new person with an empty chat."""
        body = {"first_name": first_name, "language_code": language_code}
        return Person(self.http, int(_json(await self.http.post("/local/chats", json=body))["id"]))

    async def create_group(self, title: str, *people: Person, type: str = "group", bot: str = "member") -> int:
        """A new group of these people, the first one its owner, with the bot in it. Returns its id."""
        members = [person.user_id for person in people]
        body = {"type": type, "title": title, "members": members, "bot": bot}
        return int(_json(await self.http.post("/local/chats", json=body))["id"])

    async def set_member(self, group_id: int, user_id: int, status: str, by: int | None = None) -> Json:
        """Give a person or the bot a status in a group: creator, administrator, member, left or kicked."""
        body = {"status": status} | ({"by": by} if by is not None else {})
        return _json(await self.http.put(f"/local/chats/{group_id}/members/{user_id}", json=body))

    async def upgrade(self, group_id: int) -> int:
        """Turn a group into a supergroup. Returns its new id."""
        return int(_json(await self.http.post(f"/local/chats/{group_id}/upgrade", json={}))["id"])

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


class Control:
    """The control interface at `api_url`: the clock, faults, rates, settings and the calls. Use with `async with`."""

    def __init__(self, api_url: str) -> None:
        self.http = _client(api_url)

    async def __aenter__(self) -> Control:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def advance(self, seconds: float) -> float:
        """Move the clock forward. Returns the new time (Unix seconds)."""
        return float(_json(await self.http.post("/control/clock", json={"seconds": seconds}))["now"])

    async def fault(self, kind: str, *methods: str, **more: object) -> Json:
        """Set a fault; `more` are `count`, `skip`, `seconds`, `code` and `when`. Returns it with its id."""
        return _json(await self.http.post("/control/faults", json={"kind": kind, "methods": methods} | more))

    async def clear_faults(self) -> None:
        """Take all faults away."""
        _json(await self.http.delete("/control/faults"))

    async def rates(self, **wish: object) -> Json:
        """Set how fast the bot may send: `on`, `chat`, `group`, `total`."""
        return _json(await self.http.put("/control/rates", json=wish))

    async def settings(self, **wish: bool) -> Json:
        """Set what the bot's owner decides with @BotFather."""
        return _json(await self.http.patch("/control/settings", json=wish))

    async def calls(self, method: str = "", after: int = 0) -> list[Json]:
        """The calls the bot made: their parameters, answers and times."""
        query = {"method": method, "after": str(after)}
        found: list[Json] = _json(await self.http.get("/control/calls", params=query))["calls"]
        return found

    async def follow(self) -> AsyncIterator[Json]:
        """The calls from the first one on, in the order in which they end, for ever."""
        seen = 0
        while True:
            found = _json(await self.http.get("/control/calls", params={"seen": str(seen)}))
            for call in found["calls"]:
                yield call
            seen = found["seen"]

    async def updates(self) -> list[Json]:
        """The updates that wait for the bot."""
        found: list[Json] = _json(await self.http.get("/control/updates"))["updates"]
        return found


def _client(api_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=api_url, timeout=10, limits=httpx.Limits(keepalive_expiry=UNUSED))


def _json(response: httpx.Response) -> Json:
    response.raise_for_status()
    value: Json = response.json()
    return value
