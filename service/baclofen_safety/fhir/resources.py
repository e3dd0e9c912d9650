"""The one door to fhir.resources: shape checks with the models of a version, loaded when first needed.

Validation costs 0.1 ms and more a resource, so it has three uses only: to name the place when our own reader
stumbles, for what decides when the caller is strict, and for what we write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import takewhile
from typing import Any

from .bindings import codes_of, is_bound, is_in_value_set
from .versions import FhirVersion

_QUOTED = re.compile(r"'([A-Za-z]+)'")

Shape = tuple[str, str]
"""A place inside the resource ("dosageInstruction[0].timing") and what was expected there."""


_MODELS = {FhirVersion.STU3: "fhir.resources.STU3", FhirVersion.R5: "fhir.resources"}
"""Where the models of a version are; those of R4B stand for R4, too."""


@cache
def _model(kind: str, version: FhirVersion) -> Any:
    """The class of a resource type, or None when the version has no such type."""
    models = import_module(_MODELS.get(version, "fhir.resources.R4B"))  # 0.2 s, only when needed
    try:
        return models.get_fhir_model_class(kind)
    except (KeyError, ValueError):
        return None


def _place(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _choice_in(says: str) -> str:
    """The element of which the models say that none of its types is there ("medication"); "" when they say another
    thing."""
    if "any of field value from this list" not in says:
        return ""
    both = zip(*_QUOTED.findall(says), strict=False)
    return "".join(one for one, *others in takewhile(lambda same: len({*same}) == 1, both))


def shape_errors(resource: Mapping[str, Any], version: FhirVersion = FhirVersion.R4) -> tuple[Shape, ...]:
    """What the model of a version does not accept of ``resource``; empty when it fits. Never raises.

    There are models of STU3, R4B (R4 is held against it) and R5; none of DSTU2.
    """
    return _held_against(resource, version)[1]


def misfits(resource: Mapping[str, Any], version: FhirVersion) -> tuple[Shape, ...]:
    """Shape errors, else the codes that are not of the value set their element is bound to."""
    made, errors = _held_against(resource, version)
    return errors or tuple((place, "code") for place in _wrong_codes(made, ""))


def _held_against(resource: Mapping[str, Any], version: FhirVersion) -> tuple[Any, tuple[Shape, ...]]:
    """The resource as the model of a version, None when it does not fit, and why."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return None, (("resourceType", "expected the name of a resource type"),)
    from pydantic import ValidationError  # noqa: PLC0415 - comes with fhir.resources

    model = _model(kind, version)
    if model is None:
        return None, (("resourceType", f"not a type of FHIR {version.name}"),)
    try:
        return model.model_validate(dict(resource)), ()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return None, tuple((_place(each["loc"]) or _choice_in(each["msg"]), each["type"]) for each in found)
    except RecursionError:
        return None, (("", "too deeply nested"),)
    except (ValueError, KeyError, TypeError) as error:
        return None, (("", type(error).__name__),)


def _wrong_codes(made: Any, where: str) -> Iterator[str]:
    """The places below a model, whose own place is ``where``, of codes that are not of their list."""
    kind = type(made).__name__
    for name, field in type(made).model_fields.items():
        value, called = getattr(made, name), field.alias or name
        many = isinstance(value, list)
        for at, one in enumerate(value if many else [value]):
            place = f"{where}{called}[{at}]" if many else f"{where}{called}"
            if is_bound(f"{kind}.{called}") and not isinstance(one, str | None):
                if not is_in_value_set(f"{kind}.{called}", ((each.system, each.code) for each in one.coding or ())):
                    yield place
            elif hasattr(type(one), "model_fields"):
                yield from _wrong_codes(one, f"{place}.")
            elif isinstance(one, str) and not _fits(one, f"{kind}.{called}", field.json_schema_extra):
                yield place


def _fits(code: str, element: str, said: object) -> bool:
    listed = said.get("enum_values") if isinstance(said, dict) else None
    return not listed or code in (codes_of(element, listed) or (code,))


def check_output(resource: Mapping[str, Any], version: FhirVersion = FhirVersion.R4) -> tuple[Shape, ...]:
    """Shape errors of a resource we wrote, entry by entry for a Bundle. Empty when everything is valid."""
    if resource.get("resourceType") != "Bundle":
        return shape_errors(resource, version)
    found = [
        (f"entry[{index}].resource.{place}".rstrip("."), expected)
        for index, entry in enumerate(resource.get("entry", ()))
        for place, expected in shape_errors(entry.get("resource", {}), version)
    ]
    shell = {key: value for key, value in resource.items() if key != "entry"}
    return (*shape_errors(shell, version), *found)


@dataclass(frozen=True, slots=True)
class Elements:
    """The names of a type's elements: all, those of a summary, and those that may not be missing."""

    known: frozenset[str]
    summary: frozenset[str]
    needed: frozenset[str]


@cache
def elements_of(kind: str) -> Elements:
    """What FHIR R4B says of a resource type that exists there."""
    fields = [
        (one.alias or name, one.json_schema_extra or {})
        for name, one in _model(kind, FhirVersion.R4B).model_fields.items()
    ]
    return Elements(
        frozenset(name for name, said in fields if said.get("element_property")),
        frozenset(name for name, said in fields if said.get("summary_element_property")),
        frozenset(name for name, said in fields if said.get("element_required")),
    )
