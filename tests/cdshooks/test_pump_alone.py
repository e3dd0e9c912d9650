"""A pump nobody ordered anything for in this record, as it is filled elsewhere: silence would look like a check."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.moments import ORDER, bundle, call_of, checked, prefetch_of, searchset

Json = dict[str, Any]
ASKED = "Whether the pump delivers baclofen"
OWNER = {"subject": {"reference": "Patient/p1"}}
DEVICE = {
    "resourceType": "Device",
    "id": "pump",
    "status": "active",
    "type": {"text": "Intrathecal baclofen pump"},
    "patient": {"reference": "Patient/p1"},
}
IMPLANT = {
    "resourceType": "Procedure",
    "id": "implant",
    "status": "completed",
    "code": {"text": "Implantation of intrathecal baclofen pump"},
    "performedDateTime": "2025-10-17",
    **OWNER,
}
PUMPS = {"device": {"devices": DEVICE}, "procedure": {"procedures": IMPLANT}}
OXYCODONE = {**ORDER, "id": "oxy", "status": "draft", "medicationCodeableConcept": {"text": "oxycodone 5 mg tablet"}}
AMOXICILLIN = {**OXYCODONE, "medicationCodeableConcept": {"text": "amoxicillin 500 mg capsule"}}


def said(assessor: Assessor, hook: str, record: Json, *drafts: Json) -> str:
    none = prefetch_of({"base": "", "patient": {"age": 45}})
    prefetch = none | {key: searchset(one) for key, one in record.items()}
    context = {"draftOrders": bundle(*drafts)} if drafts else {"encounterId": "e1"}
    return "|".join(card["summary"] for card in checked(assessor, call_of(hook, context, prefetch)))


@pytest.mark.parametrize("pump", PUMPS)
@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
def test_it_is_asked_when_the_chart_is_opened(assessor: Assessor, hook: str, pump: str) -> None:
    assert ASKED in said(assessor, hook, PUMPS[pump])


@pytest.mark.parametrize("pump", PUMPS)
@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_it_is_asked_when_an_opioid_is_ordered(assessor: Assessor, hook: str, pump: str) -> None:
    assert ASKED in said(assessor, hook, PUMPS[pump], OXYCODONE)


def test_it_is_not_asked_beside_what_no_rule_speaks_of(assessor: Assessor) -> None:
    assert ASKED not in said(assessor, "order-sign", PUMPS["device"], AMOXICILLIN)


def test_it_is_not_asked_when_the_pump_is_gone(assessor: Assessor) -> None:
    removed = {
        **IMPLANT,
        "id": "gone",
        "code": {"text": "Removal of intrathecal pump"},
        "performedDateTime": "2026-01-05",
    }
    assert ASKED not in said(assessor, "patient-view", {"procedures": removed})
    assert ASKED not in said(assessor, "patient-view", {"devices": DEVICE | {"status": "inactive"}})


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Presence of intrathecal baclofen pump", True),
        ("Intrathecal baclofen pump in situ", True),
        ("On long-term baclofen therapy", True),
        ("Allergy to baclofen therapy", False),
        ("Long-term aspirin therapy", False),
        ("Baclofen therapy, discontinued", False),
    ],
)
def test_a_condition_that_says_so_is_asked_about(assessor: Assessor, words: str, asked: bool) -> None:
    problem = {"resourceType": "Condition", "id": "c", "code": {"text": words}, "onsetDateTime": "2025-01-10", **OWNER}
    record = {"conditions": problem}
    assert ("Order of the baclofen taken not received" in said(assessor, "patient-view", record)) is asked
    assert ("Order of the baclofen taken not received" in said(assessor, "order-sign", record, OXYCODONE)) is asked
