"""The server's memory: one SQLite file; a transaction is on disk before its call is answered.

SQLite is called directly on the event loop: a statement takes microseconds, less than a change of thread would.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.local.models import Chat, Item, Json, StoredFile

VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chats (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    chat_id INTEGER NOT NULL, message_id INTEGER NOT NULL, body TEXT NOT NULL,
    edited INTEGER NOT NULL, reaction TEXT, reactions TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (chat_id, message_id));
CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY, expires REAL NOT NULL, body TEXT NOT NULL,
    lane TEXT NOT NULL DEFAULT '', ready REAL NOT NULL DEFAULT 0, again INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, key TEXT NOT NULL, time REAL NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS commands (
    scope TEXT NOT NULL, language TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (scope, language));
CREATE TABLE IF NOT EXISTS profile (
    field TEXT NOT NULL, language TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (field, language));
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
    mime TEXT NOT NULL, path TEXT NOT NULL UNIQUE, data BLOB NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS updates_by_lane ON updates (lane, update_id, ready, expires);
"""
FROM_FIRST_VERSION = """
ALTER TABLE chats RENAME TO old_chats;
CREATE TABLE chats (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
INSERT INTO chats SELECT id, json_object(
    'id', id, 'first_name', first_name, 'language_code', language_code,
    'started', json(iif(started, 'true', 'false')), 'blocked', json(iif(blocked, 'true', 'false')),
    'menu_button', json(coalesce(menu_button, 'null')), 'keyboard', json(coalesce(keyboard, 'null')))
FROM old_chats;
DROP TABLE old_chats;
DROP TABLE callbacks;
ALTER TABLE messages ADD COLUMN reactions TEXT NOT NULL DEFAULT '{}';
ALTER TABLE updates ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE updates ADD COLUMN ready REAL NOT NULL DEFAULT 0;
ALTER TABLE updates ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
"""
"""Brings a file that the first version of the server wrote to the present shape."""

FILE_COLUMNS = "file_id, unique_id, kind, name, mime, path, data, width, height"
ITEM_COLUMNS = "body, edited, reaction, reactions"


def _fitting(number: int) -> int | None:
    """The number, or None (which equals nothing in SQL) if SQLite cannot hold it."""
    return number if -(2**63) <= number < 2**63 else None


