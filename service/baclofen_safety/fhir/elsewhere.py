"""Medicines that stand elsewhere than in a record of medicines, and types that are not read: told, as not judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from ..core.medicines import MEDICINE_TYPES, Medicine, MedicineState, Order, names_medicine
from .bundle import Json, Record
from .conclusions import tell_conclusion, tell_note
from .in_words import ORDERED, tell_notes, tell_words
from .named_aside import PLACES, concepts_in, tell_inner, tell_reasons
from .page import Intake, Page, shown
from .passages import PASSAGES, sections_of
from .patients import is_about
from .read_adverse_events import tell_event
from .read_medicines import read_medicine
from .readers import READERS, tell_failure, tell_marks

if TYPE_CHECKING:
    from .patients import Subject

WRITTEN = frozenset({"text", "display", "patientInstruction"})
"""Elements that hold what people wrote."""
_SAID = WRITTEN | {"contentString", "description", "title"}
"""With those that say what is asked for."""
_HELPERS = frozenset(
    {"Patient", "Medication", "Substance", "Practitioner", "PractitionerRole", "Organization", "Location", "Endpoint"}
    | {"HealthcareService", "Person", "MessageHeader", "Specimen", "OperationOutcome"}
)
"""Types that say nothing by themselves: others name them."""
_HANDED_OVER = frozenset({"SupplyRequest", "SupplyDelivery", "AdverseEvent", "DeviceRequest"})
_SETS = frozenset({"RequestGroup", "RequestOrchestration"})
_NAMES = ("item", "itemCodeableConcept", "itemReference", "suppliedItem", "event", "code", "suspectEntity")
_PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "List": ("entry",),
    "CarePlan": ("activity",),
    "Composition": ("section",),
    **dict.fromkeys(_HANDED_OVER, _NAMES),
    **dict.fromkeys(_SETS, ("action",)),
}
"""By type the elements in which it names what is listed, planned, asked for or suspected."""
_WHOLE = (PASSAGES.keys() - {"Observation"}) | _PRODUCTS.keys() | {"Medication", "DiagnosticReport", "Parameters"}
"""Types of which every resource is looked into; of others those with one of these elements."""
_TELLING = PLACES | {"contained", "note", "valueString"}
_MEDICINES = re.compile(r"medic|drug|prescri", re.IGNORECASE)
_NOT_IN_USE = frozenset({"inactive", "entered-in-error"})
_OVER = frozenset({"completed", "stopped", "cancelled", "revoked", "entered-in-error", "not-taken", "retired"})


def tell_elsewhere(intake: Intake, whose: Subject) -> None:
    """Tell every type that is not read, once, and every medicine of this patient that stands outside the records of
    medicines."""
    known = frozenset(name for order in intake.orders for name in order.medicine.ingredients)
    named = cache(partial(_named_in, intake.record))
    worded = {order.ref: order for order in intake.orders if _is_worded(order.medicine)}
    for kind, sent in intake.record.by_type.items():
        is_read = kind in READERS or kind in _HELPERS
        telling = ((ref, one) for ref, one in sent if not one.keys().isdisjoint(_TELLING) or ref in worded)
        held = telling if kind not in _WHOLE and is_read else sent
        ours = [(ref, one) for ref, one in held if is_about(whose, kind, one) is not False]
        if ours and not is_read:
            many = f" ({len(ours)} of them)" if len(ours) > 1 else ""
            Page(intake, ours[0][1], ours[0][0], kind).tell("not-used", f"{kind} is not a type that is read{many}")
        if kind == "DocumentReference":
            _tell_files([Page(intake, resource, ref, kind) for ref, resource in ours])
        for ref, resource in ours:
            page = Page(intake, resource, ref, kind)
            if kind == "Medication":
                tell_marks(page)
            try:
                _tell_inside(page)
                tell_inner(page)
                if is_read or (kind not in _PRODUCTS and is_about(whose, kind, resource)):
                    tell_reasons(page, known, is_read=is_read)
                if kind in _PRODUCTS and not _is_over(resource):
                    _tell_named(page, known)
                _tell_of_its_kind(page, known, named, worded)
            except Exception as error:
                tell_failure(page, error)


def _tell_of_its_kind(
    page: Page, known: frozenset[str], named: Callable[[], frozenset[str]], worded: Mapping[str, Order]
) -> None:
    """What stands in the words of a type, or in what it should lead to."""
    kind, resource = page.kind, page.resource
    if kind in PASSAGES and (kind != "Observation" or "valueString" in resource):
        tell_words(page, known)
    if kind == "List":
        _tell_lost(page)
    elif kind == "DiagnosticReport":
        tell_conclusion(page)
    elif kind == "AdverseEvent":
        tell_event(page)
    elif kind == "Medication":
        _tell_lone(page, named, known)
    elif kind == "Condition" and "note" in resource:
        tell_note(page)
    elif kind in ORDERED and page.ref in worded:
        tell_notes(page, worded[page.ref], known)


def _is_worded(medicine: Medicine) -> bool:
    """Is it a medicine whose order is looked through for words: baclofen, or one nobody knows?"""
    return medicine.is_baclofen or medicine.state is MedicineState.UNRECOGNISED


def _tell_inside(page: Page) -> None:
    """The records of medicines that a resource holds inside it."""
    for each, at in _inside(page):
        if each.get("resourceType") not in MEDICINE_TYPES or _is_over(each):
            continue
        beside = page.resource.get("contained")
        inner = Page(page.intake, {"contained": beside, **each}, page.ref, str(each["resourceType"]), f"{at}.")
        medicine = read_medicine(inner)
        if _matters(medicine):
            says = f"the {inner.kind} inside this {page.kind} is not judged: {medicine.name}; send it as an entry"
            page.tell("not-used", says, at, needed=True)


def _inside(page: Page) -> Iterator[tuple[Json, str]]:
    if "contained" in page.resource:
        yield from ((each, "contained") for each in page.elements("contained"))
    if page.kind == "Parameters":
        held = (each.get("resource") for each in page.elements("parameter"))
        yield from ((each, "parameter.resource") for each in held if isinstance(each, dict))


def _tell_named(page: Page, known: frozenset[str]) -> None:
    """The medicines a resource names: needed, unless an order of the same was read."""
    for key in _PRODUCTS[page.kind]:
        of_sections = page.kind == "Composition"
        held = [one.get("entry") for one in sections_of(page)] if of_sections else page.resource.get(key)
        for each in concepts_in(held):
            target = each.get("reference")
            if isinstance(target, str) and page.intake.record.find(each, page.resource) is not None:
                continue
            codings, text = page.words(each, key)
            text = text or next((display for _, _, display in codings if display), "") or page.string("display", each)
            medicine = page.intake.terms.medicine(codings, text)
            if _matters(medicine) and not (medicine.is_baclofen and page.kind == "AdverseEvent"):
                needed = not medicine.ingredients <= known or page.kind == "AdverseEvent"
                says = f"{text or 'a medicine'}: named in {page.kind}, which is not judged"
                page.tell("not-used", says, key, needed=needed)
            elif isinstance(target, str) and names_medicine(target):
                page.tell("unrecognised-medicine", "names a record of a medicine that was not sent", key)


def _tell_lost(page: Page) -> None:
    """The items of a list that did not come and have no name."""
    if _is_over(page.resource):
        return
    items = [each.get("item") for each in page.elements("entry") if each.get("deleted") is not True]
    lost = [
        one.get("reference")
        for one in items
        if isinstance(one, dict) and not one.get("display") and page.intake.record.find(one, page.resource) is None
    ]
    lost = [one for one in lost if not (isinstance(one, str) and names_medicine(one))]
    if lost:
        of_medicines = bool(_MEDICINES.search(f"{page.string('title')} {shown(page.concept('code'))}"))
        unsaid = [one for one in lost if not isinstance(one, str) or "/" not in one]
        says = "lists what was not sent, without its name"
        page.tell("not-used", says, "entry", needed=of_medicines and bool(unsaid))


def _tell_files(pages: list[Page]) -> None:
    """That the files of documents are not read, once."""
    held = [page for page in pages if any(map(_has_file, page.elements("content"))) and not _is_over(page.resource)]
    if held:
        many = f" ({len(held)} of them)" if len(held) > 1 else ""
        held[0].tell("not-used", f"files of documents are not read{many}", "content.attachment")


def _has_file(content: Json) -> bool:
    attachment = content.get("attachment")
    return isinstance(attachment, dict) and bool(attachment.keys() & {"data", "url"})


def _tell_lone(page: Page, named: Callable[[], frozenset[str]], known: frozenset[str]) -> None:
    """A Medication that no record names: nobody says whether it is taken."""
    intake = page.intake
    if page.ref in intake.medicines or page.string("status").strip().lower() in _NOT_IN_USE or page.ref in named():
        return
    medicine = read_medicine(Page(intake, {"medicationReference": {"reference": page.ref}}, page.ref, page.kind))
    if _matters(medicine):
        says = f"a Medication that no record names; whether it is taken is not known: {medicine.name}"
        page.tell("not-used", says, "code", needed=not medicine.ingredients <= known)


def _named_in(record: Record) -> frozenset[str]:
    """Everything that references in the record lead to."""
    said = (each for held in record.by_type.values() for _, one in held for each in _references(one))
    return frozenset(map(record.name, said))


def _references(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        target = value.get("reference")
        if isinstance(target, str):
            yield target
        for each in value.values():
            if isinstance(each, (dict, list)):
                yield from _references(each)


def _matters(medicine: Medicine) -> bool:
    """Is it baclofen, or may a rule speak of it?"""
    return medicine.is_baclofen or medicine.state in (MedicineState.MATCHED, MedicineState.CONFLICT)


def _is_over(resource: Json) -> bool:
    if resource.get("resourceType") == "AdverseEvent":
        return str(resource.get("status")).strip().lower() == "entered-in-error"
    return str(resource.get("status")).strip().lower() in _OVER


def written_in(value: object, *, said: bool = False) -> Iterator[str]:
    """Everything people wrote in it, but for bare numbers; ``said``: of a request also what it asks for."""
    if isinstance(value, list):
        for each in value:
            yield from written_in(each, said=said)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in (_SAID if said else WRITTEN) or not isinstance(each, str):
                yield from written_in(each, said=said)
            elif any(map(str.isalpha, each)):
                yield each
