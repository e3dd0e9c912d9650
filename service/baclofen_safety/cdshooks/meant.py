"""Stops and holds that do not stand in the status: a word of the house in its place, no dose, or words of the dosage.

An order that runs is about to be signed with them. Read as what they say, sudden withdrawal is judged; what is not
plain is told by ``changes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..fhir.numbers import read_number
from ..fhir.rendered import says_to_end
from .call import Call
from .moments import moments
from .prefetch import Supply
from .session import OVER, Session, role_of
from .shapes import Json, ref_of, status_of
from .versions import copies_of

_RUNNING = frozenset({"active", "unknown"})
_SIGNED_ANEW = frozenset({"", "draft", "active", "unknown"})
_DOSAGES = ("dosageInstruction", "renderedDosageInstruction")
_WORDS = ("text", "patientInstruction")


def with_meant(call: Call, session: Session, supply: Supply) -> Session:
    """The session in which orders that are plainly stopped or held say so in their status."""
    if role_of(call.service) != "draft":
        return session
    every = (*session.resources, *session.extras)
    copies = copies_of(map(ref_of, every), session, supply)

    def meant(resources: Iterable[Json]) -> tuple[Json, ...]:
        return tuple(_as_meant(one, copies.newest(ref_of(one))) for one in resources)

    resources, extras = meant(session.resources), meant(session.extras)
    pairs = zip(session.resources, resources, strict=True)
    ended = {ref_of(new) for old, new in pairs if old is not new and status_of(new) in OVER}
    return replace(session, resources=resources, extras=extras, ending=session.ending | ended)


def _as_meant(one: Json, held: Json | None) -> Json:
    if one.get("resourceType") != "MedicationRequest":
        return one
    by_word = moments().means.get(status_of(one))
    if by_word is not None:
        return {**one, "status": by_word}
    if held is None or status_of(held) not in _RUNNING or status_of(one) not in _SIGNED_ANEW:
        return one
    ends = _ended_by_dosage(one)
    if ends is None or ends == _ended_by_dosage(held):
        return one
    return {key: value for key, value in one.items() if key not in _DOSAGES} | {"status": ends}


def words_of(order: Mapping[str, Any]) -> str:
    """All that the dosages of an order say in words."""
    said = [*(each.get(key) for each in _dosages(order) for key in _WORDS), order.get("renderedDosageInstruction")]
    return "\n".join(each for each in said if isinstance(each, str))


def words_beside(order: Mapping[str, Any]) -> tuple[str, ...]:
    """What an order says in words beside its dosages: notes, reasons of its status, instructions added to a dosage."""
    added = [each.get("additionalInstruction") for each in _dosages(order)]
    every = [order.get("note"), order.get("statusReason"), *added]
    pieces = [piece for one in every for piece in (one if isinstance(one, list) else [one])]
    said = (piece.get("text") for piece in pieces if isinstance(piece, Mapping))
    return tuple(each for each in said if isinstance(each, str))


def _ended_by_dosage(order: Mapping[str, Any]) -> str | None:
    sent = _dosages(order)
    return "stopped" if sent and all(map(_is_nothing, sent)) else says_to_end(words_of(order))


def _dosages(order: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    sent = order.get("dosageInstruction")
    return [each for each in sent if isinstance(each, Mapping)] if isinstance(sent, list) else []


def _is_nothing(dosage: Mapping[str, Any]) -> bool:
    """Is its dose none at all?"""
    rates = dosage.get("doseAndRate")
    held = [each for each in rates if isinstance(each, Mapping)] if isinstance(rates, list) else []
    doses = [each.get("doseQuantity") for each in (dosage, *held)]
    amounts = [read_number(each.get("value")) for each in doses if isinstance(each, Mapping)]
    return bool(amounts) and all(amount == 0 for amount in amounts)
