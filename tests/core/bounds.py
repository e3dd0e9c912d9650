"""What stands on each side of a shared limit, where no case of the tables stands so close.

Every bound is handed a rulebook and asserts; ``test_limits`` hands it nudged ones and wants it to fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from baclofen_safety.core.assess import assess
from baclofen_safety.core.chart import Act, Stay
from baclofen_safety.core.fact import Known, is_no, is_yes
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.hospital import HospitalFacts
from baclofen_safety.core.intrathecal import IntrathecalFacts
from baclofen_safety.core.knowledge import Limits, Rulebook
from baclofen_safety.core.oral import OralFacts
from baclofen_safety.core.person import PersonFacts
from baclofen_safety.core.taper import Mode, schedule
from baclofen_safety.core.taper_refusal import find_refusal
from baclofen_safety.core.telling import messages

from . import charts
from .builders import AS_OF, chart, moment, order, supply
from .charts import ago, lab, problem
from .tapers import EXAMPLES, make_facts, read_rung

HERE = Stay("Encounter/e", True, True, moment("11-19T06:00"), None)
MIDNIGHT = AS_OF.replace(hour=0)


def shared(book: Rulebook) -> Limits:
    return book.shared_limits(AS_OF.date())


def oral(book: Rulebook, *orders: Any, **more: Any) -> OralFacts:
    return OralFacts(chart(*orders, **more), AS_OF, shared(book))


def hospital(book: Rulebook, *orders: Any, **more: Any) -> HospitalFacts:
    held = chart(*orders, **more)
    return HospitalFacts(held, AS_OF, shared(book), OralFacts(held, AS_OF, shared(book)))


def facts(book: Rulebook, *records: Any, **more: Any) -> Facts:
    return Facts(charts.chart(*records, **more), charts.AS_OF, shared(book))


def woman(book: Rulebook, *records: Any, birth: str = "1990-01-01", **more: Any) -> PersonFacts:
    return facts(book, *records, birth=birth, sex="female", **more).person


def gap_bridge(book: Rulebook) -> None:
    """Three days without cover keep a run whole, four do not."""
    for restart, days in (("11-04", 51), ("11-05", 16)):
        held = oral(book, order("M1", "stopped", authored="10-01", changed="11-01"), order("M2", authored=restart))
        exposure = held.exposure_days(AS_OF)
        assert isinstance(exposure, Known)
        assert exposure.value == days


def naive_window(book: Rulebook) -> None:
    """Baclofen up to thirty days before a start is no first start."""
    for stopped, naive in (("10-21", True), ("10-22", False)):
        now = order("M2", authored="11-20")
        assert is_yes(oral(book, order("M1", "stopped", changed=stopped), now).naive(now)) is naive


def new_start(book: Rulebook) -> None:
    for started, naive in (("11-07", True), ("11-06", False)):
        now = order("M2", authored=started)
        assert is_yes(oral(book, now).naive(now)) is naive


def new_order(book: Rulebook) -> None:
    assert oral(book, order("M2", authored="11-13")).new_orders
    assert not oral(book, order("M2", authored="11-12")).new_orders


def stop_updated(book: Rulebook) -> None:
    """A young change of the record dates a stop, an older one gives way to the supply."""
    for updated, how in (("11-06T21:00", "at-the-latest"), ("11-06T19:00", "estimated")):
        over = order(status="stopped", updated=updated)
        stop = oral(book, over, supplies=(supply("D", "11-05", 5, order="M1"),)).stop
        assert isinstance(stop, Known)
        assert stop.value is not None
        assert stop.value.how == how


def stop_written(book: Rulebook) -> None:
    for written, known in (("2025-11-20", True), ("2025-11-19", False)):
        assert isinstance(oral(book, order(status="stopped", authored=written)).stop, Known) is known


def stopped_early(book: Rulebook) -> None:
    """A stop in the last 24 hours of an order is its planned end."""
    for changed, planned in (("11-15T01:00", True), ("11-14T23:00", False)):
        stop = oral(book, order(status="stopped", changed=changed, end="11-15")).stop
        assert isinstance(stop, Known)
        assert stop.value is not None
        assert stop.value.as_planned is planned


def dose_history(book: Rulebook) -> None:
    for lowered, highest in (("10-23T21:00", 60), ("10-23T19:00", 30)):
        held = oral(book, order("M1", "stopped", 60, changed=lowered), order("M2", authored=lowered))
        assert isinstance(held.highest_28d, Known)
        assert held.highest_28d.value == highest


def carry_over(book: Rulebook) -> None:
    """What was left is carried over to hand-overs of the last 180 days."""
    for handed_over, end in (("05-24", "07-13"), ("05-23", "06-22")):
        supplies = (supply("D1", "05-04", 40), supply("D2", handed_over, 30))
        held = oral(book, order(authored="05-01"), supplies=supplies).supply_end
        assert isinstance(held, Known)
        assert held.value == moment(end)


def future_tolerance(book: Rulebook) -> None:
    for minute, here in (("05", True), ("06", False)):
        assert (oral(book, supplies=(supply("D", f"11-20T20:{minute}"),)).last_supply is not None) is here


def home_window(book: Rulebook) -> None:
    for stopped, home in (("10-20T07:00", True), ("10-20T05:00", False)):
        held = hospital(book, order(status="stopped", changed=stopped), stays=(HERE,))
        assert is_yes(held.home_baclofen) is home


def stay_join(book: Rulebook) -> None:
    for left, admitted in (("11-19T00:00", "11-18T20:00"), ("11-18T23:30", "11-19T06:00")):
        emergency = Stay("Encounter/em", True, False, moment("11-18T20:00"), moment(left))
        assert hospital(book, stays=(HERE, emergency)).admitted_at == moment(admitted)


def npo_elapsed(book: Rulebook) -> None:
    """Fasting without an end: the time gone by counts only when it is long."""
    for start, hours in (("11-20T08:00", 12), ("11-20T08:30", None)):
        fast = Act("NutritionOrder/a", "NutritionOrder", frozenset({"fact-npo"}), "active", moment(start))
        (npo,) = hospital(book, acts=(fast,)).fasts
        assert npo.hours == hours


def perioperative_plan(book: Rulebook) -> None:
    for written, current in (("08-22T21:00", True), ("08-22T19:00", False)):
        concepts = frozenset({"fact-perioperative-baclofen-plan"})
        plan = Act("CarePlan/a", "CarePlan", concepts, "active", moment(written))
        assert hospital(book, acts=(plan,)).perioperative_plan is current


def pump_stopped(book: Rulebook) -> None:
    for dose, stopped in ((9, True), (10, False)):
        told = replace(lab("x", dose), concept="fact-programmed-daily-dose", at=moment("11-19"))
        held = chart(measurements={"fact-programmed-daily-dose": (told,)})
        assert (IntrathecalFacts(held, AS_OF, shared(book)).pump_stopped is not None) is stopped


def catheter_problem(book: Rulebook) -> None:
    for days, counts in ((89, True), (91, False)):
        held = facts(book, problem("intrathecal-catheter-problem", days)).pump.catheter_problem
        assert is_yes(held) is counts


def cannot_report(book: Rulebook) -> None:
    assert is_yes(facts(book, birth="2021-11-21").person.communication_difficulty)
    assert is_no(facts(book, birth="2021-11-20").person.communication_difficulty)


def high_cord(book: Rulebook) -> None:
    for level, high in (("T6", True), ("T7", False)):
        hurt = problem("paraplegia", text=f"Paraplegia, {level} complete")
        assert is_yes(facts(book, hurt).person.sci_at_or_above_t6) is high


def drowsy(book: Rulebook) -> None:
    assert is_yes(facts(book, lab("glasgow-coma-score", 13, 0.5)).signs.toxicity_suspected)
    assert is_no(facts(book, lab("glasgow-coma-score", 14, 0.5)).signs.toxicity_suspected)


def pregnancy_age(book: Rulebook) -> None:
    for birth, possible in (("2017-11-20", True), ("2017-11-21", False), ("1965-11-21", True), ("1965-11-20", False)):
        assert is_yes(woman(book, problem("pregnancy", 30), birth=birth).pregnant) is possible


def pregnancy_length(book: Rulebook) -> None:
    for days, lasts in ((293, True), (295, False)):
        assert is_yes(woman(book, problem("pregnancy", days)).pregnant) is lasts
        assert is_yes(woman(book, lab("pregnancy-status", None, days, flag=True)).pregnant) is lasts


def pregnancy_test(book: Rulebook) -> None:
    for days, counts in ((279, True), (281, False)):
        assert is_yes(woman(book, lab("pregnancy-test", None, days, flag=True)).pregnant) is counts


def due_date(book: Rulebook) -> None:
    for days, counts in ((20, True), (22, False), (-279, True), (-281, False)):
        told = lab("estimated-delivery-date", None, 100, when=ago(days))
        assert is_yes(woman(book, told).pregnant) is counts


def exposed_before_birth(book: Rulebook) -> None:
    """Baclofen of the mother up to 28 days before birth, not longer ago."""
    for days, exposed in ((29, True), (31, False)):
        over = replace(charts.order(30, 90), status="stopped", changed=ago(days))
        held = facts(book, birth="2026-11-18", maternal=(over,)).motherhood
        assert bool(held.exposures) is exposed


def tier(book: Rulebook) -> None:
    """Points of the withdrawal risk, each alone and on both sides of its limit."""
    for mg, days, points in ((29, 40, 0), (30, 40, 1), (59, 40, 1), (60, 40, 2), (20, 58, 0), (20, 59, 1)):
        assert facts(book, charts.order(mg, days)).risk.wd_tier.points == points
    small = charts.order(20, 40)
    withdrew = problem("baclofen-underdosing", text="baclofen withdrawal")
    assert facts(book, small, withdrew).risk.wd_tier.points == 2
    for one in ("sci-t1-t6", "communication-difficulty", "epilepsy-seizure"):
        assert facts(book, small, problem(one)).risk.wd_tier.points == 1


def tier_high(book: Rulebook) -> None:
    assert facts(book, charts.order(60, 90)).risk.wd_tier.is_high
    assert not facts(book, charts.order(60, 40)).risk.wd_tier.is_high


def caregiver(book: Rulebook) -> None:
    for birth, told in (("2010-11-21", True), ("2010-11-20", False)):
        child = charts.chart(charts.order(30), birth=birth)
        assert assess(child, charts.AS_OF, book).caregiver is told


def patient_wait(book: Rulebook) -> None:
    """What is not high waits until a clinician has seen it."""
    verdict = assess(charts.chart(charts.order(90), lab("creatinine", 0.9)), charts.AS_OF, book)
    waits = {m.role: m.not_before - verdict.as_of for m in messages(verdict, book) if m.group == "dose"}
    assert {issue.severity.value for issue in verdict.issues if issue.sheet.group == "dose"} == {"moderate"}
    assert waits["requester"] == timedelta(0)
    assert waits["patient"] == timedelta(hours=24)


def pump_conversion(book: Rulebook) -> None:
    for days, reason in ((14, "pump-conversion"), (14.5, None)):
        held = make_facts()
        held.as_of = charts.AS_OF
        held.it.started_at = ago(days)
        assert find_refusal(held, shared(book), replacing=False) == reason


def ladders(book: Rulebook) -> None:
    for row in EXAMPLES["example"]:
        rungs = schedule(
            Mode(row["mode"]), Decimal(row["dose"]), Decimal(row["target"]), EXAMPLES["day0"], shared(book)
        )
        assert rungs == tuple(read_rung(rung) for rung in row["rungs"])


def vital_sign_ages(book: Rulebook) -> None:
    """The last day of an age band and the first of the next; each limit from both sides."""
    bands = (
        ("2025-11-21", 25, 180),  # 364 days
        ("2025-11-20", 20, 150),  # 1 year
        ("2021-11-21", 20, 150),  # 4 years
        ("2021-11-20", 14, 130),
        ("2014-11-21", 14, 130),  # 11 years
        ("2014-11-20", 10, 120),
    )
    for birth, breaths, beats in bands:
        slow = facts(book, lab("respiratory-rate", breaths - 1, 0.1), lab("heart-rate", beats, 0.1), birth=birth).signs
        assert slow.slow_breathing
        assert slow.tachycardia
        well = facts(book, lab("respiratory-rate", breaths, 0.1), lab("heart-rate", beats - 1, 0.1), birth=birth).signs
        assert not well.slow_breathing
        assert not well.tachycardia


def child_pressure(book: Rulebook) -> None:
    """Below 10 years low is under 70 and 2 for every year; from then on the adults' limit."""
    for birth, pressure, low in (
        ("2020-11-20", 81, True),
        ("2020-11-20", 82, False),
        ("2016-11-21", 87, True),
        ("2016-11-21", 88, False),
        ("2016-11-20", 99, True),
    ):
        assert bool(facts(book, lab("systolic-bp", pressure, 0.1), birth=birth).signs.pressure_signs) is low


