"""Doses taken when needed, and the most that may be taken at once or in a time."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..core.dosing import DAY_H
from .amounts import Flaw, hours_of, number, read_amount, to_mg
from .doses import DoseReader, Tell
from .sig import SigReading

_PER_PERIOD = ".maxDosePerPeriod"
_PER_ADMINISTRATION = ".maxDosePerAdministration"


@dataclass(frozen=True, slots=True)
class Maximum:
    """The most that may be taken within some hours, in mg."""

    mg: Decimal
    hours: Decimal

    @property
    def a_day(self) -> Decimal:
        """In mg a day. A maximum for longer than a day may fall on one day as a whole."""
        return self.mg * DAY_H / self.hours if self.hours < DAY_H else self.mg

    def is_exceeded(self, daily: Decimal, average: Decimal) -> bool:
        """By so many mg on a taking day, or on average?"""
        return daily > self.a_day or average * self.hours > self.mg * DAY_H


def read_maxima(raw: object, single: Decimal | None, reader: DoseReader, tell: Tell) -> list[Maximum]:
    """The stated maxima per period (a Ratio, in R5 a list) that can be used.

    ``single`` (mg) serves maxima counted in doses.
    """
    listed = raw if isinstance(raw, list) else [] if raw is None else [raw]
    return [found for one in listed if (found := _per_period(one, single, reader, tell)) is not None]


def _per_period(raw: object, single: Decimal | None, reader: DoseReader, tell: Tell) -> Maximum | None:
    below = raw.get("denominator") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(below, dict):
        tell("unreadable", "the maximum dose per period cannot be read", _PER_PERIOD)
        return None
    amount = read_amount(raw.get("numerator"), reader.terms)
    span, hours = number(below.get("value", 1)), hours_of(below)
    mg: Decimal | Flaw
    if isinstance(amount, Flaw):
        mg = amount
    elif amount.unit.base == "dose" and single is not None:
        mg = amount.value * single
    else:
        mg = to_mg(amount, reader.medicine, reader.weight_kg)
    if isinstance(mg, Flaw) or hours is None or span is None or span <= 0:
        tell("unreadable", "the maximum dose per period cannot be used", _PER_PERIOD)
        return None
    return Maximum(mg, span * hours)


def tell_single_above(raw: dict[str, object], single: Decimal | None, reader: DoseReader, tell: Tell) -> None:
    """Tell a single dose (mg) above the most that the same dosage says may be taken at once."""
    stated = raw.get("maxDosePerAdministration")
    if stated is None or single is None:
        return
    amount = read_amount(stated, reader.terms)
    most = amount if isinstance(amount, Flaw) else to_mg(amount, reader.medicine, reader.weight_kg)
    if isinstance(most, Flaw):
        tell("unreadable", "the maximum dose per administration cannot be used", _PER_ADMINISTRATION)
    elif single > most:
        says = "the dose is above its own maximum per administration; the dose is judged"
        tell("conflict", says, _PER_ADMINISTRATION)


def is_as_needed(raw: dict[str, object], sig: SigReading | None) -> bool:
    """``asNeeded[x]`` of R4, ``asNeeded`` and ``asNeededFor`` of R5; the text where that is silent."""
    said = raw.get("asNeededBoolean", raw.get("asNeeded"))
    if raw.get("asNeededCodeableConcept") or raw.get("asNeededFor") or said is True:
        return True
    return said is None and sig is not None and sig.as_needed
