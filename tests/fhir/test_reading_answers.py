"""Reading what patients report on forms, signs sent as results, and target ranges of oxygen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from test_reading import FACT, P1, PATIENT, chart

LOINC = "http://loinc.org"
SCT = "http://snomed.info/sct"


def form(*items: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "subject": P1}
    return made | {"authored": "2026-11-20T09:00:00Z", "item": list(items)} | more


def result(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {"resourceType": "Observation", "id": "o", "status": "final", "subject": P1, "code": code}
    return made | {"effectiveDateTime": "2026-11-20T09:00:00Z"} | more


def goal(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Goal", "id": "g", "lifecycleStatus": "active", "subject": P1} | more


def measured(concept: str, *resources: dict[str, Any]) -> list[Any]:
    return list(chart(PATIENT, *resources).measurements.get(concept, ()))


@pytest.mark.parametrize(
    ("answer", "flag"),
    [
        ({"valueBoolean": True}, True),
        ({"valueBoolean": False}, False),
        ({"valueString": "no"}, False),
        ({"valueString": "a little"}, None),
        ({"valueCoding": {"code": "Y", "display": "Yes"}}, True),
        ({"valueCoding": {"code": "N"}}, False),
        ({"valueInteger": 0}, False),
        ({"valueDecimal": 2}, True),
        ({"valueQuantity": {"value": 3}}, True),
    ],
)
def test_answers(answer: dict[str, Any], flag: bool | None) -> None:
    found = measured("fact-sign-sleepy", form({"linkId": "sign-sleepy", "answer": [answer]}))
    assert [one.flag for one in found] == [flag]


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ({"text": "Yes"}, True),
        ({"text": " no "}, False),
        ({"coding": [{"system": "http://hl7.org/fhir/v2/0136", "code": "N", "display": "No"}]}, False),
        ({"text": "a little"}, None),
        ({"coding": [{"system": FACT, "code": "negative", "display": "No"}]}, None),
    ],
)
def test_yes_and_no_of_a_coded_result(value: dict[str, Any], flag: bool | None) -> None:
    code = {"coding": [{"system": FACT, "code": "comfort-care"}]}
    assert [one.flag for one in measured("fact-comfort-care", result(code, valueCodeableConcept=value))] == [flag]


@pytest.mark.parametrize(
    "item",
    [
        {"linkId": "1", "definition": f"{FACT}#sign-confused"},
        {"linkId": "1/sign-confused"},
    ],
)
def test_questions_by_link_and_definition(item: dict[str, Any]) -> None:
    assert measured("fact-sign-confused", form(item | {"answer": [{"valueBoolean": True}]}))


def test_questions_inside_groups_and_answers() -> None:
    inner = {"linkId": "sign-floppy", "answer": [{"valueBoolean": True}]}
    outer = {"linkId": "g", "item": [{"linkId": "a", "answer": [{"valueBoolean": True, "item": [inner]}]}]}
    assert measured("fact-sign-floppy", form(outer))
    for _ in range(12):
        outer = {"linkId": "g", "item": [outer]}
    assert not measured("fact-sign-floppy", form(outer))


@pytest.mark.parametrize(
    ("choice", "score"),
    [
        ({"display": "Not at all"}, 0),
        ({"display": "Several days"}, 1),
        ({"display": "Other words"}, None),
        (
            {
                "display": "Nearly every day",
                "extension": [
                    {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3},
                ],
            },
            3,
        ),
        ({"display": "Several days", "extension": [{"url": "http://ehr.example/other"}]}, 1),
    ],
)
def test_scores_of_choices(choice: dict[str, Any], score: int | None) -> None:
    found = measured("lab-phq9-item9", form({"linkId": "/44260-8", "answer": [{"valueCoding": choice}]}))
    assert [one.value for one in found] == [score]


@pytest.mark.parametrize(
    "more",
    [
        {"status": "entered-in-error"},
        {"status": "in-progress"},
        {"authored": "2026-11-25T09:00:00Z"},
    ],
)
def test_forms_that_are_not_used(more: dict[str, Any]) -> None:
    item = {"linkId": "sign-sleepy", "answer": [{"valueBoolean": True}]}
    assert not measured("fact-sign-sleepy", form(item, **more))


def test_a_form_a_few_minutes_ahead_is_of_now() -> None:
    item = {"linkId": "sign-sleepy", "answer": [{"valueBoolean": True}]}
    found = measured("fact-sign-sleepy", form(item, authored="2026-11-20T12:03:00Z"))
    assert str(found[0].at) == "2026-11-20 12:00"


def test_other_questions_are_left_alone() -> None:
    items = ({"linkId": "7", "text": "Favourite colour?", "answer": [{"valueString": "red"}]}, {"linkId": 3})
    assert not chart(PATIENT, form(*items)).measurements


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        ({"valueBoolean": True}, True),
        ({"valueCodeableConcept": {"text": "Absent"}}, False),
        ({"valueCodeableConcept": {"text": "Severe"}}, None),
        ({"valueInteger": 0}, False),
    ],
)
def test_a_sign_as_a_result(more: dict[str, Any], flag: bool | None) -> None:
    itching = {"coding": [{"system": SCT, "code": "418363000"}]}
    assert [one.flag for one in measured("cond-itching", result(itching, **more))] == [flag]


def test_a_sign_as_an_answer_but_not_one_of_the_past() -> None:
    answer = {"valueCodeableConcept": {"coding": [{"system": SCT, "code": "7011001"}]}}
    assert measured("cond-hallucination", result({"text": "Perception", "coding": [{"code": "x"}]}, **answer))
    assert not measured("cond-hallucination", result({"text": "Family history", "coding": [{"code": "x"}]}, **answer))
    plain = {"valueCodeableConcept": {"text": "fine"}}
    assert not measured("cond-hallucination", result({"text": "Perception", "coding": [{"code": "x"}]}, **plain))


@pytest.mark.parametrize(
    ("ranges", "upper"),
    [
        ([{"high": {"value": 300, "unit": "U/L"}}], Decimal(300)),
        ([{"text": "normal"}, {"high": {"value": 250, "unit": "U/L"}}], Decimal(250)),
        ([{"high": {"value": 300}}], None),
        ([{"high": {"value": 0, "unit": "U/L"}}], None),
    ],
)
def test_the_laboratorys_upper_limit(ranges: list[dict[str, Any]], upper: Decimal | None) -> None:
    code = {"coding": [{"system": LOINC, "code": "2157-6"}]}
    found = measured(
        "lab-creatine-kinase", result(code, valueQuantity={"value": 900, "unit": "U/L"}, referenceRange=ranges)
    )
    assert [one.upper_normal for one in found] == [upper]


@pytest.mark.parametrize(
    ("quantity", "percent"), [({"value": 0.91}, 91), ({"value": 0.91, "unit": "1"}, 91), ({"value": 91}, None)]
)
def test_oxygen_as_a_fraction(quantity: dict[str, Any], percent: int | None) -> None:
    code = {"coding": [{"system": LOINC, "code": "59408-5"}]}
    assert [one.value for one in measured("lab-spo2", result(code, valueQuantity=quantity))] == [percent]


SPAN = {"detailRange": {"low": {"value": 88}, "high": {"value": 92}}}


@pytest.mark.parametrize(
    ("more", "known"),
    [
        ({"description": {"text": "Keep SpO2 between 88 and 92"}, "target": [SPAN]}, True),
        ({"target": [SPAN | {"measure": {"coding": [{"system": LOINC, "code": "59408-5"}]}}]}, True),
        ({"description": {"text": "SpO2 88-92 %"}}, True),
        ({"description": {"text": "Saturation 88% to 92%"}, "target": [{"detailString": "see text"}]}, True),
        ({"description": {"text": "Weight"}, "target": [SPAN]}, False),
        ({"description": {"text": "SpO2 88-92 %"}, "lifecycleStatus": "completed"}, False),
    ],
)
def test_target_ranges(more: dict[str, Any], known: bool) -> None:
    found = measured("fact-oxygen-target", goal(**more))
    assert [(one.low, one.high) for one in found] == ([(88, 92)] if known else [])


def test_a_target_range_in_an_order() -> None:
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "intent": "order",
        "subject": P1,
        "code": {"text": "Oxygen, target saturation 88-92%"},
    }
    assert measured("fact-oxygen-target", order)
    assert not measured("fact-oxygen-target", order | {"status": "completed"})
