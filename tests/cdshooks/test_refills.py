"""The next supply of a patient: no start, no second order, and never taken away, whatever of the past was sent."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.call import Call
from cdshooks.calls import told
from cdshooks.moments import BASE, NOW, ORDER, at_dose, bundle, call_of, checked, order_in, prefetch_of, searchset

Json = dict[str, Any]
START, TWICE = "BAC-DOSE-03", "BAC-DUP-01"
GONE = {"priorPrescription": {"reference": "MedicationRequest/elsewhere"}}
STRANGER: Json = {
    "base": "",
    "complete": True,
    "patient": {"sex": "male", "age": 45, "weight": 80, "height": 180},
    "lab": [{"what": "creatinine", "value": 0.9, "at": "-10d"}],
}


def again(mg: float = 10, **more: Any) -> Json:
    """A draft of the next supply, written now, of three doses a day."""
    made = at_dose(mg, ORDER, id="again", status="draft", authoredOn=NOW.isoformat(), **more)
    made.pop("dispenseRequest", None)
    made["dosageInstruction"][0]["timing"]["repeat"].pop("boundsPeriod", None)
    return made


MORE = again(requester={"reference": "Practitioner/dr-b"}) | {"id": "more", "authoredOn": f"{NOW:%Y-%m-%d}T00:05:00Z"}
"""The same, asked for by another one on the same day."""


def refill(order: Json, prefetch: Json | None = None) -> Call:
    return call_of("medication-refill", {"medications": bundle(order)}, BASE if prefetch is None else prefetch)


def sign(order: Json, prefetch: Json | None = None) -> Call:
    return call_of("order-sign", {"draftOrders": bundle(order)}, BASE if prefetch is None else prefetch)


def card_of(found: list[Json], rule: str) -> Json:
    (card,) = [one for one in found if rule in told([one])]
    return card


@pytest.mark.parametrize("call", [refill(again(), prefetch_of(STRANGER)), sign(again(**GONE), prefetch_of(STRANGER))])
def test_a_renewal_of_an_order_nobody_sent_is_not_called_a_start(assessor: Assessor, call: Call) -> None:
    card = card_of(checked(assessor, call), START)
    assert card["indicator"] == "warning", "it is told all the same"
    assert card["summary"].startswith("Baclofen 30 mg/day: when it began is not known.")
    assert "do not cut the dose at once" in card["detail"]


def test_a_first_order_is_a_start(assessor: Assessor) -> None:
    card = card_of(checked(assessor, sign(again(), prefetch_of(STRANGER))), START)
    assert (card["indicator"], card["summary"][:15]) == ("critical", "Baclofen: Start")


def test_a_draft_in_place_of_another_medicine_is_a_start(assessor: Assessor) -> None:
    other = {"id": "other", "product": "tizanidine-4", "dose": "4 mg", "times": 3, "start": "-1y"}
    prefetch = prefetch_of({**STRANGER, "order": [other]})
    draft = again(priorPrescription={"reference": "MedicationRequest/other"})
    assert card_of(checked(assessor, sign(draft, prefetch)), START)["indicator"] == "critical"


def test_what_was_off_for_months_starts_anew_at_a_refill_too(assessor: Assessor) -> None:
    old = {"id": "old", "product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "status": "completed"}
    prefetch = prefetch_of({**STRANGER, "order": [old | {"start": "-300d", "end": "-120d"}]})
    assert card_of(checked(assessor, refill(again(), prefetch)), START)["indicator"] == "critical"


@pytest.mark.parametrize("creatinine", [0.9, 2.0, 3.2])
def test_the_next_supply_of_a_stranger_is_not_cut_by_a_click(assessor: Assessor, creatinine: float) -> None:
    lab = [{"what": "creatinine", "value": creatinine, "at": "-10d"}]
    found = checked(assessor, refill(again(), prefetch_of({**STRANGER, "lab": lab})))
    assert found[0]["indicator"] in ("warning", "critical")
    kinds = {action["type"] for card in found for one in card.get("suggestions", ()) for action in one["actions"]}
    assert kinds <= {"create"}


def test_the_refilled_order_and_its_renewal_are_no_two_orders(assessor: Assessor) -> None:
    assert checked(assessor, refill(again())) == []


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(refill(again(20)), id="another dose"),
        pytest.param(sign(again()), id="signed without a word of the running order"),
        pytest.param(call_of("medication-refill", {"medications": bundle(again(), MORE)}, BASE), id="asked for twice"),
    ],
)
def test_what_is_no_renewal_is_a_second_order(assessor: Assessor, call: Call) -> None:
    assert "MedicationRequest/again" in str(card_of(checked(assessor, call), TWICE)["extension"])


def test_two_orders_that_run_are_told_at_the_refill_of_one(assessor: Assessor) -> None:
    prefetch = copy.deepcopy(BASE)
    second = {**order_in(prefetch), "id": "second", "authoredOn": again()["authoredOn"][:8] + "01"}
    second["requester"] = {"reference": "Practitioner/dr-b"}
    prefetch["medicationRequests"]["entry"].append({"resource": second})
    found = card_of(checked(assessor, refill(again(), prefetch)), TWICE)
    assert "MedicationRequest/second" in str(found["extension"])


def tablets(product: str, dose: str, **more: Any) -> Json:
    """An order of one tablet three times a day."""
    table = {"id": "one", "product": product, "dose": dose, "times": 3, "start": "-200d"}
    return order_in(prefetch_of({**STRANGER, "order": [table]}), "one") | more


@pytest.mark.parametrize("in_mg", [False, True])
@pytest.mark.parametrize(("runs", "asked", "rule"), [(20, 10, "BAC-WD-07"), (10, 20, "BAC-DOSE-04")])
def test_as_many_tablets_of_another_strength_are_another_dose_and_no_second_order(
    assessor: Assessor, runs: int, asked: int, rule: str, *, in_mg: bool
) -> None:
    prefetch = prefetch_of({**STRANGER, "order": []})
    old, new = (f"{mg} mg" if in_mg else "1 tablet" for mg in (runs, asked))
    prefetch["medicationRequests"] = searchset(tablets(f"baclofen-tablet-{runs}", old))
    draft = tablets(f"baclofen-tablet-{asked}", new, id="again", status="draft", authoredOn=NOW.isoformat())
    draft["dosageInstruction"][0]["timing"]["repeat"].pop("boundsPeriod", None)
    found = told(checked(assessor, refill(draft, prefetch)))
    assert rule in found
    assert not {TWICE, "BAC-DOSE-01", "BAC-DOSE-02"} & set(found)


def test_another_count_of_another_strength_is_a_second_order(assessor: Assessor) -> None:
    prefetch = prefetch_of({**STRANGER, "order": []})
    prefetch["medicationRequests"] = searchset(tablets("baclofen-tablet-20", "20 mg"))
    draft = tablets("baclofen-tablet-10", "20 mg", id="again", status="draft", authoredOn=NOW.isoformat())
    draft["dosageInstruction"][0]["timing"]["repeat"].pop("boundsPeriod", None)
    assert TWICE in told(checked(assessor, refill(draft, prefetch)))
