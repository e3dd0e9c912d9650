"""What a caller fetches for a data requirement: resources with a normal value, made from the requirement alone.

Codes come out of the filter or the published ValueSet it names. Dates are the earliest the filter lets through, and
long ago where there is none: what must be newer has to say so. Where a requirement names elements that must be filled
(``mustSupport``) and the Bundle holds such a resource, that resource is sent again with them.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from baclofen_safety.profiles import locate_profiles
from builders import SYSTEMS, Builder, Resource
from cases import make_case

Requirement = Mapping[str, Any]
LONG_AGO = timedelta(days=2 * 365)
MAKERS = {
    "MedicationRequest": "order",
    "MedicationStatement": "statement",
    "MedicationDispense": "supply",
    "MedicationAdministration": "given",
    "Observation": "lab",
    "Condition": "condition",
    "Procedure": "procedure",
    "ServiceRequest": "service",
    "Appointment": "appointment",
    "Encounter": "encounter",
    "NutritionOrder": "nutrition",
    "Device": "device",
    "AllergyIntolerance": "allergy",
    "List": "list",
    "DocumentReference": "document",
    "RelatedPerson": "person",
    "Communication": "communication",
    "Flag": "flag",
}
NORMAL: Mapping[str, Mapping[str, Any]] = {
    "lab-creatinine": {"value": 0.9, "unit": "mg/dL"},
    "lab-blood-pressure-panel": {"parts": [{"what": "systolic-bp", "value": 120, "unit": "mm[Hg]"}]},
    "lab-systolic-bp": {"value": 120, "unit": "mm[Hg]"},
    "lab-body-weight": {"value": 70, "unit": "kg"},
    "lab-body-height": {"value": 170, "unit": "cm"},
    "lab-bmi": {"value": 24, "unit": "kg/m2"},
    "lab-respiratory-rate": {"value": 16, "unit": "/min"},
    "lab-spo2": {"value": 97, "unit": "%"},
    "lab-body-temperature": {"value": 36.8, "unit": "Cel"},
    "lab-glasgow-coma-score": {"value": 15, "unit": "{score}"},
    "lab-pregnancy-status": {"code": "loinc:LA26683-5"},
    "lab-breastfeeding-status": {"string": "No"},
    "lab-alcohol-intake": {"value": 0, "unit": "g/d"},
    "lab-crcl-cockcroft-gault": {"value": 90, "unit": "mL/min"},
    "fact-programmed-rate": {"value": 0.6, "unit": "mL/d"},
    "fact-drug-concentration": {"value": 500, "unit": "ug/mL"},
    "fact-programmed-daily-dose": {"value": 300, "unit": "ug/d"},
    "fact-refill-by": {"when": "day+40"},
    "fact-low-reservoir-alarm-date": {"when": "day+40"},
    "fact-fill-volume": {"value": 20, "unit": "mL"},
    "fact-reservoir-volume": {"value": 30, "unit": "mL"},
    "fact-screening-result": {"flag": True},
    "fact-screening-effective-dose": {"value": 100, "unit": "ug"},
    "fact-pump-implanted": {"when": "-2y"},
    "fact-maternal-exposure": {"code": "rxnorm:1292"},
}
"""By ValueSet a value of an Observation that raises no question; others are a plain no, an eGFR is 90."""
DATES = {
    **dict.fromkeys(("Observation", "List", "Procedure", "Encounter", "DocumentReference"), "date"),
    "Condition": "onset-date",
    "MedicationRequest": "authoredon",
    "MedicationDispense": "whenhandedover",
    "MedicationStatement": "effective",
    "MedicationAdministration": "effective-time",
}
"""By type the search parameter of its date."""
TYPICAL = {"cond-falls": "Fall (event)"}
"""Displays to choose by where the first code of a ValueSet says less than the others."""
STATUS = {"MedicationRequest": "active", "MedicationStatement": "active", "Observation": "final"}
FILLED: Mapping[str, Any] = {
    "birthDate": "1970-03-01",
    "gender": "male",
    "clinicalStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"}]
    },
    "verificationStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "confirmed"}]
    },
    "deviceName": [{"name": "SynchroMed II", "type": "model-name"}],
}
"""By element what stands in it."""
UCUM = SYSTEMS["ucum"]


def fetched(requirement: Requirement, bundle: Resource, as_of: datetime) -> Iterator[Resource]:
    """The resources that answer a requirement: those of the Bundle with what they lacked, or one more."""
    must = requirement.get("mustSupport", ())
    held = [one for one in resources(bundle) if one["resourceType"] == requirement["type"]]
    fitting = [one for one in held if not requirement.get("codeFilter") or _has_code(one, requirement)]
    for one in fitting if must and fitting else [_new(requirement, as_of)]:
        filled = _filled(one, must, requirement, as_of)
        if "encounter" in must:
            stays = [each for each in resources(bundle) if each["resourceType"] == "Encounter"]
            (stay,) = (each["id"] for each in stays if each["status"] == "in-progress")
            filled["encounter"] = {"reference": f"Encounter/{stay}"}
        yield filled


def empty_search(requirement: Requirement) -> Resource:
    """The answer of a server that was asked for just this, and found nothing."""
    kind = requirement["type"]
    asked = [f"{kind}?patient=p1"]
    for one in requirement.get("codeFilter", ()):
        parameter = "type" if one["path"] == "type" else "code"
        asked.append(f"{parameter}:in={quote(one['valueSet'], safe='')}")
    asked += [f"{DATES[kind]}=ge{one['valuePeriod']['start']}" for one in requirement.get("dateFilter", ())]
    link = [{"relation": "self", "url": "https://ehr.example/fhir/" + "&".join(asked)}]
    return {"resourceType": "Bundle", "type": "searchset", "total": 0, "link": link}


def with_answers(bundle: Resource, found: list[Resource]) -> Resource:
    """The Bundle with what was fetched: a resource of the same id takes the place of the one before."""
    named = {(one["resourceType"], one["id"]) for one in found if "id" in one}
    kept = [
        entry
        for entry in bundle["entry"]
        if (entry["resource"]["resourceType"], entry["resource"].get("id")) not in named
    ]
    return {**bundle, "entry": [*kept, *({"resource": one} for one in found)]}


def resources(bundle: Resource) -> list[Resource]:
    return [entry["resource"] for entry in bundle["entry"]]


def coding(requirement: Requirement) -> dict[str, str] | None:
    """A code the filter lets through."""
    for one in requirement.get("codeFilter", ()):
        return dict(one["code"][0]) if "code" in one else _of_value_set(one["valueSet"])
    return None


def concept_of(requirement: Requirement) -> str:
    return next((one["valueSet"].rsplit("/", 1)[1] for one in requirement.get("codeFilter", ())), "")


def _of_value_set(canonical: str) -> dict[str, str]:
    includes = _includes(canonical)
    for include in includes:
        typical = TYPICAL.get(canonical.rsplit("/", 1)[1])
        for concept in include.get("concept", ()):
            if typical in (None, concept.get("display")):
                return {"system": include["system"], **concept}
    first = includes[0]
    pattern = first["filter"][0]["value"].split("|")[0]
    return {"system": first["system"], "code": re.sub(r"\\\.\?", ".", pattern).removesuffix(".*").removesuffix(".")}


def _has_code(resource: Resource, requirement: Requirement) -> bool:
    """ValueSets of medicines hold ingredients; of a product its name is looked at."""
    (one,) = requirement["codeFilter"]
    if one["path"] == "medication":
        return "baclofen" in json.dumps(resource).lower()
    held = resource.get(one["path"], {}).get("coding", ())
    return any(_is_in(coding, include) for coding in held for include in _includes(one["valueSet"]))


def _is_in(coding: Mapping[str, str], include: Mapping[str, Any]) -> bool:
    listed = {concept["code"] for concept in include.get("concept", ())}
    patterns = [one["value"] for one in include.get("filter", ())]
    code = coding.get("code", "")
    fits = code in listed or any(re.fullmatch(pattern, code) for pattern in patterns)
    return coding.get("system") == include["system"] and fits


def _includes(canonical: str) -> list[dict[str, Any]]:
    path = locate_profiles() / f"ValueSet-{canonical.rsplit('/', 1)[1]}.json"
    includes: list[dict[str, Any]] = json.loads(path.read_text())["compose"]["include"]
    return includes


def _at(requirement: Requirement, as_of: datetime) -> str:
    for one in requirement.get("dateFilter", ()):
        return str(one["valuePeriod"]["start"])
    return (as_of - LONG_AGO).isoformat()


def _new(requirement: Requirement, as_of: datetime) -> Resource:
    kind, code, at = requirement["type"], coding(requirement), _at(requirement, as_of)
    builder = Builder(make_case({"name": "fetched", "base": "", "as_of": as_of.isoformat()}))
    if kind == "Patient":
        return {"resourceType": "Patient", "id": "p1"}
    entry: dict[str, Any] = {
        "id": f"fetched-{kind}-{concept_of(requirement)}"[:64].rstrip("-"),
        "what": "fetched",
        "at": at,
    }
    if kind.startswith("Medication"):
        entry |= {
            "product": "baclofen-tablet-10" if code else "lisinopril-10",
            "start": at,
            "dose": "10 mg",
            "times": 3,
        }
        entry |= {"days": 30} if kind == "MedicationDispense" else {}
    elif kind == "Observation":
        concept = concept_of(requirement)
        egfr = {"value": 90, "unit": "mL/min/{1.73_m2}"} if concept.startswith("lab-egfr") else {"flag": False}
        entry |= NORMAL.get(concept, egfr)
    elif kind == "Encounter":
        entry |= {"class": "AMB", "start": at, "end": at}
    elif kind == "Condition":
        entry |= {"onset": at}
    elif kind == "RelatedPerson":
        entry |= {"relationship": "MTH"}
    made = builder.made(MAKERS[kind], entry)
    path = next((one["path"] for one in requirement.get("codeFilter", ())), "code")
    if path == "medication":
        return made
    if code is not None:
        made[path] = {"coding": [code]}
    return made


def _filled(resource: Resource, must: Any, requirement: Requirement, as_of: datetime) -> Resource:
    made = copy.deepcopy(resource)
    at = _at(requirement, as_of)
    for path in must:
        _fill(made, path, at, requirement, as_of)
    return made


def _fill(made: Resource, path: str, at: str, requirement: Requirement, as_of: datetime) -> None:
    kind, (first, _, rest) = made["resourceType"], path.partition(".")
    if first in ("dosageInstruction", "dosage") and rest:
        for one in made.setdefault(first, [{}]):
            one.pop("text", None)
            _fill_dosage(one, rest, as_of, over=made["status"] in ("stopped", "completed"), spine=_is_injection(made))
    elif path == "dispenseRequest.numberOfRepeatsAllowed":
        made.setdefault("dispenseRequest", {})["numberOfRepeatsAllowed"] = 5
    elif path in ("authoredOn", "whenHandedOver"):
        made.setdefault(path, at)
    elif path == "daysSupply":
        made["daysSupply"] = {"value": 30, "unit": "days", "system": UCUM, "code": "d"}
    elif path == "effective":
        if not any(key.startswith(path) for key in made):
            made["effectiveDateTime"] = at
    elif path == "value":
        for key in [one for one in made if one.startswith(path)]:
            del made[key]
        made |= {key: value for key, value in _new(requirement, as_of).items() if key.startswith(path)}
    elif path == "status":
        made["status"] = STATUS.get(kind, "completed")
    elif path != "encounter":
        made[path] = FILLED[path]


def _is_injection(made: Resource) -> bool:
    named = {key: made[key] for key in ("medicationCodeableConcept", "contained") if key in made}
    return "injection" in json.dumps(named).lower()


def _fill_dosage(dosage: Resource, path: str, as_of: datetime, *, over: bool, spine: bool) -> None:
    """10 mg three times a day by mouth, or 300 mcg a day into the spine."""
    repeat = dosage.get("timing", {}).get("repeat", {})
    bounds = {key: value for key, value in repeat.items() if key.startswith("bounds")}
    if path == "doseAndRate.dose":
        amount = {"value": 300 if spine else 10, "unit": "ug/d" if spine else "mg", "system": UCUM}
        amount["code"] = amount["unit"]
        dosage["doseAndRate"] = [{"rateQuantity" if spine else "doseQuantity": amount}]
    elif path == "timing" and not spine:
        dosage["timing"] = {"repeat": {**bounds, "frequency": 3, "period": 1, "periodUnit": "d"}}
    elif path == "route":
        dosage["route"] = {"coding": [{"system": SYSTEMS["sct"], "code": "72607000" if spine else "26643006"}]}
    elif path == "timing.repeat.bounds":
        end = as_of - timedelta(days=2) if over else as_of + timedelta(days=100)
        period = {"start": (as_of - timedelta(days=300)).isoformat(), "end": end.isoformat()}
        dosage["timing"] = {"repeat": {**repeat, "boundsPeriod": period}}


def merged(found: Iterable[Resource]) -> list[Resource]:
    """Each resource once, with all that different requirements filled in."""
    by_name: dict[tuple[str, str], Resource] = {}
    for one in found:
        name = (one["resourceType"], one["id"])
        by_name[name] = {**by_name.get(name, {}), **one}
    return list(by_name.values())
