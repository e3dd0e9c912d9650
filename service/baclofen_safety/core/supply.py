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


def lay_cover(record: Record, changes: Sequence[DoseChange], dose_at: DoseAt) -> Cover | None:
    """Cover of the line by every hand-over; None when there was none."""
    supplies = record.supplies
    if not supplies:
        return None
    events: list[tuple[int, int, DoseChange | Stay | Supply]] = []
    events += [(_day(change.at, record), 0, change) for change in changes if change.at <= record.as_of]
    events += [(_day(stay.start.first, record), 1, stay) for stay in record.stays if stay.start]
    events += [(s.handed_over.day.toordinal(), 2, s) for s in supplies if s.handed_over]
    events.sort(key=lambda event: event[:2])
    window_days = record.limits.int("carry-over-days")
    oldest = record.as_of.date().toordinal() - window_days
    windows: list[Window] = []
    end: Decimal | None = None
    begin = ZERO
    for day, _, event in events:
        at = Decimal(day)
        if isinstance(event, DoseChange):
            if end is not None and end > at and event.after:
                end = at + (end - at) * event.before / event.after
        elif isinstance(event, Stay):
            if end is not None and end > at:
                end += _stay_days(event, record)
        else:
            days = _days(event, record, dose_at)
            if days is None:
                windows += [_window(begin, end, record)] if end is not None else []
                end = None
                continue
            carried = end if end is not None and end > at and day >= oldest else at
            if end is not None and end <= at:
                windows.append(_window(begin, end, record))
            begin = begin if end is not None and end > at else at
            end = carried + days
    if end is None:
        return Cover(tuple(windows), None)
    windows.append(_window(begin, end, record))
    return Cover(tuple(windows), date.fromordinal(int(end)))


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


def _days(supply: Supply, record: Record, dose_at: DoseAt) -> Decimal | None:
    at = supply.handed_over.last if supply.handed_over else record.as_of
    days = record.supply_days(supply, dose_at(at))
    if days is not None:
        return days
    return next((record.supply_ordered(o) for o in record.oral_orders if o.ref == supply.order), None)


def _stay_days(stay: Stay, record: Record) -> int:
    finish = stay.end.first if stay.end and not stay.current else record.as_of
    begin = stay.start.first if stay.start else finish
    return max(_day(min(finish, record.as_of), record) - _day(begin, record) + 1, 0)


def _window(begin: Decimal, end: Decimal, record: Record) -> Window:
    first, last = date.fromordinal(int(begin)), date.fromordinal(int(end))
    return midnight(first, record.zone), midnight(last, record.zone)


def _day(t: datetime, record: Record) -> int:
    return t.astimezone(record.zone).toordinal()
