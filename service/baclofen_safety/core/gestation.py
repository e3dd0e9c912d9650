"""How far a pregnancy is: by its due date, by a gestational age, or at least since it was first recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from .fact import Evidence
from .measuring import number_of, span, tell, time_of, usable
from .moment import Moment
from .pregnancy import ENDED, ends, going_on

if TYPE_CHECKING:
    from .chart import Measurement
    from .person import PersonFacts

DAYS_PER_WEEK = 7
DUE = "lab-estimated-delivery-date"
AGE = "lab-gestational-age"


@dataclass(frozen=True, slots=True)
class Gestation:
    """``weeks`` by a gestational age, or, ``at_least``, since the pregnancy was recorded; ``due``: expected day.

    Both are None when nobody knows. ``evidence`` is what they rest on.
    """

    weeks: Decimal | None = None
    due: Moment | None = None
    at_least: bool = False
    evidence: tuple[Evidence, ...] = ()

    def days_to_go(self, as_of: datetime) -> int | None:
        """Days up to the expected date of delivery, negative when it has passed."""
        return None if self.due is None else -self.due.days_before(as_of)


def find_gestation(person: PersonFacts) -> Gestation:
    """Of the pregnancy that goes on; what was before the last delivery or loss belongs to another."""
    since = max((at.first for at, _ in ends(person, ENDED)), default=None)
    due, aged = _due(person, since), _aged(person, since)
    if aged is None:
        return _since_recorded(person, since, due)
    found = [(due, "expected date of delivery")] if due else []
    return Gestation(
        _weeks(aged, person.as_of),
        due.when if due else None,
        evidence=tuple(tell(m, name) for m, name in (*found, (aged, "gestational age"))),
    )


def _due(person: PersonFacts, since: datetime | None) -> Measurement | None:
    """The newest expected date of delivery that is neither long past nor further ahead than a pregnancy lasts."""
    earliest = person.as_of - span(person.limits["due-date-past-days"])
    latest = person.as_of + span(person.limits["due-date-ahead-days"])
    found = [
        (m.at.first if m.at else earliest, m.ref, m)
        for m in person.chart.measurements.get(DUE, ())
        if m.problem is None and m.when is not None and earliest <= m.when.last and m.when.first <= latest
    ]
    kept = [row for row in found if since is None or row[0] >= since]
    return max(kept, key=lambda row: row[:2])[2] if kept else None


def _aged(person: PersonFacts, since: datetime | None) -> Measurement | None:
    """The newest gestational age; one by which the pregnancy had lasted too long is of an older one."""
    limits, as_of = person.limits, person.as_of
    longest = limits["due-date-ahead-days"] + limits["due-date-past-days"]
    found = [
        m
        for m in usable(person.chart, (AGE,))
        if m.low is not None
        and (since is None or time_of(m).first >= since)
        and _weeks(m, as_of) * DAYS_PER_WEEK <= longest
    ]
    return found[-1] if found else None


def _weeks(m: Measurement, as_of: datetime) -> Decimal:
    """The weeks measured and those gone by since."""
    return number_of(m) + Decimal(time_of(m).days_before(as_of)) / DAYS_PER_WEEK


def _since_recorded(person: PersonFacts, since: datetime | None, due: Measurement | None) -> Gestation:
    """Nobody measured the age; the pregnancy is at least as old as its record."""
    begun = [
        (at.days_before(person.as_of), p)
        for p in going_on(person)
        if (at := p.onset or p.recorded) is not None and (since is None or at.first >= since)
    ]
    told = (tell(due, "expected date of delivery"),) if due else ()
    when = due.when if due else None
    if not begun:
        return Gestation(None, when, evidence=told)
    days, oldest = max(begun, key=lambda row: row[0])
    evidence = (*told, Evidence(oldest.ref, oldest.text))
    return Gestation(Decimal(days) / DAYS_PER_WEEK, when, at_least=True, evidence=evidence)
