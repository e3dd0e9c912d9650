"""One verdict, every version: each case in the shapes of DSTU2, STU3, R4B and R5, and its answer in R5."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import turning_dstu2
import turning_r5
import turning_stu3
from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.fhir.answering_r5 import in_version
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.resources import check_output, shape_errors
from baclofen_safety.fhir.versions import FhirVersion
from builders import make_bundle
from cases import Case, every_case
from doors import of_kind, rule_of
from turning import Turning


def is_written_in_r4(case: Case) -> bool:
    """All but those about what only an older version can say."""
    return all(entry["resource"]["resourceType"] != "MedicationOrder" for entry in make_bundle(case)["entry"])


CASES = [pytest.param(case, id=f"{family}: {case.name}") for family, case in every_case() if is_written_in_r4(case)]
SHAPES: Mapping[FhirVersion, ModuleType] = {
    FhirVersion.R5: turning_r5,
    FhirVersion.STU3: turning_stu3,
    FhirVersion.DSTU2: turning_dstu2,
}
LOSSES = tomllib.loads((Path(__file__).parent / "version_losses.toml").read_text())


@pytest.fixture(scope="module")
def plain(assessor: Assessor) -> Assessor:
    """An assessor that does not hold every answer against the models: here that is a test of its own."""
    return replace(assessor, settings=replace(assessor.settings, strict=False))


def turned(bundle: dict[str, Any], version: FhirVersion) -> tuple[dict[str, Any], set[str]]:
    """The Bundle in a version, and what it lost."""
    turning = Turning(SHAPES[version].MAKERS, SHAPES[version].TYPES)
    return turning.bundle(bundle), turning.lost


def findings(answer: Answer) -> tuple[list[tuple[str, str, str]], str]:
    """(rule, severity, status) of every issue, and the status of the verdict."""
    issues = [(rule_of(one), one["severity"], one["status"]) for one in of_kind(answer.bundle, "DetectedIssue")]
    return sorted(issues), of_kind(answer.bundle, "GuidanceResponse")[0]["status"]


def said_of(answer: Answer) -> list[list[str]]:
    """The words of every issue, then the orders each proposal is for and its notes, all in the names of R4.

    A yes that is sent as a coded answer is shown with its word.
    """
    details = [one["detail"].replace(" Yes ", " ") for one in of_kind(answer.bundle, "DetectedIssue")]
    proposals = of_kind(answer.bundle, "MedicationRequest")
    prior = [json.dumps([one.get("priorPrescription"), one.get("note")]) for one in proposals]
    return [[one.replace("MedicationOrder/", "MedicationRequest/") for one in said] for said in (details, prior)]


def told_of_versions(answer: Answer) -> list[str]:
    return [one.says for one in answer.verdict.chart.troubles if one.kind == "version"]


@pytest.mark.parametrize("case", CASES)
def test_a_case_in_every_version(case: Case, plain: Assessor) -> None:
    bundle = make_bundle(case)
    known = plain.answer(Ask(bundle, as_of=case.as_of, declared=FhirVersion.R4), case.as_of)
    again = plain.answer(Ask(bundle, as_of=case.as_of, declared=FhirVersion.R4B), case.as_of)
    assert again.bundle == known.bundle
    assert told_of_versions(known) == []
    for version in SHAPES:
        sent, lost = turned(bundle, version)
        answer = plain.answer(Ask(sent, as_of=case.as_of, declared=version), case.as_of)
        losses = LOSSES[version.name]
        assert lost <= losses["changes"].keys() | losses["same"].keys(), version
        if not lost & losses["changes"].keys():
            assert findings(answer) == findings(known), version
            assert said_of(answer) == said_of(known), version
        assert version is FhirVersion.DSTU2 or told_of_versions(answer) == [], version
    made = in_version(known.bundle, FhirVersion.R5)
    assert check_output(made, FhirVersion.R5) == ()
    assert [entry["fullUrl"] for entry in made["entry"]] == [entry["fullUrl"] for entry in known.bundle["entry"]]


def test_orders_without_an_id_are_orders(plain: Assessor) -> None:
    (case,) = (one for _, one in every_case() if one.name == "four and a medicine nobody knows")
    bundle = make_bundle(case)
    for number, entry in enumerate(bundle["entry"]):
        if entry["resource"]["resourceType"] == "MedicationRequest":
            entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{number:012d}"
            del entry["resource"]["id"]
    issues = of_kind(plain.answer(Ask(bundle, as_of=case.as_of), case.as_of).bundle, "DetectedIssue")
    (many,) = (one for one in issues if rule_of(one) == "BAC-DDI-20")
    assert "At least so many" in many["detail"]
    assert "urn:uuid:" in many["implicated"][0]["reference"]


@cache
def losses() -> Mapping[FhirVersion, Mapping[str, int]]:
    """By version, how many cases lose what."""
    counted: dict[FhirVersion, dict[str, int]] = {version: {} for version in SHAPES}
    for _, case in every_case():
        bundle = make_bundle(case)
        for version in SHAPES:
            for one in turned(bundle, version)[1]:
                counted[version][one] = counted[version].get(one, 0) + 1
    return counted


def test_every_loss_is_in_the_documents() -> None:
    page = (Path(__file__).parents[2] / "docs" / "integration.md").read_text()
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    listed = {(row[0].strip("`"), version) for row in rows if len(row) == 4 for version in row[1].split(", ")}
    named = {
        (one, version): "yes" if kind == "changes" else "no"
        for version, kinds in LOSSES.items()
        for kind, held in kinds.items()
        for one in held
    }
    said = {(row[0].strip("`"), v): row[3] for row in rows if len(row) == 4 for v in row[1].split(", ")}
    assert {key: said.get(key) for key in named} == named
    assert {one for one in listed if one[1] in LOSSES} == named.keys()


@pytest.mark.parametrize("version", SHAPES)
def test_every_loss_named_is_met_and_no_other(version: FhirVersion) -> None:
    named = LOSSES[version.name]
    assert losses()[version].keys() == named["changes"].keys() | named["same"].keys()


def test_most_cases_lose_nothing_that_changes_a_verdict() -> None:
    """The proof above is of them: R5 all but the alarms of R6, STU3 95 %, DSTU2 85 %."""
    total = sum(1 for _ in every_case())
    share = {
        version.name: sum(losses()[version][one] for one in LOSSES[version.name]["changes"]) / total
        for version in SHAPES
    }
    assert share["R5"] < 0.01
    assert share["STU3"] < 0.06
    assert share["DSTU2"] < 0.15


@pytest.mark.parametrize("version", [FhirVersion.STU3, FhirVersion.R5])
@pytest.mark.parametrize("case", CASES[::9])
def test_what_is_turned_is_of_the_version(case: Case, version: FhirVersion) -> None:
    """What is valid R4 is a valid resource of the version; of DSTU2 there are no models."""
    bundle = make_bundle(case)
    bundle["entry"] = [one for one in bundle["entry"] if not shape_errors(one["resource"])]
    for entry in turned(bundle, version)[0]["entry"]:
        if entry["resource"]["resourceType"] != "Bundle":
            assert shape_errors(entry["resource"], version) == ()
