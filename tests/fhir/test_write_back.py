"""Findings written into an EHR: each once, whatever was written before, and nothing that others have taken over."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.ehr import Ehr, reach
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.fhir.resources import check_output
from baclofen_safety.fhir.write_back import MOST_ENTRIES, WRITTEN, Report, resources_to_write, transaction
from builders import make_bundle
from cases import AS_OF, make_case
from fhir_server import Exchange, FhirServer, Json, outcome, references

NOW = datetime.fromisoformat(AS_OF)
STRONG = {"order": [{"id": "order", "dose": "40 mg", "freq": 3}], "lab": [{"id": "creatinine", "value": 2}]}


@dataclass
class Round:
    """An EHR with one patient, and the round trip: read, judge, write back."""

    server: FhirServer
    ehr: Ehr
    assessor: Assessor

    def answer(self, at: datetime = NOW) -> Json:
        return self.assessor.answer(Ask(self.ehr.record("p1", None), subject="Patient/p1"), at).bundle

    def go(self, at: datetime = NOW) -> Report:
        return self.ehr.write_back(self.answer(at), None)

    def held(self) -> dict[str, Json]:
        return {one["id"]: one for one in self.server.resources if one["id"] in self.ours()}

    def ours(self) -> set[str]:
        return {one["id"] for asked in self.sent() for one in [entry["resource"] for entry in asked["entry"]]}

    def sent(self) -> list[Json]:
        return [asked.body for asked in self.server.asked if asked.body is not None]


@pytest.fixture
def trip(assessor: Assessor) -> Iterator[Round]:
    resources = [entry["resource"] for entry in make_bundle(make_case({"name": "one", **STRONG}))["entry"]]
    known = {f"{one['resourceType']}/{one['id']}" for one in resources}
    others = sorted({ref for ref in references(resources) if ref not in known})
    stubs = [{"resourceType": ref.split("/")[0], "id": ref.split("/")[1]} for ref in others]
    with FhirServer([*resources, *stubs]) as server:
        yield Round(server, reach([server.base], 10), assessor)


def test_findings_messages_and_proposals_are_written(trip: Round) -> None:
    report = trip.go()
    assert set(report.written) == set(WRITTEN)
    assert (report.unchanged, report.left, report.problems) == (Counter(), Counter(), [])
    assert Counter(one["resourceType"] for one in trip.held().values()) == report.written
    (sent,) = trip.sent()
    assert {entry["request"]["method"] for entry in sent["entry"]} == {"PUT"}
    assert not [ref for ref in references(sent) if ref.startswith("urn:")]
    assert not check_output(sent)


def test_a_second_time_makes_no_second_copy(trip: Round) -> None:
    first, held = trip.go(), copy.deepcopy(trip.server.resources)
    second = trip.go()
    assert (second.written, second.unchanged) == (Counter(), first.written)
    assert trip.server.resources == held
    assert len(trip.sent()) == 1


def test_what_was_written_changes_no_verdict(trip: Round) -> None:
    before = trip.answer()
    trip.go()
    after = trip.answer()
    assert resources_to_write(after) == resources_to_write(before)


def test_a_day_later_nothing_is_doubled(trip: Round) -> None:
    trip.go()
    held = len(trip.server.resources)
    report = trip.go(NOW + timedelta(days=1))
    assert report.problems == []
    assert len(trip.server.resources) == held
    assert report.unchanged["DetectedIssue"] + report.written["DetectedIssue"] > 0


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("DetectedIssue", {"mitigation": [{"action": {"text": "dose halved"}}]}),
        ("DetectedIssue", {"status": "entered-in-error"}),
        ("CommunicationRequest", {"status": "completed"}),
        ("MedicationRequest", {"status": "active"}),
    ],
)
def test_what_others_have_taken_over_is_left(trip: Round, kind: str, change: Json) -> None:
    answer = trip.answer()
    trip.ehr.write_back(answer, None)
    one = next(one for one in trip.held().values() if one["resourceType"] == kind)
    one |= change
    report = trip.ehr.write_back(answer, None)
    assert report.left == Counter({kind: 1})
    assert trip.held()[one["id"]] == one


def test_new_words_replace_the_old(trip: Round) -> None:
    answer = trip.answer()
    trip.ehr.write_back(answer, None)
    one = next(one for one in trip.held().values() if one["resourceType"] == "DetectedIssue")
    detail, one["detail"] = one["detail"], "old"
    assert trip.ehr.write_back(answer, None).written == Counter({"DetectedIssue": 1})
    assert trip.held()[one["id"]]["detail"] == detail


def refuse(status: int) -> Callable[[Exchange], None]:
    return lambda one: one.say(status, outcome("processing"))


@pytest.mark.parametrize("status", [400, 401, 412, 500, 200])
def test_a_transaction_that_is_refused_is_told(trip: Round, status: int) -> None:
    trip.server.faults["transaction"] = refuse(status)
    report = trip.go()
    assert report.written == Counter()
    assert len(report.problems) == len(trip.ours())


def test_an_entry_that_fails_is_told(trip: Round) -> None:
    def one_fails(one: Exchange) -> None:
        done = [{"response": {"status": "201"}}, {"response": {"status": "422 Unprocessable"}}]
        one.say(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": done})

    trip.server.faults["transaction"] = one_fails
    report = trip.go()
    assert report.written.total() == 1
    assert len(report.problems) == len(trip.ours()) - 1


@pytest.mark.parametrize("kind", list(WRITTEN))
def test_what_cannot_be_looked_at_is_not_written_over(trip: Round, kind: str) -> None:
    answer = trip.answer()
    trip.server.faults[kind] = refuse(403)
    report = trip.ehr.write_back(answer, None)
    assert kind not in report.written
    assert f"{kind} (what is there: refused)" in report.problems


def test_many_are_sent_in_parts(trip: Round) -> None:
    issue = {"resourceType": "DetectedIssue", "status": "final", "patient": {"reference": "Patient/p1"}}
    many = [{"resource": {**issue, "id": f"i{number}"}} for number in range(MOST_ENTRIES + 1)]
    report = trip.ehr.write_back({"resourceType": "Bundle", "entry": many}, None)
    assert report.written == Counter({"DetectedIssue": MOST_ENTRIES + 1})
    assert [len(one["entry"]) for one in trip.sent()] == [MOST_ENTRIES, 1]


def test_no_findings_send_nothing(trip: Round) -> None:
    report = trip.ehr.write_back({"resourceType": "Bundle", "entry": []}, None)
    assert (report, trip.sent()) == (Report(), [])


def test_a_transaction_puts_under_the_given_ids() -> None:
    (entry,) = transaction([{"resourceType": "DetectedIssue", "id": "a"}], "https://ehr.example/fhir")["entry"]
    assert entry["fullUrl"] == "https://ehr.example/fhir/DetectedIssue/a"
    assert entry["request"] == {"method": "PUT", "url": "DetectedIssue/a"}
