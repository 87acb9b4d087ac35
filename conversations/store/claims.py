"""Who works a chat, and who polls: one process at a time, held by means that end with the process.

On SQLite one process has the whole file. On PostgreSQL each process holds advisory locks on one connection of its own:
they are gone the moment that connection is, so a dead replica's chats are free at once and nothing has to time out.
"""

import fcntl
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.store.batches import Batches
from conversations.store.health import CLAIMS, Health
from conversations.store.transactions import StoreUnavailable, line_of

LEADER = 0x6C656164
"""The advisory lock of the process that polls. Those of chats are 64 bits of a hash."""

TOGETHER = 64
"""How many chats are taken or given back with one question."""

TAKE_OR_GIVE = """
    SELECT number, take, CASE WHEN take THEN pg_try_advisory_lock(number) ELSE pg_advisory_unlock(number) END
    FROM unnest($1::bigint[], $2::boolean[]) AS wanted (number, take)
"""


class InUse(Exception):
    """Another process has the database; the message says which."""


class Claims(Protocol):
    """What a process may work on. StoreUnavailable where the database is in trouble."""

    shared: bool
    """Whether other processes may work on the same database."""

    async def open(self) -> None:
        """Begins. InUse where another process has the whole database."""

    async def close(self) -> None:
        """Gives everything back."""

    async def reach(self) -> None:
        """Returns where something can be claimed now, or would be if it were free."""

    async def take(self, marks: Collection[bytes]) -> bool:
        """Claims a chat that is known by these marks; False where another process has it."""

    async def give(self, marks: Collection[bytes]) -> None:
        """Gives a chat back."""

    def holds(self, marks: Collection[bytes]) -> bool:
        """Whether the chat is still this process's own, as far as can be told without asking."""

    async def leads(self) -> bool:
        """Whether this process is the one that polls; it becomes so where no other is."""


class WholeFile:
    """The claim on a whole SQLite file, by a lock on a file beside it; without a path (in memory) there is no need."""

    shared = False

    def __init__(self, path: Path | None) -> None:
        self._path = path.with_name(f"{path.name}.lock") if path else None
        self._file: int | None = None

    async def open(self) -> None:
        self.lock()

    def lock(self) -> None:
        """Claims the file. InUse where another process has it, OSError where there can be no lock."""
        if self._path is None:
            return
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(file, 20).decode(errors="replace").strip()
            os.close(file)
            raise InUse(f"another process{f' ({owner})' if owner else ''} uses it; stop that one first") from None
        os.truncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def unlock(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            os.truncate(self._file, 0)
            os.close(self._file)
            self._file = None

    async def close(self) -> None:
        self.unlock()

    async def reach(self) -> None:
        pass

    async def take(self, marks: Collection[bytes]) -> bool:
        return True

    async def give(self, marks: Collection[bytes]) -> None:
        pass

    def holds(self, marks: Collection[bytes]) -> bool:
        return True

    async def leads(self) -> bool:
        return True


@dataclass(frozen=True)
class _Wish:
    """To have some locks, all or none, or to have none of them."""

    locks: list[int]
    have: bool


class AdvisoryLocks:
    """Claims as PostgreSQL's advisory locks of one session; ``engine`` must not pool, so that closing closes."""

    shared = True

    def __init__(self, engine: AsyncEngine, health: Health) -> None:
        self._engine = engine
        self._health = health
        self._connection: Any = None
        self._held: set[int] = set()
        # One at a time, as they share a connection.
        self._wishes: Batches[_Wish, bool] = Batches(self._fulfil, size=TOGETHER)

    async def open(self) -> None:
        await self._driver()

    async def close(self) -> None:
        await self._wishes.close()
        if self._alive():
            with suppress(Exception):
                await self._connection.driver_connection.fetchval("SELECT pg_advisory_unlock_all()")
        await self._drop()

    async def reach(self) -> None:
        await self._wishes.add(_Wish([], have=True))

    async def take(self, marks: Collection[bytes]) -> bool:
        return await self._wishes.add(_Wish(_numbers(marks), have=True))

    async def give(self, marks: Collection[bytes]) -> None:
        await self._wishes.add(_Wish(_numbers(marks), have=False))

    def holds(self, marks: Collection[bytes]) -> bool:
        return self._alive() and self._held.issuperset(_numbers(marks))

    async def leads(self) -> bool:
        return await self._wishes.add(_Wish([LEADER], have=True))

    async def _fulfil(self, wishes: Sequence[_Wish]) -> list[bool]:
        """Takes and gives locks; whether each wish is fulfilled, of which a lock to have is a part or none."""
        await self._ask({number: wish.have for wish in wishes for number in wish.locks})
        fulfilled = [not wish.have or self._held.issuperset(wish.locks) for wish in wishes]
        halves = [wish for wish, is_done in zip(wishes, fulfilled, strict=True) if not is_done]
        if halves:
            await self._ask({number: False for wish in halves for number in wish.locks})
        return fulfilled

    async def _ask(self, wanted: Mapping[int, bool]) -> None:
        """Takes (true) or gives locks, each once however often it is asked for: the database would count.

        It is asked even where nothing changes: whoever wants to know what is held must hear if that has ended.
        """
        try:
            driver = await self._driver()
            changes = {number: take for number, take in wanted.items() if take != (number in self._held)}
            rows = await driver.fetch(TAKE_OR_GIVE, list(changes), list(changes.values()))
        except BaseException as error:  # also when cancelled: what has been done is not known then
            await self._drop()
            if not isinstance(error, Exception):
                raise
            reason = line_of(error)
            self._health.fails(CLAIMS, reason)
            raise StoreUnavailable(reason) from error
        self._health.works(CLAIMS)
        for number, take, is_done in rows:
            if not take:
                self._held.discard(number)
            elif is_done:
                self._held.add(number)

    async def _driver(self) -> Any:
        """The driver's own connection, made anew where the last one has ended, and with it all claims."""
        if not self._alive():
            await self._drop()
            try:
                self._connection = await self._engine.raw_connection()
            except Exception as error:  # the driver's own, besides those of sockets
                raise StoreUnavailable(line_of(error)) from error
        return self._connection.driver_connection

    def _alive(self) -> bool:
        return self._connection is not None and not self._connection.driver_connection.is_closed()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._held.clear()
        if connection is not None:
            connection.driver_connection.terminate()
            with suppress(Exception):
                connection.invalidate()


def _numbers(marks: Collection[bytes]) -> list[int]:
    """The locks for a chat, in the same order in every process."""
    return sorted(int.from_bytes(mark[:8], signed=True) for mark in marks)
