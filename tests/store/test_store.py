"""What is confirmed is kept, once, whoever else writes; what is forgotten is gone."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from threading import Thread

import pytest
from sqlalchemy import NullPool, create_engine, text
from store_workers import LATER, NOW, at_now, one, open_store

from baclofen_safety.store import Feedback, Figures, OutcomeCount, Reason, ReasonCount, StoreError
from baclofen_safety.store.kept import Kind
from baclofen_safety.store.sql import SqlStore

ISSUER = "https://ehr.example"
SECRET = "Mrs Secret, born 1950-01-01"


def counted(figures: Figures) -> int:
    return sum(row.count for row in figures.outcomes)


def ask(url: str, question: str) -> list[tuple[object, ...]]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        rows = connection.execute(text(question))
        return [tuple(row) for row in rows] if rows.returns_rows else []


def test_an_empty_store_says_nothing(store: SqlStore) -> None:
    assert store.figures() == Figures((), ())
    assert not store.in_memory
    assert store.add_feedback([]) == 0


def test_feedback_is_counted_by_rule_service_outcome_and_reason(store: SqlStore) -> None:
    other = Reason("urn:x", "other")
    rows = [
        one("a"),
        one("b", reasons=(one().reasons[0], other)),
        one("c", reasons=()),
        one("d", outcome="accepted", reasons=(), suggestions=("s1", "s2")),
        one("e", rule=None, service="baclofen-patient-view", reasons=(other,)),
    ]
    assert store.add_feedback(rows) == 5
    figures = store.figures()
    rule, sign, view = "BAC-RENAL-04", "baclofen-order-sign", "baclofen-patient-view"
    assert set(figures.outcomes) == {
        OutcomeCount(rule, sign, "overridden", 3),
        OutcomeCount(rule, sign, "accepted", 1),
        OutcomeCount(None, view, "overridden", 1),
    }
    assert set(figures.reasons) == {
        ReasonCount(rule, sign, one().reasons[0], 2),
        ReasonCount(rule, sign, other, 1),
        ReasonCount(rule, sign, None, 1),
        ReasonCount(None, view, other, 1),
    }


def test_the_same_feedback_twice_is_one(store: SqlStore) -> None:
    assert store.add_feedback([one(), one()]) == 1
    before = store.figures()
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-5)))
    again = one(at=elsewhere, received=LATER, service="another")
    assert store.add_feedback([again]) == 0
    assert store.figures() == before


@pytest.mark.parametrize(
    "other", [one("other"), one(outcome="accepted"), one(at=NOW + timedelta(microseconds=1)), one(client="icu")]
)
def test_another_card_outcome_time_or_client_is_another_feedback(store: SqlStore, other: Feedback) -> None:
    assert store.add_feedback([one(), other]) == 2


def test_reasons_of_repetitions_join(store: SqlStore) -> None:
    more = Reason("urn:x", "more")
    store.add_feedback([one(), one(reasons=(more,))])
    store.add_feedback([one(reasons=(more, one().reasons[0]))])
    assert {(row.reason, row.count) for row in store.figures().reasons} == {(one().reasons[0], 1), (more, 1)}


def test_times_come_back_as_they_went_in(store: SqlStore, url: str) -> None:
    elsewhere = datetime(2026, 3, 2, 1, 0, 0, 5, tzinfo=timezone(timedelta(hours=9, minutes=30)))
    store.add_feedback([one(at=elsewhere)])
    ((kept,),) = ask(url, "SELECT at FROM feedback")
    assert "2026-03-01 15:30:00.000005" in str(kept)


def test_a_time_without_zone_is_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError):
        store.add_feedback([one(received=NOW.replace(tzinfo=None))])
    assert counted(store.figures()) == 0


def test_comments_are_kept_apart_and_forgotten_by_age(store: SqlStore, url: str) -> None:
    rows = [one("old", comment=SECRET), one("new", comment="kept", received=LATER), one("none")]
    store.add_feedback(rows)
    before = store.figures()
    assert SECRET not in repr(rows) + repr(before)
    assert store.forget_comments(LATER) == 1
    assert store.forget_comments(LATER) == 0
    assert ask(url, "SELECT text FROM comment") == [("kept",)]
    assert store.figures() == before


def test_a_repetition_brings_no_forgotten_comment_back(store: SqlStore, url: str) -> None:
    store.add_feedback([one(comment=SECRET)])
    store.forget_comments(LATER)
    store.add_feedback([one(comment=SECRET)])
    assert ask(url, "SELECT text FROM comment") == []


def test_a_batch_is_kept_whole_or_not_at_all_and_the_error_tells_nothing(
    store: SqlStore, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.ready()
    ask(url, "DROP TABLE comment")
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StoreError) as error:
        store.add_feedback([one("a"), one("b", comment=SECRET)])
    assert "Secret" not in f"{error.value!r}{error.value.__cause__!r}{caplog.text}"
    assert counted(store.figures()) == 0


def test_the_database_log_shows_no_comment(store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "sqlalchemy")
    store.add_feedback([one(comment=SECRET)])
    store.figures()
    store.forget_comments(LATER)
    assert "INSERT INTO comment" in caplog.text
    assert "Secret" not in caplog.text


def test_a_token_is_new_once(store: SqlStore) -> None:
    assert store.remember_token(ISSUER, "1", LATER)
    assert not store.remember_token(ISSUER, "1", LATER)
    assert store.remember_token(ISSUER, "2", LATER)
    assert store.remember_token("https://other.example", "1", LATER)
    assert store.remember_token(f"{ISSUER}1", "", LATER)
    assert store.remember_token("\0\ud800", "\0", LATER)


def test_a_token_is_still_known_after_a_restart(store: SqlStore, url: str) -> None:
    assert store.remember_token(ISSUER, "1", LATER)
    store.close()
    again = open_store(url)
    assert not again.remember_token(ISSUER, "1", LATER)
    again.close()


def test_expired_tokens_are_purged_and_no_others(url: str) -> None:
    times = [NOW, LATER, LATER + timedelta(microseconds=1)]
    store = SqlStore(url, lambda: times[0])
    assert store.remember_token(ISSUER, "1", LATER)
    del times[0]
    assert not store.remember_token(ISSUER, "1", LATER)
    assert store.remember_token(ISSUER, "2", LATER + timedelta(hours=1))
    del times[0]
    assert not store.remember_token(ISSUER, "2", LATER)
    assert ask(url, "SELECT count(*) FROM seen_token") == [(1,)]
    store.close()


def test_names_of_issuers_and_tokens_are_not_kept(store: SqlStore, url: str) -> None:
    store.remember_token(ISSUER, "the-jti", LATER)
    assert "the-jti" not in repr(ask(url, "SELECT token FROM seen_token"))


@pytest.mark.parametrize("change", ["UPDATE schema_version SET version = 4", "DELETE FROM schema_version"])
def test_tables_of_another_version_are_left_alone(store: SqlStore, url: str, change: str) -> None:
    store.add_feedback([one()])
    store.close()
    ask(url, change)
    ask(url, "DROP TABLE comment")
    newer = open_store(url)
    for use in (newer.ready, newer.figures, lambda: newer.remember_token(ISSUER, "1", LATER)):
        with pytest.raises(StoreError, match=r"version 3 expected, version (4|none) found"):
            use()
    newer.close()
    assert ask(url, "SELECT count(*) FROM feedback") == [(1,)]
    with pytest.raises(Exception, match="comment"):
        ask(url, "SELECT * FROM comment")


def test_what_was_shown_is_known_until_its_time(url: str) -> None:
    times = [NOW, NOW + timedelta(hours=2)]
    store = SqlStore(url, lambda: times[0])
    assert store.shown([]) == frozenset()
    store.remember_shown([], NOW)
    store.remember_shown(["a", "b", "a"], NOW + timedelta(hours=1))
    store.remember_shown(["b"], NOW + timedelta(hours=3))
    assert store.shown(["a", "b", "c"]) == {"a", "b"}
    del times[0]
    assert store.shown(["a", "b", "c"]) == {"b"}
    store.remember_shown(["c"], NOW + timedelta(hours=3))
    assert sorted(ask(url, "SELECT mark FROM seen_card")) == [("b",), ("c",)]
    store.close()


@pytest.mark.parametrize(("version", "lacks"), [(1, ["seen_card", "kept_answer"]), (2, ["kept_answer"])])
def test_tables_of_former_versions_are_added_to(store: SqlStore, url: str, version: int, lacks: list[str]) -> None:
    store.add_feedback([one()])
    store.close()
    for table in lacks:
        ask(url, f"DROP TABLE {table}")
    ask(url, f"UPDATE schema_version SET version = {version}")
    newer = open_store(url)
    newer.remember_shown(["a"], LATER)
    assert newer.shown(["a"]) == {"a"}
    assert newer.answers.waiting(Kind.JOB) == 0
    newer.close()
    assert ask(url, "SELECT version FROM schema_version") == [(3,)]
    assert ask(url, "SELECT count(*) FROM feedback") == [(1,)]


def test_memory_is_one_store_for_all_threads_of_this_object() -> None:
    store, other = SqlStore("", at_now), SqlStore("sqlite:///:memory:", at_now)
    seen: list[bool] = []
    threads = [
        Thread(target=lambda n=n: seen.append(store.remember_token(ISSUER, str(n % 10), LATER))) for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [False] * 30 + [True] * 10
    assert store.in_memory and other.in_memory
    assert other.remember_token(ISSUER, "1", LATER)
    store.add_feedback([one(comment=SECRET)])
    assert store.forget_comments(LATER) == 1
    assert counted(other.figures()) == 0
    store.close()
    other.close()


@pytest.mark.parametrize(
    "bad", ["nonsense", "mysql://me:hunter2@host/x", "sqlite+none:///x", "://hunter2", "oracle://"]
)
def test_an_address_that_cannot_be_used_is_refused_at_once(bad: str) -> None:
    with pytest.raises(StoreError) as error:
        SqlStore(bad, at_now)
    assert "STORE" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_figures_of_one_client_are_its_own(store: SqlStore) -> None:
    other = Reason("urn:x", "other")
    store.add_feedback([one("a"), one("b", client="icu", reasons=(other,)), one("c", client="icu", reasons=())])
    assert counted(store.figures(one().client)) == 1
    assert counted(store.figures("icu")) == 2
    assert {row.reason for row in store.figures("icu").reasons} == {other, None}
    assert store.figures("nobody") == Figures((), ())
    assert counted(store.figures()) == 3


def test_a_store_that_works_is_found_so(store: SqlStore) -> None:
    store.check()
    store.add_feedback([one()])
    store.check()


def test_a_store_whose_tables_went_away_is_found_broken(store: SqlStore, url: str) -> None:
    store.ready()
    ask(url, "DELETE FROM schema_version")
    with pytest.raises(StoreError, match="tables"):
        store.check()
    ask(url, "DROP TABLE schema_version")
    with pytest.raises(StoreError, match="the database failed"):
        store.check()
