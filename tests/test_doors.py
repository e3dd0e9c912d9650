"""One verdict, many doors: every case gives the same findings through HTTP and the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from baclofen_safety.assessor import Assessor
from baclofen_safety.cli import cli
from baclofen_safety.fhir.versions import WRITTEN, FhirVersion
from builders import make_bundle
from cases import Case, every_case, faults
from doors import of_kind, read_back, told_by_a_door

CASES = [pytest.param(case, id=f"{family}: {case.name}") for family, case in every_case()]


@pytest.mark.parametrize("case", CASES)
def test_http(case: Case, client: FlaskClient) -> None:
    answer = client.post(
        "/fhir/$assess-medication-safety",
        query_string={"asOf": case.as_of.isoformat()},
        data=json.dumps(make_bundle(case)),
        content_type="application/fhir+json",
    )
    assert answer.status_code == 200, answer.text
    assert faults(told_by_a_door(case), read_back(answer.json)) == []


@pytest.mark.parametrize("case", CASES[::7])
def test_command_line_gives_the_bytes_of_http(case: Case, client: FlaskClient, assessor: Assessor) -> None:
    body = json.dumps(make_bundle(case))
    as_of = case.as_of.isoformat()
    run = CliRunner().invoke(cli, ["assess", "-", "--as-of", as_of, "--format", "fhir"], input=body, obj=assessor)
    http = client.post(
        "/fhir/$assess-medication-safety",
        query_string={"asOf": as_of},
        data=body,
        content_type="application/json",
    ).json
    assert json.loads(run.stdout) == http
    found, status = of_kind(http, "DetectedIssue"), of_kind(http, "GuidanceResponse")[0]["status"]
    assert run.exit_code == (1 if found else 0 if status == "success" else 2)


@pytest.mark.parametrize("version", WRITTEN)
@pytest.mark.parametrize("case", CASES[::97])
def test_both_doors_answer_in_every_version_with_the_same_bytes(
    case: Case, version: FhirVersion, client: FlaskClient, assessor: Assessor
) -> None:
    body, as_of = json.dumps(make_bundle(case)), case.as_of.isoformat()
    asked = ["assess", "-", "--as-of", as_of, "--format", "fhir", "--fhir-version", version.value]
    http = client.post(
        "/fhir/$assess-medication-safety",
        query_string={"asOf": as_of, "_pretty": "true"},
        data=body,
        content_type="application/json",
        headers={"Accept": f"application/fhir+json; fhirVersion={version}"},
    )
    assert http.status_code == 200
    assert CliRunner().invoke(cli, asked, input=body, obj=assessor).stdout_bytes == http.data + b"\n"


def test_the_command_line_offers_the_versions_that_are_written(assessor: Assessor) -> None:
    run = CliRunner().invoke(cli, ["assess", "-", "--fhir-version", "3.0"], input="{}", obj=assessor)
    assert run.exit_code == 2
    assert all(f"'{version.value}'" in run.stderr for version in WRITTEN)
