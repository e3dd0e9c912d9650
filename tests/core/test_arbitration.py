"""The arbitration table at work: every kind of row, every condition."""

from __future__ import annotations

from typing import Any

import pytest

from baclofen_safety.core.arbitration import arbitrate
from baclofen_safety.core.fact import Evidence
from baclofen_safety.core.knowledge import Relation
from baclofen_safety.core.rule import Severity
from baclofen_safety.core.verdict import Issue

from .verdicts import issue

BY, OVER = "BAC-DOSE-01", "BAC-DOSE-02"


def row(kind: Any = "silences", when: str = "", by: tuple[str, ...] = (BY,), to: Severity | None = None) -> Relation:
    return Relation(by=by, over=(OVER,), kind=kind, when=when, to=to, about="why")


def judged(*relations: Relation, end_of_life: bool = False, **changed: Issue) -> tuple[dict[str, Issue], Any]:
    issues = {BY: changed.get("by", issue(BY)), OVER: changed.get("over", issue(OVER))}
    return arbitrate(issues, relations, end_of_life=end_of_life)


def test_silenced_is_put_aside_with_the_reason() -> None:
    left, aside = judged(row())
    assert list(left) == [BY]
    assert [(one.rule, one.by, one.kind, one.about) for one in aside] == [(OVER, BY, "silences", "why")]


def test_what_is_not_there_silences_nothing() -> None:
    left, aside = arbitrate({OVER: issue(OVER)}, (row(),), end_of_life=False)
    assert (list(left), aside) == ([OVER], ())


def test_no_rule_silences_itself() -> None:
    assert judged(row(by=(OVER,)))[1] == ()


def test_silenced_acts_in_no_later_row() -> None:
    back = Relation(by=(OVER,), over=(BY,), kind="silences", when="", to=None, about="")
    assert list(judged(row(), back)[0]) == [BY]


def test_evidence_moves_over_once() -> None:
    mine, theirs = Evidence("Observation/1", "a"), Evidence("Observation/2", "b")
    left, aside = judged(row("evidence"), by=issue(BY, evidence=(mine,)), over=issue(OVER, evidence=(mine, theirs)))
    assert left[BY].finding.evidence == (mine, theirs)
    assert left[BY].absorbed == (OVER,)
    assert aside[0].kind == "evidence"


def test_merged_stays_without_a_message() -> None:
    left, aside = judged(row("merges"))
    assert left[OVER].merged
    assert not left[BY].merged
    assert aside == ()


def test_opposed_stay_and_name_each_other() -> None:
    left, aside = judged(row("opposes"))
    assert left[OVER].opposed == (BY,)
    assert left[BY].opposed == (OVER,)
    assert aside == ()


@pytest.mark.parametrize(("before", "after"), [("high", "low"), ("moderate", "low"), ("low", "low")])
def test_lowered_never_rises(before: str, after: str) -> None:
    left, aside = judged(row("lowers", to=Severity.LOW), over=issue(OVER, Severity(before)))
    assert (left[OVER].severity, aside) == (after, ())
    left, _ = judged(row("lowers", to=Severity.HIGH), over=issue(OVER, Severity(before)))
    assert left[OVER].severity == before


@pytest.mark.parametrize(
    ("when", "by", "over", "acts"),
    [
        ("high", {"severity": Severity.HIGH}, {}, True),
        ("high", {}, {"severity": Severity.HIGH}, False),
        ("low", {}, {"severity": Severity.LOW}, True),
        ("low", {"severity": Severity.LOW}, {}, False),
        ("low-or-moderate", {}, {}, True),
        ("low-or-moderate", {}, {"severity": Severity.HIGH}, False),
        ("same-orders", {}, {}, True),
        ("same-orders", {"on": "MedicationRequest/2"}, {}, False),
        ("same-partner", {"implicated": ("MedicationRequest/1", "MedicationRequest/2")}, {}, True),
        ("same-partner", {}, {"implicated": ("MedicationRequest/1", "MedicationRequest/2")}, False),
        ("same-evidence", {}, {"implicated": ()}, True),
        ("same-evidence", {"evidence": ()}, {}, False),
        ("some-mark", {"marks": frozenset({"some-mark"})}, {}, True),
        ("some-mark", {}, {"marks": frozenset({"some-mark"})}, True),
        ("some-mark", {}, {}, False),
    ],
)
def test_conditions(when: str, by: dict[str, Any], over: dict[str, Any], acts: bool) -> None:
    left, _ = judged(row(when=when), by=issue(BY, **by), over=issue(OVER, **over))
    assert (OVER not in left) is acts


@pytest.mark.parametrize(
    ("when", "end_of_life", "over", "acts"),
    [
        ("end-of-life-care", True, {}, True),
        ("end-of-life-care", False, {}, False),
        ("end-of-life-care-low", True, {"severity": Severity.LOW}, True),
        ("end-of-life-care-low", True, {}, False),
        ("a-mark", False, {"marks": frozenset({"a-mark"})}, True),
        ("a-mark", True, {}, False),
    ],
)
def test_states_need_no_other_rule(when: str, end_of_life: bool, over: dict[str, Any], acts: bool) -> None:
    left, aside = judged(row(when=when, by=()), end_of_life=end_of_life, over=issue(OVER, **over))
    assert (OVER not in left) is acts
    assert [one.by for one in aside] == [""] * acts


def test_evidence_of_a_state_has_nowhere_to_go() -> None:
    left, _ = judged(row("evidence", when="end-of-life-care", by=()), end_of_life=True)
    assert list(left) == [BY]
    assert left[BY].absorbed == ()
