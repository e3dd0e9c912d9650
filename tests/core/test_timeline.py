"""The worked examples of the exposure timeline: intervals, daily dose, established, stop."""

from __future__ import annotations

from decimal import Decimal

from baclofen_safety.core.chart import Stay
from baclofen_safety.core.fact import Known
from baclofen_safety.core.oral import OralFacts
from baclofen_safety.core.timeline import Stop

from .builders import AS_OF, SUSPENSION, intervals, moment, oral, order, step, supply, when


def known_stop(facts: OralFacts) -> Stop:
    assert isinstance(facts.stop, Known)
    assert facts.stop.value is not None
    return facts.stop.value


def no_stop(facts: OralFacts) -> bool:
    return isinstance(facts.stop, Known) and facts.stop.value is None


def dose(facts: OralFacts) -> Decimal | None:
    return facts.daily_dose.value if isinstance(facts.daily_dose, Known) else None


def days(facts: OralFacts, at: str = "") -> int | None:
    fact = facts.exposure_days(when(at) if at else AS_OF)
    return fact.value if isinstance(fact, Known) else None


def established(facts: OralFacts, at: str = "") -> bool | None:
    fact = facts.established(when(at) if at else AS_OF)
    return fact.value if isinstance(fact, Known) else None


def test_example_1_active_order() -> None:
    facts = oral(order())
    assert intervals(facts) == [("08-22", "open", 30)]
    assert (dose(facts), established(facts), days(facts)) == (30, True, 91)
    assert no_stop(facts)


def test_example_2_end_of_bounds_dates_the_stop() -> None:
    facts = oral(order(status="stopped", end="11-19T09:00"))
    assert intervals(facts) == [("08-22", "11-19T09:00", 30)]
    stop = known_stop(facts)
    assert (stop.at, stop.how, stop.certain, stop.as_planned) == (moment("11-19T09:00"), "exact", True, False)
    assert stop.dose == facts.dose_at(when("11-19T08:00"))
    assert isinstance(stop.established, Known)
    assert stop.established.value
    assert established(facts, "11-19T09:00")


def test_example_3_last_update_dates_the_stop() -> None:
    facts = oral(order(status="stopped", updated="11-19"), supplies=(supply("D1", "11-05"),))
    assert intervals(facts) == [("08-22", "11-19", 30)]
    stop = known_stop(facts)
    assert (stop.at, stop.how, stop.certain) == (moment("11-19"), "at-the-latest", False)
    assert stop.last_proof == moment("11-05")
    assert established(facts, "11-19")


def test_example_4_dose_change_by_a_new_order() -> None:
    old = order(status="stopped", changed="11-20")
    for link in ("M1", None):
        facts = oral(old, order("M2", daily=25, authored="11-20", replaces=link))
        assert intervals(facts) == [("08-22", "11-20", 30), ("11-20", "open", 25)]
        assert established(facts)
        assert no_stop(facts)
        assert [(c.at, c.before, c.after) for c in facts.changes] == [(when("11-20"), 30, 25)]


def test_example_5_unlinked_renewal_counts_once() -> None:
    facts = oral(order(authored="2025-11-01", requester="dr a"), order("M2", authored="11-01", requester="dr a"))
    assert intervals(facts) == [("2025-11-01", "open", 30)]
    assert established(facts)
    assert no_stop(facts)
    assert [o.ref for o in facts.counted_once] == ["M1"]
    (overlap,) = facts.overlaps
    assert overlap.combined == Known(Decimal(60), overlap.combined.evidence, "computed")
    assert overlap.hours == Decimal("Infinity")


def test_example_6_two_strengths_of_one_regimen() -> None:
    facts = oral(order(authored="11-01", requester="dr a"), order("M2", daily=5, authored="11-01", requester="dr a"))
    assert intervals(facts) == [("11-01", "open", 35)]
    assert (established(facts), days(facts)) == (True, 20)
    assert no_stop(facts)
    assert [overlap.one_regimen for overlap in facts.overlaps] == [True]


def test_example_7_duplicate_is_added_and_is_no_rise() -> None:
    facts = oral(order(requester="dr a"), order("M2", authored="11-20", requester="dr b", medicine=SUSPENSION))
    assert intervals(facts) == [("08-22", "11-20", 30), ("11-20", "open", 60)]
    assert established(facts)
    assert no_stop(facts)
    assert facts.changes == ()
    (overlap,) = facts.overlaps
    assert (overlap.different_prescribers, overlap.one_regimen) == (True, False)


def test_example_8_cancelled_before_a_dose() -> None:
    cancelled = order(status="cancelled", authored="11-18")
    facts = oral(cancelled)
    assert intervals(facts) == []
    assert established(facts) is False
    assert facts.naive(cancelled) == Known(True, how="computed")
    assert no_stop(facts)


def test_example_9_cancelled_after_a_hand_over() -> None:
    facts = oral(
        order(status="cancelled", authored="10-15", updated="11-19"),
        supplies=(supply("D1", "10-20", order="M1"),),
    )
    assert intervals(facts) == [("10-20", "11-19", 30)]
    stop = known_stop(facts)
    assert (stop.at, stop.certain, stop.withdrawn) == (moment("11-19"), False, True)
    assert (established(facts, "11-19"), days(facts, "11-19")) == (True, 30)


