"""Intrathecal and pump facts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Act, Implant, Measurement, Problem
from baclofen_safety.core.fact import Known, Unknown, is_no, is_yes
from baclofen_safety.core.intrathecal import IntrathecalFacts
from baclofen_safety.core.medicines import Given, Order

from .builders import AS_OF, INJECTION, LIMITS, chart, moment, order, step, when

PUMP = Implant("Device/p", frozenset({"proc-pump-device"}), True, "SynchroMed II")


def infusion(ref: str = "IT1", status: Any = "active", daily: int | None = 300, **more: Any) -> Order:
    steps = more.pop("steps", (replace(step(daily), continuous=True),))
    return order(ref, status, route="route-intrathecal", medicine=INJECTION, steps=steps, **more)


def it(*orders: Order, signed: bool = False, **more: Any) -> IntrathecalFacts:
    return IntrathecalFacts(chart(*orders, **more), AS_OF, LIMITS, signed=signed)


def act(kind: str, state: Any = "done", start: str = "", text: str = "") -> Act:
    return Act(f"Procedure/{kind}", "Procedure", frozenset({kind}), state, moment(start) if start else None, None, text)


def programme(daily: int, at: str) -> dict[str, tuple[Measurement, ...]]:
    value = Decimal(daily)
    one = Measurement(f"Observation/{at}", "fact-programmed-daily-dose", moment(at), value, value)
    return {"fact-programmed-daily-dose": (one,)}


def test_kinds() -> None:
    facts = it()
    assert facts.kind(infusion()) == "continuous"
    assert facts.kind(infusion(bolus=True)) == "bolus"
    assert facts.kind(infusion(refill=True)) == "refill"
    assert facts.kind(infusion(steps=(step(50, once=True),))) == "bolus"
    assert facts.kind(infusion(steps=(step(50),))) == "unclear"
    assert facts.kind(infusion(steps=())) == "unclear"


def test_running_infusion() -> None:
    facts = it(infusion())
    assert is_yes(facts.active)
    assert isinstance(facts.daily_dose, Known)
    assert facts.daily_dose.value == 300
    assert facts.started_at == moment("08-22T00:00")
    assert facts.ended is None
    assert facts.orders == facts.in_force


def test_two_infusions_are_never_added() -> None:
    facts = it(infusion(), infusion("IT2", daily=350, authored="11-01", requester="x"))
    assert isinstance(facts.daily_dose, Known)
    assert facts.daily_dose.value == 350


def test_draft_infusion_only_when_signed() -> None:
    draft = infusion(status="draft", authored="11-20", start="11-22")
    assert is_no(it(draft).active)
    signed = it(draft, signed=True)
    assert is_yes(signed.active)
    assert isinstance(signed.daily_dose, Known)
    assert signed.daily_dose.value == 300


def test_screening_bolus_is_no_itb() -> None:
    facts = it(infusion(bolus=True))
    assert is_no(facts.active)
    assert facts.daily_dose == Known(Decimal(0))
    assert facts.ended is None


def test_nothing_sent() -> None:
    facts = it(history=False)
    assert is_no(facts.active)
    empty = IntrathecalFacts(replace(chart(), received={}), AS_OF, LIMITS)
    assert isinstance(empty.active, Unknown)
    assert isinstance(empty.pump_present, Unknown)


@pytest.mark.parametrize("status", ["stopped", "completed", "on-hold"])
def test_end_of_the_infusion(status: str) -> None:
    facts = it(infusion(status=status, changed="11-18T09:00"))
    assert facts.ended is not None
    assert (facts.ended.at, facts.ended.certain) == (moment("11-18T09:00"), True)
    assert isinstance(facts.ended.dose, Known)
    assert facts.ended.dose.value == 300
    assert is_no(facts.active)


def test_hold_since_nobody_knows() -> None:
    facts = it(infusion(status="on-hold"))
    assert facts.ended is not None
    assert (facts.ended.at.first, facts.ended.how) == (AS_OF, "assumed")


def test_undated_old_end_tells_nothing() -> None:
    assert it(infusion(status="stopped", authored="2024-01-01")).ended is None


def test_replaced_on_the_same_day() -> None:
    old = infusion(status="stopped", changed="11-18")
    assert it(old, infusion("IT2", authored="11-18T16:00", daily=500)).ended is None
    assert it(old, infusion("IT2", authored="11-18T16:00", replaces="IT1")).ended is None
    assert it(old, infusion("IT2", authored="11-20T16:00", requester="x")).ended is not None


def test_cancelled_infusion_counts_once_it_may_have_run() -> None:
    assert it(infusion(status="cancelled", updated="11-19")).ended is None
    with_pump = it(infusion(status="cancelled", updated="11-19"), implants=(PUMP,))
    assert with_pump.ended is not None
    assert with_pump.ended.withdrawn
    assert it(infusion(status="cancelled", changed="11-19")).ended is not None
    dose = Given("G", INJECTION, moment("11-01"), route="route-intrathecal", order="IT1")
    assert it(infusion(status="cancelled", updated="11-19"), given=(dose,)).ended is not None


def test_pump_that_delivers() -> None:
    facts = it(implants=(PUMP,), measurements=programme(250, "10-01"))
    assert is_yes(facts.active)
    assert isinstance(facts.daily_dose, Known)
    assert facts.daily_dose.value == 250
    assert not facts.delivery_unclear
    refilled = it(implants=(PUMP,), acts=(act("proc-pump-refill", start="10-01"),))
    assert is_yes(refilled.active)
    assert isinstance(refilled.daily_dose, Unknown)


def test_pump_without_any_baclofen_record_is_no_itb() -> None:
    facts = it(implants=(PUMP,))
    assert is_no(facts.active)
    assert "drug in the pump" in facts.pump_data_missing
    assert not facts.delivery_unclear


def test_state_cannot_be_told() -> None:
    facts = it(infusion(status="unknown"), implants=(PUMP,))
    assert isinstance(facts.active, Unknown)
    assert facts.delivery_unclear
    assert isinstance(it(infusion(steps=(step(None),))).active, Unknown)
    assert not it(infusion(status="unknown")).delivery_unclear
    assert not it(infusion(), implants=(PUMP,)).delivery_unclear
    assert it(acts=(act("proc-pump-removal", "planned"),)).explant is not None


def test_pump_in_place() -> None:
    generic = Implant("Device/g", frozenset({"proc-pump-device-generic"}), True)
    insulin = Implant("Device/i", frozenset({"proc-pump-device", "proc-insulin-pump-not-intrathecal"}), True)
    assert is_yes(it(implants=(PUMP,)).pump_present)
    assert is_no(it(implants=(replace(PUMP, active=False),), received={"Device": "sent"}).pump_present)
    assert is_no(it(implants=(generic, insulin), received={"Device": "sent"}).pump_present)
    assert is_yes(it(infusion(), implants=(generic,)).pump_present)
    assert is_yes(it(acts=(act("proc-pump-implant", start="2025-01-01"),)).pump_present)
    seen = Problem("Condition/z", frozenset({"cond-intrathecal-pump-or-catheter"}), "active")
    assert is_yes(it(infusion(), problems=(seen,)).pump_present)
    assert is_no(it(infusion()).pump_present)


def test_explant() -> None:
    removed = act("proc-pump-removal", start="11-15")
    facts = it(infusion(), implants=(PUMP,), acts=(removed,))
    assert facts.explant == removed
    assert is_no(facts.pump_present)
    assert isinstance(facts.active, Unknown)
    planned = act("proc-pump-removal", "planned", "11-25")
    assert it(infusion(), acts=(planned,)).explant == planned
    assert it(infusion(), acts=(act("proc-pump-removal", "planned", "11-10"),)).explant is None


def test_replacement_in_one_operation_is_no_explant() -> None:
    acts = (act("proc-pump-removal", start="11-15"), act("proc-pump-implant", start="11-15"))
    facts = it(infusion(), acts=acts)
    assert facts.explant is None
    assert is_yes(facts.pump_present)
    assert is_yes(facts.active)


def test_stopped_pump() -> None:
    assert it(measurements=programme(6, "11-18")).pump_stopped is not None
    assert it(measurements=programme(6, "10-01")).pump_stopped is None
    assert it(measurements=programme(60, "11-18")).pump_stopped is None
    assert it(acts=(act("proc-pump-interrogation", start="11-18", text="pump stopped"),)).pump_stopped is not None
    off = replace(PUMP, text="Pump switched off")
    assert it(implants=(off,)).pump_stopped is not None


def test_start_is_the_implant_when_that_is_earlier() -> None:
    facts = it(infusion(authored="11-01"), acts=(act("proc-pump-implant", start="2025-01-01"),))
    assert facts.started_at == moment("2025-01-01")
    told = Measurement("Observation/i", "fact-pump-implanted", moment("11-01"), when=moment("2024-05-01"))
    assert it(infusion(), measurements={"fact-pump-implanted": (told,)}).started_at == moment("2024-05-01")
    assert it().started_at is None


def test_planned_implant() -> None:
    planned = act("proc-pump-implant", "planned", "11-28")
    assert it(acts=(planned,)).implant_planned == planned
    assert it().implant_planned is None


def test_missing_pump_data() -> None:
    facts = it(infusion(), implants=(PUMP,), measurements=programme(250, "10-01"))
    assert "programmed dose" not in facts.pump_data_missing
    assert "drug concentration" in facts.pump_data_missing
    assert it(infusion()).pump_data_missing == ()


def test_refill_order_and_reservoir_filling() -> None:
    fill = Given("G", INJECTION, moment("11-01"), reservoir=True)
    facts = it(given=(fill,), implants=(PUMP,))
    assert facts.refilled_at == moment("11-01")
    assert facts.refilled_ref == "G"
    assert it().refilled_ref == ""
    assert it(infusion(refill=True)).refilled_at == moment("08-22")
    assert when("11-01") < AS_OF
