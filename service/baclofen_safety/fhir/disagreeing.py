"""Other places of an order that state how much is taken: the words of its dosages, the amount to be handed over.

What they say is told where it is more than the dose that is judged; none of them is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..core.concepts import INTRATHECAL_ROUTES, Concept
from ..core.dosing import differ
from ..core.medicines import DoseStep, Medicine
from .amounts import Amount, read_amount, to_mg
from .bundle import Json
from .numbers import read_number
from .page import Page
from .rendered import TOLERANCE
from .sig_parts import greatest_part

_MUCH_MORE = 2
"""How many times the dose an amount may last for: reserves and rounded packages stay below it."""
_LONGEST_SUPPLY = 183
"""Days one hand-over may last for that says no days of its own: half a year."""
_AT = "dosageInstruction"
_SUPPLY = "dispenseRequest"
_UNITS = frozenset({"unit", "code", "system"})


def tell_disagreeing(
    page: Page, medicine: Medicine, route: Concept | None, steps: Sequence[DoseStep], lasting: Decimal | None
) -> None:
    """Tell what a text or an amount of a baclofen order by mouth says beyond its doses; it is ``lasting``
    so many days."""
    daily = max((step.daily for step in steps if step.daily is not None), default=None)
    if not medicine.is_baclofen or route in INTRATHECAL_ROUTES or not daily:
        return
    texts = [text for each in page.elements(_AT) if type(text := each.get("text")) is str]
    said = [greatest_part(text, medicine, page.intake.terms) for text in texts]
    if any(part is not None and part > daily and differ(part, daily, TOLERANCE) for part in said):
        page.tell("conflict", "the words of the dosage state a larger dose than its parts", _AT, needed=True)
    _tell_amount(page, medicine, daily, lasting)


def _tell_amount(page: Page, medicine: Medicine, daily: Decimal, lasting: Decimal | None) -> None:
    """Tell an amount to be handed over that is far more than the dose takes."""
    quantity = page.element("quantity", page.element(_SUPPLY), f"{_SUPPLY}.")
    amount = _milligrams(quantity, page, medicine)
    if amount is None:
        return
    if lasting:
        if amount / lasting > daily * _MUCH_MORE:
            says = "the amount to be handed over is more than twice the dose of its days"
            page.tell("conflict", says, f"{_SUPPLY}.quantity", needed=True)
    elif amount / daily > _LONGEST_SUPPLY:
        says = "the amount to be handed over lasts for more than half a year at this dose"
        page.tell("conflict", says, f"{_SUPPLY}.quantity", needed=True)


def _milligrams(quantity: Json, page: Page, medicine: Medicine) -> Decimal | None:
    """The whole amount; a bare number counts tablets."""
    read = read_amount(quantity, page.intake.terms) if quantity else None
    found = to_mg(read, medicine, None) if isinstance(read, Amount) else None
    if isinstance(found, Decimal):
        return found
    strength, count = medicine.strength, read_number(quantity.get("value"))
    bare = strength is not None and strength.per == "unit" and count is not None and not quantity.keys() & _UNITS
    return strength.mg * count if bare and strength is not None and count is not None else None
