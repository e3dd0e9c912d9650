"""Seeded synthetic patients of a given number of resources, with five findings each."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from baclofen_safety.cdshooks.services import load_services

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
# share of the filler, as seen in whole-record exports
MIX = (
    ("Observation", 55),
    ("MedicationRequest", 20),
    ("Condition", 13),
    ("Encounter", 7),
    ("AllergyIntolerance", 5),
)
LABS = (
    ("2951-2", "Sodium", 140, "mmol/L"),
    ("2823-3", "Potassium", 4.1, "mmol/L"),
    ("718-7", "Hemoglobin", 13.4, "g/dL"),
)
DRUGS = (("314076", "lisinopril 10 MG Oral Tablet"), ("617314", "atorvastatin 20 MG Oral Tablet"))
_BACLOFEN = {"coding": [{"system": RXNORM, "code": "197391", "display": "baclofen 10 MG Oral Tablet"}]}
PROBLEMS = (("I10", "Essential hypertension"), ("E78.5", "Hyperlipidemia"), ("M54.50", "Low back pain"))


def patient(resources: int, seed: int = 1) -> bytes:
    """A Bundle of so many resources, ten or more, as bytes: the story, and filler nobody asks for."""
    chance = random.Random(seed)
    kinds, weights = zip(*MIX, strict=True)
    story = _story()
    filler = [_filler(chance.choices(kinds, weights)[0], number, chance) for number in range(resources - len(story))]
    entries = [{"fullUrl": f"urn:x-bench:{one['id']}", "resource": one} for one in (*story, *filler)]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def order_sign(resources: int, seed: int = 1) -> bytes:
    """An order-sign call about a new baclofen order, with that patient as its complete prefetch."""
    service = load_services()["baclofen-order-sign"]
    held = [entry["resource"] for entry in orjson.loads(patient(resources, seed))["entry"]]
    prefetch: dict[str, Any] = {}
    for key, template in service.prefetch.items():
        kind = template.partition("?")[0].partition("/")[0]
        found = [one for one in held if one["resourceType"] == kind] if key != "vitalSigns" else []
        entries = [{"resource": one} for one in found]
        searchset = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}
        prefetch[key] = found[0] if key == "patient" else searchset
    draft = _baclofen("new", 20, 3, "draft", 0, "a")
    context = {
        "userId": "Practitioner/a",
        "patientId": prefetch["patient"]["id"],
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
    }
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    return orjson.dumps({"hook": service.hook, "hookInstance": instance, "context": context, "prefetch": prefetch})


def _ago(days: float) -> str:
    return (AS_OF - timedelta(days=days)).isoformat()


def _story() -> list[dict[str, Any]]:
    """A woman of 71 with failing kidneys: two orders of two doctors, an empty packet, surgery ahead."""
    return [
        {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1955-03-02"},
        _baclofen("a", 20, 4, "active", 90, "dr-a"),
        _baclofen("b", 30, 1, "active", 3, "dr-b"),
        _lab("creatinine", "2160-0", "Creatinine", 1.5, "mg/dL", 2),
        _lab("egfr-old", "98979-8", "eGFR", 41, "mL/min/{1.73_m2}", 60),
        _lab("egfr-new", "98979-8", "eGFR", 37, "mL/min/{1.73_m2}", 2),
        _lab("weight", "29463-7", "Body weight", 70, "kg", 20),
        {
            "resourceType": "Condition",
            "id": "ms",
            "subject": {"reference": "Patient/p"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G35"}], "text": "MS"},
        },
        {
            "resourceType": "MedicationDispense",
            "id": "fill",
            "status": "completed",
            "medicationCodeableConcept": _BACLOFEN,
            "subject": {"reference": "Patient/p"},
            "authorizingPrescription": [{"reference": "MedicationRequest/a"}],
            "daysSupply": {"value": 30, "unit": "d", "system": UCUM, "code": "d"},
            "whenHandedOver": _ago(31),
        },
        {
            "resourceType": "ServiceRequest",
            "id": "surgery",
            "status": "active",
            "intent": "order",
            "category": [{"coding": [{"system": "http://snomed.info/sct", "code": "387713003"}]}],
            "code": {"text": "Hip replacement"},
            "subject": {"reference": "Patient/p"},
            "occurrenceDateTime": _ago(-1.5),
        },
    ]


def _baclofen(name: str, dose: float, times: int, status: str, days: float, doctor: str) -> dict[str, Any]:
    quantity = {"value": dose, "unit": "mg", "system": UCUM, "code": "mg"}
    repeat = {"frequency": times, "period": 1, "periodUnit": "d"}
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": _BACLOFEN,
        "subject": {"reference": "Patient/p"},
        "authoredOn": _ago(days),
        "requester": {"reference": f"Practitioner/{doctor}"},
        "dosageInstruction": [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": quantity}]}],
    }


def _lab(name: str, code: str, display: str, value: float, unit: str, days: float) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": display}], "text": display},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": _ago(days),
        "issued": _ago(days),
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
    }


def _filler(kind: str, number: int, chance: random.Random) -> dict[str, Any]:
    name, days = f"{kind.lower()}-{number}", chance.uniform(1, 2000)
    subject = {"reference": "Patient/p"}
    if kind == "Observation":
        code, display, value, unit = chance.choice(LABS)
        return _lab(name, code, display, round(value * chance.uniform(0.9, 1.1), 2), unit, days)
    if kind == "MedicationRequest":
        order = _baclofen(name, 10, 1, "active", days, "dr-a")
        code, display = chance.choice(DRUGS)
        order["medicationCodeableConcept"] = {"coding": [{"system": RXNORM, "code": code, "display": display}]}
        return order
    made: dict[str, Any] = {"resourceType": kind, "id": name}
    if kind == "Condition":
        code, display = chance.choice(PROBLEMS)
        icd = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code, "display": display}
        active = {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
        return {
            **made,
            "subject": subject,
            "clinicalStatus": {"coding": [active]},
            "code": {"coding": [icd], "text": display},
            "onsetDateTime": _ago(days),
        }
    if kind == "Encounter":
        visit = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
        period = {"start": _ago(days), "end": _ago(days - 0.02)}
        return {**made, "status": "finished", "class": visit, "subject": subject, "period": period}
    return {**made, "patient": subject, "code": {"text": chance.choice(("penicillin", "latex", "pollen"))}}
