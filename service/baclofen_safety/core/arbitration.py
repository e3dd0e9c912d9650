"""Which issue gives way to which: the arbitration table at work, rows from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .knowledge import Relation
from .rule import Severity
from .verdict import Issue, PutAside


def arbitrate(
    issues: Mapping[str, Issue], relations: tuple[Relation, ...], *, end_of_life: bool
) -> tuple[dict[str, Issue], tuple[PutAside, ...]]:
    """Apply every relation to the issues (by rule id). Returns what stays and what was put aside."""
    standing = dict(issues)
    aside: list[PutAside] = []
    for relation in relations:
        if relation.by and standing.keys().isdisjoint(relation.by):
            continue
        for rule in [name for name in standing if name in relation.over]:
            winner = _winner(relation, rule, standing, end_of_life=end_of_life)
            if winner is None:
                continue
            aside += _apply(relation, rule, winner, standing)
    return standing, tuple(aside)


def arbitrate_supposed(
    issues: Mapping[str, Issue], relations: tuple[Relation, ...], *, end_of_life: bool
) -> tuple[dict[str, Issue], tuple[PutAside, ...]]:
    """The same, where what holds only if baclofen is taken puts nothing aside that holds anyway."""
    supposed = {rule: issue for rule, issue in issues.items() if issue.supposed}
    sure = {rule: issue for rule, issue in issues.items() if not issue.supposed}
    standing, aside = arbitrate(sure, relations, end_of_life=end_of_life)
    if not supposed:
        return standing, aside
    every, gone = arbitrate(issues, relations, end_of_life=end_of_life)
    alone, _ = arbitrate(supposed, relations, end_of_life=end_of_life)
    standing |= {rule: issue for rule, issue in alone.items() if rule in every}
    return standing, (*aside, *(one for one in gone if one.rule in supposed))


def _winner(relation: Relation, rule: str, standing: Mapping[str, Issue], *, end_of_life: bool) -> str | None:
    """The rule (or "" for a state) that makes this one give way, if the row's condition holds."""
    loser = standing[rule]
    if not relation.by:
        return "" if _state_holds(relation.when, loser, end_of_life=end_of_life) else None
    for name in relation.by:
        if name == rule or name not in standing or (standing[name].settled and loser.preliminary):
            continue  # what a signature removes says nothing of what the signature brings
        if _condition_holds(relation.when, standing[name], loser):
            return name
    return None


def _state_holds(when: str, loser: Issue, *, end_of_life: bool) -> bool:
    if when == "end-of-life-care":
        return end_of_life
    if when == "end-of-life-care-low":
        return end_of_life and loser.severity is Severity.LOW
    return when in loser.finding.marks


def _condition_holds(when: str, winner: Issue, loser: Issue) -> bool:
    match when:
        case "":
            return True
        case "high":
            return winner.severity is Severity.HIGH
        case "low":
            return loser.severity is Severity.LOW
        case "low-or-moderate":
            return loser.severity is not Severity.HIGH
        case "same-orders":
            return bool(set(winner.finding.implicated) & set(loser.finding.implicated))
        case "same-partner":
            return set(loser.finding.implicated) <= set(winner.finding.implicated)
        case "same-evidence":
            return bool(_resources(winner) & _resources(loser))
        case _:
            return when in winner.finding.marks | loser.finding.marks


def _resources(issue: Issue) -> set[str]:
    return {evidence.reference for evidence in issue.finding.evidence}


def _under_ceiling(issue: Issue, lower: Issue) -> Issue:
    """The issue without its ceiling and schedule, if the other's ceiling is no higher."""
    cap, other = issue.finding.cap, lower.finding.cap
    if cap is None or other is None or other.mg_per_day > cap.mg_per_day:
        return issue
    return replace(issue, finding=replace(issue.finding, cap=None, taper=None), ceiling_by=lower.sheet.id)


def _apply(relation: Relation, rule: str, winner: str, standing: dict[str, Issue]) -> list[PutAside]:
    loser = standing[rule]
    if relation.kind == "lowers":
        assert relation.to is not None
        if loser.severity.rank > relation.to.rank:
            standing[rule] = replace(loser, finding=replace(loser.finding, severity=relation.to))
        return []
    if relation.kind == "ceiling":
        standing[rule] = _under_ceiling(loser, standing[winner])
        return []
    if relation.kind == "opposes":
        held = standing[winner]
        standing[rule] = replace(loser, opposed=(*loser.opposed, winner))
        standing[winner] = replace(held, opposed=(*held.opposed, rule))
        return []
    if relation.kind == "merges":
        held = standing[winner]
        standing[rule] = replace(loser, merged=True)
        standing[winner] = replace(held, carries=(*held.carries, rule))
        return []
    del standing[rule]
    if relation.kind == "evidence" and winner:
        held = standing[winner]
        finding = replace(
            held.finding, evidence=tuple(dict.fromkeys((*held.finding.evidence, *loser.finding.evidence)))
        )
        standing[winner] = replace(held, finding=finding, absorbed=(*held.absorbed, rule))
    return [PutAside(rule, winner, relation.kind, relation.about)]
