"""Every family's case table through the core path: Bundle, chart, verdict."""

from __future__ import annotations

import pytest

from baclofen_safety.assessor import load_knowledge
from baclofen_safety.core.assess import assess
from baclofen_safety.core.knowledge import Rulebook
from baclofen_safety.core.medicines import MedicineState
from baclofen_safety.fhir.reading import read_chart
from baclofen_safety.terminology.lookup import Terminology
from builders import BOOK, make_bundle
from cases import Answer, Case, every_case, faults
from doors import told_by_core

CASES = [pytest.param(case, id=f"{family}: {case.name}") for family, case in every_case()]


@pytest.fixture(scope="session")
def book() -> Rulebook:
    return load_knowledge("")


@pytest.fixture(scope="session")
def terms() -> Terminology:
    return Terminology.load()


def judge(case: Case, book: Rulebook, terms: Terminology) -> Answer:
    """The core's answer to a case."""
    chart = read_chart(make_bundle(case), as_of=case.as_of, subject=None, terms=terms)
    return told_by_core(assess(chart, case.as_of, book), book)


@pytest.mark.parametrize("case", CASES)
def test_case(case: Case, book: Rulebook, terms: Terminology) -> None:
    assert not faults(case, judge(case, book, terms))


def codes() -> list[str]:
    """Every code the tables may name."""
    rows = [row for part in ("product", "condition", "procedure") for row in BOOK[part].values()]
    routes, labs = BOOK["route"].values(), BOOK["lab"].values()
    return [*(row[0] for row in rows), *routes, *(f"loinc:{row[0]}" for row in labs)]


@pytest.mark.parametrize("code", codes())
def test_every_named_code_is_in_the_shipped_tables(code: str, terms: Terminology) -> None:
    system, _, value = code.partition(":")
    coding = (BOOK["system"][system], value, "")
    known = terms.recognises(coding) or terms.medicine([coding], "").state is not MedicineState.UNRECOGNISED
    assert known or terms.route([coding], "") is not None
