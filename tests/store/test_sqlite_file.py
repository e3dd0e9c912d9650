"""The file of the store: who may read it, how it is written, what is left in it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_workers import LATER, one, open_store

from baclofen_safety.store import StoreError
from baclofen_safety.store.sql import SqlStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def store_at(path: Path) -> SqlStore:
    return open_store(f"sqlite:///{path}")


def test_nothing_is_made_before_the_first_use(path: Path) -> None:
    store_at(path).close()
    assert not path.exists()


@pytest.mark.usefixtures("open_umask")
def test_a_fresh_file_and_its_log_are_for_the_owner_only(path: Path) -> None:
    store = store_at(path)
    store.add_feedback([one(comment="text")])
    beside = sorted(one.name for one in path.parent.iterdir())
    assert beside == ["kept.db", "kept.db-shm", "kept.db-wal"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
    store.close()


def test_the_mode_of_a_file_that_is_there_is_its_owners_business(path: Path) -> None:
    path.touch()
    path.chmod(0o640)
    store = store_at(path)
    store.ready()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    store.close()


def test_every_connection_waits_logs_ahead_and_syncs(path: Path) -> None:
    store = store_at(path)
    store.ready()
    for _ in range(2):
        with store._engine.connect() as connection:
            asked = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys", "secure_delete")
            told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
        assert told == ["wal", 2, 10_000, 1, 1]
        store.close()


def test_a_forgotten_comment_is_in_no_byte_of_the_files(path: Path) -> None:
    store = store_at(path)
    store.add_feedback([one(str(number), comment=f"Mrs Secret {number}") for number in range(200)])
    assert any(b"Mrs Secret" in one.read_bytes() for one in path.parent.iterdir())
    assert store.forget_comments(LATER) == 200
    assert not [one.name for one in path.parent.iterdir() if b"Mrs Secret" in one.read_bytes()]
    store.close()


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("Mrs Secret " * 200)
    with pytest.raises(StoreError, match="DatabaseError") as error:
        store_at(path).ready()
    assert "Secret" not in str(error.value)
    assert path.read_text() == "Mrs Secret " * 200


def test_a_folder_that_is_not_there_is_told(path: Path) -> None:
    with pytest.raises(StoreError, match="STORE: the file cannot be made: No such file or directory"):
        store_at(path / "kept.db").ready() if path.mkdir() else store_at(path / "none" / "kept.db").ready()


def test_a_writer_that_never_ends_is_told_as_busy(path: Path) -> None:
    store = store_at(path)
    store.ready()
    with sqlite3.connect(path) as other, store._engine.connect() as ours:
        other.execute("BEGIN IMMEDIATE")
        ours.exec_driver_sql("PRAGMA busy_timeout = 0")
        ours.close()
        assert store.figures().outcomes == ()  # readers do not wait
        with pytest.raises(StoreError, match="OperationalError"):
            store.add_feedback([one(comment="Mrs Secret")])
        other.rollback()
    other.close()
    assert store.add_feedback([one()]) == 1
    store.close()
