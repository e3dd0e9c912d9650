"""The resources of the moment: what is about to be signed, stopped, booked or written down."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..fhir.addresses import tail_of
from ..fhir.older import TURNED
from ..fhir.resource_types import FORMER, KNOWN_TYPES
from .call import Call
from .services import Role, Service
from .shapes import Json, Piece, pieces_of, ref_of, status_of

ORDERS = frozenset(
    {"MedicationRequest", "MedicationOrder", "MedicationPrescription", "MedicationStatement", "MedicationDispense"}
    | {"ServiceRequest", "ProcedureRequest", "NutritionOrder", "DeviceRequest", "DeviceUseRequest", "SupplyRequest"}
    | {"CommunicationRequest", "CarePlan", "RequestGroup", "VisionPrescription", "Appointment", "Task"}
)

NO_ORDERS = frozenset({"MedicationDispense", "MedicationAdministration", "SupplyRequest"})
"""Ways to hand a medicine out that no rule judges as an order."""

_ORDERED = ORDERS | NO_ORDERS
_SPOKEN: Mapping[Role, frozenset[str]] = {
    "draft": _ORDERED,
    "running": _ORDERED,
    "ending": _ORDERED,
    "booking": frozenset({"Appointment"}),
    "facts": frozenset({"Condition", "AllergyIntolerance", "Observation", "Flag", "Procedure"}),
}
"""By role the types a session is about; other resources beside them only help to read them."""

_HOLDERS = frozenset({"RequestGroup", "RequestOrchestration", "CarePlan", "List"})
"""Order sets: the orders they hold inside are orders of the session."""

_NOT_YET = frozenset({"proposal", "plan", "option"})
"""Intents that are over once somebody signs."""

PRESCRIBED = frozenset({"MedicationRequest", "MedicationStatement"})
MEDICINE = ("medicationCodeableConcept", "medicationReference", "medication")
"""Where FHIR's versions name the medicine of an order."""

_UNREAD = FORMER.keys() - TURNED.keys()
"""Orders of old versions of FHIR that nobody turns into those of today."""

OVER = frozenset({"stopped", "completed", "ended", "cancelled", "revoked"})
"""Status words of an order that is not carried on."""

_STOPPED = {"ServiceRequest": "revoked", "NutritionOrder": "revoked", "DeviceRequest": "revoked", "CarePlan": "revoked"}
_DECIDED = frozenset({"booked", "arrived", "checked-in", "fulfilled", "cancelled", "noshow", "entered-in-error"})
"""Status words of a visit that is not merely asked for."""
_ID_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Session:
    """What the moment is about.

    ``resources`` are judged and spoken of, ``extras`` only judged (orders not selected, Medications, what an ending
    order was before). ``aside`` is spoken of and not judged: it is no order, or names no medicine; ``elsewhere``:
    baclofen stands in it. ``refs`` names the resources and what the caller named by reference alone. ``ending``: refs
    of what this moment ends. ``half_built`` counts drafts without a medicine and entries nobody can read. ``missing``:
    the field that holds the resources was not sent. ``at`` is the moment, ``urls`` leads from refs to fullUrls.
    ``barred``: it holds an order not to give baclofen that names no running order; ``halted`` are those it ends.
    ``named``: an act that is asked for names baclofen.
    ``unread``: something was sent that nobody can read, or an order of a version of FHIR that is not read.
    """

    resources: tuple[Json, ...]
    extras: tuple[Json, ...]
    refs: frozenset[str]
    ending: frozenset[str]
    half_built: int
    missing: bool
    at: datetime | None = None
    urls: Mapping[str, str] = field(default_factory=dict)
    halted: frozenset[str] = frozenset()
    barred: bool = False
    unread: bool = False
    aside: tuple[Json, ...] = ()
    elsewhere: bool = False
    named: bool = False


def role_of(service: Service) -> Role | None:
    """What becomes of the resources in the context; None when the hook brings none."""
    return next(iter(service.holds.values()), None)


def session_of(call: Call, at: datetime) -> Session:
    """The session of one call at ``at`` (aware)."""
    role = role_of(call.service)
    sent = [call.context.get(name) for name in call.service.holds]
    pieces = [each for value in sent if value is not None for piece in pieces_of(value) for each in _opened(piece)]
    named = _with_ids(pieces)
    spoken = [one for one in named if role is not None and one["resourceType"] in _SPOKEN[role]]
    orders = [one for one in spoken if one["resourceType"] not in NO_ORDERS]
    no_orders = [one for one in spoken if one["resourceType"] in NO_ORDERS]
    built = [one for one in orders if role != "draft" or not _is_half_built(one)]
    half_built = [one for one in orders if role == "draft" and _is_half_built(one)]
    chosen, others = _choose(call, spoken, built)
    aside, _ = _choose(call, spoken, [*half_built, *no_orders])
    helpers = [one for one in named if one not in spoken]
    made = [_as_role(one, role) for one in chosen]
    former = [one for one, new in zip(chosen, made, strict=True) if one != new and _is_whole(one, role)]
    bare = {piece.reference for piece in pieces if piece.reference}
    unread = sum(not piece.resource and not piece.reference for piece in pieces)
    unread += sum(one["resourceType"] not in KNOWN_TYPES | TURNED.keys() for one in named)
    return Session(
        resources=tuple(made),
        extras=(*others, *helpers, *former, *no_orders),
        refs=frozenset({*map(ref_of, made), *bare, *_prohibited(made)}),
        ending=frozenset(_ending(made, bare, role)),
        half_built=len(half_built) + unread,
        missing=bool(sent) and all(value is None for value in sent),
        at=at,
        urls={ref: url for ref, url in _urls(pieces, named) if url},
        unread=bool(unread) or any(one["resourceType"] in _UNREAD for one in built),
        aside=tuple(aside),
    )


