"""Orders held back (Epic, without the scope): the hazards of the patient are shown, and that no order was seen."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.cards import cards_of
from baclofen_safety.cdshooks.prefetch import supplied
from baclofen_safety.cdshooks.record import record_of
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.fhir.operations import Ask
from cdshooks.calls import client_of, told
from cdshooks.checking_cards import faults_of
from cdshooks.moments import BASE, NOW, ORDER, WEAK, Json, bundle, call_of, prefetch_of

STRIPPED = "Baclofen check not completed: the orders were not received"
MANY = {
    "order": [
        {"id": "order"},
        {"id": "opioid", "name": "oxycodone 5 mg tablet"},
        {"id": "sleeper", "name": "zolpidem 10 mg tablet"},
        {"id": "calmer", "name": "diazepam 5 mg tablet"},
    ],
    "condition": [{"what": "sleep apnea"}, {"what": "epilepsy"}],
    "patient": {"age": 80},
    **WEAK,
}


def cards(assessor: Assessor, hook: str, prefetch: Json, context: Json | None = None) -> list[Json]:
    call = call_of(hook, context or {}, prefetch)
    session, supply = session_of(call, NOW), supplied(call)
    answer = assessor.answer(Ask(content=record_of(call, session, supply)), NOW)
    shown: dict[str, Any] = {"supply": supply, "client": client_of("epic"), "public_url": ""}
    return cards_of(answer, call=call, session=session, **shown)


@pytest.mark.parametrize("prefetch", [prefetch_of(WEAK), prefetch_of(MANY)])
def test_what_the_record_shows_comes_before_the_card_that_says_so(assessor: Assessor, prefetch: Json) -> None:
    opened, stripped = (cards(assessor, hook, prefetch) for hook in ("patient-view", "order-sign"))
    assert {"BAC-RENAL-03"} <= {*told(opened)} == {*told(stripped)}
    assert stripped[-1]["summary"] == STRIPPED
    assert STRIPPED not in [card["summary"] for card in stripped[:-1]]
    assert len(stripped) <= 5
    assert stripped[0]["indicator"] == "critical"
    assert not list(faults_of(stripped, epic=True))


def test_at_the_selection_too(assessor: Assessor) -> None:
    assert told(cards(assessor, "order-select", prefetch_of(WEAK))) == ["BAC-RENAL-03"]


def test_what_is_unknown_of_the_patient_is_told_beside_it(assessor: Assessor) -> None:
    prefetch = {key: one for key, one in prefetch_of(WEAK).items() if key != "laboratory"}
    *_, unchecked, stripped = cards(assessor, "order-sign", prefetch)
    assert unchecked["extension"]["example.baclofen-safety"]["notice"] == "not-checked"
    assert stripped["summary"] == STRIPPED


@pytest.mark.parametrize(
    "prefetch",
    [
        pytest.param(prefetch_of({"base": "", "patient": {"age": 45}}), id="takes none: an unsigned one may be it"),
        pytest.param({}, id="nothing known"),
        pytest.param(BASE, id="nothing found"),
    ],
)
def test_without_any_hazard_the_card_stands_alone(assessor: Assessor, prefetch: Json) -> None:
    assert [card["summary"] for card in cards(assessor, "order-sign", prefetch)] == [STRIPPED]


def test_an_empty_session_is_not_a_stripped_one(assessor: Assessor) -> None:
    prefetch = prefetch_of(WEAK)
    assert cards(assessor, "order-sign", prefetch, {"draftOrders": bundle()}) == []
    statin = {**ORDER, "id": "statin", "status": "draft", "medicationCodeableConcept": {"text": "simvastatin 20 mg"}}
    assert cards(assessor, "order-sign", prefetch, {"draftOrders": bundle(statin)}) == []


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"resource": None, "fullUrl": "urn:uuid:8f3c2a0e-5b0e-4b53-9e55-0d6b6c2f7a11"},
        {"fullUrl": "https://ehr.example/fhir/MedicationRequest/new"},
        {"resource": {**ORDER, "id": "new", "status": "draft", "resourceType": "MedicationPrescription"}},
    ],
)
def test_an_order_nobody_can_read_is_told(assessor: Assessor, entry: Json) -> None:
    context = {"draftOrders": {"resourceType": "Bundle", "entry": [entry]}}
    *_, card = cards(assessor, "order-sign", prefetch_of({"order": []}), context)
    assert card["summary"] == "Baclofen not fully checked: an order was not received or cannot be read"


@pytest.mark.parametrize("kind", ["RequestGroup", "CarePlan"])
@pytest.mark.parametrize("intent", ["order", "proposal", "plan", "option"])
def test_a_danger_is_told_whatever_the_draft_is_wrapped_in_or_meant_as(
    assessor: Assessor, kind: str, intent: str
) -> None:
    new = {**ORDER, "id": "new", "status": "draft", "intent": intent}
    prefetch = prefetch_of({"order": [], **WEAK})
    inside = {"resourceType": kind, "id": "set", "status": "draft", "intent": "order", "contained": [new]}
    bare, wrapped = (cards(assessor, "order-sign", prefetch, {"draftOrders": bundle(one)}) for one in (new, inside))
    assert "BAC-RENAL-03" in told(bare)
    assert told(wrapped) == told(bare)


@pytest.mark.parametrize("severity", [{}, [], None, 3])
def test_an_outcome_of_odd_severity_breaks_nothing(assessor: Assessor, severity: object) -> None:
    odd = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}
    prefetch = prefetch_of(WEAK) | {"appointments": bundle(odd)}
    assert "BAC-RENAL-03" in told(cards(assessor, "patient-view", prefetch))


@pytest.mark.parametrize(
    ("hook", "what"),
    [
        ("order-sign", "the orders"),
        ("medication-refill", "the orders"),
        ("appointment-book", "the visits being booked"),
        ("problem-list-item-create", "the entries being recorded"),
        ("allergyintolerance-create", "the entries being recorded"),
    ],
)
def test_the_card_names_what_was_not_sent(assessor: Assessor, hook: str, what: str) -> None:
    *_, last = cards(assessor, hook, BASE)
    assert last["summary"] == f"Baclofen check not completed: {what} were not received"
