"""A whole record read from an EHR: what it holds is judged as if it had been sent, what it lacks is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Answer, Assessor
from baclofen_safety.errors import BadParameter
from baclofen_safety.fhir.ehr import Ehr, reach
from baclofen_safety.fhir.ehr_record import EhrUnavailable, NoSuchRecord
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import AS_OF, every_case, make_case
from fhir_server import Exchange, FhirServer, Json, outcome

BACLOFEN = {
    "resourceType": "Medication",
    "id": "bac",
    "identifier": [{"system": "urn:stock", "value": "B 10"}],
    "meta": {"versionId": "2"},
    "code": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197391"}],
        "text": "baclofen 10 MG Oral Tablet",
    },
}
STRONGER = {
    **BACLOFEN,
    "meta": {"versionId": "1"},
    "code": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197392"}],
        "text": "baclofen 20 MG Oral Tablet",
    },
}


def resources_of(**table: Any) -> list[Json]:
    return [entry["resource"] for entry in make_bundle(make_case({"name": "one", **table}))["entry"]]


def by_reference(reference: Json, **more: Any) -> list[Json]:
    """The record of a patient whose order says its medicine by a reference, two tablets three times a day."""
    tablets = {"doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablet"}}]}
    timing = {"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}
    order = {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-10-01",
        "medicationReference": reference,
        "dosageInstruction": [tablets | timing],
        **more,
    }
    kept = [one for one in resources_of() if one["resourceType"] not in ("MedicationRequest", "MedicationDispense")]
    return [*kept, order, BACLOFEN]


@pytest.fixture
def server() -> Iterator[FhirServer]:
    with FhirServer(resources_of()) as one:
        yield one


@pytest.fixture
def ehr(server: FhirServer) -> Ehr:
    return reach([server.base], 10)


@pytest.fixture
def judged(assessor: Assessor, ehr: Ehr) -> Callable[[], Answer]:
    def judge() -> Answer:
        ask = Ask(ehr.record("p1", None), subject="Patient/p1")
        return assessor.answer(ask, datetime.fromisoformat(AS_OF))

    return judge


def fired(answer: Answer) -> list[str]:
    return [issue.sheet.id for issue in answer.verdict.issues]


def told(answer: Answer) -> list[str]:
    return [trouble.says for trouble in answer.verdict.troubles]


def medicines(answer: Answer) -> list[str]:
    return [order.medicine.name for order in answer.verdict.chart.baclofen]


def first_cases() -> list[Any]:
    """One case for each rule that fires alone on resources an EHR can hold."""
    found: dict[str, Any] = {}
    for name, case in ((name, case) for name, case in every_case() if case.complete):
        for rule in (said.split()[0].rstrip(":") for said in case.expect):
            found.setdefault(rule, pytest.param(case, id=f"{name}-{rule}"))
    return list(found.values())


def refuse(status: int) -> Callable[[Exchange], None]:
    return lambda one: one.say(status, outcome("processing"))


def test_a_record_is_judged_as_if_it_had_been_sent(judged: Callable[[], Answer], server: FhirServer) -> None:
    answer = judged()
    assert (answer.verdict.status, fired(answer)) == ("success", [])
    assert answer.verdict.applies
    assert len(server.asked) == len({asked.path for asked in server.asked})


@pytest.mark.parametrize("page", [1, 3])
def test_pages_are_put_together(judged: Callable[[], Answer], server: FhirServer, page: int) -> None:
    def paged(one: Exchange) -> None:
        path = one.path.removeprefix(server.path).replace("&_count=100", f"&_count={page}")
        one.say(*server.answer(path))

    server.faults["MedicationDispense"] = paged
    assert judged().verdict.status == "success"
    assert sum("MedicationDispense" in asked.path for asked in server.asked) > 1


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501])
def test_a_type_the_server_refuses_is_told_and_never_read_as_none(
    judged: Callable[[], Answer], server: FhirServer, status: int
) -> None:
    server.faults["MedicationDispense"] = refuse(status)
    answer = judged()
    assert answer.verdict.status == "data-required"
    assert "the search for MedicationDispense answered with an error" in told(answer)


def test_search_parameters_the_server_lacks_are_left_out(judged: Callable[[], Answer], server: FhirServer) -> None:
    server.knows = frozenset({"patient"})
    answer = judged()
    assert (answer.verdict.status, told(answer)) == ("success", [])


def test_a_type_that_cannot_be_searched_by_patient_is_told(judged: Callable[[], Answer], server: FhirServer) -> None:
    server.knows = frozenset({"_id"})
    answer = judged()
    assert not answer.verdict.applies
    assert answer.verdict.status == "data-required"


@pytest.mark.parametrize("spelling", ["Patient/", "p1"])
def test_patients_are_found_by_either_spelling(judged: Callable[[], Answer], server: FhirServer, spelling: str) -> None:
    server.spelling = spelling
    answer = judged()
    assert (answer.verdict.applies, answer.verdict.status) == (True, "success")


def test_orders_that_name_their_patient_by_address_are_found(judged: Callable[[], Answer], server: FhirServer) -> None:
    for one in server.resources:
        if one["resourceType"] == "MedicationRequest":
            one["subject"] = {"reference": f"{server.base}/Patient/p1"}
    answer = judged()
    assert (answer.verdict.applies, answer.verdict.status) == (True, "success")


def test_an_ehr_that_knows_no_addresses_in_a_search_lacks_nothing(
    judged: Callable[[], Answer], server: FhirServer
) -> None:
    def only_ids(one: Exchange) -> None:
        asked = "/MedicationRequest" + one.path.partition("/MedicationRequest")[2]
        one.say(*(server.answer(asked) if "%3A%2F%2F" not in asked else (400, outcome("invalid"))))

    server.faults["MedicationRequest"] = only_ids
    answer = judged()
    assert (answer.verdict.applies, answer.verdict.status) == (True, "success")


def test_a_search_that_passes_over_the_patient_is_not_taken_for_theirs(
    judged: Callable[[], Answer], server: FhirServer
) -> None:
    def anybody(one: Exchange) -> None:
        device = {"resourceType": "Device", "id": "pump", "type": {"text": "intrathecal pump"}, "status": "active"}
        link = [{"relation": "self", "url": f"{server.base}/Device?_count=50"}]
        entry = [{"resource": device}]
        one.say(200, {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entry})

    server.faults["Device"] = anybody
    answer = judged()
    assert not answer.verdict.chart.implants
    assert "the search for Device answered with an error" in told(answer)


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Medication/bac"},
        {"reference": "Medication/bac/_history/2"},
        {"identifier": {"system": "urn:stock", "value": "B 10"}},
    ],
)
def test_references_are_followed(judged: Callable[[], Answer], server: FhirServer, reference: Json) -> None:
    server.resources = by_reference(reference)
    answer = judged()
    assert answer.verdict.applies
    assert medicines(answer) == ["baclofen 10 MG Oral Tablet"]


def test_an_absolute_reference_is_followed_within_the_base(judged: Callable[[], Answer], server: FhirServer) -> None:
    server.resources = by_reference({"reference": f"{server.base}/Medication/bac"})
    assert judged().verdict.applies


def test_a_versioned_reference_means_that_version(judged: Callable[[], Answer], server: FhirServer) -> None:
    server.resources = by_reference({"reference": "Medication/bac/_history/1"})
    server.versions["Medication/bac/_history/1"] = STRONGER
    assert medicines(judged()) == ["baclofen 20 MG Oral Tablet"]


def test_a_version_that_is_gone_means_the_current_one(judged: Callable[[], Answer], server: FhirServer) -> None:
    server.resources = by_reference({"reference": "Medication/bac/_history/1"})
    answer = judged()
    assert medicines(answer) == ["baclofen 10 MG Oral Tablet"]
    assert "the search for Medication answered with an error" not in told(answer)


@pytest.mark.parametrize(
    "reference",
    [
        {"reference": "Medication/none"},
        {"reference": "https://other.example/fhir/Medication/one"},
        {"identifier": {"system": "urn:stock", "value": "none"}},
    ],
)
def test_a_reference_that_leads_nowhere_is_told(
    judged: Callable[[], Answer], server: FhirServer, reference: Json
) -> None:
    server.resources = by_reference(reference)
    answer = judged()
    assert answer.verdict.status == "data-required"


def test_what_came_along_is_not_asked_again(judged: Callable[[], Answer], server: FhirServer) -> None:
    server.resources = by_reference({"reference": "Medication/bac"})

    def with_medicine(one: Exchange) -> None:
        status, page = server.answer(one.path.removeprefix(server.path))
        page["entry"].append({"resource": BACLOFEN, "search": {"mode": "include"}})
        one.say(status, page)

    server.faults["MedicationRequest"] = with_medicine
    answer = judged()
    assert answer.verdict.applies
    assert "a part of a search result; the rest was not sent" not in told(answer)
    assert not [asked for asked in server.asked if asked.path.startswith("/Medication/")]


@pytest.mark.parametrize(
    ("patient", "status", "error"),
    [
        ("p2", None, NoSuchRecord),
        ("p1", 403, NoSuchRecord),
        ("p1", 500, EhrUnavailable),
        ("p1", 429, EhrUnavailable),
        ("a b", None, BadParameter),
    ],
)
def test_without_the_patient_nothing_is_judged(
    ehr: Ehr, server: FhirServer, patient: str, status: int | None, error: type[Exception]
) -> None:
    if status:
        server.faults["Patient"] = refuse(status)
    with pytest.raises(error):
        ehr.record(patient, None)


def test_the_token_goes_along(ehr: Ehr, server: FhirServer) -> None:
    server.token = "CANARY"
    assert ehr.record("Patient/p1", "CANARY")["entry"]
    assert {asked.token for asked in server.asked} == {"Bearer CANARY"}


def test_an_ehr_that_is_slow_is_not_waited_for(server: FhirServer) -> None:
    def slow(one: Exchange) -> None:
        server.closing.wait(5)

    server.faults["Observation"] = slow
    record = reach([server.base], 1.0).record("p1", None)
    failed = [entry["resource"] for entry in record["entry"] if "issue" in str(entry["resource"].get("entry"))]
    assert ["Observation" in one["link"][0]["url"] for one in failed] == [True]


@pytest.mark.parametrize("case", first_cases())
def test_every_rule_fires_on_a_record_read_from_an_ehr(assessor: Assessor, case: Any) -> None:
    """As on the same record sent whole."""
    sent = make_bundle(case)
    as_of = datetime.fromisoformat(AS_OF)
    subject = "Patient/p1"
    with FhirServer([entry["resource"] for entry in sent["entry"]]) as server:
        record = reach([server.base], 10).record("p1", None)
    read = assessor.answer(Ask(record, subject=subject), as_of)
    assert fired(read) == fired(assessor.answer(Ask(sent, subject=subject), as_of))
