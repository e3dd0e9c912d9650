"""Orders whose dates have passed: signed now, they are given from now on, whatever was copied into them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..core.concepts import Concept
from ..core.medicines import Order
from ..core.moment import Moment
from ..core.spans import FAR_PAST, planned_end

PAST_DATES: Concept = "past-dates"
"""Marks an order whose own dates were passed over."""
_IN_FORCE = frozenset({"active", "unknown"})


def as_if_now(order: Order, as_of: datetime, acted_on: frozenset[str]) -> Order:
    """An order that is signed at ``as_of`` as it will run; any other as it is.

    That is a draft, or one in force that somebody signs, verifies or sends on (its ref is in ``acted_on``). It begins
    then if its dates say that it is over already, and so does a draft that says no start but when it was written.
    """
    draft = order.status == "draft"
    if not draft and not (order.status in _IN_FORCE and order.ref in acted_on):
        return order
    order = replace(order, signed_now=True)
    end = planned_end(order, order.start.first if order.start else FAR_PAST, as_of.tzinfo)
    if end is not None and end <= as_of:
        return _moved(order, as_of)
    written_then = order.start is not None and order.start == order.authored and order.start.last <= as_of
    return _begun(order, as_of) if draft and written_then else order


def _begun(order: Order, as_of: datetime) -> Order:
    """Written and begun at ``as_of``, as it will be once it is signed; all later dates stay."""
    steps = tuple(replace(step, start=None) if not index else step for index, step in enumerate(order.steps))
    return replace(order, steps=steps, start=Moment.at(as_of), authored=Moment.at(as_of))


def _moved(order: Order, as_of: datetime) -> Order:
    """All dates moved on. Steps keep their lengths, but for the last: nobody can say how long it is meant to run."""
    by = as_of - (order.steps[0].start or order.start or Moment.at(as_of)).first
    last = len(order.steps) - 1
    steps = tuple(
        replace(
            step,
            start=Moment.at(step.start.first + by) if step.start else None,
            end=Moment.at(step.end.last + by) if step.end and index != last else None,
        )
        for index, step in enumerate(order.steps)
    )
    moved = replace(order, steps=steps, concepts=order.concepts | {PAST_DATES})
    return _begun(moved, as_of)
