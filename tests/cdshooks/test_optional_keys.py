"""Keys an EHR need not send: used when they come, under whatever key, and no gap when they do not."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.prefetch import supplied, with_fetched
from baclofen_safety.cdshooks.services import discovery
from baclofen_safety.fhir.searches import OPTIONAL
from cdshooks.moments import BASE, ORDER, SERVICES, bundle, call_of, checked, prefetch_of, searchset

Json = dict[str, Any]
PUMP = prefetch_of({"base": "B1", "lab": [{"id": "refill-by", "when": "day-3"}]})
READINGS = PUMP["laboratory"]
OVERDUE = "Pump refill overdue (2026-11-17)"
VISIT = {"resourceType": "Appointment", "id": "a", "status": "proposed", "description": "Intrathecal pump refill"}
VISIT |= {
    "start": "2026-12-11T09:00:00Z",
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}
OF_P1 = {"subject": {"reference": "Patient/p1"}}
DIALYSIS = {"resourceType": "ServiceRequest", "id": "hd", "status": "active", "intent": "order", **OF_P1}
DIALYSIS |= {"code": {"text": "Hemodialysis"}, "occurrenceDateTime": "2026-11-21"}
LEFT_OFF = {
    "resourceType": "List",
    "id": "list",
    "status": "current",
    "mode": "snapshot",
    "date": "2026-11-20",
    **OF_P1,
}
LEFT_OFF |= {
    "title": "Discharge medications",
    "code": {"text": "Discharge medications"},
    "entry": [{"item": {"display": "metformin 500 mg"}}],
}
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-supported"}]}


@dataclass
class Came:
    """An answer to a query of our own."""

    resource: Json | None = None
    problem: str = ""


def summaries(assessor: Assessor, hook: str, prefetch: Json, **context: Any) -> str:
    call = call_of(hook, context, prefetch)
    return "|".join(card["summary"] for card in checked(assessor, call))


def without(prefetch: Json, key: str) -> Json:
    return {**prefetch, key: searchset()}


@pytest.mark.parametrize("key", ["pumpReadings", "vitalSigns", "laboratory", "readings", "observations"])
def test_pump_readings_are_used_under_whatever_key_they_come(assessor: Assessor, key: str) -> None:
    said = summaries(
        assessor, "appointment-book", without(PUMP, "laboratory") | {key: READINGS}, appointments=bundle(VISIT)
    )
    assert OVERDUE in said


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start", "encounter-discharge"])
def test_pump_readings_are_used_at_every_moment_of_the_whole_patient(assessor: Assessor, hook: str) -> None:
    said = summaries(assessor, hook, without(PUMP, "laboratory") | {"pumpReadings": READINGS})
    assert OVERDUE in said


def test_dialysis_that_is_ordered_bars_a_draft_that_is_selected(assessor: Assessor) -> None:
    draft = {**ORDER, "id": "new", "status": "draft"}
    prefetch = without(BASE, "medicationRequests")
    assert "Dialysis" not in summaries(assessor, "order-select", prefetch, draftOrders=bundle(draft))
    prefetch = {**prefetch, "serviceRequests": searchset(DIALYSIS)}
    assert "Dialysis: baclofen accumulates" in summaries(assessor, "order-select", prefetch, draftOrders=bundle(draft))


def test_what_is_of_another_patient_under_a_key_nobody_asked_for_is_left_aside() -> None:
    other = {**DIALYSIS, "subject": {"reference": "Patient/p2"}}
    nobody = {key: value for key, value in DIALYSIS.items() if key != "subject"}
    supply = supplied(call_of("patient-view", {}, {"more": searchset(other, nobody), "some": "words"}))
    assert not supply.bundles


def test_what_a_key_nobody_asked_for_lacks_is_not_read_as_absent() -> None:
    supply = supplied(call_of("allergyintolerance-create", {}, {"procedures": searchset(DIALYSIS)}))
    assert supply.bundles["procedures"]["type"] == "collection"
    assert "procedures" not in supply.missing


@pytest.mark.parametrize("hook", sorted(name for name, one in SERVICES.items() if one.optional))
def test_an_optional_key_that_did_not_come_is_no_gap(hook: str) -> None:
    service = SERVICES[hook]
    call = call_of(hook.removeprefix("baclofen-"), {}, dict.fromkeys(service.optional))
    for one in (call, call_of(hook.removeprefix("baclofen-"), {}, {})):
        supply = supplied(one)
        assert supply.spared == service.optional
        assert supply.missing.keys() == service.prefetch.keys() - service.optional


def test_nothing_is_said_of_it_on_any_card(assessor: Assessor) -> None:
    weak = {key: value for key, value in BASE.items() if key != "conditions"}
    (card,) = (one for one in checked(assessor, call_of("patient-view", {}, weak)) if "not fully" in one["summary"])
    assert "problem list" in card["detail"]
    assert not any(words in card["detail"] for words in ("pump readings", "flags", "tasks", "care plans", "lists"))


def test_one_that_failed_makes_no_card_of_its_own_and_stands_on_another(assessor: Assessor) -> None:
    draft = {**ORDER, "id": "new", "status": "draft"}
    failed = {**BASE, "tasks": FAILED}
    quiet = summaries(assessor, "order-sign", BASE, draftOrders=bundle(draft))
    assert summaries(assessor, "order-sign", failed, draftOrders=bundle(draft)) == quiet
    failed.pop("conditions")
    cards = checked(assessor, call_of("order-sign", {"draftOrders": bundle(draft)}, failed))
    assert any("tasks" in card["detail"] for card in cards)


def test_one_that_cannot_be_read_is_told(assessor: Assessor) -> None:
    assert "without tasks" in summaries(assessor, "patient-view", {**BASE, "tasks": "Task/1"})


def test_what_is_fetched_of_it_is_used_and_what_is_not_to_be_had_is_spared() -> None:
    call = call_of("encounter-discharge", {}, BASE)
    fetched = {
        "lists": Came(searchset(LEFT_OFF)),
        "tasks": Came(None, "refused"),
        "flags": Came(FAILED),
        "carePlans": Came({**searchset(), "total": 3}),
    }
    supply = with_fetched(supplied(call), fetched, call)
    assert "lists" in supply.bundles
    assert supply.missing == {"carePlans": "partial"}
    assert supply.spared == call.service.optional - {"lists", "carePlans"}


def test_the_discharge_list_is_read(assessor: Assessor) -> None:
    stay = {"encounter": [{"id": "e1", "status": "in-progress", "start": "-5d"}]}
    ward = {"id": "ward", "product": "baclofen-tablet-10", "setting": "inpatient", "encounter": "e1", "start": "-5d"}
    ward |= {"dose": "10 mg", "times": 3}
    prefetch = prefetch_of(stay | {"order": [ward]})
    listed = {**prefetch, "lists": searchset(LEFT_OFF)}
    asked, said = (
        "|".join(
            card["summary"] for card in checked(assessor, call_of("encounter-discharge", {}, sent, encounter_id="e1"))
        )
        for sent in (prefetch, listed)
    )
    assert "Whether baclofen was left off" in asked
    assert "missing from discharge list" in said


def test_the_query_of_pump_readings_names_every_code_of_one() -> None:
    table = files("baclofen_safety.terminology").joinpath("tables/own_facts.csv").read_text("utf-8").splitlines()
    words = (
        "reservoir",
        "volume",
        "programmed",
        "alarm",
        "indicator",
        "service",
        "concentration",
        "implanted",
        "bridge",
    )
    readings = {
        row["code"]
        for row in csv.DictReader(table)
        if row["definition"].startswith("Observation")
        and any(word in f"{row['display']} {row['definition']}".casefold() for word in words)
    }
    asked = OPTIONAL["pumpReadings"].partition("&code=")[2].partition("&")[0].split(",")
    assert readings | {"bridge-bolus", "catheter-problem"} == set(asked)


def test_the_discovery_says_which_keys_may_be_left_out() -> None:
    told = {one["id"]: one for one in discovery(SERVICES)["services"]}
    assert told["baclofen-order-select"]["usageRequirements"].endswith("These keys may be left out: serviceRequests.")
    assert "left out" not in told["baclofen-order-discontinue"]["usageRequirements"]
