"""Facts about the oral line of baclofen: what is in force, how much, since when, and what stopped."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .entries import Entry, Role, has_follow_on, read_entries
from .fact import Evidence, Fact, Known, Reason, Unknown
from .history import days_off, days_without, dose_before, history_was_sent, is_naive
from .interruptions import days_of, established_by, find_holds, find_stop
from .line import add_up, counted_orders, missed_since
from .medicines import Order
from .moment import Moment
from .overlaps import find_overlaps, find_reported_otherwise
from .pairs import Relation
from .plans import find_plan
from .record import Record
from .spans import FAR_FUTURE, ZERO, Span
from .supply_facts import SupplyFacts
from .timeline import DescendingPlan, DoseChange, Hold, Overlap, Stop


class OralFacts(SupplyFacts):
    """The oral line at ``as_of``; with ``signed`` every draft has joined. Doses are mg/day."""

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Every oral-set baclofen order of any status, oldest first."""
        return self.record.oral_orders

    @cached_property
    def in_force(self) -> tuple[Order, ...]:
        """Orders counted at as_of, after pairs are sorted out; drafts too in the signed picture."""
        now = counted_orders(self.line, self.as_of)
        ahead = tuple(e.order for e in self._drafts_ahead if all(e.order is not order for order in now))
        return (*now, *ahead)

    @cached_property
    def drafts(self) -> tuple[Order, ...]:
        return tuple(order for order in self.orders if order.status == "draft")

    @cached_property
    def new_orders(self) -> tuple[Order, ...]:
        """Drafts (signed picture), and orders started inside ``new-order-days`` or ahead."""
        return self.started_within(self.limits.int("new-order-days"))

    @cached_property
    def speaking(self) -> tuple[Order, ...]:
        """Orders that speak of now or later: in force, or about to be."""
        return tuple({order.ref: order for order in (*self.in_force, *self.new_orders)}.values())

    def started_within(self, days: int) -> tuple[Order, ...]:
        """Drafts (signed picture), and orders in force started at most ``days`` days ago or ahead."""
        earliest = self.as_of.date() - timedelta(days=days)
        return tuple(
            entry.order
            for index, entry in enumerate(self.line.entries)
            if entry.counts
            and self.line.settled.spans[index]
            and (entry.role == "draft" or self._begins_on_or_after(entry, earliest))
        )

    @cached_property
    def daily_dose(self) -> Fact[Decimal]:
        """D_oral at as_of; in the signed picture the highest of now and the starts of drafts ahead."""
        doses = [self.line.total(t) for t in (self.as_of, *(entry.start for entry in self._drafts_ahead))]
        unknown = next((dose for dose in doses if isinstance(dose, Unknown)), None)
        if unknown is not None:
            return unknown
        return max((dose for dose in doses if isinstance(dose, Known)), key=lambda dose: dose.value)

    @cached_property
    def at_least(self) -> Decimal:
        """The part of the daily dose that can be computed."""
        instants = (self.as_of, *(entry.start for entry in self._drafts_ahead))
        return max(sum((span.low for _, span in self.line.at(t)), ZERO) for t in instants)

    @cached_property
    def about_to_begin(self) -> tuple[Entry, ...]:
        """Orders in force that start after as_of."""
        return self._ahead("in-force")

    @cached_property
    def on_oral(self) -> bool:
        return bool(self.in_force)

    @cached_property
    def max_planned(self) -> Fact[Decimal]:
        """Highest daily dose from as_of on, all steps of orders in force and drafts."""
        return self._highest(self.as_of, FAR_FUTURE)

    @cached_property
    def highest_28d(self) -> Fact[Decimal]:
        """Highest ordered daily dose of the last ``dose-history-days``, as_of included."""
        return self._highest(self.as_of - self.record.days("dose-history-days"), self.as_of)

    def dose_at(self, t: datetime) -> Fact[Decimal]:
        """Ordered daily dose at an instant; 0 when nothing was in force."""
        return self.line.total(t)

    @cached_property
    def uncomputable(self) -> tuple[tuple[Order, str], ...]:
        """Orders in force whose dose cannot be computed, and what is missing."""
        instants = (self.as_of, *(entry.start for entry in self._drafts_ahead))
        found = {
            index: (self.line.entries[index].order, span.problem)
            for t in instants
            for index, span in self.line.at(t)
            if span.dose is None
        }
        return tuple(found[index] for index in sorted(found))

    def first_step(self, order: Order) -> Fact[Decimal]:
        """Daily dose of the order's first step."""
        if order.steps and order.steps[0].daily is not None:
            return Known(order.steps[0].daily, (Evidence(order.ref, "first step"),), "computed")
        about = "; ".join(order.steps[0].problems) if order.steps else "no dose"
        return Unknown(Reason.NOT_COMPUTABLE, about or "dose not computable")

    def exposure_days(self, at: datetime) -> Fact[int]:
        """Days of the unbroken run taken up to ``at``, both ends in; 0 when there is none."""
        return days_of(self.line.run_to(at))

    def established(self, at: datetime) -> Fact[bool]:
        """Established by what was taken, or assumed from what was ordered."""
        run, ordered = self.line.run_to(at), self.line.run_to(at, ordered=True)
        return established_by(run, self.record, history_sent=self.history_sent, ordered=ordered)

    def ordered_established(self, at: datetime) -> Fact[bool]:
        """Established by the longer of what was taken and what was ordered (fills may be elsewhere)."""
        return established_by(self.line.run_to(at, ordered=True), self.record, history_sent=self.history_sent)

    def naive(self, order: Order) -> Fact[bool]:
        """Is the order a new start without baclofen in the ``naive-window-days`` before it?"""
        return is_naive(order, self.line, history_sent=self.history_sent)

    @cached_property
    def history_sent(self) -> bool:
        """Was any medicine record sent beside the orders being judged?"""
        return history_was_sent(self.chart)

    @cached_property
    def stop(self) -> Fact[Stop | None]:
        """The newest current stop with no other baclofen, of any route, within a day."""
        return find_stop(self.line, self._others, history_sent=self.history_sent)

    @cached_property
    def line_stop(self) -> Fact[Stop | None]:
        """The same, other routes left out: the oral line stopped although intrathecal baclofen may run."""
        return find_stop(self.line, (), history_sent=self.history_sent)

    @cached_property
    def confirm_cover(self) -> tuple[Order, ...]:
        """Orders of unknown route in force that were counted as other cover and should be confirmed."""
        return tuple(e.order for e in self._others if e.counts and e.order.route_group == "unknown")

    @cached_property
    def holds(self) -> tuple[Hold, ...]:
        return find_holds(self.line, self._others, history_sent=self.history_sent)

    @cached_property
    def missed_since(self) -> Moment | None:
        """First of an unbroken run of doses recorded as not given, up to as_of."""
        return missed_since(self.record)

    @cached_property
    def not_taken(self) -> tuple[Order, Moment] | None:
        """The newest report of non-use that no use followed, and since when; None without one."""
        since = [(report, report.start or report.proven or report.authored) for report in self.record.non_use]
        open_ended = [
            (at.first, report.ref, report, at)
            for report, at in since
            if at is not None and at.first <= self.record.latest and self.record.used_after(at) is None
            if not (report.steps and report.steps[-1].end)
        ]
        newest = max(open_ended, key=lambda row: row[:2], default=None)
        return (newest[2], newest[3]) if newest is not None else None

    @cached_property
    def reported_otherwise(self) -> tuple[tuple[Order, Decimal, Decimal], ...]:
        """Reports of a higher daily dose than is ordered: the report, its dose, the dose ordered."""
        return find_reported_otherwise(self.line)

    @cached_property
    def withdrawn(self) -> tuple[Order, ...]:
        """Orders that ran long and were lately marked as entered in error, while nothing else runs or follows."""
        if self.on_oral or self.follow_on(self.as_of):
            return ()
        window, long = self.record.days("stop-current-days"), self.record.days("established-days")
        return tuple(
            order
            for order in self.chart.withdrawn
            if order.is_baclofen and order.route_group in ("oral", "unknown")
            if order.changed is None or order.changed.within(window, self.as_of)
            if order.start is None or (order.changed or Moment.at(self.as_of)).first - order.start.first >= long
        )

    @cached_property
    def changes(self) -> tuple[DoseChange, ...]:
        """Oldest first, past and planned; a drop to 0 is in, a rise from 0 is not."""
        return self.line.changes

    @cached_property
    def plan(self) -> DescendingPlan | None:
        """The descending plan in force or ahead."""
        return find_plan(self.line, self.as_of)

    def follow_on(self, after: datetime) -> bool:
        """Does a draft, or an order yet to begin, run on from ``after`` or start within a day?"""
        return has_follow_on(read_entries(self.orders, self._as_signed), after, self.record)

    def off_before(self, order: Order) -> Fact[int | None]:
        """Days off before a new order; None = never before."""
        return days_off(order, self.line, history_sent=self.history_sent)

    def resumed_within(self, days: int) -> tuple[tuple[Order, datetime, datetime], ...]:
        """Orders in force taken up again at most ``days`` days ago, with when they paused and resumed."""
        earliest = self.as_of.date() - timedelta(days=days)
        return tuple(
            (entry.order, begin, end)
            for entry in self.line.entries
            for begin, end in entry.pauses
            if end.astimezone(self.as_of.tzinfo).date() >= earliest
        )

    def off_until(self, t: datetime) -> Fact[int | None]:
        """Days off before an instant at which an order was resumed; None = never before."""
        return Known(days_without(self.line, t), how="computed")

    def dose_before_gap(self, order: Order) -> Fact[Decimal]:
        """Daily dose on the last covered day before the order's start."""
        return dose_before(order, self.line)

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Pairs of orders in force together, now or planned."""
        return find_overlaps(self.line)

    @cached_property
    def prn_only(self) -> bool:
        return bool(self.in_force) and all(order.as_needed for order in self.in_force)

    @cached_property
    def rescue_only(self) -> bool:
        return bool(self.in_force) and all("fact-rescue-supply" in order.concepts for order in self.in_force)

    @cached_property
    def counted_once(self) -> tuple[Order, ...]:
        """Older orders in force not added because a newer one looks like their unlinked renewal."""
        entries = self.line.entries
        older = [a for (a, _), kind in self.line.settled.relations.items() if kind is Relation.RENEWAL]
        return tuple(entries[a].order for a in dict.fromkeys(older) if entries[a].end > self.as_of)

    @cached_property
    def _drafts_ahead(self) -> tuple[Entry, ...]:
        """Drafts of the signed picture that start after as_of."""
        return self._ahead("draft")

    def _ahead(self, role: Role) -> tuple[Entry, ...]:
        return tuple(
            entry
            for entry, spans in zip(self.line.entries, self.line.settled.spans, strict=True)
            if entry.role == role and entry.start > self.as_of and spans
        )

    @cached_property
    def _others(self) -> tuple[Entry, ...]:
        """Baclofen outside the oral line that covers: intrathecal infusions and orders of unknown route."""
        found = [order for order in self.record.baclofen if _covers(order)]
        return read_entries(found, self.record)

    @cached_property
    def _as_signed(self) -> Record:
        return Record(self.chart, self.as_of, self.limits, signed=True)

    def _begins_on_or_after(self, entry: Entry, earliest: date) -> bool:
        return entry.start_known and entry.start.astimezone(self.as_of.tzinfo).date() >= earliest

    def _highest(self, start: datetime, end: datetime) -> Fact[Decimal]:
        spans = [span for _, span in self.line.spans if span.start <= end and span.end > start]
        if any(span.high is None for span in spans):
            return add_up(span for span in spans if span.high is None)
        instants = {max(span.start, start) for span in spans}
        tops = [[s for s in spans if s.covers(t)] for t in instants]
        best: list[Span] = max(tops, key=lambda here: sum((s.high or ZERO for s in here), ZERO), default=[])
        value = sum((span.high or ZERO for span in best), ZERO)
        return Known(value, tuple(Evidence(s.order.ref, f"{s.high} mg/day") for s in best), "computed")


def _covers(order: Order) -> bool:
    if order.route_group == "unknown":
        return order.medicine.form != "topical"
    return order.route_group == "intrathecal" and not (order.bolus or order.refill)
