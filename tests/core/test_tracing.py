"""What became of every rule, and on what facts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.assess import assess
from baclofen_safety.core.fact import Known, Reason, Unknown
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.core.rule import Severity
from baclofen_safety.core.tracing import GROUPS, shown
from baclofen_safety.core.verdict import RuleTrace, Verdict
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.rules.site import lay_over
from baclofen_safety.terminology.lookup import Terminology
from builders import make_bundle
from cases import make_case

from . import charts

BOOK = load_knowledge("")
TERMS = Terminology.load()


def traced(book: Rulebook = BOOK, **table: Any) -> tuple[Verdict, dict[str, RuleTrace]]:
    case = make_case({"name": "traced", **table})
    chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=TERMS)
    verdict = assess(chart, case.as_of, book, traced=True)
    assert verdict.issues == assess(chart, case.as_of, book).issues  # looking changes nothing
    return verdict, {line.rule: line for line in verdict.trace}


def seen(line: RuleTrace) -> dict[str, str]:
    return {one.fact: one.value for one in line.seen}


def test_every_group_of_facts_is_watched() -> None:
    facts = charts.facts()
    groups = {name for name in dir(facts) if type(getattr(facts, name)).__name__.endswith("Facts")}
    assert groups == GROUPS


def test_every_rule_has_a_line() -> None:
    verdict, lines = traced()
    assert list(lines) == list(BOOK.sheets)
    assert verdict.trace


def test_nothing_seen_is_an_address_in_memory() -> None:
    _, lines = traced(order=[{"id": "order", "status": "stopped", "updated": "-1d"}])
    told = [value for line in lines.values() for value in seen(line).values()]
    assert "line" in told
    assert not [value for value in told if " at 0x" in value]


def test_fired_and_given_way() -> None:
    _, lines = traced(
        patient={"sex": "female", "age": 70, "weight": 62, "height": 160}, lab=[{"id": "creatinine", "value": 1.4}]
    )
    assert lines["BAC-RENAL-04"].outcome == "fired"
    assert lines["BAC-RENAL-04"].because == "Fired: high."
    assert any(value.startswith("40.5") for value in seen(lines["BAC-RENAL-04"]).values())
    assert lines["BAC-RENAL-05"].outcome == "quiet"
    assert lines["BAC-RENAL-05"].because.startswith("Looked last at person.at_least(65): yes")


def test_put_aside_names_the_winner() -> None:
    _, lines = traced(
        base="",
        complete=True,
        patient={"sex": "male", "age": 45},
        order=[{"product": "baclofen-tablet-10", "dose": "10 mg", "times": 3, "start": "-1d"}],
        condition=[{"what": "on-dialysis"}, {"what": "ckd-4"}],
    )
    assert lines["BAC-RENAL-01"].outcome == "fired"
    aside = [line for line in lines.values() if line.outcome == "put-aside"]
    assert aside
    assert all(line.because.startswith("Gave way to BAC-") for line in aside)


def test_cannot_judge_says_why() -> None:
    _, lines = traced(base="", order=[{"product": "baclofen-tablet-10", "sig": "as directed"}])
    unclear = lines["BAC-DOSE-01"]
    assert unclear.outcome in ("cannot-judge", "quiet")
    assert any(line.outcome == "cannot-judge" and line.because for line in lines.values())


def test_nothing_to_judge_is_not_applicable_throughout() -> None:
    _, lines = traced(base="", complete=True, condition=[{"what": "epilepsy"}])
    assert {line.outcome for line in lines.values()} == {"not-applicable"}


def test_a_rule_that_only_asked_whether_it_applies() -> None:
    _, lines = traced(base="B1")
    assert lines["BAC-DOSE-02"].outcome == "not-applicable"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Known(Decimal("40.0")), "40"),
        (Known(True, how="assumed"), "yes (assumed)"),
        (Unknown(Reason.NOT_SENT, "no Observation sent"), "unknown: no Observation sent"),
        (Unknown(Reason.NOT_SENT, ""), f"unknown: {Reason.NOT_SENT.value}"),
        (Decimal("36.597222"), "36.6"),
        (None, "none"),
        (False, "no"),
        ((), "none"),
        (tuple(range(14)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"),
        (charts.day("2026-11-20"), "2026-11-20"),
        (charts.problem("cond-aki"), "Condition/cond-aki"),
        (Severity.HIGH, "high"),
    ],
)
def test_values_are_said(value: object, said: str) -> None:
    assert shown(value) == said


def test_a_rule_that_is_off_names_the_sites_reason() -> None:
    modes = {
        "BAC-RENAL-04": {"mode": "off", "reason": "local protocol"},
        "BAC-DOSE-01": {"mode": "silent", "reason": "trial"},
    }
    policy = {"site": "Hospital", "source": "minute", "effective": date(2026, 1, 1), "rule": modes}
    _, lines = traced(lay_over(BOOK, policy, {}, "v"), order=[{"id": "order", "dose": "30 mg"}])
    assert (lines["BAC-RENAL-04"].outcome, lines["BAC-RENAL-04"].because) == ("off", "local protocol")
    assert lines["BAC-DOSE-01"].outcome == "silent"
