"""The versions of FHIR: their names on the wire, and in which of them a resource is written.

Detection is by marks (``version_marks.toml``): elements, or forms of an element, that not every version has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any


class FhirVersion(StrEnum):
    """A version by its ``fhirVersion`` of media types."""

    DSTU2 = "1.0"
    STU3 = "3.0"
    R4 = "4.0"
    R4B = "4.3"
    R5 = "5.0"

    @property
    def label(self) -> str:
        """What people call it: "R4 (4.0)"."""
        return f"{self.name} ({self.value})"


WRITTEN = (FhirVersion.R4, FhirVersion.R4B, FhirVersion.R5)
"""Versions we answer in; all are read."""

PUBLICATION = {FhirVersion.R4: "4.0.1", FhirVersion.R4B: "4.3.0", FhirVersion.R5: "5.0.0"}
_NAMES = {
    **{version.value: version for version in FhirVersion},
    **{name: version for version, name in PUBLICATION.items()},
    **dict.fromkeys(("1.0.1", "1.0.2"), FhirVersion.DSTU2),
    **dict.fromkeys(("3.0.0", "3.0.1", "3.0.2"), FhirVersion.STU3),
    "4.0.0": FhirVersion.R4,
}
_GENERATIONS = {
    "2": frozenset({FhirVersion.DSTU2}),
    "3": frozenset({FhirVersion.STU3}),
    "4": frozenset({FhirVersion.R4, FhirVersion.R4B}),  # alike in every resource we touch
    "5": frozenset({FhirVersion.R5}),
}
_ALL = frozenset(FhirVersion)
_FORMS: Mapping[str, type] = {"code": str, "object": dict, "list": list}


def version_named(name: str) -> FhirVersion | None:
    """The version a ``fhirVersion`` parameter names, with or without the patch level; None for any other text."""
    return _NAMES.get(name.strip().strip('"').strip())


def seen_versions(resource: Mapping[str, Any]) -> frozenset[FhirVersion]:
    """The versions in whose shape a resource is; all of them where it has no mark, none where marks contradict."""
    found = _ALL
    for _, versions in _met(resource):
        found &= versions
    return found


def seen_version(resource: Mapping[str, Any]) -> FhirVersion | None:
    """The one version in whose shape a resource is (R4 for R4 and R4B); None where several fit, or none."""
    found = seen_versions(resource)
    if FhirVersion.R4 in found:
        found -= {FhirVersion.R4B}
    return next(iter(found)) if len(found) == 1 else None


def model_version(resource: Mapping[str, Any]) -> FhirVersion:
    """The version whose models a resource is to be held against: R4 where it fits, or where its marks contradict."""
    found = seen_versions(resource)
    return next((one for one in (FhirVersion.R4, FhirVersion.R5, FhirVersion.STU3) if one in found), FhirVersion.R4)


def bears_mark_of(resource: Mapping[str, Any], version: FhirVersion) -> bool:
    """Has it an element that this version alone has?"""
    return any(versions == {version} for _, versions in _met(resource))


def foreign_to(resource: Mapping[str, Any], version: FhirVersion) -> str | None:
    """The first element of a resource that ``version`` does not have, or not in this form; "" for the type itself."""
    return next((path for path, versions in _met(resource) if version not in versions), None)


def _met(resource: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[FhirVersion]]]:
    """The marks a resource carries: (path, versions that have it)."""
    for path, form, versions in _marks().get(str(resource.get("resourceType")), ()):
        if not path or any(form is None or isinstance(one, form) for one in _at(resource, path.split("."))):
            yield path, versions


def _at(holder: object, path: list[str]) -> Iterator[object]:
    """The values at the end of a path, lists on the way walked through."""
    if isinstance(holder, list) and path:
        for one in holder:
            yield from _at(one, path)
    elif not path:
        yield holder
    elif isinstance(holder, dict) and path[0] in holder:
        yield from _at(holder[path[0]], path[1:])


@cache
def _marks() -> Mapping[str, tuple[tuple[str, type | None, frozenset[FhirVersion]], ...]]:
    table = tomllib.loads(files(__package__).joinpath("version_marks.toml").read_text("utf-8"))
    shared = table.pop("dosage")
    return {
        kind: tuple(
            _mark(path, said)
            for path, said in (
                *marks.items(),
                *((f"{holder}.{path}", said) for holder in _DOSAGES.get(kind, ()) for path, said in shared.items()),
            )
        )
        for kind, marks in table.items()
    }


_DOSAGES = {
    "MedicationOrder": ("dosageInstruction",),
    "MedicationRequest": ("dosageInstruction",),
    "MedicationDispense": ("dosageInstruction",),
    "MedicationStatement": ("dosage",),
}


def _mark(path: str, said: str) -> tuple[str, type | None, frozenset[FhirVersion]]:
    name, _, form = path.partition(":")
    versions = frozenset[FhirVersion]().union(*(_GENERATIONS[one] for one in said))
    return ("" if name == "type" and form == "is" else name), _FORMS.get(form), versions
