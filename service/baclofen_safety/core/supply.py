"""Cover by what was handed over: left-overs carried on, dose changes and hospital days counted in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .chart import Stay
from .medicines import Supply
from .record import Record
from .spans import ZERO, Window, midnight
from .timeline import DoseChange

DoseAt = Callable[[datetime], Decimal | None]


@dataclass(frozen=True, slots=True)
class Cover:
    """Windows covered by hand-overs, and the first day without drug (None: not computable)."""

    windows: tuple[Window, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class _Stayed:
    days: int


@dataclass(frozen=True, slots=True)
class _Filled:
    days: Decimal | None  # None: nobody can tell how long it lasts


_Event = DoseChange | _Stayed | _Filled


def lay_cover(record: Record, changes: Sequence[DoseChange], dose_at: DoseAt) -> Cover | None:
    """Cover of the line by every hand-over; None when there was none."""
    if not record.supplies:
        return None
    oldest = record.as_of.date().toordinal() - record.limits.int("carry-over-days")
    windows: list[Window] = []
    end: Decimal | None = None
    begin = ZERO
    for day, event in _events(record, changes, dose_at):
        at = Decimal(day)
        left = end - at if end is not None and end > at else ZERO
        if isinstance(event, DoseChange):
            if end is not None and left:
                end = at + left * event.before / event.after
        elif isinstance(event, _Stayed):
            if end is not None and left:
                end += event.days
        else:
            if end is not None and not (left and event.days is not None):
                windows.append(_window(begin, end, record))
            begin = begin if left else at
            carried = left if day >= oldest else ZERO
            end = None if event.days is None else at + carried + event.days
    if end is None:
        return Cover(tuple(windows), None)
    windows.append(_window(begin, end, record))
    return Cover(tuple(windows), date.fromordinal(int(end)))


def _events(record: Record, changes: Sequence[DoseChange], dose_at: DoseAt) -> list[tuple[int, _Event]]:
    """What shortens, lengthens or renews the cover, by day; on one day the changes first and the hand-overs last."""
    events: list[tuple[int, _Event]] = []
    events += [(_day(change.at, record), change) for change in changes if change.at <= record.as_of and change.after]
    events += [
        (_day(stay.start.first, record), _Stayed(_stay_days(stay, stay.start.first, record)))
        for stay in record.stays
        if stay.start
    ]
    events += [
        (supply.handed_over.day.toordinal(), _Filled(_days(supply, record, dose_at(supply.handed_over.last))))
        for supply in record.supplies
        if supply.handed_over
    ]
    return sorted(events, key=lambda event: event[0])


def hospital_days(record: Record, since: date) -> int:
    """Calendar days in hospital after ``since`` up to as_of: the hospital supplies."""
    today = record.as_of.date()
    days: set[int] = set()
    for stay in record.stays:
        if stay.start is None:
            continue
        first = max(_day(stay.start.first, record), since.toordinal())
        last = _day(stay.end.first, record) if stay.end and not stay.current else today.toordinal()
        days.update(range(first, min(last, today.toordinal()) + 1))
    return len(days)


def _days(supply: Supply, record: Record, daily: Decimal | None) -> Decimal | None:
    days = record.supply_days(supply, daily)
    if days is not None:
        return days
    return next((record.supply_ordered(o) for o in record.oral_orders if o.ref == supply.order), None)


def _stay_days(stay: Stay, begin: datetime, record: Record) -> int:
    finish = stay.end.first if stay.end and not stay.current else record.as_of
    return max(_day(min(finish, record.as_of), record) - _day(begin, record) + 1, 0)


def _window(begin: Decimal, end: Decimal, record: Record) -> Window:
    first, last = date.fromordinal(int(begin)), date.fromordinal(int(end))
    return midnight(first, record.zone), midnight(last, record.zone)


def _day(t: datetime, record: Record) -> int:
    return t.astimezone(record.zone).toordinal()
