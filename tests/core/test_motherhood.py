"""Weeks of pregnancy, nursing, the nursed child's age, and the newborn exposed before birth."""

from dataclasses import replace
from decimal import Decimal

import pytest

from baclofen_safety.core.chart import Child, Measurement, Problem
from baclofen_safety.core.fact import Known, Unknown

from .charts import ago, day, facts, lab, order, problem

DUE = "estimated-delivery-date"


def woman(*records, **more):
    return facts(*records, birth="1994-01-01", sex="female", **more).motherhood


def told(concept, days=1.0, **more):
    return Measurement(f"Observation/{concept}-{days}", concept, ago(days), **more)


def test_weeks_go_on_after_they_were_measured():
    found = woman(lab("gestational-age", 20, 14)).gestation
    assert (found.weeks, found.due, found.at_least) == (Decimal(22), None, False)


def test_due_date_stands_beside_the_weeks():
    found = woman(lab("gestational-age", 20, 14), lab(DUE, None, 30, when=day("2027-03-01"))).gestation
    assert found.weeks == 22
    assert found.days_to_go(facts().as_of) == 101
    assert len(found.evidence) == 2


def test_a_bound_is_used_when_it_is_the_lower_one():
    assert woman(lab("gestational-age", 24, 0.5, high=None)).gestation.weeks == 24
    assert woman(lab("gestational-age", 8, 1, low=None)).gestation.weeks is None


@pytest.mark.parametrize("days", [-300, 30])
def test_a_due_date_out_of_reach_is_not_used(days):
    assert woman(lab(DUE, None, 30, when=ago(days))).gestation.due is None


def test_an_undated_due_date_is_used_unless_a_pregnancy_ended():
    due = replace(lab(DUE, None, 30, when=ago(-60)), at=None)
    assert woman(due).gestation.due is not None
    assert woman(due, problem("delivery", 10)).gestation.due is None


def test_a_pregnancy_recorded_before_the_last_one_ended_says_nothing():
    early, late = problem("pregnancy", 200), problem("pregnancy-loss", 90)
    assert woman(early, late).gestation.weeks is None
    assert woman(early).gestation.at_least
    assert woman(problem("pregnancy", None)).gestation.weeks is None


def test_nursing_is_unknown_when_nobody_looked():
    assert isinstance(woman(received={"MedicationRequest": "sent"}).nursing, Unknown)
    assert not woman().nursing.value.now
    assert not facts(problem("breastfeeding", 5), sex="male").motherhood.nursing.value.now


def test_the_newest_record_of_nursing_counts():
    yes, no = told("fact-breastfeeding", 20, flag=True), told("lab-breastfeeding-status", 3, flag=False)
    found = woman(yes, no).nursing.value
    assert (found.now, found.ended) == (False, no.at)
    assert woman(no).nursing.value.ended is None
    assert woman(no, told("fact-breastfeeding", 1)).nursing.value.now


@pytest.mark.parametrize(
    "more",
    [
        {"shown": "bottle"},
        {"flag": True, "problem": "not final"},
    ],
)
def test_answers_that_say_nothing_of_nursing(more):
    assert not woman(told("lab-breastfeeding-status", 3, **more)).nursing.value.now


def test_an_answer_without_a_date_is_not_used():
    assert not woman(replace(told("fact-breastfeeding", 3, flag=True), at=None)).nursing.value.now


@pytest.mark.parametrize(("value", "now"), [("cond-breastfeeding", True), ("fact-not-breastfeeding", False)])
def test_answers_by_code(value, now):
    found = woman(told("lab-breastfeeding-status", 3, concept_value=frozenset({value})))
    assert found.nursing.value.now is now


def test_a_problem_of_the_past_without_an_end_says_nothing():
    past = problem("breastfeeding", 50, state="history")
    assert not woman(past).nursing.value.now
    assert woman(replace(past, abated=ago(5))).nursing.value.ended == ago(5)
    assert woman(replace(past, state="active", abated=ago(-5))).nursing.value.now


def test_birth_of_the_child_as_told_wins():
    child = Child("RelatedPerson/r", day("2026-10-01"))
    birth = told("fact-infant-birth-date", 2, when=day("2026-09-01"))
    undated = replace(told("fact-infant-birth-date", 9, when=day("2026-07-01")), at=None)
    assert woman(birth, undated, children=(child,)).infant_born.value == day("2026-09-01")
    assert woman(undated, children=(child,)).infant_born.value == day("2026-07-01")
    assert woman(children=(child,)).infant_born.value == day("2026-10-01")
    older = Child("RelatedPerson/s", day("2015-10-01"))
    assert woman(children=(child, older)).infant_born.value == day("2026-10-01")
    assert isinstance(woman(children=(older,)).infant_born, Unknown)
    assert isinstance(woman(told("fact-infant-birth-date", 2)).infant_born, Unknown)
    assert isinstance(woman(problem("delivery", 40)).infant_born, Known)


def baby(*records, birth="2026-11-15", **more):
    return facts(*records, birth=birth, **more).motherhood


def test_a_mother_by_mouth_or_by_pump():
    (by_mouth,) = baby(maternal=(order(30, 90),)).exposures
    assert (by_mouth.pump_only, by_mouth.orders) == (False, ("MedicationRequest/30",))
    step = replace(order(300, 90).steps[0], continuous=True)
    pump = replace(order(300, 90, route="route-intrathecal"), steps=(step,))
    (found,) = baby(maternal=(pump,)).exposures
    assert found.pump_only
    over = replace(pump, status="stopped", changed=ago(10))
    assert baby(maternal=(over,)).exposures
    assert not baby(maternal=(replace(over, changed=ago(60)),)).exposures
    assert not baby(maternal=(replace(pump, start=ago(1), steps=(replace(step, start=ago(1)),)),)).exposures


def test_a_mother_who_began_after_birth_or_stopped_long_before():
    assert not baby(maternal=(order(30, 2),)).exposures
    assert not baby(maternal=(replace(order(30, 90), status="stopped", changed=ago(60)),)).exposures
    assert baby(maternal=(order(30, 90),), birth=None).exposures


def test_a_denied_or_unusable_record_is_no_exposure():
    drug = frozenset({"med-baclofen"})
    assert baby(told("fact-maternal-exposure", concept_value=drug)).exposures
    assert not baby(told("fact-maternal-exposure", concept_value=drug, flag=False)).exposures
    assert not baby(told("fact-maternal-exposure", concept_value=drug, problem="not final")).exposures
    assert not baby(told("fact-maternal-exposure", shown="methadone")).drug_unnamed
    assert baby(told("fact-maternal-exposure")).drug_unnamed


def test_only_the_record_of_a_newborn_is_judged():
    withdrawing = problem("neonatal-drug-withdrawal", 1)
    assert baby(withdrawing).newborn_to_judge
    assert not baby(withdrawing, birth="2020-01-01").newborn_to_judge
    assert not baby().newborn_to_judge


def test_signs_of_the_newborn_are_fresh():
    sign = frozenset({"fact-sign-newborn-withdrawal"})
    assert baby(Problem("Condition/s", sign, "active", ago(1), text="jittery")).newborn_signs
    assert not baby(Problem("Condition/s", sign, "active", ago(9), text="jittery")).newborn_signs
    assert not baby(replace(told("fact-sign-newborn-withdrawal", 0.1), at=None)).newborn_signs
