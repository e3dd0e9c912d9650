"""Stepping oral baclofen down: which ladder fits the patient, and its rungs to the day and the split.

Ladders, steps and stays are data (``rules/baclofen/taper.toml``); this module walks them. Doses are mg/day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from .fact import Fact, Known, is_yes
from .taper_refusal import find_dose_refusal, find_no_need, find_refusal

if TYPE_CHECKING:
    from .facts import Facts
    from .knowledge import Limits
    from .medicines import Order
    from .moment import Moment

ZERO = Decimal(0)


class Mode(StrEnum):
    """The ladders, by who they are for."""

    STANDARD = "STANDARD"
    HIGH = "HIGH"
    RENAL = "RENAL"
    SHORT = "SHORT"
    CHILD = "CHILD"


@dataclass(frozen=True, slots=True)
class Rung:
    """One dose of a schedule, from ``day`` (0 = first day at a lower dose) on date ``on``.

    ``split`` is morning to bedtime, empty at 0. ``days`` is None where the schedule ends: at 0 (stop), or at
    the target, which is kept.
    """

    day: int
    on: date
    daily: Decimal
    split: tuple[Decimal, ...]
    days: int | None


@dataclass(frozen=True, slots=True)
class TaperPlan:
    """A schedule to offer. ``kidney_check`` is the day of the newest kidney test; None = never tested."""

    mode: Mode
    start_dose: Decimal
    target: Decimal
    rungs: tuple[Rung, ...]
    kidney_check: Moment | None = None


@dataclass(frozen=True, slots=True)
class TaperRefusal:
    """No schedule may be suggested. ``reason`` names a sentence of ``taper.toml``."""

    reason: str

    @property
    def note(self) -> str:
        """The key of the sentence that tells the clinician."""
        return f"taper-{self.reason}"


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Which limits a ladder has beside its step and its stay."""

    large_steps: bool = False  # larger steps above a dose
    slow_end: bool = False  # longer stays at and below a dose
    least_total: bool = False  # the last stay is stretched to a least total
    liquid: bool = False  # measured in liquid units, not in tablets


_LADDERS = {
    Mode.STANDARD: _Ladder(large_steps=True),
    Mode.HIGH: _Ladder(slow_end=True),
    Mode.RENAL: _Ladder(large_steps=True),
    Mode.SHORT: _Ladder(large_steps=True, least_total=True),
    Mode.CHILD: _Ladder(liquid=True),
}


def plan_taper(  # noqa: PLR0913 - one argument per fact of the plan, by name
    facts: Facts,
    limits: Limits,
    *,
    start_dose: Decimal | None,
    target: Decimal = ZERO,
    day0: date,
    exposure_days: Fact[int],
    orders: tuple[Order, ...] = (),
    replacing: bool = False,
    lower_since: datetime | None = None,
) -> TaperPlan | TaperRefusal:
    """A schedule from ``start_dose`` to ``target``, or why there must be none.

    Nobody depends on what was not begun or was taken for days only: that is stopped, not stepped down.
    ``orders`` are the orders to step down; as-needed only and topical ones get no schedule. ``replacing`` is
    True when the schedule replaces the one the patient is on. ``lower_since``: since when less, or nothing, is
    taken; after days without it ``start_dose`` would be a dose the patient is no longer used to.
    """
    reason = find_no_need(facts, limits, orders, exposure_days) or find_refusal(facts, limits, replacing=replacing)
    if reason is None and lower_since is not None and _is_long_ago(lower_since, facts, limits):
        reason = "lower-for-long"
    reason = reason or find_dose_refusal(facts, limits, start_dose, target, orders)
    if reason is not None:
        return TaperRefusal(reason)
    assert start_dose is not None  # or the dose was the reason
    mode = choose_mode(facts, limits, start_dose, exposure_days)
    if mode is None:
        return TaperRefusal("renal-and-high-risk")
    return TaperPlan(
        mode=mode,
        start_dose=start_dose,
        target=target,
        rungs=schedule(mode, start_dose, target, day0, limits),
        kidney_check=facts.kidney.last_test_at,
    )


def _is_long_ago(instant: datetime, facts: Facts, limits: Limits) -> bool:
    days = facts.as_of.date() - instant.astimezone(facts.as_of.tzinfo).date()
    return days >= timedelta(days=limits.int("taper-lower-days-from"))


