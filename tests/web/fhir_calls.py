"""How the tests of the FHIR door call it."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient

from builders import make_bundle
from cases import make_case

CODE = "$assess-medication-safety"
OPERATION = f"/fhir/{CODE}"
EMPTY: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
STOPPED = make_case({"name": "stopped", "order": [{"id": "order", "status": "stopped", "updated": "-1d"}]})
RUNNING = make_case({"name": "running", "order": [{"id": "order", "status": "active"}]})
FIRING = make_bundle(STOPPED)
QUIET = make_bundle(RUNNING)


def post(client: FlaskClient, body: object, path: str = OPERATION, **arguments: Any) -> Any:
    """A POST of JSON; a body that is text or bytes goes as it is."""
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(path, data=data, **{"content_type": "application/fhir+json", **arguments})


def parameters(**given: Any) -> dict[str, Any]:
    """Parameters with resources (lists: one after the other) and plain values by their type."""
    rows = []
    for name, value in given.items():
        for one in value if isinstance(value, list) else [value]:
            key = "resource" if isinstance(one, dict) else "valueBoolean" if isinstance(one, bool) else "valueString"
            rows.append({"name": name, key: one})
    return {"resourceType": "Parameters", "parameter": rows}


def order_in(bundle: dict[str, Any]) -> dict[str, Any]:
    """The one order of a case's Bundle, nested searches too."""
    return next(one for one in _all(bundle) if one["resourceType"] == "MedicationRequest")


def _all(bundle: dict[str, Any]) -> Any:
    for entry in bundle.get("entry", ()):
        resource = entry["resource"]
        yield resource
        yield from _all(resource) if resource["resourceType"] == "Bundle" else ()
