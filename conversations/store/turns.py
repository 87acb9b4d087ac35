"""Turns: what is read and written while a chat is worked, for as many chats at once as ask for it.

Each public method is one kind of work (see transactions): few statements, however many chats.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import (
    BindParameter,
    Column,
    CompoundSelect,
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    union,
    union_all,
    update,
)

from conversations.messages import Incoming, Reply
from conversations.session import Session
from conversations.store.rows import Values, opened
from conversations.store.sealing import Keyring, UnknownKey, Unreadable
from conversations.store.tables import DONE, WAITING, counts, in_state, inbox, outbox, sessions, slots
from conversations.store.work import LOAD, Outgoing, Received, Work

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

log = logging.getLogger(__name__)


MARKS: BindParameter[Any] = bindparam("marks", expanding=True)


ORDER: dict[Table, tuple[Column[Any], ...]] = {
    inbox: (inbox.c.update_id,),
    outbox: (outbox.c.created_at, outbox.c.update_id, outbox.c.position),
}
"""What waits, and the columns by which its turn comes."""


def _oldest(table: Table) -> Select[Any]:
    """The rows whose turn is next in each of some chats."""
    number = func.row_number().over(partition_by=table.c.chat, order_by=ORDER[table]).label("number")
    waiting = select(*table.primary_key, number).where(in_state(table, WAITING), table.c.chat.in_(MARKS)).subquery()
    same = and_(*(column == waiting.c[column.name] for column in table.primary_key))
    return select(table).join(waiting, same).where(waiting.c.number <= LOAD)


def _of_all(queries: Mapping[Table, Select[Any]]) -> CompoundSelect[Any]:
    """The rows of several tables in one statement: ``of`` names a row's table; what that has no column for is NULL."""
    types = {column.name: column.type for query in queries.values() for column in query.selected_columns}
    parts = []
    for table, query in queries.items():
        rows = query.subquery()
        columns = [rows.c[name] if name in rows.c else cast(null(), kind).label(name) for name, kind in types.items()]
        parts.append(select(literal_column(f"'{table.name}'").label("of"), *columns))
    return union_all(*parts)


LOADED = _of_all(
    {
        inbox: _oldest(inbox),
        outbox: _oldest(outbox),
        sessions: select(sessions).where(sessions.c.chat.in_(MARKS)),
        slots: select(slots).where(slots.c.chat.in_(MARKS)),
    }
)
WAITING_IN = union(
    *(select(table.c.chat).where(in_state(table, WAITING), table.c.chat.in_(MARKS)) for table in (inbox, outbox))
)
FINISH = (
    update(inbox)
    .where(inbox.c.update_id.in_(bindparam("updates", expanding=True)), in_state(inbox, WAITING))
    .values(state=DONE, payload=None, chat=None)  # what was in it goes, its number stays
    .returning(inbox.c.update_id)
)
FORGET = tuple(delete(table).where(table.c.chat == bindparam("mark")) for table in (sessions, slots))
SENT = delete(outbox).where(outbox.c.update_id == bindparam("update"), outbox.c.position == bindparam("place"))


@dataclass(frozen=True)
class Ending:
    """The end of an update's turn: what there is to write. ``session`` is None where the chat is to be forgotten."""

    update_id: int
    marks: Sequence[bytes]
    session: Values | None
    replies: Sequence[Values]
    counts: Sequence[str]


@dataclass(frozen=True)
class Note:
    """A reply was sent: which one, and the message that stands for its slot now, if it has one."""

    update_id: int
    position: int
    slot: Values | None


@dataclass(frozen=True)
class Loaded:
    """What there is to do in a chat, as far as it can be read.

    Some rows may have to be put right first: ``older`` tells that an older key sealed some, others are unreadable.
    """

    work: Work
    older: bool
    unreadable: Sequence[tuple[Table, Row[Any]]]


