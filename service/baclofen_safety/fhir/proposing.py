"""MedicationRequest proposals: a dose ceiling or a step-down schedule, never an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from ..core.taper import Rung, TaperPlan
from ..core.verdict import Issue, Verdict
from ..core.words import say

UCUM = "http://unitsofmeasure.org"
_TIMES = {1: ("HS",), 2: ("MORN", "HS"), 3: ("MORN", "NOON", "HS"), 4: ("MORN", "NOON", "EVE", "HS")}


def propose(
    issue: Issue, verdict: Verdict, issue_ref: str, subject: Mapping[str, Any], baclofen: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The proposals of one issue: a taper when there is one, else its cap. ``baclofen`` is a CodeableConcept."""
    finding = issue.finding
    if finding.taper is not None:
        dosage, kind = _taper(finding.taper), "taper"
    elif finding.cap is not None:
        dosage, kind = [_cap(finding.cap.mg_per_day)], "cap"
    else:
        return []
    proposal: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": str(uuid5(UUID(issue_ref), kind)),
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": baclofen,
        "subject": subject,
        "supportingInformation": [{"reference": issue_ref}],
        "authoredOn": verdict.as_of.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "dosageInstruction": dosage,
    }
    prior = [ref for ref in finding.implicated if "MedicationRequest/" in ref or ref.startswith("urn:uuid:")]
    if prior:
        proposal["priorPrescription"] = {"reference": prior[0]}
    return [proposal]


def _mg(value: Decimal) -> dict[str, Any]:
    number = int(value) if value == value.to_integral_value() else float(value)
    return {"value": number, "unit": "mg", "system": UCUM, "code": "mg"}


def _cap(ceiling: Decimal) -> dict[str, Any]:
    return {
        "text": f"Not more than {say(ceiling)} mg per day",
        "maxDosePerPeriod": {
            "numerator": _mg(ceiling),
            "denominator": {"value": 1, "unit": "day", "system": UCUM, "code": "d"},
        },
    }


def _taper(plan: TaperPlan) -> list[dict[str, Any]]:
    """One dosage per dose of the day; those of one rung share its sequence number."""
    return [
        dosage
        for sequence, rung in enumerate((rung for rung in plan.rungs if rung.daily), start=1)
        for dosage in _rung(sequence, rung)
    ]


def _rung(sequence: int, rung: Rung) -> list[dict[str, Any]]:
    bounds = {"start": rung.on.isoformat()}
    if rung.days is not None:
        bounds["end"] = (rung.on + timedelta(days=rung.days - 1)).isoformat()
    split = "-".join(say(part) for part in rung.split)
    return [
        {
            "sequence": sequence,
            "text": f"{say(part)} mg at {when} ({say(rung.daily)} mg/day as {split}) from {bounds['start']}"
            + (f" to {bounds['end']}" if "end" in bounds else ", keep"),
            "timing": {
                "repeat": {
                    "boundsPeriod": bounds,
                    "frequency": 1,
                    "period": 1,
                    "periodUnit": "d",
                    "when": [when],
                }
            },
            "doseAndRate": [{"doseQuantity": _mg(part)}],
        }
        for part, when in zip(rung.split, _TIMES[len(rung.split)], strict=True)
        if part
    ]
