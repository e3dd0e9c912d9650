"""Baclofen known only by having been handed over or given: the use it shows, as if somebody had reported it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from .chart import Chart
from .concepts import BY_MOUTH
from .fact import Known
from .medicines import DoseStep, Given, Order, Supply

if TYPE_CHECKING:
    from .facts import Facts
    from .oral import OralFacts
    from .record import Record

_UNCLEAR = frozenset({"other", "unknown"})


def with_presumed_use(facts: Facts) -> Chart | None:
    """The chart, and with it the use that hand-overs and doses show while no order received explains them; None
    without any.

    An order by a route nobody can tell may be the one they belong to: then nothing is presumed.
    """
    oral, chart = facts.oral, facts.chart
    if oral.used_without_order is None or any(order.route_group in _UNCLEAR for order in chart.baclofen):
        return None
    use = next(_handed_over(oral), None) or next(_given(oral.record), None)
    return replace(chart, orders=(*chart.orders, use)) if use is not None else None


def _handed_over(oral: OralFacts) -> Iterator[Order]:
    """The newest hand-over while it lasts; one of unknown length for the usual time."""
    supply, end, record = oral.last_supply, oral.supply_end, oral.record
    if supply is None or supply.handed_over is None:
        return
    usual = supply.handed_over.first + record.days("partner-supply-days")
    if (end.value.first if isinstance(end, Known) else usual) > record.as_of:
        daily = supply.daily or _spread(supply)
        yield _use(supply, DoseStep(daily, problems=() if daily is not None else ("no dose handed on",)))


def _given(record: Record) -> Iterator[Order]:
    """The doses of the last hours. What is given on other days nobody knows from them."""
    since = record.as_of - record.hours("partner-given-hours")
    for at, dose in reversed(record.doses):
        if dose.given and at >= since:
            step = DoseStep(None, single=dose.amount, problems=("known only from doses given",))
            stay = next((stay for stay in record.stays if stay.current), None)
            inside = stay is not None and (stay.start is None or stay.start.first <= at)
            yield replace(_use(dose, step), setting="inpatient" if inside else None)


def _spread(supply: Supply) -> Decimal | None:
    """Quantity and strength over the days they were to last, mg/day."""
    strength = supply.medicine.strength
    if not supply.quantity or strength is None or not supply.days:
        return None
    return supply.quantity * strength.mg / supply.days


def _use(item: Supply | Given, step: DoseStep) -> Order:
    at = item.handed_over if isinstance(item, Supply) else item.at
    return Order(
        ref=item.ref,
        status="active",
        medicine=item.medicine,
        route=item.route or item.medicine.product_route or BY_MOUTH,
        steps=(step,),
        reported=True,
        presumed=True,
        proven=at,
        authored=at,
    )
