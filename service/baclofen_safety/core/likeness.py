"""How like two orders are, by what they say: product, strength, instruction."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from .dosing import DAY_H, smallest_gap_h
from .medicines import Order

_APART_H = Decimal(4)
"""Clock times so many hours apart are two times of the day."""
_PART_OF_DAY = {
    **dict.fromkeys(("MORN", "MORN.early", "MORN.late", "WAKE", "CM", "ACM", "PCM"), "morning"),
    **dict.fromkeys(("NOON", "AFT", "AFT.early", "AFT.late", "CD", "ACD", "PCD"), "midday"),
    **dict.fromkeys(("EVE", "EVE.early", "EVE.late", "CV", "ACV", "PCV"), "evening"),
    **dict.fromkeys(("NIGHT", "HS"), "night"),
}


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


def are_parts_of_a_day(a: Order, b: Order) -> bool:
    """Is each taken once a day, at a time clearly apart from the other's, as the lines of an order set are?"""
    one, two = _time_of_day(a), _time_of_day(b)
    if one is None or two is None:
        return False
    if one in _PART_OF_DAY or two in _PART_OF_DAY:
        return None not in (parts := (_PART_OF_DAY.get(one), _PART_OF_DAY.get(two))) and parts[0] != parts[1]
    gap = smallest_gap_h(clock for each in (one, two) if (clock := _minutes(each)) is not None)
    return gap is not None and _APART_H <= gap < DAY_H


def _time_of_day(order: Order) -> str | None:
    """The one time a day at which every step of an order is taken, as coded."""
    times = {each for step in order.steps for each in (step.times or ("",))}
    once = all(step.doses_per_day == 1 for step in order.steps)
    return times.pop() or None if once and len(times) == 1 else None


def _minutes(clock: str) -> int | None:
    """Minutes after midnight of a clock time."""
    try:
        read = time.fromisoformat(clock)
    except ValueError:
        return None
    return read.hour * 60 + read.minute
