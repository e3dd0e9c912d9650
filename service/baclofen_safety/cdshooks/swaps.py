"""A stop and a new order of the same medicine in one session are one change, not a stop.

The first of the new orders begins at once; later ones are further steps of the same change. Told without any look-up:
the medicine must be written alike and the route too. In doubt the stop stays a stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from .revising import from_now, instant_of
from .session import MEDICINE, OVER, is_prohibition
from .shapes import Json, ref_of, status_of
from .versions import Copies

Written = frozenset[tuple[str, str]]


def join_swaps(session: Sequence[Json], copies: Copies, at: datetime | None) -> list[Json]:
    """The resources with every swap as a draft in place of the running order, whose stop is left out."""
    if at is None:
        return list(session)
    made = list(session)
    for one in session:
        held = copies.newest(ref_of(one))
        if status_of(one) not in OVER or held is None or status_of(held) != "active":
            continue
        alike = [index for index, other in enumerate(made) if _takes_over(other, held) and not _is_held(other, copies)]
        later = [index for index in alike if _begins_later(made[index], at)]
        if len(later) == len(alike):
            continue
        for index in alike:
            new = made[index] if index in later else from_now(made[index], at)
            made[index] = {**new, "priorPrescription": {"reference": ref_of(one)}}
        made = [other for other in made if other is not one]
    return made


def _is_held(one: Json, copies: Copies) -> bool:
    return copies.newest(ref_of(one)) is not None


def _takes_over(new: Json, old: Json) -> bool:
    """Is it a draft of the same medicine and route that is taken regularly?"""
    if new.get("resourceType") != "MedicationRequest" or status_of(new) != "draft" or is_prohibition(new):
        return False
    prior = new.get("priorPrescription")
    if prior and not (isinstance(prior, Mapping) and str(prior.get("reference", "")).endswith(ref_of(old))):
        return False
    dosages = _dosages(new)
    if not dosages or any(each.get("asNeededBoolean") or each.get("asNeededCodeableConcept") for each in dosages):
        return False
    routes, before = _routes(new), _routes(old)
    return bool(_medicine(new) & _medicine(old)) and len(routes) == 1 and routes == before


def _begins_later(new: Json, at: datetime) -> bool:
    """Is it a later step, after one that begins at once?"""
    return any(start > at for start in _starts(new, _dosages(new), at))


def _dosages(order: Json) -> list[Json]:
    dosages = order.get("dosageInstruction")
    return [each for each in dosages if isinstance(each, dict)] if isinstance(dosages, list) else []


def _medicine(order: Json) -> Written:
    """The codes of the medicine and the first word of each of its names."""
    return frozenset(pair for key in MEDICINE for pair in _words(order.get(key)))


def _words(concept: object) -> Iterator[tuple[str, str]]:
    if not isinstance(concept, Mapping):
        return
    codings = concept.get("coding")
    for each in (concept, *(codings if isinstance(codings, list) else ())):
        if not isinstance(each, Mapping):
            continue
        if each.get("system") and each.get("code"):
            yield str(each["system"]), str(each["code"])
        for said in (each.get("text"), each.get("display")):
            if isinstance(said, str) and said.split() and said.split()[0].isalpha():
                yield "", said.split()[0].casefold()


def _routes(order: Json) -> frozenset[Written]:
    """The routes of the dosages, as written; an empty one where none is."""
    return frozenset(_route(each.get("route")) for each in _dosages(order)) - {frozenset()}


def _route(route: object) -> Written:
    said = route.get("text") if isinstance(route, Mapping) else None
    words = {("", said.casefold())} if isinstance(said, str) and said else set()
    return frozenset({pair for pair in _words(route) if pair[0]} or words)


def _starts(order: Json, dosages: list[Json], at: datetime) -> Iterator[datetime]:
    """When the order and its dosages begin, where that is written."""
    supply = order.get("dispenseRequest")
    timings = (each.get("timing") for each in dosages)
    repeats = [each.get("repeat") for each in timings if isinstance(each, Mapping)]
    periods: list[Any] = [each.get("boundsPeriod") for each in repeats if isinstance(each, Mapping)]
    periods.append(supply.get("validityPeriod") if isinstance(supply, Mapping) else None)
    for period in periods:
        start = instant_of(period.get("start"), at) if isinstance(period, Mapping) else None
        if start is not None:
            yield start
