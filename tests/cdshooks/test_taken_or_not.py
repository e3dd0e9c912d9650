"""Baclofen that may be taken although no order of it runs: whoever orders a sedative is asked about it."""

from __future__ import annotations

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.calls import told
from cdshooks.moments import BASE, Json, bundle, call_of, checked, order_in, prefetch_of

ASKED = "Baclofen not fully checked: it may be taken, but the record holds no order in force of it"
FILL = {"product": "baclofen-tablet-10", "at": "-5d", "days": 30, "quantity": 90}
DOSE = {"product": "baclofen-tablet-10", "at": "-3h", "dose": "10 mg"}
OVER = {"product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-200d", "status": "stopped"} | {
    "updated": "-100d"
}
NO_PARTNER = {"medicationCodeableConcept": {"text": "levothyroxine 50 mcg tablet"}}
NO_ORDER = {"base": "", "patient": {"age": 45}}
CANCELLED = {"product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "status": "cancelled"}
RECORDS = {
    "handed over": {"supply": [FILL]},
    "given today": {"given": [DOSE]},
    "handed over after the order had ended": {"supply": [FILL], "order": [OVER]},
    "cancelled after months": {"order": [OVER | {"status": "cancelled", "updated": "-1d"}]},
    "cancelled nobody knows when": {"order": [{**CANCELLED, "start": "-90d"}]},
    "cancelled soon after a fill": {"order": [{**CANCELLED, "updated": "-1d", "start": "-3d"}], "supply": [FILL]},
}


def draft(product: str) -> Json:
    made = prefetch_of({"order": [{"id": "new", "product": product, "dose": "5 mg", "status": "draft"}]})
    return order_in(made, "new")


USED = frozenset({"handed over", "given today", "handed over after the order had ended"})
FAILING = {"lab": [{"what": "egfr-ckdepi-2021-creatinine", "value": 9, "at": "-10d"}]}


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("product", ["oxycodone-5", "lorazepam-1"])
@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_who_orders_a_sedative_is_asked(assessor: Assessor, record: Json, product: str, hook: str) -> None:
    call = call_of(hook, {"draftOrders": bundle(draft(product))}, prefetch_of(NO_ORDER | record))
    *_, card = checked(assessor, call)
    assert card["summary"] == ASKED
    assert "Baclofen was handed over or given as late as" in card["detail"] or "was cancelled" in card["detail"]


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_who_orders_what_no_rule_speaks_of_is_not(assessor: Assessor, record: Json) -> None:
    call = call_of(
        "order-sign", {"draftOrders": bundle({**draft("oxycodone-5"), **NO_PARTNER})}, prefetch_of(NO_ORDER | record)
    )
    assert checked(assessor, call) == []


def test_where_an_order_runs_it_is_judged(assessor: Assessor) -> None:
    cards = checked(assessor, call_of("order-select", {"draftOrders": bundle(draft("oxycodone-5"))}, BASE))
    assert "BAC-DDI-01" in told(cards)
    assert ASKED not in [card["summary"] for card in cards]


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_whoever_opens_the_chart_is_asked(assessor: Assessor, record: Json) -> None:
    assert [
        card["summary"] for card in checked(assessor, call_of("patient-view", {}, prefetch_of(NO_ORDER | record)))
    ] == [ASKED]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("name", sorted(USED))
def test_whoever_orders_a_sedative_is_told_what_it_would_do(assessor: Assessor, name: str, hook: str) -> None:
    held = prefetch_of(NO_ORDER | RECORDS[name])
    danger, asked = checked(assessor, call_of(hook, {"draftOrders": bundle(draft("oxycodone-5"))}, held))
    assert danger["summary"].startswith("If baclofen is taken with oxycodone: ")
    assert danger["indicator"] == "critical"
    assert "no order of it in force was received" in danger["detail"]
    assert next(one["label"] for one in danger["suggestions"]).startswith("Cancel the draft of oxycodone")
    assert asked["summary"] == ASKED


@pytest.mark.parametrize("name", sorted(USED))
def test_failing_kidneys_are_told_first_and_no_steps_are_drafted(assessor: Assessor, name: str) -> None:
    held = prefetch_of(NO_ORDER | RECORDS[name] | FAILING)
    danger, asked = checked(assessor, call_of("patient-view", {}, held))
    assert danger["summary"].startswith("If baclofen is taken: eGFR 9")
    assert not [one for one in danger.get("suggestions", ()) if "Step down" in one["label"]]
    assert asked["summary"] == ASKED
