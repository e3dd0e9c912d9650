"""What the FHIR door says besides a plain answer, for the checkers of ``make conformance``: one resource a name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from baclofen_safety.app import create_app
from baclofen_safety.assessor import Assessor
from baclofen_safety.fhir.versions import FhirVersion
from builders import make_bundle
from cases import AS_OF, make_case

CODE = "$assess-medication-safety"
CASE = make_case({"name": "stopped", "order": [{"id": "order", "status": "stopped", "updated": "-1d"}]})
EMPTY = {"resourceType": "Bundle", "type": "collection"}


def door_answers(assessor: Assessor, version: FhirVersion) -> Iterator[tuple[str, dict[str, Any]]]:
    """Statement, levels, modes, preferences, search, batch and errors, in one version."""
    client = create_app(assessor, clock=lambda: datetime.fromisoformat(AS_OF)).test_client()
    accept = f"application/fhir+json; fhirVersion={version}"
    record = make_bundle(CASE)
    orders = [one["resource"] for one in record["entry"] if one["resource"]["resourceType"] == "MedicationRequest"]
    beside = [{"name": "content", "resource": record}]
    beside += [{"name": "medicationRequest", "resource": {**one, "id": "draft", "status": "draft"}} for one in orders]

    def posted(path: str, body: object, prefer: str = "") -> dict[str, Any]:
        headers = {"Accept": accept, "Prefer": prefer}
        told = client.post(f"/fhir{path}", data=json.dumps(body), content_type="application/json", headers=headers)
        held: dict[str, Any] = told.get_json()
        return held

    def got(path: str) -> dict[str, Any]:
        held: dict[str, Any] = client.get(f"/fhir{path}", headers={"Accept": accept}).get_json()
        return held

    def entry(method: str, url: str, resource: object = None) -> dict[str, Any]:
        return {"request": {"method": method, "url": url}} | ({"resource": resource} if resource else {})

    entries = [
        entry("POST", CODE, record),
        entry("GET", "metadata"),
        entry("GET", "ValueSet/nothing"),
        entry("GET", ""),
    ]
    yield "statement", got("/metadata")
    yield "orders-named", posted(f"/MedicationRequest/{CODE}", {"resourceType": "Parameters", "parameter": beside})
    yield "test", posted(f"/{CODE}?mode=test&trace=true", record)
    yield "retrospective", posted(f"/{CODE}?mode=retrospective&asOf={AS_OF.replace('+', '%2B')}", record)
    yield "minimal", posted(f"/Patient/p1/{CODE}", record, "return=minimal")
    yield "outcome", posted(f"/{CODE}", record, "return=OperationOutcome")
    yield "outcome-of-nothing", posted(f"/{CODE}", EMPTY, "return=OperationOutcome")
    yield "lenient", posted(f"/{CODE}?strange=1", {**EMPTY, "strange": 1}, "handling=lenient")
    yield "search", got("/PlanDefinition?_count=3&strange=1")
    yield "search-of-nothing", got("/ValueSet?_id=nothing")
    yield "summaries", got("/ValueSet?_count=3&_summary=true")
    yield "pieces", got("/OperationDefinition?_elements=code")
    yield "batch", posted("", {"resourceType": "Bundle", "type": "batch", "entry": entries})
    yield "refused-batch", posted("", EMPTY)
    yield "refused-strictly", posted(f"/{CODE}", {**EMPTY, "strange": 1}, "handling=strict")
    yield "refused-address", got("/nothing")
