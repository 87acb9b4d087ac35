"""The server's memory: one SQLite file; a transaction is on disk before its call is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite

from bot.local.models import Chat, Item, Json, StoredFile

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, language_code TEXT NOT NULL,
    started INTEGER NOT NULL, blocked INTEGER NOT NULL, menu_button TEXT, keyboard TEXT);
CREATE TABLE IF NOT EXISTS messages (
    chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, body TEXT NOT NULL,
    edited INTEGER NOT NULL, reaction TEXT, PRIMARY KEY (chat_id, message_id));
CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY, expires REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS callbacks (
    id TEXT PRIMARY KEY, chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, tapped REAL NOT NULL);
CREATE TABLE IF NOT EXISTS commands (
    scope TEXT NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (scope, language));
CREATE TABLE IF NOT EXISTS profile (
    field TEXT NOT NULL, language TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (field, language));
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
    mime TEXT NOT NULL, path TEXT NOT NULL UNIQUE, data BLOB NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL);
"""
FILE_COLUMNS = "file_id, unique_id, kind, name, mime, path, data, width, height"


def _fitting(number: int) -> int | None:
    """The number, or None (which equals nothing in SQL) if SQLite cannot hold it."""
    return number if -(2**63) <= number < 2**63 else None


def _dump(value: Json | list[Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


class Store:
    """One database and the lock that makes its transactions follow one another."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self.on_commit: list[Callable[[Tx], None]] = []

    @classmethod
    async def open(cls, path: Path | None) -> Store:
        """Open or create the database at `path`; None keeps everything in memory."""
        connection = await aiosqlite.connect(":memory:" if path is None else path, isolation_level=None)
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("PRAGMA synchronous = NORMAL")
        await connection.executescript(SCHEMA)
        return cls(connection)

    async def close(self) -> None:
        """Close the database."""
        async with self._lock:
            await self._connection.close()

    @asynccontextmanager
    async def tx(self) -> AsyncIterator[Tx]:
        """A transaction: committed at the end of the block, undone if the block raises.

        Events collected in it reach the page and the long poll only after the commit.
        """
        async with self._lock:
            tx = Tx(self._connection)
            await self._connection.execute("BEGIN")
            try:
                yield tx
            except BaseException:
                await self._connection.rollback()
                raise
            await self._connection.commit()
        for listener in self.on_commit:
            listener(tx)


class Tx:
    """The reads and writes possible in one transaction."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._db = connection
        self.events: list[Json] = []
        self.woke = False

    def emit(self, kind: str, **fields: Any) -> None:
        """Tell the page about a change, once it is committed."""
        self.events.append({"type": kind} | fields)

    async def _one(self, sql: str, *values: Any) -> aiosqlite.Row | None:
        async with self._db.execute(sql, values) as cursor:
            return await cursor.fetchone()

    async def _all(self, sql: str, *values: Any) -> list[aiosqlite.Row]:
        async with self._db.execute(sql, values) as cursor:
            return list(await cursor.fetchall())

    async def _run(self, sql: str, *values: Any) -> int:
        async with self._db.execute(sql, values) as cursor:
            return cursor.rowcount

    async def meta(self, key: str) -> Any:
        """The stored JSON value of `key`, or None."""
        row = await self._one("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else json.loads(row[0])

    async def set_meta(self, key: str, value: Any) -> None:
        """Store a JSON value under `key`."""
        await self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, json.dumps(value, ensure_ascii=False))

    async def next_id(self, name: str, first: int = 1) -> int:
        """The next number of the series `name`, which starts at `first`."""
        last = await self.meta(f"last_{name}")
        number: int = first if last is None else last + 1
        await self.set_meta(f"last_{name}", number)
        return number

    async def chats(self) -> list[Chat]:
        """All chats, oldest first."""
        return [_chat(row) for row in await self._all("SELECT * FROM chats ORDER BY id")]

    async def chat(self, chat_id: int) -> Chat | None:
        """The chat, or None."""
        row = await self._one("SELECT * FROM chats WHERE id = ?", _fitting(chat_id))
        return None if row is None else _chat(row)

    async def save_chat(self, chat: Chat) -> None:
        """Create the chat or overwrite it."""
        flags = (int(chat.started), int(chat.blocked), _dump(chat.menu_button), _dump(chat.keyboard))
        values = (chat.id, chat.first_name, chat.language_code, *flags)
        await self._run("INSERT OR REPLACE INTO chats VALUES (?, ?, ?, ?, ?, ?, ?)", *values)

    async def item(self, chat_id: int, message_id: int) -> Item | None:
        """The message, or None."""
        sql = "SELECT body, edited, reaction FROM messages WHERE chat_id = ? AND message_id = ?"
        row = await self._one(sql, _fitting(chat_id), _fitting(message_id))
        return None if row is None else _item(row)

    async def items(self, chat_id: int, count: int) -> list[Item]:
        """The newest `count` messages of a chat, oldest first."""
        sql = "SELECT body, edited, reaction FROM messages WHERE chat_id = ? ORDER BY message_id DESC LIMIT ?"
        return [_item(row) for row in reversed(await self._all(sql, chat_id, count))]

    async def save_item(self, item: Item) -> None:
        """Create the message or overwrite it."""
        values = (item.chat_id, item.message_id, _dump(item.message), int(item.edited), item.reaction)
        await self._run("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?)", *values)

    async def delete_item(self, chat_id: int, message_id: int) -> None:
        """Forget the message."""
        await self._run("DELETE FROM messages WHERE chat_id = ? AND message_id = ?", chat_id, message_id)

    async def add_update(self, update: Json, expires: float) -> None:
        """Queue an update until `expires` (Unix time) and wake the long poll after the commit."""
        await self._run("INSERT INTO updates VALUES (?, ?, ?)", update["update_id"], expires, _dump(update))
        self.woke = True

    async def expire_updates(self, now: float) -> None:
        """Forget the updates nobody asked for in time."""
        await self._run("DELETE FROM updates WHERE expires <= ?", now)

    async def forget_updates(self, below: int) -> None:
        """Forget the updates with an id below the given one."""
        await self._run("DELETE FROM updates WHERE update_id < ?", below)

    async def keep_updates(self, count: int) -> None:
        """Forget all but the last `count` updates."""
        kept = "SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?"
        await self._run(f"DELETE FROM updates WHERE update_id NOT IN ({kept})", count)

    async def updates(self, count: int) -> list[Json]:
        """The first `count` waiting updates."""
        rows = await self._all("SELECT body FROM updates ORDER BY update_id LIMIT ?", count)
        return [json.loads(row[0]) for row in rows]

    async def count_updates(self) -> int:
        """How many updates wait."""
        row = await self._one("SELECT COUNT(*) FROM updates")
        return 0 if row is None else int(row[0])

    async def add_callback(self, query_id: str, chat_id: int, message_id: int, now: float) -> None:
        """Remember a tap that waits for its answer."""
        await self._run("INSERT INTO callbacks VALUES (?, ?, ?, ?)", query_id, chat_id, message_id, now)

    async def take_callback(self, query_id: str, tapped_after: float) -> int | None:
        """The chat of a tap not yet answered and not too old; None otherwise. The tap is then forgotten."""
        row = await self._one("SELECT chat_id, tapped FROM callbacks WHERE id = ?", query_id)
        await self._run("DELETE FROM callbacks WHERE id = ?", query_id)
        return int(row[0]) if row is not None and row[1] >= tapped_after else None

    async def commands(self, scope: str, language: str) -> list[Json] | None:
        """The commands set for exactly this scope and language, or None."""
        row = await self._one("SELECT body FROM commands WHERE scope = ? AND language = ?", scope, language)
        return None if row is None else json.loads(row[0])

    async def set_commands(self, scope: str, language: str, commands: list[Json]) -> None:
        """Set the commands of a scope and language; an empty list removes them."""
        await self._run("DELETE FROM commands WHERE scope = ? AND language = ?", scope, language)
        if commands:
            await self._run("INSERT INTO commands VALUES (?, ?, ?)", scope, language, _dump(commands))

    async def profile(self, field: str, language: str) -> str | None:
        """The bot's `field` (name, description, short_description) for exactly this language, or None."""
        row = await self._one("SELECT value FROM profile WHERE field = ? AND language = ?", field, language)
        return None if row is None else str(row[0])

    async def set_profile(self, field: str, language: str, value: str) -> None:
        """Set a profile field for a language; an empty value removes it."""
        await self._run("DELETE FROM profile WHERE field = ? AND language = ?", field, language)
        if value:
            await self._run("INSERT INTO profile VALUES (?, ?, ?)", field, language, value)

    async def add_file(self, file: StoredFile) -> None:
        """Keep a file."""
        names = (file.file_id, file.unique_id, file.kind, file.name, file.mime, file.path)
        values = (*names, file.data, file.width, file.height)
        await self._run(f"INSERT INTO files ({FILE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)

    async def file(self, *, file_id: str = "", unique_id: str = "", path: str = "") -> StoredFile | None:
        """The file with this id, unique id or path, or None."""
        where = "file_id = ?" if file_id else "unique_id = ?" if unique_id else "path = ?"
        row = await self._one(f"SELECT {FILE_COLUMNS} FROM files WHERE {where}", file_id or unique_id or path)
        return None if row is None else StoredFile(*row)


def _chat(row: aiosqlite.Row) -> Chat:
    chat_id, first_name, language, started, blocked, menu, keyboard = row
    return Chat(
        id=chat_id,
        first_name=first_name,
        language_code=language,
        started=bool(started),
        blocked=bool(blocked),
        menu_button=None if menu is None else json.loads(menu),
        keyboard=None if keyboard is None else json.loads(keyboard),
    )


def _item(row: aiosqlite.Row) -> Item:
    return Item(message=json.loads(row[0]), edited=bool(row[1]), reaction=row[2])
