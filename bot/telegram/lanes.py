"""One lane a chat: its updates are answered and its replies sent strictly in order, beside those of other chats."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from telegram import Bot
from telegram.error import InvalidToken

from bot.telegram.delivery import Refused, Sender
from bot.telegram.notes import Notes
from bot.telegram.patience import Patience
from bot.telegram.rates import Rates
from conversations.advisor import Advisor
from conversations.messages import Reply
from conversations.session import Session
from conversations.store.store import Overtaken, Store
from conversations.store.transactions import StoreUnavailable
from conversations.store.work import Outgoing, Received

log = logging.getLogger(__name__)

TRIES = 3
"""How often an update whose answer fails is tried before it is set aside."""

STARTS = 5
"""How many processes may end while they answer an update before it is set aside: it may not be its fault."""

WORKING = 100
"""How many chats are worked at a time. One that waits, for its turn to send or for Telegram, is not counted."""

HELD = 1000
"""How many chats are taken at a time; the others wait in the database, where another process may take them."""

FULL = 10_000
"""How many chats may wait to be taken before no more updates are fetched."""

ARRIVING = 1.0
"""Seconds for which a reply on its way is waited for at the end, beyond the time for work: it would be sent again."""

LOOK_EVERY = 0.5
"""Seconds between two looks for work that nobody does: a dead process's, or what one alone cannot manage."""

ROOT = Path(__file__).parents[2]


class Lost(Exception):
    """The chat is no longer this process's own."""


