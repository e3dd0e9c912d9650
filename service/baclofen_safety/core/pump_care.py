"""The pump under care: scans ahead, effect, and how the dose has moved. The door to every fact of the device."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from .caching import cached_property
from .chart import Act
from .fact import Evidence
from .measuring import time_of
from .pump import PROGRAMME, begin_of
from .pump_alarm import PumpAlarmFacts
from .reservoir import Reading
from .sign_kinds import SignKind, current_signs

_MRI = "proc-mri"
_GADOLINIUM = "med-gadolinium-contrast"
_BRIDGE = "fact-bridge-bolus"
_WORSE = SignKind("spasticity", "more spasticity", (), ("fact-sign-spasticity-up",))
_ML_PER_DAY = re.compile(r"(?<![\d.,])(\d+(?:\.\d+)?) ?ml ?(?:/|per) ?(?:d|day|24 ?h)\b", re.IGNORECASE)
_FLEX = ("flex", "complex", "variable", "day/night", "night dose", "step dose")


@dataclass(frozen=True, slots=True)
class PumpDose:
    """A daily intrathecal dose from an instant on, mcg/day."""

    at: datetime
    daily: Decimal
    evidence: Evidence


class PumpCareFacts(PumpAlarmFacts):
    """The pump as a device: refills, reservoir, alarms, battery, catheter, scans."""

    @cached_property
    def mri_planned(self) -> tuple[Evidence, ...]:
        """MRI asked for or booked and not done yet; gadolinium ordered ahead speaks of one."""
        scans = [act for act in self.it.planned(frozenset({_MRI})) if act.kind != "Procedure" or act.state == "planned"]
        open_scans = sorted((act for act in scans if not self._is_done(act)), key=begin_of)
        said = [Evidence(act.ref, f"{act.text or 'MRI'} {act.start or ''}".strip()) for act in open_scans]
        said += [
            Evidence(order.ref, f"{order.medicine.name} {start or ''}".strip())
            for order in self.chart.orders
            if _GADOLINIUM in order.medicine.concepts and order.status in ("active", "draft")
            for start in (order.start,)
            if start is None or start.last.date() >= self.today
        ]
        return tuple(said)

    def _is_done(self, planned: Act) -> bool:
        """Is there a scan done for this request, or since it was asked for without a day?"""
        for act in self.it.done(frozenset({_MRI})):
            if planned.ref in act.based_on:
                return True
            if planned.start is None and planned.authored and act.start and act.start.first >= planned.authored.first:
                return True
        return False

    @cached_property
    def flexible_programme(self) -> bool:
        """Does the order or the programme speak of doses that vary over the day? Then one rate is not the dose."""
        said = [step.text for order in self.it.in_force for step in order.steps]
        said += [m.shown for m in self.readings(PROGRAMME)[-1:]]
        return any(word in text.casefold() for text in said for word in _FLEX)

    @cached_property
    def ordered_rate(self) -> Reading | None:
        """The rate in the words of the infusion order in force, mL/day."""
        for order in self.it.in_force[:1]:
            for step in order.steps:
                found = _ML_PER_DAY.search(step.text)
                if found and (value := Decimal(found[1])):
                    return Reading(value, order.start, (Evidence(order.ref, step.text),))
        return None

    @cached_property
    def ordered_concentration(self) -> Reading | None:
        """Of the product in the infusion order in force, else the newest on record, mcg/mL."""
        refs = [order.ref for order in self.it.in_force[:1]]
        own = (reading for reading in self.concentrations if reading.evidence[0].reference in refs)
        return next(own, self.concentration)

    @cached_property
    def ordered_numbers(self) -> Reading | None:
        """mcg/day by the rate in the order's words and its product; None where one rate is not the dose."""
        rate, concentration = self.ordered_rate, self.ordered_concentration
        if rate is None or concentration is None or self.ordered is None or self.flexible_programme:
            return None
        said = (*concentration.evidence, *rate.evidence)
        return Reading(rate.value * concentration.value, rate.at, said, "computed")

    @cached_property
    def concentration_changed(self) -> tuple[Evidence, ...]:
        """The last two concentrations, when they differ and the change is new or ahead; else nothing."""
        window = timedelta(days=self.limits.int("concentration-change-days"))
        for before, after in pairwise(self.concentrations[-2:]):
            recent = after.at is not None and (after.at.first > self.as_of or after.at.within(window, self.as_of))
            if before.value != after.value and recent:
                return (*before.evidence, *after.evidence)
        return ()

    @cached_property
    def bridge_bolus(self) -> Evidence | None:
        """A bridge bolus told on the day of the newest concentration, or in the words of its order."""
        newest = self.concentration
        day = newest.at.day if newest is not None and newest.at is not None else None
        told = [
            Evidence(m.ref, m.shown or "bridge bolus")
            for m in self.readings(_BRIDGE)
            if m.flag is not False and time_of(m).day == day
        ]
        told += [
            Evidence(act.ref, act.text)
            for act in self.chart.acts
            if act.start and act.start.day == day and _says_bridge(act.text)
        ]
        told += [
            Evidence(order.ref, step.text)
            for order in self.it.orders
            for step in order.steps
            if _says_bridge(step.text)
            for start in (step.start or order.start,)
            if start is not None and start.day == day
        ]
        return next(iter(told), None)

    @cached_property
    def effect_lost(self) -> tuple[Evidence, ...]:
        """A current note of spasticity coming back, the dose unchanged for the days it must have been stable."""
        stable = timedelta(days=self.limits.int("stable-pump-dose-days"))
        series = self.dose_series
        if any(self.as_of - after.at < stable for doses in series for _, after in pairwise(doses)):
            return ()
        return tuple(sign.evidence for sign in current_signs(self.facts, (_WORSE,)))

    @cached_property
    def dose_series(self) -> tuple[tuple[PumpDose, ...], ...]:
        """Ordered doses (of steps ahead only the first of an order), and programmed doses, each oldest first.

        A dose that did not change stands once.
        """
        ordered = [
            PumpDose(start.first, step.daily, Evidence(order.ref, f"ordered {step.daily} mcg/day {start}"))
            for order in self._infusions
            for step in order.steps
            for start in (step.start or order.start,)
            if start is not None and step.daily and (start.first <= self.as_of or step is order.steps[0])
        ]
        stopped = self.limits["pump-stopped-below"]
        programmed = [
            PumpDose(time_of(m).first, m.value, Evidence(m.ref, f"programmed {m.value} mcg/day {m.at}"))
            for m in self.readings(PROGRAMME)
            if m.value is not None and m.value >= stopped
        ]
        return tuple(_changes(doses) for doses in (ordered, programmed) if doses)


def _says_bridge(text: str) -> bool:
    return "bridge bolus" in text.casefold() or "bridging bolus" in text.casefold()


def _changes(doses: list[PumpDose]) -> tuple[PumpDose, ...]:
    kept: list[PumpDose] = []
    for dose in sorted(doses, key=lambda one: one.at):
        if not kept or kept[-1].daily != dose.daily:
            kept.append(dose)
    return tuple(kept)
