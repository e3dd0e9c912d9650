"""How much runs into the spine a day, how it began and how fast it rises.

Whoever raises an intrathecal dose sees the whole effect only after a day: steps that looked harmless add up to coma.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import DOSED, Known, Need, is_yes
from ...core.rule import Finding, Gap, Said, Severity
from .said import OVERRIDE, days, evidence, refs, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.screening import ItDoseChange

USUAL_RULE, STEP_RULE = "BAC-IT-02", "BAC-IT-04"


def daily_dose(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not is_yes(facts.it.active):
        return
    dose = facts.it.daily_dose
    if not isinstance(dose, Known):
        yield Gap("dose", needs=dose.needs, evidence=dose.evidence)
        return
    if not limits["it-usual-above"] < dose.value <= limits["it-daily-above"] or _is_settled(facts, limits):
        return
    yield Finding(
        Severity.MODERATE,
        dose.evidence,
        refs(facts.it.in_force[:1]),
        values={"dose": shown(dose.value), "limit": shown(limits["it-usual-above"])},
    )


def _is_settled(facts: Facts, limits: Limits) -> bool:
    """The same dose for long, and a human has acted on it."""
    since, told = facts.screening.dose_since, facts.person.acknowledged(USUAL_RULE)
    if since is None or told is None or told.at is None:
        return False
    return since <= facts.as_of - days(limits, "it-usual-settled-days") and told.at.first >= since


def titration(facts: Facts, limits: Limits) -> Iterator[Said]:
    since = (facts.as_of - days(limits, "it-rise-look-back")).replace(hour=0, minute=0, second=0, microsecond=0)
    for at, after, order in facts.screening.unclear_before:
        if at >= since:
            said = f"{shown(after)} mcg/day"
            yield Gap("previous-dose", {"dose": said}, (DOSED,), (evidence(order, said),))
    if facts.hospital.stay is not None and _is_overridden(facts):
        return
    changes = [change for change in facts.screening.it_dose_changes if change.rise > 0]
    judged = (_judge_rise(last, changes, facts, limits) for last in changes if last.at >= since)
    found = [one for one in judged if one is not None]
    if found:
        yield max(found, key=lambda one: one.severity.rank)


def _is_overridden(facts: Facts) -> bool:
    """Did a specialist decide on the step?"""
    marked = any(OVERRIDE in order.concepts for order in facts.it.in_force)
    return marked or facts.person.override(STEP_RULE) is not None


def _judge_rise(last: ItDoseChange, changes: list[ItDoseChange], facts: Facts, limits: Limits) -> Finding | None:
    """The rise that ends with ``last``, those less than the window before it added up."""
    window = days(limits, "it-rise-window")
    added = [change for change in changes if last.at - window < change.at <= last.at]
    before = min(change.before for change in added)
    rise = (last.after - before) / before
    name, notes = _limit(last.at, facts, limits)
    first_day = "first-day" in notes
    step = Decimal(0) if first_day else limits[name]
    if rise <= step:
        return None
    high = rise >= limits["it-rise-high-from"] or rise > limits["it-rise-high-times"] * limits[name]
    return Finding(
        Severity.HIGH if high else Severity.MODERATE,
        tuple(one for change in added for one in change.evidence),
        refs(change.order for change in added if change.order is not None) or refs(facts.it.in_force[:1]),
        values={
            "pct": _percent(rise),
            "limit": _percent(step),
            "d0": shown(before),
            "d1": shown(last.after),
            "cap": shown(before * (1 + step)),
        },
        notes=(
            *notes,
            *(("added",) if len(added) > 1 else ()),
            *(("planned",) if last.at > facts.as_of else ()),
        ),
        same_as=last.at.isoformat(),
    )


def _percent(part: Decimal) -> str:
    return f"{part:.1%}".replace(".0%", "%")


def _limit(at: datetime, facts: Facts, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """Name of the limit for a rise at an instant, and the notes that say why it is this one."""
    person, since = facts.person, facts.screening.since_implant(at)
    origin = person.spasticity_origin
    child = not person.adult_or_unknown
    spinal = isinstance(origin, Known) and origin.value == "spinal"
    early = _is_early(at, since, facts, limits)
    who = "child" if child else "spinal" if spinal else "cerebral" if isinstance(origin, Known) else "origin-unknown"
    notes = [who]
    if since is not None and since < days(limits, "it-first-day"):
        notes.append("first-day")
    elif early and since is None:
        notes.append("implant-unknown")
    group = "spinal" if who == "spinal" else "cerebral"
    return f"it-step-{group}-{'early' if early else 'later'}", tuple(notes)


def _is_early(at: datetime, since: timedelta | None, facts: Facts, limits: Limits) -> bool:
    """In the first weeks after the implant; without its date, unless the infusion has run for longer."""
    early = days(limits, "it-early-days")
    if since is not None:
        return since <= early
    begun = facts.it.started_at
    return begun is None or at - begun.first <= early


def first_dose(facts: Facts, limits: Limits) -> Iterator[Said]:
    order = facts.screening.first_infusion
    dose = facts.it.dose_levels[0][1] if order is not None else None
    if order is None or dose is None:
        return
    test = facts.screening.test
    if test is None or not test.mcg:
        need = Need("Observation", ("fact-screening-result", "fact-screening-effective-dose"))
        yield Gap("screening", {"dose": shown(dose)}, (need,), (evidence(order, f"{shown(dose)} mcg/day"),))
        return
    lasting = test.effect_hours is not None and test.effect_hours > limits["it-effect-hours-above"]
    strict = lasting or test.adverse
    factor = limits["it-first-factor-strict" if strict else "it-first-factor"]
    if dose <= factor * test.mcg:
        return
    yield Finding(
        Severity.HIGH if dose > limits["it-first-factor"] * test.mcg else Severity.MODERATE,
        (evidence(order, f"{shown(dose)} mcg/day"), *test.evidence),
        (order.ref,),
        values={
            "dose": shown(dose),
            "limit": shown(factor),
            "test": shown(test.mcg),
            "cap": shown(factor * test.mcg),
            "hours": shown(test.effect_hours or Decimal(0)),
        },
        notes=(*(("lasting",) if lasting else ()), *(("adverse",) if test.adverse else ())),
        same_as=order.ref,
    )
