"""Who a message goes to, how references are written, and ids that stay the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from baclofen_safety.core.chart import Chart, Stay
from baclofen_safety.core.knowledge import Tell
from baclofen_safety.core.medicines import Supply
from baclofen_safety.core.verdict import Issue, Verdict
from baclofen_safety.fhir.resources import check_output
from baclofen_safety.fhir.writing import Letterhead, instant, issue_id, reference, write_answer
from core.charts import BACLOFEN, chart, order
from core.verdicts import SHIPPED, issue, verdict
from doors import of_kind

LETTERHEAD = Letterhead({"text": "baclofen"}, "112")
EVERYBODY = Tell("urgent", "urgent", "urgent", ("PT-DOSE",))
WARD = Stay("Encounter/1", True, True, None, None, attender_ref="Practitioner/ward")


def recipients(*issues: Issue, **more: Any) -> dict[str, dict[str, str]]:
    """Recipient by kind of message."""
    said = write_answer(verdict(*(issues or (issue(tell=EVERYBODY),)), **more), SHIPPED, LETTERHEAD)
    assert not check_output(said)
    found = {}
    for one in of_kind(said, "CommunicationRequest"):
        (who,) = one["recipient"]
        patient = one["category"][0]["coding"][0]["code"] == "instruction"
        role = "patient" if patient else "pharmacist" if "pharmacist" in found or "requester" in found else "requester"
        found[role] = who
    return found


def with_orders(**more: Any) -> Chart:
    implicated = replace(order(30, requester_ref="Practitioner/a"), ref="MedicationRequest/1")
    other = replace(order(10, requester_ref="Practitioner/b"), ref="MedicationRequest/0")
    return chart(other, implicated, **more)


def test_the_prescriber_of_the_order_implicated_is_asked_first() -> None:
    assert recipients(chart=with_orders())["requester"] == {"reference": "Practitioner/a"}


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"stays": (WARD,), "team_ref": "CareTeam/1"}, {"reference": "Practitioner/ward"}),
        ({"team_ref": "CareTeam/1"}, {"reference": "CareTeam/1"}),
        ({}, {"display": SHIPPED.phrases["requester"]}),
    ],
)
def test_then_the_ward_then_the_team_then_words(more: dict[str, Any], who: dict[str, str]) -> None:
    assert recipients(chart=chart(order(30), **more))["requester"] == who


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"supplies": (Supply("MedicationDispense/1", BACLOFEN, pharmacist_ref="Practitioner/p"),)}, "Practitioner/p"),
        ({"orders": (order(30, pharmacist_ref="Organization/pharmacy"),)}, "Organization/pharmacy"),
        ({"team_ref": "CareTeam/1"}, None),
    ],
)
def test_the_pharmacist(more: dict[str, Any], who: str | None) -> None:
    found = recipients(chart=chart(order(30), **more))["pharmacist"]
    assert found == ({"reference": who} if who else {"display": SHIPPED.phrases["pharmacist"]})


@pytest.mark.parametrize(
    ("caregiver", "ref", "who"),
    [
        (False, "RelatedPerson/1", {"reference": "Patient/p1"}),
        (True, "RelatedPerson/1", {"reference": "RelatedPerson/1"}),
        (True, None, {"display": SHIPPED.phrases["caregiver"]}),
    ],
)
def test_the_patient_or_who_speaks_for_the_patient(caregiver: bool, ref: str | None, who: dict[str, str]) -> None:
    found = recipients(chart=chart(order(30), caregiver_ref=ref), caregiver=caregiver)
    assert found["patient"] == who


@pytest.mark.parametrize(
    ("ref", "display", "written"),
    [
        ("Observation/1", "", {"reference": "Observation/1"}),
        ("Observation/1", "eGFR 40", {"reference": "Observation/1", "display": "eGFR 40"}),
        ("", "", {"display": "not named in the data"}),
        ("entry 3", "eGFR 40", {"display": "entry 3: eGFR 40"}),
    ],
)
def test_references(ref: str, display: str, written: dict[str, str]) -> None:
    assert reference(ref, display) == written


def test_instants_keep_their_offset() -> None:
    assert instant(datetime.fromisoformat("2026-11-20T12:00:00.5+00:00")) == "2026-11-20T12:00:00Z"
    assert instant(datetime.fromisoformat("2026-11-20T12:00:00+01:00")) == "2026-11-20T12:00:00+01:00"


def test_an_id_hangs_on_patient_rule_orders_knowledge_and_episode() -> None:
    one, here = issue(implicated=("MedicationRequest/1", "MedicationRequest/2")), verdict()
    first = issue_id(one, here)
    turned = issue(implicated=("MedicationRequest/2", "MedicationRequest/1"))
    assert issue_id(turned, here) == first
    others: list[tuple[Issue, Verdict]] = [
        (issue("BAC-DOSE-02", implicated=one.finding.implicated), here),
        (issue(), here),
        (issue(implicated=one.finding.implicated, same_as="2026-11-01"), here),
        (one, replace(here, version="v2")),
        (one, replace(here, chart=replace(here.chart, patient=replace(here.chart.patient, ref="Patient/p2")))),
    ]
    assert len({first, *(issue_id(*other) for other in others)}) == len(others) + 1


def test_another_language_is_told_and_english_is_not() -> None:
    def told(language: str | None) -> bool:
        said = write_answer(verdict(issue()), SHIPPED, LETTERHEAD, language=language)
        return "No patient text in" in json.dumps(of_kind(said, "OperationOutcome"))

    assert [told(language) for language in ("de", "en-GB", "EN", None)] == [True, False, False, False]


def test_an_issue_without_orders_or_evidence_is_still_valid() -> None:
    said = write_answer(verdict(issue(implicated=(), evidence=())), SHIPPED, LETTERHEAD)
    assert not check_output(said)
    (one,) = of_kind(said, "DetectedIssue")
    assert "implicated" not in one
    assert "evidence" not in one
