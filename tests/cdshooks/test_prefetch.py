"""What arrives as prefetch: what is unknown never looks like "none"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from moments import bundle, call_of, searchset

from baclofen_safety.cdshooks.prefetch import Supply, queries, supplied, with_fetched
from baclofen_safety.fhir.bundle import index_bundle, settle_searches
from baclofen_safety.fhir.patients import Subject

CONDITION = {"resourceType": "Condition", "id": "c1", "code": {"text": "spasticity"}}
QUERY = "Condition?patient=p1&_count=200"


@dataclass
class Came:
    """An answer to a query of our own."""

    resource: dict[str, Any] | None = None
    problem: str = ""


def outcome(severity: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def supply_of(value: object) -> Supply:
    return supplied(call_of("patient-view", {}, {"conditions": value}))


def is_answered(supply: Supply, key: str = "conditions", kind: str = "Condition") -> bool:
    """Does the reader take the answer as all there is?"""
    entries = [{"resource": supply.bundles[key]}] if key in supply.bundles else []
    record = index_bundle({"resourceType": "Bundle", "entry": entries})
    settle_searches(record, Subject("Patient/p1", record, frozenset()), frozenset())
    return kind in record.received


def answer(*entries: object, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": list(entries), **more}


def own_link(url: str) -> dict[str, Any]:
    return {"link": [{"relation": "self", "url": url}]}


@pytest.mark.parametrize(("total", "known"), [("37", False), ("0", True), ("many", False), (True, False), (0, True)])
def test_a_total_that_is_no_number(total: object, known: bool) -> None:
    assert is_answered(supply_of(answer(total=total))) is known


@pytest.mark.parametrize(
    ("key", "old"), [("medicationRequests", "MedicationOrder"), ("serviceRequests", "ProcedureRequest")]
)
def test_orders_of_an_older_version_answer_the_question(key: str, old: str) -> None:
    came = searchset({"resourceType": old, "id": "o1", "status": "active", "subject": {"reference": "Patient/p1"}})
    assert key not in supplied(call_of("patient-view", {}, {key: came})).missing


@pytest.mark.parametrize(
    "value",
    [
        answer(),
        answer(total=0),
        {"resourceType": "Bundle"},
        answer({"resource": outcome("warning"), "search": {"mode": "outcome"}}, total=0),
        answer({"resource": CONDITION}),
        answer({"resource": CONDITION}, total=1),
        answer(CONDITION),
        bundle(CONDITION),
        CONDITION,
        answer(**own_link("https://ehr/fhir/Condition/_search")),
        answer(**own_link("https://ehr/fhir/Condition?subject=Patient/p1&_format=json&_count=10")),
    ],
)
def test_what_was_answered_in_full_is_known(value: object) -> None:
    supply = supply_of(value)
    assert "conditions" not in supply.missing
    assert is_answered(supply)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "null"),
        (outcome("error"), "failed"),
        (outcome("information"), "failed"),
        ("Condition/c1", "unreadable"),
        ([CONDITION], "unreadable"),
        ({}, "unreadable"),
        ({"resourceType": "Bundle", "entry": {"resource": CONDITION}}, "unreadable"),
    ],
)
def test_what_did_not_come_has_a_reason(value: object, why: str) -> None:
    supply = supply_of(value)
    assert supply.missing["conditions"] == why
    assert "conditions" not in supply.bundles


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (answer({"resource": CONDITION}, link=[{"relation": "next", "url": "https://ehr/fhir?page=2"}]), "partial"),
        (answer({"resource": CONDITION}, total=2), "partial"),
        (answer({"resource": CONDITION}, {"resource": CONDITION, "search": {"mode": "include"}}, total=2), "partial"),
        (answer({"resource": CONDITION}, {"resource": outcome("error"), "search": {"mode": "outcome"}}), "failed"),
        (answer(**own_link("https://ehr/fhir/Condition?patient=p1&category=encounter-diagnosis")), "partial"),
        (answer(**own_link("https://ehr/fhir/Condition?patient=p2")), "unreadable"),
        (searchset({"resourceType": "Observation", "id": "o1"}), "unreadable"),
        ({"resourceType": "Observation", "id": "o1"}, "unreadable"),
    ],
)
def test_a_part_is_judged_and_not_taken_for_all(value: object, why: str) -> None:
    supply = supply_of(value)
    assert supply.missing["conditions"] == why
    assert not is_answered(supply)
    assert "conditions" in supply.bundles


def test_keys_not_sent_are_absent_and_keys_not_asked_for_are_no_gap() -> None:
    call = call_of("allergyintolerance-create", {}, {"conditions": answer(), "vitalSigns": None, "x": {}})
    supply = supplied(call)
    assert set(supply.missing) == set(call.service.prefetch) - {"conditions"}
    assert set(supply.missing.values()) == {"absent"}


@pytest.mark.parametrize(
    "value", [{"resourceType": "Patient", "id": "p1"}, searchset({"resourceType": "Patient", "id": "p1"})]
)
def test_the_patient_comes_alone_or_in_a_bundle(value: object) -> None:
    supply = supplied(call_of("patient-view", {}, {"patient": value}))
    assert "patient" not in supply.missing
    assert supply.bundles["patient"]["entry"][0]["resource"]["id"] == "p1"


def test_a_bundle_without_the_patient_is_no_patient() -> None:
    assert supplied(call_of("patient-view", {}, {"patient": answer()})).missing["patient"] == "null"


def test_laboratory_results_are_never_all_observations() -> None:
    supply = supplied(call_of("patient-view", {}, {"laboratory": answer()}))
    assert "laboratory" not in supply.missing
    assert not is_answered(supply, "laboratory", "Observation")


def test_templates_are_filled_with_ids_that_cannot_break_out() -> None:
    call = call_of("patient-view", {}, {}, patient_id="p1&_count=1")
    assert queries(call, ["conditions"]) == {"conditions": "Condition?patient=p1%26_count%3D1&_count=200"}
    call = call_of("patient-view", {}, {})
    keys = ["patient", "conditions", "Medication/m1", "what?"]
    assert queries(call, keys) == {"patient": "Patient/p1", "conditions": QUERY, "Medication/m1": "Medication/m1"}


def test_what_was_fetched_takes_the_place_of_what_was_missing() -> None:
    call = call_of("patient-view", {}, {"conditions": None, "allergies": None, "devices": None})
    medication = {"resourceType": "Medication", "id": "m1"}
    fetched = {
        "conditions": Came(answer({"resource": CONDITION})),
        "allergies": Came(None, "timeout"),
        "devices": Came(answer(), "too-many-pages"),
        "procedures": Came(outcome("error")),
        "Medication/m1": Came(medication),
    }
    supply = with_fetched(supplied(call), fetched, call)
    assert is_answered(supply)
    assert "conditions" not in supply.missing
    assert supply.missing["allergies"] == "timeout"
    assert supply.missing["devices"] == "too-many-pages"
    assert not is_answered(supply, "devices", "Device")
    assert supply.missing["procedures"] == "failed"
    assert supply.bundles["Medication/m1"]["entry"] == [{"resource": medication}]
    assert supply.missing["encounters"] == "absent"


def test_a_fetch_that_failed_leaves_the_part_that_came() -> None:
    call = call_of("patient-view", {}, {"conditions": answer({"resource": CONDITION}, total=2)})
    supply = with_fetched(supplied(call), {"conditions": Came(None, "timeout")}, call)
    assert supply.missing["conditions"] == "timeout"
    assert supply.bundles["conditions"]["entry"] == [{"resource": CONDITION}]
    assert not is_answered(supply)
