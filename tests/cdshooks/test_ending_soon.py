"""Running baclofen that gets an end in the session: nothing fires again when it comes, so it is said at the signing."""

from __future__ import annotations

import copy

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import ORDER, Json, at_dose, call_of, checked, judge, prefetch_of, searchset, sign, told

LAPSE = "BAC-WD-06"


def until(end: str, **more: object) -> Json:
    """The running order, or a draft of its dose, that ends on a day."""
    made = copy.deepcopy(ORDER) | more
    for each in made["dosageInstruction"]:
        each["timing"]["repeat"]["boundsPeriod"] = {"start": made["authoredOn"][:10], "end": end}
    return made


@pytest.mark.parametrize("end", ["2026-11-20", "2026-11-21", "2026-11-23", "2026-11-26"])
@pytest.mark.parametrize("status", ["draft", "active"])
def test_a_running_order_signed_anew_with_an_end(assessor: Assessor, end: str, status: str) -> None:
    assert (LAPSE, "moderate") in told(judge(assessor, sign(until(end, status=status))))


def test_a_stop_and_a_short_bridge(assessor: Assessor) -> None:
    bridge = until("2026-11-22", id="bridge", status="draft", authoredOn="2026-11-20T11:00:00Z")
    assert (LAPSE, "moderate") in told(judge(assessor, sign({**ORDER, "status": "stopped"}, bridge)))


def test_a_short_supply_to_take_home_from_a_stay(assessor: Assessor) -> None:
    """The order of the stay has no end, and ends with it."""
    stay = {"id": "stay", "class": "IMP", "start": "-30d", "status": "in-progress"}
    ward = {"id": "ward", "product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-30d"}
    ward |= {"setting": "inpatient", "encounter": "stay"}
    record = prefetch_of({"base": "", "encounter": [stay], "order": [ward]})
    category = [{"coding": [{"code": "discharge"}]}]
    home = until("2026-11-23", id="home", status="draft", authoredOn="2026-11-20T11:00:00Z", category=category)
    assert (LAPSE, "moderate") in told(judge(assessor, sign(home, prefetch=record)))


def test_an_end_far_ahead_is_no_lapse(assessor: Assessor) -> None:
    assert LAPSE not in {rule for rule, _ in told(judge(assessor, sign(until("2027-01-20", status="draft"))))}


@pytest.mark.parametrize("gone", ["cancelled", "stopped"])
def test_later_steps_called_off(assessor: Assessor, gone: str) -> None:
    """The step that is running ends after the days at which a lapse is told otherwise."""
    now = until("2026-11-30")
    later = at_dose(5, id="later", authoredOn="2026-11-01T11:00:00Z")
    for each in later["dosageInstruction"]:
        each["timing"]["repeat"]["boundsPeriod"] = {"start": "2026-12-01"}
    record = prefetch_of({}) | {"medicationRequests": searchset(now, later)}
    assert (LAPSE, "moderate") in told(judge(assessor, sign({**later, "status": gone}, prefetch=record)))
    kept = call_of("order-sign", {"draftOrders": {"resourceType": "Bundle", "entry": []}}, record)
    assert LAPSE not in {rule for rule, _ in told(judge(assessor, kept))}


def test_a_taper_signed_anew_without_its_later_steps(assessor: Assessor) -> None:
    """What is said is that the plan now ends, not that the steps which are being deleted were too fast."""
    now = until("2026-11-30")
    later = [copy.deepcopy(each) | {"sequence": 2} for each in at_dose(5)["dosageInstruction"]]
    for each in later:
        each["timing"]["repeat"]["boundsPeriod"] = {"start": "2026-12-01", "end": "2026-12-03"}
    steps = [each | {"sequence": 1} for each in now["dosageInstruction"]]
    plan = now | {"dosageInstruction": [*steps, *later]}
    record = prefetch_of({}) | {"medicationRequests": searchset(plan)}
    cards = checked(assessor, sign(now | {"dosageInstruction": steps}, prefetch=record))
    codes = [card["source"]["topic"]["code"] for card in cards]
    assert LAPSE in codes
    assert "BAC-WD-07" not in codes


ELDER: Json = {
    "resourceType": "MedicationOrder",
    "id": "order",
    "status": "active",
    "patient": {"reference": "Patient/p1"},
    "dateWritten": ORDER["authoredOn"],
    "medicationCodeableConcept": ORDER["medicationCodeableConcept"],
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnits": "d"}},
            "doseQuantity": {"value": 10, "unit": "mg"},
        }
    ],
}


@pytest.mark.parametrize(
    ("end", "rule"), [("2026-11-20", "BAC-WD-01"), ("2026-11-19", "BAC-WD-01"), ("2026-11-24", LAPSE)]
)
def test_an_order_of_dstu2_signed_anew_with_its_end(assessor: Assessor, end: str, rule: str) -> None:
    record = prefetch_of({}) | {"medicationRequests": searchset(ELDER)}
    anew = ELDER | {"dateEnded": end, "reasonEnded": {"text": "stopped"}}
    assert rule in {one for one, _ in told(judge(assessor, sign(anew, prefetch=record)))}
