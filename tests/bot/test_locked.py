"""SQLite's lock, held by another process: waited for, but not for ever."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import KEYS, SqliteBase, opened, rows, typed

from conversations.store.store import Store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.sqlite3"


def log_size(path: Path) -> int:
    """Bytes of the log beside an SQLite file."""
    return Path(f"{path}-wal").stat().st_size


async def test_another_process_may_have_the_lock_for_a_while(path: Path) -> None:
    async with opened(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            receiving = asyncio.create_task(store.receive([typed(1)], NOW))
            await asyncio.sleep(0.6)
            other.execute("ROLLBACK")
            await receiving
    assert rows(path, "SELECT update_id FROM inbox") == [(1,)]


async def test_what_is_deleted_leaves_the_log_once_nobody_reads_it(path: Path) -> None:
    async with opened(path) as store:
        await store.receive([typed(1)], NOW)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM inbox").fetchone()
            tidying = asyncio.create_task(store.tidy(NOW))
            await asyncio.sleep(0.6)
            other.execute("ROLLBACK")
            await tidying
        assert log_size(path) == 0


async def test_a_close_that_is_broken_off_leaves_no_thread_waiting_for_the_lock(path: Path) -> None:
    before = set(threading.enumerate())
    store = Store(SqliteBase(path).address, KEYS)
    await store.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        receiving = asyncio.create_task(store.receive([typed(1)], NOW))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(store.close(), 0.1)
        (thread,) = set(threading.enumerate()) - before
        thread.join(2)
        assert not thread.is_alive()
    await asyncio.gather(receiving, return_exceptions=True)
