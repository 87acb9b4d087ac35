"""What the quiz leaves in the database: counts without identity, and a kept result for as long as promised."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from databases import KEY, KEYS, Base

from bot.__main__ import main
from conversations.advisor import Advisor
from conversations.messages import Incoming, Tap
from conversations.session import Kept, Session, Turn
from conversations.store.database import Database
from conversations.store.status import FEWEST_COUNTED, counted
from conversations.store.store import Store
from conversations.store.work import Received
from knowledge.content import Knowledge

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAME = "affinity-2.short.yes"


@pytest.fixture
async def store(base: Base) -> AsyncIterator[Store]:
    store = Store(base.address, KEYS)
    await store.open()
    yield store
    await store.close()


async def told(base: Base) -> dict[str, int]:
    """What an operator is told, beside the running bot."""
    database = Database(base.address, KEYS)
    await database.open(beside=True)
    try:
        return await counted(database)
    finally:
        await database.close()


async def judged(store: Store, update_id: int, *names: str, forget: bool = False) -> None:
    received = Received(update_id, 100_000 + update_id, Incoming(event=Tap(data="q1:1:122:lyes")))
    await store.receive([received], NOW)
    await store.finish(received, Turn(session=Session(), replies=[], counts=list(names), forget=forget), NOW)


async def test_counts_add_up_and_say_nothing_of_anyone(store: Store, base: Base) -> None:
    for update_id in range(7):
        await judged(store, update_id, NAME, *(["affinity-2.short.no"] if update_id < 2 else []))
    assert await told(base) == {NAME: 7}
    assert await base.rows("SELECT * FROM counts ORDER BY name") == [
        ("affinity-2.short.no", 2),
        (NAME, 7),
    ]


async def test_few_are_not_told(store: Store, base: Base) -> None:
    for update_id in range(FEWEST_COUNTED - 1):
        await judged(store, update_id, NAME)
    assert await told(base) == {}
    await judged(store, 99, NAME)
    assert await told(base) == {NAME: FEWEST_COUNTED}


async def test_what_was_counted_outlives_the_memory_of_a_chat(store: Store, base: Base) -> None:
    for update_id in range(5):
        await judged(store, update_id, NAME)
    await judged(store, 99, forget=True)
    assert await told(base) == {NAME: 5}


async def test_the_operator_reads_the_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAP_CTO_DATA", str(tmp_path))
    monkeypatch.setenv("CAP_CTO_KEY", KEY)
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'local-bot.sqlite3'}", KEYS)
    await store.open()
    assert await asyncio.to_thread(main, ["counts", "--local"]) == 0
    assert capsys.readouterr().out == "nothing has been counted often enough to be told\n"
    for update_id in range(6):
        await judged(store, update_id, NAME, *(["affinity-2.short.no"] if update_id < 2 else []))
    await store.close()
    assert await asyncio.to_thread(main, ["counts", "--local"]) == 0
    assert capsys.readouterr().out.split() == ["6", NAME]


async def test_a_kept_result_goes_after_a_year_although_the_chat_goes_on(
    store: Store, adviser: tuple[Advisor, Knowledge]
) -> None:
    advisor, knowledge = adviser
    kept = Kept(
        run=1,
        version=knowledge.quiz.tag,
        extended=False,
        percent=64,
        spread=10,
        dimensions={"tech": 75},
        types=["thinker"],
        situation=None,
        kept_at=NOW,
    )
    received = Received(1, 100_001, Incoming(event=Tap(data="c1:help")))
    await store.receive([received], NOW)
    await store.finish(received, Turn(session=Session(language="nl", kept=kept), replies=[]), NOW + timedelta(days=200))
    await store.expire(partial(advisor.expire, now=NOW + timedelta(days=365)))
    assert (await store.session(100_001)).kept == kept
    await store.expire(partial(advisor.expire, now=NOW + timedelta(days=366)))
    assert await store.session(100_001) == Session(language="nl")


def test_the_privacy_notice_gives_the_times_that_are_kept_to(adviser: tuple[Advisor, Knowledge]) -> None:
    _, knowledge = adviser
    assert knowledge.quiz.limits.kept == 365
    for language in knowledge.languages.values():
        notice = language.interface["privacy"]
        assert f"{knowledge.quiz.limits.expiry} " in notice
        assert notice.count("12 ") == 2  # the chat's memory, and a kept result
        assert "/export" in notice
        assert "/forget" in notice
