"""A dose that is raised: the card names the dose being signed, and offers to leave it as it was."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import at_dose, checked, order_in, prefetch_of, sign

Json = dict[str, Any]
KIDNEYS = {"lab": [{"id": "creatinine", "what": "creatinine", "value": 3.0, "at": "-1d"}]}
RECORD = prefetch_of({"patient": {"age": 50}, "order": [{"id": "order", "dose": "5 mg"}], **KIDNEYS})
RUNNING = order_in(RECORD)


def raised(kind: str) -> Json:
    """60 mg/day for a patient who takes 15: the order itself changed, or a new one in its place."""
    order = at_dose(20, RUNNING)
    if kind == "changed":
        return order
    order |= {"id": "new", "status": "draft", "authoredOn": "2026-11-20"}
    return order | ({"priorPrescription": {"reference": "MedicationRequest/order"}} if kind == "linked" else {})


def kidney_card(assessor: Assessor, *orders: Json) -> Json:
    cards = checked(assessor, sign(*orders, prefetch=RECORD))
    return next(one for one in cards if one["source"]["topic"]["code"].startswith("BAC-RENAL"))


def labels(card: Json) -> list[str]:
    return [one["label"] for one in card["suggestions"]]


@pytest.mark.parametrize("kind", ["changed", "linked"])
def test_the_headline_names_the_dose_being_signed(assessor: Assessor, kind: str) -> None:
    card = kidney_card(assessor, raised(kind))
    assert "60 mg/day" in card["summary"]
    assert "15 mg/day" not in card["summary"]
    assert "This holds once the draft is signed; without it: high, dose 15." in card["detail"]


@pytest.mark.parametrize("kind", ["changed", "linked"])
def test_the_draft_is_lowered_to_what_is_taken_never_below(assessor: Assessor, kind: str) -> None:
    card = kidney_card(assessor, raised(kind))
    (offer,) = [one for one in card["suggestions"] if one["label"].startswith("Lower the draft")]
    assert offer["label"] == "Lower the draft to 15 mg/day"
    dosage = offer["actions"][0]["resource"]["dosageInstruction"]
    assert sum(one["doseAndRate"][0]["doseQuantity"]["value"] for one in dosage) == 15


def test_a_draft_of_its_own_may_be_removed(assessor: Assessor) -> None:
    (offer,) = [one for one in kidney_card(assessor, raised("linked"))["suggestions"] if "Remove" in one["label"]]
    assert offer["actions"][0]["resourceId"] == "MedicationRequest/new"


def test_a_running_order_that_is_changed_is_never_removed(assessor: Assessor) -> None:
    assert not [one for one in labels(kidney_card(assessor, raised("changed"))) if "Remove" in one]


def test_nor_a_draft_when_the_order_it_follows_is_stopped(assessor: Assessor) -> None:
    card = kidney_card(assessor, raised("linked"), RUNNING | {"status": "stopped"})
    assert not [one for one in labels(card) if "Remove" in one]


def test_a_dose_that_is_lowered_is_headed_by_what_is_taken(assessor: Assessor) -> None:
    record = prefetch_of({"patient": {"age": 50}, "order": [{"id": "order", "dose": "10 mg"}], **KIDNEYS})
    cards = checked(assessor, sign(at_dose(5, order_in(record)), prefetch=record))
    card = next(one for one in cards if one["source"]["topic"]["code"].startswith("BAC-RENAL"))
    assert "dose 15" in card["detail"]
    assert not [one for one in labels(card) if "Lower" in one]
