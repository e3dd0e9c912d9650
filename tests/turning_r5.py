"""R4 shapes in R5."""

from __future__ import annotations

from turning import Json, Make, Turning, dosages, renamed

_ADHERENCE = {
    "active": "taking",
    "completed": "stopped",
    "stopped": "stopped",
    "on-hold": "on-hold",
    "not-taken": "not-taking",
    "unknown": "unknown",
}
_ADHERENCE_SYSTEM = "http://hl7.org/fhir/CodeSystem/medication-statement-adherence"


def _medicine(made: Json) -> Json:
    if "medicationCodeableConcept" in made:
        made["medicationCodeableConcept"] = {"concept": made["medicationCodeableConcept"]}
    if "medicationReference" in made:
        made["medicationReference"] = {"reference": made["medicationReference"]}
    return renamed(made, {"medicationCodeableConcept": "medication", "medicationReference": "medication"})


def _reasons(made: Json) -> Json:
    reasons = [{"concept": one} for one in made.pop("reasonCode", ())]
    reasons += [{"reference": one} for one in made.pop("reasonReference", ())]
    return made | ({"reason": reasons} if reasons else {})


def _dosage(made: Json) -> Json:
    made = renamed(made, {"asNeededBoolean": "asNeeded", "asNeededCodeableConcept": "asNeededFor"})
    for name in ("asNeededFor", "maxDosePerPeriod"):
        if name in made:
            made[name] = [made[name]]
    return made


def _request(turning: Turning, made: Json) -> Json:
    made = _reasons(_medicine(renamed(made, {"reportedBoolean": "reported"})))
    dosages(made, "dosageInstruction", _dosage)
    if "dispenseRequest" in made:
        made["dispenseRequest"] = renamed(made["dispenseRequest"], {"performer": "dispenser"})
    return made


def _statement(turning: Turning, made: Json) -> Json:
    """What is taken is told by adherence; R5 has no word for what is only intended."""
    made = _reasons(_medicine(renamed(made, {"context": "encounter"})))
    turning.lose(made, "MedicationStatement", "basedOn", "statusReason")
    dosages(made, "dosage", _dosage)
    said = made.get("status")
    if said in _ADHERENCE:
        coding = {"system": _ADHERENCE_SYSTEM, "code": _ADHERENCE[said]}
        made |= {"status": "recorded", "adherence": {"code": {"coding": [coding]}}}
        if said == "completed":
            turning.lost.add("MedicationStatement.status completed")
    elif said == "intended":
        made["status"] = "recorded"
        turning.lost.add("MedicationStatement.status intended")
    return made


def _dispense(turning: Turning, made: Json) -> Json:
    made = _medicine(renamed(made, {"context": "encounter"}))
    dosages(made, "dosageInstruction", _dosage)
    return made


def _administration(turning: Turning, made: Json) -> Json:
    names = {"effectiveDateTime": "occurenceDateTime", "effectivePeriod": "occurencePeriod", "context": "encounter"}
    return _reasons(_medicine(renamed(made, names)))


def _medication(turning: Turning, made: Json) -> Json:
    made = renamed(made, {"form": "doseForm"})
    for each in made.get("ingredient", ()):
        if "itemCodeableConcept" in each:
            each["item"] = {"concept": each.pop("itemCodeableConcept")}
        if "itemReference" in each:
            each["item"] = {"reference": each.pop("itemReference")}
        if "strength" in each:
            each["strengthRatio"] = each.pop("strength")
    return made


def _condition(turning: Turning, made: Json) -> Json:
    """R5 asks for a clinical status."""
    if "clinicalStatus" not in made:
        system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
        made["clinicalStatus"] = {"coding": [{"system": system, "code": "unknown"}]}
    return made


def _procedure(turning: Turning, made: Json) -> Json:
    names = {"performedDateTime": "occurrenceDateTime", "performedPeriod": "occurrencePeriod"}
    made = _reasons(renamed(made, names))
    if "usedReference" in made:
        made["used"] = [{"reference": one} for one in made.pop("usedReference")]
    return made


def _service(turning: Turning, made: Json) -> Json:
    made = _reasons(made)
    if "code" in made:
        made["code"] = {"concept": made["code"]}
    if "patientInstruction" in made:
        made["patientInstruction"] = [{"instructionMarkdown": made["patientInstruction"]}]
    return made


