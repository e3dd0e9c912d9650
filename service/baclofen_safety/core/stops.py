"""When an order stopped or paused, from the best source there is, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .chart import Stay
from .medicines import Order
from .moment import Moment
from .record import Record
from .spans import Window
from .timeline import StopHow

OVER = frozenset({"stopped", "completed", "cancelled"})
INTERRUPTED = OVER | {"on-hold"}


@dataclass(frozen=True, slots=True)
class Ending:
    """``at`` is the first instant no longer covered. ``how`` other than exact means "date uncertain"."""

    at: Moment
    how: StopHow
    as_planned: bool = False

    @property
    def certain(self) -> bool:
        return self.how == "exact"


def find_ending(order: Order, planned: datetime | None, record: Record) -> Ending | None:
    """When an order that is over ended; None when nobody can tell (old and undated)."""
    as_of = record.as_of
    changed = changed_at(order, record)
    if changed is not None and (planned is None or changed.first < planned):
        early = record.hours("stopped-early-hours")
        return Ending(changed, "exact", planned is not None and changed.first >= planned - early)
    if planned is not None and planned <= as_of:
        return Ending(Moment.at(planned), "exact", order.status != "stopped")
    stay = stay_of(order, record)
    if stay is not None and stay.end is not None and stay.end.first <= as_of:
        return Ending(stay.end, "at-the-latest")
    updated = settle_clock(order.updated, record)
    if updated is not None and updated.within(record.days("stop-updated-days"), as_of):
        return Ending(updated, "at-the-latest")
    supplied = record.supplied_until(order)
    if supplied is not None and supplied.first < as_of:
        return Ending(supplied, "estimated")
    if updated is not None:
        return Ending(updated, "at-the-latest")
    if any(proof.within(record.days("stop-written-days"), as_of) for proof in proofs(order, record)):
        return Ending(Moment.at(as_of), "assumed")
    return None


def find_pause(order: Order, record: Record) -> Ending | None:
    """Since when an order has been on hold; None when nobody can tell."""
    changed = changed_at(order, record)
    if changed is not None:
        return Ending(changed, "exact")
    updated = settle_clock(order.updated, record)
    if updated is not None:
        return Ending(updated, "at-the-latest")
    supplied = record.supplied_until(order)
    gone = supplied is not None and supplied.first < record.as_of
    return Ending(supplied, "estimated") if supplied is not None and gone else None


def changed_at(order: Order, record: Record) -> Moment | None:
    """When the present status began: as recorded, between two versions, or by the call itself."""
    if order.changed is not None:
        return order.changed
    history = (*order.versions, order)
    since = len(history) - 1
    while since > 0 and _same_state(history[since - 1], order):
        since -= 1
    if since == 0:
        return None
    return settle_clock(history[since].updated, record) or Moment.at(record.as_of)


def find_pauses(order: Order, record: Record) -> tuple[Window, ...]:
    """When older versions say the order was held or over, up to the version that took it up again."""
    history = (*order.versions, order)
    times = [settle_clock(one.changed or one.updated, record) for one in history]
    return tuple(
        (begin.first, end.first)
        for one, begin, end in zip(history, times, times[1:], strict=False)
        if one.status in INTERRUPTED and begin is not None and end is not None and begin.first < end.first
    )


def _same_state(one: Order, other: Order) -> bool:
    return one.status == other.status or (one.status in OVER and other.status in OVER)


def settle_clock(moment: Moment | None, record: Record) -> Moment | None:
    """A time a few minutes ahead is a clock that runs fast: as_of."""
    if moment is None or moment.first <= record.as_of:
        return moment
    tolerance = timedelta(minutes=record.limits.int("future-tolerance-minutes"))
    return Moment.at(record.as_of) if moment.first <= record.as_of + tolerance else moment


def stay_of(order: Order, record: Record) -> Stay | None:
    """The inpatient stay of an order: by its encounter, else, for an inpatient order, by its start."""
    for stay in record.stays:
        if order.encounter is not None and stay.ref == order.encounter:
            return stay
    begin = order.start or order.authored
    if order.setting != "inpatient" or begin is None:
        return None
    held_then = (
        stay
        for stay in reversed(record.stays)
        if stay.start and stay.start.first <= begin.last and (stay.end is None or stay.end.last > begin.first)
    )
    return next(held_then, None)


def proofs(order: Order, record: Record) -> Iterator[Moment]:
    """Every time that shows the order was written, or baclofen handed over, given or reported."""
    for moment in (order.authored, order.start, order.proven):
        if moment is not None:
            yield moment
    yield from record.use_proofs
