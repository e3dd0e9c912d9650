"""A case as the FHIR R4 Bundle a hospital would send, with real codes of the shipped tables."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from cases import Case

Entry = Mapping[str, Any]
Resource = dict[str, Any]
BOOK = tomllib.loads((Path(__file__).parent / "codes.toml").read_text())
SYSTEMS: Mapping[str, str] = BOOK["system"]
NAMES: Mapping[str, list[str]] = {**BOOK["condition"], **BOOK["procedure"]}
SHIFT = re.compile(r"^([+-]\d+)(d|h|min|w|y)$")
DAY = re.compile(r"^day([+-]\d+)$")
AMOUNT = re.compile(r"^([\d.]+)(?:-([\d.]+))?\s*(.*)$")
UNITS = {"mg": "mg", "mcg": "ug", "ug": "ug", "mL": "mL", "kg": "kg", "g": "g", "mmol": "mmol"}
HOURS = {"h": 1, "d": 24, "w": 168, "y": 8760}


class Builder:
    """Makes the resources of one case. ``patient`` is the reference every resource carries."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.patient = "Patient/p1"
        self.kinds = {entry["id"]: kind for kind, entry in case.entries}

    def time(self, said: str) -> str:
        """A FHIR dateTime or date of a time as a case writes it."""
        if said in ("now", ""):
            return self.case.as_of.isoformat()
        if found := SHIFT.match(said):
            n, unit = int(found[1]), found[2]
            step = timedelta(minutes=n) if unit == "min" else timedelta(hours=n * HOURS[unit])
            return (self.case.as_of + step).isoformat()
        if found := DAY.match(said):
            return (self.case.as_of.date() + timedelta(days=int(found[1]))).isoformat()
        return said

    def reference(self, name: str) -> dict[str, str]:
        """A reference to an entry of the case by its id, or the text itself when it is one already."""
        return {"reference": name if "/" in name else f"{TYPES[self.kinds[name]]}/{name}"}

    def period(self, entry: Entry) -> dict[str, str]:
        return {key: self.time(entry[key]) for key in ("start", "end") if key in entry}

    def bare(self, kind: str, entry: Entry) -> Resource:
        """What every resource has: type, id, last update."""
        made: Resource = {"resourceType": TYPES[kind], "id": entry["id"]}
        if "updated" in entry:
            made["meta"] = {"lastUpdated": self.time(entry["updated"])}
        return made

    def made(self, kind: str, entry: Entry) -> Resource:
        return MAKERS[kind](self, entry)


def concept(said: str, text: str | None = None) -> dict[str, Any]:
    """CodeableConcept of a name of codes.toml, "<system>:<code>", or plain text when it is neither."""
    code, display = NAMES.get(said, [said, ""])
    system, _, value = code.partition(":")
    if system not in SYSTEMS or not value:
        return {"text": text or said}
    coding = {"system": SYSTEMS[system], "code": value}
    if display:
        coding["display"] = display
    words = display if text is None else text
    return {"coding": [coding]} | ({"text": words} if words else {})


def quantity(said: str) -> dict[str, Any]:
    """Quantity of "10 mg", "1 tablet" or "10"."""
    found = AMOUNT.match(said)
    assert found, said
    value: dict[str, Any] = {"value": float(found[1])}
    unit = found[3].strip()
    if not unit:
        return value
    value["unit"] = unit
    first, slash, rest = unit.partition("/")
    if first in UNITS:
        per = {"day": "d", "d": "d", "h": "h", "hr": "h", "kg": "kg", "mL": "mL"}.get(rest, rest)
        value |= {"system": SYSTEMS["ucum"], "code": UNITS[first] + slash + per}
    return value


