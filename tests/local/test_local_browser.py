"""The chat page in Chromium, with a small bot behind it: one browser and one server for all, a new person for each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
import telegram
from chromium_browser import chromium
from playwright.async_api import Browser, Locator, Page, expect
from telegram import (
    BotCommand,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    KeyboardButton,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
)

from bot.local import LocalServer
from bot.local.app import PAGE
from bot.local.client import Page as Control
from bot.local.client import Person

from .helpers import client_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PICTURE = (PAGE.parent / "standins" / "photo.jpg").read_bytes()


async def answer(bot: telegram.Bot, update: telegram.Update) -> None:
    """Count taps in place, end on "End", echo texts in bold, offer inline what was typed."""
    query, message = update.callback_query, update.message
    if update.inline_query is not None:
        words = update.inline_query.query
        titles = ["Loud", "Quiet"] if words else []
        results = [
            InlineQueryResultArticle(title, title, InputTextMessageContent(f"{title}: {words}"), description=words)
            for title in titles
        ]
        await update.inline_query.answer(results, cache_time=0)
    elif query is not None and isinstance(query.message, telegram.Message):
        number = int(query.data or "0")
        await query.answer("Tapped" if number < 9 else "The end", show_alert=number >= 9)
        await query.edit_message_text(f"Count {number}", reply_markup=keys(number + 1))
    elif message is not None and message.text == "/start":
        await bot.send_message(message.chat_id, "Count 0", reply_markup=keys(1))
    elif message is not None and message.text is not None and message.via_bot is None:
        await bot.send_message(message.chat_id, f"<b>{message.text_html}</b>", parse_mode="HTML")


def keys(number: int) -> InlineKeyboardMarkup:
    more = InlineKeyboardButton("More", callback_data=str(number))
    end = InlineKeyboardButton("End", callback_data="9")
    return InlineKeyboardMarkup([[more, end]])


async def poll(bot: telegram.Bot) -> None:
    offset = 0
    while True:
        with contextlib.suppress(telegram.error.NetworkError):
            for update in await bot.get_updates(offset=offset, timeout=20):
                offset = update.update_id + 1
                with contextlib.suppress(telegram.error.TelegramError):
                    await answer(bot, update)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[LocalServer]:
    async with LocalServer(slow_repeats=False) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def echo(shared: LocalServer) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(shared.token, base_url=f"{shared.api_url}/bot") as bot:
        await bot.set_my_commands([BotCommand("start", "Begin"), BotCommand("stop", "End")])
        await bot.set_my_commands([BotCommand("start", "Commencer")], language_code="fr")
        await bot.set_my_description("I count.")
        task = asyncio.create_task(poll(bot))
        yield bot
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def control(shared: LocalServer) -> AsyncIterator[Control]:
    async with Control(shared.api_url) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def ada(control: Control) -> Person:
    """A person with an empty chat."""
    return await control.create("Ada", "en")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page(browser: Browser, shared: LocalServer, echo: telegram.Bot) -> AsyncIterator[tuple[Page, list[str]]]:
    """The page, and what went wrong in it: script errors and requests to anywhere else."""
    faults: list[str] = []
    allowed = ["clipboard-read", "clipboard-write"]
    context = await browser.new_context(
        locale="en-GB", viewport={"width": 1280, "height": 800}, reduced_motion="reduce", permissions=allowed
    )
    context.set_default_timeout(5000)
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith((shared.api_url, "data:")) else faults.append(r.url))
    await page.goto(shared.page_url)
    await page.wait_for_selector("body.ready")
    yield page, faults
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(page: tuple[Page, list[str]], ada: Person) -> AsyncIterator[Page]:
    """The page with Ada's empty chat open; fails the test on any script error or foreign request."""
    window, faults = page
    faults.clear()
    await window.keyboard.press("Escape")
    await window.evaluate(f"location.hash = '{ada.id}'")
    await window.wait_for_selector(f'[href="#{ada.id}"][aria-current]')
    yield window
    assert faults == []


