"""Whose record it is: the one patient judged, and which resources are about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..core.caching import cached_property
from ..core.chart import Patient, Sex
from ..core.moment import Moment
from ..errors import TooManyPatients
from .addresses import tail_of
from .bundle import Json, Record
from .contacts import is_over, read_contacts
from .page import Page
from .persons import identifiers, is_described, is_identified

_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_BIRTH_TIME = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
_SEXES: dict[str, Sex] = {"m": "male", "f": "female", "male": "male", "female": "female"}

_SUBJECT_KEYS = ("subject", "patient", "for")
OWNERLESS = frozenset({"Provenance", "DeviceMetric"})
"""Types that name no patient of their own."""


class Subject:
    """The patient picked. What only strange resources ask is found out when they ask."""

    def __init__(self, ref: str, record: Record, read_types: frozenset[str]) -> None:
        self.ref = ref
        self._record = record
        self._read_types = read_types

    def is_named_by(self, target: str) -> bool:
        """Does a reference mean this patient?"""
        return target == self.ref or self._record.name(target) == self.ref

    def is_numbered(self, said: Json) -> bool | None:
        """Does the identifier of a Reference mean this patient? None when it does not say."""
        return is_identified(self._resource, said.get("identifier"))

    def is_meant(self, said: Json, holder: Json) -> bool | None:
        """Does a Reference without an address mean this patient? None when it does not say."""
        numbered = self.is_numbered(said)
        return is_described(self._record, self._resource, said, holder) if numbered is None else numbered

    def leads_to_patient(self, said: Iterable[str]) -> bool:
        """Does one of the references lead to some patient, as against nowhere?"""
        names = map(self._record.name, said)
        return any(tail_of(name).startswith("Patient/") or name in self._record.resources for name in names)

    @cached_property
    def identifiers(self) -> frozenset[tuple[object, object]]:
        """The business identifiers (system, value) of the Patient."""
        return frozenset(identifiers(self._resource.get("identifier")))

    @cached_property
    def _resource(self) -> Json:
        return self._record.resources.get(self.ref, {})

    @cached_property
    def alone(self) -> bool:
        """Is nobody else in the input?"""
        patients = (ref for ref, _ in self._record.by_type.get("Patient", ()))
        return not ({*patients, *_referred(self._record, self._read_types)} - {self.ref})


def pick_subject(record: Record, wanted: str | None, read_types: frozenset[str]) -> Subject:
    """The subject asked for, else the only Patient, else the only patient referred to.

    Raises ``TooManyPatients`` when there are two and none is named.
    """
    patients = [ref for ref, _ in record.by_type.get("Patient", ())]
    if wanted is not None:
        ref = record.name(wanted)
        if "/" not in ref and ":" not in ref:
            ref = record.name(f"Patient/{ref}")
        return Subject(ref, record, read_types)
    named = patients or list(_referred(record, read_types))
    if len(named) > 1:
        raise TooManyPatients(
            "more than one patient; name one with subject", ("Bundle.entry.resource.ofType(Patient)",)
        )
    return Subject(named[0] if named else "", record, read_types)


def _referred(record: Record, read_types: frozenset[str]) -> set[str]:
    """Every patient the resources refer to, canonically."""
    written = {
        target
        for kind, held in record.by_type.items()
        if kind in read_types
        for _, resource in held
        for target in targets(kind, resource)
        if target[:1] != "#"
    }
    return {name for name in map(record.name, written) if name.startswith(("Patient/", "urn:", "http"))}


def targets(kind: str, resource: Json) -> Iterator[str]:
    """The references to a patient that a resource carries, as written."""
    for key in _SUBJECT_KEYS:
        value = resource.get(key)
        for each in value if type(value) is list else (value,):
            if type(each) is dict and type(each.get("reference")) is str:
                yield each["reference"]
    if kind == "Appointment":
        people = resource.get("participant")
        for each in people if type(people) is list else ():
            actor = each.get("actor") if type(each) is dict else None
            target = actor.get("reference") if type(actor) is dict else None
            if type(target) is str and "Patient/" in target:
                yield target


def names_at(resource: Json) -> str:
    """The element that says whose a resource is, or would say it."""
    absent = "patient" if resource.get("resourceType") == "AllergyIntolerance" else "subject"
    return next((key for key in (*_SUBJECT_KEYS, "participant") if key in resource), absent)


def is_about(subject: Subject, kind: str, resource: Json) -> bool | None:
    """Is a resource about the subject? None when it does not say."""
    named = resource.get("subject")
    if type(named) is dict and named.get("reference") == subject.ref:
        return True
    said = [target for target in targets(kind, resource) if target[:1] != "#"]
    if said:
        return any(subject.is_named_by(target) for target in said)
    return next((told for each in _said(resource) if (told := subject.is_meant(each, resource)) is not None), None)


def why_not(subject: Subject, kind: str, resource: Json) -> tuple[str, bool]:
    """Why a resource is not about the subject, and whether it may be all the same."""
    said = [target for target in targets(kind, resource) if target[:1] != "#"]
    if any(tail_of(target) == tail_of(subject.ref) for target in said):
        return "about the patient of the same id on another server; not used", True
    if said and not subject.leads_to_patient(said):
        return "names a subject that is not in the input; not used", True
    if said or any(subject.is_numbered(each) is False for each in _said(resource)):
        return "about another patient; not used", False
    return "says that it is about somebody else, or no person; not used", True


def tell_assumed(page: Page) -> None:
    """Tell that what names nobody, or one who cannot be compared with the patient, is taken as the patient's."""
    said = [each for each in _said(page.resource) if each.keys() & {"reference", "identifier", "display", "type"}]
    how = "whom it names cannot be compared with the patient" if said else "names no patient"
    page.tell("assumption", f"{how}; taken as the only patient's", names_at(page.resource), needed=bool(said))


