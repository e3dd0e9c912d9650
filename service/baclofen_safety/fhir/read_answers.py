"""What patients and staff answered or set as an aim: questionnaires, and target ranges of oxygen saturation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from ..core.chart import Measurement
from ..core.concepts import Concept
from ..core.moment import Moment
from ..core.sign_kinds import FINDINGS
from ..terminology.lookup import Coding
from .bundle import Json
from .numbers import read_number
from .page import Page, shown
from .read_conditions import recognise
from .read_supplies import is_future
from .result_values import YES_NO

_FACT = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-fact"
_LOINC = "http://loinc.org"
_ASKED = FINDINGS | {"lab-phq9-item9", "lab-audit-c", "lab-alcohol-intake", "lab-alcohol-drinks-per-day"}
_CODED = frozenset({"lab-pregnancy-status", "lab-breastfeeding-status", "fact-breastfeeding"})
"""Asked in too many ways ("have you ever …") to be known by words."""
_ANSWERED = frozenset({"completed", "amended"})
_ORDINAL = ("ordinalValue", "itemWeight")
_OFTEN = {"not at all": 0, "several days": 1, "more than half the days": 2, "nearly every day": 3}
_OXYGEN = "fact-oxygen-target"
_RANGE = re.compile(
    r"(?:spo2|sao2|saturations?|sats|oxygen|o2)\b\D{0,40}(\d{2})\s*%?\s*(?:-|–|to)\s*(\d{2,3})", re.IGNORECASE
)
_AIMED_AT = frozenset({"accepted", "active", "planned", "on-hold", "in-progress", "sustaining", "proposed"})


def read_questionnaire_response(page: Page) -> None:
    """Add the answers to questions about signs of harm, alcohol, thoughts of death, pregnancy and nursing."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
    if status not in _ANSWERED:
        return
    at = page.moment("authored")
    if is_future(page, at):
        return
    if at is not None and at.first > page.intake.as_of:
        at = Moment.at(page.intake.as_of)
    for item in _items(page, page.resource, 0):
        for concept in sorted(_asked(page, item)):
            for answer in page.elements("answer", item, "item."):
                page.intake.measurements.setdefault(concept, []).append(_answer(page, concept, at, answer))


def _items(page: Page, holder: Json, depth: int) -> Iterator[Json]:
    """Every item, those inside items and answers too."""
    if depth > 8:  # deeper than any form
        return
    for item in page.elements("item", holder):
        yield item
        yield from _items(page, item, depth + 1)
        for answer in page.elements("answer", item, "item."):
            yield from _items(page, answer, depth + 1)


def _asked(page: Page, item: Json) -> frozenset[Concept]:
    """What a question asks: by a code in its link or definition, else by its words."""
    terms = page.intake.terms
    named = [value for value in (item.get("linkId"), item.get("definition")) if type(value) is str]
    codes = {re.split(r"[/#|]", value)[-1] for value in named}
    codings: list[Coding] = [(system, code, "") for code in sorted(codes) for system in (_FACT, _LOINC)]
    found = (terms.concepts("fact", codings) | terms.concepts("lab", codings)) & (_ASKED | _CODED)
    if found:
        return found
    text = item.get("text")
    return (terms.text_concepts("fact", text) & _ASKED) if type(text) is str else frozenset()


def _answer(page: Page, concept: Concept, at: Moment | None, answer: Json) -> Measurement:
    """One answer: yes or no, a number, or a choice with its score."""
    number, flag, said, meant = None, None, "", frozenset[Concept]()
    if type(answer.get("valueBoolean")) is bool:
        flag = answer["valueBoolean"]
    elif "valueCoding" in answer:
        choice = page.element("valueCoding", answer, "item.answer.")
        said = page.string("display", choice, "item.answer.valueCoding.") or page.string(
            "code", choice, "item.answer.valueCoding."
        )
        number, flag = _score(page, choice, said), YES_NO.get(said.strip().casefold())
        meant = recognise(page, page.words({"coding": [choice]}, "item.answer.valueCoding"))[0]
    elif type(answer.get("valueString")) is str:
        said = answer["valueString"]
        flag = YES_NO.get(said.strip().casefold())
    else:
        quantity = page.element("valueQuantity", answer, "item.answer.")
        given = answer.get("valueInteger", answer.get("valueDecimal", quantity.get("value")))
        number = read_number(given)
    if flag is None and number is not None and concept in FINDINGS:
        flag = number > 0
    return Measurement(page.ref, concept, at, low=number, high=number, shown=said, flag=flag, concept_value=meant)


def _score(page: Page, choice: Json, said: str) -> Decimal | None:
    """The score of a choice: as the questionnaire states it, else by the usual words."""
    for each in page.elements("extension", choice):
        if str(each.get("url", "")).endswith(_ORDINAL):
            return read_number(each.get("valueDecimal"))
    often = _OFTEN.get(said.strip().casefold())
    return None if often is None else Decimal(often)


def read_goal(page: Page) -> None:
    """Add a target range of oxygen saturation."""
    if (page.string("lifecycleStatus") or page.string("status")).strip().lower() not in _AIMED_AT:
        return
    at = page.moment("startDate") or page.moment("statusDate") or Moment.at(page.intake.as_of)
    description = shown(page.words(page.resource.get("description"), "description"))
    for target in page.elements("target"):
        span = page.element("detailRange", target, "target.")
        measure = page.words(target.get("measure"), "target.measure")
        low = read_number(page.element("low", span).get("value"))
        high = read_number(page.element("high", span).get("value"))
        if low is not None and high is not None and _is_oxygen(page, measure[0], f"{shown(measure)} {description}"):
            _aim(page, at, low, high)
            return
    note_oxygen_target(page, description, at)


def _is_oxygen(page: Page, codings: list[Coding], said: str) -> bool:
    terms = page.intake.terms
    coded = terms.concepts("lab", codings) | terms.concepts("fact", codings) if codings else frozenset()
    return bool(coded & {"lab-spo2", _OXYGEN}) or bool(
        re.search(r"\b(?:spo2|saturation|oxygen)\b", said, re.IGNORECASE)
    )


def note_oxygen_target(page: Page, said: str, at: Moment | None) -> None:
    """Add the target range that words state ("SpO2 88-92 %")."""
    found = _RANGE.search(said)
    if found is not None:
        _aim(page, at or Moment.at(page.intake.as_of), Decimal(found[1]), Decimal(found[2]))


def _aim(page: Page, at: Moment, low: Decimal, high: Decimal) -> None:
    one = Measurement(page.ref, _OXYGEN, at, low=low, high=high, unit="%", shown=f"{low}-{high} %")
    page.intake.measurements.setdefault(_OXYGEN, []).append(one)
