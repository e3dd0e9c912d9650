"""Baclofen that stands in a session elsewhere than as the medicine of an order: handed out, given, or only in words.

No dose of it can be checked. Silence would look like a check, so it is looked for by reading each such entry as a draft
of the medicine it names, or of what its words say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..core.chart import Chart
from ..core.medicines import MedicineState
from ..fhir.elsewhere import written_in
from .call import Call
from .moments import moments
from .prefetch import Supply
from .record import record_of
from .session import MEDICINE, PRESCRIBED, Session, names_medicine, role_of
from .shapes import Json, ref_of

_ALIKE = (*MEDICINE, "contained", "subject")


_ASKED_FOR = ("code", "orderDetail", "payload", "activity", "title", "description")
"""Where a request says what is to be done; why, and beside what, is no order."""
_IN_WORDS = ("dosageInstruction", "dosage", "note")
"""Where an order of a medicine nobody knows may name another."""
_BOOKED_FOR = ("serviceType", "appointmentType", "reasonCode", "reason", "description")
"""Where a booking says what it is for."""
_REQUESTS = frozenset({"ServiceRequest", "CommunicationRequest", "CarePlan", "Task"})


def with_elsewhere(
    call: Call, session: Session, supply: Supply, read: Callable[[Json], Chart], names_baclofen: Callable[[str], bool]
) -> Session:
    """The session, whether baclofen stands in what of it is not judged, and whether what is asked for names it.

    ``read`` makes a record's chart.
    """
    drafts = tuple(_as_draft(one, str(place)) for place, one in enumerate(session.aside))
    drafts = tuple(one for one in drafts if names_medicine(one))
    asked = {
        ref_of(one)
        for one in session.resources
        if role_of(call.service) == "draft" and any(map(names_baclofen, words_of(one)))
    }
    if not (drafts or asked):
        return session
    chart = read(record_of(call, replace(session, resources=(*session.resources, *drafts)), supply))
    found = {order.ref for order in chart.baclofen} | {trouble.ref for trouble in chart.troubles if trouble.needed}
    named = any(f"MedicationRequest/{one['id']}" in found for one in drafts)
    acts = {act.ref for act in chart.acts}
    return replace(session, elsewhere=named or not asked <= _judged(chart), named=bool(asked & acts))


def _judged(chart: Chart) -> set[str]:
    """Orders of a medicine we know, and what is read as about the pump: these speak for themselves."""
    pump = moments().pump_concepts
    acts = {act.ref for act in chart.acts if any(concept.startswith(pump) for concept in act.concepts)}
    return acts | {order.ref for order in chart.orders if order.medicine.state is not MedicineState.UNRECOGNISED}


def words_of(one: Json) -> tuple[str, ...]:
    """What is asked or booked in words, where it is no order of a medicine; of such an order what stands beside it."""
    kind = one["resourceType"]
    keys: tuple[str, ...] = _ASKED_FOR if kind in _REQUESTS else _IN_WORDS if kind in PRESCRIBED else ()
    keys = _BOOKED_FOR if kind == "Appointment" else keys
    return tuple(dict.fromkeys(each for key in keys for each in written_in({key: one.get(key)}, said=True)))


def _as_draft(one: Json, place: str) -> Json:
    named = {key: one[key] for key in _ALIKE if key in one}
    if not names_medicine(named):
        named = {"medicationCodeableConcept": {"text": " ; ".join(written_in(one))}}
    return {**named, "resourceType": "MedicationRequest", "id": f"aside-{place}", "status": "draft", "intent": "order"}