def pressure_windows(book: Rulebook) -> None:
    assert isinstance(facts(book, lab("systolic-bp", 128, 29.9)).signs.systolic_bp, Known)
    assert not isinstance(facts(book, lab("systolic-bp", 128, 30.1)).signs.systolic_bp, Known)
    assert facts(book, lab("systolic-bp", 128, 89.9)).signs.bp_normal_90d
    assert not facts(book, lab("systolic-bp", 128, 90.1)).signs.bp_normal_90d


def alcohol_intake(book: Rulebook) -> None:
    for days, known in ((364.9, True), (365.1, False)):
        assert isinstance(facts(book, lab("audit-c", 4, days)).signs.alcohol_intake, Known) is known


def ventilation(book: Rulebook) -> None:
    assert facts(book, charts.act("ventilation", 1.99)).signs.ventilated
    assert not facts(book, charts.act("ventilation", 2.01)).signs.ventilated


def infection(book: Rulebook) -> None:
    """An infection of 28 days is active, one of 32 is not."""
    assert is_yes(facts(book, problem("infection", 28)).conditions.infection_active)
    assert is_no(facts(book, problem("infection", 32)).conditions.infection_active)


BOUNDS: tuple[Callable[[Rulebook], None], ...] = (
    gap_bridge,
    naive_window,
    new_start,
    new_order,
    stop_updated,
    stop_written,
    stopped_early,
    dose_history,
    carry_over,
    future_tolerance,
    home_window,
    stay_join,
    npo_elapsed,
    perioperative_plan,
    pump_stopped,
    catheter_problem,
    infection,
    cannot_report,
    high_cord,
    drowsy,
    vital_sign_ages,
    child_pressure,
    pressure_windows,
    alcohol_intake,
    ventilation,
    pregnancy_age,
    pregnancy_length,
    pregnancy_test,
    due_date,
    exposed_before_birth,
    tier,
    tier_high,
    caregiver,
    patient_wait,
    pump_conversion,
    ladders,
)
