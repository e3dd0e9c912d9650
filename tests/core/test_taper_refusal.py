"""Each reason against a schedule, by itself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from baclofen_safety.core.chart import Act
from baclofen_safety.core.fact import Known, Reason, Unknown
from baclofen_safety.core.knowledge import Limits
from baclofen_safety.core.medicines import DoseStep, Medicine, MedicineState, Order
from baclofen_safety.core.taper_refusal import find_dose_refusal, find_refusal

from .charts import AS_OF, ago, facts, problem
from .tapers import make_facts
from .test_taper import LIMITS

ALL = Limits({**facts().limits, **LIMITS})
UNKNOWN = Unknown(Reason.NOT_SENT, "problems")
YES = Known(True)


def refusal(facts: Any, *, replacing: bool = False) -> str | None:
    return find_refusal(facts, LIMITS, replacing=replacing)


def patient(**over: Any) -> Any:
    """The well man with one thing of his person changed."""
    held = make_facts()
    vars(held.person).update(over)
    return held


def other(concept: str, *daily: int | None, **more: Any) -> Order:
    medicine = Medicine(concept, MedicineState.KNOWN, frozenset({concept}), frozenset({concept}))
    steps = tuple(DoseStep(None if dose is None else Decimal(dose)) for dose in daily)
    return Order(**({"ref": "M9", "status": "active", "medicine": medicine, "steps": steps} | more))


def test_nothing_against_it() -> None:
    assert refusal(make_facts()) is None


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (patient(pregnant=YES), "pregnancy"),
        (patient(seizure_disorder=YES), "seizures"),
        (patient(end_of_life_care=True), "end-of-life"),
        (patient(below=lambda years: None), "age-unknown"),
        (patient(below=lambda years: True), "too-young"),
        (patient(adult_or_unknown=False, weight=lambda days: UNKNOWN), "child-weight"),
        (patient(adult_or_unknown=False, weight=lambda days: Known(Decimal(40))), None),
        (patient(weight=lambda days: UNKNOWN), None),
        (patient(pregnant=UNKNOWN), "problems-unknown"),
        (patient(seizure_disorder=UNKNOWN), "problems-unknown"),
    ],
)
def test_reasons_in_the_patient(held: Any, reason: str | None) -> None:
    assert refusal(held) == reason


def test_reasons_that_ask_for_another_act_come_first() -> None:
    held = patient(pregnant=YES)
    held.signs.toxicity_suspected = YES
    assert refusal(held) == "toxicity"
    held.kidney.aki = UNKNOWN
    assert refusal(held) == "toxicity"
    held.kidney.aki = Known("failing")
    assert refusal(held) == "drowsy-aki"
    held.signs.overdose_event = YES
    assert refusal(held) == "overdose"
    unsure = make_facts()
    unsure.signs.toxicity_suspected = UNKNOWN
    assert refusal(unsure) == "problems-unknown"


@pytest.mark.parametrize(
    "sign", ["hallucination", "rhabdomyolysis", "fever-hyperthermia", "drug-withdrawal-other", "baclofen-underdosing"]
)
def test_a_fresh_sign_of_withdrawal(sign: str) -> None:
    for days, reason in ((7, "withdrawal"), (8, None)):
        held = facts(problem(sign, days))
        assert find_refusal(held, ALL, replacing=True) == reason


def test_a_change_to_the_pump() -> None:
    held = make_facts()
    window = LIMITS.int("taper-conversion-days")
    for days, reason in ((window, "pump-conversion"), (window + 1, None)):
        held.it.started_at = ago(days)
        held.as_of = AS_OF
        assert refusal(held) == reason
    held.it.started_at = None
    for start, reason in ((None, "pump-conversion"), (ago(-window), "pump-conversion"), (ago(-window - 1), None)):
        held.it.implant_planned = Act("ServiceRequest/p", "ServiceRequest", frozenset(), start=start, state="active")
        assert refusal(held) == reason


@pytest.mark.parametrize("concept", ["med-opioid", "med-benzodiazepine", "med-barbiturate"])
def test_another_medicine_going_down(concept: str) -> None:
    def against(*orders: Order) -> str | None:
        held = make_facts()
        held.chart.orders = orders
        return refusal(held)

    assert against(other(concept, 30, 20)) == "other-taper"
    assert against(other(concept, 30, 40, 20, status="draft")) == "other-taper"
    assert against(other(concept, 30, None, 20)) == "other-taper"
    for steady in ((30, 30), (20, 30), (30,), (30, None), ()):
        assert against(other(concept, *steady)) is None
    assert against(other(concept, 30, 20, status="stopped")) is None
    assert against(other("med-other", 30, 20)) is None
    before = other(concept, 10, 30, ref="M8", status="stopped")
    assert against(before, other(concept, 20, replaces="M8")) == "other-taper"
    assert against(before, other(concept, 40, replaces="M8")) is None
    assert against(before, other(concept, 20, replaces="M7")) is None
    assert against(replace(before, steps=before.steps[1:]), other(concept, 20, replaces="M8")) == "other-taper"
    assert against(replace(before, steps=()), other(concept, 20, replaces="M8")) is None


def pair(a: str, b: str, hours: int | None = 48, **more: bool) -> Any:
    plain = {"one_regimen": False, "replaced": False, "governed": False} | more
    return SimpleNamespace(
        a=SimpleNamespace(ref=a), b=SimpleNamespace(ref=b), hours=None if hours is None else Decimal(hours), **plain
    )


@pytest.mark.parametrize(
    ("overlaps", "once", "reason"),
    [
        ([], (), None),
        ([pair("M1", "M2")], (), "doubled"),
        ([pair("M1", "M2", None)], (), "doubled"),
        ([pair("M1", "M2", 25)], (), "doubled"),
        ([pair("M1", "M2", 24)], (), None),
        ([pair("M1", "M3")], (), None),
        ([pair("M1", "M3"), pair("M1", "M2")], (), "doubled"),
        ([pair("M1", "M2")], ("M2",), None),
        ([pair("M1", "M2")], ("M1",), None),
        ([pair("M1", "M2")], ("M3",), "doubled"),
        ([pair("M1", "M2", one_regimen=True)], (), None),
        ([pair("M1", "M2", replaced=True)], (), None),
        ([pair("M1", "M2", governed=True)], (), None),
    ],
)
def test_two_orders_that_run_together(overlaps: list[Any], once: tuple[str, ...], reason: str | None) -> None:
    told = tuple(SimpleNamespace(ref=ref, as_needed=False, presumed=False, status="active") for ref in ("M1", "M2"))
    held = make_facts(overlaps=overlaps, counted_once=[SimpleNamespace(ref=ref) for ref in once])
    assert find_dose_refusal(held, ALL, Decimal(30), Decimal(0), told) == reason
    assert find_dose_refusal(held, ALL, Decimal(30), Decimal(0), told[:1] * 2) is None


def test_reasons_in_dose_and_orders() -> None:
    def against(dose: int | None, target: int, *as_needed: bool) -> str | None:
        orders = tuple(SimpleNamespace(ref="M1", as_needed=one, presumed=False, status="active") for one in as_needed)
        return find_dose_refusal(make_facts(), LIMITS, None if dose is None else Decimal(dose), Decimal(target), orders)

    top = LIMITS.int("taper-dose-up-to")
    assert against(30, 0, True) == "as-needed"
    assert against(30, 0, True, True) == "as-needed"
    assert against(30, 0, True, False) is None
    assert against(None, 0, False) == "dose-unknown"
    assert against(top, 0, False) is None
    assert against(top + 1, 0, False) == "dose-too-high"
    assert against(30, 30, False) == "dose-not-above-target"
    assert against(31, 30, False) is None
