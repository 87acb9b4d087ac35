"""The store: everything the bot keeps. Each method is one transaction; chats go by their plain ids here."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, Update, delete, func, insert, select, tuple_, update

from conversations.messages import Reply
from conversations.session import Session, Turn
from conversations.store.database import Database
from conversations.store.rotation import drop, move
from conversations.store.rows import Values, given_up, opened, same, sealed
from conversations.store.sealing import Keyring, UnknownKey, Unreadable
from conversations.store.tables import DONE, FAILED, WAITING, in_state, inbox, metadata, outbox, sessions, slots
from conversations.store.turns import Ending, Loaded, Note, Turns, session_of
from conversations.store.work import Outgoing, Received, Work

UPDATE_KEPT = timedelta(hours=48)
"""How long the number of a finished update is kept; Telegram repeats an update for 24 hours at most."""

SESSION_KEPT = timedelta(days=365)
"""How long a chat without a word is remembered."""

PAGE = 200
"""How many chats are looked at in one transaction."""

DELETED_AT_ONCE = 1000

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another process has already done this update."""


class Store:
    """Everything that is kept. ``open`` it before use and ``close`` it at the end."""

    def __init__(self, address: str, keyring: Keyring) -> None:
        self._database = Database(address, keyring, tried_again=True)
        self._run, self._share = self._database.run, self._database.share
        self._claims = self._database.claims
        self._keys = keyring
        self._turns = Turns(self._database.insert, keyring, datetime.now(UTC))
        self._seen: dict[Table, bytes] = {}

    async def open(self) -> None:
        """Connects and brings the tables up to date. StoreError where that cannot be done."""
        await self._database.open()
        self._turns.began = datetime.now(UTC)

    async def close(self) -> None:
        """Finishes what is under way, gives all chats back and closes the connections."""
        await self._database.close()

    async def reach(self) -> None:
        """Returns where the database answers and lets chats be claimed. StoreUnavailable where it does not."""
        await self._run(lambda connection: connection.scalar(select(1)), reads=True)
        await self._claims.reach()

    # Who works what

    async def claim(self, chat_id: int) -> bool:
        """Claims a chat for this process; False where another one works it, which will see what waits."""
        return await self._claims.take(self._keys.marks(chat_id))

    async def release(self, chat_id: int) -> bool:
        """Gives a chat back. True where more waits by now: a process that could not claim it relies on this look."""
        marks = self._keys.marks(chat_id)
        await self._claims.give(marks)
        return self._claims.shared and await self._share(self._turns.wait, marks, reads=True, bare=True)

    def holds(self, chat_id: int) -> bool:
        """Whether a claimed chat is still this process's own, as far as can be told without asking."""
        return self._claims.holds(self._keys.marks(chat_id))

    async def leads(self) -> bool:
        """Whether this process is the one of all that polls; it becomes so where there is none."""
        return await self._claims.leads()

    # What comes in

    async def receive(self, updates: Sequence[Received], now: datetime) -> list[int]:
        """Takes updates in; those already known are left out, and those that cannot be written down are passed over.

        The chats that have something new.
        """
        rows = [row for one in updates if (row := self._inbox_row(one, now)) is not None]
        if not rows:
            return []
        new = await self._share(self._turns.receive, rows, bare=True)
        return list(dict.fromkeys(one.chat_id for one in updates if one.update_id in new))

    async def chats_with_work(self) -> list[int]:
        """Some chats in which an update or a reply waits, the longest first; asked again, it names others in turn."""
        chats = []
        for table in (outbox, inbox):
            after = self._seen.get(table, b"")
            rows = await self._run(partial(_heads, table=table, after=after), reads=True)
            self._seen[table] = rows[-1].chat if len(rows) == PAGE else b""
            for row in rows:
                try:
                    chats.append((row.update_id, opened(self._keys, table, row)[0]))
                except UnknownKey as error:
                    self._turns.lacks(error)
                except Unreadable:
                    await self._run(partial(drop, keyring=self._keys, table=table, row=row))
        return list(dict.fromkeys(chat_id for _, chat_id in sorted(chats)))

    # A turn

    async def load(self, chat_id: int) -> Work:
        """What there is to do in a chat that is claimed.

        What cannot be read is set aside on the way, and what an older key sealed is sealed anew.
        """
        loaded = await self._load(chat_id)
        if loaded.older:
            await self._run(partial(move, keyring=self._keys, chat_id=chat_id))
            loaded = await self._load(chat_id)
        if loaded.unreadable:
            await self._run(partial(_drop_all, keyring=self._keys, rows=loaded.unreadable))
            loaded = await self._load(chat_id)
        return loaded.work

    async def _load(self, chat_id: int) -> Loaded:
        return await self._share(self._turns.load, chat_id, reads=True, bare=True)

    async def session(self, chat_id: int) -> Session:
        """What is remembered of a chat; a new session where nothing is, or nothing that can be read."""
        return (await self.load(chat_id)).session

    async def finish(self, received: Received, turn: Turn, now: datetime) -> list[Outgoing]:
        """Commits a turn: the session, the replies to send, and that the update is done, all or nothing.

        The replies as they wait to be sent. Overtaken where another process has done the update.
        """
        replies = [
            Outgoing(received.update_id, position, received.chat_id, reply)
            for position, reply in enumerate(turn.replies)
        ]
        ending = Ending(
            received.update_id,
            self._keys.marks(received.chat_id),
            None if turn.forget else self._session_row(received.chat_id, turn.session, now),
            [self._outbox_row(one, now) for one in replies],
            turn.counts,
        )
        if not await self._share(self._turns.finish, ending):
            raise Overtaken(f"update {received.update_id} is done already")
        return replies

    async def tried(self, received: Received) -> None:
        """Counts an attempt at an update, so that one that fails is not tried for ever."""
        one = update(inbox).where(inbox.c.update_id == received.update_id)
        await self._run(lambda connection: connection.execute(one.values(attempts=inbox.c.attempts + 1)))

    async def set_aside(
        self, received: Received, reason: str, now: datetime, apology: Reply | None = None
    ) -> list[Outgoing]:
        """Gives an update up, and commits with that what to tell the person; the chat goes on with the next one.

        The apology as it waits to be sent. The reason holds no word of the message.
        """
        ended = given_up(self._keys, inbox, vars(received), reason).where(in_state(inbox, WAITING))
        replies = [Outgoing(received.update_id, 0, received.chat_id, apology)] if apology else []
        rows = [self._outbox_row(one, now) for one in replies]

        def commit(connection: Connection) -> bool:
            is_ours = connection.execute(ended).rowcount == 1
            if is_ours and rows:
                connection.execute(insert(outbox), rows)
            return is_ours

        return replies if await self._run(commit) else []

    async def sent(self, outgoing: Outgoing, message_id: int, now: datetime) -> None:
        """Notes that a reply was sent, and which message now stands for its slot."""
        slot = outgoing.reply.slot
        row = self._slot_row(outgoing.chat_id, slot, message_id, now) if slot else None
        await self._share(self._turns.note, Note(outgoing.update_id, outgoing.position, row), bare=row is None)

    async def refused(self, outgoing: Outgoing, reason: str) -> None:
        """Notes that a reply can never be sent, and why; neither it nor its chat is kept."""
        await self._run(lambda connection: connection.execute(given_up(self._keys, outbox, vars(outgoing), reason)))

    # How long it is kept

    async def tidy(self, now: datetime) -> None:
        """Deletes what has been kept for as long as it may be."""
        ended, silent = now - UPDATE_KEPT, now - SESSION_KEPT
        for table, over in (
            (inbox, in_state(inbox, DONE) & (inbox.c.received_at < ended)),
            (inbox, in_state(inbox, FAILED) & (inbox.c.received_at < ended)),
            (outbox, in_state(outbox, FAILED) & (outbox.c.created_at < ended)),
            (sessions, sessions.c.updated_at < silent),
            (slots, slots.c.updated_at < silent),
        ):
            while await self._run(partial(_deleted, table=table, over=over)):
                pass
        await self._database.clear_log()

    async def expire(self, expired: Callable[[Session], Session]) -> None:
        """Drops what is over from the memory of chats with a quiz or a kept result, heard of again or not.

        ``expired`` gives the session without what is over. A chat that goes on meanwhile is left to its next event.
        """
        page: Sequence[Row[Any]] = []
        while page := await self._run(partial(_with_quiz, before=page), reads=True):
            changes = [change for row in page if (change := self._expired(row, expired)) is not None]
            if changes:
                await self._run(partial(_execute_all, statements=changes))

    async def count(self) -> dict[str, int]:
        """How many rows each table about chats has, for tests and the curious."""
        tables = [table for table in metadata.sorted_tables if table.name not in ("keys", "counts")]
        each = [select(func.count()).select_from(table) for table in tables]
        numbers = await self._run(lambda connection: [connection.scalar(one) or 0 for one in each], reads=True)
        return {table.name: number for table, number in zip(tables, numbers, strict=True)}

    # Rows

    def _inbox_row(self, received: Received, now: datetime) -> Values | None:
        row = {"update_id": received.update_id, "state": WAITING, "received_at": now}
        try:
            return sealed(self._keys, inbox, received.chat_id, received.incoming.model_dump_json(), row)
        except Exception as error:  # such as half a character; its words must not get into the log
            log.error("update %d is passed over: %s", received.update_id, type(error).__name__)
            return None

    def _session_row(self, chat_id: int, session: Session, now: datetime) -> Values:
        of_quiz = session.quiz.updated_at if session.quiz else session.kept.kept_at if session.kept else None
        row = {"updated_at": now, "quiz_at": of_quiz}
        return sealed(self._keys, sessions, chat_id, session.model_dump_json(), row)

    def _outbox_row(self, outgoing: Outgoing, now: datetime) -> Values:
        row = {
            "update_id": outgoing.update_id, "position": outgoing.position, "state": WAITING, "created_at": now
        }  # fmt: skip
        return sealed(self._keys, outbox, outgoing.chat_id, outgoing.reply.model_dump_json(), row)

    def _slot_row(self, chat_id: int, slot: str, message_id: int, now: datetime) -> Values:
        return sealed(self._keys, slots, chat_id, str(message_id), {"slot": slot, "updated_at": now})

    def _expired(self, row: Row[Any], expired: Callable[[Session], Session]) -> Update | None:
        """The change that takes what is over out of a session, if there is any."""
        before = session_of(self._keys, row)
        after = expired(before) if before else None
        if before is None or after is None or after == before:
            return None
        chat_id = opened(self._keys, sessions, row)[0]
        values = self._session_row(chat_id, after, row.updated_at)
        return update(sessions).where(same(sessions, row), sessions.c.document == row.document).values(**values)


