"""The verdict as a GuidanceResponse, and, when asked for, how it came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.knowledge import Rulebook
from ..core.verdict import RuleTrace, Verdict
from ..core.words import headline
from .outcome import CANONICAL, ISSUE_SYSTEM
from .requirements import Codes, fewest, requirements

MODULE = f"{CANONICAL}/Library/baclofen-safety"

Resource = dict[str, Any]


def instant(at: datetime) -> str:
    """A FHIR instant with its offset, to the second."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of the GuidanceResponse and of what it refers to; no trace without an id for it."""

    own: str
    outcome: str
    trace: str = ""


def guidance(verdict: Verdict, book: Rulebook, subject: Resource, ids: Ids, codes: Codes) -> Resource:
    """The GuidanceResponse: status, the version of the knowledge, and what data would close each gap."""
    resource: Resource = {
        "resourceType": "GuidanceResponse",
        "id": ids.own,
        "moduleCanonical": f"{MODULE}|{verdict.version}",
        "status": verdict.status,
        "subject": subject,
        "occurrenceDateTime": instant(verdict.as_of),
        "reasonCode": [
            {
                "coding": [{"system": ISSUE_SYSTEM, "code": "applicable" if verdict.applies else "not-applicable"}],
                "text": headline(verdict, book),
            }
        ],
        "evaluationMessage": [{"reference": f"urn:uuid:{ids.outcome}"}],
    }
    if wanted := requirements((*verdict.needs, *(need for one in verdict.questions for need in one.gap.needs)), codes):
        resource["dataRequirement"] = fewest(wanted)
    if ids.trace:
        resource["outputParameters"] = {"reference": f"urn:uuid:{ids.trace}"}
    return resource


def trace_parameters(lines: Iterable[RuleTrace], own_id: str) -> Resource:
    """The trace as Parameters: per rule its outcome, why, and the facts it looked at."""
    return {"resourceType": "Parameters", "id": own_id, "parameter": [_rule_trace(line) for line in lines]}


def _rule_trace(line: RuleTrace) -> Resource:
    parts: list[Resource] = [{"name": "outcome", "valueCode": line.outcome}]
    if line.because:
        parts.append({"name": "because", "valueString": line.because})
    if line.seen:
        facts = [{"name": seen.fact, "valueString": seen.value or "none"} for seen in line.seen]
        parts.append({"name": "seen", "part": facts})
    return {"name": line.rule, "part": parts}
