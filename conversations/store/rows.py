"""How rows are sealed: each sealed value is bound to its table, column and row, so that no two can be swapped."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, Update, and_, update

from conversations.store.sealing import Keyring, Place, Unreadable
from conversations.store.tables import FAILED, inbox, outbox, sessions, slots

NOBODY = 0
"""Stands for the chat in what is sealed and belongs to none."""

Values = Mapping[str, Any]
"""A row, by the names of its columns."""

OF_CHATS: dict[Table, tuple[str, tuple[str, ...]]] = {
    sessions: ("document", ()),
    slots: ("message", ("slot",)),
    inbox: ("payload", ("update_id",)),
    outbox: ("payload", ("update_id", "position")),
}
"""The tables with rows of a chat: the sealed column, and the columns that, besides the chat's mark, tell the row."""

REASONS: dict[Table, tuple[str, ...]] = {inbox: ("update_id",), outbox: ("update_id", "position")}
"""The tables with rows that were given up, which belong to nobody any more: the columns that tell the row."""


def sealed(keyring: Keyring, table: Table, chat_id: int, text: str, row: Values) -> Values:
    """The row with its chat's mark and its sealed text."""
    column, mark = OF_CHATS[table][0], keyring.mark(chat_id)
    return {**row, "chat": mark, column: keyring.seal(chat_id, text, *_place(table, mark, row))}


def opened(keyring: Keyring, table: Table, row: Row[Any]) -> tuple[int, str]:
    """The chat and the text of a row. Unreadable where they cannot be told."""
    values = row._asdict()
    return keyring.open(values[OF_CHATS[table][0]], *_place(table, values["chat"], values))


def sealed_reason(keyring: Keyring, table: Table, reason: str, row: Values) -> bytes:
    """Why a row was given up, sealed."""
    return keyring.seal(NOBODY, reason, *_place_of_reason(table, row))


def opened_reason(keyring: Keyring, table: Table, row: Row[Any]) -> str:
    """Why a row was given up."""
    try:
        return keyring.open(row.reason, *_place_of_reason(table, row._asdict()))[1]
    except Unreadable:
        return "unreadable"


def same(table: Table, row: Row[Any]) -> ColumnElement[bool]:
    """The condition that meets this very row."""
    return and_(*(column == row._mapping[column.name] for column in table.primary_key))


def given_up(keyring: Keyring, table: Table, row: Values, reason: str) -> Update:
    """The end of an update or a reply that came to nothing: whose it was and what was in it goes, the reason stays."""
    here = and_(*(table.c[name] == row[name] for name in REASONS[table]))
    why = sealed_reason(keyring, table, reason, row)
    return update(table).where(here).values(state=FAILED, payload=None, chat=None, reason=why)


def _place(table: Table, mark: bytes, row: Values) -> tuple[Place, ...]:
    column, names = OF_CHATS[table]
    return (f"{table.name}.{column}", mark, *(row[name] for name in names))


def _place_of_reason(table: Table, row: Values) -> tuple[Place, ...]:
    return (f"{table.name}.reason", *(row[name] for name in REASONS[table]))
