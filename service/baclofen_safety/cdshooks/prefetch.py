"""What the EHR sent along: for every key what was asked for, or why it is not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..core.caching import cached_property
from ..fhir.answers import NOT_READ, PARTIAL, as_part, read_answer, resources_in
from ..fhir.searches import filled
from .call import Call
from .services import Service
from .shapes import Json, bare_id, pieces_of, ref_of, subjects_of

_REFERENCE = re.compile(r"[A-Za-z]+/[A-Za-z0-9.\-]+")
NEVER_CAME = frozenset({"absent", "null"})
"""Why a key is missing that many senders never fill."""
_ALWAYS_TOLD = frozenset({NOT_READ, PARTIAL})
"""Why a key is missing that is told of an optional one too, wherever it came from."""
_OF_NOBODY = frozenset({"Medication"})
"""Types that orders lead to and that name no patient."""


class Fetched(Protocol):
    """What a query of our own brought, and what went wrong with it."""

    @property
    def resource(self) -> Mapping[str, Any] | None: ...

    @property
    def problem(self) -> str: ...


@dataclass(frozen=True)
class Supply:
    """What is known beside the session.

    ``bundles``: by key a searchset Bundle whose self link says what was asked; of a key the service did not ask for, a
    collection, which says nothing of what is not in it. ``missing``: by key why it is unknown:
    ``absent``, ``null``, ``failed``, ``partial``, ``unreadable``, or the problem of a fetch. A key may be in both:
    then what came is judged, and is not all. ``spared``: optional keys that did not come, which is no gap.
    """

    bundles: Mapping[str, Json]
    missing: Mapping[str, str]
    spared: frozenset[str] = frozenset()

    @cached_property
    def resources(self) -> tuple[Json, ...]:
        """Every resource of every answer."""
        return tuple(one for bundle in self.bundles.values() for one in resources_in(bundle))

    @cached_property
    def refs(self) -> frozenset[str]:
        """The reference (``Type/id``) of each of them."""
        return frozenset(map(ref_of, self.resources))


def supplied(call: Call) -> Supply:
    """What the call's prefetch holds for every key of its service, and what of the patient came under other keys."""
    asked, whose = queries(call, call.service.prefetch), bare_id(call.patient_id)
    bundles = {key: came for key in call.prefetch.keys() - asked.keys() if (came := _beside(call.prefetch[key], whose))}
    missing: dict[str, str] = {}
    for key in call.service.prefetch:
        sent = key in call.prefetch
        bundle, reason = read_answer(call.prefetch[key], asked.get(key, ""), whose) if sent else (None, "absent")
        if bundle is not None:
            bundles[key] = bundle
        if reason is not None:
            missing[key] = reason
    spared = frozenset(key for key in call.service.optional if missing.get(key) in NEVER_CAME)
    return Supply(bundles, {key: why for key, why in missing.items() if key not in spared}, spared)


def in_vain(supply: Supply, service: Service) -> Mapping[str, str]:
    """Keys that were answered and are not known, or not in full; an optional one alone is no reason to speak."""
    return {key: why for key, why in supply.missing.items() if not (why in NEVER_CAME or key in service.optional)}


def _beside(value: object, whose: str) -> Json | None:
    """What nobody asked for and says that it is of the patient, as a collection; None when there is nothing of it."""
    found = (piece for piece in pieces_of(value) if piece.resource is not None)
    entries = [
        {"fullUrl": piece.url, "resource": piece.resource} if piece.url else {"resource": piece.resource}
        for piece in found
        if _is_of(piece.resource or {}, whose)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} if entries else None


def _is_of(resource: Json, whose: str) -> bool:
    return whose in subjects_of(resource) or resource.get("resourceType") in _OF_NOBODY


def queries(call: Call, keys: Iterable[str]) -> Mapping[str, str]:
    """The relative query of each key: its template filled, or the key itself when it is a reference (``Type/id``).

    A key whose template asks for something the context does not hold is left out.
    """
    known = {name: value for name, value in call.context.items() if isinstance(value, str) and value}
    known["patientId"] = bare_id(call.patient_id)
    if call.encounter_id:
        known["encounterId"] = call.encounter_id
    asked: dict[str, str] = {}
    for key in keys:
        template = call.service.prefetch.get(key, key if _REFERENCE.fullmatch(key) else "")
        if query := filled(template, known):
            asked[key] = query
    return asked


def with_fetched(supply: Supply, fetched: Mapping[str, Fetched], call: Call) -> Supply:
    """The supply with what was fetched in place of what was missing; what failed keeps its key, with the reason.

    An optional key of which nothing is to be had there is spared: that server may not know the type.
    """
    bundles, missing = dict(supply.bundles), dict(supply.missing)
    asked, spared = queries(call, fetched), set(supply.spared)
    for key, one in fetched.items():
        if one.resource is None and key in spared:
            continue
        if one.resource is None:
            missing[key] = one.problem or "failed"
            continue
        bundle, reason = read_answer(one.resource, asked.get(key, ""), bare_id(call.patient_id))
        if key in spared and reason is not None and reason not in _ALWAYS_TOLD:
            continue
        spared.discard(key)
        bundles.pop(key, None)
        missing.pop(key, None)
        if bundle is not None:
            bundles[key] = as_part(bundle) if one.problem else bundle
        if one.problem or reason is not None:
            missing[key] = one.problem or str(reason)
    return Supply(bundles, missing, frozenset(spared))