def dose_and_rate(entry: Entry) -> list[dict[str, Any]]:
    """doseAndRate of ``dose`` (a range, or two amounts joined by "/") and ``rate``."""
    made: list[dict[str, Any]] = []
    for part in str(entry["dose"]).split(" / ") if "dose" in entry else ():
        found = AMOUNT.match(part)
        assert found, part
        if found[2]:
            low, high = (quantity(f"{found[i]} {found[3]}") for i in (1, 2))
            made.append({"doseRange": {"low": low, "high": high}})
        else:
            made.append({"doseQuantity": quantity(part)})
    if "rate" in entry:
        made.append({"rateQuantity": quantity(entry["rate"])})
    return made


def repeat(b: Builder, entry: Entry) -> dict[str, Any]:
    """Timing.repeat of ``times``, ``every``, ``once``, ``days``, ``start`` and ``end``."""
    made: dict[str, Any] = {}
    if "every" in entry:
        found = re.match(r"([\d.]+)(\w+)", entry["every"])
        assert found, entry["every"]
        made |= {"frequency": 1, "period": float(found[1]), "periodUnit": found[2]}
    elif entry.get("once"):
        made |= {"count": 1}
    elif "times" in entry:
        made |= {"frequency": entry["times"], "period": 1, "periodUnit": "d"}
    if bounds := b.period(entry):
        made["boundsPeriod"] = bounds
    elif "days" in entry:
        made["boundsDuration"] = {"value": entry["days"], "unit": "d", "system": SYSTEMS["ucum"], "code": "d"}
    return made


def dosage(b: Builder, entry: Entry, step: Entry) -> dict[str, Any]:
    """One Dosage: ``step`` is the entry itself or one of its ``steps``."""
    both = {key: entry[key] for key in ("route", "needed", "max") if key in entry} | dict(step)
    made: dict[str, Any] = {}
    if "sig" in both:
        made["text"] = both["sig"]
    if "sequence" in both:
        made["sequence"] = both["sequence"]
    if timing := repeat(b, step):
        made["timing"] = {"repeat": timing}
    if "needed" in both:
        made["asNeededBoolean"] = both["needed"]
    route = both.get("route", product(entry)[2])
    if route:
        made["route"] = concept(BOOK["route"].get(route, route), route)
    if parts := dose_and_rate(step):
        made["doseAndRate"] = parts
    if "max" in both:
        day = {"value": 1, "unit": "day", "system": SYSTEMS["ucum"], "code": "d"}
        made["maxDosePerPeriod"] = {"numerator": quantity(both["max"]), "denominator": day}
    return made


def product(entry: Entry) -> tuple[str, str, str]:
    """(code, display, usual route) of the product an entry names; code "" for a name only."""
    said = entry.get("product", "")
    if said in BOOK["product"]:
        code, display, route = BOOK["product"][said]
        return code, display, route
    return (said, entry.get("name", ""), "oral") if said else ("", entry.get("name", ""), "oral")


def medication(entry: Entry) -> dict[str, Any]:
    """medicationCodeableConcept, or a contained Medication when a strength is written."""
    code, display, _ = product(entry)
    system, _, value = code.partition(":")
    named = {"coding": [{"system": SYSTEMS[system], "code": value, "display": display}]} if value else {}
    coded = named | {"text": entry.get("text", display)}
    if "strength" not in entry:
        return {"medicationCodeableConcept": coded}
    mass, _, volume = entry["strength"].partition(" / ")
    ratio = {"numerator": quantity(mass), "denominator": quantity(volume or "1 tablet")}
    item = {"itemCodeableConcept": concept("rxnorm:1292", "baclofen"), "strength": ratio}
    inside = {"resourceType": "Medication", "id": "med", "code": coded, "ingredient": [item]}
    return {"contained": [inside], "medicationReference": {"reference": "#med"}}


def dosages(b: Builder, entry: Entry) -> list[dict[str, Any]]:
    """Every Dosage of an order: its steps with sequence numbers, or one."""
    steps = entry.get("steps")
    if not steps:
        return [dosage(b, entry, {k: v for k, v in entry.items() if k != "start" or "end" in entry})]
    return [dosage(b, entry, {"sequence": n} | dict(step)) for n, step in enumerate(steps, 1)]


