"""The command line at an EHR: a record read there, findings written there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from baclofen_safety import cli as door
from baclofen_safety.assessor import Assessor
from builders import make_bundle
from cases import AS_OF, make_case
from fhir_server import FhirServer, outcome

STOPPED = make_case({"name": "one", "order": [{"id": "order", "status": "stopped", "updated": "-1d"}]})


@pytest.fixture
def server() -> Iterator[FhirServer]:
    doctor = {"resourceType": "Practitioner", "id": "dr-a"}
    with FhirServer([*(entry["resource"] for entry in make_bundle(STOPPED)["entry"]), doctor]) as one:
        yield one


def run(assessor: Assessor, *arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(door.cli, ["assess", "--as-of", AS_OF, *arguments], obj=assessor)


@pytest.mark.parametrize("patient", ["p1", "Patient/p1"])
def test_a_record_is_read_and_judged(assessor: Assessor, server: FhirServer, patient: str) -> None:
    done = run(assessor, "--patient", patient, "--ehr", server.base)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "BAC-WD-01" in done.stdout
    assert not [asked for asked in server.asked if asked.body]


def test_findings_are_written_back_once(assessor: Assessor, server: FhirServer) -> None:
    there = ("--patient", "p1", "--ehr", f"{server.base}/", "--write-back", "--format", "fhir")
    first, second = run(assessor, *there), run(assessor, *there)
    assert (first.exit_code, second.exit_code) == (1, 1)
    assert json.loads(first.stdout)["resourceType"] == "Bundle"
    assert first.stderr.startswith("written: 1 DetectedIssue, ")
    assert second.stderr == first.stderr.replace("written", "there already")


def test_what_could_not_be_written_is_told(assessor: Assessor, server: FhirServer) -> None:
    server.faults["transaction"] = lambda one: one.say(403, outcome("forbidden"))
    done = run(assessor, "--patient", "p1", "--ehr", server.base, "--write-back")
    assert done.exit_code == 2
    assert "not written: 1 DetectedIssue (refused)\n" in done.stderr


def test_places_are_questions_the_operator_can_ask(assessor: Assessor) -> None:
    entries = [entry["resource"] for entry in make_bundle(STOPPED)["entry"]]
    gone = {"resourceType": "MedicationRequest", "id": "x", "status": "active", "intent": "order"}
    gone |= {"subject": {"reference": "Patient/p1"}, "medicationReference": {"reference": "Medication/gone"}}
    with FhirServer([*entries, gone]) as server:
        server.faults["Observation"] = lambda one: one.say(500, outcome("exception"))
        done = run(assessor, "--patient", "p1", "--ehr", server.base)
    assert "Bundle.entry" not in done.stdout
    assert "not used  Medication/gone: the search for Medication answered with an error" in done.stdout
    assert "not used  Observation?patient=Patient%2Fp1&" in done.stdout


def test_the_token_comes_from_a_file(assessor: Assessor, server: FhirServer, tmp_path: Path) -> None:
    server.token = "CANARY"
    file = tmp_path / "token"
    file.write_text("CANARY\n")
    assert run(assessor, "--patient", "p1", "--ehr", server.base, "--token-file", str(file)).exit_code == 1
    refused = run(assessor, "--patient", "p1", "--ehr", server.base)
    assert refused.exit_code == 2
    assert "does not let the caller read" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "a FILE expected, or --patient and --ehr"),
        (["--patient", "p1"], "--patient and --ehr go together"),
        (["--ehr", "https://ehr.example/fhir"], "--patient and --ehr go together"),
        (["-", "--write-back"], "a FILE expected, or --patient and --ehr"),
        (["-", "--patient", "p1", "--ehr", "https://ehr.example/fhir"], "a FILE expected, or --patient and --ehr"),
        (["--patient", "p1", "--ehr", "http://ehr.example/fhir"], "https"),
        (["--patient", "p1", "--ehr", "https://ehr.example/fhir", "--token-file", "none"], "--token-file: a readable"),
        (["--patient", "p1", "--ehr", "https://ehr.example/fhir", "--network", "0.0.0.0/0"], "baclofen-safety: "),
    ],
)
def test_options_that_do_not_fit_are_told(assessor: Assessor, arguments: list[str], words: str) -> None:
    done = run(assessor, *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.startswith("baclofen-safety: ")


def test_an_ehr_that_does_not_answer_is_told(assessor: Assessor, server: FhirServer) -> None:
    server.faults["Patient"] = lambda one: one.say(500, outcome("exception"))
    done = run(assessor, "--patient", "p1", "--ehr", server.base)
    assert (done.exit_code, done.stderr) == (2, "baclofen-safety: the EHR does not answer\n")
