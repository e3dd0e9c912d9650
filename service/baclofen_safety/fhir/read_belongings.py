"""Implants, medicine lists, answers to our own issues, and the people to turn to."""

from __future__ import annotations

from typing import Literal

from ..core.chart import Acknowledgement, Implant, MedicineList
from ..core.moment import Moment
from ..terminology.lookup import Coding
from .bundle import Json
from .page import Page, Words, shown

ISSUE_SYSTEM = "https://baclofen-safety.example/fhir/CodeSystem/baclofen-issue"
_APPROPRIATE = "1"  # v3-ActCode: therapy appropriate
_DISCHARGE_CODES = frozenset({"10183-2", "75311-1", "8654-6"})
_HOME_CODES = frozenset({"42346-7", "10160-0"})


def read_device(page: Page) -> None:
    """Add a device of a kind we know."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    _add_implant(page, page, active=status in ("", "active", "unknown"))


def read_device_use(page: Page) -> None:
    """Add the device of a use statement; its own words stand in when the device was not sent."""
    status = page.string("status").strip().lower()
    if status == "entered-in-error":
        page.tell("not-used", "entered in error")
        return
    element = page.element("device")
    target = element.get("reference") if type(element.get("reference")) is dict else element
    found = page.intake.record.find(target, page.resource)
    device = page if found is None else Page(page.intake, found[1], found[0], "Device")
    _add_implant(page, device, active=status in ("", "active", "intended"))


def _add_implant(page: Page, device: Page, *, active: bool) -> None:
    terms = page.intake.terms
    codings, text = device.concept("type")
    if device is page and page.kind != "Device":
        element = page.element("device")
        codings, text = page.words(element.get("concept"), "device.concept")
        text = text or page.string("display", element, "device.")
    said = "; ".join(filter(None, (text or shown((codings, "")), *_device_names(device))))
    concepts = terms.concepts("proc", codings) if codings else frozenset()
    if not concepts and said:
        concepts = terms.text_concepts("proc", said)
    if concepts:
        page.intake.implants.append(Implant(page.ref, concepts, active, said))


def _device_names(device: Page) -> list[str]:
    names = [device.string("name", each, "deviceName.") for each in device.elements("deviceName")]
    names += [
        device.string("value", each, "name.") for each in device.elements("name") if type(each.get("value")) is str
    ]
    model = device.resource.get("model")
    return [*names, model] if type(model) is str else names


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
    """Add a human action on an earlier issue of ours. Issues of others and mere displays are nothing."""
    codings: list[Coding] = page.words(page.resource.get("code"), "code")[0]
    rule = next((code for system, code, _ in codings if system == ISSUE_SYSTEM), None)
    if rule is None or page.string("status").strip().lower() == "entered-in-error":
        return
    actions = [each for each in page.elements("mitigation") if not _by_device(page, each)]
    if not actions and page.string("status") != "mitigated":
        return
    times = [at for at in (page.moment("date", each, "mitigation.") for each in actions) if at is not None]
    override = any(
        "author" in each and any(code == _APPROPRIATE for _, code, _ in page.words(each.get("action"), "action")[0])
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


def read_related_person(page: Page) -> None:
    """Note who may speak for the patient; of several the first by reference."""
    if page.resource.get("active") is False:
        return
    end = page.period("period")[1]
    if end is not None and end.first <= page.intake.as_of:
        return
    known = page.intake.caregiver_ref
    page.intake.caregiver_ref = page.ref if known is None else min(known, page.ref)


def read_care_team(page: Page) -> None:
    """Note the team to fall back on; of several the first by reference."""
    if page.string("status").strip().lower() in ("inactive", "entered-in-error", "suspended", "proposed"):
        return
    known = page.intake.team_ref
    page.intake.team_ref = page.ref if known is None else min(known, page.ref)
