"""The structured dose of one dosage: ``doseAndRate`` of R4 and R5, or the same elements directly (STU3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from ..core.dosing import DAY_H, differ
from ..core.medicines import Medicine
from ..terminology.lookup import Terminology
from .amounts import Amount, Flaw, hours_of, number, read_amount, to_mg

_RATES = ("rateQuantity", "rateRatio", "rateRange")
_SINGLES = ("doseQuantity", "doseRange", "doseSimpleQuantity")
_RANKS = {"ordered": 3, "calculated": 2, "admin-amount": 0}
_UNTYPED = 1
_TOLERANCE = Decimal("0.1")
_SAME = Decimal("0.001")
NO_DOSE = Flaw("missing", "the dose is missing")
Tell = Callable[[str, str, str], None]  # kind, says, path below the dosage


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose in mg: a single dose, or with ``rate`` an amount a day. ``written``, ``value``: as sent."""

    low: Decimal
    high: Decimal
    written: str
    value: Decimal
    rate: bool = False
    volume_ml: Decimal | None = None
    rank: int = _UNTYPED
    mass: bool = True
    conflict: bool = False  # entries of the same dose differ by more than 10 %
    a_day: Decimal | None = None  # mg a day that a rate beside a single dose states ("1 tablet, 3 tablets per day")


@dataclass(frozen=True, slots=True)
class DoseReader:
    """Reads doses of one order: the product, the weight and the door to the units."""

    medicine: Medicine
    weight_kg: Decimal | None
    terms: Terminology
    rate_first: bool  # a pump: the rate is the dose, an amount beside it is not

    def read(self, raw: dict[str, object], tell: Tell) -> Dose | Flaw:
        """The one dose a dosage states. Several entries are one dose written several ways, never a sum."""
        entries = raw.get("doseAndRate")
        if entries is None or entries == []:
            entry = self.entry(raw)
            if isinstance(entry, Flaw) and entry.kind in ("unit", "unreadable"):
                tell(entry.kind, entry.says, "")
            return entry
        if isinstance(entries, dict):
            entries = [entries]
        if not isinstance(entries, list):
            tell("unreadable", "the dose cannot be read", ".doseAndRate")
            return Flaw("unreadable", "the dose cannot be read")
        doses: list[Dose] = []
        flaws: list[Flaw] = []
        for index, raw_entry in enumerate(entries):
            known = isinstance(raw_entry, dict)
            entry = self.entry(raw_entry) if known else Flaw("unreadable", "the dose cannot be read")
            if isinstance(entry, Dose):
                doses.append(replace(entry, rank=_rank(raw_entry)) if len(entries) > 1 else entry)
                continue
            flaws.append(entry)
            if entry.kind in ("unit", "unreadable"):
                tell(entry.kind, entry.says, f".doseAndRate[{index}]")
        return _choose(doses, flaws)

    def is_rate(self, raw: dict[str, object]) -> bool:
        """Is an amount per time written, usable or not?"""
        entries = raw.get("doseAndRate")
        listed = entries if isinstance(entries, list) else [raw]
        return any(isinstance(one, dict) and not one.keys().isdisjoint(_RATES) for one in listed)

    def entry(self, raw: dict[str, object]) -> Dose | Flaw:
        """One entry; of a dose and a rate the dose, by pump the rate."""
        order = _RATES + _SINGLES if self.rate_first else _SINGLES + _RATES
        name = next((name for name in order if raw.get(name) is not None), None)
        if name is None:
            return NO_DOSE
        value = raw[name]
        if name.endswith("Range"):
            return self.range(value)
        if name == "rateRatio":
            return self.ratio(value)
        dose = self.resolve(read_amount(value, self.terms))
        return dose if isinstance(dose, Flaw) or dose.rate else replace(dose, a_day=self.a_day(raw))

    def a_day(self, raw: dict[str, object]) -> Decimal | None:
        """The amount of one day that a rate says; None for any other time, by which infusions run."""
        ratio, quantity = raw.get("rateRatio"), raw.get("rateQuantity")
        below = ratio.get("denominator") if isinstance(ratio, dict) else None
        rate: Dose | Flaw | None = None
        if isinstance(below, dict) and hours_of(below) == DAY_H and number(below.get("value", 1)) == 1:
            rate = self.ratio(ratio)
        elif ratio is None and quantity is not None:
            amount = read_amount(quantity, self.terms)
            rate = self.resolve(amount) if isinstance(amount, Amount) and amount.unit.per_h == DAY_H else None
        return rate.high if isinstance(rate, Dose) else None

    def range(self, raw: object) -> Dose | Flaw:
        if not isinstance(raw, dict):
            return Flaw("unreadable", "the dose range cannot be read")
        if raw.get("high") is None:
            return Flaw("unreadable", "the dose range has no upper end", open=False)
        high = self.resolve(read_amount(raw["high"], self.terms))
        if isinstance(high, Flaw) or raw.get("low") is None:
            return high
        low = self.resolve(read_amount(raw["low"], self.terms))
        if isinstance(low, Flaw):
            return high
        if low.high > high.high:
            return Flaw("unreadable", "the dose range is upside down", open=False)
        return replace(high, low=low.high)

    def ratio(self, raw: object) -> Dose | Flaw:
        """An amount per time: 350 ug per 1 d."""
        below = raw.get("denominator") if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(below, dict):
            return Flaw("unreadable", "the rate cannot be read")
        amount = read_amount(raw.get("numerator"), self.terms)
        if isinstance(amount, Flaw):
            return amount
        span = number(below.get("value", 1))
        hours = hours_of(below)
        if span is None or span <= 0 or hours is None or amount.unit.per_h is not None:
            return Flaw("unreadable", "the time of the rate is missing or not known", open=False)
        unit = replace(amount.unit, per_h=span * hours)
        label = f"{amount.written}/{'' if span == 1 else f'{span:f} '}{below.get('code') or below.get('unit')}"
        return self.resolve(Amount(amount.value, unit, label))

    def resolve(self, amount: Amount | Flaw) -> Dose | Flaw:
        if isinstance(amount, Flaw):
            return amount
        mg = to_mg(amount, self.medicine, self.weight_kg)
        if isinstance(mg, Flaw):
            return mg
        unit = amount.unit
        volume = amount.value * unit.factor if unit.base == "mL" and unit.per_h is None else None
        if unit.per_h is not None:
            mg = mg * DAY_H / unit.per_h
        return Dose(mg, mg, amount.written, amount.value, unit.per_h is not None, volume, _UNTYPED, unit.base == "mg")


