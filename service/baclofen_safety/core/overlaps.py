"""Pairs of oral orders in force at the same time, now or planned; and what is reported as taken beside them."""

from __future__ import annotations

from decimal import Decimal

from .entries import Entry
from .fact import Fact, Known, Unknown
from .line import Line, add_up
from .medicines import Order
from .pairs import Relation
from .spans import FAR_FUTURE, TICK, ZERO, hours
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


def find_reported_otherwise(line: Line) -> tuple[tuple[Order, Decimal, Decimal], ...]:
    """Reports in force of more than is ordered: the report, its daily dose, the dose ordered.

    A report older than the last change of the ordered dose is of an earlier dose and says nothing against this one.
    """
    now = line.record.as_of
    ordered = line.dose_or_none(now)
    if ordered is None:
        return ()
    reports = {
        older if line.entries[older].order.reported else newer
        for (older, newer), kind in line.settled.relations.items()
        if kind is Relation.REPORTED
    }
    return tuple(
        (entry.order, span.dose, ordered)
        for entry in (line.entries[at] for at in sorted(reports))
        for span in entry.spans
        if entry.counts and span.covers(now) and span.dose is not None and span.dose > ordered
        if _said_of(entry, ordered, line)
    )


def _said_of(report: Entry, ordered: Decimal, line: Line) -> bool:
    """Was the dose ordered when the report was made the one ordered now?"""
    proof = report.order.proven or report.order.authored
    if proof is None:
        return True
    then = max(proof.first, proof.last - TICK)  # of a day its end, not the next midnight
    return line.dose_or_none(min(then, line.record.as_of)) == ordered


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
    """Highest daily dose of both together from as_of on, as long as both run, mg/day."""
    start, end = max(a.start, b.start, line.record.as_of), min(a.end, b.end)
    spans = [span for span in (*a.spans, *b.spans) if span.start < end and span.end > start]
    instants = sorted({max(span.start, start) for span in spans})
    totals = [add_up(span for span in spans if span.covers(t)) for t in instants]
    known = [total for total in totals if isinstance(total, Known)]
    if len(known) < len(totals):
        return next(total for total in totals if isinstance(total, Unknown))
    return max(known, key=lambda total: total.value, default=Known(ZERO))
