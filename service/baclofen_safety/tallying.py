"""Counting what the rules say over many patients: how a hospital tries a policy before it goes live."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .core.verdict import Verdict


@dataclass(slots=True)
class Tally:
    """Counts over many verdicts. ``before`` counts every finding, ``after`` what is told once rules gave way."""

    patients: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)  # (rule, severity)
    aside: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)
    before: int = 0
    after: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count one patient."""
        self.patients += 1
        self.statuses[verdict.status] += 1
        for issue in verdict.issues:
            self.told[issue.sheet.id, issue.severity.value] += 1
        self.aside.update(one.rule for one in verdict.put_aside)
        self.silent.update(issue.sheet.id for issue in verdict.silent)
        self.unjudged.update({question.sheet.id for question in verdict.questions})
        self.before += len(verdict.issues) + len(verdict.put_aside)
        self.after += len(verdict.issues)

    def rows(self) -> list[tuple[str, list[int]]]:
        """Per rule: told high, moderate, low, given way, silent, not judged; rules that never spoke are left out."""
        rules = {rule for rule, _ in self.told} | set(self.aside) | set(self.silent) | set(self.unjudged)
        return [
            (
                rule,
                [
                    *(self.told[rule, severity] for severity in ("high", "moderate", "low")),
                    *(counts[rule] for counts in (self.aside, self.silent, self.unjudged)),
                ],
            )
            for rule in sorted(rules)
        ]
