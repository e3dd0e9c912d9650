"""Liquids of several strengths: millilitres alone, or a bottle of another strength, are a fivefold error away."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Evidence
from ...core.liquid import previous_strength, strength_of
from ...core.rule import Finding, Said, Severity
from .said import coming_steps, evidence, oral_orders, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order


def liquid_strength(facts: Facts, limits: Limits) -> Iterator[Said]:
    fresh = facts.oral.new_orders
    for order in oral_orders(facts):
        notes, more = list(_written(order, facts)), []
        strength = strength_of(order.medicine)
        previous = previous_strength(facts.oral, order) if order in fresh and strength is not None else None
        if previous is not None and previous[0] != strength:
            notes.append("changed")
            more.append(previous[1])
        if not notes:
            continue
        single = max((step.single or Decimal(0) for step in coming_steps(order, facts.as_of)), default=Decimal(0))
        high = single > limits["liquid-single-high-above"] or "strength-unknown" in notes
        yield _finding(order, high, tuple(notes), previous, tuple(more))


def _written(order: Order, facts: Facts) -> Iterator[str]:
    """What is wrong with the way the doses of a liquid are written."""
    ways = {step.mg_and_ml for step in coming_steps(order, facts.as_of)}
    if "differ" in ways:
        yield "differ"
    if "mL" in ways:
        yield "strength-unknown" if strength_of(order.medicine) is None else "ml-only"


def _finding(
    order: Order,
    high: bool,
    notes: tuple[str, ...],
    previous: tuple[Decimal, Evidence] | None,
    more: tuple[Evidence, ...],
) -> Finding:
    strength = strength_of(order.medicine)
    written = " / ".join(dict.fromkeys(step.text for step in order.steps if step.text))
    return Finding(
        Severity.HIGH if high else Severity.MODERATE,
        (evidence(order, written), *more),
        (order.ref,),
        values={
            "strength": shown(strength) if strength is not None else "",
            "previous": shown(previous[0]) if previous is not None else "",
        },
        notes=notes,
        same_as=order.ref,
    )
