"""Doses taken when needed, and the most that may be taken in a day (``maxDosePerPeriod``)."""

from __future__ import annotations

from decimal import Decimal

from ..core.dosing import DAY_H
from .amounts import Flaw, hours_of, number, read_amount, to_mg
from .doses import DoseReader, Tell
from .sig import SigReading

_PATH = ".maxDosePerPeriod"


def read_maximum(raw: object, single: Decimal | None, reader: DoseReader, tell: Tell) -> Decimal | None:
    """The least of the stated maxima (a Ratio, in R5 a list) in mg a day; None when none can be used.

    A maximum for longer than a day may fall on one day as a whole. ``single`` (mg) serves maxima counted in
    doses.
    """
    if raw is None:
        return None
    listed = raw if isinstance(raw, list) else [raw]
    return min((limit for one in listed if (limit := _daily(one, single, reader, tell)) is not None), default=None)


def _daily(raw: object, single: Decimal | None, reader: DoseReader, tell: Tell) -> Decimal | None:
    below = raw.get("denominator") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(below, dict):
        tell("unreadable", "the maximum dose per period cannot be read", _PATH)
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
        tell("unreadable", "the maximum dose per period cannot be used", _PATH)
        return None
    period = span * hours
    return mg * DAY_H / period if period < DAY_H else mg


def is_as_needed(raw: dict[str, object], sig: SigReading | None) -> bool:
    """``asNeeded[x]`` of R4, ``asNeeded`` and ``asNeededFor`` of R5; the text where that is silent."""
    said = raw.get("asNeededBoolean", raw.get("asNeeded"))
    if raw.get("asNeededCodeableConcept") or raw.get("asNeededFor") or said is True:
        return True
    return said is None and sig is not None and sig.as_needed
