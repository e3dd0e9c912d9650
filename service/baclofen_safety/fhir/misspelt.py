"""Elements whose names are those of elements we read, in another case: JSON takes them for nothing."""

from __future__ import annotations

from collections.abc import Iterable

_NAMES = """
resourceType id meta status statusReason statusChanged intent doNotPerform category code subject patient for focus
medicationCodeableConcept medicationReference medication authoredOn dateWritten dosageInstruction dosage
renderedDosageInstruction effectiveDosePeriod effectiveDateTime effectivePeriod effectiveInstant effectiveTiming issued
encounter context requester recorder reasonCode reasonReference reason reported reportedBoolean identifier
groupIdentifier basedOn priorPrescription dispenseRequest note contained modifierExtension implicitRules
valueQuantity valueString valueInteger valueBoolean valueDateTime valueCodeableConcept valueRange dataAbsentReason
component hasMember specimen clinicalStatus verificationStatus severity onsetDateTime onsetPeriod onsetAge
abatementDateTime abatementBoolean abatementPeriod recordedDate assertedDate performedDateTime performedPeriod
occurrenceDateTime occurrencePeriod whenHandedOver whenPrepared daysSupply quantity birthDate gender deceasedBoolean
deceasedDateTime active link reaction criticality class period type entry total
"""
_RIGHT = frozenset(_NAMES.split())
_FOLDED = frozenset(name.casefold() for name in _RIGHT)


def misspelt(keys: Iterable[str]) -> list[str]:
    """The names among ``keys`` that are elements we read but for their case."""
    return [key for key in keys if key not in _RIGHT and key.casefold() in _FOLDED]


def says_misspelt(key: str) -> str:
    """What is told of such a name."""
    return f"{key} is no element of FHIR; one differs from it in case only"
