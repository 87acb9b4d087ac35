"""Polls, quizzes and reactions: sending, voting, counting, closing."""

from __future__ import annotations

from pathlib import Path

import telegram

from bot.local import LocalServer
from bot.local.client import Control, Page, Person

from .helpers import Api, client_of


async def test_votes_are_counted_and_told(bot: telegram.Bot, page: Page, person: Person) -> None:
    sent = await bot.send_poll(person.id, "Tea?", ["yes", "no"], is_anonymous=False)
    assert sent.poll is not None
    item = await person.vote(sent.message_id, 1)
    assert [option["voter_count"] for option in item["message"]["poll"]["options"]] == [0, 1]
    answer, poll = await bot.get_updates()
    assert answer.poll_answer is not None
    assert answer.poll_answer.user is not None
    assert (answer.poll_answer.user.id, answer.poll_answer.option_ids) == (person.id, (1,))
    assert poll.poll is not None
    assert poll.poll.total_voter_count == 1
    await person.vote(sent.message_id)
    assert (await bot.get_updates())[-1].poll.total_voter_count == 0  # type: ignore[union-attr]
    stopped = await bot.stop_poll(person.id, sent.message_id)
    assert stopped.is_closed
    refused = await page.http.post(
        f"/local/chats/{person.id}/votes", json={"message_id": sent.message_id, "option_ids": [0]}
    )
    assert refused.json() == {"error": "poll_closed"}


async def test_a_quiz_is_answered_once(bot: telegram.Bot, page: Page, person: Person) -> None:
    sent = await bot.send_poll(
        person.id, "2+2?", ["3", "4"], type="quiz", correct_option_id=1, explanation="<b>Count</b>",
        explanation_parse_mode="HTML",
    )  # fmt: skip
    assert sent.poll is not None
    assert sent.poll.explanation == "Count"
    await person.vote(sent.message_id, 1)
    (update,) = await bot.get_updates()
    assert update.poll is not None
    for ids, code in (([0], "voted_already"), ([0, 1], "bad_request"), ([7], "bad_request")):
        body = {"message_id": sent.message_id, "option_ids": ids}
        assert (await page.http.post(f"/local/chats/{person.id}/votes", json=body)).json() == {"error": code}


async def test_a_poll_ends_when_its_time_is_up(api: Api, control: Control, person: Person) -> None:
    sent = (await api("sendPoll", chat_id=person.id, question="?", options='["a"]', open_period=60))["result"]
    assert sent["poll"]["close_date"] == sent["date"] + 60
    await control.advance(61)
    (update,) = (await api("getUpdates", timeout=5))["result"]
    assert update["poll"]["is_closed"]
    assert (await person.read())["messages"][-1]["message"]["poll"]["is_closed"]


async def test_a_poll_ends_after_a_restart_too(tmp_path: Path) -> None:
    path = tmp_path / "local.db"
    async with LocalServer(path) as server, Page(server.api_url) as page:
        ada = await page.create()
        await ada.start()
        async with client_of(server) as bot:
            await bot.send_poll(ada.id, "?", ["a", "b"], open_period=600)
    async with LocalServer(path, slow_repeats=False) as server, Control(server.api_url) as control:
        await control.advance(601)
        async with client_of(server) as bot:
            closed = (await bot.get_updates(offset=-1, timeout=5))[0].poll
            assert closed is not None
            assert closed.is_closed


async def test_reactions_reach_a_bot_that_asked_for_them(bot: telegram.Bot, page: Page, person: Person) -> None:
    sent = await bot.send_message(person.id, "x")
    await person.react(sent.message_id, "👍")
    assert await bot.get_updates(allowed_updates=["message_reaction"]) == ()
    item = await person.react(sent.message_id, "👎")
    assert item["reactions"] == {str(person.id): "👎"}
    (update,) = await bot.get_updates()
    assert update.message_reaction is not None
    assert update.message_reaction.old_reaction[0].emoji == "👍"  # type: ignore[union-attr]
    assert update.message_reaction.new_reaction[0].emoji == "👎"  # type: ignore[union-attr]
    await person.react(sent.message_id, None)
    assert (await bot.get_updates())[-1].message_reaction.new_reaction == ()  # type: ignore[union-attr]
    body = {"message_id": sent.message_id, "emoji": "x"}
    assert (await page.http.post(f"/local/chats/{person.id}/reactions", json=body)).json() == {"error": "bad_reaction"}
