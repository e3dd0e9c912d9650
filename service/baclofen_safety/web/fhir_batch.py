"""A batch: many requests in one Bundle, each answered as if it had come alone.

Every entry goes through the application anew, so that there is no second way to any door, and one that fails takes no
other with it.
"""

from __future__ import annotations

import io
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import orjson
from flask import Blueprint, Response, current_app, g, request

from ..assessor import Assessor
from ..errors import BadInput, NotFhir, TooLarge
from ..fhir.decoding import decode
from ..fhir.versions import FhirVersion
from .errors import FHIR_JSON, fhir_json, told_of
from .media import answer_version, body_of, check_body
from .once import Once
from .preferring import waited_for

MOST = 100
"""Entries of one batch."""
PATIENCE = 30.0
"""Seconds after which no further entry is begun: some read a whole record from an EHR."""
BASE = "/fhir"
_HINT = "POST /fhir is for batches; to have a Bundle judged, POST it to /fhir/$assess-medication-safety."
_OWN = frozenset(
    {
        *("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING"),
        "HTTP_IDEMPOTENCY_KEY",
    }
)
"""Headers of the batch that are not those of its entries."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})

Json = dict[str, Any]


def offer_batch(door: Blueprint, assessor: Assessor, once: Once, patience: float = PATIENCE) -> None:
    """The route for batches, at the base."""
    most_bytes = assessor.settings.max_bytes

    def batch() -> Response:
        version = answer_version(request)
        check_body(request)
        entries = _entries(decode(body_of(request), max_bytes=most_bytes))
        until = time.monotonic() + patience
        answers = [
            _answered(entry, f"Bundle.entry[{at}]", version) if time.monotonic() < until else _late(at)
            for at, entry in enumerate(entries)
        ]
        told = {"resourceType": "Bundle", "type": "batch-response"} | ({"entry": answers} if answers else {})
        return fhir_json(told, 200, version)

    door.add_url_rule("", "batch", once(batch), methods=["POST"])


def _entries(document: object) -> list[object]:
    """The entries of a batch. Raises BadInput for anything else."""
    if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
        raise NotFhir("A Bundle of type batch was expected.")
    if document.get("type") == "transaction":
        text = "Transactions are not offered, as nothing is stored here. Send the same entries as a batch."
        raise BadInput(text, ["Bundle.type"], status=422, code="not-supported")
    if document.get("type") != "batch":
        raise NotFhir(f"A Bundle of type batch was expected. {_HINT}", ["Bundle.type"])
    entries = document.get("entry", [])
    if not isinstance(entries, list):
        raise NotFhir("A list of entries was expected.", ["Bundle.entry"])
    if len(entries) > MOST:
        raise TooLarge(f"The batch has {len(entries)} entries; at most {MOST} are answered.", ["Bundle.entry"])
    return entries


def _answered(entry: object, where: str, version: FhirVersion) -> Json:
    """The entry of the answer: status and what came, or what was wrong with the entry."""
    try:
        environ = _environ(entry, where, version)
    except BadInput as error:
        return _refused(error)
    with current_app.app_context(), current_app.request_context(environ):
        response = current_app.full_dispatch_request()
        bare = response.status_code == HTTPStatus.NOT_MODIFIED or environ["REQUEST_METHOD"] == "HEAD"
        came = None if bare else orjson.loads(response.get_data())
    return _told(response.status_code, came, response.headers.get("ETag"))


def _told(status: int, resource: Json | None, etag: str | None = None) -> Json:
    response: Json = {"status": f"{status} {HTTPStatus(status).phrase}"}
    if etag:
        response["etag"] = etag
    if resource is None:
        return {"response": response}
    if resource["resourceType"] == "OperationOutcome":
        return {"response": {**response, "outcome": resource}}
    return {"resource": resource, "response": response}


def _refused(error: BadInput) -> Json:
    return _told(error.status, told_of(error))


def _late(at: int) -> Json:
    text = "The batch took too long; send this entry again."
    return _refused(BadInput(text, [f"Bundle.entry[{at}]"], status=503, code="transient"))


def _environ(entry: object, where: str, version: FhirVersion) -> dict[str, Any]:
    """The request of an entry as the server would have it. Raises NotFhir."""
    asked = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(asked, dict):
        raise NotFhir("An entry with a request was expected.", [f"{where}.request"])
    method = asked.get("method")
    if not isinstance(method, str) or method not in _METHODS:
        raise NotFhir("A method was expected: GET, HEAD or POST.", [f"{where}.request.method"])
    path, _, query = _inside(asked.get("url"), f"{where}.request.url").partition("?")
    resource = entry.get("resource")
    body = b"" if resource is None else orjson.dumps(resource)
    environ = {key: value for key, value in request.environ.items() if not key.startswith("werkzeug.")}
    environ = {key: value for key, value in environ.items() if key not in _OWN}
    if isinstance(asked.get("ifNoneMatch"), str):
        environ["HTTP_IF_NONE_MATCH"] = asked["ifNoneMatch"].encode("latin-1", "replace").decode("latin-1")
    return environ | {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"{BASE}/{unquote(path)}".encode().decode("latin-1"),
        "QUERY_STRING": query.encode("ascii", "replace").decode(),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "HTTP_ACCEPT": f"{FHIR_JSON}; fhirVersion={version}",
        "HTTP_X_REQUEST_ID": g.request_id,
        "HTTP_PREFER": waited_for(environ.get("HTTP_PREFER", "")),
    }


def _inside(url: object, where: str) -> str:
    """An address relative to the base of the door. Raises NotFhir for others."""
    own = f"{request.url_root.rstrip('/')}{BASE}/"
    text = url.removeprefix(own).lstrip("/") if isinstance(url, str) else ""
    if not text or text.startswith("?"):
        raise NotFhir("An address below the base was expected, such as ValueSet/med-baclofen.", [where])
    if "://" in text.partition("?")[0]:
        raise NotFhir("An address of this service was expected.", [where])
    return text
