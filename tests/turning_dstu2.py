"""R4 shapes in DSTU2, from its published pages; there are no models of it to hold them against."""

from __future__ import annotations

from turning import Json, Make, Turning, code_of, dosages, renamed
from turning_stu3 import (
    care_plan,
    document,
    gone,
    imaging,
    in_words,
    issue,
    person,
    plain_statuses,
    refills,
    single_dose,
)

_GIVEN = ("in-progress", "on-hold", "completed", "entered-in-error", "stopped")
_CLASSES = {"AMB": "ambulatory", "EMER": "emergency", "FLD": "field", "HH": "home", "VR": "virtual"}
_CRITICALITY = {"low": "CRITL", "high": "CRITH", "unable-to-assess": "CRITU"}


def _dosage(turning: Turning, kind: str, made: Json) -> Json:
    """One dose; rates as ratios; no sequence; its own names in the timing."""
    made = single_dose(turning, kind, made)
    turning.lose(made, f"{kind}.dosage", "sequence", "patientInstruction")
    if "rateQuantity" in made:
        made["rateRatio"] = _ratio(made.pop("rateQuantity"))
    timing = made.get("timing")
    if isinstance(timing, dict) and isinstance(timing.get("repeat"), dict):
        repeat = timing["repeat"]
        turning.lose(repeat, f"{kind}.dosage.timing.repeat", "timeOfDay", "dayOfWeek", "offset", "countMax")
        turning.first(repeat, f"{kind}.dosage.timing.repeat", "when")
        timing["repeat"] = renamed(repeat, {"periodUnit": "periodUnits", "boundsDuration": "boundsQuantity"})
    return made


def _ratio(rate: Json) -> Json:
    """300 ug/d as 300 ug to 1 d."""
    amount, _, time = rate["unit"].partition("/")
    code, _, unit = rate.get("code", "").partition("/")
    above = {**rate, "unit": amount} | ({"code": code} if code else {})
    below: Json = {"value": 1, "unit": time}
    if unit and "system" in rate:
        below |= {"system": rate["system"], "code": unit}
    return {"numerator": above, "denominator": below}


def _note(made: Json) -> Json:
    return made | ({"note": "; ".join(one["text"] for one in made["note"])} if "note" in made else {})


def _request(turning: Turning, made: Json) -> Json:
    """DSTU2 knows orders alone."""
    kind = "MedicationRequest"
    turning.lose(made, kind, "doNotPerform", "reportedBoolean", "category", "groupIdentifier", "basedOn")
    intent = made.pop("intent", "order")
    if intent != "order":
        turning.lost.add(f"{kind}.intent {intent}")
    known = ("active", "on-hold", "completed", "entered-in-error", "stopped", "draft")
    if made.get("status") == "unknown":  # up to DSTU2 an order need not say
        del made["status"]
    turning.status(made, kind, known, {}, "stopped")
    refills(turning, made)
    turning.first(made, kind, "reasonCode", "reasonCodeableConcept")
    turning.first(made, kind, "reasonReference")
    dosages(made, "dosageInstruction", lambda one: _dosage(turning, kind, one))
    names = {
        "subject": "patient",
        "requester": "prescriber",
        "authoredOn": "dateWritten",
        "statusReason": "reasonEnded",
    }
    return renamed(_note(made), names)


def _statement(turning: Turning, made: Json) -> Json:
    kind = "MedicationStatement"
    turning.lose(made, kind, "statusReason", "category", "basedOn", "derivedFrom")
    if made.get("status") == "not-taken":
        made |= {"status": "active", "wasNotTaken": True}
    turning.status(made, kind, ("active", "completed", "entered-in-error", "intended"), {}, "active")
    dosages(made, "dosage", lambda one: _taken(_dosage(turning, kind, one)))
    return renamed(_note(made), {"subject": "patient"})


def _taken(dosage: Json) -> Json:
    return renamed(dosage, {"doseQuantity": "quantityQuantity", "doseRange": "quantityRange"})


def _dispense(turning: Turning, made: Json) -> Json:
    """Nothing says that a dispense was declined; it stopped."""
    words = {"declined": "stopped", "cancelled": "stopped", "preparation": "in-progress"}
    turning.status(made, "MedicationDispense", _GIVEN, words, "in-progress")
    dosages(made, "dosageInstruction", lambda one: _dosage(turning, "MedicationDispense", one))
    return renamed(_note(made), {"subject": "patient"})


