"""What this service offers, as a CapabilityStatement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import __version__
from .outcome import CANONICAL

PUBLISHED_ON = "2026-11-20"


def capability(kinds: Iterable[str], knowledge_version: str) -> dict[str, Any]:
    """The statement for ``/fhir/metadata``; ``kinds`` are the resource types of the artifacts that can be read."""
    return {
        "resourceType": "CapabilityStatement",
        "id": "baclofen-safety",
        "url": f"{CANONICAL}/CapabilityStatement/baclofen-safety",
        "version": __version__,
        "name": "BaclofenSafety",
        "title": "Baclofen medication safety",
        "status": "active",
        "date": PUBLISHED_ON,
        "kind": "instance",
        "software": {"name": "baclofen-safety", "version": f"{__version__}+knowledge.{knowledge_version}"},
        "implementation": {"description": "Judges baclofen orders; stores nothing, sends nothing."},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "resource": [{"type": kind, "interaction": [{"code": "read"}]} for kind in sorted(set(kinds))],
                "operation": [
                    {
                        "name": "assess-medication-safety",
                        "definition": f"{CANONICAL}/OperationDefinition/assess-medication-safety",
                    }
                ],
            }
        ],
    }
