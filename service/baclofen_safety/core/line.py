"""A line of baclofen on the timeline: what was ordered when, and what was very likely taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from .caching import cached_property
from .entries import Entry
from .fact import DOSED, Evidence, Fact, Known, Reason, Unknown
from .medicines import Order
from .moment import Moment
from .pairs import Relation, Settled, settle
from .record import Record
from .spans import (
    FAR_FUTURE,
    TICK,
    ZERO,
    Run,
    Span,
    Window,
    day_of,
    gather_runs,
    intersect,
    midnight,
    run_at,
    subtract,
)
from .supply import Cover, lay_cover
from .timeline import DoseChange


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of constant daily dose; ``dose`` None = not computable."""

    start: datetime
    end: datetime
    dose: Decimal | None


class Line:
    """The *ordered* picture (``spans``, ``total``, ``changes``) and the *taken* one (``taken_runs``)."""

    def __init__(self, record: Record, entries: tuple[Entry, ...]) -> None:
        self.record = record
        self.settled: Settled = settle(entries, record)
        self.entries = self.settled.entries
        self.spans: tuple[tuple[int, Span], ...] = tuple(
            (index, span) for index, spans in enumerate(self.settled.spans) for span in spans
        )

    def at(self, t: datetime) -> tuple[tuple[int, Span], ...]:
        """Spans that count at an instant, with the index of their entry."""
        return tuple(pair for pair in self.spans if pair[1].covers(t))

    def total(self, t: datetime) -> Fact[Decimal]:
        """Daily dose at an instant; 0 when nothing counts, unknown when a part of it is."""
        return add_up(span for _, span in self.at(t))

    def dose_or_none(self, t: datetime) -> Decimal | None:
        return _sum(span for _, span in self.at(t))

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Stretches of constant dose, oldest first; none where nothing counts."""
        edges = sorted({edge for _, span in self.spans for edge in span.window})
        levels: list[Level] = []
        for start, end in pairwise(edges):
            here = [span for _, span in self.at(start)]
            if not here:
                continue
            dose = _sum(here)
            if levels and levels[-1].end == start and levels[-1].dose == dose:
                levels[-1] = Level(levels[-1].start, end, dose)
            else:
                levels.append(Level(start, end, dose))
        return tuple(levels)

    @cached_property
    def changes(self) -> tuple[DoseChange, ...]:
        """Changes of the daily dose, past and planned; starts and unlinked overlaps left out."""
        edges = sorted({edge for _, span in self.spans for edge in span.window})
        found = (self._change(edge) for edge in edges if edge < FAR_FUTURE)
        return tuple(change for change in found if change is not None)

    def _change(self, t: datetime) -> DoseChange | None:
        before, after = self.at(t - TICK), self.at(t)
        old, new = _average(s for _, s in before), _average(s for _, s in after)
        if old is None or new is None:
            return None
        was, now = {i for i, _ in before}, {i for i, _ in after}
        new -= sum((_mean(s) for i, s in after if i not in was and self._added_to(i, was)), ZERO)
        doubled = sum((_mean(s) for i, s in before if i not in now and self._added_to(i, now)), ZERO)
        old = max(old - doubled, doubled)  # of two orders either may be the one that was taken
        held = any(self.entries[i].pauses_at(t) for i in was - now)
        if old <= 0 or old == new or (new == 0 and held):
            return None
        orders = dict.fromkeys(self.entries[i].order.ref for i, span in (*before, *after) if t in span.window)
        touched = {self.entries[i].order.ref: self.entries[i].order for i in (*was, *now)}
        return DoseChange(t, old, new, tuple(touched[ref] for ref in orders))

    def _added_to(self, index: int, others: Iterable[int]) -> bool:
        """Is the entry an unlinked one beside any of the others?"""
        return any(
            self.settled.relations.get((min(index, other), max(index, other))) is Relation.ADDED for other in others
        )

    @cached_property
    def cover(self) -> Cover | None:
        """Cover by hand-overs; None when none was received."""
        return lay_cover(self.record, self.changes, self.dose_or_none)

    @cached_property
    def taken(self) -> tuple[tuple[int | None, Window], ...]:
        """Windows in which it was very likely taken, with the entry behind them where there is one."""
        owned: set[str] = set()
        windows: list[tuple[int | None, Window]] = []
        for index, entry in enumerate(self.entries):
            if entry.role == "unsure":
                continue
            here = [span.window for span in self.settled.spans[index]]
            windows += [(index, window) for window in self._as_supplied(entry, here, owned)]
        for supply in self.record.supplies:
            days = self.record.supply_days(supply, None)
            if supply.ref not in owned and supply.handed_over and days:
                begin = supply.handed_over.first
                windows.append((None, (begin, begin + timedelta(days=int(days)))))
        windows += [(None, (at, at + TICK)) for at, dose in self.record.doses if dose.given]
        return tuple((index, left) for index, window in windows for left in subtract([window], self._not_used(window)))

    def _as_supplied(self, entry: Entry, here: list[Window], owned: set[str]) -> list[Window]:
        """A community order with hand-overs is taken as supplied, from the first of them on."""
        refs = {other.order.ref for other in self.entries}
        own = [
            supply
            for supply in self.record.supplies
            if supply.order == entry.order.ref
            or (supply.order not in refs and supply.handed_over and _touches(here, supply.handed_over))
        ]
        owned.update(supply.ref for supply in own)
        if not own or entry.inpatient or entry.order.reported or own[0].handed_over is None:
            return here
        begin = own[0].handed_over.first
        if self.cover is None or self.cover.until is None:
            return intersect(here, [(begin, FAR_FUTURE)])
        return intersect(here, [w for w in self.cover.windows if w[1] > begin])

    def _not_used(self, window: Window) -> list[Window]:
        """Reports of non-use, until the next proof of use, and missed doses, to the end of the last one's day."""
        holes: list[Window] = []
        for report in self.record.non_use:
            since = report.start or report.proven or report.authored
            if since is None or window[0] >= since.first:
                continue
            last = report.steps[-1].end if report.steps else None
            again = self.record.used_after(since)
            until = min(last.last if last else FAR_FUTURE, again.first if again else FAR_FUTURE)
            holes.append((since.first, until))
        missed = missed_since(self.record)
        if missed is not None and window[0] < missed.first:
            after = day_of(self.record.doses[-1][0], self.record.zone) + 1
            holes.append((missed.first, midnight(date.fromordinal(after), self.record.zone)))
        return holes

    @cached_property
    def taken_runs(self) -> tuple[Run, ...]:
        return self._runs(window for _, window in self.taken)

    @cached_property
    def taken_days(self) -> tuple[Run, ...]:
        """As ``taken_runs``, but a single uncovered day ends a run."""
        return gather_runs((window for _, window in self.taken), 0, self.record.zone)

    @cached_property
    def ordered_runs(self) -> tuple[Run, ...]:
        return self._runs(s.window for i, s in self.spans if self.entries[i].role != "unsure")

    def _runs(self, windows: Iterable[Window]) -> tuple[Run, ...]:
        return gather_runs(windows, self.record.limits.int("gap-bridge-days"), self.record.zone)

    def run_to(self, at: datetime, *, ordered: bool = False) -> Run | None:
        """The run that ends at ``at``; with ``ordered`` the longer of what was taken and what was ordered."""
        day, bridge = day_of(at, self.record.zone), self.record.limits.int("gap-bridge-days")
        taken = run_at(self.taken_runs, day, bridge)
        if not ordered:
            return taken
        runs = [run for run in (taken, run_at(self.ordered_runs, day, bridge)) if run is not None]
        return max(runs, key=lambda run: run.last - run.first, default=None)


