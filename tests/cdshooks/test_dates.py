"""Dates that cannot be meant: what is signed now is judged as of now, and it is said."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import ORDER, Json, at_dose, checked, prefetch_of, sign

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
    assert "dates of the draft are past" in " ".join(card["summary"] for card in cards)


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
