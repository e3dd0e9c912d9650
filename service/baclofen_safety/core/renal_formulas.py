"""Estimates of kidney function. Creatinine in mg/dL (IDMS), age in years, weight in kg, height in cm.

The numbers are the published coefficients of each formula, not limits of any rule. Results are not rounded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

Sex = Literal["male", "female"]
UMOL_PER_MG = Decimal("88.4")


def ckd_epi_2021(creatinine: Decimal, age: int, sex: Sex) -> Decimal:
    """CKD-EPI 2021 creatinine, adults, mL/min/1.73 m2; no race term. Source: NIDDK (S52)."""
    female = sex == "female"
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = float(creatinine) / kappa
    egfr = 142 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.2 * 0.9938**age
    return Decimal(repr(egfr * 1.012 if female else egfr))


def cockcroft_gault(creatinine: Decimal, age: int, weight: Decimal, sex: Sex) -> Decimal:
    """Creatinine clearance after Cockcroft and Gault, mL/min, not adjusted for surface area. Source: K4."""
    clearance = (140 - age) * weight / (72 * creatinine)
    return clearance * Decimal("0.85") if sex == "female" else clearance


def adjust_weight(weight: Decimal, height: Decimal, sex: Sex) -> Decimal:
    """Adjusted body weight: ideal weight (Devine) and two fifths of the excess, kg. Source: K4."""
    ideal = Decimal(50 if sex == "male" else "45.5") + Decimal("2.3") * (height / Decimal("2.54") - 60)
    return ideal + Decimal("0.4") * (weight - ideal) if weight > ideal else weight


def bedside_schwartz(creatinine: Decimal, height: Decimal) -> Decimal:
    """Bedside Schwartz, from 1 to under 18 years, mL/min/1.73 m2. Source: K2."""
    return Decimal("0.413") * height / creatinine