async def copied(tab: Page) -> str:
    await expect(tab.locator("#notice")).to_have_text("Copied")
    return str(await tab.evaluate("navigator.clipboard.readText()"))


async def choose(tab: Page, message: Locator, entry: str) -> None:
    """Choose an entry of a message's menu."""
    await message.get_by_role("button", name="Message menu").click()
    await tab.get_by_role("menu").get_by_role("menuitem", name=entry, exact=True).click()


async def test_a_whole_conversation(tab: Page) -> None:
    await expect(tab.get_by_text("I count.")).to_be_visible()
    await tab.get_by_role("button", name="Start").press("Enter")
    log = tab.get_by_role("log")
    await expect(log.get_by_text("Count 0")).to_be_visible()

    more = log.get_by_role("button", name="More", exact=True)
    await more.focus()
    await more.press("Enter")
    await expect(log.get_by_text("Count 1")).to_be_visible()
    await expect(more).to_be_focused()
    await expect(tab.locator("#notice")).to_have_text("Tapped")
    await expect(log.get_by_text("edited")).to_be_visible()
    await log.get_by_role("button", name="End").click()
    await expect(tab.get_by_role("alertdialog")).to_contain_text("The end")
    await tab.keyboard.press("Escape")

    box = tab.get_by_label("Message", exact=True)
    await box.fill("line one")
    await box.press("Shift+Enter")
    await box.type("<img src=x>")
    await box.press("Enter")
    await expect(log.locator(".theirs strong").last).to_have_text("line one\n<img src=x>")
    await expect(log.locator("img")).to_have_count(0)
    await expect(box).to_have_value("")

    await box.press("ArrowUp")
    await expect(box).to_have_value("line one\n<img src=x>")
    await box.fill("changed")
    await box.press("Enter")
    await expect(log.locator(".mine").last).to_contain_text("changed")
    await expect(log.locator(".mine").last).to_contain_text("edited")
    await box.press("ArrowUp")
    await box.press("Escape")
    await expect(box).to_have_value("")


async def test_commands_and_attachments_by_keyboard(tab: Page) -> None:
    await tab.get_by_role("button", name="Start").click()
    box = tab.get_by_label("Message", exact=True)
    await expect(box).to_be_focused()
    await box.type("/st")
    options = tab.get_by_role("listbox", name="Commands").get_by_role("option")
    await expect(options).to_have_count(2)
    await box.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await box.press("Enter")
    await expect(tab.get_by_role("log").locator(".mine").last).to_contain_text("/stop")
    await tab.get_by_role("button", name="Commands").press("Enter")
    await expect(options).to_have_count(2)
    await tab.keyboard.press("Escape")
    await expect(options).to_have_count(0)

    signs = {"Sticker": ".sticker-image", "Voice message": ".voice", "Location": ".file", "Contact": ".file .avatar"}
    for name, sign in signs.items():
        await tab.get_by_role("button", name="Attach").press("Enter")
        await tab.get_by_role("menuitem", name=name).press("Enter")
        await expect(tab.get_by_role("log").locator(".mine").last.locator(sign)).to_be_visible()
    chosen = [
        {"name": "walk.jpg", "mimeType": "image/jpeg", "buffer": PICTURE},
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Remember the milk"},
    ]
    await tab.locator("#file").set_input_files(chosen)  # type: ignore[arg-type]
    await expect(tab.get_by_role("log").locator("img[alt=Photo]")).to_be_visible()
    async with tab.expect_download() as download:
        await tab.get_by_role("log").get_by_role("link", name="Download notes.txt").click()
    saved = await (await download.value).path()
    assert Path(saved).read_bytes() == b"Remember the milk"  # noqa: ASYNC240


