"""Oral facts beyond the worked examples: pairs, stops, supply, history, plans, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baclofen_safety.core.chart import Stay
from baclofen_safety.core.fact import Known, Reason, Unknown
from baclofen_safety.core.medicines import Given, Order
from baclofen_safety.core.moment import Moment

from .builders import (
    AS_OF,
    INJECTION,
    PARACETAMOL,
    SUSPENSION,
    TABLET,
    intervals,
    moment,
    oral,
    order,
    step,
    supply,
    when,
)
from .test_timeline import days, dose, established, known_stop, no_stop

DAY = timedelta(days=1)


class TestStops:
    def test_recorded_change_wins(self) -> None:
        stop = known_stop(oral(order(status="stopped", changed="11-18T10:00", updated="11-20")))
        assert (stop.at, stop.how) == (moment("11-18T10:00"), "exact")

    def test_two_versions_date_the_change(self) -> None:
        older = order(updated="08-22")
        stop = known_stop(oral(order(status="stopped", updated="11-17T08:00", versions=(older,))))
        assert (stop.at, stop.certain) == (moment("11-17T08:00"), True)

    def test_the_call_itself_is_the_change(self) -> None:
        stop = known_stop(oral(order(status="stopped", versions=(order(),))))
        assert (stop.at.first, stop.certain) == (AS_OF, True)

    def test_planned_end_before_a_later_status_change(self) -> None:
        stop = known_stop(oral(order(status="completed", end="11-14", changed="11-18")))
        assert (stop.at.first, stop.as_planned) == (when("11-15"), True)

    @pytest.mark.parametrize(("changed", "planned"), [("11-10", False), ("11-15T12:00", True)])
    def test_stopped_early(self, changed: str, planned: bool) -> None:
        stop = known_stop(oral(order(status="stopped", changed=changed, end="11-15")))
        assert stop.as_planned is planned

    def test_end_of_the_stay(self) -> None:
        stay = Stay("Encounter/e", True, False, moment("11-01"), moment("11-18T10:00"))
        inpatient = order(status="stopped", authored="11-01", setting="inpatient", encounter="Encounter/e")
        stop = known_stop(oral(inpatient, stays=(stay,)))
        assert (stop.at, stop.how) == (moment("11-18T10:00"), "at-the-latest")

    def test_active_inpatient_order_ends_with_its_stay(self) -> None:
        stay = Stay("Encounter/e", True, False, moment("11-01"), moment("11-18T10:00"))
        facts = oral(order(authored="11-01", setting="inpatient", encounter="Encounter/e"), stays=(stay,))
        assert known_stop(facts).at == moment("11-18T10:00")
        assert not facts.on_oral

    def test_supply_when_the_update_is_old(self) -> None:
        facts = oral(order(status="stopped", updated="10-01"), supplies=(supply("D1", "10-15", order="M1"),))
        assert known_stop(facts).at == moment("11-14")
        assert known_stop(facts).how == "estimated"

    def test_update_alone(self) -> None:
        assert no_stop(oral(order(status="stopped", updated="10-01")))  # 50 days ago: not current

    def test_undated_stop_of_a_recent_order_is_now(self) -> None:
        stop = known_stop(oral(order(status="stopped")))
        assert (stop.at.first, stop.how, stop.certain) == (AS_OF, "assumed", False)

    def test_undated_stop_of_an_old_order_is_unknown(self) -> None:
        facts = oral(order(status="stopped", authored="2024-01-01"))
        assert isinstance(facts.stop, Unknown)
        assert facts.stop.reason is Reason.PARTIAL_DATE
        covered = oral(order(status="stopped", authored="2024-01-01"), order("M2"))
        assert no_stop(covered)

    def test_old_order_dispensed_lately_is_dated_by_its_supply(self) -> None:
        facts = oral(order(status="stopped", authored="2025-01-01"), supplies=(supply("D", "11-10", 5, order="M1"),))
        assert known_stop(facts).at == moment("11-15")

    def test_stop_after_as_of_leaves_it_in_force(self) -> None:
        facts = oral(order(status="stopped", changed="11-25"))
        assert dose(facts) == 30
        assert no_stop(facts)

    def test_fast_clock_is_now(self) -> None:
        facts = oral(order(status="stopped", updated="11-20T20:03"))
        assert known_stop(facts).at.first == AS_OF

    @pytest.mark.parametrize(("start", "stops"), [("11-20T08:00", False), ("11-20T11:00", True)])
    def test_cover_within_a_day(self, start: str, stops: bool) -> None:
        facts = oral(order(status="stopped", changed="11-19T09:00"), order("M2", authored=start))
        assert no_stop(facts) is not stops

    def test_unsure_status_is_no_cover_but_a_dose(self) -> None:
        facts = oral(order(status="stopped", changed="11-19"), order("M2", "unknown", 15))
        assert known_stop(facts).at == moment("11-19")
        assert dose(facts) == 15

    def test_other_routes_cover(self) -> None:
        gone = order(status="stopped", changed="11-19")
        pump = order("IT", route="route-intrathecal", medicine=INJECTION)
        unclear = order("U", route=None)
        topical = order("T", route="route-topical")
        assert no_stop(oral(gone, pump))
        assert isinstance(oral(gone, pump).line_stop, Known)
        assert oral(gone, pump).line_stop != Known(None)
        facts = oral(gone, unclear)
        assert no_stop(facts)
        assert facts.confirm_cover == (unclear,)
        assert dose(facts) == 0
        assert known_stop(oral(gone, topical))
        assert known_stop(oral(gone, replace(pump, bolus=True)))

    def test_regimen_stopped_together_tells_the_whole_dose(self) -> None:
        facts = oral(
            order(status="stopped", changed="11-19T09:00", requester="a"),
            order("M2", "stopped", 5, changed="11-19T10:00", requester="a"),
        )
        stop = known_stop(facts)
        assert isinstance(stop.dose, Known)
        assert stop.dose.value == 35
        assert [o.ref for o in stop.orders] == ["M1", "M2"]

    def test_reasons_travel(self) -> None:
        stop = known_stop(oral(order(status="stopped", changed="11-19", stop_reasons=frozenset({"toxicity"}))))
        assert stop.reasons == {"toxicity"}

    def test_dose_unknown_is_told(self) -> None:
        stop = known_stop(oral(order(status="stopped", daily=None, changed="11-19")))
        assert isinstance(stop.dose, Unknown)

    def test_dispense_gap_does_not_hide_that_the_patient_was_established(self) -> None:
        facts = oral(order(status="stopped", updated="11-19"), supplies=(supply("D", "09-01", order="M1"),))
        assert known_stop(facts).established == Known(True, how="computed")

    def test_past_stop_with_statement_dated_before(self) -> None:
        told = order("S", reported=True, proven="11-10", authored="11-10")
        assert known_stop(oral(order(status="stopped", changed="11-19"), told)).at == moment("11-19")

    def test_statement_dated_after_the_stop_covers(self) -> None:
        told = order("S", reported=True, proven="11-20T10:00", authored="11-20")
        assert no_stop(oral(order(status="stopped", changed="11-19"), told))

    def test_discharge_order_written_during_the_stay_covers(self) -> None:
        stay = Stay("Encounter/e", True, True, moment("11-01"), None)
        inpatient = order(status="stopped", authored="11-01", changed="11-20T10:00", setting="inpatient")
        home = order("M2", authored="11-20T12:00", setting="discharge")
        assert no_stop(oral(inpatient, home, stays=(stay,)))


class TestHolds:
    def test_date_only_hold_counts_from_midnight(self) -> None:
        (hold,) = oral(order(status="on-hold", updated="11-20")).holds
        assert (hold.elapsed_h, hold.certain) == (20, False)

    def test_planned_restart(self) -> None:
        held = order(status="on-hold", changed="11-20T08:00", resume_at=moment("11-20T22:00"))
        assert [hold.planned_h for hold in oral(held).holds] == [14]

    def test_planned_restart_by_a_draft(self) -> None:
        draft = order("M2", "draft", authored="11-20", start="11-21T08:00")
        (hold,) = oral(order(status="on-hold", changed="11-20T08:00"), draft).holds
        assert hold.planned_h == 24

    def test_unknown_since(self) -> None:
        (hold,) = oral(order(status="on-hold")).holds
        assert (hold.since, hold.elapsed_h, hold.planned_h) == (None, None, None)

    def test_bridged_by_another_order(self) -> None:
        bridge = order("M2", authored="11-20T10:00", route="route-enteral-tube")
        facts = oral(order(status="on-hold", changed="11-19"), bridge)
        assert [hold.bridged for hold in facts.holds] in ([True], [])
        assert dose(facts) == 30

    def test_past_its_planned_end_it_is_a_stop(self) -> None:
        facts = oral(order(status="on-hold", changed="11-16", end="11-18"))
        assert facts.holds == ()
        assert known_stop(facts).at == moment("11-16")
        later = oral(order(status="on-hold", changed="11-19", end="11-18"))
        assert known_stop(later).at.first == when("11-19")

    def test_a_hold_is_no_drop_to_nothing(self) -> None:
        assert oral(order(status="on-hold", changed="11-19")).changes == ()


class TestPairs:
    def test_instance_order_of_an_order(self) -> None:
        facts = oral(order(), order("M2", authored="11-01", based_on=frozenset({"M1"})))
        assert dose(facts) == 30
        assert facts.overlaps == ()

    def test_specific_order_without_a_link(self) -> None:
        assert dose(oral(order(requester="a"), order("M2", authored="11-01", requester="b", specific=True))) == 30

    def test_older_one_names_the_newer(self) -> None:
        assert dose(oral(order(replaces="M2"), order("M2", authored="11-01", requester="b"))) == 30
        assert dose(oral(order(based_on=frozenset({"M2"})), order("M2", authored="11-01"))) == 30

    def test_same_group_and_day_is_added(self) -> None:
        facts = oral(order(group="g", authored="11-01"), order("M2", daily=30, group="g", authored="11-01"))
        assert dose(facts) == 60
        assert [o.one_regimen for o in facts.overlaps] == [True]

    def test_identical_twins_of_one_day_are_added_as_duplicates(self) -> None:
        facts = oral(order(requester="a"), order("M2", requester="a"))
        assert dose(facts) == 60
        assert [o.one_regimen for o in facts.overlaps] == [False]

    def test_uncertain_end_gives_way_to_the_newer_order(self) -> None:
        facts = oral(order(status="stopped"), order("M2", authored="11-10", daily=20))
        assert intervals(facts) == [("08-22", "11-10", 30), ("11-10", "open", 20)]

    def test_supply_passed_before_the_newer_began(self) -> None:
        old = order(requester="a", supply_days=Decimal(30), refills=0)
        assert dose(oral(old, order("M2", authored="11-10", daily=20, requester="b"))) == 20
        fed = order(requester="a")
        new = order("M2", authored="11-10", daily=20, requester="b")
        assert dose(oral(fed, new, supplies=(supply("D", "09-01", order="M1"),))) == 20

    def test_renewal_needs_the_same_dose(self) -> None:
        assert dose(oral(order(), order("M2", authored="11-01", daily=20))) == 50

    def test_as_needed_is_no_renewal_of_a_regular_order(self) -> None:
        rescue = order("M2", authored="11-01", steps=(step(30, as_needed=True),))
        assert dose(oral(order(), rescue)) == 60

    def test_inpatient_order_without_a_stay_governs_while_it_runs(self) -> None:
        facts = oral(order(requester="a"), order("M2", authored="11-19", setting="inpatient", daily=45))
        assert dose(facts) == 45

    def test_home_order_counts_again_after_the_stay(self) -> None:
        stay = Stay("Encounter/e", True, False, moment("11-01"), moment("11-10T12:00"))
        inpatient = order("M2", authored="11-01T10:00", setting="inpatient", encounter="Encounter/e", daily=45)
        facts = oral(order(), inpatient, stays=(stay,))
        assert intervals(facts) == [
            ("08-22", "11-01T10:00", 30),
            ("11-01T10:00", "11-10T12:00", 45),
            ("11-10T12:00", "open", 30),
        ]
        assert no_stop(facts)

    def test_statement_is_proof_of_the_order(self) -> None:
        told = order("S", daily=20, reported=True, authored="11-01", proven="11-01")
        facts = oral(order(), told)
        assert dose(facts) == 30
        assert facts.overlaps == ()
        assert days(facts) is None or established(facts)

    def test_two_reports_of_unknown_start(self) -> None:
        one = order("S1", reported=True, authored="11-01", proven="11-01")
        other = replace(one, ref="S2", medicine=SUSPENSION, requester="x")
        facts = oral(one, other)
        assert dose(facts) == 60
        assert [overlap.hours for overlap in facts.overlaps] == [None]

    def test_overlap_ahead(self) -> None:
        facts = oral(order(requester="a"), order("M2", authored="11-25", requester="b", end="11-26"))
        assert [overlap.hours for overlap in facts.overlaps] == [48]
        assert dose(facts) == 30
        assert isinstance(facts.max_planned, Known)
        assert facts.max_planned.value == 60


class TestDose:
    def test_one_order_not_computable_makes_the_sum_unknown(self) -> None:
        facts = oral(order(requester="a"), order("M2", daily=None, authored="11-01", requester="b"))
        assert isinstance(facts.daily_dose, Unknown)
        assert facts.at_least == 30
        assert facts.uncomputable == ((facts.orders[1], "dose missing"),)
        assert isinstance(facts.max_planned, Unknown)
        assert isinstance(facts.highest_28d, Unknown)

    def test_undated_steps(self) -> None:
        steps = (step(10), step(20, dated=False), step(30, dated=False))
        facts = oral(order(authored="11-10", steps=steps))
        assert isinstance(facts.daily_dose, Unknown)
        assert facts.at_least == 10
        assert facts.dose_at(when("11-10T12:00")) != facts.daily_dose
        assert isinstance(facts.max_planned, Known)
        assert facts.max_planned.value == 30

    def test_no_dosage_at_all(self) -> None:
        facts = oral(order(steps=()))
        assert isinstance(facts.daily_dose, Unknown)
        assert isinstance(facts.first_step(facts.orders[0]), Unknown)

    def test_nothing_in_force_is_zero(self) -> None:
        assert oral().daily_dose == Known(Decimal(0), (), "computed")
        assert not oral().on_oral

    def test_draft_ahead_counts_when_signed(self) -> None:
        draft = order("M1", "draft", 90, "11-20", start="11-22")
        assert dose(oral(draft)) == 0
        assert dose(oral(draft, signed=True)) == 90
        assert oral(draft, signed=True).in_force == (draft,)

    def test_draft_that_changes_a_signed_order(self) -> None:
        draft = order(status="draft", daily=45, versions=(order(),))
        assert dose(oral(draft)) == 30
        signed = oral(draft, signed=True)
        assert dose(signed) == 45
        assert [change.delta for change in signed.changes] == [15]

    def test_highest_of_28_days(self) -> None:
        facts = oral(order(status="stopped", daily=60, changed="11-01"), order("M2", daily=20, authored="11-01"))
        assert isinstance(facts.highest_28d, Known)
        assert facts.highest_28d.value == 60

    def test_single_dose_lasts_its_day(self) -> None:
        facts = oral(order(authored="11-20T08:00", steps=(step(20, once=True),)))
        assert intervals(facts) == [("11-20T08:00", "11-21", 20)]

    def test_new_orders(self) -> None:
        facts = oral(order(), order("M2", authored="11-14", daily=20), order("M3", "draft", 5, "11-20"))
        assert [o.ref for o in facts.new_orders] == ["M2"]
        assert facts.drafts[0].ref == "M3"
        signed = oral(order(), order("M3", "draft", 5, "11-20"), signed=True)
        assert [o.ref for o in signed.new_orders] == ["M3"]

    def test_prn_and_rescue(self) -> None:
        prn = order(steps=(step(30, as_needed=True),), concepts=frozenset({"fact-rescue-supply"}))
        assert oral(prn).prn_only
        assert oral(prn).rescue_only
        assert not oral(prn, order("M2", requester="x")).prn_only
        assert not oral().prn_only


class TestHistory:
    def test_short_run_without_history_is_unknown(self) -> None:
        facts = oral(order(authored="11-15"), history=False)
        assert isinstance(facts.established(AS_OF), Unknown)
        assert isinstance(facts.naive(facts.orders[0]), Unknown)

    @pytest.mark.parametrize(
        "more",
        [
            {"supplies": (supply("D", "11-15", order="M1"),)},
            {"given": (Given("G", TABLET, moment("11-16")),)},
        ],
    )
    def test_other_medicine_records_are_history(self, more: dict[str, object]) -> None:
        assert oral(order(authored="11-15"), history=False, **more).history_sent

    def test_other_orders_are_history(self) -> None:
        assert oral(order(), order("P", medicine=PARACETAMOL), history=False).history_sent
        assert oral(order(), order("M2", "draft"), history=False).history_sent
        assert not oral(order("M2", "draft"), history=False).history_sent

    def test_naive(self) -> None:
        new = order("M2", authored="11-18")
        assert oral(new).naive(new) == Known(True, how="computed")
        assert oral(order(status="stopped", changed="10-25"), new).naive(new) == Known(False, how="computed")
        assert oral(order(status="stopped", changed="10-10"), new).naive(new) == Known(True, how="computed")
        old = order(authored="11-06")
        assert oral(old).naive(old) == Known(False, how="computed")
        edge = order(authored="11-07")
        assert oral(edge).naive(edge) == Known(True, how="computed")

    def test_a_fill_before_makes_it_no_start(self) -> None:
        new = order("M2", authored="11-18")
        assert oral(new, supplies=(supply("D", "11-01", 10),)).naive(new) == Known(False, how="computed")

    def test_unknown_start(self) -> None:
        told = order(reported=True, authored="11-15", proven="11-15")
        assert isinstance(oral(told).naive(told), Unknown)
        long = order(reported=True, authored="10-01", proven="10-01")
        assert oral(long).naive(long) == Known(False, how="computed")
        new = order("M2", authored="11-18", daily=20, requester="x")
        assert oral(told, new).naive(new) == Known(False, how="computed")

    def test_not_taken_is_history_and_no_cover(self) -> None:
        refused = order("S", "not-taken", reported=True, start="10-01")
        new = order(authored="11-18")
        facts = oral(refused, new, history=False)
        assert facts.naive(new) == Known(True, how="computed")

    def test_non_use_ends_what_was_taken(self) -> None:
        facts = oral(order(), order("S", "not-taken", reported=True, start="11-01"))
        assert established(facts) is False
        assert dose(facts) == 30

    def test_missed_doses(self) -> None:
        missed = tuple(Given(f"G{day}", TABLET, moment(f"11-{day}"), given=day < 18) for day in (16, 17, 18, 19))
        facts = oral(order(), given=missed)
        assert facts.missed_since == moment("11-18")
        assert days(facts, "11-17") == 88

    def test_off_before(self) -> None:
        first = order(authored="11-18")
        assert oral(first).off_before(first) == Known(None, how="computed")
        assert isinstance(oral(first, history=False).off_before(first), Unknown)
        lost = order("M0", "stopped", authored="2024-01-01")
        facts = oral(lost, first)
        assert isinstance(facts.off_before(first), Unknown)
        assert isinstance(facts.dose_before_gap(first), Unknown)

    def test_off_before_a_draft_in_both_pictures(self) -> None:
        draft = order("M2", "draft", authored="11-20")
        gone = order(status="stopped", changed="11-10")
        for signed in (False, True):
            facts = oral(gone, draft, signed=signed)
            assert facts.off_before(draft) == Known(10, how="computed")
            before = facts.dose_before_gap(draft)
            assert isinstance(before, Known)
            assert before.value == 30


class TestSupply:
    def test_days_computed_from_quantity(self) -> None:
        facts = oral(order(), supplies=(supply("D", "11-01", None, quantity=Decimal(90)),))
        assert facts.supply_end == Known(moment("12-01"), facts.supply_end.evidence, "computed")
        assert isinstance(facts.gap_days, Known)
        assert facts.gap_days.value == -11

    def test_dose_rise_shortens_the_rest(self) -> None:
        first = order(status="stopped", changed="11-11")
        second = order("M2", daily=60, authored="11-11")
        facts = oral(first, second, supplies=(supply("D", "11-01"),))
        assert facts.supply_end == Known(moment("11-21"), facts.supply_end.evidence, "computed")

    def test_hospital_days_count_as_supplied(self) -> None:
        stay = Stay("E", True, False, moment("11-05"), moment("11-08"))
        facts = oral(order(), supplies=(supply("D", "11-01", 10),), stays=(stay,))
        assert facts.supply_end == Known(moment("11-15"), facts.supply_end.evidence, "computed")
        late = Stay("E", True, True, moment("11-12"), None)
        facts = oral(order(), supplies=(supply("D", "11-01", 10),), stays=(late,))
        assert isinstance(facts.gap_days, Known)
        assert facts.gap_days.value == 0

    def test_unknown_supply(self) -> None:
        assert isinstance(oral(order()).supply_end, Unknown)
        no_length = replace(SUSPENSION, strength=None)
        facts = oral(order(), supplies=(supply("D", "11-01", None, medicine=no_length),))
        assert isinstance(facts.gap_days, Unknown)

    def test_report_of_taking_overrules_the_gap(self) -> None:
        told = order("S", reported=True, authored="11-15", proven="11-15")
        facts = oral(order(), told, supplies=(supply("D", "10-01", order="M1"),))
        assert isinstance(facts.gap_days, Known)
        assert (facts.gap_days.value, facts.gap_days.how) == (0, "assumed")

    def test_refills(self) -> None:
        fills = (supply("D1", "10-01", order="M1"), supply("D2", "10-30", order="M1"))
        assert oral(order(refills=3), supplies=fills).refills_left == 2
        assert oral(order(refills=0), supplies=fills).refills_left == 0
        assert oral(order()).refills_left is None

    def test_order_end(self) -> None:
        fills = (supply("D1", "11-01", order="M1"),)
        end = oral(order(end="11-24"), supplies=fills).order_end
        assert isinstance(end, Known)
        assert end.value.first == when("11-25")
        stated = oral(order(supply_days=Decimal(30), refills=2)).order_end
        assert isinstance(stated, Known)
        assert stated.value == moment("11-20")
        last = oral(order(dispense_until=moment("12-01"))).order_end
        assert isinstance(last, Known)
        assert last.value == moment("12-01")
        assert isinstance(oral(order()).order_end, Unknown)

    def test_off_before_fill(self) -> None:
        fills = (supply("D1", "09-01", 10, order="M1"), supply("D2", "10-01", 30, order="M1"))
        assert oral(order(), supplies=fills).off_before_fill(moment("10-01")) == 20

    def test_short_holes_are_not_bridged_before_a_fill(self) -> None:
        fills = (supply("D1", "10-14", 30, order="M1"), supply("D2", "11-16", 30, order="M1"))
        facts = oral(order(), supplies=fills)
        assert facts.off_before_fill(moment("11-16")) == 3
        assert facts.fills_within(7) == (moment("11-16"),)

    def test_one_fill_of_absurd_length(self) -> None:
        for length, end in ((366, "2027-11-02"), (367, None), (99_999_999, None)):
            facts = oral(order(), supplies=(supply("D1", "11-01", length, order="M1"),))
            known = facts.supply_end.value if isinstance(facts.supply_end, Known) else None
            assert known == (moment(end) if end else None)
        stopped = oral(order(status="stopped"), supplies=(supply("D1", "09-01", 99_999_999, order="M1"),)).stop
        assert isinstance(stopped, Known)
        assert stopped.value is not None
        endless = replace(order(), supply_days=Decimal(99_999_999), refills=99)
        assert isinstance(oral(endless).order_end, Unknown)

    def test_an_order_taken_up_again(self) -> None:
        held = order(status="on-hold", updated="11-05T20:00")
        facts = oral(order(updated="11-19T20:00", versions=(held,)))
        assert intervals(facts) == [("08-22", "11-05T20:00", 30), ("11-19T20:00", "open", 30)]
        assert facts.changes == ()
        assert facts.stop == Known(None)
        [(resumed, paused, again)] = facts.resumed_within(7)
        assert (resumed.ref, paused, again) == ("M1", when("11-05T20:00"), when("11-19T20:00"))
        assert facts.off_until(again) == Known(13, how="computed")
        assert facts.resumed_within(0) == ()
        assert oral(order(versions=(held,))).resumed_within(7) == ()


class TestPlans:
    def test_steps_of_one_order(self) -> None:
        steps = (step(30, "11-18", "11-24"), step(20, "11-25", "12-01"), step(5, "12-02", "12-08"))
        plan = oral(order(authored="11-18", steps=steps)).plan
        assert plan is not None
        assert [dose for _, dose in plan.steps] == [30, 20, 5]
        assert (plan.ends_low, plan.dated, plan.ends_at) == (True, True, when("12-09"))

    def test_one_lower_dose_that_runs_on_is_no_plan(self) -> None:
        facts = oral(order(status="stopped", changed="11-18"), order("M2", daily=20, authored="11-18"))
        assert facts.plan is None

    def test_undated(self) -> None:
        plan = oral(order(authored="11-18", steps=(step(30), step(20), step(10)))).plan
        assert plan is not None
        assert not plan.dated

    def test_rising_is_no_plan(self) -> None:
        assert oral(order(steps=(step(10), step(20)))).plan is None

    def test_follow_on(self) -> None:
        ending = order(end="11-24")
        assert not oral(ending).follow_on(when("11-25"))
        assert oral(ending, order("M2", "draft", authored="11-20", start="11-25")).follow_on(when("11-25"))
        assert not oral(ending, order("M2", authored="11-27")).follow_on(when("11-25"))
        assert not oral(order()).follow_on(when("11-25"))
        assert oral(order("M2", "draft", authored="11-20"), signed=True).follow_on(when("11-25"))


class TestEdges:
    def test_draft_with_written_start(self) -> None:
        draft = order("M1", "draft", authored="11-20", steps=(step(30, "11-19"),))
        assert intervals(oral(draft, signed=True)) == [("11-19", "open", 30)]

    def test_first_step(self) -> None:
        one = order(steps=(step(15, end="11-22"), step(30)))
        first = oral(one).first_step(one)
        assert isinstance(first, Known)
        assert first.value == 15

    def test_unknown_starts(self) -> None:
        hidden = order(authored="")
        facts = oral(hidden)
        assert facts.established(AS_OF) == Known(True, how="assumed")
        assert isinstance(facts.exposure_days(AS_OF), Unknown)
        assert isinstance(facts.off_before(hidden), Unknown)
        assert isinstance(facts.dose_before_gap(hidden), Unknown)
        assert isinstance(facts.naive(hidden), Unknown)

    def test_reported_start_after_the_order_leaves_naive_open(self) -> None:
        new = order("M2", authored="11-18", daily=20)
        reported = order("S", reported=True, authored="", proven="")
        assert isinstance(oral(reported, new).naive(new), Unknown)

    def test_no_exposure_is_no_day(self) -> None:
        assert oral().exposure_days(AS_OF) == Known(0, how="computed")

    def test_hand_over_of_unknown_length_dates_the_first_use(self) -> None:
        liquid = replace(SUSPENSION, strength=None)
        fill = supply("D", "11-10", None, medicine=liquid, order="M1")
        facts = oral(order(), supplies=(fill,))
        assert days(facts) == 11

    def test_unknown_length_between_two_fills(self) -> None:
        liquid = replace(SUSPENSION, strength=None)
        fills = (
            supply("D1", "10-01", 10, order="M1"),
            supply("D2", "10-05", None, medicine=liquid, order="M1"),
            supply("D3", "11-01", 30, order="M1"),
        )
        assert oral(order(), supplies=fills).supply_end == Known(
            moment("12-01"), oral(order(), supplies=fills).supply_end.evidence, "computed"
        )

    def test_stays_without_a_start(self) -> None:
        stay = Stay("E", True, True, None, None)
        facts = oral(order(), supplies=(supply("D", "11-01", 10),), stays=(stay,))
        assert isinstance(facts.gap_days, Known)
        assert facts.gap_days.value == 9

    def test_no_hand_over_before(self) -> None:
        assert oral().fills_within(7) == ()
        assert oral().off_before_fill(moment("11-16")) is None

    def test_courses_one_after_the_other_do_not_overlap(self) -> None:
        first = order(requester="a", end="11-24")
        assert oral(first, order("M2", authored="12-10", requester="b")).overlaps == ()

    def test_combined_dose_is_the_highest_of_the_overlap(self) -> None:
        rising = order(requester="a", steps=(step(30, end="11-24"), step(45)))
        (overlap,) = oral(rising, order("M2", authored="11-19", requester="b")).overlaps
        assert isinstance(overlap.combined, Known)
        assert overlap.combined.value == 75
        steps = (step(30, "11-18", "11-18"), step(20, "11-25"))
        pause = order(authored="11-18", requester="a", end="11-22", steps=steps)
        short = order("M2", authored="11-19", requester="b", steps=(step(9, "11-21", "11-22"),))
        (overlap,) = oral(pause, short).overlaps
        assert isinstance(overlap.combined, Known)
        assert overlap.combined.value == 9
        (overlap,) = oral(pause, replace(short, steps=(step(None, "11-21", "11-22"),))).overlaps
        assert isinstance(overlap.combined, Unknown)

    def test_equal_undated_steps_need_no_dates(self) -> None:
        assert dose(oral(order(steps=(step(10), step(10, dated=False))))) == 10
        unknown = oral(order(authored="", steps=(step(10), step(20, dated=False))))
        assert isinstance(unknown.daily_dose, Unknown)
        assert unknown.at_least == 10

    def test_draft_replaced_by_one_of_unknown_start(self) -> None:
        facts = oral(order(), order("M2", authored="", daily=20, replaces="M1"))
        assert dose(facts) == 20

    def test_history_of_one_status(self) -> None:
        older = order(status="stopped", updated="11-10")
        stop = known_stop(oral(order(status="completed", updated="11-19", versions=(older,))))
        assert (stop.at, stop.certain) == (moment("11-19"), False)

    def test_order_of_another_encounter(self) -> None:
        stay = Stay("Encounter/e", True, False, moment("10-01"), moment("10-05"))
        facts = oral(order(authored="11-01", setting="inpatient", encounter="Encounter/x"), stays=(stay,))
        assert dose(facts) == 30

    def test_reservoir_fillings_are_no_oral_doses(self) -> None:
        fill = Given("G", INJECTION, moment("11-19"), reservoir=True)
        assert oral(given=(fill,)).exposure_days(AS_OF) == Known(0, how="computed")


def some_orders() -> st.SearchStrategy[list[Order]]:
    """Up to five orders of any status, dose, start and end; refs are given afterwards."""
    one = st.builds(
        lambda status, daily, start, length, link, requester, setting, changed: order(
            status=status,
            daily=daily,
            authored=f"{10 + start // 28:02d}-{1 + start % 28:02d}",
            steps=(step(daily) if length is None else replace(step(daily), end=_ahead(start, length)),),
            replaces=link,
            requester=requester,
            setting=setting,
            updated="11-15" if changed else "",
        ),
        st.sampled_from(["active", "on-hold", "stopped", "completed", "cancelled", "draft", "unknown", "not-taken"]),
        st.sampled_from([None, 5, 15, 30, 60]),
        st.integers(0, 55),
        st.sampled_from([None, 1, 7, 30]),
        st.sampled_from([None, "M1", "M2"]),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, "inpatient", "community"]),
        st.booleans(),
    )
    return st.lists(one, max_size=5).map(
        lambda orders: [replace(each, ref=f"M{number}") for number, each in enumerate(orders, 1)]
    )


def _ahead(start: int, length: int) -> Moment:
    begin = moment(f"{10 + start // 28:02d}-{1 + start % 28:02d}")
    return replace(begin, first=begin.first + length * DAY, last=begin.first + length * DAY, precision="time")


def told(orders: list[Order] | tuple[Order, ...], *, signed: bool) -> tuple[object, ...]:
    """Everything the oral facts say, to be compared."""
    facts = oral(*orders, signed=signed)
    refs = sorted(facts.orders, key=lambda each: each.ref)
    return (
        facts.daily_dose,
        facts.at_least,
        facts.in_force,
        facts.max_planned,
        facts.highest_28d,
        facts.stop,
        facts.holds,
        facts.changes,
        facts.plan,
        facts.overlaps,
        facts.counted_once,
        facts.established(AS_OF),
        [(facts.naive(each), facts.off_before(each), facts.dose_before_gap(each)) for each in refs],
    )


@settings(max_examples=60, deadline=None)
@given(some_orders(), st.booleans())
def test_order_of_orders_does_not_matter(orders: list[Order], signed: bool) -> None:
    expected = told(orders, signed=signed)
    for other in list(permutations(orders))[:6]:
        assert told(other, signed=signed) == expected


@settings(max_examples=100, deadline=None)
@given(some_orders())
def test_a_covering_order_never_makes_a_stop(orders: list[Order]) -> None:
    cover = order("Z", "active", 15, "08-01", requester="z")
    without = oral(*(each for each in orders if each.setting != "inpatient"))
    facts = oral(*(each for each in orders if each.setting != "inpatient"), cover)
    if no_stop(without):
        assert no_stop(facts)
    assert isinstance(facts.stop, Known)


@settings(max_examples=100, deadline=None)
@given(some_orders(), st.booleans())
def test_dose_is_never_negative(orders: list[Order], signed: bool) -> None:
    facts = oral(*orders, signed=signed)
    assert not isinstance(facts.daily_dose, Known) or facts.daily_dose.value >= 0
    assert facts.at_least >= 0
    assert all(change.before > 0 and change.after >= 0 for change in facts.changes)
