"""A draft that bridges what ends, or is the only one of a stay: no button removes it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import NOW, ORDER, at_dose, checked, order_in, prefetch_of, sign

Json = dict[str, Any]
STAY = {"id": "stay", "class": "IMP", "start": "-3d"}
HOME = {"id": "order", "dose": "20 mg", "times": 3, "setting": "community"}
TWENTIES = {"medicationCodeableConcept": {"text": "baclofen 20 mg tablet"}}


def draft(mg: float, **more: Any) -> Json:
    made = at_dose(mg, copy.deepcopy(ORDER), id="new", status="draft", authoredOn=NOW.isoformat(), **TWENTIES)
    made.pop("identifier", None)
    return made | more


def removals(found: list[Json]) -> list[str]:
    labels = [one["label"] for card in found for one in card.get("suggestions", ())]
    return [one for one in labels if one.startswith("Remove the draft")]


WITHDRAWAL = {"id": "w", "what": "icd10cm:F13.239", "text": "Baclofen withdrawal", "onset": "-1d"}
PUMPS = {
    "well": {},
    "refill overdue": {"lab": [{"id": "refill-by", "when": "day-4"}]},
    "removal booked": {
        "service": [{"id": "out", "what": "icd9cm:86.05", "text": "Removal of intrathecal baclofen pump", "at": "+1d"}]
    },
    "withdrawal": {"condition": [WITHDRAWAL]},
    "delivery stopped": {
        "order": [{"id": "itb", "status": "stopped"}],
        "task": [{"id": "abort", "what": "abort", "order": "itb", "at": "-4d"}],
    },
}


@pytest.mark.parametrize("pump", PUMPS)
def test_tablets_beside_a_pump_may_be_removed_only_where_it_goes_on(assessor: Assessor, pump: str) -> None:
    found = checked(assessor, sign(draft(20), prefetch=prefetch_of({"base": "B1", **PUMPS[pump]})))
    assert found
    assert bool(removals(found)) == (pump == "well")


@pytest.mark.parametrize("mg", [5, 30, 40])
@pytest.mark.parametrize("since", ["-3d", "-2h"])
def test_the_only_order_of_a_stay_is_not_removed(assessor: Assessor, mg: float, since: str) -> None:
    record = prefetch_of({"order": [HOME], "encounter": [{**STAY, "start": since}]})
    assert not removals(checked(assessor, sign(draft(mg), prefetch=record)))


@pytest.mark.parametrize("mg", [5, 40])
def test_a_change_beside_an_order_of_the_stay_may_be(assessor: Assessor, mg: float) -> None:
    ordered = {**HOME, "setting": "inpatient", "encounter": "stay", "start": "-59d"}
    record = prefetch_of({"order": [ordered], "encounter": [{**STAY, "start": "-60d"}]})
    category = order_in(record)["category"]
    changed = draft(mg, encounter={"reference": "Encounter/stay"}, category=category)
    assert removals(checked(assessor, sign(changed, prefetch=record)))


@pytest.mark.parametrize(
    ("mg", "more", "missing"),
    [
        (20, {}, False),
        (40, {}, False),
        (15, {}, True),
        (20, {"asNeededBoolean": True}, True),
        (20, {"start": "2026-11-28"}, True),
        (20, {"end": "2026-11-21"}, True),
        (20, {"category": []}, True),
    ],
)
def test_home_baclofen_ordered_for_the_stay_is_not_left_off(
    assessor: Assessor, mg: float, more: Json, *, missing: bool
) -> None:
    inpatient = order_in(prefetch_of({"order": [HOME | {"setting": "inpatient"}]}))["category"]
    order = draft(mg, category=more.get("category", inpatient))
    dosage = order["dosageInstruction"][0]
    dosage |= {key: one for key, one in more.items() if key == "asNeededBoolean"}
    if "start" in more or "end" in more:
        dosage["timing"]["repeat"]["boundsPeriod"] = more
    found = checked(assessor, sign(order, prefetch=prefetch_of({"order": [HOME], "encounter": [STAY]})))
    assert any("missing from inpatient list" in card["summary"] for card in found) == missing
