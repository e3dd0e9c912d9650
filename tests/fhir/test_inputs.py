"""The table of inputs is the published OperationDefinition, both ways."""

from __future__ import annotations

from baclofen_safety.fhir.input_values import MODES
from baclofen_safety.fhir.inputs import IN_URL, INPUTS
from baclofen_safety.profiles import load_profiles
from baclofen_safety.web.fhir_operation import OPERATION, TYPES

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


def test_plain_values_may_stand_in_the_url() -> None:
    assert IN_URL == ("subject", "asOf", "mode", "language", "trace")
    assert INPUTS["asOf"].elements == ("valueDateTime", "valueDate", "valueInstant")
    assert INPUTS["content"].elements == ("resource",)
