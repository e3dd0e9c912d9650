"""A draft that another draft of the session names as the order before it: both are signed, so both are judged."""

from __future__ import annotations

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import (
    BASE,
    NOW,
    WEAK,
    Json,
    at_dose,
    checked,
    judge,
    order_in,
    prefetch_of,
    searchset,
    sign,
    told,
)

EMPTY = {**BASE, "medicationRequests": searchset()}
FAILING = prefetch_of(WEAK)


def draft(name: str, mg: float, prior: str = "", **bounds: str) -> Json:
    made = at_dose(mg, id=name, status="draft", authoredOn=NOW.isoformat())
    made.pop("identifier", None)
    if bounds:
        made["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = bounds
    return made | ({"priorPrescription": {"reference": f"MedicationRequest/{prior}"}} if prior else {})


@pytest.mark.parametrize("prior_of_high", ["", "low"])
def test_a_draft_named_by_another_is_judged(assessor: Assessor, prior_of_high: str) -> None:
    high, low = draft("high", 40, prior_of_high), draft("low", 5, "high")
    assert "135 mg/day" in checked(assessor, sign(high, low, prefetch=EMPTY))[0]["summary"]


def test_a_step_that_begins_later_takes_the_place_of_the_one_before(assessor: Assessor) -> None:
    first = draft("first", 20, start="2026-11-20")
    second = draft("second", 25, "first", start="2026-12-20")
    assert "BAC-DOSE-01" not in {rule for rule, _ in told(judge(assessor, sign(first, second, prefetch=EMPTY)))}


def test_steps_down_offered_beside_a_draft_take_the_place_of_what_runs(assessor: Assessor) -> None:
    running = order_in(FAILING)
    raised = at_dose(
        20, running, id="raised", status="draft", priorPrescription={"reference": "MedicationRequest/order"}
    )
    raised.pop("identifier", None)
    cards = checked(assessor, sign(raised, prefetch=FAILING))
    offered = [one for card in cards for one in card.get("suggestions", ())]
    created = [action["resource"] for one in offered for action in one["actions"] if action["type"] == "create"]
    priors = {one["priorPrescription"]["reference"] for one in created if one["resourceType"] == "MedicationRequest"}
    assert priors == {"MedicationRequest/order"}
    steps = [one | {"id": f"step-{index}"} for index, one in enumerate(created) if one.get("dosageInstruction")]
    both = {rule for rule, _ in told(judge(assessor, sign(raised, *steps, prefetch=FAILING)))}
    assert "BAC-DUP-01" in both
    alone = {rule for rule, _ in told(judge(assessor, sign(*steps, prefetch=FAILING)))}
    assert "BAC-DUP-01" not in alone
