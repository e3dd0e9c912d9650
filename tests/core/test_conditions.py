"""Facts about conditions: which hold, since when, and when "no" may be said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Act, Implant, Measurement, Problem
from baclofen_safety.core.fact import Fact, Known, Reason, Unknown, is_no, is_yes

from .charts import act, ago, facts, lab, problem

NAMES = (
    *("psychosis", "depression", "suicidality", "dementia", "delirium_12m", "substance_use_disorder"),
    *("alcohol_use_disorder", "falls", "fracture", "syncope", "hypotension", "orthostatic", "gait_disorder"),
    *("walks", "respiratory_disease", "parkinson", "diabetes", "porphyria", "liver", "peptic_ulcer", "dysreflexia"),
    *("retention", "infection_active", "traumatic_brain_injury"),
)
SURE = ("psychosis", "suicidality", "fracture", "respiratory_disease", "liver", "peptic_ulcer", "infection_active")
CONCEPTS = {
    "psychosis": "schizophrenia-psychosis",
    "suicidality": "suicidality",
    "fracture": "fracture",
    "respiratory_disease": "copd",
    "liver": "hepatic",
    "peptic_ulcer": "peptic-ulcer",
    "infection_active": "infection",
}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_sent_is_unknown(name: str) -> None:
    fact = getattr(facts(received={}).conditions, name)
    assert isinstance(fact, Unknown)
    assert fact.reason is Reason.NOT_SENT
    assert fact.needs or name == "walks"


@pytest.mark.parametrize("name", NAMES)
def test_problems_without_it_are_a_no(name: str) -> None:
    fact: Fact[bool] = getattr(facts(problem("spasticity")).conditions, name)
    assert isinstance(fact, Known)
    assert bool(fact.value) is (name == "walks")


@pytest.mark.parametrize("name", SURE)
def test_a_suspicion_is_no_no(name: str) -> None:
    suspected = problem(CONCEPTS[name], 20, state="possible")
    fact = getattr(facts(suspected).conditions, name)
    assert isinstance(fact, Unknown)
    assert fact.reason is Reason.NOT_FINAL
    assert fact.evidence


def marked(*concepts: str, days: float | None = 20, **more: Any) -> Problem:
    """A problem of several concepts."""
    names = frozenset(f"cond-{name}" for name in concepts)
    onset = None if days is None else ago(days)
    return Problem(f"Condition/{concepts[0]}", names, "active", onset=onset, text=concepts[0], **more)


def test_falls_are_days_not_entries() -> None:
    one = problem("falls", 20)
    again = Problem("Condition/again", one.concepts, "history", onset=ago(20))
    later = Problem("Condition/later", one.concepts, "history", onset=ago(10))
    undated = Problem("Condition/undated", one.concepts, "active")
    for found, number in (((one, again), 1), ((one, later), 2), ((one, undated), 2), ((), 0)):
        falls = facts(*found, problem("spasticity")).conditions.falls
        assert isinstance(falls, Known)
        assert falls.value == number


def test_the_larger_number_of_falls_counts() -> None:
    counted = Measurement("Observation/n", "fact-falls-count", ago(5), Decimal(3), Decimal(3), shown="3")
    falls = facts(problem("falls", 20), measurements={"fact-falls-count": (counted,)}).conditions.falls
    assert isinstance(falls, Known)
    assert falls.value == 3
    assert len(falls.evidence) == 2


def test_a_past_without_a_date_is_not_late() -> None:
    assert is_no(facts(problem("fracture", None, state="history")).conditions.fracture)
    assert is_yes(facts(problem("fracture", None)).conditions.fracture)


def test_an_encounter_makes_an_old_entry_late() -> None:
    old = problem("syncope", 400, state="history", seen=ago(30))
    assert is_yes(facts(old).conditions.syncope)


def test_alcohol_damage_is_no_use_disorder() -> None:
    damage = problem("alcohol-use-disorder")
    use = marked("alcohol-use-disorder", "alcohol-dependence")
    in_remission = marked("alcohol-dependence")
    assert is_no(facts(damage).conditions.alcohol_use_disorder)
    assert is_yes(facts(use).conditions.alcohol_use_disorder)
    assert is_no(facts(in_remission).conditions.alcohol_use_disorder)


def test_which_breathing_disorders() -> None:
    found = facts(marked("copd"), marked("sleep-apnoea"), problem("spasticity")).conditions
    assert found.respiratory_kinds == {"cond-copd", "cond-sleep-apnoea"}


def test_infection_by_fever_or_by_diagnosis() -> None:
    hot = lab("body-temperature", 38.4, 0.1)
    diagnosed = problem("infection", 20)
    assert is_yes(facts(hot, problem("spasticity")).conditions.infection_active)
    assert is_yes(facts(diagnosed).conditions.infection_active)
    both = facts(hot, diagnosed).conditions.infection_active
    assert isinstance(both, Known)
    assert len(both.evidence) == 2
    assert is_no(facts(lab("body-temperature", 38.0, 0.1), problem("infection", 90)).conditions.infection_active)


def test_newest_brain_injury() -> None:
    first, last = problem("traumatic-brain-injury", 900), marked("traumatic-brain-injury", days=200)
    assert facts(first, last).conditions.brain_injury_at == ago(200)
    assert facts(marked("traumatic-brain-injury", days=None)).conditions.brain_injury_at is None


def test_a_cane_is_a_gait_aid_while_in_use() -> None:
    for active in (True, False):
        cane = Implant("Device/cane", frozenset({"proc-gait-aid"}), active, "cane")
        assert is_yes(facts(problem("spasticity"), implants=(cane,)).conditions.gait_disorder) is active


def test_a_catheter_procedure_without_a_date_is_not_in_use() -> None:
    dated = act("urinary-catheter", 10)
    undated = Act(dated.ref, dated.kind, dated.concepts, "done")
    assert facts(dated).conditions.urinary_catheter
    assert not facts(undated).conditions.urinary_catheter
    assert not facts(act("urinary-catheter", 10, state="not-done")).conditions.urinary_catheter
    assert facts(act("cpap", 10)).conditions.cpap


def test_lasting_remission_is_no_use_disorder() -> None:
    disorder = ("alcohol-use-disorder", "alcohol-dependence")
    for end, yes in ((ago(300), True), (ago(400), False)):
        over = Problem("Condition/x", frozenset(f"cond-{c}" for c in disorder), "history", ago(4000), abated=end)
        assert is_yes(facts(over).conditions.alcohol_use_disorder) is yes
