"""The place a trouble names is one of what was sent, in the names of its own version."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from dosages import terms
from test_versions import SHAPES, turned

from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.fhir.versions import FhirVersion
from baclofen_safety.terminology.systems import FACT
from builders import make_bundle
from cases import every_case

BAD: tuple[Any, ...] = (True, 5, "zzz", [7], {"coding": 5}, {"value": "x"})
KEPT = {"resourceType", "id", "subject", "patient", "for"}
ABSENT = {("Observation", "effectiveDateTime")}
"""Places that are told because nothing is there."""


def spots(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place below a node: what holds it, and its key or index."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key not in KEPT:
            yield node, key
            yield from spots(value)


def damage(resource: dict[str, Any], chance: random.Random) -> None:
    """One element of a resource, somewhere, is of no form it can have."""
    if found := list(spots(resource)):
        holder, key = chance.choice(found)
        holder[key] = deepcopy(chance.choice(BAD))


@pytest.mark.parametrize("version", [FhirVersion.R4, *SHAPES])
def test_every_place_is_in_what_was_sent(version: FhirVersion) -> None:
    chance, strange = random.Random(version.value), set()
    for _, case in list(every_case())[::5]:
        sent = make_bundle(case)
        sent = deepcopy(sent) if version is FhirVersion.R4 else turned(sent, version)[0]
        held = [entry["resource"] for entry in sent["entry"]]
        for one in held:
            damage(one, chance)
        by_ref = {f"{one['resourceType']}/{one['id']}": one for one in held if isinstance(one.get("id"), str)}
        for trouble in read_chart(sent, as_of=case.as_of, subject="Patient/p1", terms=terms()).troubles:
            resource = by_ref.get(trouble.ref)
            if resource is not None and trouble.path:
                head = re.split(r"[.\[]", trouble.path)[0]
                if not any(re.fullmatch(rf"{head}([A-Z]\w*)?", key) for key in resource):
                    strange.add((resource["resourceType"], trouble.path))
    assert strange <= ABSENT


NOT_KNOWN = {"coding": [{"system": "urn:x", "code": "q", "display": "qqq"}]}
BACLOFEN = {"medicationCodeableConcept": {"text": "baclofen"}, "status": "active"}
ALONE = {"subject": {"reference": "Patient/p"}, "id": "x"}


@pytest.mark.parametrize(
    ("sent", "path", "says"),
    [
        (
            {"resourceType": "MedicationRequest", "intent": "order", "dosageInstruction": [{"route": NOT_KNOWN}]},
            "dosageInstruction[0].route",
            "route not recognised",
        ),
        (
            {"resourceType": "MedicationStatement", "dosage": [{"text": "x"}, {"route": NOT_KNOWN}]},
            "dosage[1].route",
            "route not recognised",
        ),
        (
            {"resourceType": "MedicationStatement", "wasNotTaken": False, "dosage": {"route": NOT_KNOWN}},
            "dosage[0].route",
            "route not recognised",
        ),
        (
            {"resourceType": "MedicationStatement", "dosage": [{"route": {"text": "rectal"}}]},
            "dosage.route",
            "baclofen by a route of which no dose is judged",
        ),
        (
            {"resourceType": "MedicationAdministration", "status": "completed", "dosage": {"route": NOT_KNOWN}},
            "dosage.route",
            "route not recognised",
        ),
        (
            {
                "resourceType": "Procedure",
                "code": {"coding": [{"system": FACT, "code": "pump-refill"}]},
                "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "unknown"}}],
                "usedReference": [{"reference": "#m"}],
                "status": "completed",
                "performedDateTime": "2026-11-01",
            },
            "usedReference.medication",
            "a medicine whose name says nothing: unknown; it may be baclofen",
        ),
        (
            {"resourceType": "MedicationOrder", "dateWritten": 5},
            "dateWritten",
            "MedicationOrder.dateWritten cannot be read: expected a date or a time from 1900 on",
        ),
        (
            {"resourceType": "MedicationOrder", "dosageInstruction": [{"route": NOT_KNOWN}]},
            "dosageInstruction[0].route",
            "route not recognised",
        ),
    ],
)
def test_places_of_medicines(sent: dict[str, Any], path: str, says: str) -> None:
    entries = [{"resource": {"resourceType": "Patient", "id": "p"}}, {"resource": {**BACLOFEN, **ALONE, **sent}}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    found = read_chart(bundle, as_of=datetime(2026, 11, 20, tzinfo=UTC), subject=None, terms=terms()).troubles
    assert (path, says) in {(one.path, one.says) for one in found}


@pytest.mark.parametrize(
    ("kind", "path"), [("AllergyIntolerance", "patient"), ("MedicationOrder", "patient"), ("Condition", "subject")]
)
def test_places_of_whose_it_is_are_elements_of_the_type(kind: str, path: str) -> None:
    nobodys = {"resourceType": kind, "id": "x", **BACLOFEN}
    entries = [{"resource": {"resourceType": "Patient", "id": "p"}}, {"resource": nobodys}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    found = read_chart(bundle, as_of=datetime(2026, 11, 20, tzinfo=UTC), subject=None, terms=terms()).troubles
    assert (f"{kind}/x", path) in {(one.ref, one.path) for one in found if "names no patient" in one.says}
