"""Intrathecal delivery that ends or drops, and tablets taken away while a pump is only about to take over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from ...core.chart import Act
from ...core.concepts import BACLOFEN
from ...core.fact import Evidence, Need, is_yes
from ...core.facts import Facts
from ...core.knowledge import Limits
from ...core.medicines import Order
from ...core.moment import Moment
from ...core.rule import Finding, Gap, Said, Severity
from ...core.taper import TaperRefusal
from .said import count_days
from .withdrawal_parts import (
    cite_act,
    cite_orders,
    is_at_most_days_old,
    known_values,
    name_orders,
    note_if,
    value_of,
)

PROGRAMMED = "fact-programmed-daily-dose"
NO_TAPER = TaperRefusal("intrathecal").note


def pump_ended(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-10."""
    window = timedelta(days=limits.int("stop-current-days"))
    ended, explant, stopped = facts.it.ended, facts.it.explant, facts.it.pump_stopped
    evidence: list[Evidence] = []
    orders, certain = facts.it.in_force, True
    if ended is not None and (ended.at.within(window, facts.as_of) or ended.at.first > facts.as_of):
        evidence += ended.evidence or cite_orders(ended.orders)
        orders, certain = (*ended.orders, *orders), ended.certain
    if explant is not None and _is_current_or_ahead(explant, window, facts):
        evidence.append(cite_act(explant))
        certain = certain and explant.start is not None
    if stopped is not None:
        evidence.append(stopped)
    if evidence:
        yield Finding(
            Severity.HIGH,
            evidence=tuple(dict.fromkeys(evidence)),
            implicated=name_orders(orders),
            values={"state": "stopped" if _has_stopped(facts) else "about to stop"},
            notes=(*note_if(date_uncertain=not certain), NO_TAPER),
            same_as=str(ended.at) if ended is not None and ended.certain else "",
        )
    elif facts.it.delivery_unclear:
        yield Finding(
            Severity.MODERATE,
            evidence=(*cite_orders(facts.it.orders), *facts.it.removal_unclear),
            implicated=name_orders(facts.it.orders),
            values={"state": "not confirmed"},
            notes=note_if(delivery_unclear=True),
            variant="delivery-unclear",
        )
    elif facts.it.withdrawn:
        yield Gap("entered-in-error", needs=_delivered(facts), evidence=cite_orders(facts.it.withdrawn))


def _delivered(facts: Facts) -> tuple[Need, ...]:
    """What shows that the pump gives baclofen: a programme of after the error was marked, or another order."""
    marked = max(order.changed.first if order.changed else facts.as_of for order in facts.it.withdrawn)
    return Need("Observation", (PROGRAMMED,), marked), Need("MedicationRequest", (BACLOFEN,))


def _has_stopped(facts: Facts) -> bool:
    """False while the end of delivery is only planned."""
    ended, explant = facts.it.ended, facts.it.explant
    past = ended is not None and ended.at.first <= facts.as_of
    return past or facts.it.pump_stopped is not None or (explant is not None and explant.state == "done")


def _is_current_or_ahead(act: Act, window: timedelta, facts: Facts) -> bool:
    """Done lately, planned, or at a time nobody recorded."""
    return act.start is None or act.state == "planned" or act.start.within(window, facts.as_of)


def pump_dropped(facts: Facts, limits: Limits) -> Iterator[Finding]:
    """BAC-WD-07 for the pump: one drop by more than half."""
    reach = limits.int("plan-days")
    for before, after in (*pairwise(_ordered(facts)), *pairwise(_programmed(facts, limits))):
        old = not is_at_most_days_old(after.at, reach, facts)
        if old or after.daily >= before.daily * limits["pump-share-below"]:
            continue
        yield Finding(
            Severity.HIGH,
            evidence=(before.evidence, after.evidence),
            implicated=name_orders(facts.it.in_force),
            values={"from": before.daily, "to": after.daily, "unit": "mcg/day", "days": count_days(1)},
            notes=(*note_if(pump=True), NO_TAPER),
            variant="pump",
            same_as=str(after.at.date()),
        )


@dataclass(frozen=True, slots=True)
class _PumpDose:
    """A daily intrathecal dose from an instant on, mcg/day."""

    at: datetime
    daily: Decimal
    evidence: Evidence


def _ordered(facts: Facts) -> list[_PumpDose]:
    """The doses of the infusion orders, oldest first; those that were never given are left out."""
    doses = [
        _PumpDose(start.first, step.daily, cite_orders((order,))[0])
        for order in _with_former(facts.it.orders)
        if order.status != "cancelled" and (facts.signed or order.status != "draft")
        if facts.it.kind(order) == "continuous"
        for step in order.steps
        for start in (step.start or order.start,)
        if start is not None and step.daily
    ]
    return _sort(doses)


