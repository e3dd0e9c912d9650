"""One may answer, all others are told; what was kept is gone when its time is over, and from the disk."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from store_workers import LEASE, NOW, PATIENCE

from baclofen_safety.store import StoreError
from baclofen_safety.store.kept import Claim, Kept, Kind, Slot, Work
from baclofen_safety.store.sql import SqlStore

SECRET = b"Mrs Secret, born 1950-01-01"
SLOT = Slot(Kind.KEY, "the-key")
JOB = Slot(Kind.JOB, "the-job")
DAY = NOW + timedelta(days=1)
MOMENT = timedelta(microseconds=1)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[SqlStore]:
    opened = SqlStore(url, clock)
    yield opened
    opened.close()


def claimed(store: SqlStore, slot: Slot = SLOT, asked: str = "a") -> Claim:
    claim = store.answers.claim(slot, asked, DAY, LEASE)
    assert isinstance(claim, Claim)
    return claim


def refused(store: SqlStore, asked: str = "a") -> Kept:
    kept = store.answers.claim(SLOT, asked, DAY, LEASE)
    assert isinstance(kept, Kept)
    return kept


def taken(store: SqlStore) -> Work:
    work = store.answers.next(Kind.JOB, LEASE)
    assert work is not None
    return work


def test_one_may_answer_and_the_others_are_told(store: SqlStore, clock: Clock) -> None:
    claim = claimed(store)
    assert refused(store, "b") == Kept("a", NOW, DAY)
    assert store.answers.keep(claim, SECRET)
    assert refused(store).answer == SECRET
    assert store.answers.look(SLOT) == Kept("a", NOW, DAY, answer=SECRET)
    assert not store.answers.keep(claim, b"another")
    assert store.answers.look(Slot(Kind.MESSAGE, SLOT.name)) is None
    clock.now += LEASE + MOMENT
    assert refused(store).answer == SECRET


def test_who_drops_leaves_nothing(store: SqlStore) -> None:
    store.answers.drop(claimed(store))
    assert store.answers.look(SLOT) is None
    claim = claimed(store, asked="b")
    store.answers.keep(claim, SECRET)
    store.answers.drop(claim)
    assert refused(store).answer == SECRET


def test_a_lease_that_ended_passes_to_whoever_asks_next(store: SqlStore, clock: Clock) -> None:
    first = claimed(store)
    clock.now += LEASE - MOMENT
    refused(store)
    clock.now += MOMENT
    second = claimed(store, asked="b")
    assert not store.answers.keep(first, b"too late")
    store.answers.drop(first)
    assert store.answers.keep(second, b"in time")
    assert refused(store).asked == "b"


def test_jobs_are_done_in_their_order_and_once(store: SqlStore, clock: Clock) -> None:
    for name in ("first", "second"):
        store.answers.add(Slot(Kind.JOB, name), name.encode(), DAY)
        clock.now += MOMENT
    claimed(store)
    assert store.answers.waiting(Kind.JOB) == 2
    works = [taken(store), taken(store)]
    assert [work.question for work in works] == [b"first", b"second"]
    assert works[0].since == NOW
    assert store.answers.next(Kind.JOB, LEASE) is None
    later = DAY + timedelta(hours=1)
    assert store.answers.keep(works[0].claim, b"answer", later)
    assert store.answers.look(Slot(Kind.JOB, "first")) == Kept("", NOW, later, answer=b"answer")
    assert store.answers.waiting(Kind.JOB) == 1


def test_a_job_whose_process_died_is_taken_over_and_counted(store: SqlStore, clock: Clock) -> None:
    store.answers.add(JOB, SECRET, DAY)
    tries = []
    for _ in range(3):
        work = taken(store)
        tries.append(work.tries)
        clock.now += LEASE
    assert tries == [1, 2, 3]
    assert taken(store).tries == 4
    assert not store.answers.keep(work.claim, b"too late")


def test_a_job_that_was_cancelled_is_not_answered(store: SqlStore) -> None:
    store.answers.add(JOB, SECRET, DAY)
    work = taken(store)
    assert store.answers.forget(JOB)
    assert not store.answers.forget(JOB)
    assert not store.answers.keep(work.claim, b"answer")
    assert store.answers.look(JOB) is None


def test_looks_are_noted_while_there_is_no_answer(store: SqlStore, clock: Clock) -> None:
    store.answers.add(JOB, SECRET, DAY)
    looked = []
    for _ in range(3):
        kept = store.answers.look(JOB, note=True)
        assert kept is not None
        looked.append(kept.looked)
        clock.now += MOMENT
    assert looked == [None, NOW, NOW + MOMENT]


def test_what_was_kept_long_enough_is_gone(store: SqlStore, clock: Clock) -> None:
    store.answers.keep(claimed(store), SECRET)
    store.answers.add(JOB, SECRET, DAY)
    clock.now = DAY
    assert store.answers.look(SLOT) is not None
    assert store.answers.forget_old() == 0
    clock.now += MOMENT
    assert store.answers.look(SLOT) is None
    assert store.answers.look(JOB, note=True) is None
    assert store.answers.next(Kind.JOB, LEASE) is None
    assert store.answers.waiting(Kind.JOB) == 0
    assert not store.answers.forget(JOB)
    assert store.answers.forget_old() == 2
    assert isinstance(store.answers.claim(SLOT, "a", DAY + LEASE, LEASE), Claim)


def test_names_are_not_kept_and_nothing_is_shown(
    store: SqlStore, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sqlalchemy")
    store.answers.add(JOB, SECRET, DAY)
    store.answers.keep(claimed(store), SECRET)
    works = [taken(store), store.answers.look(SLOT), store.answers.look(JOB), SLOT, JOB]
    assert "INSERT INTO kept_answer" in caplog.text
    for told in (caplog.text, repr(works)):
        assert not [word for word in ("Secret", "the-key", "the-job") if word in told]


def test_what_was_removed_is_in_no_byte_of_the_files(tmp_path: Path, clock: Clock) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}", clock)
    for number in range(100):
        store.answers.keep(claimed(store, Slot(Kind.KEY, str(number))), SECRET * 50)
        store.answers.add(Slot(Kind.JOB, str(number)), SECRET * 50, DAY)
    assert [one.name for one in tmp_path.iterdir() if b"Mrs Secret" in one.read_bytes()]
    while (work := store.answers.next(Kind.JOB, LEASE)) is not None:
        store.answers.keep(work.claim, b"answer")
    for number in range(100):
        assert store.answers.forget(Slot(Kind.KEY, str(number)))
    assert not [one.name for one in tmp_path.iterdir() if b"Mrs Secret" in one.read_bytes()]
    store.close()


def test_threads_that_ask_at_once_get_one_claim(store: SqlStore) -> None:
    together, got = Barrier(8), []

    def ask() -> None:
        together.wait(PATIENCE)
        got.append(store.answers.claim(SLOT, "a", DAY, LEASE))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(got) == 8
    assert len([one for one in got if isinstance(one, Claim)]) == 1


def test_a_broken_store_tells_nothing(store: SqlStore) -> None:
    with pytest.raises(StoreError) as error:
        store.answers.add(JOB, SECRET, DAY.replace(tzinfo=None))
    assert "Secret" not in f"{error.value!r}{error.value.__cause__!r}"
