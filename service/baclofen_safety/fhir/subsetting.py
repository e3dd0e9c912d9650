"""Pieces of an artifact: ``_summary`` and ``_elements``. A cut one is tagged, so that nobody takes it for whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import BadParameter
from .resources import elements_of
from .tagging import tagged

Json = dict[str, Any]

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
SUMMARIES = ("true", "text", "data", "count", "false")
_ALWAYS = frozenset({"resourceType", "id", "meta"})
_MODIFIERS = frozenset({"implicitRules", "modifierExtension"})


def subset(resource: Mapping[str, Any], summary: str, elements: frozenset[str]) -> Json:
    """The resource, or the pieces of it that are wanted; what may not be missing stays.

    ``summary`` is "" or of SUMMARIES, ``elements`` are names or none.
    """
    known = elements_of(str(resource["resourceType"]))
    must = _ALWAYS | _MODIFIERS | known.needed
    match summary:
        case "true":
            kept = must | known.summary
        case "text":
            kept = must | {"text"}
        case "data":
            kept = known.known - {"text"} | _ALWAYS
        case _ if elements:
            kept = must | elements
        case _:
            return dict(resource)
    return tagged({key: value for key, value in resource.items() if key.removeprefix("_") in kept}, SUBSETTED)


def read_summary(text: str | None) -> str:
    """``_summary``; "" when there is none. Raises BadParameter."""
    if text and text not in SUMMARIES:
        raise BadParameter(f"_summary: one of {', '.join(SUMMARIES)} was expected.", ["http._summary"])
    return text or ""


def read_elements(text: str | None, kind: str, *, lenient: bool) -> frozenset[str]:
    """``_elements``: names of elements of the type. Raises BadParameter for others, unless ``lenient``."""
    named = frozenset(filter(None, (part.strip() for part in (text or "").split(","))))
    if named - elements_of(kind).known and not lenient:
        raise BadParameter(
            f"_elements: names of elements of {kind} were expected, with commas between.", ["http._elements"]
        )
    return named
