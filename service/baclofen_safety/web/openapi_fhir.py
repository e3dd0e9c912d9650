"""What OpenAPI says of the FHIR door and of the plain routes: a row for each, which a test compares with the routes.

FHIR resources are described as far as any client needs: their type. What is in them, the profiles say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..fhir.input_values import MODES
from ..fhir.inputs import IN_URL
from ..fhir.searching import RESULTS, SEARCHES
from ..fhir.subsetting import SUMMARIES
from .errors import FHIR_JSON
from .fhir_batch import MOST
from .fhir_operation import OPERATION, TYPES
from .media import JSON_TYPES

Json = dict[str, Any]
JSON = "application/json"
NDJSON = "application/fhir+ndjson"
FORM_BODY = "application/x-www-form-urlencoded"
ERROR = "OperationOutcome"
"""The schema of the one shape of every error, which the CDS Hooks door brings (``cdshooks/schemas_answer.py``)."""
TOLD = "Outcome"
"""An OperationOutcome that is no error."""
_FORM = ("_format", "_pretty")
_ASK = ("Prefer", "Idempotency-Key")
_ID = "up to 64 letters, digits, hyphens and dots"
_SAYS = {
    200: "Answered.",
    202: "Taken, or in work.",
    304: "It did not change.",
    400: "It cannot be read.",
    401: "Who calls is not proven.",
    404: "It is not there.",
    406: "Not in a form that is written.",
    409: "The same is being answered.",
    413: "Larger than is read.",
    415: "Not in a form that is read.",
    422: "It can be read, and not be answered.",
    429: "Too soon, or too much.",
    500: "A fault of this service.",
    503: "Not for now.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One operation. ``answers``: what comes with 200, by media type; ``errors``: statuses with an OperationOutcome;
    ``also``: statuses with another resource, or none ("")."""

    method: str
    path: str
    summary: str
    answers: Mapping[str, Any]
    errors: tuple[int, ...] = ()
    also: Mapping[int, str] | None = None
    query: Sequence[str] = ()
    headers: Sequence[str] = ()
    body: Sequence[str] = ()
    needed: bool = True

    @property
    def name(self) -> str:
        """A name that no other operation has."""
        words = "".join(letter if letter.isalnum() else " " for letter in f"{self.method} {self.path}").split()
        return "-".join(words).lower()


def _resource(kind: str) -> Json:
    return {FHIR_JSON: {"$ref": f"#/components/schemas/{kind}"}}


_KINDS: Mapping[str, Json] = {
    "asOf": {"type": "string", "format": "date-time"},
    "mode": {"enum": list(MODES)},
    "trace": {"enum": ["true", "false"]},
    "_pretty": {"enum": ["true", "false"]},
    "_format": {"enum": ["json", *JSON_TYPES]},
    "_summary": {"enum": list(SUMMARIES)},
    "_count": {"type": "integer", "minimum": 0, "maximum": 99_999_999},
    "_offset": {"type": "integer", "minimum": 0, "maximum": 99_999_999},
    "Idempotency-Key": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "format": {"enum": ["json", "csv"]},
}
"""What a parameter may be; all others are any text."""
_JUDGED = (400, 406, 409, 413, 415, 422, 429, 500, 503)
_READ = (400, 404, 406, 500)
_TEXT = {"type": "string"}
_OBJECT = {"type": "object"}
_VERDICT = {FHIR_JSON: {"anyOf": [{"$ref": f"#/components/schemas/{one}"} for one in ("Bundle", TOLD)]}}


def _operation(where: str, says: str, errors: tuple[int, ...] = ()) -> Row:
    return Row(
        "post",
        f"/fhir{where}/{OPERATION}",
        says,
        _VERDICT,
        tuple(sorted({*_JUDGED, *errors})),
        also={202: TOLD},
        query=(*IN_URL, *_FORM),
        headers=_ASK,
        body=("Bundle", "Parameters"),
        needed=where != "/Patient/{id}",
    )


