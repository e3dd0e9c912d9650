"""Suggestions and their actions, as CDS Hooks writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
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


def offered_once(cards: Iterable[Json]) -> list[Json]:
    """The cards, none of which offers what one before it does: who pressed both would do it twice."""
    seen: set[str] = set()
    made = []
    for card in cards:
        offers = {_deed(one): one for one in card.get("suggestions", ())}
        kept = [one for deed, one in offers.items() if deed not in seen]
        seen |= offers.keys()
        left_out = () if kept else ("suggestions", "selectionBehavior")
        changed = {**card, "suggestions": kept} if offers else card
        made.append({key: one for key, one in changed.items() if key not in left_out})
    return made


def _deed(offer: Json) -> str:
    """What a suggestion does, whatever it is called."""
    return json.dumps([{key: one for key, one in each.items() if key != "description"} for each in offer["actions"]])
