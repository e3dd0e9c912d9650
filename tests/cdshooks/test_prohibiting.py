"""An order not to give baclofen that names no order, through the whole check: it stops what runs."""

from __future__ import annotations

import copy

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.calls import told
from cdshooks.moments import BASE, ORDER, Json, bundle, call_of, checked, order_in, prefetch_of, sign

STOP = "BAC-WD-01"
PUMP = prefetch_of({"base": "B1"})


def never(**more: object) -> Json:
    """An order not to give baclofen tablets, as a prescriber writes it: no dose, no link."""
    made = copy.deepcopy(ORDER)
    for name in ("dosageInstruction", "dispenseRequest", "authoredOn"):
        made.pop(name, None)
    return {**made, "id": "never", "status": "draft", "doNotPerform": True, **more}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"status": "active"},
        {"doNotPerform": "true"},
        {"medicationCodeableConcept": {"text": "baclofen"}},
        {"priorPrescription": {"reference": "MedicationRequest/of-long-ago"}},
        {"basedOn": [{"reference": "CarePlan/rehabilitation"}]},
        {name: ORDER[name] for name in ("dosageInstruction", "authoredOn")},
    ],
)
def test_it_stops_the_running_order(assessor: Assessor, more: Json) -> None:
    (card,) = [one for one in checked(assessor, sign(never(**more))) if STOP in told([one])]
    assert card["indicator"] == "critical"
    assert "MedicationRequest/order" in card["extension"]["example.baclofen-safety"]["orders"]


def test_a_copy_of_an_order_with_identifiers_is_no_twin_of_it(assessor: Assessor) -> None:
    prefetch = copy.deepcopy(BASE)
    running = order_in(prefetch)
    running["identifier"] = [{"system": "https://ehr.example/orders", "value": "7"}]
    copied = {**running, "id": "never", "status": "draft", "doNotPerform": True}
    assert STOP in told(checked(assessor, sign(copied, prefetch=prefetch)))


def test_it_says_the_same_as_stopping_the_order_itself(assessor: Assessor) -> None:
    stopped = checked(assessor, sign({**ORDER, "status": "stopped"}))
    assert told(checked(assessor, sign(never()))) == told(stopped)


@pytest.mark.parametrize(
    "order",
    [
        never(medicationCodeableConcept={"text": "simvastatin 20 mg tablet"}),
        never(status="entered-in-error"),
        never(status="cancelled"),
        never(doNotPerform=False, medicationCodeableConcept={"text": "simvastatin 20 mg tablet"}),
    ],
)
def test_other_orders_stop_nothing(assessor: Assessor, order: Json) -> None:
    assert STOP not in told(checked(assessor, sign(order)))


def test_it_stops_its_own_route_only(assessor: Assessor) -> None:
    tablets = sign(never(), prefetch=PUMP)
    assert checked(assessor, tablets) == []
    anyhow = sign(never(medicationCodeableConcept={"text": "baclofen"}), prefetch=PUMP)
    assert any(rule.startswith("BAC-WD") for rule in told(checked(assessor, anyhow)))


def test_not_selected_it_is_judged_and_not_spoken_of(assessor: Assessor) -> None:
    statin = {**never(doNotPerform=False), "id": "statin", "medicationCodeableConcept": {"text": "simvastatin 20 mg"}}
    context = {"draftOrders": bundle(never(), statin), "selections": ["MedicationRequest/statin"]}
    assert checked(assessor, call_of("order-select", context, BASE)) == []
    context = {**context, "selections": ["MedicationRequest/never"]}
    assert STOP in told(checked(assessor, call_of("order-select", context, BASE)))


def test_when_what_runs_is_unknown_it_is_not_silent(assessor: Assessor) -> None:
    prefetch = {key: one for key, one in BASE.items() if key != "medicationRequests"}
    for known in (prefetch, {}):
        (card,) = checked(assessor, sign(never(), prefetch=known))
        assert card["extension"]["example.baclofen-safety"]["notice"] == "not-checked"
        assert "medication orders" in card["detail"]
    assert checked(assessor, sign(never(), prefetch=prefetch_of({"base": "", "patient": {"age": 45}}))) == []


def test_it_is_a_swap_beside_a_new_order_of_the_same(assessor: Assessor) -> None:
    new = {**ORDER, "id": "new", "status": "draft"}
    new.pop("dispenseRequest", None)
    assert STOP not in told(checked(assessor, sign(never(), new)))
