"""What this service offers, as a CapabilityStatement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import __version__
from .message_events import EVENTS
from .outcome import CANONICAL
from .searching import SEARCHES
from .versions import PUBLICATION, WRITTEN, FhirVersion

PUBLISHED_ON = "2026-11-20"
ASSESS = {
    "name": "assess-medication-safety",
    "definition": f"{CANONICAL}/OperationDefinition/assess-medication-safety",
}
VERSIONS = {"name": "versions", "definition": "http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions"}
_SPOKEN = (
    "Answers in FHIR {written} as Accept or _format ask (fhirVersion), in {default} when they do not; reads {read}."
)
_GUARD = "No credentials are asked for: a proxy guards this door. A bearer token goes to the EHR a record is read from."
PROCESS = {
    "name": "process-message",
    "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
}
_LATER = (
    "With `Prefer: respond-async` the operation assess-medication-safety is answered later, in the form of the manifest"
    " of Bulk Data, below _async. It and batches heed Idempotency-Key."
)
PUBLISHED = {
    "interaction": [{"code": "read"}, {"code": "search-type"}],
    "versioning": "no-version",
    "conditionalRead": "not-match",
    "searchParam": [{"name": name, "type": kind} for name, kind in SEARCHES.items()],
}
"""What can be done with each type of artifact."""
CAPABILITY = ("CapabilityStatement", "baclofen-safety")
"""Type and id of the statement: one of the artifacts."""
Json = dict[str, Any]


def capability(
    artifacts: Mapping[tuple[str, str], Mapping[str, Any]], knowledge_version: str, reliable_minutes: int | None = None
) -> Json:
    """The statement for ``/fhir/metadata``: every type of the artifacts, itself among them, can be read, and the
    operation stands where its definition says. Responses to messages are surely known for ``reliable_minutes``."""
    kinds = {CAPABILITY[0], *(kind for kind, _ in artifacts)}
    asked_at = artifacts.get(("OperationDefinition", ASSESS["name"]), {}).get("resource", ())
    read = {kind: {"type": kind, **PUBLISHED} for kind in kinds}
    asked = {kind: {"type": kind, "operation": [ASSESS]} for kind in asked_at}
    return {
        "resourceType": CAPABILITY[0],
        "id": CAPABILITY[1],
        "url": f"{CANONICAL}/CapabilityStatement/baclofen-safety",
        "version": __version__,
        "name": "BaclofenSafety",
        "title": "Baclofen medication safety",
        "status": "active",
        "date": PUBLISHED_ON,
        "kind": "instance",
        "software": {"name": "baclofen-safety", "version": f"{__version__}+knowledge.{knowledge_version}"},
        "implementation": {"description": "Judges baclofen orders; stores no record, sends nothing."},
        "fhirVersion": PUBLICATION[FhirVersion.R4],
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": f"{_spoken()} {_LATER}",
                "security": {"cors": False, "description": _GUARD},
                "resource": [held for _, held in sorted({**read, **asked}.items())],
                "interaction": [{"code": "batch"}],
                "operation": [ASSESS, VERSIONS, PROCESS],
            }
        ],
        "messaging": [_messaging(reliable_minutes)],
    }


def _spoken() -> str:
    return _SPOKEN.format(written=", ".join(WRITTEN), default=FhirVersion.R4, read=", ".join(FhirVersion))


def _messaging(reliable_minutes: int | None) -> Json:
    reliable = {} if reliable_minutes is None else {"reliableCache": reliable_minutes}
    return {
        **reliable,
        "documentation": "Answered at once, to the caller: async and response-url are not offered.",
        "supportedMessage": [{"mode": "receiver", "definition": event.definition} for event in EVENTS],
    }


def offered_versions() -> Json:
    """The answer to ``$versions``: what is written, and what it is written in when nothing is asked for."""
    versions = [{"name": "version", "valueCode": version.value} for version in WRITTEN]
    default = {"name": "default", "valueCode": FhirVersion.R4.value}
    return {"resourceType": "Parameters", "parameter": [*versions, default]}
