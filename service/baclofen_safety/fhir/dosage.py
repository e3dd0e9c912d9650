"""Dosage (R4, R4B, R5, STU3) to dose steps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from decimal import Decimal

from ..core.chart import Trouble
from ..core.concepts import INTRATHECAL_ROUTES, Concept
from ..core.dosing import DAY_H, tidy
from ..core.medicines import DoseStep, Medicine
from ..core.moment import Moment
from ..terminology.lookup import Terminology
from .amounts import Flaw
from .clashes import clash_of, stated_a_day
from .doses import Dose, DoseReader
from .frequency import Rhythm
from .liquids import how_written
from .maximum import Maximum, is_as_needed, read_maxima, tell_single_above
from .sig import SigReading, read_sig
from .sig_parts import greatest_part, spelt_out
from .steps import Part, lay_out
from .timing import NOTHING, Timing, read_timing

_MCG = Decimal(1000)
_ABSURD_MG = Decimal(100_000)
_BOLUS = re.compile(r"\b(?:bolus|test dose|trial|screening)\b", re.IGNORECASE)
_UNREADABLE = "the dosage cannot be read"


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

    def tell(self, kind: str, says: str, inside: str = "", *, needed: bool = False) -> None:
        self.troubles.append(Trouble(kind, self.ref, says, self.path + inside, needed=needed))


@dataclass(frozen=True, slots=True)
class _Line:
    """One dosage, taken apart."""

    raw: dict[str, object]
    timing: Timing
    text: str
    sig: SigReading | None
    as_needed: bool


def read_steps(  # noqa: PLR0913 - all of it decides the dose
    dosages: object,
    medicine: Medicine,
    *,
    route: Concept | None,
    start: Moment | None,
    zone: tzinfo,
    terms: Terminology,
    weight_kg: Decimal | None,
    ref: str,
    at: str = "dosageInstruction",
) -> tuple[tuple[DoseStep, ...], tuple[Trouble, ...]]:
    """The dose steps of a raw ``dosageInstruction`` / ``dosage`` value, and what could not be used of it.

    mg/day; mcg/day for intrathecal baclofen (``route``, or the product's own route when ``route`` is None).
    ``start`` is the order's start, from which lengths are counted; ``at`` the element they stand in. Never raises:
    shapes that do not fit become problems of the step and ``Trouble("unreadable")``. No dosage is one step without
    a dose.
    """
    by_pump = (route or medicine.product_route) in INTRATHECAL_ROUTES and medicine.is_baclofen
    order = _Order(medicine, by_pump, zone, terms, weight_kg, ref)
    if dosages is None or dosages == []:
        return (DoseStep(None, start=start, problems=("no dosage was sent",)),), ()
    if isinstance(dosages, dict):
        dosages = [dosages]
    if not isinstance(dosages, list):
        order.path = at
        order.tell("unreadable", "the dosage cannot be read")
        return (DoseStep(None, start=start, problems=(_UNREADABLE,)),), tuple(order.troubles)
    reader = DoseReader(medicine, weight_kg, terms, by_pump)
    parts = []
    said = spelt_out(dosages, medicine, terms)
    for index, raw in enumerate(said):
        order.path = f"{at}[{index if len(said) == len(dosages) else 0}]"
        parts.append(_read_part(raw, reader, order))
    return lay_out(parts, start), tuple(order.troubles)


def bounds_of(dosages: object, zone: tzinfo) -> tuple[Moment | None, Moment | None]:
    """Earliest ``boundsPeriod.start`` or ``timing.event``, and the latest ``boundsPeriod.end`` (exclusive).

    The end is None when any dosage has none, the start when that of any cannot be read: another is not the earliest.
    """
    listed = dosages if isinstance(dosages, list) else [dosages]
    timings = [read_timing(raw.get("timing"), zone) for raw in listed if isinstance(raw, dict)]
    starts = [timing.start for timing in timings if timing.start is not None]
    ends = [timing.end for timing in timings if timing.end is not None]
    lost = any(timing.start is None and timing.unread for timing in timings)
    start = None if lost else min(starts, key=lambda moment: moment.first, default=None)
    end = max(ends, key=lambda moment: moment.last) if ends and len(ends) == len(timings) else None
    return start, end


def _read_part(raw: object, reader: DoseReader, order: _Order) -> Part:
    if not isinstance(raw, dict):
        order.tell("unreadable", "the dosage cannot be read")
        return Part(problems=(_UNREADABLE,))
    timing = read_timing(raw["timing"], order.zone) if "timing" in raw else NOTHING
    for inside in timing.unread:
        order.tell("unreadable", "the timing is not complete or cannot be read", f".timing{inside}")
    text = _text(raw, order)
    sig = read_sig(text, order.medicine, order.terms) if text else None
    line = _Line(raw, timing, text, sig, is_as_needed(raw, sig))
    dose = reader.read(raw, order.tell)
    part = _from_text(dose, line, order) if isinstance(dose, Flaw) else _structured(dose, line, order)
    part.continuous = order.intrathecal and (reader.is_rate(raw) or (sig is not None and sig.continuous))
    part.mg_and_ml = how_written(dose, text, order.medicine)
    _finish(part, line, reader, order)
    sequence = raw.get("sequence")
    part.sequence = sequence if isinstance(sequence, int) else None
    part.start, part.end, part.length, part.text = timing.start, timing.end, timing.length, text
    part.times = timing.times
    return part


def _text(raw: dict[str, object], order: _Order) -> str:
    for name in ("text", "patientInstruction"):
        value = raw.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
        if value is not None and not isinstance(value, str):
            order.tell("unreadable", "the dosage text cannot be read", f".{name}")
    return ""


def _structured(dose: Dose, line: _Line, order: _Order) -> Part:
    """A part with a structured dose; its frequency from the timing, else from the text."""
    timing, sig = line.timing, line.sig
    rhythm = timing.rhythm
    if rhythm is None and sig is not None and not timing.problems:
        rhythm = sig.rhythm
    problems = list(timing.problems)
    clash = clash_of(dose, timing, rhythm, sig)
    if clash:
        order.tell("conflict", clash, needed=True)
        problems.append(clash)
    if dose.rate:
        single = dose.high / rhythm.per_day if rhythm and not order.intrathecal else None
        part = _part(dose.high, dose.low, single, rhythm, dose, problems)
        part.mean = None
        return part
    if rhythm is None:
        low, daily = (None, None) if clash or timing.problems else stated_a_day(dose, sig)
        return _part(daily, low, dose.high, None, dose, problems)
    return _part(dose.high * rhythm.per_day, dose.low * rhythm.per_day_low, dose.high, rhythm, dose, problems)


def _part(  # noqa: PLR0913, PLR0917
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


def _from_text(flaw: Flaw, line: _Line, order: _Order) -> Part:
    """A part whose dose only the text says, or nothing does."""
    timing, sig = line.timing, line.sig
    rhythm = timing.rhythm or (sig.rhythm if sig and not timing.problems else None)
    problems = list(timing.problems)
    if sig is None or sig.written_value is None or not _may_replace(flaw, sig):
        says = flaw.says
        if flaw.kind == "missing" and flaw.open and line.text:
            says = "the dosage is a text from which no dose can be computed"
        part = Part(volume_ml=flaw.volume_ml or (sig.volume_ml if sig else None), problems=(says, *problems))
        part.written_value, part.written_unit = flaw.value, flaw.written or None
        if sig is None and flaw.open and not order.intrathecal:
            part.at_least = greatest_part(line.text, order.medicine, order.terms)
        if rhythm is not None:
            part.per_day, part.interval_h, part.once = rhythm.per_day, rhythm.interval_h, rhythm.once
        return part
    single, low = sig.single, sig.single_low
    dose = Dose(low or Decimal(), single or Decimal(), sig.written_unit or "", sig.written_value)
    dose = replace(dose, volume_ml=sig.volume_ml)
    if sig.stated_daily:
        part = _part(sig.daily, sig.daily_low, single, rhythm, dose, problems)
        part.mean = None
        return part
    if rhythm is None or single is None:
        return _part(None, None, single, None, dose, problems)
    return _part(single * rhythm.per_day, (low or single) * rhythm.per_day_low, single, rhythm, dose, problems)


def _may_replace(flaw: Flaw, sig: SigReading) -> bool:
    """May the text stand in for a structured dose that is missing, or has no unit but the same number?"""
    return flaw.open and (flaw.value is None or flaw.value == sig.written_value)


def _finish(part: Part, line: _Line, reader: DoseReader, order: _Order) -> None:
    """As-needed maximum, single administrations, days of the week, plausibility, the route's unit."""
    part.as_needed = line.as_needed
    if order.intrathecal and not part.continuous and _BOLUS.search(line.text):
        part.once = True
    if part.once and part.single is not None:
        part.daily = part.single
    tell_single_above(line.raw, part.single, reader, order.tell)
    part.daily = _up_to_maximum(part.daily, part, line, reader, order)
    daily, single = part.daily, part.single
    if (daily is not None and daily >= _ABSURD_MG) or (single is not None and single >= _ABSURD_MG):
        part.daily = part.daily_low = part.single = None
        part.problems += (f"a dose of {part.written_value:f} {part.written_unit} is not possible",)
        return
    if daily is None and single is not None and not line.timing.problems:
        says = "as needed, without a maximum" if line.as_needed else "how often the dose is taken is missing"
        part.problems += (says,)
    if daily is None or line.as_needed:
        part.daily_low = None
    elif part.daily_low is not None and part.daily_low > daily:
        part.daily_low = daily
    if daily is not None and (part.mean is not None or line.timing.weekdays < 7):
        part.problems += _uneven(daily, part, line.timing, order)
    if order.intrathecal:
        _to_micrograms(part)


def _to_micrograms(part: Part) -> None:
    part.daily = tidy(part.daily * _MCG) if part.daily is not None else None
    part.daily_low = tidy(part.daily_low * _MCG) if part.daily_low is not None else None
    part.single = tidy(part.single * _MCG) if part.single is not None else None
    part.mean = tidy(part.mean * _MCG) if part.mean is not None else None
    part.continuous = not part.once and (part.continuous or part.daily is not None)


def _uneven(daily: Decimal, part: Part, timing: Timing, order: _Order) -> tuple[str, ...]:
    """A note when the dose of a taking day is not the average dose of a day."""
    mean = part.mean
    if timing.weekdays < 7:
        mean = (mean or daily) * timing.weekdays / 7
    part.mean = round(mean, 1) if mean is not None and mean < daily else None
    if mean is None or mean >= daily:
        return ()
    unit, by = ("mcg", _MCG) if order.intrathecal else ("mg", Decimal(1))
    taking, average = f"{_plain(daily * by)} {unit}", f"{_plain(mean * by)} {unit}"
    return (f"not taken every day: {taking} on a taking day, {average} on average",)


def _plain(value: Decimal) -> str:
    return f"{round(value, 1).normalize():f}"


def _up_to_maximum(daily: Decimal | None, part: Part, line: _Line, reader: DoseReader, order: _Order) -> Decimal | None:
    """As needed: the stated maximum and frequency both bind. Else a maximum below the dose is told."""
    maxima, at = read_maxima(line.raw.get("maxDosePerPeriod"), part.single, reader, order.tell), ".maxDosePerPeriod"
    if not maxima and line.sig is not None and line.sig.max_daily is not None:
        maxima, at = [Maximum(line.sig.max_daily, DAY_H)], ".text"
    if line.as_needed:
        return min((one.a_day for one in maxima if daily is None or one.a_day < daily), default=daily)
    if daily is not None:
        average = Decimal() if part.once else (part.mean or daily) * line.timing.weekdays / 7
        if any(one.is_exceeded(daily, average) for one in maxima):
            order.tell("conflict", "the dosage exceeds its own maximum per period; the dose is judged", at)
        elif at == ".text" and all(one.a_day > daily for one in maxima):
            says = "the text states a maximum above its dose; whether more is taken is not said, the dose is judged"
            order.tell("conflict", says, at, needed=True)
    return daily
