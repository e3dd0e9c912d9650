"""From a verdict to the answer Bundle: FHIR R4 resources with deterministic ids, in a deterministic order.

Resources are filled into plain dicts of a known shape, since validating and dumping models costs a hundred times as
much; every test, and ``strict``, holds the result against the FHIR models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ..core.fact import Evidence, Need
from ..core.knowledge import Rulebook
from ..core.telling import Message, Role, messages
from ..core.verdict import Issue, OpenQuestion, Verdict
from ..core.words import detail, say, summary
from .outcome import CANONICAL, ISSUE_SYSTEM, outcome_issues, question_issues
from .proposing import Frame, propose

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"
MODULE = f"{CANONICAL}/Library/baclofen-safety"

Resource = dict[str, Any]
_NAMESPACE: UUID = uuid5(NAMESPACE_URL, CANONICAL)
_REFERENCE = re.compile(r"(https?://\S+/)?[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(/_history/\S+)?|urn:(uuid|oid):\S+")
_ANSWER_WITHIN = {"routine": timedelta(days=7), "urgent": timedelta(hours=24), "asap": timedelta(hours=4)}
_DATE_PATH = {
    "Observation": "effective",
    "Condition": "onset",
    "MedicationRequest": "authoredOn",
    "MedicationDispense": "whenHandedOver",
    "Procedure": "performed",
    "Encounter": "period",
}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every answer of one service carries: how baclofen is coded, and the region's emergency number."""

    baclofen: Mapping[str, Any]  # CodeableConcept for proposals
    emergency_number: str = ""


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What the resources of one answer have in common."""

    verdict: Verdict
    book: Rulebook
    at: str  # the time of the verdict, as an instant
    subject: Resource
    issue_ids: Mapping[str, str]  # by rule
    recipients: Mapping[Role, Resource]


def write_answer(verdict: Verdict, book: Rulebook, letterhead: Letterhead, *, language: str | None = None) -> Resource:
    """The answer Bundle (type collection): GuidanceResponse, DetectedIssues, CommunicationRequests, MedicationRequest
    proposals and the OperationOutcome, as the contract orders them."""
    here = _Occasion(
        verdict,
        book,
        at=instant(verdict.as_of),
        subject=reference(verdict.chart.patient.ref),
        issue_ids={issue.sheet.id: issue_id(issue, verdict) for issue in verdict.issues},
        recipients=_recipients(verdict, book),
    )
    same = (here.at, verdict.status, *here.issue_ids.values())
    outcome_id = _id("outcome", verdict, *same)
    resources = [_guidance(here, _id("guidance", verdict, *same), outcome_id)]
    resources += [_detected_issue(issue, here) for issue in verdict.issues]
    resources += [
        _communication(message, here)
        for message in messages(verdict, book, emergency_number=letterhead.emergency_number)
    ]
    frame = Frame(here.subject, letterhead.baclofen, book.phrases, here.at)
    for issue in verdict.issues:
        resources += propose(issue, f"urn:uuid:{here.issue_ids[issue.sheet.id]}", frame)
    resources.append(_outcome(verdict, book, outcome_id, language))
    return {
        "resourceType": "Bundle",
        "id": _id("answer", verdict, *same),
        "type": "collection",
        "timestamp": here.at,
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


def instant(at: datetime) -> str:
    """A FHIR instant with its offset, to the second."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def reference(ref: str, display: str = "") -> Resource:
    """A Reference to a resource of the input; what cannot be referenced is named in words."""
    if _REFERENCE.fullmatch(ref):
        return {"reference": ref, "display": display} if display else {"reference": ref}
    return {"display": ": ".join(part for part in (ref, display) if part) or "not named in the data"}


def issue_id(issue: Issue, verdict: Verdict) -> str:
    """The same patient, rule, orders, knowledge and episode always give the same id."""
    parts = (*sorted(issue.finding.implicated), issue.finding.same_as)
    return _id(issue.sheet.id, verdict, *parts)


def _id(kind: str, verdict: Verdict, *parts: str) -> str:
    return name_uuid("|".join((verdict.chart.patient.ref, kind, *parts, verdict.version)))


