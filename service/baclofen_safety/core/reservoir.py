"""The reservoir: when it was filled, what is left in it, how fast it empties and when it must be filled again.

Volumes are mL, rates mL/day, concentrations mcg/mL, doses mcg/day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from .caching import cached_property
from .chart import Measurement
from .concepts import Concept
from .fact import Evidence, How, Known, is_yes
from .measuring import time_of
from .medicines import Medicine, Order
from .moment import Moment
from .pump import PROGRAMME
from .pump_device import PumpDeviceFacts

REFILL_BY: Concept = "fact-refill-by"
ALARM_DATE: Concept = "fact-low-reservoir-alarm-date"
RATE: Concept = "fact-programmed-rate"
CONCENTRATION: Concept = "fact-drug-concentration"
FILL_VOLUME: Concept = "fact-fill-volume"
MEASURED_VOLUME: Concept = "fact-reservoir-volume"
ALARM_VOLUME: Concept = "fact-alarm-volume"
_MCG_PER_MG = 1000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number of the pump and since when it holds; ``how`` says whether it was computed or assumed."""

    value: Decimal
    at: Moment | None
    evidence: tuple[Evidence, ...]
    how: How = "coded"

    @property
    def day(self) -> date:
        """The day since which it holds; without one the oldest of all."""
        return date.min if self.at is None else self.at.day


@dataclass(frozen=True, slots=True)
class DueDate:
    """A day by which the reservoir must be filled."""

    at: Moment
    evidence: tuple[Evidence, ...]
    how: How = "coded"


