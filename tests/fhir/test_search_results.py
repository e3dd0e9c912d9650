"""What searches answer for: only those for this patient, and only those from which nothing was left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.assess import assess
from baclofen_safety.core.chart import Chart
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
BASE = "https://ehr.example/fhir"
PATIENT = {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:mrn", "value": "7"}]}
ASPIRIN = {
    "resourceType": "MedicationAdministration",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {"text": "aspirin"},
}
NARROWED = "MedicationRequest?patient=p1&status=completed"

Json = dict[str, Any]


@pytest.fixture(scope="session")
def terms(assessor: Assessor) -> Terminology:
    return assessor.terms


@pytest.fixture(scope="session")
def book(assessor: Assessor) -> Rulebook:
    return assessor.book


def searchset(url: str, *resources: Json, **more: Any) -> Json:
    entry = [{"resource": one} for one in resources]
    link = [{"relation": "self", "url": f"{BASE}/{url}"}]
    return {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entry, **more}


def chart_of(*resources: Json, terms: Terminology, **more: Any) -> Chart:
    entry = [{"fullUrl": f"{BASE}/Patient/p1", "resource": PATIENT}, *({"resource": one} for one in resources)]
    document = {"resourceType": "Bundle", "type": "collection", "entry": entry, **more}
    return read_chart(document, as_of=AS_OF, subject=None, terms=terms)


@pytest.mark.parametrize(
    "url",
    [
        "Condition?patient=p1&_count=50",
        "Condition?patient=Patient/p1",
        "Condition?patient=Patient%2Fp1",
        f"Condition?patient={BASE}/Patient/p1",
        "Condition?subject=Patient/p1",
        "Condition?patient:Patient=p1",
        "Condition?subject:Patient=p1",
        "Condition?subject.identifier=urn:mrn|7",
        "Condition?patient:identifier=urn:mrn|7",
        "Condition?patient.identifier=7",
        "Condition?patient=p0,p1",
        "Condition/_search?patient=p1",
        "Patient/p1/Condition",
    ],
)
def test_a_search_for_the_patient_is_an_answer(url: str, terms: Terminology) -> None:
    assert chart_of(searchset(url), terms=terms).received["Condition"] == "answered"


@pytest.mark.parametrize(
    "url",
    [
        "Condition",
        "Condition?_count=50",
        "Condition?patient=",
        "Condition?patient=p2",
        "Condition?patient=Patient/p2",
        "Condition?patient=p1&subject=p2",
        "Condition?subject=Group/p1",
        "Condition?subject:Group=p1",
        "Condition?subject.identifier=urn:mrn|8",
        "Condition?subject.identifier=urn:other|7",
        "Condition?patient.name=Smith",
        "Patient/p2/Condition",
        "Patient/p2/$everything",
    ],
)
def test_a_search_for_another_or_for_nobody_is_none(url: str, terms: Terminology) -> None:
    chart = chart_of(searchset(url), terms=terms)
    assert "Condition" not in chart.received


@pytest.mark.parametrize("url", ["MedicationRequest?patient=p2", "MedicationRequest?_count=50", NARROWED])
@pytest.mark.parametrize(
    "beside",
    [
        *(searchset(f"{kind}?patient=p1") for kind in ("MedicationStatement", "MedicationDispense")),
        searchset("MedicationAdministration?patient=p1", ASPIRIN),
    ],
)
def test_no_baclofen_is_said_only_when_orders_were_looked_for(
    url: str, beside: Json, book: Rulebook, terms: Terminology
) -> None:
    verdict = assess(chart_of(searchset(url), beside, terms=terms), AS_OF, book)
    assert (verdict.status, verdict.why) == ("data-required", "no-medicine-records")
    assert [need.resource for need in verdict.needs] == ["MedicationRequest", "MedicationStatement"]
    whole = searchset("MedicationRequest?patient=p1")
    verdict = assess(chart_of(whole, beside, terms=terms), AS_OF, book)
    assert (verdict.status, verdict.why, verdict.needs) == ("success", "no-baclofen", ())


@pytest.mark.parametrize(
    "issue",
    [
        {"severity": "warning", "code": "suppressed"},
        {"severity": "warning", "code": "incomplete"},
        {"severity": "warning", "code": "timeout"},
        {"severity": "information", "code": "suppressed"},
        {"severity": "Error", "code": "processing"},
        {"code": "processing"},
    ],
)
def test_a_search_that_says_something_lacks_is_no_answer(issue: Json, terms: Terminology) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    chart = chart_of(searchset("Condition?patient=p1", outcome), terms=terms)
    assert "Condition" not in chart.received
    assert [trouble.needed for trouble in chart.troubles] == [True]


def test_a_warning_about_something_else_takes_nothing_away(terms: Terminology) -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
    chart = chart_of(searchset("Condition?patient=p1", outcome), terms=terms)
    assert (chart.received["Condition"], chart.troubles) == ("answered", ())


@pytest.mark.parametrize("meta", [{"security": [{"code": "REDACTED"}]}, {"tag": [{"code": "SUBSETTED"}]}])
def test_a_bundle_that_is_cut_is_no_answer(meta: Json, terms: Terminology) -> None:
    chart = chart_of(searchset("Condition?patient=p1", meta=meta), terms=terms)
    assert "Condition" not in chart.received
    assert [trouble.needed for trouble in chart.troubles] == [True]
    meta = {**meta, "tag": [*meta.get("tag", ()), {"code": "complete-record"}]}
    assert "*" not in chart_of(meta=meta, terms=terms).received


@pytest.mark.parametrize(("total", "whole"), [("0", True), ("37", False), ("many", False), (0, True)])
def test_a_total_that_is_no_number(total: object, whole: bool, terms: Terminology) -> None:
    chart = chart_of(searchset("Condition?patient=p1", total=total), terms=terms)
    assert (chart.received.get("Condition") == "answered") is whole
