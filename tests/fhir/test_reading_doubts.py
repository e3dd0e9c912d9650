"""What may change the meaning of a record, and cannot be read, is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import make_case

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
TABLET_10 = {"coding": [{"system": RXNORM, "code": "197391", "display": "baclofen 10 MG Oral Tablet"}]}


def judged(assessor: Assessor, order: dict[str, Any] | None = None, more: dict[str, Any] | None = None) -> Any:
    case = make_case({"name": "quiet"})
    bundle = make_bundle(case)
    for entry in bundle["entry"]:
        if entry["resource"].get("id") == "order":
            entry["resource"].update(order or {})
    if more:
        bundle["entry"].append({"resource": {**more, "subject": {"reference": "Patient/p1"}}})
    return assessor.answer(Ask(bundle, as_of=case.as_of), case.as_of).verdict


@pytest.mark.parametrize(
    ("order", "more", "kind"),
    [
        ({"modifierExtension": [{"url": "https://ehr.example/not", "valueBoolean": True}]}, None, "unreadable"),
        ({"implicitRules": "https://ehr.example/rules"}, None, "unreadable"),
        ({"medicationCodeableConcept": {**TABLET_10, "text": "baclofen 20 mg tablet"}}, None, "conflict"),
        (
            None,
            {
                "resourceType": "Procedure",
                "id": "bare",
                "status": "completed",
                "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "90935"}]},
            },
            "unrecognised-procedure",
        ),
    ],
)
def test_doubt_is_asked_about(
    assessor: Assessor, order: dict[str, Any] | None, more: dict[str, Any] | None, kind: str
) -> None:
    verdict = judged(assessor, order, more)
    assert [(one.kind, one.needed) for one in verdict.troubles] == [(kind, True)]
    assert verdict.status == "data-required"


@pytest.mark.parametrize("text", ["baclofen 10 mg tablet", "Baclofen", "baclofen 10 MG Oral Tablet [Lioresal]"])
def test_words_that_agree_raise_no_doubt(assessor: Assessor, text: str) -> None:
    assert judged(assessor, {"medicationCodeableConcept": {**TABLET_10, "text": text}}).status == "success"


def given(route: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationAdministration",
        "id": "given",
        "status": "completed",
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "medicationCodeableConcept": TABLET_10,
        "dosage": {"route": {"text": route}, "dose": {"value": 10, "unit": "mg"}},
        **more,
    }


@pytest.mark.parametrize("route", ["intravenous", "intrathecal"])
def test_a_tablet_given_where_none_belongs_is_asked_about(assessor: Assessor, route: str) -> None:
    verdict = judged(assessor, more=given(route))
    assert ("route", "MedicationAdministration/given", True) in [
        (one.kind, one.ref, one.needed) for one in verdict.troubles
    ]
    assert verdict.status == "data-required"


@pytest.mark.parametrize("more", [given("oral"), given("intravenous", status="not-done")])
def test_a_dose_by_mouth_or_not_given_raises_no_doubt(assessor: Assessor, more: dict[str, Any]) -> None:
    assert not [one for one in judged(assessor, more=more).troubles if one.kind == "route"]


def by(route: str, **more: Any) -> dict[str, Any]:
    return {"dosageInstruction": [{"text": "10 mg three times a day", "route": {"text": route}}], **more}


@pytest.mark.parametrize("changes", [by("rectal"), by("inhalation"), by("rectal", status="draft")])
def test_an_order_by_a_route_no_dose_is_judged_of_is_asked_about(assessor: Assessor, changes: dict[str, Any]) -> None:
    verdict = judged(assessor, changes)
    assert [(one.kind, one.needed) for one in verdict.troubles] == [("route", True)]
    assert verdict.status == "data-required"


@pytest.mark.parametrize("changes", [by("oral"), by("topical"), by("intravenous"), by("rectal", status="completed")])
def test_a_route_that_is_judged_or_over_is_not_asked_about(assessor: Assessor, changes: dict[str, Any]) -> None:
    assert not [one for one in judged(assessor, changes).troubles if one.kind == "route"]


def test_on_hd_is_dialysis(assessor: Assessor) -> None:
    condition = {"resourceType": "Condition", "id": "hd", "code": {"text": "on HD three times weekly"}}
    assert [issue.sheet.id for issue in judged(assessor, more=condition).issues] == ["BAC-RENAL-01"]
