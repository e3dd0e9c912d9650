"""Units of measure: pure conversion between the closed list of units this service accepts.

A unit is a canonical UCUM code. Units convert only inside one dimension; mass to amount of substance needs
the factor of the substance, which comes from the terminology tables, never from here. ``mL/min`` and
``mL/min/{1.73_m2}`` are different quantities and never convert.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

_DAY_H = Decimal(24)

ALONE = ("mo", "a", "kg/m2", "mg/m2", "{tbl}", "{packet}", "1", "%", "{score}", "/d", "U/L", "mm[Hg]")
"""Units that are their whole dimension: a month is no number of days, a tablet no number of packets."""

UNITS: Mapping[str, tuple[str, Decimal]] = {
    "g": ("mass", Decimal(1)),
    "mg": ("mass", Decimal("0.001")),
    "ug": ("mass", Decimal("0.000001")),
    "ng": ("mass", Decimal("0.000000001")),
    "kg": ("mass", Decimal(1000)),
    "[lb_av]": ("mass", Decimal("453.59237")),
    "[oz_av]": ("mass", Decimal("28.349523125")),
    "mL": ("volume", Decimal(1)),
    "L": ("volume", Decimal(1000)),
    "dL": ("volume", Decimal(100)),
    "uL": ("volume", Decimal("0.001")),
    "cm": ("length", Decimal(1)),
    "m": ("length", Decimal(100)),
    "mm": ("length", Decimal("0.1")),
    "[in_i]": ("length", Decimal("2.54")),
    "[ft_i]": ("length", Decimal("30.48")),
    "s": ("time", Decimal(1) / 3600),
    "min": ("time", Decimal(1) / 60),
    "h": ("time", Decimal(1)),
    "d": ("time", _DAY_H),
    "wk": ("time", _DAY_H * 7),
    "mg/mL": ("mass/volume", Decimal(1)),
    "ug/mL": ("mass/volume", Decimal("0.001")),
    "g/mL": ("mass/volume", Decimal(1000)),
    "mg/L": ("mass/volume", Decimal("0.001")),
    "g/L": ("mass/volume", Decimal(1)),
    "ug/L": ("mass/volume", Decimal("0.000001")),
    "mg/dL": ("mass/volume", Decimal("0.01")),
    "g/dL": ("mass/volume", Decimal(10)),
    "ug/dL": ("mass/volume", Decimal("0.00001")),
    "umol/L": ("substance/volume", Decimal(1)),
    "mmol/L": ("substance/volume", Decimal(1000)),
    "nmol/L": ("substance/volume", Decimal("0.001")),
    "mL/min": ("volume/time", Decimal(1440)),
    "mL/h": ("volume/time", _DAY_H),
    "mL/d": ("volume/time", Decimal(1)),
    "L/d": ("volume/time", Decimal(1000)),
    "mL/s": ("volume/time", Decimal(86400)),
    "mL/min/{1.73_m2}": ("normalised-clearance", Decimal(1)),
    "mL/s/{1.73_m2}": ("normalised-clearance", Decimal(60)),
    "mg/kg": ("dose/weight", Decimal(1)),
    "ug/kg": ("dose/weight", Decimal("0.001")),
    "mg/kg/d": ("dose/weight/time", Decimal(1)),
    "ug/kg/d": ("dose/weight/time", Decimal("0.001")),
    "mg/d": ("mass/time", Decimal(1)),
    "ug/d": ("mass/time", Decimal("0.001")),
    "mg/h": ("mass/time", _DAY_H),
    "ug/h": ("mass/time", Decimal("0.024")),
    "ug/min": ("mass/time", Decimal("1.44")),
    "g/d": ("mass/time", Decimal(1000)),
    "Cel": ("temperature", Decimal(1)),
    "[degF]": ("temperature", Decimal(1)),
    "/min": ("rate", Decimal(1)),
    "{beats}/min": ("rate", Decimal(1)),
    "{breaths}/min": ("rate", Decimal(1)),
    **{unit: (unit, Decimal(1)) for unit in ALONE},
}
"""Canonical UCUM code to (dimension, size in the dimension's base unit). Sizes by definition (SI,
international pound and inch)."""


def convert(value: Decimal, unit: str, to: str, bridge: tuple[str, Decimal] | None = None) -> Decimal | None:
    """``value`` given in ``unit`` as a number of ``to``; None when the units do not convert.

    ``bridge`` is a substance's own factor: ``("umol/L", Decimal("88.4"))`` says one ``to`` is 88.4 umol/L.
    """
    if unit == to:
        return value
    if unit not in UNITS or to not in UNITS:
        return None
    dimension, size = UNITS[unit]
    to_dimension, to_size = UNITS[to]
    if dimension == "temperature" and to_dimension == "temperature":
        return (value - 32) * 5 / 9 if to == "Cel" else value * 9 / 5 + 32
    if dimension == to_dimension:
        return value * size / to_size
    if bridge is not None and bridge[0] in UNITS:
        bridge_dimension, bridge_size = UNITS[bridge[0]]
        if bridge_dimension == dimension:
            return value * size / bridge_size / bridge[1]
    return None
