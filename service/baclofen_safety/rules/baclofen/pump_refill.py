"""Filling the reservoir in time: by the date on the pump's report, by what is left in it, by the age of the drug."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from ...core.fact import Evidence, Need
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.reservoir import DueDate
from ...core.rule import Finding, Gap, Said, Severity
from .said import shown
from .withdrawal_parts import days_ahead, note_if

DATES = (Need("Observation", ("fact-refill-by", "fact-low-reservoir-alarm-date")),)
VOLUME = ("fact-fill-volume", "fact-reservoir-volume")
FLOW = Need("Observation", ("fact-programmed-rate", "fact-programmed-daily-dose", "fact-drug-concentration"))


def name_pump(facts: Facts) -> tuple[str, ...]:
    """The infusion orders in force and the pump."""
    return tuple(dict.fromkeys((*(o.ref for o in facts.it.in_force), *(pump.ref for pump in facts.it.pumps))))


def refill_due(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-01."""
    pump = facts.pump
    if not pump.delivers:
        return
    due = pump.refill_due
    if due is None:
        if not pump.due_date_asked_for:
            yield Gap("no-date", needs=DATES)
        return
    ahead = days_ahead(due.at, facts)
    if ahead < 0:
        empty = pump.estimated_empty_at is not None and pump.estimated_empty_at <= facts.as_of
        yield _due_finding(facts, due, Severity.HIGH, note_if(empty=empty), "empty" if empty else None)
    elif ahead <= limits["refill-ahead-days"] and not _is_booked(facts, due):
        notes = note_if(booking_unknown=not pump.bookings_sent)
        yield _due_finding(facts, due, Severity.MODERATE, notes, None)


def _is_booked(facts: Facts, due: DueDate) -> bool:
    visits = facts.pump.planned_visits("refill")
    return any(visit.start is not None and visit.start.day <= due.at.day for visit in visits)


def _due_finding(
    facts: Facts, due: DueDate, severity: Severity, notes: tuple[str, ...], variant: str | None
) -> Finding:
    last = facts.pump.filled_at
    return Finding(
        severity,
        evidence=(*due.evidence, *_filling(facts)),
        implicated=name_pump(facts),
        values={
            "overdue_or_due": "overdue" if severity is Severity.HIGH else "due",
            "date": due.at.day,
            "last": "not on record" if last is None else last.day,
            "empty": facts.pump.estimated_empty_at,
        },
        notes=(*note_if(computed=due.how == "computed"), *notes),
        variant=variant,
        same_as=str(due.at.day),
    )


def _filling(facts: Facts) -> tuple[Evidence, ...]:
    at, ref = facts.it.refilled_at, facts.it.refilled_ref
    return (Evidence(ref, f"pump refilled {at}"),) if at is not None else ()


def low_reservoir(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-02."""
    pump = facts.pump
    if not pump.delivers:
        return
    base, alarm, rate = pump.volume_base, pump.alarm_volume, pump.rate
    if base is None or base.at is None or (rate is None and base.value > alarm.value):
        filled = pump.filled_at
        volume = Need("Observation", VOLUME, filled.first if filled is not None else None)
        yield Gap("volume", needs=(volume, FLOW), high=pump.refill_due is None)
        return
    left, empty = pump.volume_now, pump.estimated_empty_at
    left = base.value if left is None else left
    soon = empty is not None and empty - facts.as_of <= timedelta(hours=limits.int("empty-soon-hours"))
    nearing = rate is not None and left - alarm.value <= rate.value * limits["alarm-ahead-days"]
    if not (left <= alarm.value or soon or nearing):
        return
    values = {
        "ml": shown(max(left, Decimal(0))),
        "date": empty.date() if empty is not None else None,
        "vfill": shown(base.value),
        "date0": base.at.day,
        "rate": shown(rate.value) if rate is not None else None,
    }
    yield Finding(
        Severity.HIGH if left <= alarm.value or soon else Severity.MODERATE,
        evidence=tuple(dict.fromkeys((*base.evidence, *(rate.evidence if rate else ()), *alarm.evidence))),
        implicated=name_pump(facts),
        values={name: value for name, value in values.items() if value is not None},
        notes=note_if(alarm_assumed=alarm.how == "assumed", differs=_differs(facts, limits), rate_unknown=rate is None),
        variant="empty-soon" if soon else None,
        same_as=str(base.at.day),
    )


def _differs(facts: Facts, limits: Limits) -> bool:
    """Is what was measured far from what should have been left by then?"""
    measured = facts.pump.measured_volume
    if measured is None or measured.at is None:
        return False
    expected = facts.pump.volume_at(facts.pump.fill_volume, measured.at.first)
    return expected is not None and abs(measured.value - expected) > abs(expected) * limits["volume-share-above"]


def old_filling(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-PUMP-08."""
    filled = facts.pump.filled_at
    if not facts.pump.delivers or filled is None:
        return
    days = filled.days_before(facts.as_of)
    if days <= limits["filling-moderate-above-days"]:
        return
    yield Finding(
        Severity.HIGH if days > limits["filling-high-above-days"] else Severity.MODERATE,
        evidence=_filling(facts) or (Evidence(next(iter(name_pump(facts)), ""), f"first filled {filled}"),),
        implicated=name_pump(facts),
        values={"days": days, "date": filled.day},
        notes=note_if(first_fill=filled != facts.pump.last_refill_at),
        same_as=str(filled.day),
    )
