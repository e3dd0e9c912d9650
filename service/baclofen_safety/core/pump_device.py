"""The pump as a thing: model and maker, when it was put in, operations on it, visits booked for it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from .caching import cached_property
from .chart import Act, Implant, Measurement
from .concepts import Concept
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import time_of
from .moment import Moment
from .pump import PROGRAMME, PUMP_SURGERY, begin_of

if TYPE_CHECKING:
    from .facts import Facts

Visit = Literal["refill", "replacement"]
_PUMP_IN: Concept = "proc-pump-implant"
_CATHETER = frozenset({"fact-catheter-problem", "cond-intrathecal-catheter-problem"})
_VISITS: dict[Visit, frozenset[Concept]] = {
    "refill": frozenset({"proc-pump-refill"}),
    "replacement": frozenset({_PUMP_IN}),
}


class PumpDeviceFacts:
    """The implanted pump and its catheter at ``as_of``."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.chart = facts.chart
        self.as_of = facts.as_of
        self.limits = facts.limits
        self.it = facts.it

    @property
    def today(self) -> date:
        return self.as_of.date()

    def readings(self, concept: Concept) -> tuple[Measurement, ...]:
        """Readings of one kind that can be used and are dated, oldest first; those of an earlier pump are left out."""
        found = (
            m
            for m in self.chart.measurements.get(concept, ())
            if m.problem is None and m.at is not None and m.at.first <= self.it.record.latest
        )
        put_in, earlier = self._put_in, self._earlier_pumps
        mine = (m for m in found if m.device not in earlier and (put_in is None or time_of(m).day >= put_in.day))
        return tuple(sorted(mine, key=lambda m: (time_of(m).first, m.ref)))

    def undated(self, concept: Concept) -> tuple[Measurement, ...]:
        """Readings of one kind that can be used but bear no date of their own; not of a pump out of use."""
        held = self.chart.measurements.get(concept, ())
        return tuple(m for m in held if m.problem is None and m.at is None and m.device not in self._earlier_pumps)

    @cached_property
    def _earlier_pumps(self) -> frozenset[str | None]:
        """Pumps out of use beside one in use: their readings say nothing of it."""
        if not self._pumps:
            return frozenset()
        return frozenset(each.ref for each in self.chart.implants if not each.active)

    @cached_property
    def delivers(self) -> bool:
        """Is it a patient with intrathecal baclofen, or with a pump whose delivery cannot be told?"""
        active = self.it.active
        if isinstance(active, Known):
            return active.value
        present = self.it.pump_present
        return isinstance(present, Known) and present.value

    @cached_property
    def model(self) -> str | None:
        """``synchromed``, ``synchromed-iii``, ``prometra``, ``constant-flow``; None when nobody named a known one."""
        return next((pump.model for pump in self._pumps if pump.model), None)

    @property
    def models(self) -> frozenset[str]:
        """The models of all pumps on record that are in use."""
        return frozenset(pump.model for pump in self._pumps if pump.model)

    @cached_property
    def model_said(self) -> str:
        """The pumps in the words that were sent: names and maker; empty when there are none."""
        named = [pump for pump in self._pumps if pump.model] or self._pumps[:1]
        return " and ".join(dict.fromkeys("; ".join(filter(None, (pump.text, pump.maker))) for pump in named))

    @cached_property
    def implanted_at(self) -> Moment | None:
        """When the present pump was put in: procedure, else use of the device, else told in an Observation."""
        if self._put_in is not None:
            return self._put_in
        used = [pump.since for pump in self._pumps if pump.since is not None]
        if used:
            return min(used, key=lambda at: at.first)
        told = [m.when for m in self.readings("fact-pump-implanted") if m.when is not None]
        return told[-1] if told else None

    @cached_property
    def made_at(self) -> Moment | None:
        """When the pump was made: it was not implanted before."""
        made = [pump.made for pump in self._pumps if pump.made is not None]
        return max(made, key=lambda at: at.first, default=None)

    @cached_property
    def pump_surgery_at(self) -> Moment | None:
        """The newest operation on pump or catheter, removal included."""
        done = [act.start for act in self.it.done(PUMP_SURGERY) if act.start is not None]
        return max(done, key=lambda at: at.first, default=None)

    @cached_property
    def reprogrammed_at(self) -> Moment | None:
        """The newest change of the programmed dose, or the newest interrogation that says it was reprogrammed."""
        doses = self.readings(PROGRAMME)
        changed = [
            time_of(after)
            for before, after in pairwise(doses)
            if before.value is not None and after.value is not None and before.value != after.value
        ]
        acts = self.it.done(frozenset({"proc-pump-interrogation"}))
        changed += [act.start for act in acts if act.start is not None and "program" in act.text.casefold()]
        return max(changed, key=lambda at: at.first, default=None)

    @cached_property
    def catheter_problem(self) -> Fact[bool]:
        """A kink, leak, disconnection, breakdown or infection of the intrathecal catheter, in the last 90 days."""
        window = timedelta(days=self.limits.int("catheter-problem-days"))
        said = [
            Evidence(problem.ref, problem.text or "catheter problem")
            for problem in self.chart.problems
            if problem.state == "active" and problem.concepts & _CATHETER
            for begun in (problem.onset or problem.recorded,)
            if begun is None or begun.within(window, self.as_of)
        ]
        said += [
            Evidence(m.ref, m.shown or "catheter problem")
            for m in self.readings("fact-catheter-problem")
            if m.flag is not False and time_of(m).within(window, self.as_of)
        ]
        if said:
            return Known(True, tuple(said))
        if self.chart.was_sent("Condition", "Observation"):
            return Known(False)
        return Unknown(Reason.NOT_SENT, "catheter problem", (Need("Condition"), Need("Observation")))

    def planned_visits(self, kind: Visit) -> tuple[Act, ...]:
        """Booked appointments and prepared procedures with a day, earliest first; a surgery asked for, dated, too."""
        found = (
            act
            for act in self.it.planned(_VISITS[kind])
            if act.start is not None
            if act.booked or act.kind == "Procedure" or (kind == "replacement" and act.kind == "ServiceRequest")
        )
        return tuple(sorted(found, key=begin_of))

    @cached_property
    def bookings_sent(self) -> bool:
        """Were appointments looked into? If not, nobody can say that none is booked."""
        return self.chart.was_sent("Appointment")

    @cached_property
    def _pumps(self) -> tuple[Implant, ...]:
        return self.it.pumps

    @cached_property
    def _put_in(self) -> Moment | None:
        """The newest implant or replacement of a pump that no later removal undid."""
        done = [act.start for act in self.it.implants_done if _PUMP_IN in act.concepts and act.start is not None]
        return max(done, key=lambda at: at.first, default=None)
