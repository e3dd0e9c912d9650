"""Amounts of baclofen said to have been taken or given. mg, intrathecal boluses mcg."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from .fact import Evidence, is_yes
from .measuring import is_recent, number_of, usable
from .medicines import Order
from .moment import Moment

if TYPE_CHECKING:
    from .facts import Facts

_TAKING = frozenset({"active", "completed", "stopped"})


@dataclass(frozen=True, slots=True)
class Taken:
    """One amount, and the records it rests on."""

    amount: Decimal
    at: Moment | None
    evidence: tuple[Evidence, ...]
    unit: str = "mg"
    may_fill: bool = False  # intrathecal: with a pump in place it may be a filling of the reservoir


def single_amounts(facts: Facts, days: int) -> Iterator[Taken]:
    """Largest single amounts by mouth: doses given, amounts told, single doses of statements."""
    for dose, at, amount in _given_orally(facts, days):
        yield Taken(amount, at, (Evidence(dose, f"{amount:f} mg given {at}"),))
    for m in usable(facts.chart, ("fact-amount-taken",)):
        if m.value is not None and m.at is not None and is_recent(m.at, days, facts.as_of):
            yield Taken(number_of(m), m.at, (Evidence(m.ref, f"{m.shown} taken {m.at}"),))
    for order, told in _reported(facts, days):
        singles = [step.single for step in order.steps if step.single is not None]
        if singles:
            yield Taken(max(singles), told, (Evidence(order.ref, f"{max(singles):f} mg taken at once"),))


def day_totals(facts: Facts, days: int) -> Iterator[Taken]:
    """What was given in one calendar day, and what statements say is taken a day."""
    zone = facts.as_of.tzinfo
    by_day: dict[date, list[tuple[str, Moment, Decimal]]] = defaultdict(list)
    for dose in _given_orally(facts, days):
        by_day[dose[1].first.astimezone(zone).date()].append(dose)
    for day, doses in by_day.items():
        total = sum((amount for _, _, amount in doses), Decimal(0))
        yield Taken(total, doses[0][1], tuple(Evidence(ref, f"{n:f} mg given {day}") for ref, _, n in doses))
    for order, told in _reported(facts, days):
        daily = [step.daily for step in order.steps if step.daily is not None]
        if daily:
            yield Taken(max(daily), told, (Evidence(order.ref, f"{max(daily):f} mg/day taken"),))


def boluses(facts: Facts, days: int) -> Iterator[Taken]:
    """Intrathecal single doses given; what fills a reservoir or belongs to an infusion is none."""
    pump = is_yes(facts.it.pump_present)
    infusions = {order.ref for order in facts.it.orders if facts.it.kind(order) in ("continuous", "refill")}
    for dose in facts.it.it_doses:
        if dose.reservoir or dose.amount is None or dose.order in infusions:
            continue
        if dose.at is not None and is_recent(dose.at, days, facts.as_of):
            says = Evidence(dose.ref, f"{dose.amount:f} mcg intrathecally {dose.at}")
            yield Taken(dose.amount, dose.at, (says,), "mcg", may_fill=pump and dose.fill_sized)


def _given_orally(facts: Facts, days: int) -> Iterator[tuple[str, Moment, Decimal]]:
    for _, dose in facts.oral.record.doses:
        if dose.given and dose.amount is not None and dose.at is not None and is_recent(dose.at, days, facts.as_of):
            yield dose.ref, dose.at, dose.amount


def _reported(facts: Facts, days: int) -> Iterator[tuple[Order, Moment | None]]:
    """Reports of baclofen taken in the last days, or still taken."""
    for order in facts.oral.orders:
        if not order.reported or order.status not in _TAKING:
            continue
        end = order.steps[-1].end if order.steps else None
        last = end or (order.proven if order.status != "active" else None)
        if (end is None and order.status == "active") or (last is not None and is_recent(last, days, facts.as_of)):
            yield order, order.proven
