"""Spinal cord, bladder, stomach, breathing and liver beside baclofen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ...core.classes import BENZOS, OPIOIDS
from ...core.fact import Known, Reason, Unknown, is_yes
from ...core.measuring import is_recent
from ...core.person import LEVEL_UNKNOWN
from ...core.problem_list import told
from ...core.rule import Finding, Said, Severity
from .conditions_parts import ask, implicated, stable_dose

if TYPE_CHECKING:
    from ...core.chart import Problem
    from ...core.facts import Facts
    from ...core.knowledge import Limits
    from ...core.partner import Partner

TOLD_PAST = "cond-peptic-ulcer-history"


def spinal_injury(facts: Facts, limits: Limits) -> Iterator[Said]:
    acknowledged = facts.person.acknowledged("BAC-COND-06", limits["cond-acknowledged-days"])
    if not facts.partners.on_baclofen or acknowledged is not None:
        return
    attacks, level = facts.conditions.dysreflexia, facts.person.sci_at_or_above_t6
    if is_yes(attacks) or is_yes(level):
        notes = ("attacks",) if is_yes(attacks) else ()
        values = {"what": "SCI at/above T6" if is_yes(level) else "Autonomic dysreflexia"}
        yield Finding(
            Severity.MODERATE, (*attacks.evidence, *level.evidence), implicated(facts), values=values, notes=notes
        )
    elif isinstance(level, Unknown) and level.reason is Reason.NOT_COMPUTABLE:
        unclear = told(facts.person.active(LEVEL_UNKNOWN))
        values = {"what": "Cord level unknown"}
        yield Finding(Severity.LOW, unclear, implicated(facts), values=values, notes=("level",))
    elif isinstance(level, Unknown):
        yield ask(level)


def retention(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    if not facts.partners.on_baclofen:
        return
    known, found = facts.conditions.retention, facts.conditions.voiding
    if isinstance(known, Unknown):
        yield ask(known)
    elif found and not facts.conditions.urinary_catheter:
        active = any(p.state == "active" and "cond-voiding-symptoms" not in p.concepts for p in found)
        yield Finding(
            Severity.MODERATE if active else Severity.LOW,
            known.evidence,
            implicated(facts),
            notes=() if active else ("past",),
        )


def ulcer(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    known, found = facts.conditions.peptic_ulcer, facts.conditions.ulcers
    if isinstance(known, Unknown):
        yield ask(known)
    elif found:
        active = any(_is_active_ulcer(facts, limits, problem) for problem in found)
        protectors = facts.partners.of("med-proton-pump-inhibitor")
        healed = bool(protectors) and all(_is_healed(facts, limits, problem) for problem in found)
        dated = any(problem.onset or problem.recorded for problem in found)
        yield Finding(
            Severity.HIGH if active else Severity.MODERATE,
            (*known.evidence, *(e for one in protectors for e in one.evidence)),
            implicated(facts),
            values={"status": "active" if active else _ulcer_words(found)},
            notes=() if dated else ("undated",),
            marks=frozenset({"healed-ulcer"} if healed else ()),
        )


def _ulcer_words(found: tuple[Problem, ...]) -> str:
    """Of ulcers that are not known to be recent: over, or on the list of problems for long or since nobody knows."""
    listed = [p for p in found if p.state == "active" and TOLD_PAST not in p.concepts]
    if not listed:
        return "in the history"
    return "on record, not recent" if any(p.onset or p.recorded for p in listed) else "on record, undated"


def _is_active_ulcer(facts: Facts, limits: Limits, problem: Problem) -> bool:
    begun = problem.onset or problem.recorded
    if begun is None or problem.state != "active" or TOLD_PAST in problem.concepts:
        return False
    return is_recent(begun, limits["cond-ulcer-active-days"], facts.as_of)


def _is_healed(facts: Facts, limits: Limits, problem: Problem) -> bool:
    """Known to be over for so long: a past without the day it ended is not."""
    told_past = TOLD_PAST in problem.concepts
    end = problem.abated or ((problem.onset or problem.recorded) if told_past else None)
    return end is not None and not is_recent(end, limits["cond-ulcer-healed-days"], facts.as_of)


def breathing(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    known = facts.conditions.respiratory_disease
    deep = facts.partners.of(*OPIOIDS, *BENZOS)
    dose = facts.oral.at_least
    large = dose >= limits["cond-breathing-dose-from"]
    worse = bool(deep) or large
    if isinstance(known, Unknown):
        yield ask(known, high=worse)
    elif known.value:
        unknown_dose = isinstance(facts.oral.daily_dose, Unknown) and not worse
        notes = {"sedative": bool(deep), "dose": large, "dose-unknown": unknown_dose}
        yield Finding(
            Severity.HIGH if worse else Severity.MODERATE,
            (*known.evidence, *(e for one in deep for e in one.evidence)),
            (*implicated(facts), *_refs(deep)),
            values={"partners": ", ".join(one.name for one in deep)},
            notes=tuple(note for note, holds in notes.items() if holds),
            marks=frozenset({"treated-apnoea"} if _is_treated(facts, limits, dose) else ()),
        )


def _refs(partners: tuple[Partner, ...]) -> tuple[str, ...]:
    return tuple(ref for partner in partners for ref in partner.refs)


def _is_treated(facts: Facts, limits: Limits, dose: Decimal) -> bool:
    """Nothing but obstructive sleep apnoea, on CPAP, stable, no sedatives, a small dose of baclofen that is known."""
    conditions = facts.conditions
    only = all({"cond-sleep-apnoea-obstructive", "cond-cpap"} & p.concepts for p in conditions.breathing)
    small = isinstance(facts.oral.daily_dose, Known) and dose < limits["cond-apnoea-dose-below"]
    stable = not facts.signs.breathing_signs and stable_dose(facts, facts.limits["new-order-days"])
    return only and conditions.cpap and small and stable and not facts.partners.sedatives


def liver(facts: Facts, limits: Limits) -> Iterator[Said]:
    del limits
    if not facts.partners.on_baclofen:
        return
    known = facts.conditions.liver
    if isinstance(known, Unknown):
        yield ask(known)
    elif known.value:
        marks = frozenset(one for problem in facts.conditions.livers for one in problem.concepts)
        severity, note = Severity.LOW, "other"
        if "cond-hepatic-encephalopathy" in marks:
            severity, note = Severity.HIGH, "encephalopathy"
        elif "cond-hepatic-severe" in marks:
            severity, note = Severity.MODERATE, "severe"
        yield Finding(severity, known.evidence, implicated(facts), notes=(note,))
