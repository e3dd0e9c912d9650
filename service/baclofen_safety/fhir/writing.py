"""From a verdict to the answer Bundle: FHIR R4 resources with deterministic ids, in a deterministic order.

Resources are filled into plain dicts of a known shape, since validating and dumping models costs a hundred times as
much; every test, and ``strict``, holds the result against the FHIR models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha1
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ..core.fact import Evidence
from ..core.knowledge import Rulebook
from ..core.telling import Message, Role, messages
from ..core.verdict import Issue, Verdict
from ..core.words import detail, fill, summary
from .guidance import Ids, Resource, guidance, instant, trace_parameters
from .outcome import CANONICAL, ISSUE_SYSTEM, outcome_issues, question_issues
from .proposing import Frame, barred_drafts, propose
from .requirements import Codes

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CATEGORY = "http://terminology.hl7.org/CodeSystem/communication-category"
POLICY = f"{CANONICAL}/site-policy"

_NAMESPACE: UUID = uuid5(NAMESPACE_URL, CANONICAL)
_REFERENCE = re.compile(r"(https?://\S+/)?[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(/_history/\S+)?|urn:(uuid|oid):\S+")
_ANSWER_WITHIN = {"routine": timedelta(days=7), "urgent": timedelta(hours=24), "asap": timedelta(hours=4)}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every answer of one service carries: how baclofen is coded, and the region's emergency number."""

    baclofen: Mapping[str, Any]  # CodeableConcept for proposals
    emergency_number: str = ""
    language: str = ""  # of patients whose record names none
    public_url: str = ""  # where people reach the service's pages
    codes: Codes = field(default_factory=dict)  # of the ValueSets that data requirements name


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What the resources of one answer have in common."""

    verdict: Verdict
    book: Rulebook
    letterhead: Letterhead
    at: str  # the time of the verdict, as an instant
    subject: Resource
    issue_ids: Mapping[str, str]  # by rule


def write_answer(
    verdict: Verdict, book: Rulebook, letterhead: Letterhead, *, language: str | None = None, told: bool = True
) -> Resource:
    """The answer Bundle (type collection): GuidanceResponse, DetectedIssues, CommunicationRequests, MedicationRequest
    proposals and the OperationOutcome, as the contract orders them; unless ``told`` without CommunicationRequests."""
    here = _Occasion(
        verdict,
        book,
        letterhead,
        at=instant(verdict.as_of),
        subject=reference(verdict.chart.patient.ref),
        issue_ids={issue.sheet.id: issue_id(issue, verdict) for issue in verdict.issues},
    )
    same = (here.at, verdict.status, *here.issue_ids.values())
    ids = Ids(
        _id("guidance", verdict, *same),
        _id("outcome", verdict, *same),
        _id("trace", verdict, *same) if verdict.trace else "",
    )
    resources = [guidance(verdict, book, here.subject, ids, letterhead.codes)]
    resources += [_detected_issue(issue, here) for issue in verdict.issues]
    if told:
        resources += _communications(here, language)
    frame = Frame(here.subject, letterhead.baclofen, book.phrases, here.at, barred_drafts(verdict.issues))
    for issue in verdict.issues:
        resources += propose(issue, f"urn:uuid:{here.issue_ids[issue.sheet.id]}", frame)
    resources.append(_outcome(verdict, book, ids.outcome, language))
    if ids.trace:
        resources.append(trace_parameters(verdict.trace, ids.trace))
    return {
        "resourceType": "Bundle",
        "id": _id("answer", verdict, *same),
        "type": "collection",
        "timestamp": here.at,
        "entry": [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in resources],
    }


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


def _detected_issue(issue: Issue, here: _Occasion) -> Resource:
    sheet = issue.sheet
    resource: Resource = {
        "resourceType": "DetectedIssue",
        "id": here.issue_ids[sheet.id],
        **_policy_tag(here.book),
        "status": "preliminary" if issue.preliminary else "final",
        "code": {
            "coding": [
                {"system": ISSUE_SYSTEM, "code": sheet.id, "display": sheet.title},
                {"system": ACT_CODE, "code": sheet.code_for(issue.finding.variant)},
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
    pages = here.letterhead.public_url
    resource["reference"] = f"{pages}/rules/{sheet.id}" if pages else f"{ISSUE_SYSTEM}#{sheet.id}"
    return resource


def _policy_tag(book: Rulebook) -> Resource:
    """The site policy a finding was made under."""
    if book.policy is None:
        return {}
    return {"meta": {"tag": [{"system": POLICY, "code": book.policy.version, "display": book.policy.site}]}}


def _evidence(evidence: Evidence) -> Resource:
    """The value judged in words, and the resource it stood in; a record may hold codes and no words."""
    said = evidence.says.strip()
    code: Resource = {"code": [{"text": said}]} if said else {}
    return code | {"detail": [reference(evidence.reference, said)]}


def _communications(here: _Occasion, language: str | None) -> list[Resource]:
    number, wish = here.letterhead.emergency_number, language or here.letterhead.language
    recipients = _recipients(here.verdict, here.book)
    found = messages(here.verdict, here.book, emergency_number=number, language=wish)
    return [_communication(message, recipients[message.role], here) for message in found]


def _communication(message: Message, recipient: Resource, here: _Occasion) -> Resource:
    about = [here.issue_ids[rule] for rule in message.rules]
    window = _ANSWER_WITHIN.get(message.priority, timedelta())
    return {
        "resourceType": "CommunicationRequest",
        "id": _id(f"message-{message.role}-{message.group}", here.verdict, *about),
        "language": message.language,
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
        "recipient": [recipient],
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
        said = _said("informational", book.phrases[verdict.why])
        issues.append({**said, "severity": "warning", "code": "incomplete"} if verdict.needs else said)
    wishes = (verdict.chart.patient.language, language)
    used = book.voice(*wishes).name
    for wish in dict.fromkeys(filter(None, wishes)):
        if book.voice(wish).language != wish.lower().partition("-")[0]:
            issues.append(_said("informational", fill(book.phrases["language"], {"language": wish, "used": used})))
    issues += [_said("informational", text) for text in _held_back(book)]
    if not issues:
        issues.append(_said("informational", book.phrases[verdict.why]))
    return {"resourceType": "OperationOutcome", "id": own_id, "issue": issues}


def _held_back(book: Rulebook) -> Iterable[str]:
    """Rules the site's policy keeps from being told or judged: their silence is not "checked"."""
    if book.policy is None:
        return
    for phrase, rules in (("policy_silent", book.policy.rules("silent")), ("policy_off", book.policy.rules("off"))):
        if rules:
            yield fill(book.phrases[phrase], {"site": book.policy.site, "rules": rules})


def _said(code: str, text: str) -> Resource:
    return {"severity": "information", "code": code, "details": {"text": text}}
