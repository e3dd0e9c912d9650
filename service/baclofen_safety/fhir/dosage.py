"""Dosage (R4, R4B, R5, STU3) to dose steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from decimal import Decimal

from ..core.chart import DoseStep, Medicine, Trouble
from ..core.concepts import INTRATHECAL_ROUTES, Concept
from ..core.dosing import DAY_H, differ
from ..core.moment import Moment
from ..terminology.lookup import Terminology
from .amounts import HOURS, Flaw, number, read_amount, to_mg
from .doses import Dose, DoseReader
from .frequency import Rhythm
from .sig import SigReading, read_sig
from .steps import Part, lay_out
from .timing import NOTHING, Timing, read_timing

_MCG = Decimal(1000)
_ABSURD_MG = Decimal(100_000)
_TOLERANCE = Decimal("0.1")
_BOLUS = re.compile(r"\b(?:bolus|test dose|trial|screening)\b", re.IGNORECASE)
_UNREADABLE = Part(problems=("the dosage cannot be read",))


@dataclass(slots=True)
class _Order:
    """What every dosage of one order is read with; troubles are collected on the way."""

    medicine: Medicine
    intrathecal: bool
    zone: tzinfo
    terms: Terminology
    weight_kg: Decimal | None
    ref: str
    path: str = ""
    troubles: list[Trouble] = field(default_factory=list)

    def tell(self, kind: str, says: str, inside: str = "") -> None:
        self.troubles.append(Trouble(kind, self.ref, says, self.path + inside))


def read_steps(
    dosages: object,
    medicine: Medicine,
    *,
    route: Concept | None,
    start: Moment | None,
    zone: tzinfo,
    terms: Terminology,
    weight_kg: Decimal | None,
    ref: str,
) -> tuple[tuple[DoseStep, ...], tuple[Trouble, ...]]:
    """The dose steps of a raw ``dosageInstruction`` / ``dosage`` value, and what could not be used of it.

    mg/day; mcg/day for intrathecal baclofen (``route``, or the product's own route when ``route`` is None). ``start``
    is the order's start, from which lengths are counted. Never raises: shapes that do not fit become problems of the
    step and ``Trouble("unreadable")``. No dosage at all is one step without a dose.
    """
    by_pump = (route or medicine.product_route) in INTRATHECAL_ROUTES and medicine.is_baclofen
    order = _Order(medicine, by_pump, zone, terms, weight_kg, ref)
    if dosages is None or dosages == []:
        return (DoseStep(None, start=start, problems=("no dosage was sent",)),), ()
    if isinstance(dosages, dict):
        dosages = [dosages]
    if not isinstance(dosages, list):
        order.path = "dosageInstruction"
        order.tell("unreadable", "the dosage cannot be read")
        return (DoseStep(None, start=start, problems=_UNREADABLE.problems),), tuple(order.troubles)
    reader = DoseReader(medicine, weight_kg, terms, by_pump)
    parts = []
    for index, raw in enumerate(dosages):
        order.path = f"dosageInstruction[{index}]"
        parts.append(_read_part(raw, reader, order))
    return lay_out(parts, start), tuple(order.troubles)


def bounds_of(dosages: object, zone: tzinfo) -> tuple[Moment | None, Moment | None]:
    """Earliest ``boundsPeriod.start`` or ``timing.event``, and the latest ``boundsPeriod.end`` (exclusive).

    The end is None when any dosage has none.
    """
    listed = dosages if isinstance(dosages, list) else [dosages]
    timings = [read_timing(raw.get("timing"), zone) for raw in listed if isinstance(raw, dict)]
    starts = [timing.start for timing in timings if timing.start is not None]
    ends = [timing.end for timing in timings if timing.end is not None]
    start = min(starts, key=lambda moment: moment.first, default=None)
    end = max(ends, key=lambda moment: moment.last) if ends and len(ends) == len(timings) else None
    return start, end


def _read_part(raw: object, reader: DoseReader, order: _Order) -> Part:
    if not isinstance(raw, dict):
        order.tell("unreadable", "the dosage cannot be read")
        return _UNREADABLE
    timing = read_timing(raw["timing"], order.zone) if "timing" in raw else NOTHING
    for inside in timing.unread:
        order.tell("unreadable", "the timing cannot be read", f".timing{inside}")
    text = _text(raw, order)
    sig = read_sig(text, order.medicine, order.terms) if text else None
    dose = reader.read(raw, order.tell)
    if isinstance(dose, Flaw):
        part = _from_text(dose, timing, sig, bool(text), order)
    else:
        part = _structured(dose, timing, sig, order)
    part = _finish(part, raw, timing, sig, text, order)
    sequence = raw.get("sequence")
    return replace(
        part,
        sequence=sequence if isinstance(sequence, int) else None,
        start=timing.start,
        end=timing.end,
        length=timing.length,
        text=text,
    )


def _text(raw: dict[str, object], order: _Order) -> str:
    for name in ("text", "patientInstruction"):
        value = raw.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None and not isinstance(value, str):
            order.tell("unreadable", "the dosage text cannot be read", f".{name}")
    return ""


def _structured(dose: Dose, timing: Timing, sig: SigReading | None, order: _Order) -> Part:
    """A part with a structured dose; its frequency from the timing, else from the text."""
    rhythm = timing.rhythm
    if rhythm is None and sig is not None and not timing.problems:
        rhythm = sig.rhythm
    problems = list(timing.problems)
    clash = _clash(dose, timing, rhythm, sig)
    if clash:
        order.tell("conflict", clash)
        problems.append(clash)
    if dose.rate:
        single = dose.high / rhythm.per_day if rhythm and not order.intrathecal else None
        part = _part(dose.high, dose.low, single, rhythm, dose, problems)
        return replace(part, continuous=order.intrathecal, mean=None)
    if rhythm is None:
        return _part(None, None, dose.high, None, dose, problems)
    return _part(dose.high * rhythm.per_day, dose.low * rhythm.per_day_low, dose.high, rhythm, dose, problems)


def _clash(dose: Dose, timing: Timing, rhythm: Rhythm | None, sig: SigReading | None) -> str:
    """Words for two places of one dosage that differ by more than 10 %; "" when there are none."""
    if dose.conflict:
        return "the dose is written several times and differs"
    coded = timing.coded
    if coded is not None and rhythm is not None and differ(coded.per_day, rhythm.per_day, _TOLERANCE):
        return f"the timing says {rhythm.per_day:g} doses a day, its code {coded.per_day:g}"
    if sig is None:
        return ""
    daily = dose.high if dose.rate else dose.high * rhythm.per_day if rhythm else None
    if daily is not None and sig.daily is not None:
        differs = differ(daily, sig.daily, _TOLERANCE)
    elif not dose.rate and sig.single is not None:
        differs = differ(dose.high, sig.single, _TOLERANCE)
    else:
        other = sig.rhythm
        differs = bool(other and rhythm and differ(other.per_day, rhythm.per_day, _TOLERANCE))
    return "the dosage text says another dose than the structured part" if differs else ""


def _part(
    daily: Decimal | None,
    low: Decimal | None,
    single: Decimal | None,
    rhythm: Rhythm | None,
    dose: Dose,
    problems: list[str],
) -> Part:
    return Part(
        daily=daily,
        daily_low=low,
        single=single,
        per_day=rhythm.per_day if rhythm else None,
        interval_h=rhythm.interval_h if rhythm else None,
        mean=dose.high * rhythm.mean if rhythm and rhythm.mean else None,
        once=rhythm is not None and rhythm.once,
        written_unit=dose.written,
        written_value=dose.value,
        volume_ml=dose.volume_ml,
        problems=tuple(problems),
    )


def _from_text(flaw: Flaw, timing: Timing, sig: SigReading | None, has_text: bool, order: _Order) -> Part:
    """A part whose dose only the text says, or nothing does."""
    rhythm = timing.rhythm or (sig.rhythm if sig and not timing.problems else None)
    problems = list(timing.problems)
    if sig is None or sig.written_value is None or not _may_replace(flaw, sig):
        says = flaw.says
        if flaw.kind == "missing" and flaw.open and has_text:
            says = "the dosage is a text from which no dose can be computed"
        part = Part(volume_ml=sig.volume_ml if sig else None)
        if rhythm is not None:
            part = replace(part, per_day=rhythm.per_day, interval_h=rhythm.interval_h, once=rhythm.once)
        return replace(part, problems=(says, *problems))
    single, low = sig.single, sig.single_low
    dose = Dose(low or Decimal(), single or Decimal(), sig.written_unit or "", sig.written_value)
    dose = replace(dose, volume_ml=sig.volume_ml)
    if sig.stated_daily:
        part = _part(sig.daily, sig.daily_low, single, rhythm, dose, problems)
        return replace(part, continuous=order.intrathecal, mean=None)
    if rhythm is None or single is None:
        return _part(None, None, single, None, dose, problems)
    return _part(
        single * rhythm.per_day, (low or single) * rhythm.per_day_low, single, rhythm, dose, problems
    )


def _may_replace(flaw: Flaw, sig: SigReading) -> bool:
    """May the text stand in for a structured dose that is missing, or has no unit but the same number?"""
    return flaw.open and (flaw.value is None or flaw.value == sig.written_value)


def _finish(
    part: Part, raw: dict[str, object], timing: Timing, sig: SigReading | None, text: str, order: _Order
) -> Part:
    """As-needed maximum, single administrations, days of the week, plausibility, the route's unit."""
    as_needed = _is_as_needed(raw, sig)
    daily, once = part.daily, part.once
    if order.intrathecal and not part.continuous and text and _BOLUS.search(text):
        once = True
    if once and part.single is not None:
        daily = part.single
    problems = list(part.problems)
    if as_needed or "maxDosePerPeriod" in raw:
        daily = _up_to_maximum(daily, part, raw, sig, as_needed, order)
    if daily is None and part.single is not None and not timing.problems:
        problems.append(
            "as needed, without a maximum" if as_needed else "how often the dose is taken is missing"
        )
    if daily is not None:
        problems += _uneven(daily, part, timing, order)
    if max(daily or 0, part.single or 0) >= _ABSURD_MG:
        problems.append(f"a dose of {part.written_value} {part.written_unit} is not possible")
        return replace(
            part, daily=None, daily_low=None, single=None, as_needed=as_needed, problems=tuple(problems)
        )
    low = part.daily_low if not as_needed or daily is None else None
    if daily is not None and low is not None and low > daily:
        low = daily
    by = _MCG if order.intrathecal else None
    return replace(
        part,
        daily=daily * by if by and daily is not None else daily,
        daily_low=low * by if by and low is not None else low,
        single=part.single * by if by and part.single is not None else part.single,
        once=once,
        as_needed=as_needed,
        continuous=order.intrathecal and not once and daily is not None,
        problems=tuple(problems),
    )


def _is_as_needed(raw: dict[str, object], sig: SigReading | None) -> bool:
    """``asNeeded[x]`` of R4, ``asNeeded``/``asNeededFor`` of R5; the text only where the structure is silent."""
    said = raw.get("asNeededBoolean", raw.get("asNeeded"))
    if raw.get("asNeededCodeableConcept") or raw.get("asNeededFor") or said is True:
        return True
    return said is None and sig is not None and sig.as_needed


def _uneven(daily: Decimal, part: Part, timing: Timing, order: _Order) -> list[str]:
    """A note when the dose of a taking day is not the average dose of a day."""
    mean = part.mean
    if timing.weekdays < 7:
        mean = (mean or daily) * timing.weekdays / 7
    if mean is None or mean >= daily:
        return []
    unit, by = ("mcg", _MCG) if order.intrathecal else ("mg", Decimal(1))
    return [
        f"not taken every day: {_plain(daily * by)} {unit} on a taking day, on average {_plain(mean * by)} {unit}"
    ]


def _plain(value: Decimal) -> str:
    return f"{round(value, 1).normalize():f}"


def _up_to_maximum(
    daily: Decimal | None,
    part: Part,
    raw: dict[str, object],
    sig: SigReading | None,
    as_needed: bool,
    order: _Order,
) -> Decimal | None:
    """As needed: the stated maximum and the stated frequency both bind. Else a maximum below the schedule is told."""
    found = raw.get("maxDosePerPeriod")
    listed = found if isinstance(found, list) else [found] if found is not None else []
    limits = [limit for one in listed if (limit := _maximum(one, part, order)) is not None]
    if sig is not None and sig.max_daily is not None and not limits:
        limits.append(sig.max_daily)
    if not limits:
        return daily
    maximum = min(limits)
    if as_needed:
        return maximum if daily is None else min(daily, maximum)
    if daily is not None and daily > maximum:
        order.tell("conflict", "the dosage exceeds its own maximum per period", ".maxDosePerPeriod")
    return daily


def _maximum(raw: object, part: Part, order: _Order) -> Decimal | None:
    """``maxDosePerPeriod`` in mg a day; of a period longer than a day the whole, as it may fall on one day."""
    above = raw.get("numerator") if isinstance(raw, dict) else None
    below = raw.get("denominator") if isinstance(raw, dict) else None
    amount = read_amount(above, order.terms)
    if isinstance(amount, Flaw) or not isinstance(below, dict):
        order.tell("unreadable", "the maximum dose per period cannot be read", ".maxDosePerPeriod")
        return None
    words = [word.lower() for word in (below.get("code"), below.get("unit")) if isinstance(word, str)]
    hours = next((HOURS[word] for word in words if word in HOURS), None)
    span = number(below.get("value", 1))
    if amount.unit.base == "dose" and part.single is not None:
        mg: Decimal | Flaw = amount.value * part.single
    else:
        mg = to_mg(amount, order.medicine, order.weight_kg)
    if isinstance(mg, Flaw) or hours is None or span is None or span <= 0:
        order.tell("unreadable", "the maximum dose per period cannot be used", ".maxDosePerPeriod")
        return None
    period = span * hours
    return mg * DAY_H / period if period < DAY_H else mg
