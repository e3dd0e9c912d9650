"""Which bookings are dialysis, and which only speak of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.chart import Act
from baclofen_safety.core.dialysis import DIALYSIS
from baclofen_safety.fhir.reading import read_chart

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
CODED = {"coding": [{"system": "http://snomed.info/sct", "code": "302497006"}]}


def booked(assessor: Assessor, **said: Any) -> list[Act]:
    """The dialysis a booking is read as."""
    visit = {
        "resourceType": "Appointment",
        "id": "a",
        "status": "booked",
        "start": "2026-11-23T09:00:00Z",
        "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
        **said,
    }
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, visit)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    chart = read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms)
    return [act for act in chart.acts if act.concepts & DIALYSIS]


@pytest.mark.parametrize(
    "said",
    [
        *("Haemodialysis", "Dialysis chair 4", "First dialysis, east wing", "HD session MWF", "in-center HD"),
        *("Hämodialyse", "Hemodiálisis", "Peritoneal dialysis exchange", "CRRT", "ESRD on hemodialysis"),
    ],
)
def test_words_that_are_the_session(assessor: Assessor, said: str) -> None:
    (act,) = booked(assessor, description=said)
    assert not act.loosely


@pytest.mark.parametrize(
    "said",
    [
        *("Transplant clinic, off dialysis", "Kidney donor visit (husband on dialysis)", "Discuss dialysis"),
        *("Caregiver visit, accompanies husband to dialysis", "Possible dialysis next year, nephrology"),
        *("Vein mapping for dialysis", "Dialysis cancelled", "Post dialysis era, transplant follow-up"),
        *("Dialysis session, class for families", "Dialysis unit volunteer"),
    ],
)
def test_words_that_only_speak_of_it(assessor: Assessor, said: str) -> None:
    (act,) = booked(assessor, description=said)
    assert act.loosely


def test_a_code_is_the_session_whatever_is_said_beside_it(assessor: Assessor) -> None:
    (act,) = booked(assessor, serviceType=[CODED], description="Ward 4, transport by family")
    assert not act.loosely


@pytest.mark.parametrize("key", ["specialty", "serviceCategory", "appointmentType"])
def test_the_kind_of_a_visit_may_be_dialysis(assessor: Assessor, key: str) -> None:
    one, many = ({"text": "Dialysis"}, key != "appointmentType")
    assert booked(assessor, **{key: [one] if many else one})
    assert booked(assessor, **{key: [CODED] if many else CODED}, description="Monday group")
    assert not booked(assessor, **{key: [one] if many else one}, description="Vein mapping")
    other = {"text": "Nephrology and dialysis medicine"}
    assert not booked(assessor, **{key: [other] if many else other})
