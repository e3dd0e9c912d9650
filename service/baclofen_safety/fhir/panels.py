"""Panels and reports: the results they contain are read, those they only name and nobody sent are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from .addresses import tail_of
from .bundle import Json
from .page import Page
from .read_observations import read_observation, taken_at

_GONE = frozenset({"entered-in-error", "cancelled"})
_HAS_MEMBER = "has-member"
_STILL_COUNTS = timedelta(days=365)
"""How old a panel may be that its missing results are asked for."""


def read_panel(page: Page) -> None:
    """Add the measurements of an Observation, and those of the Observations in it."""
    read_observation(page)
    if page.resource.keys() & {"contained", "hasMember", "related"}:
        _read_parts(page, ("hasMember", "related"))


def read_report(page: Page) -> None:
    """The results contained in a DiagnosticReport; results beside it are read as themselves."""
    if page.resource.keys() & {"contained", "result"}:
        _read_parts(page, ("result",))


def _read_parts(page: Page, keys: tuple[str, ...]) -> None:
    if page.string("status").strip().lower() in _GONE:
        return
    for each in page.elements("contained"):
        if each.get("resourceType") == "Observation" and _is_of_patient(page, each):
            read_observation(Page(page.intake, each, f"{page.ref}#{each.get('id', '')}", "Observation"))
    for key in keys:
        missing = [each for each in _members(page, key) if page.intake.record.find(each, page.resource) is None]
        if missing:
            needed = any(_may_decide(page, each) for each in missing)
            page.tell("not-used", "results it names were not sent", key, needed=needed)


def _is_of_patient(page: Page, result: Json) -> bool:
    """A contained result is the patient's, unless it names another."""
    subject = result.get("subject")
    target = subject.get("reference") if type(subject) is dict else None
    if type(target) is not str or target[:1] == "#" or page.intake.record.name(target) == page.intake.patient_ref:
        return True
    page.tell("other-patient", "a result in it is about another patient; not used", "contained")
    return False


def _members(page: Page, key: str) -> Iterator[Json]:
    """The References to Observations under a key; up to STU3 they are a kind of ``related``."""
    for each in page.elements(key) if key in page.resource else ():
        member = each if key != "related" else page.element("target", each, "related.")
        target = member.get("reference")
        if key == "related" and each.get("type") != _HAS_MEMBER:
            continue
        if type(target) is str and tail_of(target).startswith(("Observation/", "#", "urn:")):
            yield member


def _may_decide(page: Page, member: Json) -> bool:
    """May a result nobody sent be one that rules count on? Not when it is old, is named as another, or when just
    those were searched for."""
    at, name, intake = taken_at(page), member.get("display"), page.intake
    if intake.record.searched.get("Observation") or (at is not None and not at.within(_STILL_COUNTS, intake.as_of)):
        return False
    if type(name) is not str or not name.strip():
        return True
    return bool(intake.terms.results_of_words(name) or intake.terms.results_of_bare_words(name))
