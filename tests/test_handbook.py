"""The generated pages say what the knowledge says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from baclofen_safety import handbook
from baclofen_safety.assessor import Assessor
from baclofen_safety.handbook import issue_codes, rules_page
from baclofen_safety.hooks_page import PARTS, hooks_parts
from baclofen_safety.profiles import locate_profiles

ROOT = Path(__file__).parents[1]


def test_rules_page_is_fresh(assessor: Assessor) -> None:
    assert (ROOT / "docs" / "rules.md").read_text() == rules_page(assessor.book), "run `make docs`"


def test_the_cds_hooks_chapter_is_fresh(assessor: Assessor) -> None:
    page = (ROOT / "docs" / "integration.md").read_text()
    assert page == hooks_parts(page, assessor.book), "run `make docs`"
    assert [name for name in PARTS if f"<!-- {name}" not in page] == []


def test_issue_codes_are_fresh(assessor: Assessor) -> None:
    shipped = (locate_profiles() / "CodeSystem-baclofen-issue.json").read_text()
    assert shipped == issue_codes(assessor.book), "run `make docs`"


def test_rules_page_names_every_rule_limit_and_source(assessor: Assessor) -> None:
    page = rules_page(assessor.book)
    names = {*assessor.book.sheets, *assessor.book.sources}
    names |= {f"`{limit.name}`" for table in assessor.book.families.values() for limit in table.limits}
    assert not [name for name in names if name not in page]


def test_writing_the_pages_changes_nothing_in_a_fresh_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, assessor: Assessor
) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "integration.md", tmp_path / "docs")
    monkeypatch.setattr(handbook, "CHECKOUT", tmp_path)
    monkeypatch.setattr(handbook, "locate_profiles", lambda: tmp_path)
    handbook.main()
    assert (tmp_path / "docs" / "rules.md").read_text() == (ROOT / "docs" / "rules.md").read_text()
    assert (tmp_path / "docs" / "integration.md").read_text() == (ROOT / "docs" / "integration.md").read_text()
    assert (tmp_path / "CodeSystem-baclofen-issue.json").read_text() == issue_codes(assessor.book)
