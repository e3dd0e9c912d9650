"""Who and what is asked about: a question that was not answered is never closed."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from doors import of_kind
from web.fhir_calls import EMPTY, OPERATION, QUIET, parameters, post

DRAFT: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "new",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p9"},
    "medicationCodeableConcept": {"text": "oxycodone 10 mg"},
}


def guidance_on(client: FlaskClient, body: Any, path: str = OPERATION) -> dict[str, Any]:
    answer = post(client, body, path, query_string={"asOf": "2026-11-20T12:00:00Z"})
    assert answer.status_code == 200, answer.text
    (guidance,) = of_kind(answer.json, "GuidanceResponse")
    return dict(guidance)


def test_a_draft_of_another_patient_leaves_the_question_open(client: FlaskClient) -> None:
    asked = parameters(content=QUIET, medicationRequest=DRAFT)
    assert guidance_on(client, asked)["status"] == "data-required"


def test_a_draft_that_is_no_order_any_more_opens_none(client: FlaskClient) -> None:
    wrong = {**DRAFT, "status": "entered-in-error", "subject": {"reference": "Patient/p1"}}
    assert guidance_on(client, parameters(content=QUIET, medicationRequest=wrong))["status"] == "success"


@pytest.mark.parametrize("kind", ["medicationRequest", " MedicationRequest"])
def test_an_order_whose_type_is_misspelt_is_asked_for(kind: str, client: FlaskClient) -> None:
    odd = {**QUIET, "entry": [*QUIET["entry"], {"resource": {**DRAFT, "resourceType": kind}}]}
    assert guidance_on(client, odd)["status"] == "data-required"


def test_of_a_patient_nothing_is_about_it_is_not_said_that_there_is_no_baclofen(client: FlaskClient) -> None:
    guidance = guidance_on(client, QUIET, f"/fhir/Patient/nobody/{OPERATION.rpartition('/')[2]}")
    assert guidance["status"] == "data-required"
    assert "is not known" in guidance["reasonCode"][0]["text"]
    assert guidance["dataRequirement"][0] == {"type": "MedicationRequest"}


@pytest.mark.parametrize(
    ("path", "query"), [("/fhir/Patient/../$assess-medication-safety", {}), (OPERATION, {"subject": "Practitioner/a"})]
)
def test_who_is_no_patient_is_refused(path: str, query: dict[str, str], client: FlaskClient) -> None:
    assert post(client, EMPTY, path, query_string=query).status_code == 400
