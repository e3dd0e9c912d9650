"""An answer fitted to how it was asked: orders named, mode, what was left aside."""

from __future__ import annotations

from typing import Any

import orjson

from ..core.verdict import Verdict
from .input_values import TEST_TAG
from .operations import Ask
from .session_orders import mark, ref_of, with_issues
from .tagging import tagged
from .writing import name_uuid

Json = dict[str, Any]

TO_PEOPLE = frozenset({"CommunicationRequest", "MedicationRequest"})
"""What of an answer asks somebody to do something."""


def asked_about(ask: Ask) -> list[str]:
    """The orders a question names, as they are called in the answer."""
    return [*map(ref_of, ask.orders), *([ask.named] if ask.named else [])]


def fit(bundle: Json, ask: Ask, verdict: Verdict) -> Json:
    """The answer to this very question."""
    if named := asked_about(ask):
        bundle = mark(bundle, named, verdict)
    if ask.ignored:
        text = "Parameters that this operation does not know; left aside."
        bundle = with_issues(bundle, [_said("not-supported", text, "warning") | {"expression": list(ask.ignored)}])
    if ask.misfits:
        text = "Places that do not fit FHIR; what they say may not have been used."
        bundle = with_issues(bundle, [_said("structure", text, "warning") | {"expression": list(ask.misfits)}])
    match ask.mode:
        case "retrospective":
            return _retrospective(bundle)
        case "test":
            return _test(bundle)
        case _:
            return bundle


def _retrospective(bundle: Json) -> Json:
    """Nobody is told today what was so then."""
    kept = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] not in TO_PEOPLE]
    text = "Retrospective: messages and proposals are left out; nobody is to act on them now."
    return with_issues({**bundle, "entry": kept}, [_said("informational", text)])


def _test(bundle: Json) -> Json:
    """Marked as a test all through, messages only drafts, and ids of its own: stored, it lies over nothing real."""
    text = "Test: every resource is tagged as test data and messages are drafts."
    bundle = with_issues(_renamed(bundle), [_said("informational", text)])
    entries = [{**entry, "resource": tagged(_drafted(entry["resource"]), TEST_TAG)} for entry in bundle["entry"]]
    return tagged({**bundle, "entry": entries}, TEST_TAG)


def _renamed(bundle: Json) -> Json:
    text = orjson.dumps(bundle)
    for own in (bundle["id"], *(entry["resource"]["id"] for entry in bundle["entry"])):
        text = text.replace(own.encode(), name_uuid(f"test|{own}").encode())
    renamed: Json = orjson.loads(text)
    return renamed


def _drafted(resource: Json) -> Json:
    return {**resource, "status": "draft"} if resource["resourceType"] == "CommunicationRequest" else resource


def _said(code: str, text: str, severity: str = "information") -> Json:
    return {"severity": severity, "code": code, "details": {"text": text}}
