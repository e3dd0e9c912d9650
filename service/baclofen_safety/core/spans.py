"""Stretches of time: windows ``[start, end)``, the dose that held in them, and runs of covered days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from .medicines import Order
from .moment import Moment

Window = tuple[datetime, datetime]

FAR_PAST = datetime(1, 1, 3, tzinfo=UTC)  # stands for a start nobody recorded
FAR_FUTURE = datetime(9999, 12, 29, tzinfo=UTC)  # stands for "runs on"
TICK = timedelta(microseconds=1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Span:
    """One dose of one order over ``[start, end)``. ``dose`` None: not computable, ``problem`` says why.

    ``low`` is the part that is sure even then, ``high`` the most it may be (None when nobody can tell).
    """

    order: Order
    start: datetime
    end: datetime
    dose: Decimal | None
    low: Decimal
    high: Decimal | None
    problem: str = ""
    mean: Decimal | None = None  # average a day of a dose that is not taken every day

    @property
    def window(self) -> Window:
        return self.start, self.end

    def over(self, window: Window) -> Span:
        """The same dose over another window."""
        return Span(self.order, window[0], window[1], self.dose, self.low, self.high, self.problem, self.mean)

    def covers(self, t: datetime) -> bool:
        return self.start <= t < self.end


@dataclass(frozen=True, slots=True)
class Run:
    """Covered days from ``first`` to ``last`` (proleptic ordinals, both in), short holes bridged."""

    first: int
    last: int

    @property
    def start_known(self) -> bool:
        return self.first > FAR_PAST.toordinal()


def day_of(t: datetime, zone: tzinfo | None) -> int:
    """Ordinal of the calendar day in the patient's zone; the stand-ins keep their own."""
    if t <= FAR_PAST or t >= FAR_FUTURE:
        return t.toordinal()
    return t.astimezone(zone).toordinal()


def midnight(day: date, zone: tzinfo | None) -> datetime:
    """First instant of a calendar day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def whole_day(day: date, zone: tzinfo | None) -> Moment:
    """The calendar day as a moment."""
    return Moment(midnight(day, zone), midnight(day + timedelta(days=1), zone), "day")


def hours(length: timedelta) -> Decimal:
    """Length in hours, exactly."""
    return Decimal(length // TICK) / Decimal(timedelta(hours=1) // TICK)


def unite(windows: Iterable[Window]) -> list[Window]:
    """The windows joined where they touch or overlap, in order of time."""
    joined: list[Window] = []
    for start, end in sorted(windows):
        if end <= start:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def subtract(windows: Iterable[Window], holes: Iterable[Window]) -> list[Window]:
    """What is left of the windows outside the holes."""
    left = list(windows)
    for hole_start, hole_end in unite(holes):
        left = [
            part
            for start, end in left
            for part in ((start, min(end, hole_start)), (max(start, hole_end), end))
            if part[0] < part[1]
        ]
    return left


def intersect(some: Iterable[Window], others: Sequence[Window]) -> list[Window]:
    """Where a window of the one and a window of the other hold together."""
    return [
        (max(start, other_start), min(end, other_end))
        for start, end in some
        for other_start, other_end in others
        if max(start, other_start) < min(end, other_end)
    ]


def cut(spans: Iterable[Span], holes: Sequence[Window]) -> tuple[Span, ...]:
    """The spans without the holes."""
    if not holes:
        return tuple(spans)
    return tuple(span.over(window) for span in spans for window in subtract([span.window], holes))


def gather_runs(windows: Iterable[Window], bridge_days: int, zone: tzinfo | None) -> tuple[Run, ...]:
    """Runs of calendar days touched by a window, holes of at most ``bridge_days`` days bridged."""
    runs: list[Run] = []
    for start, end in unite(windows):
        first, last = day_of(start, zone), day_of(end - TICK, zone)
        if runs and first - runs[-1].last - 1 <= bridge_days:
            runs[-1] = Run(runs[-1].first, max(last, runs[-1].last))
        else:
            runs.append(Run(first, last))
    return tuple(runs)


def run_at(runs: Iterable[Run], day: int, bridge_days: int) -> Run | None:
    """The run that ends on ``day`` or up to ``bridge_days`` before, cut off after ``day``."""
    for run in runs:
        if run.first <= day and min(run.last, day) >= day - bridge_days:
            return Run(run.first, min(run.last, day))
    return None


def lay_steps(order: Order, start: datetime, end: datetime) -> tuple[Span, ...]:
    """Lay the order's dosage steps over ``[start, end)``.

    A step without length that is followed by another leaves the later ones undated: its own dose is known for
    the day the order starts, afterwards the dose may be that of any step.
    """
    if not order.steps:
        return _kept([Span(order, start, end, None, ZERO, None, "no dose")])
    spans: list[Span] = []
    cursor = start
    for index, step in enumerate(order.steps):
        begin = step.start.first if step.start else cursor
        following = order.steps[index + 1] if index + 1 < len(order.steps) else None
        until = step.end.last if step.end else following.start.first if following and following.start else None
        if following and until is None:
            return _kept([*spans, *_lay_undated(order, index, begin, end)])
        stop = end if until is None else min(until, end)
        problem = "; ".join(step.problems) or ("dose not computable" if step.daily is None else "")
        sure = step.daily or step.at_least or ZERO
        spans.append(Span(order, begin, stop, step.daily, sure, step.daily, problem, step.mean))
        cursor = stop
    return _kept(spans)


def _lay_undated(order: Order, index: int, begin: datetime, end: datetime) -> list[Span]:
    doses = [step.daily for step in order.steps[index:]]
    known = [dose for dose in doses if dose is not None]
    low, high = (min(known), max(known)) if len(known) == len(doses) else (ZERO, None)
    if high is not None and low == high:
        return [Span(order, begin, end, low, low, high)]
    problem = "length of the dosage steps not stated"
    if begin <= FAR_PAST:
        return [Span(order, begin, end, None, low, high, problem)]
    dawn = midnight(begin.date() + timedelta(days=1), begin.tzinfo)
    first = doses[0]
    return [
        Span(order, begin, min(dawn, end), first, first or ZERO, first, "" if first is not None else problem),
        Span(order, dawn, end, None, low, high, problem),
    ]


def _kept(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(span for span in spans if span.start < span.end)


def planned_end(order: Order, start: datetime, zone: tzinfo | None) -> datetime | None:
    """End of the last dosage step; a single administration ends with its day. None = runs on."""
    if not order.steps:
        return None
    last = order.steps[-1]
    if last.end:
        return last.end.last
    if last.once and start > FAR_PAST:
        begin = last.start.first if last.start else start
        return midnight(begin.astimezone(zone).date() + timedelta(days=1), zone)
    return None
