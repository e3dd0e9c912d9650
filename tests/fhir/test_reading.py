"""Reading the shapes senders really use into one chart."""

import os
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from baclofen_safety.errors import NotFhir, TooManyPatients
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
FACT = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact"
TABLET = {"coding": [{"system": RXNORM, "code": "197391", "display": "baclofen 10 MG Oral Tablet"}]}
P1 = {"reference": "Patient/p1"}
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1956-02-03"}
THRICE = [
    {
        "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg", "system": UCUM, "code": "mg"}}],
    }
]


@cache
def terms():
    return Terminology.load()


def bundle(*resources, **more):
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
        **more,
    }


def chart(*resources, subject=None, **more):
    return read_chart(bundle(*resources), as_of=NOW, subject=subject, terms=terms(), **more)


def order(**more):
    made = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": P1,
        "authoredOn": "2026-08-22",
        "medicationCodeableConcept": TABLET,
        "dosageInstruction": THRICE,
        **more,
    }
    return {key: value for key, value in made.items() if value is not None}


def without_medicine(**more):
    return order(medicationCodeableConcept=None, **more)


def kinds(read):
    return {trouble.kind for trouble in read.troubles}


def observation(code="2160-0", **more):
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": P1,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2026-11-01T08:00:00Z",
        **more,
    }


def quantity(value, unit, **more):
    return {"value": value, "unit": unit, **more}


def condition(**more):
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": P1,
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "N18.4"}]},
        **more,
    }


MEDICATION = {"resourceType": "Medication", "id": "x", "code": TABLET}


@pytest.mark.parametrize(
    "resources",
    [
        [order()],
        [order(medicationCodeableConcept={"text": "baclofen 10 mg tablet"})],
        [order(medicationCodeableConcept="baclofen 10 mg tablet")],
        [without_medicine(medicationReference={"reference": "#x"}, contained=[MEDICATION])],
        [without_medicine(medicationReference={"reference": "Medication/x"}), MEDICATION],
        [without_medicine(medicationReference={"reference": "https://h/fhir/Medication/x"}), MEDICATION],
        [without_medicine(medicationReference={"reference": "Medication/x/_history/3"}), MEDICATION],
        [without_medicine(medicationReference={"reference": "Medication/gone", "display": "Baclofen 10mg tablets"})],
        [without_medicine(medicationReference={"identifier": {"value": "B"}, "display": "Baclofen 10mg tablets"})],
        [without_medicine(medication={"concept": TABLET})],
        [without_medicine(medication={"reference": {"reference": "Medication/x"}}), MEDICATION],
        [without_medicine(medication=TABLET)],
    ],
)
def test_a_medicine_in_every_shape_is_baclofen_by_mouth(resources):
    (read,) = chart(PATIENT, *resources).orders
    assert read.is_baclofen
    assert read.route_group == "oral"
    assert read.steps[0].daily == 30


def test_a_string_where_a_concept_belongs_is_used_and_told():
    read = chart(PATIENT, order(medicationCodeableConcept="baclofen 10 mg tablet"))
    assert any(each.kind == "unreadable" and each.needed for each in read.troubles)


def test_the_strength_of_an_ingredient_is_a_ratio():
    medication = {
        "resourceType": "Medication",
        "id": "x",
        "code": {"text": "Baclofen suspension"},
        "ingredient": [
            {"itemCodeableConcept": {"text": "water"}, "isActive": False},
            {
                "itemCodeableConcept": {"coding": [{"system": RXNORM, "code": "1292"}]},
                "strength": {"numerator": quantity(5, "mg"), "denominator": quantity(5, "mL")},
            },
        ],
    }
    (read,) = chart(PATIENT, without_medicine(medicationReference={"reference": "Medication/x"}), medication).orders
    assert (read.medicine.strength.mg, read.medicine.strength.per) == (1, "mL")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "active"),
        ({"status": "ACTIVE"}, "active"),
        ({"status": "ended"}, "completed"),
        ({"status": "on-hold"}, "on-hold"),
        ({"status": "nonsense"}, "unknown"),
        ({"status": None}, "unknown"),
        ({"status": 5}, "unknown"),
        ({"status": "draft"}, "draft"),
        ({"intent": "plan", "reportedBoolean": True}, "active"),
        ({"intent": "plan", "reported": True}, "active"),
        ({"intent": None}, "active"),
        ({"intent": "mystery"}, "active"),
    ],
)
def test_states_of_an_order(more, status):
    assert [each.status for each in chart(PATIENT, order(**more)).orders] == [status]


