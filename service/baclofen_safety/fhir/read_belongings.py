"""Medicine lists, answers to our own issues, and the people to turn to."""

from __future__ import annotations

from typing import Literal

from ..core.chart import Acknowledgement, Contact, MedicineList, RaisedIssue
from ..core.moment import Moment
from ..terminology.lookup import Coding
from .bundle import Json
from .contacts import is_over, is_reachable
from .page import Page, Words, shown

ISSUE_SYSTEM = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue"
_APPROPRIATE = "1"  # v3-ActCode: therapy appropriate
_GIVEN = frozenset({"final", "amended", "corrected", "mitigated"})
_DISCHARGE_CODES = frozenset({"10183-2", "75311-1", "8654-6"})
_HOME_CODES = frozenset({"42346-7", "10160-0", "home-medication"})


def read_list(page: Page) -> None:
    """Add a home or discharge medication list."""
    if page.string("status").strip().lower() in ("entered-in-error", "retired"):
        return
    title = page.string("title")
    kind = _list_kind(page.words(page.resource.get("code"), "code"), title)
    if kind is None:
        return
    listed: list[str] = []
    removed: list[str] = []
    for each in page.elements("entry"):
        item = page.reference("item", each, "entry.")
        if item is None:
            continue
        gone = each.get("deleted") is True or "stopped" in shown(page.words(each.get("flag"), "entry.flag")).casefold()
        (removed if gone else listed).append(item)
    page.intake.lists.append(MedicineList(page.ref, kind, page.moment("date"), tuple(listed), tuple(removed)))


def read_composition(page: Page) -> None:
    """Add the medication sections of a document."""
    if page.string("status").strip().lower() == "entered-in-error":
        return
    _read_sections(page, page.elements("section"), page.moment("date"), 1)


def _read_sections(page: Page, sections: list[Json], at: Moment | None, depth: int) -> None:
    for section in sections:
        kind = _list_kind(page.words(section.get("code"), "section.code"), page.string("title", section, "section."))
        if kind is not None:
            listed = tuple(
                page.intake.record.name(each["reference"])
                for each in page.elements("entry", section, "section.")
                if type(each.get("reference")) is str
            )
            page.intake.lists.append(MedicineList(page.ref, kind, at, listed))
        if depth < 5:
            _read_sections(page, page.elements("section", section, "section."), at, depth + 1)


def _list_kind(words: Words, title: str) -> Literal["discharge", "home"] | None:
    codes = {code for _, code, _ in words[0]}
    said = f"{title} {shown(words)}".casefold()
    medicines = "medication" in said or "medicine" in said
    if codes & _DISCHARGE_CODES or (medicines and "discharge" in said):
        return "discharge"
    if codes & _HOME_CODES or (medicines and ("home" in said or "on admission" in said)):
        return "home"
    return None


def read_issue(page: Page) -> None:
    """Note an earlier issue of ours, and add a human action on it. Issues of others are nothing."""
    codings: list[Coding] = page.words(page.resource.get("code"), "code")[0]
    rule = next((code for system, code, _ in codings if system == ISSUE_SYSTEM), None)
    if rule is None or page.string("status").strip().lower() == "entered-in-error":
        return
    if page.string("status").strip().lower() in _GIVEN:
        page.intake.raised.append(
            RaisedIssue(
                ref=page.ref,
                rule=rule,
                at=page.moment("identifiedDateTime") or page.period("identifiedPeriod")[0],
                severity=page.string("severity"),
                implicated=page.references("implicated"),
            )
        )
    actions = [each for each in page.elements("mitigation") if not _by_device(page, each)]
    if not actions and page.string("status") != "mitigated":
        return
    times = [at for at in (page.moment("date", each, "mitigation.") for each in actions) if at is not None]
    override = any(
        "author" in each
        and any(code == _APPROPRIATE for _, code, _ in page.words(each.get("action"), "mitigation.action")[0])
        for each in actions
    )
    page.intake.acknowledgements.append(
        Acknowledgement(
            ref=page.ref,
            rule=rule,
            at=max(times, key=lambda each: each.first) if times else page.moment("identifiedDateTime"),
            implicated=page.references("implicated"),
            override=override,
        )
    )


def _by_device(page: Page, mitigation: Json) -> bool:
    return (page.reference("author", mitigation, "mitigation.") or "").startswith("Device/")


def read_care_team(page: Page) -> None:
    """Note the team to fall back on, of several the first by reference; and the relatives in it."""
    if page.string("status").strip().lower() in ("inactive", "entered-in-error", "suspended", "proposed"):
        return
    for each in page.elements("participant"):
        found = page.intake.record.find(each.get("member"), page.resource)
        if found is not None and found[1].get("resourceType") == "RelatedPerson" and not is_over(page, each):
            relative = Page(page.intake, found[1], found[0], "RelatedPerson")
            page.intake.contacts.append(Contact(relative.ref, is_reachable(relative, relative.resource)))
    known = page.intake.team_ref
    page.intake.team_ref = page.ref if known is None else min(known, page.ref)
