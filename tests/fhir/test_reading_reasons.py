"""Why the patient was seen: reasons of encounters as suspicions, conditions an encounter names again."""

from __future__ import annotations

from typing import Any

import pytest
from test_reading import P1, PATIENT, chart

COPD = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "J44.9", "display": "COPD"}]}
CONDITION = {"resourceType": "Condition", "id": "c1", "subject": P1, "code": COPD, "onsetDateTime": "2015"}


def encounter(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": P1,
        "period": {"start": "2026-11-01", "end": "2026-11-01"},
    } | more


@pytest.mark.parametrize(
    "more",
    [
        {"reasonCode": [COPD]},
        {"reasonCode": [{"text": "COPD"}]},
        {"reason": [{"value": [{"concept": COPD}]}]},
        {"reason": [COPD]},
    ],
)
def test_a_reason_is_a_suspicion(more: dict[str, Any]) -> None:
    (problem,) = chart(PATIENT, encounter(**more)).problems
    assert problem.ref == "Encounter/e1"
    assert problem.concepts == {"cond-copd"}
    assert problem.state == "possible"
    assert str(problem.onset) == "2026-11-01"


@pytest.mark.parametrize("more", [{"reasonCode": [{"text": "Routine visit"}]}, {"reason": [{"value": [{}]}]}, {}])
def test_other_reasons_are_none(more: dict[str, Any]) -> None:
    assert chart(PATIENT, encounter(**more)).problems == ()


@pytest.mark.parametrize(
    "more",
    [
        {"diagnosis": [{"condition": {"reference": "Condition/c1"}}]},
        {"diagnosis": [{"condition": [{"reference": {"reference": "Condition/c1"}}]}]},
        {"reasonReference": [{"reference": "Condition/c1"}]},
        {"reason": [{"value": [{"reference": {"reference": "Condition/c1"}}]}]},
    ],
)
def test_an_encounter_names_a_condition(more: dict[str, Any]) -> None:
    (problem,) = chart(PATIENT, CONDITION, encounter(**more)).problems
    assert str(problem.seen) == "2026-11-01"
    assert str(problem.onset) == "2015"


@pytest.mark.parametrize(
    ("condition", "more", "seen"),
    [
        ({"encounter": {"reference": "Encounter/e1"}}, {}, "2026-11-01"),
        (
            {"encounter": {"reference": "Encounter/e1"}},
            {"period": {}, "actualPeriod": {"start": "2026-11-02"}},
            "2026-11-02",
        ),
        ({"encounter": {"reference": "Encounter/e1"}}, {"period": {"start": "2027-01-01"}}, "None"),
        ({}, {"diagnosis": [{"condition": {"reference": "Condition/c1"}}], "period": {}}, "None"),
        ({}, {"diagnosis": [{"condition": {"display": "COPD"}}]}, "None"),
        ({}, {"status": "planned", "diagnosis": [{"condition": {"reference": "Condition/c1"}}]}, "None"),
    ],
)
def test_when_a_condition_was_seen_last(condition: dict[str, Any], more: dict[str, Any], seen: str) -> None:
    read = chart(PATIENT, CONDITION | condition, encounter(**more))
    (problem,) = read.problems
    assert str(problem.seen) == seen
