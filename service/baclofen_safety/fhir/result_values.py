"""The value of a result: a number or interval in the concept's unit, an answer, a date, or what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ..core.concepts import Concept
from .bundle import Json
from .numbers import brief, read_number
from .page import Page, Words, shown
from .pump_units import PUMP_UNITS
from .read_medicines import unit_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?")
_TEXT_VALUE = re.compile(
    r"(?P<sign><=|>=|[<>≤≥])?\s*(?P<low>\d+(?:[.,]\d+)?)(?:\s*[-–]\s*(?P<high>\d+(?:[.,]\d+)?))?\s*(?P<unit>\D.*)?",
    re.S,
)
_ASCII = {"≤": "<=", "≥": ">="}
_EGFR = "lab-egfr"
_GESTATION = "lab-gestational-age"
_WEEKS_AND_DAYS = re.compile(  # "29w3d", "29+3", "29 weeks and 3 days"
    r"(\d{1,2})\s*(?:w|wks?|weeks?)?\s*(?:\+|and|(?<=[a-z]))\s*([0-6])\s*(?:d|days?)?", re.IGNORECASE
)
_OXYGEN = "lab-spo2"
_MUSCLE = "lab-creatine-kinase"
_DECLINED = {"fact-medical-alert-id": "asked-declined"}  # an offer declined is an answer: no
_UNITLESS = frozenset({"{score}", "1"})

YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
"""Answers in words; up to DSTU2 a result has no others."""

Fields = dict[str, Any]
"""The fields of a measurement as far as they are read; ``ref``, ``concept``, ``at`` and ``problem`` always."""

NOT_FINAL = "not final"
ABSENT = "no value recorded"
UNIT_MISSING = "unit missing"
UNIT_UNKNOWN = "unit not recognised"
IMPLAUSIBLE = "value not plausible"
NO_VALUE = "value cannot be read"
NO_DATE = "not dated"


@cache
def _ranges() -> Mapping[str, tuple[Decimal, Decimal]]:
    text = files(__package__).joinpath("plausible.toml").read_text("utf-8")
    table = tomllib.loads(text, parse_float=Decimal)
    return {name: (Decimal(row["low"]), Decimal(row["high"])) for name, row in table.items()}


_KINDS = """
Quantity String Integer Boolean DateTime CodeableConcept Range Ratio SampledData Time Period Attachment Reference
"""
_VALUES = frozenset(f"value{kind}" for kind in _KINDS.split())
_LEADING_NUMBER = re.compile(r"\s*\d+(?:\.\d+)?")


def unit_of_concept(page: Page, concept: Concept) -> str | None:
    """The unit the chart holds a result in; None when it is no number."""
    return next(iter(PUMP_UNITS.get(concept, ())), None) or page.intake.terms.canonical_unit(concept)


def holds_value(holder: Json) -> bool:
    return any(key[:5] == "value" for key in holder) or "dataAbsentReason" in holder


def read_value(page: Page, holder: Json, blank: Fields) -> Fields:
    """The fields of a measurement with the value of an Observation, a component or an answer."""
    if "dataAbsentReason" in holder:
        codings, text = page.words(holder["dataAbsentReason"], "dataAbsentReason")
        said = text or next((code for _, code, _ in codings), "")
        declined = _DECLINED.get(blank["concept"]) in {code for _, code, _ in codings}
        return _with(blank, flag=False, shown=said) if declined else _with(blank, problem=ABSENT, shown=said)
    if _contradicts_itself(holder):
        page.tell("conflict", "several values that differ; not used", "value", needed=True)
        return _with(blank, problem=NO_VALUE)
    if "valueQuantity" in holder:
        return _read_quantity(page, page.element("valueQuantity", holder), blank)
    if "valueString" in holder:
        return _read_text(page, page.string("valueString", holder), blank)
    if "valueInteger" in holder:
        whole = _with(blank, shown=str(holder["valueInteger"]))
        return _number(page, whole, read_number(holder["valueInteger"]), "", None)
    if "valueBoolean" in holder:
        flag = holder["valueBoolean"]
        return _with(blank, flag=flag) if type(flag) is bool else _unread(page, blank, "valueBoolean")
    if "valueDateTime" in holder:
        return _with(blank, when=page.moment("valueDateTime", holder), shown=str(holder["valueDateTime"]))
    if "valueCodeableConcept" in holder:
        return _read_answer(page, page.words(holder["valueCodeableConcept"], "valueCodeableConcept"), blank)
    if "valueRange" in holder:
        return _read_range(page, page.element("valueRange", holder), blank)
    if holds_value(holder):
        return _unread(page, blank, "value")
    return blank


def _contradicts_itself(holder: Json) -> bool:
    """Are there two values, of which FHIR allows one, that are not the same number?"""
    held = [value for key, value in holder.items() if key in _VALUES and value is not None]
    return len(held) > 1 and (len({_bare(value) for value in held}) > 1 or _bare(held[0]) is None)


def _bare(value: object) -> Decimal | None:
    """The number of a value, by itself or before its unit."""
    said = value.get("value") if isinstance(value, dict) else value
    match = _LEADING_NUMBER.match(said) if isinstance(said, str) else None
    return read_number(match[0] if match else said)


def _with(blank: Fields, *, problem: str | None = None, **more: Any) -> Fields:
    """The fields and more; a problem they already have is kept."""
    return {**blank, **more, "problem": blank["problem"] or problem}


def _unread(page: Page, blank: Fields, path: str) -> Fields:
    page.stumble(path, "a value of this kind of result")
    return _with(blank, problem=NO_VALUE)


def _read_quantity(page: Page, quantity: Json, blank: Fields) -> Fields:
    value = read_number(quantity.get("value"))
    if value is None:
        return _unread(page, blank, "valueQuantity.value")
    sign = quantity.get("comparator")
    if sign is not None and sign not in ("<", "<=", ">", ">="):
        return _unread(page, blank, "valueQuantity.comparator")
    written = quantity.get("unit") or quantity.get("code")
    blank = _with(blank, shown=f"{sign or ''}{brief(value)} {written if type(written) is str else ''}".rstrip())
    if not written:
        return _number(page, blank, value, "", sign)
    unit = unit_of(page, quantity)
    if unit is None:
        page.tell("unit", f"unit not recognised: {written}", "valueQuantity")
        return _with(blank, problem=UNIT_UNKNOWN)
    return _number(page, blank, value, unit, sign)


def _read_text(page: Page, text: str, blank: Fields) -> Fields:
    """A number or an interval (">60", "<15 mL/min", "30-60"); any other words are an answer."""
    terms, blank = page.intake.terms, _with(blank, shown=text)
    if _DAY.fullmatch(text.strip()):
        return _with(blank, when=page.moment("valueString", {"valueString": text.strip()}))
    weeks = _WEEKS_AND_DAYS.fullmatch(text.strip()) if blank["concept"] == _GESTATION else None
    if weeks is not None:
        return _number(page, blank, Decimal(weeks[1]) + Decimal(weeks[2]) / 7, "wk", None)
    match = _TEXT_VALUE.fullmatch(text.strip())
    if match is None:
        if terms.canonical_unit(blank["concept"]) is not None:
            return _unread(page, blank, "valueString")
        return _with(blank, concept_value=terms.text_concepts("fact", text))
    sign = _ASCII.get(match["sign"] or "", match["sign"])
    written = (match["unit"] or "").strip()
    unit = terms.unit(written) if written else _own_unit(page, blank["concept"])
    if unit is None:
        page.tell("unit", f"unit not recognised: {written}", "valueString")
        return _with(blank, problem=UNIT_UNKNOWN)
    low = read_number(match["low"].replace(",", "."))
    if match["high"]:
        return _between(page, blank, low, read_number(match["high"].replace(",", ".")), unit)
    return _number(page, blank, low, unit, sign)


def _own_unit(page: Page, concept: Concept) -> str:
    """The unit a bare text stands in: an eGFR has only one."""
    return (page.intake.terms.canonical_unit(concept) or "") if concept.startswith(_EGFR) else ""


def _read_range(page: Page, span: Json, blank: Fields) -> Fields:
    low, high = page.element("low", span, "valueRange."), page.element("high", span, "valueRange.")
    unit = unit_of(page, low or high)
    if unit is None:
        page.tell("unit", "no unit that is recognised; the range is not used", "valueRange")
        return _with(blank, problem=UNIT_UNKNOWN if low.get("unit") or high.get("unit") else UNIT_MISSING)
    blank = _with(blank, shown=f"{low.get('value', '')}-{high.get('value', '')} {unit}")
    return _between(page, blank, read_number(low.get("value")), read_number(high.get("value")), unit)


def _between(page: Page, blank: Fields, low: Decimal | None, high: Decimal | None, unit: str) -> Fields:
    ends = [_number(page, blank, end, unit, None) for end in (low, high) if end is not None]
    worst = next((end for end in ends if end["problem"]), None)
    if worst is not None or not ends:
        return worst or _with(blank, problem=NO_VALUE)
    return _with(
        blank,
        low=None if low is None else ends[0]["low"],
        high=None if high is None else ends[-1]["high"],
        unit=ends[0]["unit"],
    )


def _number(page: Page, blank: Fields, value: Decimal | None, unit: str, sign: str | None) -> Fields:
    """A number in the concept's canonical unit, or the reason why it cannot be used."""
    canonical = unit_of_concept(page, blank["concept"])
    if value is None:
        return _unread(page, blank, "value")
    if canonical is None:
        return _bounded(blank, value, unit, sign)
    if blank["concept"] == _OXYGEN and unit in ("", "1") and value <= 1:
        value, unit = value * 100, canonical  # a fraction
    if not unit and canonical not in _UNITLESS:
        page.tell("unit", f"a result without a unit is not used ({blank['concept']})", "valueQuantity.unit")
        return _with(blank, problem=UNIT_MISSING)
    number = _converted(page, blank["concept"], value, unit or canonical)
    if number is None:
        page.tell("unit", f"the unit does not fit the result ({blank['concept']}): {unit}", "valueQuantity.unit")
        return _with(blank, problem=UNIT_UNKNOWN)
    if not is_plausible(blank["concept"], number):
        page.tell("not-used", f"value not plausible ({blank['concept']})", "valueQuantity.value")
        return _with(blank, problem=IMPLAUSIBLE)
    return blank if blank["problem"] else _bounded(blank, number, canonical, sign)


