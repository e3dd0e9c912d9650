"""The judgement as a whole: what applies, what breaks, what the status says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from baclofen_safety.core.assess import assess
from baclofen_safety.core.chart import Act, Chart, Implant, Patient, Trouble
from baclofen_safety.core.fact import Evidence
from baclofen_safety.core.facts import Facts
from baclofen_safety.core.knowledge import Limits, Rulebook
from baclofen_safety.core.medicines import Supply
from baclofen_safety.core.rule import Finding, Gap, Judge, Said, Severity
from baclofen_safety.core.verdict import Verdict

from . import charts
from .charts import AS_OF, BACLOFEN, ago, lab, order


def book(**judges: Judge) -> Rulebook:
    """Only these rules; "BAC_DOSE_01" stands for "BAC-DOSE-01"."""
    named = {name.replace("_", "-"): judge for name, judge in judges.items()}
    return replace(charts.book(), judges=named, relations=())


def saying(*said: Said) -> Judge:
    def judge(_facts: Facts, _limits: Limits) -> Iterator[Said]:
        yield from said

    return judge


def breaking(_facts: Facts, _limits: Limits) -> Iterator[Said]:
    raise RuntimeError("broken")


def chart(*records: Any, **more: Any) -> Chart:
    return charts.chart(*(records or (order(30), lab("creatinine", 0.9))), **more)


def judged(rules: Rulebook, **more: Any) -> Verdict:
    return assess(chart(**more), AS_OF, rules)


def found(severity: Severity = Severity.LOW, **more: Any) -> Finding:
    return Finding(severity, (Evidence("MedicationRequest/30", "30 mg/day"),), ("MedicationRequest/30",), **more)


def test_a_broken_rule_silences_no_other() -> None:
    verdict = judged(book(BAC_DOSE_01=breaking, BAC_DOSE_02=saying(found())))
    assert [one.sheet.id for one in verdict.issues] == ["BAC-DOSE-02"]
    assert [(one.sheet.id, one.broken, one.high) for one in verdict.questions] == [("BAC-DOSE-01", True, True)]
    assert verdict.status == "data-required"


def test_a_rule_that_breaks_half_way_is_told_as_broken() -> None:
    def half(_facts: Facts, _limits: Limits) -> Iterator[Said]:
        yield found()
        raise RuntimeError("broken")

    verdict = judged(book(BAC_DOSE_01=half))
    assert (verdict.issues, verdict.questions[0].broken) == ((), True)


def test_the_dead_are_not_judged() -> None:
    dead = replace(chart(), patient=Patient("Patient/p1", deceased=True))
    verdict = assess(dead, AS_OF, book(BAC_DOSE_01=saying(found())))
    assert (verdict.applies, verdict.why, verdict.issues, verdict.status) == (False, "deceased", (), "success")


@pytest.mark.parametrize(
    ("more", "applies", "why", "status"),
    [
        ({"orders": (), "received": {}}, False, "no-medicine-records", "data-required"),
        ({"orders": (), "received": {"MedicationRequest": "answered"}}, False, "no-baclofen", "success"),
        ({"orders": (), "received": {"MedicationDispense": "sent"}}, False, "no-medicine-records", "data-required"),
        ({}, True, "baclofen", "success"),
    ],
)
def test_what_applies(more: dict[str, Any], applies: bool, why: str, status: str) -> None:
    verdict = judged(book(), **more)
    assert (verdict.applies, verdict.why, verdict.status) == (applies, why, status)


def test_a_pump_or_its_record_is_judged_without_a_medicine() -> None:
    bare: dict[str, Any] = {"orders": (), "received": {}}
    refill = Act("Procedure/1", "Procedure", frozenset({"proc-pump-refill"}), "done", ago(3))
    programme = {"fact-programmed-daily-dose": (lab("x", 300),)}
    for more in (
        {"implants": (Implant("Device/1", frozenset({"proc-pump-device"}), True, ""),)},
        {"acts": (refill,)},
        {"measurements": programme},
    ):
        verdict = judged(book(), **{**bare, **more})
        assert (verdict.applies, verdict.why) == (True, "pump")


@pytest.mark.parametrize(
    ("gap", "status"),
    [
        (Gap("interval"), "data-required"),  # the rule can be high
        (Gap("interval", high=False), "data-requested"),
        (Gap("interval", high=True), "data-required"),
    ],
)
def test_questions_that_could_be_high_are_required(gap: Gap, status: str) -> None:
    assert judged(book(BAC_RENAL_02=saying(gap))).status == status


def test_a_question_of_a_lesser_rule_is_requested() -> None:
    verdict = judged(book(BAC_RENAL_10=saying(Gap("kidney-unknown"))))
    assert (verdict.status, verdict.questions[0].high) == ("data-requested", False)


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        ({"kind": "unreadable"}, "data-requested"),
        ({"kind": "unreadable", "needed": True}, "data-required"),
        ({"kind": "note"}, "success"),
    ],
)
def test_trouble_with_the_input(trouble: dict[str, Any], status: str) -> None:
    one = Trouble(**{"ref": "Observation/1", "says": "not readable", **trouble})
    assert judged(book(), troubles=(one,)).status == status


def test_several_findings_of_a_rule_are_one_issue() -> None:
    other = Finding(
        Severity.HIGH, (Evidence("Observation/1", "x"),), ("MedicationRequest/2",), marks=frozenset({"mark"})
    )
    (one,) = judged(book(BAC_DOSE_01=saying(found(), other))).issues
    assert one.severity is Severity.HIGH
    assert one.finding.implicated == ("MedicationRequest/2", "MedicationRequest/30")
    assert [e.reference for e in one.finding.evidence] == ["Observation/1", "MedicationRequest/30"]
    assert one.finding.marks == {"mark"}


def test_the_worst_comes_first_then_the_order_of_the_rules() -> None:
    verdict = judged(
        book(
            BAC_RENAL_04=saying(found()),
            BAC_DOSE_01=saying(found(Severity.HIGH)),
            BAC_DOSE_02=saying(found(Severity.HIGH)),
        )
    )
    assert [one.sheet.id for one in verdict.issues] == ["BAC-DOSE-01", "BAC-DOSE-02", "BAC-RENAL-04"]


def test_what_only_a_signature_brings_is_preliminary() -> None:
    def when_signed(facts: Facts, _limits: Limits) -> Iterator[Said]:
        if facts.signed:
            yield found(Severity.HIGH)
            yield Gap("interval")

    def worse_when_signed(facts: Facts, _limits: Limits) -> Iterator[Said]:
        yield found(Severity.HIGH if facts.signed else Severity.LOW)

    rules = book(BAC_DOSE_01=when_signed, BAC_DOSE_02=worse_when_signed, BAC_DOSE_04=saying(found()))
    verdict = assess(chart(order(30), order(60, status="draft")), AS_OF, rules)
    said = {one.sheet.id: (one.preliminary, one.severity.value) for one in verdict.issues}
    assert said == {"BAC-DOSE-01": (True, "high"), "BAC-DOSE-02": (False, "high"), "BAC-DOSE-04": (False, "low")}
    assert len(verdict.questions) == 1
    assert not assess(chart(order(30)), AS_OF, book(BAC_DOSE_01=when_signed)).issues


def test_who_speaks_for_the_patient() -> None:
    assert not judged(book()).caregiver
    assert judged(book(), caregiver_ref="RelatedPerson/1").caregiver
    assert judged(book(), birth="2018-01-01").caregiver
    assert not judged(book(), birth=None).caregiver


def test_a_hand_over_alone_applies() -> None:
    assert judged(book(), orders=(), supplies=(Supply("MedicationDispense/1", BACLOFEN),)).applies
