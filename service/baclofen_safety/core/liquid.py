"""Strengths of oral liquids, mg/mL: of a product, and of the bottle before."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from .fact import Evidence
from .medicines import Medicine, Order

if TYPE_CHECKING:
    from .oral import OralFacts

_NEVER = frozenset({"draft", "cancelled", "intended", "not-taken"})


def strength_of(medicine: Medicine) -> Decimal | None:
    """mg/mL of a liquid; None for any other form, and when it is not known."""
    strength = medicine.strength
    return strength.mg if strength is not None and strength.per == "mL" else None


def previous_strength(oral: OralFacts, order: Order) -> tuple[Decimal, Evidence] | None:
    """Strength of the newest liquid handed over, or ordered before this order; None without one."""
    begin = order.start or order.authored
    start = begin.first if begin is not None else oral.as_of
    found: list[tuple[datetime, str, Decimal, str]] = [
        (supply.handed_over.first, supply.ref, strength, supply.medicine.name)
        for supply in oral.record.supplies
        if (strength := strength_of(supply.medicine)) is not None and supply.handed_over is not None
    ]
    for other in oral.orders:
        strength, since = strength_of(other.medicine), other.start or other.authored
        earlier = since is not None and since.first < start
        if strength is not None and since is not None and earlier and other.status not in _NEVER:
            found.append((since.first, other.ref, strength, other.medicine.name))
    newest = max(found, default=None)
    return None if newest is None else (newest[2], Evidence(newest[1], newest[3]))
