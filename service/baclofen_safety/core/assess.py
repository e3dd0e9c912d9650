"""Judge a chart by every rule: as the orders stand, and as they would if the drafts were signed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from .arbitration import arbitrate_supposed
from .chart import Chart
from .fact import Need, is_yes
from .facts import Facts
from .knowledge import Rulebook
from .medicines import ORDERED
from .presumed import with_presumed_use
from .rule import Finding, Gap, Severity
from .tracing import trace, watch
from .verdict import Issue, OpenQuestion, PutAside, RuleTrace, Status, Verdict
from .words import say

LESSER_TROUBLE = frozenset(
    {
        *(
            "unreadable",
            "unrecognised-medicine",
            "unrecognised-condition",
            "unrecognised-procedure",
            "medicine-conflict",
        ),
        *("unit", "route", "unknown-type", "other-patient"),
    }
)
_BROKEN = Gap("broken")
_WOULD_TELL = (Need(ORDERED), Need("MedicationStatement"))
"""What would tell whether a patient takes baclofen. Asked for as a whole: a search by code misses orders."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
Notes = dict[str, dict[str, str]]
"""By rule the facts it looked at, each with its value in words."""


def assess(chart: Chart, as_of: datetime, rulebook: Rulebook, *, traced: bool = False) -> Verdict:
    """The verdict on one chart. ``as_of`` is aware. A rule that raises becomes an open question of its own."""
    now = Facts(chart, as_of, rulebook.shared_limits(as_of.date()))
    applies, why = _applies(now)
    if not applies:
        needs = _WOULD_TELL if why == "no-medicine-records" else ()
        status = "data-required" if needs else _status(chart, ())
        lines = tuple(RuleTrace(rule, "not-applicable", rulebook.phrases[why]) for rule in rulebook.sheets)
        return Verdict(chart, as_of, rulebook.version, status, applies, why, needs=needs, trace=lines if traced else ())
    seen: Notes | None = {} if traced else None
    issues, questions = _both_pictures(now, rulebook, seen)
    presumed = with_presumed_use(now)
    if presumed is not None:
        supposed, _ = _both_pictures(Facts(presumed, as_of, now.limits), rulebook, seen)
        dangers = {rule: issue for rule, issue in supposed.items() if issue.severity is not Severity.LOW}
        issues = {rule: _suppose(issue) for rule, issue in dangers.items()} | issues
    issues = {rule: replace(one, sheet=one.sheet.worded(one.finding.notes)) for rule, one in issues.items()}
    told, silent, aside = _arbitrate(issues, rulebook, end_of_life=now.person.end_of_life_care)
    asked = tuple(one for one in questions if rulebook.mode(one.sheet.id) == "on")
    every = {issue.sheet.id: issue for issue in (*told, *silent)}
    return Verdict(
        chart,
        as_of,
        rulebook.version,
        _status(chart, asked),
        applies,
        why,
        issues=told,
        questions=asked,
        put_aside=aside,
        silent=silent,
        silent_questions=tuple(one for one in questions if one not in asked),
        caregiver=_has_caregiver(now),
        trace=() if seen is None else trace(seen, rulebook, issues=every, questions=questions, aside=aside),
    )


def _both_pictures(
    now: Facts, rulebook: Rulebook, seen: Notes | None
) -> tuple[dict[str, Issue], tuple[OpenQuestion, ...]]:
    """What is found as the orders stand, and once every draft is signed; and what could not be judged in either."""
    standing, questions = _judge(now, rulebook, seen)
    issues = {rule: Issue(rulebook.sheets[rule], finding) for rule, finding in standing.items()}
    if not any(order.status == "draft" and order.medicine.concepts for order in now.chart.orders):
        return issues, questions
    ahead, more = _judge(now.if_signed(), rulebook, seen)
    return _join(issues, ahead, rulebook), (*questions, *(one for one in more if one not in questions))


def _suppose(issue: Issue) -> Issue:
    """The issue as it would be if baclofen is taken, without a proposal: there is no order that it could change."""
    return replace(issue, supposed=True, finding=replace(issue.finding, cap=None, taper=None))


def _arbitrate(
    issues: Mapping[str, Issue], rulebook: Rulebook, *, end_of_life: bool
) -> tuple[tuple[Issue, ...], tuple[Issue, ...], tuple[PutAside, ...]]:
    """What is told, what silent rules would have told, and what gave way. A silent rule puts no other aside."""
    silent = {rule for rule in issues if rulebook.mode(rule) == "silent"}
    told = {rule: issue for rule, issue in issues.items() if rule not in silent}
    left, aside = arbitrate_supposed(told, rulebook.relations, end_of_life=end_of_life)
    if not silent:
        return _worst_first(left, rulebook), (), aside
    every, gone = arbitrate_supposed(issues, rulebook.relations, end_of_life=end_of_life)
    unshown = {rule: issue for rule, issue in every.items() if rule in silent}
    aside = (*aside, *(one for one in gone if one.rule in silent))
    return _worst_first(left, rulebook), _worst_first(unshown, rulebook), aside


def _has_caregiver(facts: Facts) -> bool:
    """Does somebody else speak for the patient: a young child, who cannot report symptoms, or a recorded proxy?"""
    young = facts.person.below(facts.limits["caregiver-below-age"])
    return bool(young) or is_yes(facts.person.communication_difficulty) or bool(facts.chart.caregiver_ref)


