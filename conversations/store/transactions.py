"""Transactions: what waits to be written at the same time is committed together, and trouble has one name."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

GROUP = 64
"""How many pieces of work share a transaction at most."""

T = TypeVar("T")
Work = Callable[[Connection], Any]
"""A piece of work. It may be run twice, and in another thread, so it changes nothing but the database."""

log = logging.getLogger(__name__)


class StoreUnavailable(Exception):
    """The database does not work now and may be back soon; the message says why in one line."""


class Transactions:
    """Runs pieces of work, each whole or not at all.

    ``commit`` runs some of them in one transaction, ``side_by_side`` such transactions at a time. What comes while
    they all run waits and then shares the next one, so that many small pieces cost one commit.
    """

    def __init__(self, commit: Callable[[Sequence[Work]], Awaitable[list[Any]]], *, side_by_side: int) -> None:
        self._commit = commit
        self._side_by_side = side_by_side
        self._waiting: deque[tuple[Work, asyncio.Future[Any]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._running = 0
        self._works: bool | None = None  # not known before the first transaction

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Runs a piece of work and commits it. StoreUnavailable where the database is in trouble."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._running < self._side_by_side:
            self._running += 1
            task = asyncio.create_task(self._drain(), name="transactions")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def close(self) -> None:
        """Waits for what is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _drain(self) -> None:
        group: list[tuple[Work, asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
                await self._together(group)
        finally:
            self._running -= 1
            for _, future in group:
                if not future.done():
                    future.cancel()

    async def _together(self, group: Sequence[tuple[Work, asyncio.Future[Any]]]) -> None:
        try:
            results = await self._committed([work for work, _ in group])
        except Exception as error:
            if len(group) == 1 or isinstance(error, StoreUnavailable):
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                return
            for one in group:  # one of them is at fault; each alone tells which
                await self._together([one])
            return
        for (_, future), result in zip(group, results, strict=True):
            if not future.done():
                future.set_result(result)

    async def _committed(self, works: Sequence[Work]) -> list[Any]:
        """Commits; one line for the operator where trouble begins and where it ends."""
        try:
            results = await self._commit(works)
        except (DataError, IntegrityError):  # the fault of the data, not of the database
            raise
        except (DBAPIError, PoolTimeout, OSError, StoreUnavailable) as error:
            reason = line_of(error)
            if self._works:
                self._works = False
                log.error("the database fails (%s); nothing is lost, and it is tried again until it works", reason)
            raise StoreUnavailable(reason) from error
        if self._works is False:
            log.warning("the database works again")
        self._works = True
        return results


def line_of(error: BaseException) -> str:
    """What an error says, in one line and without the statement."""
    cause = getattr(error, "orig", None) or error
    said = str(cause).strip()
    return said.splitlines()[0] if said else type(cause).__name__
