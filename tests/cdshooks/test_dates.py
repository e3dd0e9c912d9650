"""Dates that cannot be meant: what is signed now is judged as of now, and it is said."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import (
    BASE,
    ORDER,
    SERVICES,
    Json,
    at_dose,
    bundle,
    call_of,
    checked,
    prefetch_of,
    searchset,
    sign,
)

NOBODY = prefetch_of({"drop": ["order", "supply-1", "supply-2", "supply-3", "supply"]})
THRICE = {"frequency": 3, "period": 1, "periodUnit": "d"}


def timed(order: Json, **timing: Any) -> Json:
    """The order with another timing."""
    made = copy.deepcopy(order)
    made["dosageInstruction"][0]["timing"] = timing
    return made


def rules_of(cards: list[Json]) -> list[str]:
    """The rules that speak on the cards, and those with an open question."""
    extensions = [card["extension"]["example.baclofen-safety"] for card in cards]
    return [
        rule for one in extensions for rule in (*(each["id"] for each in one.get("rules", ())), *one.get("open", ()))
    ]


@pytest.mark.parametrize(
    "timing",
    [
        {"repeat": {**THRICE, "boundsPeriod": {"start": "2025-11-20", "end": "2025-12-20"}}},
        {"repeat": {**THRICE, "boundsPeriod": {"end": "2026-11-19"}}},
        {"event": ["2026-11-18T08:00:00Z", "2026-11-18T14:00:00Z", "2026-11-18T20:00:00Z"]},
    ],
)
def test_a_draft_whose_dates_are_past_is_judged_as_of_now_and_it_is_told(assessor: Assessor, timing: Json) -> None:
    draft = timed(at_dose(40, ORDER, id="new", status="draft", authoredOn="2026-11-18T12:00:00Z"), **timing)
    cards = checked(assessor, sign(draft, prefetch=NOBODY))
    assert "BAC-DOSE-01" in rules_of(cards)
    assert "BAC-WD-01" not in rules_of(cards)
    assert "BAC-DATA-01" in rules_of(cards)
    assert "dates of the order are past" in " ".join(card["summary"] for card in cards)


LAST_YEAR = {"repeat": {**THRICE, "boundsPeriod": {"start": "2025-11-20", "end": "2025-12-20"}}}


@pytest.mark.parametrize("name", ["order-select", "order-sign", "medication-refill", "medication-verify"])
@pytest.mark.parametrize("status", ["active", "unknown"])
def test_an_order_in_force_that_is_being_signed_is_judged_like_a_draft(
    assessor: Assessor, name: str, status: str
) -> None:
    order = timed(at_dose(40, ORDER, id="new", status=status, authoredOn="2025-11-20T12:00:00Z"), **LAST_YEAR)
    field = next(iter(SERVICES[f"baclofen-{name}"].holds))
    for held in (NOBODY, {**NOBODY, "medicationRequests": searchset(order)}):
        cards = checked(assessor, call_of(name, {field: bundle(order)}, held))
        assert "BAC-DOSE-01" in rules_of(cards)
        told = name == "order-select" or "dates of the order are past" in " ".join(card["summary"] for card in cards)
        assert told  # before the signing an open question is not spoken of


def test_an_order_that_nobody_signs_ends_with_its_dates(assessor: Assessor) -> None:
    over = timed(at_dose(40, ORDER, authoredOn="2025-11-20T12:00:00Z"), **LAST_YEAR)
    held = {**NOBODY, "medicationRequests": searchset(over)}
    cards = checked(assessor, sign(at_dose(5, ORDER, id="new", status="draft"), prefetch=held))
    assert "BAC-DOSE-01" not in rules_of(cards)


def test_a_copy_of_an_order_that_ended_is_an_order_of_its_own(assessor: Assessor) -> None:
    """Alike in all, the minute it was written in as well."""
    span = {"start": "2026-09-01", "end": "2026-11-19"}
    ended = timed(at_dose(20, ORDER), repeat={**THRICE, "boundsPeriod": span})
    cards = checked(
        assessor,
        sign({**ended, "id": "new", "status": "draft"}, prefetch={**NOBODY, "medicationRequests": searchset(ended)}),
    )
    assert "BAC-WD-01" not in rules_of(cards)
    assert "dates of the order are past" in " ".join(card["summary"] for card in cards)


@pytest.mark.parametrize("status", ["draft", "active"])
def test_what_is_signed_now_is_not_over_because_its_pattern_ran_out(assessor: Assessor, status: str) -> None:
    """Written eleven months ago for half a year, as patterns and test data are: newer orders do not take its place."""
    order = at_dose(60, ORDER, id="new", status=status, authoredOn="2026-01-01T00:00:00Z")
    assert "BAC-DOSE-01" in rules_of(checked(assessor, sign(order, prefetch=BASE)))


@pytest.mark.parametrize("status", ["draft", "active"])
@pytest.mark.parametrize("authored", [None, "2026-01-01T00:00:00Z"])
def test_what_is_signed_now_is_the_newest_word_of_its_business_identifier(
    assessor: Assessor, status: str, authored: str | None
) -> None:
    """A copied order brings the number of its pattern along, and often its date or none."""
    number = [{"system": "http://hospital.example/rx", "value": "1"}]
    held = {**BASE, "medicationRequests": searchset({**ORDER, "identifier": number})}
    order = at_dose(60, ORDER, id="new", status=status, identifier=number, authoredOn=authored)
    order = {key: value for key, value in order.items() if value is not None}
    assert "BAC-DOSE-01" in rules_of(checked(assessor, sign(order, prefetch=held)))


def test_what_is_dated_tomorrow_is_not_used_and_it_is_told(assessor: Assessor) -> None:
    older = {"id": "creatinine", "what": "creatinine", "value": 0.9, "at": "-60d"}
    newer = {"id": "newer", "what": "creatinine", "value": 3.8, "at": "day+1"}
    dialysis = {"id": "dialysis", "what": "on-dialysis", "onset": "day+1"}
    cards = checked(assessor, sign(at_dose(5, id="new", status="draft"), prefetch=prefetch_of({"lab": [older, newer]})))
    assert "Newest kidney test cannot be used" in " ".join(card["summary"] for card in cards)
    cards = checked(
        assessor, sign(at_dose(5, id="new", status="draft"), prefetch=prefetch_of({"condition": [dialysis]}))
    )
    assert "begins after the time of the check (2026-11-21)" in " ".join(card["detail"] for card in cards)
