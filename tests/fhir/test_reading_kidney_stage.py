"""The stage of a kidney disease in an element of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.reading import read_chart

AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
CKD = "Chronic kidney disease"


def stages(assessor: Assessor, said: str, summary: dict[str, Any]) -> set[str]:
    """The stages a condition is read as, with this in ``stage.summary``."""
    problem = {
        "resourceType": "Condition",
        "id": "c",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": said},
        "stage": [{"summary": summary}],
    }
    entry = [{"resource": one} for one in ({"resourceType": "Patient", "id": "p1"}, problem)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entry}
    chart = read_chart(bundle, as_of=AS_OF, subject=None, terms=assessor.terms)
    return {one for each in chart.problems for one in each.concepts if one.startswith("cond-ckd-stage")}


@pytest.mark.parametrize(
    ("summary", "stage"),
    [
        ({"text": "Stage 5"}, "5"),
        ({"text": "CKD stage 5"}, "5"),
        ({"text": "Stage IV"}, "4"),
        ({"text": "G5"}, "5"),
        ({"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "N18.4"}]}, "4"),
    ],
)
def test_the_stage_of_a_kidney_disease(assessor: Assessor, summary: dict[str, Any], stage: str) -> None:
    assert stages(assessor, CKD, summary) == {f"cond-ckd-stage-{stage}"}


def test_what_is_no_stage_of_it(assessor: Assessor) -> None:
    assert stages(assessor, CKD, {"text": "A3"}) == set()
    assert stages(assessor, "Renal cell carcinoma", {"text": "Stage 4"}) == set()
    assert stages(assessor, f"{CKD} stage 3", {"text": "Stage 5"}) == {"cond-ckd-stage-3"}
