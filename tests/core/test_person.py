"""Age over its range, body size, and what the history says."""

from __future__ import annotations

from decimal import Decimal

import pytest

from baclofen_safety.core.chart import Acknowledgement
from baclofen_safety.core.fact import Known, Reason, Unknown, is_no, is_yes
from baclofen_safety.core.person import PersonFacts

from .charts import act, ago, facts, lab, problem


def person(*records: object, **more: object) -> PersonFacts:
    return facts(*records, **more).person


@pytest.mark.parametrize(
    ("birth", "years", "at_65"),
    [
        ("1961-11-20", 65, True),
        ("1961-11-21", 64, False),
        ("1961", 65, None),
        ("1961-11", 65, None),
        ("1960", 66, True),
        (None, None, None),
    ],
)
def test_age(birth: str | None, years: int | None, at_65: bool | None) -> None:
    held = person(birth=birth)
    assert (held.age_years, held.at_least(65)) == (years, at_65)
    assert held.below(65) is (None if at_65 is None else not at_65)


def test_age_of_infants_is_in_days() -> None:
    assert person(birth="2026-10-24").younger_than_days(28)
    assert not person(birth="2026-10-23").younger_than_days(28)
    assert person(birth="2027-01-01").age_years is None


def test_adult_or_unknown() -> None:
    assert person(birth=None).adult_or_unknown
    assert person(birth="2008").adult_or_unknown
    assert not person(birth="2010-01-01").adult_or_unknown


def test_weight_prefers_measured_and_keeps_the_window() -> None:
    measured, stated = lab("body-weight", 70, 100), lab("body-weight-weak", 90, 5)
    found = person(measured, stated).weight(180)
    assert isinstance(found, Known)
    assert (found.value, found.how) == (70, "coded")
    weak = person(measured, stated).weight(30)
    assert isinstance(weak, Known)
    assert (weak.value, weak.how) == (90, "assumed")
    old = person(measured).weight(30)
    assert isinstance(old, Unknown)
    assert old.reason is Reason.TOO_OLD


def test_bmi_from_its_parts_else_as_reported() -> None:
    own = person(lab("body-weight", 80), lab("body-height", 200)).bmi(365)
    assert isinstance(own, Known)
    assert own.value == 20
    assert isinstance(person(lab("bmi", 17)).bmi(365), Known)
    assert isinstance(person().bmi(365), Unknown)


@pytest.mark.parametrize(
    ("concept", "more", "fact", "answer"),
    [
        ("communication-difficulty", {}, "communication_difficulty", True),
        ("dementia-or-cognitive-impairment", {}, "communication_difficulty", True),
        ("epilepsy-seizure", {}, "seizure_disorder", True),
        ("baclofen-underdosing", {"text": "withdrawal from baclofen"}, "previous_withdrawal", True),
        ("drug-withdrawal-other", {"text": "opioid withdrawal"}, "previous_withdrawal", False),
        ("sci-cervical", {}, "sci_at_or_above_t6", True),
        ("paraplegia", {"text": "Paraplegia, T4 complete"}, "sci_at_or_above_t6", True),
        ("paraplegia", {"text": "Paraplegia, T11"}, "sci_at_or_above_t6", False),
        ("sci-t7-t12", {}, "sci_at_or_above_t6", False),
        ("tia", {"state": "history"}, "cerebrovascular", True),
        ("wheelchair-or-bedbound", {}, "cannot_walk", True),
        ("cerebral-palsy", {"text": "Cerebral palsy, GMFCS level V"}, "cannot_walk", True),
    ],
)
def test_what_problems_say(concept: str, more: dict[str, str], fact: str, answer: bool) -> None:
    found = getattr(person(problem(concept, **more)), fact)
    assert is_yes(found) if answer else is_no(found)


@pytest.mark.parametrize(
    "fact",
    [
        "communication_difficulty",
        "seizure_disorder",
        "previous_withdrawal",
        "sci_at_or_above_t6",
        "cerebrovascular",
        "cannot_walk",
        "low_muscle",
    ],
)
def test_nobody_looked_is_not_no(fact: str) -> None:
    assert isinstance(getattr(person(received={}), fact), Unknown)


def test_doubts() -> None:
    level = person(problem("paraplegia", text="Paraplegia")).sci_at_or_above_t6
    assert isinstance(level, Unknown)
    both = person(problem("multiple-sclerosis"), problem("cerebral-palsy")).spasticity_origin
    assert isinstance(both, Unknown)
    assert both.reason is Reason.CONFLICT
    spinal = person(problem("multiple-sclerosis")).spasticity_origin
    assert isinstance(spinal, Known)
    assert spinal.value == "spinal"


def test_a_small_child_cannot_report() -> None:
    assert is_yes(person(birth="2022-01-01").communication_difficulty)
    assert is_no(person(birth="2021-01-01").communication_difficulty)


def test_pregnancy() -> None:
    assert is_no(person(problem("pregnancy", 100)).pregnant)
    assert is_yes(person(problem("pregnancy", 100), sex="female").pregnant)
    assert is_no(person(problem("pregnancy", 300), sex="female").pregnant)
    assert is_no(person(problem("pregnancy", 280), act("delivery", 3), sex="female").pregnant)
    status = lab("pregnancy-status", None, 2, concept_value=frozenset({"fact-not-pregnant"}))
    assert is_no(person(problem("pregnancy", 100), status, sex="female").pregnant)
    assert is_yes(person(lab("pregnancy-test", None, 30, flag=True), sex="female").pregnant)
    assert isinstance(person(sex="female", received={}).pregnant, Unknown)


def test_low_muscle_says_why() -> None:
    why = person(problem("muscle-wasting-or-amputation", text="Amputation above knee")).low_muscle
    assert isinstance(why, Known)
    assert why.value == "Amputation above knee"
    thin = (lab("body-weight", 50), lab("body-height", 180))
    assert person(*thin).low_muscle == person(*thin).low_muscle
    lean = person(*thin).low_muscle
    assert isinstance(lean, Known)
    assert lean.value == "BMI 15.4"
    child = person(*thin, birth="2012-01-01").low_muscle
    assert isinstance(child, Known)
    assert child.value is None


def test_end_of_life_care() -> None:
    assert person(problem("palliative-care")).end_of_life_care
    assert person(act("palliative-care", 3)).end_of_life_care
    assert not person().end_of_life_care


def test_acknowledgements() -> None:
    acts = (
        Acknowledgement("DetectedIssue/1", "BAC-RENAL-04", ago(200)),
        Acknowledgement("DetectedIssue/2", "BAC-RENAL-04", ago(100)),
        Acknowledgement("DetectedIssue/3", "BAC-DOSE-01", ago(5), override=True),
    )
    held = person(acknowledgements=acts)
    newest = held.acknowledged("BAC-RENAL-04", 180)
    assert newest is not None
    assert newest.ref == "DetectedIssue/2"
    assert held.acknowledged("BAC-RENAL-04", 90) is None
    assert held.acknowledged("BAC-RENAL-04") is newest
    assert held.override() is acts[2]
    assert held.override("BAC-RENAL-04") is None


def test_sex_and_death() -> None:
    assert isinstance(person(sex=None).sex, Unknown)
    assert not person().deceased
    assert Decimal(45) == person(birth="1981-03-01").age.value.low  # type: ignore[union-attr]