@pytest.mark.parametrize(
    "more",
    [
        {"status": "entered-in-error"},
        {"doNotPerform": True},
        {"intent": "proposal"},
        {"intent": "option"},
        {"intent": "plan"},
    ],
)
def test_what_is_never_exposure_is_told(more):
    read = chart(PATIENT, order(**more))
    assert read.orders == ()
    assert kinds(read) == {"not-used"}


@pytest.mark.parametrize("status", ["nonsense", None, 5, "ACTIVE"])
def test_a_strange_status_is_told(status):
    assert chart(PATIENT, order(status=status)).troubles


ROUTE_ORAL = {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]}
ROUTE_IT = {"coding": [{"system": "http://snomed.info/sct", "code": "72607000"}]}


@pytest.mark.parametrize(
    ("more", "route", "clash"),
    [
        ({}, "route-oral", False),
        ({"dosageInstruction": [{**THRICE[0], "route": ROUTE_IT}]}, "route-intrathecal", True),
        ({"medicationCodeableConcept": {"text": "baclofen"}}, "route-oral", False),
        ({"medicationCodeableConcept": {"text": "baclofen"}, "dosageInstruction": []}, None, False),
        (
            {
                "medicationCodeableConcept": {"text": "baclofen"},
                "dosageInstruction": [{"text": "10 mg by mouth"}],
            },
            "route-oral",
            False,
        ),
    ],
)
def test_route(more, route, clash):
    read = chart(PATIENT, order(**more))
    assert (read.orders[0].route, read.orders[0].route_conflict) == (route, clash)
    assumed = "assumed-route" in read.orders[0].concepts
    assert ("route" in kinds(read)) == (route is None or assumed)


def test_the_route_named_is_the_one_that_contradicts():
    both = [{**THRICE[0], "route": ROUTE_ORAL}, {**THRICE[0], "route": ROUTE_IT}]
    (tablet,) = chart(PATIENT, order(dosageInstruction=both)).orders
    assert (tablet.route, tablet.route_conflict, tablet.other_routes) == ("route-oral", True, ("route-intrathecal",))
    (bare,) = chart(PATIENT, order(medicationCodeableConcept={"text": "baclofen"}, dosageInstruction=both)).orders
    assert bare.other_routes == ("route-oral", "route-intrathecal")


def test_an_injection_without_a_route_is_assumed_intrathecal():
    medication = {
        **MEDICATION,
        "code": {"coding": [{"system": RXNORM, "code": "1292"}]},
        "form": {"text": "injection"},
    }
    read = chart(PATIENT, without_medicine(medicationReference={"reference": "Medication/x"}), medication)
    assert read.orders[0].route == "route-intrathecal"
    assert "assumed-route" in read.orders[0].concepts
    assert "route" in kinds(read)


@pytest.mark.parametrize(
    ("more", "start"),
    [
        ({}, "2026-08-22"),
        (
            {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"start": "2026-09-01"}}}}]},
            "2026-09-01",
        ),
        ({"effectiveDosePeriod": {"start": "2026-09-02"}}, "2026-09-02"),
        ({"dispenseRequest": {"validityPeriod": {"start": "2026-09-03"}}}, "2026-09-03"),
        ({"dispenseRequest": {"validityPeriod": {"start": "2026-08-01"}}}, "2026-08-22"),
        ({"authoredOn": None, "encounter": {"reference": "Encounter/e1"}}, "2026-11-18 06:00"),
        ({"authoredOn": None}, "None"),
        ({"reportedBoolean": True}, "None"),
    ],
)
def test_start(more, start):
    assert str(chart(PATIENT, STAY, order(**more)).orders[0].start) == start


def test_the_period_of_an_order_ends_its_last_step():
    period = {"effectiveDosePeriod": {"start": "2026-08-22", "end": "2026-11-18"}}
    [read] = chart(PATIENT, order(**period)).orders
    assert str(read.steps[-1].end) == "2026-11-19 00:00"
    assert [chart(PATIENT, order()).orders[0].steps[-1].end] == [None]


STAY = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "in-progress",
    "class": {"code": "IMP"},
    "subject": P1,
    "period": {"start": "2026-11-18T06:00:00Z"},
}


@pytest.mark.parametrize(
    ("kind", "inpatient", "told"),
    [
        ({"code": "IMP"}, True, False),
        ({"system": "http://terminology.hl7.org/CodeSystem/v2-0004", "code": "E"}, True, False),
        ({"system": "http://terminology.hl7.org/CodeSystem/v2-0004", "code": "O"}, False, False),
        ({"code": "AMB"}, False, False),
        ({"code": "W1", "display": "Inpatient ward"}, True, False),
        ({"code": "WARD7"}, False, True),
        (None, False, True),
    ],
)
def test_class_of_a_stay(kind, inpatient, told):
    read = chart(PATIENT, {**STAY, "class": kind})
    assert [stay.inpatient for stay in read.stays] == [inpatient]
    assert any(each.path == "class" and each.needed for each in read.troubles) == told
    over = {**STAY, "class": kind, "status": "finished", "period": {"start": "2026-11-01", "end": "2026-11-02"}}
    assert not any(each.path == "class" for each in chart(PATIENT, over).troubles)


