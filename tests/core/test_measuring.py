"""Measurements in time: which are usable, which is the newest, and how they are told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.fact import Evidence
from baclofen_safety.core.measuring import (
    all_of,
    is_recent,
    newest_number,
    number_of,
    shown,
    span,
    tell,
    time_of,
    usable,
)

from .charts import AS_OF, ago, chart, day, lab

WEIGHT = "lab-body-weight"


def test_usable_is_dated_and_a_number_or_an_interval() -> None:
    good, low, high = (
        lab("body-weight", 70, 3),
        lab("body-weight", None, 4, low=Decimal(50)),
        lab("body-height", 170, 5),
    )
    above = lab("body-weight", None, 2, high=Decimal(90))
    bad = (
        lab("body-weight", 70, 1, problem="no unit"),
        replace(lab("body-weight", 70, 1), at=None),
        lab("body-weight", None, 1),
    )
    held = chart(good, low, high, above, *bad)
    assert usable(held, (WEIGHT,)) == [low, good, above]
    assert usable(held, (WEIGHT, "lab-body-height")) == [high, low, good, above]
    assert len(all_of(held, (WEIGHT, "lab-bmi"))) == 6


def test_equal_times_by_the_time_of_issue() -> None:
    first, later = lab("body-weight", 70, 3, issued=ago(2)), lab("body-weight", 71, 3, issued=ago(1))
    unissued = lab("body-weight", 72, 3)
    assert usable(chart(later, first, unissued), (WEIGHT,)) == [unissued, first, later]


def test_the_newest_plain_number_inside_the_window() -> None:
    old, new, interval = (
        lab("body-weight", 70, 9),
        lab("body-weight", 71, 3),
        lab("body-weight", None, 1, low=Decimal(9)),
    )
    found = usable(chart(old, new, interval), (WEIGHT,))
    assert newest_number(found, 10, AS_OF) is new
    assert newest_number(found, 2, AS_OF) is None
    assert (number_of(new), time_of(new)) == (71, ago(3))


def test_recent_holds_its_edge_and_a_clock_that_runs_ahead() -> None:
    assert is_recent(ago(7), 7, AS_OF)
    assert not is_recent(ago(7.01), 7, AS_OF)
    assert is_recent(ago(-0.001), 7, AS_OF)
    assert is_recent(ago(0), 0, AS_OF)
    assert is_recent(day("2026-11-13"), 7, AS_OF)
    assert not is_recent(day("2026-11-12"), 7, AS_OF)
    assert span(Decimal("0.5")).total_seconds() == 12 * 3600


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"shown": "70 kg"}, "weight 70 kg 2026-11-17 12:00"),
        ({"shown": "4 {score}"}, "weight 4 2026-11-17 12:00"),
        ({"shown": "40 mL/min/{1.73_m2}"}, "weight 40 mL/min/{1.73_m2} 2026-11-17 12:00"),
        ({"shown": "", "unit": "kg"}, "weight 70 kg 2026-11-17 12:00"),
        ({"shown": "70", "at": None}, "weight 70 undated"),
        ({"shown": "", "low": None}, "weight 2026-11-17 12:00"),
    ],
)
def test_told_as_sent(more: dict[str, Any], words: str) -> None:
    one = replace(lab("body-weight", 70, 3), **more)
    assert tell(one, "weight") == Evidence(one.ref, words)


@pytest.mark.parametrize(("value", "text"), [("40.46", "40.5"), ("36.04", "36"), ("0.4", "0.4"), ("100", "100")])
def test_shown_with_one_decimal_at_most(value: str, text: str) -> None:
    assert shown(Decimal(value)) == text
