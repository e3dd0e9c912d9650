"""Corners of the facts that the cases and the worked examples do not reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from baclofen_safety.core.chart import Acknowledgement, Implant, Stay
from baclofen_safety.core.fact import Known, Reason, Unknown, is_no, is_yes
from baclofen_safety.core.medicines import DoseStep, Medicine, MedicineState
from baclofen_safety.core.oral import OralFacts
from baclofen_safety.core.spans import unite

from . import builders
from .builders import oral, supply
from .charts import AS_OF, act, ago, day, facts, lab, order, problem


def woman(*records: object, **more: object) -> object:
    return facts(*records, sex="female", **more).person.pregnant


def test_results_with_a_date_only_are_counted_by_days() -> None:
    before = replace(lab("creatinine", 0.9), at=day("2026-11-14"))
    now = replace(lab("creatinine", 1.4), at=day("2026-11-20"))
    aki = facts(before, now).kidney.aki
    assert isinstance(aki, Known)
    assert aki.value is not None
    assert aki.value.why == "above-lowest"


def test_a_cached_fact_is_itself_on_the_class() -> None:
    assert "timeline" in (OralFacts.line.__doc__ or "")


def test_dialysis_fluid_is_dialysis() -> None:
    fluid = Medicine("fluid", MedicineState.MATCHED, frozenset(), frozenset({"med-peritoneal-dialysis-fluid"}))
    running = replace(order(10), ref="MedicationRequest/fluid", medicine=fluid)
    assert is_yes(facts(running).kidney.dialysis)
    assert not is_yes(facts(replace(running, status="stopped")).kidney.dialysis)


def test_creatinine_around_dialysis_of_long_ago_is_no_dialysis() -> None:
    assert is_yes(facts(lab("creatinine-dialysis", 6, 29)).kidney.dialysis)
    assert not is_yes(facts(lab("creatinine-dialysis", 6, 31)).kidney.dialysis)


def test_dialysis_that_is_sure_raises_no_doubt() -> None:
    sure = facts(problem("esrd", text="ESRD on haemodialysis")).kidney.dialysis
    assert is_yes(sure)
    assert len(sure.evidence) == 1
    assert isinstance(facts(problem("esrd")).kidney.dialysis, Unknown)


def test_an_old_open_interval_is_not_abnormal() -> None:
    found = facts(lab("egfr-mdrd", None, 500, low=Decimal(60))).kidney.egfr
    assert isinstance(found, Unknown)
    assert found.reason is Reason.TOO_OLD


def test_a_report_of_another_time_is_apart() -> None:
    told = builders.order("S1", authored="", start="01-01", end="02-01", reported=True)
    held = oral(builders.order(), told)
    assert isinstance(held.daily_dose, Known)
    assert held.daily_dose.value == 30


def test_an_inpatient_order_of_no_stay_governs_while_it_runs() -> None:
    earlier = Stay("Encounter/old", True, False, builders.moment("01-01"), builders.moment("01-05"))
    ward = builders.order("W", daily=15, authored="11-10", end="11-25", setting="inpatient")
    held = oral(builders.order(setting="community"), ward, stays=(earlier,))
    assert isinstance(held.daily_dose, Known)
    assert held.daily_dose.value == 15


def test_said_in_our_own_facts() -> None:
    for concept, fact in (
        ("fact-communication-difficulty", "communication_difficulty"),
        ("fact-baclofen-withdrawal-history", "previous_withdrawal"),
    ):
        told = replace(lab("x", None), concept=concept)
        assert is_yes(getattr(facts(told).person, fact))
        assert is_no(getattr(facts(replace(told, flag=False)).person, fact))


def test_a_difficulty_that_is_only_possible_is_unknown() -> None:
    weak = problem("communication-difficulty")
    weak = replace(weak, concepts=weak.concepts | {"cond-communication-difficulty-possible"})
    assert isinstance(facts(weak).person.communication_difficulty, Unknown)


def test_an_earlier_issue_acted_on_is_an_earlier_withdrawal() -> None:
    acted = Acknowledgement("DetectedIssue/1", "BAC-WD-01", ago(100))
    assert is_yes(facts(acknowledgements=(acted,)).person.previous_withdrawal)
    assert is_no(facts(acknowledgements=(replace(acted, rule="BAC-DOSE-01"),)).person.previous_withdrawal)


def test_a_wheelchair_alone_leaves_walking_open() -> None:
    chair = Implant("Device/1", frozenset({"proc-wheelchair"}), True)
    assert isinstance(facts(implants=(chair,)).person.cannot_walk, Unknown)


def test_a_recorded_origin_of_spasticity_wins() -> None:
    for concept, origin in (("fact-origin-spinal", "spinal"), ("fact-origin-cerebral", "cerebral")):
        told = replace(lab("x", None), concept="fact-spasticity-origin", concept_value=frozenset({concept}))
        found = facts(told, problem("multiple-sclerosis")).person.spasticity_origin
        assert isinstance(found, Known)
        assert found.value == origin
    empty = replace(lab("x", None), concept="fact-spasticity-origin")
    assert isinstance(facts(empty).person.spasticity_origin, Unknown)


def test_pregnancy_by_its_newest_source() -> None:
    test = lab("pregnancy-test", None, 30, concept_value=frozenset({"fact-pregnant"}))
    assert is_yes(woman(test))
    assert is_no(woman(test, problem("pregnancy-loss", 10, state="history")))
    assert is_yes(woman(test, problem("pregnancy-loss", 50, state="history")))
    assert is_yes(woman(test, problem("delivery", None)))
    assert is_no(woman(test, act("delivery", 10)))
    assert is_yes(woman(test, act("delivery", 10, state="planned")))
    assert is_no(woman(lab("pregnancy-test", None, 30)))


def test_due_dates_that_cannot_be_used_say_nothing() -> None:
    assert is_no(woman(lab("estimated-delivery-date", None, 5, when=None)))
    assert is_no(woman(lab("estimated-delivery-date", None, 5, when=ago(-100), problem="not final")))
    assert is_yes(woman(replace(lab("estimated-delivery-date", None, when=ago(-100)), at=None)))


def test_a_delivery_problem_is_no_pregnancy() -> None:
    both = problem("pregnancy", 5)
    assert is_no(woman(replace(both, concepts=both.concepts | {"cond-breastfeeding"})))


def test_a_supply_without_length_dates_no_stop() -> None:
    over = builders.order(status="stopped", updated="10-01", steps=(DoseStep(None),))
    held = oral(over, supplies=(supply("D", "11-10", None, order="M1"),))
    assert isinstance(held.stop, Known)
    assert held.stop.value is None


def test_a_stay_of_unknown_start_covers_nothing() -> None:
    stay = Stay("Encounter/e", True, False, None, builders.moment("11-10"))
    with_stay = oral(builders.order(), supplies=(supply("D", "11-01", 10),), stays=(stay,)).supply_end
    assert with_stay == oral(builders.order(), supplies=(supply("D", "11-01", 10),)).supply_end


def test_an_empty_window_is_none() -> None:
    late = AS_OF + timedelta(days=1)
    assert unite([(late, AS_OF), (AS_OF, AS_OF), (AS_OF, late)]) == [(AS_OF, late)]


def test_a_clearance_beside_no_band_is_not_the_worse_one() -> None:
    held = facts(lab("crcl-measured-24h", 40), received={})
    assert isinstance(held.kidney.band, Unknown)
    assert held.kidney.worse_clearance is None
