"""Which orders of one line count together: the first row that fits a pair decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from .entries import Entry
from .likeness import are_parts_of_a_day, is_other_strength, same_instruction, same_product
from .medicines import Order
from .record import Record
from .spans import FAR_FUTURE, FAR_PAST, Span, Window, cut


class Relation(StrEnum):
    """What two orders are to each other."""

    ONE_ORDER = "one-order"  # one is the other made concrete
    REPLACED = "replaced"
    REGIMEN = "regimen"
    FOLLOW_ON = "follow-on"
    GOVERNED = "governed"  # a home order beside an inpatient one
    RENEWAL = "renewal"  # unlinked: the dose counts once
    SUPERSEDED = "superseded"  # the older one's supply had passed
    REPORTED = "reported"  # a statement beside an order: proof of it
    ADDED = "added"
    APART = "apart"


_COUNTED_ONCE = (Relation.ONE_ORDER, Relation.RENEWAL)
"""The same use ordered twice: while the one counts, the other does not."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Entries oldest first with the spans that count, and what each pair is to each other."""

    entries: tuple[Entry, ...]
    spans: tuple[tuple[Span, ...], ...]
    relations: Mapping[tuple[int, int], Relation]  # (older, newer)
    followed: frozenset[int]  # entries another order took over from


def settle(entries: tuple[Entry, ...], record: Record) -> Settled:
    """Sort out every pair and cut from each entry what does not count."""
    windows = [[span.window for span in entry.spans] for entry in entries]
    holes: list[list[Window]] = [[] for _ in entries]
    reach: dict[int, datetime] = {}
    followed: set[int] = set()
    relations: dict[tuple[int, int], Relation] = {}
    for newer, b in enumerate(entries):
        for older, a in enumerate(entries[:newer]):
            relation, loser = _relate(a, b, record)
            relations[older, newer] = relation
            lost, kept = (newer, older) if loser == "b" else (older, newer)
            once = relation in _COUNTED_ONCE
            holes[lost] += windows[kept] if once else _muted(relation, entries[lost], entries[kept], record)
            if relation in (Relation.REPLACED, Relation.FOLLOW_ON, Relation.SUPERSEDED):
                followed.add(lost)
            if relation is Relation.FOLLOW_ON and a.role != "held" and a.end < b.start:
                reach[older] = b.start  # of several the first cuts it
            elif relation is Relation.GOVERNED:
                holes[kept] += _after_stay(entries[kept], record)
    spans = tuple(cut(_stretch(entry.spans, reach.get(index)), holes[index]) for index, entry in enumerate(entries))
    return Settled(entries, spans, relations, frozenset(followed))


def _relate(a: Entry, b: Entry, record: Record) -> tuple[Relation, str]:
    """The relation of an older and a newer entry, and which of them gives way ("a" or "b")."""
    if a.undated or b.undated:
        return Relation.APART, "a"
    if a.former != b.former and a.order.ref == b.order.ref:
        return Relation.REPLACED, "a" if a.former else "b"
    if a.order.reported != b.order.reported:
        return _relate_report(a, b)
    linked = _relate_linked(a, b, record) if _is_linked(a.order) or _is_linked(b.order) else None
    if linked is not None:
        return linked
    if _is_regimen(a, b):
        return Relation.REGIMEN, "a"
    if _is_follow_on(a, b, record):
        return Relation.FOLLOW_ON, "a"
    if not _overlap(a, b):
        return Relation.APART, "a"
    if a.inpatient != b.inpatient and not (a.unplaced or b.unplaced):
        return Relation.GOVERNED, "b" if a.inpatient else "a"
    if _is_renewal(a, b):
        return Relation.RENEWAL, "a"
    if _supply_passed(a, b, record):
        return Relation.SUPERSEDED, "a"
    return Relation.ADDED, "a"


def _is_linked(order: Order) -> bool:
    """May it say itself what it is to another one?"""
    return bool(order.based_on) or order.specific or order.replaces is not None or order.renews


def _relate_linked(a: Entry, b: Entry, record: Record) -> tuple[Relation, str] | None:
    """What the records themselves say of the two."""
    if _makes_concrete(b, a):
        return Relation.ONE_ORDER, "a"
    if _makes_concrete(a, b):
        return Relation.ONE_ORDER, "b"
    if names(b.order.replaces, a.order) and not _signed_together(a, b, record):
        return Relation.REPLACED, "a"
    if names(a.order.replaces, b.order) and not _signed_together(b, a, record):
        return Relation.REPLACED, "b"
    return (Relation.REPLACED, "a") if _renews(b, a) else None


def _signed_together(named: Entry, naming: Entry, record: Record) -> bool:
    """Is the order that another takes the place of itself new and signed with it? Then both run, unless in a row."""
    if not (named.order.signed_now and naming.order.signed_now) or named.order.versions:
        return False
    begins = max(named.start, record.as_of) if named.role == "draft" else named.start
    return naming.start <= begins


def _renews(b: Entry, a: Entry) -> bool:
    """B renews an order it does not name, and A, which runs, is the same medicine in the same dose, or as many tablets
    of another strength: then the dose changes.

    Another draft is none: two drafts alike are a mistake.
    """
    if not b.order.renews or b.order.replaces is not None or a.order.status != "active" or a.inpatient != b.inpatient:
        return False
    if a.start >= b.start or a.order.as_needed != b.order.as_needed:
        return False
    if is_other_strength(a.order, b.order):
        return True
    if not same_product(a.order, b.order):
        return False
    return daily_of(b) is not None and daily_of(b) == next((s.dose for s in a.spans if s.covers(b.start)), None)


def _relate_report(a: Entry, b: Entry) -> tuple[Relation, str]:
    if not _overlap(a, b):
        return Relation.APART, "a"
    return Relation.REPORTED, "a" if a.order.reported else "b"


