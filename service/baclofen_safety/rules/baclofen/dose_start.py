"""The first dose of a patient new to baclofen: nobody is tolerant yet, and older people least of all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Known
from ...core.rule import DoseCap, Finding, Said, Severity
from .said import evidence, frailty, is_known_user, kidney_below, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

LOWER = {Severity.HIGH: Severity.MODERATE, Severity.MODERATE: Severity.LOW}


def starting_dose(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.person.adult_or_unknown or kidney_below(facts, limits["dose-kidney-below"]) or is_known_user(facts):
        return
    frail = frailty(facts, limits["older-age"])
    for order in facts.oral.started_within(limits.int("new-start-days")):
        naive = facts.oral.naive(order)
        dose = _first_dose(facts, order)
        if dose is None or (isinstance(naive, Known) and not naive.value):
            continue
        severity = _start_severity(dose, limits, frail=bool(frail))
        if severity is None:
            continue
        sure, since = isinstance(naive, Known), _running_since(facts, order, limits)
        cap, cap_words = _start_cap(limits, frail=bool(frail))
        yield Finding(
            severity if sure and since is None else LOWER[severity],
            (evidence(order, f"{shown(dose)} mg/day"),),
            (order.ref,),
            values={"dose": shown(dose), "cap": cap_words, "date": since or ""},
            notes=(
                *(() if sure else ("exposure-unknown",)),
                *(() if since is None else ("running",)),
                *frail,
                *(() if isinstance(facts.kidney.band, Known) else ("kidney-unknown",)),
            ),
            cap=DoseCap(cap) if sure and since is None else None,  # it could cut the dose of somebody who takes it
            same_as=order.ref,
        )


def _running_since(facts: Facts, order: Order, limits: Limits) -> date | None:
    """The day a signed order began, once it has run for days: no start any more. None: it may not have begun."""
    if order.status == "draft" or order.start is None:
        return None
    days = (facts.as_of.date() - order.start.day).days
    return order.start.day if days >= limits["taper-not-begun-days"] else None


def _first_dose(facts: Facts, order: Order) -> Decimal | None:
    """Daily dose on the first day of a new order, together with what starts beside it."""
    own = facts.oral.first_step(order)
    together = facts.oral.dose_at(order.start.first if order.start else facts.as_of)
    return max((dose.value for dose in (own, together) if isinstance(dose, Known)), default=None)


def _start_severity(dose: Decimal, limits: Limits, *, frail: bool) -> Severity | None:
    if dose >= limits["dose-start-high-from"]:
        return Severity.HIGH
    top = limits["dose-start-frail-above" if frail else "dose-start-above"]
    return Severity.MODERATE if dose > top else None


def _start_cap(limits: Limits, *, frail: bool) -> tuple[Decimal, str]:
    """The start proposed, mg/day, and how it is written."""
    if not frail:
        return limits["dose-start-cap"], shown(limits["dose-start-cap"])
    cap = limits["dose-start-frail-cap"]
    return cap, f"{shown(limits['dose-start-frail-low'])}-{shown(cap)}"
