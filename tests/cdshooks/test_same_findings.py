"""The same record gives the same findings, through CDS Hooks when the chart is opened and through the FHIR door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.services import load_services
from baclofen_safety.config import Settings
from builders import make_bundle
from cases import AS_OF, Case, every_case
from doors import read_back

Json = dict[str, Any]
VIEW = load_services()["baclofen-patient-view"]
KEY_OF = {template.partition("?")[0].partition("/")[0]: key for key, template in reversed(VIEW.prefetch.items())}
"""Type to the key that carries it; for Observation the laboratory."""
NOT_CARRIED = {
    *("DetectedIssue", "DeviceAlert", "DeviceUseStatement", "DocumentReference", "Goal", "ImagingStudy"),
    *("Medication", "MedicationOrder", "QuestionnaireResponse", "RelatedPerson"),
}
"""Types of the cases that no prefetch key brings: what rests on them is known to the FHIR door alone."""


class Clock:
    """The time of the case at hand."""

    now = datetime.fromisoformat(AS_OF)

    def __call__(self) -> datetime:
        return self.now


def types_of(case: Case) -> set[str]:
    found = {entry["resource"]["resourceType"] for entry in make_bundle(case)["entry"]}
    return found - {"Bundle"}


def cases() -> Iterator[Any]:
    for family, case in every_case():
        lost = sorted(types_of(case) - KEY_OF.keys())
        marks = [pytest.mark.skip(f"no prefetch key carries {', '.join(lost)}")] if lost else []
        yield pytest.param(case, id=f"{family}: {case.name}", marks=marks)


CASES = list(cases())


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def door(assessor: Assessor, clock: Clock) -> FlaskClient:
    return create_app(replace(assessor, settings=Settings(cds_auth="off")), clock).test_client()


def prefetch_of(case: Case) -> Json:
    """Every key answered in full, as a server would."""
    held: dict[str, list[Json]] = {key: [] for key in VIEW.prefetch}
    for entry in make_bundle(case)["entry"]:
        if entry["resource"]["resourceType"] != "Bundle":
            held[KEY_OF[entry["resource"]["resourceType"]]].append(entry)
    people = [entry["resource"] for entry in held.pop("patient")]
    answered = {key: searchset(key, found) for key, found in held.items()}
    return answered | ({"patient": people[0]} if people else {})


def searchset(key: str, entries: list[Json]) -> Json:
    url = "https://ehr.example/fhir/" + VIEW.prefetch[key].replace("{{context.patientId}}", "p1")
    link = [{"relation": "self", "url": url}]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "link": link, "entry": entries}


def told_by_cards(door: FlaskClient, prefetch: Json) -> set[tuple[str, str, bool]]:
    body = {
        "hook": VIEW.hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr-a", "patientId": "p1"},
        "prefetch": prefetch,
    }
    answer = door.post(f"/cds-services/{VIEW.id}", json=body)
    assert answer.status_code == 200, answer.text
    told = [card["extension"]["example.baclofen-safety"] for card in answer.json["cards"]]
    return {(rule["id"], rule["severity"], rule["preliminary"]) for one in told for rule in one.get("rules", ())}


def told_by_fhir(door: FlaskClient, prefetch: Json, as_of: datetime) -> set[tuple[str, str, bool]]:
    record = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in prefetch.values()]}
    answer = door.post(
        "/fhir/$assess-medication-safety",
        query_string={"asOf": as_of.isoformat(), "subject": "Patient/p1"},
        data=json.dumps(record),
        content_type="application/fhir+json",
    )
    assert answer.status_code == 200, answer.text
    return {(issue.rule, issue.severity, issue.preliminary) for issue in read_back(answer.json).issues}


@pytest.mark.parametrize("case", CASES)
def test_an_opened_chart_shows_what_the_fhir_door_finds(case: Case, door: FlaskClient, clock: Clock) -> None:
    clock.now = case.as_of
    prefetch = prefetch_of(case)
    assert told_by_cards(door, prefetch) == told_by_fhir(door, prefetch, case.as_of)


def test_what_is_not_compared_is_known_by_type() -> None:
    """A type that gets a key, or a new type in the tables, is to be decided on here."""
    used = set().union(*(types_of(case) for _, case in every_case()))
    assert used - KEY_OF.keys() == NOT_CARRIED
    assert sum(not param.marks for param in CASES) > len(CASES) * 0.9