def make_order(b: Builder, entry: Entry) -> Resource:
    made = b.bare("order", entry) | {
        "status": entry.get("status", "active"),
        "intent": entry.get("intent", "order"),
        "subject": {"reference": b.patient},
        **medication(entry),
        "dosageInstruction": dosages(b, entry),
    }
    authored = entry.get("authored", entry.get("start", entry.get("steps", [{}])[0].get("start")))
    if authored:
        made["authoredOn"] = b.time(authored)
    requester = entry.get("requester", "dr-a")
    if requester:
        made["requester"] = {"reference": f"Practitioner/{requester}"}
    for key, name in (("replaces", "priorPrescription"), ("encounter", "encounter")):
        if key in entry:
            made[name] = b.reference(entry[key])
    if "based_on" in entry:
        made["basedOn"] = [b.reference(entry["based_on"])]
    if "prohibited" in entry:
        made["doNotPerform"] = entry["prohibited"]
    if "reported" in entry:
        made["reportedBoolean"] = entry["reported"]
    return made | order_words(entry) | dispensing(b, entry)


def order_words(entry: Entry) -> Resource:
    """Categories, reasons, notes and identifiers of an order."""
    made: Resource = {}
    categories = []
    if "setting" in entry:
        categories.append({"coding": [{"system": SYSTEMS["request"], "code": entry["setting"]}]})
    if "category" in entry:
        categories.append(concept(entry["category"]))
    if categories:
        made["category"] = categories
    if "reason" in entry or "reason_code" in entry:
        made["reasonCode"] = [concept(entry.get("reason_code", ""), entry.get("reason"))]
    if "status_reason" in entry:
        made["statusReason"] = {"text": entry["status_reason"]}
    if "note" in entry:
        made["note"] = [{"text": entry["note"]}]
    if "group" in entry:
        made["groupIdentifier"] = {"system": "https://ehr.example/group", "value": entry["group"]}
    if "identifier" in entry:
        made["identifier"] = [{"system": "https://ehr.example/order", "value": entry["identifier"]}]
    return made


def dispensing(b: Builder, entry: Entry) -> Resource:
    """dispenseRequest of an order, when one of its keys is there."""
    made: Resource = {}
    if "refills" in entry:
        made["numberOfRepeatsAllowed"] = entry["refills"]
    if "supply_days" in entry:
        days = {"value": entry["supply_days"], "unit": "days", "system": SYSTEMS["ucum"], "code": "d"}
        made["expectedSupplyDuration"] = days
    valid = {k: b.time(entry[f"valid_{w}"]) for k, w in (("start", "from"), ("end", "until")) if f"valid_{w}" in entry}
    if valid:
        made["validityPeriod"] = valid
    return {"dispenseRequest": made} if made else {}


def make_statement(b: Builder, entry: Entry) -> Resource:
    made = b.bare("statement", entry) | {
        "status": entry.get("status", "active"),
        "subject": {"reference": b.patient},
        **medication(entry),
    }
    if period := b.period(entry):
        made["effectivePeriod"] = period
    if "asserted" in entry:
        made["dateAsserted"] = b.time(entry["asserted"])
    if "dose" in entry or "sig" in entry:
        step = {k: v for k, v in entry.items() if k not in ("start", "end")}
        made["dosage"] = [dosage(b, entry, step)]
    return made


def make_supply(b: Builder, entry: Entry) -> Resource:
    made = b.bare("supply", entry) | {
        "status": entry.get("status", "completed"),
        "subject": {"reference": b.patient},
        **medication(entry),
    }
    if "at" in entry:
        made["whenHandedOver"] = b.time(entry["at"])
    if "order" in entry:
        made["authorizingPrescription"] = [b.reference(entry["order"])]
    if "days" in entry:
        made["daysSupply"] = {"value": entry["days"], "unit": "days", "system": SYSTEMS["ucum"], "code": "d"}
    if "quantity" in entry:
        made["quantity"] = quantity(str(entry["quantity"]))
    if "dose" in entry:
        step = {k: v for k, v in entry.items() if k in ("dose", "times", "every")}
        made["dosageInstruction"] = [dosage(b, entry, step)]
    return made


