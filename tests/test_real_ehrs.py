"""Against FHIR servers that others wrote. ``make conformance`` starts them and names them in FHIR_SERVERS.

What they do differently stands in the tables here; the service is to tell, not to guess.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.fhir.ehr import Ehr, reach
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.write_back import WRITTEN, resources_to_write
from builders import make_bundle
from cases import AS_OF, Case
from ehr_records import BACLOFEN, call, case_records, load, moved, patients_in
from fhir_server import Json

SERVERS = dict(one.split("=", 1) for one in os.environ.get("FHIR_SERVERS", "").split())
PATIENTS = os.environ.get("FHIR_PATIENTS", "")
"""A folder of Bundles of patients, for a wider run."""
NOW = datetime.fromisoformat(AS_OF)
BUDGET = 120.0

pytestmark = pytest.mark.skipif(not SERVERS, reason="FHIR_SERVERS names no server; make conformance does")
each_server = pytest.mark.parametrize("name", sorted(SERVERS) or ["none"])


EVERY_CASE = os.environ.get("FHIR_CASES", "") == "all"
"""One case of each family, or of each rule."""
CASES = [pytest.param(case, held, id=name) for name, case, held in case_records(every=EVERY_CASE)] if SERVERS else []


@pytest.fixture
def base(name: str) -> str:
    return SERVERS[name]


@pytest.fixture
def ehr(base: str) -> Ehr:
    return reach([base], BUDGET)


@pytest.fixture
def prefix() -> str:
    """No test meets the patients of another."""
    return f"x{uuid.uuid4().hex[:8]}-"


@pytest.fixture
def judge(assessor: Assessor, ehr: Ehr) -> Callable[[str], Answer]:
    return lambda patient: assessor.answer(Ask(ehr.record(patient, None), subject=f"Patient/{patient}"), NOW)


def fired(answer: Answer) -> list[str]:
    return [issue.sheet.id for issue in answer.verdict.issues]


def told(answer: Answer) -> set[str]:
    return {trouble.says for trouble in answer.verdict.troubles}


def counts(base: str, patient: str) -> Counter[str]:
    """How many of each type that is written the server finds for a patient; of orders the proposals."""
    found = [
        entry["resource"]
        for kind in WRITTEN
        for entry in call(base, f"/{kind}?patient=Patient/{patient}&_count=1000")[1].get("entry", [])
    ]
    return Counter(one["resourceType"] for one in found if one.get("intent", "proposal") == "proposal")


def baclofen_of(prefix: str, reference: Json, subject: str = "") -> list[Json]:
    """A patient with one order that says its medicine by a reference."""
    whose = {"reference": subject or f"Patient/{prefix}p"}
    product = {"resourceType": "Medication", "id": f"{prefix}m", "code": BACLOFEN}
    order = {"resourceType": "MedicationRequest", "id": f"{prefix}r", "status": "active", "intent": "order"}
    return [
        {"resourceType": "Patient", "id": f"{prefix}p", "birthDate": "1960-05-01"},
        {**product, "identifier": [{"system": "urn:stock", "value": f"{prefix}10"}]},
        {**order, "subject": whose, "authoredOn": "2026-10-01", "medicationReference": reference},
    ]


RAISED_ONCE = {"BAC-EDU-02", "BAC-EDU-03"}
"""Quiet for a year once a finding of theirs is in the record."""


@each_server
@pytest.mark.parametrize(("case", "resources"), CASES)
def test_rules_fire_as_on_the_record_sent_whole_and_findings_are_written_once(
    assessor: Assessor, base: str, ehr: Ehr, prefix: str, case: Case, resources: list[Json]
) -> None:
    load(base, moved(resources, prefix))
    patient = f"{prefix}p1"

    def round_trip() -> Answer:
        answer = assessor.answer(Ask(ehr.record(patient, None), subject=f"Patient/{patient}"), case.as_of)
        report = ehr.write_back(answer.bundle, None)
        assert report.problems == []
        return answer

    sent = assessor.answer(Ask(make_bundle(case), subject="Patient/p1"), case.as_of)
    before = counts(base, patient)
    first = round_trip()
    assert fired(first) == fired(sent)
    written = counts(base, patient)
    assert written - before == Counter(one["resourceType"] for one in resources_to_write(first.bundle))
    assert fired(round_trip()) == [rule for rule in fired(sent) if rule not in RAISED_ONCE]
    assert counts(base, patient) == written


@each_server
def test_what_was_written_refers_to_what_is_there(assessor: Assessor, base: str, ehr: Ehr, prefix: str) -> None:
    _, case, resources = next(case_records(every=False))
    load(base, moved(resources, prefix))
    patient = f"{prefix}p1"
    answer = assessor.answer(Ask(ehr.record(patient, None), subject=f"Patient/{patient}"), case.as_of)
    ehr.write_back(answer.bundle, None)
    _, found = call(base, f"/CommunicationRequest?patient=Patient/{patient}")
    about = {one["reference"] for entry in found["entry"] for one in entry["resource"]["about"]}
    assert about
    assert {call(base, f"/{reference}")[0] for reference in about} == {200}


PAGING = {"hapi": [], "medplum": ["a part of a search result; the rest was not sent"]}
"""Medplum's router gives no link to a next page: what lies behind the first is told as missing."""


