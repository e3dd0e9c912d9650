"""Dose arithmetic: doses per day, the gap between doses, numbers that differ. Decimal throughout."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

DAY_H = Decimal(24)
_MINUTES_A_DAY = 1440
_EXACT = Decimal(10) ** 20  # beyond it a number is not written out


def doses_per_day(doses: Decimal, period_h: Decimal) -> Decimal:
    """Doses on a taking day when ``doses`` are taken in every ``period_h`` hours.

    Up to a day: the average (every 5 hours is 4.8). Longer periods: the most that falls on one day if the
    doses are spread evenly, so that "once in two days" is 1, not 0.5. ``period_h`` is above zero.
    """
    mean = doses * DAY_H / period_h
    return mean if period_h <= DAY_H else mean.to_integral_value(ROUND_CEILING)


def mean_per_day(doses: Decimal, period_h: Decimal) -> Decimal:
    """Doses per day averaged over the whole period."""
    return doses * DAY_H / period_h


def interval_h(per_day: Decimal) -> Decimal | None:
    """Hours between doses when only their number a day is known."""
    return DAY_H / per_day if per_day > 0 else None


def smallest_gap_h(minutes: Iterable[int]) -> Decimal | None:
    """The smallest distance in hours between clock times (minutes after midnight), over midnight too."""
    clock = sorted(set(minutes))
    if not clock:
        return None
    gaps = [later - earlier for earlier, later in pairwise(clock)]
    gaps.append(clock[0] + _MINUTES_A_DAY - clock[-1])
    return Decimal(min(gaps)) / 60


def tidy(value: Decimal) -> Decimal:
    """The same number without trailing zeros, written without an exponent: 350.000 is 350."""
    whole = value.quantize(Decimal(1)) if abs(value) < _EXACT else value
    return whole if value == whole else value.normalize()


def differ(a: Decimal, b: Decimal, share: Decimal) -> bool:
    """Do two amounts differ by more than ``share`` (0.1 = 10 %) of the smaller one?"""
    return abs(a - b) > share * min(abs(a), abs(b))
