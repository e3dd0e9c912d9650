"""Allergies and intolerances: against baclofen, and against what its products hold."""

from __future__ import annotations

import re
from typing import Literal

from ..core.chart import Allergy
from ..core.concepts import Concept
from ..core.medicines import Medicine
from ..core.moment import Moment
from .bundle import Json
from .page import Page, Words, shown
from .read_conditions import status_word

_DROPPED = frozenset({"refuted", "entered-in-error"})
_VERIFIED = frozenset({"", "confirmed", "unconfirmed", "presumed"})
_OVER = frozenset({"inactive", "resolved"})
_NOT_MEDICINE = frozenset({"food", "environment"})
_PART = re.compile(r"[;,\n]+|\.(?=\s|$)")
_TOLERATED = re.compile(r"\s*(?:patient |pt )?tolerat(?:es|ed) baclofen(?: well| fine)?\s*", re.IGNORECASE)
"""Words that name it, and no harm by it."""
NO_ALLERGY: Concept = "fact-no-known-allergy"
NO_INFORMATION: Concept = "fact-no-allergy-info"

Kind = Literal["allergy", "intolerance"]


def read_allergy(page: Page) -> None:
    """Add an allergy to baclofen or to an excipient. Whatever else has a name is no business of the rules."""
    words = page.words(page.resource.get("code", page.resource.get("substance")), "code")
    reactions = page.elements("reaction")
    stated = _found(page, "fact", words)
    if NO_INFORMATION in stated:
        page.tell("not-used", "the record says that nothing is known about allergies", "code", needed=True)
        return
    if NO_ALLERGY in stated:
        return
    medicine = _baclofen(
        page, [words, *(page.words(each.get("substance"), "reaction.substance") for each in reactions)]
    )
    excipients = _found(page, "excipient", words)
    if medicine is None and not excipients:
        _tell_strange(page, words)
        return
    if over := _over(page):
        page.tell("not-used", f"allergy {over}: {shown(words)}".rstrip(": "))
        return
    begun = _begun(page)
    if begun is not None and begun.first > page.intake.latest:
        page.tell("future", "begins after the time of the check; not used", needed=True)
        return
    page.intake.allergies.append(
        Allergy(
            ref=page.ref,
            medicine=medicine,
            concepts=excipients,
            state="possible" if status_word(page, "verificationStatus") == "unconfirmed" else "active",
            kind=_kind(page),
            high=_criticality(page) == "high",
            criticality_known=_criticality(page) in ("high", "low"),
            reactions=tuple(_reaction(page, words) for each in reactions for words in _manifestations(page, each)),
            onset=begun,
            text=shown(words),
        )
    )


def _found(page: Page, kind: Literal["fact", "excipient", "reaction"], words: Words) -> frozenset[Concept]:
    """Concepts of the codes, else of the words."""
    terms, (codings, text) = page.intake.terms, words
    return terms.concepts(kind, codings) or terms.text_concepts(kind, text or shown(words))


def _baclofen(page: Page, parts: list[Words]) -> Medicine | None:
    """What the entry or one of its reactions names, when that is baclofen by any code, name or brand."""
    named = (page.intake.terms.medicine(codings, text) for codings, text in parts if codings or text)
    return next((medicine for medicine in named if medicine.is_baclofen), None)


def _tell_strange(page: Page, words: Words) -> None:
    """Of an entry without a readable name nobody can say that it is not baclofen."""
    codings, text = words
    name = shown(words)
    notes = [page.string("text", each, "note.") for each in page.elements("note")]
    notes = [part for said in notes for part in _PART.split(said) if not _TOLERATED.fullmatch(part)]
    if any(page.intake.terms.medicine((), said).is_baclofen for said in notes) and not _over(page):
        page.tell("not-used", "its note names baclofen, which the allergy itself does not", "note", needed=True)
    if page.intake.terms.looks_like_baclofen(name):
        page.tell("unrecognised-medicine", f"an allergy to what may be baclofen: {name}", "code", needed=True)
    if name or page.intake.terms.medicine(codings, text).ingredients or _is_of_other_kind(page):
        return
    says = "an allergy known by a code alone that is not in our tables, or by nothing; it may be to baclofen"
    page.tell("unrecognised-medicine", says, "code", needed=True)


def _is_of_other_kind(page: Page) -> bool:
    said = page.resource.get("category")
    kinds = (
        {said} if type(said) is str else {each for each in said if type(each) is str} if type(said) is list else set()
    )
    return bool(kinds) and kinds <= _NOT_MEDICINE


def _over(page: Page) -> str:
    """Why the entry no longer holds, or never did; "" when it may hold."""
    verified, clinical = status_word(page, "verificationStatus"), status_word(page, "clinicalStatus")
    if verified in _DROPPED:
        return verified
    if verified not in _VERIFIED:
        page.stumble("verificationStatus", "a verification status of FHIR; taken as confirmed")
    if clinical not in _OVER and clinical not in ("", "active"):
        page.stumble("clinicalStatus", "a clinical status of FHIR; taken as active")
    return clinical if clinical in _OVER else ""


def _kind(page: Page) -> Kind | None:
    """``type``: a code up to R4B, a CodeableConcept in R5."""
    said = status_word(page, "type")
    if said == "allergy":
        return "allergy"
    if said == "intolerance":
        return "intolerance"
    if said:
        page.stumble("type", "allergy or intolerance; taken as not recorded")
    return None


def _criticality(page: Page) -> str:
    return page.string("criticality").strip().lower()


def _begun(page: Page) -> Moment | None:
    """The onset, else when it was recorded."""
    if "onsetPeriod" in page.resource:
        found = page.period("onsetPeriod")[0]
    else:
        found = page.moment("onsetDateTime")
    return found or page.moment("recordedDate") or page.moment("assertedDate")


def _manifestations(page: Page, reaction: Json) -> list[Words]:
    """What was seen: CodeableConcepts, R5's CodeableReferences; the description where there is none."""
    found = [_inner(page, each) for each in page.elements("manifestation", reaction, "reaction.")]
    said = page.string("description", reaction, "reaction.")
    return found or ([([], said)] if said else [])


def _inner(page: Page, each: Json) -> Words:
    if "concept" in each:
        return page.words(each["concept"], "reaction.manifestation.concept")
    target = each.get("reference")
    if type(target) is not dict:
        return page.words(each, "reaction.manifestation")
    seen = page.intake.record.find(target, page.resource)
    if seen is not None:
        return page.words(seen[1].get("code"), "reaction.manifestation.reference.code")
    return [], page.string("display", target, "reaction.manifestation.reference.")


def _reaction(page: Page, words: Words) -> tuple[frozenset[Concept], str]:
    concepts, said = _found(page, "reaction", words), shown(words)
    if not concepts and not said:
        page.stumble("reaction.manifestation", "a reaction with a name; it may be one of hypersensitivity")
    return concepts, said