def _dump(value: Json | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


class Store:
    """One database. Transactions must not wait for anything: between begin and commit nobody else gets a turn."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.on_commit: list[Callable[[Tx], None]] = []

    @classmethod
    def open(cls, path: Path | None) -> Store:
        """Open or create the database at `path`; None keeps everything in memory. Raises `sqlite3.Error`."""
        connection = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @contextmanager
    def tx(self) -> Iterator[Tx]:
        """A transaction: committed at the end of the block, undone if the block raises.

        Events collected in it reach the page and the bot only after the commit.
        """
        tx = Tx(self._connection)
        self._connection.execute("BEGIN")
        try:
            yield tx
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        for listener in self.on_commit:
            listener(tx)


def _prepare(connection: sqlite3.Connection) -> None:
    columns = [row[1] for row in connection.execute("PRAGMA table_info(chats)")]
    steps = (FROM_FIRST_VERSION if "first_name" in columns else "") + SCHEMA
    connection.executescript(f"BEGIN;{steps}PRAGMA user_version = {VERSION};COMMIT;")


class Tx:
    """The reads and writes possible in one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.events: list[Json] = []
        self.woke = False

    def emit(self, kind: str, **fields: Any) -> None:
        """Tell the page about a change, once it is committed."""
        self.events.append({"type": kind} | fields)

    def _one(self, sql: str, *values: Any) -> Any:
        return self._db.execute(sql, values).fetchone()

    def _all(self, sql: str, *values: Any) -> list[Any]:
        return self._db.execute(sql, values).fetchall()

    def _run(self, sql: str, *values: Any) -> None:
        self._db.execute(sql, values)

    def meta(self, key: str) -> Any:
        """The stored JSON value of `key`, or None."""
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return None if row is None else json.loads(row[0])

    def set_meta(self, key: str, value: Any) -> None:
        """Store a JSON value under `key`."""
        self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, json.dumps(value, ensure_ascii=False))

    def next_id(self, name: str, first: int = 1) -> int:
        """The next number of the series `name`, which starts at `first`."""
        row = self._one(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value + 1 RETURNING value",
            f"last_{name}",
            str(first),
        )
        return int(row[0])

    def chats(self) -> list[Chat]:
        """All chats, oldest first; groups after people."""
        rows = self._all("SELECT body FROM chats ORDER BY id < 0, abs(id)")
        return [Chat(**json.loads(row[0])) for row in rows]

    def chat(self, chat_id: int) -> Chat | None:
        """The chat, or None."""
        row = self._one("SELECT body FROM chats WHERE id = ?", _fitting(chat_id))
        return None if row is None else Chat(**json.loads(row[0]))

    def save_chat(self, chat: Chat) -> None:
        """Create the chat or overwrite it."""
        self._run("INSERT OR REPLACE INTO chats VALUES (?, ?)", chat.id, _dump(asdict(chat)))

    def item(self, chat_id: int, message_id: int) -> Item | None:
        """The message, or None."""
        sql = f"SELECT {ITEM_COLUMNS} FROM messages WHERE chat_id = ? AND message_id = ?"
        row = self._one(sql, _fitting(chat_id), _fitting(message_id))
        return None if row is None else _item(row)

    def items(self, chat_id: int, count: int) -> list[Item]:
        """The newest `count` messages of a chat, oldest first."""
        sql = f"SELECT {ITEM_COLUMNS} FROM messages WHERE chat_id = ? ORDER BY message_id DESC LIMIT ?"
        return [_item(row) for row in reversed(self._all(sql, chat_id, count))]

    def save_item(self, item: Item) -> None:
        """Create the message or overwrite it."""
        extra = (int(item.edited), item.reaction, _dump(item.reactions))
        values = (item.chat_id, item.message_id, _dump(item.message), *extra)
        self._run("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?)", *values)

    def delete_item(self, chat_id: int, message_id: int) -> None:
        """Forget the message."""
        self._run("DELETE FROM messages WHERE chat_id = ? AND message_id = ?", chat_id, message_id)

    def add_update(self, update: Json, lane: str, expires: float, *, ready: float = 0, again: int = 0) -> None:
        """Queue an update until `expires` (Unix time) and wake the bot's side after the commit.

        Updates of one `lane` follow one another at a webhook. It is not shown before `ready`, and shown `again`
        that many times more.
        """
        values = (update["update_id"], expires, _dump(update), lane, ready, again)
        self._run("INSERT INTO updates VALUES (?, ?, ?, ?, ?, ?)", *values)
        self.woke = True

    def expire_updates(self, now: float) -> None:
        """Forget the updates nobody asked for in time."""
        self._run("DELETE FROM updates WHERE expires <= ?", now)

    def forget_updates(self, below: int, now: float) -> None:
        """Forget the updates with an id below the given one; those to be shown again, or not yet shown, stay."""
        shown = "update_id < ? AND ready <= ?"
        self._run(f"DELETE FROM updates WHERE {shown} AND again = 0", _fitting(below), now)
        self._run(f"UPDATE updates SET again = again - 1 WHERE {shown} AND again > 0", _fitting(below), now)

    def forget_update(self, update_id: int) -> None:
        """Forget one update; one to be shown again stays."""
        self._run("DELETE FROM updates WHERE update_id = ? AND again = 0", update_id)
        self._run("UPDATE updates SET again = again - 1 WHERE update_id = ? AND again > 0", update_id)

    def keep_updates(self, count: int) -> None:
        """Forget all but the last `count` updates."""
        kept = "SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?"
        self._run(f"DELETE FROM updates WHERE update_id NOT IN ({kept})", count)

    def updates(self, count: int, now: float) -> list[Json]:
        """The first `count` waiting updates."""
        rows = self._all("SELECT body FROM updates WHERE ready <= ? ORDER BY update_id LIMIT ?", now, count)
        return [json.loads(row[0]) for row in rows]

    def heads(self) -> list[tuple[str, int, float, float]]:
        """The first update of each lane as (lane, update_id, ready, expires), oldest first."""
        return self._all("SELECT lane, min(update_id), ready, expires FROM updates GROUP BY lane ORDER BY 2")

    def update(self, update_id: int) -> Json | None:
        """An update that waits, or None where it does not any more."""
        row = self._one("SELECT body FROM updates WHERE update_id = ?", update_id)
        return None if row is None else json.loads(row[0])

    def next_ready(self, now: float) -> float | None:
        """When the next delayed update may be shown (Unix time), or None if none is delayed."""
        row = self._one("SELECT min(ready) FROM updates WHERE ready > ?", now)
        return None if row[0] is None else float(row[0])

    def count_updates(self) -> int:
        """How many updates wait."""
        return int(self._one("SELECT COUNT(*) FROM updates")[0])

    def save_record(self, kind: str, key: str, body: Json, time: float = 0) -> None:
        """Keep a small record (a callback query, an inline query, where a poll is) with its Unix time."""
        self._run("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)", kind, key, time, _dump(body))

    def record(self, kind: str, key: str, not_before: float = 0) -> Json | None:
        """The record, or None if there is none or it is older than `not_before`."""
        sql = "SELECT body FROM records WHERE kind = ? AND key = ? AND time >= ?"
        row = self._one(sql, kind, key, not_before)
        return None if row is None else json.loads(row[0])

    def records(self, kind: str) -> list[tuple[str, Json]]:
        """All records of a kind with their keys."""
        rows = self._all("SELECT key, body FROM records WHERE kind = ? ORDER BY time", kind)
        return [(row[0], json.loads(row[1])) for row in rows]

    def expire_records(self, kind: str, before: float) -> None:
        """Forget the records of a kind that are older than the given Unix time."""
        self._run("DELETE FROM records WHERE kind = ? AND time < ?", kind, before)

    def drop_record(self, kind: str, key: str) -> None:
        """Forget the record."""
        self._run("DELETE FROM records WHERE kind = ? AND key = ?", kind, key)

    def commands(self, scope: str, language: str) -> list[Json] | None:
        """The commands set for exactly this scope and language, or None."""
        row = self._one("SELECT body FROM commands WHERE scope = ? AND language = ?", scope, language)
        return None if row is None else json.loads(row[0])

    def set_commands(self, scope: str, language: str, commands: list[Json]) -> None:
        """Set the commands of a scope and language; an empty list removes them."""
        self._run("DELETE FROM commands WHERE scope = ? AND language = ?", scope, language)
        if commands:
            self._run("INSERT INTO commands VALUES (?, ?, ?)", scope, language, _dump(commands))

    def profile(self, field: str, language: str) -> str | None:
        """The bot's `field` (name, description, short_description) for exactly this language, or None."""
        row = self._one("SELECT value FROM profile WHERE field = ? AND language = ?", field, language)
        return None if row is None else str(row[0])

    def set_profile(self, field: str, language: str, value: str) -> None:
        """Set a profile field for a language; an empty value removes it."""
        self._run("DELETE FROM profile WHERE field = ? AND language = ?", field, language)
        if value:
            self._run("INSERT INTO profile VALUES (?, ?, ?)", field, language, value)

    def add_file(self, file: StoredFile) -> None:
        """Keep a file."""
        names = (file.file_id, file.unique_id, file.kind, file.name, file.mime, file.path)
        values = (*names, file.data, file.width, file.height)
        self._run(f"INSERT INTO files ({FILE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def file(self, *, file_id: str = "", unique_id: str = "", path: str = "") -> StoredFile | None:
        """The file with this id, unique id or path, or None."""
        where = "file_id = ?" if file_id else "unique_id = ?" if unique_id else "path = ?"
        row = self._one(f"SELECT {FILE_COLUMNS} FROM files WHERE {where}", file_id or unique_id or path)
        return None if row is None else StoredFile(*row)


def _item(row: Any) -> Item:
    return Item(json.loads(row[0]), bool(row[1]), row[2], json.loads(row[3]))
