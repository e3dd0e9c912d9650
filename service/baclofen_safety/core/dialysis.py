"""Is the patient on dialysis? Yes, no, or uncertain; one acute session alone is uncertain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .chart import Act, Problem
from .fact import Evidence, Fact, Known, Need, Reason, Unknown
from .measuring import all_of, is_recent, tell
from .moment import Moment

if TYPE_CHECKING:
    from .person import PersonFacts

BOOKING = "Appointment"
ASKED = frozenset({"ServiceRequest", BOOKING})
DIALYSIS = frozenset({"proc-dialysis", "proc-dialysis-care"})
WORDS = ("capd", "ccpd", "apd", "on hd", "on pd", "renal replacement therapy")
SPOKEN = re.compile(rf"dialysis|\b(?:{'|'.join(WORDS)})\b")
DENIED = re.compile(
    r"\b(?:no|not|never|without|pre|declin\w+|refus\w+)\b[^,;.]{0,25}?(?:dialysis|\bhd\b|\bpd\b)|predialysis"
)
PREPARING = re.compile(
    r"\b(?:access|catheter|fistula|shunt|education|teaching|training|planning|options?|evaluation|assessment|consult\w*)\b",
    re.IGNORECASE,
)
NEEDS = (Need("Condition", ("cond-dialysis",)), Need("Procedure", ("proc-dialysis",)))


@dataclass(frozen=True, slots=True)
class Dialysis:
    """The answer, and whether it rests on exactly one acute session."""

    on: Fact[bool]
    one_session: bool = False


Sign = tuple[Moment | None, Evidence]


def find_dialysis(person: PersonFacts) -> Dialysis:
    """Weigh problems, procedures, requests, bookings and dialysis laboratory results."""
    sure = [*_problems(person), *_requests(person), *_results(person), *_fluids(person)]
    sessions = _sessions(person)
    lasting = [act for act in sessions if "proc-dialysis-maintenance" in act.concepts]
    days = {act.start.day for act in sessions if act.start is not None}
    if lasting or len(days) > 1:
        sure += [(act.start, Evidence(act.ref, act.text or "dialysis")) for act in sessions]
    if sure:
        return Dialysis(_unless_transplanted(person, sure))
    doubts = tuple(_doubts(person))
    if sessions:
        said = tuple(Evidence(act.ref, act.text or "dialysis") for act in sessions)
        alone = not doubts
        return Dialysis(Unknown(Reason.NOT_FINAL, "one dialysis session only", NEEDS, said + doubts), alone)
    if doubts:
        return Dialysis(Unknown(Reason.NOT_FINAL, "only indirect, old or unconfirmed records of it", NEEDS, doubts))
    if person.chart.was_answered(NEEDS):
        return Dialysis(Known(False))
    return Dialysis(Unknown(Reason.NOT_SENT, "dialysis status", NEEDS))


def _speaks_of_dialysis(problem: Problem) -> bool:
    return bool(SPOKEN.search(DENIED.sub("", problem.text.lower())))


def _is_lasting(person: PersonFacts, problem: Problem) -> bool:
    """Dependence on dialysis; codes of a single encounter or complication only while they are fresh."""
    if "cond-esrd-on-dialysis" in problem.concepts:
        return True
    if "cond-dialysis" in problem.concepts:
        begun = problem.onset or problem.recorded
        if "cond-dialysis-encounter" not in problem.concepts:
            return True
        return begun is not None and is_recent(begun, person.limits["dialysis-encounter-days"], person.as_of)
    return _speaks_of_dialysis(problem)


CAUSES = (
    *("cond-dialysis", "cond-esrd", "cond-esrd-on-dialysis", "cond-ckd-stage-5-or-esrd-hypertensive"),
    *(f"cond-ckd-stage-{stage}" for stage in ("3", "3a", "3b", "4", "5")),
    "cond-ckd-unspecified",
)
"""Entries that mean dialysis, or whose words may say so."""


def _problems(person: PersonFacts) -> Iterator[Sign]:
    for problem in person.active(CAUSES):
        if _is_lasting(person, problem):
            yield problem.onset or problem.recorded, Evidence(problem.ref, problem.text or "dialysis")


def _doubts(person: PersonFacts) -> Iterator[Evidence]:
    """What may mean dialysis and does not say so, when nothing does: end-stage disease, old or unconfirmed entries."""
    for problem in person.active(("cond-dialysis", "cond-esrd")):
        yield Evidence(problem.ref, problem.text or "end-stage kidney disease")
    for problem in person.problems("cond-dialysis", "possible"):
        yield Evidence(problem.ref, problem.text or "dialysis, not confirmed")
    for act in person.chart.acts:
        if act.kind == BOOKING and act.concepts & DIALYSIS and (_is_to_come(act) or _is_over(act, person)):
            yield Evidence(act.ref, act.text or "dialysis booked")


def _requests(person: PersonFacts) -> Iterator[Sign]:
    """Dialysis asked for, and dialysis booked: units of dialysis book their sessions without an order for each."""
    for act in person.chart.acts:
        if (
            act.kind not in ASKED
            or act.state not in ("active", "planned")
            or (act.kind == BOOKING and _is_to_come(act))
        ):
            continue
        if act.concepts & DIALYSIS:
            yield None, Evidence(act.ref, act.text or "dialysis ordered")


def _results(person: PersonFacts) -> Iterator[Sign]:
    days = person.limits["dialysis-days"]
    for m in all_of(person.chart, ("lab-creatinine-dialysis",)):
        if m.at is not None and is_recent(m.at, days, person.as_of):
            yield m.at, tell(m, "creatinine around dialysis")


def _fluids(person: PersonFacts) -> Iterator[Sign]:
    """Peritoneal dialysis fluid among the medicines in use."""
    for order in person.chart.orders:
        if order.status == "active" and "med-peritoneal-dialysis-fluid" in order.medicine.concepts:
            yield order.start or order.authored, Evidence(order.ref, order.medicine.name)


def _sessions(person: PersonFacts) -> list[Act]:
    """Dialysis done inside the window."""
    return [
        act
        for act in person.chart.acts
        if act.kind not in ASKED
        and act.state in ("done", "active")
        and "proc-dialysis" in act.concepts
        and _is_inside(act, person)
    ]


def _is_to_come(act: Act) -> bool:
    """A visit that prepares for dialysis or only speaks of it: whether it has begun is not said."""
    return act.loosely or bool(PREPARING.search(act.text))


def _is_over(act: Act, person: PersonFacts) -> bool:
    """A session that was booked: nobody says that it took place."""
    return act.state == "unsure" and _is_inside(act, person)


def _is_inside(act: Act, person: PersonFacts) -> bool:
    return act.start is None or is_recent(act.start, person.limits["dialysis-days"], person.as_of)


def _unless_transplanted(person: PersonFacts, sure: list[Sign]) -> Fact[bool]:
    """Yes; uncertain when a kidney transplant came after the newest evidence, or nobody knows the order."""
    evidence = tuple(dict.fromkeys(said for _, said in sure))
    transplants = [
        (p.onset or p.recorded, p.ref) for p in person.problems("cond-kidney-transplant", "active", "history")
    ]
    transplants += [
        (act.start, act.ref)
        for act in person.chart.acts
        if "proc-kidney-transplant" in act.concepts and act.state == "done"
    ]
    newest = max((at.first for at, _ in sure if at is not None), default=None)
    for at, ref in transplants:
        if not _is_before(at, newest):
            said = (*evidence, Evidence(ref, "kidney transplant"))
            since = at.last if at is not None else None
            needs = tuple(Need(need.resource, need.concepts, since) for need in NEEDS)
            return Unknown(Reason.CONFLICT, "dialysis and kidney transplant on record", needs, said)
    return Known(True, evidence)


def _is_before(at: Moment | None, newest: datetime | None) -> bool:
    return at is not None and newest is not None and at.last <= newest
