"""What stands beside the orders, in the shapes senders use: who, where, what was done, given, planned, measured."""

from decimal import Decimal

import pytest
from test_reading import FACT, NOW, P1, PATIENT, TABLET, chart, condition, kinds, observation, order, quantity, terms

from baclofen_safety.fhir.numbers import read_number
from baclofen_safety.fhir.reading import read_chart

PUMP = {"coding": [{"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "C1772"}]}
REFILL = {"coding": [{"system": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "code": "A4220"}]}
DIALYSIS = {"coding": [{"system": "http://snomed.info/sct", "code": "302497006"}]}
OURS = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue"
PERSON = {"resourceType": "Patient", "id": "p1"}


def fact(code):
    return {"coding": [{"system": FACT, "code": code}]}


def made(kind, **more):
    return {"resourceType": kind, "id": "x", "status": "active", "subject": P1, **more}


def read(*resources, patient=PATIENT):
    return chart(patient, *resources)


# --- people


@pytest.mark.parametrize(
    ("more", "sex"),
    [
        ({"gender": "male"}, "male"),
        ({"gender": "other"}, None),
        ({"gender": "other", "extension": [{"url": "http://x"}, {"url": "BIRTH", "valueCode": "F"}]}, "female"),
        ({"gender": "male", "extension": [{"url": "BIRTH", "valueCode": "UNK"}]}, "male"),
        ({"gender": "male", "extension": "BIRTH"}, "male"),
    ],
)
def test_sex_for_formulas_is_the_birth_sex(more, sex):
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    if isinstance(more.get("extension"), list):
        more = {**more, "extension": [{**e, "url": e["url"].replace("BIRTH", url)} for e in more["extension"]]}
    assert read(patient={**PERSON, **more}).patient.sex == sex


def test_time_of_birth_is_finer_than_the_date():
    url = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
    person = {**PERSON, "birthDate": "2026-11-19", "_birthDate": {"extension": [{"url": url}]}}
    assert read(patient=person).patient.birth.precision == "day"
    person["_birthDate"]["extension"].append({"url": url, "valueDateTime": "2026-11-19T04:00:00Z"})
    assert read(patient=person).patient.birth.precision == "time"


def test_born_tomorrow_is_told():
    found = read(patient={**PERSON, "birthDate": "2026-12-01"})
    assert found.patient.birth is None
    assert [(t.kind, t.needed) for t in found.troubles] == [("future", True)]


@pytest.mark.parametrize(
    ("spoken", "language"),
    [
        ([{"language": {"coding": [{"code": "de"}]}}], "de"),
        ([{"language": {"text": "German"}}], None),
        ([{"language": {"coding": [{"code": "de"}]}}, {"language": {"coding": [{"code": "fr"}]}}], None),
        (
            [
                {"language": {"coding": [{"code": "de"}]}},
                {"language": {"coding": [{"code": "fr"}]}, "preferred": True},
            ],
            "fr",
        ),
    ],
)
def test_language(spoken, language):
    assert read(patient={**PERSON, "communication": spoken}).patient.language == language


@pytest.mark.parametrize(("system", "value", "used"), [("urn:mrn", "7", 1), ("urn:mrn", "8", 0), ("urn:other", "7", 1)])
def test_a_patient_named_by_identifier_only(system, value, used):
    person = {**PATIENT, "identifier": [{"system": "urn:mrn", "value": "7"}, "8"]}
    subject = {"identifier": {"system": system, "value": value}}
    found = chart(person, order(subject=subject))
    assert len(found.orders) == used
    assert ("other-patient" in kinds(found)) is (not used)


def test_an_appointment_names_the_patient_among_its_people():
    people = [{"actor": {"reference": "Practitioner/1"}}, {"actor": P1}, "nobody"]
    visit = {**made("Appointment", participant=people, serviceType=[REFILL], start="2026-12-01T09:00:00Z")}
    visit |= {"status": "booked", "subject": None}
    assert [act.state for act in read(visit).acts] == ["planned"]
    other = [{"actor": {"reference": "Patient/p2"}}]
    assert not chart(PATIENT, {**visit, "participant": other}, subject="p1").acts


@pytest.mark.parametrize(
    ("more", "ref"),
    [
        ({}, "RelatedPerson/x"),
        ({"active": False}, None),
        ({"period": {"end": "2026-01-01"}}, None),
        ({"period": {"end": "2027-01-01"}}, "RelatedPerson/x"),
    ],
)
def test_who_speaks_for_the_patient(more, ref):
    assert read({"resourceType": "RelatedPerson", "id": "x", "patient": P1, **more}).caregiver_ref == ref


@pytest.mark.parametrize(("status", "ref"), [("active", "CareTeam/x"), ("inactive", None), ("proposed", None)])
def test_the_team_to_fall_back_on(status, ref):
    assert read(made("CareTeam", status=status)).team_ref == ref


def test_of_several_the_first_by_reference_in_any_order():
    people = [{"resourceType": "RelatedPerson", "id": name, "patient": P1} for name in "ba"]
    teams = [made("CareTeam", id=name) for name in "ba"]
    for several in ([*people, *teams], [*reversed(people), *reversed(teams)]):
        found = read(*several)
        assert (found.caregiver_ref, found.team_ref) == ("RelatedPerson/a", "CareTeam/a")


# --- stays


@pytest.mark.parametrize(
    ("more", "inpatient", "current"),
    [
        ({"class": {"code": "IMP"}, "period": {"start": "2026-11-19"}}, True, True),
        ({"class": [{"coding": [{"code": "IMP"}]}], "actualPeriod": {"start": "2026-11-19"}}, True, True),
        ({"class": "inpatient", "period": {"start": "2026-11-19"}}, True, True),
        ({"class": {"code": "AMB"}, "period": {"start": "2026-11-19"}}, False, True),
        ({"class": {"code": "IMP"}, "period": {"start": "2026-11-25"}}, True, False),
        ({"class": {"code": "IMP"}, "period": {"start": "2026-11-01", "end": "2026-11-10"}}, True, False),
        ({"class": {"code": "IMP"}, "period": {"start": "2026-11-01", "end": "2026-11-30"}}, True, True),
        ({"class": {"code": "IMP"}, "status": "finished"}, True, False),
    ],
)
def test_stays(more, inpatient, current):
    (stay,) = read(made("Encounter", **{"status": "in-progress", **more})).stays
    assert (stay.inpatient, stay.current) == (inpatient, current)


@pytest.mark.parametrize(("status", "told"), [("planned", set()), ("entered-in-error", {"not-used"})])
def test_encounters_that_are_no_stay(status, told):
    found = read(made("Encounter", status=status, **{"class": {"code": "IMP"}}))
    assert (found.stays, kinds(found)) == ((), told)


def test_the_attending_clinician():
    attends = [{"coding": [{"code": "ATND"}]}]
    people = [
        {"type": [{"coding": [{"code": "CON"}]}], "individual": {"reference": "Practitioner/1"}},
        {"type": attends, "individual": {"reference": "Practitioner/2"}},
    ]
    (stay,) = read(made("Encounter", participant=people)).stays
    assert stay.attender_ref == "Practitioner/2"


# --- things in and around the patient


@pytest.mark.parametrize(
    ("device", "active"),
    [
        ({"type": PUMP}, True),
        ({"type": PUMP, "status": "inactive"}, False),
        ({"type": {"text": "SynchroMed II pump"}, "status": "unknown"}, True),
        ({"deviceName": [{"name": "SynchroMed II"}], "model": "8637-40"}, True),
        ({"name": [{"value": "SynchroMed II"}]}, True),
    ],
)
def test_devices(device, active):
    (implant,) = read({"resourceType": "Device", "id": "x", "patient": P1, **device}).implants
    assert implant.active is active


def test_devices_of_other_kinds_and_in_error_are_none():
    assert not read({"resourceType": "Device", "id": "x", "patient": P1, "type": {"text": "hearing aid"}}).implants
    for kind in ("Device", "DeviceUseStatement"):
        found = read({"resourceType": kind, "id": "x", "patient": P1, "status": "entered-in-error"})
        assert (found.implants, kinds(found)) == ((), {"not-used"})


@pytest.mark.parametrize(
    "use",
    [
        {"device": {"reference": "Device/d"}},
        {"device": {"reference": {"reference": "Device/d"}}},
        {"device": {"display": "SynchroMed II pump"}},
        {"device": {"concept": PUMP}},
    ],
)
def test_uses_of_a_device(use):
    device = {"resourceType": "Device", "id": "d", "type": PUMP}
    used = read(made("DeviceUseStatement", **use), device).implants
    assert any(one.ref == "DeviceUseStatement/x" and one.active for one in used)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"title": "Discharge medications"}, "discharge"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "10183-2"}]}}, "discharge"),
        ({"title": "Medications on admission"}, "home"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "42346-7"}]}}, "home"),
    ],
)
def test_medicine_lists(more, kind):
    items = [
        {"item": {"reference": "MedicationRequest/m1"}},
        {"item": {"reference": "MedicationRequest/m2"}, "deleted": True},
        {"item": {"reference": "MedicationRequest/m3"}, "flag": {"text": "Stopped"}},
        {"item": {"display": "something"}},
    ]
    (held,) = read(made("List", status="current", date="2026-11-10", entry=items, **more)).lists
    assert (held.kind, held.medicines) == (kind, ("MedicationRequest/m1",))
    assert held.removed == ("MedicationRequest/m2", "MedicationRequest/m3")
    gone = made("List", status="retired", **more)
    assert not read(gone).lists


