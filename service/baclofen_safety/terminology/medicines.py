"""Medicines: from codes and names to ingredients, and from ingredients to the classes the rules speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..core.concepts import Concept
from ..core.medicines import Form, Medicine, Strength
from .agreement import disagree, only_one, state_of, with_product, words_disagree
from .catalogue import CONCEPTS, FLUID, FORM_GROUPS, concept
from .excipients import ExcipientBook
from .ndc import NdcBook
from .products import Product, read_product
from .rows import Tables
from .systems import ATC, NDC, RXNORM, SNOMED, UNII, canonical, normal_code
from .text import Phrases, fold, words

Coding = tuple[str, str, str]

_FLUID_NAME = "peritoneal dialysis fluid"
_CODE_ORDER = (RXNORM, NDC, SNOMED, ATC, UNII)
_ROUTES: Mapping[str, Concept | None] = {
    "oral": "route-oral",
    "topical": "route-topical",
    "transdermal": "route-transdermal",
    "ophthalmic": "route-ophthalmic",
    "nasal": "route-nasal",
    "rectal": "route-rectal",
    "inhalation": "route-inhalation",
    "oromucosal": "route-buccal",
    "vaginal": "route-vaginal",
    "otic": "route-topical",
    "ophthalmic/otic": "route-topical",
    "irrigation": "route-topical",
    "throat": "route-topical",
    "dental/oral local": "route-topical",
    "enteral, not absorbed": "route-oral",
}
_FORMS: Mapping[Concept, Form] = {
    "form-tablet": "tablet",
    "form-liquid": "liquid",
    "form-granules": "granules",
    "form-injection": "injection",
    "form-topical": "topical",
}
_WEAK_ENDINGS = ("um", "e", "a", "o")
_STEM_LENGTH = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """What one code came to. ``ingredients`` is empty for an ATC group that is only known by class."""

    ingredients: frozenset[str]
    concepts: frozenset[Concept]
    route: Concept | None = None
    product: Product | None = None


class MedicineBook:
    """Look-up of medicines; built once, never changed."""

    __slots__ = (
        "_atc_rules",
        "_classes",
        "_codes",
        "_excipients",
        "_names",
        "_ndc",
        "_other_names",
        "_products",
        "_rxnorm",
        "_stems",
        "_systems",
        "_unspaced",
    )

    def __init__(self, tables: Tables, systems: Mapping[str, str]) -> None:
        self._systems = systems
        self._ndc = NdcBook(tables)
        self._excipients = ExcipientBook(tables)
        self._codes: dict[tuple[str, str], tuple[str, str]] = {}  # (ingredient, use)
        self._classes: dict[str, frozenset[Concept]] = {_FLUID_NAME: frozenset({FLUID})}
        by_rxcui = self._read_ingredients(tables)
        self._read_other_codes(tables)
        names = [
            (name, frozenset(parts.split("|")))
            for table in ("med_names", "own_names")
            for name, parts in tables.rows(table, "name_normalised", "ingredients")
        ]
        other = list(tables.rows("rxnorm_names", "name", "ingredient_rxcui", "tty"))
        for name, parts, tty in other:
            if tty == "IN":
                by_rxcui.setdefault(parts, name)
        self._names: Phrases[frozenset[str]] = Phrases.of(names)
        self._other_names: Phrases[frozenset[str]] = Phrases.of(
            (name, frozenset(by_rxcui.get(part, f"RxCUI {part}") for part in parts.split("|")))
            for name, parts, _ in other
        )
        self._rxnorm = self._read_rxnorm(tables, by_rxcui)
        self._products = dict(_read_products(tables))
        self._atc_rules = [
            (concept("med", name), rule.startswith("include"), atc)
            for name, rule, atc in tables.rows("med_class_atc_rules", "class", "rule", "atc")
            if concept("med", name) in CONCEPTS
        ]
        self._stems = _stems(self._names)
        self._unspaced = {name: parts for name, parts in names if not _spaced(name)}

    def _read_ingredients(self, tables: Tables) -> dict[str, str]:
        by_rxcui: dict[str, str] = {}
        columns = (
            "ingredient",
            "classes",
            "rxnorm_in",
            "unii",
            "snomed_substance",
            "snomed_medication_codes_r4",
        )
        for name, classes, rxcui, unii, substance, products in tables.rows("med_ingredients", *columns):
            known = {concept("med", part) for part in classes.split("|")} & CONCEPTS
            self._classes[name] = self._classes.get(name, frozenset()) | known
            if rxcui:
                by_rxcui[rxcui] = name
            if unii:
                self._codes[UNII, unii] = (name, "")
            for code in filter(None, (substance, *products.split("|"))):
                self._codes[SNOMED, code] = (name, "")
        for name, mark in tables.rows("own_ingredients", "ingredient", "class"):
            self._classes[name] = self._classes.get(name, frozenset()) | {concept("med", mark)}
        return by_rxcui

    def _read_other_codes(self, tables: Tables) -> None:
        """ATC and SNOMED CT codes. Of several names of one ATC code the first stays: the salt before "magnesium"."""
        for name, atc, use in tables.rows("med_ingredient_atc", "ingredient", "atc", "use"):
            self._codes.setdefault((ATC, atc), (name, use))
        for code, system, _ in tables.rows("baclofen_codes", "code", "system", "tty"):
            if system == SNOMED:
                self._codes.setdefault((SNOMED, code), ("baclofen", ""))

    def _read_rxnorm(self, tables: Tables, by_rxcui: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """RxNorm code to its ingredient codes and route group; the codes' own names are resolved when
        asked."""
        rows = {
            rxcui: (parts, route)
            for rxcui, parts, route in tables.rows("rxnorm_all", "rxcui", "ingredient_rxcui", "route_group")
        }
        columns = ("code", "system", "ingredient_rxcui", "route_group")
        rows.update((code, (parts, route)) for code, _, parts, route in tables.rows("med_products", *columns) if parts)
        for rxcui, name in by_rxcui.items():
            self._codes[RXNORM, rxcui] = (name, "")
        return rows

    def code(self, system: str, code: str) -> Hit | None:
        """What a code of one of the medicine systems stands for; None when it is not known."""
        system = canonical(system, self._systems)
        code = normal_code(system, code)
        if system == NDC:
            rxcui = self._ndc.rxnorm(code)
            return None if rxcui is None else self._rxnorm_hit(rxcui)
        if system == RXNORM:
            return self._rxnorm_hit(code)
        found = self._codes.get((system, code))
        if found is not None:
            name, use = found
            return Hit(frozenset({name}), self._of(name), _ROUTES.get(use))
        return self._atc_group(code) if system == ATC else None

    def _rxnorm_hit(self, rxcui: str) -> Hit | None:
        row = self._rxnorm.get(rxcui)
        own = self._codes.get((RXNORM, rxcui))
        if row is None and own is None:
            return None
        parts, route = row if row is not None else (rxcui, "")
        names = frozenset(self._codes.get((RXNORM, part), (f"RxCUI {part}", ""))[0] for part in parts.split("|"))
        if route == "intraperitoneal":
            return Hit(names, frozenset({FLUID}))
        return Hit(names, self._of(*names), _ROUTES.get(route), self._products.get(rxcui))

    def _atc_group(self, code: str) -> Hit | None:
        if code.startswith("B05D"):
            return Hit(frozenset({_FLUID_NAME}), frozenset({FLUID}))
        found = {name for name, include, atc in self._atc_rules if include and code.startswith(atc)}
        found -= {name for name, include, atc in self._atc_rules if not include and code.startswith(atc)}
        return Hit(frozenset(), frozenset(found)) if found else None

    def _of(self, *names: str) -> frozenset[Concept]:
        return frozenset(found for name in names for found in self._classes.get(name, ()))

    def names_in(self, text: str) -> frozenset[str]:
        """Ingredients named in a text: class names first, spelling variants, then names of any other drug."""
        found = {name for parts, _, _ in self._names.find(text) for name in parts}
        if not text.isascii():
            found.update(name for spelling, parts in self._unspaced.items() if spelling in text for name in parts)
        if not found:
            stems = (_stem(word) for word in words(text))
            found.update(self._stems[stem] for stem in stems if stem in self._stems)
        for parts, phrase, _ in self._other_names.find(text):
            if phrase not in self._names.entries and not _common(phrase):
                found.update(parts)
        return frozenset(found)

    def is_known_word(self, word: str) -> bool:
        """Is the word a drug's name, or the first word of one?"""
        return word in self._names.longest or word in self._other_names.longest

    def recognise(
        self, codings: Sequence[Coding], text: str, parts: Sequence[Medicine], form: Concept | None = None
    ) -> Medicine:
        """The medicine that codes, text, already recognised ingredients and a coded form together name."""
        hits = self._hits(codings)
        spoken = " ; ".join(dict.fromkeys(filter(None, (text, *(display for _, _, display in codings)))))
        named = self.names_in(spoken)
        said = read_product(spoken)
        part_names = frozenset(name for part in parts for name in part.ingredients)
        coded = bool(hits) or any(part.how == "coded" and part.ingredients for part in parts)
        sets = [group for group in (*(hit.ingredients for hit in hits), part_names) if group]
        if not coded and named:
            sets.append(named)
        ingredients = frozenset(name for group in sets for name in group)
        concepts = frozenset().union(*(hit.concepts for hit in hits), *(part.concepts for part in parts))
        concepts |= self._of(*ingredients)
        conflict = disagree(sets) or (coded and words_disagree(named, ingredients, concepts))
        if conflict:
            ingredients |= named
            concepts |= self._of(*named)
        name = text or next((display for _, _, display in codings if display), "")
        name = name or next((code for _, code, _ in codings if code), "")
        route = only_one([hit.route for hit in hits]) or said.route
        medicine = Medicine(
            name=name,
            state=state_of(conflict, concepts, ingredients),
            ingredients=ingredients,
            concepts=concepts,
            how="coded" if coded else "text",
            form=said.form if form is None else _FORMS[form],
            strength=said.strength,
            product_route=route,
            parts=tuple((part, self._classes[part]) for part in sorted(ingredients) if self._classes.get(part)),
        )
        product = with_product(medicine, [hit.product for hit in hits if hit.product is not None])
        return self._excipients.label(product, spoken)

    def _hits(self, codings: Iterable[Coding]) -> list[Hit]:
        known = [(canonical(system, self._systems), code) for system, code, _ in codings if code]
        known.sort(key=lambda pair: _CODE_ORDER.index(pair[0]) if pair[0] in _CODE_ORDER else len(_CODE_ORDER))
        found = (self.code(system, code) for system, code in known)
        return [hit for hit in found if hit is not None]

    def preload(self) -> None:
        """Load what is otherwise loaded on first use."""
        self._ndc.load()


