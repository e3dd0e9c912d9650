"""Overlaps of two oral orders, and reports of more than is ordered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Stay
from baclofen_safety.core.fact import Known, Unknown
from baclofen_safety.core.medicines import Order
from baclofen_safety.core.overlaps import find_overlaps, find_reported_otherwise
from baclofen_safety.core.timeline import Overlap

from .builders import moment, oral, order, step

FOREVER = Decimal("Infinity")


def overlaps(*orders: Order, **more: Any) -> tuple[Overlap, ...]:
    return find_overlaps(oral(*orders, **more).line)


def the(*orders: Order, **more: Any) -> Overlap:
    (found,) = overlaps(*orders, **more)
    return found


def combined(*orders: Order, **more: Any) -> Decimal | None:
    fact = the(*orders, **more).combined
    return fact.value if isinstance(fact, Known) else None


def test_how_long() -> None:
    assert the(order(), order("M2", daily=20, authored="11-01")).hours == FOREVER
    assert the(order(end="11-21"), order("M2", daily=20, authored="11-15")).hours == 7 * 24
    assert the(order(), order("M2", daily=20, authored="11-15", end="11-21")).hours == 7 * 24
    assert the(order(authored=""), order("M2", daily=20, authored="11-01")).hours is None
    assert the(order(authored=""), order("M2", daily=20, authored="")).hours is None


def test_what_is_past_or_apart_is_none() -> None:
    second = order("M2", daily=20, authored="11-01")
    assert overlaps(order(end="11-19"), second) == ()
    assert overlaps(order(steps=(step(30, end="11-20T20:00"),)), second) == ()
    assert len(overlaps(order(steps=(step(30, end="11-20T20:01"),)), second)) == 1
    assert overlaps(order(end="11-21"), order("M2", daily=20, authored="11-01", start="11-22")) == ()
    assert overlaps(order(end="11-21"), order("M2", daily=20, authored="11-01", start="11-24")) == ()
    assert len(overlaps(order(end="11-22"), order("M2", daily=20, authored="11-01", start="11-22"))) == 1
    assert overlaps(order(status="on-hold", changed="11-20T19:00"), second) == ()
    assert overlaps(second, order("M3", "on-hold", 10, changed="11-20T19:00")) == ()
    assert overlaps(order(), order("M2", authored="11-01", based_on=("M1",))) == ()
    assert overlaps(order(), order("S1", reported=True, proven="11-19")) == ()


def test_the_older_first() -> None:
    found = the(order("M1", authored="11-01", daily=20), order("M2"))
    assert (found.a.ref, found.b.ref) == ("M2", "M1")


@pytest.mark.parametrize(
    ("a", "b", "different"), [("a", "b", True), ("a", "a", False), (None, "b", None), ("a", None, None)]
)
def test_prescribers(a: str | None, b: str | None, different: bool | None) -> None:
    found = the(order(requester=a), order("M2", daily=20, authored="11-01", requester=b))
    assert found.different_prescribers is different


def test_kinds() -> None:
    def kind(*orders: Order, **more: Any) -> tuple[bool, bool, bool]:
        found = the(*orders, **more)
        return found.one_regimen, found.replaced, found.governed

    second = order("M2", daily=20, authored="11-01")
    assert kind(order(), second) == (False, False, False)
    assert kind(order(), order("M2", authored="11-01")) == (False, False, False)
    assert kind(order(group="g"), order("M2", daily=20, group="g")) == (True, False, False)
    assert kind(order(), order("M2", daily=20, authored="11-01", replaces="M1")) == (False, True, False)
    assert kind(order(supply_days=Decimal(30)), second) == (False, True, False)
    assert kind(order(end="11-21"), order("M2", daily=20, authored="11-01", start="11-21")) == (False, True, False)
    stay = Stay("Encounter/e", True, True, moment("11-01"), None)
    inside = order("M2", daily=20, authored="11-02", setting="inpatient")
    assert kind(order(), inside, stays=(stay,)) == (False, False, True)


def test_both_together() -> None:
    second = order("M2", daily=20, authored="11-01")
    assert combined(order(), second) == 50
    assert combined(order(), order("M2", daily=None, authored="11-01")) is None
    rising = order("M2", authored="11-01", steps=(step(20, end="11-24"), step(40, start="11-25")))
    assert combined(order(), rising) == 70
    assert combined(order(end="11-24"), rising) == 50
    falling = order("M2", authored="11-01", steps=(step(40, end="11-19"), step(20, start="11-20")))
    assert combined(order(), falling) == 50
    later = order("M2", authored="11-01", steps=(step(20, end="11-24"), step(None, start="11-25")))
    fact = the(order(), later).combined
    assert isinstance(fact, Unknown)
    assert "M2" in fact.about
    told = the(order(), second).combined
    assert [one.reference for one in told.evidence] == ["M1", "M2"]
    gap = order("M2", authored="11-01", steps=(step(20, start="11-01", end="11-10"), step(10, start="11-25")))
    assert combined(order(), gap) == 40


def test_reports_of_more_than_is_ordered() -> None:
    def reported(daily: int | None = 45, *orders: Order, **more: Any) -> list[tuple[str, Decimal, Decimal]]:
        told = order("S1", daily=daily, reported=True, **({"authored": "", "proven": "11-19"} | more))
        found = find_reported_otherwise(oral(*(orders or (order(),)), told).line)
        return [(one.ref, dose, ordered) for one, dose, ordered in found]

    assert reported() == [("S1", 45, 30)]
    assert reported(31) == [("S1", 31, 30)]
    assert reported(30) == []
    assert reported(15) == []
    assert reported(None) == []
    assert reported(45, order(daily=None)) == []
    assert reported(45, order(), order("M2", daily=20, authored="11-01")) == []
    changed = order(steps=(step(60, end="11-14"), step(30, start="11-15")))
    assert reported(60, changed, proven="11-14") == []
    assert reported(60, changed, proven="11-15") == [("S1", 60, 30)]
    assert reported(60, changed, proven="", authored="11-14") == []
    at_noon = order(steps=(step(60, end="11-15T12:00"), step(30, start="11-15T12:00")))
    assert reported(60, at_noon, proven="11-15") == [("S1", 60, 30)]
    assert reported(60, changed, proven="11-16", authored="11-14") == [("S1", 60, 30)]
    assert reported(60, changed, proven="", authored="") == [("S1", 60, 30)]
    assert reported(45, order(), proven="11-20") == [("S1", 45, 30)]
    assert reported(45, order(), start="11-25") == []
    assert reported(45, order(), status="completed", changed="11-18") == []
    two = order("S2", daily=50, reported=True, authored="", proven="11-19")
    assert [ref for ref, _, _ in reported(45, order(), two)] == ["S1", "S2"]


def test_a_newer_report_is_no_order() -> None:
    older = order("S1", daily=45, reported=True, authored="", proven="11-19")
    newer = order("S2", daily=30, reported=True, authored="", proven="11-19", replaces="S1")
    assert find_reported_otherwise(oral(older, newer).line) == ()


@pytest.mark.parametrize("status", ["on-hold", "stopped", "completed"])
def test_over_since_nobody_knows_when_is_no_overlap(status: str) -> None:
    for last in (order("M3", status, 10), order("M3", status, 10, authored="")):
        assert overlaps(order("M2", daily=20, authored="11-01"), last) == ()


def test_what_begins_when_the_other_ends_is_not_added() -> None:
    rising = order("M2", authored="11-01", steps=(step(20, end="11-24"), step(60, start="11-25")))
    assert combined(order(daily=10, end="11-24"), rising) == 30
