"""OperationOutcome: gaps and trouble of an answer, and every error of a door."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..core.chart import Trouble
from ..core.knowledge import Rulebook
from ..core.verdict import OpenQuestion
from ..core.words import asked

CANONICAL = "https://baclofen-safety.example/fhir"
ISSUE_SYSTEM = f"{CANONICAL}/CodeSystem/baclofen-issue"
_TYPE_AND_ID = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_ADDRESS = re.compile(r"(?:https?:|urn:)[^\\'\s]+", re.IGNORECASE)
_CODES = {
    "unreadable": "structure",
    "unknown-type": "not-supported",
    "unsupported-version": "not-supported",
    "unrecognised-medicine": "code-invalid",
    "unrecognised-condition": "code-invalid",
    "unrecognised-procedure": "code-invalid",
    "medicine-conflict": "conflict",
    "unit": "value",
    "route": "code-invalid",
    "other-patient": "business-rule",
    "future": "business-rule",
    "conflict": "conflict",
}
_QUIET = {"assumption", "not-used", "other-patient", "version"}


def concepts_named(value_sets: str) -> set[str]:
    """The concepts of ValueSets of ours, named with commas between."""
    named = (one.partition("|")[0] for one in value_sets.split(","))
    return {one.rsplit("/", 1)[1] for one in named if one.startswith(f"{CANONICAL}/ValueSet/")}


def place(ref: str, path: str = "") -> str:
    """A FHIRPath that names a resource of the input, and a place in it."""
    named = _TYPE_AND_ID.fullmatch(ref.partition("/_history/")[0])
    base = f"Bundle.entry.resource.ofType({named[1]}).where(id = '{named[2]}')" if named else ref or "Bundle"
    if named is None and _ADDRESS.fullmatch(ref):
        base = f"Bundle.entry.where(fullUrl = '{ref}').resource"
    return f"{base}.{path}" if path else base


def outcome_issues(troubles: Iterable[Trouble]) -> list[dict[str, Any]]:
    """One issue per trouble; what may hide a high hazard is a warning."""
    return [
        {
            "severity": "information" if trouble.kind in _QUIET and not trouble.needed else "warning",
            "code": _CODES.get(trouble.kind, "informational"),
            "details": {"text": trouble.says},
            "expression": [place(trouble.ref, trouble.path)],
        }
        for trouble in troubles
    ]


def question_issues(questions: Iterable[OpenQuestion], book: Rulebook) -> list[dict[str, Any]]:
    """One issue per gap, with the ids of the rules it keeps from judging."""
    issues = []
    for one in asked(questions, book):
        rules = ", ".join(sheet.id for sheet in one.sheets)
        issue: dict[str, Any] = {
            "severity": "error" if one.broken else "warning" if one.high else "information",
            "code": "exception" if one.broken else "incomplete",
            "details": {
                "coding": [{"system": ISSUE_SYSTEM, "code": sheet.id, "display": sheet.title} for sheet in one.sheets],
                "text": f"{rules}: {one.text}",
            },
        }
        if one.references:
            issue["expression"] = [place(reference) for reference in one.references]
        issues.append(issue)
    return issues


def error_outcome(code: str, text: str, expression: Sequence[str], request: str = "") -> dict[str, Any]:
    """The body of an error answer: what was wrong and where, never a value of the input.

    ``diagnostics`` says the same for clients that show nothing else, with the id under which the log has the request.
    Parts of the HTTP request stand in ``location`` too, for which R4 defines their form.
    """
    issue: dict[str, Any] = {"severity": "error", "code": code, "details": {"text": text}}
    issue["diagnostics"] = f"Request {request}: {text}" if request else text
    in_http = [one for one in expression if one.startswith("http.")]
    issue |= {"location": in_http} if in_http else {}
    issue |= {"expression": [*expression]} if expression else {}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
