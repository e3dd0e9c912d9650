"""Descending plans: steps each no higher than the one before, in one order or in orders that follow on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from .line import Level, Line
from .medicines import Order
from .spans import FAR_FUTURE, FAR_PAST
from .timeline import DescendingPlan


def find_plan(line: Line, at: datetime, drafts: Iterable[Order] = ()) -> DescendingPlan | None:
    """The descending plan in force at ``at`` or ahead; the undated steps of ``drafts`` count too."""
    window = line.record.days("dose-history-days")
    low = line.record.limits["low-stop-dose"]
    for chain in _descents(line.levels):
        lower = [level for before, level in pairwise(chain) if _falls(before, level)]
        recent = [level for level in lower if level.start >= at - window]
        if chain[-1].end <= at or not recent:
            continue
        if len(recent) == 1 and chain[-1].end >= FAR_FUTURE:
            continue  # one lower dose that runs on is a new dose, not a plan
        return _write(line, chain, low)
    return _undated(line, at, low, drafts)


def _descents(levels: Sequence[Level]) -> list[list[Level]]:
    """Maximal chains of levels that follow on and never rise."""
    chains: list[list[Level]] = []
    for level in levels:
        if level.dose is None or not level.dose:
            continue
        before = chains[-1][-1] if chains else None
        if before and before.end == level.start and before.dose is not None and level.dose <= before.dose:
            chains[-1].append(level)
        else:
            chains.append([level])
    return [chain for chain in chains if len(chain) > 1]


def _falls(before: Level, after: Level) -> bool:
    return before.dose is not None and after.dose is not None and after.dose < before.dose


def _write(line: Line, chain: Sequence[Level], low: Decimal) -> DescendingPlan:
    steps = tuple((level.start, level.dose) for level in chain if level.dose is not None)
    indices = dict.fromkeys(
        index for index, span in line.spans if span.end > chain[0].start and span.start < chain[-1].end
    )
    orders = tuple(line.entries[index].order for index in indices)
    end = chain[-1].end
    return DescendingPlan(steps, steps[-1][1] <= low, True, orders, end if end < FAR_FUTURE else None)


def _undated(line: Line, at: datetime, low: Decimal, drafts: Iterable[Order]) -> DescendingPlan | None:
    running = [(e.order, e.start) for e in line.entries if e.counts and e.end > at]
    for order, start in (*running, *((draft, at) for draft in drafts)):
        doses = [step.daily for step in order.steps]
        undated = any(a.end is None and b.start is None for a, b in pairwise(order.steps))
        known = [dose for dose in doses if dose is not None]
        if not undated or len(known) != len(doses):
            continue
        if all(a >= b for a, b in pairwise(known)) and known[-1] < known[0]:
            begin = start if start > FAR_PAST else at
            return DescendingPlan(tuple((begin, d) for d in known), known[-1] <= low, False, (order,))
    return None


def is_tapered(line: Line, end: datetime) -> bool:
    """Did the line come down by a dated plan to a dose it may be stopped from, just before ``end``?"""
    plan = find_plan(line, end - timedelta(microseconds=1))
    return plan is not None and plan.dated and plan.ends_low
