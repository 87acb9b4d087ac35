"""Pictures for replies, drawn from their descriptions beside the event loop.

The drawing library is loaded with the first picture, not at the start. One thread draws, so that pictures wait for
each other and not the chats for them; ``benchmarks/pictures.py`` measures how long the loop is held up by it.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from conversations.messages import Card, ResultCard

_easel = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")


async def picture(card: Card, username: str) -> bytes:
    """The card as a PNG, always the same bytes for the same card; ``username`` is the bot's, without ``@``."""
    return await asyncio.get_running_loop().run_in_executor(_easel, draw, card, username)


def draw(card: Card, username: str) -> bytes:
    """The same at once, in whatever thread calls."""
    from bot.pictures import painting, result, share

    if isinstance(card, ResultCard):
        return painting.png(result.lay_out(card, f"@{username}"))
    return painting.png(share.lay_out(card, f"t.me/{username}"))
