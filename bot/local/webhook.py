"""Delivers updates to the bot's webhook as Telegram does: in order within a chat, chats side by side, with retries."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import aiohttp

from bot.local.clock import Clock
from bot.local.models import Json
from bot.local.store import Store, Tx

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_SECONDS = 60.0
"""How long the webhook may take to answer."""
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600
GONE_SECONDS = 23 * 3600
"""After answering 410 for this long the webhook is closed."""
NOT_IN_ANSWERS = frozenset({"deletewebhook", "setwebhook", "close", "logout"})
"""Methods that an answer to an update cannot call; neither can those that begin with get."""

Execute = Callable[[str, dict[str, str]], Awaitable[Any]]
log = logging.getLogger(__name__)


@dataclass
class _Failing:
    """A lane whose first update was refused: how often, and when it is tried again (Unix time)."""

    times: int = 0
    pause: float = 1.0
    next: float = 0.0


class Webhook:
    """The sender; `execute` runs a method that the bot's answer names. Call `start` once, and `close` at the end."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._wake = asyncio.Event()
        self._failing: dict[str, _Failing] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._gone_since: float | None = None
        self._task: asyncio.Task[None] | None = None
        self.execute: Execute | None = None
        store.on_commit.append(self._committed)

    def _committed(self, tx: Tx) -> None:
        if tx.woke:
            self._wake.set()

    def start(self) -> None:
        """Begin to deliver, if a webhook is set."""
        self._task = asyncio.create_task(self._run(), name="webhook")

    async def changed(self) -> None:
        """A webhook was set or deleted: let go of the old one."""
        await self._let_go()
        self._wake.set()

    async def close(self) -> None:
        """Stop delivering."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._let_go()

    async def _let_go(self) -> None:
        busy = [task for task in self._busy.values() if task is not asyncio.current_task()]
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        self._busy.clear()
        self._failing.clear()
        self._gone_since = None
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            now = self._clock()
            with self._store.tx() as tx:
                hook: Json | None = tx.meta("webhook")
                tx.expire_updates(now)
                heads = tx.heads() if hook else []
            due = [moment for moment in (self._serve(hook, *head) for head in heads) if moment] if hook else []
            await self._wait(min(due, default=None))

    def _serve(self, hook: Json, lane: str, update_id: int, ready: float, expires: float) -> float:
        """Send the first update of a lane if it may go; else return when to look again (0: somebody will wake us)."""
        if lane in self._busy:
            return 0
        moment = max(ready, self._failing[lane].next if lane in self._failing else 0)
        if moment > self._clock():
            return moment
        if len(self._busy) < hook["max_connections"]:
            task = asyncio.create_task(self._deliver(hook, lane, update_id, expires))
            self._busy[lane] = task
            task.add_done_callback(lambda _: self._done(lane, task))
        return 0

    def _done(self, lane: str, task: asyncio.Task[None]) -> None:
        if self._busy.get(lane) is task:
            del self._busy[lane]
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("the local server failed at a webhook", exc_info=task.exception())

    async def _wait(self, moment: float | None) -> None:
        waits: set[asyncio.Task[Any]] = {asyncio.create_task(self._wake.wait())}
        if moment is not None:
            waits.add(asyncio.create_task(self._clock.sleep_until(moment)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    async def _deliver(self, hook: Json, lane: str, update_id: int, expires: float) -> None:
        with self._store.tx() as tx:
            update = tx.update(update_id)
        if update is None:
            return
        headers = {"content-type": "application/json"}
        if hook["secret_token"]:
            headers[SECRET_HEADER] = hook["secret_token"]
        body = json.dumps(update, ensure_ascii=False).encode()
        try:
            async with self._open(hook).post(hook["url"], data=body, headers=headers, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
        except TimeoutError:
            self._failed(lane, expires, update_id, "Read timeout expired", 0)
            return
        except aiohttp.ClientConnectorError:
            self._failed(lane, expires, update_id, "Connection refused", 0)
            return
        except (aiohttp.ClientError, ValueError):
            self._failed(lane, expires, update_id, "Webhook connection closed", 0)
            return
        if not 200 <= answer.status < 300:
            after = answer.headers.get("retry-after", "")
            wait = min(int(after), LONGEST_RETRY_AFTER) if after.isascii() and after.isdigit() else 0
            refused = f"Wrong response from the webhook: {answer.status} {answer.reason}"
            self._failed(lane, expires, update_id, refused, wait)
            if self._is_gone(answer.status):
                with self._store.tx() as tx:
                    tx.set_meta("webhook", None)
            return
        self._gone_since = None
        self._failing.pop(lane, None)
        with self._store.tx() as tx:
            tx.forget_update(update_id)
        await self._obey(answer.content_type, text)

    def _failed(self, lane: str, expires: float, update_id: int, text: str, retry_after: float) -> None:
        """Note the error, and when to try again: at once the first time, then after pauses that double."""
        now, failing = self._clock(), self._failing.setdefault(lane, _Failing())
        pause = float(retry_after)
        if not retry_after and failing.times > 0:
            pause = failing.pause = min(LONGEST_PAUSE, failing.pause * 2)
        failing.times += 1
        failing.next = now + pause
        with self._store.tx() as tx:
            tx.set_meta("webhook_error", {"date": int(now), "message": text})
            if now + pause > expires:
                tx.forget_update(update_id)
                self._failing.pop(lane, None)

    def _is_gone(self, status: int) -> bool:
        if status != 410:
            self._gone_since = None
            return False
        if self._gone_since is None:
            self._gone_since = self._clock()
        return self._clock() - self._gone_since > GONE_SECONDS

    async def _obey(self, kind: str, text: str) -> None:
        """Run the method that the body of an answer names, if it names one."""
        values = _values(kind, text)
        method = values.pop("method", "")
        name = method.lower()
        if method and self.execute is not None and name not in NOT_IN_ANSWERS and not name.startswith("get"):
            await self.execute(method, values)

    def _open(self, hook: Json) -> aiohttp.ClientSession:
        if self._session is None:
            is_secure = hook["url"].startswith("https:")
            certificates = ssl.create_default_context(cadata=hook["certificate"] or None) if is_secure else True
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=hook["max_connections"], ssl=certificates),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            )
        return self._session


def _values(kind: str, text: str) -> dict[str, str]:
    if kind == "application/json":
        try:
            value = json.loads(text)
        except ValueError:
            return {}
        if not isinstance(value, dict):
            return {}
        return {
            name: one if isinstance(one, str) else json.dumps(one) for name, one in value.items() if one is not None
        }
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text))
    return {}
