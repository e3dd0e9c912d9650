"""The store in a SQL database: SQLite in a file or in memory, or PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, delete, func, select, true
from sqlalchemy.exc import SQLAlchemyError

from . import Feedback, Figures, OutcomeCount, Reason, ReasonCount, StoreError
from .engine import WRITES, is_absent, is_in_memory, make_file, open_engine, read_url
from .kept import KeptAnswers
from .kept_sql import SqlKeptAnswers
from .rows import Rows, add_missing, hash_of
from .tables import (
    SCHEMA_VERSION,
    agree_on_tables,
    comment,
    feedback,
    feedback_reason,
    feedback_suggestion,
    schema_version,
    seen_card,
    seen_token,
)


class SqlStore:
    """A ``Store``. Nothing is opened before the first use, nor carried over a fork: each process connects itself."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        """``url`` as SQLAlchemy writes it, empty for memory; ``clock`` gives aware times. Raises StoreError."""
        self._url = read_url(url)
        self._engine = open_engine(self._url)
        self._writing = self._engine.execution_options(**{WRITES: True})
        self._clock = clock
        self._lock = Lock()
        self._owner = os.getpid()
        self._made = False
        self._answers = SqlKeptAnswers(self._write, self._read, clock, self._empty_log)

    @property
    def answers(self) -> KeptAnswers:
        return self._answers

    @property
    def in_memory(self) -> bool:
        return is_in_memory(self._url)

    @property
    def absent(self) -> bool:
        """Would the first use make it?"""
        return is_absent(self._url)

    def ready(self) -> None:
        with self._lock:
            if self._owner != os.getpid():
                self._engine.dispose(close=False)  # connections from before a fork are the parent's
                self._owner, self._made = os.getpid(), False
            if self._made:
                return
            make_file(self._url)
            try:
                with _told(), self._writing.begin() as connection:
                    agree_on_tables(connection)
            finally:
                if not self.in_memory:
                    self._engine.dispose()  # a process that only makes ready leaves no connection to its children
            self._made = True

    def check(self) -> None:
        if self._made and self.absent and not self.in_memory:  # open connections would go on writing into nothing
            raise StoreError("store: the file of the database is gone")
        with self._read() as connection:
            if connection.scalars(select(schema_version.c.version)).all() != [SCHEMA_VERSION]:
                raise StoreError("store: the tables are not the ones made at start")

    def add_feedback(self, rows: Sequence[Feedback]) -> int:
        by_key: dict[str, list[Feedback]] = {}
        for row in rows:
            by_key.setdefault(_key(row), []).append(row)
        with self._write() as connection:
            new = add_missing(connection, feedback, [_row(key, same[0]) for key, same in sorted(by_key.items())])
            add_missing(connection, feedback_reason, _reasons(by_key))
            add_missing(connection, feedback_suggestion, _suggestions(by_key))
            add_missing(connection, comment, _comments({key: by_key[key] for key in new}))
        return len(new)

    def figures(self, client: str | None = None) -> Figures:
        whose = true() if client is None else feedback.c.client == client
        outcomes = (
            select(feedback.c.rule, feedback.c.service, feedback.c.outcome, func.count())
            .where(whose)
            .group_by(feedback.c.rule, feedback.c.service, feedback.c.outcome)
        )
        why = feedback_reason.c
        reasons = (
            select(feedback.c.rule, feedback.c.service, why.system, why.code, func.max(why.display), func.count())
            .select_from(feedback.outerjoin(feedback_reason))
            .where(feedback.c.outcome == "overridden", whose)
            .group_by(feedback.c.rule, feedback.c.service, why.system, why.code)
        )
        with self._read() as connection:
            return Figures(
                tuple(OutcomeCount(*row) for row in connection.execute(outcomes)),
                tuple(
                    ReasonCount(rule, service, None if code is None else Reason(system, code, display), count)
                    for rule, service, system, code, display, count in connection.execute(reasons)
                ),
            )

    def forget_comments(self, before: datetime) -> int:
        with self._write() as connection:
            gone = connection.execute(delete(comment).where(comment.c.received < before)).rowcount
        self._empty_log()
        return gone

    def remember_token(self, issuer: str, jti: str, until: datetime) -> bool:
        row = {"token": hash_of(issuer, jti), "until": until}
        with self._write() as connection:
            connection.execute(delete(seen_token).where(seen_token.c.until < self._clock()))
            return bool(add_missing(connection, seen_token, [row]))

    def remember_shown(self, marks: Collection[str], until: datetime) -> None:
        if not marks:
            return
        with self._write() as connection:
            connection.execute(delete(seen_card).where(seen_card.c.until < self._clock()))
            old = seen_card.c.mark.in_(sorted(marks))
            connection.execute(seen_card.update().where(old).values(until=until))
            add_missing(connection, seen_card, [{"mark": mark, "until": until} for mark in sorted(set(marks))])

    def shown(self, marks: Collection[str]) -> frozenset[str]:
        if not marks:
            return frozenset()
        known = select(seen_card.c.mark).where(seen_card.c.mark.in_(sorted(marks)), seen_card.c.until >= self._clock())
        with self._read() as connection:
            return frozenset(connection.scalars(known))

    def close(self) -> None:
        self._engine.dispose()

    def _empty_log(self) -> None:
        """The log beside a SQLite file must not keep what was deleted from the file."""
        if self._url.get_backend_name() == "sqlite":
            with _told(), closing(self._engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        self.ready()
        with _told(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        """One snapshot for all that is asked of it. PostgreSQL gives one only when asked."""
        self.ready()
        levels = {} if self._engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        with _told(), self._engine.connect().execution_options(**levels) as connection:
            yield connection


@contextmanager
def _told() -> Iterator[None]:
    """The database's errors by kind only: their texts may quote what was sent."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = type(getattr(error, "orig", None) or error).__name__
        raise StoreError(f"store: the database failed ({cause})") from None


def _key(row: Feedback) -> str:
    return hash_of(row.client, row.card, row.outcome, row.at.astimezone(UTC).isoformat())


def _row(key: str, row: Feedback) -> dict[str, Any]:
    names = ("card", "outcome", "at", "received", "rule", "service", "client")
    return {"key": key, **{name: getattr(row, name) for name in names}}


def _reasons(by_key: Mapping[str, Sequence[Feedback]]) -> Rows:
    return [
        {"key": key, "system": reason.system, "code": reason.code, "display": reason.display}
        for key, same in sorted(by_key.items())
        for reason in sorted({(one.system, one.code): one for row in same for one in row.reasons}.values(), key=_order)
    ]


def _order(reason: Reason) -> tuple[str, str]:
    return reason.system, reason.code


def _suggestions(by_key: Mapping[str, Sequence[Feedback]]) -> Rows:
    return [
        {"key": key, "suggestion": name}
        for key, same in sorted(by_key.items())
        for name in sorted({name for row in same for name in row.suggestions})
    ]


def _comments(by_key: Mapping[str, Sequence[Feedback]]) -> Rows:
    """The first comment on each: the same feedback sent twice is one."""
    first = {key: next((row for row in same if row.comment), None) for key, same in by_key.items()}
    return [
        {"key": key, "received": row.received, "text": row.comment} for key, row in first.items() if row is not None
    ]
