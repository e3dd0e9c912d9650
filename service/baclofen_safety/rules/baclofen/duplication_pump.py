"""Baclofen swallowed while a pump delivers it: the tablets were for the time before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Unknown
from ...core.rule import Finding, Gap, Said, Severity
from .said import coming_steps, daily_words, days, evidence, refs, shown, treats_withdrawal

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

RESCUE = "fact-rescue-supply"
WEANING = "fact-oral-weaning-plan"


def oral_beside_pump(facts: Facts, limits: Limits) -> Iterator[Said]:
    scheduled = tuple(o for o in facts.oral.in_force if not (o.as_needed or RESCUE in o.concepts))
    active = facts.it.active
    if not scheduled or _is_meant(facts, scheduled):
        return
    if isinstance(active, Unknown):
        yield Gap("delivery-unclear", {}, active.needs, active.evidence)
        return
    if not active.value or _is_new(facts, limits):
        return
    dose, whole = _dose(scheduled, facts)
    sedated, known = facts.signs.sedated, facts.it.started_at is not None
    high = sedated or dose >= limits["duplicate-oral-high-from"]
    notes = (("start-unknown", not known), ("dose-unknown", not whole), ("sedated", sedated))
    yield Finding(
        (Severity.HIGH if high else Severity.MODERATE) if known else Severity.LOW,
        (*(evidence(order, daily_words(order)) for order in scheduled), *active.evidence),
        refs((*scheduled, *facts.it.in_force)),
        values={"dose": shown(dose)} if dose else {},
        notes=tuple(note for note, holds in notes if holds),
    )


def _is_meant(facts: Facts, scheduled: tuple[Order, ...]) -> bool:
    """A plan to wean, or a bridge over a withdrawal that is treated in hospital."""
    if facts.oral.plan is not None or any(WEANING in order.concepts for order in scheduled):
        return True
    planned = any(WEANING in act.concepts and act.state in ("active", "planned", "done") for act in facts.chart.acts)
    return planned or bool(facts.person.flagged(WEANING)) or treats_withdrawal(facts, scheduled)


def _is_new(facts: Facts, limits: Limits) -> bool:
    """Begun so short a time ago that tablets still overlap, or only drafted."""
    begun = facts.it.started_at
    if begun is not None:
        return begun.within(days(limits, "duplicate-pump-days"), facts.as_of)
    return any(order.status == "draft" for order in facts.it.in_force)


def _dose(scheduled: tuple[Order, ...], facts: Facts) -> tuple[Decimal, bool]:
    """mg/day of the steps in force or next, and whether all of them could be computed."""
    doses = [step.daily for order in scheduled for step in coming_steps(order, facts.as_of)[:1]]
    return sum((dose for dose in doses if dose is not None), Decimal(0)), None not in doses
