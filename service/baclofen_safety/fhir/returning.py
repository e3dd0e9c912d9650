"""An answer in the size the caller prefers. However small, it says the verdict, every finding and every gap."""

from __future__ import annotations

from typing import Any

from .fitting import TO_PEOPLE
from .outcome import place
from .session_orders import with_issues

Json = dict[str, Any]

_VERDICTS = {
    "success": ("information", "informational"),
    "data-requested": ("information", "incomplete"),
    "data-required": ("warning", "incomplete"),
}
"""Status of the GuidanceResponse to severity and code of the issue that tells it; any other is a failure."""
_LOW = "low"


def minimal(answer: Json) -> Json:
    """The answer without what people are told and offered: verdict, findings and gaps, by the same ids."""
    kept = [entry for entry in answer["entry"] if entry["resource"]["resourceType"] not in TO_PEOPLE]
    text = "Minimal, as was preferred: messages and proposals are left out."
    said = {"severity": "information", "code": "informational", "details": {"text": text}}
    return with_issues({**answer, "entry": kept}, [said])


def as_outcome(answer: Json) -> Json:
    """The answer as one OperationOutcome: the verdict first, then every finding, then gaps and troubles.

    A finding is a warning and no error: the request did not fail, and engines send failed ones again.
    """
    held = [entry["resource"] for entry in answer["entry"]]
    findings = [one for one in held if one["resourceType"] == "DetectedIssue"]
    (guidance,) = (one for one in held if one["resourceType"] == "GuidanceResponse")
    (outcome,) = (one for one in held if one["resourceType"] == "OperationOutcome")
    return {**outcome, "issue": [_verdict(guidance, len(findings)), *map(_finding, findings), *outcome["issue"]]}


def _verdict(guidance: Json, findings: int) -> Json:
    severity, code = _VERDICTS.get(guidance["status"], ("error", "exception"))
    reason = guidance["reasonCode"][0]
    text = f"Verdict: {guidance['status']}; findings: {findings}. {reason['text']}"
    return {"severity": severity, "code": code, "details": {"coding": reason["coding"], "text": text}}


def _finding(issue: Json) -> Json:
    told: Json = {
        "severity": "information" if issue["severity"] == _LOW else "warning",
        "code": "business-rule",
        "details": {
            "coding": issue["code"]["coding"],
            "text": f"{issue['severity']}, {issue['status']}: {issue['code']['text']}",
        },
    }
    places = [place(one["reference"]) for one in issue.get("implicated", ()) if "reference" in one]
    return told | ({"expression": places} if places else {})
