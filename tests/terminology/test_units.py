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


def test_the_bridge_may_be_in_any_unit_of_its_dimension() -> None:
    for bridge in (("umol/L", Decimal("88.4")), ("mmol/L", Decimal("0.0884"))):
        assert convert(Decimal("176.8"), "umol/L", "mg/dL", bridge) == 2


def test_canonical_units(terms: Terminology) -> None:
    assert terms.canonical_unit("lab-creatinine") == "mg/dL"
    assert terms.canonical_unit("lab-pregnancy-test") is None


@pytest.mark.parametrize(
    ("unit", "value", "to"),
    [
        ("g", "1000", "mg"),
        ("mg", "1000", "ug"),
        ("ug", "1000", "ng"),
        ("ng", "0.000001", "mg"),
        ("kg", "1000", "g"),
        ("[lb_av]", "453.59237", "g"),
        ("[oz_av]", "28.349523125", "g"),
        ("L", "1000", "mL"),
        ("dL", "100", "mL"),
        ("mL", "1000", "uL"),
        ("uL", "0.00001", "dL"),
        ("m", "100", "cm"),
        ("cm", "10", "mm"),
        ("mm", "0.001", "m"),
        ("[in_i]", "2.54", "cm"),
        ("[ft_i]", "12", "[in_i]"),
        ("wk", "7", "d"),
        ("d", "24", "h"),
        ("h", "60", "min"),
        ("min", "60", "s"),
        ("s", "1", "s"),
        ("g/mL", "1000", "mg/mL"),
        ("mg/mL", "1000", "ug/mL"),
        ("ug/mL", "1", "mg/L"),
        ("mg/mL", "1", "g/L"),
        ("mg/L", "1000", "ug/L"),
        ("mg/dL", "10", "mg/L"),
        ("g/dL", "1000", "mg/dL"),
        ("ug/dL", "10", "ug/L"),
        ("ug/L", "0.1", "ug/dL"),
        ("mmol/L", "1000", "umol/L"),
        ("umol/L", "1000", "nmol/L"),
        ("mL/s", "60", "mL/min"),
        ("mL/min", "60", "mL/h"),
        ("mL/h", "24", "mL/d"),
        ("L/d", "1000", "mL/d"),
        ("mL/s/{1.73_m2}", "60", "mL/min/{1.73_m2}"),
        ("mg/kg", "1000", "ug/kg"),
        ("mg/kg/d", "1000", "ug/kg/d"),
        ("g/d", "1000", "mg/d"),
        ("mg/d", "1000", "ug/d"),
        ("mg/h", "24", "mg/d"),
        ("ug/h", "24", "ug/d"),
        ("ug/min", "60", "ug/h"),
        ("{beats}/min", "1", "/min"),
        ("{breaths}/min", "1", "/min"),
    ],
)
def test_one_of_a_unit_in_another(unit: str, value: str, to: str) -> None:
    found = convert(Decimal(1), unit, to)
    assert found is not None
    assert abs(found - Decimal(value)) < Decimal("1e-20")


def test_what_stands_alone_and_what_only_looks_alike() -> None:
    alone = {"mo", "a", "kg/m2", "mg/m2", "{tbl}", "{packet}", "1", "%", "{score}", "/d", "U/L", "mm[Hg]"}
    for one in alone:
        assert {other for other in UNITS if convert(Decimal(1), one, other) is not None} == {one}
    assert convert(Decimal(1), "mL/min", "mL/min/{1.73_m2}") is None
    assert convert(Decimal(1), "mg/kg", "mg/kg/d") is None
    assert convert(Decimal(1), "Cel", "/min") is None
    assert convert(Decimal(50), "[degF]", "Cel") == 10
    assert convert(Decimal(10), "Cel", "[degF]") == 50


def test_a_bridge_leads_from_its_own_dimension_only() -> None:
    bridge = ("umol/L", Decimal("88.4"))
    assert convert(Decimal("176.8"), "umol/L", "mg/dL", bridge) == 2
    assert convert(Decimal("0.1768"), "mmol/L", "mg/dL", bridge) == 2
    assert convert(Decimal(1), "umol/L", "mg/dL", ("furlong", Decimal(1))) is None
    assert convert(Decimal(1), "umol/L", "mg/dL") is None


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
