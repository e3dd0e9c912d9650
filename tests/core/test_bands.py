"""Bands of kidney function, edge by edge, which result sets them, and stages in words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.core.fact import Evidence, Known, Need, Reason, Unknown
from baclofen_safety.core.kidney import PUBLISHED_STAGES, Band, KidneyFacts

from .charts import act, ago, facts, lab, problem

EPI = "egfr-ckdepi-2021-creatinine"


def kidney(*records: object, **more: object) -> KidneyFacts:
    return facts(*records, **more).kidney


def old(*records: object) -> KidneyFacts:
    return kidney(*records, birth="1950-01-01")


def band(held: KidneyFacts) -> Band:
    assert isinstance(held.band, Known), held.band
    return held.band.value


def within(low: float | None, high: float | None, days: float = 10) -> Any:
    return lab(
        "egfr-mdrd", None, days, **{k: v if v is None else Decimal(str(v)) for k, v in (("low", low), ("high", high))}
    )


def test_a_number_sets_its_band() -> None:
    one = lab(EPI, 40)
    held = kidney(one)
    said = (Evidence(one.ref, f"eGFR (CKD-EPI 2021) 40 {one.at}"),)
    egfr = held.egfr
    assert isinstance(egfr, Known)
    whole = Band("30-44", Decimal(40), "eGFR", egfr.value, None, False, ago(10), said)
    assert held.band == Known(whole, said, "coded")
    assert whole.shown == "40"
    assert band(kidney(lab(EPI, 40, 400))).old
    computed = kidney(lab("creatinine", 0.9)).band
    assert isinstance(computed, Known)
    assert computed.how == "computed"


@pytest.mark.parametrize(
    ("low", "high", "name", "at_best"),
    [
        (None, 15, "<15", False),
        (None, 15.1, "15-29", True),
        (None, 60, "45-59", True),
        (None, 30, "15-29", True),
        (15, 30, "15-29", False),
        (14, 30, "15-29", True),
        (60, 90, "60-89", False),
        (60, None, ">=60", False),
        (90, None, ">=90", False),
        (59, 60, "45-59", False),
    ],
)
def test_an_interval_sets_its_worst_certain_band(
    low: float | None, high: float | None, name: str, at_best: bool
) -> None:
    found = band(kidney(within(low, high)))
    assert (found.name, found.at_best, found.value) == (name, at_best, None)


@pytest.mark.parametrize(("low", "high"), [(None, 60.1), (30, None), (59, 61), (59, None), (45, 90)])
def test_an_interval_across_edges_sets_none(low: float | None, high: float | None) -> None:
    held = kidney(within(low, high))
    egfr = held.egfr
    assert isinstance(egfr, Known)
    assert held.band == Unknown(Reason.NOT_COMPUTABLE, f"eGFR {egfr.value.shown}", held.needs, egfr.evidence)


def test_no_egfr_no_band() -> None:
    assert kidney().band == kidney().egfr


def test_the_worse_of_both() -> None:
    crcl, egfr = lab("crcl-cockcroft-gault", 28), lab(EPI, 50)
    held = old(crcl, egfr)
    found = held.band
    told = (Evidence(crcl.ref, f"CrCl 28 {crcl.at}"), Evidence(egfr.ref, f"eGFR (CKD-EPI 2021) 50 {egfr.at}"))
    picked = held.egfr
    assert isinstance(picked, Known)
    whole = Band("15-29", Decimal(28), "CrCl", picked.value, Decimal(28), False, ago(10), told)
    assert found == Known(whole, told, "computed")
    assert whole.shown == "50 (CrCl 28)"
    alone = band(old(crcl))
    assert (alone.shown, alone.egfr, alone.evidence) == ("unknown (CrCl 28)", None, told[:1])
    assert band(old(crcl, lab(EPI, 29))).by == "eGFR"
    assert band(old(crcl, lab(EPI, 30))).by == "CrCl"
    assert band(old(crcl, within(30, None))).by == "CrCl"
    assert band(old(crcl, within(60, None))).by == "CrCl"
    assert band(old(lab("crcl-cockcroft-gault", 95), within(60, None))).by == "eGFR"
    assert replace(whole, value=None).shown == "50"
    assert replace(whole, by="eGFR").shown == "50"


def test_a_clearance_counts_from_65_and_not_against_a_newer_egfr() -> None:
    crcl = lab("crcl-cockcroft-gault", 28)
    for birth, by in (("1961-11-20", "CrCl"), ("1961-11-21", "eGFR"), ("1961", "eGFR")):
        assert band(kidney(crcl, lab(EPI, 50), birth=birth)).by == by
    assert band(old(crcl, lab(EPI, 50, 9))).by == "eGFR"
    assert band(old(crcl, lab(EPI, 50, 9.8))).by == "CrCl"
    assert band(old(crcl, lab(EPI, 50, 11))).by == "CrCl"
    stale = lab("crcl-cockcroft-gault", 28, 365)
    assert band(old(stale, lab(EPI, 50, 400))).by == "CrCl"


def test_a_reported_clearance_worse_than_the_band() -> None:
    def worse(value: float, egfr: float = 70, days: float = 10, what: str = "crcl-measured-24h") -> bool:
        one = lab(what, value, days)
        return kidney(lab(EPI, egfr), one).worse_clearance is one

    assert worse(59)
    assert worse(59, what="crcl-cockcroft-gault")
    assert not worse(60)
    assert not worse(59, 59)
    assert worse(44, 59)
    assert not worse(70, 95)
    assert worse(59, days=9)
    assert not worse(59, days=11)
    assert worse(59, days=10.4)
    assert kidney(lab("crcl-measured-24h", 20)).worse_clearance is None
    assert kidney(lab(EPI, 70)).worse_clearance is None
    assert kidney(lab(EPI, 50, 400), lab("crcl-measured-24h", 20, 366)).worse_clearance is None
    assert kidney(lab(EPI, 50, 400), lab("crcl-measured-24h", 20, 365)).worse_clearance is not None


def test_readings_for_failing_kidneys() -> None:
    one, two = lab("creatinine", 1.0, 3, unit="mg/dL"), lab("creatinine", 1.8, 1, shown="159 umol/L")
    fact = kidney(one, two).aki
    assert [said.says for said in fact.evidence] == [f"creatinine 159 umol/L, {two.at}", f"creatinine 1.0, {one.at}"]
    drop = kidney(lab(EPI, 90, 30), lab(EPI, 60, 2), lab("egfr-mdrd", 80, 2)).aki
    assert isinstance(drop, Known)
    assert drop.value is not None
    assert (drop.value.why, drop.value.before, drop.value.after) == ("egfr-drop", "90", "60")
    again = kidney(lab(EPI, 90, 30), lab("egfr-cystatin", 80, 2.1), lab(EPI, 60, 2)).aki
    assert isinstance(again, Known)
    assert again.value is not None
    first = kidney(lab(EPI, 90, 30), lab(EPI, 60, 2), lab("egfr-mdrd", 60, 2)).aki
    assert first.evidence[0].reference == lab(EPI, 60, 2).ref
    other = kidney(lab(EPI, 90, 30), within(None, 60, 2)).aki
    assert other == Known(None)
    session = kidney(act("dialysis", 1)).aki
    assert isinstance(session, Known)
    assert session.value is not None
    assert session.value.why == "one-session"
    assert kidney(act("dialysis", 1), act("dialysis", 3)).aki == Known(None)


@pytest.mark.parametrize(
    ("concept", "stage"),
    [
        *((f"ckd-stage-{stage}", stage) for stage in ("1", "2", "3", "3a", "3b", "4", "5")),
        ("esrd", "5"),
        ("esrd-on-dialysis", "5"),
        ("ckd-stage-5-or-esrd-hypertensive", "5"),
        ("ckd-unspecified", "unspecified"),
    ],
)
def test_the_stage_of_an_entry(concept: str, stage: str) -> None:
    one = problem(concept)
    assert kidney(one).ckd_stage == Known(stage, (Evidence(one.ref, concept),))
    unnamed = kidney(replace(one, text="")).ckd_stage
    told = "CKD" if stage == "unspecified" else f"CKD stage {stage}"
    assert unnamed == Known(stage, (Evidence(one.ref, told),))
    assert kidney(replace(one, state="history")).ckd_stage == Known(None)


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("CKD 3a", "3a"),
        ("CKD stage 3B", "3b"),
        ("CKD G3a", "3a"),
        ("CKD 3 b", "3b"),
        ("CKD 3", "3"),
        ("CKD 3c", "3"),
        ("CKD 13a", "3"),
        ("CKD 3about", "3"),
        ("CKD stage  3a", "3a"),
    ],
)
def test_half_stages_in_words(text: str, stage: str) -> None:
    fact = kidney(problem("ckd-stage-3", text=text)).ckd_stage
    assert isinstance(fact, Known)
    assert fact.value == stage


def test_the_highest_stage() -> None:
    def stage(*problems: Any, **more: Any) -> object:
        fact = kidney(*problems, **more).ckd_stage
        return fact.value if isinstance(fact, Known) else fact

    assert stage(problem("ckd-stage-2"), problem("ckd-stage-4"), problem("ckd-stage-3")) == "4"
    assert stage(problem("ckd-stage-3", text="3b"), problem("ckd-stage-3a")) == "3b"
    assert stage(problem("ckd-stage-2"), problem("ckd-unspecified")) == "2"
    assert stage(problem("ckd-stage-4", text="was 3a")) == "4"
    assert stage() is None
    need = (Need("Condition", PUBLISHED_STAGES),)
    assert stage(received={}) == Unknown(Reason.NOT_SENT, "problem list", need)
