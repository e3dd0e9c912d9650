"""Every hand-made order, through the reader and the timeline, to the daily dose worked out by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from baclofen_safety.assessor import Assessor
from baclofen_safety.core.fact import Known
from baclofen_safety.core.facts import Facts
from baclofen_safety.fhir.reading import read_chart

SHAPES = Path(__file__).parent / "shapes"
AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
INDEX = {row["file"]: row for row in json.loads((SHAPES / "_index.json").read_text())}

# Where the dose said in words needs a number, or we differ from the hand-worked value on purpose.
SAID = {
    "dose_range.json": "30",  # 15 to 30: ranges use the upper end
    "as_needed_with_max.json": "30",  # up to 30
    "as_needed_for_spasm.json": "30",  # up to 30
    "frequency_max.json": "40",  # 30 to 40
    # The hand-worked value is null because the weekly average is not the daily dose; the dose of a taking day is what
    # the patient swallows that day, and the average is told beside it.
    "day_of_week_only.json": "30",
    "titration_sequences.json": "0",  # 15, 30, 45, three days each from 2026-11-01: over by now
}
STEPS = {datetime(2026, 11, 2, 12, tzinfo=UTC): "15", datetime(2026, 11, 5, 12, tzinfo=UTC): "30"} | {
    datetime(2026, 11, 8, 12, tzinfo=UTC): "45"
}


def facts_of(file: str, as_of: datetime, assessor: Assessor) -> Facts:
    order = json.loads((SHAPES / file).read_text())
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
    chart = read_chart(bundle, as_of=as_of, subject=None, terms=assessor.terms)
    return Facts(chart, as_of, assessor.book.shared_limits(as_of.date()))


@pytest.mark.parametrize("file", INDEX)
def test_daily_dose(file: str, assessor: Assessor) -> None:
    row = INDEX[file]
    facts = facts_of(file, AS_OF, assessor)
    if row["route"] == "intrathecal":
        dose = row["mg_per_day"].split()[0]
        wanted = Decimal(280) if dose == "intrathecal" else Decimal(dose) * 1000  # text: 280 mcg/day
        assert isinstance(facts.it.daily_dose, Known)
        assert facts.it.daily_dose.value == wanted
        assert facts.oral.orders == ()
        return
    said = SAID.get(file, row["mg_per_day"])
    daily = facts.oral.daily_dose
    if said is None:
        told = facts.oral.uncomputable or facts.chart.troubles or file == "topical_compound.json"
        assert told
        assert not isinstance(daily, Known) or daily.value == 0
    else:
        assert isinstance(daily, Known)
        assert daily.value == Decimal(said)


@pytest.mark.parametrize("as_of", STEPS)
def test_a_titration_is_never_added_up(as_of: datetime, assessor: Assessor) -> None:
    daily = facts_of("titration_sequences.json", as_of, assessor).oral.daily_dose
    assert isinstance(daily, Known)
    assert daily.value == Decimal(STEPS[as_of])


def test_dstu2_is_read_and_told_by_its_name(assessor: Assessor) -> None:
    facts = facts_of("dstu2_medication_order.json", AS_OF, assessor)
    [trouble] = [each for each in facts.chart.troubles if each.kind == "version"]
    assert trouble.ref == "MedicationOrder/dstu2"
    assert trouble.says.startswith("in the shape of FHIR DSTU2 (1.0); read as a MedicationRequest; it has no intent")
    assert not trouble.needed
