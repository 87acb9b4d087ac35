"""Who works a chat, and who polls: one process at a time, held by means that end with the process.

On SQLite one process has the whole file. On PostgreSQL each process holds advisory locks on one connection of its own:
they are gone the moment that connection is, so a dead replica's chats are free at once and nothing has to time out.
"""

import asyncio
import fcntl
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.store.transactions import StoreUnavailable, line_of

LEADER = 0x6C656164
"""The advisory lock of the process that polls. Those of chats are 64 bits of a hash."""


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

    async def take(self, marks: Collection[bytes]) -> bool:
        return True

    async def give(self, marks: Collection[bytes]) -> None:
        pass

    def holds(self, marks: Collection[bytes]) -> bool:
        return True

    async def leads(self) -> bool:
        return True


class AdvisoryLocks:
    """Claims as PostgreSQL's advisory locks of one session; ``engine`` must not pool, so that closing closes."""

    shared = True

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._one_at_a_time = asyncio.Lock()
        self._connection: Any = None
        self._held: set[int] = set()

    async def open(self) -> None:
        async with self._one_at_a_time:
            await self._driver()

    async def close(self) -> None:
        async with self._one_at_a_time:
            if self._alive():
                with suppress(Exception):
                    await self._connection.driver_connection.fetchval("SELECT pg_advisory_unlock_all()")
            await self._drop()

    async def take(self, marks: Collection[bytes]) -> bool:
        numbers = _numbers(marks)
        async with self._one_at_a_time:
            taken: list[int] = []
            for number in numbers:
                if not await self._lock(number):
                    for one in taken:
                        await self._unlock(one)
                    return False
                taken.append(number)
            return True

    async def give(self, marks: Collection[bytes]) -> None:
        async with self._one_at_a_time:
            for number in _numbers(marks):
                await self._unlock(number)

    def holds(self, marks: Collection[bytes]) -> bool:
        return self._alive() and self._held.issuperset(_numbers(marks))

    async def leads(self) -> bool:
        async with self._one_at_a_time:
            return await self._lock(LEADER)

    async def _lock(self, number: int) -> bool:
        """Locks, once however often it is asked for: the database would count."""
        if self._alive() and number in self._held:
            return True
        got = bool(await self._asked("SELECT pg_try_advisory_lock($1)", number))
        if got:
            self._held.add(number)
        return got

    async def _unlock(self, number: int) -> None:
        if self._alive() and number in self._held:
            self._held.discard(number)
            await self._asked("SELECT pg_advisory_unlock($1)", number)

    async def _asked(self, question: str, number: int) -> Any:
        try:
            driver = await self._driver()
            return await driver.fetchval(question, number)
        except BaseException as error:  # also when cancelled: whether the lock was given is not known then
            await self._drop()
            if isinstance(error, Exception):
                raise StoreUnavailable(line_of(error)) from error
            raise

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
