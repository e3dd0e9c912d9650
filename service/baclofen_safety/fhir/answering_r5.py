"""The same answer in another version: what is written once, in R4, turned into R5 at the edge.

R4B differs from R4 in nothing we write but the version a CapabilityStatement names. STU3 and DSTU2 are not written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.medicines import MEDICINE_TYPES
from ..errors import NotAcceptable
from .outcome import CANONICAL
from .versions import PUBLICATION, FhirVersion

Resource = dict[str, Any]
NOT_IN_R5 = frozenset({"StructureDefinition"})
"""Types that stay in R4: a profile constrains the elements of its own version."""
_TYPES = {"DeviceUseStatement": "DeviceUsage", "RequestGroup": "RequestOrchestration"}
"""Types with another name in R5."""
_PATHS = {
    ("Procedure", "performed"): "occurrence",
    ("Encounter", "period"): "actualPeriod",
    ("MedicationAdministration", "effective"): "occurence",  # spelt so in R5
    ("NutritionOrder", "patient"): "subject",
    ("Device", "deviceName"): "name",
    **{(kind, "medication"): "medication.concept" for kind in MEDICINE_TYPES},
}
"""Paths of data requirements with another name in R5."""


def in_version(resource: Mapping[str, Any], version: FhirVersion) -> Resource:
    """A resource we wrote, in the shape of a version of ``WRITTEN``. The one given is not changed.

    Raises NotAcceptable for what has no form in that version.
    """
    if version is FhirVersion.R5:
        return _in_r5(resource)
    if version is FhirVersion.R4B and resource.get("resourceType") == "CapabilityStatement":
        return {**resource, "fhirVersion": PUBLICATION[version]}
    return dict(resource)


def _in_r5(resource: Mapping[str, Any]) -> Resource:
    kind = resource.get("resourceType", "")
    if kind in NOT_IN_R5:
        raise NotAcceptable(f"{kind}: ours are of R4 and have no form in R5; fhirVersion 4.0 or 4.3 was expected.")
    made = _without_r4_claims(dict(resource))
    if "contained" in made:
        made["contained"] = [_in_r5(one) for one in made["contained"]]
    turn = _TURNS.get(kind)
    return made if turn is None else turn(made)


def _without_r4_claims(made: Resource) -> Resource:
    """Our profiles are of R4: what is in R5 does not claim them."""
    meta = made.get("meta")
    if not isinstance(meta, dict) or "profile" not in meta:
        return made
    kept = [one for one in meta["profile"] if not one.startswith(CANONICAL)]
    meta = {key: value for key, value in meta.items() if key != "profile"} | ({"profile": kept} if kept else {})
    return {**made, "meta": meta} if meta else {key: value for key, value in made.items() if key != "meta"}


def _named(resource: Mapping[str, Any], names: Mapping[str, str]) -> Resource:
    """The elements in their order, some by another name."""
    return {names.get(key, key): value for key, value in resource.items()}


def _with_reasons(made: Resource) -> Resource:
    """``reason`` for reasonCode and reasonReference."""
    reasons = [{"concept": one} for one in made.get("reasonCode", ())]
    reasons += [{"reference": one} for one in made.get("reasonReference", ())]
    kept = {key: value for key, value in made.items() if key not in ("reasonCode", "reasonReference")}
    return kept | ({"reason": reasons} if reasons else {})


def _bundle(made: Resource) -> Resource:
    if "entry" in made:
        made["entry"] = [_entry(one) for one in made["entry"]]
    return made


def _entry(entry: Mapping[str, Any]) -> Resource:
    made = dict(entry)
    if "resource" in made:
        made["resource"] = _in_r5(made["resource"])
    if "outcome" in made.get("response", ()):
        made["response"] = made["response"] | {"outcome": _in_r5(made["response"]["outcome"])}
    return made


def _parameters(made: Resource) -> Resource:
    if "parameter" in made:
        made["parameter"] = [_parameter(one) for one in made["parameter"]]
    return made


def _parameter(parameter: Mapping[str, Any]) -> Resource:
    made = dict(parameter)
    if "resource" in made:
        made["resource"] = _in_r5(made["resource"])
    if "part" in made:
        made["part"] = [_parameter(one) for one in made["part"]]
    return made


def _guidance(made: Resource) -> Resource:
    """One OperationOutcome, several results, reasons as CodeableReferences."""
    made = _with_reasons(made)
    if messages := made.pop("evaluationMessage", None):
        made["evaluationMessage"] = messages[0]
    if "result" in made:
        made["result"] = [made["result"]]
    if "dataRequirement" in made:
        made["dataRequirement"] = [_requirement(one) for one in made["dataRequirement"]]
    return made


def _requirement(requirement: Mapping[str, Any]) -> Resource:
    kind = requirement["type"]
    made = {**requirement, "type": _TYPES.get(kind, kind)}
    for key in ("codeFilter", "dateFilter"):
        if key in made:
            made[key] = [_filter(kind, one) for one in made[key]]
    if "mustSupport" in made:
        made["mustSupport"] = [_PATHS.get((kind, path), path) for path in made["mustSupport"]]
    return made


def _filter(kind: str, one: Mapping[str, Any]) -> Resource:
    path = one.get("path")
    return {**one, "path": _PATHS.get((kind, path), path)} if path else dict(one)


def _issue(made: Resource) -> Resource:
    return _named(made, {"patient": "subject"})


def _communication_request(made: Resource) -> Resource:
    """``intent`` is asked for, and words stand as the text of a concept. Ours propose: nobody has ordered them."""
    made = _with_reasons(made)
    sender = made.pop("sender", None)
    if sender is not None:
        made["informationProvider"] = [sender]
    if "payload" in made:
        made["payload"] = [_payload(one) for one in made["payload"]]
    return _after(made, "status", {"intent": "proposal"})


def _payload(payload: Mapping[str, Any]) -> Resource:
    """R5 has no text in a payload; CodeableConcept.text is the place where words stay words."""
    made = dict(payload)
    if "contentString" in made:
        made["contentCodeableConcept"] = {"text": made.pop("contentString")}
    return made


def _after(made: Resource, name: str, more: Resource) -> Resource:
    """``more`` behind one element, or at the end."""
    if name not in made:
        return made | more
    at = list(made).index(name) + 1
    items = list(made.items())
    return dict([*items[:at], *more.items(), *items[at:]])


def _medication_request(made: Resource) -> Resource:
    if "medicationCodeableConcept" in made:
        made["medicationCodeableConcept"] = {"concept": made["medicationCodeableConcept"]}
    if "medicationReference" in made:
        made["medicationReference"] = {"reference": made["medicationReference"]}
    made = _named(
        _with_reasons(made),
        {"medicationCodeableConcept": "medication", "medicationReference": "medication", "reportedBoolean": "reported"},
    )
    if "dosageInstruction" in made:
        made["dosageInstruction"] = [_dosage(one) for one in made["dosageInstruction"]]
    return made


def _dosage(dosage: Mapping[str, Any]) -> Resource:
    """asNeeded and asNeededFor; a list of maxima."""
    made = _named(dosage, {"asNeededBoolean": "asNeeded", "asNeededCodeableConcept": "asNeededFor"})
    for name in ("asNeededFor", "maxDosePerPeriod"):
        if name in made:
            made[name] = [made[name]]
    return made


def _message_header(made: Resource) -> Resource:
    """Endpoints and events are choices, the message answered is named by an Identifier."""
    made = _named(made, {"eventUri": "eventCanonical"})
    made.pop("enterer", None)
    if "source" in made:
        made["source"] = _named(made["source"], {"endpoint": "endpointUrl"})
    if "destination" in made:
        made["destination"] = [_named(one, {"endpoint": "endpointUrl"}) for one in made["destination"]]
    if "response" in made:
        made["response"] = {**made["response"], "identifier": {"value": made["response"]["identifier"]}}
    return made


def _capability(made: Resource) -> Resource:
    """Of R5, without the types that have no form there."""
    made = {**made, "fhirVersion": PUBLICATION[FhirVersion.R5]}
    if "rest" in made:
        made["rest"] = [_rest(one) for one in made["rest"]]
    return made


def _rest(rest: Mapping[str, Any]) -> Resource:
    made = dict(rest)
    if "resource" in made:
        made["resource"] = [one for one in made["resource"] if one["type"] not in NOT_IN_R5]
    return made


def _plan(made: Resource) -> Resource:
    if "action" in made:
        made["action"] = [_action(one) for one in made["action"]]
    return made


def _action(action: Mapping[str, Any]) -> Resource:
    """One code; what goes in and comes out wraps its data requirement."""
    made = dict(action)
    if "code" in made:
        made["code"] = made["code"][0]
    for name in ("input", "output"):
        if name in made:
            made[name] = [{"requirement": _requirement(one)} for one in made[name]]
    if "trigger" in made:
        made["trigger"] = [
            {**one, "data": [_requirement(each) for each in one["data"]]} if "data" in one else one
            for one in made["trigger"]
        ]
    if "action" in made:
        made["action"] = [_action(one) for one in made["action"]]
    return made


_TURNS: Mapping[str, Callable[[Resource], Resource]] = {
    "Bundle": _bundle,
    "Parameters": _parameters,
    "GuidanceResponse": _guidance,
    "DetectedIssue": _issue,
    "CommunicationRequest": _communication_request,
    "MedicationRequest": _medication_request,
    "MessageHeader": _message_header,
    "CapabilityStatement": _capability,
    "PlanDefinition": _plan,
}
"""How a resource of a type is turned into R5; types that are not here are alike in both."""
