"""What the products of baclofen hold beside the drug, by brand or maker: only labels that name every source."""

from __future__ import annotations

from dataclasses import replace

from ..core.concepts import Concept
from ..core.medicines import Medicine
from .catalogue import CONCEPTS, FORM_GROUPS, concept
from .rows import Tables
from .text import words

_UNSURE = "source not named"


class ExcipientBook:
    """Look-up of labels; built once, never changed."""

    __slots__ = ("_labels",)

    def __init__(self, tables: Tables) -> None:
        self._labels: dict[tuple[tuple[str, ...], str], frozenset[Concept]] = {}
        columns = ("product", "dose_form", "excipient_groups", "note")
        for product, form, groups, note in tables.rows("baclofen_excipients", *columns):
            if _UNSURE in note:
                continue
            key = (_name(product), FORM_GROUPS.get(form, form))
            held = {concept("excipient", group) for group in groups.split("|")} & CONCEPTS
            self._labels[key] = self._labels.get(key, frozenset()) | held

    def label(self, medicine: Medicine, spoken: str) -> Medicine:
        """The medicine with what its product holds, where brand or maker and form say which product it is."""
        if not medicine.is_baclofen or medicine.form is None:
            return medicine
        said = set(words(spoken))
        found = [held for (name, form), held in self._labels.items() if form == medicine.form and said.issuperset(name)]
        return replace(medicine, excipients=frozenset().union(*found)) if found else medicine


def _name(product: str) -> tuple[str, ...]:
    """The words that single a product out: the maker after the comma, else the brand that comes first."""
    drug, _, maker = product.partition(",")
    said = words(maker.partition("(")[0]) if maker else ()
    return said or words(drug)[:1]
