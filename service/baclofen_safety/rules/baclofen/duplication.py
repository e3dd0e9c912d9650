"""Baclofen ordered twice: brands and strengths hide it, and both doses are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from ...core.classes import RELAXANTS
from ...core.fact import Known, is_yes
from ...core.rule import Finding, Judge, Said, Severity
from .duplication_pump import RESCUE, oral_beside_pump
from .interactions_pairs import Pairing, judge_pairing
from .said import count_days, daily_words, evidence, refs, shown

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order
    from ...core.timeline import Overlap


def two_oral_orders(facts: Facts, limits: Limits) -> Iterator[Said]:
    pump = is_yes(facts.it.active)
    pairs = [pair for pair in facts.oral.overlaps if _is_double(pair, limits, pump=pump)]
    if not pairs:
        return
    worst = max(pairs, key=lambda pair: (_severity(pair, limits).rank, _combined(pair)))
    orders = {order.ref: order for pair in (worst, *pairs) for order in (pair.a, pair.b)}
    dose = _total(facts, worst)
    severity = _severity(worst, limits)
    if severity is Severity.MODERATE and worst.hours is not None and dose > limits["duplicate-combined-above"]:
        severity = Severity.HIGH
    once = bool(orders.keys() & set(refs(facts.oral.counted_once)))
    gap = facts.oral.gap_days
    left = -gap.value if isinstance(gap, Known) else 0
    notes = (
        ("overlap-unclear", any(pair.hours is None for pair in pairs)),
        ("combined-unknown", bool(dose) and not isinstance(worst.combined, Known)),
        ("doses-unknown", not dose),
        ("renewal", once and len(orders) == len((worst.a, worst.b)) and dose > facts.oral.at_least),
        ("renewal-among", once and len(orders) > len((worst.a, worst.b))),
        ("supply-left", once and left > 0),
        ("more-orders", len(orders) > len((worst.a, worst.b))),
        ("planned", worst.b.start is not None and worst.b.start.first > facts.as_of),
    )
    yield Finding(
        severity,
        tuple(evidence(order, daily_words(order)) for order in orders.values()),
        refs(orders.values()),
        values={
            **({"dose": shown(dose)} if dose else {}),
            "a": _name(worst.a),
            "b": _name(worst.b),
            "n": len(orders),
            "once": shown(facts.oral.at_least),
            "left": count_days(left),
        },
        notes=tuple(note for note, holds in notes if holds),
    )


def _is_double(pair: Overlap, limits: Limits, *, pump: bool) -> bool:
    """More than a transfer, not one regimen, and not the rescue supply of a pump patient."""
    if pair.one_regimen or pair.replaced or pair.governed:
        return False
    if pump and any(order.as_needed or RESCUE in order.concepts for order in (pair.a, pair.b)):
        return False
    return pair.hours is None or pair.hours > limits["follow-on-hours"]


def _severity(pair: Overlap, limits: Limits) -> Severity:
    """An unclear overlap is moderate whatever its dose."""
    if pair.hours is None:
        return Severity.MODERATE
    much = _combined(pair) > limits["duplicate-combined-above"]
    return Severity.HIGH if much or pair.different_prescribers else Severity.MODERATE


def _combined(pair: Overlap) -> Decimal:
    """Combined daily dose, or the larger dose known of the two."""
    if isinstance(pair.combined, Known):
        return pair.combined.value
    doses = [step.daily for order in (pair.a, pair.b) for step in order.steps if step.daily is not None]
    return max(doses, default=Decimal(0))


def _total(facts: Facts, worst: Overlap) -> Decimal:
    """With a third order the sum in force may be more than any pair's."""
    return max(_combined(worst), facts.oral.at_least)


def _name(order: Order) -> str:
    return f"{order.medicine.name} ({order.ref})"


RELAXANT = Pairing(
    "BAC-DUP-03", RELAXANTS, Severity.MODERATE, Severity.HIGH, worse=("older", "kidney"), quiet=("settled",)
)

RULES: Mapping[str, Judge] = {
    "BAC-DUP-01": two_oral_orders,
    "BAC-DUP-02": oral_beside_pump,
    RELAXANT.rule: partial(judge_pairing, RELAXANT),
}
