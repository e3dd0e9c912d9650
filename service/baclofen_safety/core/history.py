"""What lay before an order: never any baclofen, some not long ago, or nobody looked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from .chart import Chart
from .concepts import BACLOFEN
from .entries import Entry
from .fact import DOSED, ENDED, STARTED, Fact, Known, Need, Reason, Unknown
from .line import Line
from .medicines import MEDICINE_TYPES, Order
from .pairs import names
from .record import order_key
from .spans import FAR_PAST, TICK, Run, Window, day_of

HISTORY = tuple(Need(kind) for kind in ("MedicationRequest", "MedicationStatement", "MedicationDispense"))
_NOT_SENT = Unknown(Reason.NOT_SENT, "medicine history not sent", HISTORY)


def history_was_sent(chart: Chart) -> bool:
    """Any medicine record beside the baclofen order judged, or a type answered, or a medicine list."""
    if any(chart.received.get(kind) == "answered" for kind in MEDICINE_TYPES):
        return True
    if chart.supplies or chart.given or chart.lists:
        return True
    judged = [order for order in chart.orders if order.is_baclofen and not order.reported]
    if len(judged) < len(chart.orders):
        return True
    days = {order_key(order)[0].date() for order in judged if order.status != "draft"}
    return len(days) > (0 if any(order.status == "draft" for order in judged) else 1)


def is_naive(order: Order, line: Line, *, history_sent: bool) -> Fact[bool]:
    """No baclofen in the window before the order's start, and that start is ahead or recent."""
    entry = _entry_of(order, line)
    start = _start_of(order, entry, line)
    if start is None:
        return _unknown_start(order, line)
    record = line.record
    recent = day_of(record.as_of, record.zone) - record.limits.int("new-start-days")
    if day_of(start, record.zone) < recent:
        return Known(False, how="computed")
    window = (start - record.days("naive-window-days"), start)
    unsure = False
    for other, covered in _windows_beside(entry, line):
        if not (covered[0] < window[1] and covered[1] > window[0]):
            continue
        if covered[0] > FAR_PAST:
            return Known(False, how="computed")
        proven = other.order.proven if other else None
        if proven is not None and proven.first < start:
            return Known(False, how="computed")
        unsure = True
    if unsure:
        return Unknown(Reason.PARTIAL_DATE, "other baclofen of unknown start", (STARTED,))
    if _renews_unsent(order, line) and not any(begin < start for _, (begin, _) in _windows_beside(entry, line)):
        return Unknown(Reason.NOT_SENT, "the order it renews was not sent", (Need("MedicationRequest", (BACLOFEN,)),))
    return Known(True, how="computed") if history_sent else _NOT_SENT


def _renews_unsent(order: Order, line: Line) -> bool:
    """Does it go on with an earlier order that nobody sent?"""
    return order.renews and not any(names(order.replaces, one) for one in line.record.chart.orders)


def days_off(order: Order, line: Line, *, history_sent: bool) -> Fact[int | None]:
    """Uncovered days before the order's start; None = never before, 0 = none off."""
    entry = _entry_of(order, line)
    start = _start_of(order, entry, line)
    if start is None:
        return Unknown(Reason.PARTIAL_DATE, "start of the order unknown", (STARTED,))
    zone = line.record.zone
    windows = [window for _, window in _windows_beside(entry, line) if window[0] < start]
    lasts = [min(day_of(end - TICK, zone), day_of(start, zone)) for _, end in windows]
    if lasts:
        return Known(max(day_of(start, zone) - max(lasts) - 1, 0), how="computed")
    if any(other.undated and other.start < start for other in line.entries):
        return Unknown(Reason.PARTIAL_DATE, "an earlier order was stopped at an unknown date", (ENDED,))
    return Known(None, how="computed") if history_sent else _NOT_SENT


def days_without(line: Line, t: datetime) -> int | None:
    """Uncovered days before the day of an instant, whatever covers it; None = never before."""
    zone = line.record.zone
    windows = [window for _, window in _windows_beside(None, line) if window[0] < t]
    lasts = [min(day_of(end - TICK, zone), day_of(t, zone)) for _, end in windows]
    return max(day_of(t, zone) - max(lasts) - 1, 0) if lasts else None


def dose_before(order: Order, line: Line) -> Fact[Decimal]:
    """Ordered daily dose at the end of what was covered before the order's start."""
    entry = _entry_of(order, line)
    start = _start_of(order, entry, line)
    if start is None:
        return Unknown(Reason.PARTIAL_DATE, "start of the order unknown", (STARTED,))
    ends = [min(end, start) for _, (begin, end) in _windows_beside(entry, line) if begin < start]
    if not ends:
        return Unknown(Reason.NOT_SENT, "no earlier dose known", (DOSED,))
    return line.total(max(ends) - TICK)


def days_uncovered(runs: Iterable[Run], first: int) -> int | None:
    """Uncovered days between the last run begun before day ``first`` and that day; None = no run."""
    lasts = [run.last for run in runs if run.first < first]
    return max(first - max(lasts) - 1, 0) if lasts else None


def _windows_beside(entry: Entry | None, line: Line) -> list[tuple[Entry | None, Window]]:
    """Ordered and taken windows of everything but the order itself."""
    ordered = [(line.entries[index], span.window) for index, span in line.spans]
    taken = [(line.entries[index] if index is not None else None, window) for index, window in line.taken]
    return [(other, window) for other, window in (*ordered, *taken) if other is None or other is not entry]


def _entry_of(order: Order, line: Line) -> Entry | None:
    return next((e for e in line.entries if e.order is order), None)


def _start_of(order: Order, entry: Entry | None, line: Line) -> datetime | None:
    if entry is not None:
        return entry.start if entry.start_known else None
    if order.status == "draft":
        begin = order.start.first if order.start else line.record.as_of
        return max(begin, line.record.as_of)
    begin_at = order.start or order.authored
    return begin_at.first if begin_at else None


def _unknown_start(order: Order, line: Line) -> Fact[bool]:
    """Taking it by a day that is no longer recent is no start; otherwise nobody knows."""
    record = line.record
    proven = order.proven or order.authored
    days = record.limits.int("new-start-days")
    if proven is not None and day_of(proven.first, record.zone) < day_of(record.as_of, record.zone) - days:
        return Known(False, how="computed")
    return Unknown(Reason.PARTIAL_DATE, "start of the order unknown", (STARTED,))
