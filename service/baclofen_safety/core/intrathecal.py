"""Facts about intrathecal baclofen. Doses are mcg/day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from .caching import cached_property
from .chart import Measurement
from .concepts import BACLOFEN
from .entries import Entry, read_entries
from .fact import Evidence, Fact, Known, Need, Reason, Unknown, is_yes
from .interruptions import days_of, established_by
from .line import Line, add_up
from .medicines import Order
from .moment import Moment
from .pump import PROGRAMME, PumpFacts
from .spans import FAR_PAST, TICK, ZERO
from .timeline import ItKind, Stop

_DELIVERY_UNCLEAR = "whether the pump delivers baclofen cannot be told"


class IntrathecalFacts(PumpFacts):
    """Intrathecal baclofen at ``as_of``; with ``signed`` every draft has joined."""

    def kind(self, order: Order) -> ItKind:
        """Infusion, single dose, reservoir filling, or not to be told."""
        if order.refill:
            return "refill"
        if order.bolus:
            return "bolus"
        if any(step.continuous for step in order.steps):
            return "continuous"
        return "bolus" if order.steps and all(step.once for step in order.steps) else "unclear"

    @cached_property
    def in_force(self) -> tuple[Order, ...]:
        """Infusion orders (continuous or unclear) in force, newest first; drafts in the signed picture."""
        running = [e for e in self._line.entries if e.counts and (e.role == "draft" or e.start <= self.as_of)]
        return tuple(entry.order for entry in reversed(running) if self._is_running(entry))

    @cached_property
    def active(self) -> Fact[bool]:
        """Is it continuous intrathecal baclofen (ITB)? A screening bolus alone is not."""
        gone = self._gone_since
        running = [order for order in self.in_force if self.kind(order) == "continuous"]
        certain = [order for order in running if order.status != "unknown"]
        if certain and gone is None:
            return Known(True, tuple(Evidence(order.ref, "intrathecal infusion") for order in certain))
        if certain:
            return Unknown(Reason.CONFLICT, f"infusion ordered, but the pump was removed {gone}")
        if gone is None and self._delivers is not None:
            return Known(True, (self._delivers,))
        if gone is None and (self.in_force or self.delivery_unclear):
            over = max((e.end for e in self._line.entries if e.role in ("over", "held")), default=None)
            since = over if over is not None and over > FAR_PAST else None
            order = Need("MedicationRequest", ("med-baclofen",), parts=("state", "dose"))
            needs = (order, Need("Observation", (PROGRAMME,), since))
            evidence = tuple(Evidence(order.ref, "intrathecal order, state unclear") for order in self.orders)
            return Unknown(Reason.NOT_COMPUTABLE, _DELIVERY_UNCLEAR, needs, evidence)
        asked = (Need("MedicationRequest", (BACLOFEN,)), Need("MedicationStatement", (BACLOFEN,)))
        if self.chart.orders or self.chart.was_answered(asked):
            return Known(False)
        return Unknown(Reason.NOT_SENT, "no medicines sent", asked[:1])

    @cached_property
    def daily_dose(self) -> Fact[Decimal]:
        """Of the newest infusion order in force, else as programmed; 0 without any. Two are never added."""
        if self.in_force:
            newest = self.in_force[0]
            index = next(i for i, entry in enumerate(self._line.entries) if entry.order is newest)
            entry = self._line.entries[index]
            at = max(self.as_of, entry.start)
            here = [span for span in entry.spans if span.covers(at)]
            return add_up(here, "mcg/day")
        programme = self.programme
        if programme is not None and programme.value is not None and is_yes(self.active):
            return Known(programme.value, (Evidence(programme.ref, f"programmed {programme.value} mcg/day"),))
        if is_yes(self.active) or isinstance(self.active, Unknown):
            return Unknown(Reason.NOT_SENT, "intrathecal dose not sent", (Need("Observation", (PROGRAMME,)),))
        return Known(ZERO)

    @cached_property
    def programme_in_force(self) -> Measurement | None:
        """The newest programmed daily dose, unless an infusion was ordered or the pump removed since."""
        programme = self.programme
        if programme is None or programme.at is None or self._gone_since is not None:
            return None
        begun = (order.start or order.authored for order in self.in_force if order.status != "draft")
        newer = any(at is not None and at.first > programme.at.last for at in begun)
        return None if newer else programme

    @cached_property
    def dose_levels(self) -> tuple[tuple[datetime, Decimal | None, Order], ...]:
        """(from, mcg/day, order) of the newest infusion in force at every start and step; None = not computable."""
        starts = sorted({span.start for _, span in self._line.spans})
        found = []
        for start in starts:
            index, span = max(self._line.at(start), key=lambda pair: pair[0])
            found.append((start, span.dose, self._line.entries[index].order))
        return tuple(found)

    @cached_property
    def started_at(self) -> Moment | None:
        """First continuous coverage or implant, whichever is known to be earlier."""
        entries = [entry for entry in self._line.entries if self.kind(entry.order) == "continuous"]
        orders = [Moment.at(e.start) for e in entries if e.start_known and e.start <= self.as_of]
        implants = [act.start for act in self.implants_done if act.start is not None]
        told = [m.when for m in self.chart.measurements.get("fact-pump-implanted", ()) if m.when is not None]
        return min((*orders, *implants, *told), key=lambda moment: moment.first, default=None)

    @cached_property
    def ended(self) -> Stop | None:
        """The newest end of an infusion that no other infusion took over from on the same day."""
        for index in reversed(range(len(self._line.entries))):
            entry = self._line.entries[index]
            if entry.role not in ("over", "held") or index in self._line.settled.followed:
                continue
            if not self._taken_over(entry):
                return self._write_end(entry)
        return None

    @cached_property
    def delivery_unclear(self) -> bool:
        """An IT baclofen order or refill exists, its present state cannot be told, and a pump is in place."""
        if self.removal_unclear and self._gone_since is None and self.in_force:
            return True
        if not is_yes(self.pump_present) or self._gone_since is not None:
            return False
        if any(e.counts and e.role != "unsure" and self.kind(e.order) == "continuous" for e in self._line.entries):
            return False
        unsure = any(e.role == "unsure" or e.undated for e in self._line.entries)
        return unsure or any(self.kind(order) == "unclear" for order in self.in_force)

    @cached_property
    def content_unknown(self) -> bool:
        """Is a pump in place, and nothing received that says what is in it?"""
        placed = is_yes(self.pump_present) and self._gone_since is None
        return placed and not self.orders and self._delivers is None

    @cached_property
    def withdrawn(self) -> tuple[Order, ...]:
        """Infusions that ran for a day or more and were lately marked as entered in error, while no other is known to
        run."""
        if self.in_force or self._gone_since is not None:
            return ()
        programmed = self.programme.at if self.programme is not None and self.programme.value else None
        shown = max((at.first for at in (programmed, self.refilled_at) if at is not None), default=FAR_PAST)
        found = (order for order in self.chart.withdrawn if order.is_baclofen and order.route_group == "intrathecal")
        return tuple(
            order
            for order in found
            for changed in (order.changed or Moment.at(self.as_of),)
            if self.kind(order) in ("continuous", "unclear") and shown < changed.first
            if changed.within(self.record.days("stop-current-days"), self.as_of)
            if order.start is None or changed.first - order.start.first >= self.record.follow_on
        )

    @cached_property
    def _line(self) -> Line:
        """Infusions only, the unclear ones judged as infusions too."""
        found = (order for order in self.orders if self.kind(order) in ("continuous", "unclear"))
        return Line(self.record, read_entries((self._as_given(order) for order in found), self.record))

    def _as_given(self, order: Order) -> Order:
        """A cancelled infusion counts as stopped once it may have run: a pump is in place, or it was begun."""
        if order.status != "cancelled":
            return order
        begun = order.start or order.authored
        lasted = (
            begun is not None
            and order.changed is not None
            and order.changed.first - begun.first >= self.record.follow_on
        )
        given = any(dose.order == order.ref for dose in self.it_doses)
        return replace(order, status="stopped") if lasted or given or is_yes(self.pump_present) else order

    def _is_running(self, entry: Entry) -> bool:
        spans = self._line.settled.spans[self._line.entries.index(entry)]
        return any(span.end > self.as_of for span in spans)

    @cached_property
    def _gone_since(self) -> Moment | None:
        """When the pump was removed, if none was implanted since."""
        act = self.explant
        if act is None or act.state != "done" or act.start is None or self.placed_since(act.start):
            return None
        return act.start

    @cached_property
    def _delivers(self) -> Evidence | None:
        """A sign newer than the last end of an order that the pump delivers baclofen."""
        if not is_yes(self.pump_present):
            return None
        over = max((e.end for e in self._line.entries if e.role in ("over", "held")), default=FAR_PAST)
        programme = self.programme
        if programme is not None and programme.value and programme.at is not None and programme.at.first >= over:
            return Evidence(programme.ref, f"programmed {programme.value} mcg/day {programme.at}")
        if self.refilled_at is not None and self.refilled_at.first >= over:
            return Evidence(self.refilled_ref, f"pump refilled {self.refilled_at}")
        return None

    def _taken_over(self, entry: Entry) -> bool:
        """Does another infusion run on from the end, begun by the end of that day?"""
        day = entry.ending.at.last if entry.ending else entry.end
        latest = max(day, entry.end + self.record.follow_on)
        return any(
            other is not entry and other.counts and other.start <= latest and other.end > entry.end
            for other in self._line.entries
        )

    def _write_end(self, entry: Entry) -> Stop | None:
        if entry.ending is None and entry.role != "held":
            return None
        at = entry.ending.at if entry.ending else Moment.at(self.as_of)
        run = self._line.run_to(entry.end, ordered=True)
        here = [span for span in entry.spans if span.covers(entry.end - TICK)]
        words = "on hold" if entry.role == "held" else entry.order.status
        original = next((order for order in self.orders if order.ref == entry.order.ref), entry.order)
        return Stop(
            at=at,
            certain=entry.ending is not None and entry.ending.certain,
            how=entry.ending.how if entry.ending else "assumed",
            dose=add_up(here, "mcg/day") if here else Unknown(Reason.NOT_COMPUTABLE, "dose not known"),
            orders=(original,),
            reasons=entry.order.stop_reasons,
            as_planned=entry.ending is not None and entry.ending.as_planned,
            days=days_of(run),
            established=established_by(run, self.record, history_sent=True),
            evidence=(Evidence(entry.order.ref, f"intrathecal infusion {words} {at}"),),
            withdrawn=original.status == "cancelled",
            resumed=next((o.start for o in self._line.entries if o.counts and o.start > entry.end), None),
        )
