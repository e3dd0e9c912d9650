"""Calls of the services, made from cases: what an EHR would send along, and what the moment holds."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from baclofen_safety.assessor import Assessor
from baclofen_safety.cdshooks.call import Call
from baclofen_safety.cdshooks.checking import Checker
from baclofen_safety.cdshooks.prefetch import supplied
from baclofen_safety.cdshooks.record import record_of
from baclofen_safety.cdshooks.repeats import Repeats
from baclofen_safety.cdshooks.services import load_services
from baclofen_safety.cdshooks.session import session_of
from baclofen_safety.core.verdict import Verdict
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.store.sql import SqlStore
from builders import make_bundle
from cases import AS_OF, Case, make_case
from cdshooks.calls import client_of
from cdshooks.checking_cards import faults_of

Json = dict[str, Any]
SERVICES = load_services()
NOW = datetime.fromisoformat(AS_OF)
KEYS = {
    "Patient": "patient",
    "MedicationRequest": "medicationRequests",
    "MedicationStatement": "medicationStatements",
    "MedicationDispense": "medicationDispenses",
    "MedicationAdministration": "medicationAdministrations",
    "Condition": "conditions",
    "Observation": "laboratory",
    "AllergyIntolerance": "allergies",
    "Procedure": "procedures",
    "ServiceRequest": "serviceRequests",
    "Device": "devices",
    "Encounter": "encounters",
    "Appointment": "appointments",
    "Communication": "communications",
}


def bundle(*resources: Json | None) -> Json:
    """A Bundle without a type, as the sandbox sends it."""
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def searchset(*resources: Json) -> Json:
    entries = [
        {"fullUrl": f"https://ehr.example/fhir/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(resources), "entry": entries}


def prefetch_of(table: Mapping[str, Any] | Case) -> dict[str, Any]:
    """The prefetch of a patient: every key answered in full."""
    case = table if isinstance(table, Case) else make_case({"name": "a moment", **table})
    held: dict[str, list[Json]] = {key: [] for key in (*KEYS.values(), "vitalSigns")}
    for entry in make_bundle(case)["entry"]:
        key = KEYS.get(entry["resource"]["resourceType"])
        if key:
            held[key].append(entry["resource"])
    people = held.pop("patient")
    return {"patient": people[0] if people else None} | {key: searchset(*found) for key, found in held.items()}


def order_in(prefetch: Mapping[str, Any], identity: str = "order") -> Json:
    """An order of the prefetch by its id."""
    found = (entry["resource"] for entry in prefetch["medicationRequests"]["entry"])
    return next(one for one in found if one["id"] == identity)


def call_of(name: str, context: Mapping[str, Any], prefetch: Mapping[str, Any], **more: Any) -> Call:
    """A call of ``baclofen-<name>`` about patient p1, with the keys that are sent."""
    return replace(Call(SERVICES[f"baclofen-{name}"], "i-1", "p1", context, prefetch=prefetch), **more)


def judge(assessor: Assessor, call: Call) -> Verdict:
    record = record_of(call, session_of(call, NOW), supplied(call))
    return assessor.answer(Ask(content=record), NOW).verdict


def checked(assessor: Assessor, call: Call) -> list[Json]:
    """The cards of a call that went through the whole check."""
    repeats = Repeats(SqlStore("", lambda: NOW), b"key", lambda: NOW)
    checker = Checker(assessor, {}, 1, lambda: NOW, lambda verdict: None, repeats)
    found: list[Json] = checker.check(call, client_of("default"))["cards"]
    assert not list(faults_of(found))
    return found


def told(verdict: Verdict) -> set[tuple[str, str]]:
    """Rule and severity of every issue."""
    return {(one.sheet.id, one.severity.value) for one in verdict.issues}


BASE = prefetch_of({})
ORDER = order_in(BASE)
WEAK = {"lab": [{"id": "creatinine", "what": "creatinine", "value": 3.0, "at": "-1d"}]}


def sign(*orders: Json | None, prefetch: Json | None = None) -> Call:
    return call_of("order-sign", {"draftOrders": bundle(*orders)}, BASE if prefetch is None else prefetch)


def at_dose(mg: float, order: Json = ORDER, **more: Any) -> Json:
    """An order with another single dose."""
    made = copy.deepcopy(order)
    made["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] = mg
    return made | more
