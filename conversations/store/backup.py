"""SQLite files: a copy of a database while it is used, and such a copy put back in its place."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from conversations.store.claims import InUse, WholeFile
from conversations.store.database import StoreError, unknown_revisions
from conversations.store.sealing import Keyring, Unreadable

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database file, and takes for a part of whatever file it finds there later."""


def back_up(database: Path, copy: Path) -> int:
    """Copies a database that may be in use, as it is at one moment; the size of the copy in bytes.

    StoreError where that cannot be done; an existing file is never written over.
    """
    if not database.is_file():
        raise StoreError(f"there is no database at {database}")
    part = copy.with_name(f"{copy.name}.part")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise StoreError(f"{copy} exists; give another name") from None
    except OSError as error:
        raise StoreError(f"{copy} cannot be written: {error.strerror}") from None
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(database, part)
        os.replace(part, copy)
    except BaseException as error:
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        if isinstance(error, (sqlite3.Error, OSError)):
            raise StoreError(f"{database} cannot be copied to {copy}: {error}") from error
        raise
    return copy.stat().st_size


def restore(copy: Path, database: Path, keyring: Keyring, now: datetime) -> Path | None:
    """Puts a copy in the place of a database that is not in use; where the old one is now, None if there was none.

    StoreError where the database is in use, or the copy is damaged, of a newer version or sealed with another key.
    """
    _inspect(copy, keyring)
    claim = WholeFile(database)
    try:
        claim.lock()
    except InUse as error:
        raise StoreError(f"{database}: {error}") from None
    except OSError as error:
        raise StoreError(f"{database} cannot be written: {error.strerror}") from None
    part = database.with_name(f"{database.name}.part")
    try:
        part.unlink(missing_ok=True)
        _copy(copy, part)
        aside = _set_aside(database, now)
        os.replace(part, database)
        return aside
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{copy} cannot be put in the place of {database}: {error}") from error
    finally:
        claim.unlock()


def is_sealed(file: Path) -> bool:
    """Whether there is a database in this file in which something is sealed with a key."""
    if not file.is_file():
        return False
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        return bool(connection.execute("SELECT count(*) FROM keys").fetchone()[0])
    return False


def _read_only(file: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True))


def _copy(source: Path, target: Path) -> None:
    """Copies in one step, so that a writer beside it neither disturbs the copy nor has to wait."""
    with (
        _read_only(source) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    with open(target, "rb") as file:
        os.fsync(file.fileno())


def _inspect(copy: Path, keyring: Keyring) -> None:
    """StoreError where a file is no sound copy of a database that this program and these keys can read."""
    if not copy.is_file():
        raise StoreError(f"there is no file {copy}")
    try:
        with _read_only(copy) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise StoreError(f"{copy} is damaged: {found.splitlines()[0]}")
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"alembic_version", "inbox", "sessions"} <= names:
                raise StoreError(f"{copy} is not a copy of the bot's database")
            revisions = [revision for (revision,) in connection.execute("SELECT version_num FROM alembic_version")]
            proofs = connection.execute("SELECT name, proof FROM keys").fetchall() if "keys" in names else []
    except sqlite3.Error as error:
        raise StoreError(f"{copy} is not a copy of the bot's database: {error}") from error
    if unknown_revisions(revisions):
        raise StoreError(f"{copy} is of a newer version than this program; update it")
    for name, proof in proofs:
        try:
            keyring.open(proof, "keys.proof", name)
        except Unreadable:
            raise StoreError(f"{copy} is sealed with key {name}, which is not among those given") from None


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Renames a database and what lies beside it, even where that is all that is left; where the database is now."""
    is_there = database.exists()
    aside = database.with_name(f"{database.name}.before-{now:%Y%m%d-%H%M%S}")
    for ending in ("", *BESIDE):
        part = database.with_name(f"{database.name}{ending}")
        if part.exists():
            os.replace(part, aside.with_name(f"{aside.name}{ending}"))
    return aside if is_there else None
