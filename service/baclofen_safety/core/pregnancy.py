"""Is the patient pregnant? The newest source wins; an end of pregnancy after it is a no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from .chart import Measurement
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import is_recent, span, tell

if TYPE_CHECKING:
    from .person import PersonFacts

PREGNANT = frozenset({"cond-pregnancy", "fact-pregnant"})
ENDED = ("cond-delivery", "cond-pregnancy-loss", "proc-delivery")


def find_pregnancy(person: PersonFacts) -> Fact[bool]:
    """Yes, no, or unknown when neither observations nor problems were sent."""
    chart, limits = person.chart, person.limits
    young, old = (
        person.below(limits["pregnancy-age-from"]),
        person.at_least(limits["pregnancy-age-up-to"] + 1),
    )
    if chart.patient.sex == "male" or young or old:
        return Known(False)
    said = sorted((*_measured(person), *_recorded(person)), key=lambda one: one[0])
    if said:
        _, yes, evidence = said[-1]
        return Known(yes, (evidence,))
    if chart.was_sent("Condition", "Observation"):
        return Known(False)
    return Unknown(Reason.NOT_SENT, "pregnancy", (Need("Observation", ("lab-pregnancy-status",)), Need("Condition")))


def _answer(m: Measurement) -> bool | None:
    """Yes or no of a status or test; None when it says neither."""
    if m.flag is not None:
        return m.flag
    if "fact-not-pregnant" in m.concept_value:
        return False
    return True if m.concept_value & PREGNANT else None


Said = tuple[datetime, bool, Evidence]


def _measured(person: PersonFacts) -> Iterator[Said]:
    """What status, tests and due dates say."""
    limits, as_of = person.limits, person.as_of
    for concept, days in (
        ("lab-pregnancy-status", limits["pregnancy-days"]),
        ("lab-pregnancy-test", limits["pregnancy-test-days"]),
    ):
        for m in person.chart.measurements.get(concept, ()):
            yes = _answer(m)
            if yes is not None and m.at is not None and (not yes or is_recent(m.at, days, as_of)):
                yield m.at.first, yes, tell(m, "pregnancy")
    past, ahead = limits["due-date-past-days"], limits["due-date-ahead-days"]
    for m in person.chart.measurements.get("lab-estimated-delivery-date", ()):
        if m.when is None or m.problem:
            continue
        if as_of - span(past) <= m.when.last and m.when.first <= as_of + span(ahead):
            yield (m.at or m.when).first if m.at else as_of, True, tell(m, "expected date of delivery")


def _recorded(person: PersonFacts) -> Iterator[Said]:
    """What problems and procedures say: a pregnancy, or its end."""
    days, as_of = person.limits["pregnancy-days"], person.as_of
    for p in person.active("cond-pregnancy"):
        if p.concepts & {*ENDED, "cond-breastfeeding"} or not person.is_fresh(p, days):
            continue
        begun = p.onset or p.recorded
        yield begun.first if begun else as_of - span(days), True, Evidence(p.ref, p.text)
    for p in person.problems(ENDED, "active", "history"):
        at = p.onset or p.recorded
        if at is not None:
            yield at.first, False, Evidence(p.ref, p.text)
    for act in person.chart.acts:
        if act.state == "done" and act.start is not None and set(ENDED) & act.concepts:
            yield act.start.first, False, Evidence(act.ref, act.text)