def upper_normal(page: Page, concept: Concept) -> Decimal | None:
    """The laboratory's upper limit of a result that is judged by it, in the concept's unit."""
    if concept != _MUSCLE or "referenceRange" not in page.resource:
        return None
    for each in page.elements("referenceRange"):
        high = page.element("high", each, "referenceRange.")
        value, unit = read_number(high.get("value")), unit_of(page, high) if high else None
        if value is not None and value > 0 and unit is not None:
            return page.intake.terms.convert(value, unit, concept)
    return None


def _bounded(blank: Fields, number: Decimal, unit: str, sign: str | None) -> Fields:
    return _with(
        blank,
        low=None if sign in ("<", "<=") else number,
        high=None if sign in (">", ">=") else number,
        low_open=sign == ">",
        high_open=sign == "<",
        unit=unit,
    )


def _converted(page: Page, concept: Concept, value: Decimal, unit: str) -> Decimal | None:
    """The value in the concept's unit. An eGFR code with "mL/min" is read as normalised, and told."""
    if unit == "mL/min" and concept.startswith(_EGFR):
        page.tell("assumption", "eGFR in mL/min, read as mL/min/1.73 m2 as its code says", "valueQuantity.unit")
        return value
    factors = PUMP_UNITS.get(concept)
    if factors is not None:
        return value * factors[unit] if unit in factors else None
    return page.intake.terms.convert(value, unit, concept)


def is_plausible(concept: Concept, number: Decimal) -> bool:
    span = _ranges().get("egfr" if concept.startswith(_EGFR) else concept)
    return number >= 0 if span is None else span[0] <= number <= span[1]


def _read_answer(page: Page, words: Words, blank: Fields) -> Fields:
    terms = page.intake.terms
    codings, _ = words
    found = terms.concepts("fact", codings) | terms.concepts("cond", codings) if codings else frozenset()
    found = found or terms.text_concepts("fact", shown(words)) or terms.text_concepts("cond", shown(words))
    answer = _with(blank, concept_value=found, shown=shown(words))
    flag = None if found else YES_NO.get(shown(words).strip().casefold())
    return answer if flag is None else {**answer, "flag": flag}
