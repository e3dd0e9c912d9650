"""The events of messages that are judged: one table, from which the MessageDefinitions are published.

Systems that turn HL7 v2 into FHIR carry MSH-9.2 as ``eventCoding``; who has no such message names our own event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .outcome import CANONICAL

V2_EVENTS = "http://terminology.hl7.org/CodeSystem/v2-0003"
SAME_AS_V2 = ("http://hl7.org/fhir/v2/0003", "urn:oid:2.16.840.1.113883.18.4")
"""Other names of that table: the address STU3 gives it, and its OID."""
OWN_EVENT = f"{CANONICAL}/EventDefinition/assess-medication-safety"
DEFINED_ON = "2026-11-20"
_OWN = "assess-medication-safety"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An event by its code (HL7 v2 table 0003), or, without one, by its address. ``focus`` is what it is about."""

    name: str
    focus: str
    code: str = ""
    display: str = ""

    @property
    def stated(self) -> Json:
        """As a MessageHeader or MessageDefinition names it."""
        if not self.code:
            return {"eventUri": OWN_EVENT}
        return {"eventCoding": {"system": V2_EVENTS, "code": self.code, "display": self.display}}

    @property
    def definition(self) -> str:
        """The canonical address of its MessageDefinition."""
        return f"{CANONICAL}/MessageDefinition/{self.name}"


def _v2(code: str, focus: str, display: str) -> Event:
    return Event(f"v2-{code.lower()}", focus, code, display)


OWN = Event(_OWN, "Bundle")
EVENTS = (
    OWN,
    _v2("O01", "MedicationRequest", "ORM - Order message (also RDE, RDS, RGV, RAS)"),
    _v2("O09", "MedicationRequest", "OMP - Pharmacy/treatment order"),
    _v2("O11", "MedicationRequest", "RDE - Pharmacy/treatment encoded order"),
    _v2("O25", "MedicationRequest", "RDE - Pharmacy/treatment refill authorization request"),
    _v2("O13", "MedicationDispense", "RDS - Pharmacy/treatment dispense"),
    _v2("O17", "MedicationAdministration", "RAS - Pharmacy/treatment administration"),
    _v2("R01", "Observation", "ORU/ACK - Unsolicited transmission of an observation message"),
    _v2("A01", "Encounter", "ADT/ACK - Admit/visit notification"),
    _v2("A03", "Encounter", "ADT/ACK -  Discharge/end visit"),
    _v2("A04", "Patient", "ADT/ACK -  Register a patient"),
    _v2("A08", "Patient", "ADT/ACK -  Update patient information"),
    _v2("A31", "Patient", "ADT/ACK -  Update person information"),
)


def event_coded(system: object, code: object) -> Event | None:
    if system not in (V2_EVENTS, *SAME_AS_V2):
        return None
    return next((one for one in EVENTS if one.code and code == one.code), None)


def event_at(address: object) -> Event | None:
    """The event of a canonical address, with a version or without."""
    return OWN if isinstance(address, str) and address.partition("|")[0] == OWN_EVENT else None


def published_events() -> dict[tuple[str, str], Json]:
    """The EventDefinition of our own event and a MessageDefinition for each, by (type, id)."""
    made = [_own_definition(), *map(_message_definition, EVENTS)]
    return {(one["resourceType"], one["id"]): one for one in made}


def _own_definition() -> Json:
    return {
        "resourceType": "EventDefinition",
        "id": _OWN,
        "url": OWN_EVENT,
        "name": "AssessMedicationSafetyEvent",
        "title": "A record is to be judged",
        "status": "active",
        "date": DEFINED_ON,
        "description": "What the message holds of a patient is to be judged for the safety of baclofen therapy.",
        "trigger": [{"type": "named-event", "name": _OWN}],
    }


def _message_definition(event: Event) -> Json:
    about = event.display or "A record is to be judged"
    stated: Mapping[str, Any] = event.stated
    return {
        "resourceType": "MessageDefinition",
        "id": event.name,
        "url": event.definition,
        "name": "".join(part.capitalize() for part in event.name.split("-")),
        "title": about,
        "status": "active",
        "date": DEFINED_ON,
        "description": f"{about}: whatever the message holds of one patient is judged; the answer is a message, too.",
        **stated,
        "category": "notification",
        "focus": [{"code": event.focus, "min": 0, "max": "*"}],
        "responseRequired": "always",
    }
