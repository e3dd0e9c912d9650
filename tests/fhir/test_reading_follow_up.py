"""What was taught, reviewed and raised, and who can be reached: every shape these come in."""

from __future__ import annotations

from typing import Any

import pytest
from test_reading import FACT, P1, PATIENT, chart, order

from baclofen_safety.core.chart import Chart
from baclofen_safety.fhir.teaching import taught

ISSUE = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue"
PHONE = [{"system": "phone", "value": "+1 555 0100"}]


def coded(code: str) -> dict[str, Any]:
    return {"coding": [{"system": FACT, "code": code}]}


def told(read: Chart) -> list[tuple[str, str]]:
    return [(trouble.kind, trouble.path) for trouble in read.troubles]


def reach(*resources: dict[str, Any], **patient: Any) -> list[tuple[str, bool]]:
    return [(one.ref, one.reachable) for one in chart(PATIENT | patient, *resources, order()).contacts]


def relative(**more: Any) -> dict[str, Any]:
    return {"resourceType": "RelatedPerson", "id": "r1", "patient": P1, "telecom": PHONE} | more


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, [("RelatedPerson/r1", True)]),
        ({"telecom": []}, [("RelatedPerson/r1", False)]),
        ({"telecom": [{"system": "phone"}]}, [("RelatedPerson/r1", False)]),
        ({"telecom": [{"value": "+1", "use": "old"}]}, [("RelatedPerson/r1", False)]),
        ({"telecom": [], "address": [{"city": "Springfield"}]}, [("RelatedPerson/r1", True)]),
        ({"active": False}, []),
        ({"period": {"end": "2026-01-01"}}, []),
    ],
)
def test_a_relative_may_be_reached(more: dict[str, Any], found: list[tuple[str, bool]]) -> None:
    assert reach(relative(**more)) == found


@pytest.mark.parametrize(
    ("contact", "found"),
    [
        ({"telecom": PHONE}, [("Patient/p1", True)]),
        ({"address": {"text": "1 Main St"}}, [("Patient/p1", True)]),
        ({"additionalContact": PHONE}, [("Patient/p1", True)]),
        ({"name": {"text": "A. Example"}}, [("Patient/p1", False)]),
        ({"telecom": PHONE, "period": {"end": "2020-01-01"}}, []),
    ],
)
def test_a_patient_may_name_a_contact(contact: dict[str, Any], found: list[tuple[str, bool]]) -> None:
    assert reach(contact=[contact]) == found


@pytest.mark.parametrize(
    ("participant", "found"),
    [
        ({"member": {"reference": "#r1"}}, [True]),
        ({"member": {"reference": "#r1"}, "period": {"end": "2020-01-01"}}, []),
        ({"member": {"reference": "Practitioner/1"}}, []),
        ({}, []),
    ],
)
def test_a_care_team_may_hold_a_relative(participant: dict[str, Any], found: list[bool]) -> None:
    inside = {"resourceType": "RelatedPerson", "id": "r1", "patient": P1, "telecom": PHONE}
    team = {"resourceType": "CareTeam", "id": "t1", "subject": P1, "participant": [participant], "contained": [inside]}
    assert [reachable for _, reachable in reach(team)] == found


@pytest.mark.parametrize(
    ("address", "staffed"),
    [
        ({"text": "Oak Hill Nursing Home, Springfield"}, True),
        ({"line": ["Pflegeheim Sonnenhof", "Weg 1"]}, True),
        ({"text": "Oak Hill Nursing Home", "use": "old"}, False),
        ({"text": "Oak Hill Nursing Home", "period": {"end": "2025-01-01"}}, False),
        ({"text": "1 Main St"}, False),
        ({"city": "Springfield"}, False),
    ],
)
def test_an_address_may_be_a_staffed_home(address: dict[str, Any], *, staffed: bool) -> None:
    assert chart(PATIENT | {"address": [address]}, order()).patient.staffed_home is staffed


def document(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "DocumentReference", "id": "d1", "status": "current", "subject": P1}
    return made | {"type": coded("starter-education"), "date": "2026-11-01T10:00:00Z"} | more


def talk(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "Communication", "id": "c1", "status": "completed", "subject": P1}
    return made | {"topic": coded("pump-education"), "sent": "2026-11-01T10:00:00Z"} | more


@pytest.mark.parametrize(
    ("resource", "concepts"),
    [
        (talk(), {"fact-pump-education"}),
        (talk(topic=None, category=[coded("starter-education")]), {"fact-starter-education"}),
        (talk(topic={"text": "Pump education"}), {"fact-pump-education"}),
        (
            talk(topic=None, payload=[{"contentString": "Patient counselled about baclofen."}]),
            {"fact-starter-education"},
        ),
        (talk(topic={"text": "Discharge teaching"}), {"fact-discharge-teaching"}),
        (talk(topic={"text": "Hospice was spoken of"}), None),
        (talk(topic=None), None),
        (talk(status="not-done"), None),
        (talk(sent="2026-12-01T10:00:00Z"), None),
        (document(), {"fact-starter-education"}),
        (document(type=None, category=[{"text": "Medical alert ID"}]), {"fact-medical-alert-id"}),
        (document(type={"text": "Letter"}, description="Review of spasticity treatment"), {"fact-benefit-review"}),
        (document(status="superseded"), None),
        (document(docStatus="entered-in-error"), None),
    ],
)
def test_what_is_on_file(resource: dict[str, Any], concepts: set[str] | None) -> None:
    acts = chart(PATIENT, {k: v for k, v in resource.items() if v is not None}, order()).acts
    assert [set(act.concepts) for act in acts] == ([] if concepts is None else [concepts])


