"""A newborn whose mother took baclofen in the last weeks of pregnancy, and the signs of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .chart import Chart, Patient
from .concepts import BACLOFEN, INTRATHECAL_ROUTES
from .fact import Evidence, is_yes
from .intrathecal import IntrathecalFacts
from .measuring import span, tell
from .medicines import Order
from .oral import OralFacts

if TYPE_CHECKING:
    from .person import PersonFacts

EXPOSURE = "fact-maternal-exposure"
WITHDRAWAL = "cond-neonatal-drug-withdrawal"
SIGN = "fact-sign-newborn-withdrawal"
SEIZURES = ("cond-epilepsy-seizure", "cond-seizure-single")


@dataclass(frozen=True, slots=True)
class Exposure:
    """Baclofen of the mother near birth. ``pump_only``: known to be intrathecal and nothing by mouth."""

    pump_only: bool
    evidence: tuple[Evidence, ...]
    orders: tuple[str, ...] = ()


def find_exposures(person: PersonFacts) -> tuple[Exposure, ...]:
    """What the newborn's own record says of it, and the mother's linked record."""
    return (*_told(person), *_of_mother(person))


def _told(person: PersonFacts) -> Iterator[Exposure]:
    for m in person.chart.measurements.get(EXPOSURE, ()):
        if m.flag is not False and m.problem is None and BACLOFEN in m.concept_value:
            routes = {concept for concept in m.concept_value if concept.startswith("route-")}
            yield Exposure(bool(routes) and routes <= INTRATHECAL_ROUTES, (tell(m, "mother took"),))
    for p in person.problems((WITHDRAWAL, EXPOSURE), "active", "history", "possible"):
        if "baclofen" in p.text.casefold():
            yield Exposure(False, (Evidence(p.ref, p.text),))


def _of_mother(person: PersonFacts) -> Iterator[Exposure]:
    """Her orders that covered any of the weeks before birth."""
    if not person.chart.maternal:
        return
    birth = person.chart.patient.birth
    born = birth.last if birth is not None else person.as_of
    since = (birth.first if birth is not None else person.as_of) - span(person.limits["exposed-before-birth-days"])
    mother = Chart(Patient(""), orders=person.chart.maternal, received=person.chart.received)
    by_mouth, pump = _oral(mother, person, since, born), _pump(mother, person, since, born)
    if by_mouth or pump:
        evidence = tuple(Evidence(order.ref, f"mother: {order.medicine.name}") for order in (*by_mouth, *pump))
        yield Exposure(not by_mouth, evidence, tuple(order.ref for order in (*by_mouth, *pump)))


def _oral(mother: Chart, person: PersonFacts, since: datetime, born: datetime) -> tuple[Order, ...]:
    oral = OralFacts(mother, person.as_of, person.limits, signed=False)
    covering = {span.order.ref: span.order for _, span in oral.line.spans if span.start <= born and span.end > since}
    return tuple(covering.values())


def _pump(mother: Chart, person: PersonFacts, since: datetime, born: datetime) -> tuple[Order, ...]:
    it = IntrathecalFacts(mother, person.as_of, person.limits, signed=False)
    begun = [order for order in it.in_force if order.start is None or order.start.first <= born]
    if is_yes(it.active) and begun:
        return tuple(begun)
    over = it.ended
    return over.orders if over is not None and over.at.last > since else ()


def names_another_drug(person: PersonFacts) -> bool:
    """Does the record of exposure name a drug, and not baclofen?"""
    told = person.chart.measurements.get(EXPOSURE, ())
    return any(m.problem is None and m.shown and BACLOFEN not in m.concept_value for m in told)


def find_signs(person: PersonFacts) -> tuple[Evidence, ...]:
    """Tremor, high tone, seizure, poor feeding, high-pitched cry: recorded lately and not denied."""
    limits, as_of = person.limits, person.as_of
    recent = timedelta(hours=float(limits["sign-hours"]))
    seen = tuple(
        tell(m, "withdrawal sign")
        for m in person.chart.measurements.get(SIGN, ())
        if m.flag is not False and m.problem is None and m.at is not None and m.at.within(recent, as_of)
    )
    told = (p for p in person.active((SIGN, *SEIZURES)) if person.is_fresh(p, limits["sign-days"]))
    return (*seen, *(Evidence(p.ref, p.text) for p in told))