@each_server
def test_pages(judge: Callable[[str], Answer], base: str, prefix: str, name: str) -> None:
    vital = {"resourceType": "Observation", "status": "final", "code": {"text": "pulse"}}
    many = [{**vital, "id": f"{prefix}o{at}", "subject": {"reference": f"Patient/{prefix}p"}} for at in range(230)]
    load(base, [*baclofen_of(prefix, {"reference": f"Medication/{prefix}m"}), *many])
    answer = judge(f"{prefix}p")
    assert answer.verdict.applies
    assert sorted(told(answer) & set(PAGING["medplum"])) == PAGING[name]


@each_server
@pytest.mark.parametrize(
    "reference",
    ["Medication/{prefix}m", "{base}/Medication/{prefix}m", "Medication/{prefix}m/_history/1", ""],
    ids=["relative", "absolute", "versioned", "logical"],
)
def test_references(judge: Callable[[str], Answer], base: str, prefix: str, reference: str) -> None:
    written = {"reference": reference.format(base=base, prefix=prefix)}
    logical = {"identifier": {"system": "urn:stock", "value": f"{prefix}10"}}
    patient, medication, order = baclofen_of(prefix, written if reference else logical)
    load(base, [patient, medication])
    load(base, [order])
    answer = judge(f"{prefix}p")
    assert [one.medicine.name for one in answer.verdict.chart.baclofen] == ["baclofen 10 MG Oral Tablet"]


@each_server
def test_an_absolute_subject(judge: Callable[[str], Answer], base: str, prefix: str) -> None:
    """Neither finds it by the id."""
    medicine = {"reference": f"Medication/{prefix}m"}
    *others, order = baclofen_of(prefix, medicine, subject=f"{base}/Patient/{prefix}p")
    load(base, others)
    load(base, [order])
    assert len(judge(f"{prefix}p").verdict.chart.baclofen) == 1


VERSIONS = {"hapi": "baclofen 20 MG Oral Tablet", "medplum": "baclofen 10 MG Oral Tablet"}
"""Medplum's router keeps no versions that can be read: the current one stands for the one that is named."""


@each_server
def test_a_version_that_was_replaced(judge: Callable[[str], Answer], base: str, prefix: str, name: str) -> None:
    patient, now, order = baclofen_of(prefix, {"reference": f"Medication/{prefix}m/_history/1"})
    coding = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197392"}
    load(base, [patient, {**now, "code": {"coding": [coding], "text": "baclofen 20 MG Oral Tablet"}}])
    load(base, [now])
    load(base, [order])
    (one,) = judge(f"{prefix}p").verdict.chart.baclofen
    assert one.medicine.name == VERSIONS[name]


LACKING = {
    "NutritionOrder?patient=Patient/none": {"hapi": "refused", "medplum": ""},
    "Observation?patient=Patient/none&nonsense=1": {"hapi": "refused", "medplum": ""},
    "Observation?patient=Patient/none&_sort=-nonsense": {"hapi": "refused", "medplum": ""},
    "Patient/none": {"hapi": "refused", "medplum": "refused"},
    "Nonsense?patient=Patient/none": {"hapi": "refused", "medplum": ""},
}
"""HAPI (started without NutritionOrder) refuses what it does not know; Medplum's router finds nothing."""


