"""Older people tolerate less baclofen, and for small children some labels do not know it at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import BIRTH, Known, is_yes
from ...core.measuring import span
from ...core.rule import DoseCap, Finding, Gap, Judge, Said, Severity
from .said import daily_words, evidence, refs, shown, start_needs

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order

HARMS = ("BAC-SX-03", "BAC-COND-13", "BAC-COND-14", "BAC-COND-15")
"""What a dose that is tolerated does not do."""


def older(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-AGE-01."""
    old = facts.person.at_least(limits["older-age"])
    starts = _large_starts(facts, limits)
    fresh = tuple(order for order in starts if is_yes(facts.oral.naive(order)))
    dose = facts.oral.at_least
    much = dose > limits["older-dose-above"]
    if old is False or not (much or starts):
        return
    if old is None:
        yield Gap("age", needs=(BIRTH,))
    elif fresh or (much and not _is_tolerated(facts, limits)):
        orders = facts.oral.speaking if much else fresh
        yield Finding(
            Severity.MODERATE,
            tuple(evidence(order, daily_words(order)) for order in orders),
            refs(orders),
            values={"age": facts.person.age_years, "dose": shown(max((dose, *_first_doses(facts, fresh))))},
            notes=("start",) if fresh else (),
            cap=DoseCap(limits["older-dose-above"]),
        )
    elif not much:
        yield Gap("history", needs=start_needs(facts, starts), evidence=tuple(evidence(order, "") for order in starts))


def _large_starts(facts: Facts, limits: Limits) -> tuple[Order, ...]:
    """New orders with too high a first step, unless they are known not to be the first."""
    found = facts.oral.started_within(limits.int("new-start-days"))
    top = limits["older-start-above"]
    large = [order for order in found if any(dose > top for dose in _first_doses(facts, (order,)))]
    return tuple(order for order in large if not _is_known_user(facts, order))


def _is_known_user(facts: Facts, order: Order) -> bool:
    naive = facts.oral.naive(order)
    return isinstance(naive, Known) and not naive.value


def _first_doses(facts: Facts, orders: tuple[Order, ...]) -> tuple[Decimal, ...]:
    firsts = (facts.oral.first_step(order) for order in orders)
    return tuple(first.value for first in firsts if isinstance(first, Known))


def _is_tolerated(facts: Facts, limits: Limits) -> bool:
    """The same dose for long, without the harm it would do."""
    days = facts.oral.exposure_days(facts.as_of)
    long = isinstance(days, Known) and days.value >= limits["older-unchanged-days"]
    since = facts.as_of - span(limits["older-unchanged-days"])
    changed = any(since < change.at <= facts.as_of for change in facts.oral.changes)
    return long and not changed and not any(facts.found(rule) for rule in HARMS)


def small_child(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-AGE-02."""
    if not facts.person.below(limits["small-child-below"]) or facts.person.acknowledged("BAC-AGE-02"):
        return
    starts = (o for o in facts.oral.started_within(limits.int("new-start-days")) if is_yes(facts.oral.naive(o)))
    orders = tuple(starts)
    if orders:
        yield Finding(
            Severity.LOW,
            tuple(evidence(order, daily_words(order)) for order in orders),
            refs(orders),
            values={"age": facts.person.age_years},
        )


RULES: Mapping[str, Judge] = {"BAC-AGE-01": older, "BAC-AGE-02": small_child}
