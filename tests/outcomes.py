"""What every error answer must look like, whatever the door."""

from __future__ import annotations

import re
from typing import Any

CALL = "hook|hookInstance|fhirServer|fhirAuthorization|context|prefetch|extension|feedback"
ROOT = rf"([A-Z][A-Za-z]+|{CALL})(\[\d+\])?"
STEP = r"[A-Za-z_][A-Za-z0-9_]*(\[\d+\])?"
FUNCTION = r"ofType\([A-Za-z]+\)|where\([A-Za-z]+ = '[^']*'\)(\[\d+\])?"
IN_WHAT_WAS_SENT = re.compile(rf"({ROOT})(\.({STEP}|{FUNCTION}))*", re.ASCII)
"""FHIRPath from a resource (or the body of CDS Hooks): names, places and two functions that choose."""
IN_THE_REQUEST = re.compile(r"http\.[A-Za-z_][A-Za-z_\-]*", re.ASCII)
"""The form R4 defines for ``OperationOutcome.issue.location``: "http." and a name."""


def wrong_outcome(told: Any) -> str:
    """What is wrong with the body of an error; "" when nothing is."""
    if not isinstance(told, dict) or told.get("resourceType") != "OperationOutcome" or not told.get("issue"):
        return "no OperationOutcome"
    for issue in told["issue"]:
        if issue.get("severity") not in ("error", "fatal") or not issue.get("code"):
            return "an issue without severity or code"
        if not issue.get("diagnostics") or not issue.get("details", {}).get("text"):
            return "an issue without words"
        places = issue.get("expression", [])
        in_request = [one for one in places if IN_THE_REQUEST.fullmatch(one)]
        if not places or not all(one in in_request or IN_WHAT_WAS_SENT.fullmatch(one) for one in places):
            return f"expression {places}"
        if issue.get("location", []) != in_request:
            return f"location {issue.get('location')}"
    return ""
