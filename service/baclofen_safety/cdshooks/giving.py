"""How a dose is given with the product a draft names: its tablets, its packets, millilitres of its liquid."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ..core.dosing import tidy
from ..core.liquid import strength_of
from ..core.medicines import Medicine
from ..core.words import say
from ..fhir.proposing import UCUM, milligrams
from .wording import phrase

Json = dict[str, Any]
_WHOLE = frozenset({"granules"})
"""Forms that are given whole; a tablet may be halved."""
_HALF = Decimal("0.5")


def can_be_given(doses: Iterable[Decimal], medicine: Medicine) -> bool:
    """Can each dose be given with the product: no quarter of a tablet, no part of a packet, a liquid we can measure?

    A product that says no strength is chosen by the pharmacy.
    """
    if medicine.form == "liquid":
        return strength_of(medicine) is not None
    strength = medicine.strength
    if strength is None or not strength.mg:
        return strength is None
    least = strength.mg if medicine.form in _WHOLE else strength.mg * _HALF
    return all(dose % least == 0 for dose in doses)


def amount_of(dose: Decimal, medicine: Medicine) -> tuple[Json, str]:
    """A dose as a quantity, and in words: a liquid in millilitres, told in milligrams as well."""
    strength = strength_of(medicine) if medicine.form == "liquid" else None
    if strength is None:
        return milligrams(dose), phrase("suggestion.amount", part=say(dose))
    volume = tidy(dose / strength)
    words = phrase("suggestion.amount_liquid", part=say(dose), volume=say(volume))
    return {**milligrams(volume), "unit": "mL", "system": UCUM, "code": "mL"}, words