async def test_formatting(tab: Page, echo: telegram.Bot, ada: Person) -> None:
    await ada.start()
    quote = "\n".join(f"line {number}" for number in range(6))
    html = (
        "<b>bold <i>both</i></b> <u>under</u> <s>through</s> <code>code</code> <tg-spoiler>secret</tg-spoiler> #tag "
        f"<a href='https://example.com/'>link</a> /help <blockquote>short</blockquote>"
        f"<blockquote expandable>{quote}</blockquote>"
        "<pre><code class='language-python'>print(1 &lt; 2)</code></pre>"
    )
    await echo.send_message(ada.id, html, parse_mode="HTML")
    text = tab.get_by_role("log").locator(".text", has_text="under")
    for tag, words in {"strong": "bold both", "em": "both", "u": "under", "s": "through", "code": "code"}.items():
        await expect(text.locator(tag).first).to_have_text(words)
    await expect(text.get_by_role("link", name="link")).to_have_attribute("rel", "noopener noreferrer")
    await text.get_by_role("button", name="Hidden text").press("Enter")
    await expect(text.locator(".spoiler.shown")).to_have_text("secret")
    long = text.locator("blockquote.long")
    low = (await long.bounding_box() or {})["height"]
    await long.get_by_role("button", name="Show the whole quote").click()
    assert (await long.bounding_box() or {})["height"] > low
    await expect(text.locator(".code-head small")).to_have_text("python")
    await text.get_by_role("button", name="Copy", exact=True).click()
    assert await copied(tab) == "print(1 < 2)"


async def test_albums_files_and_pictures(tab: Page, echo: telegram.Bot, ada: Person) -> None:
    await ada.start()
    await echo.send_media_group(ada.id, [InputMediaPhoto(PICTURE) for _ in range(3)], caption="Three of them")
    album = tab.get_by_role("group", name="3 pictures")
    await expect(album.get_by_role("button")).to_have_count(3)
    await expect(tab.get_by_role("log").get_by_text("Three of them")).to_have_count(1)
    await album.get_by_role("button").first.click()
    viewer = tab.get_by_role("dialog", name="Photo")
    await expect(viewer).to_contain_text("1 / 3")
    await tab.keyboard.press("ArrowLeft")
    await expect(viewer).to_contain_text("3 / 3")
    await viewer.get_by_role("button", name="Next picture").click()
    await expect(viewer).to_contain_text("1 / 3")
    await tab.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await echo.send_photo(ada.id, PICTURE, caption="Veiled", has_spoiler=True)
    veiled = tab.get_by_role("button", name="Veiled")
    await expect(veiled).to_have_class(re.compile("veiled"))
    await veiled.click()
    await expect(veiled).not_to_have_class(re.compile("veiled"))
    await echo.send_document(ada.id, BytesIO(b"x" * 2300), filename="report.pdf")
    await expect(tab.get_by_role("link", name="Download report.pdf")).to_contain_text("PDF · 2.3 kB")


async def ticked(box: Locator, act: Callable[[], Awaitable[None]]) -> None:
    """Does what ticks a box, again where the page has drawn it anew meanwhile, as whoever missed it would."""
    for _ in range(3):
        await act()
        if await box.get_attribute("aria-checked") == "true":
            return
    raise AssertionError("the box cannot be ticked")


async def test_polls(tab: Page, echo: telegram.Bot, ada: Person) -> None:
    await ada.start()
    await echo.send_poll(ada.id, "Which days?", ["Monday", "Tuesday", "Friday"], allows_multiple_answers=True)
    days = tab.get_by_role("group", name="Which days?")
    await expect(days.get_by_role("button", name="Vote")).to_be_disabled()
    monday, friday = (days.get_by_role("checkbox", name=name) for name in ("Monday", "Friday"))
    await ticked(monday, lambda: monday.press("Space"))
    await ticked(friday, friday.click)
    await days.get_by_role("button", name="Vote").click()
    await expect(days).to_contain_text("1 vote")
    await expect(days.locator(".chosen")).to_have_count(2)
    await tab.reload()
    await expect(days.locator(".chosen")).to_have_count(2)
    await days.get_by_role("button", name="Take the vote back").click()
    await expect(days.get_by_role("checkbox")).to_have_count(3)

    await echo.send_poll(ada.id, "2 + 2?", ["3", "4"], type="quiz", correct_option_ids=[1], explanation="Count again.")
    quiz = tab.get_by_role("group", name="2 + 2?")
    await expect(quiz).not_to_contain_text("Count again.")
    await quiz.get_by_role("button", name="3").click()
    await expect(quiz.locator(".wrong")).to_contain_text("3")
    await expect(quiz.locator(".right")).to_contain_text("4")
    await expect(quiz).to_contain_text("Count again.")


