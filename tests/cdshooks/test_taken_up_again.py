"""An order that was over and is signed or verified as active again begins anew: tolerance is lost in between."""

from __future__ import annotations

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.call import Call
from cdshooks.moments import BASE, Json, at_dose, call_of, checked, prefetch_of, searchset, sign

RUNNING = at_dose(20, authoredOn="2026-01-10T09:00:00Z", meta={"versionId": "1", "lastUpdated": "2026-01-10T09:00:00Z"})


def over(status: str, since: str) -> Json:
    """What the EHR holds: the order over, and nothing handed over since long."""
    held = {**RUNNING, "status": status, "meta": {"versionId": "2", "lastUpdated": since}}
    return prefetch_of({}) | {"medicationRequests": searchset(held), "medicationDispenses": searchset()}


def verify(prefetch: Json) -> Call:
    return call_of("medication-verify", {"patientId": "p1", "medication": RUNNING}, prefetch)


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled"])
def test_an_order_over_for_months_is_no_order_that_goes_on(assessor: Assessor, status: str) -> None:
    cards = checked(assessor, sign(RUNNING, prefetch=over(status, "2026-05-20T09:00:00Z")))
    assert cards[0]["indicator"] == "critical"
    assert checked(assessor, verify(over(status, "2026-05-20T09:00:00Z")))[0]["indicator"] == "critical"


def test_an_order_that_ran_all_along_is_left_alone(assessor: Assessor) -> None:
    ran = BASE | {"medicationRequests": searchset(RUNNING)}
    assert all(card["indicator"] != "critical" for card in checked(assessor, sign(RUNNING, prefetch=ran)))


def test_an_order_stopped_by_mistake_and_taken_up_the_same_day_is_no_new_start(assessor: Assessor) -> None:
    cards = checked(assessor, sign(RUNNING, prefetch=over("stopped", "2026-11-20T09:00:00Z")))
    assert all(card["indicator"] != "critical" for card in cards)


def held(since: str | None, filled: int) -> Json:
    """What the EHR holds: the order on hold, and a last fill of 30 days so many days ago."""
    meta = {"versionId": "2", **({"lastUpdated": since} if since else {})}
    fill = {"id": "fill", "order": "order", "at": f"-{filled}d", "product": "baclofen-tablet-10", "days": 30}
    kept = {**RUNNING, "status": "on-hold", "meta": meta}
    return prefetch_of({"drop": ["supply-1", "supply-2", "supply-3", "supply"], "supply": [fill]}) | {
        "medicationRequests": searchset(kept)
    }


@pytest.mark.parametrize("since", [None, "2026-11-05T09:00:00Z", "2026-11-10T09:00:00Z"])
def test_an_order_held_while_its_supply_ran_out_is_a_restart_after_those_days(
    assessor: Assessor, since: str | None
) -> None:
    cards = checked(assessor, sign(RUNNING, prefetch=held(since, 50)))
    assert any("Restarting 60 mg/day after 20 days off" in one["summary"] for one in cards)


def test_an_order_held_for_months_begins_anew(assessor: Assessor) -> None:
    cards = checked(assessor, sign(RUNNING, prefetch=held("2026-06-20T09:00:00Z", 170)))
    assert cards[0]["indicator"] == "critical"
    assert "Start 60 mg/day is high" in cards[0]["summary"]


def test_an_order_held_since_yesterday_goes_on(assessor: Assessor) -> None:
    cards = checked(assessor, sign(RUNNING, prefetch=held("2026-11-19T09:00:00Z", 10)))
    assert all(card["indicator"] != "critical" for card in cards)
