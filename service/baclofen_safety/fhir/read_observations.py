"""Observations as measurements: value, interval, unit, time and what is wrong with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files

from ..core.chart import Measurement
from ..core.concepts import Concept
from ..core.moment import Moment
from .bundle import Json
from .numbers import read_number
from .page import Page, Words, shown
from .read_medicines import unit_of

_FINAL = frozenset({"final", "amended", "corrected"})
_GONE = frozenset({"entered-in-error", "cancelled"})
_STANDARD = ("http://loinc.org", "http://snomed.info/sct")
_TEXT_VALUE = re.compile(
    r"(?P<sign><=|>=|[<>≤≥])?\s*(?P<low>\d+(?:[.,]\d+)?)(?:\s*[-–]\s*(?P<high>\d+(?:[.,]\d+)?))?\s*(?P<unit>\D.*)?",
    re.S,
)
_ASCII = {"≤": "<=", "≥": ">="}
_UNITLESS = frozenset({"{score}", "1"})

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
    concepts = _wanted(page, page.resource.get("code"), "code")
    components = page.objects("component") if "component" in page.resource else []
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
    issued = page.moment("issued")
    for concept in sorted(concepts):
        if not parts or _holds_value(page.resource):
            _add(page, page.resource, concept, at, issued, problem, "")
    for each, wanted in parts:
        for concept in sorted(wanted):
            _add(page, each, concept, at, issued, problem, "component.")


def _holds_value(holder: Json) -> bool:
    return any(key[:5] == "value" for key in holder) or "dataAbsentReason" in holder


def _wanted(page: Page, code: object, at: str) -> frozenset[Concept]:
    """The concepts of a code; by text only where no standard coding says otherwise."""
    codings, text = page.words(code, at)
    terms = page.intake.terms
    if codings:
        found = terms.concepts("lab", codings) or terms.concepts("fact", codings)
        if found or any(terms.system(system) in _STANDARD for system, _, _ in codings):
            return found
    text = text or shown((codings, ""))
    if not text:
        return frozenset()
    return terms.text_concepts("lab", text) or terms.text_concepts("fact", text)


def _taken_at(page: Page) -> Moment | None:
    """The clinical time: effective, else issued. Never lastUpdated."""
    resource = page.resource
    for key in ("effectiveDateTime", "effectiveInstant"):
        if key in resource:
            return page.moment(key) or page.moment("issued")
    if "effectivePeriod" in resource:
        start, end = page.period("effectivePeriod")
        return end or start or page.moment("issued")
    events = page.object("effectiveTiming").get("event")
    if type(events) is list and events:
        return page.moment("event", {"event": events[-1]}, "effectiveTiming.")
    return page.moment("issued")


def _add(
    page: Page,
    holder: Json,
    concept: Concept,
    at: Moment | None,
    issued: Moment | None,
    problem: str | None,
    path: str,
) -> None:
    shared = Measurement(page.ref, concept, at, issued=issued, problem=problem)
    measurement = _read_value(page, holder, shared, path)
    kept = page.intake.measurements.get(concept)
    if kept is None:
        page.intake.measurements[concept] = [measurement]
    else:
        kept.append(measurement)


def _read_value(page: Page, holder: Json, blank: Measurement, path: str) -> Measurement:
    if "dataAbsentReason" in holder:
        codings, text = page.words(holder["dataAbsentReason"], f"{path}dataAbsentReason")
        said = text or next((code for _, code, _ in codings), "")
        return _with(blank, problem=blank.problem or ABSENT, shown=said)
    if "valueQuantity" in holder:
        return _read_quantity(page, page.object("valueQuantity", holder, path), blank)
    if "valueString" in holder:
        return _read_text(page, page.string("valueString", holder, path), blank)
    if "valueInteger" in holder:
        return _number(
            page, blank, read_number(holder["valueInteger"]), "", None, str(holder["valueInteger"])
        )
    if "valueBoolean" in holder:
        flag = holder["valueBoolean"]
        return _with(blank, flag=flag) if type(flag) is bool else _unread(page, blank, f"{path}valueBoolean")
    if "valueDateTime" in holder:
        return _with(
            blank, when=page.moment("valueDateTime", holder, path), shown=str(holder["valueDateTime"])
        )
    if "valueCodeableConcept" in holder:
        return _read_answer(
            page, page.words(holder["valueCodeableConcept"], f"{path}valueCodeableConcept"), blank
        )
    if "valueRange" in holder:
        return _read_range(page, page.object("valueRange", holder, path), blank)
    if _holds_value(holder):
        return _unread(page, blank, f"{path}value")
    return blank


def _with(
    blank: Measurement,
    *,
    low: Decimal | None = None,
    high: Decimal | None = None,
    low_open: bool = False,
    high_open: bool = False,
    unit: str = "",
    shown: str = "",  # noqa: A002, RUF100
    flag: bool | None = None,
    when: Moment | None = None,
    concept_value: frozenset[Concept] = frozenset(),
    problem: str | None = None,
) -> Measurement:
    return Measurement(
        blank.ref,
        blank.concept,
        blank.at,
        low,
        high,
        low_open,
        high_open,
        unit,
        shown,
        blank.issued,
        flag,
        when,
        concept_value,
        problem or blank.problem,
    )


def _unread(page: Page, blank: Measurement, path: str) -> Measurement:
    page.stumble(path, "a value of this kind of result")
    return _with(blank, problem=NO_VALUE)


def _read_quantity(page: Page, quantity: Json, blank: Measurement) -> Measurement:
    value = read_number(quantity.get("value"))
    if value is None:
        return _unread(page, blank, "valueQuantity.value")
    sign = quantity.get("comparator")
    if sign is not None and sign not in ("<", "<=", ">", ">="):
        return _unread(page, blank, "valueQuantity.comparator")
    written = quantity.get("unit") or quantity.get("code")
    said = f"{sign or ''}{value} {written if type(written) is str else ''}".rstrip()
    if not written:
        return _number(page, blank, value, "", sign, said)
    unit = unit_of(page, quantity)
    if unit is None:
        page.tell("unit", f"unit not recognised: {written}", "valueQuantity", needed=False)
        return _with(blank, problem=UNIT_UNKNOWN, shown=said)
    return _number(page, blank, value, unit, sign, said)


def _read_text(page: Page, text: str, blank: Measurement) -> Measurement:
    """ ">60", "<15 mL/min", "30-60": a number or an interval; any other words are an answer."""
    match = _TEXT_VALUE.fullmatch(text.strip())
    if match is None:
        return _with(
            blank,
            shown=text,
            problem=None if page.intake.terms.canonical_unit(blank.concept) is None else NO_VALUE,
        )
    sign = _ASCII.get(match["sign"] or "", match["sign"])
    written = (match["unit"] or "").strip()
    unit = page.intake.terms.unit(written) if written else _own_unit(page, blank.concept)
    if unit is None:
        return _with(blank, problem=UNIT_UNKNOWN, shown=text)
    low = read_number(match["low"].replace(",", "."))
    if match["high"]:
        return _between(page, blank, low, read_number(match["high"].replace(",", ".")), unit, text)
    return _number(page, blank, low, unit, sign, text)


def _own_unit(page: Page, concept: Concept) -> str:
    """The unit a bare text stands in: an eGFR has only one."""
    return (page.intake.terms.canonical_unit(concept) or "") if concept.startswith("lab-egfr") else ""


def _read_range(page: Page, span: Json, blank: Measurement) -> Measurement:
    low, high = page.object("low", span, "valueRange."), page.object("high", span, "valueRange.")
    unit = unit_of(page, low or high)
    if unit is None:
        return _with(blank, problem=UNIT_UNKNOWN if low.get("unit") or high.get("unit") else UNIT_MISSING)
    said = f"{low.get('value', '')}-{high.get('value', '')} {unit}"
    return _between(page, blank, read_number(low.get("value")), read_number(high.get("value")), unit, said)


def _between(
    page: Page, blank: Measurement, low: Decimal | None, high: Decimal | None, unit: str, said: str
) -> Measurement:
    below = None if low is None else _number(page, blank, low, unit, None, said)
    above = None if high is None else _number(page, blank, high, unit, None, said)
    worst = next((each for each in (below, above) if each is not None and each.problem), None)
    if worst is not None or (below is None and above is None):
        return worst or _with(blank, problem=NO_VALUE, shown=said)
    return _with(
        blank,
        low=below.low if below else None,
        high=above.high if above else None,
        unit=(below or above or blank).unit,
        shown=said,
    )


def _number(
    page: Page, blank: Measurement, value: Decimal | None, unit: str, sign: str | None, said: str
) -> Measurement:
    """A number in the concept's canonical unit, or the reason why it cannot be used."""
    terms, concept = page.intake.terms, blank.concept
    canonical = terms.canonical_unit(concept)
    if value is None:
        return _unread(page, blank, "value")
    if canonical is None:
        return _with(blank, low=value, high=value, unit=unit, shown=said)
    if not unit and canonical not in _UNITLESS:
        page.tell("unit", f"a result without a unit is not used ({concept})", "valueQuantity.unit")
        return _with(blank, problem=UNIT_MISSING, shown=said)
    number = terms.convert(value, unit or canonical, concept)
    if number is None:
        page.tell("unit", f"the unit does not fit the result ({concept}): {unit}", "valueQuantity.unit")
        return _with(blank, problem=UNIT_UNKNOWN, shown=said)
    if concept == "lab-spo2" and number <= 1:
        number *= 100
    span = _ranges().get("egfr" if concept.startswith("lab-egfr") else concept)
    if (span is not None and not span[0] <= number <= span[1]) or number < 0:
        page.tell("not-used", f"value not plausible ({concept})", "valueQuantity.value")
        return _with(blank, problem=IMPLAUSIBLE, shown=said)
    if blank.problem:
        return _with(blank, shown=said)
    return _with(
        blank,
        low=None if sign in ("<", "<=") else number,
        high=None if sign in (">", ">=") else number,
        low_open=sign == ">",
        high_open=sign == "<",
        unit=canonical,
        shown=said,
    )


def _read_answer(page: Page, words: Words, blank: Measurement) -> Measurement:
    terms = page.intake.terms
    codings, _ = words
    found = terms.concepts("fact", codings) | terms.concepts("cond", codings) if codings else frozenset()
    return _with(blank, concept_value=found, shown=shown(words))
