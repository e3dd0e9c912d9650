"""Drafts whose dates have passed: signed now, they are given from now on, whatever was copied into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from ..core.concepts import Concept
from ..core.medicines import DoseStep, Order
from ..core.moment import Moment
from ..core.spans import FAR_PAST, planned_end

PAST_DATES: Concept = "past-dates"
"""Marks an order whose own dates were passed over."""


def as_if_now(order: Order, as_of: datetime) -> Order:
    """A draft that would be over before it is signed, as one that begins at ``as_of``; any other as it is.

    Its steps keep their lengths, but for the last: nobody can say how long it is meant to run.
    """
    begin = order.start.first if order.start else FAR_PAST
    end = planned_end(order, begin, as_of.tzinfo) if order.status == "draft" else None
    if end is None or end > as_of:
        return order
    steps = tuple(_moved(order.steps, as_of - (order.steps[0].start or order.start or Moment.at(as_of)).first))
    return replace(order, steps=steps, start=Moment.at(as_of), concepts=order.concepts | {PAST_DATES})


def _moved(steps: tuple[DoseStep, ...], by: timedelta) -> Iterator[DoseStep]:
    for index, step in enumerate(steps):
        first, last = index == 0, index == len(steps) - 1
        yield replace(
            step,
            start=None if first or step.start is None else Moment.at(step.start.first + by),
            end=None if last or step.end is None else Moment.at(step.end.last + by),
        )
