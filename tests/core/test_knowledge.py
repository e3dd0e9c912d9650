"""Dated limits: each day is judged by the values of that day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from baclofen_safety.core.knowledge import KnowledgeError, Limit, Limits, LimitTable


def limit(value: int, effective: date, name: str = "cap") -> Limit:
    return Limit(name, Decimal(value), "mg/day", ("S1",), effective)


TABLE = LimitTable(
    (limit(100, date(2026, 1, 1)), limit(80, date(2026, 6, 1)), limit(5, date(2026, 3, 1), "other")), "t"
)


@pytest.mark.parametrize(
    ("day", "cap"),
    [
        (date(2025, 1, 1), 100),  # before the first day of effect: the first known value
        (date(2026, 1, 1), 100),
        (date(2026, 5, 31), 100),
        (date(2026, 6, 1), 80),
        (date(2030, 1, 1), 80),
    ],
)
def test_the_value_of_the_day(day: date, cap: int) -> None:
    assert TABLE.on(day)["cap"] == cap
    assert TABLE.on(day)["other"] == 5


def test_the_order_of_rows_does_not_matter() -> None:
    turned = LimitTable(TABLE.limits[::-1], "t")
    assert all(turned.on(day) == TABLE.on(day) for day in (date(2026, 1, 1), date(2026, 4, 1), date(2027, 1, 1)))


def test_an_unknown_limit_is_an_error_that_names_it() -> None:
    with pytest.raises(KnowledgeError, match="no limit named 'none'"):
        Limits({}, "renal.toml")["none"]


def test_no_limits_at_all() -> None:
    assert LimitTable((), "t").on(date(2026, 1, 1)) == {}


def test_limits_are_a_mapping_that_names_its_table() -> None:
    limits = Limits({"cap": Decimal(7)}, "renal.toml")
    assert (limits.int("cap"), len(limits), list(limits)) == (7, 1, ["cap"])
    with pytest.raises(KnowledgeError) as caught:
        limits["none"]
    assert (caught.value.where, caught.value.what) == ("renal.toml", "no limit named 'none'")
