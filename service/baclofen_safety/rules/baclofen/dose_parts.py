"""What the rules about too large a daily oral dose share: the dose judged, a specialist's decision, the way down."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.fact import Fact, Known
from ...core.taper import TaperPlan, TaperRefusal, plan_taper
from .said import OVERRIDE, oral_orders, refs

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.medicines import Order


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest daily dose from now on, mg/day. ``notes`` name what is special about it."""

    dose: Decimal
    taken_now: bool
    notes: tuple[str, ...] = ()


def highest_dose(facts: Facts) -> Highest:
    """The computable part of the highest step, now or later."""
    oral = facts.oral
    now = _or_least(oral.daily_dose, oral.at_least)
    dose = max(now, _or_least(oral.max_planned, oral.at_least))
    if not isinstance(oral.max_planned, Known):
        return Highest(dose, now == dose, ("at-least",))
    return Highest(dose, now == dose, () if now == dose else ("later-step",))


def _or_least(dose: Fact[Decimal], least: Decimal) -> Decimal:
    return dose.value if isinstance(dose, Known) else least


def decided_by_specialist(facts: Facts, rule: str) -> bool:
    """Did a specialist decide to stay above the limit of the rule?"""
    marked = any(OVERRIDE in order.concepts for order in oral_orders(facts))
    return marked or facts.person.override(rule) is not None


def was_told(facts: Facts, rule: str, days: int) -> bool:
    """Did a human act on the rule's issue about these very orders, inside the window?"""
    told = facts.person.acknowledged(rule, days)
    return told is not None and set(refs(oral_orders(facts))) <= told.implicated


def step_down(
    facts: Facts, limits: Limits, orders: tuple[Order, ...], dose: Decimal, target: Decimal
) -> TaperPlan | TaperRefusal | None:
    """Steps down to the target for a patient who takes the dose; None when nobody has taken it yet."""
    if any(order.status == "draft" for order in orders):
        return None
    return plan_taper(
        facts,
        limits,
        start_dose=dose,
        target=target,
        day0=facts.as_of.date(),
        exposure_days=facts.oral.exposure_days(facts.as_of),
        orders=orders,
    )
