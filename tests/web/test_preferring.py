"""Prefer, the form of an answer, and how strictly what was sent is taken."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from baclofen_safety.fhir.resources import check_output
from baclofen_safety.web.preferring import Wishes, wishes
from doors import of_kind, rule_of
from web.fhir_calls import EMPTY, FIRING, OPERATION, QUIET, order_in, parameters, post

ISSUES = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue"
STRANGE = {"name": "Secret", "valueString": "Secret"}


def asked(client: FlaskClient, body: object, prefer: str, path: str = OPERATION) -> Any:
    return post(client, body, path, headers={"Prefer": prefer})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], Wishes()),
        (["return=minimal"], Wishes("minimal")),
        (["Return=Minimal"], Wishes("minimal")),
        (['return="operationoutcome"'], Wishes("OperationOutcome")),
        (["return=representation; foo=bar, handling=lenient"], Wishes("representation", "lenient")),
        (["handling=strict", "respond-async, wait=10"], Wishes(None, "strict", respond_async=True)),
        (["return=minimal, return=representation"], Wishes("minimal")),
        (["return=everything, handling=gentle, odd, =, ;"], Wishes()),
        (["return=everything, return=minimal"], Wishes()),
    ],
)
def test_preferences(headers: list[str], expected: Wishes) -> None:
    environ = EnvironBuilder("/", headers=[("Prefer", one) for one in headers]).get_environ()
    assert wishes(Request(environ)) == expected


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("return=representation", "return=representation"),
        ("handling=lenient, return=minimal", "return=minimal, handling=lenient"),
        ("wait=10", None),
    ],
)
def test_what_was_followed_is_told(client: FlaskClient, prefer: str, applied: str | None) -> None:
    answer = asked(client, QUIET, prefer)
    assert answer.status_code == 200
    assert answer.headers.get("Preference-Applied") == applied
    assert "Prefer" in answer.headers["Vary"]


@pytest.mark.parametrize("body", [FIRING, QUIET, EMPTY])
def test_minimal_keeps_verdict_findings_and_gaps(client: FlaskClient, body: dict[str, Any]) -> None:
    whole, small = post(client, body).json, asked(client, body, "return=minimal").json
    assert check_output(small) == ()
    for kind in ("GuidanceResponse", "DetectedIssue"):
        assert of_kind(small, kind) == of_kind(whole, kind)
    assert {entry["resource"]["resourceType"] for entry in small["entry"]} <= {
        "GuidanceResponse",
        "DetectedIssue",
        "OperationOutcome",
    }
    (told,) = of_kind(small, "OperationOutcome")
    (held,) = of_kind(whole, "OperationOutcome")
    assert told["issue"][: len(held["issue"])] == held["issue"]
    assert "left out" in told["issue"][-1]["details"]["text"]


@pytest.mark.parametrize("body", [FIRING, QUIET, EMPTY])
def test_one_outcome_says_it_all(client: FlaskClient, body: dict[str, Any]) -> None:
    whole, told = post(client, body).json, asked(client, body, "return=OperationOutcome").json
    assert told["resourceType"] == "OperationOutcome"
    assert check_output(told) == ()
    (guidance,) = of_kind(whole, "GuidanceResponse")
    findings = of_kind(whole, "DetectedIssue")
    verdict, *rest = told["issue"]
    assert verdict["details"]["text"].startswith(f"Verdict: {guidance['status']}; findings: {len(findings)}.")
    named = [
        coding["code"]
        for issue in rest[: len(findings)]
        for coding in issue["details"]["coding"]
        if coding["system"] == ISSUES
    ]
    assert named == [rule_of(one) for one in findings]
    assert rest[len(findings) :] == of_kind(whole, "OperationOutcome")[0]["issue"]
    assert "error" not in {issue["severity"] for issue in told["issue"]}
    if guidance["status"] == "data-required":
        assert (verdict["severity"], verdict["code"]) == ("warning", "incomplete")


@pytest.mark.parametrize("prefer", ["", "handling=strict"])
def test_what_is_not_known_is_refused(client: FlaskClient, prefer: str) -> None:
    body = parameters(content=QUIET)
    body["parameter"].append(STRANGE)
    for answer in (asked(client, body, prefer), asked(client, QUIET, prefer, f"{OPERATION}?secret=1")):
        assert answer.status_code == 400
        assert answer.json["issue"][0]["expression"] in (["Parameters.parameter[1]"], ["http.url"])
        assert "secret" not in answer.text.lower()


def test_lenient_leaves_aside_and_tells(client: FlaskClient) -> None:
    body = parameters(content=QUIET)
    body["parameter"] += [STRANGE, "text", {"name": 5}]
    answer = asked(client, body, "handling=lenient", f"{OPERATION}?secret=1&_summary=true")
    assert answer.status_code == 200
    (outcome,) = of_kind(answer.json, "OperationOutcome")
    (told,) = (one for one in outcome["issue"] if one["code"] == "not-supported")
    assert told["expression"] == ["http.url", *(f"Parameters.parameter[{at}]" for at in (1, 2, 3))]
    assert "secret" not in answer.text.lower()
    plain = {"GuidanceResponse": 1, "DetectedIssue": len(of_kind(post(client, QUIET).json, "DetectedIssue"))}
    assert {kind: len(of_kind(answer.json, kind)) for kind in plain} == plain


@pytest.mark.parametrize("query", ["asOf=soon", "subject=a&subject=b", "mode=later"])
def test_lenient_guesses_nothing(client: FlaskClient, query: str) -> None:
    assert asked(client, QUIET, "handling=lenient", f"{OPERATION}?{query}").status_code == 400


@pytest.mark.parametrize("name", ["_summary=true", "_elements=id"])
def test_a_verdict_is_not_cut_down(client: FlaskClient, name: str) -> None:
    answer = post(client, QUIET, f"{OPERATION}?{name}")
    assert answer.status_code == 400
    assert "not cut down" in answer.text


@pytest.mark.parametrize("query", ["_summary=false", "_summary=", "_elements="])
def test_what_cuts_nothing_is_taken(client: FlaskClient, query: str) -> None:
    assert post(client, QUIET, f"{OPERATION}?{query}").json == post(client, QUIET).json


def wrong(**changes: Any) -> dict[str, Any]:
    entry = {"resource": {**order_in(QUIET), **changes}}
    return {**EMPTY, "entry": [entry]}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (wrong(dosage="Secret"), ["Bundle.entry[0].resource.dosage"]),
        (wrong(**{"Mrs Secret": 1}), ["Bundle.entry[0].resource"]),
        (wrong(status="Mrs Secret"), ["Bundle.entry[0].resource.status"]),
        (wrong(status="ACTIVE", intent="Secret"), [f"Bundle.entry[0].resource.{one}" for one in ("intent", "status")]),
        (
            wrong(dosageInstruction=[{"timing": {"repeat": {"periodUnit": "day"}}}]),
            ["Bundle.entry[0].resource.dosageInstruction[0].timing.repeat.periodUnit"],
        ),
        (wrong(subject="Secret"), ["Bundle.entry[0].resource.subject"]),
        ({**EMPTY, "secrets": 1}, ["Bundle.secrets"]),
        ({**EMPTY, "entry": ["Secret"]}, ["Bundle.entry[0]"]),
        ({**EMPTY, "entry": [{"resource": ["Secret"]}]}, ["Bundle.entry[0]"]),
        ({**EMPTY, "entry": [{"fullUrl": 5}]}, ["Bundle.entry[0].fullUrl"]),
        (
            {**EMPTY, "entry": [{"resource": {**EMPTY, "entry": [{"resource": {"resourceType": "Patient", "x": 1}}]}}]},
            ["Bundle.entry[0].resource.entry[0].resource.x"],
        ),
        (
            parameters(medicationRequest=order_in(wrong(dose=1))),
            ["Parameters.parameter.where(name = 'medicationRequest')[0].resource.dose"],
        ),
    ],
)
def test_strict_refuses_what_does_not_fit(client: FlaskClient, body: dict[str, Any], places: list[str]) -> None:
    answer = asked(client, body, "handling=strict")
    assert answer.status_code == 422, answer.text
    (issue,) = answer.json["issue"]
    assert issue["code"] == "structure"
    assert issue["expression"] == places
    assert "Secret" not in answer.text


CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONFIRMED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


@pytest.mark.parametrize(
    ("kind", "element", "said", "fits"),
    [
        ("Condition", "clinicalStatus", {"coding": [{"system": CLINICAL, "code": "active"}]}, True),
        ("Condition", "clinicalStatus", {"coding": [{"code": "x"}, {"system": CLINICAL, "code": "resolved"}]}, True),
        ("Condition", "clinicalStatus", {"coding": [{"system": CLINICAL, "code": "John Secret"}]}, False),
        ("Condition", "clinicalStatus", {"coding": [{"system": "urn:site", "code": "active"}]}, False),
        ("Condition", "clinicalStatus", {"text": "active"}, False),
        ("Condition", "verificationStatus", {"coding": [{"system": CONFIRMED, "code": "confirmed"}]}, True),
        ("Condition", "verificationStatus", {"coding": [{"system": CONFIRMED, "code": "sure"}]}, False),
        ("AllergyIntolerance", "clinicalStatus", {"coding": [{"system": ALLERGY, "code": "inactive"}]}, True),
        ("AllergyIntolerance", "clinicalStatus", {"coding": [{"system": CLINICAL, "code": "inactive"}]}, False),
    ],
)
def test_strict_knows_what_a_concept_is_bound_to(
    client: FlaskClient, kind: str, element: str, said: dict[str, Any], fits: bool
) -> None:
    about = {"subject" if kind == "Condition" else "patient": {"reference": "Patient/p1"}}
    resource = {"resourceType": kind, "id": "one", "code": {"text": "x"}, **about, element: said}
    answer = asked(client, {**EMPTY, "entry": [{"resource": resource}]}, "handling=strict")
    assert answer.status_code == (200 if fits else 422), answer.text
    assert fits or answer.json["issue"][0]["expression"] == [f"Bundle.entry[0].resource.{element}"]
    assert "Secret" not in answer.text


@pytest.mark.parametrize("missing", ["status", "intent", "subject", "medicationCodeableConcept"])
def test_strict_names_what_is_missing(client: FlaskClient, missing: str) -> None:
    resource = {key: value for key, value in order_in(QUIET).items() if key != missing}
    answer = asked(client, {**EMPTY, "entry": [{"resource": resource}]}, "handling=strict")
    assert answer.status_code == 422
    element = missing.removesuffix("CodeableConcept")
    assert answer.json["issue"][0]["expression"] == [f"Bundle.entry[0].resource.{element}"]


@pytest.mark.parametrize(
    ("kind", "status", "fits"),
    [
        ("Observation", "corrected", True),
        ("Observation", "appended", False),
        ("DiagnosticReport", "appended", True),
        ("Encounter", "entered-in-error", True),
        ("Encounter", "in progress", False),
        ("Task", "on-hold", True),
        ("Task", "done", False),
    ],
)
def test_strict_knows_every_status(client: FlaskClient, kind: str, status: str, fits: bool) -> None:
    needed = {"Observation": {"code": {"text": "x"}}, "DiagnosticReport": {"code": {"text": "x"}}}
    needed |= {"Encounter": {"class": {"code": "AMB"}}, "Task": {"intent": "order"}}
    about = {"for" if kind == "Task" else "subject": {"reference": "Patient/p1"}}
    resource = {"resourceType": kind, "id": "one", "status": status, **about, **needed[kind]}
    answer = asked(client, {**EMPTY, "entry": [{"resource": resource}]}, "handling=strict")
    assert answer.status_code == (200 if fits else 422), answer.text


def test_lenient_tells_what_does_not_fit(client: FlaskClient) -> None:
    answer = asked(client, wrong(dosage="Secret"), "handling=lenient")
    assert answer.status_code == 200
    (outcome,) = of_kind(answer.json, "OperationOutcome")
    (told,) = (one for one in outcome["issue"] if one["details"]["text"].startswith("Places that do not fit FHIR"))
    assert told["expression"] == ["Bundle.entry[0].resource.dosage"]
    assert "Secret" not in answer.text
    assert "dosage" not in asked(client, QUIET, "handling=lenient").text


def test_strict_wants_values_of_their_own_type(client: FlaskClient) -> None:
    body = parameters(content=QUIET, asOf="2026-11-20T12:00:00Z")
    assert asked(client, body, "").status_code == 200
    answer = asked(client, body, "handling=strict")
    assert answer.status_code == 400
    assert "valueDateTime" in answer.text
    body["parameter"][1] = {"name": "asOf", "valueDateTime": "2026-11-20T12:00:00Z"}
    assert asked(client, body, "handling=strict").status_code == 200


@pytest.mark.parametrize("body", [FIRING, QUIET])
def test_strict_judges_alike(client: FlaskClient, body: dict[str, Any]) -> None:
    assert asked(client, body, "handling=strict").json == post(client, body).json


def test_pretty_changes_nothing_but_the_looks(client: FlaskClient) -> None:
    plain, pretty = post(client, FIRING), post(client, FIRING, f"{OPERATION}?_pretty=true")
    assert pretty.json == plain.json
    assert b"\n  " in pretty.data
    assert b"\n" not in plain.data
    assert b"\n  " in client.get("/fhir/nothing?_pretty=true").data
