"""A stay that this moment ends or begins: judged as over, as what was only ordered for it ends with it, or as begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from .call import Call
from .shapes import Json, bare_id, ref_of

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