def make_given(b: Builder, entry: Entry) -> Resource:
    made = b.bare("given", entry) | {
        "status": entry.get("status", "completed"),
        "subject": {"reference": b.patient},
        **medication(entry),
        "effectiveDateTime": b.time(entry["at"]),
    }
    if "order" in entry:
        made["request"] = b.reference(entry["order"])
    if "dose" in entry:
        route = entry.get("route", product(entry)[2])
        made["dosage"] = {"dose": quantity(entry["dose"])}
        if route:
            made["dosage"]["route"] = concept(BOOK["route"].get(route, route), route)
    return made


def lab_code(said: str) -> tuple[dict[str, Any], str]:
    """(code, usual unit) of an observation by its name in codes.toml or "<system>:<code>"."""
    if said in BOOK["lab"]:
        code, unit = BOOK["lab"][said]
        return {"coding": [{"system": SYSTEMS["loinc"], "code": code}], "text": said}, unit
    return concept(said), ""


def lab_value(b: Builder, entry: Entry, usual: str) -> Resource:
    """The value[x] of an Observation or component; none when the entry holds none."""
    unit = entry.get("unit", usual)
    known = {"unit": unit, "system": SYSTEMS["ucum"], "code": unit} if unit else {}
    for key, mark in (("value", None), ("low", ">"), ("high", "<")):
        if key in entry:
            said = {"value": float(entry[key]), **known}
            return {"valueQuantity": said | ({"comparator": mark} if mark else {})}
    if "string" in entry:
        return {"valueString": entry["string"]}
    if "code" in entry:
        return {"valueCodeableConcept": concept(entry["code"])}
    if "flag" in entry:
        return {"valueBoolean": entry["flag"]}
    return {"valueDateTime": b.time(entry["when"])} if "when" in entry else {}


def make_lab(b: Builder, entry: Entry) -> Resource:
    code, usual = lab_code(entry["what"])
    if "text" in entry:
        code["text"] = entry["text"]
    made = b.bare("lab", entry) | {
        "status": entry.get("status", "final"),
        "code": code,
        "subject": {"reference": b.patient},
        **lab_value(b, entry, usual),
    }
    if "at" in entry:
        made["effectiveDateTime"] = b.time(entry["at"])
    if "issued" in entry:
        made["issued"] = b.time(entry["issued"])
    if "device" in entry:
        made["device"] = b.reference(entry["device"])
    if parts := entry.get("parts"):
        coded = [(part, *lab_code(part["what"])) for part in parts]
        made["component"] = [{"code": code, **lab_value(b, part, unit)} for part, code, unit in coded]
    return made


def make_condition(b: Builder, entry: Entry) -> Resource:
    made = b.bare("condition", entry) | {"subject": {"reference": b.patient}}
    made["code"] = concept(entry["what"], entry.get("text"))
    at = "http://terminology.hl7.org/CodeSystem/condition-"
    if status := entry.get("status", "active"):
        made["clinicalStatus"] = {"coding": [{"system": at + "clinical", "code": status}]}
    if sure := entry.get("sure", "confirmed"):
        made["verificationStatus"] = {"coding": [{"system": at + "ver-status", "code": sure}]}
    for key, name in (
        ("onset", "onsetDateTime"),
        ("abated", "abatementDateTime"),
        ("recorded", "recordedDate"),
    ):
        if key in entry:
            made[name] = b.time(entry[key])
    return made


def make_procedure(b: Builder, entry: Entry) -> Resource:
    made = b.bare("procedure", entry) | {
        "status": entry.get("status", "completed"),
        "code": concept(entry["what"], entry.get("text")),
        "subject": {"reference": b.patient},
    }
    if "end" in entry:
        made["performedPeriod"] = {"start": b.time(entry["at"]), "end": b.time(entry["end"])}
    elif "at" in entry:
        made["performedDateTime"] = b.time(entry["at"])
    if "device" in entry:
        made["focalDevice"] = [{"manipulated": b.reference(entry["device"])}]
    return made


