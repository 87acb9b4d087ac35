"""The store: everything the bot keeps, over SQLAlchemy Core. Each method is one transaction."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from pydantic import ValidationError
from sqlalchemy import AsyncAdaptedQueuePool, Connection, delete, event, func, insert, select, update
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from conversations.messages import Incoming, Reply
from conversations.session import Session, Turn
from conversations.store.tables import counts, inbox, outbox, sessions, slots

WAITING, DONE, FAILED = "waiting", "done", "failed"

UPDATE_KEPT = timedelta(hours=48)
"""How long the number of a finished update is kept; Telegram repeats an update for 24 hours at most."""

SESSION_KEPT = timedelta(days=365)
"""How long a chat without a word is remembered."""

FEWEST_COUNTED = 5
"""How often something must have been counted to be told."""

MIGRATIONS = Path(__file__).parent / "migrations"

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "secure_delete=ON")

log = logging.getLogger(__name__)


class StoreError(Exception):
    """The database cannot be used; the message says why in one line."""


StoreUnavailable = (OperationalError, InterfaceError, PoolTimeout)
"""What is raised while the database does not work, and may be over soon."""


@dataclass(frozen=True)
class Received:
    """An update as it came in: its number, its chat and what happened."""

    update_id: int
    chat_id: int
    incoming: Incoming


@dataclass(frozen=True)
class Outgoing:
    """A reply that waits to be sent. ``message_id`` is that of its slot's present message, if there is one."""

    id: int
    chat_id: int
    reply: Reply
    message_id: int | None


