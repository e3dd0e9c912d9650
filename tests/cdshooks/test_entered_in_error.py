"""A running order of baclofen that is said to be an error: was it taken? That is asked, never passed over."""

from __future__ import annotations

import copy

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import BASE, ORDER, Json, bundle, call_of, checked, prefetch_of

ERROR = {**ORDER, "status": "entered-in-error"}
ANEW = {**copy.deepcopy(ORDER), "id": "anew", "status": "draft"}
NO_FILLS = prefetch_of({"drop": ["supply", "supply-1", "supply-2", "supply-3"]})
HOOKS = {
    "order-sign": "draftOrders",
    "order-discontinue": "toBeDiscontinued",
    "medication-verify": "medication",
}


def told(assessor: Assessor, hook: str, prefetch: Json, *orders: Json) -> list[str]:
    cards = checked(assessor, call_of(hook, {HOOKS[hook]: bundle(*orders)}, prefetch))
    return [card["detail"] for card in cards]


@pytest.mark.parametrize("prefetch", [BASE, NO_FILLS], ids=["dispensed", "not dispensed"])
@pytest.mark.parametrize("hook", HOOKS)
def test_it_is_asked(assessor: Assessor, hook: str, prefetch: Json) -> None:
    details = told(assessor, hook, prefetch, ERROR)
    assert any("verify whether the patient took it" in detail for detail in details)


def test_what_is_ordered_anew_goes_on(assessor: Assessor) -> None:
    details = told(assessor, "order-sign", NO_FILLS, ERROR, ANEW)
    assert not any("verify whether the patient took it" in detail for detail in details)


def test_a_draft_was_never_taken(assessor: Assessor) -> None:
    assert told(assessor, "order-sign", prefetch_of({"base": ""}), {**ERROR, "id": "n"}) == []