async def test_inline_mode(tab: Page, echo: telegram.Bot, ada: Person) -> None:
    await ada.start()
    key = InlineKeyboardButton("Search", switch_inline_query_current_chat="tea")
    await echo.send_message(ada.id, "Try it", reply_markup=InlineKeyboardMarkup.from_button(key))
    await tab.get_by_role("log").get_by_role("button", name="Search").click()
    box = tab.get_by_label("Message", exact=True)
    await expect(box).to_have_value(f"@{echo.username} tea")
    results = tab.get_by_role("listbox", name="Results").get_by_role("option")
    await expect(results).to_have_text([re.compile("Loud.*tea"), re.compile("Quiet.*tea")])
    await box.type(" time")
    await expect(results.first).to_contain_text("tea time")
    await box.press("ArrowDown")
    await box.press("Enter")
    sent = tab.get_by_role("log").locator(".mine").last
    await expect(sent).to_contain_text("Quiet: tea time")
    await expect(sent).to_contain_text(f"via @{echo.username}")
    await expect(box).to_have_value("")
    await expect(results).to_have_count(0)
    await box.fill(f"@{echo.username} ")
    await expect(tab.get_by_text("Nothing found")).to_be_visible()
    await box.press("Escape")
    await expect(tab.get_by_text("Nothing found")).to_be_hidden()


async def test_answering_reacting_copying_and_deleting(tab: Page, echo: telegram.Bot, ada: Person) -> None:
    await ada.start()
    sent = await echo.send_message(ada.id, "What do you think?")
    question = tab.get_by_role("log").locator(".theirs", has_text="What do you think?")
    await choose(tab, question, "React with 🔥")
    reaction = tab.get_by_role("log").get_by_role("button", name="Reaction 🔥 1")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    await echo.set_message_reaction(ada.id, sent.message_id, [ReactionTypeEmoji("🔥")])
    both = tab.get_by_role("log").get_by_role("button", name="Reaction 🔥 2")
    await both.click()
    await expect(reaction).to_have_attribute("aria-pressed", "false")

    await choose(tab, question, "Reply")
    box = tab.get_by_label("Message", exact=True)
    await expect(box).to_be_focused()
    await box.type("Good")
    await box.press("Enter")
    answered = tab.get_by_role("log").locator(".mine", has_text="Good")
    await expect(answered.locator(".quote")).to_contain_text("What do you think?")
    await answered.locator(".quote").click()
    await expect(tab.locator(".message.found")).to_contain_text("What do you think?")
    await choose(tab, question, "Copy")
    assert await copied(tab) == "What do you think?"
    await choose(tab, answered, "Edit message")
    await box.fill("Better")
    await box.press("Enter")
    better = tab.get_by_role("log").locator(".mine", has_text="Better")
    await expect(better).to_contain_text("edited")
    await choose(tab, better, "Delete")
    await expect(better).to_have_count(0)
    await echo.delete_message(ada.id, sent.message_id)
    await expect(reaction).to_have_count(0)