def test_other_lists_are_none():
    assert not read(made("List", status="current", title="Allergies")).lists


def test_medicine_sections_of_a_document_at_any_depth():
    section = {"title": "Discharge medications", "entry": [{"reference": "MedicationRequest/m1"}, {"display": "x"}]}
    for nested in ([section], [{"title": "Course", "section": [section]}]):
        (held,) = read(made("Composition", status="final", date="2026-11-10", section=nested)).lists
        assert (held.kind, held.medicines, held.at.day.day) == ("discharge", ("MedicationRequest/m1",), 10)
    assert not read(made("Composition", status="entered-in-error", section=[section])).lists
    deep = section
    for _ in range(6):
        deep = {"title": "Course", "section": [deep]}
    assert not read(made("Composition", status="final", section=[deep])).lists


def our_issue(**more):
    code = {"coding": [{"system": OURS, "code": "BAC-DOSE-01"}]}
    issue = {"resourceType": "DetectedIssue", "id": "x", "status": "final", "patient": P1, "code": code}
    return {**issue, "identifiedDateTime": "2026-11-01T00:00:00Z", **more}


ACTION = {"action": {"coding": [{"code": "1"}]}, "date": "2026-11-05"}
DOCTOR = {"author": {"reference": "Practitioner/1"}}
MACHINE = {"author": {"reference": "Device/1"}}