def _appointment(turning: Turning, made: Json) -> Json:
    made = _reasons(made)
    if "serviceType" in made:
        made["serviceType"] = [{"concept": one} for one in made["serviceType"]]
    if "comment" in made:
        made["note"] = [{"text": made.pop("comment")}]
    return made


def _encounter(turning: Turning, made: Json) -> Json:
    known = ("planned", "in-progress", "on-hold", "cancelled", "entered-in-error", "unknown")
    words = {"finished": "completed", "arrived": "in-progress", "triaged": "in-progress", "onleave": "in-progress"}
    turning.status(made, "Encounter", known, words, "unknown")
    reasons = [{"concept": one} for one in made.pop("reasonCode", ())]
    reasons += [{"reference": one} for one in made.pop("reasonReference", ())]
    if reasons:
        made["reason"] = [{"value": reasons}]
    if "class" in made:
        made["class"] = [{"coding": [made["class"]]}]
    for each in made.get("participant", ()):
        if "individual" in each:
            each["actor"] = each.pop("individual")
    for each in made.get("diagnosis", ()):
        each["condition"] = [{"reference": each["condition"]}]
    return renamed(made, {"period": "actualPeriod", "hospitalization": "admission"})


def _nutrition(turning: Turning, made: Json) -> Json:
    diet = made.get("oralDiet", {})
    if "schedule" in diet:
        diet["schedule"] = {"timing": diet["schedule"]}
    return renamed(made, {"patient": "subject"})


def _communication(turning: Turning, made: Json) -> Json:
    for each in made.get("payload", ()):
        if "contentString" in each:
            each["contentCodeableConcept"] = {"text": each.pop("contentString")}
    return _reasons(made)


def _device(turning: Turning, made: Json) -> Json:
    """R5 ties a device to a patient elsewhere, by a DeviceAssociation."""
    turning.lose(made, "Device", "patient")
    if "type" in made:
        made["type"] = [made["type"]]
    for each in made.get("property", ()):
        turning.first(each, "Device.property", "valueQuantity")
        turning.first(each, "Device.property", "valueCode", "valueCodeableConcept")
    if "deviceName" in made:
        made["name"] = [{"value": one["name"], "type": "registered-name"} for one in made.pop("deviceName")]
    return made


def _use(turning: Turning, made: Json) -> Json:
    made["device"] = {"reference": made["device"]}
    return renamed(made, {"subject": "patient"})


def _allergy(turning: Turning, made: Json) -> Json:
    system = "http://hl7.org/fhir/allergy-intolerance-type"
    if "type" in made:
        made["type"] = {"coding": [{"system": system, "code": made["type"]}]}
    for each in made.get("reaction", ()):
        each["manifestation"] = [{"concept": one} for one in each["manifestation"]]
    return made


def _issue(turning: Turning, made: Json) -> Json:
    return renamed(made, {"patient": "subject"})


def _imaging(turning: Turning, made: Json) -> Json:
    for holder in (made, *made.get("series", ())):
        if "modality" in holder:
            codings = holder["modality"] if isinstance(holder["modality"], list) else [holder["modality"]]
            concepts = [{"coding": [one]} for one in codings]
            holder["modality"] = concepts if holder is made else concepts[0]
    if "procedureCode" in made:
        made["procedure"] = [{"concept": one} for one in made.pop("procedureCode")]
    return _reasons(made)


def _list(turning: Turning, made: Json) -> Json:
    return made | {"subject": [made["subject"]]} if "subject" in made else made


def _answers(turning: Turning, made: Json) -> Json:
    """R5 asks which questionnaire it was."""
    return {"questionnaire": "https://ehr.example/Questionnaire/q"} | made


def _gone(turning: Turning, made: Json) -> None:
    return None


MAKERS: dict[str, Make] = {
    "MedicationRequest": _request,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispense,
    "MedicationAdministration": _administration,
    "Medication": _medication,
    "Condition": _condition,
    "Procedure": _procedure,
    "ServiceRequest": _service,
    "Appointment": _appointment,
    "Encounter": _encounter,
    "NutritionOrder": _nutrition,
    "Communication": _communication,
    "Device": _device,
    "DeviceUseStatement": _use,
    "AllergyIntolerance": _allergy,
    "DetectedIssue": _issue,
    "ImagingStudy": _imaging,
    "List": _list,
    "QuestionnaireResponse": _answers,
    "DeviceAlert": _gone,
}
TYPES = {"DeviceUseStatement": "DeviceUsage"}
