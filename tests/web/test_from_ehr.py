"""The record read from the EHR of the settings, when a Patient is named and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.config import BadSetting
from builders import make_bundle
from cases import AS_OF, make_case
from doors import of_kind
from fhir_server import FhirServer, outcome

ADDRESS = "/fhir/Patient/p1/$assess-medication-safety"


@pytest.fixture
def server() -> Iterator[FhirServer]:
    stopped = make_case({"name": "one", "order": [{"id": "order", "status": "stopped", "updated": "-1d"}]})
    with FhirServer([entry["resource"] for entry in make_bundle(stopped)["entry"]]) as one:
        yield one


@pytest.fixture
def beside(assessor: Assessor, server: FhirServer) -> FlaskClient:
    """A service that may read from the server."""
    settings = replace(assessor.settings, ehr=(server.base,))
    app = create_app(replace(assessor, settings=settings), clock=lambda: datetime.fromisoformat(AS_OF))
    return app.test_client()


def issue_of(response: TestResponse) -> Any:
    assert response.mimetype == "application/fhir+json"
    (issue,) = json.loads(response.data)["issue"]
    return issue


def test_the_record_is_read_and_judged(beside: FlaskClient) -> None:
    response = beside.post(ADDRESS)
    assert response.status_code == 200
    codes = [coding["code"] for one in of_kind(response.json, "DetectedIssue") for coding in one["code"]["coding"]]
    assert "BAC-WD-01" in codes


def test_the_token_of_the_caller_is_the_only_one(beside: FlaskClient, server: FhirServer) -> None:
    server.token = "CANARY"
    assert beside.post(ADDRESS, headers={"Authorization": "bearer CANARY"}).status_code == 200
    assert {asked.token for asked in server.asked} == {"Bearer CANARY"}
    server.asked.clear()
    refused = beside.post(ADDRESS)
    assert refused.status_code == 422
    assert {asked.token for asked in server.asked} == {None}


def test_a_body_is_judged_and_nothing_read(beside: FlaskClient, server: FhirServer) -> None:
    body = make_bundle(make_case({"name": "one"}))
    assert beside.post(ADDRESS, json=body).status_code == 200
    assert server.asked == []


def test_inputs_of_the_url_hold(beside: FlaskClient) -> None:
    response = beside.post(f"{ADDRESS}?asOf=2026-11-19T13:00:00Z&trace=true")
    assert [one["occurrenceDateTime"] for one in of_kind(response.json, "GuidanceResponse")] == ["2026-11-19T13:00:00Z"]
    assert of_kind(response.json, "Parameters")


def test_a_type_the_ehr_refuses_is_told(beside: FlaskClient, server: FhirServer) -> None:
    server.faults["Observation"] = lambda one: one.say(403, outcome("forbidden"))
    response = beside.post(ADDRESS)
    assert [one["status"] for one in of_kind(response.json, "GuidanceResponse")] == ["data-required"]
    (told,) = of_kind(response.json, "OperationOutcome")
    assert "the search for Observation answered with an error" in [one["details"]["text"] for one in told["issue"]]


@pytest.mark.parametrize(
    ("patient", "status", "code"), [("none", 422, "not-found"), ("p1%20x", 400, "value"), ("a%2Fb", 404, "not-found")]
)
def test_nobody_of_that_id(beside: FlaskClient, patient: str, status: int, code: str) -> None:
    response = beside.post(f"/fhir/Patient/{patient}/$assess-medication-safety")
    assert (response.status_code, issue_of(response)["code"]) == (status, code)


def test_an_ehr_that_is_down_is_to_be_asked_again(beside: FlaskClient, server: FhirServer) -> None:
    server.faults["Patient"] = lambda one: one.say(500, outcome("exception"))
    response = beside.post(ADDRESS)
    assert (response.status_code, issue_of(response)["code"]) == (503, "transient")
    assert int(response.headers["Retry-After"]) > 0


def test_without_an_ehr_the_body_is_asked_for(client: FlaskClient) -> None:
    response = client.post(ADDRESS)
    assert response.status_code == 422
    assert issue_of(response)["code"] == "not-supported"
    assert "BACLOFEN_SAFETY_EHR" in issue_of(response)["details"]["text"]


@pytest.mark.parametrize("entries", [("10.0.0.0/8",), ("http://ehr.example/fhir",), ("https://a/f", "https://b/f")])
def test_a_setting_that_cannot_be_used_stops_the_start(assessor: Assessor, entries: tuple[str, ...]) -> None:
    settings = replace(assessor.settings, ehr=entries)
    with pytest.raises(BadSetting, match="BACLOFEN_SAFETY_EHR"):
        create_app(replace(assessor, settings=settings))
