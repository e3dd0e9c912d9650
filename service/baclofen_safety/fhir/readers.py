"""Which reader reads which resource type; whatever a reader stumbles on is told, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import orjson

from ..core.medicines import Order
from .bundle import Json
from .misspelt import misspelt, says_misspelt
from .page import Intake, Page
from .panels import read_panel, read_report
from .read_adverse_events import read_adverse_event
from .read_allergies import read_allergy
from .read_answers import read_goal, read_questionnaire_response
from .read_belongings import (
    read_care_team,
    read_composition,
    read_issue,
    read_list,
)
from .read_bookings import read_appointment, read_imaging
from .read_conditions import read_condition, read_flag
from .read_devices import read_device, read_device_metric, read_device_use
from .read_documents import read_communication, read_device_alert, read_document
from .read_encounters import read_encounter
from .read_events import (
    read_care_plan,
    read_nutrition_order,
    read_procedure,
    read_provenance,
    read_service_request,
    read_task,
)
from .read_orders import read_request
from .read_relatives import read_related_person
from .read_statements import read_statement
from .read_supplies import read_administration, read_dispense
from .resource_types import DECISIVE
from .resources import shape_errors
from .search_results import is_cut
from .versions import model_version

Read = Callable[[Page], object]


def _keep_order(read: Callable[[Page], Order | None], page: Page) -> None:
    order = read(page)
    if order is not None:
        page.intake.orders.append(order)


_MODIFIERS = ("modifierExtension", "implicitRules")
_WRITTEN_MODIFIERS = tuple(key.encode() for key in _MODIFIERS)

READERS: Mapping[str, Read] = {
    "Encounter": read_encounter,
    "Observation": read_panel,
    "DiagnosticReport": read_report,
    "QuestionnaireResponse": read_questionnaire_response,
    "Goal": read_goal,
    "Condition": read_condition,
    "AllergyIntolerance": read_allergy,
    "Flag": read_flag,
    "AdverseEvent": read_adverse_event,
    "Task": read_task,
    "Provenance": read_provenance,
    "MedicationRequest": partial(_keep_order, read_request),
    "MedicationStatement": partial(_keep_order, read_statement),
    "MedicationDispense": read_dispense,
    "MedicationAdministration": read_administration,
    "Procedure": read_procedure,
    "ServiceRequest": read_service_request,
    "ProcedureRequest": read_service_request,
    "ReferralRequest": read_service_request,
    "Appointment": read_appointment,
    "ImagingStudy": read_imaging,
    "NutritionOrder": read_nutrition_order,
    "CarePlan": read_care_plan,
    "Communication": read_communication,
    "DocumentReference": read_document,
    "Device": read_device,
    "DeviceUseStatement": read_device_use,
    "DeviceUsage": read_device_use,
    "DeviceMetric": read_device_metric,
    "DeviceAlert": read_device_alert,
    "List": read_list,
    "Composition": read_composition,
    "DetectedIssue": read_issue,
    "RelatedPerson": read_related_person,
    "CareTeam": read_care_team,
}
"""Readers by resource type, in the order they run: weights before doses per kg."""


def read_one(intake: Intake, read: Read, resource: Json, ref: str, kind: str) -> None:
    page = Page(intake, resource, ref, kind)
    tell_marks(page)
    for key in misspelt(resource):
        page.tell("unreadable", says_misspelt(key), needed=kind in DECISIVE)
    try:
        read(page)
    except Exception as error:
        tell_failure(page, error)


def tell_marks(page: Page) -> None:
    """What a resource says of itself that may change its meaning, at any depth, or that something was taken out."""
    resource, decides = page.resource, page.kind in DECISIVE
    if is_cut(resource):
        page.tell("unreadable", "marked as not whole: elements were taken out of it", "meta", needed=decides)
    for at in dict.fromkeys(_modified(resource, "")) if _may_be_modified(resource) else ():
        key = at.rpartition(".")[2]
        page.tell("unreadable", f"its {key} is not understood and may change its meaning", at, needed=decides)


def _may_be_modified(resource: Json) -> bool:
    """Does the name of a modifier stand anywhere in it? Written as JSON and searched: twice as fast as a walk."""
    try:
        written = orjson.dumps(resource)
    except TypeError:  # not from JSON, or nested too deeply
        return True
    return any(key in written for key in _WRITTEN_MODIFIERS)


def _modified(value: Json, at: str) -> Iterator[str]:
    for key, each in value.items():
        if key in _MODIFIERS:
            yield f"{at}{key}"
        elif type(each) is dict:
            yield from _modified(each, f"{at}{key}.")
        elif type(each) is list:
            for one in each:
                if type(one) is dict:
                    yield from _modified(one, f"{at}{key}.")


def tell_failure(page: Page, error: Exception) -> None:
    """What no reader foresaw: name the type of the error and, where the model of its version sees it too, the place."""
    places = [place for place, _ in shape_errors(page.resource, model_version(page.resource))]
    page.tell(
        "unreadable",
        f"this {page.kind} cannot be read ({type(error).__name__})",
        places[0] if places else "",
        needed=page.kind in DECISIVE,
    )
