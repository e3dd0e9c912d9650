"""One page of the orders is judged as a part, and told as one: it is no answer that never came."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.checking import MissingData
from cdshooks.moments import BASE, SERVICES, at_dose, call_of, checked, searchset

OTHER = {**at_dose(10, id="other"), "medicationCodeableConcept": {"text": "amoxicillin"}}
PAGE = searchset(OTHER) | {"total": 250, "link": [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}]}
BARE = searchset() | {"total": 250, "link": PAGE["link"]}
NEEDING = sorted(
    name.removeprefix("baclofen-") for name, one in SERVICES.items() if "medicationRequests" in one.required
)


@pytest.mark.parametrize("page", [PAGE, BARE], ids=["another medicine", "no order"])
@pytest.mark.parametrize("name", NEEDING)
def test_a_page_without_baclofen_is_told_as_a_part(assessor: Assessor, name: str, page: dict[str, Any]) -> None:
    sent = BASE | {"medicationRequests": page, "medicationDispenses": searchset()}
    cards = checked(assessor, call_of(name, {"patientId": "p1"}, sent))
    assert any("only in part: medication orders" in card["summary"] for card in cards)


@pytest.mark.parametrize("name", NEEDING)
def test_orders_that_never_came_cannot_be_done_without(assessor: Assessor, name: str) -> None:
    sent = {key: value for key, value in BASE.items() if key not in ("medicationRequests", "medicationDispenses")}
    empty = {key: searchset() if key != "patient" else value for key, value in sent.items()}
    with pytest.raises(MissingData):
        checked(assessor, call_of(name, {"patientId": "p1"}, empty))


def test_records_that_did_not_come_are_named_whole_as_far_as_there_is_room(assessor: Assessor) -> None:
    sent = {key: BASE[key] for key in ("patient", "medicationRequests")}
    (card,) = (one for one in checked(assessor, call_of("patient-view", {}, sent)) if "without" in one["summary"])
    named = card["summary"].partition("without ")[2].split(", ")
    assert named[0] == "problem list"
    assert named[-1] == f"{13 - len(named) + 1} more"
    assert not any("…" in name for name in named)
