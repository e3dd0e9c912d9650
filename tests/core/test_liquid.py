"""Strengths of liquids, and the one before."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from baclofen_safety.core.fact import Evidence
from baclofen_safety.core.liquid import previous_strength, strength_of
from baclofen_safety.core.medicines import Medicine, Order, Strength, Supply

from .builders import SUSPENSION, TABLET, oral, order, supply

STRONG = replace(SUSPENSION, name="baclofen 25 mg/5 mL", strength=Strength(Decimal(25), "mL"))
NEW = order("M9", medicine=SUSPENSION, authored="11-10", start="11-15")


def before(*orders: Order, supplies: tuple[Supply, ...] = (), new: Order = NEW) -> tuple[Decimal, Evidence] | None:
    return previous_strength(oral(*orders, new, supplies=supplies), new)


def told(mg: int, ref: str, medicine: Medicine) -> tuple[Decimal, Evidence]:
    return Decimal(mg), Evidence(ref, medicine.name)


def test_strength() -> None:
    assert strength_of(SUSPENSION) == 5
    assert strength_of(TABLET) is None
    assert strength_of(replace(SUSPENSION, strength=None)) is None


def test_ordered_before() -> None:
    assert before() is None
    old = order("M1", medicine=STRONG)
    assert before(old) == told(25, "M1", STRONG)
    assert before(order("M1")) is None
    assert before(old, order("M2", medicine=SUSPENSION, authored="10-01")) == told(5, "M2", SUSPENSION)
    assert before(replace(old, start=None)) == told(25, "M1", STRONG)
    assert before(order("M1", medicine=STRONG, authored="11-01", start="11-15")) is None
    assert before(order("M1", medicine=STRONG, authored="11-20", start="11-14")) == told(25, "M1", STRONG)
    assert before(order("M1", medicine=STRONG, authored="", start="")) is None
    assert before(order("M1", medicine=STRONG, authored="11-12"), new=replace(NEW, start=None)) is None
    assert before(old, new=replace(NEW, start=None)) == told(25, "M1", STRONG)
    assert before(order("M1", medicine=STRONG, authored="11-19"), new=replace(NEW, start=None, authored=None)) == told(
        25, "M1", STRONG
    )


@pytest.mark.parametrize("status", ["draft", "cancelled", "intended", "not-taken"])
def test_what_was_never_taken(status: str) -> None:
    assert before(order("M1", status, medicine=STRONG)) is None
    assert before(order("M1", "stopped", medicine=STRONG)) is not None


def test_handed_over() -> None:
    bottle = supply("D1", "10-01", medicine=STRONG)
    assert before(supplies=(bottle,)) == told(25, "D1", STRONG)
    assert before(supplies=(supply("D1", "10-01"),)) is None
    assert before(order("M1", medicine=SUSPENSION), supplies=(bottle,)) == told(25, "D1", STRONG)
    assert before(order("M1", medicine=SUSPENSION, authored="10-02"), supplies=(bottle,)) == told(5, "M1", SUSPENSION)
    later = supply("D0", "10-05", medicine=SUSPENSION)
    assert before(supplies=(bottle, later)) == told(5, "D0", SUSPENSION)
