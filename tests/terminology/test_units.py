"""Units: what sites write, and conversion to the canonical unit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.core.units import UNITS, convert
from baclofen_safety.terminology.lookup import Terminology
from baclofen_safety.terminology.rows import Tables

UCUM = "http://unitsofmeasure.org"


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("mg", "mg"),
        ("MG", "mg"),
        ("µmol/L", "umol/L"),
        ("μmol/L", "umol/L"),
        ("mL/min/1.73.m2", "mL/min/{1.73_m2}"),
        ("ml/min/1.73 m²", "mL/min/{1.73_m2}"),
        ("mL/min", "mL/min"),
        ("mcg/24h", "ug/d"),
        ("micrograms per day", "ug/d"),
        ("tab(s)", "{tbl}"),
        ("lbs", "[lb_av]"),
        ("pg/mL", None),
        ("foo", None),
        ("", None),
    ],
)
def test_written_units(terms: Terminology, written: str, unit: str | None) -> None:
    assert terms.unit(written) == unit
    assert terms.unit("", UCUM, written) == unit


def test_a_ucum_code_wins_over_the_text(terms: Terminology) -> None:
    assert terms.unit("mg", UCUM, "ug") == "ug"
    assert terms.unit("mg", "urn:oid:2.16.840.1.113883.6.8", "pg/mL") is None
    assert terms.unit("mg", "http://example.org", "x") == "mg"


def test_every_alias_leads_to_the_closed_list() -> None:
    dropped = {
        sent
        for table in ("unit_aliases", "own_units")
        for sent, ucum in Tables().rows(table, "as_sent", "ucum")
        if ucum not in UNITS and ucum != "ug/(24.h)"
    }
    assert dropped == set()


@pytest.mark.parametrize(
    ("value", "unit", "concept", "expected"),
    [
        ("88.4", "umol/L", "lab-creatinine", "1"),
        ("0.0884", "mmol/L", "lab-creatinine", "1"),
        ("1.2", "mg/dL", "lab-creatinine", "1.2"),
        ("12", "mg/L", "lab-creatinine", "1.2"),
        ("176.8", "umol/L", "lab-creatinine-dialysis", None),
        ("100", "[lb_av]", "lab-body-weight", "45.359237"),
        ("70000", "g", "lab-body-weight", "70"),
        ("10", "[in_i]", "lab-body-height", "25.4"),
        ("1.7", "m", "lab-body-height", "170"),
        ("60", "mL/min", "lab-egfr-mdrd", None),
        ("60", "mL/min/{1.73_m2}", "lab-crcl-cockcroft-gault", None),
        ("1", "mL/s", "lab-crcl-cockcroft-gault", "60"),
        ("98.6", "[degF]", "lab-body-temperature", "37"),
        ("1", "mg", "lab-pregnancy-test", None),
        ("1", "mg", "no concept", None),
    ],
)
def test_conversion(terms: Terminology, value: str, unit: str, concept: str, expected: str | None) -> None:
    found = terms.convert(Decimal(value), unit, concept)
    assert found == (None if expected is None else Decimal(expected))


def test_canonical_units(terms: Terminology) -> None:
    assert terms.canonical_unit("lab-creatinine") == "mg/dL"
    assert terms.canonical_unit("lab-pregnancy-test") is None


def test_unknown_units_never_convert() -> None:
    assert convert(Decimal(1), "mg", "furlong") is None
    assert convert(Decimal(1), "furlong", "mg") is None
    assert convert(Decimal(1), "kg", "mg/dL", ("umol/L", Decimal("88.4"))) is None
    assert convert(Decimal(37), "Cel", "[degF]") == Decimal("98.6")


UNIT = st.sampled_from(sorted(UNITS))


@given(st.decimals("0.001", "10000", places=3), UNIT, UNIT)
def test_conversion_there_and_back(value: Decimal, unit: str, to: str) -> None:
    there = convert(value, unit, to)
    if there is None:
        assert UNITS[unit][0] != UNITS[to][0]
        return
    back = convert(there, to, unit)
    assert back is not None
    assert abs(back - value) < Decimal("0.000001")