def _applies(facts: Facts) -> tuple[bool, str]:
    """Is there anything of baclofen to judge, and the phrase that says so?"""
    chart = facts.chart
    if chart.patient.deceased:
        return False, "deceased"
    if chart.records_baclofen:
        return True, "baclofen"
    if chart.implants or any(
        concept.startswith(("proc-pump", "fact-pump", "proc-intrathecal", "fact-programmed"))
        for concept in (*chart.measurements, *(c for act in chart.acts for c in act.concepts))
    ):
        return True, "pump"
    if facts.motherhood.newborn_to_judge:
        return True, "newborn"
    if facts.signs.baclofen_named:
        return True, "named"
    if not chart.was_sent(ORDERED):
        return False, "no-medicine-records"
    return False, "no-baclofen"


def _judge(facts: Facts, rulebook: Rulebook, seen: Notes | None) -> tuple[dict[str, Finding], tuple[OpenQuestion, ...]]:
    """Every rule's finding (one per rule) and questions. ``seen`` takes down what each rule looks at."""
    findings: dict[str, Finding] = {}
    questions: list[OpenQuestion] = []
    limits = {group: rulebook.family_limits(group, facts.as_of.date()) for group in rulebook.families}
    for rule, judge in rulebook.judges.items():
        sheet = rulebook.sheets[rule]
        if rulebook.mode(rule) == "off":
            continue
        asked = facts if seen is None else watch(facts, seen.setdefault(rule, {}))
        try:
            said = tuple(judge(asked, limits[sheet.group]))
        except Exception:  # one broken rule never silences the others
            questions.append(OpenQuestion(sheet, _BROKEN, sheet.worst is Severity.HIGH, broken=True))
            continue
        if not said:
            continue
        found = [one for one in said if isinstance(one, Finding)]
        if found:
            findings[rule] = _one_of(found)
            facts.note(rule, findings[rule])
        for gap in said:
            if isinstance(gap, Gap):
                high = sheet.worst is Severity.HIGH if gap.high is None else gap.high
                questions.append(OpenQuestion(sheet, gap, high))
    places = {rule: place for place, rule in enumerate(rulebook.sheets)}
    return findings, tuple(sorted(questions, key=lambda question: places[question.sheet.id]))


def _one_of(found: Iterable[Finding]) -> Finding:
    """One issue per rule: the worst finding, implicating and resting on what the others found too."""
    worst, *others = sorted(found, key=lambda one: -one.severity.rank)
    if not others:
        return worst
    return replace(
        worst,
        evidence=tuple(dict.fromkeys(e for one in (worst, *others) for e in one.evidence)),
        implicated=tuple(dict.fromkeys(ref for one in (worst, *others) for ref in one.implicated)),
        marks=worst.marks.union(*(one.marks for one in others)),
    )


def _join(issues: Mapping[str, Issue], ahead: Mapping[str, Finding], rulebook: Rulebook) -> dict[str, Issue]:
    """Findings now and findings if signed: what only a signature brings is preliminary.

    What a signature makes worse, by severity, a higher dose or a greater cut, is told as it will be; the schedule stays
    the one for what is taken now.
    """
    joined = {rule: issue if rule in ahead else replace(issue, settled=True) for rule, issue in issues.items()}
    for rule, finding in ahead.items():
        if rule not in joined:
            joined[rule] = Issue(rulebook.sheets[rule], finding, preliminary=True)
            continue
        held = joined[rule].finding
        worse = _harm(finding) > _harm(held)
        one = _one_of((finding, held) if worse else (held, finding))
        differs = finding.severity is not held.severity or finding.values.get("dose") != held.values.get("dose")
        joined[rule] = replace(
            joined[rule],
            finding=replace(one, taper=one.taper or held.taper),
            without_draft=held if differs and worse else None,
            with_draft=finding if differs and not worse else None,
        )
    return joined


def _harm(finding: Finding) -> tuple[int, Decimal, Decimal]:
    before, after = finding.values.get("from"), finding.values.get("to")
    cut = before - after if isinstance(before, Decimal) and isinstance(after, Decimal) else Decimal()
    return finding.severity.rank, _dose(finding), cut


def _dose(finding: Finding) -> Decimal:
    """The daily dose a finding speaks of; 0 when it speaks of none, or of none that is a number."""
    said = say(finding.values.get("dose", ""))
    return Decimal(said) if _NUMBER.fullmatch(said) else Decimal(0)


def _worst_first(issues: Mapping[str, Issue], rulebook: Rulebook) -> tuple[Issue, ...]:
    """Issues by severity, those of one severity in the order of the rules."""
    in_order = (issues[rule] for rule in rulebook.sheets if rule in issues)
    return tuple(sorted(in_order, key=lambda issue: -issue.severity.rank))


def _status(chart: Chart, questions: tuple[OpenQuestion, ...]) -> Status:
    if any(question.high for question in questions) or any(trouble.needed for trouble in chart.troubles):
        return "data-required"
    if questions or any(trouble.kind in LESSER_TROUBLE for trouble in chart.troubles):
        return "data-requested"
    return "success"