async def test_keyboards_forwards_and_actions(tab: Page, echo: telegram.Bot, ada: Person) -> None:
    first = await ada.start("hello")
    await expect(tab.get_by_role("log")).to_contain_text("/start hello")
    copy = InlineKeyboardButton("Code", copy_text=CopyTextButton("CODE-42"))
    await echo.send_message(ada.id, "Copy it", reply_markup=InlineKeyboardMarkup.from_button(copy))
    await tab.get_by_role("log").get_by_role("button", name="Code").click()
    assert await copied(tab) == "CODE-42"
    await echo.forward_message(ada.id, ada.id, first["message"]["message_id"])
    await expect(tab.get_by_role("log").get_by_text("Forwarded from Ada")).to_be_visible()
    rows = [["Yes", "No"], [KeyboardButton("Here I am", request_location=True)]]
    keyboard = ReplyKeyboardMarkup(rows, one_time_keyboard=True, input_field_placeholder="Yes or no?")
    await echo.send_message(ada.id, "Well?", reply_markup=keyboard)
    await expect(tab.get_by_placeholder("Yes or no?")).to_be_visible()
    await echo.send_chat_action(ada.id, "upload_document")
    await expect(tab.get_by_role("status").filter(has_text="sends a file")).to_be_visible()
    await echo.send_message_draft(ada.id, 7, "I am think")
    await expect(tab.locator(".draft")).to_contain_text("I am think")
    await echo.send_message(ada.id, "I am thinking")
    await expect(tab.locator(".draft")).to_have_count(0)
    await tab.get_by_role("group", name="Suggested answers").get_by_role("button", name="Here I am").click()
    await expect(tab.get_by_role("log").locator(".mine").last).to_contain_text("50.8467")
    await expect(tab.get_by_role("group", name="Suggested answers")).to_be_hidden()


async def test_settings_language_block_and_deep_link(tab: Page, shared: LocalServer, ada: Person) -> None:
    await tab.get_by_role("button", name="Start").click()
    await tab.get_by_role("button", name="Chat settings").click()
    await tab.get_by_label("Language").select_option("fr")
    await expect(tab.locator("#subtitle")).to_have_text("Tu écris en tant que Ada")
    await tab.keyboard.press("Escape")
    await tab.get_by_role("button", name="Réglages de la discussion").click()
    await tab.get_by_role("button", name="Bloquer le bot").click()
    await tab.get_by_role("button", name="Débloquer le bot").click()
    await expect(tab.get_by_label("Message", exact=True)).to_be_visible()
    await tab.get_by_role("button", name="Réglages de la discussion").click()
    await tab.get_by_label("Ouvrir un lien avec un paramètre de départ").fill("by-hand")
    await tab.get_by_role("button", name="Ouvrir", exact=True).click()
    await tab.get_by_role("button", name="Démarrer").click()
    await expect(tab.get_by_role("log").locator(".mine").last).to_contain_text("/start by-hand")
    await tab.goto(f"{shared.page_url}?start=faq_1#{ada.id}")
    await tab.get_by_role("button", name="Démarrer").click()
    await expect(tab.get_by_role("log").locator(".mine").last).to_contain_text("/start faq_1")


async def test_a_group_with_two_people(tab: Page, echo: telegram.Bot, control: Control) -> None:
    await control.create("Grace", "de")
    await expect(tab.locator("#chats")).to_contain_text("Grace")
    await tab.get_by_role("button", name="New chat").click()
    dialog = tab.get_by_role("dialog")
    await dialog.get_by_role("button", name="Group").click()
    await dialog.get_by_label("Group name").fill("Tea lovers")
    for box in await dialog.get_by_role("checkbox").all():
        await box.uncheck()
    for name in ("Ada", "Grace"):
        await dialog.get_by_label(name, exact=True).last.check()
    await dialog.get_by_role("button", name="Create").click()
    await expect(tab.locator("#title")).to_have_text("Tea lovers")
    log = tab.get_by_role("log")
    await expect(log).to_contain_text("Ada added Local bot")
    box = tab.get_by_label("Message", exact=True)
    await box.fill("/start@local_bot")
    await box.press("Enter")
    await expect(log.locator(".theirs").last).to_contain_text("/start@local_bot")
    await expect(log.locator(".author").last).to_have_text("Local bot")
    await tab.set_viewport_size({"width": 390, "height": 844})
    right = "Math.max(...[...document.querySelectorAll('main *')].map((one) => one.getBoundingClientRect().right))"
    assert await tab.evaluate(right) <= 390
    await tab.set_viewport_size({"width": 1280, "height": 800})
    await tab.get_by_label("Write as").select_option("Grace")
    await expect(tab.get_by_label("Nachricht", exact=True)).to_be_visible()
    await expect(log.locator(".theirs", has_text="/start").first.locator(".author")).to_have_text("Ada")


