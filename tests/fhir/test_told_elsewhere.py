"""Medicines outside the records of medicines, types nobody reads, marks inside resources: told, never passed over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.chart import Trouble
from baclofen_safety.fhir.reading import read_chart

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS = {"subject": {"reference": "Patient/p1"}}

Json = dict[str, Any]


def order_of(name: str, **more: Any) -> Json:
    medicine = {"medicationCodeableConcept": {"text": name}}
    return {"resourceType": "MedicationRequest", "id": "b", "status": "active", "intent": "order", **medicine, **more}


def troubles(assessor: Assessor, *resources: Json) -> tuple[Trouble, ...]:
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, *resources)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    return read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms).troubles


@pytest.mark.parametrize("name", ["baclofen 20 mg", "oxycodone 10 mg"])
def test_a_medicine_that_stands_elsewhere_is_asked_for(name: str, assessor: Assessor) -> None:
    places: list[Json] = [
        {"resourceType": "List", "status": "current", "contained": [order_of(name)], **OURS},
        {"resourceType": "List", "status": "current", "entry": [{"item": {"display": name}}], **OURS},
        {"resourceType": "CarePlan", "status": "active", "contained": [order_of(name)], **OURS},
        {
            "resourceType": "CarePlan",
            "status": "active",
            "activity": [{"detail": {"productCodeableConcept": {"text": name}}}],
            **OURS,
        },
        {"resourceType": "RequestGroup", "status": "active", "contained": [order_of(name)], **OURS},
        {"resourceType": "Encounter", "status": "in-progress", "contained": [order_of(name)], **OURS},
        {"resourceType": "Parameters", "parameter": [{"name": "draft", "resource": order_of(name)}]},
        {"resourceType": "SupplyRequest", "status": "active", "itemCodeableConcept": {"text": name}},
        {"resourceType": "AdverseEvent", "event": {"text": name}, **OURS},
    ]
    for place in places:
        assert any(one.needed and name in one.says for one in troubles(assessor, place)), place


@pytest.mark.parametrize(
    "place",
    [
        {"resourceType": "List", "status": "current", "entry": [{"item": {"display": "vitamin C"}}], **OURS},
        {"resourceType": "List", "status": "retired", "entry": [{"item": {"display": "baclofen"}}], **OURS},
        {
            "resourceType": "List",
            "status": "current",
            "entry": [{"deleted": True, "item": {"display": "baclofen"}}],
            **OURS,
        },
        {
            "resourceType": "List",
            "status": "current",
            "contained": [order_of("baclofen", status="stopped")],
            **OURS,
        },
        {"resourceType": "CarePlan", "status": "active", "title": "Plan for baclofen", **OURS},
    ],
)
def test_what_hides_no_medicine_asks_for_nothing(place: Json, assessor: Assessor) -> None:
    assert not any(one.needed for one in troubles(assessor, place))


def test_a_list_of_what_was_read_asks_for_nothing(assessor: Assessor) -> None:
    item = {"reference": "MedicationRequest/b", "display": "baclofen"}
    listed = {"resourceType": "List", "status": "current", "entry": [{"item": item}], **OURS}
    order = order_of("baclofen 10 mg", **OURS)
    assert not any("List" in one.ref for one in troubles(assessor, order, listed))
    (told,) = (one for one in troubles(assessor, listed) if "List" in one.ref or "entry" in one.path)
    assert told.needed
    nameless = {**listed, "entry": [{"item": {"reference": "MedicationStatement/gone"}}]}
    assert "was not sent" in next(one.says for one in troubles(assessor, nameless) if one.path == "entry")


def test_a_type_that_is_not_read_is_told_once(assessor: Assessor) -> None:
    shots = [{"resourceType": "Immunization", "id": str(n), "patient": OURS["subject"]} for n in range(3)]
    (told,) = troubles(assessor, *shots, {"resourceType": "Practitioner", "id": "a"})
    assert (told.kind, told.says, told.needed) == (
        "not-used",
        "Immunization is not a type that is read (3 of them)",
        False,
    )


@pytest.mark.parametrize("key", ["modifierExtension", "implicitRules"])
def test_a_modifier_is_told_at_any_depth(key: str, assessor: Assessor) -> None:
    mark = {key: [{"url": "urn:not"}]}
    odd: list[tuple[Json, str]] = [
        (order_of("baclofen", dosageInstruction=[{"text": "10 mg tid", **mark}], **OURS), f"dosageInstruction.{key}"),
        (
            order_of("x", contained=[{"resourceType": "Medication", "id": "m", **mark}], **OURS),
            f"contained.{key}",
        ),
        ({"resourceType": "Observation", "component": [mark], **OURS}, f"component.{key}"),
        ({"resourceType": "Medication", "id": "m", **mark}, key),
    ]
    for resource, path in odd:
        assert any(one.needed and one.path == path for one in troubles(assessor, resource)), path


def test_a_patient_and_a_bundle_may_be_modified_too(assessor: Assessor) -> None:
    patient = {"resourceType": "Patient", "id": "p1", "modifierExtension": [{"url": "urn:not"}]}
    bundle = {"resourceType": "Bundle", "implicitRules": "urn:x", "entry": [{"resource": patient}]}
    told = read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms).troubles
    assert {one.path for one in told if one.needed} == {"modifierExtension", "implicitRules"}


@pytest.mark.parametrize("meta", [{"tag": [{"code": "SUBSETTED"}]}, {"security": [{"code": "REDACTED"}]}])
def test_a_resource_that_is_cut_is_told(meta: Json, assessor: Assessor) -> None:
    told = troubles(assessor, order_of("baclofen 10 mg", meta=meta, **OURS))
    assert any(one.needed and one.path == "meta" for one in told)


YESTERDAY = "2026-11-19"
RESULT = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
    "valueQuantity": {"value": 0.9, "unit": "mg/dL"},
    "effectiveDateTime": YESTERDAY,
    **OURS,
}


def report(**more: Any) -> Json:
    held = {"code": {"text": "Renal panel"}, "effectiveDateTime": YESTERDAY, **OURS}
    return {"resourceType": "DiagnosticReport", "id": "d", "status": "final", **held, **more}


def answered(question: str, **answer: Any) -> Json:
    item = {"linkId": "1", "text": question, "answer": [answer]}
    return {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "item": [item], **OURS}


def section(said: str, **more: Any) -> Json:
    text = {"status": "generated", "div": f"<div>{said}</div>"}
    return {"resourceType": "Composition", "status": "final", "section": [{"text": text, **more}], **OURS}


def taking(dose: int) -> Json:
    times = {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}
    amount = [{"doseQuantity": {"value": dose, "unit": "mg"}}]
    dosage = {"timing": times, "doseAndRate": amount, "route": {"text": "oral"}}
    return order_of("baclofen 10 mg tablet", dosageInstruction=[dosage], authoredOn="2026-08-22", **OURS)


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (report(conclusion="Creatinine 3.5 mg/dL"), "conclusion"),
        (report(conclusion="End stage renal disease", result=[{"reference": "Observation/gone"}]), "conclusion"),
        (report(conclusionCode=[{"text": "end stage renal disease"}]), "conclusionCode"),
        (report(code={"text": "Creatinine"}, presentedForm=[{"url": "a.pdf"}]), "presentedForm"),
        (report(code={}, presentedForm=[{"url": "a.pdf"}]), "presentedForm"),
        (section("baclofen 80 mg tid"), "section.text"),
        (section("oxycodone", entry=[{"reference": "MedicationRequest/gone"}]), "section.text"),
        (section("none", section=[{"text": {"div": "oxycodone 10 mg"}}]), "section.text"),
        (answered("Which medicines do you take?", valueString="baclofen 80 mg three times a day"), "item.answer"),
        (answered("Do you take oxycodone?", valueBoolean=True), "item.answer"),
        (answered("Do you take oxycodone?", valueCoding={"display": "Yes"}), "item.answer"),
        ({"resourceType": "ServiceRequest", "status": "active", "code": {"text": "baclofen 80 mg"}, **OURS}, "code"),
        (
            {
                "resourceType": "Communication",
                "status": "completed",
                "payload": [{"contentString": "I ran out of baclofen"}],
                **OURS,
            },
            "payload",
        ),
        ({"resourceType": "Medication", "id": "m", "code": {"text": "oxycodone 10 mg"}}, "code"),
        ({"resourceType": "ServiceRequest", "status": "active", "note": [{"text": "on oxycodone"}], **OURS}, "note"),
        (
            {"resourceType": "ServiceRequest", "status": "active", "orderDetail": [{"text": "oxycodone"}], **OURS},
            "orderDetail",
        ),
        (
            {"resourceType": "Task", "status": "requested", "description": "refill baclofen", "for": OURS["subject"]},
            "description",
        ),
        ({"resourceType": "Task", "status": "ready", "code": {"text": "baclofen"}, "for": OURS["subject"]}, "code"),
        (
            {"resourceType": "DocumentReference", "status": "current", "description": "on baclofen", **OURS},
            "description",
        ),
        ({"resourceType": "Flag", "status": "active", "code": {"text": "Takes baclofen"}, **OURS}, "code"),
        (
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "Medication history"},
                "valueString": "oxycodone 10 mg tid",
                "effectiveDateTime": YESTERDAY,
                **OURS,
            },
            "valueString",
        ),
        (
            {
                "resourceType": "CarePlan",
                "status": "active",
                "activity": [{"detail": {"description": "oxycodone 10 mg tid"}}],
                **OURS,
            },
            "activity",
        ),
        ({"resourceType": "RequestGroup", "status": "active", "action": [{"title": "oxycodone"}], **OURS}, "action"),
        (section("", entry=[{"reference": "MedicationRequest/gone", "display": "oxycodone"}]), "section"),
        (order_of("Pain medication", dosageInstruction=[{"text": "oxycodone 10 mg tid"}], **OURS), "dosageInstruction"),
        (order_of("Pain medication", note=[{"text": "oxycodone"}], **OURS), "note"),
        (section("denies taking opioids, takes oxycodone"), "section.text"),
        (section("denies pain, oxycodone"), "section.text"),
        (section("negative for opiates but positive for oxycodone"), "section.text"),
        (answered("Do you have allergies, or take sleeping pills?", valueString="zolpidem"), "item.answer"),
        (answered("Allergies", valueString="baclofen"), "item.answer"),
        (
            {
                "resourceType": "ServiceRequest",
                "status": "active",
                "code": {"text": "Drug screen, takes methadone"},
                **OURS,
            },
            "code",
        ),
        (
            {
                "resourceType": "List",
                "status": "current",
                "title": "Home medications",
                "entry": [{"item": {"identifier": {"value": "7"}}}],
                **OURS,
            },
            "entry",
        ),
    ],
)
def test_what_stands_in_words_alone_is_asked_for(resource: Json, path: str, assessor: Assessor) -> None:
    assert any(one.needed and one.path == path for one in troubles(assessor, resource))


@pytest.mark.parametrize(
    "resource",
    [
        report(conclusion="No pneumonia"),
        report(conclusion="Creatinine 3.5 mg/dL", effectiveDateTime="2020-01-01"),
        report(conclusion="Creatinine 3.5 mg/dL", status="entered-in-error"),
        report(
            conclusion="Creatinine 0.9 mg/dL",
            contained=[{key: value for key, value in RESULT.items() if key not in OURS}],
        ),
        report(code={"text": "Biopsy"}, presentedForm=[{"url": "a.pdf"}]),
        section("no medicines", entry=[{"display": "none"}]),
        section("lisinopril 10 mg"),
        section("denies oxycodone"),
        section("Patient denies using opioids (oxycodone, morphine)."),
        section("tox screen negative for oxycodone"),
        answered("Allergies", valueString="morphine - itching"),
        {"resourceType": "ServiceRequest", "status": "active", "code": {"text": "Oxycodone screen, morphine"}, **OURS},
        {**section("oxycodone 10 mg"), "date": "2020-01-01"},
        {**section("oxycodone 10 mg"), "status": "entered-in-error"},
        {
            "resourceType": "CarePlan",
            "status": "completed",
            "activity": [{"detail": {"description": "baclofen"}}],
            **OURS,
        },
        {"resourceType": "Flag", "status": "inactive", "code": {"text": "Takes baclofen"}, **OURS},
        order_of("Pain medication", status="stopped", note=[{"text": "oxycodone"}], **OURS),
        order_of("cetirizine", note=[{"text": "oxycodone"}], **OURS),
        answered("Do you take oxycodone?", valueBoolean=False),
        answered("Which medicines do you take?", valueString="vitamin C"),
        {"resourceType": "ServiceRequest", "status": "revoked", "code": {"text": "baclofen"}, **OURS},
        {"resourceType": "Medication", "id": "m", "code": {"text": "cetirizine 10 mg"}},
        {"resourceType": "Medication", "id": "m", "status": "inactive", "code": {"text": "oxycodone 10 mg"}},
    ],
)
def test_words_that_hide_no_danger_ask_for_nothing(resource: Json, assessor: Assessor) -> None:
    assert not any(one.needed for one in troubles(assessor, resource))


def test_a_report_without_results_and_a_lost_item_are_told(assessor: Assessor) -> None:
    (told,) = troubles(assessor, report(conclusion="No pneumonia"))
    assert (told.path, told.needed) == ("conclusion", False)
    listed = {"resourceType": "List", "status": "current", "entry": [{"item": {"reference": "Condition/x"}}], **OURS}
    (lost,) = troubles(assessor, listed)
    assert (lost.path, lost.needed) == ("entry", False)


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("baclofen 80 mg three times a day", True),
        ("I take baclofen 40 mg four times a day; oxycodone never", True),
        ("baclofen 10 mg three times a day", False),
        ("baclofen, was 20 mg tid until May", False),
        ("baclofen helps", False),
    ],
)
def test_words_that_state_another_dose_than_the_order_are_asked_about(
    said: str, other: bool, assessor: Assessor
) -> None:
    oxycodone = order_of("oxycodone 5 mg", **OURS) | {"id": "o"}
    told = troubles(assessor, taking(10), oxycodone, answered("Medicines?", valueString=said))
    assert any(one.needed and "another dose" in one.says for one in told) == other


def test_a_medication_that_an_order_names_is_read_with_it(assessor: Assessor) -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "oxycodone 10 mg"}}
    named = order_of("oxycodone 10 mg", **OURS)
    by_both = {**named, "medicationReference": {"reference": "Medication/m"}}
    assert not any(one.ref == "Medication/m" for one in troubles(assessor, medication, by_both))


def noted(resource: Json, *said: str) -> Json:
    return {**resource, "note": [{"text": one} for one in said]}


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("patient actually takes 40 mg four times a day", True),
        ("takes oxycodone 10 mg from a friend", True),
        ("10 mg three times a day", False),
        ("Takes 10 mg morning, 10 mg noon, 10 mg night", False),
        ("Takes 20 mg morning, 20 mg noon, 20 mg night", True),
        ("may be increased to 20 mg tid next week", False),
        ("avoid oxycodone 10 mg with it", False),
        ("swallow whole", False),
    ],
)
@pytest.mark.parametrize("status", ["active", "stopped"])
def test_a_note_on_an_order_that_says_another_dose_is_told(
    said: str, asked: bool, status: str, assessor: Assessor
) -> None:
    told = troubles(assessor, noted({**taking(10), "status": status}, said))
    assert any(one.needed and one.path == "note" for one in told) == (asked and status == "active")


ALLERGY = {"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "other"}, "patient": OURS["subject"]}
PROBLEM = {"resourceType": "Condition", "id": "c", "code": {"text": "Problem"}, **OURS}


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        (noted(ALLERGY, "severe anaphylaxis to baclofen"), True),
        (noted(ALLERGY, "hay fever"), False),
        (noted(ALLERGY, "hives; tolerates baclofen"), False),
        (noted(ALLERGY, "tolerated baclofen poorly"), True),
        (noted(ALLERGY, "tolerates baclofen; hives from baclofen"), True),
        (noted({**ALLERGY, "clinicalStatus": {"coding": [{"code": "resolved"}]}}, "baclofen"), False),
        (noted(PROBLEM, "ESRD on dialysis"), True),
        (noted(PROBLEM, "stable"), False),
        (noted(PROBLEM, "no dialysis"), False),
        (noted({**PROBLEM, "clinicalStatus": {"coding": [{"code": "resolved"}]}}, "ESRD on dialysis"), False),
        (noted({**PROBLEM, "code": {"text": "End stage renal disease on dialysis"}}, "ESRD on dialysis"), False),
        (noted(RESULT, "hemolyzed specimen, result invalid"), True),
        (noted(RESULT, "not hemolyzed"), False),
    ],
)
def test_a_note_that_changes_what_is_recorded_is_told(resource: Json, asked: bool, assessor: Assessor) -> None:
    assert any(one.needed and one.path == "note" for one in troubles(assessor, resource)) == asked


@pytest.mark.parametrize(
    ("status", "read"), [("active", True), ("requested", True), ("cancelled", False), ("rejected", False)]
)
def test_a_referral_is_a_service_that_is_asked_for(status: str, read: bool, assessor: Assessor) -> None:
    services: Json = {"serviceRequested": [{"text": "Hemodialysis"}]}
    asked = {"resourceType": "ReferralRequest", "id": "r", "status": status, "intent": "order", **OURS, **services}
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, asked)]
    found = read_chart({"resourceType": "Bundle", "entry": entry}, as_of=AS_OF, subject=None, terms=assessor.terms)
    assert [("proc-dialysis" in act.concepts, act.kind) for act in found.acts] == [(True, "ServiceRequest")] * read
    bare = {**asked, "serviceRequested": [{"coding": [{"code": "7"}]}]}
    told = [one.path for one in troubles(assessor, bare) if one.needed]
    assert told == ["serviceRequested"] * read


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("increase to 40 mg four times a day after 3 days", True),
        ("three tablets of 10 mg make 30 mg a day", False),
        ("with food", False),
    ],
)
def test_an_additional_instruction_that_names_another_amount_is_asked_about(
    said: str, other: bool, assessor: Assessor
) -> None:
    order = taking(10)
    order["dosageInstruction"][0]["additionalInstruction"] = [{"text": said}]
    told = [one.path for one in troubles(assessor, order) if one.needed]
    assert ("dosageInstruction.additionalInstruction" in told) == other


def test_files_of_documents_are_named_once(assessor: Assessor) -> None:
    file = {"content": [{"attachment": {"url": "a.pdf"}}], "status": "current", **OURS}
    documents: list[Json] = [{"resourceType": "DocumentReference", "id": one, **file} for one in "ab"]
    (told,) = troubles(assessor, *documents)
    assert (told.says, told.needed) == ("files of documents are not read (2 of them)", False)
    (alone,) = troubles(assessor, documents[0])
    assert alone.says == "files of documents are not read"


def test_a_section_that_names_what_did_not_come_is_told(assessor: Assessor) -> None:
    told = troubles(assessor, section("", entry=[{"reference": "MedicationRequest/gone"}]))
    assert [one.kind for one in told if one.path == "section"] == ["unrecognised-medicine"]


@pytest.mark.parametrize("code", [[], {}, ["SUBSETTED"], 1, None])
@pytest.mark.parametrize("key", ["tag", "security"])
def test_a_mark_that_cannot_be_read_is_none(key: str, code: object, assessor: Assessor) -> None:
    marked = {"meta": {key: [{"code": code}]}}
    patient = {"resource": {"resourceType": "Patient", "id": "p1", **marked}}
    bundle = {"resourceType": "Bundle", "entry": [patient, {"resource": {**taking(10), **marked}}], **marked}
    (order,) = read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms).orders
    assert order.medicine.is_baclofen
