"""Several places of one dosage that say how much is taken a day: do they agree, and what do they say together?"""

from __future__ import annotations

from decimal import Decimal

from ..core.dosing import differ
from .doses import Dose
from .frequency import Rhythm
from .sig import SigReading
from .timing import Timing

_TOLERANCE = Decimal("0.1")


def clash_of(dose: Dose, timing: Timing, rhythm: Rhythm | None, sig: SigReading | None) -> str:
    """Words for two places of one dosage that differ by more than 10 %; "" when there are none."""
    if dose.conflict:
        return "the dose is written several times and differs"
    coded = timing.coded
    if coded is not None and rhythm is not None and differ(coded.per_day, rhythm.per_day, _TOLERANCE):
        return f"the timing says {rhythm.per_day:g} doses a day, its code {coded.per_day:g}"
    if dose.a_day is not None and not _fits(dose.a_day, dose, rhythm):
        return "the amount a day beside the dose differs from the dose and its timing"
    return "the dosage text says another dose than the structured part" if sig and _differs(dose, rhythm, sig) else ""


def _fits(a_day: Decimal, dose: Dose, rhythm: Rhythm | None) -> bool:
    """Is an amount a day that of the dose as often as it is taken? Without a timing it is one dose at least."""
    if rhythm is None:
        return a_day >= dose.high
    return rhythm.once or not differ(a_day, dose.high * rhythm.per_day, _TOLERANCE)


def _differs(dose: Dose, rhythm: Rhythm | None, sig: SigReading) -> bool:
    daily = dose.high if dose.rate else dose.high * rhythm.per_day if rhythm else dose.a_day
    if daily is not None and sig.daily is not None:
        return differ(daily, sig.daily, _TOLERANCE)
    if not dose.rate and sig.single is not None:
        return differ(dose.high, sig.single, _TOLERANCE)
    other = sig.rhythm
    return bool(other and rhythm and differ(other.per_day, rhythm.per_day, _TOLERANCE))


def stated_a_day(dose: Dose, sig: SigReading | None) -> tuple[Decimal | None, Decimal | None]:
    """Lower and upper amount a day of a dose without timing: the rate beside it, else what the text states."""
    if dose.a_day is not None:
        return dose.a_day, dose.a_day
    if sig is not None and sig.stated_daily and sig.daily is not None and sig.daily >= dose.high:
        return sig.daily_low, sig.daily
    return None, None
