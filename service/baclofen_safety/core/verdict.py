"""What one assessment says: issues, gaps, trouble with the input, and what was put aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .chart import Chart, Trouble
from .fact import Need
from .knowledge import RuleSheet
from .rule import Finding, Gap, Severity

Status = Literal["success", "data-requested", "data-required", "failure"]


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding under its rule, after arbitration."""

    sheet: RuleSheet
    finding: Finding
    preliminary: bool = False  # only if a draft is signed
    supposed: bool = False  # only if baclofen that was handed over or given without an order is taken
    merged: bool = False  # its message is carried by another issue's
    carries: tuple[str, ...] = ()  # rules that are merged into this one: its message names them
    absorbed: tuple[str, ...] = ()  # rules whose facts became evidence here
    opposed: tuple[str, ...] = ()  # rules that fire too and whose advice is the opposite
    ceiling_by: str = ""  # the rule whose lower ceiling stands in place of this one's
    with_draft: Finding | None = None  # what it is once a draft is signed, where that differs from the finding
    without_draft: Finding | None = None  # what it is today, where the finding is as bad only with a draft
    settled: bool = False  # found as the orders stand, and no more once every draft is signed

    @property
    def severity(self) -> Severity:
        return self.finding.severity


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A gap under its rule. ``broken`` = the rule itself failed."""

    sheet: RuleSheet
    gap: Gap
    high: bool
    broken: bool = False


@dataclass(frozen=True, slots=True)
class PutAside:
    """A finding that gave way to another rule's."""

    rule: str
    by: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact a rule looked at, and its value in words."""

    fact: str
    value: str


Outcome = Literal["fired", "silent", "put-aside", "cannot-judge", "broken", "quiet", "not-applicable", "off"]


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What became of one rule, why, and the facts it looked at in their order."""

    rule: str
    outcome: Outcome
    because: str
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one chart at one time by one version of the knowledge."""

    chart: Chart
    as_of: datetime
    version: str
    status: Status
    applies: bool
    why: str  # phrase key: why it applies or not
    needs: tuple[Need, ...] = ()  # what would tell whether it applies
    caregiver: bool = False  # patient messages go to whoever speaks for the patient
    issues: tuple[Issue, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    put_aside: tuple[PutAside, ...] = ()
    silent: tuple[Issue, ...] = ()  # what rules a site runs silently would have shown
    silent_questions: tuple[OpenQuestion, ...] = ()
    trace: tuple[RuleTrace, ...] = ()  # when asked for

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        return self.chart.troubles
