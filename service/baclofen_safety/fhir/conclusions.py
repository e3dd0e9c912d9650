"""What a report concludes in words, codes or a file while its results did not come; what notes of conditions say."""

from __future__ import annotations

from datetime import timedelta

from ..core.concepts import Concept
from ..core.egfr import CREATININE, REPORTED
from .page import Page, shown
from .read_conditions import recognise, status_word
from .read_observations import taken_at

_GONE = frozenset({"entered-in-error", "cancelled"})
_STILL_COUNTS = timedelta(days=365)
_KIDNEY: frozenset[Concept] = frozenset({CREATININE, *REPORTED})
_SEVERE = ("cond-ckd", "cond-esrd", "cond-dialysis", "cond-aki", "cond-baclofen-poisoning", "cond-drug-withdrawal")
_IN_NOTES = ("cond-ckd-stage-4", "cond-ckd-stage-5", "cond-esrd", "cond-dialysis", "cond-baclofen-poisoning")
_PAST = frozenset({"inactive", "remission", "resolved"})
_NO_PROBLEM = frozenset({"refuted", "entered-in-error"})
_CONCLUDES = ("conclusion", "conclusionCode", "codedDiagnosis")
_FILE = "presentedForm"


def tell_conclusion(page: Page) -> None:
    """Tell a conclusion or a file whose results did not come; needed where it may speak of the kidneys or of harm."""
    there = [key for key in (*_CONCLUDES, _FILE) if page.resource.get(key)]
    if not there or page.string("status").strip().lower() in _GONE or _has_results(page):
        return
    at, needed = taken_at(page), False
    if at is None or at.within(_STILL_COUNTS, page.intake.as_of):
        needed = _speaks_of_harm(page) or (_FILE in there and _may_be_of_the_kidneys(page))
    page.tell("not-used", "a report without its results; what it concludes is not read", there[0], needed=needed)


def _has_results(page: Page) -> bool:
    find = page.intake.record.find
    held = any(each.get("resourceType") == "Observation" for each in page.elements("contained"))
    return held or any(find(each, page.resource) for each in page.elements("result"))


def _speaks_of_harm(page: Page) -> bool:
    """Do its conclusions name a state of the kidneys or a harm by baclofen that no Condition has, or a kidney test?"""
    terms = page.intake.terms
    said = page.string("conclusion")
    found = recognise(page, ([], said))[0]
    for key in _CONCLUDES[1:]:
        found |= recognise(page, page.concept(key))[0]
    held = {concept for problem in page.intake.problems for concept in problem.concepts}
    new = {concept for concept in found - held if concept.startswith(_SEVERE)}
    return bool(new or (terms.results_of_words(said) | terms.results_of_bare_words(said)) & _KIDNEY)


def _may_be_of_the_kidneys(page: Page) -> bool:
    """A file of a report that does not say what it is about, or that is about a kidney test."""
    terms = page.intake.terms
    codings, text = page.words(page.resource.get("code"), "code")
    text = text or shown((codings, ""))
    known = terms.results(codings) or terms.results_of_words(text) | terms.results_of_bare_words(text)
    return not text or bool(known & _KIDNEY)


def tell_note(page: Page) -> None:
    """Tell the note of a condition that names a severe one which no Condition has."""
    if status_word(page, "clinicalStatus") in _PAST or status_word(page, "verificationStatus") in _NO_PROBLEM:
        return
    held = {concept for problem in page.intake.problems for concept in problem.concepts}
    for each in page.elements("note"):
        said = page.string("text", each, "note.")
        if any(one.startswith(_IN_NOTES) for one in page.intake.terms.text_concepts("cond", said) - held):
            says = "its note names failing kidneys, dialysis or an overdose, which no Condition does"
            page.tell("not-used", says, "note", needed=True)
