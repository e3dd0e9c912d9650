"""Baclofen that stops suddenly brings seizures, hallucinations, fever and rigidity within hours to days.

Out of a pump it kills. These rules look for every way in which a patient comes to be without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ...core.fact import Fact, Known, Reason, Unknown, is_yes
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.rule import Finding, Gap, Judge, Said, Severity
from ...core.timeline import Hold, Stop
from .said import in_micrograms
from .withdrawal_doubts import doubt_hold, doubt_stop
from .withdrawal_parts import (
    cite_orders,
    is_dependent,
    is_unknown,
    known_values,
    name_orders,
    note_if,
    offer_taper,
    rate_interruption,
    value_of,
)
from .withdrawal_pump import cut_at_pump_start, pump_ended
from .withdrawal_restart import restarted
from .withdrawal_stay import left_off, without_food
from .withdrawal_steps import tapered_too_fast
from .withdrawal_supply import course_ending, refill_gap

STOP_JUSTIFIED = frozenset({"toxicity", "overdose", "serious-reaction", "allergy"})
HOLD_JUSTIFIED = frozenset({"toxicity", "overdose", "kidney", "sedation"})


def stopped(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-01."""
    stop = facts.oral.line_stop if is_yes(facts.it.active) else facts.oral.stop
    if isinstance(stop, Unknown):
        yield Gap("stop-date-unknown", needs=stop.needs, evidence=stop.evidence)
    elif stop.value is not None and _is_open(stop.value, facts, limits):
        yield from _judge_stop(stop.value, facts, limits)
    yield from doubt_stop(facts)


def _is_open(stop: Stop, facts: Facts, limits: Limits) -> bool:
    """A current stop of scheduled baclofen that nothing has followed yet."""
    rescue = all(order.as_needed for order in stop.orders) and is_yes(facts.it.active)
    resumed = stop.resumed is not None and stop.resumed <= facts.as_of
    return stop.at.within(timedelta(days=limits.int("stop-current-days")), facts.as_of) and not rescue and not resumed


def _judge_stop(stop: Stop, facts: Facts, limits: Limits) -> Iterator[Finding]:
    if any(map(in_micrograms, stop.orders)):  # milligrams were meant, or it was never taken like that
        stop = replace(stop, dose=Unknown(Reason.CONFLICT))
    dose, days, justified = value_of(stop.dose), value_of(stop.days), bool(stop.reasons & STOP_JUSTIFIED)
    if dose is not None and dose <= limits["low-stop-dose"]:
        return
    if is_dependent(stop.established):
        severity = Severity.HIGH if is_unknown(stop.established) else rate_interruption(facts, limits, dose)
    elif _is_short_but_large(stop, limits):
        severity = Severity.MODERATE
    else:
        return
    offered = (
        (None, ()) if justified else offer_taper(facts, limits, stop.orders, dose, stop.days, lower_since=stop.at.first)
    )
    yield Finding(
        Severity.MODERATE if justified else severity,
        evidence=stop.evidence or cite_orders(stop.orders),
        implicated=name_orders(stop.orders),
        values=known_values({"dose": dose, "days": days, "date": stop.at}),
        notes=note_if(
            justified=justified,
            dose_unknown=is_unknown(stop.dose, stop.established),
            date_uncertain=not stop.certain,
            as_planned=stop.as_planned,
            start_unknown=_is_assumed(stop.established),
        )
        + offered[1],
        marks=frozenset({"stop-justified"} if justified else ()),
        taper=offered[0],
        same_as=str(stop.at) if stop.certain else "",
    )


def _is_short_but_large(stop: Stop, limits: Limits) -> bool:
    """Taken for less than it takes to be established, yet long and much enough."""
    dose, days = value_of(stop.dose), stop.days
    much = dose is None or dose >= limits["short-use-dose-from"]
    return much and isinstance(days, Known) and days.value >= limits["short-use-days-from"]


def _is_assumed(fact: Fact[bool]) -> bool:
    return isinstance(fact, Known) and fact.how == "assumed"


def held(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-02."""
    holds = tuple(hold for hold in facts.oral.holds if _leaves_without(hold, limits))
    if not holds:
        yield from doubt_hold(facts, limits)
        return
    orders = tuple(hold.order for hold in holds)
    unknown = is_unknown(*(hold.dose for hold in holds))
    doses = (hold.dose.value for hold in holds if isinstance(hold.dose, Known))
    dose = None if unknown else sum(doses, Decimal(0))
    justified = all(hold.reasons & HOLD_JUSTIFIED for hold in holds)
    since = min((hold.since for hold in holds if hold.since is not None), key=lambda at: at.first, default=None)
    yield Finding(
        Severity.MODERATE if justified else rate_interruption(facts, limits, dose),
        evidence=tuple(e for hold in holds for e in hold.evidence) or cite_orders(orders),
        implicated=name_orders(orders),
        values=known_values({"dose": dose, "date": since}),
        notes=note_if(
            justified=justified,
            dose_unknown=unknown,
            date_uncertain=not all(hold.certain for hold in holds),
            length_unknown=any(hold.planned_h is None for hold in holds),
            bridge=any(_is_long(hold, limits["bridge-above-h"]) for hold in holds),
        ),
        variant="inpatient" if facts.hospital.stay is not None else None,
        marks=frozenset({"hold-justified"} if justified else ()),
    )


def _leaves_without(hold: Hold, limits: Limits) -> bool:
    """A hold of somebody dependent, without a bridge, as long as matters or of unknown length."""
    long = hold.planned_h is None or _is_long(hold, limits["hold-hours-from"])
    return is_dependent(hold.established) and not hold.bridged and long


def _is_long(hold: Hold, hours: Decimal) -> bool:
    return any(length is not None and length >= hours for length in (hold.planned_h, hold.elapsed_h))


RULES: Mapping[str, Judge] = {
    "BAC-WD-01": stopped,
    "BAC-WD-02": held,
    "BAC-WD-03": refill_gap,
    "BAC-WD-04": left_off,
    "BAC-WD-05": without_food,
    "BAC-WD-06": course_ending,
    "BAC-WD-07": tapered_too_fast,
    "BAC-WD-08": restarted,
    "BAC-WD-09": cut_at_pump_start,
    "BAC-WD-10": pump_ended,
}
