"""Suggestions and their actions, as CDS Hooks writes them."""

from __future__ import annotations

from typing import Any

from ..core.medicines import Order
from ..core.words import say
from .detail import SUMMARY_LENGTH
from .markdown import plain
from .occasion import dose_of

Json = dict[str, Any]
_DRUG_LENGTH = 80


def suggestion(label: str, *actions: Json) -> Json:
    """A suggestion; its id is given where the card is known."""
    return {"label": plain(label, SUMMARY_LENGTH), "actions": list(actions)}


def removal(ref: str, says: str) -> Json:
    """An unsigned order is removed, named by ``Type/id``."""
    return {"type": "delete", "description": plain(says), "resourceId": ref}


def creation(resource: Json, says: str) -> Json:
    """A resource is added."""
    return {"type": "create", "description": plain(says), "resource": resource}


def name_of(order: Order) -> str:
    """A medicine as it was sent, and the daily dose of oral baclofen. A bare code tells a reader nothing."""
    dose, sent = dose_of(order), order.medicine.name
    readable = sent if any(map(str.isalpha, sent)) else " + ".join(sorted(order.medicine.ingredients))
    name = plain(readable or sent or "baclofen", _DRUG_LENGTH)
    return f"{name}, {say(dose)} mg/day" if order.is_baclofen and order.route_group == "oral" and dose else name