@pytest.mark.parametrize(
    ("more", "day", "override"),
    [
        ({"mitigation": [{**ACTION, **DOCTOR}]}, 5, True),
        ({"mitigation": [ACTION]}, 5, False),
        ({"mitigation": [{**DOCTOR, "action": {"coding": [{"code": "12"}]}}]}, 1, False),
        ({"status": "mitigated"}, 1, False),
        ({"status": "mitigated", "mitigation": [{**ACTION, **MACHINE}]}, 1, False),
    ],
)
def test_a_human_action_on_our_issue(more, day, override):
    (acted,) = read(our_issue(**more)).acknowledgements
    assert (acted.rule, acted.at.day.day, acted.override) == ("BAC-DOSE-01", day, override)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"mitigation": [{**ACTION, **MACHINE}]},
        {"status": "entered-in-error", "mitigation": [ACTION]},
        {"code": {"coding": [{"system": "http://elsewhere", "code": "BAC-DOSE-01"}]}, "mitigation": [ACTION]},
    ],
)
def test_what_is_no_human_action_on_our_issue(more):
    assert not read(our_issue(**more)).acknowledgements


# --- supplies and doses given


def dispense(**more):
    supply = {
        "status": "completed",
        "medicationCodeableConcept": TABLET,
        "whenHandedOver": "2026-11-01",
        "daysSupply": quantity(30, "d"),
        "quantity": quantity(90, "tablet"),
    }
    return made("MedicationDispense", **{**supply, **more})


def test_a_hand_over():
    sig = [
        {
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg"}}],
        }
    ]
    more = {"performer": [{"function": {}}, {"actor": {"reference": "Practitioner/p"}}], "dosageInstruction": sig}
    (held,) = read(dispense(authorizingPrescription=[{"reference": "MedicationRequest/m1"}], **more)).supplies
    assert (held.given, held.days, held.quantity, held.daily) == (True, 30, 90, 30)
    assert (held.order, held.pharmacist_ref) == ("MedicationRequest/m1", "Practitioner/p")
    other = read(dispense(performer=[{}], quantity=quantity(0, "tablet"))).supplies[0]
    assert (other.pharmacist_ref, other.quantity, other.daily) == (None, None, None)


@pytest.mark.parametrize(
    ("more", "given", "told"),
    [
        ({"status": "entered-in-error"}, None, {"not-used"}),
        ({"status": "in-progress"}, None, set()),
        ({"status": "declined"}, False, set()),
        ({"notDone": True}, False, set()),
        ({"status": "done"}, True, {"unreadable"}),
        ({"status": "done", "whenHandedOver": None}, None, {"unreadable"}),
        ({"whenHandedOver": None, "whenPrepared": "2026-11-01"}, True, {"assumption"}),
        ({"whenHandedOver": "2026-12-01"}, None, {"future"}),
    ],
)
def test_states_of_a_hand_over(more, given, told):
    found = read({key: value for key, value in dispense(**more).items() if value is not None})
    assert [one.given for one in found.supplies] == ([] if given is None else [given])
    assert kinds(found) == told


def administration(**more):
    dosage = {"dose": quantity(10, "mg"), "route": {"text": "oral"}}
    dose = {"status": "completed", "medicationCodeableConcept": TABLET, "dosage": dosage}
    return made("MedicationAdministration", **{**dose, "effectiveDateTime": "2026-11-19T08:00:00Z", **more})


@pytest.mark.parametrize(
    ("more", "given", "told"),
    [
        ({}, True, set()),
        ({"status": "not-done"}, False, set()),
        ({"notGiven": True}, False, set()),
        ({"status": "entered-in-error"}, None, {"not-used"}),
        ({"status": "unknown"}, None, {"not-used"}),
        ({"status": "on-hold"}, None, {"not-used"}),
        ({"effectiveDateTime": "2026-12-01"}, None, {"future"}),
    ],
)
def test_states_of_a_dose(more, given, told):
    found = read(administration(**more))
    assert [one.given for one in found.given] == ([] if given is None else [given])
    assert kinds(found) == told


@pytest.mark.parametrize(
    ("dose", "amount", "told"),
    [
        (quantity(10, "mg"), Decimal(10), set()),
        (quantity(0.01, "g"), Decimal(10), set()),
        (quantity(2, "tablet"), Decimal(20), set()),
        (quantity(2, "spoon"), None, {"unit"}),
        ({"unit": "mg"}, None, set()),
    ],
)
def test_amount_of_a_dose(dose, amount, told):
    found = read(administration(dosage={"dose": dose, "route": {"text": "oral"}}))
    assert found.given[0].amount == amount
    assert kinds(found) == told


@pytest.mark.parametrize("key", ["effectivePeriod", "occurencePeriod", "occurrencePeriod", None])
def test_time_of_a_dose(key):
    dose = administration()
    dose.pop("effectiveDateTime")
    (given,) = read(dose | ({key: {"start": "2026-11-19"}} if key else {})).given
    assert (given.at.day.day if given.at else None) == (19 if key else None)


def test_a_filled_reservoir():
    dosage = {"dose": quantity(20, "mg"), "route": {"text": "intrathecal"}, "text": "pump refill"}
    (given,) = read(administration(medicationCodeableConcept={"text": "baclofen injection"}, dosage=dosage)).given
    assert (given.amount, given.reservoir) == (20000, True)


# --- done and planned


