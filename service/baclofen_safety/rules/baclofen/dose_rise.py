"""How fast oral baclofen rises. Tolerance takes time; old age, brain injury and weak kidneys ask for more."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...core.fact import Known, Reason, Unknown
from ...core.rule import DoseCap, Finding, Gap, Said, Severity
from .said import count_days, days, evidence, frailty, kidney_below, oral_orders, refs, shown, treats_withdrawal

if TYPE_CHECKING:
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.timeline import DoseChange

INSTANT = timedelta(microseconds=1)


def titration(facts: Facts, limits: Limits) -> Iterator[Said]:
    yield from _unknown_before(facts, limits)
    if treats_withdrawal(facts):
        return
    changes = facts.oral.changes
    rises = [c for c in changes if c.delta > 0 and not _is_return(c, changes, limits)]
    since = (facts.as_of - days(limits, "dose-rise-look-back")).replace(hour=0, minute=0, second=0, microsecond=0)
    weak = kidney_below(facts, limits["dose-kidney-below"])
    frail = (*frailty(facts, limits["older-age"]), *(("kidney",) if weak else ()))
    found = [
        (severity, rise)
        for last in rises
        if last.at >= since
        for severity, rise in (_judge_rise(last, rises, limits, frail=bool(frail)),)
        if severity is not None
    ]
    if not found:
        return
    severity, rise = max(found, key=lambda one: (one[0].rank, sum(c.delta for c in one[1])))
    yield _rise_finding(facts, limits, severity, rise, frail)


def _is_return(change: DoseChange, changes: Sequence[DoseChange], limits: Limits) -> bool:
    """Back to a dose taken a short time ago."""
    since = change.at - days(limits, "dose-return-days")
    return any(max(c.before, c.after) >= change.after for c in changes if since <= c.at < change.at)


def _judge_rise(
    last: DoseChange, rises: Sequence[DoseChange], limits: Limits, *, frail: bool
) -> tuple[Severity | None, list[DoseChange]]:
    """Severity of the rise that ends with ``last``, and the rises added up for it."""
    short = _within(last, rises, days(limits, "dose-rise-short"))
    total = sum(change.delta for change in short)
    if total > limits["dose-rise-high-above"]:
        return Severity.HIGH, short
    if total > limits["dose-rise-above"] or (frail and total > limits["dose-rise-frail-above"]):
        return Severity.MODERATE, short
    return None, []


def _within(last: DoseChange, rises: Sequence[DoseChange], window: timedelta) -> list[DoseChange]:
    """The last rise and those less than the window before it: a step every N days is not within N days."""
    return [change for change in rises if last.at - window < change.at <= last.at]


def _rise_finding(
    facts: Facts, limits: Limits, severity: Severity, rise: Sequence[DoseChange], frail: tuple[str, ...]
) -> Finding:
    first, last = rise[0], rise[-1]
    orders = [order for change in rise for order in change.orders]
    live = [order for order in orders if order in oral_orders(facts)] or orders
    overlapping = {order.ref for pair in facts.oral.overlaps for order in (pair.a, pair.b)}
    return Finding(
        severity,
        tuple(
            evidence(order, f"{shown(change.before)} to {shown(change.after)} mg/day, {_day(change.at)}")
            for change in rise
            for order in change.orders
        ),
        refs(live),
        values={"d0": shown(first.before), "d1": shown(last.after), "days": _span(last.at - first.at)},
        notes=(*frail, *(("planned",) if last.at > facts.as_of else ())),
        marks=frozenset({"overlap-only"} if all(_starts(change, overlapping) for change in rise) else ()),
        cap=DoseCap(first.before + limits["dose-step-frail" if frail else "dose-step"]),
        same_as=last.at.isoformat(),
    )


def _starts(change: DoseChange, overlapping: Container[str]) -> bool:
    """Does the dose rise only because one of the overlapping orders begins, not by a step of its own?"""
    begins = [order for order in change.orders if order.start is not None and order.start.day == change.at.date()]
    return bool(begins) and all(order.ref in overlapping for order in begins)


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _span(length: timedelta) -> str:
    """Whole days, at least one."""
    count = max(1, -(-length // timedelta(days=1)))
    return count_days(count)


def _unknown_before(facts: Facts, limits: Limits) -> Iterator[Gap]:
    """A new order whose forerunner cannot be computed: nobody can say how fast the dose rose."""
    for order in facts.oral.started_within(limits.int("dose-rise-look-back")):
        at = order.start.first if order.start else facts.as_of
        before, after = facts.oral.dose_at(at - INSTANT), facts.oral.first_step(order)
        if isinstance(before, Unknown) and before.reason is not Reason.NOT_SENT and isinstance(after, Known):
            yield Gap(
                "previous-dose",
                {"dose": shown(after.value)},
                needs=before.needs,
                evidence=before.evidence,
                high=after.value > limits["dose-rise-high-above"],
            )