def acted_on(call: Call, session: Session) -> frozenset[str]:
    """Refs of the orders that are signed, verified or sent on in this moment."""
    return session.refs - session.ending if role_of(call.service) in ("draft", "running") else frozenset()


def _opened(piece: Piece) -> Iterator[Piece]:
    """What was sent; the orders an order set holds inside are taken out of it, each with what stands beside it."""
    holder = piece.resource or {}
    inside = holder.get("contained") if holder.get("resourceType") in _HOLDERS else None
    held = [one for one in inside if isinstance(one, dict)] if isinstance(inside, list) else []
    beside = [one for one in held if one.get("resourceType") not in ORDERS]
    yield Piece({**holder, "contained": beside}, piece.reference, piece.url) if len(beside) < len(held) else piece
    for one in held:
        if one.get("resourceType") in ORDERS:
            yield Piece({**one, "contained": beside} if beside else one)


def _with_ids(pieces: Iterable[Piece]) -> list[Json]:
    """The resources, each with an id. One made up is the same whenever the same resource is sent."""
    found: list[Json] = []
    taken: set[str] = set()
    for piece in pieces:
        if piece.resource is None:
            continue
        if ref_of(piece.resource):
            found.append(piece.resource)
            continue
        identity, again = _made_up(piece.resource), 1
        while f"{identity}-{again}" in taken:
            again += 1
        taken.add(f"{identity}-{again}")
        found.append({**piece.resource, "id": f"{identity}-{again}"})
    return found


def _made_up(resource: Json) -> str:
    text = json.dumps(resource, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def _urls(pieces: Iterable[Piece], named: Iterable[Json]) -> Iterable[tuple[str, str]]:
    held = (piece for piece in pieces if piece.resource is not None)
    return ((ref_of(one), piece.url) for piece, one in zip(held, named, strict=True))


def _is_half_built(resource: Json) -> bool:
    """A draft in which no medicine was chosen yet. One that is to be stopped may come without."""
    if resource["resourceType"] not in PRESCRIBED or status_of(resource) not in ("", "draft"):
        return False
    return not names_medicine(resource)


def names_medicine(resource: Mapping[str, Any]) -> bool:
    """Is a medicine named in any of the places and ways of FHIR?"""
    return any(_says(resource.get(key)) for key in MEDICINE)


def _says(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says, value.values()))
    if isinstance(value, list):
        return any(map(_says, value))
    return isinstance(value, str) and bool(value.strip())


def _choose(call: Call, spoken: list[Json], built: list[Json]) -> tuple[list[Json], list[Json]]:
    """What is spoken of and what is only judged. Selections that lead nowhere choose everything."""
    said = call.context.get("selections")
    wanted = {tail_of(each) for each in said if isinstance(each, str)} if isinstance(said, list) else set()
    if not any(_is_one_of(wanted, one) for one in spoken):
        return built, []
    return [one for one in built if _is_one_of(wanted, one)], [one for one in built if not _is_one_of(wanted, one)]


def _is_one_of(wanted: set[str], resource: Json) -> bool:
    return ref_of(resource) in wanted or resource["id"] in wanted


def _as_role(resource: Json, role: Role | None) -> Json:
    """A resource as it will stand after the moment."""
    status = status_of(resource)
    if role == "ending" and status not in OVER | {"entered-in-error"}:
        return {**resource, "status": _STOPPED.get(resource["resourceType"], "stopped")}
    if role in ("draft", "running") and _intent_of(resource) in _NOT_YET:
        return {**resource, "intent": "order"}
    if role == "booking" and status not in _DECIDED:
        return {**resource, "status": "booked"}
    return resource


def _intent_of(resource: Json) -> str:
    intent = resource.get("intent") if resource["resourceType"] == "MedicationRequest" else None
    return intent.strip().lower() if isinstance(intent, str) else ""


def _is_whole(resource: Json, role: Role | None) -> bool:
    """Does an ending order say enough to be a version of its own, of before the moment?"""
    return role == "ending" and bool(status_of(resource)) and names_medicine(resource)


def _ending(made: Iterable[Json], bare: set[str], role: Role | None) -> Iterable[str]:
    if role == "ending":
        yield from bare
    if role in ("ending", "draft"):
        yield from (ref_of(one) for one in made if status_of(one) in OVER)
        yield from _prohibited(made)


def _prohibited(made: Iterable[Json]) -> Iterable[str]:
    """What orders not to give something put an end to."""
    for one in made:
        if is_prohibition(one):
            yield from ended_by(one)


def is_prohibition(resource: Mapping[str, Any]) -> bool:
    """An order not to give something."""
    return resource.get("doNotPerform") in (True, "true")


def ended_by(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """The orders an order takes the place of."""
    prior, based = resource.get("priorPrescription"), resource.get("basedOn")
    named = [prior, *(based if isinstance(based, list) else [])]
    return tuple(piece.reference for each in named if each for piece in pieces_of(each) if piece.reference)
