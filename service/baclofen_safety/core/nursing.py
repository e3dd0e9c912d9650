"""Does the patient breastfeed, since when no more, and how old is the child?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import is_recent, tell
from .moment import Moment
from .pregnancy import ends, may_bear

if TYPE_CHECKING:
    from .chart import Measurement
    from .person import PersonFacts

STATUS = "lab-breastfeeding-status"
NURSING = frozenset({"cond-breastfeeding", "fact-breastfeeding", "fact-positive"})
NOT_NURSING = frozenset({"fact-not-breastfeeding", "fact-negative"})
BORN = "fact-infant-birth-date"
PRETERM = "fact-infant-preterm"


@dataclass(frozen=True, slots=True)
class Nursing:
    """``now``: the newest record says yes. ``ended``: it says no, after one that said yes."""

    now: bool
    ended: Moment | None = None
    evidence: tuple[Evidence, ...] = ()


Said = tuple[datetime, bool, Moment, Evidence]


def find_nursing(person: PersonFacts) -> Fact[Nursing]:
    """By the newest record; unknown when neither observations nor problems were sent."""
    if not may_bear(person):
        return Known(Nursing(False))
    said = sorted((*_observed(person), *_recorded(person)), key=lambda one: one[:2])
    if not said:
        needs = (Need("Observation", (STATUS,)), Need("Condition", ("cond-breastfeeding",)))
        if person.chart.was_answered(needs):
            return Known(Nursing(False))
        return Unknown(Reason.NOT_SENT, "breastfeeding", needs)
    _, yes, at, evidence = said[-1]
    if yes:
        return Known(Nursing(True, None, (evidence,)))
    before = any(earlier for _, earlier, _, _ in said)
    return Known(Nursing(False, at if before else None, (evidence,)))


def _answer(m: Measurement) -> bool | None:
    if m.flag is not None:
        return m.flag
    if m.concept_value & NOT_NURSING:
        return False
    return True if m.concept_value & NURSING or m.concept == "fact-breastfeeding" else None


def _observed(person: PersonFacts) -> Iterator[Said]:
    """A yes is good for some months; a no stands."""
    days = person.limits["nursing-status-days"]
    for concept in (STATUS, "fact-breastfeeding"):
        for m in person.chart.measurements.get(concept, ()):
            yes = _answer(m)
            if (
                m.at is not None
                and m.problem is None
                and yes is not None
                and (not yes or is_recent(m.at, days, person.as_of))
            ):
                yield m.at.first, yes, m.at, tell(m, "breastfeeding")


def _recorded(person: PersonFacts) -> Iterator[Said]:
    """Problems and flags: begun, and perhaps over. One that nobody closed is good as long as a child is nursed."""
    asked = ("cond-breastfeeding", "fact-breastfeeding")
    for p in person.problems(asked, "active", "history"):
        begun = p.onset or p.recorded or Moment.at(person.as_of)
        if is_recent(begun, person.limits["nursing-days"], person.as_of) and (p.state == "active" or p.abated):
            yield begun.first, True, begun, Evidence(p.ref, p.text)
        if p.abated is not None and p.abated.first <= person.as_of:
            yield p.abated.first, False, p.abated, Evidence(p.ref, p.text)


def find_birth(person: PersonFacts) -> Fact[Moment]:
    """The nursed child's birth: as told, of the youngest child named, or the last delivery."""
    told = [(m.at.first.timestamp() if m.at else 0, m.ref, m) for m in person.chart.measurements.get(BORN, ())]
    dated = [row for row in told if row[2].when is not None and row[2].problem is None]
    if dated:
        newest = max(dated, key=lambda row: row[:2])[2]
        assert newest.when is not None
        return Known(newest.when, (tell(newest, "birth of the child"),))
    named = [(child.birth, Evidence(child.ref, f"born {child.birth}")) for child in person.chart.children]
    for births in (named, list(ends(person, ("cond-delivery", "proc-delivery")))):
        young = [row for row in births if is_recent(row[0], person.limits["nursing-days"], person.as_of)]
        if young:
            birth, evidence = max(young, key=lambda row: row[0].first)
            return Known(birth, (evidence,))
    return Unknown(Reason.NOT_SENT, "age of the child", (Need("Observation", (BORN,)), Need("RelatedPerson")))


def youngest_days(birth: Moment, as_of: datetime) -> int:
    """Days since birth; of a month or a year the least possible."""
    latest = max(birth.first, min(birth.last - timedelta(microseconds=1), as_of))
    return Moment.at(latest).days_before(as_of)
