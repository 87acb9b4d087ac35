"""How long pictures take, and how long the event loop is held up by them: `python -m benchmarks.pictures [CARDS]`.

Draws real results of random answers in all languages. Prints the time of loading the drawing library, of the first
picture, the median and the 99th percentile of the next ones, the size of the files, and the longest time for which
the event loop could not do anything else: idle, while 20 pictures are drawn as the bot draws them, and while they are
drawn on the loop itself, which the bot does not do.
"""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from bot.pictures import draw, picture
from conversations.messages import Card, Show
from conversations.quiz.picturing import PictureView
from conversations.session import QuizProgress
from knowledge.content import Knowledge
from knowledge.reading import read

USERNAME = "cap_cto_bot"
AT_ONCE = 20
DAY = datetime(2026, 1, 1, 12, tzinfo=UTC)
LOADING = (
    "import time; t = time.perf_counter(); from PIL import Image, ImageDraw, ImageFont; print(time.perf_counter() - t)"
)


def cards(knowledge: Knowledge, count: int) -> list[Card]:
    """Descriptions of results of random answers, own ones and ones to share, the languages in turn."""
    chance, found = random.Random(1), list[Card]()
    for number in range(count):
        form, language = knowledge.quiz, list(knowledge.languages)[number % len(knowledge.languages)]
        answers: dict[str, int | None] = {id_: chance.choice(form.scale) for id_ in form.order}
        progress = QuizProgress(
            run=1, version=form.tag, state="result", answers=answers, started_at=DAY, updated_at=DAY, finished_at=DAY
        )
        view = PictureView(form, knowledge.languages[language].quiz, language)
        reply = view.shared(progress) if number % 5 == 4 else view.own(progress, Show.NEW)
        assert reply.card is not None
        found.append(reply.card)
    return found


def loading() -> float:
    """Seconds to load the drawing library in a fresh process, the best of five."""
    return min(float(subprocess.check_output([sys.executable, "-c", LOADING], text=True)) for _ in range(5))


def times(drawn: Sequence[Card]) -> list[float]:
    """Seconds of each picture, sorted."""
    found = []
    for card in drawn:
        began = time.perf_counter()
        draw(card, USERNAME)
        found.append(time.perf_counter() - began)
    return sorted(found)


async def longest_pause(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Seconds of the longest time that the loop was late while it waited for the work, and of the work."""
    done, late = asyncio.Event(), [0.0]

    async def beat() -> None:
        while not done.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(time.perf_counter() - began - 0.001)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    await work()
    seconds = time.perf_counter() - began
    done.set()
    await beating
    return max(late), seconds


async def pauses(drawn: Sequence[Card]) -> None:
    """Prints the longest pauses."""

    async def beside() -> None:
        await asyncio.gather(*(picture(card, USERNAME) for card in drawn))

    async def upon() -> None:
        for card in drawn:
            draw(card, USERNAME)
            await asyncio.sleep(0)

    print(f"longest pause of the event loop ({len(drawn)} pictures)")
    work = {"idle": lambda: asyncio.sleep(1.5), "beside the loop": beside, "on the loop": upon}
    for name, start in work.items():
        pause, seconds = await longest_pause(start)
        print(f"  {name:18} {1000 * pause:6.1f} ms  in {seconds:.2f} s")


def main(count: int) -> None:
    """Measures and prints."""
    drawn = cards(read()[0], max(count, AT_ONCE))
    began = time.perf_counter()
    draw(drawn[0], USERNAME)
    first = time.perf_counter() - began
    took = times(drawn)
    sizes = sorted(len(draw(card, USERNAME)) for card in drawn[:AT_ONCE])
    print(f"loading the library  {1000 * loading():6.1f} ms")
    print(f"first picture        {1000 * first:6.1f} ms, with the loading")
    print(f"median               {1000 * took[len(took) // 2]:6.1f} ms of {len(took)}")
    print(f"99th percentile      {1000 * took[int(0.99 * (len(took) - 1))]:6.1f} ms")
    print(f"size                 {sizes[len(sizes) // 2] / 1000:6.0f} kB")
    asyncio.run(pauses(drawn[:AT_ONCE]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
