"""Changes of running baclofen that may end or cut it and that nobody can read, and what is ordered beside a stop of it:
told, never passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..core.classes import SEDATIVES
from ..core.medicines import Order
from ..core.spans import FAR_PAST, planned_end
from ..fhir.ending_words import may_end
from ..fhir.read_orders import REQUEST_STATUS
from ..fhir.redating import PAST_DATES
from .meant import words_beside, words_of
from .moments import moments
from .occasion import Occasion, signed_before
from .session import role_of
from .shapes import ref_of, status_of
from .versions import copies_of

Why = Literal["status", "dates", "words", "dose", "as_needed"]
_STEPS = 2
"""From so many drafts in place of one order they are steps."""
_INTERRUPTED = frozenset({"stopped", "completed", "cancelled", "on-hold"})
_RUNNING = frozenset({"active", "unknown"})


@dataclass(frozen=True, slots=True)
class Change:
    """``why`` says what of it cannot be read; ``dose`` is what ran until now, mg/day, where it is known."""

    why: Why
    dose: Decimal | None


def changes_of(occasion: Occasion) -> tuple[Change, ...]:
    """What the orders of the session may do to the baclofen that runs, and cannot be read."""
    if role_of(occasion.call.service) != "draft":
        return ()
    return tuple(dict.fromkeys(_changes(occasion)))


def _changes(occasion: Occasion) -> Iterator[Change]:
    early = occasion.call.service.hook in moments().early_hooks
    orders = [occasion.orders[ref] for ref in sorted(occasion.session.refs) if ref in occasion.orders]
    ours = [order for order in orders if order.is_baclofen and order.route_group != "topical"]
    for order in ours:
        before = _ran_before(order)
        if before is None:
            continue
        if order.status == "unknown" or (order.status == "draft" and _has_no_status(order.ref, occasion)):
            yield Change("status", daily_dose(before))
        elif order.status != "draft":
            continue
        elif PAST_DATES in order.concepts:
            yield Change("dates", daily_dose(before))
        elif _says_to_end(order, occasion):
            yield Change("words", daily_dose(before))
        elif not early and not _is_told(order) and _is_told(before):
            yield Change("dose", daily_dose(before))
        elif order.as_needed and not before.as_needed:
            yield Change("as_needed", daily_dose(before))
    ended = [before for order in ours if order.ref in occasion.session.ending and (before := _ran_before(order))]
    new = [order for order in ours if order.status == "draft" and _ran_before(order) is None]
    new = [order for order in new if order.route_group != "intrathecal"]
    if ended and not early and any(not _is_told(order) for order in new):
        yield Change("dose", daily_dose(ended[0]))


def unpaired(occasion: Occasion) -> tuple[str, ...]:
    """Sedating medicines of the session that are judged without baclofen, as the session stops or holds all of it.

    The last doses taken may still act. Nobody knows how long, so no finding is made of it.
    """
    session, orders = occasion.session, occasion.orders
    if role_of(occasion.call.service) != "draft":
        return ()
    spoken = session.refs | session.ending | {ref_of(one) for one in session.extras}
    ours = [order for order in orders.values() if order.is_baclofen and order.route_group != "topical"]
    ended = [order for order in ours if order.ref in spoken and order.status in _INTERRUPTED and _ran_before(order)]
    if not ended or any(_goes_on(order, occasion) for order in ours):
        return ()
    drafts = (orders[ref] for ref in sorted(session.refs) if ref in orders and orders[ref].status == "draft")
    return tuple(dict.fromkeys(one.medicine.name for one in drafts if not one.medicine.concepts.isdisjoint(SEDATIVES)))


def left_beside(occasion: Occasion) -> tuple[Order, ...]:
    """Running orders that the session's steps take the place of and that nothing in it ends: a pharmacy sees both."""
    orders = occasion.orders
    if role_of(occasion.call.service) != "draft":
        return ()
    drafts = (orders[ref] for ref in occasion.session.refs if ref in orders and orders[ref].status == "draft")
    named = Counter(order.replaces for order in drafts if order.is_baclofen)
    left = (
        orders[ref]
        for ref, times in sorted((ref, n) for ref, n in named.items() if ref)
        if ref in orders and times >= _STEPS
    )
    return tuple(one for one in left if one.status in _RUNNING and one.ref not in occasion.session.ending)


def _goes_on(order: Order, occasion: Occasion) -> bool:
    """Is it an order, and no report of one, that runs or will, and whose own dates are not past?"""
    if order.reported or order.status not in _RUNNING | {"draft"}:
        return False
    as_of = occasion.verdict.as_of
    end = planned_end(order, order.start.first if order.start else FAR_PAST, as_of.tzinfo)
    return end is None or end > as_of


def _ran_before(order: Order) -> Order | None:
    before = signed_before(order)
    return before if before is not None and before.status in _RUNNING else None


def _says_to_end(order: Order, occasion: Occasion) -> bool:
    """Do its words say so, or those put beside them now?"""
    sent = occasion.sent.get(order.ref, {})
    held = copies_of([order.ref], occasion.session, occasion.supply).newest(order.ref) or {}
    known = words_beside(held)
    said = (words_of(sent), *(each for each in words_beside(sent) if each not in known))
    return any(may_end(each, tapered=len(order.steps) > 1) for each in said)


def _has_no_status(ref: str, occasion: Occasion) -> bool:
    sent = occasion.sent.get(ref)
    return sent is not None and status_of(sent) not in REQUEST_STATUS


def _is_told(order: Order) -> bool:
    return bool(order.steps) and all(step.daily is not None for step in order.steps)


def daily_dose(order: Order) -> Decimal | None:
    """mg/day of an order by mouth that has one dose only."""
    return order.steps[0].daily if len(order.steps) == 1 and order.route_group == "oral" else None