async def test_the_developer_panel(tab: Page, shared: LocalServer, echo: telegram.Bot, ada: Person) -> None:
    await ada.start()
    await tab.goto(f"{shared.page_url}?panel=1#{ada.id}")
    panel = tab.get_by_role("complementary", name="Developer panel")
    await panel.get_by_role("button", name="Clear all calls").click()
    with pytest.raises(telegram.error.BadRequest):
        await echo.send_message(ada.id, "Text", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("x")]]))
    await echo.send_message(ada.id, "Seen in the panel")
    calls = panel.get_by_role("list", name="Calls of the bot").get_by_role("listitem")
    await expect(calls).to_have_text([re.compile("OK.*sendMessage.*ms"), re.compile("400.*sendMessage.*ms")])
    await panel.get_by_label("Filter calls").fill("seen in")
    await expect(calls).to_have_count(1)
    await calls.first.locator("summary").click()
    await expect(calls.first).to_contain_text("chat_id")
    await expect(calls.first.locator("pre")).to_contain_text('"ok": true')
    await calls.first.get_by_role("button", name="Copy").click()
    assert json.loads(await copied(tab))["params"]["text"] == "Seen in the panel"
    await panel.get_by_label("Show getUpdates too").check()
    await panel.get_by_label("Filter calls").fill("getupdates")
    await expect(calls.first).to_be_visible()

    await panel.get_by_role("switch", name="Server error").check()
    with pytest.raises(telegram.error.NetworkError):
        await echo.send_message(ada.id, "Lost")
    await panel.get_by_role("switch", name="Server error").uncheck()
    await panel.get_by_role("switch", name="Too many requests").check()
    with pytest.raises(telegram.error.RetryAfter):
        await echo.send_message(ada.id, "Too fast")
    await panel.get_by_role("switch", name="Too many requests").uncheck()
    await expect(panel.get_by_role("switch", name="Too many requests")).not_to_be_checked()
    await panel.get_by_role("switch", name="Bot blocked").check()
    await expect(tab.get_by_role("button", name="Unblock the bot")).to_be_visible()
    with pytest.raises(telegram.error.Forbidden):
        await echo.send_message(ada.id, "Blocked")
    await panel.get_by_role("switch", name="Bot blocked").uncheck()
    await expect(tab.get_by_role("button", name="Unblock the bot")).to_be_hidden()

    await panel.get_by_role("button", name="+ 1 day").click()
    await expect(panel.get_by_role("status")).to_contain_text("ahead by 1 day")
    late = await echo.send_message(ada.id, "A day later")
    assert late.date.timestamp() - shared.state.opened > 86_000
    await tab.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(tab.get_by_role("button", name="Developer panel")).to_be_focused()


