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


ITB = prefetch_of({"base": "B1"})
REQUEST = {"resourceType": "ServiceRequest", "id": "q", "status": "draft", "intent": "order", **OWNER}
VISIT = {"resourceType": "Appointment", "id": "v", "status": "proposed", "start": "2026-11-25T09:00:00Z"}


def asked_of(assessor: Assessor, words: str, prefetch: Json = ITB) -> list[Json]:
    asked = call_of("order-sign", {"draftOrders": bundle(REQUEST | {"code": {"text": words}})}, prefetch)
    return [card for card in checked(assessor, asked) if "Baclofen pump, not recognised" in card["summary"]]


@pytest.mark.parametrize(
    "words",
    [
        *("Turn off pump", "Removal of infusion pump", "Wean ITB", "Pause the pump overnight", "Disconnect catheter"),
        *("Empty pump with syringe", "Stop pump, blood pressure low", "Referral to clinic, remove the pump"),
        *("Replace pump with saline", "Infusion pump for baclofen: stop", "Turn pump off for CT"),
    ],
)
def test_words_about_the_pump_that_nobody_recognises_are_told(assessor: Assessor, words: str) -> None:
    (card,) = asked_of(assessor, words)
    assert card["indicator"] == "warning"
    assert words in card["summary"]
    booked = call_of("appointment-book", {"appointments": bundle(VISIT | {"description": words})}, ITB)
    assert any(words in one["summary"] for one in checked(assessor, booked))


@pytest.mark.parametrize(
    "words",
    [
        *("Insulin pump teaching", "Complete blood count", "MRI lumbar spine", "Pump refill", "Remove Foley catheter"),
        *("Heart pump echo (LVAD)", "Infusion pump for antibiotics", "Calf pump exercises", "CT pump catheter"),
        *("X-ray of pump and catheter", "Pump pocket ultrasound", "Physical therapy for ITB patient"),
        *("Referral to pump clinic", "Proton pump inhibitor trial", "Syringe pump for vancomycin"),
    ],
)
def test_other_words_are_not(assessor: Assessor, words: str) -> None:
    assert asked_of(assessor, words) == []


def test_nor_are_they_for_a_patient_without_a_pump(assessor: Assessor) -> None:
    assert asked_of(assessor, "Turn off pump", prefetch_of({})) == []


def test_a_test_dose_asked_for_in_words_alone_is_told(assessor: Assessor) -> None:
    request = REQUEST | {"code": {"text": "Intrathecal baclofen trial 50 mcg"}}
    none = prefetch_of({"base": "", "patient": {"age": 45}})
    (card,) = checked(assessor, call_of("order-sign", {"draftOrders": bundle(request)}, none))
    assert card["summary"].startswith("Baclofen check not completed: baclofen is named")
