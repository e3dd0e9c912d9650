"""What the hand-overs say of the oral line: how long the supply lasts, and when the order ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from .caching import cached_property
from .chart import Chart
from .entries import read_entries
from .fact import ENDED, Evidence, Fact, Known, Need, Reason, Unknown
from .history import days_uncovered
from .knowledge import Limits
from .line import Line
from .medicines import Order, Supply
from .moment import Moment
from .record import Record, newest
from .spans import day_of, planned_end, whole_day
from .supply import hospital_days

_DISPENSE = "MedicationDispense"
FILLED = Need(_DISPENSE, ("med-baclofen",))
LENGTH = Need(_DISPENSE, ("med-baclofen",), parts=("length",))


class SupplyFacts:
    """The part of the oral facts that hangs on hand-overs and ends of orders."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool = False) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed
        self.record = Record(chart, as_of, limits, signed=signed)

    @cached_property
    def line(self) -> Line:
        """The oral timeline behind the facts."""
        return Line(self.record, read_entries(self.record.oral_orders, self.record))

    @cached_property
    def last_supply(self) -> Supply | None:
        """The newest hand-over."""
        return self.record.supplies[-1] if self.record.supplies else None

    @cached_property
    def supply_end(self) -> Fact[Moment]:
        """First day without drug by the hand-overs received."""
        cover = self.line.cover
        if cover is None or self.last_supply is None:
            return self._no_supply
        if cover.until is None:
            evidence = (Evidence(self.last_supply.ref, "days of supply not stated and not computable"),)
            return Unknown(Reason.NOT_COMPUTABLE, "supply unknown", (LENGTH,), evidence)
        day = whole_day(cover.until, self.record.zone)
        return Known(day, (Evidence(self.last_supply.ref, f"supply ends {day}"),), "computed")

    @cached_property
    def gap_days(self) -> Fact[int]:
        """Whole days since ``supply_end`` spent outside hospital; negative = days left."""
        end = self.supply_end
        if isinstance(end, Unknown):
            return end
        days = end.value.days_before(self.as_of)
        if days <= 0:
            return Known(days, end.evidence, "computed")
        if _DISPENSE in self.chart.partial:
            since = end.value.first
            return Unknown(Reason.NOT_SENT, "later fills", (replace(FILLED, since=since),), end.evidence)
        taking = newest(o.proven for o in self.record.oral_orders if o.reported and o.status == "active")
        if taking is not None and taking.first >= end.value.first:
            told = Evidence(self._taking_ref(taking), f"reported as taken {taking}, after the supply ended")
            return Known(0, (*end.evidence, told), "assumed")
        return Known(max(days - hospital_days(self.record, end.value.day), 0), end.evidence, "computed")

    @cached_property
    def refills_left(self) -> int | None:
        """Refills not yet used of the orders counted now; None when no order states any."""
        left = [
            max(order.refills - max(len(self.record.supplies_of(order)) - 1, 0), 0)
            for order in self._running
            if order.refills is not None
        ]
        return sum(left) if left else None

    @cached_property
    def planned_end(self) -> Moment | None:
        """End of the last dosage step of the orders counted now; None = one of them runs on."""
        ends = [planned_end(order, self.as_of, self.record.zone) for order in self._taken_home or self._running]
        known = [end for end in ends if end is not None]
        return Moment.at(max(known)) if known and len(known) == len(ends) else None

    @cached_property
    def dispense_until(self) -> Moment | None:
        """Latest last day to dispense of the orders counted now."""
        return newest(order.dispense_until for order in self._running)

    @cached_property
    def order_end(self) -> Fact[Moment]:
        """The earlier of supply end and planned end; without either the last day to dispense."""
        supply = self.supply_end.value if isinstance(self.supply_end, Known) else self._supply_planned
        ends = [end for end in (supply, self.planned_end) if end is not None]
        end = min(ends, key=lambda moment: moment.first) if ends else self.dispense_until
        if end is None:
            return Unknown(Reason.NOT_SENT, "no end and no supply recorded", (ENDED, *self._no_supply.needs))
        return Known(end, tuple(Evidence(order.ref, f"ends {end}") for order in self._running), "computed")

    def called_off(self, after: datetime) -> bool:
        """Was an order, or a step of one, that was to begin within a day of ``after``, and has not, called off?"""
        return any(self._follows(begin, after) for order in self.record.oral_orders for begin in _given_up(order))

    def _follows(self, begin: Moment | None, after: datetime) -> bool:
        if begin is None or begin.first <= self.as_of:
            return False
        return begin.first <= after + self.record.follow_on and begin.last >= after - self.record.follow_on

    def fills_within(self, days: int) -> tuple[Moment, ...]:
        """Days of the hand-overs at most ``days`` days ago, oldest first."""
        window = timedelta(days=days)
        handed = [supply.handed_over for supply in self.record.supplies if supply.handed_over]
        return tuple({moment.day: moment for moment in handed if moment.within(window, self.as_of)}.values())

    def early_fills(self, days: int, part: Decimal) -> tuple[Evidence, ...]:
        """Hand-overs in the window that came with more than this part of the one before still to last.

        Each is held against the one before it of the same strength; one after a change of dose is none.
        """
        shelves: dict[object, list[Supply]] = {}
        for supply in self.record.supplies:
            shelves.setdefault((supply.medicine.form, supply.medicine.strength), []).append(supply)
        window = timedelta(days=days)
        return tuple(
            Evidence(after.ref, f"handed over {after.handed_over}, {before.handed_over} before for {lasts:.0f} days")
            for handed in shelves.values()
            for before, after in pairwise(handed)
            for lasts in (self._lasts(before),)
            if lasts is not None and self._is_early(before, after, lasts * (1 - part))
            if after.handed_over is not None and after.handed_over.within(window, self.as_of)
        )

    def _lasts(self, supply: Supply) -> Decimal | None:
        """Days a hand-over lasts at the dose ordered then."""
        assert supply.handed_over is not None
        dose = self.line.total(supply.handed_over.last)
        return self.record.supply_days(supply, dose.value if isinstance(dose, Known) else None)

    def _is_early(self, before: Supply, after: Supply, least: Decimal) -> bool:
        assert before.handed_over is not None and after.handed_over is not None
        first, second = before.handed_over, after.handed_over
        between = (second.day - first.day).days
        changed = any(first.first <= change.at <= second.last for change in self.line.changes)
        return 0 < between < least and not changed

    def off_before_fill(self, handed_over: Moment) -> int | None:
        """Days off before a hand-over, none of them bridged; None = nothing before it."""
        return days_uncovered(self.line.taken_days, day_of(handed_over.first, self.record.zone))

    @cached_property
    def used_without_order(self) -> Moment | None:
        """The newest hand-over or dose given that no order received explains: there was none, or all were over by a
        day or more; else None."""
        record = self.record
        over = {entry.order.ref: entry.end for entry in self.line.entries if entry.role == "over"}
        if any(order.ref not in over and order.status != "cancelled" for order in record.oral_orders):
            return None
        used = newest(
            (*(one.handed_over for one in record.supplies), *(one.at for _, one in record.doses if one.given))
        )
        late = record.hours("follow-on-hours")
        return used if used is not None and all(end + late <= used.first for end in over.values()) else None

    @cached_property
    def cancelled_late(self) -> tuple[Order, ...]:
        """Orders cancelled lately, or nobody knows when, long after they began, while no hand-over and no dose given
        of any medicine was received that could tell whether they were taken."""
        if self.chart.supplies or self.chart.given:
            return ()
        window, long = self.record.days("stop-current-days"), self.record.days("established-days")
        written, found = self.record.days("stop-written-days"), []
        for order in self.record.oral_orders:
            begin, ended = order.start or order.authored, order.changed or order.updated
            if order.status != "cancelled" or begin is None:
                continue
            lately = ended.within(window, self.as_of) if ended is not None else begin.within(written, self.as_of)
            if lately and (ended.first if ended is not None else self.as_of) - begin.first >= long:
                found.append(order)
        return tuple(found)

    @cached_property
    def stay_over(self) -> tuple[Order, ...]:
        """Orders of a hospital stay that are still active a day or more after it: taken as over with it."""
        over = (entry for entry in self.line.entries if entry.role == "over" and entry.order.status == "active")
        late = self.as_of - self.record.follow_on
        left = (entry for entry in over if entry.ending is not None and entry.ending.at.first <= late)
        return tuple(entry.order for entry in left if entry.ending is not None and entry.ending.how == "at-the-latest")

    @cached_property
    def _running(self) -> tuple[Order, ...]:
        return tuple(self.line.entries[index].order for index in dict(self.line.at(self.as_of)))

    @cached_property
    def _taken_home(self) -> tuple[Order, ...]:
        """Discharge orders, where all others counted are of a hospital stay: these end with it."""
        ahead = [entry for entry in self.line.entries if entry.counts and entry.end > self.as_of]
        home = tuple(entry.order for entry in ahead if entry.order.setting == "discharge")
        return home if all(entry.inpatient or entry.order in home for entry in ahead) else ()

    @cached_property
    def _supply_planned(self) -> Moment | None:
        """Start plus the stated supply of first fill and refills; the latest over the orders."""
        ends = []
        for index in dict(self.line.at(self.as_of)):
            entry = self.line.entries[index]
            lasts = self.record.supply_ordered(entry.order)
            if lasts is None or not entry.start_known:
                return None
            days = int(lasts * (1 + (entry.order.refills or 0)))
            day = type(self.as_of.date()).fromordinal(day_of(entry.start, self.record.zone) + days)
            ends.append(whole_day(day, self.record.zone))
        return newest(ends)

    @property
    def _no_supply(self) -> Unknown:
        sent = self.chart.was_sent(_DISPENSE)
        since = (self.as_of - self.record.days("supply-days-up-to")).date()
        about = "no hand-over of oral baclofen received" if sent else "dispenses not sent"
        return Unknown(Reason.NOT_SENT, about, (Need(_DISPENSE, ("med-baclofen",), since),))

    def _taking_ref(self, taking: Moment) -> str:
        return next(order.ref for order in self.record.oral_orders if order.proven == taking)


def _given_up(order: Order) -> tuple[Moment | None, ...]:
    """When an order that was called off was to begin; when the steps that its signed version had and it has not."""
    if order.status in ("cancelled", "stopped"):
        return (order.start,)
    signed = next((one for one in reversed(order.versions) if one.status == "active"), None)
    kept = {step.start for step in order.steps}
    return tuple(step.start for step in signed.steps if step.start not in kept) if signed is not None else ()
