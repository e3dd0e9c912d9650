"""The formulas against the check values of the specification."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baclofen_safety.core.renal_formulas import (
    Sex,
    adjust_weight,
    bedside_schwartz,
    ckd_epi_2021,
    cockcroft_gault,
)

CREATININE = st.decimals("0.2", "20", places=2)


def tenth(value: Decimal) -> str:
    return f"{value:.1f}"


@pytest.mark.parametrize(
    ("creatinine", "age", "sex", "egfr"),
    [
        ("0.9", 45, "male", "107.3"),
        ("0.6", 30, "female", "123.8"),
        ("1.4", 70, "female", "40.5"),
        ("2.5", 68, "male", "27.3"),
    ],
)
def test_ckd_epi(creatinine: str, age: int, sex: Sex, egfr: str) -> None:
    assert tenth(ckd_epi_2021(Decimal(creatinine), age, sex)) == egfr


@pytest.mark.parametrize(
    ("creatinine", "age", "weight", "sex", "clearance"),
    [
        ("0.9", 45, 80, "male", "117.3"),
        ("1.4", 70, 62, "female", "36.6"),
        ("2.5", 68, 70, "male", "28.0"),
        ("1.0", 85, 48, "female", "31.2"),
    ],
)
def test_cockcroft_gault(creatinine: str, age: int, weight: int, sex: Sex, clearance: str) -> None:
    assert tenth(cockcroft_gault(Decimal(creatinine), age, Decimal(weight), sex)) == clearance


@pytest.mark.parametrize(
    ("height", "creatinine", "egfr"),
    [(110, "0.4", "113.6"), (125, "0.6", "86.0"), (140, "1.2", "48.2"), (95, "0.9", "43.6")],
)
def test_schwartz(height: int, creatinine: str, egfr: str) -> None:
    assert tenth(bedside_schwartz(Decimal(creatinine), Decimal(height))) == egfr


def test_adjusted_weight() -> None:
    assert tenth(adjust_weight(Decimal(120), Decimal(160), "female")) == "79.4"
    assert tenth(adjust_weight(Decimal(120), Decimal(160), "male")) == "82.1"
    assert adjust_weight(Decimal(40), Decimal(180), "male") == 40


@given(CREATININE, CREATININE, st.integers(18, 100), st.sampled_from(["male", "female"]))
def test_more_creatinine_is_less_function(one: Decimal, two: Decimal, age: int, sex: Sex) -> None:
    low, high = sorted((one, two))
    assert ckd_epi_2021(low, age, sex) >= ckd_epi_2021(high, age, sex)
    assert cockcroft_gault(low, age, Decimal(70), sex) >= cockcroft_gault(high, age, Decimal(70), sex)
