"""The marks of versions against the models of every version, and what they see of real shapes."""

from __future__ import annotations

import tomllib
from importlib import import_module
from importlib.resources import files

import pytest

from baclofen_safety.fhir.versions import (
    FhirVersion,
    bears_mark_of,
    foreign_to,
    model_version,
    seen_version,
    seen_versions,
    version_named,
)

MARKS = tomllib.loads(files("baclofen_safety.fhir").joinpath("version_marks.toml").read_text())
MODELS = {"3": "fhir.resources.STU3", "4": "fhir.resources.R4B", "5": "fhir.resources"}
PLAIN = [
    (kind, name, said) for kind, marks in MARKS.items() for name, said in marks.items() if name.isalnum() or "_" in name
]


def elements(generation: str, kind: str) -> set[str]:
    """The JSON names of a type's elements; none when the version has no such type."""
    try:
        model = import_module(MODELS[generation]).get_fhir_model_class(kind)
    except (KeyError, ValueError):
        return set()
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize("kind", MARKS)
def test_every_mark_is_where_the_models_have_it(kind: str) -> None:
    has = {one: elements(one, "Dosage" if kind == "dosage" else kind) for one in MODELS}
    wrong = {
        name: said
        for each, name, said in PLAIN
        if each == kind and {one for one in "345" if one in said} != {one for one in MODELS if name in has[one]}
    }
    assert wrong == {}


@pytest.mark.parametrize("kind", [kind for kind in MARKS if "type:is" in MARKS[kind]])
def test_types_of_some_versions_only(kind: str) -> None:
    assert {one for one in MODELS if elements(one, kind)} == set(MARKS[kind]["type:is"]) - {"2"}


def test_a_mark_that_every_version_has_is_none() -> None:
    assert [(kind, name) for kind, marks in MARKS.items() for name, said in marks.items() if said == "2345"] == []


ORDER = {"resourceType": "MedicationRequest", "status": "active"}


@pytest.mark.parametrize(
    ("resource", "seen"),
    [
        ({"resourceType": "MedicationOrder"}, FhirVersion.DSTU2),
        (ORDER | {"dateWritten": "2016"}, FhirVersion.DSTU2),
        (ORDER | {"requester": {"agent": {"display": "A"}}}, FhirVersion.STU3),
        (ORDER | {"context": {}, "dosageInstruction": [{"doseQuantity": {"value": 1}}]}, FhirVersion.STU3),
        (ORDER | {"reportedBoolean": True}, FhirVersion.R4),
        (ORDER | {"medicationCodeableConcept": {}, "dosageInstruction": [{"doseAndRate": []}]}, FhirVersion.R4),
        (ORDER | {"medication": {"concept": {}}}, FhirVersion.R5),
        (ORDER | {"dosageInstruction": [{"maxDosePerPeriod": [{}]}]}, FhirVersion.R5),
        ({"resourceType": "Encounter", "class": "inpatient"}, FhirVersion.DSTU2),
        ({"resourceType": "Encounter", "class": [{}]}, FhirVersion.R5),
        ({"resourceType": "AllergyIntolerance", "clinicalStatus": "active"}, FhirVersion.STU3),
        ({"resourceType": "DeviceUsage"}, FhirVersion.R5),
        (ORDER, None),
        (ORDER | {"medicationCodeableConcept": {}}, None),
        (ORDER | {"context": {}, "medication": {}}, None),
        ({"resourceType": "Basic"}, None),
        ({}, None),
    ],
)
def test_the_version_a_resource_is_in(resource: dict[str, object], seen: FhirVersion | None) -> None:
    assert seen_version(resource) is seen


def test_marks_that_contradict_leave_no_version() -> None:
    assert seen_versions(ORDER) == frozenset(FhirVersion)
    assert seen_versions(ORDER | {"context": {}, "medication": {}}) == frozenset()


def test_what_a_version_does_not_have() -> None:
    assert foreign_to(ORDER | {"medication": {}}, FhirVersion.R4) == "medication"
    assert foreign_to(ORDER | {"medication": {}}, FhirVersion.R5) is None
    assert foreign_to({"resourceType": "MedicationOrder"}, FhirVersion.R4) == ""
    assert bears_mark_of(ORDER | {"patient": {}}, FhirVersion.DSTU2)
    assert not bears_mark_of(ORDER, FhirVersion.DSTU2)


def test_models_to_hold_a_resource_against() -> None:
    assert model_version(ORDER) is FhirVersion.R4
    assert model_version(ORDER | {"medication": {}}) is FhirVersion.R5
    assert model_version(ORDER | {"context": {}}) is FhirVersion.STU3
    assert model_version(ORDER | {"context": {}, "medication": {}}) is FhirVersion.R4


@pytest.mark.parametrize(
    ("name", "version"),
    [("4.0", "4.0"), ("4.0.1", "4.0"), ('"4.3.0"', "4.3"), (" 5.0.0", "5.0"), ("3.0.2", "3.0"), ("1.0", "1.0")],
)
def test_names_of_versions(name: str, version: str) -> None:
    assert version_named(name) == version


@pytest.mark.parametrize("name", ["", "4", "r4", "4.0.9", "6.0"])
def test_names_of_none(name: str) -> None:
    assert version_named(name) is None