@pytest.mark.parametrize(
    ("more", "setting"),
    [
        ({}, None),
        ({"category": {"text": "outpatient"}}, "community"),
        ({"category": [{"coding": [{"code": "discharge"}]}]}, "discharge"),
        ({"encounter": {"reference": "Encounter/e1"}}, "inpatient"),
    ],
)
def test_setting(more, setting):
    assert chart(PATIENT, STAY, order(**more)).orders[0].setting == setting


@pytest.mark.parametrize(
    ("reason", "found"),
    [
        ({"text": "Suspected baclofen toxicity"}, {"toxicity"}),
        ({"text": "dose change"}, set()),
        ({"coding": [{"code": "salg"}]}, {"allergy"}),
        ({"text": "Overdose, very drowsy: drowsiness"}, {"overdose", "sedation"}),
        ({"text": "AKI"}, {"kidney"}),
    ],
)
def test_reasons_that_justify_a_stop(reason, found):
    assert chart(PATIENT, order(status="stopped", statusReason=reason)).orders[0].stop_reasons == found


def test_links_and_supply_of_an_order():
    (read,) = chart(
        PATIENT,
        order(
            requester={"reference": "http://h/fhir/Practitioner/9"},
            identifier=[{"system": "s", "value": "1"}],
            groupIdentifier={"value": "g"},
            basedOn=[{"reference": "MedicationRequest/m0"}],
            priorPrescription={"reference": "MedicationRequest/old"},
            dispenseRequest={
                "validityPeriod": {"end": "2026-12-31"},
                "numberOfRepeatsAllowed": 2,
                "expectedSupplyDuration": quantity(2, "wk", system=UCUM, code="wk"),
                "performer": {"reference": "Organization/o"},
            },
        ),
    ).orders
    assert (read.requester, read.requester_ref) == ("Practitioner/9", "Practitioner/9")
    assert (read.identifiers, read.group) == ({"s|1"}, "|g")
    assert (read.based_on, read.replaces) == ({"MedicationRequest/m0"}, "MedicationRequest/old")
    assert (read.refills, read.supply_days, read.pharmacist_ref) == (2, 14, "Organization/o")
    assert str(read.dispense_until) == "2027-01-01 00:00"


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"requester": {"agent": {"reference": "Practitioner/1"}}}, "Practitioner/1"),
        ({"requester": {"identifier": {"system": "n", "value": "7"}}}, "n|7"),
        ({"requester": {"display": "Dr A"}}, "dr a"),
        ({"requester": {"extension": [{}]}, "recorder": {"reference": "Practitioner/2"}}, "Practitioner/2"),
        ({}, None),
    ],
)
def test_requester(more, key):
    assert chart(PATIENT, order(**more)).orders[0].requester == key


def test_a_stop_is_dated_by_task_provenance_r5_or_history():
    task = {
        "resourceType": "Task",
        "id": "t",
        "status": "completed",
        "for": P1,
        "focus": {"reference": "MedicationRequest/m1"},
        "code": {"coding": [{"code": "abort"}]},
        "executionPeriod": {"start": "2026-11-19T09:00:00Z"},
    }
    provenance = {
        "resourceType": "Provenance",
        "id": "v",
        "target": [{"reference": "MedicationRequest/m1"}],
        "recorded": "2026-11-19T10:00:00Z",
    }
    stopped = order(status="stopped", meta={"versionId": "2", "lastUpdated": "2026-11-19T11:00:00Z"})
    older = order(meta={"versionId": "1", "lastUpdated": "2026-08-22T11:00:00Z"})
    said = [
        chart(PATIENT, stopped, task),
        chart(PATIENT, stopped, provenance),
        chart(PATIENT, older, stopped),
        chart(PATIENT, {**stopped, "statusChanged": "2026-11-19T12:00:00Z"}),
        chart(PATIENT, stopped),
    ]
    assert [each.orders[0].changed and each.orders[0].changed.first.hour for each in said] == [
        9,
        10,
        11,
        12,
        None,
    ]
    assert [each.status for each in said[2].orders[0].versions] == ["active"]


def test_a_hold_has_a_planned_end():
    task = {
        "resourceType": "Task",
        "id": "t",
        "status": "requested",
        "for": P1,
        "focus": {"reference": "MedicationRequest/m1"},
        "code": {"coding": [{"code": "resume"}]},
        "restriction": {"period": {"start": "2026-11-21T08:00:00Z"}},
    }
    assert chart(PATIENT, order(status="on-hold"), task).orders[0].resume_at.first.hour == 8


