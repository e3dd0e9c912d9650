"""What an order is for: reason codes, the Conditions they name, words; R4 and R5."""

import pytest
from test_reading import PATIENT, chart, order

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
FACT = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact"


def condition(code, text):
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": ICD, "code": code, "display": text}]},
    }


NAMED = {"reference": "Condition/c1"}
AUD, MS = condition("F10.20", "Alcohol dependence"), condition("G35", "Multiple sclerosis")
UNCODED = {**AUD, "code": {"text": "Alcohol use disorder"}}


@pytest.mark.parametrize(
    ("more", "resources", "found"),
    [
        ({}, (), None),
        ({}, (AUD,), None),
        ({"reasonCode": [{"coding": [{"system": ICD, "code": "F10.20"}]}]}, (), "alcohol"),
        ({"reasonCode": [{"coding": [{"system": FACT, "code": "indication-alcohol"}]}]}, (), "alcohol"),
        ({"category": [{"coding": [{"system": FACT, "code": "indication-alcohol"}]}]}, (), "alcohol"),
        ({"reasonCode": [{"text": "Alcohol craving"}]}, (), "alcohol"),
        ({"reasonCode": [{"coding": [{"system": "urn:x", "code": "1", "display": "Alcoholism"}]}]}, (), "alcohol"),
        ({"reasonCode": [{"text": "Spasticity, alcohol in the history"}]}, (), "other"),
        ({"reasonCode": [{"text": "Spasticity"}]}, (AUD,), "other"),
        ({"reasonReference": [NAMED]}, (AUD,), "alcohol"),
        ({"reasonReference": [NAMED]}, (UNCODED,), "alcohol"),
        ({"reasonReference": [NAMED]}, (MS,), "other"),
        ({"reasonReference": [NAMED]}, (), None),
        ({"reasonReference": [{**NAMED, "display": "Alcohol dependence"}]}, (), "alcohol"),
        ({"reasonReference": [{**NAMED, "display": 5}]}, (), None),
        ({"reason": [{"reference": NAMED}]}, (AUD,), "alcohol"),
        ({"reason": [{"reference": "Condition/c1"}]}, (AUD,), "alcohol"),
        ({"reason": [{"concept": {"text": "Leg spasms"}}]}, (), "other"),
    ],
)
def test_indication(more, resources, found):
    assert chart(PATIENT, order(**more), *resources).orders[0].indication == found
