"""Kept answers in a SQL database. Who may answer is decided by one row that only one can insert, or take over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from .kept import Claim, Kept, Kind, Slot, Work
from .rows import add_missing, hash_of
from .tables import kept_answer

Opened = Callable[[], AbstractContextManager[Connection]]
_ROW = kept_answer.c
_KEPT = (_ROW.asked, _ROW.since, _ROW.until, _ROW.question, _ROW.answer, _ROW.looked)


class SqlKeptAnswers:
    """``KeptAnswers`` over transactions of the store; ``empty_log`` removes from the disk what was deleted."""

    def __init__(
        self, write: Opened, read: Opened, clock: Callable[[], datetime], empty_log: Callable[[], None]
    ) -> None:
        self._write = write
        self._read = read
        self._clock = clock
        self._empty_log = empty_log

    def claim(self, slot: Slot, asked: str, until: datetime, lease: timedelta) -> Claim | Kept:
        now, key = self._clock(), _key(slot)
        claim = Claim(key, token_hex(16))
        row = _row(slot, now, until) | {"asked": asked, "lease": claim.lease, "leased": now + lease, "tries": 1}
        with self._write() as connection:
            connection.execute(delete(kept_answer).where(_ROW.until < now))
            if add_missing(connection, kept_answer, [row]):
                return claim
            free = (_ROW.key == key, _ROW.answer.is_(None), _ROW.leased <= now)
            if _take(connection, free, claim.lease, now + lease, asked=asked, until=until):
                return claim
            return Kept(*connection.execute(select(*_KEPT).where(_ROW.key == key)).one())

    def add(self, slot: Slot, question: bytes, until: datetime) -> None:
        now = self._clock()
        row = _row(slot, now, until) | {"question": question, "lease": "", "leased": now, "tries": 0}
        with self._write() as connection:
            add_missing(connection, kept_answer, [row])

    def next(self, kind: Kind, lease: timedelta) -> Work | None:
        now = self._clock()
        free = (_ROW.kind == kind, _ROW.answer.is_(None), _ROW.leased <= now, _ROW.until >= now)
        with self._write() as connection:
            oldest = select(_ROW.key).where(*free).order_by(_ROW.since, _ROW.key).limit(1)
            key = connection.scalar(oldest.with_for_update(skip_locked=True))
            if key is None:
                return None
            claim = Claim(key, token_hex(16))
            _take(connection, (_ROW.key == key,), claim.lease, now + lease)
            row = select(_ROW.question, _ROW.since, _ROW.tries).where(_ROW.key == key)
            return Work(claim, *connection.execute(row).one())

    def waiting(self, kind: Kind) -> int:
        asked = select(func.count()).where(_ROW.kind == kind, _ROW.answer.is_(None), _ROW.until >= self._clock())
        with self._read() as connection:
            return connection.execute(asked).scalar_one()

    def keep(self, claim: Claim, answer: bytes, until: datetime | None = None) -> bool:
        values: dict[str, Any] = {"answer": answer, "question": b""} | ({"until": until} if until else {})
        with self._write() as connection:
            return connection.execute(update(kept_answer).where(*_held(claim)).values(values)).rowcount == 1

    def drop(self, claim: Claim) -> None:
        with self._write() as connection:
            connection.execute(delete(kept_answer).where(*_held(claim)))

    def look(self, slot: Slot, *, note: bool = False) -> Kept | None:
        now = self._clock()
        there = (_ROW.key == _key(slot), _ROW.until >= now)
        with self._write() if note else self._read() as connection:
            found = connection.execute(select(*_KEPT).where(*there)).one_or_none()
            if note:
                connection.execute(update(kept_answer).where(*there, _ROW.answer.is_(None)).values(looked=now))
        return None if found is None else Kept(*found)

    def forget(self, slot: Slot) -> bool:
        return self._delete(_ROW.key == _key(slot), _ROW.until >= self._clock()) == 1

    def forget_old(self) -> int:
        return self._delete(_ROW.until < self._clock())

    def _delete(self, *which: ColumnElement[bool]) -> int:
        with self._write() as connection:
            gone = connection.execute(delete(kept_answer).where(*which)).rowcount
        self._empty_log()
        return gone


def _key(slot: Slot) -> str:
    return hash_of(slot.kind, slot.name)


def _row(slot: Slot, since: datetime, until: datetime) -> dict[str, Any]:
    return {"key": _key(slot), "kind": slot.kind, "asked": "", "question": b"", "since": since, "until": until}


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return _ROW.key == claim.slot, _ROW.lease == claim.lease, _ROW.answer.is_(None)


def _take(
    connection: Connection, which: tuple[ColumnElement[bool], ...], lease: str, leased: datetime, **more: Any
) -> bool:
    """Pass a slot on. Whoever comes second finds it taken."""
    values = {"lease": lease, "leased": leased, "tries": _ROW.tries + 1, **more}
    return connection.execute(update(kept_answer).where(*which).values(values)).rowcount == 1
