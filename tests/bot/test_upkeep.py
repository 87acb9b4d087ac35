"""Keys, their rotation, backup, restore and status."""

from __future__ import annotations

import asyncio
import filecmp
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_helpers import Service, Terminal, documents, told
from databases import KEY, KEYS, OTHER_KEY, Base, SqliteBase, change, hexed, rows, typed
from pydantic import SecretStr
from test_command_line import TOKEN, one_line

from bot import keys
from bot.local import LocalServer
from bot.local.client import Person
from bot.settings import Settings, SettingsError
from bot.upkeep import make_backup, tell_counts, tell_status
from conversations.messages import Incoming, Kind, Reply, Text
from conversations.session import Session, Turn
from conversations.store.backup import back_up, restore
from conversations.store.database import Database, StoreError
from conversations.store.rotation import rekey
from conversations.store.sealing import Keyring, UnknownKey, Unreadable, keyring, new_key
from conversations.store.status import status
from conversations.store.store import Store
from conversations.store.work import Received

ADA, BOB = 100_001, 100_002
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OTHER, BOTH = keyring(OTHER_KEY), keyring(f"{OTHER_KEY}, {KEY}")


async def used(base: Base, keys: Keyring, look: Callable[[Store], object]) -> None:
    """Opens the store for a look."""
    store = Store(base.address, keys)
    await store.open()
    try:
        done = look(store)
        if asyncio.iscoroutine(done):
            await done
    finally:
        await store.close()


async def filled(store: Store) -> None:
    """Two chats, each with a session, a slot, a reply that waits, one that was refused, and two updates."""
    for number, chat_id in enumerate((ADA, BOB)):
        start = 10 * number
        updates = [Received(start + one, chat_id, Incoming(event=Text(text=f"word {one}"))) for one in range(1, 5)]
        await store.receive(updates, NOW)
        replies = [
            Reply(kind=Kind.QUIZ, text=text, language="en", slot=slot)
            for text, slot in (("shown", "quiz:1"), ("refused", ""), ("waits", ""))
        ]
        turn = Turn(session=Session(language="fr", chosen_language=f"{chat_id}"), replies=replies)
        shown, refused, _ = await store.finish(updates[0], turn, NOW)
        await store.sent(shown, 50 + number, NOW)
        await store.refused(refused, "Forbidden: bot was blocked by the user")
        await store.set_aside(updates[1], "ValueError in bot/x.py, line 1", NOW)


async def is_whole(store: Store) -> None:
    for number, chat_id in enumerate((ADA, BOB)):
        work = await store.load(chat_id)
        assert work.session.chosen_language == f"{chat_id}"
        assert [one.reply.text for one in work.outgoing] == ["waits"]
        assert [one.incoming.event.text for one in work.received] == ["word 3", "word 4"]
        assert work.places == {"quiz:1": 50 + number}


# Sealing


def test_what_is_sealed_opens_at_its_place_alone() -> None:
    sealed = KEYS.seal(ADA, "Grüezi", "inbox.payload", b"mark", 7)
    assert KEYS.open(sealed, "inbox.payload", b"mark", 7) == (ADA, "Grüezi")
    for place in (("inbox.payload", b"mark", 8), ("inbox.payload", b"mark", "7"), ("outbox.payload", b"mark", 7), ()):
        with pytest.raises(Unreadable):
            KEYS.open(sealed, *place)
    for odd in (b"", sealed[:10], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b"\x02" + sealed[1:]):
        with pytest.raises(Unreadable):
            KEYS.open(odd, "inbox.payload", b"mark", 7)
    with pytest.raises(UnknownKey):
        OTHER.open(sealed, "inbox.payload", b"mark", 7)
    assert KEYS.seal(ADA, "Grüezi", "inbox.payload", b"mark", 7) != sealed


def test_a_mark_is_steady_and_tells_nothing() -> None:
    assert KEYS.mark(ADA) == keyring(KEY).mark(ADA)
    assert len({KEYS.mark(ADA), KEYS.mark(BOB), KEYS.mark(-ADA), OTHER.mark(ADA)}) == 4
    assert BOTH.marks(ADA) == [OTHER.mark(ADA), KEYS.mark(ADA)]


