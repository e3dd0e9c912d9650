"""Test doses, results of the test and steps of the infusion."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Measurement
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.medicines import Given

from .builders import AS_OF, INJECTION, LIMITS, chart, moment, order, step
from .test_intrathecal import act, infusion


def facts(*orders: Any, **more: Any) -> Facts:
    return Facts(chart(*orders, **more), AS_OF, LIMITS)


def told(concept: str, at: str = "11-01", **more: Any) -> dict[str, tuple[Measurement, ...]]:
    return {f"fact-{concept}": (Measurement(f"Observation/{concept}", f"fact-{concept}", moment(at), **more),)}


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"flag": True}, True),
        ({"flag": False}, False),
        ({"concept_value": frozenset({"fact-positive"})}, True),
        ({"concept_value": frozenset({"fact-negative"})}, False),
        ({"shown": "Positive"}, True),
        ({"shown": "not positive"}, False),
        ({"shown": "no response at 100 mcg"}, False),
        ({"shown": "see letter"}, None),
    ],
)
def test_verdict(more: Any, verdict: bool | None) -> None:
    test = facts(measurements=told("screening-result", **more)).screening.test
    assert test is not None
    assert test.positive is verdict


def test_newest_procedure_that_tells_a_result() -> None:
    done = act("proc-intrathecal-injection", start="11-01", text="Baclofen test dose; positive")
    later = replace(done, ref="Procedure/2", start=moment("11-05"), text="Baclofen test dose; no response")
    other = replace(done, ref="Procedure/3", start=moment("11-09"), text="Methotrexate; positive")
    test = facts(acts=(done, later, other)).screening.test
    assert test is not None
    assert (test.positive, test.evidence[0].reference) == (False, "Procedure/2")
    assert facts().screening.test is None


def test_what_is_dated_ahead_is_no_result() -> None:
    assert facts(measurements=told("screening-result", "12-01", flag=True)).screening.test is None


def test_boluses_ordered_and_given() -> None:
    bolus = infusion("B", steps=(replace(step(None), single=Decimal(50), once=True),), bolus=True, start="11-20")
    given = Given("MedicationAdministration/1", INJECTION, moment("11-18"), True, "route-intrathecal", Decimal(25))
    filled = replace(given, ref="MedicationAdministration/2", reservoir=True)
    both = facts(bolus, given=(given, filled)).screening.it_boluses
    assert [(one.mcg, one.due) for one in both] == [(25, False), (50, True)]
    assert [one.mcg for one in facts(bolus, given=(replace(given, order=bolus.ref),)).screening.it_boluses] == [25]


def test_dose_changes_of_orders_and_programmes() -> None:
    first = infusion("A", daily=300, authored="01-01")
    second = infusion("B", daily=330, authored="11-10", replaces=first.ref)
    values = [("06-01", 300), ("11-10T12:00", 330), ("11-15", 5), ("11-18", 400)]
    rows = tuple(
        Measurement(f"Observation/{at}", "fact-programmed-daily-dose", moment(at), Decimal(v), Decimal(v))
        for at, v in values
    )
    refill = act("proc-pump-refill", start="11-18")
    held = facts(first, second, measurements={"fact-programmed-daily-dose": rows}, acts=(refill,)).screening
    changes = [(change.before, change.after, change.setting) for change in held.it_dose_changes]
    assert changes == [(300, 330, "titration"), (330, 400, "refill")]
    assert held.dose_since == moment("11-18").first
    assert facts().screening.dose_since is None


def test_time_since_the_implant() -> None:
    implant = act("proc-pump-implant", start="11-10")
    held = facts(acts=(implant,)).screening
    noon = moment("11-10T12:00").first
    assert held.since_implant(noon) == timedelta(0)
    assert held.since_implant(noon + timedelta(days=1)) == timedelta(hours=12)
    assert held.since_implant(noon - timedelta(days=1)) is None
    later = told("pump-implanted", when=moment("11-12"))
    assert facts(acts=(implant,), measurements=later).screening.implanted_at == moment("11-12")


def test_first_infusion() -> None:
    new = infusion("A", authored="11-19")
    assert facts(new).screening.first_infusion is not None
    assert facts(infusion("A", authored="11-01")).screening.first_infusion is None
    assert facts().screening.first_infusion is None
    low = Decimal(100)
    before = told("programmed-daily-dose", "11-01", low=low, high=low)
    assert facts(new, measurements=before).screening.first_infusion is None
    assert facts(new).screening.already_treated
    assert not facts(order()).screening.already_treated
