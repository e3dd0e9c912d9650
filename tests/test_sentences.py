"""Every sentence of the knowledge is said by some case, with its placeholders filled."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import baclofen_safety
from baclofen_safety.assessor import Answer, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.core.rule import Severity
from baclofen_safety.core.words import SUMMARY_LENGTH
from baclofen_safety.fhir.operations import Ask
from builders import make_bundle
from cases import Case, every_case
from doors import of_kind

PLACEHOLDER = re.compile(r"\{(\w+)\}")
ASSESSOR = load_assessor(Settings())
BOOK = ASSESSOR.book
GUARDS = {
    "refused.dose-not-above-target": "no rule asks for a taper to a dose that is not lower",
    "BAC-RENAL-02 at-best": "below the lowest band there is no band; only moved band limits bring it",
    "BAC-RENAL-06 at-best": "an interval below 60 is in a lower band; only moved band limits bring it",
    "BAC-RENAL-06 old-value": "an old value counts below 60 only; only moved limits bring it",
}
"""Sentences no case can reach, each with the reason."""
UNKNOWN = {
    ("BAC-SX-03", "dose"): "baclofen ended some days ago",
    ("BAC-SX-03", "egfr"): "kidney function was never measured",
    ("BAC-WD-01", "dose"): "an order of unknown dose was stopped",
    ("BAC-WD-01", "days"): "the start of what was stopped is unknown",
    ("BAC-WD-02", "dose"): "an order of unknown dose is on hold",
    ("BAC-WD-02", "date"): "held since nobody knows",
    ("BAC-WD-04", "dose"): "the home dose is unknown",
    ("BAC-WD-05", "when"): "surgery at an unknown time",
    ("BAC-DOSE-06", "dose"): "an infant's dose cannot be computed",
    ("BAC-DOSE-07", "dose"): "tablets at a low weight, whatever their dose",
    ("BAC-WD-09", "from"): "the dose before the stop is unknown",
    ("BAC-PUMP-02", "rate"): "measured at the alarm volume, the rate is unknown",
    ("BAC-PUMP-02", "date"): "measured at the alarm volume, the rate is unknown",
    ("BAC-PUMP-05", "rate"): "the programme has no rate, its total is not the order's",
    ("BAC-PUMP-05", "conc"): "the programme has no concentration either",
    ("BAC-DUP-01", "dose"): "of none of the orders is the dose known",
    ("BAC-DUP-02", "dose"): "of none of the oral orders is the dose known",
    ("BAC-PUMP-05", "dose"): "an unusual concentration, and neither dose nor order",
}
"""(rule, placeholder) that may be said to be unknown, and when."""


@cache
def answers() -> tuple[tuple[Case, Answer], ...]:
    cases = [case for _, case in every_case()]
    return tuple((case, ASSESSOR.answer(Ask(make_bundle(case), as_of=case.as_of), case.as_of)) for case in cases)


def left_open(templates: Iterator[str], values: Mapping[str, object]) -> set[str]:
    """Placeholders without a value."""
    named = {name for template in templates for name in PLACEHOLDER.findall(template)}
    return {name for name in named if values.get(name) in (None, "")}


def test_placeholders_are_filled() -> None:
    wrong = set()
    for case, answer in answers():
        for issue in answer.verdict.issues:
            notes = (issue.sheet.notes.get(note, "") for note in issue.finding.notes)
            said = iter((issue.sheet.summary, issue.sheet.detail, *notes))
            found = left_open(said, issue.finding.values)
            wrong |= {(case.name, issue.sheet.id, name) for name in found if (issue.sheet.id, name) not in UNKNOWN}
        for one in answer.verdict.questions:
            found = left_open(iter([one.sheet.gaps[one.gap.reason]]), one.gap.values)
            wrong |= {(case.name, one.sheet.id, name) for name in found}
    assert wrong == set()


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(child)


def test_no_brace_stands_in_an_answer() -> None:
    wrong = [
        (case.name, text)
        for case, answer in answers()
        for entry in answer.bundle["entry"]
        for text in texts(entry)
        if "{" in text.replace("{1.73_m2}", "")
    ]
    assert wrong == []


def test_an_unknown_dose_has_no_unit() -> None:
    wrong = [
        (case.name, text)
        for case, answer in answers()
        for entry in answer.bundle["entry"]
        for text in texts(entry)
        if re.search(r"unknown mc?g", text)
    ]
    assert wrong == []


def test_summaries_fit_a_line() -> None:
    long = [
        (case.name, issue["code"]["text"])
        for case, answer in answers()
        for issue in of_kind(answer.bundle, "DetectedIssue")
        if len(issue["code"]["text"]) > SUMMARY_LENGTH or issue["code"]["text"].endswith("…")
    ]
    assert long == []


@cache
def reached() -> Mapping[str, set[str]]:
    """What cases reach, by kind: rules, "<rule> <note>", "<rule> <gap>", "<rule> <tell row>", refusals."""
    found: dict[str, set[str]] = defaultdict(set)
    for _, answer in answers():
        for issue in answer.verdict.issues:
            rule, finding = issue.sheet.id, issue.finding
            found["rules"].add(rule)
            found["severities"].add(f"{rule} {issue.severity}")
            found["tells"].add(f"{rule} {issue.severity if finding.variant is None else finding.variant}")
            found["notes"] |= {f"{rule} {note}" for note in finding.notes}
            found["refusals"] |= {"refused." + note.removeprefix("taper-") for note in finding.notes}
        for one in answer.verdict.questions:
            found["rules"].add(one.sheet.id)
            found["gaps"].add(f"{one.sheet.id} {one.gap.reason}")
    return found


def sheets(part: str) -> set[str]:
    return {f"{rule} {name}" for rule, sheet in BOOK.sheets.items() for name in getattr(sheet, part) if name}


@pytest.mark.parametrize("part", ["notes", "gaps"])
def test_every_sentence_is_said_and_none_is_missing(part: str) -> None:
    said = {one for one in reached()[part] if one.split(" ")[1] not in refusals()}
    assert sheets(part) - said - set(GUARDS) == set(), "no case says them"
    shared = {f"taper-{name.removeprefix('unneeded.')}" for name in BOOK.phrases if name.startswith("unneeded.")}
    alone = {one for one in said - sheets(part) if one.split(" ")[1] not in shared}
    assert alone == set(), "said, but without a sentence"
    assert not said & set(GUARDS), "a case says it: no guard any more"


def refusals() -> set[str]:
    return {f"taper-{name.removeprefix('refused.')}" for name in BOOK.phrases if name.startswith("refused.")}


def test_every_refusal_of_a_taper_is_said() -> None:
    kept = {name for name in BOOK.phrases if name.startswith("refused.")}
    assert kept - reached()["refusals"] - set(GUARDS) == set()


def test_every_rule_speaks_with_every_severity() -> None:
    assert set(BOOK.sheets) - reached()["rules"] == set()
    notices = {rule for rule in BOOK.sheets if rule.startswith("BAC-DATA-")}  # gaps only, never an issue
    able = {f"{rule} {one}" for rule, sheet in BOOK.sheets.items() if rule not in notices for one in sheet.severities}
    assert able - reached()["severities"] == set()


def test_every_row_of_recipients_is_used() -> None:
    rows = {f"{rule} {name}" for rule, sheet in BOOK.sheets.items() for name in sheet.tell if name}
    assert rows - reached()["tells"] == set()
    variants = {one for one in reached()["tells"] if one.split(" ")[1] not in {one.value for one in Severity}}
    assert variants - rows == set(), "a variant without a row falls back to the severity's"


def test_every_phrase_is_used() -> None:
    """By its name; those of tapers and of times of day, and the bare ones, are put together."""
    package = Path(baclofen_safety.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    named = [
        name
        for name in BOOK.phrases
        if not name.startswith(("refused.", "unneeded.", "taper.", "when-")) and not name.endswith("_bare")
    ]
    assert [name for name in named if f'"{name}"' not in code] == []
