"""What a rule could not judge stands under a title of its own: never under that of the finding it did not make."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

import baclofen_safety
from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.knowledge import RuleSheet

BOOK = load_knowledge("test")
FOLDER = Path(baclofen_safety.__file__).parent / "rules" / "baclofen"
ROOM = 45
"""Three of them, and what stands before them, fit in one summary of 139."""

OPEN = re.compile(
    r"^(Whether|When|How) \w|\b(unknown|not known|unclear|missing|not computable|not received|only in part known)$"
)
TRUE_OF_THE_RECORD = {
    ("BAC-DATA-01", "past-dates"),
    ("BAC-DATA-03", "contradicted"),
    ("BAC-DATA-03", "contradicted-earlier"),
    ("BAC-DATA-03", "contradicted-undated"),
    ("BAC-DATA-03", "newer-unusable"),
    ("BAC-DATA-03", "undated"),
    ("BAC-DATA-03", "unusable"),
    ("BAC-RENAL-02", "clearance"),
    ("BAC-RENAL-08", "unconfirmed"),
    ("BAC-WD-05", "too-early"),
}
"""Titles that say what the record holds: they hold whatever the rule would have found."""

ALL = [(sheet, reason) for sheet in BOOK.sheets.values() for reason in (*sheet.gaps, "broken")]


@pytest.mark.parametrize(("sheet", "reason"), ALL, ids=[f"{sheet.id}:{reason}" for sheet, reason in ALL])
def test_the_title_of_a_question_reads_as_one(sheet: RuleSheet, reason: str) -> None:
    title = sheet.title_for(reason)
    assert len(title) <= ROOM or not sheet.gaps
    if (sheet.id, reason) not in TRUE_OF_THE_RECORD and sheet.gaps:
        assert OPEN.search(title), title
    if not sheet.gaps:
        assert title == f"Rule not run: {sheet.title}"


def test_the_exceptions_are_questions_of_rules() -> None:
    assert {(sheet.id, reason) for sheet, reason in ALL} >= TRUE_OF_THE_RECORD


def test_no_title_of_a_question_stands_for_nothing() -> None:
    """A title by reason that says what the rule's own question says already is one too many."""
    for family in FOLDER.glob("*.toml"):
        for rule, row in tomllib.loads(family.read_text("utf-8"), parse_float=Decimal).get("rule", {}).items():
            assert row.get("question") not in row.get("gap_titles", {}).values(), rule
