"""Facts about checks, education, reviews and contacts on record, on their edges."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.core.chart import Act, Contact, Measurement, RaisedIssue, Stay
from baclofen_safety.core.fact import Known, Unknown

from .charts import ago, facts, order


def act(concept: str, days: float | None, **more: Any) -> Act:
    more = {"kind": "Communication", "state": "done"} | more
    start = None if days is None else ago(days)
    return Act(f"{more['kind']}/1", concepts=frozenset({concept}), start=start, **more)


@pytest.mark.parametrize(
    ("record", "days"),
    [
        (act("fact-pump-education", 10), 10),
        (act("fact-pump-education", 10, kind="Procedure"), 10),
        (act("fact-pump-education", 10, kind="CarePlan", state="active"), 10),
        (act("fact-pump-education", 10, kind="ServiceRequest", state="active"), None),
        (act("fact-pump-education", 10, kind="Procedure", state="not-done"), None),
        (act("fact-pump-education", -3, kind="CarePlan", state="active"), None),
        (act("fact-pump-education", None), None),
        (act("fact-starter-education", 10), None),
    ],
)
def test_what_counts_as_taught(record: Act, days: float | None) -> None:
    found = facts(record).follow_up.pump_education_at
    assert isinstance(found, Known)
    assert found.value == (None if days is None else ago(days))


def test_nobody_knows_what_was_taught_where_no_record_could_hold_it() -> None:
    found = facts(received={"MedicationRequest": "sent"}).follow_up.starter_education_at
    assert isinstance(found, Unknown)
    assert {need.resource for need in found.needs} == {"Communication", "Procedure", "DocumentReference"}


def visit(days: float, **more: Any) -> Stay:
    return Stay("Encounter/1", False, more.pop("current", False), ago(days), ago(days), **more)


@pytest.mark.parametrize(
    ("stay", "reviewed"),
    [
        (visit(5, people=frozenset({"Practitioner/1"})), True),
        (visit(5, people=frozenset({"Practitioner/2"})), False),
        (visit(5, service="Physical medicine and rehabilitation"), True),
        (visit(5, service="Cardiology"), False),
        (visit(5, service="Insulin pump clinic"), False),
        (visit(5, service="Neurology", current=True), False),
        (visit(-5, service="Neurology"), False),
    ],
)
def test_a_visit_may_be_a_review(stay: Stay, reviewed: bool) -> None:
    received = {"Encounter": "sent", "MedicationRequest": "sent"}
    found = facts(order(30, requester="Practitioner/1"), stays=(stay,), received=received).follow_up.reviewed_at
    assert isinstance(found, Known)
    assert (found.value is not None) is reviewed


def test_without_visits_nobody_knows_of_a_review() -> None:
    assert isinstance(facts(act("fact-benefit-review", 5, kind="Procedure")).follow_up.reviewed_at, Unknown)


@pytest.mark.parametrize(("days", "known"), [(0, True), (365, True), (366, False), (-1, False)])
def test_an_issue_was_raised_inside_the_window(days: float, known: bool) -> None:
    raised = RaisedIssue("DetectedIssue/1", "BAC-EDU-02", ago(days))
    found = facts(raised=(raised,)).follow_up
    assert (found.raised_before("BAC-EDU-02", 365) is not None) is known
    assert found.raised_before("BAC-EDU-03", 365) is None


def test_the_newest_issue_is_the_one_raised() -> None:
    raised = tuple(RaisedIssue(f"DetectedIssue/{days}", "BAC-EDU-02", ago(days)) for days in (30, 10, 20))
    newest = facts(raised=raised).follow_up.raised_before("BAC-EDU-02", 365)
    assert newest is not None
    assert newest.ref == "DetectedIssue/10"


@pytest.mark.parametrize(
    ("contacts", "sent", "value"),
    [
        ((Contact("RelatedPerson/1", True), Contact("RelatedPerson/2", False)), True, True),
        ((Contact("RelatedPerson/2", False),), True, False),
        ((Contact("Patient/p1", False),), False, False),
        ((), True, False),
        ((), False, None),
    ],
)
def test_somebody_may_be_reached(contacts: tuple[Contact, ...], sent: bool, value: bool | None) -> None:
    received = {"RelatedPerson": "sent"} if sent else {"Patient": "sent"}
    found = facts(contacts=contacts, received=received).follow_up.caregiver_recorded
    assert (found.value if isinstance(found, Known) else None) is value


def test_the_newest_answer_about_the_alert_id_counts() -> None:
    worn = Measurement("Observation/1", "fact-medical-alert-id", ago(100), flag=True)
    declined = Measurement("Observation/2", "fact-medical-alert-id", ago(10), flag=False)
    for found, answer in ((facts(worn, declined), "declined"), (facts(worn), "carried")):
        alert = found.follow_up.medical_alert_id
        assert isinstance(alert, Known) and alert.value == answer


def test_a_dose_is_as_old_as_its_last_change() -> None:
    assert facts(order(30, days=90)).follow_up.dose_unchanged_days == Known(91, how="computed")
