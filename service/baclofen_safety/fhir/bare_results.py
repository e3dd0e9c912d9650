"""Results named in words that leave the specimen unsaid ("Creatinine"): of the blood, if the number may be."""

from __future__ import annotations

import re

from ..core.concepts import Concept
from ..core.egfr import CREATININE
from .bundle import Json
from .numbers import read_number
from .page import NO_WORDS, Page
from .read_medicines import unit_of
from .result_values import is_plausible

_OF_THE_BLOOD = frozenset({"mg/dL", "umol/L"})
_ANOTHER_QUANTITY = re.compile(r"min|sec|day|kg|/\s*(?:g|d|h|24)\b|24|rati|%\s*$", re.IGNORECASE)
_NUMBER_AND_UNIT = re.compile(r"[<>≤≥=\s]*(\d+(?:[.,]\d+)?)\s*(.*)", re.DOTALL)


def bare_results(page: Page, holder: Json, text: str) -> frozenset[Concept]:
    """The blood tests that words without a specimen stand for; told, as it is an assumption.

    One without a unit, or with one nobody knows, is wanted too: it is then told as a test that cannot be used.
    """
    words = " ; ".join((text, *_specimen(page)[0]))
    found = page.intake.terms.results_of_bare_words(words)
    return frozenset(one for one in found if _may_be_of_the_blood(page, holder, one))


def without_other_fluids(page: Page, found: frozenset[Concept]) -> frozenset[Concept]:
    """The blood tests of a code whose specimen is not urine or the like; which of the two is right cannot be known."""
    words, unknown = _specimen(page)
    if unknown and CREATININE in found:
        says = "the specimen is known by a code alone that is not in our tables; taken as of the blood, as its code is"
        page.tell("assumption", says, "specimen")
    others = found & page.intake.terms.of_another_fluid(" ; ".join(words))
    for one in sorted(others):
        says = f"the code is of the blood ({one}), the specimen is not; not used"
        page.tell("conflict", says, "specimen", needed=True)
    return found - others


def _specimen(page: Page) -> tuple[tuple[str, ...], bool]:
    """The words of the specimen: of the reference, and of the Specimen it leads to. Is it known by a code alone that
    nobody knows?"""
    said = page.element("specimen")
    found = page.intake.record.find(said, page.resource)
    codings, text = page.words(found[1].get("type"), "specimen.type") if found else NO_WORDS
    coded = page.intake.terms.specimen(codings)
    shown = (page.string("display", said, "specimen."), text, coded, *(each[2] for each in codings))
    words = tuple(filter(None, shown))
    return words, not words and any(code for _, code, _ in codings)


def _may_be_of_the_blood(page: Page, holder: Json, concept: Concept) -> bool:
    number, unit, written = _sent(page, holder)
    value = read_number(number)
    if value is None:
        return False
    if unit in _OF_THE_BLOOD:
        page.tell(
            "assumption", f"a result in {unit} whose specimen is not said, taken as of the blood ({concept})", "code"
        )
        return True
    if unit is None:
        return not (written and _ANOTHER_QUANTITY.search(written))
    converted = page.intake.terms.convert(value, unit, concept)
    if converted is not None and is_plausible(concept, converted):
        says = f"a result whose specimen is not said, in {written}; it may be a test of the blood ({concept})"
        page.tell("not-used", says, "code", needed=True)
    return False


def _sent(page: Page, holder: Json) -> tuple[object, str | None, str]:
    """Number, unit (None = missing or not known) and the unit as it was written."""
    quantity = holder.get("valueQuantity")
    if type(quantity) is dict:
        written = quantity.get("unit") or quantity.get("code")
        return quantity.get("value"), unit_of(page, quantity), written if type(written) is str else ""
    text = holder.get("valueString")
    match = _NUMBER_AND_UNIT.fullmatch(text.strip()) if type(text) is str else None
    if match is None:
        return None, None, ""
    return match[1].replace(",", "."), page.intake.terms.unit(match[2]) if match[2] else None, match[2]
