"""Changing the key: what an older key sealed is sealed anew with the present one, and found under its new mark."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, func, select, tuple_, update

from conversations.store.database import Database
from conversations.store.rows import OF_CHATS, REASONS, given_up, opened, opened_reason, same, sealed, sealed_reason
from conversations.store.sealing import HEAD_BYTES, VERSION, Keyring, UnknownKey, Unreadable
from conversations.store.tables import inbox, keys, outbox, sessions, slots

PAGE = 200

SEALED = [
    *((table, column) for table, (column, _) in OF_CHATS.items()),
    *((table, "reason") for table in REASONS),
]


WAITS = {inbox: "update", outbox: "a reply to update"}

log = logging.getLogger(__name__)


async def rekey(database: Database) -> tuple[int, int]:
    """Seals all that older keys sealed with the present one. It may be broken off at any time and run again.

    How many rows were sealed anew, and how many are left, because a running bot still puts an older key first or is
    at work in their chat. Where none is left, the database no longer asks for the older keys.
    """
    keyring = database.keyring
    before = await database.run(lambda connection: _left(connection, keyring))
    for table, column in SEALED:
        page: Sequence[Row[Any]] = []
        while page := await database.run(partial(_page, keyring=keyring, table=table, column=column, before=page)):
            for row in page:
                await _renew(database, table, column, row)
    left = await database.run(lambda connection: _finish(connection, keyring))
    await database.clear_log()
    return before - left, left


def move(connection: Connection, keyring: Keyring, chat_id: int) -> None:
    """Seals what is stored of a chat under older keys anew. The chat must be claimed."""
    present, *older = keyring.marks(chat_id)
    for table in OF_CHATS:
        for row in connection.execute(select(table).where(table.c.chat.in_(older))).all():
            _move(connection, keyring, table, row, present)


def _move(connection: Connection, keyring: Keyring, table: Table, row: Row[Any], present: bytes) -> None:
    try:
        chat_id, text = opened(keyring, table, row)
    except UnknownKey:
        return
    except Unreadable:
        drop(connection, keyring, table, row)
        return
    if table in (sessions, slots):
        there = (
            (sessions.c.chat == present,) if table is sessions else (slots.c.chat == present, slots.c.slot == row.slot)
        )
        if connection.scalar(select(func.count()).select_from(table).where(*there)):
            connection.execute(delete(table).where(same(table, row)))  # the chat has gone on under the present key
            return
    values = sealed(keyring, table, chat_id, text, row._asdict())
    connection.execute(update(table).where(same(table, row)).values(**values))


def drop(connection: Connection, keyring: Keyring, table: Table, row: Row[Any]) -> None:
    """Ends a row that cannot be read: what waits is given up and seen as such, what is remembered goes."""
    waits = table in (inbox, outbox)
    if waits:
        log.error("%s %d cannot be read and is set aside", WAITS[table], row.update_id)
    connection.execute(
        given_up(keyring, table, row._asdict(), "unreadable") if waits else delete(table).where(same(table, row))
    )


async def _renew(database: Database, table: Table, column: str, row: Row[Any]) -> None:
    keyring = database.keyring
    if column == "reason":
        await database.run(lambda connection: _renew_reason(connection, keyring, table, row))
        return
    try:
        chat_id, _ = opened(keyring, table, row)
    except UnknownKey:
        return
    except Unreadable:
        await database.run(lambda connection: drop(connection, keyring, table, row))
        return
    marks = keyring.marks(chat_id)
    if await database.claims.take(marks):
        try:
            await database.run(lambda connection: move(connection, keyring, chat_id))
        finally:
            await database.claims.give(marks)


def _renew_reason(connection: Connection, keyring: Keyring, table: Table, row: Row[Any]) -> None:
    reason = sealed_reason(keyring, table, opened_reason(keyring, table, row), row._asdict())
    unchanged = (same(table, row), table.c.reason == row.reason)
    connection.execute(update(table).where(*unchanged).values(reason=reason))


def _page(
    connection: Connection, keyring: Keyring, table: Table, column: str, before: Sequence[Row[Any]]
) -> Sequence[Row[Any]]:
    """The next rows that are sealed with an older key, after those of the page before."""
    key = tuple_(*table.primary_key)
    query = select(table).where(_old(keyring, table, column)).order_by(*table.primary_key).limit(PAGE)
    if before:
        query = query.where(key > tuple_(*(before[-1]._mapping[one.name] for one in table.primary_key)))
    return connection.execute(query).all()


def _old(keyring: Keyring, table: Table, column: str) -> ColumnElement[bool]:
    value = table.c[column]
    return value.is_not(None) & (func.substr(value, 1, HEAD_BYTES) != VERSION + keyring.current.name)


def _left(connection: Connection, keyring: Keyring) -> int:
    """How many rows are sealed with an older key."""
    counts = (
        connection.scalar(select(func.count()).select_from(table).where(_old(keyring, table, column)))
        for table, column in SEALED
    )
    return sum(count or 0 for count in counts)


def _finish(connection: Connection, keyring: Keyring) -> int:
    """Lets the older keys go where nothing is left that they sealed; how many rows are left."""
    left = _left(connection, keyring)
    if not left:
        connection.execute(delete(keys).where(keys.c.name != keyring.current.name.hex()))
    return left
