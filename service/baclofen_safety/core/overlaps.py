"""Pairs of oral orders in force at the same time, now or planned."""

from __future__ import annotations

from decimal import Decimal

from .entries import Entry
from .fact import Fact, Known, Reason, Unknown
from .line import Line, add_up
from .pairs import Relation
from .spans import FAR_FUTURE, hours
from .timeline import Overlap

_LINKED = (Relation.ONE_ORDER, Relation.REPORTED)


def find_overlaps(line: Line) -> tuple[Overlap, ...]:
    """Overlaps not yet past of orders in force; one order in two shapes is no overlap."""
    found = (
        _overlap(line.entries[older], line.entries[newer], relation, line)
        for (older, newer), relation in sorted(line.settled.relations.items())
        if relation not in _LINKED
    )
    return tuple(overlap for overlap in found if overlap is not None)


def _overlap(a: Entry, b: Entry, relation: Relation, line: Line) -> Overlap | None:
    if not (a.counts and b.counts):
        return None
    start, end = max(a.start, b.start), min(a.end, b.end)
    if end <= max(start, line.record.as_of):
        return None
    known = a.start_known and b.start_known
    length = Decimal("Infinity") if end >= FAR_FUTURE else hours(end - start)
    requesters = (a.order.requester, b.order.requester)
    return Overlap(
        a=a.order,
        b=b.order,
        hours=length if known else None,
        combined=_combined(a, b, line),
        different_prescribers=None if None in requesters else requesters[0] != requesters[1],
        one_regimen=relation is Relation.REGIMEN,
        replaced=relation in (Relation.REPLACED, Relation.FOLLOW_ON, Relation.SUPERSEDED),
        governed=relation is Relation.GOVERNED,
    )


def _combined(a: Entry, b: Entry, line: Line) -> Fact[Decimal]:
    """Daily dose of both where they run together, from as_of on, mg/day."""
    t = max(a.start, b.start, line.record.as_of)
    spans = [span for entry in (a, b) for span in entry.spans if span.covers(t)]
    total = add_up(spans)
    if isinstance(total, Known) or spans:
        return total
    return Unknown(Reason.NOT_COMPUTABLE, "doses of the overlap not known")