async def test_on_a_phone_in_the_dark(tab: Page, echo: telegram.Bot) -> None:
    await tab.set_viewport_size({"width": 390, "height": 844})
    await expect(tab.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    await tab.emulate_media(color_scheme="dark")
    await expect(tab.locator("body")).not_to_have_css("background-color", "rgb(255, 255, 255)")
    await tab.get_by_role("button", name="Back to the chats").click()
    await tab.get_by_role("button", name="New chat").click()
    await tab.get_by_label("First name").fill("Mila")
    await tab.get_by_label("Language").select_option("nl")
    await tab.get_by_role("button", name="Create").click()
    await expect(tab.locator("#subtitle")).to_have_text("Je schrijft als Mila")
    await tab.get_by_role("button", name="Starten").click()
    await expect(tab.get_by_role("log").get_by_text("Count 0")).to_be_visible()
    mila = int((await tab.evaluate("location.hash")).removeprefix("#"))
    await echo.send_message(mila, "<pre>" + "x" * 300 + "</pre>" + "y" * 200, parse_mode="HTML")
    await echo.send_media_group(mila, [InputMediaPhoto(PICTURE) for _ in range(4)])
    await echo.send_poll(mila, "q" * 120, ["a" * 90, "b"])
    await echo.send_document(mila, b"x", filename="n" * 90 + ".txt")
    await expect(tab.get_by_role("link", name="nnn")).to_be_visible()
    await tab.get_by_role("button", name="Ontwikkelaarspaneel").click()
    await expect(tab.get_by_role("complementary")).to_contain_text("Trage antwoorden")
    widest = "Math.max(...['html', '#scroller', '#panel', '.calls'].map((s) => document.querySelector(s).scrollWidth))"
    assert await tab.evaluate(widest) <= 390


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
async def test_every_text_is_there_in_every_language(language: str) -> None:
    texts = json.loads((PAGE / "texts.json").read_text("utf-8"))
    assert texts[language].keys() == texts["en"].keys()
    for key, text in texts["en"].items():
        assert sorted(re.findall(r"{\w+}", texts[language][key])) == sorted(re.findall(r"{\w+}", text)), key


async def test_each_bot_has_its_chats(browser: Browser) -> None:
    async with LocalServer(any_token=True) as server, Control(server.api_url) as control:
        other = telegram.Bot("77:another", base_url=f"{server.api_url}/bot")
        async with client_of(server), other:
            await control.create("Ada", "en")
            page = await browser.new_page(locale="en-GB")
            await page.goto(server.page_url)
            await expect(page.locator("#chats")).to_contain_text("Ada")
            await page.get_by_label("bot", exact=True).select_option("77")
            await page.get_by_role("dialog").get_by_label("First name").fill("Ben")
            await page.get_by_role("button", name="Create").click()
            await page.get_by_role("button", name="Start").click()
            (update,) = await other.get_updates(timeout=5)
            assert update.effective_user is not None
            await other.send_message(update.effective_user.id, "Hello from the other bot")
            await expect(page.get_by_role("log").get_by_text("Hello from the other bot")).to_be_visible()
            await expect(page.locator("#chats")).not_to_contain_text("Ada")
            await page.close()


async def test_it_catches_up_after_the_server_was_away(browser: Browser, tmp_path: Path) -> None:
    first = LocalServer(tmp_path / "local.db")
    await first.start()
    async with Control(first.api_url) as control:
        ada = await control.create("Ada", "en")
        await ada.start()
        page = await browser.new_page()
        await page.goto(first.page_url)
        await expect(page.get_by_role("log")).to_contain_text("/start")
        await first.stop()
        await expect(page.get_by_text("The server is away")).to_be_visible()
    async with LocalServer(tmp_path / "local.db", port=first.port) as again:
        async with telegram.Bot(again.token, base_url=f"{again.api_url}/bot") as bot:
            await bot.send_message(ada.id, "Back again")
        await expect(page.get_by_role("log").get_by_text("Back again")).to_be_visible(timeout=10_000)
        await expect(page.get_by_text("The server is away")).to_be_hidden()
    async with LocalServer(port=first.port):  # one that knows nothing of Ada
        await expect(page.get_by_text("Nobody is here yet")).to_be_visible(timeout=10_000)
        await expect(page.get_by_role("log")).to_be_hidden()
        await page.close()
