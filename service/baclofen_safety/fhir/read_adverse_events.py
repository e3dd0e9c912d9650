"""Adverse events: what happened to the patient, as a problem that began on its day."""

from __future__ import annotations

import re
from datetime import timedelta

from ..core.chart import Problem
from ..core.medicines import MEDICINE_TYPES
from ..core.moment import Moment
from .bundle import Json
from .page import Page, Words, shown
from .read_conditions import recognise
from .read_medicines import read_medicine

_OVER = frozenset({"resolved", "resolvedwithsequelae", "resolved-with-sequelae"})
_DATES = ("date", "occurrenceDateTime", "detected", "recordedDate")
_MAY_BE = frozenset({"potential", "PAE"})
"""R4's and STU3's words for what nearly happened."""
_NEARLY = re.compile(r"\bnear[- ]?miss|\bintercepted\b", re.IGNORECASE)
_IS_JUDGED = timedelta(days=7)
"""For so long an overdose or a withdrawal is current to every rule."""


def read_adverse_event(page: Page) -> None:
    """Add an event that took place, of any concept we know; by its words beside baclofen where that is suspected."""
    if page.string("status").strip().lower() == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    words = _said(page)
    concepts, how, code = recognise(page, words)
    text = shown(words)
    if _is_of_baclofen(page) and text and "baclofen" not in text.casefold():
        text = f"{text} of baclofen"
        concepts |= recognise(page, ([], text))[0]
    if not concepts:
        return
    if _may_be(page, text):
        page.tell("not-used", f"an event that may have happened, not one that did: {text}")
        return
    at = _happened(page)
    if at is not None and at.first > page.intake.latest:
        page.tell("future", f"dated after the time of the check ({at}); not used: {text}", needed=True)
        return
    outcome = page.concept("outcome")
    over = any(code.casefold() in _OVER for _, code, _ in outcome[0])
    page.intake.problems.append(
        Problem(
            ref=page.ref,
            concepts=concepts,
            state="history" if over else "active",
            onset=at,
            text=text,
            how=how,
            code=code,
        )
    )


def tell_event(page: Page) -> None:
    """Tell an event of baclofen of which no rule speaks: one that was not read as a problem, or is of the past."""
    if page.string("status").strip().lower() == "entered-in-error" or _is_judged(page):
        return
    words = _said(page)
    text = shown(words)
    said = (text, page.string("description"))
    named = any(page.intake.terms.medicine((), one).is_baclofen for one in said if one)
    if named or _is_of_baclofen(page) or any("baclofen" in one for one in recognise(page, words)[0]):
        says = f"{text or 'an event'}: an adverse event of baclofen, which is not judged"
        page.tell("not-used", says, needed=True)


def _is_judged(page: Page) -> bool:
    held = (one for one in page.intake.problems if one.ref == page.ref and one.state == "active")
    return any(one.onset is None or one.onset.within(_IS_JUDGED, page.intake.as_of) for one in held)


def _may_be(page: Page, text: str) -> bool:
    """Did it nearly happen, or may it have?"""
    if _NEARLY.search(f"{text} {page.string('description')}"):
        return True
    return page.string("actuality") in _MAY_BE or any(code in _MAY_BE for _, code, _ in page.concept("category")[0])


def _said(page: Page) -> Words:
    """What happened: R5's ``code``, R4's ``event``, STU3's ``type`` and words."""
    for key in ("code", "event", "type"):
        if key in page.resource:
            codings, text = page.concept(key)
            return codings, text or page.string("description")
    return [], page.string("description")


def _happened(page: Page) -> Moment | None:
    for key in _DATES:
        if key in page.resource:
            return page.moment(key)
    return page.period("occurrencePeriod")[0]


def _is_of_baclofen(page: Page) -> bool:
    """Is a medicine with baclofen suspected?"""
    return any(_names_baclofen(page, each) for each in page.elements("suspectEntity"))


def _names_baclofen(page: Page, suspect: Json) -> bool:
    terms = page.intake.terms
    for key in ("instanceCodeableConcept", "instance", "instanceReference"):
        said = page.element(key, suspect, "suspectEntity.")
        codings, text = page.words(said, f"suspectEntity.{key}") if said else ([], "")
        if terms.medicine(codings, text or page.string("display", said, "suspectEntity.")).is_baclofen:
            return True
        found = page.intake.record.find(said, page.resource) if said else None
        kind = str(found[1].get("resourceType")) if found else ""
        if found is None or kind not in (*MEDICINE_TYPES, "Medication"):
            continue
        product = {"medicationReference": said, "contained": page.resource.get("contained")}
        of = product if kind == "Medication" else found[1]
        if read_medicine(Page(page.intake, of, found[0], kind)).is_baclofen:
            return True
    return False
