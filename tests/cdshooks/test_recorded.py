"""A condition being written down: the card about it stands before what it may be a sign of, never before worse."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from cdshooks.calls import told
from cdshooks.moments import BASE, bundle, call_of, checked, prefetch_of

Json = dict[str, Any]
EPILEPSY: Json = {
    "resourceType": "Condition",
    "id": "new",
    "subject": {"reference": "Patient/p1"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G40.909"}], "text": "Epilepsy"},
    "clinicalStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
    },
}
PRECAUTION, SIGN = "BAC-COND-01", "BAC-SX-03"


@pytest.mark.parametrize("more", [{}, {"onsetDateTime": "2026-11-19"}])
def test_a_new_epilepsy_is_a_precaution_first(assessor: Assessor, more: Json) -> None:
    cards = checked(assessor, call_of("problem-list-item-create", {"conditions": bundle({**EPILEPSY, **more})}, BASE))
    assert told(cards)[:2] == [PRECAUTION, SIGN]
    assert cards[1]["summary"].startswith("Newly recorded" if not more else "Possible baclofen toxicity")


def test_what_is_worse_still_comes_first(assessor: Assessor) -> None:
    weak = prefetch_of({"lab": [{"id": "creatinine", "value": 2.2}]})
    cards = checked(assessor, call_of("problem-list-item-create", {"conditions": bundle(EPILEPSY)}, weak))
    assert told(cards)[:2] == [SIGN, PRECAUTION]
    assert [card["indicator"] for card in cards[:2]] == ["critical", "warning"]


def test_kidney_failure_of_years_ago_written_down_now_is_newer_than_the_last_test(assessor: Assessor) -> None:
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "N18.5"}], "text": "CKD stage 5"}
    old = {**EPILEPSY, "code": code, "onsetDateTime": "2020-01-01"}
    cards = checked(assessor, call_of("problem-list-item-create", {"conditions": bundle(old)}, BASE))
    assert told(cards)[0] == "BAC-RENAL-07"
    assert "CKD stage 5 recorded after eGFR" in cards[0]["summary"]


@pytest.mark.parametrize(("text", "shown"), [("CKD stage 5", True), ("Sprained ankle", False)])
def test_a_kidney_disease_brings_what_the_last_test_says_of_the_dose(
    assessor: Assessor, text: str, shown: bool
) -> None:
    weak = prefetch_of({"lab": [{"id": "creatinine", "value": 3.2}]})
    disease = {**EPILEPSY, "code": {"text": text}}
    cards = checked(assessor, call_of("problem-list-item-create", {"conditions": bundle(disease)}, weak))
    assert any(rule.startswith("BAC-RENAL-") for rule in told(cards)) is shown