def test_twins_by_identifier_are_one_order():
    first = order(id="a", identifier=[{"system": "plac", "value": "1"}])
    second = order(
        id="b",
        identifier=[{"system": "plac", "value": "1"}],
        status="stopped",
        authoredOn="2026-11-01T10:00:00Z",
    )
    (read,) = chart(PATIENT, first, second).orders
    assert (read.ref, read.status, len(read.versions)) == ("MedicationRequest/b", "stopped", 1)


def test_twins_without_an_identifier_are_one_order_and_told():
    read = chart(PATIENT, *(order(id=name, authoredOn="2026-11-01T10:00:00Z") for name in ("a", "b")))
    assert [each.ref for each in read.orders] == ["MedicationRequest/b"]
    assert [each.says for each in read.troubles if each.ref == "MedicationRequest/b"] == [
        "read as one order sent twice: alike in all and written in the same minute as MedicationRequest/a"
    ]


@pytest.mark.parametrize(
    ("more", "status", "start"),
    [
        ({"status": "active", "effectivePeriod": {"start": "2026-01-01"}}, "active", "2026-01-01"),
        ({"status": "active", "effectiveDateTime": "2026-10-01"}, "active", "None"),
        ({"status": "not-taken", "effectiveDateTime": "2026-10-01"}, "not-taken", "2026-10-01"),
        ({"status": "active", "taken": "n"}, "not-taken", "None"),
        (
            {"status": "recorded", "adherence": {"code": {"coding": [{"code": "not-taking"}]}}},
            "not-taken",
            "None",
        ),
        ({"status": "recorded"}, "unknown", "None"),
    ],
)
def test_statements(more, status, start):
    made = {
        "resourceType": "MedicationStatement",
        "id": "s",
        "subject": P1,
        "medicationCodeableConcept": TABLET,
    }
    (read,) = chart(PATIENT, {**made, "dosage": THRICE, **more}).orders
    assert (read.status, str(read.start), read.reported) == (status, start, True)


@pytest.mark.parametrize(("text", "needed"), [("Paracetamool extra", False), ("Bacofen 10mg tab", True), ("", True)])
def test_an_unrecognised_medicine_is_told(text, needed):
    read = chart(PATIENT, order(medicationCodeableConcept={"text": text}, dosageInstruction=None))
    assert [each.needed for each in read.troubles if each.kind == "unrecognised-medicine"] == [needed]


@pytest.mark.parametrize(
    ("more", "low", "high", "problem"),
    [
        ({"valueQuantity": quantity(1.4, "mg/dL")}, Decimal("1.4"), Decimal("1.4"), False),
        ({"valueQuantity": quantity(88.4, "umol/L")}, Decimal(1), Decimal(1), False),
        ({"valueQuantity": {"value": 1.4}}, None, None, True),
        ({"valueQuantity": quantity(1.4, "furlong")}, None, None, True),
        ({"valueQuantity": quantity(140, "mg/dL")}, None, None, True),
        ({"valueQuantity": quantity(1.4, "mg/dL"), "status": "preliminary"}, None, None, True),
        ({"dataAbsentReason": {"text": "lost"}}, None, None, True),
        ({"valueQuantity": {"value": "abc", "unit": "mg/dL"}}, None, None, True),
        ({"valueString": "1.4 mg/dL"}, Decimal("1.4"), Decimal("1.4"), False),
        ({"valueString": "haemolysed"}, None, None, True),
    ],
)
def test_creatinine(more, low, high, problem):
    (read,) = chart(PATIENT, observation(**more)).measurements["lab-creatinine"]
    assert (read.low, read.high, read.problem is not None) == (low, high, problem)


@pytest.mark.parametrize(
    ("more", "low", "high"),
    [
        ({"valueString": ">60"}, 60, None),
        ({"valueString": "≥ 90"}, 90, None),
        ({"valueString": "<15 mL/min/1.73m2"}, None, 15),
        ({"valueString": "30-60"}, 30, 60),
        ({"valueQuantity": quantity(60, "mL/min/1.73m2", comparator=">")}, 60, None),
        ({"valueQuantity": quantity(40.5, "mL/min")}, Decimal("40.5"), Decimal("40.5")),
        (
            {"valueRange": {"low": quantity(30, "mL/min/1.73m2"), "high": quantity(40, "mL/min/1.73m2")}},
            30,
            40,
        ),
    ],
)
def test_egfr_may_be_an_interval(more, low, high):
    (read,) = chart(PATIENT, observation("98979-8", **more)).measurements["lab-egfr-ckdepi-2021-creatinine"]
    assert (read.low, read.high, read.problem) == (low, high, None)


