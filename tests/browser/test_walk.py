"""The main job as a person does it: `python -m bot run`, the page in a browser, questions, the quiz, a restart."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chromium_browser import chromium
from playwright.async_api import Locator, Page, expect

pytestmark = pytest.mark.browser

PATIENCE = 20_000
STEPS = 22


class Chat:
    """The open chat, as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.get_by_label("Message", exact=True)
        self.answers = page.get_by_role("log").locator(".theirs")

    async def say(self, text: str) -> Locator:
        """Sends a text and waits for one more answer; the last one."""
        before = await self.answers.count()
        await self.box.fill(text)
        await self.box.press("Enter")
        await expect(self.answers).to_have_count(before + 1)
        return self.answers.last

    async def question(self, number: int) -> Locator:
        """The quiz message, which shows this question."""
        shown = self.answers.filter(has_text=f"{number}/{STEPS}")
        await expect(shown).to_have_count(1)
        return shown

    async def fits(self) -> bool:
        """Whether the page itself stands still: only the conversation scrolls."""
        excess = "document.scrollingElement.scrollHeight - innerHeight + document.scrollingElement.scrollTop"
        return int(await self.page.evaluate(excess)) == 0

    async def save(self, name: str) -> None:
        """Keeps a picture of the page where $SCREENSHOTS says so."""
        if folder := os.environ.get("SCREENSHOTS"):
            await self.page.wait_for_timeout(300)
            await self.page.screenshot(path=Path(folder) / f"{name}.png")


@asynccontextmanager
async def running(data: Path, port: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The bot with its local chat as a process of its own, and the page's address."""
    environment = {name: value for name, value in os.environ.items() if name != "TELEGRAM_BOT_TOKEN"}
    environment |= {
        "XDG_CONFIG_HOME": str(data.with_name("config")),  # where the first start makes its key
        "CAP_CTO_DATA": str(data),
        "CAP_CTO_LOCAL_PORT": str(port),
        "CAP_CTO_OPEN_BROWSER": "false",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    found = re.search(r"http://\S+", line)
    assert found, line
    try:
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0


@pytest.fixture
async def tab() -> AsyncIterator[Page]:
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        yield await context.new_page()


async def test_the_whole_way(tab: Page, tmp_path: Path) -> None:
    expect.set_options(timeout=PATIENCE)
    async with running(tmp_path, 0) as (process, address):
        await tab.goto(address)
        await tab.get_by_label("First name").fill("Ada")
        await tab.get_by_role("button", name="Create").click()
        await tab.get_by_role("button", name="Start").click()
        chat = Chat(tab)
        await expect(chat.answers.last).to_contain_text("/privacy")
        await expect(await chat.say("hello")).to_contain_text("Ask me")
        await chat.save("welcome")

        answer = await chat.say("what does a CTO earn in Belgium?")
        await expect(answer).to_contain_text("€6,000 to €12,000")
        await expect(answer).to_contain_text("Source: Belgian career guide")
        await expect(answer.locator(".keyboard").get_by_role("button")).not_to_have_count(0)
        await expect(await chat.say("and in France?")).to_contain_text("€70,000 to €90,000")
        await chat.save("questions")
        await expect(await chat.say("combien gagne un CTO en Belgique ?")).to_contain_text("6 000 à 12 000 €")
        refusal = await chat.say("how do I bake a chocolate cake?")
        await expect(refusal).not_to_contain_text("Source")
        await expect(refusal.locator(".keyboard").get_by_role("button")).not_to_have_count(0)

        welcome = await chat.say("/quiz")
        await expect(welcome).to_contain_text("22 questions")
        before = await chat.answers.count()
        await welcome.get_by_role("button", name="Start").click()
        await chat.question(1)
        assert await chat.answers.count() == before  # the welcome has become the question
        for number in range(1, 8):
            question = await chat.question(number)
            await question.locator(".keyboard").get_by_role("button").nth(3).click()
        question = await chat.question(8)
        await chat.save("quiz")
        await question.get_by_role("button", name="Back").click()
        await (await chat.question(7)).locator(".keyboard").get_by_role("button").nth(4).click()
        await chat.question(8)
        assert await chat.fits()
        port = int(address.rsplit(":", 1)[1].strip("/"))
        process.kill()
        await process.wait()

    async with running(tmp_path, port):
        chat = Chat(tab)
        question = await chat.question(8)
        await question.locator(".keyboard").get_by_role("button").nth(3).click()
        for number in range(9, STEPS + 1):
            question = await chat.question(number)
            await question.locator(".keyboard").get_by_role("button").nth(4 - number % 5).click()
        result = chat.answers.filter(has_text="does not predict success")
        await expect(result.first).to_contain_text("%")
        picture = chat.answers.filter(has_text="Does this look like you?")
        await expect(picture.get_by_role("img")).to_have_count(1)
        assert await chat.fits()
        await chat.save("result")
        await result.first.evaluate("message => message.scrollIntoView({block: 'start'})")
        await chat.save("result-top")
        await picture.evaluate("message => message.scrollIntoView({block: 'start'})")
        await chat.save("picture")

        await picture.get_by_role("button", name="Partly").click()
        await expect(chat.answers.filter(has_text="without knowing whose")).to_have_count(1)
        await tab.get_by_role("button", name="Developer or engineer").click()
        await tab.get_by_role("button", name="Why this score?").click()
        why = chat.answers.filter(has_text="Where does your score come from?")
        await expect(why).to_contain_text("÷ 6")
        await chat.save("why")
        await why.get_by_role("button", name="Communication").click()
        await expect(chat.answers.filter(has_text="of 12 points, which is")).to_have_count(1)
        await expect(await chat.say("and if I grow in leadership?")).to_contain_text("What if: Leading a team")
        await tab.get_by_role("button", name="Share my style").click()
        shared = chat.answers.filter(has_text="A picture to show around")
        await expect(shared.get_by_role("img")).to_have_count(1)
        assert await chat.fits()
        await shared.evaluate("message => message.scrollIntoView({block: 'end'})")
        await chat.save("share")
        await expect(await chat.say("/export")).to_contain_text("cap-cto-my-data.json")
        await tab.reload()
        await expect(result.first).to_contain_text("%")