def _administration(turning: Turning, made: Json) -> Json:
    if made.get("status") == "not-done":
        made |= {"status": "completed", "wasNotGiven": True}
    turning.status(made, "MedicationAdministration", _GIVEN, {}, "in-progress")
    if "dosage" in made:
        made["dosage"] = renamed(made["dosage"], {"dose": "quantity"})
    names = {"effectiveDateTime": "effectiveTimeDateTime", "effectivePeriod": "effectiveTimePeriod"}
    return renamed(made, {"subject": "patient", "request": "prescription", **names})


def _medication(turning: Turning, made: Json) -> Json:
    """Form and ingredients in ``product``; an ingredient is a resource, so a code in its place becomes words."""
    product: Json = {}
    if "form" in made:
        product["form"] = made.pop("form")
    parts = []
    for each in made.pop("ingredient", ()):
        part: Json = {"amount": each["strength"]} if "strength" in each else {}
        if "itemReference" in each:
            part["item"] = each["itemReference"]
        elif "itemCodeableConcept" in each:
            part["item"] = {"display": each["itemCodeableConcept"].get("text", "")}
        parts.append(part)
    if parts:
        product["ingredient"] = parts
    return made | ({"product": product} if product else {})


def _condition(turning: Turning, made: Json) -> Json:
    words = {"unconfirmed": "differential", "recurrence": "relapse", "inactive": "remission"}
    plain_statuses(turning, made, "Condition", words)
    turning.first(made, "Condition", "stage")
    return renamed(made, {"subject": "patient", "recordedDate": "dateRecorded", "onsetAge": "onsetQuantity"})


def _allergy(turning: Turning, made: Json) -> Json:
    """One status for two: what is no longer so, else how sure it is."""
    clinical = code_of(made.pop("clinicalStatus", {}))
    sure = code_of(made.pop("verificationStatus", {}))
    made["status"] = clinical if clinical in ("inactive", "resolved") else sure or clinical or "active"
    if made["status"] == "presumed":
        turning.lost.add("AllergyIntolerance.verificationStatus presumed")
        made["status"] = "active"
    if "criticality" in made:
        made["criticality"] = _CRITICALITY[made["criticality"]]
    return renamed(made, {"code": "substance", "onsetDateTime": "onset"})


def _observation(turning: Turning, made: Json) -> Json:
    """Yes and no in words; no whole numbers."""
    turning.status(made, "Observation", _RESULT, {"corrected": "amended"}, "unknown")
    for each in (made, *made.get("component", ())):
        in_words(each)
        turning.lose(each, "Observation", "valueInteger")
    return made


_RESULT = ("registered", "preliminary", "final", "amended", "cancelled", "entered-in-error", "unknown")


def _procedure(turning: Turning, made: Json) -> Json:
    if made.get("status") == "not-done":
        made |= {"status": "completed", "notPerformed": True}
    known = ("in-progress", "aborted", "completed", "entered-in-error")
    turning.status(made, "Procedure", known, {"stopped": "aborted", "on-hold": "aborted"}, "in-progress")
    return renamed(made, {"usedReference": "used"})


def _service(turning: Turning, made: Json) -> Json:
    turning.lose(made, "ServiceRequest", "patientInstruction", "category", "doNotPerform")
    intent = made.pop("intent", "order")
    if intent != "order":
        turning.lost.add(f"ServiceRequest.intent {intent}")
    words = {"active": "requested", "on-hold": "suspended", "revoked": "rejected"}
    turning.status(made, "ServiceRequest", ("draft", "completed"), words, "in-progress")
    names = {"occurrenceDateTime": "scheduledDateTime", "occurrencePeriod": "scheduledPeriod", "note": "notes"}
    return renamed(made, {"authoredOn": "orderedOn", "occurrenceTiming": "scheduledTiming", **names})


def _appointment(turning: Turning, made: Json) -> Json:
    turning.lose(made, "Appointment", "basedOn")
    known = ("proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow")
    turning.status(made, "Appointment", known, {"checked-in": "arrived", "waitlist": "pending"}, "cancelled")
    turning.first(made, "Appointment", "serviceType", "type")
    turning.first(made, "Appointment", "reasonCode", "reason")
    return made


