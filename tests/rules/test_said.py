"""What rules say alike: doses in the unit they are ordered in."""

from __future__ import annotations

from decimal import Decimal

from baclofen_safety.core.medicines import DoseStep
from baclofen_safety.rules.baclofen.said import daily_words
from core.builders import order


def test_a_dose_is_told_in_its_unit() -> None:
    infusion = order(daily=300, route="route-intrathecal")
    bolus = order(route="route-intrathecal", bolus=True, steps=(DoseStep(Decimal(50), single=Decimal(50)),))
    assert daily_words(order(daily=30)) == "30 mg/day"
    assert daily_words(infusion) == "300 mcg/day"
    assert daily_words(bolus) == "50 mcg"
    assert daily_words(order(daily=None)) == ""
