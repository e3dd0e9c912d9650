"""A small number of the Bundles of ``make fuzz``, and that their judge sees what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.versions import FhirVersion
from bundle_fuzz import CASES, Judge, Made, bundle_of, bundles
from outcomes import wrong_outcome
from web.fhir_calls import QUIET

FIRING = next(at for at, case in enumerate(CASES) if case.expect)


@pytest.fixture(scope="module")
def judge(assessor: Assessor) -> Judge:
    return Judge(assessor)


def test_whatever_comes_is_answered_in_fhir_and_never_in_silence(judge: Judge) -> None:
    @given(bundles())
    @settings(max_examples=300)
    def look(made: Made) -> None:
        assert judge.wrong(made) == ""

    look()
    assert judge.counted["status 200"] > 100
    assert judge.counted["success"] > 10
    assert judge.counted["with what fired damaged"] > 10


def test_the_judge_hears_silence(judge: Judge) -> None:
    base = (FIRING, FhirVersion.R4, True)
    assert "without a finding" in judge.wrong(Made(QUIET, base, hurt=True, did=["everything gone"]))
    assert judge.wrong(Made(bundle_of(base), base, hurt=True, did=["nothing"])) == ""


@pytest.mark.parametrize(
    ("issue", "says"),
    [
        ({}, "without severity"),
        ({"severity": "error", "code": "invalid"}, "without words"),
        ({"severity": "error", "code": "invalid", "diagnostics": "a", "details": {"text": "a"}}, "expression"),
    ],
)
def test_the_judge_reads_errors(issue: dict[str, object], says: str) -> None:
    assert says in wrong_outcome({"resourceType": "OperationOutcome", "issue": [issue]})


@pytest.mark.parametrize("place", ["url", "Bundle.entry[0]", "$this", "http.Content-Type", "a b", "Bundle.where(x)"])
def test_places_are_fhirpath_or_parts_of_the_request(place: str) -> None:
    words = {"severity": "error", "code": "invalid", "diagnostics": "a", "details": {"text": "a"}}
    issue = {**words, "expression": [place]} | ({"location": [place]} if place.startswith("http.") else {})
    fine = wrong_outcome({"resourceType": "OperationOutcome", "issue": [issue]}) == ""
    assert fine == (place in ("Bundle.entry[0]", "http.Content-Type"))
