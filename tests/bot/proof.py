"""What has to hold after processes have come and gone under load."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from bot_helpers import until
from crowd import Crowd
from databases import KEYS, Base
from processes import Bots

from conversations.session import Session
from conversations.store.store import Store

PEOPLE = 50
PATIENCE = 200.0
"""Seconds for which somebody waits for an answer: Telegram lets up to one minute pass between two attempts."""

Say = Callable[[str], None]
"""Tells the tester, in spite of pytest."""


async def proven(
    crowd: Crowd, bots: Bots, base: Base, what: str, begun: float, say: Say, *, quizzes: bool = False
) -> Counter[str]:
    """Nothing was lost, done twice or out of order; says how much there was, and returns it.

    In it ``by_one_kill`` is the most messages that one kill has had sent twice. ``quizzes`` under way are taken to
    their results first.
    """
    killed_for, under_fire = time.monotonic() - begun, crowd.total()["quizzes"]
    await crowd.finish(quizzes=quizzes)
    total = crowd.total()
    twice = [one for talk in crowd.talks for one in talk.twice]
    refused = f" ({len(bots.refusals)} starts were refused)" if bots.refusals else ""
    results = f"; {total['quizzes']} quizzes finished, {under_fire} of them before that" if quizzes else ""
    total["by_one_kill"] = bots.most_by_one_kill(twice)
    most = f", at most {total['by_one_kill']} by one kill" if bots.kills else ""
    say(
        f"{what}: {len(bots.kills)} kills{refused}, the last after {killed_for:.0f} of {time.monotonic() - begun:.0f} s"
        f"{results}\n"
        f"  {total['asked']} updates from {PEOPLE} chats, {total['expected']} replies: "
        f"{total['expected'] - total['matched']} lost, {total['wrong']} out of order or not due, "
        f"{total['twice']} sent twice{most}"
    )
    assert total["wrong"] == 0, "\n".join(bots.complaints)
    assert total["matched"] == total["expected"], "\n".join(bots.complaints)

    async def at_rest() -> bool:
        waiting = "SELECT 1 FROM inbox WHERE state = 'waiting' UNION SELECT 1 FROM outbox WHERE state = 'waiting'"
        return await base.rows(waiting) == []

    await until(at_rest)
    await bots.end()
    assert await base.rows("SELECT state, count(*) FROM inbox GROUP BY state") == [("done", total["asked"])]
    assert await base.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert dict(await base.rows("SELECT name, n FROM counts")) == dict(crowd.counted())
    store = Store(base.address, KEYS)
    await store.open()
    try:
        for talk in crowd.talks:
            assert lasting(await store.session(talk.person.id)) == lasting(talk.session)
    finally:
        await store.close()
    return total


def lasting(session: Session) -> dict[str, Any]:
    """A session without the moments, which no two clocks share."""
    moments = {"started_at", "updated_at", "finished_at", "extended_at", "completed_at"}
    return session.model_dump(exclude={"quiz": moments, "kept": {"kept_at"}})
