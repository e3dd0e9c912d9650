"""Descending plans: what is one, which orders write it, and when it is no plan."""

from __future__ import annotations

import pytest

from baclofen_safety.core.medicines import Order
from baclofen_safety.core.plans import find_plan, is_tapered
from baclofen_safety.core.timeline import DescendingPlan

from .builders import AS_OF, oral, order, step, when


def plan(*orders: Order, at: str = "11-20T20:00") -> DescendingPlan | None:
    return find_plan(oral(*orders, signed=True).line, when(at))


def written(found: DescendingPlan | None) -> tuple[list[tuple[str, int]], list[str], str]:
    """Steps as ("11-18", 30), orders, planned end."""
    assert found is not None
    steps = [(start.strftime("%m-%d"), int(dose)) for start, dose in found.steps]
    return steps, [one.ref for one in found.orders], found.ends_at.strftime("%m-%d") if found.ends_at else ""


FALLING = (
    order("M1", "completed", 30, end="11-17"),
    order("M2", daily=20, authored="11-18", end="11-24"),
    order("M3", daily=10, authored="11-18", start="11-25", end="12-01"),
)


def test_orders_that_follow_on() -> None:
    assert written(plan(*FALLING)) == ([("08-22", 30), ("11-18", 20), ("11-25", 10)], ["M1", "M2", "M3"], "12-02")
    assert written(plan(*FALLING, order("M4", daily=5, authored="11-18", start="12-02"))) == (
        [("08-22", 30), ("11-18", 20), ("11-25", 10), ("12-02", 5)],
        ["M1", "M2", "M3", "M4"],
        "",
    )


def test_only_the_orders_of_the_plan() -> None:
    before = order("M0", "completed", 10, "07-01", end="08-21")
    after = order("M9", daily=40, authored="11-18", start="12-02")
    assert written(plan(before, *FALLING, after))[1] == ["M1", "M2", "M3"]


def test_a_rise_or_a_pause_begins_anew() -> None:
    risen = order("M3", daily=40, authored="11-18", start="11-25", end="12-01")
    assert written(plan(FALLING[0], FALLING[1], risen))[0] == [("08-22", 30), ("11-18", 20)]
    assert plan(FALLING[0], FALLING[1], risen, at="11-26") is None
    late = order("M3", daily=10, authored="11-18", start="11-28", end="12-01")
    assert written(plan(FALLING[0], FALLING[1], late))[0] == [("08-22", 30), ("11-18", 20)]


def test_an_unknown_dose_ends_a_plan() -> None:
    unknown = order("M3", daily=None, authored="11-18", start="11-25", end="12-01")
    assert written(plan(FALLING[0], FALLING[1], unknown))[0] == [("08-22", 30), ("11-18", 20)]


def test_as_long_as_it_runs() -> None:
    assert plan(*FALLING, at="12-01T23:59") is not None
    assert plan(*FALLING, at="12-02") is None


def test_only_lately() -> None:
    """A step down counts for four weeks."""
    two = (order("M1", "completed", 30, end="10-22"), order("M2", daily=20, authored="10-23", end="11-30"))
    assert plan(*two, at="11-20") is not None
    assert plan(*two, at="11-20T00:01") is None


@pytest.mark.parametrize(
    ("last", "found"),
    [
        (order("M2", daily=20, authored="11-18", end="12-31"), True),
        (order("M2", daily=20, authored="11-18"), False),
    ],
)
def test_one_lower_dose_that_runs_on_is_a_new_dose(last: Order, found: bool) -> None:
    assert (plan(FALLING[0], last) is not None) is found


def test_two_lower_doses_of_which_one_is_old_are_one() -> None:
    old = order("M1", "completed", 30, end="10-01")
    middle = order("M2", "completed", 20, "10-02", end="11-10")
    assert plan(old, middle, order("M3", daily=10, authored="11-11")) is None


@pytest.mark.parametrize(("last", "low"), [(5, True), (6, False)])
def test_how_low_it_ends(last: int, low: bool) -> None:
    found = plan(FALLING[0], FALLING[1], order("M3", daily=last, authored="11-18", start="11-25", end="12-01"))
    assert found is not None
    assert (found.ends_low, found.dated) == (low, True)


def undated(*doses: int | None, **more: str) -> Order:
    return order(steps=tuple(step(dose) for dose in doses), **more)


@pytest.mark.parametrize(
    ("one", "doses"),
    [
        (undated(30, 20, 10), [30, 20, 10]),
        (undated(30, 30, 10), [30, 30, 10]),
        (undated(30, 20, 20), [30, 20, 20]),
        (undated(30, 20, 25), None),
        (undated(20, 20), None),
        (undated(10, 20), None),
        (undated(20, 30, 10), None),
        (undated(30, None, 10), None),
        (undated(30, 20, 10, status="stopped", changed="11-19"), None),
        (undated(30, 20, 10, status="on-hold", changed="11-19"), None),
        (order(steps=(step(30, end="11-25"), step(20))), None),
        (order(steps=(step(30, end="11-25"), step(30), step(10))), [30, 30, 10]),
    ],
)
def test_steps_without_days(one: Order, doses: list[int] | None) -> None:
    found = plan(one)
    assert (found and [int(dose) for _, dose in found.steps]) == doses
    assert found is None or (not found.dated and found.ends_at is None and found.orders == (one,))


def test_steps_without_days_end_with_their_order() -> None:
    ending = order(steps=(step(30), step(10, end="11-25")))
    assert plan(ending, at="11-25T23:59") is not None
    assert plan(ending, at="11-26") is None


def test_steps_without_days_begin_with_their_order() -> None:
    dated, without = plan(undated(30, 10)), plan(undated(30, 10, 5, authored=""))
    assert dated is not None and without is not None
    assert {start for start, _ in dated.steps} == {when("08-22")}
    assert {start for start, _ in without.steps} == {AS_OF}
    assert (dated.ends_low, without.ends_low) == (False, True)


def test_another_order_without_days_may_be_the_plan() -> None:
    found = plan(order("M1", daily=10, authored="11-01"), undated(30, 10, ref="M2"))
    assert found is not None and [one.ref for one in found.orders] == ["M2"]


def test_tapered_to_the_end() -> None:
    line = oral(*FALLING, order("M4", daily=5, authored="11-18", start="12-02", end="12-08")).line
    assert is_tapered(line, when("12-09"))
    assert not is_tapered(line, when("12-09T00:01"))
    assert not is_tapered(oral(*FALLING).line, when("12-02"))
    assert not is_tapered(oral(undated(30, 5)).line, when("11-20"))
