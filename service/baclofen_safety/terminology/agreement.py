"""Do the codes and words of one medicine agree, and what follows for its state, strength, form and route?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ..core.concepts import BACLOFEN, Concept
from ..core.medicines import Medicine, MedicineState
from .products import Product

T = TypeVar("T")


def with_product(medicine: Medicine, products: Sequence[Product]) -> Medicine:
    """The product code's own strength, form and route win over words; products that differ say nothing."""
    if not products or medicine.state is MedicineState.CONFLICT:
        return medicine
    forms = {product.form for product in products if product.form is not None}
    form = forms.pop() if len(forms) == 1 else medicine.form
    strength = only_one([product.strength for product in products])
    if strength is None and not any(product.strength for product in products):
        strength = medicine.strength
    route = only_one([product.route for product in products]) or medicine.product_route
    return replace(medicine, form=form, strength=strength, product_route=route)


def only_one(values: Sequence[T | None]) -> T | None:
    found = {value for value in values if value is not None}
    return found.pop() if len(found) == 1 else None


def disagree(sets: Sequence[frozenset[str]]) -> bool:
    """Do the codings name different drugs? One that covers all others (a product beside its ingredients)
    agrees."""
    if len(sets) < 2:
        return False
    everything = frozenset().union(*sets)
    return all(group != everything for group in sets)


def words_disagree(named: frozenset[str], coded: frozenset[str], concepts: frozenset[Concept]) -> bool:
    """Do the words name another drug than the codes, baclofen being on one side only?"""
    if not named or named & coded:
        return False
    return ("baclofen" in named) != (BACLOFEN in concepts)


def state_of(conflict: bool, concepts: frozenset[Concept], ingredients: frozenset[str]) -> MedicineState:
    if conflict:
        return MedicineState.CONFLICT
    if concepts:
        return MedicineState.MATCHED
    return MedicineState.KNOWN if ingredients else MedicineState.UNRECOGNISED