class Lanes:
    """Works the chats that have something waiting; at most one task a chat."""

    def __init__(self, advisor: Advisor, store: Store, bot: Bot, clock: Callable[[], datetime], rates: Rates) -> None:
        self._advisor = advisor
        self._store = store
        self._notes = Notes(store, clock)
        self._sender = Sender(bot, rates, self._check, self._notes.note)
        self._clock = clock
        self._working = asyncio.Semaphore(WORKING)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._next: dict[int, None] = {}
        self._suspecting = asyncio.Semaphore(1)
        self._broken_off: set[int] = set()  # leftover updates at which the database failed: they go on with that try
        self._is_open = False
        self.revoked = asyncio.Event()
        """Set once Telegram no longer knows the token."""

    @property
    def is_full(self) -> bool:
        """Whether so many chats wait that no more should be let in."""
        return len(self._next) >= FULL

    def open(self) -> None:
        """Begins to work chats; those that were woken before have waited for it."""
        self._is_open = True
        self._begin()

    async def watch(self) -> None:
        """Looks again and again for chats with work that no process does, until cancelled."""
        while True:
            try:
                if len(self._tasks) < HELD:
                    found = await self._store.chats_with_work()
                    self.wake(chat_id for chat_id in found if chat_id not in self._tasks)
            except StoreUnavailable:
                pass  # the store has said so
            except Exception:
                log.exception("waiting chats could not be looked for; it is tried again")
            await asyncio.sleep(LOOK_EVERY)

    def wake(self, chats: Iterable[int]) -> None:
        """Tells that chats have work."""
        for chat_id in chats:
            if chat_id in self._tasks:
                self._again.add(chat_id)
            else:
                self._next[chat_id] = None
        self._begin()

    async def drain(self, seconds: float) -> None:
        """Waits until all lanes are empty, at most so long; what is left stays in the database.

        Replies that are on their way then have a moment more.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        while self._tasks and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait(self._tasks.values(), timeout=0.1)
        self._is_open = False
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sender.finish(ARRIVING)

    def _begin(self) -> None:
        while self._is_open and self._next and len(self._tasks) < HELD:
            chat_id = next(iter(self._next))
            del self._next[chat_id]
            task = asyncio.create_task(self._work(chat_id), name="chat")
            self._tasks[chat_id] = task
            task.add_done_callback(partial(self._ended, chat_id))

    def _ended(self, chat_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[chat_id]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, InvalidToken):
            self._is_open = False
            self.revoked.set()
        elif error is not None:
            log.error("a chat's lane stopped", exc_info=error)
        if chat_id in self._again:
            self._again.discard(chat_id)
            self._next[chat_id] = None
        self._begin()

    @asynccontextmanager
    async def _resting(self) -> AsyncIterator[None]:
        """Lets another chat work meanwhile."""
        self._working.release()
        try:
            yield
        finally:
            await self._working.acquire()

    async def _work(self, chat_id: int) -> None:
        async with self._working:
            await self._work_off(chat_id)

    async def _work_off(self, chat_id: int) -> None:
        """Empties a lane. A database that fails is waited for; nothing of the lane is lost by that."""
        patience = Patience(longest=5.0)
        while True:
            try:
                if not await self._work_once(chat_id):
                    break
            except StoreUnavailable:
                async with self._resting():
                    await patience.wait()
        self._notes.settle(chat_id)  # if the chat is another process's now, it cannot be noted any more

    async def _work_once(self, chat_id: int) -> bool:
        """Empties a lane as long as it is this process's own; whether more waits by now."""
        if not await self._store.claim(chat_id):
            return False
        try:
            await self._empty(chat_id)
        except (Overtaken, Lost):
            log.warning("a chat was taken over by another process")
        return await self._store.release(chat_id)

    async def _empty(self, chat_id: int) -> None:
        """Sends what waits and answers what came, as long as there is something."""
        is_all = False
        while not is_all or chat_id in self._again:
            self._again.discard(chat_id)
            work = await self._store.load(chat_id)
            is_all, session = work.is_all, work.session
            self._notes.settle(chat_id, work.outgoing)
            for outgoing in work.outgoing:
                await self._send(outgoing, work.places)
            if work.outgoing and not is_all:
                continue  # what else waits to be sent goes before the next answer
            for received in work.received:
                session, replies = await self._answer(received, session, work.places)
                for outgoing in replies:
                    await self._send(outgoing, work.places)

    async def _answer(
        self, received: Received, session: Session, places: dict[str, int]
    ) -> tuple[Session, list[Outgoing]]:
        """The session after an update, and the replies to send; both as before where it had to be set aside."""
        reason = "the bot ended while it was answered"
        tries = STARTS if received.leftover else TRIES
        for attempt in range(received.attempts + 1, tries + 1):
            try:
                async with self._alone() if received.leftover else nullcontext():
                    if received.leftover:  # it may be what ended the last process: it counts whatever comes of it
                        await self._count(received)
                    now = self._clock()
                    turn = self._advisor.respond(session, received.incoming, now)
                    replies = await self._store.finish(received, turn, now)
            except StoreUnavailable:
                if received.leftover:
                    self._broken_off.add(received.update_id)
                raise
            except Overtaken:
                raise
            except Exception as error:  # whatever goes wrong with one update must not stop the chat
                log.exception("update %d failed (attempt %d of %d)", received.update_id, attempt, tries)
                reason = _where(error)
                if not received.leftover:
                    await self._store.tried(received)
                async with self._resting():
                    await asyncio.sleep(0.2 * attempt)
                continue
            if turn.forget:
                places.clear()
            return turn.session, replies
        log.error("update %d is set aside (%s)", received.update_id, reason)
        apology = self._apology(session, received)
        return session, await self._store.set_aside(received, f"{reason} ({tries} attempts)", self._clock(), apology)

    async def _count(self, received: Received) -> None:
        """Counts the try of an update that was left over, if it is a new one."""
        if received.update_id not in self._broken_off:
            await self._store.tried(received)
        self._broken_off.discard(received.update_id)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Lets one suspect be answered at a time: if the process ends meanwhile, no other is taken for the cause."""
        async with self._resting():
            await self._suspecting.acquire()
        try:
            yield
        finally:
            self._suspecting.release()

    def _apology(self, session: Session, received: Received) -> Reply | None:
        try:
            return self._advisor.apologise(session, received.incoming)
        except Exception as error:
            log.error("update %d gets no apology (%s)", received.update_id, _where(error))
            return None

    async def _send(self, outgoing: Outgoing, places: dict[str, int]) -> None:
        """Sends a reply and has it noted, or only the latter where it was sent before."""
        chat_id, slot = outgoing.chat_id, outgoing.reply.slot
        old = places.get(slot) if slot else None
        result = self._notes.unnoted(outgoing)
        if result is not None:
            await self._notes.note(outgoing, result)
        else:
            try:
                async with self._resting():
                    result = await self._sender.send(replace(outgoing, message_id=old))
            except Refused as refusal:
                result = str(refusal)
                await self._notes.note(outgoing, result)
        if slot and isinstance(result, int):
            places[slot] = result
            if old is not None and old != result:
                async with self._resting():
                    await self._sender.remove(chat_id, old)

    async def _check(self, chat_id: int) -> None:
        """Waits until a reply may be sent. Lost or StoreUnavailable where it may not."""
        await self._notes.ready()
        if not self._store.holds(chat_id):
            raise Lost


def _where(error: Exception) -> str:
    """What kind of error it was and where in our own code it arose, without its words: they may quote a message."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(ROOT)]
    place = f" in {Path(ours[-1].filename).relative_to(ROOT)}, line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"