@pytest.mark.parametrize(
    ("more", "state", "told"),
    [
        ({"status": "completed"}, "done", set()),
        ({"status": "preparation"}, "planned", set()),
        ({"status": "completed", "notDone": True}, "not-done", set()),
        ({"status": "stopped"}, "unsure", set()),
        ({"status": "done"}, "unsure", {"unreadable"}),
        ({"status": "entered-in-error"}, None, {"not-used"}),
        ({"status": "completed", "performedDateTime": "2026-12-01"}, None, {"future"}),
        ({"status": "completed", "code": {"text": "haircut"}}, None, set()),
        ({"status": "completed", "code": {"concept": DIALYSIS}}, "done", set()),
        ({"status": "completed", "code": {"reference": {"display": "haemodialysis"}}}, "done", set()),
        ({"status": "completed", "code": [DIALYSIS, {"text": "routine"}]}, "done", set()),
    ],
)
def test_procedures(more, state, told):
    found = read(made("Procedure", **{"code": DIALYSIS, **more}))
    assert [act.state for act in found.acts] == ([state] if state else [])
    assert kinds(found) == told


def test_a_refill_counts_from_its_end():
    period = {"start": "2026-11-01T08:00:00Z", "end": "2026-11-01T09:00:00Z"}
    (act,) = read(made("Procedure", status="completed", code=REFILL, occurrencePeriod=period)).acts
    assert act.start.first.hour == 9
    today = {"start": "2026-11-20", "end": "2026-11-20"}
    (act,) = read(made("Procedure", status="completed", code=REFILL, performedPeriod=today)).acts
    assert act.start.day.day == 20


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"occurrenceDateTime": "2026-12-01"}, "planned"),
        ({"occurrenceDateTime": "2026-11-01"}, "active"),
        ({"occurrenceDateTime": "2026-11-01", "status": "on-hold"}, "planned"),
        ({"occurrenceTiming": {"repeat": {"boundsPeriod": {"start": "2026-11-01"}}}}, "active"),
        ({"status": "completed", "occurrenceDateTime": "2026-11-01"}, "done"),
        ({"status": "completed"}, "unsure"),
        ({"status": None}, "planned"),
        ({"status": "revoked"}, None),
        ({"doNotPerform": True}, None),
        ({"code": {"text": "haircut"}}, None),
        (
            {"code": {"text": "please see"}, "note": [{"text": "for haemodialysis"}], "patientInstruction": "come"},
            "planned",
        ),
    ],
)
def test_services_asked_for(more, state):
    found = read(made("ServiceRequest", **{"intent": "order", "code": DIALYSIS, **more}))
    assert [act.state for act in found.acts] == ([state] if state else [])
    assert bool(found.troubles) is ("status" in more and more["status"] is None)


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"start": "2026-12-01T09:00:00Z"}, "planned"),
        ({"start": "2026-11-01T09:00:00Z"}, "unsure"),
        ({"start": "2026-11-01T09:00:00Z", "status": "fulfilled"}, "unsure"),
        ({"status": "cancelled"}, None),
        ({"serviceType": [{"text": "hearing test"}]}, None),
        ({"serviceType": [], "comment": "baclofen review"}, "planned"),
    ],
)
def test_bookings(more, state):
    people = [{"actor": P1, "status": "accepted"}]
    visit = {"resourceType": "Appointment", "id": "x", "status": "booked", "participant": people}
    found = read({**visit, "serviceType": [REFILL], **more})
    assert [act.state for act in found.acts] == ([state] if state else [])


@pytest.mark.parametrize(
    ("diet", "more", "state"),
    [
        ({"type": [fact("npo")]}, {"dateTime": "2026-11-19"}, "active"),
        ({"type": [fact("npo")]}, {"dateTime": "2026-11-21"}, "planned"),
        ({"type": [fact("npo")]}, {"status": "revoked"}, None),
        ({"type": [{"text": "soft diet"}]}, {}, None),
        (
            {"type": [fact("npo")], "schedule": {"timing": [{"repeat": {"boundsPeriod": {"end": "2026-11-10"}}}]}},
            {},
            "done",
        ),
        (
            {
                "type": [fact("npo")],
                "schedule": [{"repeat": {}}, {"repeat": {"boundsPeriod": {"start": "2026-12-01"}}}],
            },
            {},
            "planned",
        ),
    ],
)
def test_diets(diet, more, state):
    found = read(
        {"resourceType": "NutritionOrder", "id": "x", "status": "active", "patient": P1, "oralDiet": diet, **more}
    )
    assert [act.state for act in found.acts] == ([state] if state else [])


@pytest.mark.parametrize(
    ("more", "state"), [({}, "active"), ({"status": "completed"}, "done"), ({"status": "draft"}, None)]
)
def test_care_plans(more, state):
    plan = made("CarePlan", intent="plan", category=[fact("perioperative-baclofen-plan")], created="2026-11-01", **more)
    found = read(plan).acts
    assert [act.state for act in found] == ([state] if state else [])
    assert not read(made("CarePlan", title="walk more")).acts


def task(act, **more):
    focus = {"reference": "MedicationRequest/m1"}
    period = {"start": "2026-11-19T08:00:00Z"}
    return made(
        "Task",
        **{
            "status": "completed",
            "code": {"coding": [{"code": act}]},
            "focus": focus,
            "executionPeriod": period,
            "for": P1,
            **more,
        },
    )


def test_tasks_on_orders():
    assert read(order(status="stopped"), task("abort")).orders[0].changed.first.day == 19
    for dead in ({"status": "rejected"}, {"focus": None}, {"code": {"text": "call"}}, {"executionPeriod": {}}):
        assert read(order(status="stopped"), task("abort", **dead)).orders[0].changed is None
    held = order(status="on-hold")
    resumes = [task("resume", id=str(day), restriction={"period": {"start": f"2026-11-{day}"}}) for day in (25, 23)]
    assert read(held, *resumes).orders[0].resume_at.day.day == 23
    assert read(held, task("resume")).orders[0].resume_at is None


