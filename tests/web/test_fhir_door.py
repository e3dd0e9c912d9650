"""The FHIR door's contract: every path answers FHIR, every error names its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from baclofen_safety.app import create_app
from baclofen_safety.fhir.resources import check_output
from builders import make_bundle
from cases import make_case
from doors import of_kind

OPERATION = "/fhir/$assess-medication-safety"
EMPTY: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
STOPPED = make_case({"name": "stopped", "order": [{"id": "order", "status": "stopped", "updated": "-1d"}]})


def post(client: FlaskClient, body: object, **arguments: Any) -> Any:
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(OPERATION, data=data, **{"content_type": "application/fhir+json", **arguments})


def two_patients() -> dict[str, Any]:
    people = [{"resourceType": "Patient", "id": name} for name in ("a", "b")]
    return {**EMPTY, "entry": [{"resource": one} for one in people]}


@pytest.mark.parametrize(
    ("path", "method", "body", "arguments", "status", "code"),
    [
        ("/nothing/here", "GET", None, {}, 404, "not-found"),
        ("/fhir/ValueSet/none", "GET", None, {}, 404, "not-found"),
        ("/fhir/ValueSet/..%2f..%2fetc", "GET", None, {}, 404, "not-found"),
        (OPERATION, "GET", None, {}, 405, "not-supported"),
        ("/fhir/metadata", "DELETE", None, {}, 405, "not-supported"),
        (OPERATION, "POST", EMPTY, {"headers": {"Accept": "application/fhir+xml"}}, 406, "not-supported"),
        (OPERATION + "?_format=xml", "POST", EMPTY, {}, 406, "not-supported"),
        (OPERATION, "POST", EMPTY, {"headers": {"Accept": "application/fhir+json; fhirVersion=3.0"}}, 406, None),
        (OPERATION, "POST", "<Bundle/>", {"content_type": "application/fhir+xml"}, 415, "not-supported"),
        (OPERATION, "POST", EMPTY, {"content_type": "application/fhir+json; charset=latin-1"}, 415, None),
        (OPERATION, "POST", EMPTY, {"content_type": "application/fhir+json; fhirVersion=2.0"}, 415, None),
        (OPERATION, "POST", EMPTY, {"headers": {"Content-Encoding": "gzip"}}, 415, None),
        (OPERATION, "POST", "{", {}, 400, "structure"),
        (OPERATION, "POST", '{"a":1,"a":1}', {}, 400, "structure"),
        (OPERATION, "POST", "[]", {}, 400, "structure"),
        (OPERATION, "POST", {"resourceType": "Patient"}, {}, 400, "structure"),
        (OPERATION + "?asOf=soon", "POST", EMPTY, {}, 400, "value"),
        (OPERATION + "?asof=2026-01-01", "POST", EMPTY, {}, 400, "value"),
        (OPERATION + "?asOf=2026-W47-5", "POST", EMPTY, {}, 400, "value"),
        (OPERATION + "?subject=a&subject=b", "POST", EMPTY, {}, 400, "value"),
        (OPERATION, "POST", {"resourceType": "Parameters", "parameter": [{"name": ["content"]}]}, {}, 400, "value"),
        (OPERATION.replace("/$", "//$"), "POST", EMPTY, {}, 404, "not-found"),
        (OPERATION, "POST", b" " * (6 * 1024 * 1024), {}, 413, "too-long"),
        (OPERATION, "POST", "[" * 400 + "]" * 400, {}, 413, "too-long"),
        (OPERATION, "POST", two_patients(), {}, 422, "multiple-matches"),
    ],
)
def test_errors_are_outcomes(
    client: FlaskClient, path: str, method: str, body: Any, arguments: Any, status: int, code: str | None
) -> None:
    data = body if isinstance(body, bytes | str | None) else json.dumps(body)
    answer = client.open(path, method=method, data=data, **{"content_type": "application/fhir+json", **arguments})
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/fhir+json"
    assert answer.json["resourceType"] == "OperationOutcome"
    assert check_output(answer.json) == ()
    (issue,) = answer.json["issue"]
    assert issue["severity"] == "error"
    assert issue["details"]["text"]
    assert code is None or issue["code"] == code


def test_an_unexpected_error_tells_a_request_id_and_nothing_else(
    app: Flask, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        settings = app.extensions["assessor"].settings
        profiles = app.extensions["assessor"].profiles
        book = app.extensions["assessor"].book
        artifacts = app.extensions["assessor"].artifacts

        def answer(self, *_: object) -> None:
            raise ValueError("Mrs Secret, born 1950-01-01")

    answer = post(
        create_app(Broken()).test_client(),  # type: ignore[arg-type]
        EMPTY,
        headers={"X-Request-ID": "abc-1"},
    )
    assert answer.status_code == 500
    assert answer.json["issue"][0]["code"] == "exception"
    assert "abc-1" in answer.text
    assert answer.headers["X-Request-ID"] == "abc-1"
    assert "Secret" not in answer.text + caplog.text + "".join(capsys.readouterr())


def test_a_path_is_never_logged(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    broken = create_app(app.extensions["assessor"])

    @broken.before_request
    def fail() -> None:
        raise ValueError

    assert broken.test_client().get("/fhir/Patient/Mrs-Secret").status_code == 500
    assert "Secret" not in "".join(capsys.readouterr())


class Torn:
    """A body that breaks off as gunicorn's chunked reader does: with an error of its own."""

    def read(self, *_: object) -> bytes:
        raise RuntimeError("chunk of Mrs Secret")

    readline = readinto = read


