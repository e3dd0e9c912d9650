"""What a caller who wants strictness is refused for: content that is not the FHIR it says it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice, takewhile
from typing import Any

from ..errors import BadInput
from .operations import Ask
from .resources import misfits
from .versions import FhirVersion, model_version

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}(\[\d+\])*", re.ASCII)
_MOST = 20


def refuse_misfits(ask: Ask) -> None:
    """Raises BadInput (422) naming places of the content, and of the orders beside it, that do not fit FHIR."""
    if ask.declared is FhirVersion.DSTU2:
        text = "handling=strict: there is no definition of DSTU2 (1.0) here to hold the content against."
        raise BadInput(text, ["http.Content-Type"], status=422, code="not-supported")
    places = misfits_of(ask)
    if places:
        fhir = f"FHIR {(ask.declared or FhirVersion.R4).label}"
        text = f"The content does not fit {fhir}. Without handling=strict the rest is judged."
        raise BadInput(text, places, status=422, code="structure")


def misfits_of(ask: Ask) -> tuple[str, ...]:
    """The first places of the content, and of the orders beside it, that do not fit FHIR: the version declared, else
    the one a resource is seen to be in. DSTU2 has no definition here.

    Names that cannot be those of elements are the sender's words and are not repeated.
    """
    if ask.declared is FhirVersion.DSTU2:
        return ()
    places: list[Iterator[str]] = [map(_named, _in_bundle(ask.content, "Bundle", ask.declared))]
    places += [_in_order(one, at, ask.declared) for at, one in enumerate(ask.orders)]
    return tuple(dict.fromkeys(islice(chain.from_iterable(places), _MOST)))


def _in_order(order: Mapping[str, Any], at: int, declared: FhirVersion | None) -> Iterator[str]:
    """Places of an order beside the content; ``at`` counts these orders."""
    beside = f"Parameters.parameter.where(name = 'medicationRequest')[{at}].resource"
    for place in map(_named, _in_resource(order, "order", declared)):
        yield place.replace("order", beside, 1)


def _named(place: str) -> str:
    """As much of a place as the names of elements can make up."""
    return ".".join(takewhile(_NAME.fullmatch, place.split(".")))


def _in_bundle(bundle: Mapping[str, Any], where: str, declared: FhirVersion | None) -> Iterator[str]:
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        yield from _in_resource(bundle, where, declared)
        return
    yield from _in_resource({key: value for key, value in bundle.items() if key != "entry"}, where, declared)
    for at, entry in enumerate(entries):
        yield from _in_entry(entry, f"{where}.entry[{at}]", declared)


def _in_entry(entry: object, where: str, declared: FhirVersion | None) -> Iterator[str]:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or (resource is not None and not isinstance(resource, dict)):
        yield where
        return
    bare = {key: value for key, value in entry.items() if key != "resource"}
    yield from _in_resource({"resourceType": "Bundle", "type": "collection", "entry": [bare]}, "", declared, where)
    if resource is None:
        return
    nested = resource.get("resourceType") == "Bundle"
    yield from (_in_bundle if nested else _in_resource)(resource, f"{where}.resource", declared)


def _in_resource(
    resource: Mapping[str, Any], where: str, declared: FhirVersion | None, instead: str = ""
) -> Iterator[str]:
    """Places of a resource; ``instead`` stands for ``entry[0]`` of the Bundle an entry was put in."""
    for place, _ in misfits(resource, declared or model_version(resource)):
        yield place.replace("entry[0]", instead, 1) if instead else f"{where}.{place}".rstrip(".")
