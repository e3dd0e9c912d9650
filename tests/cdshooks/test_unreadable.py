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
from cdshooks.moments import BASE, NOW, ORDER, Json, bundle, call_of, prefetch_of

NOT_RECEIVED = "Baclofen not fully checked: an order was not received or cannot be read"
NONE: Json = prefetch_of({"base": "", "patient": {"age": 45}})
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
    assert summaries(assessor, call_of(hook, context, prefetch)) == [NOT_RECEIVED]


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


def test_a_record_of_another_patient_leaves_its_answer_unknown(assessor: Assessor) -> None:
    other = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p2"},
        "code": {"text": "seizure"},
    }
    call = call_of("patient-view", {}, damaged("conditions", {"resource": other}))
    assert supplied(call).missing == {"conditions": "other-patient"}
    assert summaries(assessor, call) == ["Baclofen not fully checked: without problem list"]


def test_what_only_came_along_may_be_of_another() -> None:
    other = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p2"}}
    assert supplied(call_of("patient-view", {}, damaged("conditions", {"resource": other}))).missing == {}


@pytest.mark.parametrize("hook", ["order-discontinue", "medication-verify"])
def test_an_order_known_as_baclofen_stays_so_under_a_code_nobody_knows(assessor: Assessor, hook: str) -> None:
    field = "toBeDiscontinued" if hook == "order-discontinue" else "medication"
    order = {**ORDER, "medicationCodeableConcept": STRANGE}
    assert summaries(assessor, call_of(hook, {field: bundle(order)}, BASE)) != []
