"""Connections to the database, set up so that what was confirmed stays, whatever process ends when."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from . import StoreError

BUSY_SECONDS = 10
"""How long a writer waits for another one."""

_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # what is committed is on the disk
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # a forgotten comment is overwritten, not only unlinked
)
WRITES = "store_writes"
"""Execution option of the engine whose transactions write."""


def read_url(text: str) -> URL:
    """The address of a database; empty means SQLite in memory. Raises StoreError, without the address in it."""
    try:
        url = make_url(text or "sqlite://")
    except ArgumentError:
        raise StoreError(
            "BACLOFEN_SAFETY_STORE: an address such as sqlite:///feedback.db or postgresql://… expected"
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError("BACLOFEN_SAFETY_STORE: sqlite or postgresql expected")
    return url


def is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def is_absent(url: URL) -> bool:
    """Is it a SQLite file that is not there yet?"""
    name = url.database or ""
    return url.get_backend_name() == "sqlite" and not name.startswith("file:") and not Path(name).exists()


def open_engine(url: URL) -> Engine:
    """An engine that has not connected yet. Raises StoreError when the driver is not installed."""
    # hide_parameters: no error and no log of SQLAlchemy shows a comment
    try:
        if url.get_backend_name() == "postgresql":
            return create_engine(url, hide_parameters=True, pool_pre_ping=True)
        waits = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        if is_in_memory(url):  # one connection for all threads: a second one would be a second database
            engine = create_engine(
                url, hide_parameters=True, connect_args=waits, poolclass=QueuePool, pool_size=1, max_overflow=0
            )
        else:
            engine = create_engine(url, hide_parameters=True, connect_args=waits)
    except (ImportError, NoSuchModuleError):
        raise StoreError(
            "BACLOFEN_SAFETY_STORE: the driver of this database is not installed; for PostgreSQL: psycopg"
        ) from None
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def make_file(url: URL) -> None:
    """Make the SQLite file, readable by its owner only: SQLite itself would let everyone read. Raises StoreError."""
    if url.get_backend_name() != "sqlite" or is_in_memory(url) or not url.database:
        return
    try:
        os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(f"BACLOFEN_SAFETY_STORE: the file cannot be made: {error.strerror}") from None


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # transactions begin where _begin says so
    with suppress(sqlite3.OperationalError):  # busy: another process is switching this file at this moment
        connection.execute("PRAGMA journal_mode = WAL")
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: one that reads first and writes then could not wait for its turn."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
