"""Which medicine an order, dispense, administration or statement speaks of, and by which route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..core.concepts import INJECTED_ROUTES, INTRATHECAL_ROUTES, ORAL_ROUTES, Concept
from ..core.medicines import Medicine, Strength
from ..terminology.lookup import Coding
from .bundle import Json
from .dose_forms import is_swallowed
from .doubtful_medicines import tell_doubt
from .numbers import read_number
from .page import Page, Words
from .sig import route_from_sig

_PATH = "medication"
_ROUTE_OF_FORM = {
    "tablet": "route-oral",
    "liquid": "route-oral",
    "granules": "route-oral",
    "topical": "route-topical",
}
_ASSUMED_OF_INJECTION = "route-intrathecal"
_ROUTE_OF_SWALLOWED = "route-oral"

_JUDGED_ROUTES = ORAL_ROUTES | INTRATHECAL_ROUTES | INJECTED_ROUTES | {"route-topical"}

ASSUMED_ROUTE: Concept = "assumed-route"
"""Mark of an order whose route was not recorded: intrathecal for an injection, oral for doses in milligrams."""


def read_medicine(page: Page) -> Medicine:
    """Recognise the medicine of a resource in any version's shape, and tell what is not recognised."""
    words, target = _named(page)
    found = _medication_of(page, target)
    if found is None:
        medicine = page.intake.terms.medicine(words[0], words[1])
    else:
        medicine = _read_product(page, *found, words)
    tell_doubt(page, medicine)
    if medicine.is_baclofen and medicine.strength is not None and words[1]:
        _tell_other_strength(page, medicine.strength, words[1])
    return medicine


def _tell_other_strength(page: Page, strength: Strength, text: str) -> None:
    """A dose in tablets or mL hangs on the strength: code and words must not say two."""
    said = page.intake.terms.medicine((), text).strength
    if said is not None and said.per == strength.per and said != strength:
        page.tell(
            "conflict", "the strength in words differs from the product's; the product's is used", _PATH, needed=True
        )


def codings_of(page: Page) -> list[Coding]:
    """The codings written on the resource itself (billing codes, for refill and test doses)."""
    return _named(page)[0][0]


def _named(page: Page) -> tuple[Words, Json]:
    """The words of the medicine element, and the Reference in it ({} when there is none)."""
    resource = page.resource
    if "medicationCodeableConcept" in resource:
        words = page.words(page.element("medicationCodeableConcept") or resource["medicationCodeableConcept"], _PATH)
        return words, page.element("medicationReference")
    element: Any = resource.get("medicationReference")
    if element is None:
        element = resource.get("medication")
        if type(element) is dict and ("concept" in element or type(element.get("reference")) is dict):
            target = page.element("reference", element, "medication.")
            words = page.words(element.get("concept"), "medication.concept")
            return (words[0], words[1] or page.string("display", target, "medication.reference.")), target
    if type(element) is dict and "reference" not in element and ("coding" in element or "text" in element):
        return page.words(element, _PATH), {}
    if type(element) is dict:
        return ([], page.string("display", element, "medication.")), element
    if element is None:
        page.stumble(_PATH, "a medicine, found none")
    return page.words(element, _PATH), {}


def _medication_of(page: Page, target: Json) -> tuple[str, Json] | None:
    if not target:
        return None
    if type(target.get("reference")) not in (str, type(None)):
        page.stumble(f"{_PATH}.reference", "a string")
        return None
    return page.intake.record.find(target, page.resource)


def _read_product(page: Page, ref: str, medication: Json, words: Words) -> Medicine:
    """A Medication, contained or bundled. One read outside a resource is kept for the next order of it."""
    known = page.intake.medicines
    shared = not ref.startswith("#") and not words[0]
    if shared and ref in known:
        return _named_after(known[ref], words[1])
    product = page.within("contained.") if ref.startswith("#") else Page(page.intake, medication, ref, "Medication")
    codings, text = product.words(medication.get("code"), "code")
    ingredients = [
        (*_item(product, each), each)
        for each in product.elements("ingredient", medication)
        if each.get("isActive") is not False
    ]
    form = product.words(medication.get("form") or medication.get("doseForm"), "form")
    medicine = page.intake.terms.medicine(
        [*codings, *words[0]],
        text or words[1],
        ingredients=[(item, said) for item, said, _ in ingredients],
        form=form if form[0] or form[1] else None,
    )
    strength = _strength(product, ingredients) if medicine.is_baclofen else None
    if strength is not None and (medicine.strength is None or medicine.how == "text"):
        medicine = replace(medicine, strength=strength)
    if shared:
        known[ref] = medicine
    return _named_after(medicine, words[1])


def _named_after(medicine: Medicine, display: str) -> Medicine:
    return replace(medicine, name=display) if display and not medicine.name else medicine


def _item(product: Page, ingredient: Json) -> Words:
    """What one ingredient is: concept or reference, in R4's or R5's place."""
    at = "ingredient.item"
    if "itemCodeableConcept" in ingredient:
        return product.words(ingredient["itemCodeableConcept"], at)
    item = ingredient.get("item")
    if type(item) is dict and "concept" in item:
        return product.words(item["concept"], f"{at}.concept")
    target = item.get("reference") if type(item) is dict else ingredient.get("itemReference")
    if type(target) is not dict:
        return [], ""
    found = product.intake.record.find(target, product.resource)
    if found is not None:
        return product.words(found[1].get("code"), f"{at}.code")
    return [], product.string("display", target, f"{at}.")


