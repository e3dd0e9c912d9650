"""Codes an element may hold by its required binding, where the models list fewer than FHIR has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

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

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_CONDITION = (
    ("condition-clinical", ("active", "recurrence", "relapse", "inactive", "remission", "resolved", "unknown")),
    (
        "condition-ver-status",
        ("unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"),
    ),
)
_ALLERGY = (
    ("allergyintolerance-clinical", ("active", "inactive", "resolved")),
    ("allergyintolerance-verification", ("unconfirmed", "presumed", "confirmed", "refuted", "entered-in-error")),
)
_CONCEPTS = {
    f"{kind}.{element}": (_TERMINOLOGY + system, codes)
    for kind, rows in (("Condition", _CONDITION), ("AllergyIntolerance", _ALLERGY))
    for element, (system, codes) in zip(("clinicalStatus", "verificationStatus"), rows, strict=True)
}
"""By CodeableConcept that is bound to a required value set its system, and the codes of R4 to R5."""


def is_bound(element: str) -> bool:
    """Is it a CodeableConcept of which one coding must be of a value set?"""
    return element in _CONCEPTS


def is_in_value_set(element: str, codings: Iterable[tuple[str | None, str | None]]) -> bool:
    """Is one of the codings (system, code) of the value set ``element`` is bound to?"""
    system, codes = _CONCEPTS[element]
    return any(said == system and code in codes for said, code in codings)


def codes_of(element: str, listed: Sequence[str]) -> Collection[str]:
    """The codes an element (``Observation.status``) may hold; none where they are not all known.

    ``listed``: what the models list.
    """
    if not any(_OPEN & {*one} for one in listed):
        return listed
    rest = _REST.get(element)
    return (*listed, *rest) if rest else ()
