"""The two databases, and the few ways in which they differ: how statements get there, and who may work on what."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import URL, Connection, NullPool, PoolProxiedConnection, QueuePool, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from conversations.store.claims import AdvisoryLocks, Claims, WholeFile
from conversations.store.health import Health
from conversations.store.transactions import Calls, StoreUnavailable, line_of

# FULL: a commit is on the disk before it counts, so not even a power cut takes what was acknowledged.
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=200",
    "foreign_keys=ON",
    "secure_delete=ON",
    "cache_size=-65536",
    "wal_autocheckpoint=4000",
)

WAITS_FOR_A_LOCK = 5.0
"""Seconds for which another process may hold SQLite's lock before that is trouble."""

# A machine that is gone without a word must not hold its chats for the hours that TCP allows.
NOTICED_WHEN_GONE = {"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}

T = TypeVar("T")


class Engine(Protocol):
    """What differs between the databases: how statements get there, and who may work on what."""

    claims: Claims
    side_by_side: int
    insert: Any
    """An INSERT that knows ON CONFLICT, which both have and SQLAlchemy keeps apart."""

    def reach(self) -> None:
        """Makes sure that the database is there, as far as that can be told without connecting."""

    def find(self) -> None:
        """Makes sure that there is something already, which will only be read. OSError where there is not."""

    async def commit(self, calls: Calls, *, bare: bool) -> list[Sequence[Any]]:
        """Makes some calls in one transaction; what each gives.

        ``bare`` tells that none is needed: each call is one statement and may stand for itself.
        """

    async def clear_log(self) -> None:
        """Takes what has been deleted out of the database's own log, where that is a matter of ours."""

    async def close(self) -> None:
        """Closes all connections."""

    def give_up(self) -> None:
        """Leaves what is under way as it is, so that it does not keep the process from ending."""


class Sqlite:
    """SQLite through one connection in one thread: a whole transaction costs one change of threads."""

    side_by_side = 1
    insert = staticmethod(sqlite.insert)

    def __init__(self, url: URL) -> None:
        self._name = url.database or ""
        self._engine = create_engine(
            url.set(drivername="sqlite"), hide_parameters=True, poolclass=QueuePool, pool_size=1, max_overflow=0
        )
        event.listen(self._engine, "connect", _tune_sqlite)
        event.listen(self._engine, "begin", self._begin)
        self._beginning = "BEGIN IMMEDIATE"  # so that what was read is still true when it is written
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._is_given_up = False
        self.claims: Claims = WholeFile(file_of(url))

    def reach(self) -> None:
        if not self._name.startswith("file:"):
            sqlite3.connect(self._name).close()

    def find(self) -> None:
        if not Path(self._name).is_file():
            raise FileNotFoundError("there is no such file")
        self._beginning = "BEGIN"  # which takes no lock that the bot could have to wait for

    def _begin(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._beginning)

    async def commit(self, calls: Calls, *, bare: bool) -> list[Sequence[Any]]:
        return await self._in_thread(partial(self._commit, calls))

    def _commit(self, calls: Calls) -> list[Sequence[Any]]:
        with self._engine.connect() as connection, connection.begin():
            return [work(connection, asked) for work, asked in calls]

    async def clear_log(self) -> None:
        await self._in_thread(self._checkpoint)

    def _checkpoint(self) -> None:
        until = time.monotonic() + WAITS_FOR_A_LOCK
        with closing(self._engine.raw_connection()) as connection:
            while _is_hindered(connection) and self._try_later(until):
                pass

    async def close(self) -> None:
        await self._in_thread(self._engine.dispose)
        self._thread.shutdown()

    def give_up(self) -> None:
        self._is_given_up = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._once_free, call)

    def _once_free(self, call: Callable[[], T]) -> T:
        """Waits for the lock in short steps: a wait within SQLite cannot be broken off, and the process would stay."""
        until = time.monotonic() + WAITS_FOR_A_LOCK
        while True:
            try:
                return call()
            except (sqlite3.OperationalError, OperationalError) as error:
                if not _is_locked(error) or not self._try_later(until):
                    raise

    def _try_later(self, until: float) -> bool:
        """Waits a moment; whether to try again then."""
        time.sleep(0.01)
        return not self._is_given_up and time.monotonic() < until


class Postgresql:
    """PostgreSQL through a pool of connections, and one of its own for the claims."""

    side_by_side = 2
    insert = staticmethod(postgresql.insert)

    def __init__(self, url: URL, health: Health) -> None:
        connecting = {"timeout": 10, "command_timeout": 30, "server_settings": NOTICED_WHEN_GONE}
        self._engine = create_async_engine(
            url, hide_parameters=True, pool_size=self.side_by_side, max_overflow=0, connect_args=connecting
        )
        self._bare = self._engine.execution_options(isolation_level="AUTOCOMMIT")  # over the same connections
        alone = create_async_engine(url, poolclass=NullPool, connect_args=connecting)
        self.claims: Claims = AdvisoryLocks(alone, health)

    def reach(self) -> None:
        pass

    def find(self) -> None:
        pass

    async def commit(self, calls: Calls, *, bare: bool) -> list[Sequence[Any]]:
        try:
            connection = await (self._bare if bare else self._engine).connect()
        except Exception as error:  # the driver's own, besides those of sockets
            raise StoreUnavailable(line_of(error)) from error
        try:
            async with connection.begin():
                return await connection.run_sync(lambda sync: [work(sync, asked) for work, asked in calls])
        finally:
            await connection.close()

    async def clear_log(self) -> None:
        pass

    async def close(self) -> None:
        await self._engine.dispose()

    def give_up(self) -> None:
        pass


def engine_of(url: URL, health: Health) -> Engine:
    """The engine for an address. ValueError where none fits."""
    match url.get_backend_name():
        case "sqlite":
            return Sqlite(url)
        case "postgresql" | "postgres":
            return Postgresql(url.set(drivername="postgresql+asyncpg"), health)
        case name:
            raise ValueError(f"{name} is not known; use sqlite or postgresql")


def file_of(address: str | URL) -> Path | None:
    """The file of an SQLite database; None where there is none."""
    url = make_url(address)
    name = url.database or ""
    on_disk = url.get_backend_name() == "sqlite" and name not in ("", ":memory:") and not name.startswith("file:")
    return Path(name) if on_disk else None


def _is_locked(error: sqlite3.OperationalError | OperationalError) -> bool:
    code = getattr(error.orig if isinstance(error, OperationalError) else error, "sqlite_errorcode", 0)
    return code & 0xFF == sqlite3.SQLITE_BUSY  # the low byte says what kind it is, the others which of that kind


def _is_hindered(connection: PoolProxiedConnection) -> bool:
    """Whether others keep the log from being cleared, which is tried."""
    hindered, *_ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(hindered)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    try:
        connection.isolation_level = None  # the driver would leave tables out of transactions; _begin does not
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except Exception:
        connection.close()
        raise
