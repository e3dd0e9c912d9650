"""What is named as a reason, in a type nobody reads or in a resource inside another: told, and asked for where it
matters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.chart import Trouble
from baclofen_safety.fhir.reading import read_chart

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
Json = dict[str, Any]
OURS = {"subject": {"reference": "Patient/p1"}}
THEIRS = {"patient": {"reference": "Patient/p1"}}
FAILING: Json = {"text": "End stage renal disease on dialysis"}
CONDITION: Json = {"resourceType": "Condition", "id": "c", "code": FAILING}
CREATININE: Json = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
}
OXYCODONE = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1049621"}]}


def held(kind: str, **more: Any) -> Json:
    return {"resourceType": kind, "id": "x", "status": "active", **OURS, **more}


def claim(**more: Any) -> Json:
    item = [{"productOrService": OXYCODONE}]
    return {"resourceType": "ExplanationOfBenefit", "id": "x", "status": "active", "item": item, **THEIRS, **more}


def troubles(assessor: Assessor, *resources: Json) -> tuple[Trouble, ...]:
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, *resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    return read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms).troubles


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (held("Encounter", contained=[CONDITION]), "contained"),
        (held("ServiceRequest", code={"text": "Labs"}, contained=[CREATININE]), "contained"),
        (
            held("Encounter", contained=[{"resourceType": "Procedure", "id": "p", "code": {"text": "Hemodialysis"}}]),
            "contained",
        ),
        (
            held("List", contained=[{"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "baclofen"}}]),
            "contained",
        ),
        (held("ClinicalImpression", finding=[{"itemCodeableConcept": FAILING}]), "finding"),
        (held("EpisodeOfCare", type=[{"text": "Hemodialysis programme"}], **THEIRS), "type"),
        (claim(created="2026-11-01"), "item"),
        (held("Encounter", type=[FAILING], period={"start": "2026-11-01"}), "type"),
        (
            held("MedicationRequest", medicationCodeableConcept={"text": "sevelamer"}, reasonCode=[FAILING]),
            "reasonCode",
        ),
        (held("ServiceRequest", code={"text": "Diet"}, reason=[{"concept": FAILING}]), "reason"),
        (held("CarePlan", addresses=[{"reference": "Condition/gone", "display": FAILING["text"]}]), "addresses"),
        (held("List", entry=[{"item": {"reference": "Condition/gone", "display": FAILING["text"]}}]), "entry"),
    ],
)
def test_what_is_named_aside_is_asked_for(resource: Json, path: str, assessor: Assessor) -> None:
    assert any(one.needed and one.path == path for one in troubles(assessor, resource))


@pytest.mark.parametrize(
    "resource",
    [
        held("Encounter", contained=[{**CONDITION, "code": {"text": "Asthma"}}]),
        held("Encounter", contained=[{**CONDITION, "clinicalStatus": {"coding": [{"code": "resolved"}]}}]),
        held("Encounter", contained=[{"resourceType": "Practitioner", "id": "d"}]),
        held("ServiceRequest", code={"text": "Labs"}, contained=[{**CREATININE, "code": {"text": "Sodium"}}]),
        held("Encounter", type=[FAILING], period={"start": "2019-11-01", "end": "2019-11-01"}),
        held("Encounter", status="entered-in-error", type=[FAILING]),
        held("ClinicalImpression", finding=[{"itemCodeableConcept": FAILING}], date="2019-01-01"),
        held("ServiceRequest", code={"text": "Labs"}, reasonCode=[{"text": "rule out CKD stage 5"}]),
        claim(created="2019-11-01"),
        claim(created="2026-11-01", item=[{"productOrService": {"text": "denies oxycodone"}}]),
        {"resourceType": "FamilyMemberHistory", "id": "x", "condition": [{"code": FAILING}], **THEIRS},
        {"resourceType": "MedicationKnowledge", "id": "x", "status": "active", "code": OXYCODONE},
    ],
)
def test_what_is_old_another_s_or_harmless_is_not(resource: Json, assessor: Assessor) -> None:
    assert not any(one.needed for one in troubles(assessor, resource))


@pytest.mark.parametrize(
    "known",
    [
        {**CONDITION, **OURS},
        {"resourceType": "Procedure", "id": "p", "status": "completed", "code": {"text": "Hemodialysis"}, **OURS},
    ],
)
def test_what_a_record_says_by_itself_is_known(known: Json, assessor: Assessor) -> None:
    aside = held("ClinicalImpression", finding=[{"itemCodeableConcept": FAILING}], contained=[CONDITION])
    told = [one for one in troubles(assessor, aside, known) if one.ref.startswith("ClinicalImpression")]
    assert told
    assert not any(one.needed for one in told)


def test_a_medicine_that_was_ordered_is_known(assessor: Assessor) -> None:
    order = {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", **OURS}
    told = troubles(assessor, claim(created="2026-11-01"), {**order, "medicationCodeableConcept": OXYCODONE})
    assert not any(one.needed and one.path == "item" for one in told)


def test_a_condition_that_came_is_not_told_again(assessor: Assessor) -> None:
    listed = held("List", entry=[{"item": {"reference": "Condition/c", "display": FAILING["text"]}}])
    resolved = {**CONDITION, "clinicalStatus": {"coding": [{"code": "resolved"}]}, **OURS}
    assert not any(one.path == "entry" for one in troubles(assessor, listed, resolved))


def test_an_overdose_says_nothing_of_the_kidneys(assessor: Assessor) -> None:
    overdose = {**CONDITION, "code": {"text": "baclofen overdose"}, **OURS}
    aside = held("ClinicalImpression", finding=[{"itemCodeableConcept": FAILING}])
    assert any(one.needed and one.path == "finding" for one in troubles(assessor, aside, overdose))
