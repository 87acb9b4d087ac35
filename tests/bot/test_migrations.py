"""Migrations, forward and back, on both databases and with data in them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import KEYS, Base, Postgres, SqliteBase
from sqlalchemy import Connection, inspect, text

from conversations.messages import Incoming, Kind, Reply, Text
from conversations.session import QuizProgress, Session
from conversations.store.database import Database, StoreError, migrate
from conversations.store.store import Store
from conversations.store.tables import metadata

ADA, BOB = 100_001, 100_002
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "Xylophon-Geheimnis"
FIRST = "0001"


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    """A database without tables, one of each kind."""
    if request.param == "sqlite":
        return SqliteBase(tmp_path / "bot.sqlite3")
    server: Postgres = request.getfixturevalue("postgres")
    return await server.base(empty=True)


async def brought_to(base: Base, revision: str, *, down: bool = False) -> None:
    """Migrates to a revision."""
    database = Database(base.address, KEYS)
    try:
        await database.run(partial(migrate, keyring=KEYS, revision=revision, down=down))
    finally:
        await database.close()


SESSION = Session(
    chosen_language="nl",
    language=SECRET,
    quiz=QuizProgress(run=1, version="v1", answers={"tech1": 4}, started_at=NOW, updated_at=NOW),
    quiz_runs=1,
)
INCOMING = Incoming(event=Text(text=f"{SECRET} 'quoted'"), language_code="en")
REPLIES = [Reply(kind=Kind.ANSWER, text=f"{number} {SECRET}", language="en") for number in range(3)]


async def filled(base: Base) -> None:
    """Puts data of the first version into the tables."""

    def fill(connection: Connection) -> None:
        def add(table: str, **values: object) -> None:
            names = ", ".join(values)
            places = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)

        for chat_id, session in ((ADA, SESSION), (BOB, Session(language="fr"))):
            add("sessions", chat_id=chat_id, document=session.model_dump_json(), updated_at=NOW)
        add("inbox", update_id=7, chat_id=ADA, payload=INCOMING.model_dump_json(), state="waiting", received_at=NOW)
        add("inbox", update_id=5, state="done", received_at=NOW)
        add("inbox", update_id=6, state="failed", reason="ValueError", received_at=NOW)
        for number, reply in enumerate(REPLIES, start=1):
            add("outbox", id=number, chat_id=ADA, payload=reply.model_dump_json(), created_at=NOW)
        add("slots", chat_id=ADA, slot="quiz:1", message_id=50, updated_at=NOW)

    database = Database(base.address, KEYS)
    try:
        await database.run(fill)
    finally:
        await database.close()


FIRST_TABLES = {
    "sessions": "chat_id, document",
    "inbox": "update_id, chat_id, payload, state, reason",
    "outbox": "chat_id, payload",
    "slots": "chat_id, slot, message_id",
}


async def contents(base: Base) -> dict[str, list[tuple[object, ...]]]:
    """What is in the first version's tables, with the replies in their order."""
    found = {}
    for table, columns in FIRST_TABLES.items():
        order = " ORDER BY id" if table == "outbox" else ""
        rows = await base.rows(f"SELECT {columns} FROM {table}{order}")
        found[table] = rows if order else sorted(rows, key=repr)
    return found


async def test_data_of_the_first_version_is_sealed_and_comes_back(empty: Base) -> None:
    await brought_to(empty, FIRST)
    await filled(empty)
    before = await contents(empty)
    store = Store(empty.address, KEYS)
    await store.open()
    work = await store.load(ADA)
    assert work.session == SESSION
    assert [(one.update_id, one.incoming) for one in work.received] == [(7, INCOMING)]
    assert [one.reply for one in work.outgoing] == REPLIES
    assert work.places == {"quiz:1": 50}
    assert (await store.load(BOB)).session == Session(language="fr")
    assert await store.chats_with_work() == [ADA]
    seen: list[Session] = []
    await store.expire(lambda session: seen.append(session) or session)
    assert seen == [SESSION]
    await store.close()
    if isinstance(empty, SqliteBase):
        assert SECRET.encode() not in b"".join(file.read_bytes() for file in empty.path.parent.iterdir())

    await brought_to(empty, FIRST, down=True)
    assert await contents(empty) == before
    store = Store(empty.address, KEYS)
    await store.open()
    assert (await store.load(ADA)).session == SESSION
    assert [one.reply for one in (await store.load(ADA)).outgoing] == REPLIES
    await store.close()


async def test_migrating_down_takes_all_away_and_up_makes_it_anew(empty: Base) -> None:
    for _ in range(2):
        store = Store(empty.address, KEYS)
        await store.open()
        assert set((await store.count()).values()) == {0}
        await store.close()
        await brought_to(empty, "base", down=True)
        schema = "sqlite_master" if empty.name == "sqlite" else "pg_tables WHERE schemaname = 'public'"
        column, where = ("name", " WHERE type = 'table'") if empty.name == "sqlite" else ("tablename", "")
        assert await empty.rows(f"SELECT {column} FROM {schema}{where}") == [("alembic_version",)]


async def test_the_migrations_make_the_very_tables_that_the_code_uses(empty: Base) -> None:
    database = Database(empty.address, KEYS)
    await database.open()

    def compare(connection: Connection) -> None:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        names = {table.name for table in metadata.sorted_tables}
        assert {*inspect(connection).get_table_names()} == names | {"alembic_version"}
        for table in metadata.sorted_tables:
            made = {str(index["name"]) for index in inspect(connection).get_indexes(table.name)}
            assert made == {str(index.name) for index in table.indexes}

    try:
        await database.run(compare)
    finally:
        await database.close()


async def test_a_migration_that_breaks_off_can_be_done_again(empty: Base) -> None:
    await brought_to(empty, FIRST)
    await filled(empty)
    before = await contents(empty)
    await empty.change("CREATE TABLE keys (stands TEXT)")
    with pytest.raises(StoreError, match="keys"):
        await Store(empty.address, KEYS).open()
    assert await contents(empty) == before
    await empty.change("DROP TABLE keys")
    store = Store(empty.address, KEYS)
    await store.open()
    assert (await store.load(ADA)).session == SESSION
    await store.close()


async def test_a_database_of_a_newer_program_is_left_alone(base: Base) -> None:
    if isinstance(base, SqliteBase):
        await brought_to(base, "head")
    await base.change("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer version \(9999\)"):
        await Store(base.address, KEYS).open()
