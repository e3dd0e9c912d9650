"""Psychosis, mood, cognition and misuse: baclofen confuses, its loss does too, and it is taken to die."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...core.fact import Unknown, is_yes
from ...core.measuring import is_recent
from ...core.problem_list import told
from ...core.rule import Finding, Said, Severity
from .conditions_parts import after_start, ask, implicated

if TYPE_CHECKING:
    from ...core.chart import Problem
    from ...core.facts import Facts
    from ...core.knowledge import Limits

AFTER_CHANGE = "begun-after-change"
REMISSION, PAST_HARM = "cond-depression-remission", "cond-self-harm-history"


def psychosis(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    known = facts.conditions.psychosis
    if isinstance(known, Unknown):
        yield ask(known)
    elif known.value and not _in_remission(facts, limits):
        confused, psychotic = facts.conditions.confused, facts.conditions.psychotic
        active = _is_active(facts, limits)
        marked = not psychotic and after_start(facts, confused)
        yield Finding(
            Severity.HIGH if active else Severity.MODERATE,
            known.evidence,
            implicated(facts),
            values={"what": _state_of_mind(psychotic)},
            notes=("active",) if active else (),
            marks=frozenset({AFTER_CHANGE} if marked else ()),
        )


def _state_of_mind(psychotic: tuple[Problem, ...]) -> str:
    """The gravest of what was found, in words."""
    if not psychotic:
        return "Confusional state"
    mania = all("cond-bipolar-mania" in problem.concepts for problem in psychotic)
    return "Manic or mixed episode" if mania else "Psychotic disorder"


def _is_active(facts: Facts, limits: Limits) -> bool:
    """Begun or seen in the last month. A confusion without a date is one of now, a lasting psychosis is not."""
    days, conditions = limits["cond-psychosis-active-days"], facts.conditions
    if any(conditions.is_late(problem, days) for problem in conditions.confused):
        return True
    dates = [at for p in conditions.psychotic for at in (p.onset or p.recorded, p.seen) if at is not None]
    return any(is_recent(at, days, facts.as_of) for at in dates)


def _in_remission(facts: Facts, limits: Limits) -> bool:
    """All of it over for more than two years, and acknowledged."""
    conditions = facts.conditions
    over = [conditions.over_for(p, limits["cond-psychosis-remission-days"]) for p in conditions.psychotic]
    acknowledged = facts.person.acknowledged("BAC-COND-04", limits["cond-repeat-days"])
    return acknowledged is not None and not conditions.confused and all(over)


def mood(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    conditions, risk = facts.conditions, facts.conditions.suicidality
    if isinstance(risk, Unknown):
        yield ask(risk)
    elif risk.value:
        told_past = not conditions.ideation and all(PAST_HARM in p.concepts for p in conditions.suicidal)
        drinks = ("alcohol",) if is_yes(conditions.alcohol_use_disorder) else ()
        notes = ("risk-history" if told_past else "risk", *drinks)
        yield Finding(Severity.HIGH, risk.evidence, implicated(facts), values={"what": "Suicide risk"}, notes=notes)
        return
    found = (*conditions.depressed, *conditions.self_harm_past)
    if found and not _mood_settled(facts, limits, found):
        notes = ("self-harm-past",) if conditions.self_harm_past else ()
        values = {"what": _mood_words(conditions.depressed, past=bool(conditions.self_harm_past))}
        yield Finding(Severity.MODERATE, told(found), implicated(facts), values=values, notes=notes)


def _mood_words(depressed: tuple[Problem, ...], *, past: bool) -> str:
    """What is on record, in words: a depression alone is no suicide risk."""
    if not depressed:
        return "Past suicidality"
    over = all(REMISSION in problem.concepts for problem in depressed)
    words = "Depression in remission" if over else "Depression"
    return f"{words}, past suicidality" if past else words


def _mood_settled(facts: Facts, limits: Limits, found: tuple[Problem, ...]) -> bool:
    """Everything found in remission for more than a year, and acknowledged."""
    days = limits["cond-mood-remission-days"]
    quiet = all(_is_remission(facts, problem) and not facts.conditions.is_late(problem, days) for problem in found)
    return quiet and facts.person.acknowledged("BAC-COND-05", limits["cond-repeat-days"]) is not None


def _is_remission(facts: Facts, problem: Problem) -> bool:
    return REMISSION in problem.concepts or problem in facts.conditions.self_harm_past


def cognition(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    dementia, delirium = facts.conditions.dementia, facts.conditions.delirium_12m
    if isinstance(dementia, Unknown):
        yield ask(dementia)
    elif facts.person.acknowledged("BAC-COND-15", limits["cond-acknowledged-days"]) is None:
        lasting = dementia.value
        if not lasting and not is_yes(delirium):
            return
        marked = not lasting and after_start(facts, facts.conditions.delirious)
        yield Finding(
            Severity.MODERATE,
            dementia.evidence if lasting else told(facts.conditions.delirious),
            implicated(facts),
            values={"what": "Dementia" if lasting else "Past delirium"},
            marks=frozenset({AFTER_CHANGE} if marked else ()),
        )


def misuse(facts: Facts, limits: Limits) -> Iterator[Said]:
    if not facts.partners.on_baclofen:
        return
    disorder = facts.conditions.substance_use_disorder
    early = facts.oral.early_fills(limits.int("cond-early-window-days"), limits["cond-early-part"])
    often = len(early) >= limits["cond-early-fills"]
    if is_yes(disorder) or often:
        notes = (*(("disorder",) if is_yes(disorder) else ()), *(("early",) if often else ()))
        evidence = (*disorder.evidence, *(early if often else ()))
        yield Finding(Severity.MODERATE, evidence, implicated(facts), notes=notes)
    elif isinstance(disorder, Unknown):
        yield ask(disorder)
