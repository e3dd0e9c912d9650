"""What was sent and cannot be used is told: it may be the baclofen, or the hazard."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.call import Call
from baclofen_safety.cdshooks.cards import cards_of
from baclofen_safety.cdshooks.prefetch import supplied
from baclofen_safety.cdshooks.record import record_of
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.fhir.operations import Ask
from cdshooks.calls import client_of
from cdshooks.moments import BASE, NOW, ORDER, Json, at_dose, bundle, call_of, checked, prefetch_of, searchset

NOT_RECEIVED = "Baclofen not fully checked: an order was not received or cannot be read"
DRAFT = {**ORDER, "id": "new", "status": "draft"}
NONE: Json = prefetch_of({"base": "", "patient": {"age": 45}})
PROBLEM = {"resourceType": "Condition", "id": "c", "code": {"text": "plantar wart"}}
STRANGE = {"coding": [{"system": "urn:nobody:knows", "code": "qqq"}]}


def summaries(assessor: Assessor, call: Call) -> list[str]:
    session, supply = session_of(call, NOW), supplied(call)
    answer = assessor.answer(Ask(content=record_of(call, session, supply), subject="Patient/p1"), NOW)
    shown: dict[str, Any] = {"supply": supply, "client": client_of("default"), "public_url": ""}
    return [card["summary"] for card in cards_of(answer, call=call, session=session, **shown)]


def damaged(key: str, entry: object, prefetch: Json = BASE) -> Json:
    made = copy.deepcopy(prefetch)
    made[key]["entry"] = [*made[key].get("entry", []), entry]
    return made


@pytest.mark.parametrize(
    ("hook", "context"),
    [
        ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:x", "resource": None}]}}),
        ("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": [{}]}}),
        ("order-sign", {"draftOrders": bundle({**ORDER, "resourceType": "qqq"})}),
        ("order-dispatch", {"dispatchedOrders": [""]}),
        ("medication-verify", {"medication": {"qqq": "qqq"}}),
        ("medication-refill", {"medications": {"qqq": "qqq"}}),
        ("problem-list-item-create", {"conditions": {"resourceType": "Bundle", "entry": [None]}}),
    ],
)
@pytest.mark.parametrize("prefetch", [BASE, NONE], ids=["on baclofen", "none known"])
def test_what_the_moment_is_about_and_nobody_can_read(
    assessor: Assessor, hook: str, context: Json, prefetch: Json
) -> None:
    said = NOT_RECEIVED if "conditions" not in context else NOT_RECEIVED.replace("an order", "an entry")
    assert summaries(assessor, call_of(hook, context, prefetch)) == [said]


@pytest.mark.parametrize("entry", [None, "qqq", {}, {"resource": None}, {"resource": {"resourceType": 7}}])
@pytest.mark.parametrize("key", ["medicationDispenses", "conditions", "laboratory"])
def test_an_entry_nobody_can_read_leaves_its_answer_unknown(assessor: Assessor, key: str, entry: object) -> None:
    call = call_of("patient-view", {}, damaged(key, entry))
    assert supplied(call).missing == {key: "unreadable"}
    (summary,) = summaries(assessor, call)
    assert summary.startswith("Baclofen not fully checked")


@pytest.mark.parametrize("key", ["medicationRequests", "medicationStatements"])
def test_a_medicine_nobody_can_read_may_be_baclofen(assessor: Assessor, key: str) -> None:
    (summary,) = summaries(assessor, call_of("patient-view", {}, damaged(key, {}, NONE)))
    assert summary.startswith("Baclofen not fully checked: without medic")
    assert summaries(assessor, call_of("patient-view", {}, damaged("conditions", {}, NONE))) == []


@pytest.mark.parametrize("owner", ["", "p2", "urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"])
@pytest.mark.parametrize("hook", ["patient-view", "problem-list-item-create"])
def test_an_order_of_nobody_we_know_may_be_baclofen(assessor: Assessor, hook: str, owner: str) -> None:
    order = {**ORDER, "subject": {"reference": owner}}
    problem = {"resourceType": "Condition", "id": "c", "code": {"text": "chronic kidney disease stage 5"}}
    call = call_of(hook, {"conditions": bundle(problem)}, damaged("medicationRequests", {"resource": order}, NONE))
    assert summaries(assessor, call) != []


def test_a_new_problem_beside_records_nobody_can_read(assessor: Assessor) -> None:
    call = call_of("problem-list-item-create", {"conditions": bundle(PROBLEM)}, damaged("laboratory", {}))
    assert summaries(assessor, call_of("problem-list-item-create", {"conditions": bundle(PROBLEM)}, BASE)) == []
    assert summaries(assessor, call) == ["Baclofen not fully checked: without laboratory results"]


def test_a_visit_whose_reason_nobody_can_read(assessor: Assessor) -> None:
    visit = {"resourceType": "Appointment", "id": "v", "status": "proposed", "start": "2026-11-27T08:00:00Z"}
    told = [
        summaries(assessor, call_of("appointment-book", {"appointments": bundle({**visit, **more})}, prefetch))
        for more in ({"serviceType": 7}, {})
        for prefetch in (BASE, NONE)
    ]
    assert [bool(one) for one in told] == [True, False, False, False]


def test_a_running_dose_nobody_can_read_is_asked_for_at_the_selection_of_another(assessor: Assessor) -> None:
    running, draft = copy.deepcopy(ORDER), {**copy.deepcopy(ORDER), "id": "new", "status": "draft"}
    running["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"] = {"value": 10, "unit": "mmol/L"}
    context = {"selections": ["MedicationRequest/new"], "draftOrders": bundle(draft)}
    prefetch = {**BASE, "medicationRequests": searchset(running)}
    assert "dose" in " ".join(summaries(assessor, call_of("order-select", context, prefetch)))


@pytest.mark.parametrize("hook", ["order-discontinue", "medication-verify"])
def test_an_order_known_as_baclofen_stays_so_under_a_code_nobody_knows(assessor: Assessor, hook: str) -> None:
    field = "toBeDiscontinued" if hook == "order-discontinue" else "medication"
    order = {**ORDER, "medicationCodeableConcept": STRANGE}
    assert summaries(assessor, call_of(hook, {field: bundle(order)}, BASE)) != []


@pytest.mark.parametrize("reason", ["failed", "absent"])
def test_a_search_that_failed_is_told_where_nothing_else_is(assessor: Assessor, reason: str) -> None:
    """Not so a key that was never sent: many senders never fill the lesser ones."""
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
    prefetch = {key: one for key, one in BASE.items() if key != "vitalSigns"}
    sent = prefetch | ({"vitalSigns": failed} if reason == "failed" else {})
    assert summaries(assessor, call_of("medication-verify", {"medication": ORDER}, BASE)) == []
    told = summaries(assessor, call_of("medication-verify", {"medication": ORDER}, sent))
    assert told == (["Baclofen not fully checked: without vital signs"] if reason == "failed" else [])


@pytest.mark.parametrize(("status", "booked"), [("qqq", True), (7, True), ("", True), ("noshow", False)])
def test_a_visit_whose_status_nobody_knows_is_being_booked(status: object, booked: bool) -> None:
    visit = {"resourceType": "Appointment", "id": "v", "status": status}
    (made,) = session_of(call_of("appointment-book", {"appointments": bundle(visit)}, BASE), NOW).resources
    assert (made["status"] == "booked") is booked


@pytest.mark.parametrize("name", ["Zolpidam 10 mg", "Phenibut 500 mg", "باكلوفين", "bacl 10mg po tid"])
def test_a_draft_of_a_medicine_nobody_recognises_is_named_beside_baclofen(assessor: Assessor, name: str) -> None:
    draft = {**ORDER, "id": "new", "status": "draft", "medicationCodeableConcept": {"text": name}}
    call = call_of("order-sign", {"draftOrders": bundle(draft)}, BASE)
    assert f"Baclofen not fully checked: medicine not recognised: {name}" in summaries(assessor, call)
    unknown_to_all = call_of("order-sign", {"draftOrders": bundle(draft)}, NONE)
    assert summaries(assessor, unknown_to_all) == []


@pytest.mark.parametrize("lacks", ["birth date", "height"])
def test_a_kidney_test_that_lacks_something_else_is_not_ordered_anew(assessor: Assessor, lacks: str) -> None:
    child: Json = {"patient": {"age": 7, "height": 0}, "lab": [{"id": "creatinine", "value": 0.5, "at": "-10d"}]}
    prefetch = copy.deepcopy(BASE if lacks == "birth date" else prefetch_of(child))
    if lacks == "birth date":
        del prefetch["patient"]["birthDate"]
    call = call_of("patient-view", {}, prefetch)
    session, supply = session_of(call, NOW), supplied(call)
    answer = assessor.answer(Ask(content=record_of(call, session, supply), subject="Patient/p1"), NOW)
    told = cards_of(answer, call=call, session=session, supply=supply, client=client_of("default"), public_url="")
    last = told[-1]
    assert "Kidney function not computable" in last["summary"]
    assert f"{lacks} missing" in last["detail"]
    assert "Order serum creatinine" not in [one["label"] for one in last.get("suggestions", ())]


def test_a_part_of_the_results_is_not_called_none_of_them(assessor: Assessor) -> None:
    part = {**BASE, "laboratory": {**BASE["laboratory"], "total": 40}}
    call = call_of("order-sign", {"draftOrders": bundle(DRAFT)}, part)
    assert "Baclofen not fully checked: received only in part: laboratory results" in summaries(assessor, call)
    less = {key: one for key, one in part.items() if key != "conditions"}
    call = call_of("order-sign", {"draftOrders": bundle(DRAFT)}, less)
    assert "Baclofen not fully checked: without problem list" in summaries(assessor, call)


def test_the_summary_says_why_nothing_was_judged(assessor: Assessor) -> None:
    gone = {**BASE, "patient": {**BASE["patient"], "deceasedBoolean": True}}
    call = call_of("order-sign", {"draftOrders": bundle(DRAFT)}, gone)
    says = "The patient is recorded as deceased: nothing was judged"
    assert summaries(assessor, call) == [f"Baclofen not checked: {says}"]


def test_an_order_of_an_old_version_that_was_read_is_not_called_unreadable(assessor: Assessor) -> None:
    told, old = (
        summaries(assessor, call_of("order-sign", {"draftOrders": bundle(order)}, BASE))
        for order in (at_dose(40, DRAFT), at_dose(40, DRAFT, resourceType="MedicationOrder"))
    )
    assert told
    assert told == old


@pytest.mark.parametrize("stranger", ["p2", "urn:uuid:d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"])
def test_a_record_of_somebody_who_did_not_come_is_told(assessor: Assessor, stranger: str) -> None:
    """An operation, not only a medicine or a result, may be this patient's under a name nobody can follow."""
    operation = {
        "resourceType": "ServiceRequest",
        "id": "operation",
        "status": "active",
        "intent": "order",
        "code": {"text": "Laparoscopic cholecystectomy"},
        "subject": {"reference": stranger},
        "occurrenceDateTime": "2026-11-21T12:00:00+00:00",
    }
    prefetch = {**BASE, "serviceRequests": searchset(operation)}
    cards = checked(assessor, call_of("patient-view", {"patientId": "p1", "userId": "Practitioner/a"}, prefetch))
    assert "names a subject that is not in the input" in " ".join(card["summary"] for card in cards)