@each_server
@pytest.mark.parametrize("question", list(LACKING))
def test_what_a_server_does_not_know(ehr: Ehr, base: str, question: str, name: str) -> None:
    found = ehr.client.fetch(base, None, {"one": question})["one"]
    assert found.problem == LACKING[question][name]


@each_server
def test_a_type_that_is_refused_is_told(judge: Callable[[str], Answer], base: str, prefix: str, name: str) -> None:
    load(base, baclofen_of(prefix, {"reference": f"Medication/{prefix}m"}))
    lost = {"the search for NutritionOrder answered with an error"}
    assert (told(judge(f"{prefix}p")) & lost == lost) is (name == "hapi")


INCLUDES = {"hapi": ["match", "include"], "medplum": [None]}


@each_server
def test_include(ehr: Ehr, base: str, prefix: str, name: str) -> None:
    load(base, baclofen_of(prefix, {"reference": f"Medication/{prefix}m"}))
    query = f"MedicationRequest?patient=Patient/{prefix}p&_include=MedicationRequest:medication"
    found = ehr.client.fetch(base, None, {"one": query})["one"]
    assert found.resource is not None
    assert [entry.get("search", {}).get("mode") for entry in found.resource["entry"]] == INCLUDES[name]


BARE = {"hapi": 1, "medplum": 0}
"""Medplum's router finds nobody by a bare id, and says nothing of it."""


@each_server
def test_a_bare_id(ehr: Ehr, base: str, prefix: str, name: str) -> None:
    load(base, baclofen_of(prefix, {"reference": f"Medication/{prefix}m"}))
    found = ehr.client.fetch(base, None, {"one": f"MedicationRequest?patient={prefix}p"})["one"]
    assert found.resource is not None
    assert len(found.resource["entry"]) == BARE[name]


DANGLING = {"hapi": (Counter(), ["DetectedIssue (refused)"]), "medplum": (Counter(DetectedIssue=1), [])}
"""HAPI holds references to what is there; Medplum's router takes any."""


@each_server
def test_a_finding_about_what_is_not_there(ehr: Ehr, base: str, prefix: str, name: str) -> None:
    load(base, baclofen_of(prefix, {"reference": f"Medication/{prefix}m"}))
    issue = {"resourceType": "DetectedIssue", "id": f"{prefix}i", "status": "final"}
    lost = {**issue, "implicated": [{"reference": f"MedicationRequest/{prefix}none"}]}
    report = ehr.write_back({"resourceType": "Bundle", "entry": [{"resource": lost}]}, None)
    assert (report.written, report.problems) == DANGLING[name]


@pytest.mark.skipif(not PATIENTS, reason="FHIR_PATIENTS names no folder of patients")
@each_server
def test_patients_of_other_sources(
    assessor: Assessor, judge: Callable[[str], Answer], base: str, ehr: Ehr, prefix: str
) -> None:
    """Each read, judged, written back twice: no copies, and about baclofen as the same record sent whole is."""
    done: Counter[str] = Counter()
    for at, (_, resources) in enumerate(patients_in(Path(PATIENTS))):
        ours = moved(resources, f"{prefix}{at}-")
        try:
            load(base, ours)
        except AssertionError:
            done["refused by the server"] += 1
            continue
        held = ours[len(ours) - len(resources) :]  # behind the stubs
        patient = next(one["id"] for one in held if one["resourceType"] == "Patient")
        answer = judge(patient)
        whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in ours]}
        sent = assessor.answer(Ask(whole, subject=f"Patient/{patient}"), NOW).verdict
        assert answer.verdict.applies or not sent.applies
        assert ehr.write_back(answer.bundle, None).problems == []
        written = counts(base, patient)
        again = judge(patient)
        assert fired(again) == fired(answer)
        assert ehr.write_back(again.bundle, None).problems == []
        assert counts(base, patient) == written
        done["read and written"] += 1
        done[answer.verdict.why] += 1
        done["findings"] += len(fired(answer))
    sys.stdout.write(f"{dict(done)}\n")
    assert done["read and written"] > done["refused by the server"]
