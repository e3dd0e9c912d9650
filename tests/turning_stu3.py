"""R4 shapes in STU3, and what STU3 and DSTU2 have in common."""

from __future__ import annotations

from turning import Json, Make, Turning, code_of, dosages, renamed

_GIVEN = ("in-progress", "on-hold", "completed", "entered-in-error", "stopped")
_INTENTS = ("proposal", "plan", "order", "instance-order")


def single_dose(turning: Turning, kind: str, made: Json) -> Json:
    """A dosage without doseAndRate: one dose and one rate."""
    for each in made.pop("doseAndRate", ()):
        for name, value in each.items():
            if any(key[:4] == name[:4] for key in made):
                turning.lost.add(f"{kind}.dosage.doseAndRate, the second")
            else:
                made[name] = value
    return made


def dispensed(turning: Turning, made: Json, statuses: tuple[str, ...]) -> Json:
    """Statuses of a dispense: what was declined is not done."""
    if made.get("status") in ("declined", "cancelled"):
        made |= {"status": "stopped", "notDone": True}
    turning.status(made, "MedicationDispense", statuses, {}, "in-progress")
    return made


def _request(turning: Turning, made: Json) -> Json:
    kind = "MedicationRequest"
    turning.lose(made, kind, "doNotPerform", "statusReason", "reportedBoolean")
    if made.get("intent") not in (None, *_INTENTS):
        turning.lost.add(f"{kind}.intent {made['intent']}")
        made["intent"] = "order"
    turning.first(made, kind, "category")
    if "requester" in made:
        made["requester"] = {"agent": made["requester"]}
    dosages(made, "dosageInstruction", lambda one: single_dose(turning, kind, one))
    refills(turning, made)
    return renamed(made, {"encounter": "context"})


def refills(turning: Turning, made: Json) -> None:
    """A positive number up to STU3: that there is no refill cannot be said."""
    supply = made.get("dispenseRequest", {})
    if supply.get("numberOfRepeatsAllowed") == 0:
        del supply["numberOfRepeatsAllowed"]
        turning.lost.add("MedicationRequest.dispenseRequest.numberOfRepeatsAllowed 0")


def _statement(turning: Turning, made: Json) -> Json:
    kind = "MedicationStatement"
    turning.lose(made, kind, "statusReason")
    turning.first(made, kind, "category")
    dosages(made, "dosage", lambda one: single_dose(turning, kind, one))
    made["taken"] = "unk"
    if made.get("status") == "not-taken":
        made |= {"status": "active", "taken": "n"}
    known = ("active", "completed", "entered-in-error", "intended", "stopped", "on-hold")
    turning.status(made, kind, known, {}, "active")
    return made


def _dispense(turning: Turning, made: Json) -> Json:
    dosages(made, "dosageInstruction", lambda one: single_dose(turning, "MedicationDispense", one))
    return dispensed(turning, made, (*_GIVEN, "preparation"))


def _administration(turning: Turning, made: Json) -> Json:
    turning.lose(made, "MedicationAdministration", "statusReason")
    if made.get("status") == "not-done":
        made |= {"status": "completed", "notGiven": True}
    turning.status(made, "MedicationAdministration", (*_GIVEN, "unknown"), {}, "unknown")
    return renamed(made, {"request": "prescription"})


def medication(turning: Turning, made: Json) -> Json:
    for each in made.get("ingredient", ()):
        if "strength" in each:
            each["amount"] = each.pop("strength")
    return made


def plain_statuses(turning: Turning, made: Json, kind: str, unknown: dict[str, str]) -> None:
    """clinicalStatus and verificationStatus as codes; ``unknown`` ones stand for what the version does not know."""
    for name in ("clinicalStatus", "verificationStatus"):
        if name in made:
            said = code_of(made[name])
            made[name] = unknown.get(said, said)
            if said in unknown:
                turning.lost.add(f"{kind}.{name} {said}")


def _condition(turning: Turning, made: Json) -> Json:
    plain_statuses(turning, made, "Condition", {"unconfirmed": "differential", "relapse": "recurrence"})
    turning.first(made, "Condition", "stage")
    return renamed(made, {"recordedDate": "assertedDate", "encounter": "context"})


def _allergy(turning: Turning, made: Json) -> Json:
    plain_statuses(turning, made, "AllergyIntolerance", {"presumed": "confirmed"})
    return renamed(made, {"recordedDate": "assertedDate"})


def in_words(made: Json) -> None:
    """Yes or no as a concept, where a version has no boolean."""
    if "valueBoolean" in made:
        code, word = ("Y", "Yes") if made.pop("valueBoolean") else ("N", "No")
        coding = {"system": "http://hl7.org/fhir/v2/0136", "code": code, "display": word}
        made["valueCodeableConcept"] = {"coding": [coding]}


