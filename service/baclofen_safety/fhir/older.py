"""Shapes of DSTU2, and the few of STU3, that no reader knows, turned into those the readers know.

Only what is read is turned. An element of today's name that is there already stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..core.chart import Trouble

Json = dict[str, Any]

TURNED = {"MedicationOrder": "MedicationRequest"}
"""Types that are read under another name."""

NOT_SAID = {"MedicationRequest": "; it has no intent, category, prohibition or sequence of dosages"}
"""What DSTU2 cannot say of a type, where that decides."""

_ORDER = {
    "patient": "subject",
    "prescriber": "requester",
    "dateWritten": "authoredOn",
    "dateEnded": "statusChanged",
    "reasonEnded": "statusReason",
    "reasonCodeableConcept": "reasonCode",
}
_NAMES: Mapping[str, Mapping[str, str]] = {
    "MedicationOrder": _ORDER,
    "MedicationRequest": _ORDER,
    "MedicationStatement": {"patient": "subject", "wasNotTaken": "taken", "reasonForUseCodeableConcept": "reasonCode"},
    "MedicationDispense": {"patient": "subject", "dispenser": "performer"},
    "MedicationAdministration": {
        "patient": "subject",
        "wasNotGiven": "notGiven",
        "effectiveTimeDateTime": "effectiveDateTime",
        "effectiveTimePeriod": "effectivePeriod",
    },
    "Medication": {"product": "product"},
    "Condition": {"patient": "subject", "dateRecorded": "recordedDate", "onsetQuantity": "onsetAge"},
    "AllergyIntolerance": {"substance": "code", "status": "clinicalStatus", "onset": "onsetDateTime"},
    "Encounter": {"patient": "subject", "indication": "reasonReference"},
    "Procedure": {"notPerformed": "notDone"},
    "ProcedureRequest": {
        "orderedOn": "authoredOn",
        "scheduledDateTime": "occurrenceDateTime",
        "scheduledPeriod": "occurrencePeriod",
        "scheduledTiming": "occurrenceTiming",
        "notes": "note",
    },
    "Appointment": {"type": "serviceType"},
    "DocumentReference": {"indexed": "date", "class": "category"},
    "Device": {"udi": "udiCarrier"},
    "ImagingStudy": {"modalityList": "modality"},
    "Provenance": {"period": "occurredPeriod"},
    "QuestionnaireResponse": {"group": "item"},
}
"""Old elements by their present name. One of them, or one of ``_WORDS``, makes a resource an old one."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "ProcedureRequest": {
        **dict.fromkeys(("requested", "received", "accepted", "in-progress"), "active"),
        "proposed": "draft",
        "suspended": "on-hold",
        **dict.fromkeys(("cancelled", "rejected", "aborted"), "revoked"),
    },
    "NutritionOrder": {"requested": "active", "planned": "draft", "proposed": "draft"},
    "Device": {"available": "active", "not-available": "inactive"},
}
"""Statuses that R4 calls otherwise."""

_INSIDE: Mapping[str, Mapping[str, str]] = {
    "MedicationAdministration": {"dosage.dose": "dosage.quantity"},
    "MedicationDispense": {"performer.actor": "dispenser"},
    "Medication": {"ingredient.strength": "product.ingredient.amount", "ingredient": "product.ingredient"},
    "AllergyIntolerance": {"verificationStatus": "status"},
    "DetectedIssue": {"code": "category", "identifiedDateTime": "date"},
    "QuestionnaireResponse": {"item.answer": "group.question.answer", "item": "group.question"},
}
"""Present places that were elsewhere, beside those of ``_NAMES``; the longer first."""

_UNVERIFIED = {
    "unconfirmed": "unconfirmed",
    "confirmed": "confirmed",
    "refuted": "refuted",
    "entered-in-error": "entered-in-error",
}
_CRITICALITY = {"CRITL": "low", "CRITH": "high", "CRITU": "unable-to-assess"}
_DEEPEST_GROUP = 8


def renew(kind: str, resource: Json) -> Json:
    """The resource as the readers know it; itself when there is nothing old about it. Never raises."""
    names, words = _NAMES.get(kind), _WORDS.get(kind)
    old = names is not None and (kind in TURNED or not resource.keys().isdisjoint(names))
    if not old and words is not None:
        status = resource.get("status")
        old = type(status) is str and status in words
    if not old:
        test = _ALSO.get(kind)
        old = test is not None and test(resource)
    return _renewed(kind, resource) if old else resource


def told_as_sent(trouble: Trouble, sent: Json) -> Trouble:
    """A trouble with a renewed resource, its place in the names of what was sent."""
    kind = str(sent.get("resourceType"))
    path = _former_place(kind, trouble.path, sent)
    begin, says = f"{TURNED.get(kind, kind)}.{trouble.path} ", trouble.says
    if says.startswith(begin):
        says = f"{kind}.{path} {says[len(begin) :]}"
    return replace(trouble, path=path, says=says)


def _former_place(kind: str, path: str, sent: Json) -> str:
    moved = [*_INSIDE.get(kind, {}).items(), *((new, old) for old, new in _NAMES.get(kind, {}).items())]
    for new, old in moved:
        rest = path.removeprefix(new)
        if path.startswith(new) and rest[:1] in ("", ".", "["):
            head, was = new.partition(".")[0], old.partition(".")[0]
            if (was == head or head not in sent) and (was in sent or kind in TURNED):
                return old + rest
    return path


