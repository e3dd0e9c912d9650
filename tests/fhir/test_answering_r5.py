"""Answers and artifacts in R5 and R4B: its own places, the same words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.answering_r5 import in_version
from baclofen_safety.fhir.resources import check_output
from baclofen_safety.fhir.versions import FhirVersion
from baclofen_safety.profiles import locate_profiles
from doors import of_kind

EXAMPLE = (locate_profiles() / "examples" / "kidney-decline.json").read_text()
OPERATION = "/fhir/$assess-medication-safety?asOf=2026-11-20T12:00:00Z&trace=true"
R5 = "application/fhir+json; fhirVersion=5.0"


def asked(client: FlaskClient, accept: str, body: str = EXAMPLE, kind: str = "application/fhir+json") -> Any:
    answer = client.post(OPERATION, data=body, content_type=kind, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    wanted = accept.partition("fhirVersion=")[2] or "4.0"
    assert answer.content_type == f"application/fhir+json; fhirVersion={wanted}; charset=utf-8"
    return answer.json


def test_the_places_of_r5(client: FlaskClient) -> None:
    made, known = asked(client, R5), asked(client, "application/fhir+json")
    assert check_output(made, FhirVersion.R5) == ()
    for new, old in zip(of_kind(made, "DetectedIssue"), of_kind(known, "DetectedIssue"), strict=True):
        assert new == {"subject" if key == "patient" else key: value for key, value in old.items()}
    for new, old in zip(of_kind(made, "CommunicationRequest"), of_kind(known, "CommunicationRequest"), strict=True):
        assert new["intent"] == "proposal"
        assert new["payload"] == [{"contentCodeableConcept": {"text": old["payload"][0]["contentString"]}}]
        assert {**new, "payload": old["payload"]} == {**old, "intent": "proposal"}
    (new,), (old,) = of_kind(made, "GuidanceResponse"), of_kind(known, "GuidanceResponse")
    assert new["reason"] == [{"concept": one} for one in old["reasonCode"]]
    assert new["evaluationMessage"] == old["evaluationMessage"][0]
    (new,), (old,) = of_kind(made, "MedicationRequest"), of_kind(known, "MedicationRequest")
    assert new["medication"] == {"concept": old["medicationCodeableConcept"]}
    assert new["dosageInstruction"] == old["dosageInstruction"]
    assert of_kind(made, "OperationOutcome") == of_kind(known, "OperationOutcome")


def test_r4b_is_r4(client: FlaskClient) -> None:
    r4, r4b = asked(client, "application/fhir+json"), asked(client, "application/fhir+json; fhirVersion=4.3")
    for kind in ("GuidanceResponse", "DetectedIssue", "CommunicationRequest", "MedicationRequest", "OperationOutcome"):
        assert of_kind(r4, kind) == of_kind(r4b, kind)


def test_dosages_of_r5() -> None:
    dosage = {"asNeededBoolean": True, "maxDosePerPeriod": {"numerator": {"value": 60}}}
    reasons = {"reasonCode": [{"text": "spasms"}], "reasonReference": [{"reference": "Condition/c"}]}
    order = {"resourceType": "MedicationRequest", "medicationReference": {"reference": "Medication/m"}, **reasons}
    made = in_version(order | {"dosageInstruction": [dosage]}, FhirVersion.R5)
    assert made["medication"] == {"reference": {"reference": "Medication/m"}}
    assert made["dosageInstruction"] == [{"asNeeded": True, "maxDosePerPeriod": [{"numerator": {"value": 60}}]}]
    assert made["reason"] == [{"concept": {"text": "spasms"}}, {"reference": {"reference": "Condition/c"}}]


def test_data_requirements_have_the_names_of_r5() -> None:
    requirements = [
        {"type": "Procedure", "dateFilter": [{"path": "performed"}], "codeFilter": [{"path": "code"}]},
        {"type": "Encounter", "dateFilter": [{"path": "period"}]},
        {"type": "DeviceUseStatement"},
        {"type": "Observation", "dateFilter": [{"path": "effective"}, {"searchParam": "date"}]},
    ]
    old = {"resourceType": "GuidanceResponse", "dataRequirement": requirements}
    new = in_version(old, FhirVersion.R5)["dataRequirement"]
    assert new == [
        {"type": "Procedure", "dateFilter": [{"path": "occurrence"}], "codeFilter": [{"path": "code"}]},
        {"type": "Encounter", "dateFilter": [{"path": "actualPeriod"}]},
        {"type": "DeviceUsage"},
        requirements[3],
    ]
    assert old["dataRequirement"] is requirements
    assert requirements[2] == {"type": "DeviceUseStatement"}


def test_every_artifact_is_valid_in_r5(assessor: Assessor) -> None:
    wrong = {
        key: errors
        for key, one in assessor.artifacts.items()
        if key[0] != "StructureDefinition" and (errors := check_output(in_version(one, FhirVersion.R5), FhirVersion.R5))
    }
    assert wrong == {}


@pytest.mark.parametrize("path", ["/baclofen-detected-issue", "/baclofen-detected-issue?_summary=true", ""])
def test_a_profile_of_r4_has_no_form_in_r5(client: FlaskClient, path: str) -> None:
    address = f"/fhir/StructureDefinition{path}"
    for version in ("4.0", "4.3"):
        told = client.get(address, headers={"Accept": f"application/fhir+json; fhirVersion={version}"})
        assert told.status_code == 200
    refused = client.get(address, headers={"Accept": R5})
    assert refused.status_code == 406
    assert refused.content_type == "application/fhir+json; fhirVersion=5.0; charset=utf-8"
    (issue,) = refused.json["issue"]
    assert issue["code"] == "not-supported"
    assert "fhirVersion 4.0 or 4.3" in issue["details"]["text"]
    assert check_output(refused.json, FhirVersion.R5) == ()


def test_the_statement_of_r5_names_no_type_it_has_no_form_of(client: FlaskClient) -> None:
    types = {
        version: {
            one["type"]
            for one in client.get(f"/fhir/metadata?_format=json; fhirVersion={version}").json["rest"][0]["resource"]
        }
        for version in ("4.0", "4.3", "5.0")
    }
    assert types["4.0"] == types["4.3"]
    assert types["4.0"] ^ types["5.0"] == {"StructureDefinition"}


def test_in_a_batch_only_the_profile_is_refused(client: FlaskClient) -> None:
    asked = [{"request": {"method": "GET", "url": one}} for one in ("StructureDefinition", "ValueSet/med-baclofen")]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": asked}
    told = client.post("/fhir", json=batch, headers={"Accept": R5, "Content-Type": R5}).json
    assert [one["response"]["status"] for one in told["entry"]] == ["406 Not Acceptable", "200 OK"]


@pytest.mark.parametrize(("version", "published"), [("4.0", "4.0.1"), ("4.3", "4.3.0"), ("5.0", "5.0.0")])
def test_the_capability_statement_of_a_version(client: FlaskClient, version: str, published: str) -> None:
    accept = f"application/fhir+json; fhirVersion={version}"
    statement = client.get("/fhir/metadata", headers={"Accept": accept}).json
    assert statement["fhirVersion"] == published
    assert check_output(statement, FhirVersion(version)) == ()


def test_the_versions_on_offer(client: FlaskClient) -> None:
    told = client.get("/fhir/$versions").json
    assert [tuple(one.values()) for one in told["parameter"]] == [
        *(("version", version) for version in ("4.0", "4.3", "5.0")),
        ("default", "4.0"),
    ]
    assert check_output(told) == ()
    service = client.get("/version").json
    assert service["fhir"] == ["4.0", "4.3", "5.0"]
    assert service["fhir_read"] == ["1.0", "3.0", "4.0", "4.3", "5.0"]
    assert "reads 1.0, 3.0, 4.0, 4.3, 5.0" in client.get("/fhir/metadata").json["rest"][0]["documentation"]


@pytest.mark.parametrize(("accept", "version"), [(R5, "5.0"), ("*/*", "4.0"), ("text/html", "4.0")])
def test_errors_are_told_in_the_version_asked_for(client: FlaskClient, accept: str, version: str) -> None:
    answer = client.get("/fhir/ValueSet/none", headers={"Accept": accept})
    assert answer.content_type == f"application/fhir+json; fhirVersion={version}; charset=utf-8"
    assert check_output(answer.json, FhirVersion(version)) == ()


def test_a_plan_in_r5(client: FlaskClient) -> None:
    address = "/fhir/PlanDefinition/BAC-RENAL-04"
    old, new = client.get(address).json, client.get(address, headers={"Accept": R5}).json
    [was], [now] = old["action"], new["action"]
    assert now["code"] == was["code"][0]
    assert now["input"] == [{"requirement": one} for one in was["input"]]


def test_what_is_in_r5_claims_no_profile_of_r4() -> None:
    ours = "https://baclofen-safety.example/fhir/StructureDefinition/baclofen-detected-issue"
    issue = {"resourceType": "DetectedIssue", "meta": {"profile": [ours, "http://other.example/p"], "versionId": "1"}}
    made = in_version({"resourceType": "DetectedIssue", "contained": [issue]}, FhirVersion.R5)
    assert made["contained"][0]["meta"] == {"profile": ["http://other.example/p"], "versionId": "1"}
    assert "meta" not in in_version({"resourceType": "Basic", "meta": {"profile": [ours]}}, FhirVersion.R5)
    assert in_version(issue, FhirVersion.R4) == issue


def test_a_message_in_r5() -> None:
    header = {
        "resourceType": "MessageHeader",
        "eventUri": "https://e.example",
        "source": {"endpoint": "https://a.example"},
        "destination": [{"endpoint": "https://b.example"}],
        "response": {"identifier": "m1", "code": "ok"},
    }
    message = {"resourceType": "Bundle", "type": "message", "entry": [{"resource": header}]}
    made = in_version(message, FhirVersion.R5)
    assert check_output(made, FhirVersion.R5) == ()
    assert made["entry"][0]["resource"]["response"] == {"identifier": {"value": "m1"}, "code": "ok"}


def test_answers_inside_a_batch_and_parameters() -> None:
    issue = {"resourceType": "DetectedIssue", "status": "final", "patient": {"reference": "Patient/p"}}
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "a", "part": [{"name": "b", "resource": issue}]}],
    }
    response = {"status": "200", "outcome": {"resourceType": "OperationOutcome", "issue": []}}
    batch = {"resourceType": "Bundle", "entry": [{"resource": parameters, "response": response}, {"response": {}}]}
    made = in_version(batch, FhirVersion.R5)["entry"][0]
    assert made["resource"]["parameter"][0]["part"][0]["resource"]["subject"] == {"reference": "Patient/p"}
    assert made["response"] == response


ORDER = {
    "resourceType": "MedicationOrder",
    "id": "o",
    "status": "active",
    "patient": {"reference": "Patient/p1"},
    "dateWritten": "2026-10-01",
    "medicationCodeableConcept": {"text": "baclofen 10 mg tablet"},
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnits": "d"}},
            "asNeededBoolean": False,
            "doseQuantity": {"value": 10, "unit": "mg"},
        }
    ],
}


def outcome_of(client: FlaskClient, resource: dict[str, Any], kind: str) -> list[Any]:
    body = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]})
    (outcome,) = of_kind(asked(client, "*/*", body, kind), "OperationOutcome")
    return [(one["details"]["text"], one["expression"]) for one in outcome["issue"] if "FHIR" in one["details"]["text"]]


def test_a_header_that_contradicts_the_content_is_told_and_the_content_decides(client: FlaskClient) -> None:
    order = {
        "resourceType": "MedicationRequest",
        "id": "o",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medication": {"concept": {"text": "baclofen 10 mg tablet"}},
    }
    [(says, where)] = outcome_of(client, order, "application/fhir+json; fhirVersion=4.0")
    assert says == "declared as FHIR R4 (4.0), and in the shape of FHIR R5 (5.0); read by its content"
    assert where == ["Bundle.entry.resource.ofType(MedicationRequest).where(id = 'o').medication"]
    assert outcome_of(client, order, "application/fhir+json; fhirVersion=5.0") == []
    assert outcome_of(client, order, "application/fhir+json") == []


def test_an_order_of_dstu2_is_told_whatever_the_header_says(client: FlaskClient) -> None:
    for declared in ("", "; fhirVersion=1.0", "; fhirVersion=4.0"):
        [(says, where)] = outcome_of(client, ORDER, f"application/fhir+json{declared}")
        assert says.startswith("in the shape of FHIR DSTU2 (1.0); read as a MedicationRequest")
        assert where == ["Bundle.entry.resource.ofType(MedicationOrder).where(id = 'o')"]
