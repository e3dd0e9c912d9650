"""What would close a gap, as DataRequirements: which resources, with which codes, since when, with which elements.

Code filters of one requirement all have to match, so that there is one requirement for each ValueSet: what matches any
of them helps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..core.fact import Need, Part
from .outcome import CANONICAL

Resource = dict[str, Any]
Codes = Mapping[str, tuple[Mapping[str, str], ...]]
"""By concept the Codings of its ValueSet, where they are few."""
MOST_CODES = 8
"""Codes written into a filter beside its ValueSet; a longer list is left to the ValueSet."""

MOST_ALIKE = 4
"""Searches for conditions, each narrowed to one ValueSet, that are asked for side by side."""
_AT_ONCE = frozenset({"Condition"})
"""Types of which all there is of a patient is little."""

_CODE_PATH = {
    "Device": "type",
    "DocumentReference": "type",
    "Communication": "topic",
    **dict.fromkeys(
        ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"), "medication"
    ),
}
"""The element of a type that its codes stand in, where that is not ``code``."""
_DATE_PATH = {
    "Observation": "effective",
    "Condition": "onset",
    "MedicationRequest": "authoredOn",
    "MedicationDispense": "whenHandedOver",
    "MedicationStatement": "effective",
    "MedicationAdministration": "effective",
    "Procedure": "performed",
    "Encounter": "period",
    "List": "date",
    "DocumentReference": "date",
}
_DOSE: Mapping[Part, str] = {
    "dose": "doseAndRate.dose",
    "times": "timing",
    "route": "route",
}
_ELEMENTS: Mapping[tuple[str, Part], str] = {
    ("Patient", "birth"): "birthDate",
    ("Patient", "sex"): "gender",
    **{("MedicationRequest", part): f"dosageInstruction.{path}" for part, path in _DOSE.items()},
    **{("MedicationStatement", part): f"dosage.{path}" for part, path in _DOSE.items()},
    ("MedicationRequest", "stay"): "encounter",
    ("MedicationRequest", "state"): "status",
    ("MedicationRequest", "start"): "authoredOn",
    ("MedicationRequest", "period"): "dosageInstruction.timing.repeat.bounds",
    ("MedicationRequest", "refills"): "dispenseRequest.numberOfRepeatsAllowed",
    ("MedicationStatement", "state"): "status",
    ("MedicationStatement", "period"): "effective",
    ("MedicationDispense", "date"): "whenHandedOver",
    ("MedicationDispense", "length"): "daysSupply",
    ("MedicationAdministration", "state"): "status",
    ("MedicationAdministration", "date"): "effective",
    ("Observation", "value"): "value",
    ("Observation", "date"): "effective",
    ("Observation", "state"): "status",
    ("Condition", "certainty"): "verificationStatus",
    ("Condition", "start"): "onset",
    ("Condition", "state"): "clinicalStatus",
    ("Procedure", "date"): "performed",
    ("Device", "model"): "deviceName",
    ("Encounter", "period"): "period",
}


def few(compose: Mapping[str, Any]) -> tuple[Mapping[str, str], ...]:
    """The Codings a ValueSet lists, when it lists all of its codes and they are few."""
    includes = compose.get("include", ())
    if "exclude" in compose or any("filter" in one or "valueSet" in one for one in includes):
        return ()
    codings = tuple({"system": one["system"], **concept} for one in includes for concept in one.get("concept", ()))
    return codings if len(codings) <= MOST_CODES else ()


def requirements(needs: Iterable[Need], codes: Codes) -> list[Resource]:
    """The DataRequirements of all needs, each once, in their order."""
    made: list[Resource] = []
    for need in needs:
        made += [one for one in _of(need, codes) if one not in made]
    return made


def fewest(wanted: list[Resource]) -> list[Resource]:
    """The same in few searches: without what a search for all of a type brings too, and with one such search in place
    of many that are narrowed to conditions alone. What names elements (``mustSupport``) or a day stays."""
    narrow = Counter(one["type"] for one in wanted if one["type"] in _AT_ONCE and one.keys() == {"type", "codeFilter"})
    whole = {one["type"] for one in wanted if one.keys() == {"type"}}
    whole |= {kind for kind, many in narrow.items() if many > MOST_ALIKE}
    kept: list[Resource] = []
    for one in wanted:
        said = {"type": one["type"]} if one["type"] in whole and one.keys() <= {"type", "codeFilter"} else one
        if said not in kept:
            kept.append(said)
    return kept


def _of(need: Need, codes: Codes) -> Iterator[Resource]:
    for concept in need.concepts or (None,):
        made: Resource = {"type": need.resource}
        if must := [_ELEMENTS[need.resource, part] for part in need.parts]:
            made["mustSupport"] = must
        if concept is not None:
            path = _CODE_PATH.get(need.resource, "code")
            made["codeFilter"] = [{"path": path, "valueSet": f"{CANONICAL}/ValueSet/{concept}"}]
            if listed := codes.get(concept):
                made["codeFilter"][0]["code"] = [dict(one) for one in listed]
        if need.since is not None:
            period = {"start": _said(need)}
            made["dateFilter"] = [{"path": _DATE_PATH[need.resource], "valuePeriod": period}]
        yield made


def _said(need: Need) -> str:
    since = need.since
    assert since is not None
    if isinstance(since, datetime):
        return since.isoformat(timespec="seconds").replace("+00:00", "Z")
    return since.isoformat()
