"""Dose quantities: a number, what it counts, and how to make milligrams of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from ..core.medicines import Medicine
from ..terminology.lookup import Terminology

Base = Literal["mg", "mL", "unit", "bare", "dose"]
ONE = Decimal(1)
_TOO_BIG = Decimal(10) ** 12

MASS = {
    **dict.fromkeys(("mg", "mgs", "mg.", "milligram", "milligrams", "milligramme", "milligrammes"), ONE),
    **dict.fromkeys(
        ("ug", "mcg", "mcgs", "mikrogramm", "microgram", "micrograms", "microgramme", "microgrammes"),
        Decimal("0.001"),
    ),
    **dict.fromkeys(("g", "gm", "gram", "grams", "gramm", "gramme", "grammes"), Decimal(1000)),
    **dict.fromkeys(("ng", "nanogram", "nanograms"), Decimal("0.000001")),
}
VOLUME = {
    **dict.fromkeys(("ml", "mls", "cc", "milliliter", "milliliters", "millilitre", "millilitres"), ONE),
    **dict.fromkeys(("l", "liter", "litre"), Decimal(1000)),
    **dict.fromkeys(("teaspoon", "teaspoons", "teaspoonful", "teaspoonfuls", "tsp"), Decimal(5)),
}
_COUNT = """
tbl tab tabs tab(s) tablet tablets tablet(s) tablette tabletten tabl tbl. comprimé
comprimés comprime comprimes cp cpr compresse stuk stuks stück 錠 packet packets sachet
sachets capsule capsules cap caps 428673006 15054000
"""
COUNT = frozenset(_COUNT.split())
HOURS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), ONE / 3600),
    **dict.fromkeys(("min", "minute", "minutes"), ONE / 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"), ONE),
    **dict.fromkeys(("d", "day", "days", "24h", "24hr", "24hours", "tag", "tage", "jour", "jours", "j"), Decimal(24)),
    **dict.fromkeys(("wk", "week", "weeks", "woche", "wochen", "semaine", "semaines"), Decimal(168)),
    **dict.fromkeys(("mo", "month", "months"), Decimal(720)),
    **dict.fromkeys(("a", "year", "years"), Decimal(8760)),
}
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Unit:
    """What a dose counts: ``factor`` leads to mg or mL; ``per_h`` is the denominator of a rate in hours."""

    base: Base
    factor: Decimal = ONE
    per_kg: bool = False
    per_h: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """One quantity as sent (``value``, ``written``) and the unit it was understood as."""

    value: Decimal
    unit: Unit
    written: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a quantity cannot be used: ``kind`` as in ``Trouble``, ``says`` in a clinician's words.

    ``open`` flaws leave the quantity unsaid (a text may say it); others contradict any use of it.
    """

    kind: str
    says: str
    open: bool = True
    value: Decimal | None = None  # the number as sent, when its unit is the flaw
    written: str = ""
    volume_ml: Decimal | None = None  # a single dose in mL of a product whose strength is not known


def number(raw: object) -> Decimal | None:
    """A JSON number as a Decimal; None for anything else, NaN, infinity and values above 10**12."""
    if isinstance(raw, float):
        raw = Decimal(repr(raw)) if math.isfinite(raw) else None
    elif isinstance(raw, int) and not isinstance(raw, bool):
        raw = Decimal(raw)
    if not isinstance(raw, Decimal) or not raw.is_finite() or abs(raw) > _TOO_BIG:
        return None
    return raw


@lru_cache(maxsize=512)
def parse_unit(text: str) -> Unit | None:
    """A dose unit in words or UCUM ("MG", "ug/h", "mg/kg/d", "tablets"); None when it is not one."""
    plain = text.strip().lower().replace("µ", "u").replace("μ", "u").replace(" per ", "/")
    plain = _SPACE.sub("", plain).replace("(24.h)", "24h")
    head, *below = plain.split("/")
    if head.startswith("{") and head.endswith("}"):
        head = head[1:-1]
    base, factor = _head(head)
    if base is None:
        return None
    per_kg, per_h = False, None
    for word in below:
        if word == "kg" and not per_kg:
            per_kg = True
        elif word in HOURS and per_h is None:
            per_h = HOURS[word]
        elif word not in ("dose", "{dose}"):
            return None
    return Unit(base, factor, per_kg, per_h)


