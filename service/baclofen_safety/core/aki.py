"""Are the kidneys failing now? A fresh diagnosis, a first dialysis session, creatinine up or eGFR down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import Days, is_recent, shown, span
from .moment import Moment
from .renal_formulas import UMOL_PER_MG

if TYPE_CHECKING:
    from .person import PersonFacts

NEEDS = (Need("Observation", ("lab-creatinine",)), Need("Condition", ("cond-aki",)))


@dataclass(frozen=True, slots=True)
class Aki:
    """Why the kidneys are thought to be failing now.

    ``why``: condition, one-session, rise-48h, above-lowest, above-baseline or egfr-drop. ``before`` and
    ``after`` are the two values as shown (mg/dL, or eGFR), "" where there is none. ``certain`` is False
    without an exact date.
    """

    why: str
    before: str
    after: str
    evidence: tuple[Evidence, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A number at a time: creatinine in mg/dL, or eGFR."""

    at: Moment
    value: Decimal
    evidence: Evidence


Readings = tuple[Reading, ...]


def find_aki(person: PersonFacts, creatinine: Readings, egfr: Readings, session: Fact[bool] | None) -> Fact[Aki | None]:
    """The first sign found, a diagnosis first. ``session``: given when exactly one dialysis session is known.

    Readings are oldest first. One fresh value with nothing to hold it against is unknown, not no.
    """
    if found := _diagnosis(person):
        return found
    if isinstance(session, Unknown):
        return Known(Aki("one-session", "", "", session.evidence))
    for why, before, after, evidence in _rises(person, creatinine, egfr):
        return Known(Aki(why, before, after, evidence), evidence, "computed")
    return _nothing_found(person, creatinine, egfr)


def _diagnosis(person: PersonFacts) -> Fact[Aki | None] | None:
    days = person.limits["aki-condition-days"]
    fresh = [p for p in person.active("cond-aki") if person.is_fresh(p, days)]
    if fresh:
        begun = fresh[0].onset or fresh[0].recorded
        said = tuple(Evidence(p.ref, p.text or "acute kidney injury") for p in fresh)
        return Known(Aki("condition", "", "", said, begun is not None and begun.exact), said)
    possible = [p for p in person.problems("cond-aki", "possible") if person.is_fresh(p, days)]
    if possible:
        said = tuple(Evidence(p.ref, p.text) for p in possible)
        needs = (Need("Condition", ("cond-aki",), (person.as_of - span(days)).date(), ("certainty",)),)
        return Unknown(Reason.NOT_FINAL, "acute kidney injury not confirmed", needs, said)
    return None


Rise = tuple[str, str, str, tuple[Evidence, ...]]


def _rises(person: PersonFacts, creatinine: Readings, egfr: Readings) -> Iterator[Rise]:
    """Every sign in the laboratory values, the quickest first."""
    limits, as_of = person.limits, person.as_of
    fresh = limits["aki-fresh-days"]
    yield from _rise_in_hours(person, creatinine)
    if creatinine and is_recent(creatinine[-1].at, fresh, as_of):
        now, ratio = creatinine[-1], limits["aki-ratio"]
        week = _between(creatinine, now, 0, limits["aki-lowest-days"])
        if week:
            low = min(week, key=lambda reading: reading.value)
            if now.value >= ratio * low.value:
                yield _rise("above-lowest", low.value, now, (low.evidence,))
        earlier = _earlier(person, creatinine)
        base = _median(earlier)
        if base is not None and now.value >= ratio * base:
            yield _rise("above-baseline", base, now, tuple(r.evidence for r in earlier))
    if egfr and is_recent(egfr[-1].at, fresh, as_of):
        earlier = _earlier(person, egfr)
        base = _median(earlier)
        if base is not None and egfr[-1].value <= base * (1 - limits["aki-egfr-drop"]):
            yield _rise("egfr-drop", base, egfr[-1], tuple(r.evidence for r in earlier))


def _rise(why: str, before: Decimal, now: Reading, earlier: tuple[Evidence, ...]) -> Rise:
    show: Callable[[Decimal], str] = shown if why == "egfr-drop" else _mg
    return why, show(before), show(now.value), (now.evidence, *earlier)


def _mg(value: Decimal) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _rise_in_hours(person: PersonFacts, creatinine: Readings) -> Iterator[Rise]:
    """The greatest rise between two values at most 48 h apart, the later one fresh."""
    limits, as_of = person.limits, person.as_of
    hours = timedelta(hours=float(limits["aki-rise-hours"]))
    recent = [r for r in creatinine if is_recent(r.at, limits["aki-fresh-days"], as_of)]
    pairs = [
        (late.value - early.value, early, late)
        for late in recent
        for early in creatinine
        if early.at.first < late.at.first and late.at.first - early.at.last <= hours
    ]
    if not pairs:
        return
    rise, early, late = max(pairs, key=lambda pair: pair[0])
    if round(rise * UMOL_PER_MG, 6) >= limits["aki-rise-umol"]:
        yield "rise-48h", _mg(early.value), _mg(late.value), (late.evidence, early.evidence)


def _between(readings: Readings, now: Reading, from_day: Days, to_day: Days) -> Readings:
    """Readings before ``now`` by ``from_day`` to ``to_day`` days, both ends in."""
    return tuple(r for r in readings if r.at.first < now.at.first and from_day <= _age(r, now) <= to_day)


def _age(reading: Reading, now: Reading) -> Decimal:
    """Days between two readings: calendar days when one of them is a date only."""
    if reading.at.precision == now.at.precision == "time":
        return Decimal(repr((now.at.first - reading.at.first) / timedelta(days=1)))
    return Decimal((now.at.day - reading.at.day).days)


def _earlier(person: PersonFacts, readings: Readings) -> Readings:
    """The values that make the baseline of the newest one."""
    limits = person.limits
    return _between(readings, readings[-1], limits["aki-baseline-from-days"], limits["aki-baseline-to-days"])


def _median(readings: Readings) -> Decimal | None:
    return median(reading.value for reading in readings) if readings else None


def _nothing_found(person: PersonFacts, creatinine: Readings, egfr: Readings) -> Fact[Aki | None]:
    """No; or unknown: nobody looked, or the only fresh value has nothing to be held against."""
    if not person.chart.was_answered(NEEDS):
        return Unknown(Reason.NOT_SENT, "acute kidney injury", NEEDS)
    days, fresh = person.limits["aki-baseline-to-days"], person.limits["aki-fresh-days"]
    alone = [
        readings[-1] for readings in (creatinine, egfr) if readings and is_recent(readings[-1].at, fresh, person.as_of)
    ]
    compared = any(_between(readings, readings[-1], 0, days) for readings in (creatinine, egfr) if readings)
    if alone and not compared:
        need = Need("Observation", ("lab-creatinine",), (person.as_of - span(days)).date())
        return Unknown(Reason.NOT_COMPUTABLE, "no baseline creatinine", (need,), (alone[0].evidence,))
    return Known(None)