def in_words(text, **more):
    return observation(**more) | {"code": {"coding": [{"system": "urn:local", "code": "1234"}], "text": text}}


@pytest.mark.parametrize(
    "name",
    [
        "Creatinine",
        "CREATININE SERPL",
        "Creat",
        "SCr",
        "CREA",
        "Cr",
        "Kreatinin i.S.",
        "Creatinina",
        "Créatinine sérique",
        "Creatinine, blood",
    ],
)
@pytest.mark.parametrize("value", [quantity(3.8, "mg/dL"), quantity(336, "µmol/L")])
def test_a_creatinine_of_the_blood_named_in_words(name, value):
    (read,) = chart(PATIENT, in_words(name, valueQuantity=value)).measurements["lab-creatinine"]
    assert read.problem is None
    assert Decimal("3.79") < read.value < Decimal("3.81")


def test_that_the_specimen_is_not_said_is_told_where_it_is_not():
    bare = chart(PATIENT, in_words("Creatinine", valueString="3.8 mg/dL"))
    said = chart(PATIENT, in_words("Serum creatinine", valueString="3.8 mg/dL"))
    assert [len(one.measurements["lab-creatinine"]) for one in (bare, said)] == [1, 1]
    assert [[each.kind for each in one.troubles] for one in (bare, said)] == [["assumption"], []]


@pytest.mark.parametrize(
    "name",
    [
        "Urine creatinine",
        "Creatinine (U)",
        "Kreatinin im Urin",
        "Creatinina en orina",
        "Creatinine clearance",
        "Serum creatinine clearance",
        "Protein/creatinine ratio",
        "Albumin creatinine ratio",
        "Urine/serum creatinine ratio",
        "Creatine kinase",
        "Creatinine 24h",
        "Creatinine, ascites",
    ],
)
def test_what_is_no_creatinine_of_the_blood(name):
    read = chart(PATIENT, in_words(name, valueQuantity=quantity(3.8, "mg/dL")))
    assert "lab-creatinine" not in read.measurements


def test_a_specimen_of_urine_is_none_of_the_blood():
    specimen = {"display": "Urine, midstream"}
    read = chart(PATIENT, in_words("Creatinine", valueQuantity=quantity(3.8, "mg/dL"), specimen=specimen))
    assert "lab-creatinine" not in read.measurements


@pytest.mark.parametrize(
    ("value", "problems", "needed"),
    [
        ({"valueQuantity": {"value": 3.8}}, ["unit missing"], False),
        ({"valueQuantity": quantity(3.8, "furlong")}, ["unit not recognised"], False),
        ({"valueQuantity": quantity(0.336, "mmol/L")}, [], True),
        ({"valueQuantity": quantity(38, "mg/L")}, [], True),
        ({"valueQuantity": quantity(8.2, "mmol/L")}, [], False),  # in nobody's blood
        ({"valueQuantity": quantity(1200, "mg/24 h")}, [], False),
        ({"valueQuantity": quantity(90, "mL/min")}, [], False),
        ({"valueQuantity": quantity(3.8, "mg/g")}, [], False),
        ({"valueString": "see report"}, [], False),
    ],
)
def test_a_bare_creatinine_that_cannot_be_read_is_told(value, problems, needed):
    read = chart(PATIENT, in_words("Creatinine", **value))
    assert [one.problem for one in read.measurements.get("lab-creatinine", ())] == problems
    assert any(one.needed for one in read.troubles) is needed


def test_components_and_codes_of_our_own():
    panel = observation(
        "24320-4",
        component=[
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
                "valueQuantity": quantity(1.2, "mg/dL"),
            }
        ],
    )
    dose = observation(id="o2", valueQuantity=quantity(300, "mcg/day", system=UCUM, code="ug/d"))
    dose["code"] = {"coding": [{"system": FACT, "code": "programmed-daily-dose"}]}
    read = chart(PATIENT, panel, dose).measurements
    assert read["lab-creatinine"][0].value == Decimal("1.2")
    assert (read["fact-programmed-daily-dose"][0].value, read["fact-programmed-daily-dose"][0].unit) == (
        300,
        "ug/d",
    )


@pytest.mark.parametrize(
    ("value", "dose"),
    [
        (quantity(300, "mcg/day"), 300),
        (quantity(0.3, "mg/day"), 300),
        (quantity(12.5, "mcg/hr"), 300),
        ({"value": 300}, None),
        (quantity(300, "mL"), None),
    ],
)
def test_a_pump_programme_is_micrograms_a_day_or_not_used(value, dose):
    sent = observation(valueQuantity=value)
    sent["code"] = {"coding": [{"system": FACT, "code": "programmed-daily-dose"}]}
    (read,) = chart(PATIENT, sent).measurements["fact-programmed-daily-dose"]
    assert (read.value, read.problem is None) == (dose, dose is not None)