def test_example_10_completed_as_planned() -> None:
    facts = oral(order(status="completed", authored="10-01", end="11-15"))
    assert intervals(facts) == [("10-01", "11-16", 30)]
    stop = known_stop(facts)
    assert (stop.at.first, stop.certain, stop.as_planned) == (when("11-16"), True, True)
    assert (established(facts, "11-16"), days(facts, "11-16")) == (True, 46)


def test_example_11_titration_steps() -> None:
    steps = (step(15, "11-10", "11-12"), step(30, "11-13", "11-15"), step(45, "11-16"))
    facts = oral(order(authored="11-10", steps=steps))
    assert intervals(facts) == [("11-10", "11-13", 15), ("11-13", "11-16", 30), ("11-16", "open", 45)]
    assert (established(facts), days(facts), dose(facts)) == (False, 11, 45)


def test_example_12_on_hold() -> None:
    facts = oral(order(status="on-hold", changed="11-20T02:00"))
    assert intervals(facts) == [("08-22", "11-20T02:00", 30)]
    (hold,) = facts.holds
    assert (hold.elapsed_h, hold.planned_h, hold.bridged) == (18, None, False)
    assert hold.established == Known(True, how="computed")
    assert isinstance(hold.dose, Known)
    assert hold.dose.value == 30
    assert no_stop(facts)
    assert dose(facts) == 0


def test_example_13_reported_medicine_of_unknown_start() -> None:
    facts = oral(order(authored="11-01", proven="11-01", reported=True))
    assert intervals(facts) == [("unknown", "open", 30)]
    assert facts.established(AS_OF) == Known(True, how="assumed")
    assert no_stop(facts)


def test_example_14_supply_gap() -> None:
    facts = oral(
        order(authored="09-01"),
        supplies=(supply("D1", "09-01", order="M1"), supply("D2", "09-28", order="M1")),
    )
    assert facts.line.cover is not None
    assert facts.line.cover.windows == ((when("09-01"), when("10-31")),)
    assert dose(facts) == 30
    assert (established(facts, "10-31"), days(facts, "10-31")) == (True, 60)
    assert no_stop(facts)
    assert isinstance(facts.gap_days, Known)
    assert facts.gap_days.value == 20


def test_example_15_restart_after_a_gap() -> None:
    new = order("M2", authored="11-12", replaces="M1")
    facts = oral(order(status="stopped", changed="11-01"), new)
    assert intervals(facts) == [("08-22", "11-01", 30), ("11-12", "open", 30)]
    assert (established(facts), days(facts)) == (False, 9)
    assert established(facts, "11-01")
    assert facts.off_before(new) == Known(11, how="computed")
    assert isinstance(facts.dose_before_gap(new), Known)
    assert no_stop(facts)  # 19 days ago: no longer current
    earlier = oral(order(status="stopped", changed="11-01"), new, as_of=when("11-14T12:00"))
    assert known_stop(earlier).at == moment("11-01")
    assert known_stop(earlier).resumed == when("11-12")


def test_example_16_home_order_during_a_stay() -> None:
    stay = Stay("Encounter/e", True, True, moment("11-19T06:00"), None)
    facts = oral(
        order(setting="community"),
        order("M2", authored="11-19T08:00", setting="inpatient", encounter="Encounter/e"),
        stays=(stay,),
    )
    assert intervals(facts) == [("08-22", "open", 30)]
    assert (dose(facts), established(facts)) == (30, True)
    assert [o.ref for o in facts.in_force] == ["M2"]
    assert no_stop(facts)
    assert [overlap.governed for overlap in facts.overlaps] == [True]


def test_example_17_descending_plan_to_the_end() -> None:
    facts = oral(
        order("M1", "completed", 30, end="10-31"),
        order("M2", "completed", 20, "11-01", end="11-07"),
        order("M3", "completed", 10, "11-08", end="11-14"),
        order("M4", "completed", 5, "11-15", end="11-19"),
    )
    assert [dose for _, _, dose in intervals(facts)] == [30, 20, 10, 5]
    stop = known_stop(facts)
    assert (stop.at.first, stop.tapered, stop.as_planned) == (when("11-20"), True, True)
    assert isinstance(stop.dose, Known)
    assert stop.dose.value == 5
    assert isinstance(stop.established, Known)
    assert stop.established.value
    assert [(c.before, c.after) for c in facts.changes] == [(30, 20), (20, 10), (10, 5), (5, 0)]


def test_example_18_draft_that_replaces() -> None:
    both = (order(), order("M2", "draft", 45, "11-20", replaces="M1"))
    now, signed = oral(*both), oral(*both, signed=True)
    assert (dose(now), dose(signed)) == (30, 45)
    assert intervals(signed) == [("08-22", "11-20T20:00", 30), ("11-20T20:00", "open", 45)]
    assert no_stop(now)
    assert no_stop(signed)
    assert [change.delta for change in signed.changes] == [15]
    assert established(signed)
