"""Parts of an order laid out in time: added when they hold together, in a row when they are in sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from ..core.dosing import DAY_H
from ..core.medicines import DoseStep, Written
from ..core.moment import Moment

_A_DAY = timedelta(days=1)
_WORST_FIRST: tuple[Written, ...] = ("differ", "mL", "agree", "mg")


@dataclass(slots=True)
class Part:
    """One dosage: what is taken, and its own place in time.

    Filled in by ``dosage``, in mg until put into the route's unit, and not changed afterwards.
    """

    daily: Decimal | None = None
    daily_low: Decimal | None = None
    at_least: Decimal | None = None  # of a dose that cannot be computed
    single: Decimal | None = None
    per_day: Decimal | None = None
    interval_h: Decimal | None = None
    mean: Decimal | None = None  # average a day, when that is not the dose of a taking day
    as_needed: bool = False
    once: bool = False
    continuous: bool = False
    volume_ml: Decimal | None = None
    mg_and_ml: Written | None = None
    written_unit: str | None = None
    written_value: Decimal | None = None
    problems: tuple[str, ...] = ()
    text: str = ""
    times: frozenset[str] = frozenset()
    sequence: int | None = None
    start: Moment | None = None  # as recorded
    end: Moment | None = None  # as recorded, exclusive
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part with the bounds it was given."""

    part: Part
    start: Moment | None
    end: Moment | None


def lay_out(parts: Sequence[Part], start: Moment | None) -> tuple[DoseStep, ...]:
    """The steps of an order that begins at ``start``; lengths are counted from there, step after step."""
    if len(parts) == 1:
        part = parts[0]
        begin = part.start or start
        return (_step(part, begin, part.end or _after(begin, part)),)
    groups = _groups(parts)
    steps: list[DoseStep] = []
    cursor, dated = start, True
    for index, group in enumerate(groups):
        recorded = [part.start for part in group if part.start is not None]
        if not dated and not recorded:
            steps.append(replace(_step(_together(group), None, None), dated=False))
            continue
        if recorded:
            cursor = None if len(recorded) < len(group) and not dated else cursor
        following = groups[index + 1] if index + 1 < len(groups) else ()
        until = min((p.start for p in following if p.start is not None), key=_first, default=None)
        placed = [_place(part, cursor, until) for part in group]
        steps += _segments(placed)
        ends = [one.end for one in placed if one.end is not None]
        dated = len(ends) == len(placed)
        cursor = max(ends, key=_first) if dated else None
    return tuple(steps)


def _groups(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that hold together: those of one sequence number, and with each of them those that have none."""
    numbers = sorted({part.sequence for part in parts if part.sequence is not None})
    if len(numbers) < 2 or _overlap(parts):
        return [list(parts)]
    return [[part for part in parts if part.sequence in (number, None)] for number in numbers]


def _overlap(parts: Sequence[Part]) -> bool:
    """Do recorded periods of different sequence numbers share time? Then the numbers only count lines."""
    bounded = [(p.start.first, p.end.first, p.sequence) for p in parts if p.start is not None and p.end is not None]
    bounded.sort(key=lambda row: row[:2])
    return any(a[1] > b[0] and a[2] != b[2] for a, b in pairwise(bounded))


def _place(part: Part, cursor: Moment | None, until: Moment | None) -> _Placed:
    start = part.start or cursor
    end = part.end or _after(start, part)
    if end is None and part.length is None and until is not None and (start is None or start.first < until.first):
        end = Moment.at(until.first)
    return _Placed(part, start, end)


def _after(start: Moment | None, part: Part) -> Moment | None:
    """The end that the part's length gives; a partly known start gives a range."""
    length = part.length or (_A_DAY if part.once else None)
    if start is None or length is None:
        return None
    try:
        if start.exact:
            return Moment.at(start.first + length)
        return Moment(start.first + length, start.last + length, start.precision)
    except OverflowError:
        return None


def _segments(placed: list[_Placed]) -> list[DoseStep]:
    """Steps between all starts and ends: in each, the parts that hold then."""
    if len({(one.start, one.end) for one in placed}) == 1:
        return [_step(_together([one.part for one in placed]), placed[0].start, placed[0].end)]
    edges: dict[datetime | None, Moment | None] = {}
    for one in placed:
        for edge in (one.start, one.end):
            edges.setdefault(edge.first if edge else None, edge)
    unknown_start = any(one.start is None for one in placed)
    open_end = any(one.end is None for one in placed)
    known = [edges[at] for at in sorted(at for at in edges if at is not None)]
    line: list[Moment | None] = [*([None] if unknown_start else []), *known, *([None] if open_end else [])]
    ends = {one.end.first: one.end for one in placed if one.end is not None}
    steps = []
    for begin, end in pairwise(line):
        holding = [one.part for one in placed if _holds(one, begin, end)]
        if holding:
            # where the next part begins this one is over, on a day without a time at its midnight
            over = None if end is None else ends.get(end.first, Moment.at(end.first))
            steps.append(_step(_together(holding), begin, over))
    return steps


def _holds(one: _Placed, begin: Moment | None, end: Moment | None) -> bool:
    begun = one.start is None or (begin is not None and one.start.first <= begin.first)
    return begun and (one.end is None or (end is not None and end.first <= one.end.first))


def _first(moment: Moment) -> datetime:
    return moment.first


def _together(parts: Sequence[Part]) -> Part:
    """Parts of one day as one: doses added, the largest single dose, every problem once."""
    if len(parts) == 1:
        return parts[0]
    lead = max(parts, key=lambda part: part.single or part.daily or Decimal())
    per_day = _total([part.per_day for part in parts])
    gaps = [part.interval_h for part in parts if part.interval_h is not None]
    if per_day:
        gaps.append(DAY_H / per_day)
    volumes = {part.volume_ml for part in parts if part.volume_ml is not None}
    return replace(
        lead,
        daily=_total([part.daily for part in parts]),
        daily_low=_total([part.daily_low for part in parts]),
        mean=_total([part.mean or part.daily for part in parts]) if any(part.mean for part in parts) else None,
        at_least=sum((part.daily or part.at_least or Decimal() for part in parts), Decimal()) or None,
        single=max((part.single for part in parts if part.single is not None), default=None),
        per_day=per_day,
        interval_h=min(gaps, default=None),
        as_needed=all(part.as_needed for part in parts),
        once=all(part.once for part in parts),
        continuous=any(part.continuous for part in parts),
        volume_ml=volumes.pop() if len(volumes) == 1 else None,
        problems=tuple(dict.fromkeys(problem for part in parts for problem in part.problems)),
        mg_and_ml=next((how for how in _WORST_FIRST if any(part.mg_and_ml == how for part in parts)), None),
        times=frozenset().union(*(part.times for part in parts)),
        text=" / ".join(dict.fromkeys(part.text for part in parts if part.text)),
    )


def _total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal()) if len(known) == len(amounts) else None


def _step(part: Part, start: Moment | None, end: Moment | None) -> DoseStep:
    return DoseStep(
        part.daily,
        part.daily_low,
        part.single,
        part.per_day,
        part.interval_h,
        start,
        end,
        True,
        part.as_needed,
        part.once,
        part.written_unit,
        part.written_value,
        part.continuous,
        part.volume_ml,
        part.problems,
        part.text,
        part.mg_and_ml,
        at_least=part.at_least if part.daily is None else None,
        mean=part.mean,
        times=part.times,
    )
