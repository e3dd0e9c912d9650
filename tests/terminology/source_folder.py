"""Wider checks over a full source folder. Collected only when ``BACLOFEN_SAFETY_TERMINOLOGY_SOURCE`` names one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from baclofen_safety.core.medicines import MedicineState
from baclofen_safety.terminology.catalogue import CONCEPTS, concept
from baclofen_safety.terminology.importing import import_tables
from baclofen_safety.terminology.lookup import Terminology
from baclofen_safety.terminology.rows import SHIPPED, read_table

SOURCE = Path(os.environ["BACLOFEN_SAFETY_TERMINOLOGY_SOURCE"])
NDC = "http://hl7.org/fhir/sid/ndc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CLASSES = {concept("med", name) for name in ("baclofen", "opioid", "benzodiazepine", "barbiturate")}


@pytest.fixture(scope="module")
def laid() -> Terminology:
    """The shipped tables with the whole source laid over."""
    return Terminology.load(SOURCE)


def test_the_shipped_tables_are_the_import(tmp_path: Path) -> None:
    import_tables(SOURCE, tmp_path)
    for path in tmp_path.iterdir():
        assert (SHIPPED / path.name).read_bytes() == path.read_bytes(), path.name


def test_every_ndc_of_baclofen(terms: Terminology) -> None:
    for ndc, route in read_table(SOURCE, "baclofen_ndc", ("ndc11", "route")):
        found = terms.medicine([(NDC, ndc, "")], "")
        assert (found.is_baclofen, found.product_route) == (True, f"route-{route}"), ndc


@pytest.mark.parametrize("table", ["conditions_icd10cm", "conditions_icd9cm"])
def test_every_expanded_condition_has_its_class(terms: Terminology, table: str) -> None:
    for name, system, code in read_table(SOURCE, table, ("class", "system", "code")):
        found = concept("cond", name)
        if found in CONCEPTS:
            assert found in terms.concepts("cond", [(system, code, "")]), (name, code)


def test_every_snomed_condition_has_its_class_when_laid_over(laid: Terminology) -> None:
    for name, system, code in read_table(SOURCE, "conditions_snomed", ("class", "system", "code")):
        found = concept("cond", name)
        if found in CONCEPTS:
            assert found in laid.concepts("cond", [(system, code, "")]), (name, code)


def test_product_names_and_codes_agree(terms: Terminology) -> None:
    """The text step alone finds what the code says, over all current product names."""
    wrong: list[str] = []
    seen = 0
    rows = read_table(SOURCE, "med_products", ("code", "tty", "display", "status"))
    for code, tty, display, status in rows:
        if tty not in ("SCD", "SBD") or not status.startswith("active"):
            continue
        seen += 1
        by_code = terms.medicine([(RXNORM, code, "")], "").concepts & CLASSES
        by_text = terms.medicine([], display)
        if by_code != by_text.concepts & CLASSES or by_text.state is MedicineState.UNRECOGNISED:
            wrong.append(display)
    assert seen > 5000
    assert len(wrong) <= seen // 200, wrong[:20]


def test_every_brand_name_is_found(terms: Terminology) -> None:
    for name, ingredients in read_table(SOURCE, "med_names", ("name_normalised", "ingredients")):
        found = terms.medicine([], name)
        if "baclofen" in ingredients.split("|"):
            assert found.is_baclofen, name
