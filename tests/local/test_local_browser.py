"""The chat page in Chromium, with a small bot behind it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import telegram
from chromium_browser import chromium
from playwright.async_api import Browser, Page, expect
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup

from bot.local import LocalServer
from bot.local.client import Page as Control

pytestmark = pytest.mark.browser


async def answer(bot: telegram.Bot, update: telegram.Update) -> None:
    """Count taps in place, end on "End", echo texts in bold."""
    query, message = update.callback_query, update.message
    if query is not None and isinstance(query.message, telegram.Message):
        number = int(query.data or "0")
        await query.answer("Tapped" if number < 9 else "The end", show_alert=number >= 9)
        await query.edit_message_text(f"Count {number}", reply_markup=keys(number + 1))
    elif message is not None and message.text == "/start":
        await message.chat.send_action("typing")
        await bot.send_message(message.chat_id, "Count 0", reply_markup=keys(1))
    elif message is not None and message.text is not None:
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
                await answer(bot, update)


@pytest.fixture
async def echo(server: LocalServer) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(server.token, base_url=f"{server.api_url}/bot") as bot:
        await bot.set_my_commands([BotCommand("start", "Begin"), BotCommand("stop", "End")])
        await bot.set_my_commands([BotCommand("start", "Commencer")], language_code="fr")
        await bot.set_my_description("I count.")
        task = asyncio.create_task(poll(bot))
        yield bot
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def tab(browser: Browser, server: LocalServer, echo: telegram.Bot) -> AsyncIterator[Page]:
    """The page with Ada's empty chat open; fails the test on any script error or foreign request."""
    faults: list[str] = []
    context = await browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(5000)
    async with Control(server.api_url) as control:
        await control.create("Ada", "en")
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith((server.api_url, "data:")) else faults.append(r.url))
    await page.goto(server.page_url)
    await page.wait_for_selector("body.ready")
    yield page
    await context.close()
    assert faults == []


async def test_a_whole_conversation(tab: Page) -> None:
    await expect(tab.get_by_text("I count.")).to_be_visible()
    await tab.get_by_role("button", name="Start").press("Enter")
    log = tab.get_by_role("log")
    await expect(log.get_by_text("Count 0")).to_be_visible()

    more = log.get_by_role("button", name="More")
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

    for name, sign in (("Photo", "img[alt=Photo]"), ("Sticker", ".sticker-image"), ("Voice message", ".voice")):
        await tab.get_by_role("button", name="Attach").click()
        await tab.get_by_role("menuitem", name=name).click()
        await expect(tab.get_by_role("log").locator(sign)).to_be_visible()


async def test_settings_language_block_and_deep_link(tab: Page, server: LocalServer) -> None:
    await tab.get_by_role("button", name="Start").click()
    await tab.get_by_role("button", name="Chat settings").click()
    await tab.get_by_label("Language").select_option("fr")
    await tab.keyboard.press("Escape")
    await expect(tab.locator("#subtitle")).to_have_text("Tu écris en tant que Ada")
    await tab.get_by_role("button", name="Commandes").click()
    await expect(tab.get_by_role("option")).to_have_text(["/startCommencer"])
    await tab.keyboard.press("Escape")
    await tab.get_by_role("button", name="Réglages de la discussion").click()
    await tab.get_by_role("button", name="Bloquer le bot").click()
    await tab.get_by_role("button", name="Débloquer le bot").click()
    await expect(tab.get_by_label("Message", exact=True)).to_be_visible()
    await tab.goto(f"{server.page_url}?start=faq_1")
    await tab.get_by_role("button", name="Démarrer").click()
    await expect(tab.get_by_role("log").locator(".mine").last).to_contain_text("/start faq_1")


async def test_new_chat_on_a_phone(tab: Page) -> None:
    await tab.set_viewport_size({"width": 390, "height": 844})
    await tab.get_by_role("button", name="Back to the chats").click()
    await tab.get_by_role("button", name="New chat").click()
    await tab.get_by_label("First name").fill("Mila")
    await tab.get_by_label("Language").select_option("nl")
    await tab.get_by_role("button", name="Create").click()
    await expect(tab.locator("#subtitle")).to_have_text("Je schrijft als Mila")
    await tab.get_by_role("button", name="Starten").click()
    await expect(tab.get_by_role("log").get_by_text("Count 0")).to_be_visible()
    width = await tab.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


async def test_it_catches_up_after_the_server_was_away(browser: Browser, tmp_path: object) -> None:
    path = tmp_path / "local.db"  # type: ignore[operator]
    first = LocalServer(path)
    await first.start()
    port = first.port
    async with Control(first.api_url) as control:
        ada = await control.create("Ada", "en")
        await ada.start()
        page = await browser.new_page()
        await page.goto(first.page_url)
        await expect(page.get_by_role("log")).to_contain_text("/start")
        await first.stop()
        await expect(page.get_by_text("The server is away")).to_be_visible()
    async with LocalServer(path, port=port) as again, Control(again.api_url) as control:
        async with telegram.Bot(again.token, base_url=f"{again.api_url}/bot") as bot:
            await bot.send_message(ada.id, "Back again")
        await expect(page.get_by_role("log").get_by_text("Back again")).to_be_visible(timeout=10_000)
        await expect(page.get_by_text("The server is away")).to_be_hidden()
        await page.close()