def fhir_rows() -> Iterable[Row]:
    """The operations below ``/fhir``; ``{type}`` stands for each type that is published."""
    yield _operation("", "Judge what is sent.")
    for kind in TYPES:
        yield _operation(f"/{kind}", "Judge what is sent.")
    yield _operation(
        "/Patient/{id}", "Judge what is sent, or the record in the EHR; the subject is this patient.", (404,)
    )
    yield _operation("/MedicationRequest/{id}", "Judge what is sent; this order is marked.", (404,))
    yield Row("post", "/fhir", "A batch.", _resource("Bundle"), _JUDGED, headers=_ASK, query=_FORM, body=("Batch",))
    message = "A message in, a message out."
    errors = (400, 406, 413, 415, 422, 500, 503)
    path = "/fhir/$process-message"
    yield Row("post", path, message, _resource("Bundle"), errors, query=_FORM, body=("Message", "Parameters"))
    kept, job = {304: ""}, "/fhir/_async/{job}"
    statement = _resource("CapabilityStatement")
    yield Row("get", "/fhir/metadata", "What is offered.", statement, (400, 406, 500), kept, ("mode", *_FORM))
    yield Row("get", "/fhir/$versions", "The versions of FHIR.", _resource("Parameters"), (406, 500), kept, _FORM)
    yield Row("get", job, "What came of a job.", {JSON: _OBJECT}, (400, 404, 422, 429, 500, 503), {202: TOLD})
    yield Row("delete", job, "Cancel a job, or forget its answer.", {}, (404, 500, 503), {202: TOLD})
    files = {NDJSON: _TEXT, **_VERDICT}
    yield Row("get", f"{job}/{{file}}", "A file of a job.", files, (404, 406, 500, 503))
    pieces = ("_summary", "_elements", *_FORM)
    yield Row("get", "/fhir/{type}/{id}", "Read an artifact.", _resource("Resource"), _READ, kept, pieces, ("Prefer",))
    search = (*SEARCHES, *RESULTS, *_FORM)
    found = _resource("Bundle")
    yield Row("get", "/fhir/{type}", "Search artifacts.", found, (400, 404, 406, 500), kept, search, ("Prefer",))
    form = (400, 404, 406, 413, 415, 500)
    path = "/fhir/{type}/_search"
    yield Row("post", path, "Search artifacts.", found, form, kept, _FORM, ("Prefer",), body=("form",))


def plain_rows() -> Iterable[Row]:
    """The routes beside the two doors."""
    page = {"text/html": _TEXT}
    yield Row("get", "/", "What is where.", {JSON: _OBJECT})
    yield Row("get", "/health/live", "The process is alive.", {JSON: _OBJECT})
    yield Row("get", "/health/ready", "The service can answer.", {JSON: _OBJECT}, (503,))
    yield Row("get", "/version", "Versions of service, knowledge and policy.", {JSON: _OBJECT})
    yield Row("get", "/rules/", "Every rule.", {JSON: _OBJECT, **page})
    yield Row("get", "/rules/{rule}", "One rule, explained.", {JSON: _OBJECT, **page}, (404,))
    figures = {JSON: _OBJECT, "text/csv": _TEXT}
    said = "What became of the cards; for callers of the CDS Hooks door."
    yield Row("get", "/feedback/summary", said, figures, (400, 401, 500, 503), query=("format",))
    yield Row("get", "/openapi.json", "This description.", {JSON: _OBJECT})
    yield Row("get", "/docs", "This description, to be read.", page)


SECURED = ("/feedback/summary",)
"""Plain routes that ask for the token of CDS Hooks."""


def description(types: Iterable[str]) -> Json:
    """``paths`` and ``schemas`` of every row. ``types`` are those of the published artifacts."""
    paths: dict[str, Json] = {}
    for row in (*fhir_rows(), *plain_rows()):
        paths.setdefault(row.path, {})[row.method] = _described(row, sorted(types))
    return {"paths": paths, "schemas": _schemas()}


