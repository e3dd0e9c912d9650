"""How like two orders are, by what they say: product, strength, instruction."""

from __future__ import annotations

from decimal import Decimal

from .medicines import Order


def same_product(a: Order, b: Order) -> bool:
    """Same strength and form as far as both are known; a brand makes no difference."""
    one, other = a.medicine, b.medicine
    if one is other:
        return True
    if one.strength and other.strength and one.strength != other.strength:
        return False
    return not (one.form and other.form and one.form != other.form)


def same_instruction(a: Order, b: Order) -> bool:
    """The same form, amount and times, written for another strength: one tablet of 20 mg or two of 10 mg."""
    if a.medicine.form is None or a.medicine.form != b.medicine.form or not (len(a.steps) == len(b.steps) == 1):
        return False
    one, other = ((order.steps[0].single, order.steps[0].doses_per_day) for order in (a, b))
    return None not in one and one == other


def is_other_strength(a: Order, b: Order) -> bool:
    """Are as many tablets ordered, as often, of another strength?"""
    one, two = a.medicine.strength, b.medicine.strength
    if one is None or two is None or one == two or one.per != "unit" or two.per != "unit":
        return False
    counts = [_count_of(order) for order in (a, b)]
    return counts[0] is not None and counts[0] == counts[1]


def _count_of(order: Order) -> tuple[Decimal, Decimal] | None:
    """How many units at a time, and how often a day; None where more than one step, or neither, is said."""
    step = order.steps[0] if len(order.steps) == 1 else None
    strength = order.medicine.strength
    if step is None or strength is None or not strength.mg or step.single is None or step.doses_per_day is None:
        return None
    return step.single / strength.mg, step.doses_per_day
