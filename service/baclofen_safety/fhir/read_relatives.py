"""Mother and child: relatives named in the record, the mother's own orders, and what she took before birth."""

from __future__ import annotations

from dataclasses import replace

from ..core.chart import Child, Contact, Measurement
from ..core.concepts import BACLOFEN, Concept
from ..core.medicines import Order
from .bundle import Json, Record
from .contacts import is_over, is_reachable
from .page import Intake, Page, shown
from .patients import Subject, is_about
from .persons import identifiers
from .read_orders import read_request
from .read_statements import read_statement

_MOTHER = frozenset({"MTH", "NMTH", "GESTM"})
_CHILD = frozenset({"CHILD", "NCHILD"})
_GROWN_UP = 18  # years: before that nobody speaks for a parent
_EXPOSURE: Concept = "fact-maternal-exposure"
_HER_ORDERS = {"MedicationRequest": read_request, "MedicationStatement": read_statement}


def read_related_person(page: Page) -> None:
    """Note a child of the patient; who may be asked, and who may speak: of several speakers the first by reference."""
    if page.resource.get("active") is False or is_over(page, page.resource):
        return
    born = page.moment("birthDate") if _relations(page.resource) & _CHILD else None
    if born is not None and born.first <= page.intake.as_of:
        page.intake.children.append(Child(page.ref, born))
        if page.intake.as_of.year - born.first.year < _GROWN_UP:
            return
    page.intake.contacts.append(Contact(page.ref, is_reachable(page, page.resource)))
    known = page.intake.caregiver_ref
    page.intake.caregiver_ref = page.ref if known is None else min(known, page.ref)


def _relations(person: Json) -> set[str]:
    """The codes of ``relationship``: a list, or one concept up to STU3."""
    said = person.get("relationship")
    concepts = said if type(said) is list else [said]
    codings = [each.get("coding") for each in concepts if type(each) is dict]
    return {
        coding["code"]
        for held in codings
        for coding in (held if type(held) is list else ())
        if type(coding) is dict and type(coding.get("code")) is str
    }


def find_mother(intake: Intake, whose: Subject) -> Subject | None:
    """The Patient who is the mother, when an identifier or a Patient.link says so. One not linked is told."""
    record = intake.record
    for ref, person in record.by_type.get("RelatedPerson", ()):
        if not _relations(person) & _MOTHER or not is_about(whose, "RelatedPerson", person):
            continue
        others = [(other, held) for other, held in record.by_type.get("Patient", ()) if other != whose.ref]
        linked = next((other for other, held in others if _is_same(record, ref, person, held)), None)
        if linked is not None:
            return Subject(linked, record, frozenset(_HER_ORDERS))
        if others:
            says = "the mother's record is not linked to this person by an identifier; her medicines were not used"
            Page(intake, person, ref, "RelatedPerson").tell("not-used", says)
    return None


def _is_same(record: Record, ref: str, person: Json, patient: Json) -> bool:
    if set(identifiers(person.get("identifier"))) & set(identifiers(patient.get("identifier"))):
        return True
    links = patient.get("link")
    others = [each.get("other") for each in links if type(each) is dict] if type(links) is list else []
    targets = [each.get("reference") for each in others if type(each) is dict]
    return any(type(target) is str and record.name(target) == ref for target in targets)


def is_hers(intake: Intake, kind: str, resource: Json) -> bool:
    """Is the resource an order of the linked mother?"""
    return intake.mother is not None and kind in _HER_ORDERS and bool(is_about(intake.mother, kind, resource))


def read_maternal(page: Page) -> None:
    """Keep an order of the mother when it is baclofen."""
    order: Order | None = _HER_ORDERS[page.kind](page)
    if order is not None and order.is_baclofen:
        page.intake.maternal.append(order)


def name_exposures(intake: Intake) -> None:
    """Say of every record of exposure before birth whether it names baclofen, and by which route."""
    told = intake.measurements.get(_EXPOSURE)
    if told:
        intake.measurements[_EXPOSURE] = [_named(intake, each) for each in told]


def _named(intake: Intake, m: Measurement) -> Measurement:
    resource = intake.record.resources.get(m.ref, {})
    page = Page(intake, resource, m.ref, "Observation")
    holders = [resource, *page.elements("component")]
    said = [page.words(each.get("valueCodeableConcept"), "valueCodeableConcept") for each in holders]
    said += [([], each["valueString"]) for each in holders if type(each.get("valueString")) is str]
    spoken = [words for words in said if words[0] or words[1]]
    named = spoken or [page.words(resource.get("code"), "code")]
    concepts = {BACLOFEN} if any(intake.terms.medicine(*words).is_baclofen for words in named) else set()
    concepts |= {route for words in named if (route := intake.terms.route(*words)) is not None}
    return replace(m, concept_value=m.concept_value | concepts, shown="; ".join(filter(None, map(shown, spoken))))
