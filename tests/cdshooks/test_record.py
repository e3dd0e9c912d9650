"""What is judged: the prefetch as history, the session as its newest version, and the unknown as unknown."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from moments import (
    BASE,
    NOW,
    ORDER,
    WEAK,
    at_dose,
    bundle,
    call_of,
    judge,
    order_in,
    prefetch_of,
    searchset,
    sign,
    told,
)

from baclofen_safety.assessor import Assessor, load_assessor
from baclofen_safety.cdshooks.call import Authorization, Call
from baclofen_safety.cdshooks.prefetch import supplied, with_fetched
from baclofen_safety.cdshooks.record import mismatch, record_of, unresolved
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.config import Settings
from baclofen_safety.core.verdict import Verdict
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import make_case

Json = dict[str, Any]
STOP, HOLD, FAST = ("BAC-WD-01", "high"), ("BAC-WD-02", "high"), ("BAC-WD-07", "high")
ASSESSOR = load_assessor(Settings())


def through_the_fhir_door(assessor: Assessor, *versions: Json) -> Verdict:
    """The same history as the plain operation gets it: every version, numbered, the last of now."""
    document = make_bundle(make_case({"name": "a history"}))
    others = [one for one in document["entry"] if one["resource"] != ORDER]
    assert len(others) == len(document["entry"]) - 1
    written = [NOW - timedelta(days=90), *[NOW] * (len(versions) - 1)]
    document["entry"] = others + [
        {"resource": {**one, "meta": {"versionId": str(n), "lastUpdated": at.isoformat()}}}
        for n, (one, at) in enumerate(zip(versions, written, strict=True), 1)
    ]
    return assessor.answer(Ask(content=document), NOW).verdict


def test_a_quiet_patient_stays_quiet(assessor: Assessor) -> None:
    for call in (call_of("patient-view", {}, BASE), sign(ORDER), sign(at_dose(10, status="draft"))):
        verdict = judge(assessor, call)
        assert (verdict.status, told(verdict)) == ("success", set())


@pytest.mark.parametrize(
    ("status", "finding"), [("stopped", STOP), ("completed", STOP), ("cancelled", STOP), ("on-hold", HOLD)]
)
def test_an_order_signed_anew_as_ended_is_compared_with_the_running_one(
    assessor: Assessor, status: str, finding: tuple[str, str]
) -> None:
    after = {**ORDER, "status": status}
    verdict = judge(assessor, sign(after))
    assert told(verdict) == told(through_the_fhir_door(assessor, ORDER, after)) == {finding}
    assert not any(trouble.kind == "conflict" for trouble in verdict.troubles)
    assert {ref for issue in verdict.issues for ref in issue.finding.implicated} == {"MedicationRequest/order"}


@pytest.mark.parametrize(("days", "found"), [(13.9, set()), (14, {STOP})])
def test_a_running_order_is_stopped_also_where_it_is_called_cancelled(
    assessor: Assessor, days: float, found: set[tuple[str, str]]
) -> None:
    """Fills are often kept elsewhere: an order in force for 14 days is taken for one that was used."""
    begun = {**ORDER, "authoredOn": (NOW - timedelta(days=days)).isoformat()}
    prefetch = BASE | {"medicationRequests": searchset(begun), "medicationDispenses": searchset()}
    verdict = judge(assessor, sign({**begun, "status": "cancelled"}, prefetch=prefetch))
    assert told(verdict) == found


@pytest.mark.parametrize("held", [{}, {"meta": {"versionId": "7"}}, {"meta": {"lastUpdated": "2026-11-20T12:03:00Z"}}])
@pytest.mark.parametrize("came", [{}, {"meta": {"versionId": "7", "lastUpdated": "2026-08-22T12:00:00Z"}}])
def test_the_session_is_newer_whatever_the_meta_says(assessor: Assessor, held: Json, came: Json) -> None:
    prefetch = BASE | {"medicationRequests": searchset({**ORDER, **held})}
    verdict = judge(assessor, sign({**ORDER, "status": "stopped", **came}, prefetch=prefetch))
    assert told(verdict) == {STOP}
    assert verdict.status == "success"


def test_a_stop_may_come_with_its_status_alone(assessor: Assessor) -> None:
    bare = {"resourceType": "MedicationRequest", "id": "order", "status": "stopped"}
    assert told(judge(assessor, sign(bare))) == {STOP}


def test_entered_in_error_is_no_stop(assessor: Assessor) -> None:
    verdict = judge(assessor, sign({**ORDER, "status": "entered-in-error"}))
    assert told(verdict) == set()
    assert verdict.status == "data-required"  # supplies of an order that never was


@pytest.mark.parametrize("status", ["active", "draft", "", None])
def test_a_cut_is_seen_by_comparing(assessor: Assessor, status: str | None) -> None:
    verdict = judge(assessor, sign(at_dose(2.5, status=status)))
    known = through_the_fhir_door(assessor, ORDER, at_dose(2.5, status="draft", authoredOn=NOW.isoformat()))
    assert told(verdict) == told(known) == {FAST}
    assert all(issue.preliminary for issue in verdict.issues)


def test_a_cut_of_an_order_with_bounds_holds_from_the_moment_on(assessor: Assessor) -> None:
    bounds = {"start": (NOW - timedelta(days=90)).isoformat(), "end": (NOW + timedelta(days=90)).isoformat()}
    running = copy.deepcopy(ORDER)
    running["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = bounds
    prefetch = BASE | {"medicationRequests": searchset(running)}
    sent = at_dose(2.5, running, status="draft")
    before = copy.deepcopy(sent)
    assert told(judge(assessor, sign(sent, prefetch=prefetch))) == {FAST}
    assert sent == before


@pytest.mark.parametrize(("rate", "dropped"), [(100, True), (290, False)])
@pytest.mark.parametrize("status", ["active", "draft"])
def test_a_pump_turned_down_is_seen_by_comparing(assessor: Assessor, status: str, rate: float, dropped: bool) -> None:
    prefetch = prefetch_of({"base": "B1"})
    pump = copy.deepcopy(order_in(prefetch, "itb"))
    pump["dosageInstruction"][0]["doseAndRate"][0]["rateQuantity"]["value"] = rate
    found = told(judge(assessor, sign({**pump, "status": status}, prefetch=prefetch)))
    assert (FAST in found) is dropped


def test_a_pump_order_stopped_is_the_end_of_delivery(assessor: Assessor) -> None:
    prefetch = prefetch_of({"base": "B1"})
    stopped = {**order_in(prefetch, "itb"), "status": "stopped"}
    assert ("BAC-WD-10", "high") in told(judge(assessor, sign(stopped, prefetch=prefetch)))


@pytest.mark.parametrize("prior", ["MedicationRequest/order", "https://ehr.example/fhir/MedicationRequest/order"])
def test_a_cut_by_a_new_order_in_place_of_the_old(assessor: Assessor, prior: str) -> None:
    new = at_dose(2.5, id="new", status="draft", priorPrescription={"reference": prior}, authoredOn=NOW.isoformat())
    assert told(judge(assessor, sign(new))) == {FAST}


STOPPED = {**ORDER, "status": "stopped"}


def test_what_is_stopped_and_what_replaces_it_are_one_change(assessor: Assessor) -> None:
    same = {**ORDER, "id": "new", "status": "draft"}
    assert told(judge(assessor, sign(STOPPED, same))) == set()
    lower = judge(assessor, sign(at_dose(2.5, same), STOPPED))
    assert told(lower) == {FAST}
    assert all(issue.preliminary for issue in lower.issues)


THREE_DAYS_ON = {"boundsPeriod": {"start": (NOW + timedelta(days=3)).isoformat()}}
LATER = {**THREE_DAYS_ON, "frequency": 3, "period": 1, "periodUnit": "d"}


@pytest.mark.parametrize(
    "other",
    [
        {"medicationCodeableConcept": {"text": "ibuprofen 400 MG Oral Tablet"}},
        {"dosageInstruction": [{key: one for key, one in ORDER["dosageInstruction"][0].items() if key != "route"}]},
        {"dosageInstruction": [{**ORDER["dosageInstruction"][0], "timing": {"repeat": LATER}}]},
        {"dosageInstruction": [{**ORDER["dosageInstruction"][0], "asNeededBoolean": True}]},
        {"dosageInstruction": None},
        {"doNotPerform": True},
        {"priorPrescription": {"reference": "MedicationRequest/another"}},
    ],
)
def test_a_stop_stays_a_stop_beside_anything_else(assessor: Assessor, other: Json) -> None:
    new = {**ORDER, "id": "new", "status": "draft", **other}
    assert STOP in told(judge(assessor, sign(STOPPED, new)))


def test_a_stop_beside_an_order_by_the_other_route_is_a_conversion(assessor: Assessor) -> None:
    """The draft begins with the stop, whenever it was written; limits of its own hold, none of them is silence."""
    spinal = {"dosageInstruction": [{**ORDER["dosageInstruction"][0], "route": {"text": "intrathecal"}}]}
    found = told(judge(assessor, sign(STOPPED, {**ORDER, "id": "new", "status": "draft", **spinal})))
    assert {("BAC-WD-09", "moderate"), ("BAC-IT-01", "high")} <= found


def test_a_stop_beside_an_order_that_was_not_selected_stays_a_stop(assessor: Assessor) -> None:
    drafts = bundle(STOPPED, {**ORDER, "id": "new", "status": "draft"})
    context = {"selections": ["MedicationRequest/order"], "draftOrders": drafts}
    assert STOP in told(judge(assessor, call_of("order-select", context, BASE)))


def test_an_order_that_was_not_selected_changes_the_record_all_the_same(assessor: Assessor) -> None:
    other = {**ORDER, "id": "new", "medicationCodeableConcept": {"text": "ibuprofen 400 MG Oral Tablet"}}
    context = {"selections": ["MedicationRequest/new"], "draftOrders": bundle({**other, "status": "draft"}, STOPPED)}
    verdict = judge(assessor, call_of("order-select", context, BASE))
    assert STOP in told(verdict)
    assert not any(trouble.kind == "conflict" for trouble in verdict.troubles)


def test_signed_anew_with_the_same_dosages_an_order_runs_on(assessor: Assessor) -> None:
    verdict = judge(assessor, sign({**ORDER, "note": [{"text": "checked"}]}))
    assert (verdict.status, told(verdict)) == ("success", set())


def test_a_held_order_taken_up_again_is_held_no_more(assessor: Assessor) -> None:
    held = {**ORDER, "status": "on-hold", "meta": {"lastUpdated": (NOW - timedelta(hours=6)).isoformat()}}
    prefetch = BASE | {"medicationRequests": searchset(held)}
    assert told(judge(assessor, call_of("patient-view", {}, prefetch))) == {HOLD}
    assert told(judge(assessor, sign(ORDER, prefetch=prefetch))) == set()


@pytest.mark.parametrize(
    "sent",
    [
        {**ORDER, "doNotPerform": True},
        {**ORDER, "id": "n", "doNotPerform": True, "priorPrescription": {"reference": "MedicationRequest/order"}},
        {**ORDER, "id": "n", "doNotPerform": True, "basedOn": [{"reference": "MedicationRequest/order"}]},
    ],
)
def test_an_order_not_to_give_ends_what_it_names(assessor: Assessor, sent: Json) -> None:
    assert told(judge(assessor, sign({**sent, "status": "draft"}))) == {STOP}


@pytest.mark.parametrize(
    "context",
    [bundle(ORDER), bundle({"resourceType": "MedicationRequest", "id": "order"}), ["MedicationRequest/order"]],
)
def test_a_stop_being_made_is_judged_although_only_the_running_order_is_known(
    assessor: Assessor, context: object
) -> None:
    call = call_of("order-discontinue", {"toBeDiscontinued": context}, BASE)
    assert told(judge(assessor, call)) == {STOP}


def test_a_stop_without_any_prefetch_is_told_and_leaves_questions(assessor: Assessor) -> None:
    verdict = judge(assessor, call_of("order-discontinue", {"toBeDiscontinued": bundle(ORDER)}, {}))
    assert STOP in told(verdict)
    assert verdict.status == "data-required"


def epic(order: Json, medicine: Json) -> Json:
    """An order as Epic writes it: a reference, the dose three times, a category that is no list."""
    made = copy.deepcopy(order)
    dose = made["dosageInstruction"][0]["doseAndRate"][0]
    kinds = ("calculated", "admin-amount", "ordered")
    made["dosageInstruction"][0]["doseAndRate"] = [
        {
            "type": {"coding": [{"system": "http://epic.com/CodeSystem/dose-rate-type", "code": kind}]},
            "doseQuantity": dose["doseQuantity"] if kind != "admin-amount" else {"value": 1, "unit": "{tbl}"},
        }
        for kind in kinds
    ]
    made.pop("medicationCodeableConcept")
    unknown = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    return made | {
        "medicationReference": medicine,
        "category": {"coding": [{"code": "outpatient"}]},
        "requester": {"extension": [unknown]},
        "subject": {"reference": "https://epic.example/api/FHIR/R4/Patient/p1"},
    }


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("Medication/e.M-1", ""),
        ("https://epic.example/api/FHIR/R4/Medication/e.M-1", "https://epic.example/api/FHIR/R4/Medication/e.M-1"),
        ("urn:uuid:0c5b1f0e-9f1c-4a6b-8d1b-1f6f5a0c9a11", "urn:uuid:0c5b1f0e-9f1c-4a6b-8d1b-1f6f5a0c9a11"),
        ("Medication/not-sent", ""),
    ],
)
def test_epic_drafts_are_read_as_any_other(assessor: Assessor, reference: str, url: str) -> None:
    prefetch = prefetch_of(WEAK) | {"medicationRequests": searchset()}
    plain = at_dose(20, status="draft", id="new")
    product = {"resourceType": "Medication", "id": "e.M-1", "code": plain["medicationCodeableConcept"]}
    sent = epic(plain, {"reference": reference, "display": "BACLOFEN 10 MG PO TABS"})
    drafts = {"resourceType": "Bundle", "entry": [{"resource": sent}, {"fullUrl": url, "resource": product}]}
    known = judge(ASSESSOR, sign(plain, prefetch=prefetch))
    found = judge(ASSESSOR, call_of("order-sign", {"draftOrders": drafts}, prefetch))
    assert any(rule.startswith("BAC-RENAL") for rule, _ in told(known))
    assert told(found) == told(known)
    names = [order.medicine.name for order in found.chart.orders if order.ref == "MedicationRequest/new"]
    assert names and "baclofen" in names[0].lower()


def test_a_draft_whose_medicine_nobody_can_read_is_not_passed_over(assessor: Assessor) -> None:
    sent = {**ORDER, "id": "new", "status": "draft", "medicationReference": {"reference": "Medication/x"}}
    sent.pop("medicationCodeableConcept")
    call = sign(sent)
    assert judge(assessor, call).status == "data-required"
    assert unresolved(session_of(call, NOW), supplied(call)) == ("Medication/x",)


def test_absolute_references_in_the_prefetch_are_the_same_patient(assessor: Assessor) -> None:
    prefetch = copy.deepcopy(BASE)
    for key, one in prefetch.items():
        for entry in one["entry"] if key != "patient" else ():
            if "subject" in entry["resource"]:
                entry["resource"]["subject"] = {"reference": "https://ehr.example/fhir/Patient/p1"}
    verdict = judge(assessor, call_of("patient-view", {}, prefetch))
    assert (verdict.status, told(verdict)) == ("success", set())


def test_dispatched_orders_are_found_in_the_prefetch_or_asked_for(assessor: Assessor) -> None:
    known = call_of("order-dispatch", {"dispatchedOrders": ["MedicationRequest/order"]}, BASE)
    assert judge(assessor, known).status == "success"
    lost = call_of("order-dispatch", {"dispatchedOrders": ["MedicationRequest/gone"]}, BASE)
    assert judge(assessor, lost).status == "data-required"
    session, supply = session_of(lost, NOW), supplied(lost)
    assert unresolved(session, supply) == ("MedicationRequest/gone",)
    came = type("Came", (), {"resource": at_dose(5, id="gone"), "problem": ""})()
    record = record_of(lost, session, with_fetched(supply, {"MedicationRequest/gone": came}, lost))
    verdict = assessor.answer(Ask(content=record), NOW).verdict
    assert {order.ref for order in verdict.chart.orders} >= {"MedicationRequest/gone"}


def test_a_field_held_back_and_a_prefetch_held_back_are_questions(assessor: Assessor) -> None:
    assert judge(assessor, call_of("order-sign", {}, BASE)).status == "data-required"
    draft = {**ORDER, "id": "new", "status": "draft", "medicationCodeableConcept": {"text": "ibuprofen 400 mg tablet"}}
    verdict = judge(assessor, sign(draft, prefetch={}))
    assert (verdict.why, verdict.status) == ("no-baclofen", "data-required")


def test_a_problem_without_id_date_or_subject_is_of_this_patient_and_of_now(assessor: Assessor) -> None:
    code = {"text": "End-stage renal disease"}
    other = {"resourceType": "Patient", "id": "mother"}
    prefetch = BASE | {"devices": searchset(other, *[e["resource"] for e in BASE["devices"]["entry"]])}
    call = call_of(
        "problem-list-item-create", {"conditions": bundle({"resourceType": "Condition", "code": code})}, prefetch
    )
    record = record_of(call, session_of(call, NOW), supplied(call))
    verdict = assessor.answer(Ask(content=record, subject="Patient/p1"), NOW).verdict
    (problem,) = [one for one in verdict.chart.problems if "renal" in one.text.lower()]
    assert problem.recorded is not None and problem.recorded.first == NOW
    assert not any(trouble.kind == "other-patient" for trouble in verdict.troubles)


def test_a_new_allergy_is_of_this_patient(assessor: Assessor) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "code": {"text": "baclofen"}}
    verdict = judge(assessor, call_of("allergyintolerance-create", {"allergyIntolerance": allergy}, BASE))
    assert ("BAC-ALG-01", "high") in told(verdict)


def test_a_visit_without_people_is_of_this_patient() -> None:
    visit = {"resourceType": "Appointment", "status": "proposed", "description": "MRI of the spine"}
    call = call_of("appointment-book", {"appointments": bundle(visit)}, BASE)
    (entry,) = [
        one
        for one in record_of(call, session_of(call, NOW), supplied(call))["entry"]
        if one["resource"]["resourceType"] == "Appointment"
    ]
    assert entry["resource"]["participant"][0]["actor"] == {"reference": "Patient/p1"}
    assert entry["resource"]["status"] == "booked"


def test_without_the_patient_the_context_says_whose_record_it_is(assessor: Assessor) -> None:
    verdict = judge(assessor, sign({**ORDER, "status": "stopped"}, prefetch={**BASE, "patient": None}))
    assert verdict.chart.patient.ref == "Patient/p1"
    assert (told(verdict) >= {STOP}, verdict.status) == (True, "data-required")


TOKEN = {"authorization": Authorization("secret", patient="p2"), "server": "https://ehr.example/fhir"}


OTHERS = searchset({**ORDER, "subject": {"reference": "https://ehr.example/fhir/Patient/p2"}})


@pytest.mark.parametrize(
    ("call", "who"),
    [
        (sign(ORDER), None),
        (sign({**ORDER, "subject": {"reference": "https://ehr.example/fhir/Patient/p1"}}), None),
        (sign({**ORDER, "subject": {"display": "somebody"}}), None),
        (sign(ORDER, prefetch={}), None),
        (call_of("order-sign", {"draftOrders": bundle(ORDER)}, BASE, patient_id="Patient/p1"), None),
        (sign(ORDER, prefetch={**BASE, "patient": {"resourceType": "Patient", "id": "p2"}}), "mismatch-prefetch"),
        (sign({**ORDER, "subject": {"reference": "Patient/p2"}}), "mismatch-order"),
        (call_of("patient-view", {}, {**BASE, "medicationRequests": OTHERS}), "mismatch-prefetch"),
        (call_of("patient-view", {}, BASE, **TOKEN), "mismatch-token"),
    ],
)
def test_data_of_another_patient_are_found_out(call: Call, who: str | None) -> None:
    assert mismatch(call, session_of(call, NOW), supplied(call)) == who
