"""Writing: ids and codes."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.outcome import CANONICAL
from baclofen_safety.fhir.writing import name_uuid
from builders import make_bundle
from cases import make_case
from doors import of_kind


@given(st.text())
def test_ids_are_those_of_the_standard_library(name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert name_uuid(name) == str(uuid5(uuid5(NAMESPACE_URL, CANONICAL), name))


@pytest.mark.parametrize(("kind", "code"), [("statement", "NONRX"), ("order", "DRG")])
def test_what_is_bought_has_an_act_code_of_its_own(assessor: Assessor, kind: str, code: str) -> None:
    case = make_case({"name": "doxylamine", kind: [{"name": "doxylamine 25 mg tablet", "start": "-14d"}]})
    answer = assessor.answer(Ask(make_bundle(case), as_of=case.as_of), case.as_of).bundle
    (issue,) = of_kind(answer, "DetectedIssue")
    assert [coding["code"] for coding in issue["code"]["coding"]] == ["BAC-DDI-08", code]


SESSIONS = [{"what": "haemodialysis", "at": f"-{days}d"} for days in (2, 4, 6)]


@pytest.mark.parametrize(
    "case",
    [
        {"order": [{"id": "order", "status": "draft", "dose": "5 mg", "start": "now"}], "procedure": SESSIONS},
        {
            "order": [{"id": "order", "status": "draft", "dose": "40 mg", "start": "now"}],
            "lab": [{"id": "creatinine", "value": 3.6}],
        },
        {
            "order": [{"id": "order", "status": "draft", "dose": "40 mg", "start": "now"}],
            "allergy": [{"what": "rxnorm:1292", "text": "baclofen", "type": "allergy"}],
        },
    ],
    ids=["dialysis", "eGFR 15-29", "allergy, and above the highest dose"],
)
def test_no_ceiling_is_proposed_for_what_is_not_to_be_started(assessor: Assessor, case: dict[str, object]) -> None:
    drop = ["supply", "supply-1", "supply-2", "supply-3"]
    made = make_case({"name": "a draft that is not to be started", "drop": drop, **case})
    answer = assessor.answer(Ask(make_bundle(made), as_of=made.as_of), made.as_of).bundle
    found = of_kind(answer, "DetectedIssue")
    assert any(issue["status"] == "preliminary" and issue["severity"] == "high" for issue in found)
    assert of_kind(answer, "MedicationRequest") == []