def test_a_key_shows_nothing_of_itself() -> None:
    settings = Settings(key=SecretStr(KEY))
    shown = f"{KEYS!r} {KEYS.current!r} {settings!r} {settings} {vars(KEYS)}"
    assert KEY[:8] not in shown
    assert "0123456789abcdef" not in shown


@pytest.mark.parametrize("written", ["", " , ", "short", KEY[:-4], f"{KEY},x", "ä" * 44, KEY + KEY])
def test_what_is_no_key_is_told_without_showing_it(written: str) -> None:
    with pytest.raises(SettingsError, match=r"CAP_CTO_KEY: .*`python -m bot key` makes one") as caught:
        keys.keyring_of(Settings(key=SecretStr(written)), "sqlite://")
    assert KEY[:8] not in str(caught.value)


def test_new_keys_differ_and_can_be_used() -> None:
    made = {new_key() for _ in range(3)}
    assert len({keyring(one).mark(ADA) for one in made}) == 3


# Where the key comes from


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's own key file, in a folder of its own."""
    file = tmp_path / "config" / "cap-cto.key"
    monkeypatch.setattr(keys, "own_key_file", lambda: file)
    return file


async def test_the_first_start_makes_a_key_and_says_so_once(
    own: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings, base = Settings(data=tmp_path / "data"), SqliteBase(tmp_path / "bot.sqlite3")
    await used(base, keys.keyring_of(settings, base.address), filled)
    written, mode = await asyncio.to_thread(lambda: (own.read_text().strip(), own.stat().st_mode))
    assert stat.S_IMODE(mode) == 0o600
    assert caplog.text.count(str(own)) == 1
    assert written not in caplog.text
    await used(base, keys.keyring_of(settings, base.address), is_whole)
    assert caplog.text.count(str(own)) == 1

    await asyncio.to_thread(own.rename, own.with_name("lost"))
    for _ in range(2):
        with pytest.raises(SettingsError, match=r"the key of .* is missing; put it back"):
            keys.keyring_of(settings, base.address)


def test_a_key_is_kept_apart_from_the_data(own: Path, tmp_path: Path) -> None:
    inside = tmp_path / "data" / "deep" / "key"
    inside.parent.mkdir(parents=True)
    inside.write_text(KEY)
    link = tmp_path / "link"
    link.symlink_to(inside)
    for file in (inside, link):
        with pytest.raises(SettingsError, match=r"CAP_CTO_KEY_FILE: .* lies in the data folder"):
            keys.keyring_of(Settings(data=tmp_path / "data", key_file=file), "sqlite://")
    with pytest.raises(SettingsError, match="lies in the data folder"):
        keys.keyring_of(Settings(data=own.parent), f"sqlite:///{own.parent}/x.sqlite3")
    assert not own.exists()
    outside = tmp_path / "key"
    outside.write_text(f"{KEY}\n")
    found = keys.keyring_of(Settings(data=tmp_path / "data", key_file=outside), "sqlite://")
    assert found.mark(ADA) == KEYS.mark(ADA)


def test_a_key_that_cannot_be_had_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    done = terminal.run("run", "--polling", TELEGRAM_BOT_TOKEN=TOKEN, CAP_CTO_KEY="guessme")
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr).startswith("CAP_CTO_KEY: ")
    assert "guessme" not in done.stderr
    with pytest.raises(SettingsError, match=r"CAP_CTO_KEY_FILE: .*/nowhere cannot be read: No such file"):
        keys.keyring_of(Settings(key_file=tmp_path / "nowhere"), "sqlite://")


def test_postgresql_has_its_own_means_for_backups() -> None:
    with pytest.raises(SettingsError, match="pg_dump"):
        make_backup("postgresql://u@127.0.0.1/d", Path("x"))


def test_postgresql_must_be_given_a_key(own: Path) -> None:
    with pytest.raises(SettingsError, match="CAP_CTO_KEY: a key is needed"):
        keys.keyring_of(Settings(), "postgresql+asyncpg://u@h/d")
    assert not own.exists()


