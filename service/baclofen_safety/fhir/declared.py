"""What the sender says the version is, against what it is. The content decides; a contradiction is told."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.chart import Trouble
from .bundle import Record
from .versions import FhirVersion, foreign_to, seen_version


def contradictions(record: Record, declared: FhirVersion) -> Iterator[Trouble]:
    """One trouble for each resource type that holds what the declared version does not have."""
    for held in record.by_type.values():
        found = [
            (ref, path, seen_version(resource))
            for ref, resource in held
            if ref not in record.old and (path := foreign_to(resource, declared)) is not None
        ]
        if not found:
            continue
        ref, path, seen = min(found, key=lambda each: each[0])
        shape = f"in the shape of FHIR {seen.label}" if seen is not None else "not in its shape"
        others = f", so are others of its type ({len(found) - 1})" if len(found) > 1 else ""
        says = f"declared as FHIR {declared.label}, and {shape}{others}; read by its content"
        yield Trouble("version", ref, says, path)
