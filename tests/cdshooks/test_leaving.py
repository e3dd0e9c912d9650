"""At a discharge the stay is judged as over, although the EHR still calls it in progress."""

from __future__ import annotations

from datetime import timedelta

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import BASE, NOW, ORDER, Json, call_of, judge, searchset, told

STOP = ("BAC-WD-01", "high")
CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"
CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SINCE = (NOW - timedelta(days=3)).isoformat()
STAY: Json = {
    "resourceType": "Encounter",
    "id": "stay",
    "status": "in-progress",
    "class": {"system": CLASS, "code": "IMP"},
    "subject": {"reference": "Patient/p1"},
    "period": {"start": SINCE},
}


def of_kind(kind: str, **more: object) -> Json:
    return {**ORDER, "id": kind, "category": [{"coding": [{"system": CATEGORY, "code": kind}]}], **more}


IN_HOSPITAL = of_kind("inpatient", authoredOn=SINCE, encounter={"reference": "Encounter/stay"})
AT_HOME = of_kind("community", status="stopped", meta={"lastUpdated": SINCE})
TAKEN_HOME = of_kind("discharge", authoredOn=NOW.isoformat())


def findings(assessor: Assessor, hook: str, *orders: Json, stay: Json = STAY, **more: str) -> set[tuple[str, str]]:
    held = BASE | {"medicationRequests": searchset(*orders), "encounters": searchset(stay)}
    return told(judge(assessor, call_of(hook, {}, held, **more)))


@pytest.mark.parametrize(
    ("hook", "more", "leaves"),
    [
        ("encounter-discharge", {"encounter_id": "stay"}, True),
        ("patient-view", {"encounter_id": "stay", "moment": "discharge"}, True),
        ("encounter-discharge", {"encounter_id": "another"}, False),
        ("encounter-discharge", {}, False),
        ("encounter-start", {"encounter_id": "stay"}, False),
        ("patient-view", {"encounter_id": "stay", "moment": "transfer"}, False),
        ("patient-view", {"encounter_id": "stay"}, False),
    ],
)
def test_what_was_ordered_for_the_stay_ends_with_it(
    assessor: Assessor, hook: str, more: dict[str, str], leaves: bool
) -> None:
    assert (STOP in findings(assessor, hook, AT_HOME, IN_HOSPITAL, **more)) is leaves


def test_baclofen_to_take_home_goes_on(assessor: Assessor) -> None:
    found = findings(assessor, "encounter-discharge", AT_HOME, IN_HOSPITAL, TAKEN_HOME, encounter_id="stay")
    assert not {rule for rule, _ in found if rule.startswith("BAC-WD")}


@pytest.mark.parametrize("stay", [{**STAY, "period": None}, {**STAY, "status": "planned"}, {**STAY, "status": 7}])
def test_a_stay_of_another_shape_does_no_harm(assessor: Assessor, stay: Json) -> None:
    assert isinstance(
        findings(assessor, "encounter-discharge", AT_HOME, IN_HOSPITAL, stay=stay, encounter_id="stay"), set
    )
