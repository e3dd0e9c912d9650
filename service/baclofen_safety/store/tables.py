"""The tables of the store, and the version of their shape."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    inspect,
    select,
    text,
)

from . import StoreError

SCHEMA_VERSION = 3
_ONLY_ADDED_TO = ([1], [2])
"""Versions that lack nothing but tables."""
_LOCK = 0x62_61_63_6C
"""Key of PostgreSQL's advisory lock under which tables are made: two workers must not make them at once."""


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC: SQLite has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is None:
            raise ValueError("an aware time was expected")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Unshown(bytes):
    """Bytes that no log shows: SQLAlchemy writes out the rows it read when it is told to log everything."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class Sealed(TypeDecorator[bytes]):
    """What may hold patient data."""

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else Unshown(value)


metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

feedback = Table(
    "feedback",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("card", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("received", Moment, nullable=False),
    Column("rule", Text),
    Column("service", Text, nullable=False),
    Column("client", Text, nullable=False),
)

feedback_reason = Table(
    "feedback_reason",
    metadata,
    Column("key", String(64), ForeignKey("feedback.key"), primary_key=True),
    Column("system", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("display", Text, nullable=False),
)

feedback_suggestion = Table(
    "feedback_suggestion",
    metadata,
    Column("key", String(64), ForeignKey("feedback.key"), primary_key=True),
    Column("suggestion", Text, primary_key=True),
)

comment = Table(
    "comment",
    metadata,
    Column("key", String(64), ForeignKey("feedback.key"), primary_key=True),
    Column("received", Moment, nullable=False, index=True),
    Column("text", Text, nullable=False),
)

seen_token = Table(
    "seen_token",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("until", Moment, nullable=False, index=True),
)

seen_card = Table(
    "seen_card",
    metadata,
    Column("mark", String(64), primary_key=True),
    Column("until", Moment, nullable=False, index=True),
)

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("asked", String(64), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False, index=True),
    Column("question", Sealed, nullable=False),
    Column("answer", Sealed),
    Column("lease", String(32), nullable=False),
    Column("leased", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("looked", Moment),
)


def agree_on_tables(connection: Connection) -> None:
    """Make the tables in an empty database. Raises StoreError when they are of a version we do not know."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if not inspect(connection).has_table(schema_version.name):
        metadata.create_all(connection)
        connection.execute(schema_version.insert().values(version=SCHEMA_VERSION))
        return
    found = connection.scalars(select(schema_version.c.version)).all()
    if list(found) in _ONLY_ADDED_TO:
        metadata.create_all(connection)
        connection.execute(schema_version.update().values(version=SCHEMA_VERSION))
        return
    if list(found) != [SCHEMA_VERSION]:
        told = ", ".join(map(str, found)) or "none"
        raise StoreError(f"store: tables of version {SCHEMA_VERSION} expected, version {told} found")