def _renewed(kind: str, resource: Json) -> Json:
    names = {old: new for old, new in _NAMES.get(kind, {}).items() if new == old or new not in resource}
    made = {names.get(key, key): value for key, value in resource.items()}
    made["resourceType"] = TURNED.get(kind, kind)
    words = _WORDS.get(kind, {})
    status = made.get("status")
    if type(status) is str and status in words:
        made["status"] = words[status]
    if type(made.get("note")) is str:
        made["note"] = [{"text": made["note"]}]
    more = _MORE.get(kind)
    return made if more is None else more(made)


def _held(made: Json) -> Json:
    """Contained Medications are as old as what holds them."""
    held = made.get("contained")
    if type(held) is list:
        made["contained"] = [renew(str(one.get("resourceType")), one) if type(one) is dict else one for one in held]
    return made


def _order(made: Json) -> Json:
    """DSTU2 knows orders alone, no plan and no proposal; one without a status may be in any."""
    made.setdefault("intent", "order")
    made.setdefault("status", "unknown")
    if made["status"] in ("active", "draft"):  # an end of one that goes on is no change of its state: it contradicts it
        made = _named(made, {"statusChanged": "dateEnded", "statusReason": "reasonEnded"})
    return _dosed(made, "dosageInstruction")


def _dosed(made: Json, where: str) -> Json:
    doses = made.get(where)
    if type(doses) is dict:
        doses = [doses]
    if type(doses) is list:
        made[where] = [_dosage(one) if type(one) is dict else one for one in doses]
    return _held(made)


def _dosage(dosage: Json) -> Json:
    return _named(dosage, {"quantityQuantity": "doseQuantity", "quantityRange": "doseRange"})


def _named(holder: Json, names: Mapping[str, str]) -> Json:
    return {names.get(key, key): value for key, value in holder.items()}


def _statement(made: Json) -> Json:
    if type(made.get("taken")) is bool:
        made["taken"] = "n" if made["taken"] else "y"
    return _dosed(made, "dosage")


def _dispense(made: Json) -> Json:
    if type(made.get("performer")) is dict:
        made["performer"] = [{"actor": made["performer"]}]
    return _dosed(made, "dosageInstruction")


def _administration(made: Json) -> Json:
    dosage = made.get("dosage")
    if type(dosage) is dict:
        made["dosage"] = _named(dosage, {"quantity": "dose"})
    return _held(made)


def _medication(made: Json) -> Json:
    """DSTU2 keeps form and ingredients in ``product``."""
    product = made.pop("product", None)
    if type(product) is not dict:
        return made
    if "form" in product:
        made.setdefault("form", product["form"])
    parts = product.get("ingredient")
    if type(parts) is list:
        names = {"item": "itemReference", "amount": "strength"}
        made.setdefault("ingredient", [_named(one, names) if type(one) is dict else one for one in parts])
    return made


def _allergy(made: Json) -> Json:
    """DSTU2 has one status for what became two."""
    status = made.get("clinicalStatus")
    if type(status) is str and status in _UNVERIFIED:
        made["verificationStatus"] = _UNVERIFIED[made.pop("clinicalStatus")]
    critical = made.get("criticality")
    if type(critical) is str:
        made["criticality"] = _CRITICALITY.get(critical, critical)
    return made


def _encounter(made: Json) -> Json:
    if type(made.get("class")) is str:
        made["class"] = {"code": made["class"]}
    return made


def _device(made: Json) -> Json:
    """One carrier: a string in DSTU2, an object with the name of the device in STU3."""
    carrier = made.get("udiCarrier")
    if type(carrier) is str:
        made["udiCarrier"] = [{"carrierHRF": carrier}]
    elif type(carrier) is dict:
        made["udiCarrier"] = [carrier]
        if "name" in carrier:
            made.setdefault("deviceName", [{"name": carrier["name"]}])
    return made


def _goal(made: Json) -> Json:
    made["description"] = {"text": made["description"]}
    return made


def _issue(made: Json) -> Json:
    """Up to STU3 the code stood in ``category``; DSTU2 has no status."""
    made = _named(made, {"category": "code", "date": "identifiedDateTime"})
    made.setdefault("status", "final")
    return made


def _answers(made: Json) -> Json:
    made["item"] = _grouped(made.get("item"), 0)
    return made


def _grouped(groups: object, depth: int) -> list[Json]:
    """Groups and questions as items, groups inside answers too."""
    listed = groups if type(groups) is list else [groups]
    made = []
    for one in listed:
        if type(one) is dict and depth <= _DEEPEST_GROUP:
            inner = [each for key in ("group", "question") for each in _grouped(one.get(key), depth + 1)]
            kept = {key: value for key, value in one.items() if key not in ("group", "question")}
            if type(kept.get("answer")) is list:
                kept["answer"] = [_answer(each, depth + 1) for each in kept["answer"]]
            made.append({**kept, "item": inner} if inner else kept)
    return made


def _answer(answer: object, depth: int) -> object:
    if type(answer) is dict and "group" in answer:
        return {**answer, "item": _grouped(answer["group"], depth)}
    return answer


_ALSO: Mapping[str, Callable[[Json], bool]] = {
    "Encounter": lambda one: type(one.get("class")) is str,
    "Goal": lambda one: type(one.get("description")) is str,
    "DetectedIssue": lambda one: "code" not in one and type(one.get("category")) is dict,
}
"""Old by the form of an element alone."""

_MORE: Mapping[str, Callable[[Json], Json]] = {
    "MedicationOrder": _order,
    "MedicationRequest": _order,
    "MedicationStatement": _statement,
    "MedicationDispense": _dispense,
    "MedicationAdministration": _administration,
    "Medication": _medication,
    "AllergyIntolerance": _allergy,
    "Encounter": _encounter,
    "Device": _device,
    "Goal": _goal,
    "DetectedIssue": _issue,
    "QuestionnaireResponse": _answers,
}
"""What a new name alone does not do."""
