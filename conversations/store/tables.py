"""The tables, as SQLAlchemy Core; migrations/ is what really makes them.

``chat`` is the keyed hash of a chat's id; what is personal is sealed (see sealing). Both happen in the rows' users.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    literal_column,
)

from conversations.store.sealing import MARK_BYTES

metadata = MetaData()

WAITING, DONE, FAILED = "waiting", "done", "failed"


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def in_state(table: Table, state: str) -> ColumnElement[bool]:
    """Written out instead of bound: else neither database sees that an index over just these rows will do."""
    return table.c.state == literal_column(f"'{state}'")


def _index(name: str, *columns: Column[Any], rows: ColumnElement[bool]) -> None:
    Index(name, *columns, sqlite_where=rows, postgresql_where=rows)


# The keys with which rows may be sealed, each with a proof that tells the right key.
keys = Table(
    "keys",
    metadata,
    Column("name", String(8), primary_key=True),
    Column("proof", LargeBinary, nullable=False),
)

# `quiz_at` is when the quiz in the document was last touched, or its result kept; NULL where there is neither.
sessions = Table(
    "sessions",
    metadata,
    Column("chat", LargeBinary(MARK_BYTES), primary_key=True),
    Column("document", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("quiz_at", Moment),
)
Index("sessions_updated", sessions.c.updated_at)
_index("sessions_quiz", sessions.c.quiz_at, sessions.c.chat, rows=sessions.c.quiz_at.is_not(None))

# An update is kept until it is done; afterwards only its number stays for a while, so that it is not done twice.
inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat", LargeBinary(MARK_BYTES)),
    Column("payload", LargeBinary),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("reason", LargeBinary),
    Column("received_at", Moment, nullable=False),
)
_index("inbox_waiting", inbox.c.chat, inbox.c.update_id, rows=in_state(inbox, WAITING))
_index("inbox_done", inbox.c.received_at, rows=in_state(inbox, DONE))
_index("inbox_failed", inbox.c.received_at, rows=in_state(inbox, FAILED))

# The replies to an update; a row goes when its message has been sent, or stays for a while as failed, without its text.
outbox = Table(
    "outbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("chat", LargeBinary(MARK_BYTES)),
    Column("payload", LargeBinary),
    Column("state", String(8), nullable=False),
    Column("reason", LargeBinary),
    Column("created_at", Moment, nullable=False),
)
_index(
    "outbox_waiting",
    outbox.c.chat,
    outbox.c.created_at,
    outbox.c.update_id,
    outbox.c.position,
    rows=in_state(outbox, WAITING),
)
_index("outbox_failed", outbox.c.created_at, rows=in_state(outbox, FAILED))

# The message that stands for a slot of a chat (the quiz), to be edited or moved later; `message` is its sealed number.
slots = Table(
    "slots",
    metadata,
    Column("chat", LargeBinary(MARK_BYTES), primary_key=True),
    Column("slot", String(64), primary_key=True),
    Column("message", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("slots_updated", slots.c.updated_at)

# What is counted without saying of whom, such as how many say that their result fits.
counts = Table(
    "counts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
)
