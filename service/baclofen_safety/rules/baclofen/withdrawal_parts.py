"""What the withdrawal rules share: citing orders, who counts as dependent, and the taper to offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from ...core.chart import Act
from ...core.fact import Evidence, Fact, Known, Unknown, is_no
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.medicines import Order
from ...core.moment import Moment
from ...core.rule import Severity
from ...core.taper import TaperPlan, TaperRefusal, plan_taper

T = TypeVar("T")


def cite_orders(orders: tuple[Order, ...]) -> tuple[Evidence, ...]:
    """The orders and what became of them."""
    return tuple(Evidence(order.ref, f"{order.medicine.name}: {order.status}") for order in orders)


def cite_act(act: Act) -> Evidence:
    """A planned or done act, with its day."""
    said = act.text or act.kind
    return Evidence(act.ref, f"{said}: {act.start}" if act.start is not None else said)


def name_orders(orders: tuple[Order, ...]) -> tuple[str, ...]:
    """The references of orders, each once."""
    return tuple(dict.fromkeys(order.ref for order in orders))


def value_of(fact: Fact[T]) -> T | None:
    """The value; None when it is unknown."""
    return fact.value if isinstance(fact, Known) else None


def known_values(values: Mapping[str, object]) -> dict[str, object]:
    """The values that are there; the others are said to be unknown."""
    return {name: value for name, value in values.items() if value is not None}


def is_dependent(established: Fact[bool]) -> bool:
    """Taken long enough to depend on it, or nobody can say that it was not."""
    return not is_no(established)


def rate_interruption(facts: Facts, limits: Limits, dose: Decimal | None) -> Severity:
    """How bad it is to be without the daily dose; an unknown dose is taken for one that matters."""
    if dose is None or dose >= limits["interruption-high-from"] or facts.risk.wd_tier.is_high:
        return Severity.HIGH
    return Severity.MODERATE


def first_step_on(facts: Facts, limits: Limits) -> date:
    """The first day at a lower dose when a schedule is offered now."""
    return (facts.as_of + timedelta(days=limits.int("taper-first-step-days"))).date()


def offer_taper(  # noqa: PLR0913 - as plan_taper
    facts: Facts,
    limits: Limits,
    orders: tuple[Order, ...],
    dose: Decimal | None,
    days: Fact[int],
    *,
    lower_since: datetime | None = None,
) -> tuple[TaperPlan | None, tuple[str, ...]]:
    """The schedule from a dose to nothing, or the note that says why there is none."""
    return read_taper(
        plan_taper(
            facts,
            limits,
            start_dose=dose,
            day0=first_step_on(facts, limits),
            exposure_days=days,
            orders=orders,
            lower_since=lower_since,
        )
    )


def read_taper(planned: TaperPlan | TaperRefusal) -> tuple[TaperPlan | None, tuple[str, ...]]:
    """A schedule and no note, or no schedule and the note that says why."""
    return (None, (planned.note,)) if isinstance(planned, TaperRefusal) else (planned, ())


def note_if(**notes: bool) -> tuple[str, ...]:
    """The keys of the notes that hold, ``a_b`` standing for "a-b"."""
    return tuple(name.replace("_", "-") for name, holds in notes.items() if holds)


def is_unknown(*facts: Fact[Decimal] | Fact[bool] | Fact[int]) -> bool:
    """Is any of the facts unknown?"""
    return any(isinstance(fact, Unknown) for fact in facts)


def days_ahead(moment: Moment, facts: Facts) -> int:
    """Whole days from today to the moment; negative when it has passed."""
    return -moment.days_before(facts.as_of)


def is_at_most_days_old(instant: datetime, days: int, facts: Facts) -> bool:
    """By calendar days, that day included; an instant ahead is."""
    zone = facts.as_of.tzinfo
    return instant.astimezone(zone).date() >= (facts.as_of - timedelta(days=days)).date()
