"""What no order that is read can lack, and a chart may: the dose is then said as computed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.medicines import DoseStep
from baclofen_safety.core.rule import Finding
from core import charts


def test_a_dose_without_its_writing_is_said_as_computed() -> None:
    book = load_knowledge("")
    step = DoseStep(daily=Decimal(3000), continuous=True)
    order = replace(charts.order(30), route="route-intrathecal", steps=(step,))
    facts = charts.facts(order)
    (said,) = book.judges["BAC-IT-01"](facts, book.family_limits("intrathecal", facts.as_of.date()))
    assert isinstance(said, Finding)
    assert said.values["dose"] == "3000 mcg"