def test_future_results_are_told_and_five_minutes_are_forgiven():
    late = chart(PATIENT, observation(effectiveDateTime="2026-11-20T12:06:00Z", valueQuantity=quantity(1, "mg/dL")))
    (kept,) = late.measurements["lab-creatinine"]
    assert (kept.value, kept.problem is None) == (None, False)
    assert kinds(late) == {"future"}
    soon = chart(PATIENT, observation(effectiveDateTime="2026-11-20T12:04:00Z", valueQuantity=quantity(1, "mg/dL")))
    assert soon.measurements["lab-creatinine"][0].at.first == NOW


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "active"),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, "history"),
        ({"clinicalStatus": "active"}, "active"),
        ({"abatementDateTime": "2020-01-01"}, "history"),
        ({"abatementBoolean": True}, "history"),
        ({"verificationStatus": {"coding": [{"code": "differential"}]}}, "possible"),
    ],
)
def test_states_of_a_condition(more, state):
    (read,) = chart(PATIENT, condition(**more)).problems
    assert (read.state, read.code, "cond-ckd-stage-4" in read.concepts) == (state, "N184", True)


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_refuted_condition_is_dropped_and_told(status):
    read = chart(PATIENT, condition(verificationStatus={"coding": [{"code": status}]}))
    assert read.problems == ()
    assert kinds(read) == {"not-used"}


@pytest.mark.parametrize(
    ("more", "onset"),
    [
        ({"onsetDateTime": "2025-05"}, "2025-05"),
        ({"onsetAge": {"value": 50, "unit": "years", "code": "a"}}, "2006"),
        ({"recordedDate": "2025-01-02"}, "2025-01-02"),
        ({"encounter": {"reference": "Encounter/e1"}}, "2026-11-18 06:00"),
        ({}, "None"),
    ],
)
def test_onset(more, onset):
    assert str(chart(PATIENT, STAY, condition(**more)).problems[0].onset) == onset


def test_supplies_doses_given_stays_devices_and_acts():
    dispense = {
        "resourceType": "MedicationDispense",
        "id": "d",
        "status": "completed",
        "subject": P1,
        "medicationCodeableConcept": TABLET,
        "authorizingPrescription": [{"reference": "MedicationRequest/m1"}],
        "quantity": {"value": 90},
        "daysSupply": quantity(30, "days", system=UCUM, code="d"),
        "whenHandedOver": "2026-10-15",
    }
    given = {
        "resourceType": "MedicationAdministration",
        "id": "g",
        "status": "not-done",
        "subject": P1,
        "medicationCodeableConcept": TABLET,
        "effectiveDateTime": "2026-11-20T08:00:00Z",
        "dosage": {"dose": quantity(2, "tablet")},
    }
    device = {
        "resourceType": "Device",
        "id": "v",
        "status": "active",
        "patient": P1,
        "type": {"text": "Intrathecal baclofen pump"},
    }
    diet = {
        "resourceType": "NutritionOrder",
        "id": "n",
        "status": "active",
        "patient": P1,
        "dateTime": "2026-11-20T08:00:00Z",
        "oralDiet": {"type": [{"coding": [{"system": FACT, "code": "npo"}]}]},
    }
    read = chart(PATIENT, dispense, given, device, diet, STAY)
    assert (read.supplies[0].days, read.supplies[0].quantity, read.supplies[0].order) == (
        30,
        90,
        "MedicationRequest/m1",
    )
    assert (read.given[0].given, read.given[0].amount) == (False, 20)
    assert read.implants[0].active
    assert (read.acts[0].state, read.acts[0].concepts) == ("active", {"fact-npo"})
    assert (read.stays[0].inpatient, read.stays[0].current) == (True, True)


def test_our_own_issue_coming_back_is_an_acknowledgement():
    issue = {
        "resourceType": "DetectedIssue",
        "id": "i",
        "status": "final",
        "patient": P1,
        "code": {
            "coding": [
                {
                    "system": "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue",
                    "code": "BAC-RENAL-04",
                }
            ]
        },
        "implicated": [{"reference": "MedicationRequest/m1"}],
        "mitigation": [
            {
                "action": {"coding": [{"code": "1"}]},
                "date": "2026-11-10",
                "author": {"reference": "Practitioner/1"},
            }
        ],
    }
    (read,) = chart(PATIENT, issue).acknowledgements
    assert (read.rule, read.override, read.implicated) == ("BAC-RENAL-04", True, {"MedicationRequest/m1"})
    assert chart(PATIENT, {**issue, "mitigation": []}).acknowledgements == ()


