"""Points of the withdrawal risk tier."""

from __future__ import annotations

import pytest

from baclofen_safety.core.risk import Tier

from .charts import facts, order, problem


def tier(*records: object, **more: object) -> Tier:
    return facts(*records, **more).risk.wd_tier


@pytest.mark.parametrize(
    ("mg", "days", "points"),
    [(29, 40, 0), (30, 40, 1), (59, 40, 1), (60, 40, 2), (20, 58, 0), (20, 61, 1), (60, 90, 3)],
)
def test_dose_and_exposure(mg: float, days: float, points: int) -> None:
    found = tier(order(mg, days))
    assert (found.points, found.is_high) == (points, points >= 3)


@pytest.mark.parametrize(
    ("concept", "text", "points"),
    [
        ("baclofen-underdosing", "baclofen withdrawal", 2),
        ("sci-t1-t6", "", 1),
        ("communication-difficulty", "", 1),
        ("epilepsy-seizure", "", 1),
        ("multiple-sclerosis", "", 0),
    ],
)
def test_history(concept: str, text: str, points: int) -> None:
    assert tier(order(20, 40), problem(concept, text=text)).points == points


def test_unknown_inputs_are_named() -> None:
    found = tier(order(60, 90), received={})
    assert "previous withdrawal" in found.unknown
    assert "seizure disorder" in found.unknown
    assert found.points == 3
