"""Read a Bundle into the chart of one patient as of an instant. What cannot be read is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from ..core.chart import Chart, Order, Patient, Trouble
from ..core.moment import Moment
from ..terminology.lookup import Terminology
from .bundle import ALL_TYPES, Json, index_bundle
from .fold import fold_measurements, fold_orders
from .page import Intake, Page
from .patients import OWNERLESS, Subject, is_about, pick_subject, read_patient
from .read_belongings import (
    read_care_team,
    read_composition,
    read_device,
    read_device_use,
    read_issue,
    read_list,
    read_related_person,
)
from .read_conditions import read_condition, read_flag
from .read_encounters import read_encounter
from .read_events import (
    read_appointment,
    read_care_plan,
    read_nutrition_order,
    read_procedure,
    read_provenance,
    read_service_request,
    read_task,
)
from .read_observations import read_observation
from .read_orders import read_request, read_statement
from .read_supplies import read_administration, read_dispense
from .resource_types import DECISIVE
from .resources import shape_errors

Read = Callable[[Page], object]

_CLOCKS_DIFFER = timedelta(minutes=5)
_WEIGHT_HOLDS = timedelta(days=365)
_CHANGED = frozenset({"stopped", "completed", "cancelled", "on-hold"})
_MEDICINE_TYPES = frozenset(
    {"MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration"}
)


def _read_report(page: Page) -> None:
    """The results contained in a DiagnosticReport; results beside it are read as themselves."""
    for each in page.elements("contained") if "contained" in page.resource else ():
        if each.get("resourceType") == "Observation":
            read_observation(Page(page.intake, each, f"{page.ref}#{each.get('id', '')}", "Observation"))


def _keep_order(read: Callable[[Page], Order | None], page: Page) -> None:
    order = read(page)
    if order is not None:
        page.intake.orders.append(order)


READERS: Mapping[str, Read] = {
    "Encounter": read_encounter,
    "Observation": read_observation,
    "DiagnosticReport": _read_report,
    "Condition": read_condition,
    "Flag": read_flag,
    "Task": read_task,
    "Provenance": read_provenance,
    "MedicationRequest": partial(_keep_order, read_request),
    "MedicationStatement": partial(_keep_order, read_statement),
    "MedicationDispense": read_dispense,
    "MedicationAdministration": read_administration,
    "Procedure": read_procedure,
    "ServiceRequest": read_service_request,
    "ProcedureRequest": read_service_request,
    "Appointment": read_appointment,
    "NutritionOrder": read_nutrition_order,
    "CarePlan": read_care_plan,
    "Device": read_device,
    "DeviceUseStatement": read_device_use,
    "DeviceUsage": read_device_use,
    "List": read_list,
    "Composition": read_composition,
    "DetectedIssue": read_issue,
    "RelatedPerson": read_related_person,
    "CareTeam": read_care_team,
}
"""Readers by resource type, in the order they run: weights before doses per kg."""

_OWNED = frozenset(READERS) - OWNERLESS | {"AllergyIntolerance", "Communication", "DocumentReference"}


def read_chart(  # noqa: PLR0913 - the one way in
    document: dict[str, Any],
    *,
    as_of: datetime,
    subject: str | None,
    terms: Terminology,
    site_zone: tzinfo | None = None,
    strict: bool = False,
) -> Chart:
    """The chart of one patient at ``as_of`` (aware).

    Dates are of the zone of ``as_of``, or of ``site_zone`` when that is UTC. ``strict`` checks the shape of
    every deciding resource with the R4B models too. Raises ``NotFhir`` for a document that is no Bundle, and
    ``TooManyPatients``; everything else that cannot be read is in ``Chart.troubles``.
    """
    record = index_bundle(document)
    whose = pick_subject(record, subject, _OWNED)
    intake = Intake(
        record=record,
        terms=terms,
        as_of=as_of,
        latest=as_of + _CLOCKS_DIFFER,
        patient_ref=whose.ref,
        zone=_zone(as_of, site_zone),
        troubles=record.troubles,
    )
    patient = _patient(intake, whose)
    intake.birth = patient.birth
    used = _read_all(intake, whose)
    _tell_absent(intake, whose, used, subject)
    if strict:
        _check_shapes(intake)
    return _chart(intake, patient)


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
    try:
        return read_patient(page)
    except Exception as error:
        _tell_failure(page, error)
        return Patient(whose.ref)


def _read_all(intake: Intake, whose: Subject) -> bool:
    """Run every reader over what is about the subject; was anything at all?"""
    record, used = intake.record, False
    own, spellings = record.by_type, whose.spellings
    for kind in (*READERS, *(_OWNED - READERS.keys())):
        held = own.get(kind)
        if not held:
            continue
        read = READERS.get(kind)
        mine = False
        for ref, resource in held:
            if kind not in OWNERLESS:
                named = resource.get("subject")
                if not (type(named) is dict and named.get("reference") in spellings) and not _is_ours(
                    intake, whose, kind, ref, resource
                ):
                    continue
                mine = True
            if read is not None:
                _read_one(intake, read, resource, ref, kind)
        if mine:
            used = True
            record.received.setdefault(kind, "sent")
        if kind == "DiagnosticReport":
            intake.weight_kg = _newest_weight(intake)
    return used


def _read_one(intake: Intake, read: Read, resource: Json, ref: str, kind: str) -> None:
    page = Page(intake, resource, ref, kind)
    try:
        read(page)
    except Exception as error:
        _tell_failure(page, error)


def _tell_failure(page: Page, error: Exception) -> None:
    """What no reader foresaw: name the type of the error and, where the R4B model sees it too, the place."""
    places = [place for place, _ in shape_errors(page.resource)]
    page.tell(
        "unreadable",
        f"this {page.kind} cannot be read ({type(error).__name__})",
        places[0] if places else "",
        needed=page.kind in DECISIVE,
    )


def _is_ours(intake: Intake, whose: Subject, kind: str, ref: str, resource: Json) -> bool:
    try:
        about = is_about(intake.record, whose, kind, resource)
    except TypeError:
        about = None
    if about:
        return True
    page = Page(intake, resource, ref, kind)
    if about is False:
        page.tell("other-patient", "about another patient; not used")
        return False
    if not whose.alone:
        page.tell(
            "other-patient", "names no patient, and there is more than one; not used", needed=kind in DECISIVE
        )
        return False
    if kind in DECISIVE:
        page.tell("assumption", "names no patient; taken as the only patient's", "subject")
    return True


def _newest_weight(intake: Intake) -> Decimal | None:
    weights = [
        (each.at.first, each.value)
        for each in intake.measurements.get("lab-body-weight", ())
        if each.at is not None and each.value is not None and each.at.within(_WEIGHT_HOLDS, intake.as_of)
    ]
    return max(weights)[1] if weights else None


def _tell_absent(intake: Intake, whose: Subject, used: bool, asked: str | None) -> None:
    """A subject nothing is about must not be read as a patient without hazards."""
    others = any(each.kind == "other-patient" for each in intake.troubles)
    if used or not (others or (asked is not None and whose.ref not in intake.record.resources)):
        return
    intake.troubles.append(
        Trouble("not-used", whose.ref, "nothing in the input is about this patient", needed=True)
    )


def _check_shapes(intake: Intake) -> None:
    for kind in DECISIVE & intake.record.by_type.keys():
        for ref, resource in intake.record.by_type[kind]:
            intake.troubles += [
                Trouble("unreadable", ref, f"does not fit FHIR R4B: {expected}", place)
                for place, expected in shape_errors(resource)
            ]


def _with_history(intake: Intake, order: Order) -> Order:
    """Older versions of the same order, planned ends of holds and recorded times of change."""
    name = order.ref
    older = intake.record.again.get(name, ())[:-1]
    if older:
        order = _with_versions(intake, order, older)
    changes = [at for at in intake.changes.get(name, ()) if at.first <= intake.latest]
    if changes and order.changed is None and order.status in _CHANGED:
        order = replace(order, changed=max(changes, key=lambda each: each.first))
    if name in intake.resumes:
        order = replace(order, resume_at=intake.resumes[name])
    return order


def _with_versions(intake: Intake, order: Order, older: list[Json]) -> Order:
    scratch = replace(intake, troubles=[], orders=[], measurements={})
    versions: list[Order] = []
    for resource in older:
        kind = str(resource.get("resourceType"))
        _read_one(scratch, READERS[kind], resource, order.ref, kind)
    versions = list(scratch.orders)
    changed = order.changed or _first_seen(order, versions)
    return replace(order, versions=tuple(versions), changed=changed)


def _first_seen(order: Order, versions: list[Order]) -> Moment | None:
    """When the present status was first recorded: by the oldest version after the last with another one."""
    if all(version.status == order.status for version in versions):
        return None
    since = order.updated
    for version in reversed(versions):
        if version.status != order.status:
            break
        since = version.updated or since
    return since


def _chart(intake: Intake, patient: Patient) -> Chart:
    received: dict[str, Literal["answered", "sent"]] = dict(intake.record.received)
    if ALL_TYPES in received:
        received |= dict.fromkeys((*_OWNED, "Patient"), "answered")
    orders = fold_orders([_with_history(intake, order) for order in intake.orders], intake.troubles)
    return Chart(
        patient=patient,
        orders=orders,
        supplies=tuple(sorted(intake.supplies, key=_by_ref)),
        given=tuple(sorted(intake.given, key=_by_ref)),
        measurements={
            concept: fold_measurements(found) for concept, found in sorted(intake.measurements.items())
        },
        problems=tuple(sorted(intake.problems, key=_by_ref)),
        acts=tuple(sorted(intake.acts, key=_by_ref)),
        stays=tuple(sorted(intake.stays, key=_by_ref)),
        implants=tuple(sorted(intake.implants, key=_by_ref)),
        lists=tuple(sorted(intake.lists, key=lambda each: (each.ref, each.kind, each.medicines))),
        acknowledgements=tuple(sorted(intake.acknowledgements, key=_by_ref)),
        received=received,
        troubles=_told(intake.troubles),
        caregiver_ref=intake.caregiver_ref,
        team_ref=intake.team_ref,
    )


def _by_ref(each: Any) -> str:
    return str(each.ref)


def _told(troubles: list[Trouble]) -> tuple[Trouble, ...]:
    """Every trouble once, the needed ones first, in an order that does not hang on the order of entries."""
    return tuple(
        sorted(set(troubles), key=lambda each: (not each.needed, each.ref, each.path, each.kind, each.says))
    )
