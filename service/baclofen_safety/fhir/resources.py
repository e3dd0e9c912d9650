"""The one door to fhir.resources: shape checks with the R4B models, loaded when first needed.

Validation costs 0.1 ms and more a resource, so it has three uses only: to name the place when our own reader
stumbles, for what decides when the caller is strict, and for what we write.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

Shape = tuple[str, str]
"""A place inside the resource ("dosageInstruction[0].timing") and what was expected there."""


@cache
def _model(kind: str) -> Any:
    """The R4B class of a resource type, or None when R4B has no such type."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - 0.2 s, only when needed

    try:
        return get_fhir_model_class(kind)
    except (KeyError, ValueError):
        return None


def _place(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shape_errors(resource: Mapping[str, Any]) -> tuple[Shape, ...]:
    """What the R4B model does not accept of ``resource``; empty when it fits. Never raises."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return (("resourceType", "expected the name of a resource type"),)
    from pydantic import ValidationError  # noqa: PLC0415 - comes with fhir.resources

    model = _model(kind)
    if model is None:
        return (("resourceType", "not a type of FHIR R4B"),)
    try:
        model.model_validate(dict(resource))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return tuple((_place(each["loc"]), each["type"]) for each in found)
    except RecursionError:
        return (("", "too deeply nested"),)
    except (ValueError, KeyError, TypeError) as error:
        return (("", type(error).__name__),)
    return ()


def check_output(resource: Mapping[str, Any]) -> tuple[Shape, ...]:
    """Shape errors of a resource we wrote, entry by entry for a Bundle. Empty when everything is valid."""
    if resource.get("resourceType") != "Bundle":
        return shape_errors(resource)
    found = [
        (f"entry[{index}].resource.{place}".rstrip("."), expected)
        for index, entry in enumerate(resource.get("entry", ()))
        for place, expected in shape_errors(entry.get("resource", {}))
    ]
    shell = {key: value for key, value in resource.items() if key != "entry"}
    return (*shape_errors(shell), *found)
