"""Adverse events are problems that began on their day; what nearly happened is none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.chart import Chart
from baclofen_safety.fhir.reading import read_chart

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
Json = dict[str, Any]
OVERDOSE, OTHER_POISON = "cond-baclofen-poisoning", "cond-drug-withdrawal-other"
ORDER = {
    "resourceType": "MedicationRequest",
    "id": "b",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "baclofen 10 mg"},
    "subject": {"reference": "Patient/p1"},
}
MEDICATION = {"resourceType": "Medication", "id": "m", "code": {"text": "baclofen 10 mg"}}


def chart(assessor: Assessor, **event: Any) -> Chart:
    held = {"resourceType": "AdverseEvent", "id": "a", "subject": {"reference": "Patient/p1"}, **event}
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, ORDER, MEDICATION, held)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    return read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms)


@pytest.mark.parametrize(
    ("event", "found", "day"),
    [
        ({"event": {"text": "baclofen overdose"}, "date": "2026-11-19"}, OVERDOSE, "2026-11-19"),
        ({"code": {"text": "baclofen withdrawal"}, "occurrenceDateTime": "2026-11-18"}, OTHER_POISON, "2026-11-18"),
        ({"type": {}, "description": "baclofen overdose", "detected": "2026-11-17"}, OVERDOSE, "2026-11-17"),
        (
            {"event": {"text": "Overdose"}, "suspectEntity": [{"instance": {"reference": "MedicationRequest/b"}}]},
            OVERDOSE,
            None,
        ),
        (
            {
                "code": {"text": "Overdose"},
                "suspectEntity": [{"instanceReference": {"reference": "Medication/m"}}],
                "occurrencePeriod": {"start": "2026-11-16"},
            },
            OVERDOSE,
            "2026-11-16",
        ),
        (
            {"code": {"text": "Overdose"}, "suspectEntity": [{"instanceCodeableConcept": {"text": "baclofen"}}]},
            OVERDOSE,
            None,
        ),
    ],
)
def test_an_event_is_a_problem(event: Json, found: str, day: str | None, assessor: Assessor) -> None:
    (problem,) = chart(assessor, actuality="actual", **event).problems
    assert (found in problem.concepts, problem.state) == (True, "active")
    assert (None if problem.onset is None else str(problem.onset)) == day


def test_an_event_that_is_over_is_of_the_past(assessor: Assessor) -> None:
    over = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "code": "resolved"}]}
    (problem,) = chart(assessor, event={"text": "baclofen overdose"}, outcome=over).problems
    assert problem.state == "history"


@pytest.mark.parametrize(
    "event",
    [
        {"actuality": "potential"},
        {"category": {"coding": [{"code": "PAE"}]}},
        {"event": {"text": "Near miss: baclofen overdose"}},
        {"description": "intercepted by the pharmacist"},
        {"status": "entered-in-error"},
        {"date": "2027-01-01"},
        {"event": {"text": "headache"}},
        {"event": {"text": "Overdose"}, "suspectEntity": [{"instance": {"reference": "Substance/x"}}, {}]},
    ],
)
def test_what_did_not_happen_or_is_not_of_baclofen_is_none(event: Json, assessor: Assessor) -> None:
    assert chart(assessor, **{"event": {"text": "baclofen overdose"}, **event}).problems == ()


def asked_for(assessor: Assessor, **event: Any) -> list[str]:
    return [one.says for one in chart(assessor, **event).troubles if one.ref == "AdverseEvent/a" and one.needed]


RESOLVED = {"coding": [{"code": "resolved"}]}
SUSPECT = [{"instance": {"reference": "MedicationRequest/b"}}]


@pytest.mark.parametrize(
    "event",
    [
        {"event": {"text": "Baclofen overdose"}, "date": "2026-11-18", "outcome": RESOLVED},
        {"event": {"text": "Baclofen overdose"}, "date": "2026-11-06"},
        {"event": {"text": "Baclofen overdose"}, "date": "2020-01-01"},
        {"event": {"text": "Near miss: baclofen overdose"}, "date": "2026-11-19"},
        {"event": {"text": "Baclofen overdose"}, "actuality": "potential"},
        {"event": {"text": "Withdrawal syndrome"}, "date": "2026-11-19", "suspectEntity": SUSPECT},
        {"event": {"text": "Anaphylaxis"}, "date": "2026-11-19", "suspectEntity": SUSPECT},
        {"event": {"text": "Anaphylaxis"}, "date": "2020-01-01", "suspectEntity": SUSPECT},
        {"date": "2026-11-19", "description": "took too much baclofen, obtunded"},
        {"event": {"text": "Found down"}, "description": "took too much baclofen"},
        {"suspectEntity": SUSPECT},
    ],
)
def test_an_event_of_baclofen_that_is_not_judged_is_asked_for_once(event: Json, assessor: Assessor) -> None:
    (says,) = asked_for(assessor, **event)
    assert says.endswith("an adverse event of baclofen, which is not judged")


@pytest.mark.parametrize(
    "event",
    [
        {"event": {"text": "Baclofen overdose"}, "date": "2026-11-19"},
        {"event": {"text": "Overdose"}, "suspectEntity": SUSPECT},
        {"event": {"text": "Baclofen overdose"}, "status": "entered-in-error"},
        {"event": {"text": "headache"}},
    ],
)
def test_an_event_that_is_judged_or_is_not_of_baclofen_is_not_asked_for(event: Json, assessor: Assessor) -> None:
    assert asked_for(assessor, **event) == []
