"""Baclofen lowered too fast: by a plan, by one cut, in the pump, or while a pump takes over from tablets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from ...core.fact import ENDED, Known, Unknown, is_yes
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.rule import Finding, Gap, Said, Severity
from ...core.taper import has_weak_kidneys, plan_taper
from ...core.timeline import DoseChange
from .said import count_days
from .withdrawal_parts import (
    cite_orders,
    first_step_on,
    is_at_most_days_old,
    name_orders,
    read_taper,
    value_of,
)
from .withdrawal_pump import pump_dropped

NOT_DAILY = "not-daily"
TOO_MUCH_BACLOFEN = frozenset({"toxicity", "overdose", "kidney"})


@dataclass(frozen=True, slots=True)
class Descent:
    """Drops that count as one plan, oldest first; ``new`` are those the rule judges."""

    drops: tuple[DoseChange, ...]
    new: tuple[DoseChange, ...]

    @property
    def first(self) -> DoseChange:
        return self.drops[0]

    @property
    def last(self) -> DoseChange:
        return self.drops[-1]

    def until_next(self, drop: DoseChange) -> timedelta | None:
        """Time from a drop to the one after it; None for the last."""
        later = self.drops[self.drops.index(drop) + 1 :]
        return later[0].at - drop.at if later else None


@dataclass(frozen=True, slots=True)
class TooFast:
    """What is wrong with a descent: the part of it from ``before`` to ``after``."""

    severity: Severity
    drop: DoseChange
    before: Decimal
    after: Decimal
    time: timedelta


def tapered_too_fast(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-07."""
    plan = facts.oral.plan
    if plan is not None and not plan.dated:
        yield Gap("undated", needs=(ENDED,), evidence=cite_orders(plan.orders))
    for descent in _descents(facts, limits):
        faults = tuple(_find_faults(descent, facts, limits))
        if not faults or _keeps_to_renal_steps(descent, facts, limits):
            continue
        worst = max(faults, key=lambda fault: fault.severity.rank)
        established = facts.oral.established(descent.first.at)
        if isinstance(established, Unknown):
            yield Gap("history-unknown", needs=established.needs, high=worst.severity is Severity.HIGH)
        elif established.value:
            yield _say_too_fast(worst, descent, facts, limits)
    yield from pump_dropped(facts, limits)


def _descents(facts: Facts, limits: Limits) -> Iterator[Descent]:
    """Drops not further apart than one plan reaches, without a rise between; only with something new in them.

    What is taken up again after nothing is a plan of its own. A lone drop to nothing is a stop, not a plan, but for
    one ahead after which baclofen goes on: a plan with a hole.
    """
    reach = timedelta(days=limits.int("plan-days"))
    groups: list[list[DoseChange]] = []
    open_group = False
    for change in facts.oral.changes:
        if change.after > change.before:
            open_group = False
        elif open_group and groups[-1][-1].after and change.at - groups[-1][-1].at <= reach:
            groups[-1].append(change)
        else:
            groups.append([change])
            open_group = True
    for group in groups:
        new = tuple(change for change in group if is_at_most_days_old(change.at, reach.days, facts))
        if new and (group[0].after or _is_hole(group[0], facts)):
            yield Descent(tuple(group), new)


def _is_hole(drop: DoseChange, facts: Facts) -> bool:
    """Is it ahead that nothing is ordered for a time, between doses?"""
    goes_on = any(level.start > drop.at for level in facts.oral.line.levels)
    return not drop.after and goes_on and drop.at > facts.as_of


def _find_faults(descent: Descent, facts: Facts, limits: Limits) -> Iterator[TooFast]:
    first, last = descent.first, descent.last
    time = last.at - first.at
    hasty = time < timedelta(days=limits.int("to-nothing-days"))
    if hasty and not last.after and first.before >= limits["to-nothing-from"]:
        yield TooFast(Severity.HIGH, first, first.before, last.after, time)
    careful = _needs_care(descent, facts, limits)
    for drop in descent.new:
        severity = _rate_drop(drop, descent.until_next(drop), careful, limits)
        if severity is not None:
            yield TooFast(severity, drop, drop.before, drop.after, descent.until_next(drop) or timedelta(1))


def _rate_drop(drop: DoseChange, wait: timedelta | None, careful: bool, limits: Limits) -> Severity | None:
    """How bad one drop is; ``wait`` is the time to the next, ``careful`` a patient to go slower with."""
    size = drop.before - drop.after
    large = size > limits["large-drop-above"]
    at_once = wait is not None and wait < timedelta(days=limits.int("large-drop-days"))
    halved = size > drop.before * limits["drop-share-above"] and drop.before > limits["drop-share-dose-above"]
    if halved or (large and at_once):
        return Severity.HIGH
    hasty = wait is not None and wait < timedelta(days=limits.int("careful-days"))
    if large or (careful and (size > limits["careful-drop-above"] or hasty)):
        return Severity.MODERATE
    return None


def _needs_care(descent: Descent, facts: Facts, limits: Limits) -> bool:
    """A high dose of late, or a high risk of withdrawal."""
    highest = value_of(facts.oral.highest_28d) or descent.first.before
    return facts.risk.wd_tier.is_high or max(highest, descent.first.before) >= limits["careful-dose-from"]


def _keeps_to_renal_steps(descent: Descent, facts: Facts, limits: Limits) -> bool:
    """Lowered because there is too much baclofen, in steps as small and as slow as the renal ladder's."""
    reasons = {reason for drop in descent.drops for order in drop.orders for reason in order.stop_reasons}
    aki = facts.kidney.aki
    because = (
        bool(reasons & TOO_MUCH_BACLOFEN)
        or has_weak_kidneys(facts, limits)
        or (isinstance(aki, Known) and aki.value is not None)
        or is_yes(facts.signs.toxicity_suspected)
    )
    small = all(drop.before - drop.after <= limits["renal-drop-up-to"] for drop in descent.drops)
    stay = timedelta(days=limits.int("renal-days-from"))
    return because and small and all(b.at - a.at >= stay for a, b in pairwise(descent.drops))


def _say_too_fast(fault: TooFast, descent: Descent, facts: Facts, limits: Limits) -> Finding:
    orders = tuple(dict.fromkeys(order for drop in descent.drops for order in drop.orders))
    uneven = any(step.mean is not None for order in orders for step in order.steps)
    taper, notes = read_taper(
        plan_taper(
            facts,
            limits,
            start_dose=fault.drop.before,
            target=descent.last.after,
            day0=max(fault.drop.at.date(), first_step_on(facts, limits)),
            exposure_days=facts.oral.exposure_days(descent.first.at),
            orders=orders,
            replacing=True,
            lower_since=fault.drop.at,
        )
    )
    return Finding(
        fault.severity,
        evidence=cite_orders(orders),
        implicated=name_orders(orders),
        values={"from": fault.before, "to": fault.after, "unit": "mg/day", "days": count_days(fault.time.days or 1)},
        notes=(NOT_DAILY, *notes) if uneven else notes,
        taper=None if uneven or _is_hole(fault.drop, facts) else taper,  # the steps after it are ordered already
        same_as=str(descent.first.at.date()),
    )
