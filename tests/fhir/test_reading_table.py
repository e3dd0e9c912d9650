"""The tool that tells how orders of real senders are read; over a folder of such orders when one is named."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dosages import terms

from reading_table import MEDICINES, as_baclofen, page_of, read_row, rows_of, table_of

SHAPES = Path(__file__).parent / "shapes"
WIDER = os.environ.get("BACLOFEN_SAFETY_WIDER_DATA")
DOSAGE = [{"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}]


def order(**more: Any) -> dict[str, Any]:
    made = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-11-01",
    }
    return {**made, "medicationCodeableConcept": {"text": "Simvastatin 40 mg"}, **more}


def test_every_shape_is_read_or_left_out_with_a_reason() -> None:
    rows = rows_of(SHAPES, terms())
    assert len(rows) == len(list(SHAPES.glob("*.json"))) - 1  # the index is none
    left_out = {row.file: row.outcome for row in rows if not row.used}
    assert left_out == {
        "do_not_perform.json": "left out: a prohibition (doNotPerform), never exposure",
        "status_entered_in_error.json": "left out: entered in error",
    }


def test_a_row_says_what_became_of_an_order() -> None:
    row = read_row(order(dosageInstruction=DOSAGE), terms())
    said = (row.version, row.medicine, row.dose, row.status, row.start, row.outcome)
    assert said == (
        "R4/R4B/STU3",
        "known: Simvastatin 40 mg",
        "the dose is missing",
        "active",
        "2026-11-01T00:00",
        "read",
    )


@pytest.mark.parametrize(
    ("unit", "dose"),
    [({"value": 2, "unit": "tablet"}, "60"), ({"value": 20, "unit": "mg"}, "60"), ({"value": 2, "unit": "puff"}, None)],
)
def test_an_order_read_as_baclofen_keeps_its_shape(unit: Mapping[str, Any], dose: str | None) -> None:
    resource = order(dosageInstruction=[{**DOSAGE[0], "doseAndRate": [{"doseQuantity": unit}]}])
    (turned,) = as_baclofen(resource)
    assert turned["dosageInstruction"] == resource["dosageInstruction"]
    row = read_row(resource, terms(), baclofen=True)
    assert row.medicine == "baclofen"
    assert row.dose == (dose or 'the dose unit "puff" is not known')


def test_the_page_counts_every_source_and_all() -> None:
    table = table_of(rows_of(SHAPES.parent, terms()))
    lines = list(page_of(table, table))
    assert [line.split(" | ")[0] for line in lines] == ["| Source", "| ---", "| shapes", "| all"]
    assert lines[2].partition(" | ")[2] == lines[3].partition(" | ")[2]


def test_types_of_a_source_are_told_apart() -> None:
    table = table_of(rows_of(SHAPES.parent, terms(), types=True))
    assert {"shapes MedicationRequest", "shapes MedicationOrder", "all"} <= table.keys()
    assert table["all"].resources == sum(one.resources for name, one in table.items() if name != "all")
    assert all(len(one.types) == 1 for name, one in table.items() if name != "all")


if WIDER:  # a wider run over a folder of real records

    def test_no_order_of_the_wider_data_is_left_out_without_a_reason() -> None:
        rows = rows_of(Path(WIDER), terms())
        silent = [row.file for row in rows if row.kind in MEDICINES and not (row.used or row.outcome[:8] == "left out")]
        broken = [row.file for row in rows if any("Error)" in one.says for one in row.troubles)]
        assert (silent, broken) == ([], [])
