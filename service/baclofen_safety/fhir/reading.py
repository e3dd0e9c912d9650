"""Read a Bundle into the chart of one patient as of an instant. What cannot be read is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Literal

from ..core.chart import Chart, Patient, Trouble
from ..terminology.lookup import Terminology
from .bundle import ALL_TYPES, Json, index_bundle, settle_searches
from .declared import contradictions
from .elsewhere import tell_elsewhere
from .fold import fold_measurements, fold_orders
from .history import before_withdrawal, with_history
from .older import told_as_sent
from .page import Intake, Page
from .patients import OWNERLESS, Subject, is_about, names_at, pick_subject, read_patient, tell_assumed, why_not
from .read_reasons import name_encounters
from .read_relatives import find_mother, is_hers, name_exposures, read_maternal
from .readers import READERS, read_one, tell_failure, tell_marks
from .redating import as_if_now
from .resource_types import DECISIVE
from .resources import shape_errors
from .versions import FhirVersion, bears_mark_of, model_version

_ABSENT = "nothing in the input is about this patient"
_CLOCKS_DIFFER = timedelta(minutes=5)
_WEIGHT_HOLDS = timedelta(days=365)


_OWNED = frozenset(READERS) - OWNERLESS
_IN_ORDER = tuple(READERS)


def read_chart(  # noqa: PLR0913 - the one way in
    document: dict[str, Any],
    *,
    as_of: datetime,
    subject: str | None,
    terms: Terminology,
    site_zone: tzinfo | None = None,
    strict: bool = False,
    declared: FhirVersion | None = None,
    acted_on: frozenset[str] = frozenset(),
) -> Chart:
    """The chart of one patient at ``as_of`` (aware).

    Dates are of the zone of ``as_of``, or of ``site_zone`` when that is UTC. ``strict`` checks the shape of
    every deciding resource with the models of the version it is in. ``declared`` is the version the sender
    names; the content decides, a contradiction is told. ``acted_on`` are the refs of orders that somebody signs,
    verifies or sends on at ``as_of``: they are not over, whatever their dates say. Raises ``NotFhir`` for a
    document that is no Bundle, and ``TooManyPatients``; everything else that cannot be read is in ``Chart.troubles``.
    """
    record = index_bundle(document)
    if declared is not None:
        record.troubles += contradictions(record, declared)
    whose = pick_subject(record, subject, _OWNED)
    settle_searches(record, whose, _OWNED)
    intake = Intake(
        record=record,
        terms=terms,
        as_of=as_of,
        latest=as_of + _CLOCKS_DIFFER,
        patient_ref=whose.ref,
        zone=_zone(as_of, site_zone),
        troubles=record.troubles,
        declared=declared,
    )
    patient = _patient(intake, whose)
    intake.birth = patient.birth
    intake.mother = find_mother(intake, whose)
    used = _read_all(intake, whose)
    _tell_lost_focus(intake)
    tell_elsewhere(intake, whose)
    if _is_absent(intake, whose, used, subject):
        record.received.clear()
        record.troubles.append(Trouble("not-used", whose.ref, _ABSENT, needed=True))
    if strict:
        _check_shapes(intake)
    return _chart(intake, patient, acted_on)


def _zone(as_of: datetime, site_zone: tzinfo | None) -> tzinfo:
    own = as_of.tzinfo
    if own is None:
        raise ValueError("as_of must be aware")
    return site_zone if site_zone is not None and own is UTC else own


def _patient(intake: Intake, whose: Subject) -> Patient:
    resource = intake.record.resources.get(whose.ref)
    if resource is None:
        return Patient(whose.ref)
    intake.record.received.setdefault("Patient", "sent")
    page = Page(intake, resource, whose.ref, "Patient")
    tell_marks(page)
    try:
        return read_patient(page)
    except Exception as error:
        tell_failure(page, error)
        return Patient(whose.ref)


def _read_all(intake: Intake, whose: Subject) -> bool:
    """Run every reader over what is about the subject; was anything at all?"""
    used = False
    for kind in _IN_ORDER:
        if kind == "MedicationRequest":
            intake.weight_kg = _newest_weight(intake)
        if kind in intake.record.by_type and _read_type(intake, whose, kind):
            used = True
            intake.record.received.setdefault(kind, "sent")
    return used


def _read_type(intake: Intake, whose: Subject, kind: str) -> bool:
    """Read every resource of a type that is about the subject; was there one?"""
    read, used = READERS.get(kind), False
    owned = kind not in OWNERLESS
    for ref, resource in intake.record.by_type[kind]:
        if owned:
            subject = resource.get("subject")
            target = subject.get("reference") if type(subject) is dict else None
            named = type(target) is str and whose.is_named_by(target)
            if not named and is_hers(intake, kind, resource):
                read_one(intake, read_maternal, resource, ref, kind)
                continue
            if not named and not _is_ours(intake, whose, kind, ref, resource):
                continue
            used = True
        if read is not None:
            read_one(intake, read, resource, ref, kind)
    return used


def _is_ours(intake: Intake, whose: Subject, kind: str, ref: str, resource: Json) -> bool:
    about = is_about(whose, kind, resource)
    if about:
        return True
    page = Page(intake, resource, ref, kind)
    if about is False:
        says, doubtful = why_not(whose, kind, resource)
        page.tell("other-patient", says, names_at(resource), needed=doubtful and kind in READERS)
        return False
    if not whose.alone:
        page.tell("other-patient", "names no patient, and there is more than one; not used", needed=kind in DECISIVE)
        return False
    if kind in DECISIVE:
        tell_assumed(page)
    return True


def _tell_lost_focus(intake: Intake) -> None:
    """A message that is about what it does not hold."""
    for ref, header in intake.record.by_type.get("MessageHeader", ()):
        page = Page(intake, header, ref, "MessageHeader")
        if any(intake.record.find(each, header) is None for each in page.elements("focus")):
            page.tell("not-used", "what the message is about was not sent", "focus", needed=True)


def _newest_weight(intake: Intake) -> Decimal | None:
    weights = [
        (each.at.first, each.value)
        for each in intake.measurements.get("lab-body-weight", ())
        if each.at is not None and each.value is not None and each.at.within(_WEIGHT_HOLDS, intake.as_of)
    ]
    return max(weights)[1] if weights else None


def _is_absent(intake: Intake, whose: Subject, used: bool, asked: str | None) -> bool:
    """A subject nothing is about must not be read as a patient without hazards."""
    others = any(each.kind == "other-patient" for each in intake.troubles)
    return not used and (others or (asked is not None and whose.ref not in intake.record.resources))


def _check_shapes(intake: Intake) -> None:
    """Hold what decides against the models of its version; of DSTU2 there are none."""
    record = intake.record
    for kind in DECISIVE & record.by_type.keys():
        for ref, held in record.by_type[kind]:
            resource = record.sent.get(ref, held)
            version = model_version(resource)
            intake.troubles += [
                Trouble("unreadable", ref, f"does not fit FHIR {version.name}: {expected}", place)
                for place, expected in (
                    () if bears_mark_of(resource, FhirVersion.DSTU2) else shape_errors(resource, version)
                )
            ]


def _chart(intake: Intake, patient: Patient, acted_on: frozenset[str]) -> Chart:
    received: dict[str, Literal["answered", "sent"]] = dict(intake.record.received)
    if ALL_TYPES in received:
        received |= dict.fromkeys((*_OWNED, "Patient"), "answered")
    name_exposures(intake)
    folded = fold_orders([with_history(intake, order) for order in intake.orders], intake.troubles, acted_on)
    orders = tuple(as_if_now(order, intake.as_of, acted_on) for order in folded)
    return Chart(
        patient=patient,
        orders=orders,
        withdrawn=tuple(
            sorted(filter(None, (before_withdrawal(intake, ref) for ref in intake.withdrawn)), key=_by_ref)
        ),
        supplies=tuple(sorted(intake.supplies, key=_by_ref)),
        given=tuple(sorted(intake.given, key=_by_ref)),
        measurements={concept: fold_measurements(found) for concept, found in sorted(intake.measurements.items())},
        problems=tuple(sorted(name_encounters(intake), key=_by_ref)),
        acts=tuple(sorted(intake.acts, key=_by_ref)),
        stays=tuple(sorted(intake.stays, key=_by_ref)),
        implants=tuple(sorted(intake.implants, key=_by_ref)),
        lists=tuple(sorted(intake.lists, key=lambda each: (each.ref, each.kind, each.medicines))),
        allergies=tuple(sorted(intake.allergies, key=_by_ref)),
        acknowledgements=tuple(sorted(intake.acknowledgements, key=_by_ref)),
        raised=tuple(sorted(intake.raised, key=_by_ref)),
        contacts=tuple(sorted(set(intake.contacts), key=lambda each: (each.ref, each.reachable))),
        children=tuple(sorted(intake.children, key=_by_ref)),
        maternal=tuple(sorted(intake.maternal, key=_by_ref)),
        received=received,
        searched={kind: frozenset(held) for kind, held in intake.record.searched.items()},
        partial=frozenset(kind for kind in intake.record.partial if received.get(kind) != "answered"),
        troubles=_told(intake),
        caregiver_ref=intake.caregiver_ref,
        team_ref=intake.team_ref,
    )


def _by_ref(each: Any) -> str:
    return str(each.ref)


def _told(intake: Intake) -> tuple[Trouble, ...]:
    """Every trouble once, in the names of what was sent, the needed ones first, in an order that does not hang on the
    order of entries."""
    sent = intake.record.sent
    troubles = {told_as_sent(each, sent[each.ref]) if each.ref in sent else each for each in intake.troubles}
    return tuple(sorted(troubles, key=lambda each: (not each.needed, each.ref, each.path, each.kind, each.says)))
