"""Resources known by a code alone that nobody knows, or by nothing at all: told, never taken for "not there"."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.core.chart import Chart
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology

TERMS = Terminology.load()
NOBODY = {"coding": [{"system": "urn:nobody:knows", "code": "qqq"}]}
NAMED = {"coding": [{"system": "urn:nobody:knows", "code": "qqq", "display": "Something else"}]}
PATIENT = {"reference": "Patient/p"}


def read(resource: dict[str, Any]) -> Chart:
    entries = [{"resource": {"resourceType": "Patient", "id": "p"}}, {"resource": {"id": "x", **resource}}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return read_chart(bundle, as_of=datetime(2026, 11, 20, tzinfo=UTC), subject=None, terms=TERMS)


def told(resource: dict[str, Any]) -> list[tuple[str, str, bool]]:
    return [(one.kind, one.path, one.needed) for one in read(resource).troubles]


def procedure(**code: Any) -> dict[str, Any]:
    return {"resourceType": "Procedure", "status": "completed", "subject": PATIENT, **code}


def request(**code: Any) -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": PATIENT, **code}


def diet(**oral: Any) -> dict[str, Any]:
    return {"resourceType": "NutritionOrder", "status": "active", "patient": PATIENT, "oralDiet": oral}


def flag(status: str = "active", **code: Any) -> dict[str, Any]:
    return {"resourceType": "Flag", "status": status, "subject": PATIENT, **code}


def result(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "subject": PATIENT, "valueInteger": 1, **more}


@pytest.mark.parametrize(
    ("resource", "trouble"),
    [
        (procedure(code=NOBODY), ("unrecognised-procedure", "code", True)),
        (procedure(), ("unrecognised-procedure", "code", True)),
        (request(code=NOBODY), ("unrecognised-procedure", "code", True)),
        (request(), ("unrecognised-procedure", "code", True)),
        (diet(type=[NOBODY]), ("unrecognised-procedure", "oralDiet.type", True)),
        (diet(), ("unrecognised-procedure", "oralDiet.type", True)),
        (flag(code=NOBODY), ("unrecognised-condition", "code", False)),
        (result(code=NOBODY), ("unreadable", "code", False)),
    ],
)
def test_nobody_knows_what_it_is(resource: dict[str, Any], trouble: tuple[str, str, bool]) -> None:
    assert trouble in told(resource)


@pytest.mark.parametrize(
    "resource",
    [
        procedure(code=NAMED),
        request(code=NAMED),
        request(category=[{"text": "Follow-up visit"}]),
        request(code=NOBODY) | {"status": "completed"},
        diet(type=[NAMED]),
        diet(schedule=[{}]),
        diet() | {"enteralFormula": {}},
        flag(code=NAMED),
        flag("inactive", code=NOBODY),
        result(code=NAMED),
        result(code={"coding": [{"system": "http://loinc.org", "code": "99999-9"}]}),
    ],
)
def test_what_has_a_name_or_is_over_is_no_trouble(resource: dict[str, Any]) -> None:
    assert told(resource) == []


def test_a_wanted_result_without_a_status_is_told() -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}
    bare = {**result(code=code, effectiveDateTime="2026-11-19"), "status": None}
    assert ("unreadable", "status", True) in told({key: value for key, value in bare.items() if value is not None})
