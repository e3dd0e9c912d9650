"""Sheets, findings and issues for the tests of what follows a judgement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from baclofen_safety.core.fact import Evidence
from baclofen_safety.core.knowledge import Tell
from baclofen_safety.core.rule import Finding, Severity
from baclofen_safety.core.verdict import Issue, Verdict

from . import charts

SHIPPED = charts.book()


def issue(
    rule: str = "BAC-DOSE-01",
    severity: Severity = Severity.MODERATE,
    *,
    on: str = "MedicationRequest/1",
    tell: Tell | None = None,
    preliminary: bool = False,
    merged: bool = False,
    carries: tuple[str, ...] = (),
    absorbed: tuple[str, ...] = (),
    opposed: tuple[str, ...] = (),
    **more: Any,
) -> Issue:
    """An issue of a shipped rule; ``tell`` lays other recipients over its own, ``more`` goes into the finding."""
    sheet = SHIPPED.sheets[rule]
    if tell is not None:
        sheet = replace(sheet, tell={"": tell})
    evidence = more.pop("evidence", (Evidence(on, "30 mg/day"),))
    finding = Finding(severity, evidence, more.pop("implicated", (on,)), **more)
    return Issue(
        sheet, finding, preliminary=preliminary, merged=merged, carries=carries, absorbed=absorbed, opposed=opposed
    )


def verdict(*issues: Issue, **more: Any) -> Verdict:
    chart = more.pop("chart", None) or charts.chart()
    return Verdict(chart, charts.AS_OF, "v1", "success", True, "baclofen", issues=issues, **more)