def _read_products(tables: Tables) -> Iterable[tuple[str, Product]]:
    """Strength, form and route of every RxNorm baclofen product. A brand alone (BN) gives none of them."""
    columns = ("code", "system", "tty", "strength_value", "strength_unit", "dose_form", "route")
    for code, system, tty, value, unit, form, route in tables.rows("baclofen_codes", *columns):
        if system != RXNORM or tty in ("IN", "BN"):
            continue
        strength = Strength(Decimal(value), "mL" if unit == "mg/mL" else "unit") if value else None
        group = _FORMS.get(concept("form", FORM_GROUPS.get(form, "")))
        yield code, Product(group, strength, f"route-{route}" if route else None)


def _stem(word: str) -> str:
    for ending in _WEAK_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM_LENGTH:
            return word.removesuffix(ending)
    return word


def _stems(names: Phrases[frozenset[str]]) -> dict[str, str]:
    """One-word ingredient names without their language's ending ("morphin-e"); ambiguous stems are left
    out."""
    found: dict[str, set[str]] = {}
    for phrase, parts in names.entries.items():
        if len(phrase) == 1 and len(parts) == 1 and phrase == words(next(iter(parts))):
            found.setdefault(_stem(phrase[0]), set()).update(parts)
    return {stem: parts.pop() for stem, parts in found.items() if len(parts) == 1}


_COMMON = frozenset(["water", "oxygen", "alcohol", "glucose", "dextrose", "sodium", "potassium", "calcium", "gelatin"])


def _common(phrase: tuple[str, ...]) -> bool:
    return len(phrase) == 1 and phrase[0] in _COMMON


def _spaced(name: str) -> bool:
    """Is the name written in a script that puts spaces between words?"""
    return all(ord(char) < 0x3000 for char in fold(name))