def _muted(relation: Relation, lost: Entry, kept: Entry, record: Record) -> list[Window]:
    """The windows in which the entry that gives way does not count, of two that are not the same use."""
    if relation in (Relation.REPLACED, Relation.FOLLOW_ON, Relation.SUPERSEDED):
        return [(_begin(kept, record), FAR_FUTURE)]
    if relation is Relation.REPORTED:
        return [span.window for span in kept.spans] + _report_holes(lost, kept, record)
    if relation is Relation.GOVERNED:
        return _governed(kept, record)
    return []


def _begin(entry: Entry, record: Record) -> datetime:
    """Start of an entry that took over; when unknown, the day it was written, else as_of."""
    if entry.start_known:
        return entry.start
    proof = entry.order.authored or entry.order.proven
    return proof.first if proof else record.as_of


def _makes_concrete(b: Entry, a: Entry) -> bool:
    if b.order.based_on and any(names(ref, a.order) for ref in b.order.based_on):
        return True
    if a.order.specific or not b.order.specific or a.start > b.start:
        return False
    return same_product(a.order, b.order) and daily_of(a) == daily_of(b) is not None and _overlap(a, b)


def names(ref: str | None, order: Order) -> bool:
    """Does a reference, or an identifier, lead to the order?"""
    return ref is not None and (ref == order.ref or ref in order.identifiers)


def _is_regimen(a: Entry, b: Entry) -> bool:
    if a.written is None or a.written != b.written:
        return False
    if a.order.group is not None and a.order.group == b.order.group:
        return True
    if a.order.requester != b.order.requester:
        return False
    if a.order.requester is None:
        return are_parts_of_a_day(a.order, b.order)
    return _signature(a.order) != _signature(b.order)


def _signature(order: Order) -> tuple[object, ...]:
    return order.medicine.strength, tuple(
        (step.daily, step.single, step.doses_per_day, step.text, step.start, step.times) for step in order.steps
    )


def _is_follow_on(a: Entry, b: Entry, record: Record) -> bool:
    """B took over from A: A ended about when B began, or at an uncertain time after B had begun."""
    if not b.start_known or a.start == b.start or b.role == "unsure":
        return False
    if a.ending is not None and not a.ending.certain and b.start <= a.end:
        return True
    return abs(b.start - a.end) <= record.follow_on


def _is_renewal(a: Entry, b: Entry) -> bool:
    if a.end < FAR_FUTURE or a.role == "unsure" or (not a.start < b.start and not b.order.reported):
        return False
    if a.order.requester and b.order.requester and a.order.requester != b.order.requester:
        return False
    if a.order.as_needed != b.order.as_needed or not (
        same_product(a.order, b.order) or same_instruction(a.order, b.order)
    ):
        return False
    dose = daily_of(b)
    return dose is not None and dose == _dose_at(b.start, a)


def _dose_at(t: datetime, entry: Entry) -> Decimal | None:
    """The dose that held at an instant; outside the spans that of the first step."""
    return next((span.dose for span in entry.spans if span.covers(t)), daily_of(entry))


def _supply_passed(a: Entry, b: Entry, record: Record) -> bool:
    if a.order.signed_now or not a.start_known or not b.start_known:
        return False
    if record.supplies_of(a.order):
        until = record.supplied_until(a.order)
        return until is not None and until.first <= b.start
    days = record.supply_ordered(a.order)
    if days is None or a.order.reported:
        return False
    fills = 1 + (a.order.refills or 0)
    return a.start + timedelta(days=int(days * fills)) <= b.start


def _report_holes(report: Entry, order: Entry, record: Record) -> list[Window]:
    """A report no newer than the order's end is proof of the order, and does not outlive or precede it."""
    holes: list[Window] = []
    proven = report.order.proven or report.order.authored
    linked = any(names(ref, order.order) for ref in report.order.based_on)
    twin = linked or daily_of(report) == daily_of(order)
    known_before = proven is not None and proven.first < order.start
    if twin and not report.start_known and order.start_known and not known_before:
        holes.append((FAR_PAST, order.start))
    if order.ending is None and order.role != "held":
        return holes
    recent = order.end >= record.as_of - record.days("stop-current-days")
    if (proven is not None and proven.first <= order.end) or (proven is None and twin and recent):
        holes.append((order.end, FAR_FUTURE))
    return holes


def _governed(inpatient: Entry, record: Record) -> list[Window]:
    """From the inpatient order's start to the end of its stay; without a stay, while the order runs."""
    for stay in reversed(record.stays):
        begin = stay.start.first if stay.start else FAR_PAST
        finish = stay.end.last if stay.end and not stay.current else FAR_FUTURE
        if begin <= inpatient.start < finish or stay.ref == inpatient.order.encounter:
            return [(max(begin, inpatient.start), finish)]
    return [span.window for span in inpatient.spans]


def _after_stay(inpatient: Entry, record: Record) -> list[Window]:
    return [(finish, FAR_FUTURE) for _, finish in _governed(inpatient, record)[-1:]]


def _stretch(spans: tuple[Span, ...], until: datetime | None) -> tuple[Span, ...]:
    """A follow-on within a day leaves no gap: the last dose reaches to the start of the next order."""
    if until is None or not spans or spans[-1].end >= until:
        return spans
    return (*spans[:-1], spans[-1].over((spans[-1].start, until)))


def _overlap(a: Entry, b: Entry) -> bool:
    return a.start < b.end and b.start < a.end and a.start < a.end and b.start < b.end


def daily_of(entry: Entry) -> Decimal | None:
    """Daily dose of the first step."""
    return entry.order.steps[0].daily if entry.order.steps else None