def provenance(**more):
    target = [{"reference": "MedicationRequest/m1"}]
    return {"resourceType": "Provenance", "id": "x", "target": target, "recorded": "2026-11-19T08:00:00Z", **more}


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({}, 19),
        ({"occurredDateTime": "2026-11-18"}, 18),
        ({"occurredPeriod": {"start": "2026-11-16", "end": "2026-11-17"}}, 17),
        ({"activity": {"coding": [{"code": "CREATE"}]}}, None),
        ({"target": []}, None),
        ({"target": [{"reference": "MedicationRequest/m1"}, {"reference": "Patient/p1"}]}, None),
        ({"recorded": None}, None),
    ],
)
def test_recorded_changes_of_orders(more, day):
    (found,) = read(order(status="stopped"), {k: v for k, v in provenance(**more).items() if v is not None}).orders
    assert (found.changed.day.day if found.changed else None) == day


def test_recorded_changes_of_orders_of_dstu2():
    old = {"resourceType": "MedicationOrder", "dateWritten": "2026-11-01"}
    sent = {key: value for key, value in order(status="stopped").items() if key not in ("intent", "authoredOn")} | old
    target = [{"reference": "MedicationOrder/m1"}]
    (found,) = read(sent, provenance(target=target)).orders
    assert found.changed.day.day == 19


# --- problems


@pytest.mark.parametrize(
    ("more", "state", "told"),
    [
        ({"clinicalStatus": {"coding": [{"code": "active"}]}}, "active", set()),
        ({"clinicalStatus": "resolved"}, "history", set()),
        ({"abatementDateTime": "2020-01-01"}, "history", set()),
        ({"abatementPeriod": {"end": "2020-01-01"}}, "history", set()),
        ({"abatementBoolean": True}, "history", set()),
        ({"clinicalStatus": "qqq"}, "active", {"unreadable"}),
        ({"verificationStatus": "unconfirmed"}, "possible", set()),
        ({"verificationStatus": "qqq"}, "possible", {"unreadable"}),
        ({"verificationStatus": "refuted"}, None, {"not-used"}),
        ({"code": {"text": "Family history of CKD stage 4"}}, None, {"not-used"}),
        ({"code": {}}, None, {"unrecognised-condition"}),
        ({"code": {"text": "hay fever"}}, None, set()),
        ({"onsetDateTime": "2026-12-01"}, None, {"future"}),
    ],
)
def test_problems(more, state, told):
    found = read(condition(**more))
    assert [problem.state for problem in found.problems] == ([state] if state else [])
    assert kinds(found) == told


@pytest.mark.parametrize(
    ("more", "onset"),
    [
        ({"onsetDateTime": "2020-05-01"}, "2020-05-01"),
        ({"onsetPeriod": {"start": "2020-05-01"}}, "2020-05-01"),
        ({"onsetAge": quantity(40, "years", code="a")}, "1996"),
        ({"onsetAge": quantity(40, "years")}, "1996"),
        ({"onsetAge": quantity(40, "moons")}, None),
        ({"onsetAge": quantity(480, "mo", code="mo")}, None),
        ({"recordedDate": "2021-01-01"}, "2021-01-01"),
        ({"encounter": {"reference": "Encounter/e"}}, "2022-02-02"),
        ({}, None),
    ],
)
def test_onset(more, onset):
    visit = made("Encounter", id="e", status="finished", period={"start": "2022-02-02"})
    (problem,) = read(condition(**more), visit).problems
    assert (str(problem.onset) if problem.onset else None) == onset


def test_stage_and_several_codes():
    codes = [{"system": "http://local", "code": "7"}, {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "N18.4"}]
    (problem,) = read(condition(code={"coding": codes}, stage=[{"summary": {"text": "stage 4"}}])).problems
    assert (problem.code, problem.text.endswith("stage 4")) == ("N184", True)


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "active"),
        ({"status": "inactive"}, "history"),
        ({"period": {"end": "2026-01-01"}}, "history"),
        ({"status": "entered-in-error"}, None),
        ({"code": {"text": "likes tea"}}, None),
    ],
)
def test_flags(more, state):
    found = read(made("Flag", **{"code": fact("comfort-care"), **more}))
    assert [problem.state for problem in found.problems] == ([state] if state else [])


# --- measurements


def measured(**more):
    found = read(observation(**more)).measurements.get("lab-creatinine", ())
    return found[0] if found else None


@pytest.mark.parametrize(
    ("more", "low", "high", "problem"),
    [
        ({"valueQuantity": quantity(1.4, "mg/dL")}, "1.4", "1.4", None),
        ({"valueQuantity": quantity(1.4, "mg/dL", comparator="<")}, None, "1.4", None),
        ({"valueQuantity": quantity(1.4, "mg/dL", comparator="~")}, None, None, "problem"),
        ({"valueQuantity": quantity("many", "mg/dL")}, None, None, "problem"),
        ({"valueQuantity": {"value": 1.4}}, None, None, "problem"),
        ({"valueQuantity": quantity(1.4, "furlong")}, None, None, "problem"),
        ({"valueQuantity": quantity(1.4, "kg")}, None, None, "problem"),
        ({"valueQuantity": quantity(999, "mg/dL")}, None, None, "problem"),
        ({"valueString": "1.2 mg/dL"}, "1.2", "1.2", None),
        ({"valueString": "1.2-1.4 mg/dL"}, "1.2", "1.4", None),
        ({"valueString": "1.2 furlong"}, None, None, "problem"),
        ({"valueString": "see note"}, None, None, "problem"),
        ({"valueRange": {"low": quantity(1.2, "mg/dL"), "high": quantity(1.4, "mg/dL")}}, "1.2", "1.4", None),
        ({"valueRange": {"high": quantity(1.4, "mg/dL")}}, None, "1.4", None),
        ({"valueRange": {"low": {"value": 1.2}}}, None, None, "problem"),
        ({"valueRange": {"low": quantity(1.2, "furlong")}}, None, None, "problem"),
        ({"valueRange": {"low": {"unit": "mg/dL"}}}, None, None, "problem"),
        ({"valueInteger": 1}, None, None, "problem"),
        ({"valueBoolean": "yes"}, None, None, "problem"),
        ({"valueRatio": {}}, None, None, "problem"),
        ({"dataAbsentReason": {"coding": [{"code": "error"}]}}, None, None, "problem"),
    ],
)
def test_values(more, low, high, problem):
    found = measured(**more)
    assert (found.low, found.high) == (low and Decimal(low), high and Decimal(high))
    assert bool(found.problem) is bool(problem)


