"""An order nobody has begun: cancelled, never stepped down."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import bundle, call_of, checked, order_in, prefetch_of

Json = dict[str, Any]
KIDNEYS = {"lab": [{"what": "creatinine", "value": 4.0, "at": "-10d"}]}
PATIENT = {"base": "", "complete": True, "patient": {"sex": "female", "age": 50, "weight": 70, "height": 170}}
ORDER = {"id": "new", "product": "baclofen-tablet-10", "dose": "20 mg", "times": 3}
FILL = {"product": "baclofen-tablet-10", "at": "-20min", "days": 30, "quantity": 180}


def cards_at(assessor: Assessor, hook: str, start: str, **more: Any) -> list[Json]:
    """The cards about an active order of 60 mg/day since ``start``, at eGFR 13."""
    record = prefetch_of({**PATIENT, **KIDNEYS, **more, "order": [ORDER | {"start": start}]})
    order = order_in(record, "new")
    context: Json = {
        "order-sign": {"draftOrders": bundle(order)},
        "medication-verify": {"medication": order},
        "order-dispatch": {"dispatchedOrders": ["MedicationRequest/new"], "performer": "Organization/x"},
    }[hook]
    return checked(assessor, call_of(hook, context, record))


def labels(cards: list[Json]) -> list[str]:
    return [one["label"] for card in cards for one in card.get("suggestions", ())]


def kidney_card(cards: list[Json]) -> Json:
    return next(card for card in cards if card["source"]["topic"]["code"] == "BAC-RENAL-02")


@pytest.mark.parametrize("hook", ["order-sign", "medication-verify", "order-dispatch"])
@pytest.mark.parametrize("start", ["-20min", "-20h"])
def test_it_is_not_stepped_down(assessor: Assessor, hook: str, start: str) -> None:
    cards = cards_at(assessor, hook, start)
    assert "do not start baclofen; cancel the order if no dose was taken" in kidney_card(cards)["summary"]
    assert "Not started: cancel the order" in kidney_card(cards)["detail"]
    assert "tep down" not in kidney_card(cards)["detail"].replace("nothing to step down", "")
    assert not [one for one in labels(cards) if one.startswith("Step down")]


def test_the_pharmacist_may_cancel_it(assessor: Assessor) -> None:
    (offer,) = [
        one
        for one in kidney_card(cards_at(assessor, "medication-verify", "-20min"))["suggestions"]
        if one["label"].startswith("Not started: cancel the order")
    ]
    (action,) = offer["actions"]
    assert (action["type"], action["resource"]["id"], action["resource"]["status"]) == ("update", "new", "cancelled")


def test_the_prescriber_may_remove_it(assessor: Assessor) -> None:
    (offer,) = [
        one
        for one in kidney_card(cards_at(assessor, "order-sign", "-20min"))["suggestions"]
        if one["label"].startswith("Not started: cancel the order")
    ]
    (action,) = offer["actions"]
    assert (action["type"], action["resourceId"]) == ("delete", "MedicationRequest/new")


def test_what_was_handed_out_for_days_is_stopped_without_steps(assessor: Assessor) -> None:
    card = kidney_card(cards_at(assessor, "medication-verify", "-4d", supply=[FILL | {"at": "-4d"}]))
    assert "Taken for less than 7 days" in card["detail"]
    assert not [one for one in labels([card]) if one.startswith(("Step down", "Not started"))]


@pytest.mark.parametrize("more", [{"order": [ORDER | {"start": "-7d"}]}, {"supply": [FILL | {"at": "-25d"}]}])
def test_what_was_taken_for_longer_is_stepped_down(assessor: Assessor, more: Json) -> None:
    record = prefetch_of({**PATIENT, **KIDNEYS, "order": [ORDER | {"start": "-2h"}], **more})
    cards = checked(assessor, call_of("medication-verify", {"medication": order_in(record, "new")}, record))
    assert [one for one in labels(cards) if one.startswith("Step down")]
