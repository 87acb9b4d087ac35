"""Groups: who is in them, what the bot is told, its rights, and commands for each kind of chat."""

from __future__ import annotations

import telegram
from telegram import BotCommand, BotCommandScopeAllChatAdministrators, BotCommandScopeAllGroupChats

from bot.local import LocalServer
from bot.local.client import Control, Page, Person

from .helpers import Api


async def texts(api: Api) -> list[str | None]:
    """What the bot is told, and forgets by asking."""
    updates = (await api("getUpdates"))["result"]
    if updates:
        await api("getUpdates", offset=updates[-1]["update_id"] + 1)
    return [one["message"].get("text") for one in updates if "message" in one]


async def people(page: Page) -> tuple[Person, Person]:
    return await page.create("Ada"), await page.create("Noor")


async def test_a_bot_is_told_that_it_came_and_went(bot: telegram.Bot, page: Page, server: LocalServer) -> None:
    ada, noor = await people(page)
    group = await page.create_group("Team", ada, noor)
    came, seen = await bot.get_updates()
    assert came.my_chat_member is not None
    assert came.my_chat_member.new_chat_member.status == "member"
    assert came.my_chat_member.from_user.id == ada.id
    assert seen.message is not None
    assert seen.message.new_chat_members[0].id == server.state.bot.id
    chat = await bot.get_chat(group)
    assert (chat.type, chat.title) == ("group", "Team")
    assert group < 0
    assert await bot.get_chat_member_count(group) == 3
    (owner,) = await bot.get_chat_administrators(group)
    assert (owner.user.id, owner.status) == (ada.id, "creator")
    assert (await bot.get_chat_member(group, noor.id)).status == "member"
    assert await bot.leave_chat(group)
    left = (await bot.get_updates(offset=seen.update_id + 1))[-1]
    assert left.my_chat_member is not None
    assert left.my_chat_member.new_chat_member.status == "left"


async def test_privacy_mode_hides_what_is_not_meant_for_the_bot(
    api: Api, bot: telegram.Bot, page: Page, control: Control, server: LocalServer
) -> None:
    ada, noor = await people(page)
    group = await page.create_group("Team", ada, noor)
    await texts(api)
    here = ada.within(group)
    for text in ("chat among us", "/help", "/help@local_bot", "/help@other_bot", "hey @local_bot", "hey @other_bot"):
        await here.send(text)
    assert await texts(api) == ["/help", "/help@local_bot", "hey @local_bot"]
    asked = await bot.send_message(group, "Yes?")
    await noor.within(group).send("an answer", reply_to=asked.message_id)
    assert await texts(api) == ["an answer"]
    await control.settings(can_read_all_group_messages=True)
    await here.send("all is read")
    assert await texts(api) == ["all is read"]
    await control.settings(can_read_all_group_messages=False)
    await page.set_member(group, server.state.bot.id, "administrator")
    await here.send("an administrator reads too")
    assert "an administrator reads too" in await texts(api)


async def test_members_come_and_go(api: Api, bot: telegram.Bot, page: Page, server: LocalServer) -> None:
    ada, noor = await people(page)
    eva = await page.create("Eva")
    group = await page.create_group("Team", ada, noor, type="supergroup", bot="administrator")
    await bot.get_updates(allowed_updates=["message", "chat_member"])
    await texts(api)
    await page.set_member(group, eva.id, "member")
    member, service = await bot.get_updates()
    assert member.chat_member is not None
    assert (member.chat_member.old_chat_member.status, member.chat_member.new_chat_member.status) == ("left", "member")
    assert service.message is not None
    assert service.message.new_chat_members[0].id == eva.id
    assert await bot.ban_chat_member(group, eva.id)
    assert (await bot.get_chat_member(group, eva.id)).status == "kicked"
    answer = await page.http.post(f"/local/chats/{group}/messages", json={"text": "hi", "from": eva.id})
    assert (answer.status_code, answer.json()) == (403, {"error": "not_a_member"})
    assert await bot.unban_chat_member(group, eva.id)
    assert (await bot.get_chat_member(group, eva.id)).status == "left"
    theirs = (await noor.within(group).send("rude"))["message"]["message_id"]
    assert await bot.delete_message(group, theirs)
    assert await bot.set_chat_title(group, "New name")
    assert (await bot.get_chat(group)).title == "New name"


async def test_taps_and_deep_links_say_who_it_was(api: Api, bot: telegram.Bot, page: Page) -> None:
    ada, noor = await people(page)
    group = await page.create_group("Team", ada, noor)
    await texts(api)
    key = telegram.InlineKeyboardButton("Go", callback_data="go")
    sent = await bot.send_message(group, "x", reply_markup=telegram.InlineKeyboardMarkup.from_button(key))
    await noor.within(group).tap(sent.message_id, "go")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.from_user.id == noor.id
    await ada.within(group).start("team_1")
    assert (await texts(api))[-1] == "/start@local_bot team_1"


async def test_commands_by_kind_of_chat(bot: telegram.Bot, page: Page) -> None:
    ada, noor = await people(page)
    group = await page.create_group("Team", ada, noor)
    await bot.set_my_commands([BotCommand("all", "x")])
    await bot.set_my_commands([BotCommand("here", "x")], scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands([BotCommand("rule", "x")], scope=BotCommandScopeAllChatAdministrators())
    assert (await noor.within(group).read())["bot"]["commands"][0]["command"] == "here"
    assert (await ada.read())["bot"]["commands"][0]["command"] == "all"


async def test_a_bot_that_joins_no_groups_is_kept_out(page: Page, control: Control) -> None:
    ada = await page.create("Ada")
    await control.settings(can_join_groups=False)
    body = {"type": "group", "title": "Team", "members": [ada.id]}
    answer = await page.http.post("/local/chats", json=body)
    assert (answer.status_code, answer.json()) == (409, {"error": "bot_joins_no_groups"})
    for wrong in ({"members": []}, {"type": "crowd"}, {"members": [7]}, {"title": " "}, {"username": "has space"}):
        assert (await page.http.post("/local/chats", json=body | {"bot": "left"} | wrong)).status_code in (400, 404)


async def test_a_group_becomes_a_supergroup(api: Api, page: Page) -> None:
    ada = await page.create("Ada")
    group = await page.create_group("Team", ada)
    new = await page.upgrade(group)
    assert await api("sendMessage", chat_id=group, text="x") == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new},
    }
    assert (await api("sendMessage", chat_id=new, text="x"))["result"]["chat"]["type"] == "supergroup"
    old, fresh = [one["message"] for one in (await api("getUpdates"))["result"] if "message" in one][-2:]
    assert (old["chat"]["id"], old["migrate_to_chat_id"]) == (group, new)
    assert (fresh["chat"]["id"], fresh["migrate_from_chat_id"]) == (new, group)
    again = await page.http.post(f"/local/chats/{group}/upgrade", json={})
    assert (again.status_code, again.json()) == (409, {"error": "not_a_group"})


async def test_a_public_group_goes_by_its_name(api: Api, page: Page) -> None:
    ada = await page.create("Ada")
    body = {"type": "supergroup", "title": "Team", "members": [ada.id], "username": "the_team"}
    group = (await page.http.post("/local/chats", json=body)).json()["id"]
    sent = (await api("sendMessage", chat_id="@The_Team", text="x"))["result"]
    assert sent["chat"] == {"id": group, "type": "supergroup", "title": "Team", "username": "the_team"}
