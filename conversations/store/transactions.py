"""Transactions: what waits to be written at the same time is committed together, and trouble has one name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from conversations.store.batches import Batches
from conversations.store.health import READS, WRITES, Health

GROUP = 64
"""How many pieces of work share a transaction at most."""

A = TypeVar("A")
R = TypeVar("R")

Work = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""A kind of work: does all that is asked for in one go, and gives a result for each.

It may be run twice, and in another thread, so it changes nothing but the database.
"""

Calls = Sequence[tuple[Work, Sequence[Any]]]
"""Kinds of work with what is asked of each."""


class Commit(Protocol):
    """Makes some calls in one transaction, or without one where that may be ``bare``; what each gives."""

    async def __call__(self, calls: Calls, *, bare: bool) -> list[Sequence[Any]]: ...


class StoreUnavailable(Exception):
    """The database does not work now and may be back soon; the message says why in one line."""


@dataclass(frozen=True)
class _Piece:
    work: Work
    one: Any
    reads: bool
    bare: bool


class Transactions:
    """Runs pieces of work, each whole or not at all.

    ``commit`` makes some calls in one transaction, ``side_by_side`` such transactions at a time. What comes while they
    all run waits and then shares the next one, and pieces of one kind share its statements too: so many small pieces
    cost few statements and one commit.
    """

    def __init__(self, commit: Commit, health: Health, *, side_by_side: int) -> None:
        self._commit = commit
        self._health = health
        self._batches: Batches[_Piece, Any] = Batches(self._together, size=GROUP, side_by_side=side_by_side)

    async def run(self, work: Callable[[Connection], R], *, reads: bool = False) -> R:
        """Runs a piece of work that is like no other, and commits it. StoreUnavailable where the database fails.

        ``reads`` tells that it writes nothing.
        """
        return await self.share(lambda connection, _: [work(connection)], None, reads=reads)

    async def share(
        self,
        work: Callable[[Connection, Sequence[A]], Sequence[R]],
        one: A,
        *,
        reads: bool = False,
        bare: bool = False,
    ) -> R:
        """Runs a piece of work of a kind, together with others, and commits it. StoreUnavailable as above.

        ``bare`` tells that it is one statement: where nothing else is to be committed with it, it needs no transaction
        around it, and two questions fewer.
        """
        return cast(R, await self._batches.add(_Piece(work, one, reads, bare)))

    async def close(self) -> None:
        """Waits for what is under way."""
        await self._batches.close()

    async def _together(self, pieces: Sequence[_Piece]) -> Sequence[Any]:
        asked: dict[Work, list[Any]] = {}
        for piece in pieces:
            asked.setdefault(piece.work, []).append(piece.one)
        reads = all(piece.reads for piece in pieces)
        bare = all(piece.bare for piece in pieces) and (reads or len(asked) == 1)
        try:
            found = await self._committed(list(asked.items()), reads=reads, bare=bare)
        except StoreUnavailable:
            raise
        except Exception as error:
            if len(pieces) == 1:
                return [error]
            return [await self._alone(piece) for piece in pieces]  # which tells the one that is at fault
        results = {work: iter(each) for work, each in zip(asked, found, strict=True)}
        return [next(results[piece.work]) for piece in pieces]

    async def _alone(self, piece: _Piece) -> Any:
        try:
            return (await self._together([piece]))[0]
        except StoreUnavailable as error:
            return error

    async def _committed(self, calls: Calls, *, reads: bool, bare: bool) -> list[Sequence[Any]]:
        try:
            results = await self._commit(calls, bare=bare)
        except (DataError, IntegrityError):  # the fault of the data, not of the database
            raise
        except (DBAPIError, PoolTimeout, OSError, StoreUnavailable) as error:
            reason = line_of(error)
            self._health.fails(READS if reads else WRITES, reason)
            raise StoreUnavailable(reason) from error
        self._health.works(READS, *([] if reads else [WRITES]))
        return results


def line_of(error: BaseException) -> str:
    """What an error says, in one line and without the statement."""
    cause = getattr(error, "orig", None) or error
    said = str(cause).strip()
    return said.splitlines()[0] if said else type(cause).__name__
