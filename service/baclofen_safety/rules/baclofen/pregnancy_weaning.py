"""A nursed child loses the baclofen in the milk when the mother stops it, or stops nursing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import Known, is_yes
from ...core.measuring import span
from ...core.rule import Finding, Said, Severity
from .said import daily_words, evidence, refs

if TYPE_CHECKING:
    from ...core.fact import Evidence
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

    Lost = tuple[str, tuple[Evidence, ...], tuple[Order, ...]]
    """How the child loses it (a note), what says so, and the orders."""


def weaning(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-LACT-02."""
    nursing = facts.motherhood.nursing
    if not isinstance(nursing, Known):
        return
    ended = nursing.value.ended
    lately = ended is not None and ended.within(span(limits["weaning-days"]), facts.as_of)
    if not nursing.value.now and not lately:
        return
    lost = tuple(_stopped(facts, limits)) + (_nursing_ended(facts) if lately else ())
    if lost:
        yield Finding(
            Severity.LOW,
            (*nursing.value.evidence, *dict.fromkeys(one for _, says, _ in lost for one in says)),
            refs(order for _, _, orders in lost for order in orders),
            notes=tuple(note for note, _, _ in lost),
        )


def _stopped(facts: Facts, limits: Limits) -> Iterator[Lost]:
    """Stopped lately, by mouth or by pump, or on the way down."""
    stop, ended, plan = facts.oral.stop, facts.it.ended, facts.oral.plan
    stops = [stop.value] if isinstance(stop, Known) and stop.value is not None else []
    stops += [ended] if ended is not None and not is_yes(facts.it.active) else []
    for one in stops:
        if one.at.within(span(limits["weaning-days"]), facts.as_of):
            yield "stopped", one.evidence, one.orders
    if plan is not None and any(dose < plan.steps[0][1] and at <= facts.as_of for at, dose in plan.steps):
        yield "coming-down", tuple(evidence(order, daily_words(order)) for order in plan.orders), plan.orders


def _nursing_ended(facts: Facts) -> tuple[Lost, ...]:
    """Nursing ended while the mother takes baclofen."""
    orders = (*facts.oral.in_force, *(facts.it.in_force if is_yes(facts.it.active) else ()))
    if not orders:
        return ()
    return (("nursing-ended", tuple(evidence(order, daily_words(order)) for order in orders), orders),)
