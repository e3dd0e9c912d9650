"""Codes an element may hold by its required binding, where the models list fewer than FHIR has."""

from __future__ import annotations

from collections.abc import Collection, Sequence

_OPEN = frozenset("+ ")
"""What stands in a list of the models that is cut short ("+"), or that goes on in words ("mime type")."""
_RESULT = ("corrected", "cancelled", "entered-in-error", "unknown")
_INTENT = ("original-order", "reflex-order", "filler-order", "instance-order", "option")
_USE = ("intended", "stopped", "on-hold")
_VISIT = ("entered-in-error", "unknown")
_REST = {
    "Observation.status": _RESULT,
    "RiskAssessment.status": _RESULT,
    "DetectedIssue.status": _RESULT,
    "DiagnosticReport.status": ("amended", "appended", *_RESULT),
    "Encounter.status": _VISIT,
    "EncounterStatusHistory.status": _VISIT,
    "DeviceUseStatement.status": _USE,
    "DeviceUsage.status": _USE,
    "ProcedureRequest.intent": _INTENT,
    "ServiceRequest.intent": _INTENT,
    "SupplyRequest.status": ("cancelled", "completed", "entered-in-error", "unknown"),
    "Task.intent": _INTENT,
    "Task.status": (
        *("rejected", "ready", "cancelled", "in-progress", "on-hold", "failed", "completed"),
        "entered-in-error",
    ),
}
"""What is cut off, by element; the same in every version that has it (code systems of FHIR R4 and R5)."""


def codes_of(element: str, listed: Sequence[str]) -> Collection[str]:
    """The codes an element (``Observation.status``) may hold; none where they are not all known.

    ``listed``: what the models list.
    """
    if not any(_OPEN & {*one} for one in listed):
        return listed
    rest = _REST.get(element)
    return (*listed, *rest) if rest else ()
