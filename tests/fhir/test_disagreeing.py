"""A note, a text or an amount that does not fit the dose of a running order is told; what fits is not."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import make_case

DAYS_30 = {"value": 30, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}


def told(assessor: Assessor, more: dict[str, Any], text: str = "") -> list[str]:
    """Paths of the contradictions of an order of 30 mg/day in 10 mg tablets."""
    case = make_case({"name": "quiet"})
    bundle = make_bundle(case)
    order = next(each["resource"] for each in bundle["entry"] if each["resource"].get("id") == "order")
    order.update(more)
    if text:
        order["dosageInstruction"][0]["text"] = text
    verdict = assessor.answer(Ask(bundle, as_of=case.as_of), case.as_of).verdict
    return [one.path for one in verdict.troubles if one.kind == "conflict" and one.needed]


def handed(value: int, unit: str | None = "tablet", *, days: bool = False) -> dict[str, Any]:
    quantity = {"value": value, **({"unit": unit} if unit else {})}
    return {"dispenseRequest": {"quantity": quantity, **({"expectedSupplyDuration": DAYS_30} if days else {})}}


@pytest.mark.parametrize(
    ("more", "paths"),
    [
        (handed(90, days=True), []),
        (handed(180, days=True), []),
        (handed(181, days=True), ["dispenseRequest.quantity"]),
        (handed(900, None, days=True), ["dispenseRequest.quantity"]),
        (handed(549), []),
        (handed(550), ["dispenseRequest.quantity"]),
        (handed(900, "box"), []),
        ({**handed(900, days=True), "status": "stopped"}, []),
        ({"note": [{"text": "take 40 mg tid"}]}, ["note"]),
        ({"note": [{"text": "take 10 mg tid"}]}, []),
        ({"note": [{"text": "40 mg"}]}, []),
    ],
)
def test_what_stands_beside_the_dose(assessor: Assessor, more: dict[str, Any], paths: list[str]) -> None:
    assert told(assessor, more) == paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("10 mg in the morning, 10 mg at noon, 80 mg at bedtime", ["dosageInstruction"]),
        ("10 mg tid then 40 mg tid", ["dosageInstruction"]),
        ("5 mg tid then 10 mg tid", []),
        ("as told", []),
    ],
)
def test_the_words_of_a_structured_dose(assessor: Assessor, text: str, paths: list[str]) -> None:
    assert told(assessor, {}, text) == paths
