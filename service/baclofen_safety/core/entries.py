"""Orders as entries of a timeline: the part they play, when they began and ended, their doses between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from .medicines import Order
from .moment import Moment
from .record import Record, order_key
from .spans import FAR_FUTURE, FAR_PAST, Span, Window, cut, lay_steps, planned_end, unite
from .stops import Ending, changed_at, find_ending, find_pause, find_pauses, stay_of

Role = Literal["in-force", "held", "over", "draft", "unsure"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One order laid on the timeline. ``start`` FAR_PAST = unknown, ``end`` FAR_FUTURE = runs on.

    ``spans`` are the doses as written; pairs of orders are sorted out later. ``undated``: an order that is
    over although nobody can tell since when: it has no spans.
    """

    order: Order
    role: Role
    start: datetime
    end: datetime
    planned: datetime | None
    ending: Ending | None
    spans: tuple[Span, ...]
    inpatient: bool
    written: date | None
    undated: bool = False
    former: bool = False  # the signed version of an order that a draft now changes
    pauses: tuple[Window, ...] = ()  # interrupted and taken up again since
    unplaced: bool = False  # for the stay or for home: nobody says

    @property
    def start_known(self) -> bool:
        return self.start > FAR_PAST

    def pauses_at(self, t: datetime) -> bool:
        """Does a hold, and not a stop, begin at the instant?"""
        return self.role == "held" or any(begin == t for begin, _ in self.pauses)

    @property
    def counts(self) -> bool:
        """In force as the record stands: active, unsure, or a draft that has joined."""
        return self.role in ("in-force", "draft", "unsure")


def read_entries(orders: Iterable[Order], record: Record) -> tuple[Entry, ...]:
    """Every order that gives exposure, oldest first; drafts only in the signed picture."""
    entries = (_read_entry(order, record, former=former) for order, former in _unfold(orders))
    found = [entry for entry in entries if entry is not None]
    return tuple(sorted(found, key=lambda entry: (entry.start, order_key(entry.order))))


def has_follow_on(entries: Iterable[Entry], after: datetime, record: Record) -> bool:
    """Does one run on from ``after`` or start within a day? Signed orders that have begun are counted now, or another
    took their place: these do not come back."""
    latest = after + record.follow_on
    running_on = (entry for entry in entries if entry.counts and entry.start <= latest and entry.end > after)
    return any(entry.role == "draft" or entry.start > record.as_of for entry in running_on)


def _unfold(orders: Iterable[Order]) -> Iterator[tuple[Order, bool]]:
    """A draft that changes a signed order stands beside that order's last signed version."""
    for order in orders:
        yield order, False
        if order.status != "draft":
            continue
        signed = next((version for version in reversed(order.versions) if version.status != "draft"), None)
        if signed is not None:
            yield signed, True


def _read_entry(order: Order, record: Record, *, former: bool) -> Entry | None:
    role = _role(order, record)
    if role is None:
        return None
    start = _start(order, role, record)
    planned = planned_end(order, start, record.zone)
    ending: Ending | None = None
    if role == "over":
        ending = find_ending(order, planned, record)
    elif planned is not None and planned <= record.as_of and role != "held":
        role, ending = "over", Ending(Moment.at(planned), "exact", True)
    elif role == "held":
        role, ending = _hold(order, planned, record)
    else:
        ending = _left_behind(order, record)
        role = "over" if ending else role
    if ending is not None and ending.at.first > record.as_of and role != "held":
        role, ending = "in-force", None  # a stop dated after as_of leaves the order in force
    undated = role == "over" and ending is None
    end = ending.at.first if ending else planned or FAR_FUTURE
    if role == "held" and ending is None:
        end = record.as_of
    pauses = tuple(unite(find_pauses(order, record))) if role == "in-force" else ()
    return Entry(
        order,
        role,
        start,
        end,
        planned,
        ending,
        () if undated else cut(lay_steps(order, start, end), pauses),
        is_inpatient(order, record),
        order.authored.day if order.authored else (record.as_of.date() if role == "draft" else None),
        undated,
        former,
        pauses,
        is_unplaced(order),
    )


def _role(order: Order, record: Record) -> Role | None:
    match order.status:
        case "active":
            return "in-force"
        case "unknown":
            return "unsure"
        case "on-hold":
            return "held"
        case "draft":
            return "draft" if record.signed else None
        case "cancelled":
            return "over" if record.first_use(order) or _ran(order, record) else None
        case "stopped" | "completed":
            return "over"
        case _:
            return None  # intended or not taken


def _ran(order: Order, record: Record) -> bool:
    """Was an order that is now cancelled in force so long that it is no start any more? Fills may be kept elsewhere."""
    begin, ended = order.start or order.authored, changed_at(order, record)
    if begin is None or ended is None or all(one.status != "active" for one in order.versions):
        return False
    return ended.first - begin.first >= record.days("established-days")


def _start(order: Order, role: Role, record: Record) -> datetime:
    if role == "draft":
        written = order.steps[0].start if order.steps else None
        if written is not None:
            return written.first
        return max(order.start.first, record.as_of) if order.start else record.as_of
    if order.status == "cancelled":
        used = record.first_use(order)
        begin = used or order.start or order.authored
        return begin.first if begin else FAR_PAST
    begin = order.start or (None if order.reported else order.authored)
    return begin.first if begin else FAR_PAST


def _hold(order: Order, planned: datetime | None, record: Record) -> tuple[Role, Ending | None]:
    """A held order stays held unless its treatment was to end before now: then it is over since the hold."""
    pause = find_pause(order, record)
    if planned is None or planned > record.as_of:
        return "held", pause
    if pause is not None and pause.at.first < planned:
        return "over", pause
    return "over", Ending(Moment.at(planned), "exact", True)


def _left_behind(order: Order, record: Record) -> Ending | None:
    """An inpatient order still called active after its stay ended with the stay."""
    if order.setting != "inpatient":
        return None
    stay = stay_of(order, record)
    if stay is None or stay.current or stay.end is None or stay.end.first > record.as_of:
        return None
    return Ending(stay.end, "at-the-latest")


def goes_on_daily(order: Order, dose: Decimal, as_of: datetime) -> bool:
    """Is no less than a dose ordered for every day from now on, without an end?"""
    if len(order.steps) != 1 or (order.start is not None and order.start.first > as_of):
        return False
    step = order.steps[0]
    steady = not (step.as_needed or step.once or step.mean or step.problems or step.end)
    return steady and step.daily is not None and step.daily >= dose


def is_inpatient(order: Order, record: Record) -> bool:
    """Category inpatient; without a category, written for the current stay."""
    if order.setting is not None:
        return order.setting == "inpatient"
    return any(stay.current and stay.ref == order.encounter for stay in record.stays)


def is_unplaced(order: Order) -> bool:
    """Is it being written now, and says neither by category nor by encounter whether it is for the stay or for home?

    Read as one for home it would not count beside the stay's orders, read as the stay's not beside those at home: it
    counts beside both, so that no dose and no second order goes unseen.
    """
    new = not order.versions and (order.status == "draft" or order.signed_now)
    return new and order.setting is None and order.encounter is None