def test_a_body_that_breaks_off_is_the_senders_error(client: FlaskClient) -> None:
    answer = client.post(
        OPERATION,
        content_type="application/fhir+json",
        environ_overrides={"wsgi.input": Torn(), "wsgi.input_terminated": True},
    )
    assert answer.status_code == 400
    assert answer.json["issue"][0]["code"] == "structure"
    assert "Secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "body"),
    [("POST", '{"Secret": 1, "Secret": 2}'), ("POST", '{"resourceType": "Secret"}'), ("SECRET", None)],
)
def test_an_error_never_repeats_what_was_sent(client: FlaskClient, method: str, body: str | None) -> None:
    answer = client.open(OPERATION, method=method, data=body, content_type="application/fhir+json")
    assert answer.status_code in (400, 405)
    assert "secret" not in answer.text.lower()


@pytest.mark.parametrize("accept", ["", "application/fhir+json;fhirVersion=5.0, application/fhir+json;fhirVersion=4.0"])
def test_any_version_we_write_will_do(client: FlaskClient, accept: str) -> None:
    assert post(client, EMPTY, headers={"Accept": accept}).status_code == 200


def test_a_plus_that_became_a_blank_is_read_as_a_plus(client: FlaskClient) -> None:
    given = [
        post(client, EMPTY, query_string=f"asOf=2026-11-20T12:00:00{plus}01:00").data for plus in ("+", "%2B", "%20")
    ]
    assert b"2026-11-20T11:00:00Z" in given[0] or b"2026-11-20T12:00:00+01:00" in given[0]
    assert len(set(given)) == 1


def test_the_same_question_gives_the_same_bytes(client: FlaskClient) -> None:
    first, second = (post(client, make_bundle(STOPPED)).data for _ in range(2))
    assert first == second


def test_the_order_of_entries_does_not_matter(client: FlaskClient) -> None:
    bundle = make_bundle(STOPPED)
    forward = post(client, bundle).json
    backward = post(client, {**bundle, "entry": bundle["entry"][::-1]}).json
    assert of_kind(forward, "DetectedIssue")
    for kind in ("GuidanceResponse", "DetectedIssue", "CommunicationRequest", "MedicationRequest"):
        assert of_kind(forward, kind) == of_kind(backward, kind)


