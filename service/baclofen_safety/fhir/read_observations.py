"""Observations as measurements: value, interval, unit, time and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import replace

from ..core.chart import Measurement
from ..core.concepts import Concept
from ..core.egfr import CREATININE, REPORTED
from ..core.moment import Moment
from ..core.sign_kinds import ANSWERS, FINDINGS
from .bare_results import bare_results, without_other_fluids
from .bundle import Json
from .page import Page, shown
from .persons import is_of_another
from .result_values import NOT_FINAL, holds_value, read_value, unit_of_concept, upper_normal

_FINAL = frozenset({"final", "amended", "corrected"})
_GONE = frozenset({"entered-in-error", "cancelled"})
_PAST = re.compile(r"\b(?:history|family|risk|goal|past)\b", re.IGNORECASE)
_ABSENT = frozenset({"no", "none", "absent", "not present", "negative", "denied", "not observed"})
_DOUBTED = re.compile(
    r"(?<!not )(?<!no )\b(?:invalid|ha?emoly[sz]\w*|contaminat\w*|wrong (?:patient|tube|sample|specimen)|mislabel\w*"
    r"|recollect\w*|redraw|repeat (?:the )?(?:sample|test|specimen)|interfer\w*|unreliable|disregard)\b",
    re.IGNORECASE,
)
"""Words of a note by which a laboratory takes back what it says."""
AHEAD = "it is dated in the future"
KIDNEY_TESTS: frozenset[Concept] = frozenset({CREATININE, *REPORTED})
_LOINC = "http://loinc.org"


def read_observation(page: Page) -> None:
    """Add the measurements of an Observation, its components included. Unwanted codes cost one look-up."""
    if not page.resource.get("code") and "component" not in page.resource:
        page.stumble("code", "a code; nobody can say what was measured")
        return
    concepts, parts = _wanted(page, page.resource, "code"), []
    if "component" in page.resource:
        components = page.elements("component")
        parts = [(each, _wanted(page, each, "component.code")) for each in components]
    if not concepts and not any(wanted for _, wanted in parts):
        concepts = _finding(page)
        if not concepts:
            return
    status = page.string("status").strip().lower()
    if _is_no_result(page, status):
        return
    at = taken_at(page)
    if at is not None and at.first > page.intake.as_of:
        if at.first > page.intake.latest:
            page.tell("future", f"dated after the time of the check ({at}); not used")
            _keep_kidney_tests(page, at, concepts)
            return
        at = Moment.at(page.intake.as_of)
    if not status:
        page.stumble("status", "a status of FHIR; the result is not used")
    problem = None if status in _FINAL else NOT_FINAL
    _tell_doubted(page)
    blank = {"ref": page.ref, "at": at, "issued": page.moment("issued"), "problem": problem}
    blank |= {"device": page.reference("device")} if "device" in page.resource else {}
    if not parts or holds_value(page.resource):
        parts = [(page.resource, concepts), *parts]
    for holder, wanted in parts:
        part = page if holder is page.resource else page.within("component.")
        for concept in sorted(wanted):
            measurement = Measurement(
                **read_value(part, holder, {**blank, "concept": concept}),
                upper_normal=upper_normal(page, concept),
            )
            measurement = _as_sign(measurement) if concept in FINDINGS else measurement
            if unit_of_concept(page, concept) is not None:
                _tell_incomplete(page, part, holder, measurement)
            page.intake.measurements.setdefault(concept, []).append(measurement)


def _tell_doubted(page: Page) -> None:
    """Tell a result whose note says that it may not hold."""
    notes = page.elements("note") if "note" in page.resource else ()
    if any(_DOUBTED.search(page.string("text", each, "note.")) for each in notes):
        page.tell("conflict", "its note says that the result may not hold; judged all the same", "note", needed=True)


def _is_no_result(page: Page, status: str) -> bool:
    """Tell what is in error, and what was seen in a relative, a donor or an unborn child."""
    if status in _GONE:
        page.tell("not-used", "entered in error or cancelled")
        return True
    another = is_of_another(page) if "focus" in page.resource else False
    if another:
        page.tell("other-patient", "its focus is another person; not used", "focus")
    elif another is None:
        page.tell("other-patient", "what its focus is cannot be told; not used", "focus", needed=True)
    return another is not False


def _keep_kidney_tests(page: Page, at: Moment, concepts: frozenset[Concept]) -> None:
    """A kidney test is kept without its value: whoever is judged by an older one is told that there is a newer."""
    for concept in sorted(concepts & KIDNEY_TESTS):
        found = Measurement(ref=page.ref, concept=concept, at=at, problem=AHEAD)
        page.intake.measurements.setdefault(concept, []).append(found)


def _finding(page: Page) -> frozenset[Concept]:
    """The signs of harm a result names by its code, else by its coded answer; never what is said of the past."""
    terms = page.intake.terms
    codings, text = page.words(page.resource.get("code"), "code")
    found = (terms.concepts("cond", codings) & FINDINGS) if codings else frozenset()
    if found or "valueCodeableConcept" not in page.resource:
        return found
    if _PAST.search(text or shown((codings, ""))):
        return frozenset()
    answer, _ = page.words(page.resource["valueCodeableConcept"], "valueCodeableConcept")
    return (terms.concepts("cond", answer) | terms.concepts("fact", answer)) & ANSWERS if answer else frozenset()


def _as_sign(measurement: Measurement) -> Measurement:
    """A sign said to be absent, or scored zero, is none."""
    absent = measurement.shown.strip().casefold() in _ABSENT or (measurement.high is not None and measurement.high <= 0)
    return replace(measurement, flag=False) if absent and measurement.flag is None else measurement


def _tell_incomplete(page: Page, part: Page, holder: Json, measurement: Measurement) -> None:
    """A result that rules count on, sent without its value or its time, is no "not measured"."""
    if not holds_value(holder):
        part.stumble("value", "a value; there is none, and no reason why")
    if measurement.at is None:
        page.stumble("effectiveDateTime", "a date; the result is not used")


def _wanted(page: Page, holder: Json, at: str) -> frozenset[Concept]:
    """The concepts of a code; by text only where no standard coding says otherwise."""
    codings, text = page.words(holder.get("code"), at)
    terms = page.intake.terms
    found = terms.results(codings)
    if found is not None:
        return without_other_fluids(page, found) if found and "specimen" in page.resource else found
    text = text or shown((codings, ""))
    named = (terms.results_of_words(text) or terms.text_concepts("fact", text)) if text else frozenset()
    named = named or (bare_results(page, holder, text) if text else frozenset())
    if any(terms.concepts("lab", [(_LOINC, code, "")]) for _, code, _ in codings):
        page.stumble(at, "the code system LOINC; the code is one of it, and is not used")
    elif at == "code" and not named and not any(code for _, code, _ in codings):
        page.tell("unreadable", "a result without a code; its words alone are not enough", at)
    elif at == "code" and not text:
        page.tell("unreadable", "a result known by a code alone that is not in our tables; not used", at)
    return named


def taken_at(page: Page) -> Moment | None:
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
