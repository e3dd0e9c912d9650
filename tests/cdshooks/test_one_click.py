"""What is pressed does one thing once, and what must not be signed beside it is said."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.checking import Checker
from baclofen_safety.cdshooks.clients import Profile
from baclofen_safety.cdshooks.repeats import Repeats
from baclofen_safety.store.sql import SqlStore
from cdshooks.calls import client_of
from cdshooks.moments import BASE, NOW, ORDER, at_dose, prefetch_of, searchset, sign

Json = dict[str, Any]
NOBODY = {**BASE, "medicationRequests": searchset(), "medicationDispenses": searchset()}
OTHER = {"reference": "Practitioner/dr-b"}
PUMP = prefetch_of({"base": "B1"})
RUNNING = prefetch_of({"order": [{"id": "order", "dose": "20 mg", "times": 3}]})


def draft(name: str, mg: float, **more: Any) -> Json:
    made = at_dose(mg, copy.deepcopy(ORDER), id=name, status="draft", authoredOn=NOW.isoformat())
    made.pop("identifier", None)
    return made | more


def cards(assessor: Assessor, prefetch: Json, *drafts: Json, profile: Profile = "default") -> list[Json]:
    repeats = Repeats(SqlStore("", lambda: NOW), b"key", lambda: NOW)
    checker = Checker(assessor, {}, 1, lambda: NOW, lambda verdict: None, repeats)
    found: list[Json] = checker.check(sign(*drafts, prefetch=prefetch), client_of(profile))["cards"]
    return found


def removed(found: list[Json]) -> list[str]:
    """The ids in the order in which their removal is offered, alone."""
    offers = [one for card in found for one in card.get("suggestions", ())]
    return [one["actions"][0]["resourceId"] for one in offers if [a["type"] for a in one["actions"]] == ["delete"]]


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_a_draft_that_two_cards_speak_of_is_removed_by_one_button(assessor: Assessor, profile: Profile) -> None:
    fives = draft("new", 15, medicationCodeableConcept={"text": "baclofen 5 mg"})
    found = cards(assessor, RUNNING, fives, profile=profile)
    assert len(found) > 1
    assert removed(found) == ["MedicationRequest/new"]
    assert all(("suggestions" in card) == ("selectionBehavior" in card) for card in found)


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_of_two_drafts_that_are_one_too_many_either_may_go(assessor: Assessor, profile: Profile) -> None:
    found = cards(assessor, NOBODY, draft("a", 10), draft("b", 20, requester=OTHER), profile=profile)
    assert removed(found) == ["MedicationRequest/a", "MedicationRequest/b"]
    labels = [
        one["label"] for card in found for one in card.get("suggestions", ()) if one["label"].startswith("Remove")
    ]
    assert [label[-15:] for label in labels] == [" (draft 1 of 2)", " (draft 2 of 2)"]


def test_not_both_of_somebody_who_takes_it_where_a_client_lets_both_go(assessor: Assessor) -> None:
    stopped = {**ORDER, "status": "stopped"}
    took = {**BASE, "medicationRequests": searchset(stopped)}
    drafts = (draft("a", 10), draft("b", 20, requester=OTHER))
    assert removed(cards(assessor, took, *drafts, profile="default"))
    assert not removed(cards(assessor, took, *drafts, profile="epic"))


def test_tablets_beside_a_pump_may_be_removed(assessor: Assessor) -> None:
    assert removed(cards(assessor, PUMP, draft("new", 20))) == ["MedicationRequest/new"]


@pytest.mark.parametrize("status", ["stopped", "completed"])
def test_but_not_of_somebody_who_took_tablets_before(assessor: Assessor, status: str) -> None:
    orders = [entry["resource"] for entry in PUMP["medicationRequests"]["entry"]]
    took = {**PUMP, "medicationRequests": searchset(*orders, {**ORDER, "status": status})}
    found = cards(assessor, took, draft("new", 20, priorPrescription={"reference": "MedicationRequest/order"}))
    assert not removed(found)


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_steps_that_take_the_place_of_a_draft_say_so(assessor: Assessor, profile: Profile) -> None:
    prior = {"reference": "MedicationRequest/order"}
    (card, *_) = cards(assessor, RUNNING, draft("new", 5, priorPrescription=prior), profile=profile)
    assert "too fast" in card["summary"]
    assert "- Remove the draft of" in card["detail"]
    steps = [one for one in card.get("suggestions", ()) if one["label"].startswith("Step down")]
    assert bool(steps) == (profile != "epic")
    if profile == "sandbox":
        assert "Remove the draft of" in steps[0]["actions"][0]["description"]
    if profile == "default":
        assert steps[0]["actions"][0]["type"] == "delete"


def test_steps_instead_of_a_changed_order_say_that_it_goes_on(assessor: Assessor) -> None:
    running = RUNNING["medicationRequests"]["entry"][0]["resource"]
    (card, *_) = cards(assessor, RUNNING, at_dose(5, running), profile="sandbox")
    assert "Do not sign the changed order:" in card["detail"]
    assert "60 mg/day goes on as it was until the first step begins" in card["detail"]


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_a_cut_that_is_too_fast_may_be_left_undone(assessor: Assessor, profile: Profile) -> None:
    prior = {"reference": "MedicationRequest/order"}
    (card, *_) = cards(assessor, RUNNING, draft("new", 5, priorPrescription=prior), profile=profile)
    assert card["suggestions"][0]["label"].endswith(": leave the dose as it is")
    assert removed([card]) == ["MedicationRequest/new"]


def test_but_not_where_the_order_it_follows_is_stopped(assessor: Assessor) -> None:
    running = RUNNING["medicationRequests"]["entry"][0]["resource"]
    found = cards(assessor, RUNNING, draft("new", 5), {**running, "status": "stopped"})
    assert "too fast" in found[0]["summary"]
    assert not removed(found)


def test_nor_one_step_of_a_plan_of_several_drafts(assessor: Assessor) -> None:
    prior = {"reference": "MedicationRequest/order"}
    steps = [draft("one", 15, priorPrescription=prior), draft("two", 5, priorPrescription=prior)]
    for step, start in zip(steps, ("2026-11-20", "2026-11-27"), strict=True):
        step["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = {"start": start, "end": "2026-12-04"}
    steps[0]["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"]["end"] = "2026-11-26"
    found = cards(assessor, RUNNING, *steps)
    assert "too fast" in found[0]["summary"]
    assert not removed(found)


@pytest.mark.parametrize("profile", ["default", "epic", "sandbox"])
def test_a_first_order_too_high_that_nothing_lowers_may_be_removed(assessor: Assessor, profile: Profile) -> None:
    naive = prefetch_of({"base": "", "complete": True, "patient": {"sex": "male", "age": 45, "weight": 80}})
    twenties = draft("new", 20, medicationCodeableConcept={"text": "baclofen 20 mg tablet"})
    assert removed(cards(assessor, naive, twenties, profile=profile)) == ["MedicationRequest/new"]
    tens = cards(assessor, naive, draft("new", 10), profile=profile)
    assert bool(removed(tens)) == (profile != "default")


def test_what_is_only_reported_is_no_order_that_goes_on(assessor: Assessor) -> None:
    (running,) = (entry["resource"] for entry in RUNNING["medicationRequests"]["entry"])
    told = {key: running[key] for key in ("id", "subject", "medicationCodeableConcept")}
    told |= {"resourceType": "MedicationStatement", "status": "active", "dosage": running["dosageInstruction"]}
    told |= {"effectivePeriod": {"start": "2026-08-01"}}
    reported = {**NOBODY, "medicationStatements": searchset(told)}
    found = cards(assessor, reported, draft("new", 5))
    assert "too fast" in found[0]["summary"]
    assert not removed(found)


@pytest.mark.parametrize(("missing", "offered"), [((), True), (("medicationRequests",), False)])
def test_who_has_been_off_for_months_begins_anew(
    assessor: Assessor, missing: tuple[str, ...], *, offered: bool
) -> None:
    ended = {"id": "order", "dose": "20 mg", "times": 3, "status": "stopped", "start": "-300d", "end": "-150d"}
    record = prefetch_of({"order": [ended], "drop": ["supply"]})
    record = {key: value for key, value in record.items() if key not in missing}
    found = cards(assessor, record, draft("new", 20))
    labels = [one["label"] for card in found for one in card.get("suggestions", ())]
    assert ("Lower the draft to 15 mg/day" in labels) == offered


def test_a_gap_that_the_session_makes_is_no_reason_to_remove_what_follows_it(assessor: Assessor) -> None:
    running = RUNNING["medicationRequests"]["entry"][0]["resource"]
    late = draft("new", 20, medicationCodeableConcept={"text": "baclofen 20 mg tablet"})
    late["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"] = {"start": "2026-12-10"}
    found = cards(assessor, RUNNING, late, {**running, "status": "stopped"})
    assert any("Restarting 60 mg/day" in card["summary"] for card in found)
    assert not removed(found)