def make_service(b: Builder, entry: Entry) -> Resource:
    made = b.bare("service", entry) | {
        "status": entry.get("status", "active"),
        "intent": entry.get("intent", "order"),
        "code": concept(entry["what"], entry.get("text")),
        "subject": {"reference": b.patient},
    }
    if "at" in entry:
        made["occurrenceDateTime"] = b.time(entry["at"])
    if "note" in entry:
        made["note"] = [{"text": entry["note"]}]
    return made


def make_appointment(b: Builder, entry: Entry) -> Resource:
    made = b.bare("appointment", entry) | {
        "status": entry.get("status", "booked"),
        "serviceType": [concept(entry["what"], entry.get("text"))],
        "participant": [{"actor": {"reference": b.patient}, "status": "accepted"}],
    }
    for key, name in (("at", "start"), ("end", "end")):
        if key in entry:
            made[name] = b.time(entry[key])
    if "at" in entry and "end" not in entry:
        made["end"] = made["start"]
    return made


def make_encounter(b: Builder, entry: Entry) -> Resource:
    made = b.bare("encounter", entry) | {
        "status": entry.get("status", "finished" if "end" in entry else "in-progress"),
        "class": {"system": SYSTEMS["encounter"], "code": entry.get("class", "IMP")},
        "subject": {"reference": b.patient},
        "period": b.period(entry),
    }
    if "reason" in entry:
        made["reasonCode"] = [concept(entry["reason"])]
    if "type" in entry:
        made["type"] = [concept(entry["type"])]
    if "by" in entry:
        made["participant"] = [{"individual": {"reference": f"Practitioner/{entry['by']}"}}]
    return made


def make_nutrition(b: Builder, entry: Entry) -> Resource:
    diet: dict[str, Any] = {"type": [concept(entry.get("what", "fact:npo"), entry.get("text"))]}
    if period := b.period(entry):
        diet["schedule"] = [{"repeat": {"boundsPeriod": period}}]
    return b.bare("nutrition", entry) | {
        "status": entry.get("status", "active"),
        "intent": "order",
        "patient": {"reference": b.patient},
        "dateTime": b.time(entry.get("at", "-1h")),
        "oralDiet": diet,
    }


def make_careplan(b: Builder, entry: Entry) -> Resource:
    return b.bare("careplan", entry) | {
        "status": entry.get("status", "active"),
        "intent": "plan",
        "subject": {"reference": b.patient},
        "created": b.time(entry.get("at", "-1d")),
        "category": [concept(entry["what"], entry.get("text"))],
    }


def make_communication(b: Builder, entry: Entry) -> Resource:
    return b.bare("communication", entry) | {
        "status": entry.get("status", "completed"),
        "subject": {"reference": b.patient},
        "recipient": [{"reference": b.patient}],
        "sent": b.time(entry["at"]),
        "topic": concept(entry["what"], entry.get("text")),
    }


def make_document(b: Builder, entry: Entry) -> Resource:
    return b.bare("document", entry) | {
        "status": entry.get("status", "current"),
        "subject": {"reference": b.patient},
        "date": b.time(entry["at"]),
        "type": concept(entry["what"], entry.get("text")),
        "content": [{"attachment": {"title": "Document"}}],
    }


def make_flag(b: Builder, entry: Entry) -> Resource:
    made = b.bare("flag", entry) | {
        "status": entry.get("status", "active"),
        "code": concept(entry["what"], entry.get("text")),
        "subject": {"reference": b.patient},
    }
    return made | ({"period": period} if (period := b.period(entry)) else {})