def _head(word: str) -> tuple[Base | None, Decimal]:
    if word in MASS:
        return "mg", MASS[word]
    if word in VOLUME:
        return "mL", VOLUME[word]
    if word in COUNT:
        return "unit", ONE
    if word in ("dose", "doses"):
        return "dose", ONE
    return ("bare", ONE) if word == "1" else (None, ONE)


@lru_cache(maxsize=512)
def _settle(text: str, code: str) -> Unit | Flaw | None:
    """The unit that text and code agree on; a flaw when they contradict; None when neither is known."""
    said, coded = parse_unit(text), parse_unit(code)
    if said is None or coded is None or said == coded or coded.base == "bare":
        return said or coded
    if said.base == "bare":
        return coded
    return Flaw("unit", f'the dose unit is both "{text}" and "{code}"', open=False)


def read_amount(raw: object, terms: Terminology) -> Amount | Flaw:
    """A FHIR Quantity as an amount, or what is wrong with it. Never raises."""
    if not isinstance(raw, dict):
        return Flaw("unreadable", "the dose cannot be read")
    value, unit, code = number(raw.get("value")), raw.get("unit"), raw.get("code")
    text = unit if isinstance(unit, str) else ""
    code = code if isinstance(code, str) else ""
    if value is None:
        return Flaw("unreadable" if "value" in raw else "missing", "the dose has no value")
    if value <= 0:
        return Flaw("unreadable", f"a dose of {value:f} is not possible", open=False)
    if raw.get("comparator") is not None:
        return Flaw("unreadable", f'the dose is only bounded ("{raw["comparator"]}")', open=False)
    found = _settle(text, code) or _ask(terms, text, raw.get("system"), code)
    if isinstance(found, Flaw):
        return found
    if found is None:
        shown = text or code
        says = f'the dose unit "{shown}" is not known' if shown else f"the dose {value:f} has no unit"
        return Flaw("unit", says, value=value, written=shown)
    said = parse_unit(text)
    return Amount(value, found, text if said is not None and said.base != "bare" else code or text)


def hours_of(raw: dict[str, object]) -> Decimal | None:
    """Hours of one time unit of a Quantity or Duration (code, else unit); None when it is no time."""
    words = [word.lower() for word in (raw.get("code"), raw.get("unit")) if isinstance(word, str)]
    return next((HOURS[word] for word in words if word in HOURS), None)


def _ask(terms: Terminology, text: str, system: object, code: str) -> Unit | None:
    if not (text or code):
        return None
    canonical = terms.unit(text, system if isinstance(system, str) else "", code)
    return parse_unit(canonical) if canonical else None


def to_mg(amount: Amount, medicine: Medicine, weight_kg: Decimal | None) -> Decimal | Flaw:
    """Milligrams of an amount (of a rate: per ``unit.per_h`` hours), by strength and weight where needed."""
    unit = amount.unit
    value = amount.value * unit.factor
    if unit.per_kg:
        if weight_kg is None or weight_kg <= 0:
            return Flaw("missing", f"the dose is per kg ({amount.written}) and no weight is known", open=False)
        value *= weight_kg
    if unit.base == "mg":
        return value
    strength = medicine.strength
    if unit.base == "mL":
        if strength is None or strength.per != "mL":
            volume = None if unit.per_h is not None else value
            says = "the dose is in mL and the strength of the product is not known"
            return Flaw("missing", says, open=False, volume_ml=volume)
        return value * strength.mg
    if unit.base == "dose" or strength is None or strength.per != "unit":
        return Flaw("missing", "the dose is a number of units and the product's strength is not known", open=False)
    return value * strength.mg
