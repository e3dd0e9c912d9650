"""How one dose of a liquid is written: in mg, in mL, or both, and whether they agree."""

from __future__ import annotations

import re
from decimal import Decimal

from ..core.dosing import differ
from ..core.medicines import Medicine, Written
from .amounts import MASS, VOLUME, Flaw
from .doses import Dose

_NUMBER = r"(?<![\d.,/])(\d+(?:\.\d+)?)\s*"
_NO_RATE = r"(?!\w|\s*(?:/|per\b|a day|daily))"
_CONCENTRATION = re.compile(
    r"\d+(?:\.\d+)?\s*(?:mg|mcg|ug|g)\s*(?:/|per|in)\s*(?:\d+(?:\.\d+)?\s*)?(?:ml|milli\w+)\b", re.IGNORECASE
)
_MASSES = re.compile(_NUMBER + "(" + "|".join(sorted(map(re.escape, MASS), key=len, reverse=True)) + ")" + _NO_RATE)
_VOLUMES = re.compile(_NUMBER + "(" + "|".join(sorted(map(re.escape, VOLUME), key=len, reverse=True)) + ")" + _NO_RATE)
_TOLERANCE = Decimal("0.1")


def how_written(dose: Dose | Flaw, text: str, medicine: Medicine) -> Written | None:
    """From the structured dose and the words beside it; None when neither mg nor mL is written."""
    masses, volumes = _said(text)
    volume = dose.volume_ml
    if isinstance(dose, Dose) and dose.mass and dose.written:
        masses.append(dose.high)
    if volume is not None:
        volumes.append(volume)
    if not masses or not volumes:
        return "mg" if masses else "mL" if volumes else None
    if isinstance(dose, Dose) and dose.conflict:
        return "differ"
    strength = medicine.strength
    if strength is None or strength.per != "mL":
        return "agree"
    fits = (not differ(mg, ml * strength.mg, _TOLERANCE) for mg in masses for ml in volumes)
    return "agree" if any(fits) else "differ"


def _said(text: str) -> tuple[list[Decimal], list[Decimal]]:
    """Milligrams and millilitres of the words, strengths ("5 mg/mL") and amounts a day left out."""
    plain = _CONCENTRATION.sub(" ", text.lower().replace("µ", "u").replace(",", "."))
    masses = [Decimal(found[1]) * MASS[found[2]] for found in _MASSES.finditer(plain)]
    volumes = [Decimal(found[1]) * VOLUME[found[2]] for found in _VOLUMES.finditer(plain)]
    return masses, volumes
