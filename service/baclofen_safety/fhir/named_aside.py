"""Failing kidneys, dialysis, an overdose or a medicine named where no reader looks: as a reason, in a type that is not
read, in a resource inside another. Told, as not judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from ..core.concepts import Concept
from ..core.egfr import CREATININE, REPORTED
from ..core.moment import Moment
from .bundle import Json
from .in_words import named_anew
from .page import Intake, Page, Words, shown
from .passages import is_old
from .read_conditions import recognise, status_word

_FAILING = ("cond-ckd-stage-4", "cond-ckd-stage-5", "cond-esrd", "cond-dialysis", "proc-dialysis")
_POISONED = ("cond-baclofen-poisoning",)
"""What the names of conditions and procedures begin with that a high rule hangs on."""
_KIDNEY: frozenset[Concept] = frozenset({CREATININE, *REPORTED})
_REASONS = ("reasonCode", "reason", "reasonReference")
_PLACES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("MedicationRequest", "MedicationStatement", "Procedure", "ServiceRequest"), _REASONS),
    "Encounter": ("type", "serviceType", "diagnosis"),
    "CarePlan": ("addresses",),
    "List": ("entry",),
}
"""By type the elements that may name a condition, and of which no reader asks."""
PLACES = frozenset(key for keys in _PLACES.values() for key in keys)
_OF_OTHERS = frozenset({"FamilyMemberHistory"})
_ENVELOPE = frozenset({"meta", "text", "contained", "extension", "identifier"})
_INNER = frozenset({"Condition", "Observation", "AllergyIntolerance", "Procedure"})
_READ_WITHIN = frozenset({"Observation", "DiagnosticReport"})
_NOT_SO = frozenset({"entered-in-error", "refuted", "cancelled", "inactive", "resolved", "remission", "not-done"})
_ASKED_ONLY = re.compile(r"\s*(?:rule[- ]?out|r/o)\b[^;,.]*\.?", re.IGNORECASE)
"""What is to be ruled out, and nothing else."""
_STILL_COUNTS = timedelta(days=365)


def tell_reasons(page: Page, known: frozenset[str], *, is_read: bool) -> None:
    """Tell what the elements of a resource name, of one that is not read all of them."""
    if page.kind in _OF_OTHERS or page.string("status").strip().lower() in _NOT_SO or _is_long_ago(page):
        return
    for key in _PLACES.get(page.kind, ()) if is_read else page.resource.keys() - _ENVELOPE:
        for each in concepts_in(page.resource.get(key)):
            if type(each.get("reference")) is str and page.intake.record.find(each, page.resource) is not None:
                continue
            codings, text = page.words(each, key)
            words = (codings, text or shown((codings, "")) or page.string("display", each))
            _tell_severe(page, words, key)
            if not is_read and (new := named_anew(page, words[1], known, codings)):
                page.tell("not-used", f"{', '.join(new)}: named in {page.kind}, which is not judged", key, needed=True)


def _tell_severe(page: Page, words: Words, key: str) -> None:
    if not words[0] and _ASKED_ONLY.fullmatch(words[1]):
        return
    if _is_new(page.intake, recognise(page, words)[0]):
        says = "names failing kidneys, dialysis or an overdose, which no Condition does"
        page.tell("not-used", says, key, needed=True)


def _is_new(intake: Intake, found: frozenset[Concept]) -> bool:
    """Do they name failing kidneys or an overdose, of which no Condition and no procedure of the patient speaks?"""
    held = {one for problem in intake.problems for one in problem.concepts}
    held |= {one for act in intake.acts for one in act.concepts}
    return any(
        any(one.startswith(kind) for one in found) and not any(one.startswith(kind) for one in held)
        for kind in (_FAILING, _POISONED)
    )


def tell_inner(page: Page) -> None:
    """Tell the conditions, results, allergies and procedures inside a resource: one that matters is needed."""
    for each in page.elements("contained"):
        kind = str(each.get("resourceType"))
        if kind not in _INNER or page.kind in _READ_WITHIN:
            continue
        inner = Page(page.intake, each, page.ref, kind, "contained.")
        says = f"the {kind} inside this {page.kind} is not judged; send it as an entry"
        page.tell("not-used", says, "contained", needed=_matters(inner))


def _matters(inner: Page) -> bool:
    states = {status_word(inner, key) for key in ("status", "clinicalStatus", "verificationStatus")}
    if states & _NOT_SO:
        return False
    terms = inner.intake.terms
    words = inner.concept("code")
    said = shown(words)
    if inner.kind == "Observation":
        found = terms.results(words[0]) or terms.results_of_words(said) | terms.results_of_bare_words(said)
        return bool(found & _KIDNEY)
    if inner.kind == "AllergyIntolerance":
        return terms.medicine(*words).is_baclofen
    found = recognise(inner, words)[0] | terms.concepts("proc", words[0]) | terms.text_concepts("proc", said)
    return _is_new(inner.intake, found)


def _is_long_ago(page: Page) -> bool:
    if is_old(page):
        return True
    end: Moment | None = None
    if "period" in page.resource:
        start, end = page.period("period")
        end = end or (None if page.string("status") in ("active", "in-progress") else start)
    return end is not None and not end.within(_STILL_COUNTS, page.intake.as_of) and end.first < page.intake.as_of


def concepts_in(value: Any) -> Iterator[Json]:
    """Every CodeableConcept and Reference in an element."""
    if isinstance(value, list):
        for each in value:
            yield from concepts_in(each)
    elif isinstance(value, dict) and value.get("deleted") is not True:
        if value.keys() & {"coding", "text", "display", "reference"} and not isinstance(value.get("reference"), dict):
            yield value
            return
        for each in value.values():
            yield from concepts_in(each)