class Turns:
    """The kinds of work. ``new`` makes an INSERT that knows ON CONFLICT; ``began`` is when this process did."""

    def __init__(self, new: Callable[[Table], Any], keyring: Keyring, began: datetime) -> None:
        self._keys = keyring
        self.began = began
        self._lacking: set[str] = set()
        self._receive = new(inbox).on_conflict_do_nothing().returning(inbox.c.update_id)
        self._put_session, self._put_slot = (_put(new(table), table) for table in (sessions, slots))
        counted = new(counts)
        self._count = counted.on_conflict_do_update(
            index_elements=[counts.c.name], set_={"n": counts.c.n + counted.excluded.n}
        )

    def receive(self, connection: Connection, batches: Sequence[Sequence[Values]]) -> list[set[int]]:
        """Takes rows of updates in; the numbers of those that were not known, of each batch."""
        rows = {row["update_id"]: row for batch in batches for row in batch}
        in_order = [rows[number] for number in sorted(rows)]  # so that two processes cannot wait for each other
        new = set(connection.scalars(self._receive, in_order))
        fresh = []
        for batch in batches:
            fresh.append({row["update_id"] for row in batch} & new)
            new -= fresh[-1]
        return fresh

    def load(self, connection: Connection, chats: Sequence[int]) -> list[Loaded]:
        """What there is to do in chats.

        One statement reads it all, and so as of one moment: the last commit of a dead process, which may fall into the
        middle of this, is seen as a whole or not at all.
        """
        present = {self._keys.mark(chat_id) for chat_id in chats}
        of_chat = {mark: chat_id for chat_id in chats for mark in self._keys.marks(chat_id)}
        rows: defaultdict[str, list[Row[Any]]] = defaultdict(list)
        older: set[int] = set()
        for row in connection.execute(LOADED, {"marks": _padded(list(of_chat))}):
            if row.chat in present:
                rows[row.of].append(row)
            else:
                older.add(of_chat[row.chat])
        unreadable: defaultdict[bytes, list[tuple[Table, Row[Any]]]] = defaultdict(list)
        received: defaultdict[bytes, list[Received]] = defaultdict(list)
        for row, incoming in self._readable(inbox, rows[inbox.name], Incoming, unreadable):
            is_old = row.received_at < self.began
            received[row.chat].append(Received(row.update_id, of_chat[row.chat], incoming, row.attempts, is_old))
        outgoing: defaultdict[bytes, list[Outgoing]] = defaultdict(list)
        for row, reply in self._readable(outbox, rows[outbox.name], Reply, unreadable):
            outgoing[row.chat].append(Outgoing(row.update_id, row.position, of_chat[row.chat], reply))
        remembered = {row.chat: session_of(self._keys, row) for row in rows[sessions.name]}
        places: defaultdict[bytes, dict[str, int]] = defaultdict(dict)
        for row in rows[slots.name]:
            with suppress(Unreadable):
                places[row.chat][row.slot] = int(opened(self._keys, slots, row)[1])
        return [
            Loaded(
                Work(remembered.get(mark) or Session(), received[mark], outgoing[mark], places[mark]),
                of_chat[mark] in older,
                unreadable[mark],
            )
            for mark in map(self._keys.mark, chats)
        ]

    def finish(self, connection: Connection, endings: Sequence[Ending]) -> list[bool]:
        """Writes the ends of turns; False where another process has done the update, of which nothing is written."""
        due = {"updates": _padded([one.update_id for one in endings])}
        done = set(connection.scalars(FINISH, due))
        ours = [one for one in endings if one.update_id in done]
        forgotten = [{"mark": mark} for one in ours if one.session is None for mark in one.marks]
        for forget in FORGET:
            _execute(connection, forget, forgotten)
        _execute(connection, self._put_session, [one.session for one in ours if one.session is not None])
        _execute(connection, insert(outbox), [reply for one in ours for reply in one.replies])
        counted = Counter(name for one in ours for name in one.counts)
        _execute(connection, self._count, [{"name": name, "n": counted[name]} for name in sorted(counted)])
        return [one.update_id in done for one in endings]

    def note(self, connection: Connection, notes: Sequence[Note]) -> list[None]:
        """Notes that replies were sent."""
        _execute(connection, SENT, [{"update": one.update_id, "place": one.position} for one in notes])
        _execute(connection, self._put_slot, [one.slot for one in notes if one.slot is not None])
        return [None] * len(notes)

    def wait(self, connection: Connection, chats: Sequence[Sequence[bytes]]) -> list[bool]:
        """Whether anything waits in chats, each known by some marks."""
        marks = {"marks": _padded([mark for each in chats for mark in each])}
        waiting = set(connection.scalars(WAITING_IN, marks))
        return [not waiting.isdisjoint(each) for each in chats]

    def lacks(self, error: UnknownKey) -> None:
        """Tells the operator of a key that is not at hand, once: it may be found missing at every look."""
        if str(error) not in self._lacking:
            self._lacking.add(str(error))
            log.error("something waits that cannot be read here: %s", error)

    def _readable(
        self,
        table: Table,
        rows: Sequence[Row[Any]],
        kind: type[M],
        unreadable: Mapping[bytes, list[tuple[Table, Row[Any]]]],
    ) -> Iterable[tuple[Row[Any], M]]:
        """What waits in chats, oldest first; what can never be read is added to ``unreadable``."""
        for row in sorted(rows, key=lambda row: [row._mapping[column.name] for column in ORDER[table]]):
            try:
                yield row, kind.model_validate_json(opened(self._keys, table, row)[1])
            except UnknownKey as error:
                self.lacks(error)
            except (Unreadable, ValidationError):
                unreadable[row.chat].append((table, row))


def session_of(keyring: Keyring, row: Row[Any]) -> Session | None:
    """A stored session, or None where it cannot be read."""
    try:
        return Session.model_validate_json(opened(keyring, sessions, row)[1])
    except (Unreadable, ValidationError):
        log.error("what is remembered of a chat cannot be read; it begins anew")
        return None


def _put(new: Any, table: Table) -> Any:
    """Inserts a row, or writes it over the one with its key."""
    values = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
    return new.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)


def _execute(connection: Connection, statement: Any, rows: Sequence[Values]) -> None:
    if rows:
        connection.execute(statement, rows)


def _padded(values: Sequence[T]) -> list[T]:
    """Repeats the last one up to a power of two: a database prepares few statements then instead of one a length."""
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (size - len(values))]