def choose_mode(facts: Facts, limits: Limits, dose: Decimal, exposure_days: Fact[int]) -> Mode | None:
    """The first ladder that fits; None when weak kidneys and a high withdrawal risk meet."""
    high = facts.risk.wd_tier.is_high
    short = isinstance(exposure_days, Known) and exposure_days.value < limits["taper-short-exposure-below"]
    if short and dose <= limits["taper-short-dose-up-to"] and not high:
        return Mode.SHORT
    if _needs_liquid(facts, limits):
        return Mode.CHILD
    if has_weak_kidneys(facts, limits):
        return None if high else Mode.RENAL
    return Mode.HIGH if high else Mode.STANDARD


def has_weak_kidneys(facts: Facts, limits: Limits) -> bool:
    """On dialysis, or kidney function known to be below the band in which baclofen is avoided."""
    if is_yes(facts.kidney.dialysis):
        return True
    band = facts.kidney.band
    if not isinstance(band, Known):
        return False
    value = band.value.value
    if value is None and band.value.egfr is not None:
        value = band.value.egfr.high
    return value is not None and value < limits["taper-renal-below"]


def _needs_liquid(facts: Facts, limits: Limits) -> bool:
    if facts.person.below(limits["taper-child-age-below"]):
        return True
    weight = facts.person.weight(limits.int("taper-weight-days"))
    light = isinstance(weight, Known) and weight.value < limits["taper-child-weight-below"]
    return light and not facts.person.adult_or_unknown


def schedule(mode: Mode, dose: Decimal, target: Decimal, day0: date, limits: Limits) -> tuple[Rung, ...]:
    """The rungs below ``dose`` down to ``target``. The last has no length: stop at 0, or keep the target."""
    rungs: list[Rung] = []
    day = 0
    while dose > target:
        dose = max(_next_dose(mode, dose, limits), target)
        last = dose <= target
        days = None if last else _stay(mode, dose, day, target, limits)
        rungs.append(Rung(day, day0 + timedelta(days=day), dose, split_dose(mode, dose, limits), days))
        day += days or 0
    return tuple(rungs)


def _next_dose(mode: Mode, dose: Decimal, limits: Limits) -> Decimal:
    """The next lower dose. Odd tablet doses land on whole units first; liquid is rounded up."""
    ladder, name = _LADDERS[mode], mode.lower()
    unit = limits["taper-liquid-unit" if ladder.liquid else "taper-tablet-unit"]
    step = limits[f"taper-{name}-step"]
    if ladder.liquid:
        return max(ZERO, ((dose - step) / unit).to_integral_value(ROUND_CEILING) * unit)
    if dose % unit:
        return dose // unit * unit
    if ladder.large_steps and dose > limits[f"taper-{name}-large-above"]:
        step = limits[f"taper-{name}-large-step"]
    return max(ZERO, dose - step)


def _stay(mode: Mode, dose: Decimal, day: int, target: Decimal, limits: Limits) -> int:
    """Days on a rung that is reached on ``day``."""
    ladder, name = _LADDERS[mode], mode.lower()
    if ladder.slow_end and dose <= limits[f"taper-{name}-slow-from"]:
        return limits.int(f"taper-{name}-slow-days")
    days = limits.int(f"taper-{name}-days")
    if ladder.least_total and _next_dose(mode, dose, limits) <= target:
        return max(days, limits.int(f"taper-{name}-total-days") - day)
    return days


def split_dose(mode: Mode, daily: Decimal, limits: Limits) -> tuple[Decimal, ...]:
    """The daily dose, morning to bedtime, in whole units; spare ones go to bedtime, then to the morning on.

    What is less than a unit goes to bedtime too. The smallest doses are taken once, at bedtime.
    """
    if not daily:
        return ()
    many = daily > limits["taper-more-doses-above"]
    times = limits.int("taper-more-doses" if many else "taper-doses")
    if daily <= limits["taper-once-up-to"]:
        return (*(ZERO for _ in range(times - 1)), daily)
    unit = limits["taper-liquid-unit" if _LADDERS[mode].liquid else "taper-tablet-unit"]
    units, rest = divmod(daily, unit)
    each, spare = divmod(int(units), times)
    parts = [each * unit + (unit if place < spare - 1 else ZERO) for place in range(times - 1)]
    bedtime = each * unit + (unit if spare else ZERO) + rest
    return (*parts, bedtime)
