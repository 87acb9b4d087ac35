"""What is asked for at the same time is done together, and nobody gets another's result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from databases import Base, opened
from hypothesis import given
from hypothesis import strategies as st

from conversations.messages import Incoming, Kind, Reply, Text
from conversations.session import Dialogue, Session, Turn
from conversations.store.batches import Batches
from conversations.store.store import Overtaken
from conversations.store.work import LOAD, Received

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHATS = range(100_001, 100_061)


@given(
    pauses=st.lists(st.integers(0, 6), min_size=1, max_size=40),
    faulty=st.sets(st.integers(0, 39)),
    size=st.integers(1, 8),
    side_by_side=st.integers(1, 3),
)
def test_each_gets_its_own_result(pauses: list[int], faulty: set[int], size: int, side_by_side: int) -> None:
    running, batches = 0, []

    async def double(numbers: Sequence[int]) -> list[int | BaseException]:
        nonlocal running
        running += 1
        assert running <= side_by_side
        batches.append(list(numbers))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running -= 1
        return [ValueError(number) if number in faulty else 2 * number for number in numbers]

    async def ask(batch: Batches[int, int], number: int, pause: int) -> int:
        for _ in range(pause):
            await asyncio.sleep(0)
        return await batch.add(number)

    async def ask_all() -> list[int | BaseException]:
        together: Batches[int, int] = Batches(double, size=size, side_by_side=side_by_side)
        asking = (ask(together, number, pause) for number, pause in enumerate(pauses))
        found = await asyncio.wait_for(asyncio.gather(*asking, return_exceptions=True), 10)
        await together.close()
        return found

    for number, found in enumerate(asyncio.run(ask_all())):
        if number in faulty:
            assert isinstance(found, ValueError)
            assert found.args == (number,)
        else:
            assert found == 2 * number
    assert sorted(number for batch in batches for number in batch) == list(range(len(pauses)))
    assert max(map(len, batches)) <= size


async def test_what_fails_altogether_fails_for_all_and_the_next_ones_are_done() -> None:
    outcomes = [OSError("gone"), None]

    async def fails_once(numbers: Sequence[int]) -> Sequence[int]:
        if (error := outcomes.pop(0)) is not None:
            raise error
        return numbers

    batches: Batches[int, int] = Batches(fails_once, size=8)
    assert all(
        isinstance(one, OSError) for one in await asyncio.gather(*map(batches.add, range(4)), return_exceptions=True)
    )
    assert await asyncio.gather(*map(batches.add, range(4))) == [0, 1, 2, 3]


def typed(update_id: int, chat_id: int) -> Received:
    return Received(update_id, chat_id, Incoming(event=Text(text=f"update {update_id}")))


def turn(received: Received, slot: str = "") -> Turn:
    """A turn that tells its update, in the memory and in the reply."""
    said = f"reply to {received.update_id}"
    return Turn(
        session=Session(dialogue=Dialogue(topic=said)),
        replies=[Reply(kind=Kind.ANSWER, text=said, language="en", slot=slot)],
        counts=["looks:yes"],
    )


async def test_many_chats_at_once_keep_to_themselves(base: Base) -> None:
    async with opened(base) as store:
        updates = [typed(1000 * place + chat, chat) for place in range(3) for chat in CHATS]
        taken = await asyncio.gather(*(store.receive([one], NOW) for one in reversed(updates)))
        assert sorted(chat for chats in taken for chat in chats) == sorted(one.chat_id for one in updates)
        works = await asyncio.gather(*map(store.load, CHATS))
        for chat, work in zip(CHATS, works, strict=True):
            assert work.received == [one for one in updates if one.chat_id == chat]
            assert work.is_all
        replies = await asyncio.gather(
            *(store.finish(work.received[0], turn(work.received[0], slot="quiz"), NOW) for work in works)
        )
        for work, loaded in zip(works, await asyncio.gather(*map(store.load, CHATS)), strict=True):
            assert loaded.session.dialogue.topic == f"reply to {work.received[0].update_id}"
            assert [one.reply.text for one in loaded.outgoing] == [loaded.session.dialogue.topic]
            assert loaded.received == work.received[1:]
        await asyncio.gather(*(store.sent(outgoing, outgoing.chat_id + 7, NOW) for (outgoing,) in replies))
        for chat, loaded in zip(CHATS, await asyncio.gather(*map(store.load, CHATS)), strict=True):
            assert (loaded.places, loaded.outgoing) == ({"quiz": chat + 7}, [])
    assert await base.rows("SELECT n FROM counts") == [(len(CHATS),)]


async def test_updates_that_are_done_already_spoil_nothing_for_the_others(base: Base) -> None:
    async with opened(base) as store:
        updates = [typed(chat, chat) for chat in CHATS]
        await store.receive(updates, NOW)
        for one in updates[::3]:
            await store.finish(one, turn(one), NOW)
        again = (store.finish(one, turn(one, slot="again"), NOW) for one in updates)
        found = await asyncio.gather(*again, return_exceptions=True)
        assert [isinstance(one, Overtaken) for one in found] == [place % 3 == 0 for place in range(len(CHATS))]
        for place, work in enumerate(await asyncio.gather(*map(store.load, CHATS))):
            assert work.received == []
            assert [one.reply.slot for one in work.outgoing] == ["again" if place % 3 else ""]
    assert await base.rows("SELECT n FROM counts") == [(len(CHATS),)]


@pytest.mark.parametrize("waiting", [LOAD - 1, LOAD, LOAD + 1])
async def test_of_each_chat_the_oldest_are_loaded(base: Base, waiting: int) -> None:
    async with opened(base) as store:
        quiet, busy = CHATS[:2]
        await store.receive([typed(number, busy) for number in range(waiting)] + [typed(500, quiet)], NOW)
        first, second = await asyncio.gather(store.load(busy), store.load(quiet))
    assert [one.update_id for one in first.received] == list(range(min(waiting, LOAD)))
    assert first.is_all == (waiting < LOAD)
    assert [one.update_id for one in second.received] == [500]
    assert second.is_all