@pytest.mark.parametrize(
    ("more", "day"),
    [
        ({}, 1),
        ({"effectiveDateTime": None, "effectiveInstant": "2026-11-02T00:00:00Z"}, 2),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-02", "end": "2026-11-03"}}, 3),
        ({"effectiveDateTime": None, "effectiveTiming": {"event": ["2026-11-02", "2026-11-04"]}}, 4),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-20", "end": "2026-11-20"}}, 20),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-02"}}, 2),
        ({"effectiveDateTime": None, "issued": "2026-11-05T00:00:00Z"}, 5),
        ({"effectiveDateTime": None}, None),
        ({"effectiveDateTime": "2026-11-20T12:03:00Z"}, 20),
    ],
)
def test_time_of_a_measurement(more, day):
    full = observation(valueQuantity=quantity(1.4, "mg/dL"), **more)
    (found,) = read({k: v for k, v in full.items() if v is not None}).measurements["lab-creatinine"]
    assert (found.at.day.day if found.at else None) == day
    assert found.at is None or found.at.first <= NOW


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"status": "entered-in-error"}, "not-used"),
        ({"status": "cancelled"}, "not-used"),
        ({"effectiveDateTime": "2026-12-01"}, "future"),
    ],
)
def test_measurements_that_are_not_used_are_told(more, told):
    found = read(observation(valueQuantity=quantity(1.4, "mg/dL"), **more))
    assert not [one for same in found.measurements.values() for one in same if not one.problem]
    assert kinds(found) == {told}


def test_results_inside_a_report():
    inside = observation(valueQuantity=quantity(1.4, "mg/dL"))
    report = made("DiagnosticReport", status="final", contained=[inside, {"resourceType": "Specimen"}])
    (found,) = read(report).measurements["lab-creatinine"]
    assert found.ref == "DiagnosticReport/x#o1"


# --- statements


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"status": "active"}, "active"),
        ({"status": "draft"}, None),
        ({"status": "recorded"}, "unknown"),
        ({"status": "recorded", "adherence": {"code": {"coding": [{"code": "taking"}]}}}, "active"),
        ({"status": "active", "taken": "n"}, "not-taken"),
        ({"status": "not-taken", "effectiveDateTime": "2026-11-01"}, "not-taken"),
    ],
)
def test_statements(more, status):
    found = read(made("MedicationStatement", medicationCodeableConcept=TABLET, **more))
    assert [one.status for one in found.orders] == ([status] if status else [])


def test_a_statement_over_without_a_dosage():
    period = {"start": "2026-01-01", "end": "2026-02-01"}
    (told,) = read(made("MedicationStatement", medicationCodeableConcept=TABLET, effectivePeriod=period)).orders
    assert (told.steps[0].daily, told.steps[0].problems) == (None, ("no dosage was sent",))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1.1, "1.1"),
        ("1.50", "1.50"),
        (Decimal("2"), "2"),
        (Decimal("NaN"), None),
        (True, None),
        (None, None),
        ("x", None),
        (1e300, None),
        ("Infinity", None),
    ],
)
def test_numbers(value, number):
    assert read_number(value) == (number and Decimal(number))


WHO = {
    **PATIENT,
    "name": [{"family": "Example", "given": ["Ann"]}],
    "identifier": [{"system": "urn:mrn", "value": "7"}],
}
ANN = {"resourceType": "Patient", "id": "pt"}


def of_server(base, resource):
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource}


@pytest.mark.parametrize(
    ("subject", "patient", "used", "told"),
    [
        ({"reference": "https://other.example/fhir/Patient/p1"}, WHO, False, True),
        ({"reference": "https://ehr.example/fhir/Patient/p1"}, WHO, True, None),
        ({"reference": "http://EHR.example/fhir/Patient/p1/_history/4"}, WHO, True, None),
        ({"reference": "https://other.example/fhir/Patient/p9"}, WHO, False, False),
        ({"type": "Device", "identifier": {"value": "x"}}, WHO, False, True),
        ({"type": "http://hl7.org/fhir/StructureDefinition/Group"}, WHO, False, True),
        ({"type": "Patient"}, WHO, True, True),
        ({"type": 5, "display": 5}, WHO, True, True),
        ({"display": "Someone Else"}, WHO, False, True),
        ({"display": "EXAMPLE, Ann"}, WHO, True, None),
        ({"display": "Patient 7"}, WHO, True, None),
        ({"display": "Patient"}, WHO, True, True),
        ({"display": "Someone Else"}, {**WHO, "name": None}, True, True),
        ({"display": "Ann Example"}, {**WHO, "name": {"text": "Ann Example"}}, True, None),
        ({}, WHO, True, False),
        ({"reference": "#gone"}, WHO, True, True),
        ({"reference": "#device"}, WHO, False, True),
        ({"reference": "#pt"}, WHO, True, True),
    ],
)
def test_whose_an_order_is(subject, patient, used, told):
    made = order(subject=subject, contained=[ANN, {"resourceType": "Device", "id": "device"}])
    sent = {"resourceType": "Bundle", "type": "collection", "entry": []}
    sent["entry"] = [of_server("https://ehr.example/fhir", each) for each in (patient, made)]
    found = read_chart(sent, as_of=NOW, subject=None, terms=terms())
    assert len(found.orders) == used
    assert [each.needed for each in found.troubles if each.path] == ([] if told is None else [told])