def make_device(b: Builder, entry: Entry) -> Resource:
    made = b.bare("device", entry) | {
        "status": entry.get("status", "active"),
        "type": concept(entry["what"], entry.get("text")),
        "patient": {"reference": b.patient},
    }
    if "model" in entry:
        made["deviceName"] = [{"name": entry["model"], "type": "model-name"}]
    return made


def make_allergy(b: Builder, entry: Entry) -> Resource:
    at = "http://terminology.hl7.org/CodeSystem/allergyintolerance-"
    made = b.bare("allergy", entry) | {
        "clinicalStatus": {"coding": [{"system": at + "clinical", "code": entry.get("status", "active")}]},
        "verificationStatus": {"coding": [{"system": at + "verification", "code": entry.get("sure", "confirmed")}]},
        "code": concept(entry["what"], entry.get("text")),
        "patient": {"reference": b.patient},
    }
    made |= {key: entry[key] for key in ("type", "criticality") if key in entry}
    if "reaction" in entry:
        made["reaction"] = [{"manifestation": [concept(one) for one in entry["reaction"].split("; ")]}]
    for key, name in (("onset", "onsetDateTime"), ("recorded", "recordedDate")):
        if key in entry:
            made[name] = b.time(entry[key])
    return made


def make_list(b: Builder, entry: Entry) -> Resource:
    kept = [{"item": b.reference(item)} for item in entry.get("items", ())]
    gone = [{"deleted": True, "item": b.reference(item)} for item in entry.get("removed", ())]
    discharge = entry.get("kind", "discharge") == "discharge"
    code = {"coding": [{"system": SYSTEMS["loinc"], "code": "10183-2" if discharge else "10160-0"}]}
    text = "Hospital discharge medications" if discharge else "Home medication list"
    return b.bare("list", entry) | {
        "status": "current",
        "mode": "changes" if gone else "working",
        "code": code | {"text": text},
        "subject": {"reference": b.patient},
        "date": b.time(entry.get("at", "-1h")),
        "entry": kept + gone,
    }


def make_issue(b: Builder, entry: Entry) -> Resource:
    acted: dict[str, Any] = {
        "action": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": entry.get("mitigation", "12"),
                }
            ]
        },
        "date": b.time(entry["at"]),
        "author": {"reference": f"Practitioner/{entry.get('by', 'dr-a')}"},
    }
    return (
        b.bare("issue", entry)
        | {
            "status": "final",
            "code": {"coding": [{"system": SYSTEMS["issue"], "code": entry["rule"]}]},
            "patient": {"reference": b.patient},
            "identifiedDateTime": b.time(entry["at"]),
            "implicated": [b.reference(name) for name in entry.get("implicated", ())],
        }
        | ({"mitigation": [acted]} if entry.get("mitigation", "12") else {})
    )


def make_task(b: Builder, entry: Entry) -> Resource:
    what = entry["what"]
    made = b.bare("task", entry) | {
        "status": "requested" if what == "resume" else "completed",
        "intent": "order",
        "for": {"reference": b.patient},
        "focus": b.reference(entry["order"]),
        "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": what}]},
    }
    when = {"start": b.time(entry["at"])}
    return made | ({"restriction": {"period": when}} if what == "resume" else {"executionPeriod": when})


def make_person(b: Builder, entry: Entry) -> Resource:
    role = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode",
        "code": entry.get("relationship", "MTH"),
    }
    phone = entry.get("phone", "+1 555 0100")
    return (
        b.bare("person", entry)
        | {
            "active": True,
            "patient": {"reference": b.patient},
            "relationship": [{"coding": [role]}],
        }
        | ({"telecom": [{"system": "phone", "value": phone}]} if phone else {})
        | ({"birthDate": b.time(entry["birth"])} if "birth" in entry else {})
    )


def make_raw(b: Builder, entry: Entry) -> Resource:
    text = re.sub(r"@([+-]\d+(?:d|h|min|w|y)|day[+-]\d+|now)", lambda m: b.time(m[1]), entry["json"])
    return {"id": entry["id"]} | json.loads(text.replace("{patient}", b.patient))


