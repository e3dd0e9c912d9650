"""Dose arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.core.dosing import differ, doses_per_day, interval_h, mean_per_day, smallest_gap_h, tidy

AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(1000), places=2)


@pytest.mark.parametrize(
    ("doses", "period_h", "expected", "mean"),
    [
        ("3", "24", "3", "3"),
        ("1", "8", "3", "3"),
        ("1", "5", "4.8", "4.8"),
        ("2.5", "24", "2.5", "2.5"),
        ("1", "48", "1", "0.5"),  # every other day: the dose of a taking day
        ("14", "168", "2", "2"),
        ("7", "48", "4", "3.5"),
    ],
)
def test_doses_on_a_taking_day(doses: str, period_h: str, expected: str, mean: str) -> None:
    assert doses_per_day(Decimal(doses), Decimal(period_h)) == Decimal(expected)
    assert mean_per_day(Decimal(doses), Decimal(period_h)) == Decimal(mean)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_more_doses_never_give_fewer_a_day(doses: Decimal, more: Decimal, period_h: Decimal) -> None:
    assert doses_per_day(doses + more, period_h) >= doses_per_day(doses, period_h)


@given(AMOUNTS, AMOUNTS)
def test_a_taking_day_is_never_below_the_average(doses: Decimal, period_h: Decimal) -> None:
    assert doses_per_day(doses, period_h) >= mean_per_day(doses, period_h)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [((480, 840, 1320), "6"), ((480,), "24"), ((0, 1380), "1"), ((480, 480), "24"), ((0, 30, 900), "0.5")],
)
def test_smallest_gap(minutes: tuple[int, ...], expected: str) -> None:
    assert smallest_gap_h(minutes) == Decimal(expected)


def test_nothing_has_no_gap() -> None:
    assert smallest_gap_h(()) is None
    assert interval_h(Decimal(0)) is None
    assert interval_h(Decimal(3)) == 8
    assert interval_h(Decimal(1)) == 24
    assert interval_h(Decimal("0.5")) == 48


@pytest.mark.parametrize(
    ("value", "expected"), [("350.000", "350"), ("99.600", "99.6"), ("1E+2", "100"), ("0", "0"), ("1E+20", "1E+20")]
)
def test_tidy_numbers(value: str, expected: str) -> None:
    assert str(tidy(Decimal(value))) == expected


def test_differ_is_a_share_of_the_smaller() -> None:
    assert not differ(Decimal(100), Decimal(110), Decimal("0.1"))
    assert not differ(Decimal(110), Decimal(100), Decimal("0.1"))
    assert differ(Decimal(100), Decimal(111), Decimal("0.1"))
    assert differ(Decimal(111), Decimal(100), Decimal("0.1"))
