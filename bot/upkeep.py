"""What an operator does with the database: look at it, copy it, put a copy back, change its key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.keys import keyring_of
from bot.settings import Settings, SettingsError
from conversations.store.backup import back_up, restore
from conversations.store.database import Database
from conversations.store.engines import file_of
from conversations.store.rotation import rekey
from conversations.store.status import Status, counted, status


async def tell_status(settings: Settings, address: str) -> str:
    """What waits and what has failed."""
    async with _open(settings, address, beside=True) as database:
        return _told(await status(database), datetime.now(UTC))


async def tell_counts(settings: Settings, address: str) -> str:
    """What was counted without identity, a line each; small numbers are left out."""
    async with _open(settings, address, beside=True) as database:
        numbers = await counted(database)
    if not numbers:
        return "nothing has been counted often enough to be told"
    return "\n".join(f"{number:7} {name}" for name, number in numbers.items())


def make_backup(address: str, copy: Path) -> str:
    """Copies an SQLite database, be it in use or not."""
    size = back_up(_file(address), copy)
    return f"{copy}: {size / 1e6:.1f} MB; what is in it can be read with the key alone, which is not in it"


def put_back(settings: Settings, address: str, copy: Path) -> str:
    """Puts a copy in the place of an SQLite database."""
    database = _file(address)
    aside = restore(copy, database, keyring_of(settings, address), datetime.now(UTC))
    return f"{copy} is now {database}" + (f"; the one before is {aside}" if aside else "")


async def change_key(settings: Settings, address: str) -> tuple[str, bool]:
    """Seals everything with the first key; what was done, and whether that is all."""
    async with _open(settings, address) as database:
        done, left = await rekey(database)
    if left:
        return (
            f"{done} rows sealed anew, {left} left: a running bot has not yet got the new key first, or is at work in"
            " their chats; run it again",
            False,
        )
    return f"{done} rows sealed anew; only key {database.keyring.current.name.hex()} is needed from now on", True


@asynccontextmanager
async def _open(settings: Settings, address: str, *, beside: bool = False) -> AsyncIterator[Database]:
    database = Database(address, keyring_of(settings, address, make=False))
    await database.open(beside=beside)
    try:
        yield database
    finally:
        await database.close()


def _file(address: str) -> Path:
    file = file_of(address)
    if file is None:
        raise SettingsError("DATABASE_URL: this is for an SQLite file; PostgreSQL has pg_dump and pg_restore")
    return file


def _told(status: Status, now: datetime) -> str:
    ago = f", the oldest for {timedelta(seconds=int((now - status.oldest).total_seconds()))}" if status.oldest else ""
    lines = [
        f"remembered: {status.chats} chats",
        f"waiting: {status.waiting} updates to answer, {status.unsent} replies to send{ago}",
        f"failed in the last 48 hours: {status.failed_updates} updates, {status.failed_replies} replies",
        *(f"  {one.since:%Y-%m-%d %H:%M} {one.what} {one.update_id}: {one.reason}" for one in status.failures),
    ]
    return "\n".join(lines)