MAKERS: Mapping[str, Callable[[Builder, Entry], Resource]] = {
    "order": make_order,
    "statement": make_statement,
    "supply": make_supply,
    "given": make_given,
    "lab": make_lab,
    "condition": make_condition,
    "procedure": make_procedure,
    "service": make_service,
    "appointment": make_appointment,
    "encounter": make_encounter,
    "nutrition": make_nutrition,
    "careplan": make_careplan,
    "communication": make_communication,
    "document": make_document,
    "flag": make_flag,
    "device": make_device,
    "allergy": make_allergy,
    "list": make_list,
    "issue": make_issue,
    "task": make_task,
    "person": make_person,
    "raw": make_raw,
}
TYPES: Mapping[str, str] = {
    "order": "MedicationRequest",
    "statement": "MedicationStatement",
    "supply": "MedicationDispense",
    "given": "MedicationAdministration",
    "lab": "Observation",
    "condition": "Condition",
    "procedure": "Procedure",
    "service": "ServiceRequest",
    "appointment": "Appointment",
    "encounter": "Encounter",
    "nutrition": "NutritionOrder",
    "careplan": "CarePlan",
    "communication": "Communication",
    "document": "DocumentReference",
    "flag": "Flag",
    "device": "Device",
    "allergy": "AllergyIntolerance",
    "list": "List",
    "issue": "DetectedIssue",
    "task": "Task",
    "person": "RelatedPerson",
    "raw": "Basic",
}


def birth_date(case: Case) -> str | None:
    """``birth`` as written, else a day that makes the ``age`` (years, or "<n>d"); None for neither or -1."""
    person = case.patient
    if "birth" in person:
        return str(person["birth"])
    age = person.get("age")
    if age is None or age == -1:
        return None
    if isinstance(age, str):
        return (case.as_of.date() - timedelta(days=int(age.removesuffix("d")))).isoformat()
    return f"{case.as_of.year - int(age)}-03-01"


def make_patient(b: Builder) -> Resource:
    person = b.case.patient
    made: Resource = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Example"}]}
    if "sex" in person:
        made["gender"] = person["sex"]
    if birth := birth_date(b.case):
        made["birthDate"] = birth
    if "deceased" in person:
        made["deceasedBoolean"] = person["deceased"]
    if "language" in person:
        spoken = {"coding": [{"system": "urn:ietf:bcp:47", "code": person["language"]}]}
        made["communication"] = [{"language": spoken, "preferred": True}]
    return made


def body_size(b: Builder) -> list[Resource]:
    """Weight and height as Observations ten days old; ``weighed`` and ``measured`` give another time."""
    person = b.case.patient
    sizes = (("weight", "body-weight", "weighed"), ("height", "body-height", "measured"))
    return [
        make_lab(b, {"id": key, "what": what, "value": person[key], "at": person.get(at, "-10d")})
        for key, what, at in sizes
        if person.get(key) is not None and person[key] > 0
    ]


def empty_search(kind: str) -> Resource:
    """The answer of a server that was asked for a type and holds none."""
    link = [{"relation": "self", "url": f"https://ehr.example/fhir/{kind}?patient=p1"}]
    return {"resourceType": "Bundle", "id": f"no-{kind}", "type": "searchset", "total": 0, "link": link}


def make_bundle(case: Case) -> Resource:
    """The whole case as a collection Bundle."""
    b = Builder(case)
    resources = [make_patient(b), *body_size(b), *(b.made(kind, entry) for kind, entry in case.entries)]
    if case.patient.get("none"):
        resources = resources[1:]
    resources += [empty_search(kind) for kind in case.answered]
    entries = [{"fullUrl": f"https://ehr.example/fhir/{r['resourceType']}/{r['id']}", "resource": r} for r in resources]
    bundle: Resource = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    if case.complete:
        bundle["meta"] = {"tag": [{"system": SYSTEMS["fact"], "code": "complete-record"}]}
    return bundle