def _said(resource: Json) -> Iterator[Json]:
    """The References that say whose a resource is."""
    for key in _SUBJECT_KEYS:
        value = resource.get(key)
        for each in value if type(value) is list else (value,):
            if type(each) is dict:
                yield each


def read_patient(page: Page) -> Patient:
    """The Patient judged: birth, sex for formulas, death and language."""
    resource = page.resource
    died = page.moment("deceasedDateTime") if "deceasedDateTime" in resource else None
    dead = page.flag("deceasedBoolean") is True or (died is not None and died.first <= page.intake.as_of)
    read_contacts(page)
    _tell_replaced(page, gone=dead or died is not None)
    return Patient(page.ref, _birth(page), _sex(page), dead, died, _language(page), _in_staffed_home(page))


def _tell_replaced(page: Page, *, gone: bool) -> None:
    """Tell that the record goes on elsewhere, or is in use no more; of the dead it may be."""
    if any(each.get("type") == "replaced-by" for each in page.elements("link")):
        says = "this record was replaced by another one; what is there was not seen"
        page.tell("not-used", says, "link", needed=True)
    elif page.flag("active") is False and not gone:
        page.tell(
            "not-used", "this record of the patient is not in use; there may be another one", "active", needed=True
        )


def _in_staffed_home(page: Page) -> bool:
    """Does a present address name a nursing home or the like?"""
    for each in page.elements("address"):
        lines = each.get("line")
        said = " ".join(str(part) for part in (each.get("text"), *(lines if type(lines) is list else ())) if part)
        words = page.intake.terms.text_concepts("fact", said) if said else frozenset()
        if "fact-lives-in-staffed-institution" in words and each.get("use") != "old" and not is_over(page, each):
            return True
    return False


def _extensions(holder: Any, url: str) -> Iterator[Json]:
    held = holder.get("extension") if type(holder) is dict else None
    return (each for each in held if type(each) is dict and each.get("url") == url) if type(held) is list else iter(())


def _birth(page: Page) -> Moment | None:
    for each in _extensions(page.resource.get("_birthDate"), _BIRTH_TIME):
        found = page.moment("valueDateTime", each, "birthDate.")
        if found is not None:
            return found
    born = page.moment("birthDate")
    if born is not None and born.first > page.intake.latest:
        page.tell("future", "born after the time of the check; the date is not used", "birthDate", needed=True)
        return None
    return born


def _sex(page: Page) -> Sex | None:
    for each in _extensions(page.resource, _BIRTH_SEX):
        code = each.get("valueCode")
        if type(code) is str and code.lower() in _SEXES:
            return _SEXES[code.lower()]
    return _SEXES.get(page.string("gender").strip().lower())


def _language(page: Page) -> str | None:
    spoken = page.elements("communication")
    preferred = [each for each in spoken if each.get("preferred") is True] or (spoken if len(spoken) == 1 else [])
    for each in preferred:
        codings, _ = page.words(each.get("language"), "communication.language")
        if codings:
            return codings[0][1] or None
    return None
