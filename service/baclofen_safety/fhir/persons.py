"""Who is meant where no address says so: by identifier, by a contained resource, by the type or the words of a
Reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..terminology.text import words
from .addresses import READ_TYPES, tail_of
from .bundle import Json, Record
from .page import Page

_SEXES = frozenset({"male", "female"})
_NO_NAME = re.compile(r"[\W\d_]*(?:patient|mrn|id|subject|case)?[\W\d_]*", re.IGNORECASE)
_PEOPLE = frozenset({"Patient", "RelatedPerson", "Person", "Group", "Practitioner", "PractitionerRole", "Organization"})


def identifiers(value: object) -> Iterator[tuple[object, object]]:
    """Business identifiers as (system, value)."""
    for each in value if type(value) is list else ():
        if type(each) is dict and type(each.get("value")) is str:
            yield (str(each.get("system")), each["value"])


def is_identified(patient: Json, said: object) -> bool | None:
    """Does an identifier mean the patient? None when it is of a system the patient has no number in."""
    known = frozenset(identifiers(patient.get("identifier")))
    for system, number in identifiers([said]):
        if (system, number) in known:
            return True
        if any(system == own for own, _ in known):
            return False
    return None


def is_described(record: Record, patient: Json, said: Json, holder: Json) -> bool | None:
    """Does a Reference without an address, or to what is contained, mean the patient? None when nothing tells."""
    found = record.find(said, holder)
    if found is not None:
        contained = found[1]
        return is_same_person(patient, contained) if contained.get("resourceType") == "Patient" else False
    kind = said.get("type")
    if type(kind) is str and kind.rpartition("/")[2] != "Patient":
        return False
    display = said.get("display")
    return _is_called(patient, display) if type(display) is str else None


def is_same_person(patient: Json, other: Json) -> bool | None:
    """Are two Patients one? True by a number, False when anything contradicts, None when nothing tells."""
    said = other.get("identifier")
    for each in said if type(said) is list else ():
        told = is_identified(patient, each)
        if told is not None:
            return told
    born, other_born = patient.get("birthDate"), other.get("birthDate")
    if type(born) is str and type(other_born) is str:
        length = min(len(born), len(other_born))
        if born[:length] != other_born[:length]:
            return False
    if {patient.get("gender"), other.get("gender")} == _SEXES:
        return False
    families, others = _families(patient), _families(other)
    return False if families and others and not families & others else None


def _is_called(patient: Json, display: str) -> bool | None:
    """Is a display the patient's name, id or number? None when it is no name, or the patient has none."""
    numbers = {str(number) for _, number in identifiers(patient.get("identifier"))} | {str(patient.get("id") or "")}
    if any(re.search(rf"(?<!\w){re.escape(number)}(?!\w)", display) for number in numbers - {""}):
        return True
    if _NO_NAME.fullmatch(display):
        return None
    known, spoken = _families(patient), frozenset(words(display))
    return None if not known else bool(known & spoken)


def _families(patient: Json) -> frozenset[str]:
    """The words of every family name; of a name that is text alone, all of its words."""
    held = patient.get("name")
    names = held if type(held) is list else [held]
    written = [each.get("family") or each.get("text") for each in names if type(each) is dict]
    return frozenset(word for one in written for part in _strings(one) for word in words(part))


def _strings(value: Any) -> list[str]:
    return [each for each in (value if type(value) is list else [value]) if type(each) is str]


def is_of_another(page: Page) -> bool | None:
    """Is what an Observation focuses on another person? None when that cannot be told.

    A part of the patient, a device in it or another record of it (a condition, a procedure) is the patient.
    """
    said = page.elements("focus")
    kinds = {_kind_of(page.intake.record, page.intake.patient_ref, each, page.resource) for each in said}
    if not said or "" in kinds:
        return False
    if kinds & _PEOPLE:
        return True
    return None if None in kinds else False


def _kind_of(record: Record, ref: str, said: Json, holder: Json) -> str | None:
    """The type a Reference leads to; "" when it is the patient, None when nothing says it."""
    target, kind = said.get("reference"), said.get("type")
    if type(target) is str and record.name(target) == ref:
        return ""
    found = record.find(said, holder)
    if found is not None:
        return str(found[1].get("resourceType"))
    led_to = tail_of(target).partition("/")[0] if type(target) is str else ""
    if led_to in READ_TYPES:
        return led_to
    return kind.rpartition("/")[2] if type(kind) is str and kind else None