def _heads(connection: Connection, table: Table, after: bytes) -> list[Row[Any]]:
    """One waiting row for each of the next chats."""
    first = (
        select(table.c.chat, func.min(table.c.update_id).label("update_id"))
        .where(in_state(table, WAITING), table.c.chat > after)
        .group_by(table.c.chat)
        .order_by(table.c.chat)
        .limit(PAGE)
        .subquery()
    )
    oldest = (table.c.chat == first.c.chat) & (table.c.update_id == first.c.update_id)
    whole = select(table).join(first, oldest).order_by(table.c.chat)
    return list({row.chat: row for row in connection.execute(whole.where(in_state(table, WAITING)))}.values())


def _execute_all(connection: Connection, statements: Sequence[Update]) -> None:
    for statement in statements:
        connection.execute(statement)


def _drop_all(connection: Connection, keyring: Keyring, rows: Sequence[tuple[Table, Row[Any]]]) -> None:
    for table, row in rows:
        drop(connection, keyring, table, row)


def _with_quiz(connection: Connection, before: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The next sessions with a quiz, after those of the page before."""
    order = (sessions.c.quiz_at, sessions.c.chat)
    query = select(sessions).where(sessions.c.quiz_at.is_not(None)).order_by(*order).limit(PAGE)
    if before:
        query = query.where(tuple_(*order) > (before[-1].quiz_at, before[-1].chat))
    return connection.execute(query).all()


def _deleted(connection: Connection, table: Table, over: ColumnElement[bool]) -> bool:
    """Deletes some of the rows that are over; whether there may be more."""
    key = tuple_(*table.primary_key)
    some = select(*table.primary_key).where(over).limit(DELETED_AT_ONCE)
    return connection.execute(delete(table).where(key.in_(some))).rowcount == DELETED_AT_ONCE
