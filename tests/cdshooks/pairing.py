"""Whole calls of every hook, made from cases, in the shapes of the specification, of Epic and of the public sandbox.

``pairs.toml`` says what is called; here is how each client writes it down.
"""

from __future__ import annotations

import copy
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from baclofen_safety.cdshooks.services import Service, load_services
from baclofen_safety.fhir.searches import OPTIONAL
from builders import make_bundle
from cases import Case, make_case

Json = dict[str, Any]
Shape = Literal["spec", "epic", "sandbox"]
HERE = Path(__file__).parent
SERVICES: Mapping[str, Service] = {one.hook: one for one in load_services().values()}
EHR = "https://ehr.example/fhir"
EPIC = "https://ehr.hospital.example/api/FHIR/R4"
SANDBOX = "http://127.0.0.1:8099/fhir"
OURS = ("hook", "kind", "moment", "kept", "lost", "shapes", "stay", "change", "half_built")
TRIGGER = {"patient-view": "60", "order-select": "18", "order-sign": "23"} | {
    "encounter-start": "26",
    "encounter-discharge": "27",
}
"""Epic's number of what happened; admission and discharge come as patient-view."""
PRODUCTS = {
    "197391": "BACLOFEN 10 MG PO TABS",
    "1049621": "OXYCODONE HCL 5 MG PO TABS",
    "314076": "LISINOPRIL 10 MG PO TABS",
}
"""How Epic names the products of the calls."""
PUMP_READINGS = frozenset(re.findall(r"[a-z-]+", OPTIONAL["pumpReadings"].partition("&code=")[2].partition("&")[0]))
DOSE_TYPES = "http://epic.com/CodeSystem/dose-rate-type"
STRENGTH = re.compile(r"([\d.]+) MG", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """One call: a case, what of it the context brings, and what could not be had."""

    hook: str
    kind: str
    case: Case
    moment: tuple[str, ...]
    kept: bool
    lost: tuple[str, ...]
    shape: Shape
    stay: str | None
    change: Mapping[str, Any]
    half_built: bool

    @property
    def name(self) -> str:
        return f"{self.hook}-{self.shape}-{self.kind}"

    @property
    def service(self) -> Service:
        return SERVICES["patient-view" if self.shape == "epic" and self.hook.startswith("encounter") else self.hook]

    def resources(self) -> list[Json]:
        """The record as servers hold it; what no client can be asked for is left out."""
        return [entry["resource"] for entry in make_bundle(self.case)["entry"]]


def every_pair() -> Iterator[Pair]:
    for row in tomllib.loads((HERE / "pairs.toml").read_text("utf-8"))["pair"]:
        case = make_case({key: value for key, value in row.items() if key not in OURS} | {"name": row["kind"]})
        for shape in row.get("shapes", ["spec"]):
            yield Pair(
                hook=row["hook"],
                kind=row["kind"],
                case=case,
                moment=tuple(row.get("moment", ())),
                kept=row.get("kept", False),
                lost=tuple(row.get("lost", ())),
                shape=shape,
                stay=row.get("stay"),
                change=row.get("change", {}),
                half_built=row.get("half_built", False),
            )


def request_of(pair: Pair) -> Json:
    """The whole body of the call, as its client writes it."""
    held = pair.resources()
    named = [one for name in pair.moment for one in held if one["id"] == name]
    record = held if pair.kept else [one for one in held if one not in named]
    body = SHAPES[pair.shape](pair, [_as_it_becomes(one, pair) for one in named], record)
    instance = str(uuid5(NAMESPACE_URL, f"{EHR}/{pair.name}"))
    return {"hook": pair.service.hook, "hookInstance": instance} | body


def _as_it_becomes(one: Json, pair: Pair) -> Json:
    """What the moment makes of an entry."""
    gone = ("medicationCodeableConcept", "dosageInstruction", "intent") if pair.half_built else ()
    return {key: value for key, value in one.items() if key not in gone} | pair.change


def of_key(key: str, record: list[Json], service: Service) -> list[Json]:
    """What a search of the key finds. Vital signs are those of the body and the blood pressure."""
    kind = service.prefetch[key].partition("?")[0]
    found = [one for one in record if one["resourceType"] == kind]
    if kind != "Observation":
        return found
    vital = {"weight", "height", "bp"}
    return [one for one in found if key == ("vitalSigns" if one["id"] in vital else _key_of(one))]


def _key_of(reading: Json) -> str:
    code = reading.get("code")
    codings = code.get("coding") or () if isinstance(code, dict) else ()
    codes = {coding.get("code") for coding in codings if isinstance(coding, dict)}
    return "laboratory" if codes.isdisjoint(PUMP_READINGS) else "pumpReadings"


def searchset(base: str, query: str, found: list[Json]) -> Json:
    entries = [
        {"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in found
    ]
    link = [{"relation": "self", "url": f"{base}/{query}"}]
    made: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link}
    return made | ({"entry": entries} if entries else {})


def query_of(service: Service, key: str, patient: str) -> str:
    return service.prefetch[key].replace("{{context.patientId}}", patient)


def bundle(*resources: Json) -> Json:
    entries = [{"fullUrl": f"{EHR}/{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


# The specification


def spec(pair: Pair, named: list[Json], record: list[Json]) -> Json:
    prefetch: Json = {"patient": next(one for one in record if one["resourceType"] == "Patient")}
    for key in pair.service.prefetch.keys() - {"patient"}:
        found = of_key(key, record, pair.service)
        prefetch[key] = searchset(EHR, query_of(pair.service, key, "p1"), found)
    for key in pair.lost:
        issue = {"severity": "error", "code": "timeout", "diagnostics": "The search did not end in time."}
        prefetch[key] = {"resourceType": "OperationOutcome", "issue": [issue]}
    return {
        "fhirServer": EHR,
        "context": context_of(pair, bundle(*named), named),
        "prefetch": {key: prefetch[key] for key in pair.service.prefetch},
    }


def context_of(pair: Pair, orders: Json, named: list[Json]) -> Json:
    """The context of a hook as its page describes it."""
    refs = [f"{one['resourceType']}/{one['id']}" for one in named]
    who: Json = {"userId": "Practitioner/dr-a", "patientId": "p1"}
    if pair.stay:
        who["encounterId"] = pair.stay
    match pair.hook:
        case "order-select":
            return who | {"selections": refs, "draftOrders": orders}
        case "order-sign":
            return who | {"draftOrders": orders}
        case "order-dispatch":
            return {"patientId": "p1", "dispatchedOrders": refs, "performer": "Organization/pharmacy"}
        case "order-discontinue":
            return who | {"toBeDiscontinued": orders}
        case "appointment-book":
            return who | {"appointments": orders}
        case "medication-refill":
            return {"patientId": "p1", "medications": orders}
        case "medication-verify":
            return who | {"medication": named[0]}
        case "problem-list-item-create":
            return who | {"conditions": orders}
        case "allergyintolerance-create":
            return who | {"allergyIntolerance": named[0]}
    return who


# Epic, which sends no optional key


def epic_id(name: str) -> str:
    """Long, with the characters that Epic uses."""
    told = hashlib.sha256(name.encode()).hexdigest()
    return f"e{told[:12]}.{told[12:28]}-{told[28:44]}3"


def epic_form(value: Any) -> Any:
    """Ids as Epic makes them, references absolute."""
    if isinstance(value, list):
        return [epic_form(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: epic_form(one) for key, one in value.items()}
    if "resourceType" in made and "id" in made:
        made["id"] = epic_id(made["id"])
    if isinstance(ref := made.get("reference"), str) and re.fullmatch(r"\w+/[\w.-]+", ref):
        kind, _, name = ref.partition("/")
        made["reference"] = f"{EPIC}/{kind}/{epic_id(name)}"
    return made


def epic_order(order: Json) -> tuple[Json, Json]:
    """An order that names a Medication, and that Medication."""
    made = copy.deepcopy(order)
    coded = made.pop("medicationCodeableConcept")
    product = coded["coding"][0]
    display = PRODUCTS[product["code"]]
    identity = epic_id(product["code"])
    made["medicationReference"] = {"reference": f"{EPIC}/Medication/{identity}", "display": display}
    codings = [product]
    if "baclofen" in product["display"]:
        codings.insert(0, {"system": product["system"], "code": "1292", "display": "baclofen"})
    medication = {"resourceType": "Medication", "id": identity, "code": {"coding": codings, "text": display}}
    for dosage in made["dosageInstruction"]:
        dosage["doseAndRate"] = epic_doses(dosage["doseAndRate"][0]["doseQuantity"], product["display"])
    unknown = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    made["requester"] = {"extension": [unknown]}
    return made, medication


def epic_doses(dose: Json, product: str) -> list[Json]:
    """One dose, three times."""
    found = STRENGTH.search(product)
    assert found, product
    tablets = {"value": dose["value"] / float(found[1]), "unit": "tablet"}
    told = (("calculated", dose), ("admin-amount", tablets), ("ordered", dose))
    return [
        {"type": {"coding": [{"system": DOSE_TYPES, "code": code}], "text": code}, "doseQuantity": amount}
        for code, amount in told
    ]


def epic_search(query: str, found: list[Json]) -> Json:
    """A search that finds nothing answers with a warning."""
    made = searchset(EPIC, query, found)
    if not found:
        details = {"coding": [{"code": "4101", "display": "Resource request returns no results."}]}
        issue = [{"severity": "warning", "code": "processing", "details": details}]
        entry = {"search": {"mode": "outcome"}, "resource": {"resourceType": "OperationOutcome", "issue": issue}}
        made["entry"] = [entry]
    return made


def epic(pair: Pair, named: list[Json], record: list[Json]) -> Json:
    patient = epic_id("p1")
    known = [epic_order(one)[0] if one["resourceType"] == "MedicationRequest" else one for one in record]
    known = [epic_form(one) for one in with_names(known)]
    vital = {epic_id(name): name for name in ("weight", "height", "bp")}
    prefetch: Json = {"patient": next(one for one in known if one["resourceType"] == "Patient")}
    for key in pair.service.prefetch.keys() - {"patient", *pair.service.optional, *pair.lost}:
        kind = pair.service.prefetch[key].partition("?")[0]
        found = [one for one in known if one["resourceType"] == kind]
        if kind == "Observation":
            found = [one for one in found if (one["id"] in vital) == (key == "vitalSigns")]
        prefetch[key] = epic_search(query_of(pair.service, key, patient), found)
    context: Json = {"userId": f"PractitionerRole/{epic_id('dr-a')}", "patientId": patient}
    context["encounterId"] = epic_id(pair.stay or "clinic")
    if named:
        orders = [epic_order(one) for one in named]
        both = [epic_form(order) for order, _ in orders] + [medication for _, medication in orders]
        entries = [{"fullUrl": f"{EPIC}/{one['resourceType']}/{one['id']}", "resource": one} for one in both]
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        if pair.hook == "order-select":
            context["selections"] = [f"MedicationRequest/{epic_id(one['id'])}" for one in named]
    return {
        "fhirServer": EPIC,
        "fhirAuthorization": {
            "access_token": "an-access-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "7f2f8f2e-baclofen-safety",
            "patient": patient,
        },
        "context": context,
        "prefetch": {key: prefetch[key] for key in pair.service.prefetch if key in prefetch},
        "extension": {"com.epic.cdshooks.request.bpa-trigger-action": TRIGGER[pair.hook]},
    }


def with_names(record: list[Json]) -> list[Json]:
    """Fills named by display, as orders are."""
    made = []
    for one in record:
        coded = one.get("medicationCodeableConcept")
        if one["resourceType"] == "MedicationDispense" and coded:
            one = {key: value for key, value in one.items() if key != "medicationCodeableConcept"}  # noqa: PLW2901
            code = coded["coding"][0]["code"]
            one["medicationReference"] = {"reference": f"Medication/{code}", "display": PRODUCTS[code]}
        made.append(one)
    return made


# The public sandbox, which sends none either


def sandbox_order(order: Json) -> Json:
    """A draft of its form: tablets counted in pills, the category an object. Before a choice it is empty."""
    made: Json = {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"}
    made |= {"subject": order["subject"], "authoredOn": order["authoredOn"][:10]}
    if "medicationCodeableConcept" not in order:
        return made
    coded = order["medicationCodeableConcept"]
    found = STRENGTH.search(coded["text"])
    assert found, coded
    dosage = order["dosageInstruction"][0]
    pills = dosage["doseAndRate"][0]["doseQuantity"]["value"] / float(found[1])
    days = {"value": 30, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
    return made | {
        "intent": "order",
        "category": {"coding": [{"system": CATEGORY, "code": "outpatient"}]},
        "medicationCodeableConcept": coded,
        "dosageInstruction": [
            {
                "timing": {"repeat": dosage["timing"]["repeat"]},
                "doseAndRate": [{"doseQuantity": {"value": pills, "unit": "{pill}"}}],
            }
        ],
        "dispenseRequest": {"expectedSupplyDuration": days},
    }


CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"


def sandbox(pair: Pair, named: list[Json], record: list[Json]) -> Json:
    prefetch: Json = {"patient": next(one for one in record if one["resourceType"] == "Patient")}
    for key in pair.service.prefetch.keys() - {"patient", *pair.service.optional, *pair.lost}:
        prefetch[key] = searchset(SANDBOX, query_of(pair.service, key, "p1"), of_key(key, record, pair.service))
    context: Json = {"userId": "Practitioner/COREPRACTITIONER1", "patientId": "p1"}
    drafts = [sandbox_order(one) for one in named]
    if drafts:
        context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}
    if pair.hook == "order-select":
        context["selections"] = [f"MedicationRequest/{one['id']}" for one in drafts]
    order = [key for key in pair.service.prefetch if key in prefetch]
    return {"fhirServer": SANDBOX, "context": context, "prefetch": {key: prefetch[key] for key in order}}


SHAPES: Mapping[Shape, Callable[[Pair, list[Json], list[Json]], Json]] = {
    "spec": spec,
    "epic": epic,
    "sandbox": sandbox,
}
