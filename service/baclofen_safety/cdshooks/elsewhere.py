"""Baclofen that stands in a session elsewhere than as the medicine of an order: handed out, given, or only in words.

No dose of it can be checked. Silence would look like a check, so it is looked for by reading each such entry as a draft
of the medicine it names, or of what its words say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..core.chart import Chart
from ..fhir.elsewhere import written_in
from .call import Call
from .prefetch import Supply
from .record import record_of
from .session import MEDICINE, Session, names_medicine
from .shapes import Json

_ALIKE = (*MEDICINE, "contained", "subject")


def with_elsewhere(call: Call, session: Session, supply: Supply, read: Callable[[Json], Chart]) -> Session:
    """The session, and whether baclofen stands in what of it is not judged. ``read`` makes a record's chart."""
    drafts = tuple(_as_draft(one, str(place)) for place, one in enumerate(session.aside))
    drafts = tuple(one for one in drafts if names_medicine(one))
    if not drafts:
        return session
    chart = read(record_of(call, replace(session, resources=(*session.resources, *drafts)), supply))
    found = {order.ref for order in chart.baclofen} | {trouble.ref for trouble in chart.troubles if trouble.needed}
    return replace(session, elsewhere=any(f"MedicationRequest/{one['id']}" in found for one in drafts))


def _as_draft(one: Json, place: str) -> Json:
    named = {key: one[key] for key in _ALIKE if key in one}
    if not names_medicine(named):
        named = {"medicationCodeableConcept": {"text": " ; ".join(written_in(one))}}
    return {**named, "resourceType": "MedicationRequest", "id": f"aside-{place}", "status": "draft", "intent": "order"}