OTHER = {**PATIENT, "id": "p2"}


@pytest.mark.parametrize("subject", ["Patient/p1", "p1", "https://h/fhir/Patient/p1"])
def test_the_subject_named_is_judged_and_others_are_told(subject):
    read = chart(PATIENT, OTHER, order(), condition(subject={"reference": "Patient/p2"}), subject=subject)
    assert (read.patient.ref, len(read.orders), read.problems) == ("Patient/p1", 1, ())
    assert kinds(read) == {"other-patient"}


@pytest.mark.parametrize("resources", [[PATIENT, OTHER], [order(), condition(subject={"reference": "Patient/p2"})]])
def test_two_patients_and_none_named(resources):
    with pytest.raises(TooManyPatients) as caught:
        chart(*resources)
    assert caught.value.status == 422


def test_a_resource_that_names_nobody():
    alone = chart(PATIENT, order(subject=None))
    assert len(alone.orders) == 1
    assert kinds(alone) == {"assumption"}
    two = chart(PATIENT, OTHER, order(subject=None), subject="p1")
    assert two.orders == ()
    assert any(each.kind == "other-patient" and each.needed for each in two.troubles)


@pytest.mark.parametrize(("target", "needed"), [("Patient/p9", False), ("urn:uuid:lost", True), ("qqq", True)])
def test_a_subject_that_leads_nowhere_is_asked_for(target, needed):
    read = chart(PATIENT, order(subject={"reference": target}), STAY)
    assert read.orders == ()
    assert [each.needed for each in read.troubles] == [needed]


def test_a_subject_nothing_is_about_is_no_patient_without_hazards():
    read = chart(PATIENT, order(), subject="Patient/somebody")
    assert any(each.needed for each in read.troubles)


def test_what_was_received():
    read = chart(PATIENT, order(), STAY)
    assert read.received == {"Patient": "sent", "MedicationRequest": "sent", "Encounter": "sent"}
    whole = read_chart(
        bundle(PATIENT, meta={"tag": [{"system": FACT, "code": "complete-record"}]}),
        as_of=NOW,
        subject=None,
        terms=terms(),
    )
    assert whole.was_sent("Condition")
    assert whole.received["*"] == "answered"


def test_dates_are_of_the_site_when_as_of_is_utc():
    read = chart(PATIENT, order(), site_zone=ZoneInfo("Europe/Paris"))
    assert read.orders[0].start.first.utcoffset().total_seconds() == 7200


def test_strict_names_every_place_that_does_not_fit():
    read = chart(PATIENT, order(foo=1), strict=True)
    assert [(each.ref, each.path) for each in read.troubles] == [("MedicationRequest/m1", "foo")]


def test_not_a_bundle():
    with pytest.raises(NotFhir):
        read_chart({"resourceType": "Patient"}, as_of=NOW, subject=None, terms=terms())


def test_deep_extensions_break_nothing():
    deep = {"url": "x"}
    for _ in range(150):
        deep = {"url": "x", "extension": [deep]}
    assert len(chart(PATIENT, order(extension=[deep]), order(extension=[deep])).orders) == 1


WIDER = os.environ.get("BACLOFEN_SAFETY_WIDER_DATA")


if WIDER:  # a wider run over a folder of real records

    def test_wider_data_raises_nothing():
        for path in sorted(Path(WIDER).rglob("*.json")):
            try:
                document = orjson.loads(path.read_bytes())
            except orjson.JSONDecodeError:
                continue
            if not isinstance(document, dict):
                continue
            if document.get("resourceType") != "Bundle":
                document = bundle(document)
            try:
                read_chart(document, as_of=NOW, subject=None, terms=terms())
            except TooManyPatients:
                continue


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"valueQuantity": None}, "value"),
        ({"valueQuantity": None, "valueString": "haemolysed"}, "valueString"),
        ({"effectiveDateTime": None}, "effectiveDateTime"),
        ({"code": None}, "code"),
        ({"code": {}}, "code"),
    ],
)
def test_a_result_without_value_time_or_code_is_no_unmeasured_one(more, path):
    sent = {**observation(valueQuantity=quantity(1.2, "mg/dL")), **more}
    read = chart({key: value for key, value in sent.items() if value is not None})
    (trouble,) = read.troubles
    assert (trouble.kind, trouble.path, trouble.needed) == ("unreadable", path, True)


def test_a_result_said_to_be_absent_or_of_no_interest_is_not_asked_for():
    absent = observation(dataAbsentReason={"text": "not performed"})
    strange = observation(code="99999-9", id="o2")
    assert chart(absent, strange).troubles == ()


