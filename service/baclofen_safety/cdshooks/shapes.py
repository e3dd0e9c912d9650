"""What callers send where resources belong: Bundles, entries with and without their wrapper, lists, references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..fhir.addresses import tail_of
from ..fhir.resource_types import READABLE

Json = dict[str, Any]
_REF = re.compile(r"[A-Za-z]+/[A-Za-z0-9.\-]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing sent: a resource, a reference (canonical), or neither, which nobody can read."""

    resource: Json | None = None
    reference: str = ""
    url: str = ""  # fullUrl of the entry


def pieces_of(value: object) -> Iterator[Piece]:
    """Everything a field holds, whatever its shape. Nothing that was sent is passed over."""
    if isinstance(value, str) and value:
        yield Piece(reference=tail_of(value))
    elif isinstance(value, list):
        for each in value:
            yield from pieces_of(each)
    elif isinstance(value, Mapping):
        yield from _pieces_of_object(dict(value))
    else:
        yield Piece()


def _pieces_of_object(value: Json) -> Iterator[Piece]:
    kind, entries = value.get("resourceType"), value.get("entry")
    if kind == "Bundle" or (kind is None and isinstance(entries, list)):
        if entries is not None:
            yield from pieces_of(entries)
    elif kind == "Parameters":
        yield from tuple(_pieces_of_parameters(value.get("parameter"))) or (Piece(),)
    elif isinstance(kind, str) and kind in READABLE:
        yield Piece(resource=value)
    elif isinstance(value.get("resource"), Mapping):
        url = value.get("fullUrl")
        for piece in pieces_of(value["resource"]):
            yield Piece(piece.resource, piece.reference, url if isinstance(url, str) else "")
    elif isinstance(value.get("reference"), str):
        yield from pieces_of(value["reference"])
    elif _REF.fullmatch(tail_of(str(value.get("fullUrl")))):
        yield Piece(reference=tail_of(str(value["fullUrl"])))
    else:
        yield Piece()


def _pieces_of_parameters(parameters: object) -> Iterator[Piece]:
    """The resources and references that parameters and their parts hold."""
    for each in parameters if isinstance(parameters, list) else ():
        if isinstance(each, Mapping):
            for key in each.keys() & {"resource", "valueReference"}:
                yield from pieces_of(each[key])
            yield from _pieces_of_parameters(each.get("part"))


def ref_of(resource: Mapping[str, Any]) -> str:
    """``Type/id``; "" for a resource without an id that can be read."""
    kind, identity = resource.get("resourceType"), resource.get("id")
    return f"{kind}/{identity}" if isinstance(identity, str) and identity else ""


def status_of(resource: Mapping[str, Any]) -> str:
    """The status in small letters; "" when there is none."""
    status = resource.get("status")
    return status.strip().lower() if isinstance(status, str) else ""


def bare_id(said: str) -> str:
    """The id of a patient, whether it was written bare or as a reference."""
    return said.rstrip("/").rsplit("/", 1)[-1]


def subjects_of(resource: Mapping[str, Any]) -> frozenset[str]:
    """The ids of the patients a resource says it is about."""
    people = resource.get("participant")
    actors = [each.get("actor") for each in people if isinstance(each, dict)] if isinstance(people, list) else []
    said = (resource.get("subject"), resource.get("patient"), resource.get("for"), *actors)
    targets = [one.get("reference") for one in said if isinstance(one, dict)]
    tails = [tail_of(target) for target in targets if isinstance(target, str)]
    return frozenset(bare_id(tail) for tail in tails if tail.startswith("Patient/"))
