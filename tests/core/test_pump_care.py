"""The pump as a device: what no case of the tables reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from baclofen_safety.core.chart import Implant, Measurement
from baclofen_safety.core.fact import Known, Unknown, is_no, is_yes
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.intrathecal import IntrathecalFacts
from baclofen_safety.core.medicines import Given, Strength

from .builders import INJECTION as PRODUCT
from .builders import LIMITS, chart
from .charts import AS_OF, act, ago, facts, problem

PUMP = Implant("Device/p", frozenset({"proc-pump-device"}), True, "Implanted pump")
STRONG = replace(PRODUCT, strength=Strength(Decimal("0.5"), "mL"))


def told(concept: str, value: float | None, days: float, **more: Any) -> Measurement:
    number = None if value is None else Decimal(str(value))
    return Measurement(f"Observation/{concept}-{days}", f"fact-{concept}", ago(days), number, number, **more)


def test_a_pump_that_is_off_delivers_nothing() -> None:
    held = IntrathecalFacts(chart(implants=(replace(PUMP, off=True),)), AS_OF, LIMITS)
    assert held.pump_stopped is not None
    assert held.pump_stopped.says == "pump switched off"


def test_maker_and_model_are_said() -> None:
    named = replace(PUMP, ref="Device/q", text="SynchroMed II", model="synchromed", maker="Medtronic")
    held = facts(implants=(PUMP, named)).pump
    assert (held.model, held.model_said) == ("synchromed", "SynchroMed II; Medtronic")
    assert facts().pump.model_said == ""


def test_the_newest_operation_counts() -> None:
    held = facts(act("pump-implant", 400), act("pump-revision", 20), act("pump-refill", 2)).pump
    assert held.pump_surgery_at == ago(20)
    assert facts().pump.pump_surgery_at is None


def test_reprogrammed_when_the_dose_changed_or_somebody_says_so() -> None:
    doses = [told("programmed-daily-dose", value, days) for value, days in ((300, 50), (300, 40), (350, 30))]
    assert facts(*doses).pump.reprogrammed_at == ago(30)
    checks = (act("pump-interrogation", 10, text="Pump check"), act("pump-interrogation", 20, text="Reprogramming"))
    assert facts(*doses, *checks).pump.reprogrammed_at == ago(20)
    assert facts().pump.reprogrammed_at is None


def test_a_catheter_problem_is_ninety_days_news() -> None:
    assert is_yes(facts(problem("intrathecal-catheter-problem", 90)).pump.catheter_problem)
    assert is_no(facts(problem("intrathecal-catheter-problem", 91)).pump.catheter_problem)
    assert is_no(facts(told("catheter-problem", None, 5, flag=False)).pump.catheter_problem)
    assert isinstance(facts(received={}).pump.catheter_problem, Unknown)


def test_the_use_of_the_device_dates_the_implant() -> None:
    used = replace(PUMP, since=ago(300))
    assert facts(implants=(PUMP, used, replace(PUMP, since=ago(200)))).pump.implanted_at == ago(300)


def test_what_was_filled_in_tells_the_concentration() -> None:
    filling = Given("MedicationAdministration/f", STRONG, ago(9), reservoir=True, amount=Decimal(20000))
    held = facts(given=(filling,), implants=(PUMP,)).pump
    assert held.concentration is not None
    assert held.concentration.value == 500
    assert held.last_refill_at == ago(9)
    assert held.rate is None
    plain = replace(filling, medicine=PRODUCT)
    assert facts(given=(plain,), implants=(PUMP,)).pump.concentration is None


def test_a_dose_without_a_day_counts_as_the_oldest() -> None:
    held: Facts = facts(told("programmed-rate", 0.6, 9), implants=(PUMP,))
    rate = held.pump.programmed_rate
    assert rate is not None
    assert replace(rate, at=None).day < rate.day


def test_volume_needs_a_rate() -> None:
    held = facts(told("reservoir-volume", 12, 3), implants=(PUMP,)).pump
    assert held.volume_base is not None
    assert held.volume_now is None
    assert held.estimated_empty_at is None
    both = facts(told("reservoir-volume", 12, 3), told("programmed-rate", 1, 3), implants=(PUMP,)).pump
    assert both.volume_now == 9
    assert both.estimated_empty_at == AS_OF + timedelta(days=9)


def test_an_undated_alarm_is_current_whatever_was_cleared() -> None:
    flagged = replace(problem("x", None), concepts=frozenset({"fact-alarm-empty"}))
    cleared = told("pump-alarm", None, 1, flag=False)
    alarm = facts(flagged, cleared).pump.alarm
    assert alarm is not None
    assert alarm.at is None


def test_known_when_bookings_were_sent() -> None:
    assert facts(received={"Appointment": "answered"}).pump.bookings_sent
    assert not facts(received={}).pump.bookings_sent
    assert isinstance(facts(told("catheter-problem", None, 5)).pump.catheter_problem, Known)
