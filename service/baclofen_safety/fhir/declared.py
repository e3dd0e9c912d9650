"""What the sender says the version is, against what it is. The content decides; a contradiction is told."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.chart import Trouble
from .bundle import Record
from .versions import FhirVersion, bears_mark_of, foreign_to, seen_version


def contradictions(record: Record, declared: FhirVersion) -> Iterator[Trouble]:
    """One trouble for each resource type that holds what the declared version does not have.

    What is of DSTU2 was told when it was indexed.
    """
    for held in record.by_type.values():
        sent = ((ref, record.sent.get(ref, resource)) for ref, resource in held)
        found = [
            (ref, path, seen_version(resource))
            for ref, resource in sent
            if (path := foreign_to(resource, declared)) is not None and not bears_mark_of(resource, FhirVersion.DSTU2)
        ]
        if not found:
            continue
        ref, path, seen = min(found, key=lambda each: each[0])
        shape = f"in the shape of FHIR {seen.label}" if seen is not None else "not in its shape"
        others = f", so are others of its type ({len(found) - 1})" if len(found) > 1 else ""
        says = f"declared as FHIR {declared.label}, and {shape}{others}; read by its content"
        yield Trouble("version", ref, says, path)
