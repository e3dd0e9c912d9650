"""Observations as measurements: value, interval, unit, time and what is wrong with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ..core.chart import Measurement
from ..core.concepts import Concept
from ..core.moment import Moment
from .bundle import Json
from .numbers import brief, read_number
from .page import Page, Words, shown
from .read_medicines import unit_of

_FINAL = frozenset({"final", "amended", "corrected"})
_GONE = frozenset({"entered-in-error", "cancelled"})
_LOINC = "http://loinc.org"
_TEXT_VALUE = re.compile(
    r"(?P<sign><=|>=|[<>≤≥])?\s*(?P<low>\d+(?:[.,]\d+)?)(?:\s*[-–]\s*(?P<high>\d+(?:[.,]\d+)?))?\s*(?P<unit>\D.*)?",
    re.S,
)
_ASCII = {"≤": "<=", "≥": ">="}
_EGFR = "lab-egfr"
_VOLUME = {"mL": Decimal(1), "L": Decimal(1000)}
_PUMP_UNITS: Mapping[Concept, Mapping[str, Decimal]] = {
    "fact-programmed-daily-dose": {
        "ug/d": Decimal(1),
        "ug/(24.h)": Decimal(1),
        "mg/d": Decimal(1000),
        "ug/h": Decimal(24),
    },
    "fact-programmed-rate": {"mL/d": Decimal(1), "mL/h": Decimal(24)},
    "fact-drug-concentration": {"ug/mL": Decimal(1), "mg/mL": Decimal(1000)},
    "fact-fill-volume": _VOLUME,
    "fact-reservoir-volume": _VOLUME,
    "fact-alarm-volume": _VOLUME,
}
"""What pump results are multiplied with, by unit; the first unit of each is the one the chart holds."""
_UNITLESS = frozenset({"{score}", "1"})

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


def read_observation(page: Page) -> None:
    """Add the measurements of an Observation, its components included. Unwanted codes cost one look-up."""
    if not page.resource.get("code") and "component" not in page.resource:
        page.stumble("code", "a code; nobody can say what was measured")
        return
    concepts, parts = _wanted(page, page.resource.get("code"), "code"), []
    if "component" in page.resource:
        components = page.elements("component")
        parts = [(each, _wanted(page, each.get("code"), "component.code")) for each in components]
    if not concepts and not any(wanted for _, wanted in parts):
        return
    status = page.string("status").strip().lower()
    if status in _GONE:
        page.tell("not-used", "entered in error or cancelled")
        return
    at = _taken_at(page)
    if at is not None and at.first > page.intake.as_of:
        if at.first > page.intake.latest:
            page.tell("future", "dated after the time of the check; not used")
            return
        at = Moment.at(page.intake.as_of)
    problem = None if status in _FINAL else NOT_FINAL
    blank = {"ref": page.ref, "at": at, "issued": page.moment("issued"), "problem": problem}
    if not parts or _holds_value(page.resource):
        parts = [(page.resource, concepts), *parts]
    for holder, wanted in parts:
        path = "" if holder is page.resource else "component."
        for concept in sorted(wanted):
            measurement = Measurement(**_read_value(page, holder, {**blank, "concept": concept}, path))
            if _unit_of_concept(page, concept) is not None:
                _tell_incomplete(page, holder, measurement, path)
            page.intake.measurements.setdefault(concept, []).append(measurement)


def _tell_incomplete(page: Page, holder: Json, measurement: Measurement, path: str) -> None:
    """A result that rules count on, sent without its value or its time, is no "not measured"."""
    if not _holds_value(holder):
        page.stumble(f"{path}value", "a value; there is none, and no reason why")
    if measurement.at is None:
        page.stumble("effectiveDateTime", "a date; the result is not used")


def _unit_of_concept(page: Page, concept: Concept) -> str | None:
    """The unit the chart holds a result in; None when it is no number."""
    return next(iter(_PUMP_UNITS.get(concept, ())), None) or page.intake.terms.canonical_unit(concept)


def _holds_value(holder: Json) -> bool:
    return any(key[:5] == "value" for key in holder) or "dataAbsentReason" in holder


def _wanted(page: Page, code: object, at: str) -> frozenset[Concept]:
    """The concepts of a code; by text only where no standard coding says otherwise."""
    codings, text = page.words(code, at)
    terms = page.intake.terms
    found = terms.results(codings)
    if found is not None:
        return found
    if any(terms.concepts("lab", [(_LOINC, code, "")]) for _, code, _ in codings):
        page.stumble(at, "the code system LOINC; the code is one of it, and is not used")
    text = text or shown((codings, ""))
    named = (terms.text_concepts("lab", text) or terms.text_concepts("fact", text)) if text else frozenset()
    if at == "code" and not named and not any(code for _, code, _ in codings):
        page.tell("unreadable", "a result without a code; its words alone are not enough", at)
    return named


def _taken_at(page: Page) -> Moment | None:
    """The clinical time: effective, else issued. Never lastUpdated."""
    resource = page.resource
    for key in ("effectiveDateTime", "effectiveInstant"):
        if key in resource:
            return page.moment(key) or page.moment("issued")
    if "effectivePeriod" in resource:
        return page.finished("effectivePeriod") or page.period("effectivePeriod")[0] or page.moment("issued")
    events = page.element("effectiveTiming").get("event")
    if type(events) is list and events:
        return page.moment("event", {"event": events[-1]}, "effectiveTiming.")
    return page.moment("issued")


def _read_value(page: Page, holder: Json, blank: Fields, path: str) -> Fields:
    if "dataAbsentReason" in holder:
        codings, text = page.words(holder["dataAbsentReason"], f"{path}dataAbsentReason")
        said = text or next((code for _, code, _ in codings), "")
        return _with(blank, problem=ABSENT, shown=said)
    if "valueQuantity" in holder:
        return _read_quantity(page, page.element("valueQuantity", holder, path), blank)
    if "valueString" in holder:
        return _read_text(page, page.string("valueString", holder, path), blank)
    if "valueInteger" in holder:
        whole = _with(blank, shown=str(holder["valueInteger"]))
        return _number(page, whole, read_number(holder["valueInteger"]), "", None)
    if "valueBoolean" in holder:
        flag = holder["valueBoolean"]
        return _with(blank, flag=flag) if type(flag) is bool else _unread(page, blank, f"{path}valueBoolean")
    if "valueDateTime" in holder:
        return _with(blank, when=page.moment("valueDateTime", holder, path), shown=str(holder["valueDateTime"]))
    if "valueCodeableConcept" in holder:
        return _read_answer(page, page.words(holder["valueCodeableConcept"], f"{path}valueCodeableConcept"), blank)
    if "valueRange" in holder:
        return _read_range(page, page.element("valueRange", holder, path), blank)
    if _holds_value(holder):
        return _unread(page, blank, f"{path}value")
    return blank


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
    match = _TEXT_VALUE.fullmatch(text.strip())
    if match is None:
        return blank if terms.canonical_unit(blank["concept"]) is None else _unread(page, blank, "valueString")
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
    canonical = _unit_of_concept(page, blank["concept"])
    if value is None:
        return _unread(page, blank, "value")
    if canonical is None:
        return _bounded(blank, value, unit, sign)
    if not unit and canonical not in _UNITLESS:
        page.tell("unit", f"a result without a unit is not used ({blank['concept']})", "valueQuantity.unit")
        return _with(blank, problem=UNIT_MISSING)
    number = _converted(page, blank["concept"], value, unit or canonical)
    if number is None:
        page.tell("unit", f"the unit does not fit the result ({blank['concept']}): {unit}", "valueQuantity.unit")
        return _with(blank, problem=UNIT_UNKNOWN)
    if not _is_plausible(blank["concept"], number):
        page.tell("not-used", f"value not plausible ({blank['concept']})", "valueQuantity.value")
        return _with(blank, problem=IMPLAUSIBLE)
    return blank if blank["problem"] else _bounded(blank, number, canonical, sign)


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
    factors = _PUMP_UNITS.get(concept)
    if factors is not None:
        return value * factors[unit] if unit in factors else None
    return page.intake.terms.convert(value, unit, concept)


def _is_plausible(concept: Concept, number: Decimal) -> bool:
    span = _ranges().get("egfr" if concept.startswith(_EGFR) else concept)
    return number >= 0 if span is None else span[0] <= number <= span[1]


def _read_answer(page: Page, words: Words, blank: Fields) -> Fields:
    terms = page.intake.terms
    codings, _ = words
    found = terms.concepts("fact", codings) | terms.concepts("cond", codings) if codings else frozenset()
    return _with(blank, concept_value=found, shown=shown(words))
