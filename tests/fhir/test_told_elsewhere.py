"""Medicines outside the records of medicines, types nobody reads, marks inside resources: told, never passed over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.chart import Trouble
from baclofen_safety.fhir.reading import read_chart

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS = {"subject": {"reference": "Patient/p1"}}

Json = dict[str, Any]


def order_of(name: str, **more: Any) -> Json:
    medicine = {"medicationCodeableConcept": {"text": name}}
    return {"resourceType": "MedicationRequest", "id": "b", "status": "active", "intent": "order", **medicine, **more}


def troubles(assessor: Assessor, *resources: Json) -> tuple[Trouble, ...]:
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, *resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    return read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms).troubles


@pytest.mark.parametrize("name", ["baclofen 20 mg", "oxycodone 10 mg"])
def test_a_medicine_that_stands_elsewhere_is_asked_for(name: str, assessor: Assessor) -> None:
    places: list[Json] = [
        {"resourceType": "List", "status": "current", "contained": [order_of(name)], **OURS},
        {"resourceType": "List", "status": "current", "entry": [{"item": {"display": name}}], **OURS},
        {"resourceType": "CarePlan", "status": "active", "contained": [order_of(name)], **OURS},
        {
            "resourceType": "CarePlan",
            "status": "active",
            "activity": [{"detail": {"productCodeableConcept": {"text": name}}}],
            **OURS,
        },
        {"resourceType": "RequestGroup", "status": "active", "contained": [order_of(name)], **OURS},
        {"resourceType": "Encounter", "status": "in-progress", "contained": [order_of(name)], **OURS},
        {"resourceType": "Parameters", "parameter": [{"name": "draft", "resource": order_of(name)}]},
        {"resourceType": "SupplyRequest", "status": "active", "itemCodeableConcept": {"text": name}},
        {"resourceType": "AdverseEvent", "event": {"text": name}, **OURS},
    ]
    for place in places:
        assert any(one.needed and name in one.says for one in troubles(assessor, place)), place


@pytest.mark.parametrize(
    "place",
    [
        {"resourceType": "List", "status": "current", "entry": [{"item": {"display": "vitamin C"}}], **OURS},
        {"resourceType": "List", "status": "retired", "entry": [{"item": {"display": "baclofen"}}], **OURS},
        {
            "resourceType": "List",
            "status": "current",
            "entry": [{"deleted": True, "item": {"display": "baclofen"}}],
            **OURS,
        },
        {
            "resourceType": "List",
            "status": "current",
            "contained": [order_of("baclofen", status="stopped")],
            **OURS,
        },
        {"resourceType": "CarePlan", "status": "active", "title": "Plan for baclofen", **OURS},
    ],
)
def test_what_hides_no_medicine_asks_for_nothing(place: Json, assessor: Assessor) -> None:
    assert not any(one.needed for one in troubles(assessor, place))


def test_a_list_of_what_was_read_asks_for_nothing(assessor: Assessor) -> None:
    item = {"reference": "MedicationRequest/b", "display": "baclofen"}
    listed = {"resourceType": "List", "status": "current", "entry": [{"item": item}], **OURS}
    order = order_of("baclofen 10 mg", **OURS)
    assert not any("List" in one.ref for one in troubles(assessor, order, listed))
    (told,) = (one for one in troubles(assessor, listed) if "List" in one.ref or "entry" in one.path)
    assert told.needed
    nameless = {**listed, "entry": [{"item": {"reference": "MedicationStatement/gone"}}]}
    assert "was not sent" in next(one.says for one in troubles(assessor, nameless) if one.path == "entry")


def test_a_type_that_is_not_read_is_told_once(assessor: Assessor) -> None:
    shots = [{"resourceType": "Immunization", "id": str(n), "patient": OURS["subject"]} for n in range(3)]
    (told,) = troubles(assessor, *shots, {"resourceType": "Practitioner", "id": "a"})
    assert (told.kind, told.says, told.needed) == (
        "not-used",
        "Immunization is not a type that is read (3 of them)",
        False,
    )


@pytest.mark.parametrize("key", ["modifierExtension", "implicitRules"])
def test_a_modifier_is_told_at_any_depth(key: str, assessor: Assessor) -> None:
    mark = {key: [{"url": "urn:not"}]}
    odd: list[tuple[Json, str]] = [
        (order_of("baclofen", dosageInstruction=[{"text": "10 mg tid", **mark}], **OURS), f"dosageInstruction.{key}"),
        (
            order_of("x", contained=[{"resourceType": "Medication", "id": "m", **mark}], **OURS),
            f"contained.{key}",
        ),
        ({"resourceType": "Observation", "component": [mark], **OURS}, f"component.{key}"),
        ({"resourceType": "Medication", "id": "m", **mark}, key),
    ]
    for resource, path in odd:
        assert any(one.needed and one.path == path for one in troubles(assessor, resource)), path


def test_a_patient_and_a_bundle_may_be_modified_too(assessor: Assessor) -> None:
    patient = {"resourceType": "Patient", "id": "p1", "modifierExtension": [{"url": "urn:not"}]}
    bundle = {"resourceType": "Bundle", "implicitRules": "urn:x", "entry": [{"resource": patient}]}
    told = read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms).troubles
    assert {one.path for one in told if one.needed} == {"modifierExtension", "implicitRules"}


@pytest.mark.parametrize("meta", [{"tag": [{"code": "SUBSETTED"}]}, {"security": [{"code": "REDACTED"}]}])
def test_a_resource_that_is_cut_is_told(meta: Json, assessor: Assessor) -> None:
    told = troubles(assessor, order_of("baclofen 10 mg", meta=meta, **OURS))
    assert any(one.needed and one.path == "meta" for one in told)