def name_uuid(name: str) -> str:
    """What ``uuid.uuid5`` gives in our namespace, as text at once: an answer has twenty ids."""
    octets = bytearray(sha1(_NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x50  # version 5
    octets[8] = octets[8] & 0x3F | 0x80  # variant of RFC 4122
    text = octets.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _guidance(here: _Occasion, own_id: str, outcome_id: str) -> Resource:
    verdict = here.verdict
    guidance: Resource = {
        "resourceType": "GuidanceResponse",
        "id": own_id,
        "moduleCanonical": f"{MODULE}|{verdict.version}",
        "status": verdict.status,
        "subject": here.subject,
        "occurrenceDateTime": here.at,
        "reasonCode": [
            {
                "coding": [{"system": ISSUE_SYSTEM, "code": "applicable" if verdict.applies else "not-applicable"}],
                "text": here.book.phrases[verdict.why],
            }
        ],
        "evaluationMessage": [{"reference": f"urn:uuid:{outcome_id}"}],
    }
    requirements = list(_requirements(verdict.questions))
    if requirements:
        guidance["dataRequirement"] = requirements
    return guidance


def _requirements(questions: Iterable[OpenQuestion]) -> Iterable[Resource]:
    seen: set[Need] = set()
    for question in questions:
        for need in question.gap.needs:
            if need in seen:
                continue
            seen.add(need)
            requirement: Resource = {"type": need.resource}
            if need.concepts:
                path = "medication" if need.resource.startswith("Medication") else "code"
                requirement["codeFilter"] = [
                    {"path": path, "valueSet": f"{CANONICAL}/ValueSet/{concept}"} for concept in need.concepts
                ]
            if need.since is not None and need.resource in _DATE_PATH:
                requirement["dateFilter"] = [
                    {"path": _DATE_PATH[need.resource], "valuePeriod": {"start": need.since.isoformat()}}
                ]
            yield requirement


def _detected_issue(issue: Issue, here: _Occasion) -> Resource:
    sheet = issue.sheet
    resource: Resource = {
        "resourceType": "DetectedIssue",
        "id": here.issue_ids[sheet.id],
        "status": "preliminary" if issue.preliminary else "final",
        "code": {
            "coding": [
                {"system": ISSUE_SYSTEM, "code": sheet.id, "display": sheet.title},
                {"system": ACT_CODE, "code": sheet.code},
            ],
            "text": summary(issue, here.book),
        },
        "severity": issue.severity.value,
        "patient": here.subject,
        "identifiedDateTime": here.at,
    }
    if issue.finding.implicated:
        resource["implicated"] = [reference(ref) for ref in issue.finding.implicated]
    if issue.finding.evidence:
        resource["evidence"] = [_evidence(one) for one in issue.finding.evidence]
    resource["detail"] = f"{detail(issue, here.book)} Sources: {sheet.cited}"
    resource["reference"] = f"{ISSUE_SYSTEM}#{sheet.id}"
    return resource


def _evidence(evidence: Evidence) -> Resource:
    """The value judged in words, and the resource it stood in."""
    return {
        "code": [{"text": evidence.says}],
        "detail": [reference(evidence.reference, evidence.says)],
    }


def _communication(message: Message, here: _Occasion) -> Resource:
    about = [here.issue_ids[rule] for rule in message.rules]
    window = _ANSWER_WITHIN.get(message.priority, timedelta())
    return {
        "resourceType": "CommunicationRequest",
        "id": _id(f"message-{message.role}-{message.group}", here.verdict, *about),
        "language": "en",
        "status": "active",
        "category": [{"coding": [{"system": CATEGORY, "code": _category(message)}]}],
        "priority": message.priority,
        "subject": here.subject,
        "about": [{"reference": f"urn:uuid:{one}"} for one in about],
        "payload": [{"contentString": message.text}],
        "occurrencePeriod": {
            "start": instant(message.not_before),
            "end": instant(message.not_before + window),
        },
        "authoredOn": here.at,
        "recipient": [here.recipients[message.role]],
    }


def _category(message: Message) -> str:
    return "instruction" if message.role == "patient" else "alert"


def _recipients(verdict: Verdict, book: Rulebook) -> dict[Role, Resource]:
    """Per role the person or team the records name, else who it should be, in words."""
    chart = verdict.chart
    implicated = {ref for issue in verdict.issues for ref in issue.finding.implicated}
    orders = sorted(chart.baclofen, key=lambda order: order.ref not in implicated)
    requesters = [order.requester_ref for order in orders]
    requesters += [stay.attender_ref for stay in chart.stays]
    pharmacists = [supply.pharmacist_ref for supply in chart.supplies]
    pharmacists += [order.pharmacist_ref for order in orders]
    return {
        "requester": _first_named((*requesters, chart.team_ref), book.phrases["requester"]),
        "pharmacist": _first_named(pharmacists, book.phrases["pharmacist"]),
        "patient": _first_named([chart.caregiver_ref], book.phrases["caregiver"])
        if verdict.caregiver
        else reference(chart.patient.ref),
    }


def _first_named(refs: Iterable[str | None], words: str) -> Resource:
    return next((reference(ref) for ref in refs if ref), {"display": words})


def _outcome(verdict: Verdict, book: Rulebook, own_id: str, language: str | None) -> Resource:
    issues = [*question_issues(verdict.questions, book), *outcome_issues(verdict.troubles)]
    if not verdict.applies:
        issues.append(_said("informational", book.phrases[verdict.why]))
    if language and not language.lower().startswith("en"):
        issues.append(_said("informational", book.phrases["language"].format(language=say(language))))
    if not issues:
        issues.append(_said("informational", book.phrases[verdict.why]))
    return {"resourceType": "OperationOutcome", "id": own_id, "issue": issues}


def _said(code: str, text: str) -> Resource:
    return {"severity": "information", "code": code, "details": {"text": text}}
