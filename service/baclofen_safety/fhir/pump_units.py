"""Units of pump and screening results and of amounts taken, which no table of laboratory units holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ..core.concepts import Concept

_ONE = Decimal(1)
_VOLUME = {"mL": _ONE, "L": Decimal(1000)}
PUMP_UNITS: Mapping[Concept, Mapping[str, Decimal]] = {
    "fact-programmed-daily-dose": {"ug/d": _ONE, "ug/(24.h)": _ONE, "mg/d": Decimal(1000), "ug/h": Decimal(24)},
    "fact-programmed-rate": {"mL/d": _ONE, "mL/h": Decimal(24)},
    "fact-drug-concentration": {"ug/mL": _ONE, "mg/mL": Decimal(1000)},
    "fact-fill-volume": _VOLUME,
    "fact-reservoir-volume": _VOLUME,
    "fact-alarm-volume": _VOLUME,
    "fact-amount-taken": {"mg": _ONE, "g": Decimal(1000), "ug": Decimal("0.001")},
    "fact-screening-effective-dose": {"ug": _ONE, "mg": Decimal(1000)},
    "fact-screening-effect-hours": {"h": _ONE, "min": _ONE / 60, "d": Decimal(24)},
}
"""What results are multiplied with, by unit; the first unit of each is the one the chart holds."""
