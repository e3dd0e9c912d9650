"""Whatever stands in a field, reading never raises; what it hides is told; order of entries says nothing."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_reading import (
    NOW,
    P1,
    PATIENT,
    STAY,
    TABLET,
    THRICE,
    bundle,
    condition,
    observation,
    order,
    quantity,
    terms,
)

from baclofen_safety.errors import BadInput
from baclofen_safety.fhir.reading import read_chart

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FULL = order(
    category=[{"coding": [{"code": "outpatient"}]}],
    meta={"versionId": "1", "lastUpdated": "2026-11-01T00:00:00Z"},
    encounter={"reference": "Encounter/e1"},
    requester={"reference": "Practitioner/1"},
    identifier=[{"system": "s", "value": "1"}],
    statusReason={"text": "toxicity"},
    dispenseRequest={"numberOfRepeatsAllowed": 1, "expectedSupplyDuration": quantity(30, "d")},
)
DISPENSE = {
    "resourceType": "MedicationDispense",
    "id": "d1",
    "status": "completed",
    "subject": P1,
    "medicationReference": {"reference": "Medication/x"},
    "daysSupply": quantity(30, "d"),
    "whenHandedOver": "2026-10-15",
}
MEDICATION = {
    "resourceType": "Medication",
    "id": "x",
    "code": TABLET,
    "ingredient": [
        {
            "itemCodeableConcept": {"text": "baclofen"},
            "strength": {"numerator": quantity(10, "mg"), "denominator": quantity(1, "tablet")},
        }
    ],
}
STATEMENT = {
    "resourceType": "MedicationStatement",
    "id": "s1",
    "status": "active",
    "subject": P1,
    "medicationCodeableConcept": TABLET,
    "effectivePeriod": {"start": "2026-01-01"},
    "dosage": THRICE,
}
ADMINISTRATION = {
    "resourceType": "MedicationAdministration",
    "id": "a1",
    "status": "completed",
    "subject": P1,
    "medicationCodeableConcept": TABLET,
    "effectiveDateTime": "2026-11-20T08:00:00Z",
    "dosage": {"dose": quantity(2, "tablet")},
}
PROCEDURE = {
    "resourceType": "Procedure",
    "id": "q1",
    "status": "completed",
    "subject": P1,
    "code": {"text": "pump refill"},
    "performedDateTime": "2026-11-01",
}
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "b1",
    "status": "booked",
    "start": "2026-12-01T08:00:00Z",
    "serviceType": [{"text": "baclofen pump refill"}],
    "participant": [{"actor": P1}],
}
RECORD = [
    PATIENT,
    FULL,
    DISPENSE,
    MEDICATION,
    STATEMENT,
    ADMINISTRATION,
    PROCEDURE,
    APPOINTMENT,
    STAY,
    condition(onsetDateTime="2026-01-01", clinicalStatus={"coding": [{"code": "active"}]}),
    observation(valueQuantity=quantity(1.4, "mg/dL")),
]


def paths(value, so_far=()):
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*so_far, key)
        yield from paths(each, (*so_far, key))


PLACES = [place for place in paths(RECORD) if len(place) > 1 or place]


def with_junk(place, junk):
    record = copy.deepcopy(RECORD)
    holder = record
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = junk
    return record


def read(resources):
    return read_chart(bundle(*resources), as_of=NOW, subject="Patient/p1", terms=terms())


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), JSON)
def test_anything_anywhere_never_raises(place, junk):
    read(with_junk(place, junk))


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_any_document_is_read_or_refused(document):
    for each in (document, {"resourceType": "Bundle", "entry": document}):
        try:
            read_chart(each, as_of=NOW, subject=None, terms=terms())
        except BadInput as error:
            assert error.status in (400, 422)


DECIDING = [
    (1, "status"),
    (1, "subject"),
    (1, "subject", "reference"),
    (1, "medicationCodeableConcept"),
    (1, "medicationCodeableConcept", "coding"),
    (1, "medicationCodeableConcept", "coding", 0),
    (1, "dosageInstruction"),
    (1, "dosageInstruction", 0),
    (1, "authoredOn"),
    (2, "whenHandedOver"),
    (3, "code"),
    (8, "period", "start"),
    (9, "code"),
    (9, "onsetDateTime"),
    (10, "valueQuantity"),
    (10, "valueQuantity", "unit"),
    (10, "effectiveDateTime"),
]


@pytest.mark.parametrize("place", DECIDING, ids=lambda place: f"{RECORD[place[0]]['resourceType']}-{place[1:]}")
@pytest.mark.parametrize("junk", [5, True, "?", ["?"], {"?": ["?"]}, [[]]], ids=repr)
def test_junk_in_a_deciding_place_leaves_a_trace(place, junk):
    ref = f"{RECORD[place[0]]['resourceType']}/{RECORD[place[0]]['id']}"
    chart = read(with_junk(place, junk))
    clean = read(RECORD)
    told = [each for each in chart.troubles if each not in clean.troubles]
    marked = [
        measurement.ref
        for found in chart.measurements.values()
        for measurement in found
        if measurement.problem or measurement.at is None
    ]
    unsure = [made.ref for made in chart.orders for step in made.steps if step.daily is None and step.problems]
    assert told or ref in marked or ref in unsure


@settings(max_examples=60, deadline=None)
@given(st.permutations(RECORD))
def test_the_order_of_entries_says_nothing(resources):
    assert read(resources) == read(RECORD)


def test_reading_leaves_the_input_as_it_was():
    before = json.dumps(RECORD)
    read(RECORD)
    assert json.dumps(RECORD) == before
