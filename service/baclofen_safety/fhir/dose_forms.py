"""Dose forms that an order names in its sig or counts its doses in, when the medicine itself names none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..core.medicines import Medicine
from ..terminology.lookup import Terminology
from ..terminology.products import names_other_form, names_swallowed_form
from .bundle import Json

_AMOUNTS = ("dose", "doseQuantity", "doseSimpleQuantity")
_RATES = ("rate", "rateQuantity", "rateRatio", "rateRange")
_COUNTED = frozenset({"{tbl}", "{packet}"})  # canonical units of what is swallowed whole or stirred in


def is_swallowed(medicine: Medicine, dosages: Sequence[Json], sig: str, terms: Terminology) -> bool:
    """Do the sig or the units of the doses name a form that is swallowed, and nothing on the order another way?

    Millilitres alone are none: 1 and 2 mg/mL are drunk and pumped. A route that was written, understood or not, a
    strength per mL and an amount per time leave it open; so does any word of an injection, a pump or micrograms.
    """
    if any(dosage.get("route") is not None for dosage in dosages):
        return False
    if medicine.strength is not None and medicine.strength.per == "mL":
        return False
    entries = [entry for dosage in dosages for entry in _entries(dosage)]
    if any(entry.get(name) is not None for entry in entries for name in _RATES):
        return False
    if terms.text_concepts("route", sig):
        return False  # words of several routes
    units = [quantity for entry in entries for quantity in _quantities(entry)]
    spoken = " ; ".join([medicine.name, sig, *(f"{_string(one, 'unit')} {_string(one, 'code')}" for one in units)])
    if names_other_form(spoken):
        return False
    return names_swallowed_form(sig) or any(_is_counted(one, terms) for one in units)


def _entries(dosage: Json) -> Iterator[Json]:
    """The dosage itself (STU3, administrations) and its ``doseAndRate``."""
    yield dosage
    listed = dosage.get("doseAndRate")
    for entry in listed if type(listed) is list else [listed]:
        if type(entry) is dict:
            yield entry


def _quantities(entry: Json) -> Iterator[Json]:
    span = entry.get("doseRange")
    ends = [span.get("low"), span.get("high")] if type(span) is dict else []
    for quantity in (*(entry.get(name) for name in _AMOUNTS), *ends):
        if type(quantity) is dict:
            yield quantity


def _is_counted(quantity: Json, terms: Terminology) -> bool:
    unit, code = _string(quantity, "unit"), _string(quantity, "code")
    return names_swallowed_form(f"{unit} {code}") or terms.unit(unit, _string(quantity, "system"), code) in _COUNTED


def _string(quantity: Json, key: str) -> str:
    value = quantity.get(key)
    return value if type(value) is str else ""