class ReservoirFacts(PumpDeviceFacts):
    """The reservoir at ``as_of``."""

    @cached_property
    def last_refill_at(self) -> Moment | None:
        """The newest refill: procedure, filling given or ordered; without any, the newest fill volume on record."""
        if self.it.refilled_at is not None:
            return self.it.refilled_at
        volumes = self._numbers(FILL_VOLUME)
        return time_of(volumes[-1]) if volumes else None

    @cached_property
    def filled_at(self) -> Moment | None:
        """The newest refill, or the first fill at the implant of the present pump."""
        found = [at for at in (self.last_refill_at, self.implanted_at) if at is not None]
        return max(found, key=lambda at: at.first, default=None)

    @cached_property
    def fill_volume(self) -> Reading | None:
        """mL after the newest filling, from the time of that filling. A volume older than it says nothing of it."""
        volumes = self._numbers(FILL_VOLUME)
        if not volumes or self.filled_at is None or time_of(volumes[-1]).day < self.filled_at.day:
            return None
        return _read(volumes[-1], "filled", self.filled_at)

    @cached_property
    def measured_volume(self) -> Reading | None:
        """mL measured or interrogated since the newest filling. On the day of a filling it is what was drawn before."""
        volumes = self._numbers(MEASURED_VOLUME)
        if not volumes or (self.filled_at is not None and time_of(volumes[-1]).day <= self.filled_at.day):
            return None
        return _read(volumes[-1], "reservoir")

    @cached_property
    def alarm_volume(self) -> Reading:
        """mL at which the pump sounds; the project's default when no setting was sent."""
        undated = [m for m in self.chart.measurements.get(ALARM_VOLUME, ()) if m.at is None and m.value is not None]
        volumes = undated + self._numbers(ALARM_VOLUME)
        if volumes:
            return _read(volumes[-1], "alarm volume")
        return Reading(self.limits["alarm-volume-default"], None, (), "assumed")

    @cached_property
    def refill_by(self) -> DueDate | None:
        """The recorded day by which to refill."""
        return self._recorded(REFILL_BY, "refill by")

    @cached_property
    def low_reservoir_alarm_at(self) -> DueDate | None:
        """The recorded day on which the low reservoir alarm will sound."""
        return self._recorded(ALARM_DATE, "low reservoir alarm")

    @cached_property
    def due_date_asked_for(self) -> bool:
        """Does the notice of missing pump data ask for the refill date already?"""
        sent = any(self.chart.measurements.get(concept) for concept in (REFILL_BY, ALARM_DATE))
        return is_yes(self.it.pump_present) and not sent

    @cached_property
    def refill_due(self) -> DueDate | None:
        """The earlier of the recorded dates; computed from volume and rate only when neither is recorded."""
        recorded = [due for due in (self.refill_by, self.low_reservoir_alarm_at) if due is not None]
        if recorded:
            return min(recorded, key=lambda due: due.at.first)
        at = self._reaches(self.alarm_volume.value)
        if at is None or self.volume_base is None or self.rate is None:
            return None
        return DueDate(Moment.at(at), (*self.volume_base.evidence, *self.rate.evidence), "computed")

    @cached_property
    def estimated_empty_at(self) -> datetime | None:
        """When the reservoir is empty at the present rate; a newer measured volume restarts the count."""
        return self._reaches(Decimal(0))

    @cached_property
    def volume_base(self) -> Reading | None:
        """The volume the count starts from: measured since the filling, else of the filling."""
        return self.measured_volume or self.fill_volume

    @cached_property
    def volume_now(self) -> Decimal | None:
        """mL left at ``as_of``; below nothing when it should have run dry."""
        return self.volume_at(self.volume_base, self.as_of)

    def volume_at(self, base: Reading | None, instant: datetime) -> Decimal | None:
        """mL left of a volume at an instant; None without a volume, its time or the rate."""
        if base is None or base.at is None or self.rate is None:
            return None
        return base.value - self.rate.value * _days(instant - base.at.first)

    @cached_property
    def programmed_rate(self) -> Reading | None:
        """The newest rate on record above nothing, mL/day."""
        rates = [m for m in self._numbers(RATE) if m.value]
        return _read(rates[-1], "rate") if rates else None

    @cached_property
    def rate(self) -> Reading | None:
        """mL/day: as programmed, else the dose by the concentration; a dose programmed on a later day has the word."""
        told, dose, concentration = self.programmed_rate, self.programme or self.ordered, self.concentration
        if dose is None or concentration is None or (told is not None and not self._is_newer(dose, told)):
            return told
        said = (*dose.evidence, *concentration.evidence)
        return Reading(dose.value / concentration.value, dose.at, said, "computed")

    @cached_property
    def programme(self) -> Reading | None:
        """The newest programmed daily dose above nothing, mcg/day."""
        doses = [m for m in self._numbers(PROGRAMME) if m.value]
        return _read(doses[-1], "programmed") if doses else None

    @cached_property
    def ordered(self) -> Reading | None:
        """The daily dose of the infusion order in force, mcg/day."""
        dose = self.it.daily_dose
        if not self.it.in_force or not isinstance(dose, Known) or not dose.value:
            return None
        order = self.it.in_force[0]
        begun = [s.start for s in order.steps if s.start is not None and s.start.first <= self.as_of]
        since = max(begun, key=lambda at: at.first, default=order.start)
        return Reading(dose.value, since, (Evidence(order.ref, f"ordered {dose.value} mcg/day"),))

    @cached_property
    def concentration(self) -> Reading | None:
        """The newest concentration in the pump, mcg/mL, from the record that first told it."""
        newest: Reading | None = None
        for reading in reversed(self.concentrations):
            if newest is not None and reading.value != newest.value:
                break
            newest = reading
        return newest

    @cached_property
    def concentrations(self) -> tuple[Reading, ...]:
        """Every concentration on record, oldest first: programme, product filled in, product of the infusion.

        On one day the programme has the last word, then the filling.
        """
        rows = [(0, order.start or order.authored, order.ref, order.medicine) for order in self._infusions]
        rows += [
            (1, order.start or order.authored, order.ref, order.medicine) for order in self.it.orders if order.refill
        ]
        rows += [(1, dose.at, dose.ref, dose.medicine) for dose in self.it.it_doses if dose.reservoir]
        acts = self.it.done(frozenset({"proc-pump-refill"}))
        rows += [(1, act.start, act.ref, act.medicine) for act in acts if act.medicine is not None]
        found = [
            (at.day, rank, Reading(strength, at, (Evidence(ref, f"{medicine.name}: {strength} mcg/mL"),)))
            for rank, at, ref, medicine in rows
            for strength in (_strength(medicine),)
            if at is not None and strength is not None
        ]
        told = (m for m in self._numbers(CONCENTRATION) if m.value)
        found += [(time_of(m).day, 2, _read(m, "concentration")) for m in told]
        return tuple(reading for _, _, reading in sorted(found, key=lambda row: row[:2]))

    @cached_property
    def _infusions(self) -> tuple[Order, ...]:
        return tuple(
            order
            for order in self.it.orders
            if self.it.kind(order) == "continuous" and order.status != "cancelled"
            if self.facts.signed or order.status != "draft"
        )

    def _recorded(self, concept: Concept, words: str) -> DueDate | None:
        """The newest date on record that no later filling has overtaken; one told nobody knows when if no other is."""
        told = [m for m in (*self.undated(concept), *self.readings(concept)) if m.when is not None]
        if not told or told[-1].when is None:
            return None
        newest, when, filled = told[-1], told[-1].when, self.filled_at
        overtaken = filled is not None and newest.at is not None and filled.day > newest.at.day
        if overtaken or (filled is not None and filled.day >= when.day):
            return None
        return DueDate(when, (Evidence(newest.ref, f"{words} {when}"),))

    def _numbers(self, concept: Concept) -> list[Measurement]:
        return [m for m in self.readings(concept) if m.value is not None]

    def _is_newer(self, dose: Reading, rate: Reading) -> bool:
        """Was the dose programmed on a later day than the rate was told?"""
        return dose is self.programme and dose.day > rate.day

    def _reaches(self, volume: Decimal) -> datetime | None:
        """When the reservoir has so many mL left."""
        base, rate = self.volume_base, self.rate
        if base is None or base.at is None or rate is None:
            return None
        return base.at.first + timedelta(days=float((base.value - volume) / rate.value))


def _read(m: Measurement, words: str, at: Moment | None = None) -> Reading:
    value = m.value or Decimal(0)
    return Reading(value, at or m.at, (Evidence(m.ref, f"{words} {m.shown or value} {m.at or ''}".strip()),))


def _strength(medicine: Medicine) -> Decimal | None:
    """mcg/mL of a product for injection."""
    strength = medicine.strength
    return strength.mg * _MCG_PER_MG if medicine.is_baclofen and strength is not None and strength.per == "mL" else None


def _days(length: timedelta) -> Decimal:
    return Decimal(str(length / _DAY))