async def test_a_wrong_key_is_refused_and_changes_nothing(base: Base) -> None:
    await used(base, KEYS, filled)
    before = await base.rows("SELECT name, proof FROM keys")
    with pytest.raises(StoreError, match=f"sealed with key {KEYS.current.name.hex()}, which is not among those given"):
        await Store(base.address, OTHER).open()
    assert await base.rows("SELECT name, proof FROM keys") == before
    await used(base, KEYS, is_whole)


async def test_of_a_key_that_is_missing_it_is_said_once(base: Base, caplog: pytest.LogCaptureFixture) -> None:
    """As on a replica that has not yet got the key with which another one seals."""
    store = Store(base.address, KEYS)
    await store.open()
    await store.receive([typed(1), typed(2), typed(3, BOB)], NOW)
    for number, chat_id in ((1, ADA), (3, BOB)):
        foreign = OTHER.seal(chat_id, "{}", "inbox.payload", KEYS.mark(chat_id), number)
        await base.change(f"UPDATE inbox SET payload = {hexed(base, foreign)} WHERE update_id = {number}")
    for _ in range(3):
        assert await store.chats_with_work() == []
        assert [one.update_id for one in (await store.load(ADA)).received] == [2]
    await store.close()
    assert [record.message for record in caplog.records] == [
        f"something waits that cannot be read here: sealed with key {OTHER.current.name.hex()}, which is not given"
    ]
    assert "waiting: 3 updates" in await tell_status(Settings(key=SecretStr(KEY)), base.address)


# Changing the key


async def test_rows_can_be_read_with_both_keys_and_are_sealed_anew_by_use(base: Base) -> None:
    await used(base, KEYS, filled)

    async def use(store: Store) -> None:
        assert sorted(await store.chats_with_work()) == [ADA, BOB]
        await is_whole(store)
        (received, _) = (await store.load(ADA)).received
        await store.finish(received, Turn(session=Session(language="de"), replies=[]), NOW)
        assert await store.session(ADA) == Session(language="de")

    await used(base, BOTH, use)
    marks = {bytes(mark) for (mark,) in await base.rows("SELECT chat FROM sessions")}
    assert marks == {OTHER.mark(ADA), OTHER.mark(BOB)}
    with pytest.raises(StoreError, match="not among those given"):
        await Store(base.address, OTHER).open()


