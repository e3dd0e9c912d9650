"""Several workers at one store, as gunicorn starts them: nothing is lost, doubled or seen twice."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import store_workers
from store_workers import LATER, NOW, PATIENCE, one, open_store

from baclofen_safety.store.kept import Kind, Slot
from baclofen_safety.store.sql import SqlStore

SPAWN = multiprocessing.get_context("spawn")


def start(what: Callable[..., None], *arguments: Any, daemon: bool = True) -> Any:
    process = SPAWN.Process(target=what, args=arguments, daemon=daemon)
    process.start()
    return process


def end(processes: list[Any]) -> list[int | None]:
    for process in processes:
        process.join(PATIENCE)
    return [process.exitcode for process in processes]


def overrides(store: SqlStore) -> int:
    return sum(row.count for row in store.figures().outcomes)


def test_four_processes_make_the_tables_and_write_at_once(url: str) -> None:
    """All begin at the same moment on a database nobody has opened."""
    workers, rounds = 4, 25
    together = SPAWN.Barrier(workers)
    started = [start(store_workers.add_many, url, together, f"w{n}", rounds) for n in range(workers)]
    assert end(started) == [0] * workers
    store = open_store(url)
    assert overrides(store) == workers * rounds + rounds
    store.close()


def test_a_token_replayed_across_processes_is_new_to_one_of_them(url: str) -> None:
    tokens = [f"token-{number}" for number in range(60)]
    together = SPAWN.Barrier(2)
    pipes = [SPAWN.Pipe(duplex=False) for _ in range(2)]
    started = [start(store_workers.use_tokens, url, together, tokens, theirs) for _, theirs in pipes]
    assert all(ours.poll(PATIENCE) for ours, _ in pipes)
    seen = [ours.recv() for ours, _ in pipes]
    assert end(started) == [0, 0]
    assert sorted(seen[0] + seen[1]) == sorted(tokens)


def test_a_slot_claimed_across_processes_is_one_processes(url: str) -> None:
    names = [f"key-{number}" for number in range(40)]
    together = SPAWN.Barrier(3)
    pipes = [SPAWN.Pipe(duplex=False) for _ in range(3)]
    started = [start(store_workers.claim_each, url, together, names, theirs) for _, theirs in pipes]
    assert all(ours.poll(PATIENCE) for ours, _ in pipes)
    told = [ours.recv() for ours, _ in pipes]
    assert end(started) == [0, 0, 0]
    assert sorted(name for _, mine in told for name in mine) == sorted(names)
    store = open_store(url)
    for process, mine in told:
        for name in mine:
            kept = store.answers.look(Slot(Kind.KEY, name))
            assert kept is not None and kept.answer == f"answer of {process}".encode()
    store.close()


def test_each_job_is_done_by_one_process(url: str) -> None:
    store = open_store(url)
    questions = [f"question-{number}" for number in range(40)]
    for question in questions:
        store.answers.add(Slot(Kind.JOB, question), question.encode(), LATER)
    together = SPAWN.Barrier(3)
    pipes = [SPAWN.Pipe(duplex=False) for _ in range(3)]
    started = [start(store_workers.work_off, url, together, theirs) for _, theirs in pipes]
    assert all(ours.poll(PATIENCE) for ours, _ in pipes)
    done = [one for ours, _ in pipes for one in ours.recv()]
    assert end(started) == [0, 0, 0]
    assert sorted(done) == sorted(questions)
    assert store.answers.waiting(Kind.JOB) == 0
    store.close()


def test_what_was_confirmed_outlives_kill_9(url: str) -> None:
    reader, writer = SPAWN.Pipe(duplex=False)
    confirmed = -1
    for so_many in (1, 20):
        process = start(store_workers.add_for_ever, url, writer)
        for _ in range(so_many):
            assert reader.poll(PATIENCE)
            confirmed = max(confirmed, reader.recv())
        os.kill(process.pid, signal.SIGKILL)
        assert end([process]) == [-signal.SIGKILL]
        while reader.poll():
            confirmed = max(confirmed, reader.recv())
        store = open_store(url)
        kept = overrides(store)
        assert kept in (confirmed + 1, confirmed + 2)  # one may be kept whose word did not reach us
        assert store.add_feedback([one(f"kept-{number}") for number in range(kept)]) == 0
        assert store.forget_comments(NOW) == 0
        store.close()
    store = open_store(url)
    assert store.forget_comments(LATER) == kept
    store.close()


def test_a_store_opened_before_a_fork_works_on_both_sides(url: str) -> None:
    reader, writer = SPAWN.Pipe(duplex=False)
    process = start(store_workers.add_in_a_fork, url, writer, daemon=False)
    assert reader.poll(PATIENCE)
    child, parent = reader.recv()
    assert (child, parent) == (0, process.pid)
    assert end([process]) == [0]
    store = open_store(url)
    assert overrides(store) == 3
    store.close()


def test_processes_that_are_all_first_agree_on_one_file(tmp_path: Path) -> None:
    """Switching a fresh file to its log is the one step SQLite does not wait for."""
    urls = [f"sqlite:///{tmp_path / str(number)}.db" for number in range(15)]
    together = SPAWN.Barrier(4)
    assert end([start(store_workers.make_ready, urls, together) for _ in range(4)]) == [0] * 4
    for url in urls:
        store = open_store(url)
        assert overrides(store) == 0
        store.close()
