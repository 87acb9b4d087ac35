"""The tables, as SQLAlchemy Core; migrations/ is what really makes them."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

# SQLite numbers rows by itself only in an INTEGER primary key.
RowNumber = BigInteger().with_variant(Integer, "sqlite")

sessions = Table(
    "sessions",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

# An update is kept until it is done; afterwards only its number stays for a while, so that it is not done twice.
inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger),
    Column("payload", Text),
    Column("state", String(8), nullable=False),
    Column("reason", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
)
Index("inbox_waiting", inbox.c.state, inbox.c.chat_id, inbox.c.update_id)

# Replies in the order in which they are to be sent; a row goes when its message has been sent.
outbox = Table(
    "outbox",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
Index("outbox_chat", outbox.c.chat_id, outbox.c.id)

# The message that stands for a slot of a chat (the quiz), to be edited or moved later.
slots = Table(
    "slots",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("slot", String(64), primary_key=True),
    Column("message_id", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

# What is counted without saying of whom, such as how many say that their result fits.
counts = Table(
    "counts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
)
