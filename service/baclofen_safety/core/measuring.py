"""Measurements in time: which count, which is the newest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from .chart import Chart, Measurement
from .concepts import Concept
from .fact import Evidence
from .moment import Moment

_REMARK = re.compile(r"\s*\{(?!1\.73)[^}]*\}")  # "4 {score}"; the area of a normalised clearance stays


def all_of(chart: Chart, concepts: Iterable[Concept]) -> tuple[Measurement, ...]:
    """Every measurement of the concepts, usable or not."""
    return tuple(m for concept in concepts for m in chart.measurements.get(concept, ()))


def usable(chart: Chart, concepts: Iterable[Concept]) -> list[Measurement]:
    """Dated measurements with a number or an interval, oldest first; equal times by the time of issue."""
    found = [
        m
        for m in all_of(chart, concepts)
        if m.problem is None and m.at is not None and not (m.low is None and m.high is None)
    ]
    return sorted(found, key=_clinical_time)


def _clinical_time(m: Measurement) -> tuple[datetime, datetime]:
    assert m.at is not None
    return m.at.first, (m.issued or m.at).first


def time_of(m: Measurement) -> Moment:
    """The time of a measurement that ``usable`` gave."""
    assert m.at is not None
    return m.at


def number_of(m: Measurement) -> Decimal:
    """The number of a measurement known to hold one."""
    assert m.low is not None
    return m.low


Days = int | Decimal


def span(days: Days) -> timedelta:
    """So many days."""
    return timedelta(days=float(days))


def is_recent(at: Moment, days: Days, as_of: datetime) -> bool:
    """Not older than ``days``. Minutes a clock may run ahead count as now; the reader drops the rest."""
    return at.first > as_of or at.within(span(days), as_of)


def newest_number(found: Iterable[Measurement], days: Days, as_of: datetime) -> Measurement | None:
    """The newest plain number inside the window; ``found`` as ``usable`` gives it."""
    fresh = [m for m in found if m.value is not None and is_recent(time_of(m), days, as_of)]
    return fresh[-1] if fresh else None


def tell(m: Measurement, name: str) -> Evidence:
    """A measurement as evidence: name, value as sent (UCUM's remarks in braces left out), day."""
    value = _REMARK.sub("", m.shown or (f"{m.low} {m.unit}" if m.low is not None else "")).strip()
    return Evidence(m.ref, " ".join(part for part in (name, value, str(m.at) if m.at else "undated") if part))


def shown(value: Decimal) -> str:
    """A number for people: one decimal at most, none when it adds nothing ("40.5", "36", "0.4")."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")