def add_up(spans: Iterable[Span], unit: str = "mg/day") -> Fact[Decimal]:
    """Sum of the doses, with each order as evidence; the whole is unknown when one of them is."""
    here = tuple(spans)
    evidence = tuple(Evidence(span.order.ref, _says(span, unit)) for span in here)
    unclear = [span for span in here if span.dose is None]
    if unclear:
        about = "; ".join(f"{span.order.ref}: {span.problem}" for span in unclear)
        return Unknown(Reason.NOT_COMPUTABLE, about, (DOSED,), evidence)
    return Known(sum((span.low for span in here), ZERO), evidence, "computed")


def missed_since(record: Record) -> Moment | None:
    """First of an unbroken run of missed doses up to as_of; None when the last one was given."""
    first: Moment | None = None
    for _, dose in record.doses:
        if dose.given:
            first = None
        elif first is None:
            first = dose.at
    return first


def counted_orders(line: Line, t: datetime) -> tuple[Order, ...]:
    """The orders that count at an instant, each once."""
    return tuple(line.entries[index].order for index in dict.fromkeys(index for index, _ in line.at(t)))


def _says(span: Span, unit: str) -> str:
    name = "baclofen" if span.order.is_baclofen else span.order.medicine.name
    return f"{name} {span.dose.normalize():f} {unit}" if span.dose is not None else span.problem


def _sum(spans: Iterable[Span]) -> Decimal | None:
    total = ZERO
    for span in spans:
        if span.dose is None:
            return None
        total += span.dose
    return total


def _mean(span: Span) -> Decimal:
    """The sure part of a dose, on average a day."""
    return span.low if span.mean is None else span.mean


def _average(spans: Iterable[Span]) -> Decimal | None:
    """The sum of the doses on average a day: 20 mg once a week are no 20 mg a day."""
    here = tuple(spans)
    return None if any(span.dose is None for span in here) else sum(map(_mean, here), ZERO)


def _touches(windows: Iterable[Window], moment: Moment) -> bool:
    """Does the moment (a whole day or an instant) fall into one of the windows?"""
    return any(start < max(moment.last, moment.first + TICK) and moment.first < end for start, end in windows)
