"""What the first documents claim is where ``docs/coverage.toml`` says it is, and the cases it names show it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from baclofen_safety.assessor import Answer, load_assessor
from baclofen_safety.config import Settings
from baclofen_safety.core.facts import Facts
from baclofen_safety.fhir.operations import Ask
from baclofen_safety.handbook import PARTS, coverage, coverage_page, leaflets, leaflets_page, shown_by
from builders import make_bundle
from cases import Case, every_case
from doors import of_kind

ROOT = Path(__file__).parents[1]
ASSESSOR = load_assessor(Settings())
BOOK = ASSESSOR.book
TABLE = coverage()
ROWS = [pytest.param(row, id=f"{row['source']}: {row['claim']}") for row in TABLE["row"]]
SEEDS = ("P0", "P1", "P2", "P3", "P4")


@cache
def cases() -> Mapping[str, Case]:
    return {f"{family}: {case.name}": case for family, case in every_case()}


@cache
def answer(name: str) -> Answer:
    case = cases()[name]
    return ASSESSOR.answer(Ask(make_bundle(case), as_of=case.as_of), case.as_of)


def sends(name: str, text: str) -> bool:
    """Does the answer of a case carry a patient text?"""
    messages = of_kind(answer(name).bundle, "CommunicationRequest")
    return any(BOOK.texts[text].text in part.get("contentString", "") for one in messages for part in one["payload"])


def shows_part(name: str, part: str) -> bool:
    """Does a case reach the schedule, the risk tier or a caregiver?"""
    verdict = answer(name).verdict
    if part == "taper":
        return any(issue.finding.taper is not None for issue in verdict.issues)
    if part == "tier":
        limits = BOOK.shared_limits(verdict.as_of.date())
        return Facts(verdict.chart, verdict.as_of, limits).risk.wd_tier.is_high
    messages = of_kind(answer(name).bundle, "CommunicationRequest")
    return any("RelatedPerson/" in who.get("reference", "") for one in messages for who in one["recipient"])


def shows(name: str, one: str) -> bool:
    if one in PARTS:
        return shows_part(name, one)
    if one.startswith("PT-"):
        return sends(name, one)
    return any(line.split()[0] == one for line in cases()[name].expect)


def test_every_document_has_rows() -> None:
    assert {row["source"] for row in TABLE["row"]} == set(SEEDS) <= set(BOOK.sources)


@pytest.mark.parametrize("row", ROWS)
def test_a_claim_is_here_or_outside_for_a_reason(row: Mapping[str, Any]) -> None:
    assert set(row) <= {"source", "claim", "rules", "texts", "parts", "outside", "cases"}
    assert row["claim"].strip()
    assert row.get("rules") or row.get("texts") or row.get("parts") or row.get("outside", "").strip()
    assert set(row.get("rules", ())) <= set(BOOK.sheets)
    assert set(row.get("texts", ())) <= set(BOOK.texts)
    assert set(row.get("parts", ())) <= set(PARTS)


@pytest.mark.parametrize("row", ROWS)
def test_a_case_shows_what_a_row_names(row: Mapping[str, Any]) -> None:
    shown = shown_by(row, TABLE)
    named = {*row.get("rules", ()), *row.get("texts", ()), *row.get("parts", ())}
    assert set(row.get("cases", ())) <= named, "a case for something the row does not name"
    unseen = named - set(shown)
    assert unseen <= in_leaflets_only(), "name a case that shows it"
    assert [name for name in shown.values() if name not in cases()] == [], "no such case"
    assert [(one, name) for one, name in shown.items() if not shows(name, one)] == []


def in_leaflets_only() -> set[str]:
    """Texts of a leaflet that no rule sends."""
    sent = {text for sheet in BOOK.sheets.values() for tell in sheet.tell.values() for text in tell.texts}
    return {text for leaflet in leaflets().values() for text in leaflet["texts"]} - sent


def test_every_common_case_is_used() -> None:
    named = {one for row in TABLE["row"] for one in (*row.get("rules", ()), *row.get("texts", ()))}
    assert set(TABLE["shown"]) - named == set()


def test_every_text_reaches_patients() -> None:
    """By a rule, or in a leaflet."""
    sent = {text for sheet in BOOK.sheets.values() for tell in sheet.tell.values() for text in tell.texts}
    listed = {text for leaflet in leaflets().values() for text in leaflet["texts"]}
    assert listed <= set(BOOK.texts)
    assert set(BOOK.texts) - sent - listed == set()


def test_a_leaflet_holds_what_its_rule_sends() -> None:
    for rule, leaflet in (("BAC-EDU-01", "starter"), ("BAC-EDU-02", "pump")):
        assert set(BOOK.sheets[rule].tell[""].texts) <= set(leaflets()[leaflet]["texts"])


@pytest.mark.parametrize(("name", "page"), [("coverage", coverage_page), ("leaflets", leaflets_page)])
def test_the_page_is_fresh(name: str, page: Any) -> None:
    assert (ROOT / "docs" / f"{name}.md").read_text() == page(BOOK), "run `make docs`"
