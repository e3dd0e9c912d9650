"""The resources of the session as they stand once the moment has passed, each the newest of its versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ..fhir.editions import says_the_same, stamped, updated_of
from .call import Call
from .moments import moments
from .revising import from_now, instant_of, revised
from .services import Role
from .session import (
    MEDICINE,
    ORDERS,
    OVER,
    Session,
    ended_by,
    is_prohibition,
    names_medicine,
    role_of,
)
from .shapes import Json, bare_id, ref_of, status_of
from .swaps import join_swaps
from .versions import Copies

_OWNED = ORDERS | {"Condition", "AllergyIntolerance", "Observation", "Flag", "Procedure"}
_OWNER_KEYS = ("subject", "patient", "for")
_OWNER_KEY = {"AllergyIntolerance": "patient", "Task": "for"}
_WRITTEN_DOWN = frozenset({"Condition", "AllergyIntolerance"})
_RECORDED = ("recordedDate", "assertedDate", "dateRecorded")
"""When a finding was written down, as the versions of FHIR call it; when it began says nothing of that."""
_INTERRUPTED = OVER | {"on-hold"}
_SIGNED = frozenset({"active", "on-hold", "unknown"})
_UNSIGNED = frozenset({"", "draft"})
_WRITTEN_NOW = timedelta(days=1)
_NOT_SAID = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}


def lay_moment(call: Call, session: Session, copies: Copies) -> list[Json]:
    """What the moment adds to the record: nothing for a resource it leaves as it was."""
    role = role_of(call.service)
    patient = f"Patient/{bare_id(call.patient_id)}"
    at = session.at.isoformat() if session.at else ""
    alone = role == "draft" and not session.ending
    sent = [_as_released(one, copies, session.at) if alone else one for one in session.resources]
    after = [_after(one, copies.newest(ref_of(one)), role, session.at) for one in sent]
    after += _stops(session, copies, role)
    if role == "draft" and call.service.hook != "order-select":
        after = join_swaps(after, copies, session.at)
    if call.service.hook in moments().renewing_hooks:
        after = [_renewing(one) for one in after]
    return [_newest(with_owner(_dated(one, at), patient), copies, at) for one in after if _is_news(one, copies)]


def _renewing(one: Json) -> Json:
    """A supply asked for again goes on with an earlier order, also where it does not say with which."""
    if one.get("resourceType") != "MedicationRequest" or one.get("priorPrescription") or status_of(one) != "draft":
        return one
    return {**one, "priorPrescription": {"extension": [_NOT_SAID]}}


def _after(one: Json, held: Json | None, role: Role | None, at: datetime | None) -> Json:
    """A resource of the session beside what the EHR holds of it."""
    status = status_of(one)
    if held is not None and is_prohibition(one) and not is_prohibition(held):
        return _over_held({**one, "doNotPerform": False, "status": "stopped"}, held)
    if held is not None and status == "active" and status_of(held) in _SIGNED and _is_ended(one, held, at):
        return _over_held({**one, "status": "stopped"}, held)
    if status in _INTERRUPTED:
        return one if held is None else _over_held(one, held)
    if held is not None and role in ("draft", "running") and status == "active" and status_of(held) in _INTERRUPTED:
        return {**from_now(one, at), "status": "draft"}  # what was over or held does not go on: it begins anew
    if role != "draft" or status not in _UNSIGNED | {"active"}:
        return one
    if held is not None and _is_revision(one, held):
        return {**revised(one, held, at), "status": "draft"}
    return one if status else {**one, "status": "draft"}


def _is_ended(one: Json, held: Json, at: datetime | None) -> bool:
    """Does DSTU2's end, which is new, say that an order called active is over?"""
    end = instant_of(one.get("dateEnded"), at) if at is not None else None
    return end is not None and at is not None and end <= at and one.get("dateEnded") != held.get("dateEnded")


def _as_released(one: Json, copies: Copies, at: datetime | None) -> Json:
    """An order written now and signed on hold: whoever releases it is not asked again, so it is judged as released."""
    if status_of(one) != "on-hold" or at is None or ended_by(one) or copies.newest(ref_of(one)) is not None:
        return one
    written = instant_of(one.get("authoredOn"), at)
    return one if written is None or at - written > _WRITTEN_NOW else {**one, "status": "draft"}


def _over_held(one: Json, held: Json) -> Json:
    """A stop may come with little more than its status: what it leaves out is as it was."""
    kept = {key: value for key, value in held.items() if key not in MEDICINE} if names_medicine(one) else held
    return {**kept, **one}


def _is_revision(one: Json, held: Json) -> bool:
    """Is a signed order about to be signed anew? Until then what was signed holds; one taken up again runs from now."""
    if status_of(one) == "active" and status_of(held) == "on-hold":
        return False
    return status_of(held) in _SIGNED and not says_the_same(one, held)


def _stops(session: Session, copies: Copies, role: Role | None) -> Iterator[Json]:
    """Orders that are ended without being sent: named by a reference, or meant by an order not to give them."""
    sent = {ref_of(one) for one in session.resources}
    named = {*session.ending} if role == "ending" else {*_prohibited(session.resources), *session.halted}
    for ref in sorted(named - sent):
        held = copies.newest(ref)
        if held is not None and status_of(held) not in OVER | {"entered-in-error"}:
            yield {**held, "status": "stopped"}


def _prohibited(resources: Iterable[Json]) -> Iterator[str]:
    for one in resources:
        if is_prohibition(one):
            yield from ended_by(one)


def with_owner(one: Json, patient: str) -> Json:
    """A resource of the session that names nobody is about the patient of the context."""
    kind = str(one.get("resourceType"))
    if kind not in _OWNED or any(_names(one.get(key)) for key in _OWNER_KEYS):
        return one
    owner = {"reference": patient}
    if kind != "Appointment":
        return {**one, _OWNER_KEY.get(kind, "subject"): owner}
    people = one.get("participant")
    people = people if isinstance(people, list) else []
    if any(isinstance(each, dict) and "Patient/" in str(each.get("actor")) for each in people):
        return one
    return {**one, "participant": [*people, {"actor": owner, "status": "accepted"}]}


def _names(owner: object) -> bool:
    """Does it lead to somebody? A bare display does not."""
    return bool(owner.get("reference") or owner.get("identifier")) if isinstance(owner, dict) else bool(owner)


def _dated(one: Json, at: str) -> Json:
    """A finding that is being written down now, when it does not say since when it is."""
    if not at or one.get("resourceType") not in _WRITTEN_DOWN or any(one.get(key) for key in _RECORDED):
        return one
    return {**one, "recordedDate": at}


def _is_news(one: Json, copies: Copies) -> bool:
    held = copies.newest(ref_of(one))
    return held is None or not says_the_same(one, held)


def _newest(one: Json, copies: Copies, at: str) -> Json:
    """The resource as the last of its versions. A change is of the moment; what was over before keeps its time."""
    older = copies.held.get(ref_of(one), ())
    changed = not older or status_of(older[-1]) != status_of(one)
    if older:
        return stamped(one, len(older) + 1, at if changed else updated_of(older[-1]))
    return stamped(one, None, at) if status_of(one) in _INTERRUPTED else one
