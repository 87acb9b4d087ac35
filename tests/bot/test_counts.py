"""What is counted without identity: once a turn, never told while few, and gone from nobody's memory."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_helpers import rows

from conversations.messages import Incoming, Tap
from conversations.session import Session, Turn
from conversations.store.store import FEWEST_COUNTED, Received, Store

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAME = "affinity-2.short.yes"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'bot.sqlite3'}")
    await store.open()
    yield store
    await store.close()


async def judged(store: Store, update_id: int, *names: str, forget: bool = False) -> None:
    received = Received(update_id, 100_000 + update_id, Incoming(event=Tap(data="q1:1:122:lyes")))
    await store.receive([received], NOW)
    await store.finish(received, Turn(session=Session(), replies=[], counts=list(names), forget=forget), NOW)


async def test_counts_add_up_and_say_nothing_of_anyone(store: Store, tmp_path: Path) -> None:
    for update_id in range(7):
        await judged(store, update_id, NAME, *(["affinity-2.short.no"] if update_id < 2 else []))
    assert await store.counted() == {NAME: 7}
    assert await store.counted(least=1) == {NAME: 7, "affinity-2.short.no": 2}
    assert rows(tmp_path / "bot.sqlite3", "SELECT * FROM counts ORDER BY name") == [
        ("affinity-2.short.no", 2),
        (NAME, 7),
    ]


async def test_few_are_not_told(store: Store) -> None:
    for update_id in range(FEWEST_COUNTED - 1):
        await judged(store, update_id, NAME)
    assert await store.counted() == {}
    await judged(store, 99, NAME)
    assert await store.counted() == {NAME: FEWEST_COUNTED}


async def test_what_was_counted_outlives_the_memory_of_a_chat(store: Store) -> None:
    for update_id in range(5):
        await judged(store, update_id, NAME)
    await judged(store, 99, forget=True)
    assert await store.counted() == {NAME: 5}
