"""A stay that this moment ends: judged as over, since what was only ordered for it ends with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .call import Call
from .shapes import Json, bare_id, ref_of

_LEAVING = "discharge"
_OPEN = frozenset({"arrived", "triaged", "in-progress", "onleave", "on-hold"})


def _is_leaving(call: Call) -> bool:
    """Is the patient about to leave?"""
    return _LEAVING in (call.moment, call.service.hook.removeprefix("encounter-"))


def closed(bundle: Json, call: Call, at: datetime | None) -> Json:
    """An answer in which the stay of the call ends at the moment; another one as it came."""
    if at is None or not call.encounter_id or not _is_leaving(call) or not isinstance(bundle.get("entry"), list):
        return bundle
    ref = f"Encounter/{bare_id(call.encounter_id)}"
    return {**bundle, "entry": [_entry(each, ref, at) for each in bundle["entry"]]}


def _entry(entry: Any, ref: str, at: datetime) -> Any:
    stay = entry.get("resource") if isinstance(entry, Mapping) else None
    if not isinstance(stay, dict) or ref_of(stay) != ref or str(stay.get("status")) not in _OPEN:
        return entry
    key = "actualPeriod" if "actualPeriod" in stay else "period"
    period = stay.get(key)
    began = period if isinstance(period, dict) else {}
    return {**entry, "resource": {**stay, "status": "finished", key: {**began, "end": at.isoformat()}}}
