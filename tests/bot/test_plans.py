"""No statement reads a whole table: a million chats may be remembered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from databases import KEYS, Base, PostgresqlBase
from sqlalchemy import event

from conversations.messages import Incoming, Kind, Reply, Text
from conversations.session import QuizProgress, Session, Turn
from conversations.store.store import Store
from conversations.store.tables import metadata
from conversations.store.work import Received

ADA = 100_001
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

PARTIAL = {index.name for table in metadata.sorted_tables for index in table.indexes if index.dialect_kwargs}
"""The indexes over a few rows of a table, which may be read from end to end."""

# As a prepared statement, whose plan holds for any values. Newer servers would need less than this.
EXPLAIN = """
CREATE FUNCTION plan(query text) RETURNS SETOF text LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE number int;
BEGIN
    EXECUTE 'PREPARE shown AS ' || query;
    SELECT cardinality(parameter_types) INTO number FROM pg_prepared_statements WHERE name = 'shown';
    RETURN QUERY EXECUTE 'EXPLAIN EXECUTE shown'
        || CASE number WHEN 0 THEN '' ELSE '(' || rtrim(repeat('NULL,', number), ',') || ')' END;
    DEALLOCATE shown;
END $$
"""


async def statements(base: Base) -> list[tuple[str, Any]]:
    """What is sent to the database in the life of a bot, with values."""
    store = Store(base.address, KEYS)
    engine: Any = store._database._engine._engine  # type: ignore[attr-defined]
    await store.open()
    noted: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        noted.setdefault(statement, values[0] if many and isinstance(values, list) else values)

    event.listen(getattr(engine, "sync_engine", engine), "before_cursor_execute", note)
    quiz = QuizProgress(run=1, version="v1", started_at=NOW, updated_at=NOW)
    replies = [Reply(kind=Kind.QUIZ, text=text, language="en", slot="quiz:1") for text in "ab"]
    try:
        await store.receive([Received(number, ADA, Incoming(event=Text(text="hi"))) for number in range(3)], NOW)
        await store.chats_with_work()
        first, second, third = (await store.load(ADA)).received
        await store.tried(first)
        shown, refused = await store.finish(first, Turn(session=Session(quiz=quiz), replies=replies), NOW)
        await store.sent(shown, 50, NOW)
        await store.refused(refused, "no")
        await store.set_aside(second, "no", NOW)
        await store.release(ADA)
        await store.expire(lambda session: session.model_copy(update={"quiz": None}))
        await store.tidy(NOW)
        await store.finish(third, Turn(session=Session(), replies=[], forget=True), NOW)
    finally:
        await store.close()
    return list(noted.items())


async def whole_tables(base: Base, query: str, values: Any = ()) -> list[str]:
    """The lines of a query's plan that read a whole table, or the whole of an index over all its rows."""
    if isinstance(base, PostgresqlBase):
        quoted = query.replace("'", "''")
        return [line for (line,) in await base.rows(f"SELECT plan('{quoted}')") if "Seq Scan on" in line]
    lines = [line for *_, line in await base.rows(f"EXPLAIN QUERY PLAN {query}", values)]
    scans = [line for line in lines if line.startswith("SCAN ") and line.split()[1] in metadata.tables]
    return [line for line in scans if line.split()[-1] not in PARTIAL]


async def test_no_statement_reads_a_whole_table(base: Base) -> None:
    noted = await statements(base)
    if isinstance(base, PostgresqlBase):
        await base.change(EXPLAIN)
    read = [(sql, values) for sql, values in noted if sql.split()[0] in ("SELECT", "UPDATE", "DELETE")]
    assert len(read) > 15
    assert [(sql, scans) for sql, values in read if (scans := await whole_tables(base, sql, values))] == []


async def test_a_whole_table_that_is_read_would_be_noticed(base: Base) -> None:
    await statements(base)
    if isinstance(base, PostgresqlBase):
        await base.change(EXPLAIN)
    assert await whole_tables(base, "SELECT * FROM inbox WHERE attempts = 5")
    assert await whole_tables(base, "DELETE FROM sessions WHERE document = chat")
