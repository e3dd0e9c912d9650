"""Cover by hand-overs: left-overs, dose changes, hospital days, and lengths nobody knows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from baclofen_safety.core.chart import Stay
from baclofen_safety.core.medicines import Order, Supply
from baclofen_safety.core.record import Record
from baclofen_safety.core.supply import Cover, hospital_days

from .builders import AS_OF, LIMITS, chart, moment, oral, order, step, supply, when

OLD = order(authored="2025-01-01")


def cover(*supplies: Supply, orders: tuple[Order, ...] = (OLD,), stays: tuple[Stay, ...] = ()) -> Cover | None:
    return oral(*orders, supplies=supplies, stays=stays).line.cover


def covered(until: str | None, *windows: tuple[str, str]) -> Cover:
    return Cover(tuple((when(a), when(b)) for a, b in windows), None if until is None else when(until).date())


def stay(start: str, end: str = "", *, current: bool = False) -> Stay:
    return Stay(f"Encounter/{start}", True, current, moment(start), moment(end) if end else None)


def test_no_hand_over_is_no_cover() -> None:
    assert cover() is None


def test_one_and_the_next() -> None:
    first = supply("S1", "09-01", 30)
    assert cover(first) == covered("10-01", ("09-01", "10-01"))
    assert cover(first, supply("S2", "10-15", 10)) == covered("10-25", ("09-01", "10-01"), ("10-15", "10-25"))
    assert cover(first, supply("S2", "10-01", 10)) == covered("10-11", ("09-01", "10-01"), ("10-01", "10-11"))
    assert cover(first, supply("S2", "09-30", 10)) == covered("10-11", ("09-01", "10-11"))
    assert cover(first, supply("S2", "09-11T15:00", 30)) == covered("10-31", ("09-01", "10-31"))


def test_left_overs_are_carried_for_half_a_year() -> None:
    first = supply("S1", "05-01", 60)
    assert cover(first, supply("S2", "05-24", 30)) == covered("07-30", ("05-01", "07-30"))
    assert cover(first, supply("S2", "05-23", 30)) == covered("06-22", ("05-01", "06-22"))


def test_left_overs_last_as_long_as_the_new_dose_allows() -> None:
    def changed(on: str, first: int, then: int) -> Order:
        return order(
            authored="2025-01-01", steps=(step(first, end=f"{on[:3]}{int(on[3:]) - 1:02}"), step(then, start=on))
        )

    doubled = (changed("10-16", 30, 60),)
    assert cover(supply("S1", "10-01", 30), orders=doubled) == covered("10-23", ("10-01", "10-23"))
    halved = (changed("10-16", 60, 30),)
    assert cover(supply("S1", "10-01", 30), orders=halved) == covered("11-15", ("10-01", "11-15"))
    assert cover(supply("S1", "09-16", 30), orders=halved) == covered("10-16", ("09-16", "10-16"))
    assert cover(supply("S1", "10-16", 30), orders=halved) == covered("11-15", ("10-16", "11-15"))
    assert cover(supply("S1", "10-20", 30), orders=halved) == covered("11-19", ("10-20", "11-19"))
    assert cover(supply("S1", "09-01", 30), orders=halved) == covered("10-01", ("09-01", "10-01"))
    ahead = (order(authored="2025-01-01", steps=(step(30, end="11-21"), step(60, start="11-22"))),)
    assert cover(supply("S1", "11-10", 30), orders=ahead) == covered("12-10", ("11-10", "12-10"))
    this_instant = (order(authored="2025-01-01", steps=(step(60, end="11-20T20:00"), step(30, start="11-20T20:00"))),)
    assert cover(supply("S1", "11-10", 30), orders=this_instant) == covered("12-30", ("11-10", "12-30"))
    over = (order(authored="2025-01-01", status="stopped", changed="10-16"),)
    assert cover(supply("S1", "10-01", 30), orders=over) == covered("10-31", ("10-01", "10-31"))


def test_in_hospital_the_own_supply_lasts() -> None:
    first = supply("S1", "10-01", 30)

    def after(*stays: Stay) -> Cover | None:
        return cover(first, stays=stays)

    assert after(stay("10-10T09:00", "10-14T17:00")) == covered("11-05", ("10-01", "11-05"))
    assert after(stay("10-10", "10-10")) == covered("11-01", ("10-01", "11-01"))
    assert after(stay("10-30T09:00", "10-31T09:00")) == covered("11-02", ("10-01", "11-02"))
    assert after(stay("10-31", "11-05")) == covered("10-31", ("10-01", "10-31"))
    assert after(stay("10-10", current=True)) == covered("12-12", ("10-01", "12-12"))
    assert after(stay("10-10", "10-12", current=True)) == covered("12-12", ("10-01", "12-12"))
    assert after(stay("10-10")) == covered("12-12", ("10-01", "12-12"))
    assert after(stay("10-10", "11-25")) == covered("12-12", ("10-01", "12-12"))
    assert after(stay("10-10", "10-05")) == covered("10-31", ("10-01", "10-31"))
    assert after(stay("09-01", "09-05")) == covered("10-31", ("10-01", "10-31"))
    assert after(Stay("Encounter/x", True, False, None, moment("10-14"))) == covered("10-31", ("10-01", "10-31"))


def test_on_one_day_the_stay_comes_before_the_hand_over() -> None:
    both = cover(supply("S1", "10-01", 30), stays=(stay("10-01", "10-05"),))
    assert both == covered("10-31", ("10-01", "10-31"))


def test_a_length_nobody_knows_ends_what_is_known() -> None:
    unknown = supply("S2", "10-15", None)
    assert cover(unknown) == covered(None)
    assert cover(supply("S1", "09-01", 30), unknown) == covered(None, ("09-01", "10-01"))
    later = supply("S3", "11-10", 5)
    assert cover(supply("S1", "09-01", 30), unknown, later) == covered("11-15", ("09-01", "10-01"), ("11-10", "11-15"))
    assert cover(unknown, later) == covered("11-15", ("11-10", "11-15"))


def test_a_length_from_the_order_or_the_dose() -> None:
    sold = supply("S1", "10-01", None, quantity=Decimal(60))
    assert cover(sold) == covered("10-21", ("10-01", "10-21"))
    named = (
        order(authored="2025-01-01", supply_days=Decimal(14)),
        order("M2", "stopped", authored="2025-01-01", changed="2025-02-01"),
    )
    assert cover(supply("S1", "10-01", None, order="M1"), orders=named) == covered("10-15", ("10-01", "10-15"))
    assert cover(supply("S1", "10-01", None, order="M2"), orders=named) == covered(None)
    assert cover(supply("S1", "10-01", None), orders=named) == covered(None)
    whole_day = (order(authored="2025-01-01", steps=(step(30, end="09-30"), step(60, start="10-02"))),)
    assert cover(sold, orders=whole_day) == covered("10-11", ("10-01", "10-11"))


def days(since: str, *stays: Stay, **more: Any) -> int:
    held = Record(chart(OLD, stays=stays, **more), AS_OF, LIMITS, signed=False)
    return hospital_days(held, date.fromisoformat(f"2026-{since}"))


def test_days_in_hospital() -> None:
    assert days("10-01") == 0
    assert days("10-01", stay("10-10", "10-14")) == 5
    assert days("10-12", stay("10-10", "10-14")) == 3
    assert days("10-15", stay("10-10", "10-14")) == 0
    assert days("10-01", stay("10-10", "10-14"), stay("10-13", "10-15")) == 6
    assert days("10-01", stay("11-19", current=True)) == 2
    assert days("10-01", stay("11-19")) == 2
    assert days("10-01", stay("11-19", "11-25")) == 2
    assert days("10-01", stay("11-10", "11-12", current=True)) == 11
    assert days("10-01", Stay("Encounter/x", True, False, None, moment("10-14"))) == 0
