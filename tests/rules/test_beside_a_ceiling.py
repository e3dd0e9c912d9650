"""A ceiling that is told as a number is told once: what stands beside it names no other."""

from __future__ import annotations

import re

import pytest

from baclofen_safety.assessor import Assessor, load_knowledge
from baclofen_safety.core.knowledge import RuleSheet
from baclofen_safety.core.words import detail
from cases import every_case
from cdshooks.calls import answer_of, show_case

BOOK = load_knowledge("test")
CEILING = re.compile(r"\b(cap|maximum|never above|target|the lower)\b|above \d", re.IGNORECASE)
CASES = {f"{family}: {case.name}": case for family, case in every_case()}


@pytest.mark.parametrize("sheet", BOOK.sheets.values(), ids=list(BOOK.sheets))
def test_no_second_ceiling_stands_beside_the_first(sheet: RuleSheet) -> None:
    told = (sheet.capped, *(one.capped for one in sheet.instead.values()))
    assert not [words for words in told if CEILING.search(words)]


def test_an_issue_tells_its_ceiling_once(assessor: Assessor) -> None:
    verdict = answer_of(assessor, CASES["age: woman 72 on 33 mg a day"]).verdict
    (issue,) = (one for one in verdict.issues if one.sheet.id == "BAC-AGE-01")
    told = detail(issue, assessor.book)
    assert "Suggested ceiling: 30 mg/day." in told
    assert "Order: " not in told
    assert "What to do: " in told


def test_a_card_tells_its_ceiling_once(assessor: Assessor) -> None:
    cards = show_case(assessor, CASES["age: woman 72 on 33 mg a day"], "baclofen-patient-view")
    (card,) = (one for one in cards if "Age 72" in one["summary"])
    assert "Suggested ceiling: 30 mg/day." in card["detail"]
    assert "Order: " not in card["detail"]
