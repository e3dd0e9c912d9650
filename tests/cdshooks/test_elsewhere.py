"""Baclofen in a session that no order names as its medicine: it cannot be checked, and that is said."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.calls import told
from cdshooks.moments import BASE, ORDER, WEAK, Json, bundle, call_of, checked, prefetch_of, searchset, sign

NOT_COMPLETED = "Baclofen check not completed: baclofen is named, but not as the medicine of an order"
NONE: Json = prefetch_of({"base": "", "patient": {"age": 45}})
OWNER = {"subject": {"reference": "Patient/p1"}}
TABLET = {"medicationCodeableConcept": {"text": "baclofen 10 mg tablet"}}
OTHER = {"medicationCodeableConcept": {"text": "lisinopril 10 mg tablet"}}
PRODUCT = {"resourceType": "Medication", "id": "m1", "code": {"text": "Lioresal 10 mg"}}
BY_REFERENCE = {"medicationReference": {"reference": "Medication/m1"}}
DISPENSE = {"resourceType": "MedicationDispense", "id": "d", "status": "preparation", **OWNER}
DOSE = {"resourceType": "MedicationAdministration", "id": "a", "status": "in-progress", **OWNER}
SUPPLY = {"resourceType": "SupplyRequest", "id": "s", "status": "draft"}
NAMELESS = {"resourceType": "MedicationRequest", "id": "n", "status": "draft", "intent": "order", **OWNER}
HOUSE = NAMELESS | {"medicationCodeableConcept": {"text": "Compounded oral suspension"}}
REQUEST = {"resourceType": "ServiceRequest", "id": "q", "status": "draft", "intent": "order", **OWNER}
CALL = {"resourceType": "CommunicationRequest", "id": "q", "status": "draft", **OWNER}
PLAN = {"resourceType": "CarePlan", "id": "q", "status": "draft", "intent": "order", **OWNER}


def said(assessor: Assessor, hook: str, *drafts: Json, prefetch: Json = NONE, **context: Any) -> list[str]:
    call = call_of(hook, {"draftOrders": bundle(*drafts), **context}, prefetch)
    return [card["summary"] for card in checked(assessor, call)]


@pytest.mark.parametrize("prefetch", [BASE, NONE], ids=["on baclofen", "none known"])
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(
    "drafts",
    [
        [DISPENSE | TABLET],
        [DISPENSE | TABLET | {"status": "draft"}],
        [DISPENSE | TABLET | {"status": "completed", "whenHandedOver": "2026-11-19"}],
        [DISPENSE | BY_REFERENCE, PRODUCT],
        [DISPENSE | BY_REFERENCE | {"contained": [PRODUCT]}],
        [DOSE | TABLET],
        [DOSE | TABLET | {"status": "draft"}],
        [DOSE | BY_REFERENCE, PRODUCT],
        [SUPPLY | {"itemCodeableConcept": {"text": "baclofen 10 mg tablet"}}],
        [NAMELESS | {"dosageInstruction": [{"text": "baclofen 10 mg three times daily"}]}],
        [NAMELESS | {"dosageInstruction": [{"patientInstruction": "take the Bacofen with food"}]}],
        [NAMELESS | {"note": [{"text": "Lioresal, as before the stay"}]}],
        [REQUEST | {"code": {"text": "Hold baclofen"}}],
        [REQUEST | {"code": {"text": "Discontinue baclofen"}}],
        [CALL | {"payload": [{"contentString": "please stop baclofen"}]}],
        [PLAN | {"activity": [{"detail": {"productCodeableConcept": {"text": "baclofen 20 mg tablet"}}}]}],
        [PLAN | {"activity": [{"detail": {"description": "stop Lioresal"}}]}],
        [HOUSE | {"dosageInstruction": [{"text": "baclofen 10 mg/mL, 2 mL three times daily"}]}],
    ],
)
def test_it_is_told(assessor: Assessor, hook: str, drafts: list[Json], prefetch: Json) -> None:
    assert said(assessor, hook, *drafts, prefetch=prefetch) == [NOT_COMPLETED]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(
    "draft",
    [
        DISPENSE | OTHER,
        DOSE | OTHER,
        SUPPLY | {"itemCodeableConcept": {"text": "gloves"}},
        NAMELESS,
        NAMELESS | {"dosageInstruction": [{"text": "10 mg three times daily"}]},
        NAMELESS | {"note": [{"text": "7"}]},
        REQUEST | {"code": {"text": "Complete blood count"}, "note": [{"text": "is fasting"}]},
        REQUEST | {"code": {"text": "Hold lisinopril"}},
    ],
)
def test_of_other_medicines_nothing_is_told(assessor: Assessor, hook: str, draft: Json) -> None:
    assert said(assessor, hook, draft) == []


def test_only_what_is_selected_is_spoken_of(assessor: Assessor) -> None:
    other = ORDER | OTHER | {"id": "other", "status": "draft"}
    drafts = [DISPENSE | TABLET, other]
    assert said(assessor, "order-select", *drafts, selections=["MedicationRequest/other"]) == []
    assert said(assessor, "order-select", *drafts, selections=["MedicationDispense/d"]) == [NOT_COMPLETED]


def test_what_the_record_shows_of_baclofen_is_told_beside_it(assessor: Assessor) -> None:
    call = call_of("order-sign", {"draftOrders": bundle(DISPENSE | TABLET)}, prefetch_of(WEAK))
    cards = checked(assessor, call)
    assert told(cards)
    assert cards[-1]["summary"] == NOT_COMPLETED


@pytest.mark.parametrize(
    "parameter",
    [
        {"name": "order", "resource": {**ORDER, "status": "draft"}},
        {"name": "orders", "part": [{"name": "order", "resource": {**ORDER, "status": "draft"}}]},
        {"name": "orders", "resource": bundle({**ORDER, "status": "draft"})},
        {"name": "order", "valueReference": {"reference": "MedicationRequest/order"}},
    ],
)
def test_orders_in_parameters_are_orders_of_the_session(assessor: Assessor, parameter: Json) -> None:
    record = prefetch_of(WEAK)
    held = record if "valueReference" in parameter else record | {"medicationRequests": searchset()}
    sent = {"resourceType": "Parameters", "parameter": [parameter]}
    assert "BAC-RENAL-03" in told(checked(assessor, call_of("order-sign", {"draftOrders": sent}, held)))


@pytest.mark.parametrize("parameter", [None, [], [None], [{"name": "order", "valueString": "baclofen"}]])
def test_parameters_that_hold_no_order_cannot_be_read(assessor: Assessor, parameter: object) -> None:
    (summary,) = said(assessor, "order-sign", {"resourceType": "Parameters", "parameter": parameter})
    assert summary == "Baclofen not fully checked: an order was not received or cannot be read"


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("HOLD until further notice", True),
        ("STOP taking baclofen", True),
        ("Hold for 3 days, then 10 mg three times daily", True),
        ("Hold if drowsy", False),
        ("10 mg three times daily, do not stop suddenly", False),
    ],
)
def test_an_order_whose_words_hold_it_is_told(assessor: Assessor, words: str, held: bool) -> None:
    (dosage,) = ORDER["dosageInstruction"]
    order = ORDER | {"id": "other", "status": "draft", "dosageInstruction": [dosage | {"text": words}]}
    told = "the words of the order say to hold or stop it"
    assert any(told in card["detail"] for card in checked(assessor, sign(order))) is held


def test_an_order_inside_an_order_set_is_judged_and_not_told_as_left_out(assessor: Assessor) -> None:
    held = {**ORDER, "id": "n", "status": "draft"}
    group = {"resourceType": "RequestGroup", "id": "set", "status": "draft", "intent": "order", "contained": [held]}
    group |= {"subject": {"reference": "Patient/p1"}, "action": [{"resource": {"reference": "#n"}}]}
    cards = checked(assessor, sign(group, prefetch=prefetch_of(WEAK)))
    assert "mg/day" in cards[0]["summary"]
    assert not [card for card in cards if "is not judged" in card["detail"]]
