"""Whether baclofen was in the body of late, and when the oral line was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .fact import Evidence, Known, Unknown, is_no
from .measuring import is_recent
from .moment import Moment
from .timeline import DoseChange

if TYPE_CHECKING:
    from .facts import Facts


@dataclass(frozen=True, slots=True)
class Lapse:
    """An interruption or cut of oral baclofen. ``since`` None, or not ``certain``: the last dose is not known."""

    since: Moment | None
    says: str
    evidence: tuple[Evidence, ...]
    orders: tuple[str, ...] = ()
    certain: bool = True


def find_lapses(facts: Facts, days: int, supply_days: int, cut_above: Decimal) -> Iterator[Lapse]:
    """Every interruption begun in the last days: stopped, held, cut by more than a share, missed.

    A supply that ran out counts for ``supply_days``: tablets left over put off the last dose, nobody knows how long.
    """
    yield from _stops(facts, days)
    yield from _holds(facts, days)
    yield from _missed(facts, days)
    yield from _supply(facts, days, supply_days)
    yield from _cuts(facts, days, cut_above)
    for told in facts.signs.baclofen_underdosing:
        yield Lapse(told.at, told.says, (told.evidence,))


def _stops(facts: Facts, days: int) -> Iterator[Lapse]:
    stop = facts.oral.stop
    if isinstance(stop, Unknown):
        refs = tuple(one.reference for one in stop.evidence)
        yield Lapse(None, stop.about, stop.evidence, refs, certain=False)
    elif stop.value is not None and is_recent(stop.value.at, days, facts.as_of):
        orders = tuple(order.ref for order in stop.value.orders)
        yield Lapse(stop.value.at, f"stopped {stop.value.at}", stop.value.evidence, orders, certain=stop.value.certain)


def _holds(facts: Facts, days: int) -> Iterator[Lapse]:
    for hold in facts.oral.holds:
        if hold.bridged or (hold.since is not None and not is_recent(hold.since, days, facts.as_of)):
            continue
        says = f"on hold since {hold.since}" if hold.since else "on hold"
        yield Lapse(hold.since, says, hold.evidence, (hold.order.ref,), certain=hold.certain)


def _missed(facts: Facts, days: int) -> Iterator[Lapse]:
    missed, report = facts.oral.missed_since, facts.oral.not_taken
    if missed is not None and is_recent(missed, days, facts.as_of):
        refs = tuple(dose.ref for at, dose in facts.oral.record.doses if not dose.given and at >= missed.first)
        yield Lapse(missed, f"not given since {missed}", tuple(Evidence(ref, "dose not given") for ref in refs))
    if report is not None and is_recent(report[1], days, facts.as_of):
        order, since = report
        yield Lapse(since, f"reported as not taken since {since}", (Evidence(order.ref, "not taken"),), (order.ref,))


def _supply(facts: Facts, days: int, supply_days: int) -> Iterator[Lapse]:
    """The supply ran out a day ago or more and was not renewed; long ago, the last dose is not known."""
    oral = facts.oral
    gap, end = oral.gap_days, oral.supply_end
    if isinstance(gap, Unknown) or isinstance(end, Unknown) or not oral.on_oral or oral.prn_only:
        return
    if 0 < gap.value <= supply_days:
        orders = tuple(order.ref for order in oral.in_force)
        yield Lapse(end.value, f"supply ended {end.value}", gap.evidence, orders, certain=gap.value <= days)


def _cuts(facts: Facts, days: int, cut_above: Decimal) -> Iterator[Lapse]:
    """The dose of today is lower by more than a share than one of the last days."""
    earliest = facts.as_of - timedelta(days=days)
    recent = [c for c in facts.oral.changes if earliest <= c.at <= facts.as_of and not _is_draft(c)]
    falls = [change for change in recent if change.delta < 0 and change.after > 0]
    if not falls:
        return
    highest, now = max(change.before for change in recent), recent[-1].after
    if highest - now > highest * cut_above:
        at = Moment.at(falls[0].at)
        orders = tuple(dict.fromkeys(order.ref for change in falls for order in change.orders))
        says = f"cut from {highest.normalize():f} to {now.normalize():f} mg/day {at}"
        yield Lapse(at, says, tuple(Evidence(ref, says) for ref in orders), orders)


def _is_draft(change: DoseChange) -> bool:
    return any(order.status == "draft" for order in change.orders)


def was_exposed(facts: Facts, days: int) -> bool:
    """Was baclofen of any route in the body in the last days? What nobody can exclude counts."""
    earliest = facts.as_of - timedelta(days=days)
    line = facts.oral.line
    if any(
        line.entries[index].role != "draft" and span.start <= facts.as_of and span.end >= earliest
        for index, span in line.spans
    ):
        return True
    return _intrathecal(facts, earliest, days) or any(
        dose.given and dose.medicine.is_baclofen and dose.at is not None and is_recent(dose.at, days, facts.as_of)
        for dose in facts.chart.given
    )


def _intrathecal(facts: Facts, earliest: datetime, days: int) -> bool:
    """A pump that delivers or may, an infusion that ended in the last days, or a single dose."""
    it = facts.it
    if not is_no(it.active) and any(order.status != "draft" for order in it.in_force):
        return True
    if isinstance(it.active, Known) and it.active.value and not it.in_force:
        return True
    if it.ended is not None and it.ended.at.last >= earliest:
        return True
    begun = (
        o.start or o.authored for o in it.orders if it.kind(o) == "bolus" and o.status not in ("draft", "cancelled")
    )
    return any(at is not None and at.first <= facts.as_of and is_recent(at, days, facts.as_of) for at in begun)


def latest_rise(facts: Facts, days: int) -> Moment | None:
    """The newest start or rise of the oral dose, or start of an infusion, in the last days; None without one."""
    found = [
        Moment.at(change.at)
        for change in facts.oral.changes
        if change.delta > 0 and change.at <= facts.as_of and not _is_draft(change)
    ]
    found += [start for start in (oral_start(facts), facts.it.started_at) if start is not None]
    recent = (at for at in found if is_recent(at, days, facts.as_of))
    return max(recent, key=lambda at: at.first, default=None)


def oral_start(facts: Facts) -> Moment | None:
    """The first day of the unbroken oral run that holds now; None: no run, or nobody knows."""
    days = facts.oral.exposure_days(facts.as_of)
    if isinstance(days, Unknown) or days.value < 1:
        return None
    first = facts.as_of.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days.value - 1)
    return Moment(first, first + timedelta(days=1), "day")
