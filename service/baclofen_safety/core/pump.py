"""The pump itself: in place, explanted, stopped, refilled, planned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from .caching import cached_property
from .chart import Act, Chart, Implant, Measurement
from .concepts import INTRATHECAL_ROUTES, Concept
from .fact import Evidence, Fact, Known, Need, Reason, Unknown, is_yes
from .knowledge import Limits
from .medicines import Given, Order
from .moment import Moment
from .record import Record, order_key
from .spans import FAR_FUTURE

PROGRAMME: Concept = "fact-programmed-daily-dose"
_PUMPS = frozenset({"proc-pump-device", "proc-pump-device-text", "proc-intraspinal-catheter"})
_MAYBE_PUMPS = frozenset({"proc-pump-device-generic"})
_MAYBE_CONDITIONS = frozenset({"cond-intrathecal-pump-or-catheter", "cond-implant-unspecified"})
_INSULIN: Concept = "proc-insulin-pump-not-intrathecal"
_IMPLANTS = frozenset({"proc-pump-implant", "proc-intrathecal-catheter-insertion"})
_REMOVALS = frozenset({"proc-pump-removal", "proc-intrathecal-catheter-removal"})
PUMP_SURGERY: frozenset[Concept] = _IMPLANTS | _REMOVALS | {"proc-pump-revision", "proc-intrathecal-catheter-revision"}
_REFILL: Concept = "proc-pump-refill"
_STOPPED = re.compile(r"\bpump (?:was |is )?(?:stopped|switched off|turned off)\b|\bminimum rate\b", re.IGNORECASE)
_DRUG = "drug in the pump"
_WANTED: tuple[tuple[str, frozenset[Concept]], ...] = (
    ("refill-by or low-reservoir alarm date", frozenset({"fact-refill-by", "fact-low-reservoir-alarm-date"})),
    ("programmed dose", frozenset({PROGRAMME, "fact-programmed-rate"})),
    ("drug concentration", frozenset({"fact-drug-concentration"})),
    ("reservoir volume", frozenset({"fact-fill-volume", "fact-reservoir-volume"})),
)


class PumpFacts:
    """What the chart says of the pump at ``as_of``."""

    def __init__(self, chart: Chart, as_of: datetime, limits: Limits, *, signed: bool = False) -> None:
        self.chart = chart
        self.as_of = as_of
        self.limits = limits
        self.signed = signed
        self.record = Record(chart, as_of, limits, signed=signed)

    @cached_property
    def pump_present(self) -> Fact[bool]:
        """Is a pump or an intrathecal catheter in place? Who fills or programmes one with baclofen has seen it."""
        placed = max(self.done(_IMPLANTS), key=begin_of, default=None)
        gone = max(self.done(_REMOVALS), key=begin_of, default=None)
        if gone is not None and gone.start is not None and not self.placed_since(gone.start):
            return Known(False, (Evidence(gone.ref, f"removed {gone.start}"),))
        seen = [Evidence(device.ref, device.text or "pump") for device in self.pumps]
        if placed is not None:
            seen.append(Evidence(placed.ref, f"implanted {placed.start or ''}".strip()))
        if self._has_it_record:
            seen += [
                Evidence(problem.ref, problem.text or "implanted pump")
                for problem in self.chart.problems
                if problem.state == "active" and problem.concepts & _MAYBE_CONDITIONS
            ]
        seen += self._handled()
        if seen:
            return Known(True, tuple(seen))
        if self.chart.was_sent("Device", "Procedure", "DeviceUseStatement") or self._has_it_record:
            return Known(False)
        return Unknown(Reason.NOT_SENT, "no device or procedure sent", (Need("Device"), Need("Procedure")))

    def _handled(self) -> Iterator[Evidence]:
        """A programme that delivers, or a filling with baclofen: signs of a pump nobody listed."""
        programme = self.programme
        if programme is not None and programme.value:
            yield Evidence(programme.ref, f"programmed {programme.value} mcg/day {programme.at}")
        yield from (
            Evidence(act.ref, act.text) for act in self.done(frozenset({_REFILL})) if "baclofen" in act.text.casefold()
        )

    @cached_property
    def pumps(self) -> tuple[Implant, ...]:
        """Pumps and intrathecal catheters on record that are in use."""
        return tuple(implant for implant in self.chart.implants if implant.active and self._is_pump(implant.concepts))

    @cached_property
    def explant(self) -> Act | None:
        """Pump or catheter removal done (newest) or planned, without an implant the same day."""
        done = [act for act in self.done(_REMOVALS) if not self._placed_with(act)]
        if done:
            return max(done, key=begin_of)
        planned = [act for act in self.planned(_REMOVALS) if not self._placed_with(act)]
        return min(planned, key=begin_of, default=None)

    @cached_property
    def removal_unclear(self) -> tuple[Evidence, ...]:
        """Every pump on record is out of use, or a late removal of unknown outcome, and no removal says when."""
        window = self.record.days("stop-current-days")
        unsure = [
            Evidence(act.ref, act.text)
            for act in self.chart.acts
            if act.state == "unsure" and act.concepts & _REMOVALS
            if act.start is None or act.start.within(window, self.as_of)
        ]
        pumps = [implant for implant in self.chart.implants if self._is_pump(implant.concepts)]
        if any(pump.active for pump in pumps) or self.done(_REMOVALS):
            return tuple(unsure)
        return (*unsure, *(Evidence(pump.ref, pump.text) for pump in pumps))

    @cached_property
    def implant_planned(self) -> Act | None:
        """The earliest pump implant or replacement ahead."""
        return min(self.planned(frozenset({"proc-pump-implant"})), key=begin_of, default=None)

    @cached_property
    def pump_stopped(self) -> Evidence | None:
        """A current programme below ``pump-stopped-below``, or words that say the pump was stopped."""
        current = self.record.days("stop-current-days")
        programme = self.programme
        if programme is not None and programme.value is not None and programme.at is not None:
            low = programme.value < self.limits["pump-stopped-below"]
            if low and programme.at.within(current, self.as_of):
                shown = programme.shown or f"{programme.value} mcg/day"
                return Evidence(programme.ref, f"programmed {shown} {programme.at}")
        for act in self.chart.acts:
            told = act.state == "done" and _STOPPED.search(act.text)
            if told and act.start and act.start.within(current, self.as_of):
                return Evidence(act.ref, act.text)
        off = next((pump for pump in self.pumps if pump.off), None)
        if off is not None:
            return Evidence(off.ref, "pump switched off")
        words = (implant for implant in self.chart.implants if implant.active and _STOPPED.search(implant.text))
        return next((Evidence(implant.ref, implant.text) for implant in words), None)

    @cached_property
    def programme(self) -> Measurement | None:
        """The newest programmed daily dose that can be used, mcg/day."""
        usable = [
            (m.at.first, m.ref, m)
            for m in self.chart.measurements.get(PROGRAMME, ())
            if m.problem is None and m.value is not None and m.at is not None and m.at.first <= self.record.latest
        ]
        return max(usable, key=lambda row: row[:2])[2] if usable else None

    @cached_property
    def refilled_at(self) -> Moment | None:
        """The newest refill: procedure, administration into the reservoir, or refill order."""
        return self._refill[0] if self._refill else None

    @cached_property
    def refilled_ref(self) -> str:
        """The record of the newest refill; empty without one."""
        return self._refill[1] if self._refill else ""

    @cached_property
    def implants_done(self) -> tuple[Act, ...]:
        """Implants of a pump or catheter since the last removal, oldest first."""
        gone = max((act.start.day for act in self.done(_REMOVALS) if act.start), default=None)
        found = (a for a in self.done(_IMPLANTS) if gone is None or a.start is None or a.start.day >= gone)
        return tuple(sorted(found, key=begin_of))

    @cached_property
    def _refill(self) -> tuple[Moment, str] | None:
        acts = [(act.start, act.ref) for act in self.done(frozenset({_REFILL}))]
        given = [(dose.at, dose.ref) for dose in self.it_doses if dose.reservoir]
        orders = [(order.start or order.authored, order.ref) for order in self.orders if order.refill]
        found = [(at, ref) for at, ref in (*acts, *given, *orders) if at and at.first <= self.record.latest]
        return max(found, key=lambda row: (row[0].first, row[1]), default=None)

    @cached_property
    def pump_data_missing(self) -> tuple[str, ...]:
        """What nobody sent of a pump that is in place."""
        if not is_yes(self.pump_present):
            return ()
        sent = {concept for concept, found in self.chart.measurements.items() if any(map(_says_something, found))}
        missing = [words for words, concepts in _WANTED if not concepts & sent]
        if not self._has_it_record and self.programme is None and self.refilled_at is None:
            missing.insert(0, _DRUG)
        return tuple(missing)

    @property
    def pump_data_needs(self) -> tuple[Need, ...]:
        """What would tell of the pump all that nobody sent."""
        missing = self.pump_data_missing
        data = tuple(Need("Observation", tuple(sorted(concepts))) for words, concepts in _WANTED if words in missing)
        return (*data, Need("MedicationRequest", ("med-baclofen",))) if _DRUG in missing else data

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Every intrathecal baclofen order of any status, oldest first."""
        found = (order for order in self.record.baclofen if order.route_group == "intrathecal")
        marked = (
            replace(order, refill=True)
            if order.fill_sized and self._filled_on(order.start or order.authored)
            else order
            for order in found
        )
        return tuple(sorted(marked, key=order_key))

    @cached_property
    def it_doses(self) -> tuple[Given, ...]:
        """Intrathecal baclofen recorded as given; as much as a filling on the day of a refill is that filling."""
        return tuple(
            replace(dose, reservoir=True) if dose.fill_sized and self._filled_on(dose.at) else dose
            for dose in self.chart.given
            if dose.given
            and dose.medicine.is_baclofen
            and (dose.reservoir or (dose.route or dose.medicine.product_route) in INTRATHECAL_ROUTES)
        )

    def _filled_on(self, at: Moment | None) -> bool:
        """Was the pump refilled, by a procedure on record, on that day?"""
        acts = self.done(frozenset({_REFILL}))
        return at is not None and any(act.start is not None and act.start.day == at.day for act in acts)

    @cached_property
    def _has_it_record(self) -> bool:
        return bool(self.orders or self.it_doses or self.programme)

    def _is_pump(self, concepts: frozenset[Concept]) -> bool:
        if _INSULIN in concepts:
            return False
        return bool(concepts & _PUMPS) or (bool(concepts & _MAYBE_PUMPS) and self._has_it_record)

    def done(self, concepts: frozenset[Concept]) -> list[Act]:
        """Acts of any of the concepts that were done."""
        latest = self.record.latest
        return [
            act
            for act in self.chart.acts
            if act.state == "done" and act.concepts & concepts and (act.start is None or act.start.first <= latest)
        ]

    def planned(self, concepts: frozenset[Concept]) -> list[Act]:
        """Acts of any of the concepts that are asked for or booked for today or later, or for no day."""
        today = self.as_of.date()
        return [
            act
            for act in self.chart.acts
            if act.state in ("planned", "active")
            and act.concepts & concepts
            and (act.start is None or act.start.last.date() >= today)
        ]

    def placed_since(self, removal: Moment) -> bool:
        """Was a pump implanted on the day of a removal or later?"""
        return any(act.start is not None and act.start.day >= removal.day for act in self.done(_IMPLANTS))

    def _placed_with(self, removal: Act) -> bool:
        """Was (or is) a pump implanted on the day of the removal? Then it was replaced."""
        implants = (*self.done(_IMPLANTS), *self.planned(_IMPLANTS))
        if removal.start is None:
            return False
        return any(act.start is not None and act.start.day == removal.start.day for act in implants)


def begin_of(act: Act) -> tuple[datetime, str]:
    """When an act began or is to begin; without a date last."""
    return act.start.first if act.start else FAR_FUTURE, act.ref


def _says_something(one: Measurement) -> bool:
    """Has it a number or a date that can be used?"""
    return one.problem is None and (one.low, one.high, one.when) != (None, None, None)
