"""Strength, form and route as the words of a product name say them. A brand or a strength never says a
route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..core.concepts import Concept
from ..core.medicines import Form, Strength
from .text import fold, words

_MG = {"mg": Decimal(1), "g": Decimal(1000), "gm": Decimal(1000)}
_MICRO = Decimal("0.001")

_NUMBER = r"(\d+(?:[.,]\d+)*)"
_STRENGTH = re.compile(
    rf"(?<![\d.,]){_NUMBER}\s*(mg|milligrams?|milligramm|mcg|ug|µg|μg|micrograms?|mikrogramm|gm?)\b"
    rf"(?:\s*(?:/|per|in|pro|par)\s*(?:{_NUMBER}\s*)?(ml|millilit(?:er|re)s?)\b)?",
)
_PERCENT = re.compile(rf"{_NUMBER}\s*%")
_AMPOULE_PERCENTS = frozenset(map(Decimal, ("0.005", "0.05", "0.2")))  # labels of Gabalon Intrathecal (Japan)
_SALINE = re.compile(r"0[.,]9\s*%|sodium chloride|saline|nacl|dextrose")
_PER_FIVE_ML = re.compile(r"(?:/|per|in)\s*5\s*ml\b")
_AMPOULE = re.compile(r"(?<![\d.,])10\s*mg\s*(?:/|per|in)\s*5\s*ml\b")
"""10 mg in 5 mL is an ampoule for pumps (Lioresal, Gabalon) as well as an oral solution (Ozobax DS)."""
_SPINAL_SIGNS = ("髄注", "髄腔")  # of scripts without spaces: spinal injection
_TABLET_SIGNS = ("錠",)

_TOPICAL = frozenset(
    [
        "cream",
        "gel",
        "organogel",
        "ointment",
        "lotion",
        "liniment",
        "topical",
        "transdermal",
        "salbe",
        "creme",
        "pommade",
        "crema",
        "pomata",
        "plo",
    ]
)
_INTRATHECAL = frozenset(["intrathecal", "intrathekal", "intrathecale", "intratecale", "intratecal", "intraspinal"])
_INJECTION = _INTRATHECAL | frozenset(
    [
        "injection",
        "injectable",
        "inj",
        "injektionslosung",
        "infusionslosung",
        "injektion",
        "infusion",
        "vial",
        "vials",
        "ampoule",
        "ampoules",
        "ampule",
        "ampules",
        "ampul",
        "amp",
        "ampulle",
        "ampullen",
        "syringe",
        "perfusion",
        "iniezione",
        "inyectable",
        "intravenous",
        "intravenously",
        "intravenos",
        "intraveineuse",
        "iv",
        "i.v.",
        "ivpb",
        "intramuscular",
        "intramuscularly",
        "i.m.",
        "parenteral",
    ]
)
_GRANULES = frozenset(["granules", "granulat", "granules", "granulate", "sachet", "packet", "packets"])
_TABLET = frozenset(
    [
        "tablet",
        "tablets",
        "filmtablette",
        "filmtabletten",
        "tab",
        "tabs",
        "tbl",
        "tabl",
        "tablette",
        "tabletten",
        "comprime",
        "comprimes",
        "cpr",
        "compressa",
        "compresse",
        "comprimido",
        "comprimidos",
        "caplet",
        "caplets",
        "capsule",
        "capsules",
        "cap",
        "caps",
        "odt",
        "pill",
        "pills",
    ]
)
_LIQUID = frozenset(["suspension", "syrup", "elixir", "sirup", "sirop", "sciroppo", "jarabe", "tropfen"])
_SOLUTION = frozenset(["solution", "soln", "sol", "losung", "soluzione", "solucion", "liquid", "susp"])
_EYE = frozenset(["eye", "eyes", "ophthalmic", "ophthalmologic", "ocular", "augentropfen", "collyre", "collirio"])
_EAR = frozenset(["ear", "ears", "otic", "auricular", "ohrentropfen", "irrigation"])
_ORAL = frozenset(["oral", "orally", "po", "p.o.", "buvable", "orale", "einnehmen", "mouth"])
_PUMPED = frozenset(
    [
        "pump",
        "pumps",
        "pumpe",
        "pompe",
        "pompa",
        "bomba",
        "reservoir",
        "catheter",
        "spinal",
        "lumbar",
        "itb",
        "bolus",
        "infuse",
        "mcg",
        "mcgs",
        "ug",
        "μg",
        "microgram",
        "micrograms",
        "microgramme",
        "microgrammes",
        "mikrogramm",
    ]
)
"""Words that make a spinal dose possible; oral baclofen is never measured in micrograms."""
_PUMPED_SHORT = re.compile(r"\bIT\b")  # capitals only: "take it with food" is a tablet


@dataclass(frozen=True, slots=True)
class Product:
    """What the words of a product name say."""

    form: Form | None = None
    strength: Strength | None = None
    route: Concept | None = None


def read_product(text: str) -> Product:
    """Read strength, form and route words. Two different strengths in one name are no strength."""
    folded = fold(text)
    said = frozenset(words(text))
    form = _form(folded, said)
    return Product(form, _strength(folded), _route(form, folded, said))


def names_swallowed_form(text: str) -> bool:
    """Do the words name a tablet, capsule, granules or syrup, and nothing that is injected, pumped or applied?"""
    said = frozenset(words(text))
    named = said & (_TABLET | _GRANULES | _LIQUID) or _signs(fold(text), _TABLET_SIGNS)
    return bool(named) and not names_other_form(text)


def names_other_form(text: str) -> bool:
    """Do the words name an injection, a pump, a dose in micrograms or something for the skin, eye or ear?"""
    said = frozenset(words(text))
    others = said & (_INJECTION | _PUMPED | _TOPICAL | _EYE | _EAR) or _signs(fold(text), _SPINAL_SIGNS)
    return bool(others or _PUMPED_SHORT.search(text))


def _form(folded: str, said: frozenset[str]) -> Form | None:
    """A bare "solution" is no form: 1 and 2 mg/mL exist as oral solution and as intrathecal injection."""
    if said & _INJECTION or _signs(folded, _SPINAL_SIGNS):
        return "injection"
    if said & _TOPICAL or _is_percent_of_a_cream(folded):
        return "topical"
    if said & _GRANULES:
        return "granules"
    if said & _TABLET or _signs(folded, _TABLET_SIGNS):
        return "tablet"
    drunk = said & _ORAL or (_PER_FIVE_ML.search(folded) and not _AMPOULE.search(folded))
    return "liquid" if said & _LIQUID or (said & _SOLUTION and drunk) else None


def _signs(folded: str, signs: tuple[str, ...]) -> bool:
    return any(sign in folded for sign in signs)


def _is_percent_of_a_cream(folded: str) -> bool:
    """Compounded creams are written in percent; so are saline beside an injection, and Japanese ampoules."""
    percents = {_number(found) for found in _PERCENT.findall(folded)}
    return bool(percents) and not percents <= _AMPOULE_PERCENTS and not _SALINE.search(folded)


def _route(form: Form | None, folded: str, said: frozenset[str]) -> Concept | None:
    if form == "topical":
        return "route-topical"
    if said & (_EYE | _EAR):
        return "route-ophthalmic" if said & _EYE else "route-topical"
    if said & _INTRATHECAL or _signs(folded, _SPINAL_SIGNS):
        return None if said & _ORAL else "route-intrathecal"
    return "route-oral" if said & _ORAL and form != "injection" else None


def _strength(folded: str) -> Strength | None:
    found: dict[Literal["unit", "mL"], set[Decimal]] = {"unit": set(), "mL": set()}
    for amount, unit, volume, per in _STRENGTH.findall(folded):
        mg = _number(amount) * _MG.get(unit, Decimal(1) if unit.startswith("milli") else _MICRO)
        millilitres = _number(volume) if volume else Decimal(1)
        if mg <= 0 or millilitres <= 0:
            continue
        if per:
            found["mL"].add(mg / millilitres)
        else:
            found["unit"].add(mg)
    if len(found["mL"]) == 1:
        return Strength(found["mL"].pop(), "mL")
    if not found["mL"] and len(found["unit"]) == 1:
        return Strength(found["unit"].pop(), "unit")
    return None


def _number(text: str) -> Decimal:
    """A number as written: a comma before exactly three digits groups thousands ("10,000"), else it is the
    decimal."""
    if "," not in text:
        head, _, tail = text.rpartition(".")
        return Decimal(f"{head.replace('.', '')}.{tail}" if head else text)
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", text):
        return Decimal(text.replace(",", ""))
    head, _, tail = text.replace(".", "").rpartition(",")
    return Decimal(f"{head.replace(',', '')}.{tail}")
