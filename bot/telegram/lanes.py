"""One lane a chat: its updates are answered and its replies sent strictly in order, beside those of other chats."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from telegram import Bot

from bot.telegram.delivery import deliver
from bot.telegram.patience import Patience
from conversations.advisor import Advisor
from conversations.store.store import Outgoing, Received, Store, StoreUnavailable

log = logging.getLogger(__name__)

TRIES = 3
"""How often an update whose answer fails is tried before it is set aside."""


class Lanes:
    """Works the chats that have something waiting; at most one task a chat."""

    def __init__(self, advisor: Advisor, store: Store, bot: Bot, clock: Callable[[], datetime]) -> None:
        self._advisor = advisor
        self._store = store
        self._bot = bot
        self._clock = clock
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._delivered: dict[int, tuple[Outgoing, int | None]] = {}  # sent, and not yet noted as such

    def wake(self, chats: Iterable[int]) -> None:
        """Tells that chats have work."""
        for chat_id in chats:
            if chat_id in self._tasks:
                self._again.add(chat_id)
                continue
            task = asyncio.create_task(self._work(chat_id), name=f"chat {chat_id}")
            self._tasks[chat_id] = task
            task.add_done_callback(partial(self._ended, chat_id))

    async def drain(self, seconds: float) -> None:
        """Waits until all lanes are empty, at most so long; what is left stays in the database."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._tasks and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait(self._tasks.values(), timeout=0.1)
        self._again.clear()
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def _ended(self, chat_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[chat_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("a chat's lane stopped", exc_info=task.exception())
        if chat_id in self._again:
            self._again.discard(chat_id)
            self.wake([chat_id])

    async def _work(self, chat_id: int) -> None:
        """Empties a lane. A database that fails is waited for; nothing of the lane is lost by that."""
        patience = Patience()
        while True:
            try:
                await self._empty(chat_id)
                return
            except StoreUnavailable as error:
                log.error("the database fails (%s); trying again", getattr(error, "orig", None) or type(error).__name__)
                await patience.wait()

    async def _empty(self, chat_id: int) -> None:
        await self._send(chat_id)
        while (received := await self._store.next_received(chat_id)) is not None:
            await self._answer(received)
            await self._send(chat_id)

    async def _answer(self, received: Received) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                session = await self._store.session(received.chat_id)
                now = self._clock()
                turn = self._advisor.respond(session, received.incoming, now)
                await self._store.finish(received, turn, now)
                return
            except StoreUnavailable:
                raise
            except Exception as error:  # whatever goes wrong with one update must not stop the chat
                log.exception("update %d failed (attempt %d of %d)", received.update_id, attempt, TRIES)
                reason = type(error).__name__
                await asyncio.sleep(0.2 * attempt)
        await self._store.set_aside(received, reason)

    async def _send(self, chat_id: int) -> None:
        while (outgoing := await self._store.next_outgoing(chat_id)) is not None:
            last, message_id = self._delivered.get(chat_id, (None, None))
            if last != outgoing:
                message_id = await deliver(self._bot, outgoing)
                self._delivered[chat_id] = outgoing, message_id
            await self._store.sent(outgoing, message_id, self._clock())
            del self._delivered[chat_id]
