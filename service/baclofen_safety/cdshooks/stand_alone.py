"""A resource of the answer Bundle, made fit to be filed on its own."""

from __future__ import annotations

import re
from typing import Any

from ..fhir.addresses import tail_of
from .occasion import Occasion

Json = dict[str, Any]
_KNOWN = re.compile(r"(https?://\S+/)?[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,200}(/_history/\S+)?")
_OWN = ("id", "supportingInformation")
"""What ties a draft to the answer it came in; a detected issue keeps its id, so that it can be recognised."""


def stand_alone(resource: Json, occasion: Occasion) -> Json:
    """The resource without references that lead nowhere outside the answer, about the patient of the call."""
    left_out = () if resource["resourceType"] == "DetectedIssue" else _OWN
    kept = {key: value for key, value in resource.items() if key not in left_out}
    made = _cleaned(kept, occasion)
    person = "patient" if "patient" in made else "subject"
    return {**made, person: occasion.patient}


def _cleaned(value: Any, occasion: Occasion) -> Any:
    """The value without such references; what is left empty by that is left out."""
    if isinstance(value, list):
        return [one for one in (_cleaned(each, occasion) for each in value) if not _is_empty(one)]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, each in value.items():
        lost = key == "reference" and isinstance(each, str) and "resourceType" not in value
        if lost and not _leads_somewhere(each, occasion):
            continue
        one = _cleaned(each, occasion) if isinstance(each, dict | list) else each
        if not _is_empty(one):
            made[key] = one
    return made


def _is_empty(value: Any) -> bool:
    return not value and value != 0


def _leads_somewhere(ref: str, occasion: Occasion) -> bool:
    """Can the client find it: a resource of its record, or one of the session that has an id of its own?"""
    return bool(_KNOWN.fullmatch(ref)) and (tail_of(ref) not in occasion.session.refs or tail_of(ref) in occasion.sent)
