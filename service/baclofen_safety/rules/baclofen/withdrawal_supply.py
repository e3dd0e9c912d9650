"""A supply that ran out, and a course that is about to."""

from __future__ import annotations

from collections.abc import Iterator

from ...core.concepts import BACLOFEN
from ...core.fact import DOSED, ENDED, Known, Need, Unknown, is_no, is_yes
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.moment import Moment
from ...core.rule import Finding, Gap, Said, Severity
from .withdrawal_parts import (
    cite_orders,
    days_ahead,
    is_dependent,
    known_values,
    name_orders,
    note_if,
    offer_taper,
    value_of,
)

REFILLS = (Need("MedicationRequest", (BACLOFEN,), parts=("refills",)),)


def refill_gap(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-03."""
    oral = facts.oral
    used = oral.used_without_order
    misrouted = any(order.route_group in ("other", "unknown") for order in facts.chart.baclofen)
    if used is not None and not misrouted and used.days_before(facts.as_of) <= limits["gap-up-to"]:
        yield Gap("no-order", values={"date": used}, needs=(Need("MedicationRequest", (BACLOFEN,)),))
    if not oral.on_oral or oral.prn_only or _is_small_supply(facts, limits):
        return
    gap, end = oral.gap_days, oral.supply_end
    if isinstance(gap, Unknown) or isinstance(end, Unknown):
        if _is_first_draft(facts):
            return
        if isinstance(gap, Unknown) and isinstance(end, Known):
            yield Gap("fills-lacking", {"date": end.value}, gap.needs, gap.evidence)
            return
        missing = [fact for fact in (gap, end) if isinstance(fact, Unknown)]
        yield Gap("supply-unknown", needs=missing[0].needs, evidence=missing[0].evidence)
        return
    days = gap.value
    if days > limits["gap-up-to"]:
        filled = (Need("MedicationDispense", (BACLOFEN,), end.value.first),)
        yield Gap("no-fill", values={"n": days}, needs=filled, evidence=gap.evidence, high=False)
        return
    severity = _rate_gap(days, limits)
    if severity is None or not is_dependent(oral.established(end.value.first)):
        return
    if severity is Severity.LOW and oral.refills_left is None:
        yield Gap("refills-unknown", values={"date": end.value}, needs=REFILLS, high=False)
    elif severity is not Severity.LOW or not oral.refills_left:
        yield _say_gap(severity, days, end, facts, limits)


def _is_first_draft(facts: Facts) -> bool:
    """Nothing but drafts of a patient known to take none: there is no supply yet that could run out."""
    return all(order.status == "draft" and is_yes(facts.oral.naive(order)) for order in facts.oral.in_force)


def _rate_gap(days: int, limits: Limits) -> Severity | None:
    """The line of the rule that a gap meets; negative days are days left."""
    if days >= limits["gap-late-from"]:
        return Severity.MODERATE
    if days >= limits["gap-high-from"]:
        return Severity.HIGH
    if days >= limits["gap-from"]:
        return Severity.MODERATE
    return Severity.LOW if -days <= limits["supply-low-up-to"] else None


def _say_gap(severity: Severity, days: int, end: Known[Moment], facts: Facts, limits: Limits) -> Finding:
    supply = facts.oral.last_supply
    ran_out = days >= limits["gap-from"]
    orders = facts.oral.in_force
    return Finding(
        severity,
        evidence=end.evidence or cite_orders(orders),
        implicated=name_orders(orders),
        values=known_values(
            {
                "ended_or_ends": "ended" if ran_out else "ends",
                "date": end.value,
                "gap": abs(days),
                "filled": supply.handed_over if supply is not None else None,
                "supply": supply.days if supply is not None else None,
            }
        ),
        notes=note_if(restart=days >= limits["restart-long-from"]),
        marks=frozenset({"gap-1-day"} if ran_out else {"low-line"}),
        same_as=str(end.value),
    )


def _is_small_supply(facts: Facts, limits: Limits) -> bool:
    """The last fill was for a dose that may be stopped from."""
    supply = facts.oral.last_supply
    daily = supply.daily if supply is not None and supply.daily is not None else value_of(facts.oral.daily_dose)
    return daily is not None and daily <= limits["low-stop-dose"]


def course_ending(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-06."""
    oral = facts.oral
    dose = value_of(oral.daily_dose)
    if not oral.on_oral or oral.plan is not None or (dose is not None and dose <= limits["low-stop-dose"]):
        return
    established = oral.established(facts.as_of)
    end = None if is_no(established) else _end_ahead(facts, limits)
    if isinstance(end, Gap):
        yield end
        return
    if end is None:
        return
    if dose is None or isinstance(established, Unknown):
        reason = "dose-unknown" if dose is None else "history-unknown"
        needs = established.needs if isinstance(established, Unknown) and dose is not None else (DOSED,)
        yield Gap(reason, values={"date": end}, needs=needs)
        return
    taper, notes = offer_taper(facts, limits, oral.in_force, dose, oral.exposure_days(facts.as_of))
    yield Finding(
        Severity.MODERATE,
        evidence=cite_orders(oral.in_force),
        implicated=name_orders(oral.in_force),
        values={"date": end, "dose": dose},
        notes=notes,
        taper=taper,
        same_as=str(end),
    )


def _end_ahead(facts: Facts, limits: Limits) -> Moment | Gap | None:
    """The day soon after which nothing is ordered or nothing is left; a gap when nobody knows."""
    oral, days = facts.oral, limits.int("course-end-days")
    planned, supply = oral.planned_end, oral.supply_end
    if planned is not None and _is_over_soon(planned, facts, days) and not oral.follow_on(planned.first):
        return planned
    if isinstance(supply, Known):
        if not _is_soon(supply.value, facts, days) or _is_renewed(facts) or oral.refills_left:
            return None
        over = oral.dispense_until
        if oral.refills_left is None and (over is None or over.last > supply.value.last):
            return Gap("refills-unknown", values={"date": supply.value}, needs=REFILLS)
        return supply.value
    end = oral.order_end
    if isinstance(end, Unknown):
        return Gap("no-end", needs=end.needs)
    if planned is None and days_ahead(end.value, facts) < 0:
        return Gap("no-end", needs=(ENDED, Need("MedicationDispense", (BACLOFEN,), end.value.first)))
    follows = oral.follow_on(end.value.first) if planned is not None else _is_renewed(facts)
    return end.value if _is_soon(end.value, facts, days) and not follows else None


def _is_over_soon(planned: Moment, facts: Facts, days: int) -> bool:
    """Soon, or whenever what was to follow on was called off: nobody may look before it ends."""
    return _is_soon(planned, facts, days) or (planned.first > facts.as_of and facts.oral.called_off(planned.first))


def _is_soon(end: Moment, facts: Facts, days: int) -> bool:
    return 0 <= days_ahead(end, facts) <= days


def _is_renewed(facts: Facts) -> bool:
    """Is there a draft, or an order written after the newest fill?"""
    supply = facts.oral.last_supply
    filled = supply.handed_over if supply is not None else None
    return bool(facts.oral.drafts) or any(
        order.start is not None and filled is not None and order.start.first > filled.last
        for order in facts.oral.in_force
    )
