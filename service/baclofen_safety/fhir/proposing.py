"""MedicationRequest proposals: a dose ceiling or a step-down schedule, never an order.

No ceiling is proposed for baclofen that is not to be started at any dose: it would read as an order to give it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from ..core.medicines import may_name_order
from ..core.taper import Rung, TaperPlan
from ..core.verdict import Issue
from ..core.words import fill, say

UCUM = "http://unitsofmeasure.org"
TIMES = {1: ("HS",), 2: ("MORN", "HS"), 3: ("MORN", "NOON", "HS"), 4: ("MORN", "NOON", "EVE", "HS")}


@dataclass(frozen=True, slots=True)
class Frame:
    """What every proposal of one answer shares: the patient, the drug (CodeableConcept), the words and the time."""

    subject: Mapping[str, Any]
    baclofen: Mapping[str, Any]
    phrases: Mapping[str, str]
    authored: str
    barred: frozenset[str]  # drafts that are not to be started at any dose


def barred_drafts(issues: Iterable[Issue]) -> frozenset[str]:
    """The drafts that are not to be started at any dose, whatever ceiling another finding has for them."""
    barring = (issue.finding for issue in issues if issue.preliminary and issue.sheet.do_not_start)
    return frozenset(ref for finding in barring for ref in finding.implicated)


def propose(issue: Issue, issue_ref: str, frame: Frame) -> list[dict[str, Any]]:
    """The proposals of one issue: a taper when there is one, else its cap."""
    finding = issue.finding
    if finding.taper is not None:
        dosage, kind = _taper(finding.taper, frame.phrases), "taper"
    elif finding.cap is not None and not issue.sheet.do_not_start and frame.barred.isdisjoint(finding.implicated):
        dosage, kind = [_cap(finding.cap.mg_per_day, frame.phrases)], "cap"
    else:
        return []
    orders = [ref for ref in finding.implicated if may_name_order(ref)]
    proposal: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": str(uuid5(UUID(issue_ref), kind)),
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": frame.baclofen,
        "subject": frame.subject,
        "supportingInformation": [{"reference": ref} for ref in (issue_ref, *orders[1:])],
        "authoredOn": frame.authored,
        "note": [{"text": note} for note in _notes(issue, orders, frame.phrases)],
        "dosageInstruction": dosage,
    }
    if orders:
        proposal["priorPrescription"] = {"reference": orders[0]}
    return [proposal]


def _notes(issue: Issue, orders: list[str], phrases: Mapping[str, str]) -> list[str]:
    """What the finding asks beyond a number, how to go down, and for which orders one proposal stands."""
    notes = [fill(phrases["proposal.why"], {"title": issue.sheet.title, "do": issue.sheet.do})]
    notes += [phrases["taper.offer"]] if issue.finding.taper is not None else []
    if issue.finding.taper is None and not issue.preliminary:
        notes.append(phrases["proposal.ceiling"])
    if len(orders) > 1:
        notes.append(fill(phrases["proposal.all_orders"], {"orders": orders}))
    return notes


def milligrams(value: Decimal) -> dict[str, Any]:
    number = int(value) if value == value.to_integral_value() else float(value)
    return {"value": number, "unit": "mg", "system": UCUM, "code": "mg"}


def _cap(ceiling: Decimal, phrases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "text": fill(phrases["cap-dosage"], {"cap": ceiling}),
        "maxDosePerPeriod": {
            "numerator": milligrams(ceiling),
            "denominator": {"value": 1, "unit": "day", "system": UCUM, "code": "d"},
        },
    }


def _taper(plan: TaperPlan, phrases: Mapping[str, str]) -> list[dict[str, Any]]:
    """One dosage per dose of the day; those of one rung share its sequence number."""
    return [
        dosage
        for sequence, rung in enumerate((rung for rung in plan.rungs if rung.daily), start=1)
        for dosage in _rung(sequence, rung, phrases)
    ]


def _rung(sequence: int, rung: Rung, phrases: Mapping[str, str]) -> list[dict[str, Any]]:
    bounds = {"start": rung.on.isoformat()}
    if rung.days is not None:
        bounds["end"] = (rung.on + timedelta(days=rung.days - 1)).isoformat()
    said = {"daily": rung.daily, "split": "-".join(say(part) for part in rung.split), **bounds}
    template = phrases["rung-dosage" if "end" in bounds else "rung-dosage-kept"]
    return [
        {
            "sequence": sequence,
            "text": fill(template, {**said, "part": part, "when": phrases[f"when-{when}"]}),
            "timing": {
                "repeat": {
                    "boundsPeriod": bounds,
                    "frequency": 1,
                    "period": 1,
                    "periodUnit": "d",
                    "when": [when],
                }
            },
            "doseAndRate": [{"doseQuantity": milligrams(part)}],
        }
        for part, when in zip(rung.split, TIMES[len(rung.split)], strict=True)
        if part
    ]
