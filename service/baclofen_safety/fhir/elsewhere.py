"""Medicines that stand elsewhere than in a record of medicines, and types that are not read: told, as not judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..core.medicines import MEDICINE_TYPES, Medicine, MedicineState, names_medicine
from .bundle import Json
from .page import Intake, Page
from .patients import is_about
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
_PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "List": ("entry",),
    "CarePlan": ("activity",),
    **dict.fromkeys(_HANDED_OVER, ("item", "itemCodeableConcept", "itemReference", "suppliedItem", "event", "code")),
    **dict.fromkeys(_SETS, ("action",)),
}
"""By type the elements in which it names what is listed, planned, asked for or suspected."""
_OVER = frozenset({"completed", "stopped", "cancelled", "revoked", "entered-in-error", "not-taken", "retired"})


def tell_elsewhere(intake: Intake, whose: Subject) -> None:
    """Tell every type that is not read, once, and every medicine of this patient that stands outside the records of
    medicines."""
    for kind, held in intake.record.by_type.items():
        ours = [(ref, one) for ref, one in held if is_about(whose, kind, one) is not False]
        if ours and kind not in READERS and kind not in _HELPERS:
            many = f" ({len(ours)} of them)" if len(ours) > 1 else ""
            Page(intake, ours[0][1], ours[0][0], kind).tell("not-used", f"{kind} is not a type that is read{many}")
        for ref, resource in ours:
            page = Page(intake, resource, ref, kind)
            if kind == "Medication":
                tell_marks(page)
            try:
                _tell_inside(page)
                if kind in _PRODUCTS and not _is_over(resource):
                    _tell_named(page)
            except Exception as error:
                tell_failure(page, error)


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


def _tell_named(page: Page) -> None:
    """The medicines a resource names: needed, unless an order of the same was read."""
    known = {name for order in page.intake.orders for name in order.medicine.ingredients}
    for key in _PRODUCTS[page.kind]:
        for each in _concepts(page.resource.get(key)):
            target = each.get("reference")
            if isinstance(target, str) and page.intake.record.find(each, page.resource) is not None:
                continue
            codings, text = page.words(each, key)
            text = text or next((display for _, _, display in codings if display), "") or page.string("display", each)
            medicine = page.intake.terms.medicine(codings, text)
            if _matters(medicine):
                needed = not medicine.ingredients <= known or page.kind == "AdverseEvent"
                says = f"{text or 'a medicine'}: named in {page.kind}, which is not judged"
                page.tell("not-used", says, key, needed=needed)
            elif isinstance(target, str) and names_medicine(target):
                page.tell("unrecognised-medicine", "names a record of a medicine that was not sent", key)


def _matters(medicine: Medicine) -> bool:
    """Is it baclofen, or may a rule speak of it?"""
    return medicine.is_baclofen or medicine.state in (MedicineState.MATCHED, MedicineState.CONFLICT)


def _concepts(value: object) -> Iterator[Json]:
    """Every CodeableConcept and Reference in an element."""
    if isinstance(value, list):
        for each in value:
            yield from _concepts(each)
    elif isinstance(value, dict) and value.get("deleted") is not True:
        if value.keys() & {"coding", "text", "display", "reference"} and not isinstance(value.get("reference"), dict):
            yield value
            return
        for each in value.values():
            yield from _concepts(each)


def _is_over(resource: Json) -> bool:
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
