"""The table of inputs is the published OperationDefinition, both ways."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from baclofen_safety.fhir.input_values import MODES
from baclofen_safety.fhir.inputs import IN_URL, INPUTS
from baclofen_safety.fhir.searching import LONGEST_PAGE, PAGE, SEARCHES
from baclofen_safety.profiles import load_profiles
from baclofen_safety.web.fhir_batch import MOST, PATIENCE
from baclofen_safety.web.fhir_operation import OPERATION, TYPES
from baclofen_safety.web.preferring import Handling, Return

PAGE_OF_THE_DOOR = (Path(__file__).parents[2] / "docs" / "integration.md").read_text().split("## The FHIR door")[1]
PUBLISHED = load_profiles().artifacts["OperationDefinition", "assess-medication-safety"]


def test_the_table_is_what_is_published() -> None:
    rows = [one for one in PUBLISHED["parameter"] if one["use"] == "in"]
    assert [(one["name"], one["type"], one["max"]) for one in rows] == [
        (row.name, row.type, row.max) for row in INPUTS.values()
    ]
    assert all(one["min"] == 0 for one in rows)


def test_levels_and_modes_are_what_is_published() -> None:
    assert f"${PUBLISHED['code']}" == OPERATION
    assert tuple(PUBLISHED["resource"]) == TYPES
    assert (PUBLISHED["system"], PUBLISHED["type"], PUBLISHED["instance"]) == (True, True, True)
    (mode,) = (one for one in PUBLISHED["parameter"] if one["name"] == "mode")
    assert all(f"{name}" in mode["documentation"] for name in MODES)


def test_what_is_kept_is_published() -> None:
    (kept,) = (one for one in PUBLISHED["description"].split(". ") if " kept" in one)
    assert all(words in kept for words in ("once it is answered", "Idempotency-Key", "respond-async"))


def test_a_moment_to_judge_at_is_published_as_it_is_read() -> None:
    (row,) = (one for one in PUBLISHED["parameter"] if one["name"] == "asOf")
    assert "its end in UTC; a year or a month is no moment" in row["documentation"]


def test_plain_values_may_stand_in_the_url() -> None:
    assert IN_URL == ("subject", "asOf", "mode", "language", "trace")
    assert INPUTS["asOf"].elements == ("valueDateTime", "valueDate", "valueInstant")
    assert INPUTS["content"].elements == ("resource",)


def first_column(section: str) -> list[str]:
    """The names in the first column of a section's table."""
    rows = re.findall(r"^\| (`.+?) \|", PAGE_OF_THE_DOOR.split(f"### {section}")[1].split("###")[0], re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_the_page_names_every_input_parameter_and_preference() -> None:
    assert first_column("Inputs of the operation") == list(INPUTS)
    assert set(first_column("Search")) >= SEARCHES.keys()
    said = [f"return={one}" for one in get_args(Return)] + [f"handling={one}" for one in get_args(Handling)]
    assert sorted(first_column("Preferences")) == sorted([*said, "respond-async"])
    assert f"{PAGE} to a page when nothing is said, {LONGEST_PAGE} at most" in PAGE_OF_THE_DOOR
    assert f"Up to {MOST} entries" in PAGE_OF_THE_DOOR
    assert f"not begun within {PATIENCE:.0f} seconds" in PAGE_OF_THE_DOOR