def _strength(product: Page, ingredients: Sequence[tuple[list[Coding], str, Json]]) -> Strength | None:
    """The strength of the baclofen ingredient, from its ratio."""
    for codings, text, ingredient in ingredients:
        if len(ingredients) > 1 and not product.intake.terms.medicine(codings, text).is_baclofen:
            continue
        ratio = ingredient.get("strength") or ingredient.get("strengthRatio") or ingredient.get("amount")
        if type(ratio) is dict:
            return _read_ratio(product, ratio)
    return None


_MG = {"mg": Decimal(1), "ug": Decimal("0.001"), "g": Decimal(1000)}
_ML = {"mL": Decimal(1), "L": Decimal(1000)}


def _read_ratio(product: Page, ratio: Json) -> Strength | None:
    """mg per unit or mg per mL; None, and told, when a unit or number is not understood."""
    above, below = product.element("numerator", ratio), product.element("denominator", ratio)
    unit = unit_of(product, above)
    amount = read_number(above.get("value"))
    per = read_number(below.get("value")) if "value" in below else Decimal(1)
    if unit not in _MG or amount is None or amount <= 0 or per is None or per <= 0:
        product.tell("unit", "the strength of an ingredient cannot be read", "ingredient.strength")
        return None
    volume = _ML.get(unit_of(product, below) or "")
    if volume is None:
        return Strength(amount * _MG[unit] / per, "unit")
    return Strength(amount * _MG[unit] / (per * volume), "mL")


def unit_of(page: Page, quantity: Json) -> str | None:
    """The canonical unit of a Quantity; None when it has none or an unknown one."""
    unit, system, code = quantity.get("unit"), quantity.get("system"), quantity.get("code")
    return page.intake.terms.unit(
        unit if type(unit) is str else "",
        system if type(system) is str else "",
        code if type(code) is str else "",
    )


def read_route(
    page: Page, dosages: Sequence[Json], medicine: Medicine
) -> tuple[Concept | None, tuple[Concept, ...], bool]:
    """Route; the written ones that disagree with the product or each other; was it assumed from an injection?

    Written route (codes, then text) → product → form → words in the sig → dose forms in the sig and the units of the
    doses. None is told for baclofen. For an injection of baclofen the words speak before the product: no route was
    written, and the words may say a vein.
    """
    written = _written_routes(page, dosages, medicine)
    implied, assumed = _implied_route(medicine)
    if written:
        return written[0], _clashing(written, implied) if medicine.is_baclofen else (), False
    if implied is not None and not assumed:
        return implied, (), False
    sig = sig_of(page, dosages)
    said = route_from_sig(sig, page.intake.terms)
    if said is not None:
        return said, (), False
    if medicine.is_baclofen and not assumed and is_swallowed(medicine, dosages, sig, page.intake.terms):
        return _ROUTE_OF_SWALLOWED, (), False
    if assumed and medicine.product_route is None:
        page.tell("route", "route not recorded; an injection of baclofen is taken as intrathecal", needed=False)
    if assumed:
        return implied, (), True
    if medicine.is_baclofen:
        page.tell("route", "the route of this baclofen order is not recorded", needed=True)
    return None, (), False


def dosages_at(page: Page) -> str:
    """The element that holds the dosages: of requests and dispenses, or of what was taken or given."""
    return "dosageInstruction" if "dosageInstruction" in page.resource else "dosage"


def tell_unjudged_route(page: Page, medicine: Medicine, route: Concept | None) -> None:
    """Of baclofen by the rectum, by inhalation and the like no rule knows a dose: it is asked about."""
    if medicine.is_baclofen and route is not None and route not in _JUDGED_ROUTES:
        page.tell("route", "baclofen by a route of which no dose is judged", f"{dosages_at(page)}.route", needed=True)


def _clashing(written: Sequence[Concept], implied: Concept | None) -> tuple[Concept, ...]:
    """The written routes that are not the product's; where no product says one and they differ, all."""
    own = _group(implied if implied is not None else written[0])
    others = [route for route in written if _group(route) != own]
    return tuple(dict.fromkeys(written if others and implied is None else others))


def _written_routes(page: Page, dosages: Sequence[Json], medicine: Medicine) -> list[Concept]:
    routes: list[Concept] = []
    holder = dosages_at(page)
    listed = type(page.resource.get(holder)) is list
    for index, dosage in enumerate(dosages):
        if dosage.get("route") is None:
            continue
        at = f"{holder}[{index}].route" if listed else f"{holder}.route"
        codings, text = page.words(dosage["route"], at)
        route = page.intake.terms.route(codings, text)
        if route is not None:
            routes.append(route)
        elif codings or text:
            page.tell("route", "route not recognised", at, needed=medicine.is_baclofen)
    return routes


def _implied_route(medicine: Medicine) -> tuple[Concept | None, bool]:
    if medicine.form == "injection" and medicine.is_baclofen:
        return medicine.product_route or _ASSUMED_OF_INJECTION, True
    if medicine.product_route is not None or medicine.form == "injection":
        return medicine.product_route, False
    return _ROUTE_OF_FORM.get(medicine.form or ""), False


def _group(route: Concept) -> str:
    if route in ORAL_ROUTES:
        return "oral"
    return "intrathecal" if route in INTRATHECAL_ROUTES else route


def sig_of(page: Page, dosages: Sequence[Json]) -> str:
    """All words of the sig: dosage texts, patient instructions and R5's rendered instruction."""
    parts = [
        said
        for dosage in dosages
        for key in ("text", "patientInstruction")
        if type(said := dosage.get(key)) is str and said
    ]
    rendered = page.resource.get("renderedDosageInstruction")
    if type(rendered) is str:
        parts.append(rendered)
    return " ".join(parts)