def test_the_answer_keeps_the_contract(client: FlaskClient) -> None:
    answer = post(client, make_bundle(STOPPED)).json
    kinds = [entry["resource"]["resourceType"] for entry in answer["entry"]]
    assert kinds[0] == "GuidanceResponse"
    assert kinds[-1] == "OperationOutcome"
    assert kinds == sorted(kinds, key=list(dict.fromkeys(kinds)).index)
    (guidance,) = of_kind(answer, "GuidanceResponse")
    assert guidance["moduleCanonical"].startswith("https://baclofen-safety.example/fhir/Library/baclofen-safety|")
    assert guidance["evaluationMessage"][0]["reference"] == answer["entry"][-1]["fullUrl"]
    issue = of_kind(answer, "DetectedIssue")[0]
    assert [coding["system"] for coding in issue["code"]["coding"]] == [
        "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue",
        "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    ]
    assert issue["identifiedDateTime"] == "2026-11-20T12:00:00Z"
    assert issue["implicated"] == [{"reference": "MedicationRequest/order"}]
    assert all(one["detail"][0]["display"] for one in issue["evidence"])
    urls = {entry["fullUrl"] for entry in answer["entry"]}
    for message in of_kind(answer, "CommunicationRequest"):
        assert {about["reference"] for about in message["about"]} <= urls
        assert message["occurrencePeriod"]["start"] <= message["occurrencePeriod"]["end"]
    for proposal in of_kind(answer, "MedicationRequest"):
        assert proposal["intent"] == "proposal"
        assert proposal["priorPrescription"]["reference"] == "MedicationRequest/order"


def test_a_ceiling_says_that_it_is_no_step_and_for_which_orders_it_stands(client: FlaskClient) -> None:
    second = {"id": "second", "product": "baclofen-tablet-5", "dose": "10 mg", "times": 1, "start": "-90d"}
    case = {
        "name": "seizures, weak kidneys, one regimen of two orders",
        "lab": [{"id": "creatinine", "value": 2.0}],
        "condition": [{"what": "epilepsy", "onset": "-9y"}],
        "order": [{"id": "order", "requester": "dr-a"}, {**second, "requester": "dr-a"}],
    }
    (proposal,) = of_kind(post(client, make_bundle(make_case(case))).json, "MedicationRequest")
    assert proposal["dosageInstruction"][0]["maxDosePerPeriod"]["numerator"]["value"] == 15
    why, ceiling, orders = (note["text"] for note in proposal["note"])
    assert why.startswith("eGFR 30-44: Age 65 or over: avoid (Beers).")
    assert "must not be cut to it at once" in ceiling
    assert "MedicationRequest/order" in orders
    assert "MedicationRequest/second" in orders


def test_parameters_and_bundle_are_answered_alike(client: FlaskClient) -> None:
    bundle = make_bundle(STOPPED)
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "content", "resource": bundle},
            {"name": "asOf", "valueDateTime": "2026-11-20T12:00:00+00:00"},
        ],
    }
    assert post(client, parameters).data == post(client, bundle).data


def test_no_medicine_records_are_never_called_safe(client: FlaskClient) -> None:
    (guidance,) = of_kind(post(client, EMPTY).json, "GuidanceResponse")
    assert guidance["status"] == "data-required"
    assert guidance["reasonCode"][0]["coding"][0]["code"] == "not-applicable"
    assert guidance["dataRequirement"] == [{"type": "MedicationRequest"}, {"type": "MedicationStatement"}]


def test_what_is_published_can_be_read(client: FlaskClient) -> None:
    statement = client.get("/fhir/metadata").json
    assert statement["fhirVersion"] == "4.0.1"
    assert check_output(statement) == ()
    for kind, name in (
        ("ValueSet", "cond-aki"),
        ("CodeSystem", "baclofen-issue"),
        ("OperationDefinition", "assess-medication-safety"),
    ):
        assert kind in {row["type"] for row in statement["rest"][0]["resource"]}
        assert client.get(f"/fhir/{kind}/{name}").json["id"] == name


def test_health_and_version(client: FlaskClient, app: Flask) -> None:
    book = app.extensions["assessor"].book
    assert client.get("/health/live").json == {"status": "alive"}
    assert client.get("/health/ready").json["rules"] == len(book.sheets)
    assert client.get("/version").json["knowledge"] == book.version


def test_a_request_id_that_is_no_id_is_replaced(client: FlaskClient) -> None:
    asked = "<script>alert(1)</script>"
    given = client.get("/version", headers={"X-Request-ID": asked}).headers["X-Request-ID"]
    assert given
    assert given != asked