def _with_former(orders: Iterable[Order]) -> Iterator[Order]:
    """Every order, and before a draft that changes a signed one what was signed."""
    for order in orders:
        signed = [version for version in order.versions if version.status != "draft"]
        if order.status == "draft" and signed:
            yield signed[-1]
        yield order


def _programmed(facts: Facts, limits: Limits) -> list[_PumpDose]:
    """The doses programmed into the pump, oldest first; a pump that was stopped is no drop."""
    readings = facts.chart.measurements.get(PROGRAMMED, ())
    return _sort(
        _PumpDose(reading.at.first, reading.value, Evidence(reading.ref, reading.shown))
        for reading in readings
        if reading.at is not None and reading.value and reading.value >= limits["pump-stopped-below"]
    )


def _sort(doses: Iterable[_PumpDose]) -> list[_PumpDose]:
    return sorted(doses, key=lambda dose: dose.at)


IMPLANTED = (Need("Procedure", ("proc-pump-implant",)), Need("Observation", ("fact-pump-implanted",)))


def cut_at_pump_start(facts: Facts, limits: Limits) -> Iterator[Said]:
    """BAC-WD-09."""
    cuts = tuple(_find_cuts(facts, limits))
    if not cuts:
        return
    starts = tuple(_pump_starts(facts))
    if not starts:
        if is_yes(facts.it.active) and facts.it.started_at is None:
            yield Gap("pump-start-unknown", needs=IMPLANTED, evidence=cite_orders(facts.it.in_force))
        return
    near = [(cut, start, says) for cut in cuts for start, says in starts if _is_near(cut, start, limits)]
    if not near:
        return
    before = [cut.before for cut, _, _ in near]
    known = [dose for dose in before if dose is not None]
    much = len(known) < len(before) or max(known) >= limits["conversion-high-from"]
    orders = tuple(dict.fromkeys(order for cut, _, _ in near for order in cut.orders))
    cut, start, _ = near[0]
    yield Finding(
        Severity.HIGH if much else Severity.MODERATE,
        evidence=(*cite_orders(orders), *dict.fromkeys(says for _, _, says in near)),
        implicated=name_orders(orders),
        values=known_values({"from": cut.before, "to": cut.after, "cut_on": cut.at, "pump_on": start}),
        notes=(
            *note_if(dose_unknown=len(known) < len(before), date_uncertain=not cut.certain),
            TaperRefusal("pump-conversion").note,
        ),
        same_as=str(start),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """Oral baclofen stopped, or cut in one step by more than the rule allows."""

    at: Moment
    before: Decimal | None
    after: Decimal
    orders: tuple[Order, ...]
    certain: bool = True


def _find_cuts(facts: Facts, limits: Limits) -> Iterator[_Cut]:
    """Cuts that are current or ahead; as-needed tablets count, the reserve for emergencies too."""
    window = timedelta(days=limits.int("stop-current-days"))
    stop = value_of(facts.oral.line_stop)
    if stop is not None and stop.at.within(window, facts.as_of):
        yield _Cut(stop.at, value_of(stop.dose), Decimal(0), stop.orders, stop.certain)
    for change in facts.oral.changes:
        deep = change.before - change.after > change.before * limits["conversion-share-above"]
        if deep and is_at_most_days_old(change.at, window.days, facts):
            yield _Cut(Moment.at(change.at), change.before, change.after, change.orders)


def _pump_starts(facts: Facts) -> Iterator[tuple[Moment, Evidence]]:
    """When intrathecal baclofen began or is to begin."""
    started, planned = facts.it.started_at, facts.it.implant_planned
    if started is not None:
        orders = facts.it.in_force or facts.it.orders
        yield started, cite_orders(orders)[0] if orders else Evidence("", str(started))
    if planned is not None and planned.start is not None and not is_yes(facts.it.active):
        yield planned.start, cite_act(planned)


def _is_near(cut: _Cut, start: Moment, limits: Limits) -> bool:
    """From shortly before the pump starts until some days after it, by calendar days."""
    earliest = start.first.date() - timedelta(days=limits.int("conversion-days-before"))
    latest = _last_day(start) + timedelta(days=limits.int("conversion-days-after"))
    return _last_day(cut.at) >= earliest and cut.at.first.date() <= latest


def _last_day(moment: Moment) -> date:
    """The last day a moment may lie on."""
    return max(moment.first, moment.last - timedelta(microseconds=1)).date()