@pytest.mark.parametrize(
    ("person", "used", "told"),
    [
        ({"identifier": [{"system": "urn:mrn", "value": "7"}], "birthDate": "1990-01-01"}, True, None),
        ({"identifier": [{"system": "urn:mrn", "value": "8"}]}, False, True),
        ({"identifier": [{"system": "urn:x", "value": "8"}], "birthDate": "1956"}, True, True),
        ({"birthDate": "1990-01-01"}, False, True),
        ({"gender": "male"}, False, True),
        ({"gender": "unknown"}, True, True),
        ({"name": [{"family": "Else"}]}, False, True),
        ({"name": [{"family": ["Example"]}]}, True, True),
    ],
)
def test_a_contained_patient_is_compared(person, used, told):
    found = chart(WHO, order(subject={"reference": "#pt"}, contained=[{**ANN, **person}]))
    assert len(found.orders) == used
    assert [each.needed for each in found.troubles if each.path] == ([] if told is None else [told])


CREATININE = {
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
    "effectiveDateTime": "2026-11-19T12:00:00Z",
    "valueQuantity": {"value": 0.9, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
}


@pytest.mark.parametrize(
    ("focus", "used", "needed"),
    [
        ([{"reference": "RelatedPerson/donor"}], False, False),
        ([{"reference": "https://other.example/fhir/Patient/p2"}], False, False),
        ({"reference": "Patient/p2"}, False, False),
        ([{"type": "Patient", "identifier": {"value": "x"}}], False, False),
        ([{"reference": "#donor"}], False, False),
        ([{"display": "fetus"}], False, True),
        ([{"reference": "urn:uuid:gone"}], False, True),
        ([{"reference": "Device/pump"}], True, None),
        ([{"reference": "Procedure/dialysis"}], True, None),
        ([{"reference": "Patient/p1"}, {"display": "kidney"}], True, None),
        ([], True, None),
        ("x", True, True),
    ],
)
def test_what_an_observation_focuses_on(focus, used, needed):
    held = [{"resourceType": "RelatedPerson", "id": "donor"}]
    found = read(made("Observation", **CREATININE, focus=focus, contained=held))
    assert ("lab-creatinine" in found.measurements) is used
    told = [each.needed for each in found.troubles if each.path == "focus"]
    assert told == ([] if needed is None else [needed])


LOST = {"reference": "Observation/lost"}


@pytest.mark.parametrize(
    ("kind", "more", "needed"),
    [
        ("DiagnosticReport", {"result": [LOST], "conclusion": "Creatinine 3.5 mg/dL"}, True),
        ("DiagnosticReport", {"result": [{**LOST, "display": "Glucose"}]}, False),
        ("DiagnosticReport", {"result": [{**LOST, "display": "Creatinine"}]}, True),
        ("DiagnosticReport", {"result": [LOST], "effectiveDateTime": "2019-01-01"}, False),
        ("DiagnosticReport", {"result": [LOST], "status": "cancelled"}, None),
        ("DiagnosticReport", {"result": [{"reference": "#gone"}]}, True),
        ("DiagnosticReport", {"result": [{"display": "nothing"}]}, None),
        ("Observation", {"hasMember": [LOST]}, True),
        ("Observation", {"hasMember": [{"reference": "QuestionnaireResponse/lost"}]}, None),
        ("Observation", {"related": [{"type": "has-member", "target": LOST}]}, True),
        ("Observation", {"related": [{"type": "replaces", "target": LOST}]}, None),
    ],
)
def test_results_that_are_named_and_were_not_sent(kind, more, needed):
    panel = {"status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "24323-8"}]}}
    found = read(made(kind, **{**panel, "effectiveDateTime": "2026-11-19T12:00:00Z", **more}))
    told = [each.needed for each in found.troubles if each.path in ("result", "hasMember", "related")]
    assert told == ([] if needed is None else [needed])


@pytest.mark.parametrize(("whose", "used"), [(P1, True), (None, True), ({"reference": "Patient/p2"}, False)])
def test_results_inside_a_panel(whose, used):
    inside = {"resourceType": "Observation", "id": "cr", **CREATININE, "subject": whose}
    panel = {"status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "24323-8"}]}}
    found = read(made("Observation", **panel, contained=[inside], hasMember=[{"reference": "#cr"}]))
    assert [each.ref for each in found.measurements.get("lab-creatinine", ())] == ["Observation/x#cr"] * used
    assert ("other-patient" in kinds(found)) is not used


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"active": False}, "active"),
        ({"active": True}, None),
        ({"active": False, "deceasedDateTime": "2026-01-01"}, None),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/new"}}]}, "link"),
        ({"link": [{"type": "seealso", "other": {"reference": "Patient/new"}}]}, None),
    ],
)
def test_a_record_that_goes_on_elsewhere(more, path):
    found = chart({**PATIENT, **more})
    assert [(each.path, each.needed) for each in found.troubles] == ([(path, True)] if path else [])


