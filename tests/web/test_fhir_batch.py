"""A batch: each entry is answered as if it had come alone, whatever becomes of the others."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.resources import shape_errors
from baclofen_safety.web.errors import answer_errors
from baclofen_safety.web.fhir_batch import MOST, offer_batch
from web.fhir_calls import CODE, EMPTY, FIRING, QUIET, parameters, post

READ = {"request": {"method": "GET", "url": "ValueSet/med-baclofen"}}


def asking(method: object, url: object, resource: object = None, **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"request": {"method": method, "url": url, **more}}
    return entry | ({} if resource is None else {"resource": resource})


def batch(*entries: object, kind: str = "batch") -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def sent(client: FlaskClient, *entries: object, **arguments: Any) -> list[dict[str, Any]]:
    answer = post(client, batch(*entries), "/fhir", **arguments)
    assert answer.status_code == 200, answer.text
    assert answer.json["type"] == "batch-response"
    assert shape_errors(answer.json) == ()
    told: list[dict[str, Any]] = answer.json["entry"]
    assert len(told) == len(entries)
    return told


def test_each_is_answered_as_if_alone(client: FlaskClient) -> None:
    told = sent(
        client,
        asking("POST", CODE, FIRING),
        asking("POST", f"Patient/p1/{CODE}", parameters(content=QUIET)),
        asking("POST", f"/{CODE}?asOf=2026-11-20T12:00:00%2B01:00", QUIET),
        asking("GET", "metadata"),
        asking("GET", "ValueSet/med-baclofen"),
        asking("GET", "ValueSet?_id=med-baclofen&_elements=url"),
        asking("GET", "http://localhost/fhir/ValueSet/med-baclofen"),
        asking("HEAD", "ValueSet/med-baclofen"),
    )
    assert {one["response"]["status"] for one in told} == {"200 OK"}
    assert told[0]["resource"] == post(client, FIRING).json
    assert told[1]["resource"] == post(client, QUIET).json
    assert told[2]["resource"]["timestamp"] == "2026-11-20T12:00:00+01:00"
    assert told[3]["resource"] == client.get("/fhir/metadata").json
    assert told[4]["resource"] == told[6]["resource"] == client.get("/fhir/ValueSet/med-baclofen").json
    assert told[5]["resource"] == client.get("/fhir/ValueSet?_id=med-baclofen&_elements=url").json
    assert told[7] == {"response": told[4]["response"]}
    assert told[4]["response"]["etag"] == client.get("/fhir/ValueSet/med-baclofen").headers["ETag"]


@pytest.mark.parametrize(
    ("entry", "status", "code"),
    [
        ("text", 400, "structure"),
        ({}, 400, "structure"),
        ({"request": "GET metadata"}, 400, "structure"),
        (asking("get", "metadata"), 400, "structure"),
        (asking(["GET"], "metadata"), 400, "structure"),
        (asking("GET", None), 400, "structure"),
        (asking("GET", ""), 400, "structure"),
        (asking("GET", "?_id=1"), 400, "structure"),
        (asking("POST", "/", batch(READ)), 400, "structure"),
        (asking("GET", "https://elsewhere.example/fhir/ValueSet/med-baclofen"), 400, "structure"),
        (asking("GET", "../version"), 404, "not-found"),
        (asking("GET", "%2e%2e/version"), 404, "not-found"),
        (asking("GET", "ValueSet/nothing"), 404, "not-found"),
        (asking("GET", "ValueSet/ü€\ud800".encode("utf-8", "replace").decode()), 404, "not-found"),
        (asking("GET", CODE), 405, "not-supported"),
        (asking("DELETE", "ValueSet/med-baclofen"), 405, "not-supported"),
        (asking("PUT", "Patient/p1", {"resourceType": "Patient", "id": "p1"}), 404, "not-found"),
        (asking("POST", CODE), 400, "structure"),
        (asking("POST", CODE, "Secret"), 400, "structure"),
        (asking("POST", CODE, {"resourceType": "Patient"}), 400, "structure"),
        (asking("POST", f"{CODE}?asof=Secret", QUIET), 400, "value"),
        (asking("POST", f"MedicationRequest/other/{CODE}", QUIET), 422, "not-found"),
        (asking("GET", "ValueSet?_count=Secret"), 400, "value"),
        (asking("GET", "ValueSet?_format=xml"), 406, "not-supported"),
    ],
)
def test_a_fault_is_told_in_its_place_and_sinks_nobody(
    client: FlaskClient, entry: dict[str, Any], status: int, code: str
) -> None:
    before, told, after = sent(client, READ, entry, asking("POST", CODE, FIRING))
    assert told["response"]["status"].startswith(str(status)), told
    assert "resource" not in told
    (issue,) = told["response"]["outcome"]["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    assert "Secret" not in str(told)
    assert before["resource"] == client.get("/fhir/ValueSet/med-baclofen").json
    assert after["resource"] == post(client, FIRING).json


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ([], 400, "structure", "type batch"),
        (EMPTY, 400, "structure", "$assess-medication-safety"),
        (FIRING, 400, "structure", "$assess-medication-safety"),
        ({"resourceType": "Parameters"}, 400, "structure", "type batch"),
        (batch(READ, kind="transaction"), 422, "not-supported", "nothing is stored"),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, 400, "structure", "list"),
        (batch(*[READ] * (MOST + 1)), 413, "too-long", "at most"),
    ],
)
def test_what_is_no_batch_is_refused(client: FlaskClient, body: Any, status: int, code: str, words: str) -> None:
    answer = post(client, body, "/fhir")
    assert answer.status_code == status
    (issue,) = answer.json["issue"]
    assert issue["code"] == code
    assert words in issue["details"]["text"]
    assert issue["expression"]


def test_what_there_is_no_time_for_is_told(assessor: Assessor) -> None:
    app, door = Flask("slow"), Blueprint("slow", "slow", url_prefix="/fhir")
    answer_errors(app)
    offer_batch(door, assessor, lambda view: view, patience=0.0)
    app.register_blueprint(door)
    (told,) = sent(app.test_client(), asking("POST", CODE, FIRING))
    assert told["response"]["status"] == "503 Service Unavailable"
    (issue,) = told["response"]["outcome"]["issue"]
    assert (issue["severity"], issue["code"]) == ("error", "transient")


def test_an_empty_batch_has_an_empty_answer(client: FlaskClient) -> None:
    assert post(client, batch(), "/fhir").json == {"resourceType": "Bundle", "type": "batch-response"}


def test_what_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    etag = client.get("/fhir/ValueSet/med-baclofen").headers["ETag"]
    same, other = sent(
        client,
        asking("GET", "ValueSet/med-baclofen", ifNoneMatch=etag),
        asking("GET", "ValueSet/med-baclofen", ifNoneMatch='W/"ü€"'),
        headers={"If-None-Match": etag},
    )
    assert same == {"response": {"status": "304 Not Modified", "etag": etag}}
    assert other["response"]["status"] == "200 OK"


def test_preferences_are_those_of_every_entry(client: FlaskClient) -> None:
    minimal, outcome = (
        sent(client, asking("POST", CODE, FIRING), headers={"Prefer": f"respond-async, return={how}"})[0]
        for how in ("minimal", "OperationOutcome")
    )
    kinds = {entry["resource"]["resourceType"] for entry in minimal["resource"]["entry"]}
    assert kinds == {"GuidanceResponse", "DetectedIssue", "OperationOutcome"}
    assert outcome["response"]["outcome"]["issue"][0]["details"]["text"].startswith("Verdict:")


def test_every_entry_is_in_the_version_asked_for(client: FlaskClient) -> None:
    accept = {"Accept": "application/fhir+json; fhirVersion=5.0"}
    answer = post(client, batch(asking("POST", CODE, FIRING), asking("GET", "metadata")), "/fhir", headers=accept)
    assert "fhirVersion=5.0" in answer.content_type
    judged, statement = (one["resource"] for one in answer.json["entry"])
    assert judged == post(client, FIRING, headers=accept).json != post(client, FIRING).json
    assert statement["fhirVersion"] == "5.0.0"


def test_entries_share_the_id_of_the_request(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    answer = post(client, batch(asking("POST", CODE, QUIET)), "/fhir", headers={"X-Request-ID": "one-and-same"})
    assert answer.headers["X-Request-ID"] == "one-and-same"
    assert "one-and-same" in capsys.readouterr().out


def test_get_at_the_base_is_told_what_to_do(client: FlaskClient) -> None:
    answer = client.get("/fhir")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