class Store:
    """The database. ``open`` it before use and ``close`` it at the end."""

    def __init__(self, url: str) -> None:
        sqlite = url.startswith("sqlite")
        one: dict[str, Any] = {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
        options = one if sqlite else {}
        try:
            self._engine: AsyncEngine = create_async_engine(url, hide_parameters=True, **options)
        except (SQLAlchemyError, ImportError, ValueError) as error:
            raise StoreError(f"DATABASE_URL cannot be used: {_line(error)}") from error
        if sqlite:
            event.listen(self._engine.sync_engine, "connect", _tune_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    async def open(self) -> None:
        """Connects and brings the tables up to date. StoreError where that cannot be done."""
        try:
            if self._engine.dialect.name == "sqlite":
                _reach(self._engine.url.database or "")
            async with self._engine.begin() as connection:
                await connection.run_sync(_migrate)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            await self._engine.dispose()
            raise StoreError(f"the database {self._engine.url!r} cannot be opened: {_line(error)}") from error

    async def close(self) -> None:
        """Closes the connections."""
        await self._engine.dispose()

    async def receive(self, updates: Sequence[Received], now: datetime) -> list[int]:
        """Takes updates in; those already known are left out. The chats that have something new."""
        if not updates:
            return []
        async with self._engine.begin() as connection:
            numbers = [one.update_id for one in updates]
            known = set(await connection.scalars(select(inbox.c.update_id).where(inbox.c.update_id.in_(numbers))))
            fresh = {one.update_id: one for one in updates if one.update_id not in known}
            rows = [
                {
                    "update_id": one.update_id,
                    "chat_id": one.chat_id,
                    "payload": one.incoming.model_dump_json(),
                    "state": WAITING,
                    "received_at": now,
                }
                for one in fresh.values()
            ]
            if rows:
                await connection.execute(insert(inbox), rows)
        return list(dict.fromkeys(one.chat_id for one in fresh.values()))

    async def chats_with_work(self) -> list[int]:
        """The chats in which an update waits to be answered or a reply to be sent."""
        async with self._engine.connect() as connection:
            waiting = await connection.scalars(select(inbox.c.chat_id).where(inbox.c.state == WAITING).distinct())
            unsent = await connection.scalars(select(outbox.c.chat_id).distinct())
            return list(dict.fromkeys((*waiting, *unsent)))

    async def next_received(self, chat_id: int) -> Received | None:
        """The oldest update of a chat that waits; one that cannot be read is set aside."""
        query = (
            select(inbox.c.update_id, inbox.c.payload)
            .where(inbox.c.state == WAITING, inbox.c.chat_id == chat_id)
            .order_by(inbox.c.update_id)
            .limit(1)
        )
        async with self._engine.begin() as connection:
            while (row := (await connection.execute(query)).first()) is not None:
                try:
                    return Received(row.update_id, chat_id, Incoming.model_validate_json(row.payload))
                except ValidationError:
                    log.error("update %d cannot be read and is set aside", row.update_id)
                    await connection.execute(_end(row.update_id, FAILED, "unreadable"))
        return None

    async def session(self, chat_id: int) -> Session:
        """What is remembered of a chat; a new session where nothing is, or nothing that can be read."""
        async with self._engine.connect() as connection:
            document = await connection.scalar(select(sessions.c.document).where(sessions.c.chat_id == chat_id))
        return Session() if document is None else _session(document)

    async def finish(self, received: Received, turn: Turn, now: datetime) -> None:
        """Commits a turn: the session, the replies to send, and that the update is done, all or nothing."""
        chat_id = received.chat_id
        async with self._engine.begin() as connection:
            await connection.execute(delete(sessions).where(sessions.c.chat_id == chat_id))
            if turn.forget:
                await connection.execute(delete(slots).where(slots.c.chat_id == chat_id))
            else:
                row = {"chat_id": chat_id, "document": turn.session.model_dump_json(), "updated_at": now}
                await connection.execute(insert(sessions).values(row))
            if turn.replies:
                rows = [
                    {"chat_id": chat_id, "payload": reply.model_dump_json(), "created_at": now}
                    for reply in turn.replies
                ]
                await connection.execute(insert(outbox), rows)
            for name in turn.counts:
                more = update(counts).where(counts.c.name == name).values(n=counts.c.n + 1)
                if (await connection.execute(more)).rowcount == 0:
                    await connection.execute(insert(counts).values(name=name, n=1))
            await connection.execute(_end(received.update_id, DONE))

    async def set_aside(self, received: Received, reason: str) -> None:
        """Gives an update up; the chat goes on with the next one."""
        async with self._engine.begin() as connection:
            await connection.execute(_end(received.update_id, FAILED, reason))

    async def next_outgoing(self, chat_id: int) -> Outgoing | None:
        """The oldest reply of a chat that waits to be sent; one that cannot be read is dropped."""
        query = select(outbox.c.id, outbox.c.payload).where(outbox.c.chat_id == chat_id).order_by(outbox.c.id).limit(1)
        async with self._engine.begin() as connection:
            while (row := (await connection.execute(query)).first()) is not None:
                try:
                    reply = Reply.model_validate_json(row.payload)
                except ValidationError:
                    log.error("reply %d cannot be read and is dropped", row.id)
                    await connection.execute(delete(outbox).where(outbox.c.id == row.id))
                    continue
                place = select(slots.c.message_id).where(slots.c.chat_id == chat_id, slots.c.slot == reply.slot)
                message_id = await connection.scalar(place) if reply.slot else None
                return Outgoing(row.id, chat_id, reply, message_id)
        return None

    async def sent(self, outgoing: Outgoing, message_id: int | None, now: datetime) -> None:
        """Notes that a reply was sent (or given up, with None), and which message now stands for its slot."""
        slot = outgoing.reply.slot
        async with self._engine.begin() as connection:
            await connection.execute(delete(outbox).where(outbox.c.id == outgoing.id))
            if slot and message_id is not None:
                same = (slots.c.chat_id == outgoing.chat_id, slots.c.slot == slot)
                await connection.execute(delete(slots).where(*same))
                row = {"chat_id": outgoing.chat_id, "slot": slot, "message_id": message_id, "updated_at": now}
                await connection.execute(insert(slots).values(row))

    async def tidy(self, now: datetime) -> None:
        """Deletes what has been kept for as long as it may be."""
        async with self._engine.begin() as connection:
            ended = (inbox.c.state != WAITING, inbox.c.received_at < now - UPDATE_KEPT)
            await connection.execute(delete(inbox).where(*ended))
            await connection.execute(delete(sessions).where(sessions.c.updated_at < now - SESSION_KEPT))
            await connection.execute(delete(slots).where(slots.c.updated_at < now - SESSION_KEPT))
        if self._engine.dialect.name == "sqlite":
            await self._empty_log()

    async def expire(self, expired: Callable[[Session], Session]) -> None:
        """Drops what is over from the memory of chats with a quiz or a kept result, heard of again or not.

        ``expired`` gives the session without what is over. A chat that goes on meanwhile is left to its next event.
        """
        document = sessions.c.document
        with_quiz = select(sessions).where(document.like('%"quiz":{%') | document.like('%"kept":{%'))
        async with self._engine.begin() as connection:
            for row in (await connection.execute(with_quiz)).all():
                before = _session(row.document)
                after = expired(before)
                if after == before:
                    continue
                same = (sessions.c.chat_id == row.chat_id, sessions.c.updated_at == row.updated_at)
                await connection.execute(update(sessions).where(*same).values(document=after.model_dump_json()))

    async def _empty_log(self) -> None:
        """Clears SQLite's write-ahead log, which else holds the words of answered messages for a while."""
        async with self._engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")

    async def counted(self, least: int = FEWEST_COUNTED) -> dict[str, int]:
        """What was counted, by name; what was counted fewer times than ``least`` is left out, as it may tell who."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(counts).where(counts.c.n >= least).order_by(counts.c.name))
            return {row.name: row.n for row in rows}

    async def count(self) -> dict[str, int]:
        """How many rows each table about chats has, for tests and the curious."""
        async with self._engine.connect() as connection:
            tables = (sessions, inbox, outbox, slots)
            return {
                table.name: await connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables
            }


def _end(update_id: int, state: str, reason: str | None = None) -> Any:
    """The end of an update: what was in it goes, its number stays."""
    values = {"state": state, "payload": None, "chat_id": None, "reason": reason}
    return update(inbox).where(inbox.c.update_id == update_id).values(**values)


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _reach(database: str) -> None:
    """Opens and closes an SQLite file, because the async driver leaves a thread behind where it cannot open one."""
    if not database.startswith("file:"):
        sqlite3.connect(database).close()


def _tune_sqlite(connection: Any, _record: Any) -> None:
    try:
        connection.isolation_level = None  # the driver would leave tables out of transactions; _begin_sqlite does not
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except Exception:
        connection.close()
        raise


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__


def _session(document: str) -> Session:
    """A stored session; a new one where it cannot be read."""
    try:
        return Session.model_validate_json(document)
    except ValidationError:
        return Session()
