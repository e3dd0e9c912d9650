"""The operation at every level: one judgement, whichever address it is asked at."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.fhir.resources import check_output
from doors import of_kind, rule_of
from web.fhir_calls import CODE, EMPTY, FIRING, OPERATION, QUIET, order_in, parameters, post

ADDRESSES = [
    OPERATION,
    f"/fhir/Patient/{CODE}",
    f"/fhir/Patient/p1/{CODE}",
    f"/fhir/MedicationRequest/{CODE}",
    f"/fhir/MedicationRequest/order/{CODE}",
]
MARK = "https://baclofen-safety.example/fhir/asked"
TEST = "HTEST"


def rules(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    assert check_output(answer.json) == ()
    return [rule_of(issue) for issue in of_kind(answer.json, "DetectedIssue")]


def marked(answer: Any) -> list[str]:
    tags = {one["id"]: one.get("meta", {}).get("tag", ()) for one in of_kind(answer.json, "DetectedIssue")}
    return [name for name, held in tags.items() if MARK in {tag["system"] for tag in held}]


def said(answer: Any) -> str:
    (outcome,) = of_kind(answer.json, "OperationOutcome")
    return " ".join(issue["details"]["text"] for issue in outcome["issue"])


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_judges_alike(client: FlaskClient, address: str) -> None:
    assert rules(post(client, FIRING, address)) == rules(post(client, FIRING)) != []
    assert rules(post(client, parameters(content=FIRING), address)) == rules(post(client, FIRING))


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_one(client: FlaskClient, address: str, method: str) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "GET" not in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("address", "body", "status", "words", "where"),
    [
        (f"/fhir/Patient/p1/{CODE}?subject=Patient/p2", QUIET, 400, "another patient", "http.subject"),
        (
            f"/fhir/Patient/p1/{CODE}",
            parameters(content=QUIET, subject="p2"),
            400,
            "another patient",
            "Parameters.parameter[1]",
        ),
        (f"/fhir/MedicationRequest/other/{CODE}", QUIET, 422, "not in what was sent", "http.url"),
        (f"/fhir/MedicationRequest/order/{CODE}", EMPTY, 422, "not in what was sent", "http.url"),
        (f"/fhir/Observation/{CODE}", QUIET, 404, "nothing at this address", "http.url"),
        (f"/fhir/Patient/Mrs%20Secret/{CODE}", QUIET, 400, "An id was expected", "http.url"),
        (f"/fhir/MedicationRequest/ü/{CODE}", QUIET, 400, "An id was expected", "http.url"),
        (OPERATION, parameters(subject="Patient/p1"), 400, "without content", "Parameters.parameter"),
        (OPERATION, parameters(medicationRequest={"resourceType": "Patient"}), 400, "MedicationRequest", None),
        (OPERATION, parameters(content={"resourceType": "Patient"}), 400, "not Patient", None),
        (OPERATION, parameters(content=QUIET, mode="later"), 400, "one of prospective", "Parameters.parameter[1]"),
        (OPERATION, parameters(content=QUIET, mode="retrospective"), 400, "needs asOf", "Parameters.parameter[1]"),
    ],
)
def test_refuses(client: FlaskClient, address: str, body: Any, status: int, words: str, where: str | None) -> None:
    answer = post(client, body, address)
    assert answer.status_code == status, answer.text
    (issue,) = answer.json["issue"]
    assert words in issue["details"]["text"]
    assert where is None or issue["expression"] == [where]


@pytest.mark.parametrize("subject", ["p1", "Patient/p1", "https://ehr.example/fhir/Patient/p1"])
def test_the_same_patient_may_be_said_twice(client: FlaskClient, subject: str) -> None:
    body = parameters(content=FIRING, subject=subject)
    assert rules(post(client, body, f"/fhir/Patient/p1/{CODE}")) == rules(post(client, FIRING))


def test_a_patient_nobody_sent_is_not_safe(client: FlaskClient) -> None:
    answer = post(client, FIRING, f"/fhir/Patient/somebody-else/{CODE}")
    assert rules(answer) == []
    assert of_kind(answer.json, "GuidanceResponse")[0]["status"] == "data-required"


def test_the_order_of_the_address_is_marked(client: FlaskClient) -> None:
    answer = post(client, FIRING, f"/fhir/MedicationRequest/order/{CODE}")
    naming = [one for one in of_kind(answer.json, "DetectedIssue") if "order" in str(one.get("implicated"))]
    assert marked(answer) == [one["id"] for one in naming] != []
    assert f"Findings that name it: {', '.join(map(rule_of, naming))}." in said(answer)
    assert marked(post(client, FIRING)) == []


def test_an_order_beside_the_content_is_its_newest_word(client: FlaskClient) -> None:
    order = {**order_in(QUIET), "status": "stopped"}
    answer = post(client, parameters(content=QUIET, medicationRequest=order), ADDRESSES[3])
    assert set(rules(answer)) > set(rules(post(client, QUIET)))
    assert marked(answer)
    assert "conflict" not in {issue["code"] for issue in of_kind(answer.json, "OperationOutcome")[0]["issue"]}


def test_an_order_of_the_oldest_version_may_be_named(client: FlaskClient) -> None:
    old = {**order_in(QUIET), "resourceType": "MedicationOrder", "status": "stopped", "dateWritten": "2026-11-01"}
    others = [one for one in QUIET["entry"] if one["resource"] != order_in(QUIET)]
    beside = post(client, parameters(content={**QUIET, "entry": others}, medicationRequest=old))
    inside = post(client, {**QUIET, "entry": [*others, {"resource": old}]}, ADDRESSES[4])
    assert rules(beside) == rules(inside) != []
    assert len(marked(beside)) == len(marked(inside)) != 0


def test_an_order_sent_again_changes_nothing(client: FlaskClient) -> None:
    once = post(client, FIRING)
    again = post(client, parameters(content=FIRING, medicationRequest=order_in(FIRING)))
    assert rules(once) == rules(again)
    assert [one["id"] for one in of_kind(once.json, "DetectedIssue")] == [
        one["id"] for one in of_kind(again.json, "DetectedIssue")
    ]


def test_orders_alone_are_told_what_they_lack(client: FlaskClient) -> None:
    draft = {**order_in(QUIET), "status": "draft"}
    nameless = {key: value for key, value in draft.items() if key != "id"}
    answer = post(client, parameters(medicationRequest=[draft, nameless]), ADDRESSES[3])
    (guidance,) = of_kind(answer.json, "GuidanceResponse")
    assert guidance["status"] == "data-required"
    assert guidance["dataRequirement"]
    assert said(answer).count("Asked about") == 2


def test_an_order_of_somebody_else_is_told_and_not_judged(client: FlaskClient) -> None:
    foreign = {**order_in(QUIET), "id": "foreign", "subject": {"reference": "Patient/p2"}}
    answer = post(client, parameters(content=QUIET, medicationRequest=foreign), f"/fhir/Patient/p1/{CODE}")
    assert "not judged as an order of this patient" in said(answer)
    assert rules(answer) == rules(post(client, QUIET))


def test_retrospective_tells_nobody(client: FlaskClient) -> None:
    asked = post(client, FIRING, f"{OPERATION}?mode=retrospective&asOf=2026-11-20T12:00:00Z")
    assert rules(asked) == rules(post(client, FIRING))
    assert of_kind(post(client, FIRING).json, "CommunicationRequest")
    assert not of_kind(asked.json, "CommunicationRequest")
    assert not of_kind(asked.json, "MedicationRequest")
    assert "Retrospective" in said(asked)


def test_only_what_is_real_is_counted(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    for mode in ("prospective", "test"):
        post(client, FIRING, f"{OPERATION}?mode={mode}")
    assert [
        mode in line for mode, line in zip(("prospective", "test"), capsys.readouterr().out.splitlines(), strict=True)
    ]


@pytest.mark.parametrize("how", ["mode", "tag"])
def test_a_test_can_never_be_taken_for_real(client: FlaskClient, how: str) -> None:
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": TEST}
    body = parameters(content=FIRING, mode="test") if how == "mode" else {**FIRING, "meta": {"tag": [tag]}}
    tested, real = post(client, body), post(client, FIRING)
    assert rules(tested) == rules(real)
    parts = [tested.json, *(entry["resource"] for entry in tested.json["entry"])]
    assert all(TEST in {each["code"] for each in one["meta"]["tag"]} for one in parts)
    assert {one["status"] for one in of_kind(tested.json, "CommunicationRequest")} == {"draft"}
    own = {entry["resource"]["id"] for entry in real.json["entry"]}
    assert not own & {entry["resource"]["id"] for entry in tested.json["entry"]}
    assert not any(name in tested.text for name in own)
