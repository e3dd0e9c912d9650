"""What other processes do to a store while a test looks on. Started by spawn: nothing is shared but the database."""

from __future__ import annotations

import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from baclofen_safety.store import Feedback, Reason
from baclofen_safety.store.kept import Claim, Kind, Slot
from baclofen_safety.store.sql import SqlStore

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
LEASE = timedelta(minutes=1)
PATIENCE = 60
"""Seconds after which a test gives up on another process."""


def at_now() -> datetime:
    return NOW


def open_store(url: str) -> SqlStore:
    return SqlStore(url, at_now)


def one(card: str = "card", **changed: Any) -> Feedback:
    """An override with a reason."""
    given: dict[str, Any] = {
        "card": card,
        "outcome": "overridden",
        "at": NOW,
        "received": NOW,
        "service": "baclofen-order-sign",
        "client": "ward",
        "rule": "BAC-RENAL-04",
        "reasons": (Reason("urn:x", "patient-ineligible", "Not for this patient"),),
        **changed,
    }
    return Feedback(**given)


def add_many(url: str, start: Barrier, name: str, rounds: int) -> None:
    """Each round one batch: feedback of our own, and one that every process sends."""
    store = open_store(url)
    start.wait(PATIENCE)
    for number in range(rounds):
        store.add_feedback([one(f"{name}-{number}"), one(f"everyone-{number}")])
    store.close()


def use_tokens(url: str, start: Barrier, tokens: list[str], told: Connection) -> None:
    """Send the tokens this process saw first. Every token is used by all processes at the same moment."""
    store = open_store(url)
    new = []
    for jti in tokens:
        start.wait(PATIENCE)
        if store.remember_token("https://ehr.example", jti, LATER):
            new.append(jti)
    told.send(new)
    store.close()


def add_for_ever(url: str, told: Connection) -> None:
    """Send the number of each feedback once it is confirmed, until somebody ends this process."""
    store = open_store(url)
    number = 0
    while True:
        store.add_feedback([one(f"kept-{number}", comment=f"comment {number}")])
        told.send(number)
        number += 1


def add_in_a_fork(url: str, told: Connection) -> None:
    """As gunicorn does with preloading: the parent opens the store and writes, then parent and child write."""
    store = open_store(url)
    store.ready()
    store.add_feedback([one("before")])
    with store._engine.connect() as connection:
        ours = connection.connection.dbapi_connection  # idle in the pool at the moment of the fork
    child = multiprocessing.get_context("fork").Process(target=_add_as_child, args=(store, ours))
    child.start()
    child.join(PATIENCE)
    assert ours is not None
    ours.cursor().execute("SELECT 1")  # the child has not ended it
    ours.rollback()
    store.add_feedback([one("parent")])
    told.send((child.exitcode, os.getpid()))
    store.close()


def _add_as_child(store: SqlStore, of_parent: object) -> None:
    store.add_feedback([one("child")])
    with store._engine.connect() as connection:
        assert connection.connection.dbapi_connection is not of_parent
    store.close()


def make_ready(urls: list[str], together: Barrier) -> None:
    """Be the first at each of these databases, as the others are."""
    for url in urls:
        store = open_store(url)
        together.wait(PATIENCE)
        store.ready()
        store.close()


def claim_each(url: str, start: Barrier, names: list[str], told: Connection) -> None:
    """Answer each slot that this process may. Every slot is claimed by all processes at the same moment."""
    store = open_store(url)
    mine = []
    for name in names:
        slot = Slot(Kind.KEY, name)
        start.wait(PATIENCE)
        claim = store.answers.claim(slot, "asked", LATER, LEASE)
        if isinstance(claim, Claim):
            mine.append(name)
            assert store.answers.keep(claim, f"answer of {os.getpid()}".encode())
    told.send((os.getpid(), mine))
    store.close()


def work_off(url: str, start: Barrier, told: Connection) -> None:
    """Take jobs until there are none."""
    store = open_store(url)
    start.wait(PATIENCE)
    done = []
    while (work := store.answers.next(Kind.JOB, LEASE)) is not None:
        done.append(work.question.decode())
        assert store.answers.keep(work.claim, b"done")
    told.send(done)
    store.close()
