"""Which signs are current, and what was measured."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.chart import Measurement, Stay
from baclofen_safety.core.fact import Known, Unknown, is_no, is_yes
from baclofen_safety.core.signs import SignFacts

from .charts import act, ago, facts, lab, problem


def signs(*records: Any, **more: Any) -> SignFacts:
    return facts(*records, **more).signs


def said(concept: str, days: float, flag: bool | None = True) -> Measurement:
    return Measurement(f"Observation/{concept}-{days}", concept, ago(days), flag=flag)


def kinds(found: Any) -> list[str]:
    return [sign.kind for sign in found]


def value(fact: Any) -> Any:
    return fact.value if isinstance(fact, Known) else None


def test_fresh_signs_of_toxicity() -> None:
    assert is_yes(signs(problem("delirium-encephalopathy-or-coma", 6)).toxicity_suspected)
    assert is_no(signs(problem("delirium-encephalopathy-or-coma", 8)).toxicity_suspected)
    assert is_yes(signs(problem("delirium-encephalopathy-or-coma", None)).toxicity_suspected)
    assert is_yes(signs(problem("baclofen-poisoning", 2)).toxicity_suspected)
    assert is_yes(signs(problem("drug-poisoning-any", 2, text="took baclofen")).toxicity_suspected)
    assert is_no(signs(problem("drug-poisoning-any", 2, text="took aspirin")).toxicity_suspected)
    assert is_yes(signs(lab("glasgow-coma-score", 13, 0.5)).toxicity_suspected)
    assert is_no(signs(lab("glasgow-coma-score", 14, 0.5)).toxicity_suspected)
    assert is_no(signs(lab("glasgow-coma-score", 10, 2)).toxicity_suspected)


@pytest.mark.parametrize("fact", ["toxicity_suspected", "overdose_event", "temperature", "spo2", "alcohol_intake"])
def test_nobody_looked_is_not_no(fact: str) -> None:
    assert isinstance(getattr(signs(received={}), fact), Unknown)


def test_a_later_word_ends_a_sign() -> None:
    assert kinds(signs(said("fact-sign-confused", 0.5)).confusion) == ["confusion"]
    assert not signs(said("fact-sign-confused", 0.5), said("fact-sign-confused", 0.1, False)).confusion
    assert signs(said("fact-sign-confused", 0.1), said("fact-sign-confused", 0.5, False)).confusion
    assert not signs(problem("delirium-encephalopathy-or-coma", 3), said("fact-sign-confused", 1, False)).confusion
    assert signs(problem("delirium-encephalopathy-or-coma", 1), said("fact-sign-confused", 3, False)).confusion
    assert not signs(said("fact-sign-confused", 2)).confusion


@pytest.mark.parametrize(
    ("concept", "days", "counts"),
    [("spasticity", None, False), ("spasticity", 3, True), ("itching", None, True), ("anxiety", None, False)],
)
def test_an_old_state_needs_a_date(concept: str, days: float | None, counts: bool) -> None:
    assert bool(signs(problem(concept, days)).withdrawal_signs) is counts


def test_a_first_seizure_needs_none() -> None:
    first = problem("epilepsy-seizure", None)
    assert not signs(first).seizure
    assert signs(replace(first, concepts=first.concepts | {"cond-seizure-single"})).seizure


@pytest.mark.parametrize(
    ("reason", "counts"),
    [
        ("Seizure", True),
        ("Two seizures at home", True),
        ("Seizure disorder", False),
        ("History of seizures", False),
        ("Checkup", False),
    ],
)
def test_an_encounter_may_be_for_a_seizure(reason: str, counts: bool) -> None:
    stay = Stay("Encounter/e", True, True, ago(1), None, reason)
    assert bool(signs(stays=(stay,)).seizure) is counts
    assert not signs(stays=(replace(stay, start=ago(9)),)).seizure


def test_highest_temperature_that_no_normal_one_followed() -> None:
    assert value(signs(lab("body-temperature", 39.2, 0.4), lab("body-temperature", 38.4, 0.1)).temperature) == Decimal(
        "39.2"
    )
    ended = signs(lab("body-temperature", 39.2, 0.4), lab("body-temperature", 36.8, 0.1))
    assert value(ended.temperature) == Decimal("36.8")
    assert not ended.fever
    assert isinstance(signs(lab("body-temperature", 39.2, 3)).temperature, Unknown)


def test_a_temperature_that_cannot_be_read_is_unreadable() -> None:
    found = signs(lab("body-temperature", None, 0.1, problem="unit missing")).temperature
    assert isinstance(found, Unknown)
    assert found.reason == "unreadable"


def test_heart_and_breath() -> None:
    found = signs(lab("heart-rate", 45, 0.1), lab("respiratory-rate", 8, 0.1), lab("spo2", 0.8, 0.1))
    assert kinds((*found.bradycardia, *found.slow_breathing, *found.low_oxygen)) == [
        "bradycardia",
        "breathing",
        "oxygen",
    ]
    assert value(found.spo2) == 80
    assert found.sedated
    assert not found.toxicity_signs
    assert "bradycardia" in kinds(signs(lab("heart-rate", 45, 0.1), said("fact-sign-sleepy", 0.1)).toxicity_signs)


def test_pressure() -> None:
    assert value(signs(lab("systolic-bp", 128, 20)).systolic_bp) == 128
    assert isinstance(signs(lab("systolic-bp", 128, 31)).systolic_bp, Unknown)
    assert signs(lab("systolic-bp", 128, 89)).bp_normal_90d
    assert not signs(lab("systolic-bp", 99, 89)).bp_normal_90d
    assert not signs(lab("systolic-bp", 180, 89)).bp_normal_90d
    assert not signs().bp_normal_90d


def test_mental_state() -> None:
    found = signs(problem("hallucination", 1), said("fact-sign-sleepy", 0.2), lab("glasgow-coma-score", 12, 0.1))
    assert kinds(found.mental_state) == ["sleepiness", "hallucination", "coma-score"]
    assert kinds(found.hallucination) == ["hallucination"]


def test_ventilated() -> None:
    assert signs(problem("tracheostomy")).ventilated
    assert signs(act("ventilation", 1)).ventilated
    assert signs(act("ventilation", 9, end=ago(-1))).ventilated
    assert not signs(act("ventilation", 9)).ventilated
    assert not signs(act("ventilation", 1, state="planned")).ventilated


def test_underdosing_and_alcohol() -> None:
    assert kinds(signs(problem("medication-nonadherence", 5)).baclofen_underdosing) == ["underdosing"]
    assert not signs(problem("medication-nonadherence", None)).baclofen_underdosing
    assert signs(problem("alcohol-intoxication", 0.5)).intoxicated
    assert not signs(problem("alcohol-intoxication", None)).intoxicated
    told = value(signs(lab("audit-c", 5, 30), lab("alcohol-drinks-per-day", 2, 30)).alcohol_intake)
    assert (told.audit_c, told.drinks_per_week) == (5, 14)
    assert value(signs(lab("audit-c", 5, 30)).alcohol_intake).drinks_per_week is None
    assert value(signs(lab("alcohol-drinks-per-day", 2, 30)).alcohol_intake).audit_c is None


def test_creatine_kinase_by_the_laboratorys_own_limit() -> None:
    own = lab("creatine-kinase", 1400, 1, upper_normal=Decimal(250))
    assert kinds(signs(own).rhabdomyolysis) == ["muscle-breakdown"]
    assert not signs(replace(own, upper_normal=Decimal(300))).rhabdomyolysis


def test_a_blood_pressure_is_asked_for_by_the_code_of_its_panel_too() -> None:
    """Most pressures stand in components, where a search by code does not look."""
    told = signs().systolic_bp
    assert isinstance(told, Unknown)
    assert told.needs[0].concepts == ("lab-systolic-bp", "lab-blood-pressure-panel")