def test_a_talk_was_received_when_nobody_knows_when_it_was_sent() -> None:
    resource = talk(received="2026-10-01T10:00:00Z")
    del resource["sent"]
    (act,) = chart(PATIENT, resource, order()).acts
    assert str(act.start) == "2026-10-01 10:00"


def test_a_document_is_as_old_as_its_content() -> None:
    resource = document(content=[{"attachment": {"title": "a"}}, {"attachment": {"creation": "2026-09-01"}}])
    del resource["date"]
    (act,) = chart(PATIENT, resource, order()).acts
    assert str(act.start) == "2026-09-01"


def test_what_nobody_dated_is_told() -> None:
    resource = document()
    del resource["date"]
    read = chart(PATIENT, resource, order())
    assert read.acts[0].start is None
    assert ("unreadable", "date") in told(read)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("Taught: baclofen pump alarms", "fact-pump-education"),
        ("ITB counseling", "fact-pump-education"),
        ("Schulung zur Baclofenpumpe", "fact-starter-education"),
        ("Education about Lioresal", "fact-starter-education"),
        ("Insulin pump education", None),
        ("Breast pump teaching", None),
        ("Baclofen education not given", None),
        ("Declined pump education", None),
        ("Baclofen started", None),
        ("Diet education", None),
    ],
)
def test_teaching_in_words(text: str, concept: str | None) -> None:
    assert taught(text) == (frozenset() if concept is None else {concept})


def issue(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "DetectedIssue", "id": "i1", "status": "final", "patient": P1, "severity": "low"}
    code = {"coding": [{"system": ISSUE, "code": "BAC-EDU-03"}]}
    return made | {"code": code, "identifiedDateTime": "2026-10-01T10:00:00Z"} | more


@pytest.mark.parametrize(
    ("more", "raised", "acted"),
    [
        ({}, ["BAC-EDU-03"], []),
        ({"status": "preliminary"}, [], []),
        ({"status": "entered-in-error"}, [], []),
        ({"code": {"text": "BAC-EDU-03"}}, [], []),
        ({"status": "mitigated"}, ["BAC-EDU-03"], ["BAC-EDU-03"]),
        ({"mitigation": [{"action": {"text": "seen"}, "date": "2026-10-02"}]}, ["BAC-EDU-03"], ["BAC-EDU-03"]),
    ],
)
def test_an_issue_raised_and_one_acted_on(more: dict[str, Any], raised: list[str], acted: list[str]) -> None:
    read = chart(PATIENT, issue(**more), order())
    assert [one.rule for one in read.raised] == raised
    assert [one.rule for one in read.acknowledgements] == acted


def test_an_issue_over_a_period_was_raised_at_its_start() -> None:
    over = issue(identifiedPeriod={"start": "2026-09-01"})
    del over["identifiedDateTime"]
    assert str(chart(PATIENT, over, order()).raised[0].at) == "2026-09-01"


def visit(**more: Any) -> dict[str, Any]:
    made = {"resourceType": "Encounter", "id": "e1", "status": "finished", "subject": P1, "class": {"code": "AMB"}}
    return made | {"period": {"start": "2026-10-01T09:00:00Z", "end": "2026-10-01T10:00:00Z"}} | more


@pytest.mark.parametrize(
    ("more", "people", "service"),
    [
        ({}, set(), ""),
        ({"participant": [{"individual": {"reference": "Practitioner/1"}}]}, {"Practitioner/1"}, ""),
        ({"participant": [{"actor": {"reference": "Practitioner/2"}}]}, {"Practitioner/2"}, ""),
        ({"participant": [{"individual": {"display": "Dr A"}}, {}]}, {"dr a"}, ""),
        ({"type": [{"text": "Follow-up"}], "serviceType": {"text": "Neurology"}}, set(), "Follow-up; Neurology"),
        ({"serviceType": [{"concept": {"text": "Pain medicine"}}]}, set(), "Pain medicine"),
        ({"serviceProvider": {"display": "Spasticity Clinic"}}, set(), "Spasticity Clinic"),
    ],
)
def test_who_was_seen_and_where(more: dict[str, Any], people: set[str], service: str) -> None:
    (stay,) = chart(PATIENT, visit(**more), order()).stays
    assert (stay.people, stay.service) == (people, service)


def test_our_own_code_marks_what_was_taken_at_home() -> None:
    listed = {"resourceType": "List", "id": "l1", "status": "current", "subject": P1, "code": coded("home-medication")}
    read = chart(
        PATIENT, listed | {"mode": "snapshot", "entry": [{"item": {"reference": "MedicationRequest/m1"}}]}, order()
    )
    assert [one.kind for one in read.lists] == ["home"]
    (home,) = chart(PATIENT, order(category=[coded("home-medication")])).orders
    assert home.setting == "community"