async def test_rekeying_can_be_broken_off_and_leaves_nothing_under_the_old_key(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.store.rotation.PAGE", 1)
    await used(base, KEYS, filled)
    database = Database(base.address, BOTH)
    await database.open()
    take, calls = database.claims.take, 0

    async def taken(marks: list[bytes]) -> bool:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return await take(marks)

    monkeypatch.setattr(database.claims, "take", taken)
    with pytest.raises(KeyboardInterrupt):
        await rekey(database)
    monkeypatch.undo()
    await database.close()
    await used(base, BOTH, is_whole)
    database = Database(base.address, BOTH)
    await database.open()
    done, left = await rekey(database)
    assert (done > 0, left) == (True, 0)
    assert await rekey(database) == (0, 0)
    await database.close()
    await used(base, OTHER, is_whole)
    tables = {"sessions": "document", "slots": "message", "inbox": "payload", "outbox": "payload"}
    for table, column in tables.items():
        for mark, value in await base.rows(f"SELECT chat, {column} FROM {table} WHERE chat IS NOT NULL"):
            assert bytes(mark) in (OTHER.mark(ADA), OTHER.mark(BOB))
            assert bytes(value)[1:5] == OTHER.current.name
    with pytest.raises(StoreError, match="not among those given"):
        await Store(base.address, KEYS).open()
    database = Database(base.address, OTHER)
    await database.open()
    assert {one.reason for one in (await status(database)).failures} == {
        "Forbidden: bot was blocked by the user", "ValueError in bot/x.py, line 1"
    }  # fmt: skip
    await database.close()


async def test_rekeying_beside_a_running_replica_leaves_its_chat_to_it(base: Base) -> None:
    if isinstance(base, SqliteBase):
        await used(base, KEYS, filled)
        store = Store(base.address, BOTH)
        await store.open()
        with pytest.raises(StoreError, match="another process"):
            await Database(base.address, BOTH).open()
        await store.close()
        return
    await used(base, KEYS, filled)
    store, database = Store(base.address, BOTH), Database(base.address, BOTH)
    await store.open()
    await database.open()
    assert await store.claim(ADA)
    _, left = await rekey(database)
    assert left == 5
    await is_whole(store)
    await store.release(ADA)
    assert (await rekey(database))[1] == 0
    await is_whole(store)
    await database.close()
    await store.close()


# Backup and restore


async def test_a_backup_is_made_while_the_bot_writes_and_can_be_put_back(tmp_path: Path) -> None:
    base, copy = SqliteBase(tmp_path / "bot.sqlite3"), tmp_path / "copies" / "one"
    copy.parent.mkdir()
    store = Store(base.address, KEYS)
    await store.open()
    await filled(store)
    stop = asyncio.Event()

    async def write() -> int:
        number = 1000
        while not stop.is_set():
            number += 1
            await store.receive([Received(number, BOB, Incoming(event=Text(text="more " * 500)))], NOW)
        return number - 1000

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.2)
    assert await asyncio.to_thread(back_up, base.path, copy) == copy.stat().st_size
    await asyncio.sleep(0.1)
    stop.set()
    written = await writing
    saved = rows(copy, "SELECT count(*) FROM inbox WHERE update_id > 1000")[0][0]
    assert 0 < saved < written
    assert [file.name for file in copy.parent.iterdir()] == ["one"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(StoreError, match="another process"):
        restore(copy, base.path, KEYS, NOW)
    await store.close()

    aside = restore(copy, base.path, KEYS, NOW)
    assert aside == tmp_path / "bot.sqlite3.before-20261122-120000"
    assert rows(aside, "SELECT count(*) FROM inbox WHERE update_id > 1000") == [(written,)]

    async def look(store: Store) -> None:
        assert (await store.count())["inbox"] == 8 + saved
        assert (await store.load(ADA)).session.chosen_language == f"{ADA}"

    await used(base, KEYS, look)
    other = tmp_path / "new.sqlite3"
    assert restore(copy, other, KEYS, NOW) is None
    await used(SqliteBase(other), KEYS, look)


@pytest.mark.parametrize("left", ["-wal", "-journal"])
async def test_a_copy_is_not_put_beside_what_a_lost_file_has_left(tmp_path: Path, left: str) -> None:
    """A bot that is killed leaves its log beside the file; then somebody removes the file alone."""
    base, copy = SqliteBase(tmp_path / "bot.sqlite3"), tmp_path / "copy"
    store = Store(base.address, KEYS)
    await store.open()
    await store.receive([typed(1)], NOW)
    back_up(base.path, copy)
    await store.receive([typed(2)], NOW)
    shutil.copy(f"{base.path}-wal", tmp_path / "log")
    await store.close()
    base.path.unlink()
    shutil.copy(tmp_path / "log", f"{base.path}{left}")

    assert restore(copy, base.path, KEYS, NOW) is None
    assert rows(base.path, "SELECT update_id FROM inbox") == [(1,)]
    assert rows(base.path, "PRAGMA integrity_check") == [("ok",)]
    aside = tmp_path / f"bot.sqlite3.before-20261122-120000{left}"
    assert filecmp.cmp(aside, tmp_path / "log", shallow=False)


async def test_what_is_no_sound_copy_is_not_put_back(tmp_path: Path) -> None:
    base, copy = SqliteBase(tmp_path / "bot.sqlite3"), tmp_path / "copy"
    await used(base, KEYS, filled)
    back_up(base.path, copy)
    before = base.path.read_bytes()

    def changed(name: str, *statements: str) -> Path:
        file = tmp_path / name
        file.write_bytes(copy.read_bytes())
        change(file, *statements)
        return file

    (tmp_path / "text").write_text("no database" * 500)
    (tmp_path / "cut").write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    newer = changed("newer", "UPDATE alembic_version SET version_num = '9999'")
    strange = changed("strange", "DROP TABLE inbox")
    for file, ring, said in (
        (tmp_path / "nowhere", KEYS, "there is no file"),
        (tmp_path / "text", KEYS, "not a copy of the bot's database"),
        (tmp_path / "cut", KEYS, "damaged|malformed"),
        (strange, KEYS, "not a copy of the bot's database"),
        (newer, KEYS, "of a newer version"),
        (copy, OTHER, "is sealed with key"),
    ):
        with pytest.raises(StoreError, match=said):
            restore(file, base.path, ring, NOW)
    assert base.path.read_bytes() == before
    with pytest.raises(StoreError, match="exists; give another name"):
        back_up(base.path, copy)
    with pytest.raises(StoreError, match="there is no database"):
        back_up(tmp_path / "none.sqlite3", tmp_path / "other")
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(base.path, tmp_path / "no" / "folder")
    await used(base, KEYS, is_whole)


# Beside a running bot


async def test_a_look_does_not_wait_for_one_who_writes(tmp_path: Path) -> None:
    """And so no one who writes, such as the bot, waits for a look."""
    base, settings = SqliteBase(tmp_path / "bot.sqlite3"), Settings(key=SecretStr(KEY))
    await used(base, KEYS, filled)
    with closing(sqlite3.connect(base.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM inbox")
        assert "waiting: 4 updates" in await tell_status(settings, base.address)
        assert "nothing has been counted" in await tell_counts(settings, base.address)
        assert "MB" in make_backup(base.address, tmp_path / "copy")
    assert rows(tmp_path / "copy", "SELECT count(*) FROM inbox") == [(8,)]


async def test_the_operators_commands(
    terminal: Terminal, service: Service, server: LocalServer, ada: Person, tmp_path: Path
) -> None:
    def run(*arguments: str, code: int = 0, **settings: str) -> str:
        done = terminal.run(*arguments, DATABASE_URL=f"sqlite+aiosqlite:///{service.path}", **settings)
        assert (done.returncode, done.stdout if code else done.stderr) == (code, "")
        return one_line(done.stderr) if code else done.stdout

    async def ran(*arguments: str, code: int = 0, **settings: str) -> str:
        return await asyncio.to_thread(run, *arguments, code=code, **settings)

    async with service.on(server.api_url, server.token):
        await told(ada, "/help")
        await asyncio.to_thread(back_up, service.path, tmp_path / "earlier")
        shown, copied, refused = await asyncio.gather(
            ran("status"),
            ran("backup", str(tmp_path / "copy")),
            ran("restore", str(tmp_path / "earlier"), code=2),
        )
        assert shown.splitlines() == [
            "remembered: 1 chats",
            "waiting: 0 updates to answer, 0 replies to send",
            "failed in the last 48 hours: 0 updates, 0 replies",
        ]
        assert copied.startswith(f"{tmp_path / 'copy'}: ")
        assert "another process" in refused
    both = {"CAP_CTO_KEY": f"{OTHER_KEY},{KEY}"}
    await service.change("CREATE TRIGGER no BEFORE UPDATE ON sessions BEGIN SELECT * FROM nowhere; END")
    assert "the database fails (no such table: main.nowhere)" in await ran("rekey", code=2, **both)
    await service.change("DROP TRIGGER no")
    assert OTHER.current.name.hex() in await ran("rekey", **both)
    assert "not among those given" in await ran("status", code=2)
    assert "is now" in await ran("restore", str(tmp_path / "copy"))
    assert [chat_id for chat_id, _ in documents(service.path)] == [ada.id]


async def test_status_tells_what_failed_and_nothing_of_whom(base: Base) -> None:
    await used(base, KEYS, filled)
    told = await tell_status(Settings(key=SecretStr(KEY)), base.address)
    lines = told.splitlines()
    assert lines[1].startswith("waiting: 4 updates to answer, 2 replies to send, the oldest for ")
    assert lines[2] == "failed in the last 48 hours: 2 updates, 2 replies"
    assert "  2026-11-22 12:00 update 2: ValueError in bot/x.py, line 1" in lines
    assert "  2026-11-22 12:00 reply to update 11: Forbidden: bot was blocked by the user" in lines
    assert str(ADA) not in told
    assert "word" not in told
