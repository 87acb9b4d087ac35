"""The database: opened, its tables brought up to date, its keys tried."""

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, insert, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from conversations.store.claims import InUse
from conversations.store.engines import engine_of
from conversations.store.health import Health
from conversations.store.rows import NOBODY
from conversations.store.sealing import Keyring, Unreadable
from conversations.store.tables import keys
from conversations.store.transactions import StoreUnavailable, Transactions, line_of

MIGRATIONS = Path(__file__).parent / "migrations"

MIGRATING = 0x6D696772
"""The advisory lock of the process that brings the tables up to date."""


class StoreError(Exception):
    """The database cannot be used; the message says why in one line."""


class Database:
    """A database that is reached at an address, with the keys of what is sealed in it.

    ``tried_again`` tells that what fails is, so that the trouble is for the log.
    """

    def __init__(self, address: str, keyring: Keyring, *, tried_again: bool = False) -> None:
        self.keyring = keyring
        health = Health(tried_again=tried_again)
        try:
            self._url = make_url(address)
            self._engine = engine_of(self._url, health)
        except (SQLAlchemyError, ImportError, ValueError, TypeError) as error:
            raise StoreError(f"DATABASE_URL cannot be used: {line_of(error)}") from error
        self.claims = self._engine.claims
        self.insert = self._engine.insert
        self.clear_log = self._engine.clear_log
        self._transactions = Transactions(self._engine.commit, health, side_by_side=self._engine.side_by_side)
        self.run = self._transactions.run
        self.share = self._transactions.share

    async def open(self, *, beside: bool = False) -> None:
        """Connects, brings the tables up to date and tries the keys. StoreError where that cannot be done.

        ``beside`` a bot that may run nothing is claimed and nothing is changed.
        """
        try:
            if beside:
                self._engine.find()
                await self.run(self._look)
            else:
                self._engine.reach()
                await self.claims.open()
                await self.run(self._prepare)
        except (SQLAlchemyError, sqlite3.Error, OSError, StoreUnavailable, CommandError, InUse) as error:
            await self.close()
            raise StoreError(f"the database {self._url!r} cannot be opened: {line_of(error)}") from error
        except StoreError:
            await self.close()
            raise

    async def close(self) -> None:
        """Finishes what is under way, closes the connections and gives all claims back; cancelled, it leaves them."""
        try:
            await self._transactions.close()
            await self._engine.close()
            await self.claims.close()
        except asyncio.CancelledError:
            self._engine.give_up()
            raise

    def _prepare(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATING})
        migrate(connection, self.keyring)
        prove(connection, self.keyring)
        name = self.keyring.current.name.hex()
        if connection.scalar(select(keys.c.name).where(keys.c.name == name)) is None:
            proof = self.keyring.seal(NOBODY, "right", "keys.proof", name)
            connection.execute(insert(keys).values(name=name, proof=proof))

    def _look(self, connection: Connection) -> None:
        present = MigrationContext.configure(connection).get_current_heads()
        newest = ScriptDirectory(str(MIGRATIONS)).get_heads()
        if set(present) != set(newest):
            raise StoreError(
                f"the database is of version {', '.join(present) or 'none'}, not {', '.join(newest)}; "
                "the bot brings an older one up to date when it starts"
            )
        prove(connection, self.keyring)


def migrate(connection: Connection, keyring: Keyring, revision: str = "head", *, down: bool = False) -> None:
    """Brings the tables to a revision. StoreError where they are of a newer program."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["keyring"] = keyring
    strange = unknown_revisions(MigrationContext.configure(connection).get_current_heads())
    if strange:
        raise StoreError(f"the database is of a newer version ({', '.join(strange)}) than this program; update it")
    (command.downgrade if down else command.upgrade)(config, revision)


def unknown_revisions(present: Iterable[str]) -> list[str]:
    """Those of these revisions of the tables that this program does not know."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    return sorted(set(present) - known)


def prove(connection: Connection, keyring: Keyring) -> None:
    """Tries the keys on the database. StoreError where one is missing or wrong."""
    for name, proof in connection.execute(select(keys.c.name, keys.c.proof)).all():
        try:
            keyring.open(proof, "keys.proof", name)
        except Unreadable:
            raise StoreError(
                f"the database is sealed with key {name}, which is not among those given; set CAP_CTO_KEY or"
                " CAP_CTO_KEY_FILE to it (without it the data cannot be read)"
            ) from None
