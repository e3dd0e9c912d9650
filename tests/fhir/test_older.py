"""Old shapes, element by element, in those the readers know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.fhir.older import _MORE, _NAMES, _WORDS, renew
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.fhir.versions import FhirVersion
from baclofen_safety.terminology.lookup import Terminology

Json = dict[str, Any]
P = {"reference": "Patient/p"}


def renewed(kind: str, **elements: Any) -> Json:
    resource = {"resourceType": kind, **elements}
    made = renew(kind, resource)
    assert made is not resource
    assert resource == {"resourceType": kind, **elements}
    return {key: value for key, value in made.items() if key != "resourceType"}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        (
            "MedicationOrder",
            {"patient": P, "prescriber": {"display": "A"}, "dateWritten": "2016", "note": "at night"},
            {"subject": P, "requester": {"display": "A"}, "authoredOn": "2016", "note": [{"text": "at night"}]}
            | {"intent": "order", "status": "unknown"},
        ),
        (
            "MedicationOrder",
            {"status": "stopped", "dateEnded": "2017", "reasonEnded": {"text": "rash"}, "intent": "plan"},
            {"status": "stopped", "statusChanged": "2017", "statusReason": {"text": "rash"}, "intent": "plan"},
        ),
        (
            "MedicationRequest",
            {"status": "active", "patient": P, "subject": {"display": "x"}, "reasonCodeableConcept": {"text": "a"}},
            {"status": "active", "patient": P, "subject": {"display": "x"}, "reasonCode": {"text": "a"}}
            | {"intent": "order"},
        ),
        (
            "MedicationStatement",
            {"wasNotTaken": True, "dosage": [{"quantityQuantity": {"value": 1}}, "x"]},
            {"taken": "n", "dosage": [{"doseQuantity": {"value": 1}}, "x"]},
        ),
        (
            "MedicationStatement",
            {"wasNotTaken": False, "dosage": {"quantityRange": {"high": {"value": 1}}}},
            {"taken": "y", "dosage": [{"doseRange": {"high": {"value": 1}}}]},
        ),
        ("MedicationDispense", {"dispenser": {"display": "C"}}, {"performer": [{"actor": {"display": "C"}}]}),
        (
            "MedicationAdministration",
            {"wasNotGiven": True, "effectiveTimePeriod": {"start": "2016"}, "dosage": {"quantity": {"value": 1}}},
            {"notGiven": True, "effectivePeriod": {"start": "2016"}, "dosage": {"dose": {"value": 1}}},
        ),
        (
            "Medication",
            {"product": {"form": {"text": "tablet"}, "ingredient": [{"item": P, "amount": {"numerator": {}}}, 5]}},
            {"form": {"text": "tablet"}, "ingredient": [{"itemReference": P, "strength": {"numerator": {}}}, 5]},
        ),
        ("Medication", {"product": "x"}, {}),
        (
            "Condition",
            {"dateRecorded": "2016", "onsetQuantity": {"value": 3}},
            {"recordedDate": "2016"} | {"onsetAge": {"value": 3}},
        ),
        (
            "AllergyIntolerance",
            {"substance": {"text": "baclofen"}, "status": "refuted", "criticality": "CRITH", "onset": "2016"},
            {"code": {"text": "baclofen"}, "verificationStatus": "refuted", "criticality": "high"}
            | {"onsetDateTime": "2016"},
        ),
        ("AllergyIntolerance", {"status": "resolved"}, {"clinicalStatus": "resolved"}),
        (
            "Encounter",
            {"class": "inpatient", "indication": [P]},
            {"class": {"code": "inpatient"}} | {"reasonReference": [P]},
        ),
        ("Procedure", {"notPerformed": True}, {"notDone": True}),
        (
            "ProcedureRequest",
            {"status": "accepted", "scheduledDateTime": "2016", "orderedOn": "2015"},
            {"status": "active", "occurrenceDateTime": "2016", "authoredOn": "2015"},
        ),
        ("ProcedureRequest", {"status": "cancelled"}, {"status": "revoked"}),
        ("Appointment", {"type": {"text": "refill"}}, {"serviceType": {"text": "refill"}}),
        ("NutritionOrder", {"status": "requested"}, {"status": "active"}),
        ("DocumentReference", {"indexed": "2016", "class": {"text": "a"}}, {"date": "2016", "category": {"text": "a"}}),
        (
            "Device",
            {"status": "not-available", "udi": "(01)"},
            {"status": "inactive"} | {"udiCarrier": [{"carrierHRF": "(01)"}]},
        ),
        (
            "Device",
            {"udi": {"name": "SynchroMed"}},
            {"udiCarrier": [{"name": "SynchroMed"}]} | {"deviceName": [{"name": "SynchroMed"}]},
        ),
        ("ImagingStudy", {"modalityList": [{"code": "MR"}]}, {"modality": [{"code": "MR"}]}),
        ("Provenance", {"period": {"start": "2016"}}, {"occurredPeriod": {"start": "2016"}}),
        ("Goal", {"description": "SpO2 88-92 %"}, {"description": {"text": "SpO2 88-92 %"}}),
        (
            "DetectedIssue",
            {"category": {"text": "a"}, "date": "2016"},
            {"code": {"text": "a"}, "status": "final"} | {"identifiedDateTime": "2016"},
        ),
        (
            "QuestionnaireResponse",
            {"group": {"question": [{"linkId": "1", "answer": [{"group": [{"linkId": "2"}]}, 5]}]}},
            {
                "item": [
                    {"item": [{"linkId": "1", "answer": [{"group": [{"linkId": "2"}], "item": [{"linkId": "2"}]}, 5]}]}
                ]
            },
        ),
    ],
)
def test_old_shapes(kind: str, old: Json, new: Json) -> None:
    assert renewed(kind, **old) == new


def test_an_order_takes_what_it_contains_along() -> None:
    held = {"resourceType": "Medication", "product": {"form": {"text": "tablet"}}}
    made = renewed("MedicationOrder", contained=[held, 5])
    assert made["contained"] == [{"resourceType": "Medication", "form": {"text": "tablet"}}, 5]


@pytest.mark.parametrize(
    ("kind", "today"),
    [
        ("MedicationRequest", {"subject": P, "authoredOn": "2026", "dosageInstruction": [{"doseAndRate": []}]}),
        ("Encounter", {"class": {"code": "IMP"}}),
        ("Device", {"status": "active"}),
        ("Goal", {"description": {"text": "x"}}),
        ("DetectedIssue", {"code": {"text": "a"}, "category": [{"text": "b"}]}),
        ("ProcedureRequest", {"status": "active"}),
        ("Observation", {"comments": "x"}),
    ],
)
def test_what_is_not_old_is_left_alone(kind: str, today: Json) -> None:
    resource = {"resourceType": kind, **today}
    assert renew(kind, resource) is resource


ELEMENTS = sorted(
    {name for names in _NAMES.values() for pair in names.items() for name in pair}
    | {"status", "note", "dosage", "dosageInstruction", "contained", "criticality", "class", "description", "category"}
    | {"date", "item", "answer", "question", "form", "ingredient", "resourceType"}
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "active", "refuted", "CRITH", "Medication"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ELEMENTS), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted({*_NAMES, *_WORDS, *_MORE})), st.dictionaries(st.sampled_from(ELEMENTS), VALUES))
def test_nothing_breaks_it(kind: str, elements: Json) -> None:
    assert isinstance(renew(kind, {**elements, "resourceType": kind}), dict)


def test_an_order_of_stu3_need_not_say_its_status() -> None:
    order = {
        "resourceType": "MedicationRequest",
        "intent": "order",
        "subject": P,
        "medicationCodeableConcept": {"text": "baclofen 10 mg tablet"},
        "dosageInstruction": [{"text": "1 tablet 3 times daily"}],
    }

    def told(declared: FhirVersion | None = None, **more: Any) -> list[tuple[str, str]]:
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {**order, **more}}]}
        as_of = datetime(2026, 11, 20, tzinfo=UTC)
        chart = read_chart(bundle, as_of=as_of, subject=None, terms=Terminology.load(), declared=declared)
        assert [one.status for one in chart.orders] == ["unknown"]
        return [(one.kind, one.path) for one in chart.troubles]

    assert told(context={"reference": "Encounter/e"}) == []
    assert told(dosageInstruction=[{"doseQuantity": {"value": 10, "unit": "mg"}}]) == []
    assert told(FhirVersion.STU3) == []
    assert told(encounter={"reference": "Encounter/e"}) == [("unreadable", "status")]
    assert told() == [("unreadable", "status")]


def test_a_statement_names_its_own_element() -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": P,
        "medicationCodeableConcept": {"text": "baclofen 10 mg tablet"},
        "dosage": ["daily"],
    }
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": statement}]}
    chart = read_chart(bundle, as_of=datetime(2026, 11, 20, tzinfo=UTC), subject=None, terms=Terminology.load())
    assert "dosage[0]" in [one.path for one in chart.troubles]
