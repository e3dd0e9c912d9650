"""An answer in the terms the cases use, so that every door can be held to the same tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.core.verdict import Verdict
from baclofen_safety.core.words import detail, summary
from cases import Answer, Case, Issue

ISSUES = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue"


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of one type, in the order of the answer."""
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def rule_of(issue: dict[str, Any]) -> str:
    """The rule id a DetectedIssue is coded with."""
    return next(coding["code"] for coding in issue["code"]["coding"] if coding["system"] == ISSUES)


def read_back(bundle: dict[str, Any]) -> Answer:
    """What the Bundle says, as a case asks it. Gaps are rule ids."""
    issues = [
        Issue(
            rule=rule_of(issue),
            severity=issue["severity"],
            preliminary=issue["status"] == "preliminary",
            text=f"{issue['code']['text']} {issue['detail']}",
        )
        for issue in of_kind(bundle, "DetectedIssue")
    ]
    (outcome,) = of_kind(bundle, "OperationOutcome")
    codings = [coding for one in outcome["issue"] for coding in one["details"].get("coding", ())]
    (guidance,) = of_kind(bundle, "GuidanceResponse")
    return Answer(
        issues=tuple(issues),
        gaps=tuple(coding["code"] for coding in codings if coding["system"] == ISSUES),
        status=guidance["status"],
    )


def told_by_core(verdict: Verdict, book: Rulebook) -> Answer:
    """What a verdict says. Gaps are "<rule>:<reason>"."""
    issues = tuple(
        Issue(
            rule=issue.sheet.id,
            severity=issue.severity.value,
            preliminary=issue.preliminary,
            text=f"{summary(issue, book)} {detail(issue, book)}",
            cap=issue.finding.cap.mg_per_day if issue.finding.cap else None,
        )
        for issue in verdict.issues
    )
    gaps = tuple(f"{one.sheet.id}:{one.gap.reason}" for one in verdict.questions)
    return Answer(issues, gaps, verdict.status)


def told_by_a_door(case: Case) -> Case:
    """The case without what an answer does not spell out: the reason keys of gaps, the bare caps."""
    return replace(case, gaps=tuple(gap.split(":")[0] for gap in case.gaps), cap={})
