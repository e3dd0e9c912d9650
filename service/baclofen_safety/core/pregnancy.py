"""Is the patient pregnant? The newest source wins; an end of pregnancy after it is a no."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from .chart import Measurement, Problem
from .concepts import Concept
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import is_recent, span, tell
from .moment import Moment

if TYPE_CHECKING:
    from .person import PersonFacts

PREGNANT = frozenset({"cond-pregnancy", "fact-pregnant", "fact-positive"})
NOT_PREGNANT = frozenset({"fact-not-pregnant", "fact-negative"})
ENDED = ("cond-delivery", "cond-pregnancy-loss", "proc-delivery")
NEEDS = (Need("Observation", ("lab-pregnancy-status",)), Need("Condition", ("cond-pregnancy",)))


def find_pregnancy(person: PersonFacts) -> Fact[bool]:
    """Yes, no, or unknown when neither observations nor problems were sent."""
    chart = person.chart
    if not may_bear(person):
        return Known(False)
    said = sorted((*_measured(person), *_recorded(person)), key=lambda one: one[0])
    if said:
        _, yes, evidence = said[-1]
        return Known(yes, (evidence,))
    wondered = [p for p in person.problems("cond-pregnancy", "possible") if _is_of_now(p, person)]
    if wondered:
        return Unknown(Reason.NOT_FINAL, "pregnancy", NEEDS, tuple(Evidence(p.ref, p.text) for p in wondered))
    if chart.was_answered(NEEDS):
        return Known(False)
    return Unknown(Reason.NOT_SENT, "pregnancy", NEEDS)


def may_bear(person: PersonFacts) -> bool:
    """Neither male nor too young nor too old, as far as anybody knows."""
    young = person.below(person.limits["pregnancy-age-from"])
    old = person.at_least(person.limits["pregnancy-age-up-to"] + 1)
    return person.chart.patient.sex != "male" and not young and not old


def _answer(m: Measurement) -> bool | None:
    """Yes or no of a status or test; None when it says neither."""
    if m.flag is not None:
        return m.flag
    if m.concept_value & NOT_PREGNANT:
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
    for p in going_on(person):
        begun = p.onset or p.recorded
        yield begun.first if begun else as_of - span(days), True, Evidence(p.ref, p.text)
    yield from ((at.first, False, evidence) for at, evidence in ends(person, ENDED))


def going_on(person: PersonFacts) -> Iterator[Problem]:
    """Active problems of a pregnancy not older than one lasts, and not of its end."""
    yield from (p for p in person.active("cond-pregnancy") if _is_of_now(p, person))


def _is_of_now(p: Problem, person: PersonFacts) -> bool:
    return not p.concepts & {*ENDED, "cond-breastfeeding"} and person.is_fresh(p, person.limits["pregnancy-days"])


def ends(person: PersonFacts, concepts: tuple[Concept, ...]) -> Iterator[tuple[Moment, Evidence]]:
    """Deliveries, losses or both, with when they were."""
    for p in person.problems(concepts, "active", "history"):
        if at := p.onset or p.recorded:
            yield at, Evidence(p.ref, p.text)
    for act in person.chart.acts:
        if act.state == "done" and act.start is not None and set(concepts) & act.concepts:
            yield act.start, Evidence(act.ref, act.text)
