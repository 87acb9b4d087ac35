"""What is personal is sealed, chats go by a keyed hash, replies have their update's number, and failures are kept."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from conversations.store.sealing import Keyring, Unreadable

revision = "0003"
down_revision = "0002"

moment = sa.DateTime(timezone=True)
mark = sa.LargeBinary(16)
row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

PAGE = 500
TABLES = ("slots", "outbox", "inbox", "sessions")

Row = dict[str, Any]


def upgrade() -> None:
    keyring: Keyring = context.config.attributes["keyring"]
    _set_old_aside()
    op.create_table(
        "keys",
        sa.Column("name", sa.String(8), primary_key=True),
        sa.Column("proof", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("chat", mark, primary_key=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("quiz_at", moment),
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("chat", mark),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("received_at", moment, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("chat", mark),
        sa.Column("payload", sa.LargeBinary),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_table(
        "slots",
        sa.Column("chat", mark, primary_key=True),
        sa.Column("slot", sa.String(64), primary_key=True),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
    )

    def session(row: Row) -> Row:
        hashed = keyring.mark(row["chat_id"])
        return {
            "chat": hashed,
            "document": keyring.seal(row["chat_id"], row["document"], "sessions.document", hashed),
            "updated_at": row["updated_at"],
            "quiz_at": row["updated_at"] if '"quiz":{' in row["document"] or '"kept":{' in row["document"] else None,
        }

    def update(row: Row) -> Row:
        number, chat, reason = row["update_id"], row["chat_id"], row["reason"]
        hashed = None if chat is None else keyring.mark(chat)
        kept = hashed is not None and row["payload"] is not None
        payload = keyring.seal(chat, row["payload"], "inbox.payload", hashed, number) if kept and hashed else None
        return {
            "update_id": number,
            "chat": hashed,
            "payload": payload,
            "state": row["state"],
            "reason": None if reason is None else keyring.seal(0, reason, "inbox.reason", number),
            "received_at": row["received_at"],
        }

    def reply(row: Row) -> Row:
        number, position, hashed = 0, row["id"], keyring.mark(row["chat_id"])  # its update is not known
        return {
            "update_id": number,
            "position": position,
            "chat": hashed,
            "payload": keyring.seal(row["chat_id"], row["payload"], "outbox.payload", hashed, number, position),
            "state": "waiting",
            "created_at": row["created_at"],
        }

    def slot(row: Row) -> Row:
        hashed = keyring.mark(row["chat_id"])
        message = keyring.seal(row["chat_id"], str(row["message_id"]), "slots.message", hashed, row["slot"])
        return {"chat": hashed, "slot": row["slot"], "message": message, "updated_at": row["updated_at"]}

    _bring_over("sessions", ["chat_id"], session)
    _bring_over("inbox", ["update_id"], update)
    _bring_over("outbox", ["id"], reply)
    _bring_over("slots", ["chat_id", "slot"], slot)
    op.create_index("sessions_updated", "sessions", ["updated_at"])
    _index("sessions_quiz", "sessions", ["quiz_at", "chat"], "quiz_at IS NOT NULL")
    _index("inbox_waiting", "inbox", ["chat", "update_id"], "state = 'waiting'")
    _index("inbox_done", "inbox", ["received_at"], "state = 'done'")
    _index("inbox_failed", "inbox", ["received_at"], "state = 'failed'")
    _index("outbox_waiting", "outbox", ["chat", "created_at", "update_id", "position"], "state = 'waiting'")
    _index("outbox_failed", "outbox", ["created_at"], "state = 'failed'")
    op.create_index("slots_updated", "slots", ["updated_at"])


def downgrade() -> None:
    keyring: Keyring = context.config.attributes["keyring"]
    _set_old_aside()
    op.create_table(
        "sessions",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("chat_id", sa.BigInteger),
        sa.Column("payload", sa.Text),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("received_at", moment, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", row_number, primary_key=True, autoincrement=True),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_table(
        "slots",
        sa.Column("chat_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("slot", sa.String(64), primary_key=True),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
    )

    def session(row: Row) -> Row:
        chat, document = keyring.open(row["document"], "sessions.document", row["chat"])
        return {"chat_id": chat, "document": document, "updated_at": row["updated_at"]}

    def update(row: Row) -> Row:
        number, chat, payload, reason = row["update_id"], None, None, None
        if row["payload"] is not None:
            chat, payload = keyring.open(row["payload"], "inbox.payload", row["chat"], number)
        if row["reason"] is not None:
            _, reason = keyring.open(row["reason"], "inbox.reason", number)
        plain = {"update_id": number, "chat_id": chat, "payload": payload, "reason": reason}
        return plain | {"state": row["state"], "received_at": row["received_at"]}

    def reply(row: Row) -> Row | None:
        if row["payload"] is None:
            return None
        place = ("outbox.payload", row["chat"], row["update_id"], row["position"])
        chat, payload = keyring.open(row["payload"], *place)
        return {"chat_id": chat, "payload": payload, "created_at": row["created_at"]}

    def slot(row: Row) -> Row:
        chat, message = keyring.open(row["message"], "slots.message", row["chat"], row["slot"])
        return {"chat_id": chat, "slot": row["slot"], "message_id": int(message), "updated_at": row["updated_at"]}

    _bring_over("sessions", ["chat"], session)
    _bring_over("inbox", ["update_id"], update)
    _bring_over("outbox", ["created_at", "update_id", "position"], reply)
    _bring_over("slots", ["chat", "slot"], slot)
    op.drop_table("keys")
    op.create_index("inbox_waiting", "inbox", ["state", "chat_id", "update_id"])
    op.create_index("outbox_chat", "outbox", ["chat_id", "id"])


def _index(name: str, table: str, columns: list[str], rows: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


def _set_old_aside() -> None:
    """Renames the tables, and drops their indexes, whose names are needed again."""
    for table in TABLES:
        for index in sa.inspect(op.get_bind()).get_indexes(table):
            op.drop_index(str(index["name"]), table)
        op.rename_table(table, f"old_{table}")
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"ALTER INDEX {table}_pkey RENAME TO old_{table}_pkey")


def _bring_over(name: str, order: list[str], change: Callable[[Row], Row | None]) -> None:
    """Copies a table's rows, changed and in this order, and drops the old table; a row without a change is left out.

    A value that cannot be opened is left out too: nobody could read it before either.
    """
    bind = op.get_bind()
    new, old = (sa.Table(table, sa.MetaData(), autoload_with=bind) for table in (name, f"old_{name}"))
    for rows in _pages(bind, old, order):
        changed = []
        for row in rows:
            try:
                changed.append(change(row))
            except Unreadable:
                continue
        kept = [row for row in changed if row is not None]
        if kept:
            bind.execute(new.insert(), kept)
    op.drop_table(f"old_{name}")


def _pages(bind: sa.Connection, table: sa.Table, order: list[str]) -> Iterator[list[Row]]:
    """All rows, some at a time."""
    key = sa.tuple_(*(table.c[name] for name in order))
    query = sa.select(table).order_by(*(table.c[name] for name in order)).limit(PAGE)
    rows = [dict(row) for row in bind.execute(query).mappings()]
    while rows:
        yield rows
        after = tuple(rows[-1][name] for name in order)
        rows = [dict(row) for row in bind.execute(query.where(key > after)).mappings()]
