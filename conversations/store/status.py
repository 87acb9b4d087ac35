"""What waits and what has failed, for the operator; nothing here tells whose it is or what was said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from conversations.store.database import Database
from conversations.store.rows import opened_reason
from conversations.store.sealing import Keyring
from conversations.store.tables import FAILED, WAITING, counts, in_state, inbox, outbox, sessions

FEWEST_COUNTED = 5
"""How often something must have been counted to be told: fewer may tell who it was."""

SHOWN = 20
"""How many failures of each kind are told."""


@dataclass(frozen=True)
class Failure:
    """An update that could not be answered, or a reply that could not be sent."""

    what: str
    update_id: int
    since: datetime
    reason: str


@dataclass(frozen=True)
class Status:
    """Counts, and the latest failures first. ``oldest`` is when the longest waiting update or reply came."""

    chats: int
    waiting: int
    unsent: int
    oldest: datetime | None
    failed_updates: int
    failed_replies: int
    failures: list[Failure]


async def status(database: Database) -> Status:
    """How the database stands."""
    return await database.run(lambda connection: _status(connection, database.keyring))


async def counted(database: Database, least: int = FEWEST_COUNTED) -> dict[str, int]:
    """What was counted without identity at least so many times, by name."""
    told = select(counts).where(counts.c.n >= least).order_by(counts.c.name)
    rows = await database.run(lambda connection: connection.execute(told).all())
    return {row.name: row.n for row in rows}


def _status(connection: Connection, keyring: Keyring) -> Status:
    moments = {inbox: inbox.c.received_at, outbox: outbox.c.created_at}
    numbers, oldest, failures = {}, [], []
    for table, moment in moments.items():
        for state in (WAITING, FAILED):
            count = select(func.count(), func.min(moment)).select_from(table).where(in_state(table, state))
            numbers[table, state], first = connection.execute(count).one()
            if state == WAITING and first is not None:
                oldest.append(first)
        latest = select(table).where(in_state(table, FAILED)).order_by(moment.desc()).limit(SHOWN)
        what = "update" if table is inbox else "reply to update"
        failures += [
            Failure(what, row.update_id, row._mapping[moment.name], opened_reason(keyring, table, row))
            for row in connection.execute(latest)
        ]
    return Status(
        chats=connection.scalar(select(func.count()).select_from(sessions)) or 0,
        waiting=numbers[inbox, WAITING],
        unsent=numbers[outbox, WAITING],
        oldest=min(oldest, default=None),
        failed_updates=numbers[inbox, FAILED],
        failed_replies=numbers[outbox, FAILED],
        failures=failures,
    )