def _rank(raw: dict[str, object]) -> int:
    kind = raw.get("type")
    if not isinstance(kind, dict):
        return _UNTYPED
    coding = kind.get("coding")
    words = [kind.get("text")]
    if isinstance(coding, list):
        words += [c.get("code") for c in coding if isinstance(c, dict)]
    return next((_RANKS[word] for word in words if isinstance(word, str) and word in _RANKS), _UNTYPED)


def _choose(doses: list[Dose], flaws: list[Flaw]) -> Dose | Flaw:
    """Ordered, else calculated, else the one in a mass, else what the strength makes of a number of units."""
    if not doses:
        return next((flaw for flaw in flaws if not flaw.open), flaws[0] if flaws else NO_DOSE)
    unresolved = next((flaw.volume_ml for flaw in flaws if flaw.volume_ml is not None), None)
    if len(doses) == 1:
        return doses[0] if unresolved is None else replace(doses[0], volume_ml=unresolved)
    top = max(dose.rank for dose in doses)
    best = [dose for dose in doses if dose.rank == top]
    best = [dose for dose in best if dose.mass] or best
    chosen = max(best, key=lambda dose: dose.high)
    if any(dose.rate != chosen.rate or differ(dose.high, chosen.high, _SAME) for dose in best):
        return Flaw("conflict", "several different doses are written for one instruction", open=False)
    volume = next((dose.volume_ml for dose in doses if dose.volume_ml is not None), unresolved)
    conflict = any(dose.rate == chosen.rate and differ(dose.high, chosen.high, _TOLERANCE) for dose in doses)
    return replace(chosen, volume_ml=volume, conflict=conflict)
