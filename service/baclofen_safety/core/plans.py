"""Descending plans: steps each lower than the one before, in one order or in orders that follow on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from .line import Level, Line
from .spans import FAR_FUTURE, FAR_PAST, TICK
from .timeline import DescendingPlan


@dataclass(frozen=True, slots=True)
class _Step:
    start: datetime
    end: datetime
    dose: Decimal


def find_plan(line: Line, at: datetime) -> DescendingPlan | None:
    """The descending plan in force at ``at`` or ahead."""
    window = line.record.days("dose-history-days")
    low = line.record.limits["low-stop-dose"]
    for chain in _descents(line.levels):
        recent = [step for step in chain[1:] if step.start >= at - window]
        if chain[-1].end <= at or not recent:
            continue
        if len(recent) == 1 and chain[-1].end >= FAR_FUTURE:
            continue  # one lower dose that runs on is a new dose, not a plan
        return _write(line, chain, low)
    return _undated(line, at, low)


def _descents(levels: Iterable[Level]) -> list[list[_Step]]:
    """Maximal chains of known doses that follow on and fall; levels that touch never have the same dose."""
    chains: list[list[_Step]] = []
    for level in levels:
        if not level.dose:
            continue
        step = _Step(level.start, level.end, level.dose)
        before = chains[-1][-1] if chains else None
        if before and before.end == step.start and step.dose < before.dose:
            chains[-1].append(step)
        else:
            chains.append([step])
    return chains


def _write(line: Line, chain: Sequence[_Step], low: Decimal) -> DescendingPlan:
    start, end = chain[0].start, chain[-1].end
    indices = dict.fromkeys(index for index, span in line.spans if span.end > start and span.start < end)
    return DescendingPlan(
        steps=tuple((step.start, step.dose) for step in chain),
        ends_low=chain[-1].dose <= low,
        dated=True,
        orders=tuple(line.entries[index].order for index in indices),
        ends_at=end if end < FAR_FUTURE else None,
    )


def _undated(line: Line, at: datetime, low: Decimal) -> DescendingPlan | None:
    for entry in line.entries:
        steps = entry.order.steps
        doses = [step.daily for step in steps if step.daily is not None]
        undated = any(a.end is None and b.start is None for a, b in pairwise(steps))
        if not (entry.counts and entry.end > at and undated) or len(doses) < len(steps):
            continue
        if doses == sorted(doses, reverse=True) and doses[-1] < doses[0]:
            begin = entry.start if entry.start > FAR_PAST else at
            return DescendingPlan(tuple((begin, dose) for dose in doses), doses[-1] <= low, False, (entry.order,))
    return None


def is_tapered(line: Line, end: datetime) -> bool:
    """Did the line come down by a dated plan to a dose it may be stopped from, just before ``end``?"""
    plan = find_plan(line, end - TICK)
    return plan is not None and plan.dated and plan.ends_low


def ends_high(line: Line) -> bool:
    """Does the line end, as ordered, at more than the dose it may be stopped from, or at nobody knows how much?"""
    last = line.levels[-1] if line.levels else None
    if last is None or last.end >= FAR_FUTURE:
        return last is None
    return last.dose is None or last.dose > line.record.limits["low-stop-dose"]