def _encounter(turning: Turning, made: Json) -> Json:
    """Words for its class; a condition it was about is its indication."""
    known = ("planned", "arrived", "in-progress", "onleave", "finished", "cancelled")
    turning.status(made, "Encounter", known, {"triaged": "arrived"}, "cancelled")
    if "class" in made:
        code = made["class"].get("code", "")
        made["class"] = _CLASSES.get(
            code, "inpatient" if code in ("IMP", "ACUTE", "NONAC", "SS", "OBSENC") else "other"
        )
        if made["class"] == "other":
            turning.lost.add(f"Encounter.class {code}")
    indications = [*made.pop("reasonReference", ()), *(one["condition"] for one in made.pop("diagnosis", ()))]
    made |= {"indication": indications} if indications else {}
    return renamed(made, {"subject": "patient", "reasonCode": "reason"})


def _nutrition(turning: Turning, made: Json) -> Json:
    made.pop("intent", None)
    words = {"active": "requested", "revoked": "cancelled", "entered-in-error": "cancelled"}
    turning.status(made, "NutritionOrder", ("draft", "on-hold", "completed"), words, "draft")
    return made


def _communication(turning: Turning, made: Json) -> Json:
    """One category; what a talk is about is its category."""
    topic = made.pop("topic", None)
    if topic is not None:
        made["category"] = [topic, *made.get("category", ())]
    turning.first(made, "Communication", "category")
    return renamed(made, {"reasonCode": "reason"})


def _device(turning: Turning, made: Json) -> Json:
    turning.lose(made, "Device", "property")
    known = {"active": "available", "inactive": "not-available"}
    turning.status(made, "Device", ("entered-in-error",), known, "available")
    carriers = made.pop("udiCarrier", ())
    names = [one["name"] for one in made.pop("deviceName", ())]
    if "modelNumber" in made:
        names.append(made.pop("modelNumber"))
    made |= {"udi": carriers[0]["carrierHRF"]} if carriers else {}
    return made | ({"model": "; ".join(names)} if names else {})


def _use(turning: Turning, made: Json) -> Json:
    """No status; the time of use is ``whenUsed``."""
    if made.pop("status", "active") not in ("active", "completed"):
        turning.lost.add("DeviceUseStatement.status")
    return renamed(made, {"timingPeriod": "whenUsed"})


def _issue(turning: Turning, made: Json) -> Json:
    made = issue(turning, made)
    if made.pop("status", "final") != "final":
        turning.lost.add("DetectedIssue.status")
    return made


def _person(turning: Turning, made: Json) -> Json:
    made = person(turning, made)
    if made.pop("active", True) is False:
        turning.lost.add("RelatedPerson.active")
    return made


def _imaging(turning: Turning, made: Json) -> Json:
    turning.lose(made, "ImagingStudy", "procedureCode", "basedOn")
    return imaging(turning, made)


def _goal(turning: Turning, made: Json) -> Json:
    """An aim in words."""
    turning.lose(made, "Goal", "target")
    made["description"] = made["description"].get("text", "")
    made["status"] = "in-progress" if made.pop("lifecycleStatus") == "active" else "planned"
    return made


def _answers(turning: Turning, made: Json) -> Json:
    """Groups of questions."""
    return renamed(made, {"item": "group"}) | {"group": {"question": [_question(turning, one) for one in made["item"]]}}


def _question(turning: Turning, item: Json) -> Json:
    turning.lose(item, "QuestionnaireResponse.item", "definition")
    inner = [_question(turning, one) for one in item.pop("item", ())]
    return item | ({"group": {"question": inner}} if inner else {})


MAKERS: dict[str, Make] = {
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispense,
    "MedicationAdministration": _administration,
    "Medication": _medication,
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
    "DeviceUseStatement": _use,
    "DetectedIssue": _issue,
    "RelatedPerson": _person,
    "ImagingStudy": _imaging,
    "Goal": _goal,
    "QuestionnaireResponse": _answers,
    "Task": gone,
    "DeviceAlert": gone,
}
TYPES = {"MedicationRequest": "MedicationOrder", "ServiceRequest": "ProcedureRequest"}
