"""A stay that this moment ends or begins: judged as over, as what was only ordered for it ends with it, or as begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from .call import Call
from .moments import moments
from .prefetch import Supply
from .shapes import Json, bare_id, ref_of

STAYS = "encounters"
"""The key of the prefetch that brings the stays."""
NOT_AMONG = "not-among"
"""Why stays are not known in full: the one this moment is about is not among them."""
_IN_HOSPITAL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
_LEAVING = "discharge"
_COMING = frozenset({"start", "admission"})
_OPEN = frozenset({"arrived", "triaged", "in-progress", "onleave", "on-hold"})
_PLANNED = "planned"


def at_moment(bundle: Json, call: Call, at: datetime | None) -> Json:
    """An answer in which the stay of the call ends at a discharge, and has begun at an admission."""
    happens = {call.moment, call.service.hook.removeprefix("encounter-")}
    change = _closed if _LEAVING in happens else _opened if happens & _COMING else None
    if change is None or at is None or not call.encounter_id or not isinstance(bundle.get("entry"), list):
        return bundle
    ref = f"Encounter/{bare_id(call.encounter_id)}"
    return {**bundle, "entry": [_entry(each, ref, partial(change, at=at)) for each in bundle["entry"]]}


def stay_of(call: Call) -> str:
    """Reference of the stay that this moment begins, moves or ends; "" when it is about none."""
    about_stay = STAYS in moments().must_have_at.get(call.happened, frozenset())
    return f"Encounter/{bare_id(call.encounter_id)}" if about_stay and call.encounter_id else ""


def lost_stay(call: Call, supply: Supply) -> str:
    """That reference when the stay is not among those that came; "" when it is, or none came at all."""
    ref = stay_of(call)
    return ref if ref and STAYS in supply.bundles and ref not in supply.refs else ""


def with_stay(call: Call, supply: Supply) -> Supply:
    """The supply in which a stay that did not come makes the stays a part: what was asked for it alone is put aside."""
    ref = lost_stay(call, supply)
    if not ref:
        return supply
    missing = {key: why for key, why in supply.missing.items() if key != ref}
    return replace(supply, missing={**missing, STAYS: missing.get(STAYS, NOT_AMONG)})


def begun(call: Call, supply: Supply, at: datetime | None) -> Iterator[Json]:
    """The stay that begins now and did not come, as much of it as the call says: it is taken as one in hospital."""
    ref, happens = lost_stay(call, supply), {call.moment, call.service.hook.removeprefix("encounter-")}
    if ref and at is not None and happens & _COMING:
        kind, identity = ref.split("/")
        stay = {"resourceType": kind, "id": identity, "status": "in-progress", "class": _IN_HOSPITAL}
        yield stay | {
            "subject": {"reference": f"Patient/{bare_id(call.patient_id)}"},
            "period": {"start": at.isoformat()},
        }


def _entry(entry: Any, ref: str, change: Callable[[Json], Json]) -> Any:
    stay = entry.get("resource") if isinstance(entry, Mapping) else None
    if not isinstance(stay, dict) or ref_of(stay) != ref:
        return entry
    return {**entry, "resource": change(stay)}


def _closed(stay: Json, *, at: datetime) -> Json:
    if str(stay.get("status")) not in _OPEN:
        return stay
    key, began = _period(stay)
    return {**stay, "status": "finished", key: {**began, "end": at.isoformat()}}


def _opened(stay: Json, *, at: datetime) -> Json:
    """A planned stay is taken as begun now: when it was to begin and to end is a plan."""
    if stay.get("status") != _PLANNED:
        return stay
    key, _ = _period(stay)
    return {**stay, "status": "in-progress", key: {"start": at.isoformat()}}


def _period(stay: Json) -> tuple[str, Json]:
    key = "actualPeriod" if "actualPeriod" in stay else "period"
    period = stay.get(key)
    return key, period if isinstance(period, dict) else {}