@pytest.mark.parametrize(
    "more",
    [
        {"valueString": "114 qqq"},
        {"valueRange": {"low": {"value": 1}, "high": {"value": 2}}},
        {"valueRange": {"low": quantity(1, "qqq"), "high": quantity(2, "qqq")}},
    ],
)
def test_a_unit_nobody_knows_is_told_in_every_shape(more):
    assert [trouble.kind for trouble in chart(observation(**more)).troubles] == ["unit"]


@pytest.mark.parametrize("system", ["", "http://loinc.org0", None])
def test_a_loinc_code_without_its_system_is_told(system):
    coding = {"code": "2160-0"} | ({} if system is None else {"system": system})
    (trouble,) = chart(observation() | {"code": {"coding": [coding]}}).troubles
    assert (trouble.kind, trouble.path, trouble.needed) == ("unreadable", "code", True)


@pytest.mark.parametrize(
    ("coding", "needed"),
    [
        ({"system": "http://snomed.info/sct", "code": "387342009"}, True),
        ({"system": "http://hl7.org/fhir/sid/ndc", "code": "99999-9999-99"}, True),
        ({"system": "http://local", "code": "4711", "display": "Xyzzy forte"}, False),
    ],
)
def test_a_medicine_known_by_a_number_alone_may_be_baclofen(coding, needed):
    (trouble,) = chart(order(medicationCodeableConcept={"coding": [coding]})).troubles
    assert (trouble.kind, trouble.needed) == ("unrecognised-medicine", needed)


@pytest.mark.parametrize(
    ("medicine", "needed"),
    [
        ({"coding": [{"system": "http://local", "code": "2729W"}]}, True),
        ({"coding": [{"system": "http://local", "code": "1249402F1022"}]}, True),
        ({"coding": [{"system": "http://local", "code": "unknown"}]}, True),
        ({"coding": [{"system": "http://snomed.info/sct", "code": "763158003", "display": "Medicinal product"}]}, True),
        ({"text": "prescribed medication"}, True),
        ({"text": "Tablet 10 mg"}, True),
        ({"text": "Baclofn 10 mg"}, True),
        ({"text": "bac lofen"}, True),
        ({"text": "Baclosal"}, True),
        ({"text": "ITB pump"}, True),
        ({"text": "intrathecal pump refill"}, True),
        ({"text": "insulin pump"}, False),
        ({"text": "No known medications"}, False),
        ({"text": "Little pink pill for water retention"}, False),
        ({"coding": [{"system": "http://local", "code": "alecensa"}]}, False),
    ],
)
def test_a_name_that_fits_any_medicine_may_be_baclofen(medicine, needed):
    (trouble,) = chart(order(medicationCodeableConcept=medicine)).troubles
    assert (trouble.kind, trouble.needed) == ("unrecognised-medicine", needed)
    assert ("it may be baclofen" in trouble.says) is needed


def test_an_order_of_stu3_may_say_no_status():
    dosage = [{"doseQuantity": quantity(10, "mg"), "timing": THRICE[0]["timing"]}]
    read = chart(order(status=None, dosageInstruction=dosage, context={"reference": "Encounter/e1"}))
    assert (read.orders[0].status, read.troubles) == ("unknown", ())
    (trouble,) = chart(order(status=None)).troubles
    assert (trouble.kind, trouble.path, trouble.needed) == ("unreadable", "status", True)


@pytest.mark.parametrize(("route", "concept"), [("oraal", "oral"), ("経口", "oral"), ("zum Einnehmen", "oral")])
def test_routes_in_the_words_of_other_countries(route, concept):
    read = chart(order(dosageInstruction=[{**THRICE[0], "route": {"text": route}}]))
    assert (read.orders[0].route, read.troubles) == (f"route-{concept}", ())


@pytest.mark.parametrize(
    ("coding", "told"),
    [
        ({"system": "http://snomed.info/sct", "code": "733002111"}, [True]),
        ({"system": "http://local", "code": "x"}, [True]),
        ({"system": "http://local", "code": "x", "display": "Ingrown toenail"}, []),
        ({"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "L60.0"}, []),
    ],
)
def test_a_condition_known_by_a_code_alone_is_not_assessed_and_told(coding, told):
    read = chart(PATIENT, condition(code={"coding": [coding]}))
    assert [trouble.needed for trouble in read.troubles] == told


def test_a_result_named_by_words_alone_is_used_or_told():
    egfr = {**observation(valueQuantity=quantity(12, "mL/min/1.73m2")), "code": {"text": "eGFR"}}
    used = chart(PATIENT, egfr)
    assert "lab-egfr-unspecified-formula" in used.measurements
    assert not used.troubles
    told = chart(PATIENT, {**observation(valueQuantity=quantity(4, "mg/dL")), "code": {"text": "Kidney value"}})
    assert not told.measurements
    assert kinds(told) == {"unreadable"}
