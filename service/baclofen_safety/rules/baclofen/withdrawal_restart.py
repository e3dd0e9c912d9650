"""The full dose taken up again after days without: tolerance is lost and the old dose sedates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ...core.fact import DOSED, Fact, Known, Unknown
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.medicines import Order
from ...core.moment import Moment
from ...core.rule import DoseCap, Finding, Gap, Said, Severity
from ...core.spans import TICK
from .withdrawal_parts import cite_orders, is_dependent, known_values, name_orders, value_of

TREATED_WITHDRAWAL = ("cond-baclofen-underdosing", "cond-drug-withdrawal-other")


def restarted(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-08."""
    oral, window = facts.oral, limits.int("restart-start-days")
    if facts.hospital.stay is not None and facts.person.active(TREATED_WITHDRAWAL):
        return
    for order in oral.started_within(window):
        start = order.start.first if order.start is not None else facts.as_of
        off = _Off(oral.off_before(order), max(start, facts.as_of), start, oral.dose_before_gap(order), (order,))
        yield from _judge_restart(off, facts, limits)
    for order, paused, resumed in oral.resumed_within(window):
        off = _Off(oral.off_until(resumed), facts.as_of, resumed, oral.dose_at(paused - TICK), (order,))
        yield from _judge_restart(off, facts, limits)
    for filled in oral.fills_within(window):
        days = oral.off_before_fill(filled)
        if days:
            before = oral.dose_at(filled.first - timedelta(days=days))
            off = _Off(Known(days, how="computed"), facts.as_of, filled.first, before, oral.in_force)
            yield from _judge_restart(off, facts, limits)


def _by_supply(until: datetime, days: int, facts: Facts, limits: Limits) -> int:
    """Days off, from the end of the supply where that came before the order was held or over."""
    longer = facts.oral.off_before_fill(Moment.at(until))
    return days if longer is None or longer > limits["restart-up-to"] else max(days, longer)


def _was_used_to_it(until: datetime, days: int, facts: Facts) -> bool:
    return is_dependent(facts.oral.established(until - timedelta(days=days)))


@dataclass(frozen=True, slots=True)
class _Off:
    """A time without baclofen that a new order or fill has ended, or will end, at ``until``."""

    days: Fact[int | None]
    dosed_at: datetime  # when the new dose is looked up
    until: datetime
    before: Fact[Decimal]  # daily dose before it
    orders: tuple[Order, ...]


def _judge_restart(off: _Off, facts: Facts, limits: Limits) -> Iterator[Said]:
    if isinstance(off.days, Unknown):
        yield Gap("gap-unknown", needs=off.days.needs, evidence=off.days.evidence)
        return
    days = off.days.value
    if days is None or not limits["restart-from"] <= days <= limits["restart-up-to"]:
        return
    if off.until - timedelta(days=days) > facts.as_of + facts.oral.record.follow_on:
        return  # a hole in what is planned is told as the drop it is: it can still be filled
    before, dose = value_of(off.before), value_of(facts.oral.dose_at(off.dosed_at))
    days = _by_supply(off.until, days, facts, limits)
    long = days >= limits["restart-long-from"]
    if not _was_used_to_it(off.until, days, facts) or (
        long and dose is not None and dose <= limits["restart-dose-above"]
    ):
        return
    if dose is None:
        yield Gap("dose-unknown", values={"gap": days}, needs=(DOSED,), high=long)
    elif not long and before is None:
        yield Gap("previous-unknown", values={"gap": days}, needs=(DOSED,), high=False)
    elif long or before is None or dose > before * limits["restart-share-above"]:
        yield Finding(
            Severity.HIGH if long else Severity.MODERATE,
            evidence=off.days.evidence or cite_orders(off.orders),
            implicated=name_orders(off.orders),
            values=known_values({"dose": dose, "gap": days, "before": before}),
            cap=DoseCap(limits["restart-dose-above"]) if long else None,
            same_as=str(off.until.date()),
        )