def _observation(turning: Turning, made: Json) -> Json:
    turning.lose(made, "Observation", "valueInteger")
    for each in made.get("component", ()):
        in_words(each)
        turning.lose(each, "Observation.component", "valueInteger")
    return renamed(made, {"encounter": "context"})


def _procedure(turning: Turning, made: Json) -> Json:
    if made.get("status") == "not-done":
        made |= {"status": "completed", "notDone": True}
    known = ("preparation", "in-progress", "suspended", "aborted", "completed", "entered-in-error", "unknown")
    turning.status(made, "Procedure", known, {"stopped": "aborted", "on-hold": "suspended"}, "unknown")
    return renamed(made, {"encounter": "context"})


def _service(turning: Turning, made: Json) -> Json:
    turning.lose(made, "ServiceRequest", "patientInstruction")
    known = ("draft", "active", "suspended", "completed", "entered-in-error", "cancelled")
    turning.status(made, "ServiceRequest", known, {"on-hold": "suspended", "revoked": "cancelled"}, "active")
    return made


def _appointment(turning: Turning, made: Json) -> Json:
    if "basedOn" in made:
        made["incomingReferral"] = made.pop("basedOn")
    turning.status(made, "Appointment", _APPOINTMENT, {"checked-in": "arrived", "waitlist": "pending"}, "proposed")
    return renamed(made, {"reasonCode": "reason"})


_APPOINTMENT = ("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error")


def _encounter(turning: Turning, made: Json) -> Json:
    return renamed(made, {"reasonCode": "reason"})


def _nutrition(turning: Turning, made: Json) -> Json:
    made.pop("intent", None)  # every one of STU3 is an order
    known = ("proposed", "draft", "planned", "requested", "active", "on-hold", "completed", "cancelled")
    turning.status(made, "NutritionOrder", (*known, "entered-in-error"), {"revoked": "cancelled"}, "draft")
    return made


def care_plan(turning: Turning, made: Json) -> Json:
    """The day of a plan without a period is its start."""
    if "created" in made:
        made.setdefault("period", {"start": made["created"]})
        del made["created"]
    return made


def _communication(turning: Turning, made: Json) -> Json:
    """STU3's topics are resources; a word for what a talk is about is its category."""
    if "topic" in made:
        made["category"] = [made.pop("topic"), *made.get("category", ())]
    return made


def document(turning: Turning, made: Json) -> Json:
    turning.first(made, "DocumentReference", "category", "class")
    return renamed(made, {"date": "indexed"})


def _device(turning: Turning, made: Json) -> Json:
    """STU3 has no settings of a device, and one name: its model."""
    turning.lose(made, "Device", "property")
    turning.first(made, "Device", "udiCarrier", "udi")
    names = [one["name"] for one in made.pop("deviceName", ())]
    if "modelNumber" in made:
        names.append(made.pop("modelNumber"))
    return made | ({"model": "; ".join(names)} if names else {})


def issue(turning: Turning, made: Json) -> Json:
    turning.lose(made, "DetectedIssue", "evidence")
    return renamed(made, {"code": "category", "identifiedDateTime": "date"})


def person(turning: Turning, made: Json) -> Json:
    turning.first(made, "RelatedPerson", "relationship")
    return made


def imaging(turning: Turning, made: Json) -> Json:
    """No status: every study of STU3 was made."""
    if made.pop("status", "available") not in ("available", "unknown"):
        turning.lost.add("ImagingStudy.status")
    return {"uid": "urn:oid:1.2.3"} | renamed(made, {"subject": "patient", "modality": "modalityList"})


def _goal(turning: Turning, made: Json) -> Json:
    turning.first(made, "Goal", "target")
    made = renamed(made, {"lifecycleStatus": "status"})
    turning.status(made, "Goal", ("proposed", "accepted", "planned", "on-hold", "rejected"), _GOAL, "in-progress")
    return made


_GOAL = {"active": "in-progress", "completed": "achieved"}


def gone(turning: Turning, made: Json) -> None:
    return None


def _answers(turning: Turning, made: Json) -> Json:
    return renamed(made, {"encounter": "context"})


MAKERS: dict[str, Make] = {
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispense,
    "MedicationAdministration": _administration,
    "Medication": medication,
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "Observation": _observation,
    "Procedure": _procedure,
    "ServiceRequest": _service,
    "Appointment": _appointment,
    "Encounter": _encounter,
    "NutritionOrder": _nutrition,
    "CarePlan": care_plan,
    "Communication": _communication,
    "DocumentReference": document,
    "Device": _device,
    "DetectedIssue": issue,
    "RelatedPerson": person,
    "ImagingStudy": imaging,
    "Goal": _goal,
    "QuestionnaireResponse": _answers,
    "DeviceAlert": gone,
}
TYPES = {"ServiceRequest": "ProcedureRequest"}