@pytest.mark.parametrize(("target", "told"), [("MedicationRequest/gone", [True]), ("Patient/p1", [])])
def test_what_a_message_is_about_must_be_in_it(target, told):
    header = {"resourceType": "MessageHeader", "id": "h", "focus": [{"reference": target}]}
    assert [each.needed for each in chart(PATIENT, order(), header).troubles if each.path == "focus"] == told


@pytest.mark.parametrize(
    ("specimen", "used"),
    [
        ({"display": "Urine, midstream"}, False),
        ({"reference": "#s"}, False),
        ({"display": "Serum"}, True),
        ({"reference": "Specimen/gone"}, True),
    ],
)
def test_a_code_of_the_blood_and_a_specimen_of_urine_contradict(specimen, used):
    held = [{"resourceType": "Specimen", "id": "s", "type": {"coding": [{"display": "Urine specimen"}]}}]
    found = read(made("Observation", **CREATININE, specimen=specimen, contained=held))
    assert ("lab-creatinine" in found.measurements) is used
    assert [each.needed for each in found.troubles if each.path == "specimen"] == [True] * (not used)


@pytest.mark.parametrize(
    ("system", "code", "used"),
    [
        ("http://snomed.info/sct", "122575003", False),
        ("http://snomed.info/sct", "119364003", True),
        ("http://terminology.hl7.org/CodeSystem/v2-0487", "UR", False),
        ("http://terminology.hl7.org/CodeSystem/v2-0487", "SER", True),
        ("http://terminology.hl7.org/CodeSystem/v2-0487", "ser", True),
        ("http://hl7.org/fhir/v2/0487", "SER", True),
        ("http://hl7.org/fhir/v2/0487", "UR", False),
        ("urn:oid:2.16.840.1.113883.18.311", "ur", False),
        ("", "SER", True),
        ("", "UR", False),
    ],
)
def test_a_specimen_known_by_a_code_alone(system, code, used):
    specimen = {"resourceType": "Specimen", "id": "s", "type": {"coding": [{"system": system, "code": code}]}}
    found = read(made("Observation", **CREATININE, specimen={"reference": "Specimen/s"}), specimen)
    assert ("lab-creatinine" in found.measurements) is used
    assert [each.needed for each in found.troubles if each.path == "specimen"] == [True] * (not used)


@pytest.mark.parametrize("held", [{"system": "http://lab.example/specimens", "code": "7"}, {"code": "SST"}])
def test_a_specimen_nobody_knows_is_told_and_takes_nothing_away(held):
    specimen = {"resourceType": "Specimen", "id": "s", "type": {"coding": [held]}}
    found = read(made("Observation", **CREATININE, specimen={"reference": "Specimen/s"}), specimen)
    assert "lab-creatinine" in found.measurements
    assert [(each.kind, each.needed) for each in found.troubles if each.path == "specimen"] == [("assumption", False)]


@pytest.mark.parametrize(
    ("dosages", "daily", "told"), [([{"text": "10 mg tid"}], 30, [True]), (None, 160, []), ([{"text": "x"}], None, [])]
)
def test_a_supply_with_rendered_words(dosages, daily, told):
    words = {"renderedDosageInstruction": "40 mg four times a day"}
    supply = dispense(whenHandedOver="2026-11-10", dosageInstruction=dosages, **words)
    found = chart(PATIENT, order(), supply)
    assert [each.daily for each in found.supplies] == [daily]
    assert [each.needed for each in found.troubles if each.path == "renderedDosageInstruction"] == told


@pytest.mark.parametrize(
    ("said", "dosages", "daily", "told"),
    [
        ("Take 40 mg four times a day", True, 30, [True]),
        ("Take 10 mg three times a day", True, 30, []),
        ("as discussed", True, 30, []),
        (" ", True, 30, []),
        ("Take 40 mg four times a day", False, 160, []),
        ("as discussed", False, None, []),
    ],
)
def test_the_rendered_instruction_agrees_or_is_told(said, dosages, daily, told):
    found = chart(PATIENT, order(renderedDosageInstruction=said, **({} if dosages else {"dosageInstruction": None})))
    assert [step.daily for step in found.orders[0].steps] == [daily]
    assert [each.needed for each in found.troubles if each.path == "renderedDosageInstruction"] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10 mg TID (max 120 mg/day)", [True]),
        ("10 mg TID, max 30 mg/day", []),
        ("10 mg TID as needed, max 120 mg/day", []),
    ],
)
def test_a_maximum_in_words_above_the_dose_is_told(text, told):
    found = chart(PATIENT, order(dosageInstruction=[{"text": text}]))
    assert [each.needed for each in found.troubles if each.kind == "conflict"] == told


@pytest.mark.parametrize(
    ("more", "used"),
    [
        ({"valueString": "3.5 mg/dL"}, False),
        ({"valueString": "0.9 mg/dL"}, True),
        ({"valueInteger": 3}, False),
        ({"valueCodeableConcept": {"text": "high"}}, False),
        ({"valueString": None}, True),
    ],
)
def test_two_values_of_one_result_must_agree(more, used):
    found = read(made("Observation", **CREATININE, **more))
    [measured] = found.measurements["lab-creatinine"]
    assert (measured.problem is None) is used
    assert [each.needed for each in found.troubles if each.kind == "conflict"] == [True] * (not used)


@pytest.mark.parametrize(
    ("resource", "needed"),
    [
        (order(dosageinstruction=[{"text": "40 mg qid"}]), [True]),
        (condition(Code={"text": "dialysis"}), [True]),
        (made("Task", Status="completed"), [False]),
        (order(x_internal=1), []),
    ],
)
def test_a_name_in_another_case_is_told(resource, needed):
    found = read(resource)
    assert [each.needed for each in found.troubles if "differs from it in case" in each.says] == needed