def _described(row: Row, types: list[str]) -> Json:
    made: Json = {"operationId": row.name, "summary": row.summary, "responses": dict(_responses(row))}
    made["tags"] = ["FHIR" if row.path.startswith("/fhir") else "Service"]
    if row.path not in SECURED:
        made["security"] = []
    parameters = [_in_path(name, types) for name in ("type", "id", "job", "file", "rule") if f"{{{name}}}" in row.path]
    parameters += [{"in": "query", "name": name, "schema": _kind(row, name)} for name in row.query]
    parameters += [{"in": "header", "name": name, "schema": _KINDS.get(name, _TEXT)} for name in row.headers]
    if parameters:
        made["parameters"] = parameters
    if row.body:
        made["requestBody"] = {"required": row.needed, "content": _body(row.body)}
    return made


def _kind(row: Row, name: str) -> Json:
    if name == "mode" and row.path == "/fhir/metadata":
        return {"enum": ["full", "normative"]}
    return _KINDS.get(name, _TEXT)


def _body(kinds: Sequence[str]) -> Json:
    if kinds == ("form",):
        fields = {name: _KINDS.get(name, _TEXT) for name in (*SEARCHES, *RESULTS)}
        return {FORM_BODY: {"schema": {"type": "object", "properties": fields}}}
    return {FHIR_JSON: {"schema": {"anyOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in kinds]}}}


def _in_path(name: str, types: list[str]) -> Json:
    schema: Json = {"type": "string", "minLength": 1}
    if name == "type":
        schema = {"type": "string", "enum": types}
    elif name == "id":
        schema |= {"description": _ID}
    return {"in": "path", "name": name, "required": True, "schema": schema}


def _responses(row: Row) -> Iterable[tuple[str, Json]]:
    if row.answers:
        content = {media: {"schema": schema} for media, schema in row.answers.items()}
        yield "200", {"description": _SAYS[200], "content": content}
    for status, kind in (row.also or {}).items():
        made: Json = {"description": _SAYS[status]}
        yield str(status), made | ({"content": _content(kind)} if kind else {})
    for status in row.errors:
        yield str(status), {"description": _SAYS[status], "content": _content(ERROR)}


def _content(kind: str) -> Json:
    return {media: {"schema": schema} for media, schema in _resource(kind).items()}


def _schemas() -> dict[str, Json]:
    """FHIR resources by their type."""

    def of(kind: str, **more: Json) -> Json:
        return {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": kind}, **more}}

    resource = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": _TEXT, "id": _TEXT}}
    held = {"$ref": "#/components/schemas/Resource"}
    entry = {"type": "object", "properties": {"fullUrl": _TEXT, "resource": held, "request": _OBJECT}}
    row = {"type": "object", "properties": {"name": _TEXT, "resource": held, "valueString": _TEXT}}
    request = {
        "type": "object",
        "required": ["method", "url"],
        "properties": {"method": {"enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]}, "url": _TEXT},
    }
    asked = {"type": "object", "required": ["request"], "properties": {"request": request, "resource": held}}
    header = of("MessageHeader", id={"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"})
    first = {"type": "object", "required": ["resource"], "properties": {"resource": header}}
    return {
        "Resource": resource,
        "Batch": of("Bundle", type={"const": "batch"}, entry={"type": "array", "maxItems": MOST, "items": asked}),
        "Message": of(
            "Bundle",
            type={"const": "message"},
            entry={"type": "array", "minItems": 1, "prefixItems": [first], "items": entry},
        ),
        "Bundle": of("Bundle", type=_TEXT, entry={"type": "array", "items": entry}),
        "Parameters": of("Parameters", parameter={"type": "array", "items": row}),
        "CapabilityStatement": of("CapabilityStatement"),
        TOLD: of(ERROR, issue={"type": "array", "minItems": 1}),
    }
